"""What every window made in its test part, beside what the chosen set had made in train in as long a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen

from engine.contracts.walkforward import FoldResult
from widgets.ink import Ink
from widgets.plot import Plot, area_of
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.plots import Scale, span
from widgets.viewmodels.walkforward_curves import scaled_train


class FoldBars(Plot):
    """A bar a window. foldClicked(number)."""

    foldClicked = Signal(int)

    def __init__(self) -> None:
        super().__init__(tr("Return of the windows"))
        self.gains, self.inside = np.empty(0), np.empty(0)
        self.current = -1
        self.clicked.connect(self._click)

    def sizeHint(self) -> QSize:
        return QSize(360, 110)

    def set_folds(self, folds: Sequence[FoldResult]) -> None:
        self.gains = np.array([fold.test.get("total_return", math.nan) for fold in folds], np.float64)
        self.inside = np.array([scaled_train(fold) for fold in folds], np.float64)
        self.note = "" if len(folds) else tr("There is no window.")
        self.update()

    def set_current(self, number: int) -> None:
        self.current = number
        self.update()

    def _area(self) -> QRectF:
        return area_of(self, 46, 20, 8, 4)

    def _at(self, point: QPointF) -> int:
        area = self._area()
        if not len(self.gains) or not area.left() <= point.x() <= area.right():
            return -1
        return min(int((point.x() - area.left()) / area.width() * len(self.gains)), len(self.gains) - 1)

    def _click(self, point: QPointF) -> None:
        if (number := self._at(point)) >= 0:
            self.foldClicked.emit(number)

    def draw(self, painter: QPainter, paint: Ink) -> None:
        area = self._area()
        # a train part that multiplied does not flatten the bars
        most = 3 * float(np.nanmax(np.abs(self.gains))) if np.isfinite(self.gains).any() else 1.0
        inside = np.clip(self.inside, -most, most)
        lo, hi, _ = span(self.gains, inside, np.zeros(1), wide=math.inf)
        y = Scale(lo, hi, area.bottom(), area.top())
        self.grid_y(painter, paint, area, y, lambda v: f"{v * 100:.0f} %".replace("-", formats.MINUS), 4)
        zero, hovered = round(y.at(0.0)), self._at(self.hover) if self.hover is not None else -1
        pitch = area.width() / len(self.gains)
        for k, gain in enumerate(self.gains.tolist()):
            left, right = round(area.left() + k * pitch) + 1, round(area.left() + (k + 1) * pitch) - 1
            if k in (self.current, hovered):
                painter.fillRect(QRectF(left - 1, area.top(), right - left + 2, area.height()), paint["raised"])
            if math.isfinite(gain) and gain:
                top, bottom = sorted((zero, round(y.at(gain))))
                painter.fillRect(
                    QRectF(left, top, max(right - left, 1), max(bottom - top, 1)), paint["up" if gain > 0 else "down"]
                )
            if math.isfinite(inside[k]):
                painter.setPen(QPen(paint["accent"], 2))
                at = round(y.at(float(inside[k])))
                painter.drawLine(QLineF(left, at, right, at))
        painter.setPen(QPen(paint["grid_strong"], 1))
        painter.drawLine(QLineF(area.left(), zero + 0.5, area.right(), zero + 0.5))
        self._legend(painter, paint)
        if hovered >= 0 and self.hover is not None:
            self.tip(painter, paint, self.hover, self._lines(hovered))

    def _legend(self, painter: QPainter, paint: Ink) -> None:
        painter.setFont(paint.small)
        left = 10.0
        for text, token in ((tr("Return in test"), "up"), (tr("The chosen set in train, in as long a time"), "accent")):
            painter.fillRect(QRectF(left, 8, 9, 3), paint[token])
            painter.setPen(paint["dim"])
            painter.drawText(QPointF(left + 13, 13), text)
            left += 25 + painter.fontMetrics().horizontalAdvance(text)
        painter.setPen(Qt.PenStyle.NoPen)

    def _lines(self, k: int) -> list[tuple[str, str]]:
        gain, inside = float(self.gains[k]), float(self.inside[k])
        return [
            (tr("Window {n}").format(n=k + 1), "text"),
            (tr("Test {x}").format(x=formats.percent(gain, 1)), "up" if gain > 0 else "down" if gain < 0 else "dim"),
            (tr("Train {x} in as long a time").format(x=formats.percent(inside, 1)), "info"),
        ]

    def values(self) -> str:
        if not len(self.gains):
            return ""
        rows = enumerate(zip(self.gains.tolist(), self.inside.tolist(), strict=True), 1)
        return (
            "\n".join(["window,test_return,train_return_scaled", *(f"{n},{a:.8g},{b:.8g}" for n, (a, b) in rows)])
            + "\n"
        )
