"""The arithmetic of plots: nothing that sticks out is lost, whatever the number of points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.viewmodels import formats, plot_shapes


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.integers(1, 60), st.integers(0, 2**31))
def test_thinning_keeps_first_last_and_extremes_of_every_column(count, columns, seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, columns, count))
    y = rng.normal(0, 1, count)
    y[rng.random(count) < 0.1] = np.nan
    tx, ty = plot_shapes.thinned(x, y, columns)
    keep = np.isfinite(y)
    assert tx.size <= max(4 * columns, 4 * (columns + 1), int(keep.sum()))
    assert np.isfinite(ty).all()
    for column in np.unique(np.floor(x[keep])):
        inside, thin = y[keep & (np.floor(x) == column)], ty[np.floor(tx) == column]
        assert thin.min() == inside.min()
        assert thin.max() == inside.max()
        assert thin[0] == inside[0]
        assert thin[-1] == inside[-1]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(1, 70))
def test_smoothing_is_the_mean_of_what_was_there(values, count):
    x = np.array(values)
    slow = [x[max(0, k - count + 1) : k + 1].mean() for k in range(x.size)]
    assert plot_shapes.smoothed(x.copy(), count) == pytest.approx(slow, abs=1e-6)


def test_ranges_hold_what_they_shall():
    assert plot_shapes.padded(1.0, 2.0, 0.1) == pytest.approx((0.9, 2.1))
    low, high = plot_shapes.padded(5.0, 5.0)
    assert low < 5 < high
    assert plot_shapes.padded(float("nan"), 1.0) == (0.0, 1.0)
    wild = np.r_[np.linspace(0, 1, 999), 1e9]
    assert plot_shapes.spread_of(wild)[1] < 2
    assert plot_shapes.spread_of(np.array([1.0, np.nan, 3.0])) == (1.0, 3.0)


def test_colours_grow_with_the_value_and_know_their_side():
    assert plot_shapes.heat(0.04, 0.04) == 1.0
    assert plot_shapes.heat(-0.01, 0.04) == -0.5
    assert plot_shapes.heat(float("nan"), 0.04) == 0.0
    assert plot_shapes.strongest_of([]) == 0.0
    assert plot_shapes.strongest_of([0.01] * 19 + [9.0]) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("value", "show", "text"),
    [
        (0.0, None, "0"),
        (0.5, lambda v: formats.percent(v, 1), "+50 %"),
        (100_000.0, lambda v: formats.money(v, 0), "100,000"),
        (2_500_000.0, lambda v: formats.money(v, 0), "2.5M"),
        (1.5, None, "1.5"),
        (20.0, None, "20"),
    ],
)
def test_ticks_are_short(value, show, text):
    assert formats.axis(value, show) == text


@pytest.mark.parametrize(("count", "text"), [(12, "12 B"), (1_200, "1.2 kB"), (72_100_000, "72.1 MB"), (3e9, "3.0 GB")])
def test_sizes(count, text):
    assert formats.size(count) == text
