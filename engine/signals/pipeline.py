"""Live signals: the compiled strategies over all lanes, one bar at a time, and what changed since the bar before.

Confirmed edges come from closed bars, which commit state; provisional ones from a preview of running bars, which does
not. A provisional edge is given at most once per bar and output; when its bar closes without it, it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engine.candles.types import BACKFILLED, HELD
from engine.contracts.timeframes import timeframe_ms
from engine.rules.machine import Machine, bar_columns
from engine.rules.preview import Each, Preview, collected, one_by_one
from engine.rules.strategy import LiveProgram
from engine.signals.types import EDGE_DTYPE, K_CONFIRMED, K_PROVISIONAL, K_WITHDRAWN, NO_EDGES


class LaneState(NamedTuple):
    """What a lane knows after a history: the machine's slots, bars seen, open time of the last bar (-1 none)."""

    slots: np.ndarray
    bars_seen: int
    last_ts: int


class Pipeline:
    """rows symbols x timeframes lanes of one market. Not thread-safe: the market's kernel thread owns it.

    Each timeframe has its own program and machine, whose lanes are the rows; from outside a lane is row * number of
    timeframes + timeframe. A lane is silent until `warm` has given it a history; from then on `confirm` must see each
    of its closed bars once and in order.
    """

    def __init__(
        self,
        programs: Sequence[LiveProgram],
        rows: int,
        timeframes: Sequence[str],
        each: Each = one_by_one,
    ) -> None:
        """programs: one a timeframe, bound to it; conditions only are needed. each: runs the tasks of a sweep of many
        lanes, side by side where it can."""
        if len(programs) != len(timeframes):
            raise ValueError(f"{len(programs)} programs for {len(timeframes)} timeframes")
        self.programs = tuple(programs)
        self.timeframes = tuple(timeframes)
        self.lengths = np.array([timeframe_ms(t) for t in timeframes], np.int64)
        self.lanes = rows * len(self.timeframes)
        # `warm` sets a lane before it is ever run
        self.machines = [Machine(p.program, rows, filled=False) for p in self.programs]
        self.active = np.zeros(self.lanes, np.bool_)
        self.last_ts = np.full(self.lanes, -1, np.int64)
        #: last settled funding rate of each row, nan where there is none
        self.funding = np.full(rows, np.nan)
        self._each = each
        self.previews = [
            Preview(machine, p.preview, PARTS) for machine, p in zip(self.machines, self.programs, strict=True)
        ]

    def take_memory(self) -> None:
        """Touch the memory of all lanes, which the first `warm` does else: a tenth of a second for a thousand, beside
        the interpreter's lock."""
        for machine in self.machines:
            machine.reset()

    def run_with(self, each: Each) -> None:
        """From now on big sweeps are run by this."""
        self._each = each

    @property
    def warmups(self) -> list[int]:
        """By timeframe: bars a lane needs before all its strategies can speak."""
        return [p.program.warmup for p in self.programs]

    @property
    def memories(self) -> list[int]:
        """By timeframe: bars after which a lane's answers no longer depend on where its history began."""
        return [p.program.memory for p in self.programs]

    def set_funding(self, rows: np.ndarray, rates: np.ndarray) -> None:
        """From now on these rows' bars carry these funding rates."""
        self.funding[rows] = rates

    def bars_seen(self, lane: int) -> int:
        """Bars that stand in a lane's memory."""
        row, tf = divmod(lane, len(self.timeframes))
        return int(self.machines[tf].bars_seen[row])

    def warming(self) -> np.ndarray:
        """bool[lanes]: too few bars for all strategies but those that look back beyond MOST_NEEDED."""
        short = [m.bars_seen <= min(m.program.warmup, MOST_NEEDED) for m in self.machines]
        return ~self.active | np.stack(short, 1).ravel()

    def settling(self) -> np.ndarray:
        """bool[lanes]: speaks, but bit-for-bit parity is not promised yet, by any strategy whose memory is not above
        DEEPEST. What is not promised of the others, their signals' marks say."""
        short = [m.bars_seen <= min(m.program.memory, DEEPEST - 1) for m in self.machines]
        return ~self.warming() & np.stack(short, 1).ravel()

    def prepared(self, tf: int, bars: np.ndarray) -> LaneState:
        """A lane's state after a history (CANDLE_DTYPE, final bars, oldest first; may be empty), of which no more is
        run than its memory and a half (holes lengthen it).

        May run on another thread than the rest: it takes long, and touches no lane.
        """
        machine = Machine(self.programs[tf].program, 1)
        # whatever came before these gives the same bits
        bars = bars[-(self.memories[tf] * 3 // 2 + 2) :]
        for start in range(0, len(bars), BLOCK):
            part = bars[start : start + BLOCK]
            index = np.ascontiguousarray(part["ts"] // self.lengths[tf])[None, :]
            machine.run(None, index, bar_columns(part)[:, None, :], commit=True)
        return LaneState(*machine.lane(0), int(bars["ts"][-1]) if len(bars) else -1)

    def warm(self, lane: int, bars: np.ndarray | LaneState) -> None:
        """Begin a lane anew with its history, or with what `prepared` made of it."""
        row, tf = divmod(lane, len(self.timeframes))
        made = bars if isinstance(bars, LaneState) else self.prepared(tf, bars)
        rows = np.array([row], np.int64)
        self.machines[tf].set_lane(row, made.slots, made.bars_seen)
        self.previews[tf].forget(rows)
        self.previews[tf].set_given(rows)
        self.last_ts[lane] = made.last_ts
        self.active[lane] = True

    def deepen(self, lane: int, bars: np.ndarray | LaneState) -> None:
        """As `warm`, for a lane that runs: the history ends at the bar it saw last, and what was given for the bar that
        is running stays given."""
        row, tf = divmod(lane, len(self.timeframes))
        rows, preview = np.array([row], np.int64), self.previews[tf]
        given = preview.given(rows)
        self.warm(lane, bars)
        preview.set_given(rows, given)

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
            for tf, at in self._by_timeframe(lanes[chosen]):
                where = chosen[at]
                parts.append(self._confirm_round(tf, closed[where], lanes[where], where))
        positions = np.concatenate([p for p, _ in parts])
        edges = np.concatenate([e for _, e in parts])
        return edges[np.argsort(positions, kind="stable")]

    def _by_timeframe(self, lanes: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """(timeframe, positions of its lanes) for each that occurs."""
        of = lanes % len(self.timeframes)
        for tf in range(len(self.timeframes)):
            at = np.flatnonzero(of == tf)
            if len(at):
                yield tf, at

    def _confirm_round(
        self, tf: int, bars: np.ndarray, lanes: np.ndarray, where: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        rows, preview = lanes // len(self.timeframes), self.previews[tf]
        index = bars["ts"] // self.lengths[tf]
        columns = bar_columns(bars, self.funding[rows])[:, :, None]
        conditions, _ = self.machines[tf].run(rows, index[:, None], columns, commit=True)
        self.last_ts[lanes] = bars["ts"]
        preview.forget(rows, index + 1)
        at, out, holds = preview.settle(rows, conditions[:, :, 0])
        edges = self._edges(tf, bars[at], rows[at], out)
        edges["kind"] = np.where(holds, K_CONFIRMED, K_WITHDRAWN)
        edges["backfilled"] = (bars["flags"][at] & (BACKFILLED | HELD)) != 0
        return where[at], edges

    def preview(self, lanes: np.ndarray, bars: np.ndarray, event_ms: np.ndarray, recv_ns: np.ndarray) -> np.ndarray:
        """New provisional edges of running bars (CANDLE_DTYPE, one a lane), a timeframe after the other, by lane as
        given and output; only what was reported is kept."""
        usable = np.flatnonzero(self.active[lanes] & (bars["ts"] > self.last_ts[lanes]))
        tasks, found = [], []
        for tf, at in self._by_timeframe(lanes[usable]):
            chosen = usable[at]
            rows, running = lanes[chosen] // len(self.timeframes), bars[chosen]
            columns = bar_columns(running, self.funding[rows])
            work, results = self.previews[tf].tasks(rows, running["ts"] // self.lengths[tf], columns)
            tasks += work
            found.append((tf, chosen, results))
        if len(usable) >= MANY:
            self._each(tasks)
        else:
            one_by_one(tasks)
        parts = [NO_EDGES]
        for tf, chosen, results in found:
            positions, out = collected(results)
            where = chosen[positions]
            edges = self._edges(tf, bars[where], lanes[where] // len(self.timeframes), out)
            edges["kind"] = K_PROVISIONAL
            edges["event_ms"], edges["recv_ns"] = event_ms[where], recv_ns[where]
            parts.append(edges)
        return np.concatenate(parts)

    def _edges(self, tf: int, bars: np.ndarray, rows: np.ndarray, out: np.ndarray) -> np.ndarray:
        machine = self.machines[tf]
        edges = np.zeros(len(out), EDGE_DTYPE)
        edges["lane"], edges["out"] = rows * len(self.timeframes) + tf, out
        edges["bar_ts"], edges["price"] = bars["ts"], bars["close"]
        edges["settling"] = machine.bars_seen[rows] <= machine.program.condition_memory[out]
        if "event_ms" in (bars.dtype.names or ()):
            edges["event_ms"], edges["recv_ns"] = bars["event_ms"], bars["recv_ns"]
        return edges


#: tasks of one timeframe's sweep
PARTS = 2
#: lanes with news from which on the threads of a sweep pay
MANY = 512
#: bars of history that are run at once; any split gives the same bits
BLOCK = 2048
#: a lane with so many bars is said to be warm, though a strategy that looks weeks back may need more to speak
MOST_NEEDED = 999
#: bars of history that a lane is given at most; a longer memory fills as time goes by
DEEPEST = 20_000


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
