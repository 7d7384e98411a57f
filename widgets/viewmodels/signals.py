"""The live feed of signals: bounded, columnar, newest first, frozen while somebody reads further down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.watchlist import short_market

#: rows kept: the close of a busy minute alone brings tens of thousands
CAPACITY = 50_000
#: batches, and rows of them, that wait for a refresh: while the panel is hidden none comes. A batch takes kilobytes for
#: a few rows, and those of a fast replay took 16 MB
MOST_WAITING, MOST_WAITING_ROWS = 64, 5_000
TIME, SYMBOL, MARKET, FRAME, SIDE, STRATEGY, KIND, PRICE, STRENGTH, OUTCOME, AGE = range(11)
TITLES = (
    mark("Time"),
    mark("Symbol"),
    mark("Mkt"),
    mark("TF"),
    mark("Side"),
    mark("Strategy"),
    mark("Kind"),
    mark("Price"),
    mark("Str"),
    mark("Since"),
    mark("Age"),
)
#: kinds of a row. KEPT: a provisional one whose bar closed with the condition still true.
IS_CONFIRMED, IS_PROVISIONAL, IS_WITHDRAWN, IS_KEPT = range(4)
KIND_NAMES = (mark("confirmed"), mark("provisional"), mark("withdrawn"), mark("held to close"))
#: the marks of a signal, by the names of its fields
MARK_NAMES = (mark("late"), mark("settling"), mark("revised"), mark("quiet"))
#: which way the price has to go after a long entry, long exit, short entry, short exit, for it to have been right
_RIGHT_WAY = np.array([1.0, -1.0, -1.0, 1.0])
_SIDE_SLOTS = {"long": (0, 1), "short": (2, 3)}
#: a minute with more signals than this is one row until it is opened
MANY = 200
#: rows of the newest such minute that are shown all the same
PEEK = 100
_ENTRY_SLOTS = np.array([action == ENTRY for _, action in SLOTS])
_MINUTE_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is shown; '' = all. strategy: an id, or 'family:NAME'. kinds: 'confirmed', 'provisional' or 'entries'.
    symbols: of a list, None = all. text: part of a symbol or strategy. mine: only one's own strategies
    and promoted sets."""

    market: str = ""
    symbols: frozenset[str] | None = None
    strategy: str = ""
    timeframe: str = ""
    side: str = ""
    kinds: str = ""
    text: str = ""
    mine: bool = False

    @property
    def names(self) -> bool:
        """Anything at all is left out."""
        return self != Filter()


class Minute(NamedTuple):
    """A minute with many signals, as one row. count: of those that pass the filter; open: they are shown below."""

    minute: int
    count: int
    buys: int
    sells: int
    exits: int
    symbols: int
    strategies: int
    open: bool


class SignalModel:
    """Rows by running number: row k lies at k % capacity, so nothing is moved when the oldest one leaves. In `rows`
    -1 - k stands for `minutes[k]`.

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
        self.filter = Filter()
        #: symbols that are not shown
        self.muted: frozenset[str] = frozenset()
        #: of each strategy id, and what is one's own: ids, and (strategy, params, symbol, timeframe)
        self.families: Mapping[str, str] = {}
        self.own: Set[str] = frozenset()
        self.promoted: Set[tuple[str, str, str, str]] = frozenset()
        self.grouped = True
        self.minutes: list[Minute] = []
        self._opened: set[int] = set()
        self._frozen_at = -1
        self.rows = np.empty(0, dtype=np.int64)
        #: running numbers of all that pass the filter, minutes or not
        self.passing = self.rows
        self._dirty = False

    def append(self, batch: SignalBatch) -> None:
        """Add in journal order. One that is there already (a page read again) is passed over, but for its mark when its
        bar was restated."""
        if len(batch):
            self._waiting.append(batch)
            self.last_seq = max(self.last_seq, int(batch.rows["seq"].max()))
            if len(self._waiting) >= MOST_WAITING or sum(map(len, self._waiting)) >= MOST_WAITING_ROWS:
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

    def set_filter(self, **change: Any) -> None:
        """Change these fields of the filter."""
        if "text" in change:
            change["text"] = change["text"].strip().lower()
        self.filter, self._dirty = replace(self.filter, **change), True

    def touch(self) -> None:
        """Something that the filter looks at has changed."""
        self._dirty = True

    def toggle_minute(self, number: int) -> None:
        """Open or close `minutes[number]`."""
        self._opened ^= {self.minutes[number].minute}
        self._dirty = True

    def refresh(self) -> bool:
        """Take in what waits and recompute `rows` (running numbers, newest first) when something changed."""
        self._take_in()
        if not self._dirty:
            return False
        self._dirty = False
        end = self._frozen_at if self.frozen else self.total
        rows = np.arange(end - 1, max(self.total - self.capacity, 0) - 1, -1)
        if self.filter.names or self.muted:
            rows = rows[self._mask(rows % self.capacity)]
        self.passing = rows
        rows = self._grouped(rows) if self.grouped else rows
        changed = not np.array_equal(rows, self.rows)
        self.rows = rows
        return changed

    def _mask(self, at: np.ndarray) -> np.ndarray:
        keep, cells, f = np.ones(len(at), dtype=bool), self.cells, self.filter
        symbols = [
            (not f.market or s.partition(":")[0] == f.market)
            and (f.symbols is None or s in f.symbols)
            and s not in self.muted
            for s in self._symbols
        ]
        keep &= _which(symbols)[cells["symbol"][at]]
        if f.strategy:
            family = f.strategy.removeprefix("family:") if f.strategy.startswith("family:") else ""
            chosen = [self.families.get(k[0]) == family if family else k[0] == f.strategy for k in self._strategies]
            keep &= _which(chosen)[cells["strategy"][at]]
        if f.timeframe:
            keep &= _which([t == f.timeframe for t in self._timeframes])[cells["timeframe"][at]]
        if f.side:
            keep &= np.isin(cells["slot"][at], _SIDE_SLOTS[f.side])
        if f.kinds == "confirmed":
            keep &= self.kind[at] == IS_CONFIRMED
        elif f.kinds == "provisional":
            keep &= self.kind[at] != IS_CONFIRMED
        elif f.kinds == "entries":
            keep &= _ENTRY_SLOTS[cells["slot"][at]]
        if f.text:
            named = _which([f.text in s.lower() for s in self._symbols])[cells["symbol"][at]]
            keep &= named | _which([f.text in s[0].lower() for s in self._strategies])[cells["strategy"][at]]
        return keep & self._mine(at) if f.mine else keep

    def _mine(self, at: np.ndarray) -> np.ndarray:
        cells = self.cells
        keep = _which([s[0] in self.own for s in self._strategies])[cells["strategy"][at]]
        sets = {(p[0], p[1]) for p in self.promoted}
        some = np.flatnonzero(_which([(s[0], s[2]) in sets for s in self._strategies])[cells["strategy"][at]])
        strategies, symbols, frames = list(self._strategies), list(self._symbols), list(self._timeframes)
        for k in some.tolist():
            cell = cells[at[k]]
            name, _, params = strategies[cell["strategy"]]
            keep[k] |= (name, params, symbols[cell["symbol"]], frames[cell["timeframe"]]) in self.promoted
        return keep

    def _grouped(self, rows: np.ndarray) -> np.ndarray:
        """Minutes with many signals become one row each, above their signals where they are open."""
        self.minutes = []
        if not len(rows):
            return rows
        at = rows % self.capacity
        minute = self.cells["emitted_ns"][at] // 60_000_000_000
        # newest first; two markets that cross a minute's border together do not make four groups of it
        minute = np.maximum.accumulate(minute[::-1])[::-1]
        first = np.flatnonzero(np.r_[True, minute[1:] != minute[:-1]])
        counts = np.diff(np.r_[first, len(rows)])
        big = counts > MANY
        if not big.any():
            return rows
        where = np.repeat(np.arange(len(first)), counts)
        opened = np.zeros(len(first), np.bool_)
        number = np.full(len(first), -1)
        for k in np.flatnonzero(big).tolist():
            found = self._minute(int(minute[first[k]]), at[first[k] : first[k] + counts[k]])
            number[k], opened[k] = len(self.minutes), found.open
            self.minutes.append(found)
        # of the newest minute the last ones are seen without opening it
        stays = ~big[where] | opened[where] | ((where == 0) & (np.arange(len(rows)) < PEEK))
        # a head stands before the first row of its minute
        place = first[big]
        return np.insert(rows, place, -1 - number[big])[np.insert(stays, place, True)]

    def _minute(self, minute: int, at: np.ndarray) -> Minute:
        cells = self.cells
        slots = np.bincount(cells["slot"][at], minlength=4).tolist()
        symbols, strategies = (int((np.bincount(cells[n][at]) > 0).sum()) for n in ("symbol", "strategy"))
        return Minute(
            minute, len(at), slots[0], slots[2], slots[1] + slots[3], symbols, strategies, minute in self._opened
        )

    def outcomes(self, rows: np.ndarray, last: Callable[[str], float]) -> np.ndarray:
        """float64[n]: how far the price has gone since, in the signal's direction (for an exit: away from it), as a
        fraction; nan where unknown, and of rows that are minutes. last: the last price of a symbol."""
        prices = np.array([last(s) for s in self._symbols] or [np.nan])
        cells = self.cells[np.maximum(rows, 0) % self.capacity]
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = (prices[cells["symbol"]] / cells["price"] - 1.0) * _RIGHT_WAY[cells["slot"]]
        return np.where((rows >= 0) & np.isfinite(moved), moved, np.nan)

    def minute_at(self, place: int) -> Minute | None:
        """The minute that a row of the visible list stands for."""
        row = int(self.rows[place])
        return self.minutes[-1 - row] if row < 0 else None

    def signal(self, place: int) -> Signal:
        """The signal at a place of the visible list."""
        return self.batch(self.rows[place : place + 1]).signals()[0]

    def batch(self, rows: np.ndarray) -> SignalBatch:
        """The signals with these running numbers."""
        cells = self.cells[rows % self.capacity]
        return SignalBatch(cells, list(self._strategies), list(self._symbols), list(self._timeframes))

    @property
    def strategies(self) -> set[str]:
        """Ids of all strategies that have been heard of."""
        return {key[0] for key in self._strategies}

    def kind_of(self, place: int) -> int:
        return int(self.kind[int(self.rows[place]) % self.capacity])

    def explain_empty(self) -> str:
        if len(self.rows):
            return ""
        if not self.total:
            return tr("No signals yet. They appear here the moment a strategy's condition turns true.")
        count = f"{min(self.total, self.capacity):,}"
        if self.filter.mine and not self.own and not self.promoted:
            return tr("You have no strategies of your own and no promoted sets; {n} signals of others.").format(n=count)
        return tr("None of {n} signals passes the filter.").format(n=count)


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
    marks = [tr(name) for name in MARK_NAMES if getattr(s, name)]
    return " · ".join([tr(KIND_NAMES[kind]), *marks])


def kind_short(s: Signal, kind: int) -> str:
    """The kind for a narrow column: 'late' outweighs it, other marks are a star that the tooltip explains."""
    return tr("late") if s.late else tr(KIND_NAMES[kind]) + ("*" if s.settling or s.revised else "")


def tooltip(s: Signal, kind: int, decimals: int) -> str:
    """Everything the record says, one fact a line."""
    took = (s.emitted_ns - s.received_ns) / 1e6
    facts = [
        f"{s.symbol}  {s.timeframe}  {side_word(s)}  {kind_words(s, kind)}",
        tr("Strategy {strategy} ({params}), version {version}").format(
            strategy=s.strategy, params=s.params or tr("no parameters"), version=s.version[:8]
        ),
        tr("Bar {time} UTC, price {price}, strength {strength}").format(
            time=formats.minute(s.bar_ts), price=formats.price(s.price, decimals), strength=f"{s.strength:.1f}"
        ),
        tr("Engine time {time} from frame to signal; journal number {n}").format(
            time=formats.milliseconds(took), n=s.seq
        ),
    ]
    return "\n".join(facts)


def columns_text(s: Signal, kind: int, decimals: int, now_ms: int, outcome: float = float("nan")) -> list[str]:
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
        formats.percent(outcome) if outcome == outcome else "",
        formats.age(now_ms - stamp),
    ]
