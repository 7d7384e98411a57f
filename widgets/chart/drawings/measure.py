"""Shift+drag: how many bars, how long, how far and with how much volume."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from widgets import theme as look
from widgets.chart.draw import fade, pen
from widgets.chart.price import PriceStack
from widgets.chart.ticks import price_text, volume_text
from widgets.texts import tr
from widgets.theme import Theme
from widgets.viewmodels import formats, shapes


class Measured(NamedTuple):
    """From one bar's open to another's; volume: sum of the bars from the earlier to the later one, both counted."""

    bars: int
    ms: int
    change: float
    fraction: float
    volume: float


def measured(stack: PriceStack, start: tuple[int, float], end: tuple[int, float]) -> Measured:
    """start, end: (ms, price)."""
    bars = stack.bars
    i, j = (round(shapes.index_of(bars, ms)) for ms, _price in (start, end))
    lo, hi = max(0, min(i, j)), min(len(bars), max(i, j) + 1)
    volume = float(bars.column("volume", lo, hi).sum()) if hi > lo else 0.0
    change = end[1] - start[1]
    return Measured(j - i, end[0] - start[0], change, change / start[1] if start[1] else math.nan, volume)


class Ruler:
    """The last measure; it stays until the next click."""

    def __init__(self, stack: PriceStack, theme: Theme) -> None:
        self._stack, self._theme = stack, theme
        self._font = look.font(12)
        self._metrics = QFontMetrics(self._font)
        self.start: tuple[int, float] | None = None
        self.end: tuple[int, float] | None = None

    def clear(self) -> bool:
        """True when there was one."""
        had, self.start, self.end = self.start is not None, None, None
        return had

    def texts(self) -> list[str]:
        if self.start is None or self.end is None:
            return []
        m, decimals = measured(self._stack, self.start, self.end), self._stack.decimals
        sign = "+" if m.change >= 0 else ""
        long = formats.duration(abs(m.ms) / 1000)
        return [
            f"{sign}{price_text(m.change, decimals)}  ({formats.percent(m.fraction)})",
            tr("{n} bars, {time}").format(n=f"{m.bars:+,}".replace("-", formats.MINUS), time=long),
            tr("Volume {sum}").format(sum=volume_text(m.volume)),
        ]

    def paint(self, painter: QPainter, frame: shapes.Frame) -> None:
        if self.start is None or self.end is None:
            return
        x0, x1 = (min(max(frame.x(p[0]), -2e4), 2e4) for p in (self.start, self.end))
        y0, y1 = (min(max(frame.y(p[1]), -2e4), 2e4) for p in (self.start, self.end))
        colour = self._theme.up if y1 <= y0 else self._theme.down
        box = QRectF(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
        painter.fillRect(box, fade(colour, 0.16))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(pen(colour, 1.2))
        painter.setBrush(QColor(colour))
        middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
        _arrow(painter, QPointF(middle_x, y0), QPointF(middle_x, y1))
        _arrow(painter, QPointF(x0, middle_y), QPointF(x1, middle_y))
        self._words(painter, frame, box, y1 <= y0)

    def _words(self, painter: QPainter, frame: shapes.Frame, box: QRectF, up: bool) -> None:
        texts = self.texts()
        width = max(self._metrics.horizontalAdvance(t) for t in texts) + 20
        height = 17 * len(texts) + 8
        top = box.top() - height - 6 if up else box.bottom() + 6
        top = min(max(top, 2.0), frame.height - height - 2)
        left = min(max(box.center().x() - width / 2, 2.0), frame.width - width - 2)
        label = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tag))
        painter.drawRoundedRect(label, 4, 4)
        painter.setFont(self._font)
        painter.setPen(QColor(self._theme.tag_text))
        for k, text in enumerate(texts):
            painter.drawText(QRectF(left, top + 4 + 17 * k, width, 17), Qt.AlignmentFlag.AlignCenter, text)


def _arrow(painter: QPainter, a: QPointF, b: QPointF) -> None:
    """A line with its head at b, unless it is too short for one."""
    painter.drawLine(a, b)
    dx, dy = b.x() - a.x(), b.y() - a.y()
    length = math.hypot(dx, dy)
    if length < 14:
        return
    ux, uy = dx / length, dy / length
    back = QPointF(b.x() - 8 * ux, b.y() - 8 * uy)
    painter.drawPolygon(
        [b, QPointF(back.x() - 4 * uy, back.y() + 4 * ux), QPointF(back.x() + 4 * uy, back.y() - 4 * ux)]
    )
