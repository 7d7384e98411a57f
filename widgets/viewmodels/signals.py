"""The live feed of signals: bounded, columnar, newest first, frozen while somebody reads further down."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.contracts.signals import CONFIRMED, ENTRY, LONG, PROVISIONAL, WITHDRAWN, Signal
from widgets.viewmodels import formats
from widgets.viewmodels.watchlist import short_market

CAPACITY = 5_000
TIME, SYMBOL, MARKET, FRAME, SIDE, STRATEGY, KIND, PRICE, AGE = range(9)
TITLES = ("Time", "Symbol", "Mkt", "TF", "Side", "Strategy", "Kind", "Price", "Age")
#: kinds of a row. KEPT: a provisional one whose bar closed with the condition still true.
IS_CONFIRMED, IS_PROVISIONAL, IS_WITHDRAWN, IS_KEPT = range(4)
KIND_NAMES = ("confirmed", "provisional", "withdrawn", "held to close")


class SignalModel:
    """Rows by running number: row k lies at k % capacity, so nothing is moved when the oldest one leaves."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.items: list[Signal | None] = [None] * capacity
        self.kind = np.zeros(capacity, dtype=np.uint8)
        self.stamp = np.zeros(capacity, dtype=np.int64)
        self._market = np.full(capacity, -1, dtype=np.int32)
        self._symbol = np.full(capacity, -1, dtype=np.int32)
        self._markets: dict[str, int] = {}
        self._symbols: dict[str, int] = {}
        self._open: dict[tuple[object, ...], int] = {}
        self.total = 0
        self.last_seq = 0
        self.market, self.kinds, self.text = "", "", ""
        self._frozen_at = -1
        self.rows = np.empty(0, dtype=np.int64)
        self._dirty = False

    def append(self, signals: Iterable[Signal]) -> int:
        """Add in journal order; one that is there already (a page read again after a gap) is skipped. Returns added."""
        added = 0
        for s in signals:
            if s.seq and s.seq <= self.last_seq:
                continue
            self.last_seq = max(self.last_seq, s.seq)
            added += self._add(s)
        self._dirty |= added > 0
        return added

    def _add(self, s: Signal) -> int:
        base = s.key[:-1]
        earlier = self._open.pop(base, -1)
        alive = earlier >= self.total - self.capacity and earlier >= 0
        if s.kind == WITHDRAWN and alive:
            self.kind[earlier % self.capacity] = IS_WITHDRAWN
            return 1 if self._show_in_place() else 0
        if s.kind == CONFIRMED and alive:
            self.kind[earlier % self.capacity] = IS_KEPT
        at = self.total % self.capacity
        self.items[at] = s
        self.kind[at] = {CONFIRMED: IS_CONFIRMED, PROVISIONAL: IS_PROVISIONAL}.get(s.kind, IS_WITHDRAWN)
        self.stamp[at] = s.emitted_ns // 1_000_000
        market = s.symbol.partition(":")[0]
        self._market[at] = self._markets.setdefault(market, len(self._markets))
        self._symbol[at] = self._symbols.setdefault(s.symbol, len(self._symbols))
        if s.kind == PROVISIONAL:
            self._open[base] = self.total
            if len(self._open) > self.capacity:
                self._open = {k: v for k, v in self._open.items() if v >= self.total - self.capacity}
        self.total += 1
        return 1

    def _show_in_place(self) -> bool:
        self._dirty = True
        return False

    @property
    def frozen(self) -> bool:
        return self._frozen_at >= 0

    def freeze(self) -> None:
        """Keep the rows where they are; newer ones are counted in `waiting`."""
        if not self.frozen:
            self._frozen_at = self.total

    def thaw(self) -> None:
        self._frozen_at, self._dirty = -1, True

    @property
    def waiting(self) -> int:
        """Signals that arrived since the list was frozen."""
        return self.total - self._frozen_at if self.frozen else 0

    def set_filter(self, *, market: str | None = None, kinds: str | None = None, text: str | None = None) -> None:
        """kinds: '' all, 'confirmed' only confirmed, 'entries' only entries. text: part of a symbol or strategy."""
        self.market = self.market if market is None else market
        self.kinds = self.kinds if kinds is None else kinds
        self.text = self.text if text is None else text.strip().lower()
        self._dirty = True

    def refresh(self) -> bool:
        """Recompute `rows` (running numbers, newest first) when something changed."""
        if not self._dirty:
            return False
        self._dirty = False
        end = self._frozen_at if self.frozen else self.total
        rows = np.arange(end - 1, max(self.total - self.capacity, 0) - 1, -1)
        if self.market or self.kinds or self.text:
            rows = rows[self._mask(rows % self.capacity)]
        changed = not np.array_equal(rows, self.rows)
        self.rows = rows
        return changed

    def _mask(self, at: np.ndarray) -> np.ndarray:
        keep = np.ones(len(at), dtype=bool)
        if self.market:
            keep &= self._market[at] == self._markets.get(self.market, -2)
        if self.kinds == "confirmed":
            keep &= self.kind[at] == IS_CONFIRMED
        elif self.kinds == "entries":
            keep &= np.array([(s := self.items[k]) is not None and s.action == ENTRY for k in at], dtype=bool)
        if self.text:
            keep &= np.array([self._matches(self.items[k]) for k in at], dtype=bool)
        return keep

    def _matches(self, s: Signal | None) -> bool:
        return s is not None and (self.text in s.symbol.lower() or self.text in s.strategy.lower())

    def signal(self, place: int) -> Signal:
        """The signal at a place of the visible list."""
        found = self.items[int(self.rows[place]) % self.capacity]
        assert found is not None
        return found

    def kind_of(self, place: int) -> int:
        return int(self.kind[int(self.rows[place]) % self.capacity])

    def explain_empty(self) -> str:
        if len(self.rows):
            return ""
        if not self.total:
            return "No signals yet. They appear here the moment a strategy's condition turns true."
        return f"None of {min(self.total, self.capacity):,} signals passes the filter."


def side_word(s: Signal) -> str:
    """'BUY', 'SELL' for entries; 'EXIT L', 'EXIT S' for exits."""
    if s.action == ENTRY:
        return "BUY" if s.side == LONG else "SELL"
    return "EXIT L" if s.side == LONG else "EXIT S"


def kind_words(s: Signal, kind: int) -> str:
    """The kind with its marks: 'confirmed · late'."""
    marks = [name for name, on in (("late", s.late), ("settling", s.settling), ("revised", s.revised)) if on]
    return " · ".join([KIND_NAMES[kind], *marks])


def kind_short(s: Signal, kind: int) -> str:
    """The kind for a narrow column: 'late' outweighs it, other marks are a star that the tooltip explains."""
    return "late" if s.late else KIND_NAMES[kind] + ("*" if s.settling or s.revised else "")


def tooltip(s: Signal, kind: int, decimals: int) -> str:
    """Everything the record says, one fact a line."""
    took = (s.emitted_ns - s.received_ns) / 1e6
    facts = [
        f"{s.symbol}  {s.timeframe}  {side_word(s)}  {kind_words(s, kind)}",
        f"Strategy {s.strategy} ({s.params or 'no parameters'}), version {s.version[:8]}",
        f"Bar {formats.minute(s.bar_ts)} UTC, price {formats.price(s.price, decimals)}",
        f"Engine time {formats.milliseconds(took)} from frame to signal; journal number {s.seq}",
    ]
    return "\n".join(facts)


def columns_text(s: Signal, kind: int, decimals: int, now_ms: int) -> list[str]:
    """One row as text, in the order of TITLES: for copying and for screen readers."""
    market, _, name = s.symbol.partition(":")
    stamp = s.emitted_ns // 1_000_000
    return [
        formats.clock(stamp),
        name,
        short_market(market),
        s.timeframe,
        side_word(s),
        s.strategy,
        kind_words(s, kind),
        formats.price(s.price, decimals),
        formats.age(now_ms - stamp),
    ]
