"""What could have happened: quantiles of the equity over many drawn paths, and what did."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.contracts.robustness import MonteCarloFan
from widgets.ink import Ink
from widgets.plot import Plot, area_of, short
from widgets.texts import tr
from widgets.viewmodels.plots import Scale, nearest, span


class FanPlot(Plot):
    """The fan of one strategy."""

    cached = True

    def __init__(self) -> None:
        super().__init__(tr("Monte Carlo"))
        self.fan: MonteCarloFan | None = None
        self.note = tr("Choose a strategy.")

    def sizeHint(self) -> QSize:
        return QSize(400, 240)

    def set_fan(self, fan: MonteCarloFan | None, note: str = "") -> None:
        self.fan = fan
        drawn = fan is not None and bool(fan.equity)
        self.note = "" if drawn else note or (fan.note if fan is not None else "") or tr("There is nothing to draw.")
        self.changed()

    def _scales(self) -> tuple[QRectF, Scale, Scale]:
        assert self.fan is not None
        area = area_of(self, 46, 24, 12, 18)
        lo, hi, log = span(np.array(self.fan.equity), np.array(self.fan.original))
        x = Scale(0.0, float(max(self.fan.steps[-1], 1)), area.left(), area.right())
        return area, x, Scale(lo, hi, area.bottom(), area.top(), log)

    def draw(self, painter: QPainter, paint: Ink) -> None:
        assert self.fan is not None
        area, x, y = self._scales()
        self.grid_y(painter, paint, area, y, lambda v: f"{short(v)}×")
        xs, rows = x.all(np.array(self.fan.steps, np.float64)), np.array(self.fan.equity)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(area)
        painter.setPen(Qt.PenStyle.NoPen)
        for k in range(len(rows) // 2):
            wash = QColor(paint["accent"])
            wash.setAlphaF(0.11)
            painter.setBrush(wash)
            upper, lower = y.all(rows[-1 - k]), y.all(rows[k])
            ring = [QPointF(a, b) for a, b in zip(xs.tolist(), upper.tolist(), strict=True)]
            ring += [QPointF(a, b) for a, b in zip(xs[::-1].tolist(), lower[::-1].tolist(), strict=True)]
            painter.drawPolygon(QPolygonF(ring))
        painter.setPen(QPen(paint["grid_strong"], 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(area.left(), y.at(1.0), area.right(), y.at(1.0)))
        painter.setPen(QPen(paint["dim"], 1))
        self.line(painter, xs, y.all(rows[len(rows) // 2]))
        painter.setPen(QPen(paint["ma2"], 1))
        self.line(painter, xs, y.all(np.array(self.fan.original)))
        painter.restore()
        self._labels(painter, paint, area)

    def _labels(self, painter: QPainter, paint: Ink, area: QRectF) -> None:
        assert self.fan is not None
        painter.setFont(paint.small)
        unit = tr("days") if self.fan.kind in ("bootstrap", "candles") else tr("trades")
        painter.setPen(paint["dim"])
        last = f"{self.fan.steps[-1]:,} {unit}"
        width = painter.fontMetrics().horizontalAdvance(last)
        painter.drawText(QPointF(area.right() - width, area.bottom() + 13), last)
        painter.drawText(QPointF(area.left(), area.bottom() + 13), "0")
        low, high = self.fan.quantiles[0], self.fan.quantiles[-1]
        pieces = [
            (tr("What happened"), "ma2"), (tr("Middle"), "dim"),
            (tr("{low} to {high} of the paths").format(low=f"{low:.0%}", high=f"{high:.0%}"), "accent"),
        ]  # fmt: skip
        left = 10.0
        for text, token in pieces:
            painter.fillRect(QRectF(left, 11, 9, 3), paint[token])
            painter.setPen(paint["dim"])
            painter.drawText(QPointF(left + 13, 16), text)
            left += 13 + painter.fontMetrics().horizontalAdvance(text) + 12

    def draw_over(self, painter: QPainter, paint: Ink) -> None:
        assert self.fan is not None
        area, x, _ = self._scales()
        unit = tr("days") if self.fan.kind in ("bootstrap", "candles") else tr("trades")
        if self.hover is not None and area.contains(self.hover):
            at = nearest(np.array(self.fan.steps, np.float64), x.value(self.hover.x()))
            px = round(x.at(self.fan.steps[at])) + 0.5
            painter.setPen(QPen(paint["crosshair"], 1, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(px, area.top(), px, area.bottom()))
            lines = [(f"{self.fan.steps[at]:,} {unit}", "text")]
            lines += [
                (f"{q:.0%}   {row[at]:,.2f}×", "dim")
                for q, row in zip(reversed(self.fan.quantiles), reversed(self.fan.equity), strict=True)
            ]
            lines.append((tr("What happened {x}×").format(x=f"{self.fan.original[at]:,.2f}"), "ma2"))
            self.tip(painter, paint, self.hover, lines)

    def values(self) -> str:
        if self.fan is None or not self.fan.equity:
            return ""
        head = ",".join(["step", *(f"q{q:g}" for q in self.fan.quantiles), "original"])
        columns = zip(self.fan.steps, *self.fan.equity, self.fan.original, strict=True)
        return "\n".join([head, *(",".join(f"{v:.8g}" for v in row) for row in columns)]) + "\n"
