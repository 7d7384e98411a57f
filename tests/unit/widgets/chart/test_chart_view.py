"""Scales and the time axis, and the indicators' requests."""

from __future__ import annotations

import math

import pytest

from engine.contracts.commands import IndicatorInfo
from widgets.chart import indicators as ind
from widgets.chart.view import Scale, TimeView


def test_x_and_index_are_inverse():
    view = TimeView(right=500.0, px_per_bar=3.7, width=811)
    for index in (0.0, 333.25, 500.0):
        assert view.index_at(view.x(index)) == pytest.approx(index)
    assert view.x(500.0) == 811


def test_zoom_keeps_the_anchor_and_its_limits():
    view = TimeView(right=500.0, width=800)
    at = view.index_at(300)
    view.zoom(1.5, 300, 10_000)
    assert view.index_at(300) == pytest.approx(at)
    for _ in range(100):
        view.zoom(0.5, 300, 10_000)
    assert 10_000 < view.visible_bars < 13_000
    for _ in range(100):
        view.zoom(2, 300, 10_000)
    assert view.px_per_bar == 120


def test_some_bars_always_stay_in_view():
    view = TimeView(right=500.0, width=800)
    view.pan(1e9, 1000)
    assert view.left < 1000 - 4
    view.pan(-1e9, 1000)
    assert view.right > 4


@pytest.mark.parametrize("mode", ["linear", "log"])
def test_values_and_pixels_are_inverse(mode):
    scale = Scale(height=400, mode=mode)
    scale.fit(10.0, 1000.0, 0.1, 0.1)
    assert scale.y(1000.0) == pytest.approx(40)
    assert scale.y(10.0) == pytest.approx(360)
    assert scale.value_at(scale.y(77.0)) == pytest.approx(77.0)


@pytest.mark.parametrize("low,high", [(5.0, 5.0), (0.0, 0.0), (1e-8, 1e-8), (math.nan, math.nan), (1e6, 1e6)])
@pytest.mark.parametrize("mode", ["linear", "log"])
def test_flat_and_missing_ranges_get_room(low, high, mode):
    scale = Scale(height=400, mode=mode)
    scale.fit(low, high, 0.1, 0.1)
    assert scale.hi > scale.lo
    assert math.isfinite(scale.y(1.0))


def test_indicators_of_the_catalogue_become_requests():
    info = IndicatorInfo(
        name="MACD",
        title="MACD",
        family="momentum",
        params=[("fast", 12, 1, 500), ("slow", 26, 1, 500), ("signal", 9, 1, 500)],
        outputs=["line", "signal", "histogram"],
        scale="pane",
        warmup=35,
        formula="",
    )
    made = ind.from_info(info)
    assert made == ind.MACD
    assert [r.expression for r in made.requests()][1] == "MACD(12, 26, 9).signal"
    assert made.outputs[2].histogram
    assert ind.make("RSI", (14,), ("value",), False).requests()[0].expression == "RSI(14)"


def test_outputs_that_are_no_prices_stay_out_of_an_overlay():
    info = IndicatorInfo(
        name="SUPERTREND",
        title="SuperTrend",
        family="trend",
        params=[("n", 10, 1, 500), ("k", 3, 0, 100)],
        outputs=["line", "side"],
        scale="overlay",
        warmup=10,
        formula="",
        apart=["side"],
    )
    assert [r.expression for r in ind.from_info(info).requests()] == ["SUPERTREND(10, 3).line"]
