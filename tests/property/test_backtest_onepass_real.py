"""Every strategy there is on real minutes: one pass over all windows says what runs over each of them say."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest import onepass_alone
from engine.backtest.costs import funding_events
from engine.backtest.data import bar_data
from engine.backtest.days import trading_days
from engine.backtest.fills import Terms
from engine.backtest.onepass import PassSpec, walk
from engine.contracts.markets import market
from engine.rules.strategy import compile_strategies
from engine.runtime.strategies import built_in
from engine.signals.history import decide
from tests.property.test_backtest_real import bars_of, real_minutes

TERMS = Terms(
    fee=0.0005, slip=1e-4, tick=0.01, tick_scale=100.0, lot=0.0, lot_scale=0.0, min_notional=0.0, by_fraction=True,
    size=1.0, long_ok=True, short_ok=True, inverse=False,
)  # fmt: skip
MARKET = market("binance-futures")


def ground(length, count):
    """Data whose bars are `length` minutes, and eight windows of it, some inside others."""
    minutes = real_minutes(count)
    name = {1: "1m", 60: "1h"}[length]
    bars = minutes if length == 1 else bars_of(minutes, length)[0]
    n = len(bars)
    at = np.linspace(n // 8, n, 7).astype(int)
    windows = [(a, b) for a, b in zip(at[:-2], at[2:])] + [(0, n), (at[1] + 7, at[1] + 60), (at[3], at[4])]
    return bar_data("binance-futures:BTCUSDT", name, bars, minutes), np.array(windows)


def sets_of(strategy, count):
    """The first set, the last and some between."""
    sets = strategy.param_sets()
    return [sets[i] for i in np.unique(np.linspace(0, len(sets) - 1, count).astype(int))]


@pytest.mark.shared
@pytest.mark.parametrize(("length", "count", "chosen"), [(1, 9_000, 2), (60, 60_000, 2)])
def test_every_strategy_in_every_window(length, count, chosen):
    data, windows = ground(length, count)
    ends = int(data.bars["ts"][0]), int(data.minutes["ts"][-1])
    trades = 0
    for strategy in built_in():
        spec = PassSpec(
            data=data, bounds=[strategy.bind(params, data.timeframe, "utc") for params in sets_of(strategy, chosen)],
            terms=TERMS, cash=1e4, market=MARKET, windows=windows, funding=funding_events(None, *ends),
        )  # fmt: skip
        out = walk(spec)
        assert out.reason == ""
        twin = out._replace(**{k: np.full_like(getattr(out, k), -7) for k in ("returns", "trades", "sums", "whole")})
        decided = decide(compile_strategies(spec.bounds), data.bars, data.timeframe)
        for number, decisions in enumerate(decided):
            for window in range(-1, len(windows)):
                onepass_alone.one(spec, twin, number, window, decisions, None)
        np.testing.assert_array_equal(out.trades, twin.trades, err_msg=strategy.id)
        np.testing.assert_allclose(out.sums, twin.sums, rtol=1e-9, atol=1e-9, err_msg=strategy.id)
        np.testing.assert_allclose(out.returns, twin.returns, rtol=1e-9, atol=1e-9, err_msg=strategy.id)
        np.testing.assert_allclose(out.whole, twin.whole, rtol=1e-9, atol=1e-9, err_msg=strategy.id)
        trades += int(out.trades.sum())
    assert trades > 10_000
    assert len(trading_days(data.minutes["ts"], MARKET).ts) == out.whole.shape[1]
