"""The coalescing table between the readers of the network and the engine's sweep.

The reader does receive -> decode -> one call here; everything dearer happens in `drain`, once a sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from struct import Struct

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.contracts.dtypes import KLINE_FINAL, KLINE_RUNNING, TICK_DTYPE, TRADE
from engine.contracts.feed import AggTrade, Kline, MiniTicker
from engine.contracts.timeframes import MINUTE_MS

#: TICK_DTYPE packed, field by field; a test holds the two together
TICK_STRUCT = Struct("<iBq5d5q")
_pack = TICK_STRUCT.pack


def _nothing() -> None:
    return None


class _Run(msgspec.Struct, gc=False):
    """Aggregate trades of one minute that came one after the other."""

    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    first_id: int
    last_id: int
    n: int
    event_ms: int
    recv_ns: int
    ended: bool = False


_Entry = tuple[Kline, int] | _Run


class TickTable:
    """Pending updates of one market; row = index in `symbols` (the venue's names, as Kline.symbol has them).

    Rules, by row: a kline replaces the pending running kline of the same bar and goes to the end; a final kline is
    never dropped; trades of one minute that follow each other become one TRADE row; what is left keeps its order of
    arrival. Dropped and counted as `stale`: a running kline whose event time is older than that of the newest kline
    seen of the same bar, or that comes after its final one; a trade whose aggregate id was seen (overlapping
    connections). `invalid`: a trade without a price above 0. recv_ns of a row is that of the last message in it.
    Bounded: above `row_limit` pending updates of a row the oldest that is not final goes (`overflowed`). wake is called
    when the first update after a drain comes.
    For one thread.
    """

    def __init__(self, symbols: Sequence[str], row_limit: int = 256, wake: Callable[[], object] | None = None) -> None:
        self.symbols = list(symbols)
        self._wake = wake or _nothing
        self.row_of = {symbol: row for row, symbol in enumerate(self.symbols)}
        if len(self.row_of) != len(self.symbols):
            raise ValueError("a symbol stands twice in the table")
        self.received = 0
        self.coalesced = 0
        self.stale = 0
        self.invalid = 0
        self.overflowed = 0
        self.unknown = 0
        self.deepest = 0
        #: receipt of the newest kline or trade by row, ns since the epoch; 0 = never
        self.seen_ns: list[int] = [0] * len(self.symbols)
        self._row_limit = row_limit
        self._pending: list[list[_Entry]] = [[] for _ in self.symbols]
        self._touched: list[int] = []
        self._newest: list[Kline | None] = [None] * len(self.symbols)
        self._trade_id: list[int] = [-1] * len(self.symbols)
        self._tickers: dict[int, MiniTicker] = {}

    def row(self, symbol: str) -> int:
        """Row of a symbol; KeyError when the table does not hold it."""
        return self.row_of[symbol]

    def kline(self, k: Kline, recv_ns: int) -> None:
        """Take in a kline; recv_ns = receipt, ns since the epoch."""
        row = self.row_of.get(k.symbol)
        if row is None:
            self.unknown += 1
            return
        self.received += 1
        self.seen_ns[row] = recv_ns
        newest = self._newest[row]
        if newest is None or k.ts > newest.ts:
            self._newest[row] = k
        elif k.ts == newest.ts:
            if k.final:
                self._newest[row] = k
            elif newest.final or k.event_ms < newest.event_ms:
                self.stale += 1
                return
            else:
                self._newest[row] = k
        pending = self._pending[row]
        if not pending:
            if not self._touched:
                self._wake()
            self._touched.append(row)
        else:
            self._remove_running(pending, k.ts)
        pending.append((k, recv_ns))
        if len(pending) > self._row_limit:
            self._shed(pending)

    def trade(self, t: AggTrade, recv_ns: int) -> None:
        """Take in an aggregate trade."""
        row = self.row_of.get(t.symbol)
        if row is None:
            self.unknown += 1
            return
        self.received += 1
        self.seen_ns[row] = recv_ns
        price = t.price
        if not price > 0.0:
            self.invalid += 1
            return
        if t.id >= 0:
            if t.id <= self._trade_id[row]:
                self.stale += 1
                return
            self._trade_id[row] = t.id
        ts = t.ts - t.ts % MINUTE_MS
        n = t.last_id - t.first_id + 1 if t.first_id >= 0 else -1
        pending = self._pending[row]
        if not pending:
            if not self._touched:
                self._wake()
            self._touched.append(row)
        else:
            run = pending[-1]
            if type(run) is _Run and run.ts == ts and not run.ended:
                if price > run.high:
                    run.high = price
                elif price < run.low:
                    run.low = price
                run.close = price
                run.volume += t.quantity
                run.last_id = t.last_id
                run.n = run.n + n if run.n >= 0 and n >= 0 else -1
                run.event_ms = t.event_ms
                run.recv_ns = recv_ns
                self.coalesced += 1
                return
        pending.append(_Run(ts, price, price, price, price, t.quantity, t.first_id, t.last_id, n, t.event_ms, recv_ns))
        if len(pending) > self._row_limit:
            self._shed(pending)

    def ticker(self, m: MiniTicker) -> None:
        """Take in a 24-hour ticker: the latest of a row stays."""
        row = self.row_of.get(m.symbol)
        if row is None:
            self.unknown += 1
            return
        self._tickers[row] = m

    def cut(self, rows: Iterable[int]) -> None:
        """The stream of these rows was interrupted: trades before and after are not joined, and ids and event times
        may start anew. What is pending stays."""
        for row in rows:
            self._trade_id[row] = -1
            self._newest[row] = None
            pending = self._pending[row]
            if pending:
                last = pending[-1]
                if type(last) is _Run:
                    last.ended = True

    def depth(self) -> int:
        """Updates that wait to be drained."""
        return sum(len(self._pending[row]) for row in self._touched)

    def drain(self) -> NDArray[np.void]:
        """All that waits, as TICK_DTYPE[n]: row by row in order of the first touch; within a row as it arrived."""
        touched = self._touched
        if not touched:
            return np.empty(0, TICK_DTYPE)
        self._touched = []
        packed: list[bytes] = []
        for row in touched:
            entries = self._pending[row]
            self._pending[row] = []
            packed.extend([_pack_run(row, e) if isinstance(e, _Run) else _pack_kline(row, *e) for e in entries])
        if len(packed) > self.deepest:
            self.deepest = len(packed)
        return np.frombuffer(bytearray(b"".join(packed)), TICK_DTYPE)

    def tickers(self) -> dict[int, MiniTicker]:
        """The newest ticker of each row that had one since the last call."""
        taken, self._tickers = self._tickers, {}
        return taken

    def counts(self) -> dict[str, int]:
        """Counters since the start, by name, for the health page."""
        names = ("received", "coalesced", "stale", "invalid", "overflowed", "unknown", "deepest")
        return {name: getattr(self, name) for name in names}

    def _remove_running(self, pending: list[_Entry], ts: int) -> None:
        for i in range(len(pending) - 1, -1, -1):
            e = pending[i]
            if type(e) is tuple and e[0].ts == ts and not e[0].final:
                del pending[i]
                self.coalesced += 1
                if 0 < i < len(pending):
                    self._join(pending, i)
                return

    def _join(self, pending: list[_Entry], i: int) -> None:
        """Trades on both sides of a removed kline follow each other now; without this a row would grow by one run with
        every kline."""
        a, b = pending[i - 1], pending[i]
        if type(a) is not _Run or type(b) is not _Run or a.ts != b.ts or a.ended:
            return
        a.high, a.low, a.close = max(a.high, b.high), min(a.low, b.low), b.close
        a.volume += b.volume
        a.last_id, a.event_ms, a.recv_ns, a.ended = b.last_id, b.event_ms, b.recv_ns, b.ended
        a.n = a.n + b.n if a.n >= 0 and b.n >= 0 else -1
        del pending[i]
        self.coalesced += 1

    def _shed(self, pending: list[_Entry]) -> None:
        for i, e in enumerate(pending):
            if type(e) is not tuple or not e[0].final:
                del pending[i]
                self.overflowed += 1
                return


def _pack_kline(row: int, k: Kline, recv_ns: int) -> bytes:
    kind = KLINE_FINAL if k.final else KLINE_RUNNING
    return _pack(
        row, kind, k.ts, k.open, k.high, k.low, k.close, k.volume, k.first_id, k.last_id, k.n, k.event_ms, recv_ns
    )


def _pack_run(row: int, r: _Run) -> bytes:
    return _pack(
        row, TRADE, r.ts, r.open, r.high, r.low, r.close, r.volume, r.first_id, r.last_id, r.n, r.event_ms, r.recv_ns
    )
