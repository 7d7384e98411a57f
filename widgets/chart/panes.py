"""Arranging the panes of a chart: order, height, folding away, and the small buttons in a pane's corner for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from widgets import icons
from widgets.chart.pane import Pane

if TYPE_CHECKING:
    from widgets.chart.stack import PaneStack

UP, DOWN, FOLD, ALONE = "up", "down", "fold", "alone"
ICON, CELL = 14, 22
FOLDED_PX = 22
#: of the height that the uppermost pane keeps when others are added
MAIN_SHARE = 0.42
#: a widget's largest height, as Qt has it
NO_LIMIT = 16_777_215


def move(stack: PaneStack, pane: Pane, way: int) -> bool:
    """Exchange a pane with the one above (-1) or below (1); heights move along. False at the end."""
    at = stack.panes.index(pane)
    to = at + way
    if not 0 <= to < len(stack.panes):
        return False
    sizes = stack.splitter.sizes()
    stack.panes[at], stack.panes[to] = stack.panes[to], stack.panes[at]
    sizes[at], sizes[to] = sizes[to], sizes[at]
    stack.splitter.insertWidget(to, pane)
    stack.splitter.setSizes(sizes)
    stack.refresh()
    return True


def folded(pane: Pane) -> bool:
    return bool(pane.maximumHeight() == FOLDED_PX)


def fold(stack: PaneStack, pane: Pane, on: bool) -> None:
    """Leave only a pane's legend, or give it its height back."""
    if on == folded(pane) or (on and sum(not folded(p) for p in stack.panes) == 1):
        return
    if on:
        pane.least = pane.minimumHeight()
        pane.setMinimumHeight(FOLDED_PX)
    pane.setMaximumHeight(FOLDED_PX if on else NO_LIMIT)
    pane.box.setVisible(not on)
    if not on:
        pane.setMinimumHeight(pane.least)
        sizes = stack.splitter.sizes()
        at = stack.panes.index(pane)
        part = max(90, sum(sizes) // 6)
        sizes[at], largest = part, sizes.index(max(sizes))
        if largest != at:
            sizes[largest] = max(60, sizes[largest] - part)
        stack.splitter.setSizes(sizes)
    stack.refresh()


def make_room(stack: PaneStack, pane: Pane) -> None:
    """Give a pane that was added at the foot its height: from the first one, as long as that keeps its share."""
    sizes = stack.splitter.sizes()
    total, place = sum(sizes), stack.panes.index(pane)
    if total <= 300:
        return
    part = max(70, total // 6)
    others = [k for k in range(1, len(sizes)) if k != place and not folded(stack.panes[k])]
    sizes[place], sizes[0] = part, total - part - sum(sizes[k] for k in range(1, len(sizes)) if k != place)
    missing = int(MAIN_SHARE * total) - sizes[0]
    if missing > 0 and others:
        rest = sum(sizes[k] for k in others) + part
        for k in [*others, place]:
            sizes[k] -= missing * sizes[k] // rest
        sizes[0] = total - sum(sizes[1:])
    stack.splitter.setSizes(sizes)


def heights(stack: PaneStack, names: Mapping[Pane, str]) -> dict[str, int]:
    """Height of each pane by name, in their order; negative = folded."""
    sizes = stack.splitter.sizes()
    return {names[p]: -1 if folded(p) else size for p, size in zip(stack.panes, sizes, strict=True) if p in names}


def set_heights(stack: PaneStack, panes: Mapping[str, Pane], kept: Mapping[str, int]) -> None:
    """Take back what `heights` gave; panes that it does not name stay as they are."""
    order = [panes[n] for n in kept if n in panes]
    for place, pane in enumerate([*order, *(p for p in stack.panes if p not in order)]):
        if stack.panes[place] is not pane:
            stack.panes.remove(pane)
            stack.panes.insert(place, pane)
            stack.splitter.insertWidget(place, pane)
    names = {pane: name for name, pane in panes.items()}
    for pane in order:
        fold(stack, pane, kept[names[pane]] < 0)
    sizes = stack.splitter.sizes()
    for place, pane in enumerate(stack.panes):
        size = kept.get(names.get(pane, ""), 0)
        if size > 0:
            sizes[place] = size
    stack.splitter.setSizes(sizes)


class PaneButtons:
    """Overlay of each pane: move up, move down, fold, alone; for the one under the mouse."""

    def __init__(self, stack: PaneStack) -> None:
        self._stack = stack
        self._places: list[tuple[QRectF, str]] = []
        self._fill, self._edge = QColor(stack.theme.raised), QColor(stack.theme.border)

    def action_at(self, x: float, y: float) -> str:
        """'' beside the buttons."""
        return next((action for rect, action in self._places if rect.contains(x, y)), "")

    def __call__(self, painter: QPainter, pane: Pane) -> None:
        self._places = []
        pointer, stack = self._stack.pointer, self._stack
        if pointer is None or pointer[0] is not pane or len(stack.panes) < 2 or pointer[2] > 40:
            return
        if pointer[1] < pane.plot_width - 6 * CELL:
            return
        actions = self._offered(pane)
        left = pane.plot_width - CELL * len(actions) - 6
        box = QRectF(left - 2, 1, CELL * len(actions) + 4, FOLDED_PX - 2)
        painter.fillRect(box, self._edge)
        painter.fillRect(box.adjusted(1, 1, -1, -1), self._fill)
        for k, (action, name) in enumerate(actions):
            rect = QRectF(left + k * CELL, 1, CELL, FOLDED_PX - 2)
            self._places.append((rect, action))
            token = "text" if rect.contains(pointer[1], pointer[2]) else "dim"
            picture = icons.pixmap(name, token, ICON, pane.devicePixelRatioF())
            painter.drawPixmap(QPointF(rect.left() + (CELL - ICON) / 2, rect.top() + 3), picture)

    def _offered(self, pane: Pane) -> list[tuple[str, str]]:
        stack = self._stack
        if stack.maximised is not None:
            return [(ALONE, "restore")]
        found = []
        if stack.panes.index(pane) > 0:
            found.append((UP, "up"))
        if stack.panes.index(pane) < len(stack.panes) - 1:
            found.append((DOWN, "down"))
        found.append((FOLD, "unfold" if folded(pane) else "fold"))
        return [*found, (ALONE, "maximise")]

    def run(self, pane: Pane, action: str) -> None:
        if action in (UP, DOWN):
            move(self._stack, pane, -1 if action == UP else 1)
        elif action == FOLD:
            fold(self._stack, pane, not folded(pane))
        elif action == ALONE:
            self._stack.maximise(pane)
