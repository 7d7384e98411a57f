"""When markets are closed: weeks, daily breaks and clock changes of New York, and ranges taken from ranges."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.contracts.sessions import closed_ranges, hour_of_week, joined, own_pauses, without

HOUR, DAY = 3_600_000, 86_400_000


def ms(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp() * 1000)


def test_the_week_follows_new_york_through_its_clock_changes():
    found = closed_ranges("oanda-forex", ms("2024-03-01"), ms("2024-03-18")).tolist()
    # before and after 10 March 2024
    assert found == [
        [ms("2024-03-01T22:00"), ms("2024-03-03T22:00")],
        [ms("2024-03-08T22:00"), ms("2024-03-10T21:00")],
        [ms("2024-03-15T21:00"), ms("2024-03-17T21:00")],
    ]


def test_metals_pause_each_day_and_open_an_hour_later():
    found = closed_ranges("oanda-commodities", ms("2024-07-01"), ms("2024-07-08T12:00")).tolist()
    assert found[0] == [ms("2024-07-01T21:00"), ms("2024-07-01T22:00")]
    assert found[-1] == [ms("2024-07-05T21:00"), ms("2024-07-07T22:00")]
    assert len(found) == 5


def test_christmas_is_closed_and_crypto_never():
    found = closed_ranges("oanda-forex", ms("2024-12-24"), ms("2024-12-26")).tolist()
    assert found == [[ms("2024-12-24T18:00"), ms("2024-12-25T23:00")]]
    assert closed_ranges("binance-spot", 0, ms("2024-12-26")).size == 0
    assert closed_ranges("demo-binance-futures", 0, ms("2024-12-26")).size == 0
    assert closed_ranges("oanda-forex", ms("2024-12-26"), ms("2024-12-24")).size == 0


def test_hours_of_the_week_are_those_of_new_york():
    for text in ("2024-01-01T05:00", "2024-07-01T04:00"):
        assert hour_of_week(np.array([ms(text) // HOUR])).tolist() == [0]
    hours = np.arange(ms("2024-03-01") // HOUR, ms("2024-04-01") // HOUR)
    zone = ZoneInfo("America/New_York")
    moments = [dt.datetime.fromtimestamp(int(h) * 3600, zone) for h in hours]
    want = [m.weekday() * 24 + m.hour for m in moments]
    found = hour_of_week(hours).tolist()
    differ = [m for m, a, b in zip(moments, found, want) if a != b]
    # only in the night in which the clocks change, while these markets are closed
    assert differ
    assert all(m.weekday() == 5 or (m.weekday() == 6 and m.hour < 17) for m in differ)


def test_hours_that_a_series_never_trades_in_are_read_off_it():
    ts = np.arange(ms("2024-01-01"), ms("2024-06-01"), HOUR)
    local = hour_of_week(ts // HOUR) % 24
    found, hours = own_pauses(ts[(local < 17) | (local >= 20)], int(ts[0]), int(ts[-1]) + HOUR)
    assert {h % 24 for h in hours} == {17, 18, 19}
    assert len(hours) == 21
    assert np.count_nonzero((found[:, 1] - found[:, 0]) != 3 * HOUR) <= 2, "but for the night the clocks change in"
    assert own_pauses(ts[:100], int(ts[0]), int(ts[100]))[1] == [], "four days say nothing"
    assert own_pauses(ts, int(ts[0]), int(ts[-1]))[1] == []


RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=8).map(
    lambda pairs: joined(np.array([(a, a + n) for a, n in pairs], np.int64).reshape(-1, 2), 0, 70)
)


def points(ranges: np.ndarray) -> set[int]:
    return {t for low, high in ranges.tolist() for t in range(low, high)}


@given(RANGES, RANGES)
def test_ranges_as_sets(a, b):
    assert points(without(a, b)) == points(a) - points(b)
    both = joined(np.concatenate([a, b]), 0, 70)
    assert points(both) == points(a) | points(b)
    for found in (without(a, b), both):
        assert (found[:, 0] < found[:, 1]).all()
    assert (both[1:, 0] > both[:-1, 1]).all(), "ranges that touch are one"
