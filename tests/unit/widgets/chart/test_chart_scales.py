"""Scales in every mode, the labels of their axes, and tags pushed apart."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from widgets.chart.scales import axis_text, base_of, scale_ticks, spread
from widgets.chart.view import MODES, Scale


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    low = draw(st.floats(1e-6, 1e6))
    high = low * draw(st.floats(1.001, 1000.0))
    scale = Scale(
        height=draw(st.integers(40, 2000)),
        mode=draw(st.sampled_from(MODES)),
        inverted=draw(st.booleans()),
        base=draw(st.one_of(st.just(math.nan), st.just(low * 1.0001))),
    )
    scale.fit(low, high, draw(st.floats(0.0, 0.3)), draw(st.floats(0.0, 0.3)))
    return scale


@given(scales(), st.floats(0.0, 1.0))
def test_pixel_to_value_and_back_in_every_mode(scale, share):
    y = share * scale.height
    value = scale.value_at(y)
    # a linear axis may reach below nothing in its margin, which a logarithm cannot
    assume(value > 0 or not scale.log)
    assert scale.y(value) == pytest.approx(y, abs=1e-5 * scale.height)
    assert scale.ys(np.array([value]))[0] == pytest.approx(scale.y(value), abs=1e-6 * scale.height)


@given(scales(), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_higher_values_are_higher_unless_inverted(scale, a, b):
    assume(abs(a - b) > 1e-3)
    first, second = scale.value_at(a * scale.height), scale.value_at(b * scale.height)
    assert (first > second) == ((a < b) != scale.inverted)
    low, high = scale.ends()
    assert low < high


@given(scales(), st.floats(0.001, 1000.0))
def test_what_is_written_leads_back_to_the_value(scale, value):
    assert scale.value_of(scale.shown(value)) == pytest.approx(value, rel=1e-6, abs=1e-9 * abs(scale.base or 1))


@given(scales(), st.floats(-500, 500))
def test_shifting_moves_what_is_shown_by_the_pixels(scale, dy):
    assume(abs(dy) < scale.height)
    value = scale.value_at(scale.height / 2)
    assume(value > 0)
    scale.shift(dy)
    assert scale.y(value) == pytest.approx(scale.height / 2 + dy, abs=1e-4 * scale.height)


@given(scales())
def test_labels_are_round_as_they_are_written(scale):
    values, decimals = scale_ticks(scale, scale.height / 40)
    low, high = scale.ends()
    slack = 1e-6 * (high - low)
    assert all(low - slack <= v <= high + slack for v in values)
    if scale.relative:
        for value in values:
            shown = scale.shown(value)
            assert shown == pytest.approx(round(shown, decimals), abs=1e-6 * max(1.0, abs(shown)))


@pytest.mark.parametrize("inverted", [False, True])
def test_margins_stay_where_they_are_when_the_scale_is_inverted(inverted):
    scale = Scale(height=500, inverted=inverted)
    scale.fit(10.0, 20.0, 0.2, 0.1)
    ends = sorted((scale.y(10.0), scale.y(20.0)))
    assert ends == pytest.approx([100.0, 450.0])


def test_percent_and_index_are_written_from_the_base():
    percent, indexed = Scale(mode="percent", base=200.0), Scale(mode="indexed", base=200.0)
    assert axis_text(percent, 210.0, 1) == "+5.0 %"
    assert axis_text(percent, 190.0, 2) == "-5.00 %"
    assert axis_text(percent, 200.0, 1) == axis_text(percent, 199.999, 1) == "0.0 %"
    assert axis_text(indexed, 210.0, 1) == "105.0"
    assert axis_text(Scale(mode="percent"), 210.0, 1) == "210.0", "without a base it is a price"


def test_the_base_is_the_first_close_that_is_one():
    assert base_of([math.nan, 0.0, 3.0, 4.0]) == 3.0
    assert math.isnan(base_of([]))


tags = st.lists(
    st.tuples(st.floats(-50, 550), st.sampled_from([18.0, 31.0]), st.integers(0, 100)), min_size=1, max_size=12
)


@given(tags, st.integers(60, 500))
def test_tags_do_not_overlap_and_the_heaviest_stays(wanted, height):
    tops = spread(wanted, height)
    placed = sorted((t, t + w[1]) for t, w in zip(tops, wanted, strict=True) if t is not None)
    assert placed
    for (_a, end), (start, _b) in itertools.pairwise(placed):
        assert start >= end
    assert placed[0][0] >= 0
    assert placed[-1][1] <= max(height, 31)
    heaviest = max(range(len(wanted)), key=lambda i: (wanted[i][2], -i))
    y, tall, _weight = wanted[heaviest]
    assert tops[heaviest] == min(max(0.0, round(y) - 9.0), max(0.0, height - tall))


def test_tags_that_have_room_stay_where_they_belong():
    assert spread([(100.0, 18.0, 1), (200.0, 31.0, 9), (300.0, 18.0, 2)], 400) == [91.0, 191.0, 291.0]
    assert spread([(200.0, 18.0, 9), (205.0, 18.0, 1), (195.0, 18.0, 2)], 400) == [191.0, 209.0, 173.0]


def test_the_lightest_gives_way_where_there_is_no_room():
    tops = spread([(10.0, 18.0, 9), (12.0, 18.0, 1), (14.0, 18.0, 5)], 40)
    assert tops[1] is None
    assert tops[0] is not None
    assert tops[2] is not None


@given(scales(), st.lists(st.one_of(st.floats(0.3, 2.8), st.sampled_from([2.71] * 3)), max_size=80), st.floats(-9, 9))
def test_a_scale_that_was_dragged_far_still_has_ends_and_labels(scale, factors, shifts):
    for factor in factors:
        scale.stretch(factor)
    scale.shift(shifts * scale.height)
    values, decimals = scale_ticks(scale, scale.height / 40)
    low, high = scale.ends()
    assert low <= high
    assert all(math.isfinite(v) for v in (low, high, *values))
    assert all(len(axis_text(scale, v, decimals)) < 40 for v in values)


@pytest.mark.parametrize(("low", "high"), [(-5.0, 100.0), (0.0, 100.0), (-7.0, -5.0)])
def test_a_logarithm_does_not_reach_below_nothing(low, high):
    scale = Scale(height=400, mode="log")
    scale.fit(low, high, 0.1, 0.1)
    assert scale.ends()[1] / scale.ends()[0] < 100
    assert not high > 0 or 0 < scale.y(high) < 400
