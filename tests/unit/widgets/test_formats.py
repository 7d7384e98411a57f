import math

import pytest

from widgets.viewmodels import formats as f


@pytest.mark.parametrize(
    "value, text",
    [
        (1_234_567, "1.23M"),
        (999_600, "1.00M"),
        (999, "999"),
        (0.5, "0.50"),
        (12_340, "12.3K"),
        (-2_500_000_000, "−2.50B"),
        (7, "7"),
    ],
)
def test_compact(value, text):
    assert f.compact(value) == text


def test_compact_of_nothing():
    assert f.compact(math.nan) == f.MISSING


@pytest.mark.parametrize(
    "value, text", [(0.0503, "+5.03 %"), (-0.001, "−0.10 %"), (0.000001, "0.00 %"), (-0.000001, "0.00 %")]
)
def test_percent(value, text):
    assert f.percent(value) == text


def test_price_uses_the_instruments_decimals():
    assert f.price(64231.5, 2) == "64,231.50"
    assert f.price(0.00012345, 8) == "0.00012345"
    assert f.price(math.nan, 2) == f.MISSING


@pytest.mark.parametrize(
    "seconds, text", [(0.0034, "3 ms"), (12, "12 s"), (200, "3m 20s"), (8040, "2h 14m"), (443_000, "5d 3h"), (-1, "–")]
)
def test_duration(seconds, text):
    assert f.duration(seconds) == text


@pytest.mark.parametrize(
    "ms, text", [(10, "now"), (12_000, "12 s"), (240_000, "4 m"), (7_200_000, "2 h"), (3 * 86_400_000, "3 d")]
)
def test_age(ms, text):
    assert f.age(ms) == text


def test_days_are_utc_unless_a_zone_is_written():
    assert f.parse_day("1970-01-02") == 86_400_000
    assert f.parse_day("1970-01-01T02:00+02:00") == 0
    with pytest.raises(ValueError):
        f.parse_day("yesterday")


def test_undefined_figures_are_not_zero():
    assert f.number(math.nan) == "n/a"
    assert f.number(math.inf) == "∞"
