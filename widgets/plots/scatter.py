"""One point a trade: how far it went against or in favour, and what it came to."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPolygonF

from widgets.ink import Ink
from widgets.plots.base import Plot
from widgets.texts import tr
from widgets.viewmodels import formats, plot_shapes, plots

#: px within which a point is under the mouse
REACH = 9


class ScatterPlot(Plot):
    """tradeClicked(number of the trade). x: fractions >= 0; y: results, fractions."""

    tradeClicked = Signal(int)

    def __init__(self, heading: str, across: str, height: int = 190) -> None:
        super().__init__(heading, height)
        self.across = across
        self.margins = (52, 22, 22, 32)
        self.x = self.y = np.empty(0)
        self.selected = -1
        self._limits = (0.0, 1.0, -1.0, 1.0)

    def set_points(self, x: np.ndarray, y: np.ndarray) -> None:
        self.x, self.y, self.selected = np.asarray(x, np.float64), np.asarray(y, np.float64), -1
        _, far = plot_shapes.spread_of(self.x)
        low, high = plot_shapes.padded(*plot_shapes.spread_of(self.y), 0.08)
        self._limits = (0.0, far * 1.05 or 0.01, min(low, 0.0), max(high, 0.0))
        outside = int(((self.x > self._limits[1]) | (self.y < low) | (self.y > high)).sum())
        self.note = tr("{n} wild ones outside").format(n=outside) if outside else ""
        self.changed()

    def select(self, trade: int) -> None:
        """Ring one trade."""
        if trade != self.selected:
            self.selected = trade
            self.changed()

    def empty_text(self) -> str:
        return "" if self.x.size else self.nothing

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        area, (x0, x1, y0, y1) = self.area(), self._limits
        return (
            area.left() + (self.x - x0) / (x1 - x0) * area.width(),
            area.bottom() - (self.y - y0) / (y1 - y0) * area.height(),
        )

    def draw(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        x0, x1, y0, y1 = self._limits
        for value in plots.ticks(y0, y1, max(area.height() // 34, 2)):
            y = round(area.bottom() - (value - y0) / (y1 - y0) * area.height())
            painter.setPen(paint["grid_strong" if abs(value) < 1e-12 else "grid"])
            painter.drawLine(area.left(), y, area.right(), y)
            painter.setPen(paint["dim"])
            box = QRect(0, y - 8, area.left() - 6, 16)
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), _percent(value, y1 - y0)
            )
        for value in plots.ticks(x0, x1, max(area.width() // 60, 2)):
            x = round(area.left() + (value - x0) / (x1 - x0) * area.width())
            painter.setPen(paint["grid"])
            painter.drawLine(x, area.top(), x, area.bottom())
            painter.setPen(paint["dim"])
            painter.drawText(
                QRectF(x - 30, area.bottom() + 2, 60, 15), Qt.AlignmentFlag.AlignHCenter, _percent(value, x1)
            )
        painter.drawText(
            QRect(area.left(), area.bottom() + 15, area.width(), 15), int(Qt.AlignmentFlag.AlignHCenter), self.across
        )
        self._points(painter, area, paint)

    def _points(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        xs, ys = self.places()
        painter.save()
        painter.setClipRect(area.adjusted(-3, -3, 3, 3))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for won, token in ((False, "down"), (True, "up")):
            chosen = self._seen((self.y > 0) == won, xs, ys)
            colour = QColor(paint[token])
            colour.setAlphaF(0.75)
            painter.setPen(
                QPen(colour, 4.0 if chosen.size < 2000 else 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            )
            painter.drawPoints(QPolygonF([QPointF(a, b) for a, b in zip(xs[chosen].tolist(), ys[chosen].tolist())]))
        if 0 <= self.selected < xs.size:
            painter.setPen(QPen(paint["text"], 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(float(xs[self.selected]), float(ys[self.selected])), 5.5, 5.5)
        painter.restore()

    @staticmethod
    def _seen(wanted: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """Which points are painted: where many lie on one pixel, one of them."""
        chosen = np.flatnonzero(wanted)
        if chosen.size < 1500:
            return chosen
        pixels = np.round(xs[chosen]).astype(np.int64) * 100_000 + np.round(ys[chosen]).astype(np.int64)
        return chosen[np.unique(pixels, return_index=True)[1]]

    def trade_at(self, point: QPointF) -> int:
        """The trade nearest to a point, -1 when none is near."""
        if not self.x.size:
            return -1
        xs, ys = self.places()
        away = (xs - point.x()) ** 2 + (ys - point.y()) ** 2
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= REACH * REACH else -1

    def readout(self, point: QPointF) -> str:
        trade = self.trade_at(point)
        if trade < 0:
            return ""
        return tr("Trade {n}: {result}\n{across}: {x}").format(
            n=trade + 1,
            result=formats.percent(float(self.y[trade])),
            across=self.across,
            x=formats.percent(float(self.x[trade]), sign=False),
        )

    def draw_over(self, painter: QPainter, area: QRect, paint: Ink, point: QPointF) -> None:
        trade = self.trade_at(point)
        if trade >= 0:
            xs, ys = self.places()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(paint["text"], 1))
            painter.drawEllipse(QPointF(float(xs[trade]), float(ys[trade])), 5, 5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        trade = self.trade_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and trade >= 0:
            self.tradeClicked.emit(trade)

    def table(self) -> tuple[list[str], list[list[str]]]:
        rows = [[str(k + 1), f"{a:.6g}", f"{b:.6g}"] for k, (a, b) in enumerate(zip(self.x.tolist(), self.y.tolist()))]
        return [tr("Trade"), self.across, tr("Result")], rows


def _percent(value: float, span: float) -> str:
    if abs(value) < 1e-12:
        return "0 %"
    return formats.percent(value, 0 if span > 0.06 else 1 if span > 0.01 else 2, sign=False)
