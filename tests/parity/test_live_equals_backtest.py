"""What the live engine says at bar t is bit for bit what the back-test says at bar t, for every strategy."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.rules.strategy import StrategyProgram, compile_strategies
from engine.runtime.strategies import built_in
from engine.simulator.server import Simulator
from tests.parity.rig import Replay, replay
from tests.parity.series import (
    FOREX,
    FROM_MS,
    FUTURES,
    SPOT,
    TIMEFRAMES,
    TO_MS,
    Series,
    Spans,
    Word,
    difference,
    load,
    backtest_words,
)

pytestmark = pytest.mark.shared
SPANS = Spans()


@pytest.fixture(scope="module")
def strategies() -> StrategyProgram:
    return compile_strategies([s.bind() for s in built_in()])


@pytest.fixture(scope="module")
def series() -> Series:
    return load(tuple(FOREX), SPANS)


@pytest.fixture(scope="module")
def tested(strategies: StrategyProgram, series: Series) -> set[Word]:
    return backtest_words(strategies, series)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, strategies: StrategyProgram, series: Series) -> Replay:
    """Klines only, no fault."""
    return replay(tmp_path_factory.mktemp("plain"), series, strategies, SPANS, trades=False)


def check(found: Replay, tested: set[Word], series: Series) -> None:
    assert found.unsettled_lanes == 0, "the history is too short for the memory: nothing is promised"
    assert found.settling_signals == 0
    for (market, name), minutes in series.items():
        inside = minutes[(minutes["ts"] >= FROM_MS) & (minutes["ts"] < TO_MS)]
        assert found.stored[market, name].tobytes() == inside.tobytes(), f"the candles of {market}:{name} differ"
    assert difference(set(found.confirmed), tested) == ""
    assert len(found.confirmed) == len(set(found.confirmed)), "a signal is doubled"


def test_every_strategy_speaks_on_every_timeframe(tested: set[Word], strategies: StrategyProgram) -> None:
    count = Counter((w[0], w[4]) for w in tested)
    silent = [(b.strategy.id, t) for b in strategies.bounds for t in TIMEFRAMES if not count[b.strategy.id, t]]
    assert not silent
    assert {w[3] for w in tested} == {f"{SPOT}:BTCUSDT", f"{FUTURES}:BTCUSDT", *(f"{SPOT}:{n}" for n in FOREX)}


def test_klines_only(plain: Replay, tested: set[Word], series: Series) -> None:
    check(plain, tested, series)
