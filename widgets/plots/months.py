"""The monthly table: a row a year, a coloured cell a month, the year's sum beside buy and hold."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy

from engine.contracts.reports import MonthRow
from widgets.ink import Ink
from widgets.plots.base import Plot
from widgets.texts import mark, tr
from widgets.viewmodels import formats, plot_shapes

MONTHS = (
    mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"),
    mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec"),
)  # fmt: skip
ROW = 21


class MonthTable(Plot):
    """monthClicked(year, month 1..12)."""

    monthClicked = Signal(int, int)

    def __init__(self, heading: str = "") -> None:
        super().__init__(heading, 60)
        self.rows: list[MonthRow] = []
        self._strongest = 1.0
        self.margins = (44, 22, 6, 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: list[MonthRow]) -> None:
        self.rows = rows
        self._strongest = plot_shapes.strongest_of([v for r in rows for v in r.months if v is not None]) or 1.0
        self._height = (26 if self.heading else 8) + ROW * (len(rows) + 1) + 6
        self.setFixedHeight(self._height if rows else 60)
        self.updateGeometry()
        self.changed()

    def sizeHint(self) -> QSize:
        return QSize(360, self._height)

    def empty_text(self) -> str:
        return "" if self.rows else self.nothing

    def cell(self, row: int, column: int) -> QRect:
        """Column 0..11 the months, 12 the year, 13 buy and hold."""
        area = self.area()
        width = area.width() / 14
        left, right = round(area.left() + column * width), round(area.left() + (column + 1) * width)
        return QRect(left, area.top() + ROW * (row + 1), right - left - 1, ROW - 1)

    def value(self, row: int, column: int) -> float | None:
        found = self.rows[row]
        return found.months[column] if column < 12 else found.total if column == 12 else found.benchmark

    def draw(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        centre = int(Qt.AlignmentFlag.AlignCenter)
        wide = self.cell(0, 0).width()
        painter.setPen(paint["dim"])
        for column, name in enumerate([*MONTHS, mark("Year"), mark("Hold")]):
            text = tr(name)
            box = self.cell(-1, column)
            if painter.fontMetrics().horizontalAdvance(text) > box.width():
                text = text[:1]
            painter.drawText(box, centre, text)
        for number, row in enumerate(self.rows):
            painter.setPen(paint["dim"])
            label = QRect(10, area.top() + ROW * (number + 1), area.left() - 14, ROW)
            painter.drawText(label, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), str(row.year))
            for column in range(14):
                value = self.value(number, column)
                if value is None or value != value:
                    continue
                strength = plot_shapes.heat(value, self._strongest * (1 if column < 12 else 3))
                box = self.cell(number, column)
                if column < 13:
                    painter.fillRect(
                        box, paint.mix("up" if value >= 0 else "down", "panel", 0.08 + 0.62 * abs(strength))
                    )
                painter.setPen(paint["text" if column < 13 else "dim"])
                painter.drawText(box, centre, _short(value, wide))

    def _place(self, point: QPointF) -> tuple[int, int] | None:
        for row in range(len(self.rows)):
            for column in range(14):
                if self.cell(row, column).contains(point.toPoint()):
                    return row, column
        return None

    def readout(self, point: QPointF) -> str:
        place = self._place(point)
        if place is None:
            return ""
        value = self.value(*place)
        if value is None or value != value:
            return ""
        year = self.rows[place[0]].year
        name = tr(MONTHS[place[1]]) if place[1] < 12 else tr("whole year") if place[1] == 12 else tr("buy and hold")
        return f"{name} {year}: {formats.percent(value)}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None and place[1] < 12:
            self.monthClicked.emit(self.rows[place[0]].year, place[1] + 1)

    def table(self) -> tuple[list[str], list[list[str]]]:
        heads = [tr("Year"), *(tr(m) for m in MONTHS), tr("Total"), tr("Hold")]
        rows = [
            [str(r.year), *("" if v is None else f"{v:.6g}" for v in (*r.months, r.total, r.benchmark))]
            for r in self.rows
        ]
        return heads, rows


def _short(value: float, width: int) -> str:
    """A return in percent without the sign for percent: as many digits as fit."""
    percent = value * 100
    decimals = 1 if abs(percent) < 99.95 and width >= 30 else 0
    text = f"{percent:+.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", formats.MINUS)
