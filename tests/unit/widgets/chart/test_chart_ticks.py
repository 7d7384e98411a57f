"""Round numbers, times and words on the axes."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from widgets.chart import ticks
from widgets.chart.model import BarSeries

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


def series(start: int, n: int, step: int = MINUTE) -> BarSeries:
    rows = np.zeros(n, CANDLE_DTYPE)
    rows["ts"] = start + np.arange(n, dtype=np.int64) * step
    return BarSeries(rows, step)


@pytest.mark.parametrize(
    "low,high,count,values,decimals",
    [
        (0.0, 10.0, 5, [0, 2, 4, 6, 8, 10], 0),
        (99.13, 99.87, 8, [99.2, 99.3, 99.4, 99.5, 99.6, 99.7, 99.8], 1),
        (1.1e-8, 1.9e-8, 4, [1.2e-8, 1.4e-8, 1.6e-8, 1.8e-8], 9),
        (-3e6, 3e6, 6, [-3e6, -2e6, -1e6, 0, 1e6, 2e6, 3e6], 0),
    ],
)
def test_linear_ticks(low, high, count, values, decimals):
    got, places = ticks.linear_ticks(low, high, count)
    assert got == pytest.approx(values)
    assert places == decimals


def test_log_ticks_are_round_over_decades_and_linear_within_one():
    values, _ = ticks.log_ticks(3.0, 70_000.0, 10)
    assert values == pytest.approx([3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000])
    assert ticks.log_ticks(100.0, 110.0, 5)[0] == pytest.approx([100, 102, 104, 106, 108, 110])


@pytest.mark.parametrize(
    "text,want",
    [
        (ticks.price_text(64210.5, 2), "64,210.50"),
        (ticks.price_text(224.42, 2), "224.42"),
        (ticks.price_text(1.2e-8, 10), "0.0000000120"),
        (ticks.price_text(float("nan"), 2), "–"),
        (ticks.volume_text(161_500), "162K"),
        (ticks.volume_text(26_230), "26.2K"),
        (ticks.volume_text(4.56e9), "4.56B"),
        (ticks.volume_text(7), "7"),
        (ticks.countdown_text(22_000), "00:22"),
        (ticks.countdown_text(3_725_000), "1:02:05"),
        (ticks.countdown_text(90_000_000), "1d 01h"),
        (ticks.moment_text(ticks.Zone(), ms(2024, 12, 25, 17, 2), MINUTE), "Wed 25 Dec 2024  17:02"),
        (ticks.moment_text(ticks.Zone(), ms(2024, 12, 25), DAY), "Wed 25 Dec 2024"),
    ],
)
def test_words(text, want):
    assert text == want


def test_days_are_heavier_than_hours():
    bars = series(ms(2023, 12, 31, 12), 1440)
    found = ticks.time_ticks(bars, ticks.Zone(), 0, 1440, 1.0, 100)
    assert [(t.text, t.weight) for t in found] == [
        (text, 3 if text == "2024" else 0)
        for text in ("12:00", "14:00", "16:00", "18:00", "20:00", "22:00", "2024", "02:00", "04:00", "06:00", "08:00",
                     "10:00", "12:00")
    ]  # fmt: skip
    assert [t.index for t in found] == list(range(0, 1441, 120))


def test_months_and_years_when_far_out():
    bars = series(ms(2020, 1, 1), 365 * 4, DAY)
    found = ticks.time_ticks(bars, ticks.Zone(), 0, 1460, 1.0, 100)
    assert [t.text for t in found][:5] == ["2020", "Jul", "2021", "Jul", "2022"]
    assert all(bars.ts_at(t.index) % DAY == 0 for t in found)


def test_labels_keep_their_distance_over_holes():
    rows = np.zeros(2000, CANDLE_DTYPE)
    day, minute = np.divmod(np.arange(2000), 100)
    rows["ts"] = ms(2024, 3, 4, 9) + day * DAY + minute * MINUTE
    bars = BarSeries(rows, MINUTE)
    found = ticks.time_ticks(bars, ticks.Zone(), 0, 2000, 2.0, 100)
    assert len(found) >= 10
    assert min(b.index - a.index for a, b in itertools.pairwise(found)) * 2.0 >= 75


def test_the_clock_change_is_found():
    zone = ticks.Zone(ZoneInfo("Europe/Berlin"))
    assert zone.offset(ms(2024, 3, 31, 0, 59)) == HOUR
    assert zone.offset(ms(2024, 3, 31, 1, 0)) == 2 * HOUR
    assert zone.offset(ms(2024, 10, 27, 0, 59)) == 2 * HOUR
    assert zone.offset(ms(2024, 10, 27, 1, 0)) == HOUR
    bars = series(ms(2024, 3, 30, 12), 48, HOUR)
    midnights = [t for t in ticks.time_ticks(bars, zone, 0, 48, 20.0, 100) if t.weight]
    assert [bars.ts_at(t.index) for t in midnights] == [ms(2024, 3, 30, 23), ms(2024, 3, 31, 22)]
