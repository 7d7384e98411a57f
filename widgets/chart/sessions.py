"""Days and trading sessions on a time axis: where they begin and end. No Qt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.contracts.sessions import always_open, closed_ranges
from widgets.chart.ticks import DAY, HOUR, Times, Zone
from widgets.texts import mark

#: most days in view of which each is parted from the next
MOST_DAYS = 45
MOST_SESSION_DAYS = 21
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Session:
    """Hours of a centre by its own clock, as they are commonly given for currencies; token: of its tint."""

    title: str
    zone: str
    opens: int
    closes: int
    token: str


SESSIONS = (
    Session(mark("Tokyo"), "Asia/Tokyo", 9, 18, "ma3"),
    Session(mark("London"), "Europe/London", 8, 17, "ma1"),
    Session(mark("New York"), "America/New_York", 8, 17, "ma2"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """From before one bar to after another, as indices with halves; row: place of its strip, -1 fills the pane."""

    start: float
    end: float
    title: str
    token: str
    row: int


@lru_cache(maxsize=256)
def _hours(number: int, day: dt.date) -> tuple[int, int]:
    session = SESSIONS[number]
    zone = ZoneInfo(session.zone)
    ends = [dt.datetime.combine(day, dt.time(h), zone) for h in (session.opens, session.closes)]
    return int(ends[0].timestamp() * 1000), int(ends[1].timestamp() * 1000)


def session_times(from_ms: int, to_ms: int) -> list[tuple[int, int, int]]:
    """(number in SESSIONS, open, close) of each session that touches [from_ms, to_ms), ms; none on week-ends."""
    day = (_EPOCH + dt.timedelta(milliseconds=from_ms)).date() - dt.timedelta(days=1)
    last = (_EPOCH + dt.timedelta(milliseconds=to_ms)).date() + dt.timedelta(days=1)
    found = []
    while day <= last:
        if day.weekday() < 5:
            for number in range(len(SESSIONS)):
                opens, closes = _hours(number, day)
                if opens < to_ms and closes > from_ms:
                    found.append((number, opens, closes))
        day += dt.timedelta(days=1)
    return found


def sessions_fit(length_ms: int, from_ms: int, to_ms: int) -> bool:
    """Whether sessions can be told apart in this view."""
    return length_ms <= HOUR and to_ms - from_ms <= MOST_SESSION_DAYS * DAY


def session_spans(times: Times, left: float, right: float) -> list[Span]:
    """Strips of the sessions between the indices left and right."""
    t0, t1 = times.ts_at(int(left) - 1), times.ts_at(int(right) + 1)
    if not sessions_fit(times.length_ms, t0, t1):
        return []
    made = []
    for number, opens, closes in session_times(t0, t1):
        start, end = times.index_at(opens), times.index_at(closes)
        if end > start:
            session = SESSIONS[number]
            made.append(Span(start - 0.5, end - 0.5, session.title, session.token, number))
    return made


def closed_spans(times: Times, market: str, left: float, right: float) -> list[Span]:
    """Bars in hours in which the market is closed by its schedule, such as a source's week-end quotes."""
    t0, t1 = times.ts_at(int(left) - 1), times.ts_at(int(right) + 1)
    if always_open(market) or times.length_ms >= DAY or t1 - t0 > 2 * MOST_DAYS * DAY:
        return []
    spans = []
    for start, end in closed_ranges(market.removeprefix("demo-"), t0, t1).tolist():
        a, b = times.index_at(start), times.index_at(end)
        if b > a:
            spans.append(Span(a - 0.5, b - 0.5, "", "hover", -1))
    return spans


def day_starts(times: Times, zone: Zone, count: int, left: float, right: float) -> list[int]:
    """First bar of each local day between two indices; none where days are not parted from bars or are too many."""
    if times.length_ms >= DAY or count == 0:
        return []
    first, last = max(0, int(left)), min(count - 1, int(right) + 1)
    if last <= first:
        return []
    t0, t1 = times.ts_at(first), times.ts_at(last)
    if (t1 - t0) > MOST_DAYS * DAY:
        return []
    day = zone.local(t0).date()
    found: list[int] = []
    while True:
        day += dt.timedelta(days=1)
        start = zone.to_utc((dt.datetime.combine(day, dt.time()) - _EPOCH) // dt.timedelta(milliseconds=1))
        if start > t1:
            return found
        index = times.index_at(start)
        if index <= last and (not found or index > found[-1]):
            found.append(index)


def previous_close_index(times: Times, zone: Zone, count: int) -> int:
    """The last bar of the day before the newest bar's; the bar before for daily ones; -1 when it is not loaded."""
    if count < 2:
        return -1
    if times.length_ms >= DAY:
        return count - 2
    newest = zone.local(times.ts_at(count - 1))
    midnight = dt.datetime.combine(newest.date(), dt.time())
    start = zone.to_utc((midnight - _EPOCH) // dt.timedelta(milliseconds=1))
    return times.index_at(start) - 1
