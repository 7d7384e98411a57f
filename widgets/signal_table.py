"""The table of the signal feed: paints the visible rows of its model, minutes with many signals as one row."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QApplication, QToolTip

from engine.contracts.signals import ENTRY, LONG
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import ROW_HEIGHT, Ink, ink
from widgets.symbols_drag import start_drag
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels import signals as vm
from widgets.viewmodels.signal_text import minute_words

_WIDTHS = (66, 90, 46, 40, 54, 150, 88, 76, 40, 62, 66)
_TIPS = (
    mark("When the engine emitted it, UTC"),
    "",
    mark("Market"),
    mark("Timeframe"),
    mark("Side"),
    "",
    mark("Provisional: on the running bar. Withdrawn: it did not last to the close. * has a mark"),
    mark("The bar's close"),
    mark("Strength: the bar's move in the signal's direction, in usual moves of a bar"),
    mark("The price's move since, in the signal's direction (of an exit: away from it), before costs"),
    mark("The bar is full when new and empty after ten minutes"),
)
_RIGHT = (vm.PRICE, vm.STRENGTH, vm.OUTCOME)
_GIVE_WAY = ((740, vm.STRENGTH), (680, vm.MARKET), (600, vm.KIND), (520, vm.FRAME), (460, vm.AGE), (380, vm.PRICE))
#: the age bar is empty after this long
AGE_FULL_MS = 600_000
REASONS = 300


class SignalTable(FastTable):
    """Rows of a SignalModel. decimals(symbol) gives the price format. reasonWanted(key, signal): for its tooltip."""

    reasonWanted = Signal(object, object)

    def __init__(self, model: vm.SignalModel, now_ms: Callable[[], int], decimals: Callable[[str], int]) -> None:
        self.rows, self._now_ms, self._decimals = model, now_ms, decimals
        #: move since, by running number, of the visible rows
        self.outcome: dict[int, float] = {}
        self._reasons: dict[Hashable, str] = {}
        self._tipped: tuple[Hashable, QPoint] | None = None
        self._pressed: QPoint | None = None
        columns = [
            Column(tr(title), width, RIGHT if n in _RIGHT else LEFT, tr(tip) if tip else "", stretch=n == vm.STRATEGY)
            for n, (title, width, tip) in enumerate(zip(vm.TITLES, _WIDTHS, _TIPS, strict=True))
        ]
        super().__init__(columns)
        self.setAccessibleName(tr("Signals"))
        self.horizontalHeader().setSectionsClickable(False)
        self._struck = QFont(ink().font)
        self._struck.setStrikeOut(True)
        self._italic = QFont(ink().font)
        self._italic.setItalic(True)

    def row_count(self) -> int:
        return len(self.rows.rows)

    def row_key(self, row: int) -> Hashable:
        number = int(self.rows.rows[row])
        return number if number >= 0 else ("minute", self.rows.minutes[-1 - number].minute)

    def find_key(self, key: Hashable) -> int:
        if isinstance(key, tuple):
            at = next((k for k, m in enumerate(self.rows.minutes) if m.minute == key[1]), -1)
            key = -1 - at if at >= 0 else None
        found = (self.rows.rows == key).nonzero()[0] if key is not None else []
        return int(found[0]) if len(found) else -1

    def row_text(self, row: int) -> list[str]:
        minute = self.rows.minute_at(row)
        if minute is not None:
            return [formats.clock(minute.minute * 60_000)[:5], minute_words(minute), *[""] * (len(vm.TITLES) - 2)]
        s, moved = self.rows.signal(row), self.outcome.get(int(self.rows.rows[row]), float("nan"))
        return vm.columns_text(s, self.rows.kind_of(row), self._decimals(s.symbol), self._now_ms(), moved)

    def row_tip(self, row: int, column: int) -> str:
        if self.rows.minute_at(row) is not None:
            return tr("Click to open or close this minute")
        s = self.rows.signal(row)
        why = self._reasons.get(self.row_key(row), "")
        return vm.tooltip(s, self.rows.kind_of(row), self._decimals(s.symbol)) + (f"\n\n{why}" if why else "")

    def set_reason(self, key: Hashable, text: str) -> None:
        """Why a signal spoke; its tooltip is renewed if it is shown."""
        if len(self._reasons) >= REASONS:
            self._reasons.pop(next(iter(self._reasons)))
        self._reasons[key] = text
        if self._tipped is not None and self._tipped[0] == key and QToolTip.isVisible():
            row = self.find_key(key)
            if row >= 0:
                QToolTip.showText(self._tipped[1], self.row_tip(row, 0), self)

    def forget_reasons(self) -> None:
        """The keys mean other signals now."""
        self._reasons.clear()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(event.pos())
            if row >= 0 and self.rows.minute_at(row) is None:
                key = self.row_key(row)
                self._tipped = (key, event.globalPos())
                if key not in self._reasons:
                    self.reasonWanted.emit(key, self.rows.signal(row))
        return super().viewportEvent(event)

    # painting ----
    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        now = self._now_ms()
        for row in range(first, last):
            minute = self.rows.minute_at(row)
            if minute is not None:
                self._paint_minute(painter, row, minute, paint)
            else:
                self._paint_signal(painter, row, slots, now, paint)
        painter.setFont(paint.font)

    def _paint_minute(self, painter: QPainter, row: int, minute: vm.Minute, paint: Ink) -> None:
        top, width = self.row_top(row), self.viewport().width()
        painter.fillRect(0, top, width, ROW_HEIGHT, paint["raised"])
        painter.setFont(paint.bold)
        painter.setPen(paint["text"])
        text = f"{'▾' if minute.open else '▸'}  {formats.clock(minute.minute * 60_000)[:5]}   {minute_words(minute)}"
        painter.drawText(QRect(6, top, width - 12, ROW_HEIGHT), LEFT, text)

    def _paint_signal(self, painter: QPainter, row: int, slots: list[Slot], now: int, paint: Ink) -> None:
        s, kind = self.rows.signal(row), self.rows.kind_of(row)
        moved = self.outcome.get(int(self.rows.rows[row]), float("nan"))
        cells = vm.columns_text(s, kind, self._decimals(s.symbol), now, moved)
        cells[vm.KIND] = vm.kind_short(s, kind)
        faded = self.dimmed or kind in (vm.IS_WITHDRAWN, vm.IS_KEPT)
        painter.setFont({vm.IS_WITHDRAWN: self._struck, vm.IS_PROVISIONAL: self._italic}.get(kind, paint.font))
        side = "dim" if s.action != ENTRY else "up" if s.side == LONG else "down"
        for slot in slots:
            if slot.column == vm.AGE:
                self._paint_age(painter, slot, row, now - s.emitted_ns // 1_000_000, cells[vm.AGE], paint)
                continue
            token = "text"
            if slot.column == vm.OUTCOME and not self.dimmed and kind != vm.IS_WITHDRAWN:
                token = "up" if moved > 0 else "down" if moved < 0 else "dim"
            elif faded or slot.column in (vm.TIME, vm.MARKET, vm.FRAME):
                token = "dim"
            elif slot.column == vm.SIDE:
                token = side
            elif slot.column == vm.KIND:
                token = "warn" if s.late else "info" if kind == vm.IS_PROVISIONAL else "dim"
            painter.setPen(paint[token])
            self.paint_text(painter, slot, row, cells[slot.column])

    def _paint_age(self, painter: QPainter, slot: Slot, row: int, age: int, text: str, paint: Ink) -> None:
        top = self.row_top(row)
        room = max(slot.width - 46, 10)
        left = min(max(0.0, 1 - age / AGE_FULL_MS), 1.0)
        painter.fillRect(slot.x + 6, top + ROW_HEIGHT // 2 - 2, room, 4, paint["raised"])
        painter.fillRect(slot.x + 6, top + ROW_HEIGHT // 2 - 2, round(room * left), 4, paint["accent"])
        painter.setPen(paint["dim"])
        painter.setFont(paint.small)
        painter.drawText(QRect(slot.x + room + 8, top, slot.width - room - 14, ROW_HEIGHT), RIGHT, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, event.size().width() < width)
        super().resizeEvent(event)

    # dragging a row's symbol ----
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            row, self._pressed = self.row_at(self._pressed), None
            if row >= 0 and self.rows.minute_at(row) is None:
                start_drag(self, [self.rows.signal(row).symbol])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
