"""Coloured words in a pane's corner, and the tags and badges that lie over its picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from widgets import theme as look
from widgets.chart.pane import Pane
from widgets.theme import Theme

Piece = tuple[str, str]
LEFT, TOP, ROW = 10, 16, 17


class Legend:
    """Rows of (text, colour) pieces; `rows` is called at each paint, so it may follow the crosshair."""

    def __init__(self, theme: Theme, rows: Callable[[], list[list[Piece]]]) -> None:
        self._rows = rows
        self._font = look.font(12)
        self._bold = look.font(12, bold=True)
        self._metrics = (QFontMetrics(self._font), QFontMetrics(self._bold))
        self._veil = QColor(theme.pane)
        self._veil.setAlphaF(0.72)
        self._colours: dict[str, QColor] = {}

    def __call__(self, painter: QPainter, pane: Pane) -> None:
        y = TOP
        for number, row in enumerate(self._rows()):
            x = LEFT
            placed = []
            for k, (text, colour) in enumerate(row):
                bold = number == 0 and k == 0
                width = self._metrics[bold].horizontalAdvance(text)
                if x > LEFT and x + width > pane.plot_width - 8:
                    break
                placed.append((x, text, colour, bold))
                x += width + 9
            if placed:
                painter.fillRect(QRectF(LEFT - 4, y - 13, x - LEFT, ROW), self._veil)
            for left, text, colour, bold in placed:
                painter.setFont(self._bold if bold else self._font)
                painter.setPen(self._colours.setdefault(colour, QColor(colour)))
                painter.drawText(QPointF(left, y), text)
            y += ROW


def paint_badge(painter: QPainter, pane: Pane, text: str, colour: str) -> None:
    """A pill in the upper right corner: what is wrong with these prices, in words."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(look.font(11, bold=True))
    width = painter.fontMetrics().horizontalAdvance(text) + 20
    box = QRectF(pane.plot_width - width - 10, 8, width, 20)
    fill = QColor(colour)
    fill.setAlphaF(0.22)
    painter.setPen(QColor(colour))
    painter.setBrush(fill)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
