"""The live feed of signals: bounded, columnar, newest first, frozen while somebody reads further down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.contracts.signals import (
    ENTRY,
    K_PROVISIONAL,
    K_WITHDRAWN,
    LONG,
    SIGNAL_DTYPE,
    SLOTS,
    Signal,
    SignalBatch,
    StrategyKey,
    renumber,
)
from widgets.viewmodels import formats
from widgets.viewmodels.watchlist import short_market

#: rows kept: the close of a busy minute alone brings tens of thousands
CAPACITY = 50_000
TIME, SYMBOL, MARKET, FRAME, SIDE, STRATEGY, KIND, PRICE, STRENGTH, AGE = range(10)
TITLES = ("Time", "Symbol", "Mkt", "TF", "Side", "Strategy", "Kind", "Price", "Str", "Age")
#: kinds of a row. KEPT: a provisional one whose bar closed with the condition still true.
IS_CONFIRMED, IS_PROVISIONAL, IS_WITHDRAWN, IS_KEPT = range(4)
KIND_NAMES = ("confirmed", "provisional", "withdrawn", "held to close")
_ENTRY_SLOTS = np.array([action == ENTRY for _, action in SLOTS])
_MINUTE_MS = 60_000


class SignalModel:
    """Rows by running number: row k lies at k % capacity, so nothing is moved when the oldest one leaves.

    What comes waits as batches until `refresh`, which works on columns only, however many there are.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.cells = np.zeros(capacity, SIGNAL_DTYPE)
        self.kind = np.zeros(capacity, np.uint8)
        self._key = np.zeros(capacity, np.uint64)
        self._strategies: dict[StrategyKey, int] = {}
        self._symbols: dict[str, int] = {}
        self._timeframes: dict[str, int] = {}
        self._waiting: list[SignalBatch] = []
        self.total = 0
        self.last_seq = 0
        self.market, self.kinds, self.text = "", "", ""
        self._frozen_at = -1
        self.rows = np.empty(0, dtype=np.int64)
        self._dirty = False

    def append(self, batch: SignalBatch) -> None:
        """Add in journal order. One that is there already (a page read again) is passed over, but for its mark when its
        bar was restated."""
        if len(batch):
            self._waiting.append(batch)
            self.last_seq = max(self.last_seq, int(batch.rows["seq"].max()))
            if sum(map(len, self._waiting)) > self.capacity:
                self._take_in()

    def refill(self, page: SignalBatch) -> None:
        """Join a page of the journal with what is here, in journal order: after a gap or a reconnection, when newer
        ones may have come before the page."""
        self._take_in()
        held = np.arange(max(self.total - self.capacity, 0), self.total) % self.capacity
        old, old_kind = self.cells[held], self.kind[held]
        rows = np.concatenate([self._numbered(page), old[~np.isin(old["seq"], page.rows["seq"])]])
        rows = rows[np.argsort(rows["seq"], kind="stable")][-self.capacity :]
        frozen, self.total = self.frozen, 0
        if len(rows):
            self._place(rows, np.empty(0, np.int64))
            self.last_seq = max(self.last_seq, int(rows["seq"][-1]))
        seqs = self.cells["seq"][: self.total]
        at = np.minimum(np.searchsorted(seqs, old["seq"]), max(self.total - 1, 0))
        told = (old_kind == IS_KEPT) | (old_kind == IS_WITHDRAWN)
        told &= (seqs[at] == old["seq"]) if self.total else False
        self.kind[at[told]] = old_kind[told]
        self._frozen_at, self._dirty = (self.total if frozen else -1), True

    def _take_in(self) -> None:
        """Put what waits into the ring."""
        if not self._waiting:
            return
        batches, self._waiting = self._waiting, []
        rows = np.concatenate([self._numbered(b) for b in batches])
        held = np.arange(max(self.total - self.capacity, 0), self.total) % self.capacity
        newest = int(self.cells["seq"][held].max()) if len(held) else 0
        known = (rows["seq"] != 0) & (rows["seq"] <= newest)
        self._mark_again(rows[known], held)
        rows = rows[~known][-self.capacity :]
        if len(rows):
            self._place(rows, held)
        self._dirty = True

    def _numbered(self, batch: SignalBatch) -> np.ndarray:
        rows = batch.rows.copy()
        renumber(rows, "strategy", batch.strategies, self._strategies)
        renumber(rows, "symbol", batch.symbols, self._symbols)
        renumber(rows, "timeframe", batch.timeframes, self._timeframes)
        return rows

    def _mark_again(self, again: np.ndarray, held: np.ndarray) -> None:
        """Rows that come a second time: their marks may be new."""
        if not len(again):
            return
        order = held[np.argsort(self.cells["seq"][held], kind="stable")]
        seqs = self.cells["seq"][order]
        at = np.minimum(np.searchsorted(seqs, again["seq"]), len(order) - 1)
        same = seqs[at] == again["seq"]
        self.cells["flags"][order[at[same]]] = again["flags"][same]

    def _place(self, rows: np.ndarray, held: np.ndarray) -> None:
        """A withdrawn one strikes its provisional row and adds none; a confirmed one marks it as held to the close."""
        keys = _keys(rows)
        kinds = np.array([IS_CONFIRMED, IS_PROVISIONAL, IS_WITHDRAWN], np.uint8)[rows["kind"]]
        # a place is alive if it is not overwritten by these rows
        room = self.capacity - len(rows)
        open_ = held[-room:] if room else held[:0]
        open_ = open_[self.kind[open_] == IS_PROVISIONAL]
        fresh = np.flatnonzero(kinds == IS_PROVISIONAL)
        candidates = np.concatenate([self._key[open_], keys[fresh]])
        order = np.argsort(candidates, kind="stable")
        closing = np.flatnonzero(rows["kind"] != K_PROVISIONAL)
        adds = np.ones(len(rows), np.bool_)
        if len(order) and len(closing):
            at = np.minimum(np.searchsorted(candidates[order], keys[closing]), len(order) - 1)
            found = candidates[order[at]] == keys[closing]
            hit, by = order[at[found]], closing[found]
            verdict = np.where(rows["kind"][by] == K_WITHDRAWN, IS_WITHDRAWN, IS_KEPT).astype(np.uint8)
            old = hit < len(open_)
            self.kind[open_[hit[old]]] = verdict[old]
            kinds[fresh[hit[~old] - len(open_)]] = verdict[~old]
            adds[by[rows["kind"][by] == K_WITHDRAWN]] = False
        rows, kinds, keys = rows[adds], kinds[adds], keys[adds]
        to = (self.total + np.arange(len(rows))) % self.capacity
        self.cells[to], self.kind[to], self._key[to] = rows, kinds, keys
        self.total += len(rows)

    @property
    def frozen(self) -> bool:
        return self._frozen_at >= 0

    def freeze(self) -> None:
        """Keep the rows where they are; newer ones are counted in `waiting`."""
        if not self.frozen:
            self._take_in()
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
        """Take in what waits and recompute `rows` (running numbers, newest first) when something changed."""
        self._take_in()
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
        cells = self.cells
        if self.market:
            keep &= _which([s.partition(":")[0] == self.market for s in self._symbols])[cells["symbol"][at]]
        if self.kinds == "confirmed":
            keep &= self.kind[at] == IS_CONFIRMED
        elif self.kinds == "entries":
            keep &= _ENTRY_SLOTS[cells["slot"][at]]
        if self.text:
            symbols = _which([self.text in s.lower() for s in self._symbols])
            strategies = _which([self.text in s[0].lower() for s in self._strategies])
            keep &= symbols[cells["symbol"][at]] | strategies[cells["strategy"][at]]
        return keep

    def signal(self, place: int) -> Signal:
        """The signal at a place of the visible list."""
        row = self.cells[[int(self.rows[place]) % self.capacity]]
        return SignalBatch(row, list(self._strategies), list(self._symbols), list(self._timeframes)).signals()[0]

    def kind_of(self, place: int) -> int:
        return int(self.kind[int(self.rows[place]) % self.capacity])

    def explain_empty(self) -> str:
        if len(self.rows):
            return ""
        if not self.total:
            return "No signals yet. They appear here the moment a strategy's condition turns true."
        return f"None of {min(self.total, self.capacity):,} signals passes the filter."


def _which(chosen: Sequence[bool]) -> np.ndarray:
    """bool by number of a name; never empty, so that an empty list can be indexed by nothing."""
    return np.array(chosen or [False], np.bool_)


def _keys(rows: np.ndarray) -> np.ndarray:
    """uint64[n]: what tells a signal apart but for its kind. Exact within this model's numbers."""
    key = rows["strategy"].astype(np.uint64) << np.uint64(2) | rows["slot"].astype(np.uint64)
    key = key << np.uint64(14) | rows["symbol"].astype(np.uint64)
    key = key << np.uint64(5) | rows["timeframe"].astype(np.uint64)
    return key << np.uint64(28) | (rows["bar_ts"] // _MINUTE_MS).astype(np.uint64)


def side_word(s: Signal) -> str:
    """'BUY', 'SELL' for entries; 'EXIT L', 'EXIT S' for exits."""
    if s.action == ENTRY:
        return "BUY" if s.side == LONG else "SELL"
    return "EXIT L" if s.side == LONG else "EXIT S"


def kind_words(s: Signal, kind: int) -> str:
    """The kind with its marks: 'confirmed · late'."""
    marks = [name for name in ("late", "settling", "revised", "quiet") if getattr(s, name)]
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
        f"Bar {formats.minute(s.bar_ts)} UTC, price {formats.price(s.price, decimals)}, strength {s.strength:.1f}",
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
        f"{s.strength:.1f}" if s.strength else "",
        formats.age(now_ms - stamp),
    ]
