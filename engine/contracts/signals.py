"""Signals: the product's word. In numbers they are columns (SignalBatch); one at a time, for reading, a Signal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

from engine.contracts.errors import BadInput

CONFIRMED, PROVISIONAL, WITHDRAWN = "confirmed", "provisional", "withdrawn"
LONG, SHORT = "long", "short"
ENTRY, EXIT = "entry", "exit"

#: kinds of a row, as SIGNAL_DTYPE.kind numbers them
KINDS = (CONFIRMED, PROVISIONAL, WITHDRAWN)
K_CONFIRMED, K_PROVISIONAL, K_WITHDRAWN = range(3)
#: the four conditions of a strategy, as SIGNAL_DTYPE.slot numbers them: (side, action)
SLOTS = ((LONG, ENTRY), (LONG, EXIT), (SHORT, ENTRY), (SHORT, EXIT))
LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT = range(4)
#: bits of SIGNAL_DTYPE.flags
F_LATE, F_SETTLING, F_REVISED, F_QUIET, F_BACKFILLED = 1, 2, 4, 8, 16

#: One signal. strategy, symbol, timeframe: numbers in the tables of its batch; the other columns as in Signal.
SIGNAL_DTYPE = np.dtype(
    [
        ("seq", "<i8"),
        ("bar_ts", "<i8"),
        ("price", "<f8"),
        ("event_ms", "<i8"),
        ("received_ns", "<i8"),
        ("emitted_ns", "<i8"),
        ("strength", "<f4"),
        ("strategy", "<u4"),
        ("symbol", "<u4"),
        ("timeframe", "u1"),
        ("slot", "u1"),
        ("kind", "u1"),
        ("flags", "u1"),
    ]
)
#: (id, version, params) of a strategy with its parameters
StrategyKey = tuple[str, str, str]
#: a signal more than this after its bar's close is late: shown, never alerting, never trading.
LATE_AFTER_MS = 5_000


class Signal(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A false-to-true edge of a strategy's condition at one bar.

    version: hash of the strategy's canonical text. params: canonical 'a=1,b=2', sorted by name. bar_ts: open time of
    the bar, ms. price: the bar's close (running close for a provisional one). kind: confirmed, provisional or
    withdrawn. action: entry or exit. event_ms: the exchange's stamp of the frame that made it; received_ns and
    emitted_ns: local, since the epoch. late: more than 5 s after its close; settling: memory not yet filled;
    revised: its bar was restated later. seq: number in the journal, 0 before it is written. strength: how far the
    bar's close moved in the signal's direction, in mean moves of a bar (engine.signals.strength); 0 unknown. quiet:
    within the strategy's cool-down: no alert. backfilled: its bar came by REST.
    """

    strategy: str
    version: str
    params: str
    symbol: str
    timeframe: str
    bar_ts: int
    side: str
    action: str
    kind: str
    price: float
    event_ms: int
    received_ns: int
    emitted_ns: int
    late: bool = False
    settling: bool = False
    revised: bool = False
    seq: int = 0
    strength: float = 0.0
    quiet: bool = False
    backfilled: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, str, int, str, str, str]:
        """Unique in the journal: the same signal is never written twice."""
        return (
            self.strategy,
            self.version,
            self.params,
            self.symbol,
            self.timeframe,
            self.bar_ts,
            self.side,
            self.action,
            self.kind,
        )


class SignalBlock(msgspec.Struct, frozen=True, array_like=True):
    """A batch on its way: rows = bytes of SIGNAL_DTYPE, and its tables."""

    rows: bytes = b""
    strategies: list[StrategyKey] = []
    symbols: list[str] = []
    timeframes: list[str] = []

    def __len__(self) -> int:
        return len(self.rows) // SIGNAL_DTYPE.itemsize

    @property
    def batch(self) -> SignalBatch:
        """The same as arrays, without a copy and read-only."""
        return SignalBatch(np.frombuffer(self.rows, SIGNAL_DTYPE), self.strategies, self.symbols, self.timeframes)


class SignalBatch:
    """Signals as columns. rows: SIGNAL_DTYPE array, whose numbers index the three tables. Never changed once made.

    Tables may hold names that no row uses; `narrowed` leaves them out.
    """

    __slots__ = ("rows", "strategies", "symbols", "timeframes")

    def __init__(
        self, rows: np.ndarray, strategies: Sequence[StrategyKey], symbols: Sequence[str], timeframes: Sequence[str]
    ) -> None:
        self.rows = rows
        self.strategies = strategies
        self.symbols = symbols
        self.timeframes = timeframes

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: Any) -> SignalBatch:
        """Those rows (a mask, numbers or a slice), with the same tables."""
        return SignalBatch(self.rows[chosen], self.strategies, self.symbols, self.timeframes)

    def narrowed(self, *, own: bool = False) -> SignalBatch:
        """With tables of only the names in use. own: nobody else has the rows, which are changed in place."""
        rows = self.rows if own else self.rows.copy()
        strategies = _narrow(rows, "strategy", self.strategies)
        symbols = _narrow(rows, "symbol", self.symbols)
        return SignalBatch(rows, strategies, symbols, _narrow(rows, "timeframe", self.timeframes))

    def block(self) -> SignalBlock:
        """For the bus."""
        return SignalBlock(self.rows.tobytes(), list(self.strategies), list(self.symbols), list(self.timeframes))

    def flagged(self, flag: int) -> np.ndarray:
        """bool[n]: rows with this bit of F_*."""
        return (self.rows["flags"] & flag) != 0

    def of_series(self, symbol: str, timeframe: str) -> SignalBatch:
        """The signals of one series, with tables of only the names in use."""
        if symbol not in self.symbols or timeframe not in self.timeframes:
            return NO_SIGNALS
        mine = self.rows["symbol"] == list(self.symbols).index(symbol)
        mine &= self.rows["timeframe"] == list(self.timeframes).index(timeframe)
        return self.take(mine).narrowed() if mine.any() else NO_SIGNALS

    def signal(self, at: int) -> Signal:
        """One of them as an object."""
        return self.take(slice(at, at + 1 or None)).signals()[0]

    def signals(self) -> list[Signal]:
        """All of them as objects: for reading, never on the way of the many."""
        made = []
        for row in self.rows.tolist():
            seq, bar_ts, price, event_ms, received_ns, emitted_ns, strength, key, symbol, tf, slot, kind, flags = row
            name, version, params = self.strategies[key]
            side, action = SLOTS[slot]
            one = Signal(
                strategy=name, version=version, params=params, symbol=self.symbols[symbol],
                timeframe=self.timeframes[tf], bar_ts=bar_ts, side=side, action=action, kind=KINDS[kind],
                price=price, event_ms=event_ms, received_ns=received_ns, emitted_ns=emitted_ns,
                late=bool(flags & F_LATE), settling=bool(flags & F_SETTLING), revised=bool(flags & F_REVISED),
                seq=seq, strength=strength, quiet=bool(flags & F_QUIET), backfilled=bool(flags & F_BACKFILLED),
            )  # fmt: skip
            made.append(one)
        return made

    @staticmethod
    def of(signals: Iterable[Signal]) -> SignalBatch:
        """Columns of these objects, in their order. BadInput for a side, action or kind that does not exist."""
        strategies: dict[StrategyKey, int] = {}
        symbols: dict[str, int] = {}
        timeframes: dict[str, int] = {}
        found = []
        for s in signals:
            if (s.side, s.action) not in SLOTS or s.kind not in KINDS:
                raise BadInput(f"There is no {s.kind} {s.side} {s.action} signal.", where=s.strategy)
            flags = s.late * F_LATE | s.settling * F_SETTLING | s.revised * F_REVISED
            flags |= s.quiet * F_QUIET | s.backfilled * F_BACKFILLED
            strategy = strategies.setdefault((s.strategy, s.version, s.params), len(strategies))
            symbol = symbols.setdefault(s.symbol, len(symbols))
            timeframe = timeframes.setdefault(s.timeframe, len(timeframes))
            numbers = (s.seq, s.bar_ts, s.price, s.event_ms, s.received_ns, s.emitted_ns, s.strength)
            what = (SLOTS.index((s.side, s.action)), KINDS.index(s.kind), flags)
            found.append((*numbers, strategy, symbol, timeframe, *what))
        return SignalBatch(np.array(found, SIGNAL_DTYPE), tuple(strategies), tuple(symbols), tuple(timeframes))

    @staticmethod
    def join(batches: Sequence[SignalBatch]) -> SignalBatch:
        """One batch of several, in order; its tables are their union."""
        batches = [b for b in batches if len(b)]
        if len(batches) <= 1:
            return batches[0] if batches else NO_SIGNALS
        first = batches[0]
        tables = (first.strategies, first.symbols, first.timeframes)
        if all((b.strategies, b.symbols, b.timeframes) == tables for b in batches[1:]):
            return SignalBatch(np.concatenate([b.rows for b in batches]), *tables)
        strategies: dict[StrategyKey, int] = {}
        symbols: dict[str, int] = {}
        timeframes: dict[str, int] = {}
        parts = []
        for b in batches:
            rows = b.rows.copy()
            renumber(rows, "strategy", b.strategies, strategies)
            renumber(rows, "symbol", b.symbols, symbols)
            renumber(rows, "timeframe", b.timeframes, timeframes)
            parts.append(rows)
        return SignalBatch(np.concatenate(parts), tuple(strategies), tuple(symbols), tuple(timeframes))


def renumber(rows: np.ndarray, column: str, names: Sequence[Any], numbers: dict[Any, int]) -> None:
    """Change a column's numbers in place from those of `names` to those of `numbers`, which takes in new names."""
    if len(names):
        to = np.array([numbers.setdefault(name, len(numbers)) for name in names], rows.dtype[column])
        rows[column] = to[rows[column]]


def _narrow(rows: np.ndarray, column: str, names: Sequence[Any]) -> tuple[Any, ...]:
    used = np.zeros(len(names), np.bool_)
    used[rows[column]] = True
    if not used.all():
        rows[column] = (np.cumsum(used) - 1)[rows[column]]
    return tuple(names[i] for i in np.flatnonzero(used).tolist())


NO_SIGNALS = SignalBatch(np.empty(0, SIGNAL_DTYPE), (), (), ())
