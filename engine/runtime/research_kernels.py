"""The kernels of back-tests and walk-forwards, compiled by running a small one of each kind."""

from __future__ import annotations

import os

import numpy as np

from engine import __version__
from engine.backtest.data import bar_data
from engine.backtest.run import run_backtest
from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands_base import Ok
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.contracts.walkforward import SearchSpec
from engine.rules.strategy import Strategy
from engine.runtime.kept import guessed_instrument
from engine.runtime.strategies import strategy
from engine.signals.history import Stream
from engine.signals.repaint import made_up_minutes
from engine.walkforward.run import Ground, walk_strategy
from engine.walkforward.windows import Fold

#: one strategy that enters at the next open and one whose entries rest at a level: each has kernels of its own
CHOSEN = ("turtle_slow", "narrow_range")
MARKET, TIMEFRAME, BARS = "binance-futures", "15m", 300


def load_kernels() -> None:
    """Run one small back-test and walk-forward of each kind; numba keeps on disk what it compiles for them."""
    minutes = made_up_minutes(TIMEFRAME, BARS)
    bars = aggregate(minutes, TIMEFRAME)
    instrument = guessed_instrument(MARKET, "MADEUP", bars)
    for name in CHOSEN:
        _small_runs(strategy(name), bars, minutes, instrument)


def _small_runs(one: Strategy, bars: np.ndarray, minutes: np.ndarray, instrument: Instrument) -> None:
    venue, half = market(MARKET), len(bars) // 2
    spec = BacktestSpec(strategy=one.id, symbol=instrument.symbol, timeframe=TIMEFRAME)
    data = bar_data(instrument.symbol, TIMEFRAME, bars, minutes)
    run_backtest(
        spec,
        data=data,
        decisions=Stream(one.bind(None, TIMEFRAME)),
        instrument=instrument,
        market=venue,
        strategy_text="",
        code_version=__version__,
        clock=SYSTEM_CLOCK,
    )
    ground = Ground(data, [Fold(0, half, half, len(bars))], spec, instrument, venue, "utc")
    walk_strategy(one, one.param_sets()[:4], ground, SearchSpec(min_trades=0))


def load_quietly() -> Ok:
    """The same at the lowest priority, for a process of its own."""
    if hasattr(os, "nice"):
        os.nice(19)
    load_kernels()
    return Ok()
