"""Every shipped strategy: one meaning in both forms, and live the same bits as in a back-test."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import strategies
from engine.contracts.timeframes import timeframe_ms
from engine.rules.api import Strategy
from engine.rules.machine import Machine, bar_columns, run_series
from engine.rules.strategy import compile_strategies
from engine.rules.text import parse_strategy
from tests.unit.strategies import support

ALL = strategies.load()
#: bars that live begins after the history does; bars one by one at its end
LATER, SINGLE = 777, 300


@pytest.mark.parametrize("strategy", ALL, ids=lambda s: s.id)
def test_both_forms_are_the_same_program(strategy: Strategy) -> None:
    assert all(strategy.bind(s).warmup > 0 for s in strategy.param_sets())
    read = parse_strategy(strategy.text())
    assert read == strategy
    assert read.version == strategy.version
    one, two = (compile_strategies([s.bind()]).program for s in (strategy, read))
    assert np.array_equal(one.code, two.code)
    assert np.array_equal(one.params, two.params)
    assert one.constants == two.constants


@pytest.mark.shared
def test_live_from_a_later_start_says_what_the_back_test_says() -> None:
    program = compile_strategies([s.bind(timeframe="15m") for s in ALL]).program
    rows = support.bars_of(support.SERIES[0], "15m").bars[-(program.memory + LATER + SINGLE + 200) :]
    index, bars = rows["ts"] // timeframe_ms("15m"), bar_columns(rows)
    conditions, values = run_series(program, index, bars)
    machine, both = Machine(program, 2), np.array([1, 0])
    sizes = np.random.default_rng(5).integers(100, 3000, 100)
    borders = LATER + np.cumsum(sizes)
    borders = [LATER, *borders[borders < len(rows) - SINGLE], *range(len(rows) - SINGLE, len(rows) + 1)]
    shown = 0
    for start, stop in pairwise(borders):
        block = np.repeat(bars[:, None, start:stop], 2, axis=1)
        said, given = machine.run(both, np.repeat(index[None, start:stop], 2, axis=0), block, commit=True)
        seen = stop - LATER - 1
        settled = program.condition_memory <= seen
        shown += int(conditions[settled, stop - 1].sum())
        assert np.array_equal(said[settled, :, -1].T, [conditions[settled, stop - 1]] * 2)
        settled = program.value_memory <= seen
        assert np.array_equal(given[settled, 0, -1].view(np.int64), values[settled, stop - 1].view(np.int64))
    assert shown > 1000
