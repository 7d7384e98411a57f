"""All parameter sets at once say what single runs say."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.data import bar_data
from engine.backtest.grid import trade_hashes
from engine.backtest.run import run_backtest
from engine.clock import SimulatedClock
from engine.contracts.backtests import BacktestSpec
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.rules.api import ATR, RSI, SMA, Strategy, close, crosses_above, crosses_below, high, low, param
from engine.rules.strategy import compile_strategies
from engine.signals.history import Stream, decide
from tests.property.test_backtest_kernels import aggregate, make_minutes

FUTURE = Instrument(
    market="binance-futures", name="XUSDT", base="X", quote="USDT", kind="perpetual", tick_size=0.01, lot_size=0.001
)
N, WIDE = param("n", 9, grid=[5, 9, 14]), param("wide", 1, grid=[0.5, 1, 2])
RESTING = Strategy(
    id="resting",
    title="a",
    family="b",
    idea="c",
    source="d",
    timeframe="5m",
    long_entry=close > SMA(N),
    short_entry=close < SMA(N),
    long_entry_stop=high + 0.1 * ATR(N),
    short_entry_limit=high + WIDE * ATR(N),
    entry_valid=3,
    long_stop=WIDE * ATR(N),
    short_stop=close - low + 0.05,
    target=3 * ATR(14),
    break_even=0.08,
    time_stop=N,
)
CROSSING = Strategy(
    id="crossing",
    title="a",
    family="b",
    idea="c",
    source="d",
    timeframe="5m",
    long_entry=crosses_above(RSI(N), 50),
    short_entry=crosses_below(RSI(N), 50),
    trail=WIDE * ATR(N),
)


@pytest.fixture(scope="module")
def series():
    minutes, _ = make_minutes(np.random.default_rng(5), 20_000, 0.02, 0.0)
    return minutes, aggregate(minutes, 5)[0]


@pytest.mark.parametrize("strategy", [RESTING, CROSSING], ids=lambda s: s.id)
def test_every_set_has_the_hash_of_its_own_run(strategy, series):
    minutes, bars = series
    found = trade_hashes(strategy, bars, FUTURE, market("binance-futures"), minutes=minutes)
    assert [f.params for f in found] == strategy.param_sets()
    data = bar_data(FUTURE.symbol, "5m", bars, minutes)
    for params, trades, digest in found:
        bound = strategy.bind(params)
        for decisions in (Stream(bound), decide(compile_strategies([bound]), bars, "5m")[0]):
            result = run_backtest(
                BacktestSpec(strategy=strategy.id, symbol=FUTURE.symbol, timeframe="5m", params=params), data=data,
                decisions=decisions, instrument=FUTURE, market=market("binance-futures"), strategy_text="",
                code_version="1", clock=SimulatedClock(),
            )  # fmt: skip
            assert (result.metrics["trades"], result.trade_hash) == (trades, digest)
        assert trades > 50
    assert len({f.hash for f in found}) == len(found) == 9
    chosen = strategy.param_sets()[3:5]
    assert trade_hashes(strategy, bars, FUTURE, market("binance-futures"), chosen, minutes=minutes) == found[3:5]


def test_without_minutes_and_on_other_bars(series):
    minutes, bars = series
    coarse = trade_hashes(CROSSING, bars, FUTURE, market("binance-futures"))
    assert coarse[0].hash != trade_hashes(CROSSING, bars, FUTURE, market("binance-futures"), minutes=minutes)[0].hash
    fine = trade_hashes(CROSSING, minutes, FUTURE, market("binance-futures"), timeframe="1m")
    assert fine[0].trades > coarse[0].trades
    assert trade_hashes(CROSSING, bars, FUTURE, market("binance-futures"), []) == []
