"""The arrangements that the window comes with, and the docking library's state of each.

An arrangement is a nested list: ("row", share, ...), ("column", share, ...) and ("tabs", share, names...); shares are
parts of the parent's length. Its state is made with empty panels in a manager that nobody sees: the window's own
manager only ever restores states, for taking panels off it and placing them anew while some float crashes the library.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import PySide6QtAds as QtAds
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.texts import mark

#: part of a saved state; raised when panels are renamed.
STATE_VERSION = 2
Node = tuple[Any, ...]

LAYOUTS: dict[str, Node] = {
    mark("Trade"): (
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
    mark("Research"): (
        "row",
        1.0,
        ("tabs", 0.16, "watchlist"),
        ("column", 0.48, ("tabs", 0.6, "chart"), ("tabs", 0.4, "strategies", "editor", "signals", "log", "health")),
        ("tabs", 0.36, "backtest", "runs", "why"),
    ),
    mark("Optimise"): (
        "row",
        1.0,
        ("column", 0.45, ("tabs", 0.55, "chart"), ("tabs", 0.45, "jobs", "signals", "log")),
        ("tabs", 0.55, "walkforward"),
    ),
    mark("Data"): (
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


def state_of(layout: str, kin: Mapping[str, Sequence[str]], size: QSize) -> bytes:
    """The manager's state in which the panels that are keys of `kin` stand as one of LAYOUTS has them. One that it does
    not name is closed, and opens beside the first of its kin that is placed, else in the last area."""
    node = _known(LAYOUTS[layout], kin)
    assert node is not None, f"layout {layout} names no panel"
    host = QWidget()
    host.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    host.resize(size)
    manager = QtAds.CDockManager(host)
    column = QVBoxLayout(host)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(manager)
    host.show()
    docks = {name: _empty(manager, name) for name in kin}
    _Builder(manager, docks).build(node)
    named = [name for names in _tab_groups(node) for name in names]
    for name in kin:
        if name not in named:
            beside = next((k for k in kin[name] if k in named), named[-1])
            manager.addDockWidget(QtAds.CenterDockWidgetArea, docks[name], docks[beside].dockAreaWidget())
            docks[name].toggleView(False)
    for names in _tab_groups(node):
        docks[names[0]].setAsCurrentTab()
    state = bytes(manager.saveState(STATE_VERSION).data())
    host.hide()
    host.deleteLater()
    return state


def _empty(manager: Any, name: str) -> Any:
    dock = QtAds.CDockWidget(manager, name)
    dock.setObjectName(name)
    dock.setWidget(QWidget())
    return dock


class _Builder:
    """Places the docks of an arrangement in a manager that holds none yet."""

    def __init__(self, manager: Any, docks: Mapping[str, Any]) -> None:
        self._manager, self._docks = manager, docks

    def build(self, node: Node) -> None:
        first = self._place(_first_leaf(node), None, QtAds.CenterDockWidgetArea)
        self._grow(node, first)
        self._share(node)

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
