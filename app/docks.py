"""The dock area behind a small interface, so that a Qt upgrade is never held up by the docking library's exact pin.

Panels are known by name.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import PySide6QtAds as QtAds
from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.layouts import STATE_VERSION, state_of
from widgets.icons import icon

#: an arrangement is made for a manager of at least this size; before the first paint it has none
LEAST = QSize(1280, 720)


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
        self._placed: set[str] = set()
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
        """Place the panels as one of LAYOUTS has them; what floated comes back, the others are closed."""
        self.restore(state_of(layout, self._kin, self._manager.size().expandedTo(LEAST)))

    def show(self, name: str) -> None:
        """Open, raise and focus a panel."""
        dock = self._docks[name]
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
            self._place_once()
            taken = bool(self._manager.restoreState(QByteArray(state), STATE_VERSION))
        # an arrangement of nothing is no arrangement
        return taken and any(d.dockAreaWidget() is not None and not d.isClosed() for d in self._docks.values())

    def _place_once(self) -> None:
        """The manager finds in a state only what it has been given before; never taken off again, see app.layouts."""
        # by name: asking a dock for its area leaves the area's wrapper behind, at each change of workspace
        for name, dock in self._docks.items():
            if name not in self._placed:
                self._placed.add(name)
                self._manager.addDockWidget(QtAds.CenterDockWidgetArea, dock)
                dock.toggleView(False)

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
        delete them, so each is deleted by itself. Where one floats, the library cannot be taken apart without a crash:
        it is hidden, and goes with the process."""
        if any(dock.isInFloatingContainer() for dock in self._docks.values()):
            for dock in self._docks.values():
                if dock.isInFloatingContainer():
                    dock.floatingDockContainer().hide()
            return
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
