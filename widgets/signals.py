"""The live feed of signals: newest on top, frozen while somebody reads further down, a click jumps to the bar."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from engine.contracts.signals import ENTRY, LONG
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import ROW_HEIGHT, Ink, ink
from widgets.panel import Panel
from widgets.viewmodels import signals as vm
from widgets.viewmodels.watchlist import market_title, short_market
from widgets.watchlist import FilterBox

_COLUMNS = [
    Column("Time", 66, LEFT, "When the engine emitted it, UTC"),
    Column("Symbol", 90, LEFT),
    Column("Mkt", 46, LEFT),
    Column("TF", 40, LEFT, "Timeframe"),
    Column("Side", 54, LEFT),
    Column("Strategy", 150, LEFT, stretch=True),
    Column("Kind", 88, LEFT, "Provisional: on the running bar. Withdrawn: it did not last to the close. * has a mark"),
    Column("Price", 76, RIGHT),
    Column("Str", 40, RIGHT, "Strength: the bar's move in the signal's direction, in usual moves of a bar"),
    Column("Age", 66, LEFT, "The bar is full when new and empty after ten minutes"),
]
_GIVE_WAY = ((700, vm.STRENGTH), (640, vm.MARKET), (560, vm.KIND), (480, vm.FRAME), (440, vm.AGE))
#: the age bar is empty after this long.
AGE_FULL_MS = 600_000


class SignalTable(FastTable):
    """Rows of a SignalModel. decimals(symbol) gives the price format."""

    def __init__(self, model: vm.SignalModel, now_ms: Callable[[], int], decimals: Callable[[str], int]) -> None:
        self.rows, self._now_ms, self._decimals = model, now_ms, decimals
        super().__init__(_COLUMNS)
        self.setAccessibleName("Signals")
        self.horizontalHeader().setSectionsClickable(False)
        self._struck = QFont(ink().font)
        self._struck.setStrikeOut(True)
        self._italic = QFont(ink().font)
        self._italic.setItalic(True)

    def row_count(self) -> int:
        return len(self.rows.rows)

    def row_key(self, row: int) -> Hashable:
        return int(self.rows.rows[row])

    def find_key(self, key: Hashable) -> int:
        found = (self.rows.rows == key).nonzero()[0]
        return int(found[0]) if len(found) else -1

    def row_text(self, row: int) -> list[str]:
        s = self.rows.signal(row)
        return vm.columns_text(s, self.rows.kind_of(row), self._decimals(s.symbol), self._now_ms())

    def row_tip(self, row: int, column: int) -> str:
        s = self.rows.signal(row)
        return vm.tooltip(s, self.rows.kind_of(row), self._decimals(s.symbol))

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        now = self._now_ms()
        for row in range(first, last):
            s, kind = self.rows.signal(row), self.rows.kind_of(row)
            cells = vm.columns_text(s, kind, self._decimals(s.symbol), now)
            cells[vm.KIND] = vm.kind_short(s, kind)
            faded = self.dimmed or kind in (vm.IS_WITHDRAWN, vm.IS_KEPT)
            painter.setFont({vm.IS_WITHDRAWN: self._struck, vm.IS_PROVISIONAL: self._italic}.get(kind, paint.font))
            side = "dim" if s.action != ENTRY else "up" if s.side == LONG else "down"
            for slot in slots:
                if slot.column == vm.AGE:
                    self._paint_age(painter, slot, row, now - s.emitted_ns // 1_000_000, cells[vm.AGE], paint)
                    continue
                token = "text"
                if faded or slot.column in (vm.TIME, vm.MARKET, vm.FRAME):
                    token = "dim"
                elif slot.column == vm.SIDE:
                    token = side
                elif slot.column == vm.KIND:
                    token = "warn" if s.late else "info" if kind == vm.IS_PROVISIONAL else "dim"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, cells[slot.column])
        painter.setFont(paint.font)

    def _paint_age(self, painter: QPainter, slot: Slot, row: int, age: int, text: str, paint: Ink) -> None:
        top = self.row_top(row)
        room = max(slot.width - 46, 10)
        left = max(0.0, 1 - age / AGE_FULL_MS)
        painter.fillRect(slot.x + 6, top + ROW_HEIGHT // 2 - 2, room, 4, paint["raised"])
        painter.fillRect(slot.x + 6, top + ROW_HEIGHT // 2 - 2, round(room * left), 4, paint["accent"])
        painter.setPen(paint["dim"])
        painter.setFont(paint.small)
        painter.drawText(QRect(slot.x + room + 8, top, slot.width - room - 14, ROW_HEIGHT), RIGHT, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, event.size().width() < width)
        super().resizeEvent(event)


class SignalsPanel(Panel):
    """jumpRequested(symbol, timeframe, ms): show that bar."""

    jumpRequested = Signal(str, str, "qlonglong")

    def __init__(
        self,
        model: vm.SignalModel,
        now_ms: Callable[[], int],
        decimals: Callable[[str], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("signals", parent)
        self.model = model
        self.filter = FilterBox("Symbol or strategy")
        self.filter.setMaximumWidth(240)
        self.kinds, self.markets = QComboBox(), QComboBox()
        for title, key in (("All kinds", ""), ("Confirmed", "confirmed"), ("Entries", "entries")):
            self.kinds.addItem(title, key)
        self.markets.addItem("All markets", "")
        self.bar.addWidget(self.filter, 1)
        self.bar.addWidget(self.markets)
        self.bar.addWidget(self.kinds)
        self.bar.addStretch(1)
        self.table = SignalTable(model, now_ms, decimals)
        self.table.rowActivated.connect(self._jump)
        self.set_body(self.table)
        self.pill = QPushButton(self.table)
        self.pill.setProperty("primary", True)
        self.pill.setStyleSheet(
            f"background: {ink()['accent'].name()}; color: {ink()['on_accent'].name()};"
            " border-radius: 11px; padding: 3px 12px;"
        )
        self.pill.setCursor(Qt.CursorShape.PointingHandCursor)
        self.pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pill.hide()
        self.pill.clicked.connect(self.to_newest)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.filter.textChanged.connect(lambda text: self._filter(text=text))
        self.filter.leaveAsked.connect(self.table.setFocus)
        self.kinds.currentIndexChanged.connect(lambda _i: self._filter(kinds=self.kinds.currentData()))
        self.markets.currentIndexChanged.connect(lambda _i: self._filter(market=self.markets.currentData()))
        self.set_loading("Waiting for the engine")

    def set_markets(self, markets: list[str]) -> None:
        """The markets to choose from."""
        self.markets.blockSignals(True)
        while self.markets.count() > 1:
            self.markets.removeItem(1)
        for market in markets:
            self.markets.addItem(short_market(market), market)
            self.markets.setItemData(self.markets.count() - 1, market_title(market), Qt.ItemDataRole.ToolTipRole)
        self.markets.blockSignals(False)

    def refresh(self) -> None:
        """Once a frame."""
        self.model.refresh()
        empty = self.model.explain_empty()
        if empty:
            self.set_empty(empty)
        else:
            self.set_ready()
        self.table.refreshed()
        self._show_pill()

    def to_newest(self) -> None:
        """Back to the top, and live again."""
        self.model.thaw()
        self.table.verticalScrollBar().setValue(0)
        self.refresh()

    def _filter(self, **change: str) -> None:
        self.model.set_filter(**change)
        self.to_newest()

    def _on_scroll(self, value: int) -> None:
        if value > 0:
            self.model.freeze()
        elif self.model.frozen:
            self.model.thaw()
            self.refresh()

    def _show_pill(self) -> None:
        waiting = self.model.waiting
        self.pill.setVisible(waiting > 0)
        if waiting:
            self.pill.setText(f"↑ {waiting:,} new")
            self.pill.adjustSize()
            self.pill.move((self.table.width() - self.pill.width()) // 2, 32)
            self.pill.raise_()

    def _jump(self, key: object) -> None:
        row = self.table.find_key(key)  # type: ignore[arg-type]
        if row >= 0:
            s = self.model.signal(row)
            self.jumpRequested.emit(s.symbol, s.timeframe, s.bar_ts)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Home:
            self.to_newest()
        else:
            super().keyPressEvent(event)
