"""The chart without Qt: Heikin-Ashi, flicks, moments, sessions, options, catalogue, templates."""

from __future__ import annotations

import gc
import itertools
import weakref
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.indicators.catalogue import INDICATORS
from engine.rules.describe import indicator_info
from engine.rules.text import parse_expression
from tests.gui.charting import bars
from widgets.chart import catalogue, sessions
from widgets.chart import indicators as ind
from widgets.chart.kinetic import Flick
from widgets.chart.model import BarSeries, LineSeries
from widgets.chart.moments import parse_moment
from widgets.chart.options import ChartOptions, zone_of
from widgets.chart.styles import HEIKIN_START, heikin_ashi
from widgets.chart.templates import Templates
from widgets.chart.ticks import DAY, HOUR, MINUTE, Zone

INFOS = [indicator_info(spec) for spec in INDICATORS.values()]


def ms(*when: int, zone: str = "UTC") -> int:
    return int(datetime(*when, tzinfo=ZoneInfo(zone)).timestamp() * 1000)  # type: ignore[misc, arg-type]


# what is let go -------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_series_that_a_chart_lets_go_are_gone_at_once(no_collector):
    rows = bars(300)
    held = BarSeries(rows[100:], 60_000), LineSeries(rows["close"][100:])
    held[0].prepend(rows[:100])
    held[1].prepend(rows["close"][:100])
    held[0].update(rows[-1:])
    held[1].update(299, rows["close"][-1:], 300)
    assert held[0].quality.buckets(0, 300, 8)[0] == 0
    left = [weakref.ref(kept) for series in held for kept in (series, series.pyramid, series._parts)]
    del held
    assert [kept() for kept in left] == [None] * 6


# Heikin-Ashi ----------------------------------------------------------------------------------------------------------


def slow_heikin(rows: np.ndarray) -> list[tuple[float, float, float, float]]:
    out: list[tuple[float, float, float, float]] = []
    for row in rows:
        o, h, low, c = (float(row[n]) for n in ("open", "high", "low", "close"))
        close = (o + h + low + c) / 4
        opened = (out[-1][0] + out[-1][3]) / 2 if out else (o + c) / 2
        out.append((opened, max(h, opened, close), min(low, opened, close), close))
    return out


def test_heikin_ashi_of_a_part_is_that_of_the_whole():
    rows = bars(600)
    want = np.array(slow_heikin(rows))
    columns = [rows[n].copy() for n in ("open", "high", "low", "close")]
    assert np.array_equal(np.stack(heikin_ashi(*columns), 1), want)
    part = heikin_ashi(*(c[300 - HEIKIN_START :] for c in columns))
    assert np.stack(part, 1)[HEIKIN_START:] == pytest.approx(want[300:], rel=1e-14)


# flicks ---------------------------------------------------------------------------------------------------------------


def test_a_flick_goes_on_and_comes_to_rest():
    flick = Flick()
    for k in range(8):
        flick.moved(k * 10, k * 20.0)
    assert flick.released(75)
    assert flick.speed == pytest.approx(2.0)
    steps = [flick.step(16) for _ in range(200)]
    assert steps[0] == pytest.approx(2.0 * 16, rel=0.05)
    assert all(a >= b >= 0 for a, b in itertools.pairwise(steps))
    assert steps[-1] == 0.0
    assert flick.speed == 0.0
    assert sum(steps) == pytest.approx(2.0 * 325, rel=0.02)


def test_a_drag_that_stood_still_before_the_release_does_not_go_on():
    flick = Flick()
    for k in range(8):
        flick.moved(k * 10, k * 20.0)
    assert not flick.released(400)
    flick.moved(0, 0.0)
    assert not flick.released(5)


# moments --------------------------------------------------------------------------------------------------------------

NOW = ms(2024, 6, 15, 12, 30)


@pytest.mark.parametrize(
    "text,want",
    [
        ("2021-05-19", ms(2021, 5, 19)),
        ("2021-05-19 13:30", ms(2021, 5, 19, 13, 30)),
        ("2021-05-19T13:30", ms(2021, 5, 19, 13, 30)),
        ("2021", ms(2021, 1, 1)),
        ("2021-05", ms(2021, 5, 1)),
        ("19.5.2021", ms(2021, 5, 19)),
        ("19 May 2021", ms(2021, 5, 19)),
        ("19 may 2021 08:05", ms(2021, 5, 19, 8, 5)),
        ("yesterday", ms(2024, 6, 14)),
        ("Today", ms(2024, 6, 15)),
        ("-30d", NOW - 30 * DAY),
        ("- 6 h", NOW - 6 * HOUR),
        ("-2w", NOW - 14 * DAY),
        ("13:45", ms(2024, 6, 15, 13, 45)),
        ("now", NOW),
    ],
)
def test_moments_as_they_are_written(text, want):
    assert parse_moment(text, Zone(), NOW) == want


def test_moments_are_of_the_chart_s_zone():
    berlin = Zone(ZoneInfo("Europe/Berlin"))
    assert parse_moment("2024-07-01 12:00", berlin, NOW) == ms(2024, 7, 1, 10)
    assert parse_moment("2024-01-01 12:00", berlin, NOW) == ms(2024, 1, 1, 11)


@pytest.mark.parametrize("text", ["", "tomorrowish", "2021-13-01", "2021-02-30", "-3x", "31.2.2021", "25:00"])
def test_what_is_no_moment_says_so(text):
    with pytest.raises(BadInput):
        parse_moment(text, Zone(), NOW)


# sessions -------------------------------------------------------------------------------------------------------------


def quarter_hours(n: int, start: int) -> BarSeries:
    rows = bars(n)
    rows["ts"] = start + np.arange(n) * 15 * MINUTE
    return BarSeries(rows, 15 * MINUTE)


def test_sessions_follow_the_clock_of_their_own_town():
    winter = sessions.session_times(ms(2024, 1, 10), ms(2024, 1, 11))
    summer = sessions.session_times(ms(2024, 7, 10), ms(2024, 7, 11))
    london_winter = next(s for s in winter if s[0] == 1)
    london_summer = next(s for s in summer if s[0] == 1)
    assert london_winter[1] == ms(2024, 1, 10, 8)
    assert london_summer[1] == ms(2024, 7, 10, 7)
    assert next(s for s in summer if s[0] == 2)[1] == ms(2024, 7, 10, 12)
    assert next(s for s in winter if s[0] == 0)[1] == ms(2024, 1, 10, 0)
    assert not [s for s in sessions.session_times(ms(2024, 7, 13, 1), ms(2024, 7, 14, 20)) if s[0] != 0]


def test_spans_of_sessions_are_bars():
    series = quarter_hours(96, ms(2024, 7, 10))
    spans = {s.title: s for s in sessions.session_spans(series, 0, 95)}
    assert (spans["London"].start, spans["London"].end) == (7 * 4 - 0.5, 16 * 4 - 0.5)
    assert not sessions.session_spans(BarSeries(bars(10), 4 * HOUR), 0, 9), "bars longer than an hour hide them"


def test_days_begin_at_local_midnight_over_a_change_of_the_clock():
    new_york = Zone(ZoneInfo("America/New_York"))
    series = quarter_hours(96 * 4, ms(2024, 3, 9, 5))
    found = sessions.day_starts(series, new_york, len(series), 0, len(series) - 1)
    clocks = [new_york.local(series.ts_at(i)).strftime("%d %H:%M") for i in found]
    assert clocks == [f"{day} 00:00" for day in (10, 11, 12, 13)]


def test_the_close_of_the_day_before():
    series = quarter_hours(150, ms(2024, 7, 10))
    assert sessions.previous_close_index(series, Zone(), 150) == 95
    assert sessions.previous_close_index(series, Zone(), 50) == -1, "the day before is not loaded"
    assert sessions.previous_close_index(BarSeries(bars(10), DAY), Zone(), 10) == 8


def test_week_ends_are_closed_for_currencies_only():
    series = quarter_hours(96 * 3, ms(2024, 7, 12))
    spans = sessions.closed_spans(series, "oanda-forex", 0, 287)
    assert len(spans) == 1
    assert spans[0].start == 21 * 4 - 0.5
    assert sessions.closed_spans(series, "binance-spot", 0, 287) == []


# options, zones -------------------------------------------------------------------------------------------------------


def test_options_survive_and_what_is_wrong_is_left_out():
    made = ChartOptions(style="heikin", mode="percent", inverted=True, volume_mean=30, zone="Asia/Tokyo")
    assert ChartOptions.from_kept(made.keep()) == made
    wrong = {"style": "pie", "mode": 3, "inverted": "yes", "volume_mean": 10**9, "unknown": 1}
    assert ChartOptions.from_kept(wrong) == replace(ChartOptions(), volume_mean=1000)


def test_zones():
    assert zone_of("UTC", "binance-spot", None) is UTC
    assert zone_of("local", "binance-spot", UTC) is None
    assert zone_of("exchange", "oanda-forex", UTC) == ZoneInfo("America/New_York")
    assert zone_of("exchange", "binance-futures", None) is UTC
    assert zone_of("Nowhere/Else", "binance-spot", UTC) is UTC
    assert zone_of("", "binance-spot", ZoneInfo("Asia/Tokyo")) == ZoneInfo("Asia/Tokyo")


# indicators -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("info", INFOS, ids=lambda i: i.name)
def test_every_indicator_can_be_asked_for_kept_and_taken_back(info):
    source = "high" if "source" in info.inputs else ind.CLOSE
    made = ind.from_info(info, source=source)
    for request in made.requests():
        parse_expression(request.expression)
    assert len({o.key for o in made.outputs}) == len(made.outputs) > 0
    back = ind.from_kept(made.keep())
    assert back is not None
    assert (back.title, back.outputs, back.overlay, back.bounds) == (
        made.title,
        made.outputs,
        made.overlay,
        made.bounds,
    )


def test_parameters_are_checked_in_words():
    info = next(i for i in INFOS if i.name == "BBANDS")
    assert catalogue.checked(info, ["20", "2,5"]) == (20.0, 2.5)
    for texts, name in ((["0", "2"], "n"), (["20.5", "2"], "n"), (["20", "x"], info.params[1][0])):
        with pytest.raises(BadInput, match="must be a") as error:
            catalogue.checked(info, texts)
        assert error.value.where == name


def test_search_finds_by_name_first():
    assert catalogue.search(INFOS, "rsi")[0].name == "RSI"
    assert catalogue.search(INFOS, "moving average convergence")[0].name == "MACD"
    assert {i.family for i in catalogue.search(INFOS, "", "volume")} == {"volume"}
    assert len(catalogue.search(INFOS, "")) == len(INFOS)
    assert catalogue.search(INFOS, "no such thing at all") == []
    assert sum(n for _f, n in catalogue.families(INFOS)) == len(INFOS)


def test_templates_are_kept_and_read_again():
    templates, other = Templates(), Templates()
    coloured = replace(ind.RSI14, colours=("warn",), width=2.0, hidden=True)
    assert templates.save("  My   set ", [ind.SMA20, coloured]) == "My set"
    other.restore(templates.keep() | {"broken": [{"name": 1}], "worse": 7})
    assert other.load("My set") == [ind.SMA20, replace(coloured)]
    assert other.load("broken") == []
    with pytest.raises(ValueError):
        templates.save("   ", [])
    templates.drop("My set")
    assert templates.names() == []
