"""A chart that is shown up to a replay's clock: its history, and its bars as they come into being."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.candles.minutes import resample
from engine.contracts.commands import Candles, OpenChart, SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.events import Bars
from engine.contracts.replay import ReplayBars
from engine.contracts.signals import SignalBatch
from engine.contracts.timeframes import timeframe_ms
from engine.runtime.charts import ChartStream, SeriesSet


class ReplayChart:
    """Any timeframe: its bars are made of the minutes here. `before` bars are needed on the left of those shown."""

    def __init__(self, command: OpenChart, requests: Sequence[SeriesRequest], day: str, most_before: int) -> None:
        series = SeriesSet(requests, command.timeframe, day)
        self.symbol, self.timeframe, self.limit = command.symbol, command.timeframe, command.limit
        self.before = min(series.memory, most_before)
        self._stream = ChartStream(command.chart, command.symbol, command.timeframe, -1, series)
        self._forming = np.empty(0, CANDLE_DTYPE)

    def begin(self, found: ReplayBars, signals: SignalBatch) -> Candles:
        """The history to start from; what runs follows as Bars."""
        bars = np.frombuffer(found.bars, CANDLE_DTYPE)
        values = self._stream.begin(bars)
        self._forming = np.frombuffer(found.forming, CANDLE_DTYPE)
        self._run(np.frombuffer(found.running, CANDLE_DTYPE))
        shown = bars[-self.limit :]
        cut = (len(bars) - len(shown)) * 8
        return Candles(
            symbol=self.symbol,
            timeframe=self.timeframe,
            bars=shown.tobytes(),
            series={name: data[cut:] for name, data in values.items()},
            more=found.more or len(shown) < len(bars),
            signals=signals.of_series(self.symbol, self.timeframe).block(),
        )

    def feed(self, minutes: np.ndarray, running: np.ndarray) -> None:
        """Minutes that became final, and the one that runs (CANDLE_DTYPE)."""
        if len(minutes):
            block = np.concatenate([self._forming, minutes])
            made = resample(block, self.timeframe, self.symbol)
            final = made.bars[made.complete]
            for k in range(len(final)):
                self._stream.close_bar(final[k])
            since = int(final["ts"][-1]) + timeframe_ms(self.timeframe) if len(final) else 0
            self._forming = block[block["ts"] >= since]
        self._run(running)

    def event(self) -> Bars | None:
        """What changed since the last one."""
        return self._stream.event("")

    def _run(self, running: np.ndarray) -> None:
        block = np.concatenate([self._forming, running])
        if len(block):
            self._stream.run_bar(resample(block, self.timeframe, self.symbol).bars[-1])
