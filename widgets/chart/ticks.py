"""Round numbers for axes and how numbers and times are written. No Qt."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from widgets.texts import mark, tr

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
_INTRADAY = tuple(m * MINUTE for m in (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720))
#: (days, months): steps above half a day
_CALENDAR = ((1, 0), (2, 0), (4, 0), (8, 0), (0, 1), (0, 2), (0, 3), (0, 6), (0, 12), (0, 24), (0, 60))


def step_for(span: float, count: float) -> float:
    """The 1-2-5 step that divides span into at most `count` parts."""
    raw = span / max(count, 1.0)
    if not (raw > 0 and math.isfinite(raw)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return next((m * power for m in (1.0, 2.0, 5.0) if raw <= m * power * (1 + 1e-9)), 10.0 * power)


def linear_ticks(low: float, high: float, count: float) -> tuple[list[float], int]:
    """Round values in [low, high] and the decimals that their step needs."""
    step = step_for(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 200:
        return [], 0
    return [k * step for k in range(first, last + 1)], max(0, -math.floor(math.log10(step) + 1e-9))


def log_ticks(low: float, high: float, count: float) -> tuple[list[float], int]:
    """Round values for a logarithmic axis; low and high are prices."""
    if not (low > 0 and high > low):
        return [], 0
    if high < 3.0 * low:
        return linear_ticks(low, high, count)
    decades = math.log10(high) - math.log10(low)
    parts = (1.0, 2.0, 3.0, 5.0) if decades <= count / 4 else (1.0, 3.0) if decades <= count / 2 else (1.0,)
    skip = max(1, math.ceil(decades / max(count, 1.0)))
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    values = [p * 10.0**k for k in range(first, last + 1) if k % skip == 0 for p in parts]
    return [v for v in values if low <= v <= high], max(0, -first)


def price_text(value: float, decimals: int) -> str:
    """1,234.50; thousands are only parted from 10,000 on, as quotes do."""
    if not math.isfinite(value):
        return "–"
    return f"{value:,.{decimals}f}" if abs(value) >= 10_000 else f"{value:.{decimals}f}"


def decimals_for(value: float) -> int:
    """Decimals that show about six figures, for an instrument without a tick size and for indicators."""
    size = abs(value)
    if not math.isfinite(size) or size == 0:
        return 2
    return max(0, min(12, 4 - math.floor(math.log10(size)))) if size < 1000 else 2


def value_decimals(values: Sequence[float]) -> int:
    """Decimals that suit the largest of an indicator's values, for all of them alike."""
    size = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if size == 0.0 or size >= 10:
        return 2
    return 3 if size >= 0.1 else min(12, 2 - math.floor(math.log10(size)))


def volume_text(value: float) -> str:
    """12.3K, 4.56M: three figures."""
    if not math.isfinite(value):
        return "–"
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= limit:
            scaled = value / limit
            return f"{scaled:.{0 if scaled >= 100 else 1 if scaled >= 10 else 2}f}{unit}"
    return f"{value:.{0 if value >= 100 or value == int(value) else 2}f}"


def countdown_text(left_ms: int) -> str:
    """m:ss, h:mm:ss or d h:mm until a bar closes."""
    s = max(0, left_ms) // 1000
    if s >= 86_400:
        return f"{s // 86_400}d {s % 86_400 // 3600:02d}h"
    return f"{s // 3600}:{s % 3600 // 60:02d}:{s % 60:02d}" if s >= 3600 else f"{s // 60:02d}:{s % 60:02d}"


class Zone:
    """Offsets of a time zone, right at every bar: the change of the clock is found, not guessed from one end.

    tz: None is this computer's own zone.
    """

    def __init__(self, tz: tzinfo | None = UTC) -> None:
        self.tz = tz
        self._from = self._to = 0
        self._starts: list[int] = []
        self._offsets: list[int] = []

    def _raw(self, ts: int) -> int:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ts)
        delta = moment.astimezone(self.tz).utcoffset() or timedelta(0)
        return int(delta.total_seconds() * 1000)

    def _cover(self, ts: int) -> None:
        lo = min(self._from, ts - 400 * DAY) if self._starts else ts - 400 * DAY
        hi = max(self._to, ts + 400 * DAY) if self._starts else ts + 400 * DAY
        starts, offsets = [lo], [self._raw(lo)]
        at = lo
        while at < hi:
            nxt = at + 14 * DAY
            if self._raw(nxt) != offsets[-1]:
                a, b = at, nxt
                while b - a > MINUTE:
                    mid = (a + b) // 2
                    a, b = (mid, b) if self._raw(mid) == offsets[-1] else (a, mid)
                b -= b % MINUTE
                starts.append(b)
                offsets.append(self._raw(nxt))
            at = nxt
        self._from, self._to, self._starts, self._offsets = lo, hi, starts, offsets

    def offset(self, ts: int) -> int:
        """Local minus UTC at the moment ts, ms."""
        if self.tz is UTC:
            return 0
        if not self._starts or not self._from <= ts < self._to:
            self._cover(ts)
        return self._offsets[bisect_right(self._starts, ts) - 1]

    def to_utc(self, local: int) -> int:
        """The moment whose local clock shows `local` (the earlier where it shows it twice)."""
        guess = local - self.offset(local)
        return local - self.offset(guess)

    def local(self, ts: int) -> datetime:
        """Naive local time of a moment."""
        return datetime(1970, 1, 1) + timedelta(milliseconds=ts + self.offset(ts))  # noqa: DTZ001


class Times(Protocol):
    """The part of a series that a time axis needs."""

    length_ms: int

    def ts_at(self, index: int) -> int: ...
    def index_at(self, ts: int) -> int: ...


@dataclass(frozen=True, slots=True)
class TimeTick:
    """index: bar that the label belongs to. weight: 0 time, 1 day, 2 month, 3 year (from 1 on written bold)."""

    index: int
    text: str
    weight: int


def _label(moment: datetime, intraday: bool) -> tuple[str, int]:
    if intraday and (moment.hour or moment.minute):
        return f"{moment.hour:02d}:{moment.minute:02d}", 0
    if moment.day == 1 and moment.month == 1:
        return str(moment.year), 3
    if moment.day == 1 and not intraday:
        return tr(MONTHS[moment.month - 1]), 2
    return f"{moment.day} {tr(MONTHS[moment.month - 1])}", 1 if intraday or moment.day == 1 else 0


def _moments(start: datetime, end: datetime, wanted_ms: float) -> tuple[list[datetime], bool]:
    """Round local moments in [start, end], at least wanted_ms apart; and whether they are within days."""
    for step in _INTRADAY:
        if step >= wanted_ms:
            at = start.replace(hour=0, minute=0, second=0, microsecond=0)
            behind = (start - at) // timedelta(milliseconds=step)
            at += behind * timedelta(milliseconds=step)
            count = int((end - at) / timedelta(milliseconds=step)) + 1
            return [at + i * timedelta(milliseconds=step) for i in range(max(0, min(count, 400)))], True
    out: list[datetime] = []
    days, months = next((s for s in _CALENDAR if (s[0] + s[1] * 30) * DAY >= wanted_ms), _CALENDAR[-1])
    at = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if months:
        number = (at.year * 12 + at.month - 1) // months * months
        while len(out) < 400:
            at = at.replace(year=number // 12, month=number % 12 + 1)
            if at > end:
                break
            out.append(at)
            number += months
        return out, False
    while at <= end and len(out) < 400:
        # the last days of a month give way to the first of the next, so that labels keep their distance
        if at.day == 1 or ((at.day - 1) % days == 0 and at.day + days // 2 < 31):
            out.append(at)
        at += timedelta(days=1)
    return out, False


def time_ticks(times: Times, zone: Zone, left: float, right: float, px_per_bar: float, gap: float) -> list[TimeTick]:
    """Labels of the bars between the indices left and right, at least `gap` px apart, heavier ones first."""
    first, last = math.floor(left), math.ceil(right)
    if last <= first:
        return []
    t0, t1 = times.ts_at(first), times.ts_at(last)
    start, end = zone.local(t0), zone.local(t1)
    if start.year < 1970 or end.year > 2200:
        return []
    per_bar = max((t1 - t0) / (last - first), 1.0)
    moments, intraday = _moments(start, end, max(gap / px_per_bar * per_bar, times.length_ms))
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001
    found: dict[int, TimeTick] = {}
    for moment in moments:
        ts = zone.to_utc((moment - epoch) // timedelta(milliseconds=1))
        index = times.index_at(ts)
        # the first bar is not the beginning of the year in which it happens to lie
        if first <= index <= last and (index > 0 or ts >= times.ts_at(index)):
            text, weight = _label(moment, intraday)
            # several moments in closed hours fall on the bar that follows: the last one is that bar's own
            found[index] = TimeTick(index, text, weight)
    return thin(list(found.values()), gap * 0.75 / px_per_bar)


def thin(ticks: Sequence[TimeTick], distance: float) -> list[TimeTick]:
    """Drop the lighter of two labels that are nearer than `distance` bars."""
    kept: list[TimeTick] = []
    for tick in ticks:
        while kept and tick.index - kept[-1].index < distance and tick.weight > kept[-1].weight:
            kept.pop()
        if not kept or tick.index - kept[-1].index >= distance:
            kept.append(tick)
    return kept


def moment_text(zone: Zone, ts: int, length_ms: int) -> str:
    """The crosshair's time: Wed 25 Dec 2024  17:02, without the clock for daily bars."""
    t = zone.local(ts)
    day = f"{tr(WEEKDAYS[t.weekday()])} {t.day} {tr(MONTHS[t.month - 1])} {t.year}"
    return day if length_ms >= DAY else f"{day}  {t.hour:02d}:{t.minute:02d}"
