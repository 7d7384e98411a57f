"""The parts of a back-test's report that are painted: the ten figures, and the table of trades."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QEvent, QRect, QSize, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import Ink, ink, painting
from widgets.viewmodels import backtest as vm

_CELL_HEIGHT = 40


class FigureGrid(QWidget):
    """Ten figures, in rows of five, or of four where the panel is narrow; the meaning is in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: list[vm.Figure] = []
        self._big: QFont = theme.font(15, bold=True)
        self._small: QFont = theme.font(13, bold=True)
        self.setAccessibleName("Figures")
        self.setMouseTracking(True)

    def show_figures(self, figures: list[vm.Figure]) -> None:
        self.figures = figures
        self.updateGeometry()
        self.setFixedHeight(self.heightForWidth(self.width()))
        self.update()

    def columns(self) -> int:
        return 5 if self.width() >= 400 else 4

    def heightForWidth(self, width: int) -> int:
        return -(-len(self.figures) // self.columns()) * _CELL_HEIGHT + 6

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(self.width()))

    def resizeEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self.setFixedHeight(self.heightForWidth(self.width()))

    def cell(self, number: int) -> QRect:
        columns = self.columns()
        width = (self.width() - 20) // columns
        return QRect(10 + number % columns * width, 4 + number // columns * _CELL_HEIGHT, width, _CELL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        with painting(self) as painter:
            for number, figure in enumerate(self.figures):
                box = self.cell(number)
                painter.setFont(paint.small)
                painter.setPen(paint["dim"])
                painter.drawText(QRect(box.x(), box.y(), box.width() - 4, 16), LEFT, figure.name)
                painter.setFont(self._big if self.width() >= 400 else self._small)
                painter.setPen(paint[{"good": "up", "bad": "down"}.get(figure.tone, "text")])
                painter.drawText(QRect(box.x(), box.y() + 15, box.width() - 2, 22), LEFT, figure.text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        hit = next((f for k, f in enumerate(self.figures) if self.cell(k).contains(point)), None)
        self.setToolTip(f"{hit.name}: {hit.text}\n{hit.tip}" if hit else "")


_COLUMNS = [
    Column("#", 36, RIGHT),
    Column("Side", 54, LEFT),
    Column("Entry", 134, LEFT, "UTC"),
    Column("Exit", 134, LEFT, "UTC"),
    Column("In", 78, RIGHT),
    Column("Out", 78, RIGHT),
    Column("P/L", 72, RIGHT, "After fees, slippage and funding, in the account's currency"),
    Column("P/L %", 68, RIGHT, "Price move in the trade's favour, before costs"),
    Column("Bars", 48, RIGHT),
    Column("Reason", 80, LEFT, stretch=True),
]
#: columns that make room where the table is narrower than this.
_GIVE_WAY = ((760, 8), (700, 3), (580, 5), (500, 4), (420, 7))


class TradesTable(FastTable):
    """tradeActivated(row of the result): jump to its entry."""

    tradeActivated = Signal(int)

    def __init__(self) -> None:
        self.trades = vm.Trades()
        super().__init__(_COLUMNS)
        self.setAccessibleName("Trades")
        self.rowActivated.connect(lambda key: self.tradeActivated.emit(int(key)))
        self.sortAsked.connect(self._on_sort)
        self.show_sort(0, False)

    def show_trades(self, trades: vm.Trades) -> None:
        self.trades = trades
        self.select(None)
        self.show_sort(0, False)
        self.verticalScrollBar().setValue(0)
        self.refreshed()

    def row_count(self) -> int:
        return len(self.trades)

    def row_key(self, row: int) -> Hashable:
        return int(self.trades.order[row])

    def row_text(self, row: int) -> list[str]:
        return self.trades.cells(row)

    def row_tip(self, row: int, column: int) -> str:
        cells = self.trades.cells(row)
        at = self.trades.rows[int(self.trades.order[row])]
        return (
            f"Trade {cells[0]}, {cells[1]}: {cells[2]} to {cells[3]}\n{cells[4]} to {cells[5]}, {cells[6]} after costs"
            f"\nWorst {at['mae']:.2%} against, best {at['mfe']:.2%} in favour; fees {at['fees']:,.2f}; {cells[9]}"
        )

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            cells = self.trades.cells(row)
            won = self.trades.rows["pnl"][int(self.trades.order[row])]
            for slot in slots:
                token = "text"
                if slot.column in (6, 7):
                    token = "up" if won > 0 else "down" if won < 0 else "dim"
                elif slot.column == 1:
                    token = "up" if cells[1] == "LONG" else "down"
                elif slot.column in (0, 8, 9):
                    token = "dim"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, cells[slot.column], pad=5)

    def _on_sort(self, column: int, descending: bool) -> None:
        self.trades.sort(column, descending)
        self.refreshed()

    def resizeEvent(self, event: QEvent) -> None:  # type: ignore[override]
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, self.width() < width)
        super().resizeEvent(event)  # type: ignore[arg-type]
