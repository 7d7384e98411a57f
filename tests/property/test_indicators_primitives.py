"""Each primitive against what its definition says, written plainly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.rules.machine import run_series
from engine.rules.program import compile_program
from tests.property.rules_support import made_bars

SEEDS = st.integers(0, 2**32 - 1)


def series(node: Node, seed: int, total: int = 700) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The input column (volume, with nan) and the node's output."""
    index, bars = made_bars(seed, total, missing=seed % 2 == 0)
    if node.kind == g.CONDITION:
        node = g.number_of(node)
    return bars[4], run_series(compile_program([], [node]), index, bars)[1][0]


def windows(x: NDArray[np.float64], n: int) -> list[NDArray[np.longdouble]]:
    wide = x.astype(np.longdouble)
    return [wide[t - n + 1 : t + 1] if t >= n - 1 else np.full(1, np.nan, np.longdouble) for t in range(x.size)]


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(2, 60))
def test_rolling_sum_mean_and_deviation(seed: int, n: int) -> None:
    x = g.source("volume")
    for node, plain in (
        (g.rolling_sum(x, n), lambda w: w.sum()),
        (g.rolling_mean(x, n), lambda w: w.sum() / n),
        (g.rolling_std(x, n), lambda w: np.sqrt(((w - w.mean()) ** 2).mean())),
    ):
        column, got = series(node, seed)
        expected = np.array([float(plain(w)) for w in windows(column, n)])
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(2, 60))
def test_highest_and_lowest(seed: int, n: int) -> None:
    x = g.source("volume")
    for node, plain in ((g.highest(x, n), np.max), (g.lowest(x, n), np.min)):
        column, got = series(node, seed)
        assert np.array_equal(got, [float(plain(w)) for w in windows(column, n)], equal_nan=True)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 60))
def test_mean_deviation(seed: int, n: int) -> None:
    x = g.source("volume")
    column, got = series(g.mean_deviation(x, g.rolling_mean(x, n), n), seed)
    expected = np.array([float(np.abs(w - w.mean()).mean()) for w in windows(column, n)])
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(2, 9), st.booleans())
def test_recursion(seed: int, n: int, wilder: bool) -> None:
    x = g.source("volume")
    column, got = series(g.wilder(x, n) if wilder else g.ema(x, n), seed)
    alpha = np.longdouble(1) / n if wilder else np.longdouble(2) / (n + 1)
    value, count = np.longdouble(0), 0
    for t, now in enumerate(column):
        if not math.isnan(now):
            count += 1
            value += (now - value) / count if count <= n else alpha * (now - value)
        expected = float(value) if count >= n else math.nan
        assert got[t] == pytest.approx(expected, rel=1e-12, abs=1e-14, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 40))
def test_lag_rising_falling_cross_edge_within(seed: int, k: int) -> None:
    x, mean = g.source("volume"), g.const(5.0)
    column, got = series(g.lag(x, k), seed)
    before = np.concatenate([np.full(k, np.nan), column[:-k]])
    assert np.array_equal(got, before, equal_nan=True)
    few = 1 + k % 3
    for node, sign in ((g.rising(x, few), 1), (g.falling(x, few), -1)):
        got = series(node, seed)[1]
        up = np.concatenate([[False], sign * column[1:] > sign * column[:-1]])
        plain = [t >= few and bool(up[t - few + 1 : t + 1].all()) for t in range(700)]
        assert np.array_equal(got, plain)
    got = series(g.crosses_above(x, mean), seed)[1]
    assert np.array_equal(got, [t > 0 and column[t] > 5 and column[t - 1] <= 5 for t in range(700)])
    got = series(g.crosses_below(x, mean), seed)[1]
    assert np.array_equal(got, [t > 0 and column[t] < 5 and column[t - 1] >= 5 for t in range(700)])
    above = column > 5
    assert np.array_equal(
        series(g.edge(g.greater(x, mean)), seed)[1], [t > 0 and above[t] and not above[t - 1] for t in range(700)]
    )
    plain = [t >= k - 1 and bool(above[t - k + 1 : t + 1].any()) for t in range(700)]
    assert np.array_equal(series(g.within(g.greater(x, mean), k), seed)[1], plain)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_arithmetic_comparisons_and_logic(seed: int) -> None:
    a, b = g.source("close"), g.source("volume")
    index, bars = made_bars(seed, 300, missing=True)
    p, q = bars[3], bars[4]
    with np.errstate(all="ignore"):
        cases = [
            (g.add(a, b), p + q),
            (g.sub(a, b), p - q),
            (g.mul(a, b), p * q),
            (g.div(a, b), p / q),
            (g.neg(b), -q),
            (g.absolute(g.sub(b, a)), np.abs(q - p)),
            (g.minimum(a, b), np.minimum(p, q)),
            (g.maximum(a, b), np.maximum(p, q)),
            (g.sqrt(g.sub(b, g.const(5.0))), np.sqrt(q - 5.0)),
            (g.exp(g.neg(b)), np.array([math.exp(-v) for v in q])),
            (g.log(b), np.array([math.log(v) if v > 0 else (-math.inf if v == 0 else math.nan) for v in q])),
            (g.number_of(g.greater(b, a)), q > p),
            (g.number_of(g.greater_equal(b, b)), q >= q),
            (g.number_of(g.negate(g.greater(b, a))), ~(q > p)),
            (g.number_of(g.both(g.greater(b, a), g.greater(b, g.const(1.0)))), (q > p) & (q > 1)),
            (g.number_of(g.either(g.greater(b, a), g.greater(b, g.const(1.0)))), (q > p) | (q > 1)),
            (g.where(g.greater(b, g.const(5.0)), a, b), np.where(q > 5, p, q)),
        ]
    _, got = run_series(compile_program([], [node for node, _ in cases]), index, bars)
    for row, (node, expected) in enumerate(cases):
        assert np.array_equal(got[row], expected.astype(float), equal_nan=True), node


@settings(max_examples=60, deadline=None)
@given(st.floats(), st.floats())
def test_constants_fold_to_what_the_machine_would_say(a: float, b: float) -> None:
    index, bars = np.arange(1), np.array([[0.0], [0.0], [0.0], [a], [b]])
    x, y = g.source("close"), g.source("volume")
    for fn in (g.add, g.sub, g.mul, g.div, g.minimum, g.maximum):
        folded = fn(g.const(a), g.const(b))
        assert folded.is_const
        _, ran = run_series(compile_program([], [fn(x, y)]), index, bars)
        assert np.array_equal(ran[0], [folded.value], equal_nan=True), fn


def test_equal_expressions_are_one_node_and_computed_once() -> None:
    close = g.source("close")
    assert g.ema(close, 9) is g.ema(g.source("close"), 9)
    assert g.const(0.0) is not g.const(-0.0)
    one = compile_program([], [g.ema(close, 9)])
    two = compile_program([], [g.ema(close, 9), g.ema(close, 9)])
    assert two.n_state == one.n_state
    assert len(two.code) == len(one.code) + 1
