"""Noise has no edge, and skill is seen: every strategy walked over made-up markets, end to end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.walkforward import SearchSpec, WalkForwardResult, WalkForwardSpec, WindowSpec
from engine.rules.strategy import compile_strategies
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import strategy
from engine.runtime.tasks_walkforward import walkforward
from engine.signals.history import decide
from engine.store.lake import Lake

WALKS, BARS, HOUR = 20, 24 * 365 * 6, 3_600_000
SYMBOL, SKILLED = "binance-spot:MADEUSDT", "turn_of_month"
#: spread of an hour's log return, and what a round trip costs: two fees of 0.1 %, twice a basis point of slippage
SIGMA, ROUND_TRIP = 0.004, 0.0022
SHARPE = 2.5


def prices(returns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """CANDLE_DTYPE with these log returns from close to close."""
    bars = np.zeros(len(returns), CANDLE_DTYPE)
    bars["ts"] = 1_451_606_400_000 + np.arange(len(returns)) * HOUR
    close = 1_000 * np.exp(np.cumsum(returns))
    opened = np.concatenate([[1_000.0], close[:-1]])
    reach = np.abs(rng.normal(0, SIGMA / 2, (2, len(returns))))
    bars["open"], bars["close"] = opened.round(4), close.round(4)
    bars["high"] = (np.maximum(opened, close) * (1 + reach[0])).round(4) + 1e-4
    bars["low"] = (np.minimum(opened, close) * (1 - reach[1])).round(4) - 1e-4
    bars["volume"] = rng.lognormal(3, 1, len(returns)).round(3)
    return bars


def held(bars: np.ndarray) -> np.ndarray:
    """bool[n]: bars in whose course the skilled strategy's default set is long; the calendar alone decides it."""
    (found,) = decide(compile_strategies([strategy(SKILLED).bind({}, "1h")]), bars, "1h")
    entry, leave = found.masks[0].astype(bool), found.masks[1].astype(bool)
    inside, out = False, np.zeros(len(bars), bool)
    for i in range(len(bars)):
        out[i] = inside
        inside = (inside or entry[i]) and not leave[i]
    return out


def market(seed: int, sharpe: float) -> np.ndarray:
    """A random walk; with a Sharpe, its drift while the strategy holds is such that it has that after costs."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, SIGMA, BARS)
    if not sharpe:
        return prices(noise, rng)
    inside = held(prices(noise, np.random.default_rng(0)))
    years = BARS / (24 * 365)
    hours, trips = inside.sum() / years, (np.diff(inside.astype(int)) > 0).sum() / years
    drift = (sharpe * SIGMA * math.sqrt(hours) + trips * ROUND_TRIP) / hours
    # the log's mean lies half a variance below the return's
    return prices(noise + np.where(inside, drift, 0.0) - SIGMA**2 / 2, rng)


def walked(folder: Path, bars: np.ndarray) -> WalkForwardResult:
    root = DataFolder(folder)
    root.prepare()
    Lake(root.lake).write(SYMBOL, "1h", bars)
    context = TaskContext(root)
    spec = WalkForwardSpec(
        symbol=SYMBOL, timeframe="1h", windows=WindowSpec(train="12mo", test="3mo"), search=SearchSpec(most_sets=16)
    )
    try:
        return walkforward(spec, context, lambda _: None, lambda: False, lambda *_: None)
    finally:
        context.close()


def results(tmp_path: Path, sharpe: float, walks: int) -> Iterator[WalkForwardResult]:
    for seed in range(walks):
        yield walked(tmp_path / str(seed), market(seed, sharpe))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_noise_has_no_edge(tmp_path: Path) -> None:
    passed = [[row.strategy for row in result.rows if row.passed] for result in results(tmp_path, 0.0, WALKS)]
    assert sum(map(bool, passed)) <= 1, passed


@pytest.mark.long
@pytest.mark.timeout(900)
def test_skill_is_seen(tmp_path: Path) -> None:
    seen = 0
    for result in results(tmp_path, SHARPE, WALKS):
        row = next(row for row in result.rows if row.strategy == SKILLED)
        assert not row.error
        assert result.trials >= 2_900
        seen += row.passed
    assert seen >= 16
