"""The coverage map: a row a series, a cell a month, coloured by what is there; zoomed with the wheel."""

from __future__ import annotations

import math
from collections.abc import Hashable

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import ROW_HEIGHT, Ink, ink, painting
from widgets.texts import tr
from widgets.viewmodels import coverage as vm

MAP = 6
#: columns that make room where the map would be narrow
_GIVE_WAY = ((660, 4), (560, 3), (460, 1))
LEAST_MONTHS = 12


def colours(paint: Ink) -> tuple[QColor, ...]:
    """Of the states of a month, in their order."""
    return (
        paint["panel"],
        paint.mix("up", "panel", 0.62),
        paint.mix("ma5", "panel", 0.75),
        paint.mix("warn", "panel", 0.85),
        paint.mix("down", "panel", 0.85),
    )


class CoverageTable(FastTable):
    """The key of a row is (symbol, timeframe). monthClicked(key, month); zoomed(): other months are in view."""

    monthClicked = Signal(object, int)
    zoomed = Signal()

    def __init__(self, model: vm.CoverageModel) -> None:
        self.model_ = model
        self.view = (0.0, 1.0)
        super().__init__(
            [
                Column(tr("Symbol"), 116, LEFT),
                Column(tr("Market"), 84, LEFT),
                Column(tr("TF"), 40, LEFT),
                Column(tr("Bars"), 64, RIGHT),
                Column(tr("Size"), 64, RIGHT, tr("On disk")),
                Column(tr("Score"), 52, RIGHT, tr("Quality 0 to 100, once it was checked")),
                Column("", 200, LEFT, stretch=True),
            ]
        )
        self.setAccessibleName(tr("Coverage of the lake"))
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.horizontalHeader().sectionResized.connect(lambda *_a: self.zoomed.emit())
        self.sortAsked.connect(self._on_sort)
        self.show_sort(*model.sorted_by)
        self._runs: dict[int, list[tuple[int, int, int]]] = {}

    def reload(self) -> None:
        """The model changed."""
        self._runs.clear()
        first, last = self.model_.span()
        if not (first <= self.view[0] < self.view[1] <= last):
            self.view = (float(first), float(last))
        self.refreshed()
        self.zoomed.emit()

    # places
    def map_area(self) -> tuple[int, int]:
        """Left edge and width of the map column in the viewport."""
        header = self.horizontalHeader()
        return header.sectionViewportPosition(MAP) + 8, max(header.sectionSize(MAP) - 14, 1)

    def x_of(self, month: float) -> float:
        left, width = self.map_area()
        return left + (month - self.view[0]) / (self.view[1] - self.view[0]) * width

    def month_at(self, x: float) -> int:
        left, width = self.map_area()
        return math.floor(self.view[0] + (x - left) / width * (self.view[1] - self.view[0]))

    def zoom(self, factor: float, at_x: float) -> None:
        """Show fewer (factor < 1) or more months around a place."""
        first, last = self.model_.span()
        left, width = self.map_area()
        share = min(max((at_x - left) / width, 0.0), 1.0)
        low, high = self.view
        length = min(max((high - low) * factor, LEAST_MONTHS), last - first)
        start = low + share * ((high - low) - length)
        self._look(start, length)

    def pan(self, months: float) -> None:
        self._look(self.view[0] + months, self.view[1] - self.view[0])

    def show_all(self) -> None:
        first, last = self.model_.span()
        self._look(first, last - first)

    def _look(self, start: float, length: float) -> None:
        first, last = self.model_.span()
        start = min(max(start, first), last - length)
        self.view = (float(start), float(start + length))
        self.viewport().update()
        self.zoomed.emit()

    # the table
    def row_count(self) -> int:
        return len(self.model_.rows)

    def row_key(self, row: int) -> Hashable:
        return self.model_.rows[row].key

    def row_text(self, row: int) -> list[str]:
        return vm.cells(self.model_.rows[row])

    def row_tip(self, row: int, column: int) -> str:
        return vm.summary(self.model_.rows[row]) if column != MAP else ""

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        shades = colours(paint)
        for row in range(first, last):
            found = self.model_.rows[row]
            texts = vm.cells(found)
            for slot in slots:
                if slot.column == MAP:
                    self._paint_map(painter, row, found, shades)
                    continue
                token = "text" if slot.column == 0 else "dim"
                if slot.column == 5 and found.quality is not None:
                    token = "up" if found.score >= 95 else "warn" if found.score >= 80 else "down"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, texts[slot.column], pad=5)
        self._paint_borders(painter, paint)

    def _paint_borders(self, painter: QPainter, paint: Ink) -> None:
        """Between months, once they are wide enough to be told apart."""
        width = self.map_area()[1]
        if width / (self.view[1] - self.view[0]) >= 9:
            painter.setPen(paint["panel"])
            for month in range(math.ceil(self.view[0]), math.floor(self.view[1]) + 1):
                x = round(self.x_of(month))
                painter.drawLine(x, 0, x, self.viewport().height())

    def _paint_map(self, painter: QPainter, row: int, found: vm.Row, shades: tuple[QColor, ...]) -> None:
        left, width = self.map_area()
        top = self.row_top(row) + 4
        runs = self._runs.get(id(found))
        if runs is None:
            runs = self._runs[id(found)] = vm.runs_of(found.states)
        for a, b, state in runs:
            x0, x1 = round(self.x_of(found.first_month + a)), round(self.x_of(found.first_month + b))
            x0, x1 = max(x0, left), min(max(x1, x0 + 1), left + width)
            if x1 > x0:
                painter.fillRect(x0, top, x1 - x0, ROW_HEIGHT - 8, shades[state])

    def _on_sort(self, column: int, descending: bool) -> None:
        self.model_.sorted_by = (column, descending)
        self.model_.arrange()
        self.refreshed()

    def resizeEvent(self, event: object) -> None:  # type: ignore[override]
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, self.width() < width)
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.zoomed.emit()

    # mouse
    def hovered(self, point: QPoint) -> str:
        """What is under the mouse in the map, '' = nothing."""
        row = self.row_at(point)
        left, width = self.map_area()
        if row < 0 or not left <= point.x() < left + width:
            return ""
        return vm.month_text(self.model_.rows[row], self.month_at(point.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        text = self.hovered(event.position().toPoint())
        if text:
            QToolTip.showText(event.globalPosition().toPoint() + QPoint(8, 4), text, self.viewport())
        else:
            QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        point = event.position().toPoint()
        plain = not event.modifiers() and event.button() == Qt.MouseButton.LeftButton
        if plain and self.hovered(point):
            self.monthClicked.emit(self.row_key(self.row_at(point)), self.month_at(point.x()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self.zoom(0.8 ** (event.angleDelta().y() / 120), event.position().x())
            event.accept()
            return
        super().wheelEvent(event)


class YearAxis(QWidget):
    """Years (and months, once there is room) above the map. Wheel zooms, dragging moves, a double click shows all."""

    def __init__(self, table: CoverageTable) -> None:
        super().__init__()
        self._table = table
        self._pressed: tuple[float, tuple[float, float]] | None = None
        self.setFixedHeight(20)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr("Wheel: zoom; drag: move; double click: all years"))
        table.zoomed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint, table = ink(), self._table
        with painting(self) as painter:
            painter.fillRect(self.rect(), paint["panel"])
            painter.setFont(paint.small)
            self._legend(painter, paint)
            if not table.model_.every:
                return
            left, width = table.map_area()
            low, high = table.view
            each = width / (high - low)
            step = 1 if each >= 22 else 3 if each >= 9 else 12 if each * 12 >= 34 else 24 if each * 24 >= 34 else 60
            month = -(-int(low) // step) * step
            while month < high:
                x = round(table.x_of(month))
                if x >= left - 1:
                    whole = month % 12 == 0
                    painter.setPen(paint["text" if whole else "dim"])
                    text = f"{1970 + month // 12}" if whole else f"{month % 12 + 1:02d}"
                    painter.drawLine(x, 14, x, 20)
                    painter.drawText(QRect(x + 3, 2, 40, 16), int(Qt.AlignmentFlag.AlignLeft), text)
                month += step

    def _legend(self, painter: QPainter, paint: Ink) -> None:
        """What the colours say, left of the map."""
        x, room = 8, self._table.map_area()[0] - 8
        for state, shade in enumerate(colours(paint)):
            if state == vm.NONE or x + 14 > room:
                continue
            painter.fillRect(x, 6, 9, 9, shade)
            text = (tr("full"), tr("few holes"), "> 2 %", "> 30 %")[state - 1]
            width = painter.fontMetrics().horizontalAdvance(text)
            if x + 14 + width > room:
                x += 14
                continue
            painter.setPen(paint["dim"])
            painter.drawText(x + 12, 15, text)
            x += width + 22

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self._table.zoom(0.8 ** (event.angleDelta().y() / 120), event.position().x())
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = (event.position().x(), self._table.view)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            x, view = self._pressed
            months = (x - event.position().x()) / self._table.map_area()[1] * (view[1] - view[0])
            self._table.pan(view[0] + months - self._table.view[0])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._table.show_all()
