"""What lies behind prices: closed hours, the sessions' strips and the lines between days."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from widgets import theme as look
from widgets.chart.draw import mix
from widgets.chart.items import PaneItem
from widgets.chart.sessions import Span
from widgets.chart.view import Scale, TimeView
from widgets.texts import tr
from widgets.theme import Theme

TINT = 0.05


class BackdropItem(PaneItem):
    """spans: sessions and closed hours, which tint the pane; days: bars that begin one. names: y at which the sessions'
    names begin, None for none."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, -20)
        self.spans: list[Span] = []
        self.days: list[int] = []
        self.names: float | None = None
        self._theme = theme
        self._day = mix(theme.grid_strong, theme.pane, 0.8)
        self._font = look.font(10)
        self._colours: dict[tuple[str, float], QColor] = {}

    def _colour(self, token: str, share: float) -> QColor:
        key = (token, share)
        if key not in self._colours:
            self._colours[key] = mix(getattr(self._theme, token), self._theme.pane, share)
        return self._colours[key]

    def draw(self, painter: QPainter) -> None:
        width, height = float(self.time.width), float(self.scale_.height)
        for box, span in self._boxes(width, height):
            painter.fillRect(box, self._colour(span.token, 0.35 if span.row < 0 else TINT))
        if self.names is not None:
            painter.setFont(self._font)
            for box, span in self._boxes(width, height):
                if span.row >= 0:
                    self._name(painter, box, span, self.names)
        px = 1.0 / self.time.ratio
        for index in self.days:
            x = float(self.columns(np.array([index]))[0])
            painter.fillRect(QRectF(x, 0, px, height), self._day)

    def _boxes(self, width: float, height: float) -> list[tuple[QRectF, Span]]:
        made = []
        for span in self.spans:
            a, b = max(0.0, round(self.time.x(span.start))), min(width, round(self.time.x(span.end)))
            if b > a:
                made.append((QRectF(a, 0, b - a, height), span))
        return made

    def _name(self, painter: QPainter, box: QRectF, span: Span, y: float) -> None:
        text = tr(span.title)
        wide = painter.fontMetrics().horizontalAdvance(text)
        if box.width() > wide + 12:
            painter.setPen(self._colour(span.token, 0.65))
            # sessions overlap: each has its own line
            place = QRectF(box.left() + 5, y + 12 * span.row, wide + 4, 12)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
