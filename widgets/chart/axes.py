"""The price axis of a pane and the time axis below all panes: pixels, no pictures, no alpha."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets import theme as look
from widgets.chart.draw import mix, pen
from widgets.chart.scales import axis_text
from widgets.chart.sessions import Span
from widgets.chart.ticks import TimeTick
from widgets.chart.view import Scale, TimeView
from widgets.theme import Theme

TIME_AXIS_HEIGHT = 24
TAG_HEIGHT = 18


class PriceAxis(pg.AxisItem):
    """Right-hand axis: the labels that the pane chose, at their pixels, save where tags lie (`taken`, from y to y).

    text: how a value is written, where it is no price.
    """

    def __init__(self, scale: Scale, theme: Theme) -> None:
        super().__init__("right")
        self.scale_ = scale
        self.values: list[float] = []
        self.decimals = 2
        self.taken: list[tuple[float, float]] = []
        self.text: Callable[[float], str] | None = None
        self._font = look.font(11)
        self._text, self._border = QColor(theme.dim), QColor(theme.border)
        self.setStyle(showValues=False, tickLength=0)

    def paint(self, p: QPainter, opt: object, widget: object) -> None:
        rect = self.rect()
        p.fillRect(QRectF(0, 0, 1, rect.height()), self._border)
        p.setFont(self._font)
        p.setPen(self._text)
        for value in self.values:
            y = self.scale_.y(value)
            hidden = any(top - 6 < y < foot + 6 for top, foot in self.taken)
            if 7 <= y <= rect.height() - 7 and not hidden:
                text = self.text(value) if self.text else axis_text(self.scale_, value, self.decimals)
                p.drawText(QPointF(9, round(y) + 4), text)

    def text_width(self, texts: list[str]) -> int:
        """Pixels that the axis needs for these labels."""
        metrics = QFontMetrics(self._font)
        return max((metrics.horizontalAdvance(t) for t in texts), default=0) + 18


class TimeAxis(QWidget):
    """Labels of time with bold days, strips of the open sessions, and the crosshair's tag. Its mouse events belong to
    the stack of panes."""

    def __init__(self, time: TimeView, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(TIME_AXIS_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.time = time
        self.ticks: list[TimeTick] = []
        self.tag: tuple[float, str] | None = None
        self.spans: list[Span] = []
        self._theme = theme
        self._font, self._bold = look.font(11), look.font(11, bold=True)
        self._background, self._border = QColor(theme.pane), pen(theme.border)
        self._dim, self._text = QColor(theme.dim), QColor(theme.text)
        self._tag, self._tag_text = QColor(theme.tag), QColor(theme.tag_text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), self._background)
        p.setPen(self._border)
        p.drawLine(0, 0, self.width(), 0)
        self._paint_strips(p)
        covered = self._tag_box()
        for tick in self.ticks:
            x = float(np.floor(self.time.x(tick.index)))
            p.setFont(self._bold if tick.weight else self._font)
            p.setPen(self._text if tick.weight else self._dim)
            half = p.fontMetrics().horizontalAdvance(tick.text) / 2
            under_tag = covered is not None and covered.left() - 4 < x + half and x - half < covered.right() + 4
            if half <= x <= self.time.width - half and not under_tag:
                p.drawText(QRectF(x - 60, 1, 120, self.height() - 1), Qt.AlignmentFlag.AlignCenter, tick.text)
        if covered is not None and self.tag is not None:
            p.setFont(self._font)
            p.fillRect(covered, self._tag)
            p.setPen(self._tag_text)
            p.drawText(covered, Qt.AlignmentFlag.AlignCenter, self.tag[1])
        p.end()

    def _paint_strips(self, p: QPainter) -> None:
        """When the sessions are open, a line of two pixels each."""
        for span in self.spans:
            a, b = max(0.0, round(self.time.x(span.start))), min(float(self.time.width), round(self.time.x(span.end)))
            if span.row >= 0 and b > a:
                colour = mix(getattr(self._theme, span.token), self._theme.pane, 0.6)
                p.fillRect(QRectF(a, 1 + 2 * span.row, b - a, 2), colour)

    def _tag_box(self) -> QRectF | None:
        if self.tag is None:
            return None
        x, text = self.tag
        width = QFontMetrics(self._font).horizontalAdvance(text) + 16
        left = min(max(0.0, round(x - width / 2)), max(0.0, float(self.width() - width)))
        return QRectF(left, 1, width, TAG_HEIGHT + 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
