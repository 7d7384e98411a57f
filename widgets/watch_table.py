"""The watchlist's table: paints symbol, price, change, badge and trend of the visible rows straight from the arrays."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from engine.contracts.dtypes import STATE_GAP, STATE_LIVE, STATE_NAMES, STATE_NO_DATA, STATE_SETTLING
from widgets.fast_table import CENTRE, LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import FADE_STEPS, ROW_HEIGHT, Ink, ink, painting
from widgets.symbols_drag import start_drag
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels import watchlist as vm

_COLUMNS = [
    Column(vm.TITLES[vm.SYMBOL], 96, LEFT, mark("A ring before the name: its history is still loading")),
    Column(vm.TITLES[vm.MARKET], 42, LEFT, mark("Market")),
    Column(vm.TITLES[vm.LAST], 74, RIGHT, mark("Last price; it flashes when it moves")),
    Column(vm.TITLES[vm.CHANGE], 60, RIGHT, mark("Against the price 24 hours ago")),
    Column(vm.TITLES[vm.VOLUME], 52, RIGHT, mark("Turnover of 24 hours, in the quote currency")),
    Column(vm.TITLES[vm.SPREAD], 54, RIGHT, mark("Ask over bid, in basis points (1/100 %), every 5 seconds")),
    Column(vm.TITLES[vm.RANGE], 56, LEFT, mark("Where the price stands between the low and the high of 24 hours")),
    Column(vm.TITLES[vm.SIGNAL], 74, LEFT, mark("Last signal within 30 minutes and its age; hollow: provisional")),
    Column(vm.TITLES[vm.TREND], 58, LEFT, mark("Last closes"), stretch=True),
]
#: narrower than this, these columns make room, in this order, unless a person chose the columns
_GIVE_WAY = ((560, vm.SPREAD), (520, vm.RANGE), (430, vm.VOLUME), (385, vm.MARKET), (330, vm.TREND))
#: id of a column in what is kept
_IDS = ("symbol", "market", "last", "change", "volume", "spread", "range", "signal", "trend")
VALUE_WIDTH = 74


class WatchTable(FastTable):
    """symbolActivated(symbol): its chart is wanted. holdChanged(bool): the mouse keeps the rows in place.
    headerMenuAsked(column, place): right click on a heading. columnsChanged(): a person moved, sized or hid one."""

    symbolActivated = Signal(str)
    holdChanged = Signal(bool)
    starAsked = Signal(str)
    filterAsked = Signal()
    headerMenuAsked = Signal(int, QPoint)

    def __init__(self, model: vm.WatchlistModel, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        self.rows = model
        self._now_ms = now_ms
        #: the longest unused first
        self._sparks: dict[int, tuple[tuple[int, bool, int, float], QPixmap]] = {}
        #: a person has arranged the columns: nothing gives way by itself any more
        self.arranged = False
        #: where a drag would begin, and a selection of several that the press did not undo
        self._pressed: QPoint | None = None
        self._several = False
        fixed = [c._replace(title=tr(c.title), tip=tr(c.tip)) for c in _COLUMNS]
        super().__init__(fixed + [Column("", VALUE_WIDTH, RIGHT) for _ in range(vm.MOST_VALUES)], parent)
        self.setAccessibleName(tr("Watchlist"))
        header = self.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.columns_changed()
        header.sectionMoved.connect(lambda *_: self._set_arranged())
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
        spread = float(m.spread[at]) * 1e4
        cells = [
            m.names[at],
            m.short_markets[m.market_code[at]],
            formats.price(float(m.last[at]), int(m.decimals[at])),
            formats.percent(float(m.change[at])),
            formats.compact(float(m.volume[at])),
            formats.MISSING if spread != spread else f"{spread:.1f}",
            formats.percent(float(m.position24[at]), 0, sign=False),
            vm.BADGE_NAMES[int(m.badge[at])],
            STATE_NAMES[int(m.state[at])],
        ]
        cells += [vm.value_text(float(v[at]), c) for v, c in zip(m.values, m.columns)]
        return cells + [""] * (len(self.columns) - len(cells))

    def row_tip(self, row: int, column: int) -> str:
        m, at = self.rows, int(self.rows.order[row])
        digits = int(m.decimals[at])
        if column == vm.SIGNAL and m.badge[at]:
            age = formats.age(self._now_ms() - int(m.badge_ms[at]))
            return tr("{side} · {why} · {age} ago").format(
                side=vm.BADGE_NAMES[int(m.badge[at])], why=m.badge_why[at], age=age
            )
        if column >= vm.FIRST_VALUE and column - vm.FIRST_VALUE < len(m.columns):
            value = float(m.values[column - vm.FIRST_VALUE][at])
            why = "" if value == value else "\n" + tr("Its history is too short for this yet.")
            return m.columns[column - vm.FIRST_VALUE].heading + f": {value:.8g}" * (value == value) + why
        if column == vm.SPREAD and m.bid[at] > 0:
            return f"{formats.price(float(m.bid[at]), digits)} / {formats.price(float(m.ask[at]), digits)}"
        low, high = (formats.price(float(column[at]), digits) for column in (m.low24, m.high24))
        span = tr("{a} to {b}").format(a=low, b=high)
        when = formats.clock(int(m.ts[at])) if m.ts[at] else tr("never")
        held = ", ".join(m.lists.of(m.symbols[at]))
        return (
            f"{m.symbols[at]}\n{vm.market_title(m.markets[m.market_code[at]])}, {STATE_NAMES[int(m.state[at])]}\n"
            + tr("24 h range {span}").format(span=span)
            + "\n"
            + tr("Last update {when} UTC").format(when=when)
            + (f"\n{held}" if held else "")
        )

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        ids = self.rows.order[first:last]
        painters = (
            self._paint_symbol,
            self._paint_market,
            self._paint_last,
            self._paint_change,
            self._paint_volume,
            self._paint_spread,
            self._paint_range,
            self._paint_badge,
            self._paint_trend,
        )
        for slot in slots:
            draw = painters[slot.column] if slot.column < len(painters) else self._paint_value
            draw(painter, slot, first, ids, paint)

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

    def _paint_spread(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        top = self.row_top(first)
        painter.setPen(paint["dim"])
        for value in (self.rows.spread[ids] * 1e4).tolist():
            text = formats.MISSING if value != value else f"{value:.1f}" if value < 1000 else "1k+"
            painter.drawText(QRect(slot.x, top, slot.width - 6, ROW_HEIGHT), RIGHT, text)
            top += ROW_HEIGHT

    def _paint_range(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        """A line from the low to the high, and a mark where the price is."""
        left, width = slot.x + 6, max(slot.width - 12, 8)
        middle = self.row_top(first) + ROW_HEIGHT // 2
        for share in self.rows.position24[ids].tolist():
            painter.fillRect(left, middle - 1, width, 2, paint["grid_strong"])
            if share == share:
                token = "dim" if self.dimmed else "up" if share >= 0.5 else "down"
                painter.fillRect(left + round(share * (width - 4)), middle - 5, 4, 10, paint[token])
            middle += ROW_HEIGHT

    def _paint_value(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        number = slot.column - vm.FIRST_VALUE
        if number >= len(self.rows.columns):
            return
        column, top = self.rows.columns[number], self.row_top(first)
        painter.setPen(paint["dim" if self.dimmed else "text"])
        for value in self.rows.values[number][ids].tolist():
            painter.drawText(QRect(slot.x, top, slot.width - 6, ROW_HEIGHT), RIGHT, vm.value_text(value, column))
            top += ROW_HEIGHT

    def _paint_badge(self, painter: QPainter, slot: Slot, first: int, ids: np.ndarray, paint: Ink) -> None:
        m, now = self.rows, self._now_ms()
        painter.setFont(paint.badge)
        for k in np.flatnonzero(m.badge_fresh(now)[ids]).tolist():
            at = int(ids[k])
            kind = int(m.badge[at])
            top = self.row_top(first + k)
            box = QRect(slot.x + 4, top + 4, min(34, slot.width - 8), ROW_HEIGHT - 8)
            paint_badge(painter, box, vm.BADGE_NAMES[kind], kind, bool(m.badge_soft[at]), paint)
            if slot.width >= 64:
                painter.setPen(paint["dim"])
                painter.setFont(paint.small)
                age = formats.age(now - int(m.badge_ms[at])).replace(" ", "")
                painter.drawText(QRect(slot.x + 42, top, slot.width - 44, ROW_HEIGHT), LEFT, age)
                painter.setFont(paint.badge)
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
        m, ratio = self.rows, self.devicePixelRatioF()
        state = (int(m.spark_version[at]), bool(m.change[at] >= 0), width, ratio)
        found = self._sparks.pop(at, None)
        if found is not None and found[0] == state:
            self._sparks[at] = found
            return found[1]
        values = m.sparks[at]
        values = values[np.isfinite(values)]
        if len(values) < 2:
            return None
        made = _spark_pixmap(values, width, ROW_HEIGHT - 4, ratio, state[1], paint)
        self._sparks[at] = (state, made)
        # two screens of rows: those of a thousand symbols in a wide column would hold 80 MB
        while len(self._sparks) > 2 * (self.viewport().height() // ROW_HEIGHT + 2):
            del self._sparks[next(iter(self._sparks))]
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
        self._sparks.clear()
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

    # columns --------------------------------------------------------------------------------------------------------
    def columns_changed(self) -> None:
        """The model has other columns of expressions now."""
        header, count = self.horizontalHeader(), len(self.rows.columns)
        for number in range(vm.MOST_VALUES):
            at = vm.FIRST_VALUE + number
            shown = number < count
            if shown:
                column = self.rows.columns[number]
                tip = tr("{expression} on {timeframe}").format(expression=column.expression, timeframe=column.timeframe)
                self.columns[at] = Column(column.heading, VALUE_WIDTH, RIGHT, tip)
            if shown and header.isSectionHidden(at):
                was, self.arranged = self.arranged, True
                header.moveSection(header.visualIndex(at), header.visualIndex(vm.TREND))
                self.arranged = was
                wanted = ink().metrics.horizontalAdvance(self.columns[at].title) + 22
                header.resizeSection(at, min(max(wanted, VALUE_WIDTH), 150))
            header.setSectionHidden(at, not shown)
        header.viewport().update()
        self.viewport().update()

    def hide_column(self, column: int, hidden: bool) -> None:
        """By a person."""
        self._set_arranged()
        self.setColumnHidden(column, hidden)

    def reset_columns(self) -> None:
        """Order, widths and visibility as they are by themselves."""
        header = self.horizontalHeader()
        order = [*range(vm.TREND), *range(vm.FIRST_VALUE, len(self.columns)), vm.TREND]
        for place, column in enumerate(order):
            header.moveSection(header.visualIndex(column), place)
            if column != vm.TREND:
                header.resizeSection(column, self.columns[column].width)
        self.arranged = False
        for column in range(vm.FIRST_VALUE):
            self.setColumnHidden(column, False)
        self._give_way(self.width())

    def keep_columns(self) -> list[list[Any]]:
        """[id, width, hidden] from left to right; [] while nobody has arranged them."""
        header = self.horizontalHeader()
        shown = [header.logicalIndex(v) for v in range(header.count())]
        kept = [[self._id(c), header.sectionSize(c), header.isSectionHidden(c)] for c in shown if self._id(c)]
        return kept if self.arranged else []

    def restore_columns(self, kept: Any) -> None:
        """What `keep_columns` gave; what is missing or wrong stays as it is."""
        rows = [k for k in kept if isinstance(k, list) and len(k) == 3] if isinstance(kept, list) else []
        known = {self._id(c): c for c in range(len(self.columns)) if self._id(c)}
        header, place = self.horizontalHeader(), 0
        for name, width, hidden in rows:
            if name not in known or not isinstance(width, int):
                continue
            column = known[name]
            header.moveSection(header.visualIndex(column), place)
            if column != vm.TREND and 20 <= width <= 600:
                header.resizeSection(column, width)
            self.setColumnHidden(column, bool(hidden))
            place += 1
        self.arranged = bool(place)

    def _id(self, column: int) -> str:
        if column < vm.FIRST_VALUE:
            return _IDS[column]
        at = column - vm.FIRST_VALUE
        return "@".join(self.rows.columns[at][:2]) if at < len(self.rows.columns) else ""

    def _set_arranged(self) -> None:
        self.arranged = True

    def _on_header_menu(self, place: QPoint) -> None:
        header = self.horizontalHeader()
        self.headerMenuAsked.emit(header.logicalIndexAt(place), header.mapToGlobal(place))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._give_way(event.size().width())
        super().resizeEvent(event)

    def _give_way(self, room: int) -> None:
        if self.arranged:
            return
        room -= sum(self.columnWidth(vm.FIRST_VALUE + k) for k in range(len(self.rows.columns)))
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, room < width)

    # the mouse ------------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint())
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed = event.position().toPoint() if plain and row >= 0 else None
        self._several = plain and row >= 0 and len(self.selected) > 1 and self.row_key(row) in self.selected
        if not self._several:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            row, self._pressed, self._several = self.row_at(self._pressed), None, False
            if row >= 0:
                start_drag(self, self.chosen(str(self.row_key(row))))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click into a selection of several chooses one of them, unless they were dragged."""
        if self._several:
            super().mousePressEvent(event)
        self._pressed, self._several = None, False

    def chosen(self, symbol: str) -> list[str]:
        """The selected symbols in the order of the rows, when this is one of them; else this one."""
        if symbol not in self.selected:
            return [symbol]
        return [s for r in range(self.row_count()) if (s := str(self.row_key(r))) in self.selected]


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
