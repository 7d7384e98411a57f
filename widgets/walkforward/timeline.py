"""The windows over time: train parts blue, test parts green or red by their result, grey while there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen

from engine.contracts.walkforward import FoldResult
from widgets.ink import Ink
from widgets.plot import Plot, area_of
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.plots import Scale
from widgets.viewmodels.walkforward_curves import fold_kind, params_text

_TOKENS = {"good": "up", "bad": "down", "none": "faint"}


class Timeline(Plot):
    """A row a window, the first at the top. foldClicked(number)."""

    foldClicked = Signal(int)

    def __init__(self) -> None:
        super().__init__(tr("Windows"))
        self.folds: Sequence[FoldResult] = ()
        self.judged = False
        self.current = -1
        self.note = tr("The train and test windows stand here once a walk-forward runs or is opened.")
        self.clicked.connect(self._click)

    def sizeHint(self) -> QSize:
        return QSize(400, 96)

    def set_folds(self, folds: Sequence[FoldResult], *, judged: bool) -> None:
        """judged: colour the test parts by their results."""
        self.folds, self.judged = folds, judged
        self.note = "" if folds else tr("The train and test windows stand here once a walk-forward runs or is opened.")
        self.current = min(self.current, len(folds) - 1)
        self.update()

    def set_current(self, number: int) -> None:
        self.current = number
        self.update()

    def _area(self) -> QRectF:
        return area_of(self, 8, 5, 8, 18)

    def _pitch(self) -> float:
        return self._area().height() / max(len(self.folds), 1)

    def _scale(self) -> Scale:
        area = self._area()
        return Scale(self.folds[0].train_from_ms, self.folds[-1].test_to_ms, area.left(), area.right())

    def _at(self, point: QPointF) -> int:
        if not self.folds or not self._area().adjusted(-8, -5, 8, 18).contains(point):
            return -1
        return min(max(int((point.y() - self._area().top()) / self._pitch()), 0), len(self.folds) - 1)

    def _click(self, point: QPointF) -> None:
        number = self._at(point)
        if number >= 0:
            self.foldClicked.emit(number)

    def draw(self, painter: QPainter, paint: Ink) -> None:
        area, scale, pitch = self._area(), self._scale(), self._pitch()
        self.grid_time(painter, paint, area, scale)
        painter.setPen(Qt.PenStyle.NoPen)
        height = max(min(pitch - 1, 9), 2)
        train, chosen = paint.mix("accent", "panel", 0.42), paint.mix("accent", "panel", 0.75)
        hovered = self._at(self.hover) if self.hover is not None else -1
        for k, fold in enumerate(self.folds):
            top = round(area.top() + k * pitch + (pitch - height) / 2)
            a, b, c, d = (
                round(scale.at(ms)) for ms in (fold.train_from_ms, fold.train_to_ms, fold.test_from_ms, fold.test_to_ms)
            )
            if k in (self.current, hovered):
                painter.fillRect(QRectF(area.left(), area.top() + k * pitch, area.width(), pitch), paint["raised"])
            painter.fillRect(QRectF(a, top, max(b - a - 1, 1), height), chosen if k == self.current else train)
            token = _TOKENS[fold_kind(fold)] if self.judged else "grid_strong"
            painter.fillRect(QRectF(c, top, max(d - c - 1, 2), height), paint[token])
            if self.judged and token == "down":
                # a notch, so that red and green differ for everybody
                painter.fillRect(
                    QRectF(c, top + height - max(height / 3, 1), max(d - c - 1, 2), max(height / 3, 1)), paint["panel"]
                )
            if k == self.current:
                painter.setPen(QPen(paint["text"], 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(c - 0.5, top - 0.5, max(d - c - 1, 2) + 1, height + 1))
                painter.setPen(Qt.PenStyle.NoPen)
        if hovered >= 0 and self.hover is not None:
            self.tip(painter, paint, self.hover, self._lines(hovered))

    def _lines(self, number: int) -> list[tuple[str, str]]:
        fold = self.folds[number]
        lines = [
            (tr("Window {n}").format(n=number + 1), "text"),
            (
                tr("Train {a} – {b}").format(a=formats.day(fold.train_from_ms), b=formats.day(fold.train_to_ms - 1)),
                "info",
            ),
            (tr("Test {a} – {b}").format(a=formats.day(fold.test_from_ms), b=formats.day(fold.test_to_ms - 1)), "dim"),
        ]
        gain = fold.test.get("total_return", math.nan)
        if self.judged and math.isfinite(gain):
            kind = fold_kind(fold)
            word = {"good": tr("profit"), "bad": tr("loss"), "none": tr("no trade")}[kind]
            lines.append((f"{formats.percent(gain, 1)} {word}", {"good": "up", "bad": "down", "none": "dim"}[kind]))
            lines.append((params_text(fold.params) if fold.chosen >= 0 else tr("none fit: stayed in cash"), "dim"))
        return lines
