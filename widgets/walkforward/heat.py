"""Heat maps: the objective over two parameters with the chosen set and the plateau, and the matrix of lengths."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.ink import CENTRE, RIGHT, Ink
from widgets.plot import Plot, area_of
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.walkforward_grid import Slice, outline, plateau

#: pixels a cell needs for its value
_TEXT_WIDTH, _TEXT_HEIGHT = 34, 15
#: pixels it has at most
_MOST_WIDTH, _MOST_HEIGHT = 170, 96


def colour(value: float, lo: float, hi: float, paint: Ink) -> QColor:
    """Red below 0 and green above, stronger the further from it; the scale's ends are the strongest. A scale on one
    side of 0 runs from faint to strong over its whole length."""
    if not math.isfinite(value):
        return paint["panel"]
    if (lo >= 0 or hi <= 0) and hi > lo:
        share = min(max((value - lo) / (hi - lo), 0.0), 1.0)
        if lo >= 0:
            return paint.mix("up", "panel", 0.12 + 0.73 * share)
        return paint.mix("down", "panel", 0.75 - 0.65 * share)
    if value >= 0:
        return paint.mix("up", "panel", 0.10 + 0.75 * min(value / hi if hi > 0 else 0.0, 1.0))
    return paint.mix("down", "panel", 0.10 + 0.65 * min(value / lo if lo < 0 else 0.0, 1.0))


class HeatPlot(Plot):
    """cells: float64[rows, columns], the first row at the bottom (at the top with `down`). cellClicked(row, column)."""

    cellClicked = Signal(int, int)

    def __init__(self, name: str, *, down: bool = False) -> None:
        super().__init__(name)
        self.cells = np.empty((0, 0))
        self.xs: Sequence[str] = ()
        self.ys: Sequence[str] = ()
        self.x_title = self.y_title = ""
        self.lo, self.hi = -1.0, 1.0
        self.down = down
        self.field = np.zeros((0, 0), bool)
        self.marks: dict[tuple[int, int], int] = {}
        self.text: Callable[[float], str] = lambda v: f"{v:.2f}".replace("-", formats.MINUS)
        self.lines: Callable[[int, int], list[tuple[str, str]]] = lambda _r, _c: []
        self.clicked.connect(self._click)

    def sizeHint(self) -> QSize:
        return QSize(360, 240)

    def set_slice(self, found: Slice, lo: float, hi: float) -> None:
        """Parameters with what was chosen; lo, hi: of the colour scale, the same for all windows."""
        self.cells, self.lo, self.hi = found.values, lo, hi
        self.xs = [formats.trimmed(v) for v in found.xs]
        self.ys = [formats.trimmed(v) for v in found.ys] if found.x != found.y else [""]
        self.x_title, self.y_title = found.x, found.y if found.x != found.y else ""
        self.marks, self.field = dict(found.chosen), plateau(found.values)
        self.note = "" if found.values.size else tr("There is nothing to draw.")
        self.update()

    def set_matrix(self, values: np.ndarray, xs: Sequence[str], ys: Sequence[str], titles: tuple[str, str]) -> None:
        known = np.abs(values[np.isfinite(values)])
        most = float(known.max()) if len(known) else 1.0
        self.cells, self.lo, self.hi, self.xs, self.ys = values, -most, most, xs, ys
        self.x_title, self.y_title = titles
        self.field, self.marks = plateau(values), {}
        self.note = ""
        self.update()

    # geometry -------------------------------------------------------------------------------------------------------
    def _area(self) -> QRectF:
        metrics = self.fontMetrics()
        left = 12 + max((metrics.horizontalAdvance(y) for y in self.ys), default=0) + (16 if self.y_title else 0)
        whole = area_of(self, max(left, 24), 8, 62, 34)
        rows, columns = self.cells.shape
        size = QSizeF(
            min(whole.width(), max(columns, 1) * _MOST_WIDTH), min(whole.height(), max(rows, 1) * _MOST_HEIGHT)
        )
        return QRectF(whole.topLeft(), size)

    def _cell(self, row: int, column: int) -> QRectF:
        area, (rows, columns) = self._area(), self.cells.shape
        place = row if self.down else rows - 1 - row
        x0, x1 = (round(area.left() + area.width() * k / columns) for k in (column, column + 1))
        y0, y1 = (round(area.top() + area.height() * k / rows) for k in (place, place + 1))
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def at(self, point: QPointF) -> tuple[int, int] | None:
        area, (rows, columns) = self._area(), self.cells.shape
        if not rows or not columns or not area.contains(point):
            return None
        column = min(int((point.x() - area.left()) / area.width() * columns), columns - 1)
        place = min(int((point.y() - area.top()) / area.height() * rows), rows - 1)
        return (place if self.down else rows - 1 - place), column

    def _click(self, point: QPointF) -> None:
        if (cell := self.at(point)) is not None:
            self.cellClicked.emit(*cell)

    # painting -------------------------------------------------------------------------------------------------------
    def draw(self, painter: QPainter, paint: Ink) -> None:
        rows, columns = self.cells.shape
        painter.setFont(paint.small)
        for row in range(rows):
            for column in range(columns):
                box, value = self._cell(row, column), float(self.cells[row, column])
                painter.fillRect(box.adjusted(0, 0, -1, -1), colour(value, self.lo, self.hi, paint))
                if math.isfinite(value) and box.width() >= _TEXT_WIDTH and box.height() >= _TEXT_HEIGHT:
                    painter.setPen(paint["text"])
                    painter.drawText(box, CENTRE, self.text(value))
        self._draw_field(painter, paint)
        self._draw_marks(painter, paint)
        self._axes(painter, paint)
        self._bar(painter, paint)
        if self.hover is not None and (cell := self.at(self.hover)) is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(paint["text"], 1))
            painter.drawRect(self._cell(*cell).adjusted(0.5, 0.5, -1.5, -1.5))
            self.tip(painter, paint, self.hover, self._tip(*cell))

    def _draw_field(self, painter: QPainter, paint: Ink) -> None:
        if not self.field.any():
            return
        rows = self.cells.shape[0]
        area, (_, columns) = self._area(), self.cells.shape

        def corner(row: int, column: int) -> QPointF:
            place = row if self.down else rows - row
            return QPointF(
                round(area.left() + area.width() * column / columns) - 0.5,
                round(area.top() + area.height() * place / rows) - 0.5,
            )

        painter.setPen(QPen(paint["ma5"], 2))
        for r0, c0, r1, c1 in outline(self.field):
            painter.drawLine(QLineF(corner(r0, c0), corner(r1, c1)))

    def _draw_marks(self, painter: QPainter, paint: Ink) -> None:
        """A cross at each chosen set, larger the more often it was."""
        if not self.marks:
            return
        most = max(self.marks.values())
        painter.save()
        for (row, column), count in self.marks.items():
            box = self._cell(row, column)
            crowded = box.width() >= _TEXT_WIDTH and box.height() >= _TEXT_HEIGHT
            centre = QPointF(box.left() + 7, box.top() + 7) if crowded else box.center()
            size = (3.0 + 2.0 * count / most) if crowded else min(4.0 + 4.0 * count / most, box.width() / 2)
            for colour_, width in (("background", 4), ("text", 2)):
                painter.setPen(QPen(paint[colour_], width))
                painter.drawLine(QLineF(centre.x() - size, centre.y(), centre.x() + size, centre.y()))
                painter.drawLine(QLineF(centre.x(), centre.y() - size, centre.x(), centre.y() + size))
            if most > 1 and crowded and box.width() >= 46 and box.height() >= 26:
                painter.setFont(paint.small)
                painter.setPen(paint["text"])
                painter.drawText(
                    box.adjusted(0, 2, -4, 0), int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight), f"{count}×"
                )
        painter.restore()

    def _axes(self, painter: QPainter, paint: Ink) -> None:
        area = self._area()
        painter.setFont(paint.small)
        painter.setPen(paint["dim"])
        metrics = painter.fontMetrics()
        last = -1e9
        for column, text in enumerate(self.xs):
            box = self._cell(0, column)
            width = metrics.horizontalAdvance(text)
            left = box.center().x() - width / 2
            if left > last + 6:
                painter.drawText(QPointF(left, area.bottom() + 13), text)
                last = left + width
        above = -1e9
        for row in range(len(self.ys)):
            box = self._cell(row, 0)
            if abs(box.center().y() - above) >= 13:
                painter.drawText(QRectF(0, box.center().y() - 8, area.left() - 6, 16), RIGHT, self.ys[row])
                above = box.center().y()
        painter.setPen(paint["text"])
        painter.drawText(QRectF(area.left(), area.bottom() + 16, area.width(), 16), CENTRE, self.x_title)
        if self.y_title:
            painter.save()
            painter.translate(9, area.center().y())
            painter.rotate(-90)
            painter.drawText(QRectF(-area.height() / 2, -8, area.height(), 16), CENTRE, self.y_title)
            painter.restore()

    def _bar(self, painter: QPainter, paint: Ink) -> None:
        """The colour scale at the right."""
        area = self._area()
        height = max(int(area.height()), 1)
        left = area.right() + 10
        for k in range(0, height, 2):
            value = self.hi - (self.hi - self.lo) * k / height
            painter.fillRect(QRectF(left, area.top() + k, 9, 2), colour(value, self.lo, self.hi, paint))
        painter.setFont(paint.small)
        painter.setPen(paint["dim"])
        marks = [(self.hi, area.top()), (self.lo, area.bottom())]
        if self.lo < 0 < self.hi:
            zero = area.top() + height * self.hi / (self.hi - self.lo)
            if 14 < zero - area.top() < height - 14:
                marks.append((0.0, zero))
        for value, y in marks:
            painter.drawText(QRectF(left + 13, y - 8, 40, 16), int(Qt.AlignmentFlag.AlignVCenter), self.text(value))

    def _tip(self, row: int, column: int) -> list[tuple[str, str]]:
        value = float(self.cells[row, column])
        where = f"{self.x_title} {self.xs[column]}" + (f", {self.y_title} {self.ys[row]}" if self.y_title else "")
        lines = [(where, "text"), (formats.number(value, 3), "up" if value > 0 else "down" if value < 0 else "dim")]
        if count := self.marks.get((row, column)):
            lines.append((tr("chosen {n} times").format(n=count) if count > 1 else tr("chosen"), "text"))
        if self.field.size and self.field[row, column]:
            lines.append((tr("on the plateau"), "ma5"))
        return [*lines, *self.lines(row, column)]

    def values(self) -> str:
        if not self.cells.size:
            return ""
        head = ",".join([f"{self.y_title}\\{self.x_title}", *self.xs])
        lines = [
            ",".join([y, *("" if math.isnan(v) else f"{v:.8g}" for v in row)])
            for y, row in zip(self.ys, self.cells.tolist(), strict=True)
        ]
        return "\n".join([head, *lines]) + "\n"


class DriftPlot(Plot):
    """Which value of each parameter every window chose: the higher the brighter. foldClicked(number)."""

    foldClicked = Signal(int)

    def __init__(self) -> None:
        super().__init__(tr("Choice from window to window"))
        self.names: Sequence[str] = ()
        self.axes: Sequence[np.ndarray] = ()
        self.steps = np.empty((0, 0), np.int64)
        self.current = -1
        self.clicked.connect(self._click)

    def set_drift(self, names: Sequence[str], axes: Sequence[np.ndarray], steps: np.ndarray) -> None:
        """steps: int64[parameters, windows], -1 where none was chosen."""
        self.names, self.axes, self.steps = names, axes, steps
        self.note = "" if steps.size else tr("No parameter was searched.")
        self.setFixedHeight(max(20 * len(names) + 18, 40))
        self.update()

    def set_current(self, number: int) -> None:
        self.current = number
        self.update()

    def _area(self) -> QRectF:
        left = max((self.fontMetrics().horizontalAdvance(n) for n in self.names), default=20) + 16
        return area_of(self, min(left, 120), 2, 8, 16)

    def _box(self, row: int, column: int) -> QRectF:
        area, (rows, columns) = self._area(), self.steps.shape
        x0, x1 = (round(area.left() + area.width() * k / columns) for k in (column, column + 1))
        y0, y1 = (round(area.top() + area.height() * k / rows) for k in (row, row + 1))
        return QRectF(x0, y0, x1 - x0 - 1, y1 - y0 - 2)

    def _at(self, point: QPointF) -> int:
        area = self._area()
        if not self.steps.size or not area.left() <= point.x() <= area.right():
            return -1
        return min(int((point.x() - area.left()) / area.width() * self.steps.shape[1]), self.steps.shape[1] - 1)

    def _click(self, point: QPointF) -> None:
        if (number := self._at(point)) >= 0:
            self.foldClicked.emit(number)

    def draw(self, painter: QPainter, paint: Ink) -> None:
        area = self._area()
        painter.setFont(paint.small)
        rows, columns = self.steps.shape
        for row in range(rows):
            painter.setPen(paint["dim"])
            painter.drawText(
                QRectF(6, self._box(row, 0).top(), area.left() - 12, self._box(row, 0).height()), RIGHT, self.names[row]
            )
            for column in range(columns):
                box, step = self._box(row, column), int(self.steps[row, column])
                if step < 0:
                    painter.fillRect(box, paint["raised"])
                    continue
                top = max(len(self.axes[row]) - 1, 1)
                painter.fillRect(box, paint.mix("accent", "panel", 0.18 + 0.62 * step / top))
                text = formats.trimmed(float(self.axes[row][step]))
                if painter.fontMetrics().horizontalAdvance(text) <= box.width():
                    painter.setPen(paint["text"])
                    painter.drawText(box, CENTRE, text)
        self._numbers(painter, paint, area)

    def _numbers(self, painter: QPainter, paint: Ink, area: QRectF) -> None:
        last = -1e9
        for column in range(self.steps.shape[1]):
            box, text = self._box(0, column), str(column + 1)
            width = painter.fontMetrics().horizontalAdvance(text)
            left = box.center().x() - width / 2
            if left > last + 6:
                painter.setPen(paint["text" if column == self.current else "dim"])
                painter.drawText(QPointF(left, area.bottom() + 12), text)
                last = left + width
        if 0 <= self.current < self.steps.shape[1]:
            box = self._box(0, self.current)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(paint["text"], 1))
            painter.drawRect(QRectF(box.left() - 0.5, area.top() - 0.5, box.width(), area.height() - 1))
        if self.hover is not None and (at := self._at(self.hover)) >= 0:
            lines = [(tr("Window {n}").format(n=at + 1), "text")]
            for name, axis, step in zip(self.names, self.axes, self.steps[:, at].tolist(), strict=True):
                lines.append((f"{name} {formats.trimmed(float(axis[step])) if step >= 0 else formats.MISSING}", "dim"))
            self.tip(painter, paint, self.hover, lines)

    def values(self) -> str:
        if not self.steps.size:
            return ""
        head = ",".join(["window", *self.names])
        lines = [
            ",".join(
                [
                    str(w + 1),
                    *(formats.trimmed(float(a[s])) if s >= 0 else "" for a, s in zip(self.axes, self.steps[:, w])),
                ]
            )
            for w in range(self.steps.shape[1])
        ]
        return "\n".join([head, *lines]) + "\n"
