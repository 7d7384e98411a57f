"""Every action of the window in one table: menus, palette, shortcuts, the F1 sheet and the tests all read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from PySide6 import QtGui, QtWidgets

from widgets.texts import mark, tr


class Spec(NamedTuple):
    """id: name of the handler. group: heading in the F1 sheet. hidden: not offered in the palette."""

    id: str
    title: str
    keys: tuple[str, ...]
    group: str
    icon: str = ""
    hidden: bool = False


ACTIONS: tuple[Spec, ...] = (
    Spec("palette", "Find a symbol or command", ("Ctrl+K",), "Window", "search", True),
    Spec("shortcuts", "Show all shortcuts", ("F1",), "Window", "keyboard"),
    Spec("perspective_trade", "Layout: Trade", ("Ctrl+1",), "Window", "layout"),
    Spec("perspective_research", "Layout: Research", ("Ctrl+2",), "Window", "layout"),
    Spec("perspective_optimise", "Layout: Optimise", ("Ctrl+3",), "Window", "layout"),
    Spec("perspective_data", "Layout: Data", ("Ctrl+4",), "Window", "layout"),
    Spec("save_layout", "Layout: save this arrangement", ("Ctrl+Shift+S",), "Window", "layout"),
    Spec("reset_layout", "Layout: back to the default", (), "Window", "layout"),
    Spec("close_panel", "Close the focused panel", ("Ctrl+W",), "Window", "close"),
    Spec("full_screen", "Full screen", ("F11", "Alt+Return"), "Window", "layout"),
    Spec("quit", "Quit", ("Ctrl+Q",), "Window"),
    Spec("reload", "Reload the chart", ("F5",), "Market", "restart"),
    Spec("restart_engine", "Engine: restart", (), "Engine", "restart"),
    Spec("copy_error", "Copy the last error", (), "Engine", "copy"),
)

#: keys that a panel handles itself, for the F1 sheet only.
PANEL_KEYS: tuple[tuple[str, str, str], ...] = (
    (mark("Watchlist"), mark("Up, Down"), mark("Move")),
    ("Watchlist", "Enter", mark("Open the chart")),
    ("Watchlist", mark("Space, Shift+Space"), mark("Next, previous symbol, with its chart")),
    ("Watchlist", "S", mark("Star")),
    ("Watchlist", "/", mark("Filter")),
    ("Watchlist", mark("Ctrl+C"), mark("Copy the selected rows")),
    (mark("Signals"), "Enter", mark("Jump to the bar of the signal")),
    ("Signals", mark("Home"), mark("Newest, and live again")),
)


class ActionTable:
    """Builds one QAction per spec on a window; `handlers` maps ids to what is done."""

    def __init__(
        self,
        owner: QtWidgets.QWidget,
        handlers: Mapping[str, Callable[[], object]],
        more: Sequence[Spec] = (),
        chosen: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """more: specs beside ACTIONS. chosen: id -> keys that outweigh the spec's."""
        self.specs = (*ACTIONS, *more)
        self.actions: dict[str, QtGui.QAction] = {}
        missing = {s.id for s in self.specs} ^ set(handlers)
        if missing:
            raise KeyError(f"actions and handlers differ: {sorted(missing)}")
        for spec in self.specs:
            action = QtGui.QAction(tr(spec.title), owner)
            action.setObjectName(spec.id)
            action.setShortcuts([QtGui.QKeySequence(k) for k in (chosen or {}).get(spec.id, spec.keys)])
            handler = handlers[spec.id]
            action.triggered.connect(lambda _checked=False, h=handler: h())
            owner.addAction(action)
            self.actions[spec.id] = action

    def __getitem__(self, name: str) -> QtGui.QAction:
        return self.actions[name]

    def run(self, name: str) -> None:
        """Do what the action does, unless it is disabled."""
        self.actions[name].trigger()

    def keys(self, name: str) -> str:
        """The action's first shortcut as it is written, '' for none."""
        return self.actions[name].shortcut().toString()
