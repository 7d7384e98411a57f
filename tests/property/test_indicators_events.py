"""The calendar, events, groups of bars and longer bars against what their definitions say, written plainly."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.indicators.opcodes import CLOCKS
from engine.rules.machine import run_series
from engine.rules.program import compile_program
from tests.property.rules_support import made_bars

SEEDS = st.integers(0, 2**32 - 1)
NEW_YORK, LONDON, TOKYO = (ZoneInfo(n) for n in ("America/New_York", "Europe/London", "Asia/Tokyo"))
#: name -> zone, open, close
SESSIONS = {"tokyo": (TOKYO, 9.0, 18.0), "london": (LONDON, 8.0, 16.5), "new_york": (NEW_YORK, 9.5, 16.0)}
FIRST, LAST = datetime(1996, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
Column = NDArray[np.float64]


def said(what: str, ts_ms: int, day: str) -> float:
    """A clock's number, by the standard library and its time zones."""
    now = datetime.fromtimestamp(ts_ms / 1000, UTC)
    if what in SESSIONS:
        zone, begin, end = SESSIONS[what]
        local = now.astimezone(zone)
        hour = local.hour + local.minute / 60 + local.second / 3600
        return float(local.weekday() < 5 and begin <= hour < end)
    trading = now.date()
    if day == "new_york":
        local = now.astimezone(NEW_YORK)
        trading = local.date() + timedelta(days=int(local.time() >= time(17)))
    following = now.replace(day=28) + timedelta(days=4)
    return float(
        {
            "minute": now.hour * 60 + now.minute,
            "hour": now.hour,
            "weekday": now.isoweekday(),
            "day": now.day,
            "month": now.month,
            "days_left": (following - timedelta(days=following.day)).day - now.day,
            "day_number": trading.toordinal() - date(1970, 1, 1).toordinal(),
            "week_number": (trading.toordinal() - date(1970, 1, 5).toordinal()) // 7 + 1,
        }[what]
    )


@settings(max_examples=25, deadline=None)
@given(st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)), st.sampled_from([1, 5, 60]), SEEDS)
def test_the_clock_says_what_the_calendar_says(around: datetime, minutes: int, seed: int) -> None:
    length = minutes * 60_000
    rng = np.random.default_rng(seed)
    begin = int(around.replace(tzinfo=UTC).timestamp() * 1000) // length
    index = begin + np.cumsum(rng.choice([1, 1, 1, 7, 60, 600], 150))
    cases = [(what, day) for what in CLOCKS for day in ("utc", "new_york")]
    program = compile_program([], [g.clock(what, length, day) for what, day in cases])
    _, got = run_series(program, index, np.ones((6, index.size)))
    for row, (what, day) in zip(got, cases, strict=True):
        assert row.tolist() == [said(what, int(i) * length, day) for i in index], (what, day)


@pytest.mark.parametrize("year", [1999, 2006, 2007, 2024])
def test_the_clock_is_right_around_every_change_of_daylight_saving(year: int) -> None:
    index = np.arange(
        datetime(year, 1, 1, tzinfo=UTC).timestamp() // 1800, datetime(year, 12, 31, tzinfo=UTC).timestamp() // 1800
    )
    nodes = [g.clock(n, 1_800_000, "new_york") for n in ("london", "new_york", "day_number")]
    _, got = run_series(compile_program([], nodes), index.astype(np.int64), np.ones((6, index.size)))
    ts = (index * 1_800_000).astype(np.int64).tolist()
    for row, what in zip(got, ("london", "new_york", "day_number"), strict=True):
        assert row.tolist() == [said(what, t, "new_york") for t in ts], what


def series(node: Node, index: NDArray[np.int64], bars: Column) -> Column:
    return run_series(compile_program([], [g.number_of(node) if node.kind == g.CONDITION else node]), index, bars)[1][0]


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(1, 60), st.integers(1, 4))
def test_events(seed: int, most: int, nth: int) -> None:
    index, bars = made_bars(seed, 500, missing=seed % 2 == 0)
    volume, close = bars[4], bars[3]
    happened = g.greater(g.source("volume"), g.const(8.0))
    with np.errstate(invalid="ignore"):
        held = volume > 8.0
    number, x = g.number_of(happened), g.source("volume")
    at, since, run = [], [], []
    for t in range(500):
        window = [s for s in range(t, max(t - most, -1), -1) if held[s]]
        at.append(close[window[nth - 1]] if len(window) >= nth else math.nan)
        since.append(t - window[0] if window else math.nan)
        length = 0
        while length <= t and held[t - length] and length < most:
            length += 1
        run.append(length)
    assert np.array_equal(series(g.value_at(happened, g.source("close"), most, nth), index, bars), at, equal_nan=True)
    assert np.array_equal(series(g.bars_since(happened, most), index, bars), since, equal_nan=True)
    assert np.array_equal(series(g.run_length(happened, most), index, bars), run)
    assert np.array_equal(series(g.floor(g.mul(x, number)), index, bars), np.floor(volume * held), equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.sampled_from(["sum", "max", "min", "first", "last", "count"]), st.booleans())
def test_groups_of_bars_with_one_key(seed: int, kind: str, before: bool) -> None:
    index, bars = made_bars(seed, 500, missing=seed % 2 == 0)
    key = g.clock("hour", 60_000 * 7)
    keys = series(key, index, bars)
    if seed % 3 == 0:
        # a key that is not there for some bars
        key, keys = (
            g.div(
                key, g.where(g.greater(g.source("close"), g.lag(g.source("close"), 1)), g.const(1.0), g.sub(key, key))
            ),
            keys,
        )
        keys = series(key, index, bars)
    got = series(g.anchored(kind, g.source("volume"), key, 500, before=before), index, bars)
    groups: list[list[float]] = []
    known = math.nan
    for t, value in enumerate(bars[4].tolist()):
        if math.isnan(keys[t]):
            assert math.isnan(got[t])
            continue
        if keys[t] != known:
            # the first group was not seen from its beginning
            groups.append([math.nan] if math.isnan(known) else [])
            known = keys[t]
        groups[-1].append(value)
        chosen = groups[-2 if before else -1] if len(groups) > before else [math.nan]
        plain: dict[str, Callable[[list[float]], float]] = {
            "sum": lambda v: sum(v[1:], v[0]), "max": np.max, "min": np.min, "count": len,
            "first": lambda v: v[0], "last": lambda v: v[-1],
        }  # fmt: skip
        whole = len(groups) - before > 1
        expected = plain[kind](chosen) if whole else math.nan
        assert got[t] == expected or (math.isnan(got[t]) and math.isnan(expected)), t


def longer(index: NDArray[np.int64], bars: Column, frame: int) -> tuple[NDArray[np.int64], Column, list[int]]:
    """The longer bars that close, and at which bar each does."""
    buckets: list[tuple[int, list[int]]] = []
    for t, at in enumerate(index.tolist()):
        if not buckets or buckets[-1][0] != at // frame:
            buckets.append((at // frame, []))
        buckets[-1][1].append(t)
    if index[0] % frame:
        buckets = buckets[1:]
    numbers, columns, places = [], [], []
    for bucket, inside in buckets:
        last = inside[-1]
        place = last if (index[last] + 1) % frame == 0 else last + 1
        if place >= index.size:
            continue
        part = bars[:, inside]
        volume = part[4, 0]
        for v in part[4, 1:]:
            volume += v
        numbers.append(bucket)
        columns.append([part[0, 0], part[1].max(), part[2].min(), part[3, -1], volume, part[5, -1]])
        places.append(place)
    return np.array(numbers, np.int64), np.array(columns).reshape(-1, 6).T.copy(), places


def on_frame(frame: int) -> list[Node]:
    x = {n: g.source(n, frame) for n in g.INPUTS}
    return [
        *x.values(),
        g.ema(x["close"], 4),
        g.rolling_std(x["volume"], 5),
        g.lag(x["high"], 2),
        g.clock("hour", 60_000, frame=frame),
        g.crosses_above(x["close"], g.rolling_mean(x["close"], 3)),
        g.greater(x["close"], x["open"]),
        g.value_at(g.greater(x["close"], x["open"]), x["low"], 9),
    ]


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.sampled_from([2, 3, 5, 60]))
def test_longer_bars_are_held_until_the_next_one_closes(seed: int, frame: int) -> None:
    index, bars = made_bars(seed, 700, missing=seed % 4 == 0)
    numbers, columns, places = longer(index, bars, frame)
    nodes = on_frame(frame)
    got = run_series(
        compile_program([], [g.hold(n) if n.kind == g.NUMBER else g.number_of(g.hold(n)) for n in nodes]), index, bars
    )[1]
    for row, (node, own) in enumerate(zip(nodes, on_frame(1), strict=True)):
        if own.op == "clock":
            own = g.clock("hour", 60_000 * frame)
        values = series(own, numbers, columns) if len(numbers) else np.empty(0)
        expected = np.full(index.size, 0.0 if node.kind == g.CONDITION else math.nan)
        for place, value in zip(places, values, strict=True):
            expected[place:] = value
        assert np.array_equal(got[row], expected, equal_nan=True), node


def test_frames_are_not_mixed_without_hold() -> None:
    with pytest.raises(ValueError, match="hold"):
        g.add(g.source("close"), g.source("close", 4))
    with pytest.raises(ValueError, match="hold"):
        g.where(g.greater(g.source("close", 3), g.const(0.0)), g.source("close", 4), g.const(1.0))
    assert g.hold(g.source("close")) is g.source("close")
    held = g.hold(g.ema(g.source("close", 4), 5))
    assert (held.warmup, held.frame) == ((4 + 2) * 4, 1)
    assert g.add(held, g.source("close")).frame == 1
    with pytest.raises(TypeError, match="own bars"):
        compile_program([], [g.source("close", 4)])
