"""Weighted sums and the order of a window's values against what their definitions say, written plainly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.indicators import graph as g
from engine.rules.machine import Machine, run_series
from engine.rules.program import compile_program
from tests.property.rules_support import bits, made_bars, run_blocks

SEEDS = st.integers(0, 2**32 - 1)


def column(seed: int, total: int = 500) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Bars whose volume has flat stretches, equal values and, with even seeds, nan."""
    index, bars = made_bars(seed, total, missing=seed % 2 == 0)
    if seed % 3 == 0:
        bars[4] = np.round(bars[4])
    return index, bars


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(2, 40), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]))
def test_windows(seed: int, n: int, q: float) -> None:
    index, bars = column(seed)
    x, v = g.source("volume"), bars[4]
    nodes = [g.weighted_sum(x, n), g.age_of_highest(x, n), g.age_of_lowest(x, n), g.rank(x, n), g.quantile(x, n, q)]
    weighted, oldest, newest, share, quantile = run_series(compile_program([], nodes), index, bars)[1]
    weights = np.arange(1, n + 1, dtype=np.longdouble)
    for t in range(v.size):
        window = v[max(t - n + 1, 0) : t + 1]
        whole = window.size == n and not np.isnan(window).any()
        assert weighted[t] == pytest.approx(float(window @ weights) if whole else math.nan, rel=1e-12, nan_ok=True)
        assert np.array_equal(oldest[t], int(window[::-1].argmax()) if whole else math.nan, equal_nan=True), t
        assert np.array_equal(newest[t], int(window[::-1].argmin()) if whole else math.nan, equal_nan=True), t
        expected = float(np.quantile(window, q)) if whole else math.nan
        assert quantile[t] == pytest.approx(expected, rel=1e-13, nan_ok=True)
        before = v[max(t - n, 0) : t + 1]
        known = before.size == n + 1 and not np.isnan(before).any()
        assert np.array_equal(share[t], (before[:-1] < v[t]).sum() / n if known else math.nan, equal_nan=True), t


@pytest.mark.parametrize("n", [2, 3, 100, 2047, 2048, 5000])
def test_short_and_long_ones_keep_their_bits_in_any_split_and_bar_by_bar(n: int) -> None:
    x = g.source("volume")
    nodes = [g.weighted_sum(x, n), g.age_of_highest(x, n), g.age_of_lowest(x, n), g.rank(x, n), g.quantile(x, n, 0.3)]
    program = compile_program([], nodes)
    index, bars = made_bars(n, 2 * n + 500)
    if n % 2:
        index = np.arange(index.size) + 777
    bars[4, -80:-40] = np.sort(bars[4, -80:-40])[::-1]
    whole = bits(run_series(program, index, bars)[1])
    assert np.array_equal(whole, run_blocks(program, index, bars, [1, 4097, 17, 640])[1])
    machine, rows, early = Machine(program, 3), np.array([2, 0]), index.size - 100
    machine.run(rows, np.stack([index[:early]] * 2), np.stack([bars[:, :early]] * 2, axis=1), commit=True)
    for t in range(early, index.size):
        live = machine.run(rows, np.full((2, 1), index[t]), np.stack([bars[:, t : t + 1]] * 2, axis=1), commit=True)[1]
        assert np.array_equal(bits(live)[:, 0, 0], whole[:, t])
        assert np.array_equal(bits(live)[:, 1, 0], whole[:, t])


def test_infinities_and_both_zeros_have_one_order() -> None:
    rng = np.random.default_rng(5)
    index, bars = made_bars(1, 400)
    bars[4] = rng.choice([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf], 400)
    nodes = [f(g.source("volume"), 7) for f in (g.age_of_highest, g.age_of_lowest, g.rank)]
    nodes.append(g.quantile(g.source("volume"), 7, 0.5))
    program = compile_program([], nodes)
    whole = bits(run_series(program, index, bars)[1])
    assert np.array_equal(whole, run_blocks(program, index, bars, [1])[1])
    assert np.array_equal(whole, run_blocks(program, index, bars, [3, 50])[1])
    assert whole[3, 20] in bits(np.array([0.0, 1.0, -1.0, np.inf, -np.inf]))
