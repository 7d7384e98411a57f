"""The tables of a back-test's report: trades with their filters, all figures, conventions, and runs of a batch."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.contracts.metrics import METRICS, shown
from engine.contracts.reports import ConventionFigures
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot, in_words
from widgets.flow import Flow
from widgets.form import choice
from widgets.ink import ROW_HEIGHT, Ink, ink
from widgets.texts import mark, tr
from widgets.viewmodels import backtest as vm
from widgets.viewmodels import formats

_COLUMNS = [
    Column("#", 40, RIGHT),
    Column(mark("Side"), 54, LEFT),
    Column(mark("Entry"), 132, LEFT, "UTC"),
    Column(mark("Exit"), 132, LEFT, "UTC"),
    Column(mark("In"), 78, RIGHT),
    Column(mark("Out"), 78, RIGHT),
    Column(mark("P/L"), 92, RIGHT, mark("After fees, slippage and funding, in the account's currency")),
    Column(mark("P/L %"), 84, RIGHT, mark("Price move in the trade's favour, before costs")),
    Column(mark("Bars"), 48, RIGHT),
    Column(mark("Reason"), 80, LEFT, stretch=True),
]
#: columns that make room where the table is narrower than this.
_GIVE_WAY = ((780, 8), (730, 3), (600, 5), (520, 4), (420, 7))


class TradesTable(FastTable):
    """tradeActivated(number of the trade): show it. Its key is that number."""

    tradeActivated = Signal(int)

    def __init__(self) -> None:
        self.trades = vm.Trades()
        super().__init__(in_words(_COLUMNS))
        self.setAccessibleName(tr("Trades"))
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

    def find_key(self, key: Hashable) -> int:
        return self.trades.place_of(key) if isinstance(key, int) else -1

    def row_text(self, row: int) -> list[str]:
        return self.trades.cells(row)

    def row_tip(self, row: int, column: int) -> str:
        cells = self.trades.cells(row)
        at = self.trades.rows[int(self.trades.order[row])]
        r = "" if np.isnan(at["r"]) else f", {at['r']:+.2f} R"
        return tr(
            "Trade {n}, {side}: {entry} to {exit}\n{a} to {b}, {pnl} after costs{r}\n"
            "Worst {mae} against, best {mfe} in favour; fees {fees}; {reason}"
        ).format(
            n=cells[0], side=cells[1], entry=cells[2], exit=cells[3], a=cells[4], b=cells[5], pnl=cells[6], r=r,
            mae=formats.percent(float(at["mae"]), sign=False), mfe=formats.percent(float(at["mfe"]), sign=False),
            fees=formats.money(float(at["fees"])), reason=cells[9],
        )  # fmt: skip

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


class TradesView(QWidget):
    """The table with its filters above. filtered(): another choice."""

    def __init__(self) -> None:
        super().__init__()
        self.table = TradesTable()
        self.chips: dict[str, QToolButton] = {}
        row = Flow(spacing=2)
        row.setContentsMargins(6, 3, 6, 3)
        for key, title in vm.FILTERS.items():
            chip = QToolButton()
            chip.setText(tr(title))
            chip.setCheckable(True)
            chip.setChecked(key == "all")
            chip.clicked.connect(lambda _on=False, k=key: self.choose(k))
            self.chips[key] = chip
            row.addWidget(chip)
        self.reason = choice((tr("Any exit"), "-1"))
        self.reason.setMinimumWidth(120)
        self.reason.currentIndexChanged.connect(lambda _i: self._apply())
        row.addWidget(self.reason)
        self.totals = QLabel()
        self.totals.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px; padding: 4px;")
        row.addWidget(self.totals)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(row)
        column.addWidget(self.table, 1)

    def show_trades(self, trades: vm.Trades) -> None:
        self.table.show_trades(trades)
        self.reason.blockSignals(True)
        self.reason.clear()
        self.reason.addItem(tr("Any exit"), "-1")
        for number, name, count in trades.reasons():
            self.reason.addItem(f"{name} ({count:,})", str(number))
        self.reason.blockSignals(False)
        self.choose("all")

    def choose(self, key: str) -> None:
        for name, chip in self.chips.items():
            chip.setChecked(name == key)
        self._apply()

    def _apply(self) -> None:
        which = next((k for k, chip in self.chips.items() if chip.isChecked()), "all")
        self.table.trades.filter(which, int(self.reason.currentData() or -1))
        self.totals.setText(self.table.trades.totals())
        self.table.refreshed()
        # the row may have scrolled out of a shorter table
        self.table.select(self.table.current)

    def select(self, trade: int) -> None:
        """Make a trade current; what filters it away is taken off."""
        if self.table.trades.place_of(trade) < 0:
            self.reason.setCurrentIndex(0)
            self.choose("all")
        self.table.select(trade)
        # a third from the top, where it is seen whatever the table's neighbours cover
        page = max(self.table.viewport().height() // ROW_HEIGHT, 1)
        self.table.verticalScrollBar().setValue(max(self.table.trades.place_of(trade) - page // 3, 0))


class FiguresTable(FastTable):
    """Every figure by group; the formula is in the tooltip."""

    def __init__(self) -> None:
        self.rows: list[vm.FigureRow] = []
        super().__init__(
            [
                Column(tr("Figure"), 190, LEFT),
                Column(tr("Value"), 100, RIGHT),
                Column(tr("Formula"), 80, LEFT, stretch=True),
            ]
        )
        self.setAccessibleName(tr("All figures"))

    def show_rows(self, rows: list[vm.FigureRow]) -> None:
        self.rows = rows
        self.refreshed()

    def row_count(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return self.rows[row].name or f"# {self.rows[row].title}"

    def row_text(self, row: int) -> list[str]:
        found = self.rows[row]
        formula = found.tip.split("\n")[1] if found.name else ""
        return [found.title, found.text, formula]

    def row_tip(self, row: int, column: int) -> str:
        return self.rows[row].tip

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        tones = {"good": "up", "bad": "down"}
        for row in range(first, last):
            found, cells = self.rows[row], self.row_text(row)
            painter.setFont(paint.font if found.name else paint.bold)
            for slot in slots:
                token = "text" if not found.name or slot.column == 0 else tones.get(found.tone, "text")
                painter.setPen(paint["dim" if slot.column == 2 else token])
                self.paint_text(painter, slot, row, cells[slot.column])
        painter.setFont(paint.font)


_TOOL_FIGURES = ("sharpe", "sortino", "cagr", "calmar", "max_drawdown")


class ConventionsTable(FastTable):
    """The same equity as other tools score it; chosen(name): count this way from now on."""

    chosen = Signal(str)

    def __init__(self) -> None:
        self.rows: list[ConventionFigures] = []
        self.convention = "pyroquant"
        heads = [
            Column(tr(METRICS[n].title).partition(",")[0], 74, RIGHT, METRICS[n].formula) for n in _TOOL_FIGURES[:4]
        ]
        heads.append(Column(tr("Max DD"), 74, RIGHT, METRICS["max_drawdown"].formula))
        super().__init__([Column(tr("Convention"), 100, LEFT, stretch=True), *heads])
        self.setAccessibleName(tr("Conventions"))
        self.rowActivated.connect(lambda key: self.chosen.emit(str(key)))

    def show_rows(self, rows: list[ConventionFigures], convention: str) -> None:
        self.rows, self.convention = rows, convention
        self.refreshed()
        self.select(convention, scroll=False)

    def row_count(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return self.rows[row].name

    def row_text(self, row: int) -> list[str]:
        found = self.rows[row]
        return [found.name, *(shown(n, found.figures.get(n, float("nan"))) for n in _TOOL_FIGURES)]

    def row_tip(self, row: int, column: int) -> str:
        return self.rows[row].text

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            cells = self.row_text(row)
            for slot in slots:
                painter.setPen(paint["text" if cells[slot.column] != "n/a" else "faint"])
                self.paint_text(painter, slot, row, cells[slot.column])


class BatchRow:
    """One run of several. state: queued, running, done, failed, cancelled."""

    def __init__(self, symbol: str) -> None:
        self.symbol, self.state, self.job, self.text = symbol, "queued", "", ""
        self.fraction = 0.0
        self.metrics: dict[str, float] = {}


_BATCH = ("total_return", "cagr", "sharpe", "max_drawdown_bar", "trades")
_STATES = {
    "queued": mark("queued"),
    "running": mark("running"),
    "done": "",
    "failed": mark("failed"),
    "cancelled": mark("cancelled"),
}


class BatchTable(FastTable):
    """Runs of one strategy over a list of symbols; rowActivated(number of the row)."""

    def __init__(self) -> None:
        self.rows: list[BatchRow] = []
        self.order: list[int] = []
        super().__init__(
            [
                Column(tr("Symbol"), 110, LEFT, stretch=True),
                Column(tr("Net profit"), 74, RIGHT),
                Column("CAGR", 68, RIGHT),
                Column("Sharpe", 56, RIGHT),
                Column(tr("Max DD"), 66, RIGHT),
                Column(tr("Trades"), 60, RIGHT),
            ]
        )
        self.setAccessibleName(tr("Runs of this list"))
        self.sortAsked.connect(self._on_sort)

    def show_rows(self, rows: list[BatchRow]) -> None:
        self.rows, self.order = rows, list(range(len(rows)))
        self.show_sort(-1, False)
        self.select(None)
        self.refreshed()

    def row_count(self) -> int:
        return len(self.order)

    def row_key(self, row: int) -> Hashable:
        return self.order[row]

    def row_text(self, row: int) -> list[str]:
        found = self.rows[self.order[row]]
        if not found.metrics:
            state = f"{found.fraction:.0%}" if found.state == "running" and found.fraction else tr(_STATES[found.state])
            return [found.symbol, state, "", "", "", ""]
        return [found.symbol, *(shown(n, found.metrics.get(n, float("nan"))) for n in _BATCH)]

    def row_tip(self, row: int, column: int) -> str:
        return self.rows[self.order[row]].text

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            cells, found = self.row_text(row), self.rows[self.order[row]]
            for slot in slots:
                token = "text"
                if found.metrics and slot.column in (1, 2, 3):
                    token = "up" if found.metrics.get(_BATCH[slot.column - 1], 0) > 0 else "down"
                elif not found.metrics and slot.column == 1:
                    token = "down" if found.state == "failed" else "dim"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, cells[slot.column])

    def _on_sort(self, column: int, descending: bool) -> None:
        def key(number: int) -> tuple[bool, object]:
            row = self.rows[number]
            if column == 0:
                return False, row.symbol
            value = row.metrics.get(_BATCH[column - 1], float("nan"))
            return value != value, -value if descending else value

        self.order.sort(key=key, reverse=descending and column == 0)  # type: ignore[arg-type]
        self.refreshed()


def bar_of(*widgets: QWidget) -> QHBoxLayout:
    """A thin row of widgets."""
    row = QHBoxLayout()
    row.setContentsMargins(10, 2, 6, 2)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return row
