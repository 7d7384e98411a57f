"""Efficiency, steadiness, heat maps and concentration."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine.walkforward.choice import grid_of
from engine.walkforward.stability import (
    annual_return,
    efficiency,
    heat_map,
    largest_share,
    profitable_share,
    steadiness,
)

SETS = [{"a": float(a), "b": float(b)} for a, b in itertools.product((5, 10, 20, 40), (1, 2, 3, 4))]


def test_efficiency_compares_yearly_growth():
    # two years of +44 % in sample (20 % a year), half a year at 10 % a year out of sample
    inside, outside = np.array([0.44, 0.44]), np.array([1.1**0.25 - 1, 1.1**0.25 - 1])
    spans = np.array([730.5, 730.5]), np.array([91.3125, 91.3125])
    assert efficiency(inside, spans[0], outside, spans[1]) == pytest.approx(0.5)
    assert efficiency(inside, spans[0], -outside, spans[1]) < 0
    assert efficiency(inside, spans[0], np.array([-1.0, 0.1]), spans[1]) == pytest.approx(-5.0)
    # windows without a choice are left out
    assert efficiency(np.append(inside, np.nan), np.append(spans[0], 9.0), np.append(outside, np.nan),
                      np.append(spans[1], 9.0)) == pytest.approx(0.5)  # fmt: skip


def test_efficiency_is_not_defined_without_growth_in_sample():
    one = np.array([365.25])
    assert math.isnan(efficiency(np.array([-0.1]), one, np.array([0.1]), one))
    assert math.isnan(efficiency(np.array([np.nan]), one, np.array([0.1]), one))
    assert math.isnan(efficiency(np.array([0.1]), 0 * one, np.array([0.1]), one))
    assert annual_return(0.21, 730.5) == pytest.approx(0.1)
    assert math.isnan(annual_return(-1.5, 300))


def test_profitable_share():
    assert profitable_share(np.array([0.1, -0.1, 0.0, np.nan])) == 0.25
    assert math.isnan(profitable_share(np.zeros(0)))


def test_steadiness():
    grid = grid_of(SETS)
    still = steadiness(np.array([5, 5, -1, 5]), grid)
    assert (still.kept, still.distance, still.steadiness) == (1.0, 0.0, 1.0)
    assert steadiness(np.array([0, 15]), grid).distance == pytest.approx(1.0)
    assert steadiness(np.array([0, 1]), grid).distance == pytest.approx(0.5 / 3)
    drawn = steadiness(np.random.default_rng(0).integers(0, 16, 20_000), grid)
    assert drawn.distance == pytest.approx(drawn.expected, rel=0.02)
    assert drawn.steadiness == pytest.approx(0, abs=0.02)
    assert math.isnan(steadiness(np.array([3]), grid).steadiness)
    assert steadiness(np.array([0, 0]), grid_of(SETS[:1])).steadiness == 1.0


def test_heat_map_is_the_mean_over_windows_and_other_parameters():
    sets = [s | {"c": c} for s in SETS if s["a"] > 5 * s["b"] for c in (1.0, 2.0)]
    values = np.random.default_rng(1).normal(size=(len(sets), 3))
    values[0, 1] = np.nan
    chart = heat_map(values, grid_of(sets), "b", "a")
    assert chart.values.shape == (len(chart.ys), len(chart.xs))
    for (row, a), (column, b) in itertools.product(enumerate(chart.ys), enumerate(chart.xs)):
        rows = [k for k, s in enumerate(sets) if (s["a"], s["b"]) == (a, b)]
        if rows:
            assert chart.values[row, column] == pytest.approx(np.nanmean(values[rows]))
            assert chart.counts[row, column] == np.isfinite(values[rows]).sum()
        else:
            assert np.isnan(chart.values[row, column])


def test_concentration():
    assert largest_share(np.array([1.0, 2.0, 1.0])) == 0.5
    assert largest_share(np.array([5.0, -2.0, 1.0])) == pytest.approx(1.25)
    assert math.isnan(largest_share(np.array([-1.0, 0.5])))
    assert math.isnan(largest_share(np.zeros(0)))
