"""Open charts: their history, and a stream of their newest bars with the indicators they show."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from engine.contracts.commands import SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.events import Bars
from engine.contracts.timeframes import timeframe_ms
from engine.rules.context import Context
from engine.rules.machine import Machine, bar_columns
from engine.rules.series import series_program

NO_BARS = np.empty(0, CANDLE_DTYPE)


class SeriesSet:
    """The indicators of one chart over one series: values of final bars once, of the running bar as often as it moves.

    BadInput where an expression cannot be read (line, column, suggestion).
    """

    def __init__(self, requests: Sequence[SeriesRequest], timeframe: str, day: str = "utc") -> None:
        self.names = [r.name for r in requests]
        self._length = timeframe_ms(timeframe)
        context = Context(timeframe, day)
        self._machine = Machine(series_program([r.expression for r in requests], context), 1) if requests else None

    @property
    def memory(self) -> int:
        """Bars to run before those that are shown."""
        return self._machine.program.memory if self._machine else 0

    def values(self, bars: np.ndarray, *, commit: bool) -> np.ndarray:
        """float64[names, n] at CANDLE_DTYPE bars that follow those committed before."""
        if self._machine is None or not len(bars):
            return np.empty((len(self.names), len(bars)))
        index = np.ascontiguousarray(bars["ts"] // self._length)[None, :]
        _, values = self._machine.run(None, index, bar_columns(bars)[:, None, :], commit=commit)
        return values[:, 0, :]

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

    def begin(self, bars: np.ndarray) -> dict[str, bytes]:
        """The history to start from (final bars); its series."""
        values = self.series.values(bars, commit=True)
        if len(bars):
            self.last_ts = int(bars["ts"][-1])
        self.ready.set()
        return self.series.packed(values)

    def close_bar(self, bar: np.ndarray) -> None:
        """One final bar of this lane (any record with the candle's fields)."""
        self._closed.append(_candle(bar))

    def run_bar(self, bar: np.ndarray) -> None:
        """The running bar."""
        self._running = _candle(bar)

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
        if closed:
            final = np.concatenate(closed)
            parts.append(final)
            values.append(self.series.values(final, commit=True))
            self.last_ts = int(final["ts"][-1])
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
