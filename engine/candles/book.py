"""The candle book: ticks in, closed and running bars of every timeframe out, always in order, for all symbols at once.

A minute is final by the venue's word or by REST's. A row (symbol) whose minutes are not complete, or that was marked
after a cut, holds later finals until fill() has brought REST's answer; so what take_closed() gives never skips a minute
that exists. A higher bar closes with its last minute, or, where that is a hole, with the next minute that is final.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from engine.candles import kernels
from engine.candles.minutes import check_minutes
from engine.candles.types import (
    C_CLOSED,
    CLOSED_DTYPE,
    COUNTERS,
    FILL_DTYPE,
    MINUTE_DTYPE,
    NONE,
    ROW_DTYPE,
    BookArrays,
)
from engine.contracts.dtypes import CANDLE_DTYPE, TICK_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.instruments import decimals_of
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms

Records = np.ndarray[Any, Any]
Ints = npt.NDArray[np.int64]

#: REST is asked about a minute this long after its close at the earliest; sooner its answer may lag the stream.
SETTLE_MS = 2_000
#: finals held behind a gap, a row; more are dropped, counted and fetched again.
HELD_MAX = 64
#: minutes kept beyond the longest timeframe, so that a restatement of its last hour still rebuilds every bar.
_RING_MARGIN = 60


class RowState(msgspec.Struct, frozen=True, kw_only=True):
    """Where one row stands. next_ms: first minute not settled (-1 nothing yet). gap: finals are held or a mark waits.
    unsettled: a minute is over on the exchange but not final here. running_ms: the running minute, -1 none."""

    next_ms: int
    last_ms: int
    running_ms: int
    held: int
    gap: bool
    unsettled: bool
    asked: bool


def _fraction(step: float) -> tuple[float, float]:
    """A decimal step as whole numbers (k, p): step = k / p, p a power of ten; k = 0 for no step."""
    power = 10.0 ** decimals_of(step)
    return (float(round(step * power)), power) if step > 0 else (0.0, 1.0)


class CandleBook:
    """Bars of `rows` symbols in `timeframes`. tick_sizes, lot_sizes: the step of price and volume a row, 0 = none.

    One thread at a time. Rows and timeframes are addressed by index; a lane is row * len(timeframes) + timeframe.
    """

    def __init__(
        self, rows: int, timeframes: Sequence[str], tick_sizes: Sequence[float], lot_sizes: Sequence[float]
    ) -> None:
        if len(tick_sizes) != rows or len(lot_sizes) != rows:
            raise BadInput(f"{rows} rows need {rows} tick and lot sizes, not {len(tick_sizes)} and {len(lot_sizes)}.")
        if not timeframes or len(set(timeframes)) != len(timeframes):
            raise BadInput("A candle book needs at least one timeframe, each once.", where=", ".join(timeframes))
        self.rows = rows
        self.timeframes = tuple(timeframes)
        lengths = np.array([timeframe_ms(name) for name in timeframes], np.int64)
        state = np.zeros(rows, ROW_DTYPE)
        for name in ("next_ts", "last_ts", "first_ts", "seen_to", "run_ts", "run_id", "run_event"):
            state[name] = NONE
        for i in range(rows):
            state["price_k"][i], state["price_p"][i] = _fraction(tick_sizes[i])
            state["lot_k"][i], state["lot_p"][i] = _fraction(lot_sizes[i])
        ring = np.zeros((rows, int(lengths.max()) // MINUTE_MS + _RING_MARGIN), MINUTE_DTYPE)
        ring["ts"] = NONE
        forming = np.zeros((rows, len(lengths)), MINUTE_DTYPE)
        forming["ts"] = NONE
        self._arrays = BookArrays(
            rows=state,
            ring=ring,
            held=np.zeros((rows, HELD_MAX), MINUTE_DTYPE),
            forming=forming,
            lengths=lengths,
            order=np.argsort(-lengths, kind="stable").astype(np.int64),
            counters=np.zeros(len(COUNTERS), np.int64),
            out=np.empty(0, CLOSED_DTYPE),
            keys=np.empty(0, np.int64),
        )
        self._wanted = np.empty(rows, FILL_DTYPE)

    def apply(self, ticks: Records) -> None:
        """Apply TICK_DTYPE rows in order. Invalid, stale and repeated ones are counted and ignored."""
        if ticks.dtype != TICK_DTYPE:
            raise BadInput(f"Ticks have the layout {ticks.dtype}, not TICK_DTYPE.")
        self._reserve(len(ticks) + self._held())
        kernels.apply_ticks(self._arrays, np.ascontiguousarray(ticks))

    def mark_gap(self, rows: Sequence[int] | Ints | None = None) -> None:
        """The stream of these rows (None = all) was cut, or their question to REST came to nothing: hold their finals
        and ask (again). A row whose running minute is not over yet is let go by fills_wanted without a question."""
        state = self._arrays.rows
        which = np.arange(self.rows) if rows is None else np.asarray(rows, np.int64)
        new = which[state["marked"][which] == 0]
        self._arrays.counters[COUNTERS.index("gaps")] += len(new)
        state["marked"][which] = 1
        state["asked"][which] = 0

    def fills_wanted(self, server_ms: int) -> Records:
        """FILL_DTYPE rows to ask REST about, each once until it is answered by fill() or marked again. server_ms: the
        exchange's time now. to_ms is what to hand to fill() as checked_to_ms; from_ms -1 means the row has no
        history."""
        self._reserve(self._held())
        count = kernels.wanted(self._arrays, server_ms, SETTLE_MS, self._wanted)
        return self._wanted[:count].copy()

    def fill(self, row: int, candles: Records, checked_to_ms: int) -> None:
        """REST's answer: final 1-minute bars (CANDLE_DTYPE, ts increasing), complete up to checked_to_ms. Minutes
        before it that are absent do not exist and are never asked again. Lifts the mark if the row was asked since it
        was set."""
        check_minutes(candles, f"row {row}")
        self._reserve(len(candles) + int(self._arrays.rows["held"][row]))
        kernels.fill_row(self._arrays, row, np.ascontiguousarray(candles), checked_to_ms)

    def seed(self, row: int, candles_1m: Records) -> None:
        """History before the live start, all final, as stored. Gives nothing out: closed bars of it are the caller's by
        resample(); the bars still forming are completed live. BadInput where newer minutes are already known."""
        check_minutes(candles_1m, f"row {row}")
        if len(candles_1m) == 0:
            return
        last = int(candles_1m["ts"][-1])
        if last - last % MINUTE_MS + MINUTE_MS < self._arrays.rows["next_ts"][row]:
            raise BadInput("The history ends before the minutes that are already known.", where=f"row {row}")
        self._reserve(int(self._arrays.rows["held"][row]))
        kernels.seed_row(self._arrays, row, np.ascontiguousarray(candles_1m))

    def take_closed(self) -> Records:
        """CLOSED_DTYPE bars since the last take, in processing order: by minute, longer timeframes first."""
        b = self._arrays
        count = int(b.counters[C_CLOSED])
        b.counters[C_CLOSED] = 0
        return b.out[np.argsort(b.keys[:count], kind="stable")]

    def take_dirty(self) -> Ints:
        """Lanes whose running bar changed since the last take, ascending."""
        state = self._arrays.rows
        rows = np.flatnonzero(state["dirty"])
        state["dirty"][rows] = 0
        k = len(self.timeframes)
        return (rows[:, None] * k + np.arange(k)).ravel()

    def running(self, lanes: Ints) -> Records:
        """Running bars (CANDLE_DTYPE) of lanes: the bucket's closed minutes and the running one; ts -1, nan if none."""
        out = np.empty(len(lanes), CANDLE_DTYPE)
        kernels.running_bars(self._arrays, np.ascontiguousarray(lanes, np.int64), out)
        return out

    def joined(self, lanes: Ints) -> npt.NDArray[np.bool_]:
        """Whether the running bar of each lane directly follows what was given as closed: no minute before it is open
        (a gap, or a hole that REST has not confirmed), and no bar before it waits for a successor to close."""
        row, tf = np.divmod(np.ascontiguousarray(lanes, np.int64), len(self.timeframes))
        state = self._arrays.rows
        run, forming = state["run_ts"][row], self._arrays.forming["ts"][row, tf]
        bucket = run - run % self._arrays.lengths[tf]
        settled = (state["next_ts"][row] >= run) & ((forming == NONE) | (forming == bucket))
        return (run == NONE) | settled

    def gapped(self) -> npt.NDArray[np.bool_]:
        """Rows that wait for REST before their next closed bar."""
        state = self._arrays.rows
        return (state["marked"] != 0) | (state["held"] > 0)

    def next_ms(self) -> Ints:
        """Open time of each row's first unsettled minute, -1 where nothing is known yet."""
        return self._arrays.rows["next_ts"].copy()

    def state(self, row: int) -> RowState:
        """Where one row stands."""
        s = self._arrays.rows[row]
        return RowState(
            next_ms=int(s["next_ts"]),
            last_ms=int(s["last_ts"]),
            running_ms=int(s["run_ts"]),
            held=int(s["held"]),
            gap=bool(s["marked"] or s["held"]),
            unsettled=bool(s["next_ts"] != NONE and s["next_ts"] < s["seen_to"]),
            asked=bool(s["asked"]),
        )

    def counters(self) -> dict[str, int]:
        """What happened since the start, by the names in types.COUNTERS; closed and held are present lengths."""
        return dict(zip(COUNTERS, self._arrays.counters.tolist(), strict=True))

    def _held(self) -> int:
        return int(self._arrays.counters[COUNTERS.index("held")])

    def _reserve(self, minutes: int) -> None:
        """Room in the output block for what that many final minutes can close at most."""
        b = self._arrays
        need = int(b.counters[C_CLOSED]) + 2 * len(self.timeframes) * minutes
        if need <= len(b.out):
            return
        out = np.empty(max(need, 2 * len(b.out)), CLOSED_DTYPE)
        keys = np.empty(len(out), np.int64)
        out[: len(b.out)] = b.out
        keys[: len(b.keys)] = b.keys
        self._arrays = b._replace(out=out, keys=keys)
