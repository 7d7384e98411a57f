"""Horizontal lines with a tag on the price axis, draggable where they say so: stops, targets, limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter

from widgets import theme as look
from widgets.chart.draw import fade, pen
from widgets.chart.pane import Pane
from widgets.chart.price import PriceStack
from widgets.chart.scales import AxisTag
from widgets.chart.tools import Tool
from widgets.theme import Theme
from widgets.throttle import Throttle

#: ms between two messages of a line that is being dragged, and px within which it is taken
DRAG_MS, REACH_PX = 40, 5.0


class Level(NamedTuple):
    """key: told by levelMoved. text: at the line's right end. token: its colour, a token of the theme."""

    key: str
    price: float
    text: str = ""
    token: str = "info"
    draggable: bool = False


class Levels(Tool):
    """Painted over the kept picture, so that dragging one costs no more than the crosshair.

    moved(key, price, released): while dragging at most every 40 ms, and once at the end. Escape takes the drag back.
    """

    def __init__(self, stack: PriceStack, theme: Theme, moved: Callable[[str, float, bool], None]) -> None:
        self._stack, self._theme, self._moved = stack, theme, moved
        self.levels: list[Level] = []
        self._drag: tuple[int, float] | None = None
        self._font = look.font(11)
        self._metrics = QFontMetrics(self._font)
        self._veil = fade(theme.pane, 0.8)
        self._tell = Throttle(DRAG_MS, self._emit, stack)
        stack.price.overlays.insert(0, self.paint)
        stack.price.overlays.append(self.paint_tag)
        stack.tags.sources.append(self._tags)
        stack.tools.append(self)

    @property
    def dragging(self) -> str:
        """Key of the line that is being dragged."""
        return self.levels[self._drag[0]].key if self._drag is not None else ""

    def set_levels(self, levels: Sequence[Level]) -> None:
        """Replace all; the one that is being dragged stays under the mouse."""
        key = self.dragging
        held = self.levels[self._drag[0]].price if self._drag is not None else math.nan
        self.levels = [level._replace(price=held) if key and level.key == key else level for level in levels]
        if self._drag is not None:
            at = next((i for i, level in enumerate(self.levels) if level.key == key), None)
            self._drag = None if at is None else (at, self._drag[1])
        if self._drag is None:
            self._stack.refresh()
        else:
            self._stack.price.hover()

    def at(self, y: float) -> int:
        """The nearest draggable line at this height, -1 when there is none."""
        scale = self._stack.price.yscale
        near = [(abs(scale.y(v.price) - y), i) for i, v in enumerate(self.levels) if v.draggable]
        best = min(near, default=(math.inf, -1))
        return best[1] if best[0] <= REACH_PX else -1

    # mouse ----------------------------------------------------------------------------------------------------------
    def press(self, pane: Pane, event: QMouseEvent) -> bool:
        if pane is not self._stack.price or event.button() != Qt.MouseButton.LeftButton:
            return False
        index = self.at(event.position().y())
        if index < 0:
            return False
        self._drag = (index, self.levels[index].price)
        self._stack.refresh()
        return True

    def drag(self, _pane: Pane, at: QPointF, _event: QMouseEvent) -> None:
        if self._drag is None:
            return
        price = self._stack.price
        value = price.yscale.value_at(min(max(at.y(), 0.0), float(price.yscale.height)))
        self._put(self._drag[0], self._stack.snapped(value))
        self._tell.request()

    def release(self, _pane: Pane, _event: QMouseEvent) -> None:
        if self._drag is not None:
            self._tell.cancel()
            level, moved = self.levels[self._drag[0]], self.levels[self._drag[0]].price != self._drag[1]
            self._drag = None
            self._stack.refresh()
            if moved:
                self._moved(level.key, level.price, True)

    def key(self, event: QKeyEvent) -> bool:
        if self._drag is None or event.key() != Qt.Key.Key_Escape:
            return False
        self._tell.cancel()
        index, before = self._drag
        self._put(index, before)
        self._drag = None
        self._stack.refresh()
        self._moved(self.levels[index].key, before, True)
        return True

    def hover(self, pane: Pane, at: QPointF) -> Qt.CursorShape | None:
        return Qt.CursorShape.SizeVerCursor if pane is self._stack.price and self.at(at.y()) >= 0 else None

    def _put(self, index: int, price: float) -> None:
        self.levels[index] = self.levels[index]._replace(price=price)
        self._stack.price.hover()

    def _emit(self) -> None:
        if self._drag is not None:
            level = self.levels[self._drag[0]]
            self._moved(level.key, level.price, False)

    # paint ----------------------------------------------------------------------------------------------------------
    def paint(self, painter: QPainter, pane: Pane) -> None:
        shown = [(i, v, pane.yscale.y(v.price)) for i, v in enumerate(self.levels)]
        shown = [(i, v, y) for i, v, y in shown if -1 <= y <= pane.yscale.height + 1]
        if not shown:
            return
        painter.setFont(self._font)
        for i, level, y in shown:
            colour = QColor(getattr(self._theme, level.token, self._theme.info))
            held = self._drag is not None and self._drag[0] == i
            painter.setPen(pen(colour, 1.0, () if level.draggable or held else (6, 4)))
            painter.drawLine(0, int(y), pane.plot_width, int(y))
            self._paint_text(painter, pane, level, y, colour)

    def _tags(self) -> list[AxisTag]:
        """Of the lines at rest; the one that is dragged has its own."""
        stack, held = self._stack, self.dragging
        return [
            AxisTag(v.price, stack.tag_text(stack.price, v.price), v.token, 90, "tag_text")
            for v in self.levels
            if not held or v.key != held
        ]

    def paint_tag(self, painter: QPainter, pane: Pane) -> None:
        """The tag of the line that is dragged, over all others."""
        if self._drag is not None:
            level = self.levels[self._drag[0]]
            colour = QColor(getattr(self._theme, level.token, self._theme.info))
            pane.paint_tag(painter, pane.yscale.y(level.price), self._stack.tag_text(pane, level.price), colour)

    def _paint_text(self, painter: QPainter, pane: Pane, level: Level, y: float, colour: QColor) -> None:
        """The name above its line, in a frame of its colour; below it where there is no room above."""
        if not level.text:
            return
        grip = 12 if level.draggable else 0
        width = self._metrics.horizontalAdvance(level.text) + 14 + grip
        top = y - 17 if y >= 19 else y + 2
        box = QRectF(pane.plot_width - width - 8, round(top), width, 15)
        painter.fillRect(box, self._veil)
        painter.setPen(colour)
        painter.drawText(box.adjusted(7, 0, -7 - grip, 0), Qt.AlignmentFlag.AlignCenter, level.text)
        if grip:
            for k in (0, 3, 6):
                painter.fillRect(QRectF(box.right() - 14, box.top() + 4 + k, 8, 1), colour)
