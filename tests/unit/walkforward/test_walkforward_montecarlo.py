"""Fans of trades, days and candles: repeatable, right on average, and clear about what cannot be drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.walkforward import montecarlo
from engine.walkforward.kernels_montecarlo import bootstrap_paths
from engine.walkforward.montecarlo import bootstrap_fan, candle_paths, default_block, fan_of_runs, trade_fan


def gains(n=500, mean=0.001):
    return np.random.default_rng(3).normal(mean, 0.02, n)


@pytest.mark.parametrize("draw", [
    lambda n, seed: trade_fan(gains(), n, seed=seed),
    lambda n, seed: trade_fan(gains(), n, seed=seed, kind="shuffle"),
    lambda n, seed: bootstrap_fan(gains(), n, seed=seed),
])  # fmt: skip
def test_repeatable_and_independent_of_chunks(draw, monkeypatch):
    one = draw(400, 1)
    assert one == draw(400, 1)
    assert one.equity != draw(400, 2).equity
    monkeypatch.setattr(montecarlo, "CHUNK", 37)
    assert one == draw(400, 1)


def test_resampled_trades_spread_as_their_variance_says():
    logs = np.log1p(gains())
    fan = trade_fan(gains(), 4000)
    low, middle, high = np.log(fan.final)[[0, 2, 4]]
    wide = 2 * 1.645 * math.sqrt(len(logs)) * logs.std()
    assert middle == pytest.approx(logs.sum(), abs=0.06)
    assert high - low == pytest.approx(wide, rel=0.06)
    assert 0.4 < fan.final_rank < 0.6


def test_shuffled_trades_end_the_same():
    fan = trade_fan(gains(), 200, kind="shuffle")
    assert np.allclose(fan.final, np.prod(1 + gains()))
    assert fan.final_rank == 0.5
    assert fan.drawdown[0] < fan.drawdown[-1]
    assert fan.original[-1] == pytest.approx(fan.final[0])
    assert fan.steps[0] == 0
    assert [row[0] for row in fan.equity] == [1.0] * 5


def test_blocks_keep_runs_together():
    """Trending days: drawn one by one the spread of the end is far too small."""
    rng = np.random.default_rng(0)
    days = np.repeat(rng.normal(0, 0.01, 100), 20)
    alone, blocks = bootstrap_fan(days, 2000, block=1.0), bootstrap_fan(days, 2000, block=60.0)
    width = [math.log(f.final[-1] / f.final[0]) for f in (alone, blocks)]
    assert width[1] > 3 * width[0]


def test_mean_length_of_a_block():
    n, block = 20_000, 25.0
    days = np.arange(n) * 1e-7  # the growth of a day tells which day was drawn
    equity, final, fall = np.empty((1, n + 1)), np.empty(1), np.empty(1)
    bootstrap_paths(days, 1, 0, round(2**32 / block), np.arange(n + 1), equity, final, fall)
    drawn = np.round((equity[0, 1:] / equity[0, :-1] - 1) * 1e7).astype(int)
    begins = np.count_nonzero(np.diff(drawn) % n != 1) + 1
    assert n / begins == pytest.approx(block, rel=0.12)
    assert drawn.mean() == pytest.approx(n / 2, rel=0.1)
    assert default_block(2000) == pytest.approx(22, abs=0.1)


def test_ruin_stays_ruin():
    x = gains()
    x[100] = -1.0
    fan = trade_fan(x, 50, kind="shuffle")
    assert fan.final == [0.0] * 5
    assert fan.drawdown == [1.0] * 5
    assert fan.loss == 1.0
    assert bootstrap_fan(x, 50).original[-1] == 0.0


def test_cancel_keeps_what_was_drawn():
    calls = []
    fan = bootstrap_fan(gains(), 1000, cancelled=lambda: len(calls) > 1 or calls.append(1))
    assert fan.cancelled
    assert fan.paths == 500
    assert fan.final[0] < fan.final[-1]
    none = bootstrap_fan(gains(), 1000, cancelled=lambda: True)
    assert none.cancelled
    assert none.paths == 0
    assert "Stopped" in none.note


@pytest.mark.parametrize("x", [[], [0.01], [0.01, math.nan, 0.02]])
def test_what_cannot_be_drawn(x):
    for fan in (trade_fan(np.array(x)), bootstrap_fan(np.array(x))):
        assert fan.paths == 0
        assert fan.note
        assert math.isnan(fan.loss)


@pytest.mark.parametrize(
    "make",
    [
        lambda: trade_fan(gains(), 0),
        lambda: trade_fan(gains(), 10**9),
        lambda: trade_fan(gains(), kind="bets"),
        lambda: bootstrap_fan(gains(), block=0.5),
        lambda: bootstrap_fan(gains(), block=math.nan),
        lambda: next(candle_paths(np.zeros(1, CANDLE_DTYPE), 60_000, 1)),
        lambda: next(candle_paths(np.zeros(9, CANDLE_DTYPE), 60_000, 1)),
    ],
)
def test_bad_input(make):
    with pytest.raises(BadInput):
        make()


def candles(n=3000):
    rng = np.random.default_rng(1)
    out = np.zeros(n, CANDLE_DTYPE)
    out["ts"] = np.arange(n) * 60_000
    out["close"] = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, n)))
    out["open"] = np.concatenate([[100.0], out["close"][:-1]])
    out["high"] = np.maximum(out["open"], out["close"]) * 1.0005
    out["low"] = np.minimum(out["open"], out["close"]) / 1.0005
    out["volume"] = 1.0
    return out


def test_made_candles_move_as_the_real_ones():
    real = candles()
    paths = list(candle_paths(real, 60_000, 30, block=50.0))
    spread = np.diff(np.log(real["close"])).std()
    assert np.mean([np.diff(np.log(p["close"])).std() for p in paths]) == pytest.approx(spread, rel=0.03)
    assert len({p["close"][-1] for p in paths}) == 30
    assert np.array_equal(paths[4], list(candle_paths(real, 60_000, 5, block=50.0))[4])


def test_the_jump_over_a_missing_year_is_not_repeated():
    real = candles(400)
    real["ts"][200:] += 365 * 86_400_000
    for name in ("open", "high", "low", "close"):
        real[name][200:] *= 50
    for path in candle_paths(real, 60_000, 5, block=20.0):
        assert np.abs(np.diff(np.log(path["close"]))).max() < 0.01


def test_fan_of_runs():
    rng = np.random.default_rng(2)
    curves = np.cumprod(1 + rng.normal(0, 0.01, (40, 301)), axis=1)
    fan = fan_of_runs(curves, curves[0])
    assert fan.paths == 40
    assert fan.final == pytest.approx(np.quantile(curves[:, -1], fan.quantiles).tolist())
    falls = [(1 - c / np.maximum.accumulate(c)).max() for c in curves]
    assert fan.drawdown == pytest.approx(np.quantile(falls, fan.quantiles).tolist())
    assert "no run" in fan_of_runs(np.zeros((0, 5)), np.ones(5)).note
