"""Noise has no edge, and skill is seen: every strategy walked over made-up markets, end to end."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.walkforward import SearchSpec, WalkForwardResult, WalkForwardSpec, WalkPart, WindowSpec
from engine.rules.strategy import compile_strategies
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import strategy
from engine.runtime.tasks_walkforward import walkforward
from engine.signals.history import decide
from engine.store.lake import Lake
from engine.store.state import State

WALKS, YEARS, HOUR = 20, 7, 3_600_000
BARS = 24 * 365 * YEARS
SYMBOL, SKILLED = "binance-spot:MADEUSDT", "turn_of_month"
#: the set of the skilled strategy whose hours have the drift: its others hold a part of them
PLANTED = {"d": 4.0, "e": 5.0}
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
    """bool[n]: bars in whose course the skilled strategy is long with that set; the calendar alone decides it."""
    (found,) = decide(compile_strategies([strategy(SKILLED).bind(PLANTED, "1h")]), bars, "1h")
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
    hours, trips = inside.sum() / YEARS, (np.diff(inside.astype(int)) > 0).sum() / YEARS
    drift = (sharpe * SIGMA * math.sqrt(hours) + trips * ROUND_TRIP) / hours
    # the log's mean lies half a variance below the return's
    return prices(noise + np.where(inside, drift, 0.0) - SIGMA**2 / 2, rng)


def walked(folder: Path, bars: np.ndarray, strategies: list[str], ledger: list[WalkPart]) -> WalkForwardResult:
    """ledger: walks whose trials were made on this range before; those of this one are added."""
    root = DataFolder(folder)
    root.prepare()
    Lake(root.lake).write(SYMBOL, "1h", bars)
    state = State(root.state)
    for part in ledger:
        state.walkforwards.save_walk("before", part.walk, part.tried)
    state.close()
    context = TaskContext(root)
    spec = WalkForwardSpec(
        symbol=SYMBOL,
        strategies=strategies,
        timeframe="1h",
        windows=WindowSpec(train="12mo", test="3mo"),
        search=SearchSpec(most_sets=16),
    )
    try:
        return walkforward(
            spec,
            context,
            lambda _: None,
            lambda: False,
            lambda walk, tried: ledger.append(WalkPart(walk=walk, tried=tried)),
        )
    finally:
        context.close()


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_noise_has_no_edge(tmp_path: Path) -> None:
    passed = []
    for seed in range(WALKS):
        result = walked(tmp_path / str(seed), market(seed, 0.0), [], [])
        assert len(result.rows) > 180
        passed.append([row.strategy for row in result.rows if row.passed])
    assert sum(map(bool, passed)) <= 1, passed


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_skill_is_seen(tmp_path: Path) -> None:
    """Judged by the trials of all strategies: they are walked once, and are in the ledger of the others."""
    everything: list[WalkPart] = []
    first = walked(tmp_path / "first", market(0, SHARPE), [], everything)
    others = [part for part in everything if part.tried is not None and part.walk.summary.strategy != SKILLED]
    seen, sharpes = 0, []
    for seed in range(WALKS):
        result = first if seed == 0 else walked(tmp_path / str(seed), market(seed, SHARPE), [SKILLED], list(others))
        row = next(row for row in result.rows if row.strategy == SKILLED)
        assert not row.error
        assert result.trials >= 2_900
        seen += row.passed
        sharpes.append(round(row.metrics["sharpe"], 2))
    assert seen >= 16, sharpes
