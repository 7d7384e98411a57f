"""The maths of the walk-forward's plots against plain slow twins."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gui.fake_walks import DAY, FOLDS, SETS, TEST, walk
from widgets.viewmodels import plots
from widgets.viewmodels import walkforward_curves as curves
from widgets.viewmodels import walkforward_grid as grids


# axes ---------------------------------------------------------------------------------------------------------------
@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 12))
def test_ticks_are_round_inside_and_not_too_many(low, width, most):
    high = low + width
    if high <= low:
        return
    found = plots.ticks(low, high, most)
    assert len(found) <= most + 1
    assert all(low - 1e-9 * abs(low) - 1e-9 * width <= t <= high + 1e-9 * abs(high) + 1e-9 * width for t in found)
    steps = np.diff(found)
    if len(steps) > 1:
        assert np.allclose(steps, steps[0], rtol=1e-6, atol=1e-9 * (abs(low) + width))


@given(st.floats(1e-4, 1e3), st.floats(1.5, 1e6), st.integers(2, 10))
def test_log_ticks_are_inside_and_not_too_many(low, ratio, most):
    found = plots.ticks(low, low * ratio, most, log=True)
    assert len(found) <= most
    assert all(low <= t <= low * ratio for t in found)


@pytest.mark.parametrize("days", [3, 20, 61, 90, 400, 2_300, 9_000])
@pytest.mark.parametrize("most", [2, 5, 12])
def test_dates_on_an_axis_are_rising_and_not_too_many(days, most):
    first = 1_533_000_000_000
    found = plots.time_ticks(first, first + days * DAY, most)
    assert 1 <= len(found) + (days < 400) <= most + 2
    ms = [t for t, _ in found]
    assert ms == sorted(set(ms))
    assert all(first <= t <= first + days * DAY for t in ms)


@given(st.floats(0.01, 1e3), st.floats(1.01, 1e4), st.booleans(), st.floats(0, 1))
def test_a_scale_gives_back_what_it_was_given(low, ratio, log, share):
    scale = plots.Scale(low, low * ratio, 300.0, 20.0, log)
    value = low * ratio**share
    assert scale.value(scale.at(value)) == pytest.approx(value, rel=1e-6)
    assert scale.at(low) == pytest.approx(300.0)
    assert scale.at(low * ratio) == pytest.approx(20.0)


def test_a_span_turns_logarithmic_when_it_is_wide_and_leaves_out_what_is_not_known():
    low, high, log = plots.span(np.array([1.0, 10.0, math.nan]))
    assert log
    assert low < 1.0
    assert high > 10.0
    assert plots.span(np.array([-1.0, 10.0]))[2] is False
    assert plots.span(np.array([math.nan])) == (0.0, 1.0, False)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=30, unique=True), st.floats(-150, 150))
def test_nearest_is_the_nearest(values, x):
    xs = np.array(sorted(values))
    assert abs(xs[plots.nearest(xs, x)] - x) == min(abs(v - x) for v in values)


# curves -------------------------------------------------------------------------------------------------------------
def test_the_stitched_equity_is_the_product_of_its_days():
    made = walk("rsi_revert")
    curve = curves.curve_of(made)
    returns = np.frombuffer(made.returns, "<f8")
    assert len(curve) == FOLDS * TEST + 1
    assert curve.equity[0] == 1.0
    plain, peak, fall = 1.0, 1.0, []
    for r in returns:
        plain *= 1 + r
        peak = max(peak, plain)
        fall.append(plain / peak - 1)
    assert curve.equity[-1] == pytest.approx(plain)
    assert curve.drawdown[1:] == pytest.approx(fall)
    assert curve.borders == tuple(f.test_from_ms for f in made.folds[1:])
    assert np.isnan(curve.hold).all()


def test_buy_and_hold_stands_on_the_last_close_that_was_known():
    made = walk("rsi_revert")
    ms = np.frombuffer(made.day_ms, "<i8")
    known = np.concatenate([[made.folds[0].test_from_ms], ms[::2]])
    closes = np.linspace(100.0, 200.0, len(known))
    curve = curves.curve_of(made, known, closes)
    for k in (0, 1, 2, 5, 100, 150):
        before = [c for t, c in zip(known, closes, strict=True) if t <= curve.ms[k]]
        assert curve.hold[k] == pytest.approx(before[-1] / 100.0)


def test_a_walk_without_a_day_has_an_empty_curve():
    import msgspec

    assert len(curves.curve_of(msgspec.structs.replace(walk("a"), day_ms=b"", returns=b""))) == 0


def test_train_growth_is_scaled_to_the_length_of_the_test():
    fold = walk("a").folds[0]
    expected = (1 + fold.train["total_return"]) ** (1 / 4) - 1
    assert curves.scaled_train(fold) == pytest.approx(expected)
    assert curves.fold_rows(walk("a"))[0].cells[7].value == pytest.approx(fold.test["total_return"] / expected)


# the grid -----------------------------------------------------------------------------------------------------------
def test_a_slice_is_the_mean_over_what_is_not_named():
    made = walk("macd_cross")
    grid = grids.ParamGrid(made)
    assert grid.names == ("n", "k")
    values = np.frombuffer(made.values, "<f8").reshape(FOLDS, len(SETS))
    for window in (-1, 0, 3):
        found = grid.slice("n", "k", window)
        row = values.mean(axis=0) if window < 0 else values[window]
        for k, s in enumerate(SETS):
            at = list(found.ys).index(s["k"]), list(found.xs).index(s["n"])
            assert found.values[at] == pytest.approx(row[k])
    alone = grid.slice("n", "n", -1)
    assert alone.values.shape == (1, 3)
    first = [values.mean(axis=0)[k] for k, s in enumerate(SETS) if s["n"] == 10.0]
    assert alone.values[0, 0] == pytest.approx(np.mean(first))
    fixed = grid.slice("n", "n", 2, {"k": 2.0})
    assert fixed.values[0].tolist() == [values[2][k] for k, s in enumerate(SETS) if s["k"] == 2.0]


def test_the_colour_scale_is_that_of_all_windows():
    made = walk("macd_cross")
    grid = grids.ParamGrid(made)
    values = np.frombuffer(made.values, "<f8")
    low, high = grid.span()
    assert values.min() <= low < high <= values.max()
    assert grid.span(mean=True)[1] < high


def test_choices_are_counted_and_drift_follows_them():
    made = walk("macd_cross")
    grid = grids.ParamGrid(made)
    found = grid.slice("n", "k")
    assert sum(found.chosen.values()) == FOLDS
    drift = grid.drift()
    for w, fold in enumerate(made.folds):
        assert [float(a[s]) for a, s in zip(grid.axes, drift[:, w], strict=True)] == [
            fold.params["n"],
            fold.params["k"],
        ]
    steady = grid.steadiness()
    assert steady.windows == FOLDS
    assert steady.sets == len({tuple(f.params.items()) for f in made.folds})


fields = st.integers(1, 5).flatmap(
    lambda ny: st.integers(1, 6).flatmap(
        lambda nx: st.lists(st.one_of(st.floats(-3, 3), st.just(math.nan)), min_size=ny * nx, max_size=ny * nx).map(
            lambda v: np.array(v).reshape(ny, nx)
        )
    )
)


@given(fields)
@settings(max_examples=60)
def test_neighbourhoods_are_the_mean_of_the_cells_around(values):
    found = grids.neighbourhoods(values)
    known = values[np.isfinite(values)]
    ny, nx = values.shape
    for r in range(ny):
        for c in range(nx):
            if math.isnan(values[r, c]):
                assert math.isnan(found[r, c])
                continue
            around = [
                values[i, j] if not math.isnan(values[i, j]) else known.min()
                for i in range(max(r - 1, 0), min(r + 2, ny))
                for j in range(max(c - 1, 0), min(c + 2, nx))
            ]
            assert found[r, c] == pytest.approx(np.mean(around), abs=1e-12)


@given(fields)
@settings(max_examples=60)
def test_a_plateau_is_connected_known_and_more_than_one_cell(values):
    field = grids.plateau(values)
    assert not (field & ~np.isfinite(values)).any()
    assert field.sum() != 1
    edges = grids.outline(field)
    plain = sum(
        1
        for r, c in np.argwhere(field)
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0))
        if not (0 <= r + dr < field.shape[0] and 0 <= c + dc < field.shape[1] and field[r + dr, c + dc])
    )
    assert len(edges) == plain


def test_a_broad_field_is_the_plateau_and_a_lonely_peak_is_none():
    values = np.zeros((6, 6))
    values[1:4, 1:4] = 1.0
    values[5, 5] = 1.4
    field = grids.plateau(values)
    assert field[1:4, 1:4].all()
    assert not field[5, 5]
    assert grids.plateau_share({(2, 2): 3, (5, 5): 1}, field) == 0.75
    assert not grids.plateau(np.ones((4, 4))).any()


def test_a_strategy_with_one_set_has_no_axis():
    import msgspec

    made = msgspec.structs.replace(walk("a"), sets=[{"n": 1.0}], values=b"", test_values=b"", folds=[])
    grid = grids.ParamGrid(made)
    assert grid.names == ()
    assert grids.pairs(grid.names) == ("", "")
    assert math.isnan(grid.steadiness().kept)
