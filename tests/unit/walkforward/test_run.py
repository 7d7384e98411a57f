"""A strategy through all windows: parameters from train alone, figures of the test parts, what is told of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.backtest.data import bar_data
from engine.contracts.backtests import BacktestSpec
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.contracts.walkforward import SearchSpec, WindowSpec
from engine.rules.text import parse_strategy
from engine.walkforward.run import Ground, set_keys, walk_strategy
from engine.walkforward.windows import cut

SPOT = market("binance-spot")
HOUR = 3_600_000
CROSS = parse_strategy(
    """strategy cross_of_two
title "Cross"
family "trend"
idea "Follow the cross of two averages."
source "made up"
timeframe 1h
direction both
param fast = 5 in 3, 5, 8, 13
param slow = 20 in 15, 20, 30, 40
long entry: crosses_above(SMA(fast), SMA(slow))
short entry: crosses_below(SMA(fast), SMA(slow))
"""
)


def bars(count: int = 24 * 200, seed: int = 3, drift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = np.zeros(count, CANDLE_DTYPE)
    out["ts"] = 1_577_836_800_000 + np.arange(count) * HOUR
    out["close"] = np.round(100 * np.exp(np.cumsum(rng.normal(drift, 0.006, count))), 2)
    out["open"] = np.concatenate([out["close"][:1], out["close"][:-1]])
    out["high"] = np.maximum(out["open"], out["close"]) + 0.05
    out["low"] = np.minimum(out["open"], out["close"]) - 0.05
    out["volume"] = 1.0
    return out


def ground(rows: np.ndarray, spec: WindowSpec | None = None) -> Ground:
    instrument = Instrument(
        market="binance-spot", name="X", base="X", quote="USDT", tick_size=0.01, lot_size=0.001, min_notional=5
    )
    costs = BacktestSpec(strategy="", symbol="binance-spot:X", timeframe="1h")
    folds = cut(spec or WindowSpec(train="60d", test="20d"), rows["ts"], 0, len(rows), SPOT)
    return Ground(bar_data("binance-spot:X", "1h", rows), folds, costs, instrument, SPOT, "utc")


def test_the_choice_is_made_in_train_alone() -> None:
    """Test parts turned upside down, prices before them untouched, change no choice."""
    rows = bars()
    plain = walk_strategy(CROSS, CROSS.param_sets(), ground(rows), SearchSpec())
    for number, fold in enumerate(ground(rows).folds):
        other = rows.copy()
        part = other[fold.test :]
        for name in ("open", "high", "low", "close"):
            part[name] = np.round(rows["close"][fold.test - 1] ** 2 / part[name], 2)
        part["high"], part["low"] = part["low"].copy() + 0.1, part["high"].copy() - 0.1
        part["open"] = np.clip(part["open"], part["low"], part["high"])
        part["close"] = np.clip(part["close"], part["low"], part["high"])
        again = walk_strategy(CROSS, CROSS.param_sets(), ground(other), SearchSpec())
        assert [f.chosen for f in again.walk.folds[: number + 1]] == [f.chosen for f in plain.walk.folds[: number + 1]]
        assert again.walk.folds[number].test != plain.walk.folds[number].test


def test_the_chosen_set_is_the_best_of_its_train_part() -> None:
    walked = walk_strategy(CROSS, CROSS.param_sets(), ground(bars()), SearchSpec())
    values = np.frombuffer(walked.walk.values, "<f8").reshape(len(walked.walk.folds), -1)
    for fold, row in zip(walked.walk.folds, values, strict=True):
        assert fold.chosen == int(np.nanargmax(row))
        assert fold.value == row[fold.chosen]
        assert fold.params == dict(CROSS.param_sets()[fold.chosen])


def test_stitched_returns_are_those_of_the_chosen_sets() -> None:
    walked = walk_strategy(CROSS, CROSS.param_sets(), ground(bars()), SearchSpec())
    total = math.prod(1 + fold.test["total_return"] for fold in walked.walk.folds)
    assert np.prod(1 + walked.stitched) == pytest.approx(total, rel=1e-12)
    assert walked.walk.summary.metrics["net_return"] == pytest.approx(total - 1, rel=1e-9)
    assert walked.walk.summary.metrics["trades"] == sum(fold.test["trades"] for fold in walked.walk.folds)
    assert (np.diff(walked.days) > 0).all()


def test_no_set_with_enough_trades_means_cash() -> None:
    walked = walk_strategy(CROSS, CROSS.param_sets(), ground(bars()), SearchSpec(min_trades=100_000))
    assert all(fold.chosen == -1 and "stays in cash" in fold.note for fold in walked.walk.folds)
    assert not walked.stitched.any()
    assert math.isnan(walked.walk.summary.metrics["sharpe"])
    assert walked.walk.summary.metrics["trades"] == 0


def test_constant_prices_are_no_accident() -> None:
    rows = bars()
    for name in ("open", "high", "low", "close"):
        rows[name] = 50.0
    walked = walk_strategy(CROSS, CROSS.param_sets(), ground(rows), SearchSpec(min_trades=0))
    assert not walked.stitched.any()
    assert math.isnan(walked.walk.summary.metrics["pbo"]) or walked.walk.summary.metrics["pbo"] >= 0


def test_a_guided_search_learns_in_each_train_part_for_itself() -> None:
    pytest.importorskip("optuna")
    search = SearchSpec(method="optuna", samples=12, ranges={"fast": "2:20:1", "slow": "21:60:1"})
    walked = walk_strategy(CROSS, [], ground(bars()), search)
    again = walk_strategy(CROSS, [], ground(bars()), search)
    assert [f.params for f in again.walk.folds] == [f.params for f in walked.walk.folds]
    values = np.frombuffer(walked.walk.values, "<f8").reshape(len(walked.walk.folds), -1)
    assert (np.isfinite(values).sum(axis=1) <= 12).all()
    assert len({tuple(f.params.items()) for f in walked.walk.folds}) > 1


def test_a_plateau_is_chosen_by_its_neighbourhood() -> None:
    walked = walk_strategy(CROSS, CROSS.param_sets(), ground(bars(seed=8)), SearchSpec(choice="plateau"))
    best = walk_strategy(CROSS, CROSS.param_sets(), ground(bars(seed=8)), SearchSpec())
    assert [f.chosen for f in walked.walk.folds] != [f.chosen for f in best.walk.folds]


def test_keys_name_sets() -> None:
    keys = set_keys([{"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}, {"a": 1.0, "b": 3.0}])
    assert keys[0] == keys[1] != keys[2]


def test_an_objective_that_cannot_be_read_is_said() -> None:
    with pytest.raises(BadInput, match="no objective"):
        walk_strategy(CROSS, CROSS.param_sets(), ground(bars()), SearchSpec(objective="sharp"))
