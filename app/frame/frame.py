"""What the frame around the panels does: its actions, and what each of them is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from app.actions import PANEL_KEYS, ActionTable, Spec
from app.bridge import Bridge
from app.chart_actions import CHART_KEYS
from app.docks import DockHost
from app.frame import backup
from app.frame.menus import main_menu, workspace_menu
from app.frame.preferences import Preferences
from app.frame.watchdog import Watchdog
from app.frame.workspaces import Workspaces
from app.main_window import MainWindow
from app.options import WindowOptions
from app.settings import FILE_NAME
from app.workspace import Workspace
from engine.clock import iso
from engine.contracts.errors import PyroError
from engine.contracts.settings import Settings
from widgets.banner import NoticeBar
from widgets.keys import KeyRow, KeySheet
from widgets.texts import mark, tr
from widgets.toasts import Toasts
from widgets.tour import Hint, Tour


class Host(Protocol):
    """What the frame uses of the controller."""

    window: MainWindow
    options: WindowOptions
    settings: Settings
    kept: Workspace
    docks: DockHost
    actions: ActionTable
    toasts: Toasts
    connection_bar: NoticeBar
    bridge: Bridge
    now_ms: Callable[[], int]
    save: Callable[[], None]

    @property
    def say(self) -> Callable[..., None]: ...
    def say_error(self, error: PyroError) -> None: ...
    def run(self, action: str) -> None: ...


BACKUPS = "PyroQuant (*.pyroquant)"
HINTS = (
    (
        "watchlist",
        mark("Everything that trades"),
        mark("A thousand symbols, live. Space walks through them; type to filter, or write a rule."),
    ),
    (
        "chart",
        mark("The chart"),
        mark("Wheel zooms, drag moves, digits set the timeframe, letters another symbol. Right-click for more."),
    ),
    (
        "signals",
        mark("Signals"),
        mark("What the strategies say, milliseconds after a tick. Click one to see its bar. No orders are placed."),
    ),
    (
        "backtest",
        mark("Back-test and walk-forward"),
        mark("F9 tests a strategy over years in a blink. The walk-forward next to it says whether the result is luck."),
    ),
    (
        "palette",
        mark("Ctrl+K does everything"),
        mark("Symbols, commands, strategies, layouts: type a few letters of what you want. F1 shows all keys."),
    ),
)


class Frame:
    """One per window; made before the table of actions, for which it has `SPECS` and `handlers`."""

    SPECS = (
        Spec("new_workspace", mark("Workspace: save as a new one"), (), "Window", "layout"),
        Spec("rename_workspace", mark("Workspace: rename"), (), "Window", "layout"),
        Spec("delete_workspace", mark("Workspace: delete"), (), "Window", "layout"),
        Spec("settings", mark("Settings"), ("Ctrl+,",), "Window", "settings"),
        Spec("backup", mark("Back up settings, layouts, lists and strategies"), (), "Window", "export"),
        Spec("restore_backup", mark("Restore from a backup"), (), "Window", "data"),
        Spec("tour", mark("Show the tour again"), (), "Window", "live"),
        Spec("restart_window", mark("Restart the window"), (), "Window", "restart"),
        Spec("toggle_theme", mark("Dark or light"), (), "Window", "settings"),
    )

    def __init__(self, ctl: Host) -> None:
        self._ctl = ctl
        self.watchdog = Watchdog(ctl.window)
        self.preferences = Preferences(
            ctl.options.config_folder / FILE_NAME, ctl.settings, ctl.window, self._settings_saved, ctl.say_error
        )
        self.workspaces: Workspaces | None = None
        self.tour: Tour | None = None

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "new_workspace": lambda: self._named(tr("Name of the new workspace"), "", "create"),
            "rename_workspace": lambda: self._named(tr("New name"), self._spaces.current, "rename"),
            "delete_workspace": lambda: self._try(self._spaces.delete),
            "save_layout": self._save_layout,
            "reset_layout": lambda: self._spaces.reset(),
            "settings": lambda: self.preferences.open(),
            "backup": self._back_up,
            "restore_backup": self._restore,
            "tour": self.show_tour,
            "shortcuts": self.show_keys,
            "restart_window": self.restart_window,
            "toggle_theme": self._toggle_theme,
        }

    def begin(self) -> None:
        """The docks are there: arrange them, and show the bars' menus."""
        ctl = self._ctl
        self.workspaces = Workspaces(ctl.kept, ctl.docks, self._show_workspaces)
        self._spaces.open()
        self._show_workspaces()
        top = ctl.window.top
        top.menuAsked.connect(lambda: top.pop_up(main_menu(ctl.actions, ctl.window), top.menu))
        top.workspaceMenuAsked.connect(lambda: top.pop_up(workspace_menu(ctl.actions, ctl.window), top.more))
        self.watchdog.start()

    @property
    def _spaces(self) -> Workspaces:
        assert self.workspaces is not None
        return self.workspaces

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except PyroError as error:
            self._ctl.say_error(error)

    def show_compiling(self, share: float) -> None:
        """A first start compiles for a minute before the engine listens."""
        text = tr("Preparing PyroQuant for this computer, once: {percent}").format(percent=f"{share:.0%}")
        self._ctl.connection_bar.say("info", text, closable=False)
        self._ctl.window.status.show_connection("amber", text)

    # workspaces -----------------------------------------------------------------------------------------------------
    def show_workspace(self, name: str) -> None:
        self._try(lambda: self._spaces.show(name))
        self._ctl.bridge.mark_all()

    def _show_workspaces(self) -> None:
        self._ctl.window.top.show_workspaces(self._spaces.names(), self._spaces.current)

    def _named(self, question: str, text: str, do: str) -> None:
        name, ok = QInputDialog.getText(self._ctl.window, "PyroQuant", question, text=text)
        if ok:
            self._try(lambda: getattr(self._spaces, do)(name))

    def _save_layout(self) -> None:
        self._ctl.save()
        self._ctl.say("info", tr("The arrangement is saved as {name}.").format(name=self._spaces.current))

    # settings and keys ----------------------------------------------------------------------------------------------
    def _settings_saved(self, settings: Settings, restarts: list[str]) -> None:
        self._ctl.settings = settings
        if "window" in restarts:
            text = tr("The settings are saved. Some of them count after a restart of the window.")
            self._ctl.toasts.say("info", text, action=tr("Restart the window"), do=self.restart_window)
        if "engine" in restarts:
            text = tr("The settings are saved. Some of them count after a restart of the engine.")
            self._ctl.toasts.say(
                "info", text, action=tr("Restart the engine"), do=partial(self._ctl.run, "restart_engine")
            )
        if not restarts:
            self._ctl.say("info", tr("The settings are saved."))

    def _toggle_theme(self) -> None:
        self.preferences.change({"window.theme": "light" if self._ctl.settings.window.theme == "dark" else "dark"})

    def show_keys(self) -> KeySheet:
        ctl = self._ctl
        rows = [KeyRow(s.id, s.group, ctl.actions.keys(s.id), s.title) for s in ctl.actions.specs]
        rows += [KeyRow("", *row) for row in (*PANEL_KEYS, *CHART_KEYS)]
        defaults = {s.id: s.keys[0] if s.keys else "" for s in ctl.actions.specs}
        sheet = KeySheet(rows, defaults, self._keys_changed, ctl.window)
        sheet.show()
        return sheet

    def _keys_changed(self, changed: dict[str, str]) -> None:
        for name, keys in changed.items():
            self._ctl.kept.shortcuts[name] = [keys] if keys else []
            self._ctl.actions[name].setShortcuts([QKeySequence(k) for k in self._ctl.kept.shortcuts[name]])
        self._ctl.save()

    # backup ---------------------------------------------------------------------------------------------------------
    def _folders(self) -> tuple[Path, Path]:
        return self._ctl.options.config_folder, self._ctl.options.data_folder / "strategies"

    def _back_up(self) -> None:
        stamp = iso(self._ctl.now_ms())[:10]
        name, _kind = QFileDialog.getSaveFileName(
            self._ctl.window, tr("Back up"), f"pyroquant-{stamp}.pyroquant", BACKUPS
        )
        if name:
            self._try(lambda: self.back_up(Path(name)))

    def back_up(self, file: Path) -> None:
        self._ctl.save()
        count = backup.write(file, *self._folders(), iso(self._ctl.now_ms()))
        self._ctl.say("info", tr("Backed up {n} files to {file}.").format(n=count, file=file.name))

    def _restore(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self._ctl.window, tr("Restore from a backup"), "", BACKUPS)
        if not name:
            return
        question = tr("Restore settings, layouts, lists and strategies from {file}? The window starts anew.")
        box = QMessageBox(QMessageBox.Icon.Question, "PyroQuant", question.format(file=Path(name).name))
        box.setStandardButtons(QMessageBox.StandardButton.Ok | QMessageBox.StandardButton.Cancel)
        if box.exec() == QMessageBox.StandardButton.Ok:
            self._try(lambda: self.restore(Path(name)))

    def restore(self, file: Path) -> None:
        """Put a backup in place and start the window anew, which must not write over it."""
        backup.restore(file, *self._folders(), iso(self._ctl.now_ms()))
        self._ctl.save = lambda: None
        self.restart_window()

    def restart_window(self) -> None:
        """Close and start again; the engine goes on."""
        self._ctl.options.restart = True
        self._ctl.options.keep_engine = True
        self._ctl.window.close()

    # the tour -------------------------------------------------------------------------------------------------------
    def show_tour(self) -> None:
        """Five hints on what is on show; what is not is left out."""
        ctl = self._ctl
        if self.tour is not None:
            self.tour.end()

        def done() -> None:
            self.tour = None
            ctl.kept.tour_seen = True
            ctl.save()

        places = {"palette": lambda: ctl.window.top.command}
        hints = [Hint(places.get(name, partial(ctl.docks.panel_of, name)), title, text) for name, title, text in HINTS]
        self.tour = Tour(ctl.window, hints, done)
        if self.tour is not None and self.tour.at >= len(hints):
            self.tour = None

    def close(self) -> None:
        """The window goes: a tour that is open does not go on to the panels that are taken away, and comes again."""
        self.watchdog.stop()
        if self.tour is not None:
            self.tour.stop()

    def first_tour(self) -> None:
        """Once in a person's life, when there is something to see."""
        if not self._ctl.kept.tour_seen and self._ctl.options.tour and self.tour is None:
            self.show_tour()
