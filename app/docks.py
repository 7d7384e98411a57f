"""The dock area behind a small interface, so that a Qt upgrade is never held up by the docking library's exact pin.

Panels are known by name. An arrangement is a nested list: ("row", share, ...), ("column", share, ...) and
("tabs", share, names...); shares are parts of the parent's length.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from typing import Any

import PySide6QtAds as QtAds
from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from widgets.icons import icon

#: part of a saved state; raised when panels are added or renamed.
STATE_VERSION = 2
Node = tuple[Any, ...]

LAYOUTS: dict[str, Node] = {
    "Trade": (
        "row",
        1.0,
        ("tabs", 0.22, "watchlist"),
        (
            "column",
            0.53,
            ("tabs", 0.68, "chart"),
            ("row", 0.32, ("tabs", 0.6, "signals", "log", "jobs"), ("tabs", 0.4, "health")),
        ),
        ("tabs", 0.25, "backtest", "strategies", "walkforward", "why"),
    ),
    "Research": (
        "row",
        1.0,
        ("tabs", 0.16, "watchlist"),
        ("column", 0.48, ("tabs", 0.6, "chart"), ("tabs", 0.4, "strategies", "editor", "signals", "log", "health")),
        ("tabs", 0.36, "backtest", "runs", "why"),
    ),
    "Optimise": (
        "row",
        1.0,
        ("column", 0.45, ("tabs", 0.55, "chart"), ("tabs", 0.45, "jobs", "signals", "log")),
        ("tabs", 0.55, "walkforward"),
    ),
    "Data": (
        "row",
        1.0,
        ("column", 0.55, ("tabs", 0.6, "data"), ("tabs", 0.4, "sql")),
        ("column", 0.45, ("tabs", 0.5, "chart"), ("tabs", 0.5, "health", "jobs", "log", "parity")),
    ),
}

#: on two screens: the panels that begin on the second, as tabs of one floating window
SECOND_SCREEN: dict[str, tuple[str, ...]] = {
    "Trade": ("backtest", "strategies", "walkforward", "why"),
    "Research": ("backtest", "runs", "why"),
    "Optimise": ("walkforward",),
    "Data": ("data", "sql"),
}


class DockHost:
    """One dock manager inside `parent`; `on_focus(name)` tells which panel was last clicked."""

    def __init__(self, parent: QWidget, on_change: Callable[[], None] | None = None) -> None:
        _configure()
        self._manager = QtAds.CDockManager(parent)
        self._manager.setStyleSheet("")
        layout = parent.layout() or QVBoxLayout(parent)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._manager)
        self._docks: dict[str, QtAds.CDockWidget] = {}
        self._kin: dict[str, tuple[str, ...]] = {}
        self._on_change = on_change

    @property
    def widget(self) -> QWidget:
        return self._manager

    def add(self, name: str, title: str, panel: QWidget, symbol: str, kin: tuple[str, ...] = ()) -> None:
        """Make a panel known; it is placed by `arrange` or `restore`, or opens beside the first of its kin that is."""
        self._kin[name] = kin
        dock = QtAds.CDockWidget(self._manager, title)
        dock.setObjectName(name)
        dock.setWidget(panel, QtAds.CDockWidget.ForceNoScrollArea)
        dock.setIcon(icon(symbol))
        dock.setMinimumSizeHintMode(QtAds.CDockWidget.MinimumSizeHintFromDockWidget)
        dock.tabWidget().setIconSize(QSize(14, 14))
        if self._on_change is not None:
            dock.visibilityChanged.connect(lambda _on: self._on_change and self._on_change())
        self._docks[name] = dock

    def arrange(self, layout: str) -> None:
        """Place the panels of one of LAYOUTS; what was floating comes back, what it does not name is closed."""
        node = _known(LAYOUTS[layout], self._docks)
        assert node is not None, f"layout {layout} names no panel"
        with self._unseen():
            self._arrange(node)

    def _arrange(self, node: Node) -> None:
        for dock in self._docks.values():
            if dock.dockAreaWidget() is not None:
                self._manager.removeDockWidget(dock)
        first = self._place(_first_leaf(node), None, QtAds.CenterDockWidgetArea)
        self._grow(node, first)
        for names in _tab_groups(node):
            for name in names:
                self._docks[name].toggleView(True)
        self._share(node)
        for names in _tab_groups(node):
            self._docks[names[0]].setAsCurrentTab()

    def _place(self, leaf: Node, beside: Any, area: Any) -> Any:
        """Put the tabs of a leaf down; returns their dock area."""
        made = self._manager.addDockWidget(area, self._docks[leaf[2]], beside)
        for name in leaf[3:]:
            self._manager.addDockWidget(QtAds.CenterDockWidgetArea, self._docks[name], made)
        return made

    def _grow(self, node: Node, first: Any) -> None:
        """Add the rest of a node whose first leaf stands. All children get their first leaf before any is split
        further, so that each split nests as it is written."""
        if node[0] == "tabs":
            return
        side = QtAds.RightDockWidgetArea if node[0] == "row" else QtAds.BottomDockWidgetArea
        places = [first]
        for child in node[3:]:
            places.append(self._place(_first_leaf(child), places[-1], side))
        for child, place in zip(node[2:], places):
            self._grow(child, place)

    def _share(self, node: Node) -> None:
        """Give the splitters their shares, from the outermost inwards."""
        if node[0] == "tabs":
            return
        area = self._docks[_first_leaf(node)[2]].dockAreaWidget()
        depth = _depth_of_first(node)
        splitter = area.parentWidget()
        for _ in range(depth - 1):
            splitter = splitter.parentWidget()
        length = splitter.width() if node[0] == "row" else splitter.height()
        length = max(length, 1000)
        if hasattr(splitter, "setSizes") and splitter.count() == len(node) - 2:
            splitter.setSizes([round(child[1] * length) for child in node[2:]])
        for child in node[2:]:
            self._share(child)

    def show(self, name: str) -> None:
        """Open, raise and focus a panel."""
        dock = self._docks[name]
        if dock.dockAreaWidget() is None:
            self._manager.addDockWidget(QtAds.CenterDockWidgetArea, dock, self._home(name))
        dock.toggleView(True)
        dock.setAsCurrentTab()
        dock.raise_()
        if dock.widget() is not None:
            dock.widget().setFocus()

    def move_out(self, names: tuple[str, ...], area: QRect) -> None:
        """Float these panels as tabs of one window that fills `area`."""
        here = [self._docks[n] for n in names if n in self._docks]
        if not here:
            return
        floating = self._manager.addDockWidgetFloating(here[0])
        for dock in here[1:]:
            self._manager.addDockWidget(QtAds.CenterDockWidgetArea, dock, here[0].dockAreaWidget())
        for dock in here:
            dock.toggleView(True)
        here[0].setAsCurrentTab()
        floating.setGeometry(area)

    def _home(self, name: str) -> Any:
        """Where a panel opens that has no place yet: beside its kin, else in the largest area but the chart's."""
        for kin in self._kin.get(name, ()):
            if (
                kin in self._docks
                and (area := self._docks[kin].dockAreaWidget()) is not None
                and not self._docks[kin].isClosed()
            ):
                return area
        placed = [d.dockAreaWidget() for n, d in self._docks.items() if n != "chart" and not d.isClosed()]
        areas = [a for a in placed if a is not None]
        return max(areas, key=lambda a: a.width() * a.height(), default=self._docks["chart"].dockAreaWidget())

    def close_focused(self) -> None:
        """Close the panel that holds the focus, unless it is the chart."""
        focus = QApplication.focusWidget()
        for name, dock in self._docks.items():
            if name != "chart" and focus is not None and dock.isAncestorOf(focus):
                dock.closeDockWidget()

    def set_title(self, name: str, title: str) -> None:
        if self._docks[name].windowTitle() != title:
            self._docks[name].setWindowTitle(title)

    def panel_of(self, name: str) -> QWidget | None:
        """The panel's place where it is open and in front, else None."""
        return self._docks[name].widget() if name in self._docks and self.is_visible(name) else None

    def is_visible(self, name: str) -> bool:
        """Open and not hidden behind another tab."""
        dock = self._docks[name]
        return not dock.isClosed() and dock.isVisible()

    def names(self) -> list[str]:
        return list(self._docks)

    def save(self) -> bytes:
        return bytes(self._manager.saveState(STATE_VERSION).data())

    def restore(self, state: bytes) -> bool:
        """False when the state is not usable, or shows no panel at all."""
        try:
            zlib.decompress(state[4:])  # Qt's block: length, then zlib; the library would only warn about another
        except zlib.error:
            return False
        with self._unseen():
            # the manager only finds what it has been given once; what was never placed, or taken off, would stay away
            for dock in self._docks.values():
                if dock.dockAreaWidget() is None:
                    self._manager.addDockWidget(QtAds.CenterDockWidgetArea, dock)
                    dock.toggleView(False)
            taken = bool(self._manager.restoreState(QByteArray(state), STATE_VERSION))
        # an arrangement of nothing is no arrangement
        return taken and any(d.dockAreaWidget() is not None and not d.isClosed() for d in self._docks.values())

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        """While panels are moved about none is seen, so that none is made that ends behind another."""
        self._manager.setVisible(False)
        try:
            yield
        finally:
            self._manager.setVisible(True)

    def close(self) -> None:
        """Called once, when the main window goes. A restored layout leaves the docks without a parent that would
        delete them, so each is deleted by itself."""
        for dock in self._docks.values():
            self._manager.removeDockWidget(dock)
            dock.tabWidget().deleteLater()
            dock.deleteLater()
        self._docks.clear()
        self._manager.deleteLater()


def _configure() -> None:
    """Static switches, to be set before the first manager is made."""
    manager = QtAds.CDockManager
    manager.setConfigFlags(manager.DefaultOpaqueConfig)
    for flag, on in (
        (manager.AllTabsHaveCloseButton, False),
        (manager.ActiveTabHasCloseButton, True),
        (manager.DockAreaHasCloseButton, False),
        (manager.DockAreaHasTabsMenuButton, False),
        (manager.DockAreaHasUndockButton, True),
        (manager.DockAreaDynamicTabsMenuButtonVisibility, True),
        (manager.TabCloseButtonIsToolButton, True),
        (manager.FocusHighlighting, False),
        (manager.EqualSplitOnInsertion, False),
        (manager.DisableTabTextEliding, True),
    ):
        manager.setConfigFlag(flag, on)
    provider = manager.iconProvider()
    for which, name in (
        (QtAds.TabCloseIcon, "close"),
        (QtAds.DockAreaCloseIcon, "close"),
        (QtAds.DockAreaUndockIcon, "undock"),
        (QtAds.DockAreaMenuIcon, "menu"),
        (QtAds.AutoHideIcon, "pin"),
    ):
        provider.registerCustomIcon(which, icon(name))


def _known(node: Node, names: Container[str]) -> Node | None:
    """The arrangement without panels that do not exist and without what holds none."""
    if node[0] == "tabs":
        here = tuple(n for n in node[2:] if n in names)
        return (*node[:2], *here) if here else None
    inner = tuple(found for child in node[2:] if (found := _known(child, names)) is not None)
    if len(inner) == 1:
        return (inner[0][0], node[1], *inner[0][2:])
    return (*node[:2], *inner) if inner else None


def _first_leaf(node: Node) -> Node:
    return node if node[0] == "tabs" else _first_leaf(node[2])


def _depth_of_first(node: Node) -> int:
    return 0 if node[0] == "tabs" else 1 + _depth_of_first(node[2])


def _tab_groups(node: Node) -> list[tuple[str, ...]]:
    if node[0] == "tabs":
        return [node[2:]]
    return [group for child in node[2:] for group in _tab_groups(child)]
