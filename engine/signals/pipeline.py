"""Live signals: the compiled strategies over all lanes, one bar at a time, and what changed since the bar before.

Confirmed edges come from closed bars, which commit state; provisional ones from a preview of running bars, which does
not. A provisional edge is given at most once per bar and output; when its bar closes without it, it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.candles.types import BACKFILLED, HELD
from engine.contracts.dtypes import PRICE_COLUMNS
from engine.contracts.timeframes import timeframe_ms
from engine.rules.machine import Machine
from engine.rules.strategy import StrategyProgram
from engine.signals.types import EDGE_DTYPE, K_CONFIRMED, K_PROVISIONAL, K_WITHDRAWN, NO_EDGES


class Pipeline:
    """rows symbols x timeframes lanes of one market. Not thread-safe: the market's kernel thread owns it.

    A lane is silent until `warm` has given it a history; from then on `confirm` must see each of its closed bars once
    and in order.
    """

    def __init__(self, strategies: StrategyProgram, rows: int, timeframes: Sequence[str]) -> None:
        self.strategies = strategies
        self.timeframes = tuple(timeframes)
        self.lengths = np.array([timeframe_ms(t) for t in timeframes], np.int64)
        program = strategies.program
        self.lanes = rows * len(self.timeframes)
        self.machine = Machine(program, self.lanes)
        self.active = np.zeros(self.lanes, np.bool_)
        self.last_ts = np.full(self.lanes, -1, np.int64)
        self._memory = np.asarray(program.condition_memory, np.int64)
        #: 1 where a provisional edge was given for the bar that is running
        self._given = np.zeros((self.lanes, program.n_conditions), np.uint8)

    @property
    def warmup(self) -> int:
        """Bars a lane needs before all its strategies can speak."""
        return self.machine.program.warmup

    @property
    def memory(self) -> int:
        """Bars after which a lane's answers no longer depend on where its history began."""
        return self.machine.program.memory

    def warming(self) -> np.ndarray:
        """bool[lanes]: no confirmed signal of at least one strategy yet."""
        return ~self.active | self.machine.warming()

    def settling(self) -> np.ndarray:
        """bool[lanes]: speaks, but bit-for-bit parity is not promised yet."""
        return self.active & ~self.machine.warming() & self.machine.settling()

    def warm(self, lane: int, bars: np.ndarray) -> None:
        """Begin a lane anew with its history (CANDLE_DTYPE, final bars, oldest first; may be empty)."""
        lanes = np.array([lane], np.int64)
        self.machine.reset(lanes)
        self._given[lane] = 0
        self.last_ts[lane] = bars["ts"][-1] if len(bars) else -1
        self.active[lane] = True
        length = self.lengths[lane % len(self.timeframes)]
        for start in range(0, len(bars), BLOCK):
            part = bars[start : start + BLOCK]
            index = np.ascontiguousarray(part["ts"] // length)[None, :]
            columns = np.stack([part[c] for c in PRICE_COLUMNS])[:, None, :]
            self.machine.run(lanes, index, columns, commit=True)

    def deepen(self, lane: int, bars: np.ndarray) -> None:
        """As `warm`, for a lane that runs: bars end at the one it saw last, and what was given for the bar that is
        running stays given."""
        given = self._given[lane].copy()
        self.warm(lane, bars)
        self._given[lane] = given

    def confirm(self, closed: np.ndarray) -> np.ndarray:
        """Edges (EDGE_DTYPE) of closed bars (CLOSED_DTYPE, in processing order); commits the lanes' state.

        Bars of lanes that are not warm, and bars already seen (restated ones), leave the state alone.
        """
        lanes = closed["row"].astype(np.int64) * len(self.timeframes) + closed["tf"]
        fresh = self.active[lanes] & (closed["ts"] > self.last_ts[lanes])
        closed, lanes = closed[fresh], lanes[fresh]
        if not len(closed):
            return NO_EDGES
        parts = []
        for chosen in _rounds(lanes):
            parts.append(self._confirm_round(closed[chosen], lanes[chosen], chosen))
        positions = np.concatenate([p for p, _ in parts])
        edges = np.concatenate([e for _, e in parts])
        return edges[np.argsort(positions, kind="stable")]

    def _confirm_round(self, bars: np.ndarray, lanes: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        conditions = self._run(lanes, bars, commit=True)
        self.last_ts[lanes] = bars["ts"]
        true = conditions != 0
        given = self._given[lanes] != 0
        self._given[lanes] = 0
        withdrawn = given & ~true
        at, out = np.nonzero(true | withdrawn)
        edges = self._edges(bars[at], lanes[at], out)
        edges["kind"] = np.where(true[at, out], K_CONFIRMED, K_WITHDRAWN)
        edges["backfilled"] = (bars["flags"][at] & (BACKFILLED | HELD)) != 0
        return where[at], edges

    def preview(self, lanes: np.ndarray, bars: np.ndarray, event_ms: np.ndarray, recv_ns: np.ndarray) -> np.ndarray:
        """New provisional edges of running bars (CANDLE_DTYPE, one a lane); only "given" is kept."""
        usable = self.active[lanes] & (bars["ts"] > self.last_ts[lanes])
        lanes, bars = lanes[usable], bars[usable]
        if not len(lanes):
            return NO_EDGES
        conditions = self._run(lanes, bars, commit=False)
        at, out = np.nonzero((conditions != 0) & (self._given[lanes] == 0))
        self._given[lanes[at], out] = 1
        edges = self._edges(bars[at], lanes[at], out)
        edges["kind"] = K_PROVISIONAL
        edges["event_ms"] = event_ms[usable][at]
        edges["recv_ns"] = recv_ns[usable][at]
        return edges

    def _run(self, lanes: np.ndarray, bars: np.ndarray, *, commit: bool) -> np.ndarray:
        index = (bars["ts"] // self.lengths[lanes % len(self.timeframes)])[:, None]
        columns = np.stack([bars[c] for c in PRICE_COLUMNS])[:, :, None]
        conditions, _ = self.machine.run(lanes, index, columns, commit=commit)
        return np.ascontiguousarray(conditions[:, :, 0].T)

    def _edges(self, bars: np.ndarray, lanes: np.ndarray, out: np.ndarray) -> np.ndarray:
        edges = np.zeros(len(out), EDGE_DTYPE)
        edges["lane"], edges["out"] = lanes, out
        edges["bar_ts"], edges["price"] = bars["ts"], bars["close"]
        edges["settling"] = self.machine.bars_seen[lanes] <= self._memory[out]
        if "event_ms" in (bars.dtype.names or ()):
            edges["event_ms"], edges["recv_ns"] = bars["event_ms"], bars["recv_ns"]
        return edges


#: bars of history that are run at once; any split gives the same bits
BLOCK = 2048


def _rounds(lanes: np.ndarray) -> list[np.ndarray]:
    """Positions grouped so that each group holds a lane at most once and a lane's bars keep their order."""
    order = np.argsort(lanes, kind="stable")
    ordered = lanes[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    if len(first) == len(lanes):
        return [np.arange(len(lanes))]
    counts = np.diff(np.r_[first, len(ordered)])
    turn = np.arange(len(ordered)) - np.repeat(first, counts)
    return [np.sort(order[turn == t]) for t in range(int(turn.max()) + 1)]
