"""Strategies: edges by hand, layout of the common program, grids, descriptions; the compiler's order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.indicators.catalogue import INDICATORS
from engine.rules.api import ATR, EMA, MACD, RSI, SMA, Expression, Strategy, close, crosses_above, open_, param
from engine.rules.describe import indicator_info, strategy_info
from engine.rules.machine import Machine, run_series
from engine.rules.program import _order, schedule
from engine.rules.strategy import LEVELS, compile_strategies


def made(**rules: Any) -> Strategy:
    words = {"title": "t", "family": "f", "idea": "i", "source": "s", "timeframe": "1m", "direction": "long"}
    return Strategy(**{"id": "mine", **words, **rules})


def flat_bars(values: list[float]) -> tuple[np.ndarray, np.ndarray]:
    c = np.array(values, float)
    return np.arange(c.size) + 7, np.stack([np.full(c.size, 10.0), c + 1, c - 1, c, *np.ones((2, c.size))])


def test_signals_are_the_edges_of_levels() -> None:
    strategy = made(long_entry=close > open_, long_exit=close < open_, stop=2 * (close - open_))
    compiled = compile_strategies([strategy.bind()])
    conditions, levels = run_series(compiled.program, *flat_bars([12, 12, 9, 11, 11, 8, 8, 12]))
    assert list(conditions[0]) == [0, 0, 0, 1, 0, 0, 0, 1], "the first bar has no bar before it, so it is no edge"
    assert list(conditions[1]) == [0, 0, 1, 0, 0, 1, 0, 0]
    assert not conditions[2:].any()
    assert list(levels[LEVELS.index("long_stop")]) == [4, 4, -2, 2, 2, -4, -4, 4]
    assert np.isnan(levels[1:]).all()


def test_many_bounds_share_one_program_and_keep_their_rows() -> None:
    n = param("n", 3, grid=[2, 3, 4])
    strategy = made(long_entry=close > SMA(n), long_exit=close < SMA(n), stop=n * ATR(2), target=5.0)
    bounds = [strategy.bind(p) for p in strategy.param_sets()]
    bars = flat_bars([10, 11, 12, 9, 8, 13, 12, 11, 15, 9, 9, 14])
    together = run_series(compile_strategies(bounds).program, *bars)
    for i, bound in enumerate(bounds):
        alone = run_series(compile_strategies([bound]).program, *bars)
        assert np.array_equal(together[0][4 * i : 4 * i + 4], alone[0])
        assert np.array_equal(together[1][8 * i : 8 * i + 8], alone[1], equal_nan=True)
    shared = compile_strategies([strategy.bind(), strategy.bind()]).program
    assert shared.n_state == compile_strategies([strategy.bind()]).program.n_state


def test_a_lane_warms_then_settles_then_is_neither() -> None:
    program = compile_strategies([made(long_entry=close > EMA(3), stop=1.0).bind()]).program
    assert (program.warmup, program.memory) == (3, 241)
    machine = Machine(program, 2)
    index, bars = flat_bars([10.0] * 242)
    one = np.array([1])
    machine.run(one, index[None, :3], bars[:, None, :3], commit=True)
    assert list(machine.warming()) == [True, True]
    machine.run(one, index[None, 3:4], bars[:, None, 3:4], commit=True)
    assert list(machine.warming()) == [True, False]
    assert list(machine.settling()) == [True, True]
    machine.run(one, index[None, 4:], bars[:, None, 4:], commit=True)
    assert list(machine.settling()) == [True, False]
    machine.reset(one)
    assert list(machine.bars_seen) == [0, 0]


def test_requires_drops_sets_and_refuses_values() -> None:
    fast, slow = param("fast", 5, grid=[5, 20]), param("slow", 10, grid=[10, 30])
    strategy = made(long_entry=crosses_above(SMA(fast), SMA(slow)), stop=1, requires=fast < slow)
    assert strategy.param_sets() == [
        {"fast": 5.0, "slow": 10.0},
        {"fast": 5.0, "slow": 30.0},
        {"fast": 20.0, "slow": 30.0},
    ]
    with pytest.raises(BadInput, match="requires fast < slow"):
        strategy.bind({"fast": 30})


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"long_entry": close > open_}, "never leaves"),
        ({"long_entry": close, "stop": 1}, "must be a condition"),
        ({"long_entry": close > open_, "stop": close > 1}, "must be a number"),
        ({"long_entry": close > open_, "short_entry": close < open_, "stop": 1}, "direction is long"),
        ({"stop": 1}, "no long entry"),
        ({"long_entry": close > open_, "stop": 1, "id": "My Own"}, "not a strategy name"),
        ({"long_entry": close > open_, "stop": MACD(12, 26, 9)}, "outputs"),
        ({"long_entry": RSI(param("n", 3)) > RSI(param("n", 4)), "stop": 1}, "declared in two ways"),
    ],
)
def test_what_cannot_run_is_refused_when_it_is_written(rules: dict[str, Expression], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        made(**rules)


def test_descriptions_carry_everything_a_list_shows() -> None:
    strategy = made(long_entry=RSI(param("n", 14, grid=[7, 14])) < 30, stop=ATR(14))
    info = strategy_info(strategy)
    assert info.params == {"n": (14.0, [7.0, 14.0])}
    assert (info.text, info.version) == (strategy.text(), strategy.version)
    warmups = {name: indicator_info(spec).warmup for name, spec in INDICATORS.items()}
    assert warmups | {"SMA": 19, "EMA": 19, "RSI": 14, "MACD": 33, "ATR": 14, "BBANDS": 19} == warmups


def test_the_schedule_keeps_every_node_once_and_after_its_arguments() -> None:
    bounds = [
        made(long_entry=MACD(a, 26, 9).histogram > RSI(a, source=EMA(b)), stop=ATR(b)).bind()
        for a in (5, 7, 9)
        for b in (3, 4)
    ]
    order = _order([node for bound in bounds for node in (*bound.conditions, *bound.levels)])
    steps = schedule(order)
    placed = [node for step in steps for node in step]
    assert len(placed) == len(order)
    assert set(placed) == set(order)
    before: set[Any] = set()
    for step in steps:
        assert all(argument in before for node in step for argument in node.args)
        before.update(step)
    assert sum(len(step) == 2 for step in steps) >= 10
