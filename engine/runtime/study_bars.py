"""The bars that are being worked with, kept warm between two requests of a hand."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import numpy as np

from engine.backtest.data import BarData
from engine.backtest.realism import Known
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestSpec
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market, split_symbol
from engine.rules.strategy import Bound
from engine.runtime.kept import TaskContext
from engine.runtime.known import known_of
from engine.runtime.strategies import day_of
from engine.runtime.tasks_backtest import data_of

#: series kept, and s after which one is read anew when that does not disturb a hand that is turning something
KEPT, FRESH_S = 2, 90.0


class Warm(NamedTuple):
    """One series with what is known of its symbol. read_ns: when, monotonic."""

    symbol: str
    data: BarData
    instrument: Instrument
    known: Known
    read_ns: int

    @property
    def day(self) -> str:
        return day_of(market(split_symbol(self.symbol)[0]))


class WarmBars:
    """The series used last. Of one thread."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, int | None, str], Warm] = OrderedDict()
        self._tails: dict[tuple[int, int], BarData] = {}

    def of(self, spec: BacktestSpec, context: TaskContext, *, moving: bool = False) -> Warm:
        """The bars of a run up to the end of its range. moving: a hand is turning something, so what was read before
        serves whatever its age."""
        key = spec.symbol, spec.timeframe, spec.to_ms, spec.account
        now = SYSTEM_CLOCK.monotonic_ns()
        kept = self._kept.get(key)
        if kept is None or (not moving and now - kept.read_ns > FRESH_S * 1e9):
            # the old one goes first: both together might not fit
            self._kept.pop(key, None)
            self._tails.clear()
            kept = None
            symbol, data = data_of(spec, context)
            instrument = context.instrument(symbol, data.bars)
            kept = Warm(symbol, data, instrument, known_of(context, spec, data, instrument), now)
            self._kept[key] = kept
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept

    def tail(self, data: BarData, bars: int) -> BarData:
        """The newest bars of a series with their minutes."""
        first = len(data.bars) - bars
        if first <= 0:
            return data
        key = id(data), bars
        if key not in self._tails:
            self._tails.clear()
            minute = data.first_of(first)
            first_minute = data.first_minute[first:] - minute if len(data.first_minute) else data.first_minute
            first_minute.flags.writeable = False
            real = data.real[minute:] if len(data.real) else data.real
            own = data.bars[first:]
            minutes = own if data.minutes is data.bars else data.minutes[minute:]
            lanes = np.empty((0, 8), np.uint64)
            self._tails[key] = BarData(data.timeframe, own, minutes, first_minute, real, data.minute_length, lanes)
        return self._tails[key]


def spec_of(bound: Bound, symbol: str) -> BacktestSpec:
    """A run of a strategy with the usual costs over all there is."""
    return BacktestSpec(strategy=bound.strategy.id, symbol=symbol, timeframe=bound.timeframe, params=bound.params)
