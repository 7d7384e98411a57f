"""Open charts: their history, and a stream of their newest bars with the indicators they show."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np

from engine.contracts.commands import SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.events import Bars
from engine.contracts.timeframes import timeframe_ms
from engine.rules.context import Context
from engine.rules.machine import Machine, bar_columns
from engine.rules.series import series_program

NO_BARS = np.empty(0, CANDLE_DTYPE)
#: closes of another symbol that are remembered while it is streamed
REMEMBERED = 64


class SeriesSet:
    """The indicators of one chart over one series: values of final bars once, of the running bar as often as it moves.
    Each has its own machine, so that it may go on from where a file of its values ends.

    BadInput where an expression cannot be read (line, column, suggestion).
    """

    def __init__(self, requests: Sequence[SeriesRequest], timeframe: str, day: str = "utc") -> None:
        self.names = [r.name for r in requests]
        self._length = timeframe_ms(timeframe)
        context = Context(timeframe, day)
        self._machines = [None if r.symbol else Machine(series_program([r.expression], context), 1) for r in requests]
        self._others = [r.symbol for r in requests]
        self._closes: dict[str, dict[int, float]] = {r.symbol: {} for r in requests if r.symbol}

    @property
    def memory(self) -> int:
        """Bars to run before those that are shown."""
        return max((m.program.memory for m in self._machines if m), default=0)

    @property
    def others(self) -> list[str]:
        """The other symbols whose closes are asked for."""
        return list(self._closes)

    def resume(self, states: Mapping[str, tuple[bytes, int]]) -> None:
        """Go on from the end of a history: the state of each series there, and the bars it has seen."""
        for name, machine in zip(self.names, self._machines, strict=True):
            if machine is not None and name in states:
                state, seen = states[name]
                machine.set_lane(0, np.frombuffer(state), seen)

    def states(self) -> dict[str, tuple[bytes, int]]:
        """What `resume` takes, as it is now."""
        found = {}
        for name, machine in zip(self.names, self._machines, strict=True):
            if machine is not None:
                state, seen = machine.lane(0)
                found[name] = (state.tobytes(), seen)
        return found

    def learn(self, symbol: str, ts: np.ndarray, closes: np.ndarray) -> None:
        """Closes of another symbol by open time; nan says nothing."""
        known = self._closes[symbol]
        known.update((t, c) for t, c in zip(ts.tolist(), closes.tolist(), strict=True) if c == c)

    def forget(self) -> None:
        """Keep the newest closes of other symbols only."""
        for known in self._closes.values():
            while len(known) > REMEMBERED:
                del known[next(iter(known))]

    def values(self, bars: np.ndarray, *, commit: bool) -> np.ndarray:
        """float64[names, n] at CANDLE_DTYPE bars that follow those committed before."""
        out = np.empty((len(self.names), len(bars)))
        if not out.size:
            return out
        index = np.ascontiguousarray(bars["ts"] // self._length)[None, :]
        columns = bar_columns(bars)[:, None, :]
        for k, machine in enumerate(self._machines):
            if machine is not None:
                machine.run(None, index, columns, commit=commit, values=out[k][None, None, :])
        return self.aligned(bars["ts"], out)

    def aligned(self, ts: np.ndarray, values: np.ndarray) -> np.ndarray:
        """`values` with the closes of other symbols put in as they are known now."""
        for k, symbol in enumerate(self._others):
            if symbol:
                known = self._closes[symbol]
                values[k] = [known.get(t, np.nan) for t in ts.tolist()]
        return values

    def packed(self, values: np.ndarray) -> dict[str, bytes]:
        """name -> bytes <f8, as the messages have them."""
        return {name: np.ascontiguousarray(values[k]).tobytes() for k, name in enumerate(self.names)}


class ChartStream:
    """One open chart. Closed bars that come while its history is being read wait; the loop's thread only."""

    def __init__(self, chart: str, symbol: str, timeframe: str, lane: int, series: SeriesSet) -> None:
        self.chart = chart
        self.symbol = symbol
        self.timeframe = timeframe
        self.lane = lane
        self.series = series
        self.last_ts = -1
        self.ready = asyncio.Event()
        self._closed: list[np.ndarray] = []
        self._running: np.ndarray | None = None
        #: the newest final bar, and that another symbol's bar of its time has closed since it was sent
        self._newest = NO_BARS
        self._again = False
        self._values = np.empty((len(series.names), 0))

    def begin(self, bars: np.ndarray, last_ms: int = -1) -> dict[str, bytes]:
        """The history to start from (final bars); its series. last_ms: open time of its newest bar, where the history
        ends before these."""
        values = self.series.values(bars, commit=True)
        self.last_ts = last_ms
        if len(bars):
            self._keep(bars, values)
        self.ready.set()
        return self.series.packed(values)

    def _keep(self, final: np.ndarray, values: np.ndarray) -> None:
        self.last_ts = int(final["ts"][-1])
        self._newest, self._values = final[-1:].copy(), values[:, -1:].copy()

    def close_bar(self, bar: np.ndarray) -> None:
        """One final bar of this lane (any record with the candle's fields)."""
        self._closed.append(_candle(bar))

    def run_bar(self, bar: np.ndarray) -> None:
        """The running bar."""
        self._running = _candle(bar)

    def other_bar(self, symbol: str, bar: np.ndarray, *, final: bool) -> None:
        """A bar of another symbol, running or final, whose closes this chart shows."""
        ts = int(bar["ts"])
        self.series.learn(symbol, np.array([ts]), np.array([float(bar["close"])]))
        self.series.forget()
        self._again = self._again or (final and ts == self.last_ts)

    def event(self, stale: str) -> Bars | None:
        """What changed since the last event, None when nothing did or the history is not there yet."""
        if not self.ready.is_set():
            return None
        closed = [b for b in self._closed if b["ts"][0] > self.last_ts]
        self._closed.clear()
        running, self._running = self._running, None
        if running is not None and (running["ts"][0] <= self.last_ts or np.isnan(running["close"][0])):
            running = None
        parts, values = [], []
        if self._again:
            self._again = False
            parts.append(self._newest)
            values.append(self.series.aligned(self._newest["ts"], self._values))
        if closed:
            final = np.concatenate(closed)
            parts.append(final)
            values.append(self.series.values(final, commit=True))
            self._keep(final, values[-1])
        if running is not None and running["ts"][0] > self.last_ts:
            parts.append(running)
            values.append(self.series.values(running, commit=False))
        else:
            running = None
        if not parts:
            return None
        return Bars(
            chart=self.chart,
            symbol=self.symbol,
            timeframe=self.timeframe,
            bars=np.concatenate(parts).tobytes(),
            series=self.series.packed(np.concatenate(values, axis=1)),
            closed=running is None,
            stale=stale,
        )


def _candle(bar: np.ndarray) -> np.ndarray:
    out = np.empty(1, CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names or ():
        out[name] = bar[name]
    return out
