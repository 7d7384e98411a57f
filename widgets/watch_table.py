"""The watchlist's table: paints symbol, price, change, badge and trend of the visible rows straight from the arrays."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.contracts.dtypes import STATE_GAP, STATE_LIVE, STATE_NAMES, STATE_NO_DATA, STATE_SETTLING
from widgets.fast_table import CENTRE, LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import FADE_STEPS, ROW_HEIGHT, Ink, painting
from widgets.viewmodels import formats
from widgets.viewmodels import watchlist as vm

_COLUMNS = [
    Column("Symbol", 96, LEFT, "A ring before the name: its history is still loading"),
    Column("Mkt", 42, LEFT),
    Column("Last", 74, RIGHT),
    Column("Chg %", 60, RIGHT, "Against the price 24 hours ago"),
    Column("Vol", 48, RIGHT, "Volume of 24 hours, in the base currency"),
    Column("Sig", 42, CENTRE, "Last signal within 30 minutes; hollow: provisional"),
    Column("Trend", 58, LEFT, "Last closes", stretch=True),
]
#: below this width of the table these columns make room, in this order.
_GIVE_WAY = ((395, vm.VOLUME), (345, vm.MARKET), (300, vm.TREND))


class WatchTable(FastTable):
    """symbolActivated(symbol): its chart is wanted. holdChanged(bool): the mouse keeps the rows in place."""

    symbolActivated = Signal(str)
    holdChanged = Signal(bool)
    starAsked = Signal(str)
    filterAsked = Signal()

    def __init__(self, model: vm.WatchlistModel, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        self.rows = model
        self._now_ms = now_ms
        self._sparks: dict[int, tuple[int, bool, int, QPixmap]] = {}
        super().__init__(_COLUMNS, parent)
        self.setAccessibleName("Watchlist")
        self.rowActivated.connect(lambda key: self.symbolActivated.emit(str(key)))
        self.sortAsked.connect(self._on_sort)
        self.show_sort(model.sort_column, model.descending)

    def row_count(self) -> int:
        return len(self.rows.order)

    def row_key(self, row: int) -> Hashable:
        return self.rows.symbols[int(self.rows.order[row])]

    def find_key(self, key: Hashable) -> int:
        return self.rows.position(str(key))

    def row_text(self, row: int) -> list[str]:
        m, at = self.rows, int(self.rows.order[row])
        return [
            m.names[at],
            m.short_markets[m.market_code[at]],
            formats.price(float(m.last[at]), int(m.decimals[at])),
            formats.percent(float(m.change[at])),
            formats.compact(float(m.volume[at])),
            vm.BADGE_NAMES[int(m.badge[at])],
            STATE_NAMES[int(m.state[at])],
        ]

    def row_tip(self, row: int, column: int) -> str:
        m, at = self.rows, int(self.rows.order[row])
        digits = int(m.decimals[at])
        if column == vm.SIGNAL and m.badge[at]:
            age = formats.age(self._now_ms() - int(m.badge_ms[at]))
            return f"{vm.BADGE_NAMES[int(m.badge[at])]} · {m.badge_why[at]} · {age} ago"
        span = f"{formats.price(float(m.low24[at]), digits)} to {formats.price(float(m.high24[at]), digits)}"
        when = formats.clock(int(m.ts[at])) if m.ts[at] else "never"
        return (
            f"{m.symbols[at]}\n{vm.market_title(m.markets[m.market_code[at]])}, {STATE_NAMES[int(m.state[at])]}\n"
            f"24 h range {span}\nLast update {when} UTC"
        )

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        ids = self.rows.order[first:last]
        painters = (
            self._paint_symbol,
            self._paint_market,
            self._paint_last,
            self._paint_change,
            self._paint_volume,
            self._paint_badge,
            self._paint_trend,
        )
        for slot in slots:
            painters[slot.column](painter, slot, first, ids, paint)

    def _paint_symbol(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        names, states = self.rows.names, self.rows.state[ids].tolist()
        top = self.row_top(first)
        for at, state in zip(ids.tolist(), states):
            live = state == STATE_LIVE and not self.dimmed
            painter.setPen(paint["text"] if live else paint["dim"])
            box = QRect(slot.x + 14, top, slot.width - 16, ROW_HEIGHT)
            name = names[at]
            if paint.metrics.horizontalAdvance(name) > box.width():
                name = paint.metrics.elidedText(name, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, LEFT, name)
            if state != STATE_LIVE:
                self._paint_state(painter, slot.x + 5, top + ROW_HEIGHT // 2 - 2, state, paint)
            top += ROW_HEIGHT

    def _paint_state(self, painter: QPainter, x: int, y: int, state: int, paint: Ink) -> None:
        """A mark before the name: ring = warming, filled = settling, amber = gap, dash = no data."""
        if state == STATE_NO_DATA:
            painter.fillRect(x, y + 2, 5, 1, paint["faint"])
            return
        colour = paint["warn"] if state == STATE_GAP else paint["info"]
        painter.setPen(colour)
        painter.setBrush(colour if state in (STATE_SETTLING, STATE_GAP) else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(x, y, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_market(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        shorts = self.rows.short_markets
        top = self.row_top(first)
        painter.setPen(paint["dim"])
        for code in self.rows.market_code[ids].tolist():
            painter.drawText(QRect(slot.x + 6, top, slot.width - 8, ROW_HEIGHT), LEFT, shorts[code])
            top += ROW_HEIGHT

    def _paint_last(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        m = self.rows
        steps = ((self._now_ms() - m.flash_ms[ids]) * FADE_STEPS // vm.FLASH_MS).tolist()
        top = self.row_top(first)
        rows = zip(m.last[ids].tolist(), m.decimals[ids].tolist(), m.flash[ids].tolist(), steps, m.state[ids].tolist())
        for value, digits, flash, step, state in rows:
            if flash and 0 <= step < FADE_STEPS and not self.dimmed:
                fade = paint.up_fade if flash > 0 else paint.down_fade
                painter.fillRect(slot.x + 2, top + 1, slot.width - 4, ROW_HEIGHT - 2, fade[step])
            painter.setPen(paint["text"] if state == STATE_LIVE and not self.dimmed else paint["dim"])
            painter.drawText(QRect(slot.x, top, slot.width - 7, ROW_HEIGHT), RIGHT, formats.price(value, digits))
            top += ROW_HEIGHT

    def _paint_change(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        top = self.row_top(first)
        for value in self.rows.change[ids].tolist():
            token = "dim" if self.dimmed or value != value or abs(value) < 5e-5 else "up" if value > 0 else "down"
            painter.setPen(paint[token])
            text = formats.percent(value).removesuffix(" %")
            painter.drawText(QRect(slot.x, top, slot.width - 7, ROW_HEIGHT), RIGHT, text)
            top += ROW_HEIGHT

    def _paint_volume(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        top = self.row_top(first)
        painter.setPen(paint["dim"])
        for value in self.rows.volume[ids].tolist():
            painter.drawText(QRect(slot.x, top, slot.width - 6, ROW_HEIGHT), RIGHT, formats.compact(value))
            top += ROW_HEIGHT

    def _paint_badge(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        m = self.rows
        fresh = (m.badge[ids] != vm.NO_BADGE) & (self._now_ms() - m.badge_ms[ids] < vm.BADGE_MS)
        painter.setFont(paint.badge)
        for k in np.flatnonzero(fresh).tolist():
            at = int(ids[k])
            kind = int(m.badge[at])
            box = QRect(slot.x + 4, self.row_top(first + k) + 4, slot.width - 8, ROW_HEIGHT - 8)
            paint_badge(painter, box, vm.BADGE_NAMES[kind], kind, bool(m.badge_soft[at]), paint)
        painter.setFont(paint.font)

    def _paint_trend(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        if self.rows.sparks.shape[1] < 2:
            return
        width = max(slot.width - 10, 8)
        for k, at in enumerate(ids.tolist()):
            made = self._spark(at, width, paint)
            if made is not None:
                painter.drawPixmap(slot.x + 5, self.row_top(first + k) + 2, made)

    def _spark(self, at: int, width: int, paint: Ink) -> QPixmap | None:
        m = self.rows
        version, up = int(m.spark_version[at]), bool(m.change[at] >= 0)
        found = self._sparks.get(at)
        if found is not None and found[:3] == (version, up, width):
            return found[3]
        values = m.sparks[at]
        values = values[np.isfinite(values)]
        if len(values) < 2:
            return None
        made = _spark_pixmap(values, width, ROW_HEIGHT - 4, self.devicePixelRatioF(), up, paint)
        self._sparks[at] = (version, up, width, made)
        return made

    def forget_sparks(self) -> None:
        """After a new instrument list: the row numbers mean other symbols now."""
        self._sparks.clear()

    # mouse and keys -------------------------------------------------------------------------------------------------
    def follow_mouse(self) -> None:
        """Once a frame: enter and leave events get lost when a dock moves under a resting pointer."""
        inside = self.viewport().rect().contains(self.viewport().mapFromGlobal(QCursor.pos()))
        self._hold(inside and self.isActiveWindow() and self.viewport().underMouse())

    def hideEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._hold(False)
        super().hideEvent(event)

    def _hold(self, on: bool) -> None:
        if self.rows.held != on:
            self.rows.held = on
            self.holdChanged.emit(on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.step(-1 if back else 1)
        elif event.key() == Qt.Key.Key_S and not event.modifiers() and self.current is not None:
            self.starAsked.emit(str(self.current))
        elif event.text() == "/":
            self.filterAsked.emit()
        else:
            super().keyPressEvent(event)

    def step(self, by: int) -> None:
        """Next or previous symbol, with its chart."""
        symbol = self.rows.neighbour(str(self.current or ""), by)
        if symbol:
            self.select(symbol)
            self.symbolActivated.emit(symbol)

    def _on_sort(self, column: int, descending: bool) -> None:
        if column == vm.TREND:
            column = vm.CHANGE
        self.rows.set_sort(column, descending)
        self.rows.refresh(self._now_ms())
        self.refreshed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, event.size().width() < width)
        super().resizeEvent(event)


def paint_badge(painter: QPainter, box: QRect, text: str, kind: int, soft: bool, paint: Ink) -> None:
    """A side's badge: filled when confirmed, an outline when provisional."""
    token = {vm.BUY: "up", vm.SELL: "down"}.get(kind, "dim")
    fill = {vm.BUY: "up_fill", vm.SELL: "down_fill"}.get(kind, "raised")
    painter.setPen(paint[token] if soft else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if soft else paint[fill])
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(paint[token])
    painter.drawText(box, CENTRE, text)


def _spark_pixmap(values: np.ndarray, width: int, height: int, ratio: float, up: bool, paint: Ink) -> QPixmap:
    made = QPixmap(round(width * ratio), round(height * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    low, high = float(values.min()), float(values.max())
    xs = np.linspace(1, width - 1, len(values))
    ys = (height - 2) - (values - low) / ((high - low) or 1.0) * (height - 4)
    with painting(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(paint["up" if up else "down"], 1))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist())]))
    return made
