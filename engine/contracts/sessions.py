"""When a market is closed by its own schedule, so that a pause is told from a hole in the data.

Crypto never closes. OANDA: the week runs from Sunday 17:00 to Friday 17:00 New York; metals, energy and grains pause
for an hour from 17:00 New York each day (reference: OANDA v20, "Trading hours"). Christmas and New Year are off.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

_NEW_YORK = "America/New_York"
_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000
#: months, days of holidays that end a session early on the eve (13:00) and last until 18:00 New York
_HOLIDAYS = ((12, 25), (1, 1))


def always_open(market_id: str) -> bool:
    """Whether a market trades around the clock on every day."""
    return "oanda" not in market_id


def skips_quiet_minutes(market_id: str) -> bool:
    """Whether the market's source leaves out bars without a tick, so that a short hole says nothing."""
    return "oanda" in market_id


def closed_ranges(market_id: str, from_ms: int, to_ms: int) -> np.ndarray:
    """int64[n, 2]: half-open ranges (ms) inside [from_ms, to_ms) in which the market is closed, ascending, disjoint."""
    if always_open(market_id) or to_ms <= from_ms:
        return np.empty((0, 2), np.int64)
    zone = ZoneInfo(_NEW_YORK)
    day = dt.datetime.fromtimestamp(from_ms / 1000, dt.UTC).date() - dt.timedelta(days=8)
    end = dt.datetime.fromtimestamp(to_ms / 1000, dt.UTC).date() + dt.timedelta(days=2)
    found: list[tuple[int, int]] = []

    def at(date: dt.date, hour: int) -> int:
        return int(dt.datetime(date.year, date.month, date.day, hour, tzinfo=zone).timestamp() * 1000)

    one = dt.timedelta(days=1)
    while day <= end:
        if day.weekday() == 4:
            found.append((at(day, 17), at(day + 2 * one, 18 if "commodities" in market_id else 17)))
        elif day.weekday() < 4 and "commodities" in market_id:
            found.append((at(day, 17), at(day, 18)))
        if ((day + one).month, (day + one).day) in _HOLIDAYS:
            found.append((at(day, 13), at(day + one, 18)))
        day += one
    return joined(np.array(found, np.int64), from_ms, to_ms)


def own_pauses(ts: np.ndarray, from_ms: int, to_ms: int, share: float = 0.1) -> tuple[np.ndarray, list[int]]:
    """Hours of the New York week that a series never trades in, read off its own bars: (closed ranges as above, the
    hours of the week 0..167 from Monday 00:00). ts: open times, ms, ascending. An hour counts as never when it has bars
    in less than `share` of the weeks; less than eight weeks say nothing."""
    none = np.empty((0, 2), np.int64)
    weeks = (to_ms - from_ms) / (7 * _DAY_MS)
    if weeks < 8 or not ts.size:
        return none, []
    hours = np.unique(ts // _HOUR_MS)
    every = np.arange(from_ms // _HOUR_MS, -(-to_ms // _HOUR_MS), dtype=np.int64)
    slot, offered = hour_of_week(every), np.zeros(168)
    np.add.at(offered, slot, 1.0)
    seen = np.bincount(hour_of_week(hours), minlength=168)
    never = (offered > 0) & (seen < share * offered)
    if never.all() or not never.any():
        return none, []
    starts = every[never[slot]] * _HOUR_MS
    return joined(np.stack([starts, starts + _HOUR_MS], 1), from_ms, to_ms), np.flatnonzero(never).tolist()


def hour_of_week(hours: np.ndarray) -> np.ndarray:
    """Hours since the epoch (UTC) -> hour of the New York week, 0 = Monday 00:00."""
    if not hours.size:
        return np.empty(0, np.int64)
    days = np.arange(hours[0] // 24, hours[-1] // 24 + 1)
    zone = ZoneInfo(_NEW_YORK)
    # noon of the day: clocks change on Sunday nights, while these markets are closed
    noons = (dt.datetime.fromtimestamp(int(d) * 86_400 + 43_200, zone).utcoffset() or dt.timedelta() for d in days)
    shift = np.array([int(o.total_seconds()) // 3600 for o in noons], np.int64)
    local = hours + shift[hours // 24 - days[0]]
    return (local + 72) % 168


def joined(ranges: np.ndarray, from_ms: int, to_ms: int) -> np.ndarray:
    """Ranges (int64[n, 2]) cut to [from_ms, to_ms), ascending; those that touch become one."""
    cut = np.clip(np.asarray(ranges, np.int64).reshape(-1, 2), from_ms, to_ms)
    cut = cut[cut[:, 1] > cut[:, 0]]
    if not cut.size:
        return np.empty((0, 2), np.int64)
    cut = cut[np.argsort(cut[:, 0], kind="stable")]
    ends = np.maximum.accumulate(cut[:, 1])
    first = np.append(True, cut[1:, 0] > ends[:-1])
    last = np.append(first[1:], True)
    return np.stack([cut[first, 0], ends[last]], 1)


def without(ranges: np.ndarray, away: np.ndarray) -> np.ndarray:
    """What of the ascending, disjoint `ranges` does not lie in `away` (likewise)."""
    if not len(ranges) or not len(away):
        return np.asarray(ranges, np.int64).reshape(-1, 2)
    out: list[tuple[int, int]] = []
    at = np.searchsorted(away[:, 1], ranges[:, 0], side="right")
    for (low, high), i in zip(ranges.tolist(), at.tolist()):
        while i < len(away) and away[i, 0] < high:
            if away[i, 0] > low:
                out.append((low, int(away[i, 0])))
            low = max(low, int(away[i, 1]))
            i += 1
        if low < high:
            out.append((low, high))
    return np.array(out, np.int64).reshape(-1, 2)
