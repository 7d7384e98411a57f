"""Trading-day borders."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from engine.backtest.days import DAY_MS, day_borders
from engine.clock import parse_iso


def test_crypto_days_end_at_utc_midnight():
    first, last = parse_iso("2023-01-01T00:00"), parse_iso("2023-01-03T23:59")
    borders = day_borders(first, last)
    assert borders.tolist() == [first + k * DAY_MS for k in range(4)]


def test_a_moment_on_the_border_belongs_to_the_day_that_begins():
    last = parse_iso("2023-01-02")
    assert day_borders(parse_iso("2023-01-01T12:00"), last)[-1] == last + DAY_MS


def test_oanda_days_end_at_17_new_york_in_winter_and_summer():
    borders = day_borders(parse_iso("2023-01-01"), parse_iso("2023-12-31"), "America/New_York", 17)
    local = [datetime.fromtimestamp(b / 1000, ZoneInfo("America/New_York")) for b in borders.tolist()]
    assert {(m.hour, m.minute) for m in local} == {(17, 0)}
    lengths = np.diff(borders) // 3_600_000
    # the clocks changed on 12 March and 5 November
    assert sorted(set(lengths.tolist())) == [23, 24, 25]
    assert (lengths == 23).sum() == 1
    assert (lengths == 25).sum() == 1


def test_borders_enclose_the_range():
    for zone, hour in (("UTC", 0), ("UTC", 5), ("America/New_York", 17)):
        first, last = parse_iso("2024-12-30T21:59"), parse_iso("2025-01-01T22:00")
        borders = day_borders(first, last, zone, hour)
        assert borders[0] <= first < borders[1]
        assert borders[-2] <= last < borders[-1]
