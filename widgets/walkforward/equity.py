"""The stitched out-of-sample equity beside buy and hold, with its drawdown below and the borders of the windows."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPen
from PySide6.QtWidgets import QMenu

from widgets.ink import Ink
from widgets.plot import Plot, area_of, short
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.plots import Scale, nearest, span
from widgets.viewmodels.walkforward_curves import EMPTY, Curve


class EquityPlot(Plot):
    """momentClicked(ms): of the day that was clicked. A click on the legend takes buy and hold off and on."""

    momentClicked = Signal("qlonglong")
    cached = True

    def __init__(self) -> None:
        super().__init__(tr("Equity out of sample"))
        self.curve: Curve = EMPTY
        self.note = tr("Choose a strategy.")
        self.with_hold = True
        self.clicked.connect(self._click)

    def sizeHint(self) -> QSize:
        return QSize(400, 260)

    def set_curve(self, curve: Curve) -> None:
        self.curve = curve
        self.note = "" if len(curve) else tr("There is no day out of sample.")
        self.changed()

    def _areas(self) -> tuple[QRectF, QRectF]:
        whole = area_of(self, 46, 24, 10, 18)
        below = max(min(whole.height() * 0.27, 110), 20)
        upper = QRectF(whole.left(), whole.top(), whole.width(), whole.height() - below - 8)
        return upper, QRectF(whole.left(), whole.bottom() - below, whole.width(), below)

    def _x(self) -> Scale:
        area = self._areas()[0]
        return Scale(float(self.curve.ms[0]), float(self.curve.ms[-1]), area.left(), area.right())

    def menu(self) -> QMenu:
        menu = super().menu()
        hold = QAction(tr("Buy and hold"), menu, checkable=True, checked=self.with_hold)
        hold.toggled.connect(self.show_hold)
        menu.insertAction(menu.actions()[0], hold)
        return menu

    def show_hold(self, on: bool) -> None:
        self.with_hold = on
        self.changed()

    def _click(self, point: QPointF) -> None:
        if point.y() < 24:
            self.show_hold(not self.with_hold)
        elif len(self.curve):
            self.momentClicked.emit(int(self._x().value(point.x())))

    def _holding(self) -> np.ndarray:
        return self.curve.hold if self.with_hold else np.full(len(self.curve), np.nan)

    def draw(self, painter: QPainter, paint: Ink) -> None:
        upper, lower = self._areas()
        c, x = self.curve, self._x()
        lo, hi, log = span(c.equity, self._holding())
        y = Scale(lo, hi, upper.bottom(), upper.top(), log)
        fall = min(float(c.drawdown.min()) * 1.06, -0.001)
        d = Scale(fall, 0.0, lower.bottom(), lower.top())
        self.grid_y(painter, paint, upper, y, lambda v: f"{short(v)}×")
        self.grid_y(painter, paint, lower, d, lambda v: f"{v * 100:.0f} %", 2)
        self.grid_time(
            painter, paint, QRectF(upper.left(), upper.top(), upper.width(), lower.bottom() - upper.top()), x
        )
        painter.setPen(QPen(paint["grid_strong"], 1, Qt.PenStyle.DotLine))
        for border in c.borders:
            px = round(x.at(border)) + 0.5
            painter.drawLine(QLineF(px, upper.top(), px, lower.bottom()))
        self._curves(painter, paint, upper, lower, x, y, d)

    def draw_over(self, painter: QPainter, paint: Ink) -> None:
        upper, lower = self._areas()
        c, x = self.curve, self._x()
        lo, hi, log = span(c.equity, self._holding())
        y = Scale(lo, hi, upper.bottom(), upper.top(), log)
        at = self._hovered(x)
        self._legend(painter, paint, at)
        if at >= 0 and self.hover is not None:
            px = round(x.at(float(c.ms[at]))) + 0.5
            painter.setPen(QPen(paint["crosshair"], 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(px, upper.top(), px, lower.bottom()))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint["accent"])
            painter.drawEllipse(QPointF(px, y.at(float(c.equity[at]))), 3, 3)

    def _curves(
        self, painter: QPainter, paint: Ink, upper: QRectF, lower: QRectF, x: Scale, y: Scale, d: Scale
    ) -> None:
        c = self.curve
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        xs = x.all(c.ms)
        painter.setClipRect(upper)
        wash = QColor(paint["accent"])
        wash.setAlphaF(0.13)
        painter.setBrush(wash)
        self.fill(painter, xs, y.all(c.equity), upper.bottom())
        painter.setPen(QPen(paint["benchmark"], 1))
        self.line(painter, xs, y.all(self._holding()))
        if y.lo < 1.0 < y.hi:
            painter.setPen(QPen(paint["grid_strong"], 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(upper.left(), y.at(1.0), upper.right(), y.at(1.0)))
        painter.setPen(QPen(paint["accent"], 1))
        self.line(painter, xs, y.all(c.equity))
        painter.setClipRect(lower.adjusted(0, -1, 0, 1))
        red = QColor(paint["down"])
        red.setAlphaF(0.28)
        painter.setBrush(red)
        self.fill(painter, xs, d.all(c.drawdown), lower.top())
        painter.setPen(QPen(paint["down"], 1))
        self.line(painter, xs, d.all(c.drawdown))
        painter.restore()

    def _hovered(self, x: Scale) -> int:
        return nearest(self.curve.ms, x.value(self.hover.x())) if self.hover is not None else -1

    def _legend(self, painter: QPainter, paint: Ink, at: int) -> None:
        c = self.curve
        k = at if at >= 0 else len(c) - 1
        gain, hold = float(c.equity[k]) - 1.0, float(self._holding()[k]) - 1.0
        pieces = [
            (formats.day(int(c.ms[k])), "dim", ""),
            (tr("Out of sample"), "text", "accent"),
            (_gain(gain), "up" if gain >= 0 else "down", ""),
        ]
        if math.isfinite(hold):
            pieces += [(tr("Buy and hold"), "dim", "benchmark"), (_gain(hold), "dim", "")]
        pieces += [(tr("Drawdown"), "dim", "down"), (formats.percent(float(c.drawdown[k]), 1), "down", "")]
        painter.setFont(paint.small)
        left, width = 10.0, self.width() - 8
        for text, token, sample in pieces:
            size = painter.fontMetrics().horizontalAdvance(text)
            if left + size + (14 if sample else 0) > width:
                break
            if sample:
                painter.fillRect(QRectF(left, 11, 9, 3), paint[sample])
                left += 13
            painter.setPen(paint[token])
            painter.drawText(QPointF(left, 16), text)
            left += size + (5 if sample else 12)

    def values(self) -> str:
        if not len(self.curve):
            return ""
        rows = zip(
            *(a.tolist() for a in (self.curve.ms, self.curve.equity, self.curve.drawdown, self.curve.hold)), strict=True
        )
        lines = [
            f"{formats.day(int(ms))},{e:.8g},{d:.6g},{'' if math.isnan(h) else f'{h:.8g}'}" for ms, e, d, h in rows
        ]
        return "\n".join(["day,equity,drawdown,buy_and_hold", *lines]) + "\n"


def _gain(value: float) -> str:
    return formats.percent(value, 1 if abs(value) < 10 else 0)
