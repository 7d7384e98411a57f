"""The machine's promises: the same bits for any split, any lanes, any start; a preview changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.indicators import graph as g
from engine.rules.machine import Machine, run_series
from engine.rules.program import Program, compile_program
from tests.property.rules_support import bits, made_bars, made_graph, run_blocks

SEEDS = st.integers(0, 2**32 - 1)


def made_program(seed: int) -> Program:
    return compile_program(*made_graph(seed, every=True))


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.lists(st.integers(1, 700), min_size=1, max_size=4))
def test_any_split_into_blocks_gives_the_same_bits(seed: int, sizes: list[int]) -> None:
    program = made_program(seed)
    index, bars = made_bars(seed, 3000, missing=seed % 3 == 0)
    conditions, values = run_series(program, index, bars)
    split_conditions, split_values = run_blocks(program, index, bars, sizes)
    assert np.array_equal(conditions, split_conditions)
    assert np.array_equal(bits(values), split_values)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_lanes_bar_by_bar_and_previews_equal_the_series(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = made_program(seed)
    total, lanes = 400, 5
    made = [made_bars(seed + lane, total, missing=seed % 3 == 0) for lane in range(lanes)]
    machine = Machine(program, lanes)
    got_conditions = np.zeros((program.n_conditions, lanes, total), np.uint8)
    got_values = np.zeros((program.n_values, lanes, total))
    fed = np.zeros(lanes, np.int64)
    while fed.min() < total:
        rows = np.flatnonzero((rng.random(lanes) < 0.7) & (fed < total))
        rng.shuffle(rows)
        if rows.size == 0:
            continue
        index = np.array([[made[r][0][fed[r]]] for r in rows])
        bars = np.stack([made[r][1][:, fed[r]] for r in rows], axis=1)[:, :, None]
        before, seen = machine.state().copy(), machine.bars_seen.copy()
        preview = machine.run(rows, index, bars, commit=False)
        assert np.array_equal(before, machine.state(), equal_nan=True)
        assert np.array_equal(seen, machine.bars_seen)
        final = machine.run(rows, index, bars, commit=True)
        assert np.array_equal(preview[0], final[0])
        assert np.array_equal(bits(preview[1]), bits(final[1]))
        got_conditions[:, rows, fed[rows]] = final[0][:, :, 0]
        got_values[:, rows, fed[rows]] = final[1][:, :, 0]
        fed[rows] += 1
    for lane in range(lanes):
        conditions, values = run_series(program, *made[lane])
        assert np.array_equal(got_conditions[:, lane], conditions)
        assert np.array_equal(bits(got_values[:, lane]), bits(values))


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1, 900))
def test_many_lanes_and_bars_at_once_equal_one_lane_each(seed: int, bars_each: int) -> None:
    program = made_program(seed)
    made = [made_bars(seed + lane, bars_each) for lane in range(7)]
    machine = Machine(program, 9)
    rows = np.array([8, 1, 3, 0, 7, 2, 4])
    index, bars = np.stack([m[0] for m in made]), np.stack([m[1] for m in made], axis=1)
    preview = machine.run(rows, index, bars, commit=False)
    conditions, values = machine.run(rows, index, bars, commit=True)
    assert np.array_equal(preview[0], conditions)
    assert np.array_equal(bits(preview[1]), bits(values))
    assert list(machine.bars_seen[[5, 6]]) == [0, 0]
    for lane, (lane_index, lane_bars) in enumerate(made):
        alone = run_series(program, lane_index, lane_bars)
        assert np.array_equal(conditions[:, lane], alone[0])
        assert np.array_equal(bits(values[:, lane]), bits(alone[1]))


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 40), st.booleans())
def test_after_its_memory_the_start_is_forgotten_to_the_bit(seed: int, n: int, dense: bool) -> None:
    close, volume = g.source("close"), g.source("volume")
    nodes = [
        g.ema(close, n),
        g.wilder(g.sub(close, g.lag(close, 1)), n),
        g.ema(g.ema(close, n), 5),
        g.rolling_mean(close, 3 * n),
        g.rolling_std(volume, n),
        g.highest(close, n),
        g.weighted_sum(close, n),
        g.age_of_lowest(close, n),
        g.rank(volume, n),
        g.quantile(close, n, 0.4),
        g.value_at(g.greater(close, g.lag(close, 1)), volume, n, 2),
        g.bars_since(g.greater(volume, g.const(9.5)), n),
        g.run_length(g.greater(volume, g.const(1.0)), n),
        g.anchored("sum", volume, g.clock("hour", 60_000), 60),
        g.anchored("max", close, g.clock("hour", 60_000), 60, before=True),
        g.adaptive(close, g.const(0.3), 4 * n),
        g.filter2(close, 0.9, -0.2, 4 * n),
        g.ratchet(close, g.add(close, volume), g.sub(close, volume), 4 * n),
        g.sar(g.source("high"), g.source("low"), 0.02, 0.2, 4 * n),
        g.reversal_extreme(close, volume, volume, 4 * n),
        g.hold(g.wilder(g.source("close", 4), 3)),
        g.hold(g.rolling_sum(g.source("volume", 60), 2)),
    ]
    program = compile_program([g.edge(g.greater(close, nodes[0]))], nodes)
    index, bars = made_bars(seed, 2 * program.memory + 500)
    if dense:
        index = np.arange(index.size) + index[0]
        bars[:, 200:] = bars[:, 200:201] if seed % 2 else bars[:, 200:]
    else:
        index = np.delete(np.arange(2 * index.size), np.arange(0, 2 * index.size, 6))[: index.size]
    cut = int(np.random.default_rng(seed).integers(1, 400))
    whole = run_series(program, index, bars)
    later = run_series(program, index[cut:], bars[:, cut:])
    for row in range(program.n_values):
        settled = int(program.value_memory[row])
        assert np.array_equal(bits(whole[1])[row, cut + settled :], bits(later[1])[row, settled:])
    settled = int(program.condition_memory[0])
    assert np.array_equal(whole[0][:, cut + settled :], later[0][:, settled:])


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_conditions_are_silent_before_their_warmup_and_values_begin_at_it(seed: int) -> None:
    program = made_program(seed)
    conditions, _ = run_series(program, *made_bars(seed, 300))
    for row, warmup in enumerate(program.condition_warmup):
        assert not conditions[row, :warmup].any()


def test_shapes_that_do_not_fit_are_refused() -> None:
    machine = Machine(made_program(1), 3)
    with pytest.raises(ValueError, match="do not fit"):
        machine.run(None, np.zeros((2, 1), np.int64), np.zeros((6, 2, 1)), commit=True)
    with pytest.raises(ValueError, match="there are 3"):
        machine.run(np.array([0, 3]), np.zeros((2, 1), np.int64), np.zeros((6, 2, 1)), commit=True)
    with pytest.raises(ValueError, match="at most"):
        machine.run(np.array([0]), np.zeros((1, 9999), np.int64), np.zeros((6, 1, 9999)), commit=False)
    room = np.zeros((6, 3, 2), np.uint8)[:, :, :1]
    with pytest.raises(ValueError, match="contiguous"):
        machine.run(None, np.zeros((3, 1), np.int64), np.zeros((6, 3, 1)), commit=True, conditions=room)


@pytest.mark.parametrize("n", [2, 3, 100, 683, 2047, 2048, 2049, 5000])
def test_short_and_long_windows_keep_their_bits_in_any_split(n: int) -> None:
    x = g.source("volume")
    nodes = [g.rolling_sum(x, n), g.rolling_squares(x, n), g.highest(x, n), g.lowest(x, n), g.lag(x, n), g.wilder(x, n)]
    program = compile_program([], nodes)
    total = max(600, 2 * n + 500)
    for seed in (n, n + 1):
        index, bars = made_bars(seed, total)
        if seed == n:
            index = np.arange(total) + 12_345
        whole = bits(run_series(program, index, bars)[1])
        assert np.array_equal(whole, run_blocks(program, index, bars, [1, 4097, 17, 640])[1])
        machine = Machine(program, 3)
        early = total - 200
        rows = np.array([2, 0])
        machine.run(rows, np.stack([index[:early]] * 2), np.stack([bars[:, :early]] * 2, axis=1), commit=True)
        for t in range(early, total):
            block = np.stack([bars[:, t : t + 1]] * 2, axis=1)
            live = machine.run(rows, np.full((2, 1), index[t]), block, commit=True)[1]
            assert np.array_equal(bits(live)[:, 0, 0], whole[:, t])
            assert np.array_equal(bits(live)[:, 1, 0], whole[:, t])
    wide = bars[4].astype(np.longdouble)
    for t in (n - 1, total - 1):
        window = wide[t - n + 1 : t + 1]
        sums, squares = run_series(program, index, bars)[1][:2, t]
        assert sums == pytest.approx(float(window.sum()), rel=1e-12)
        assert squares == pytest.approx(float(((window - window.mean()) ** 2).sum()), rel=1e-11)
