"""Trading days: UTC midnight for crypto, 17:00 New York for OANDA, daylight saving included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from engine.contracts.markets import Market

DAY_MS = 86_400_000


def day_borders(first_ms: int, last_ms: int, tz: str = "UTC", hour: int = 0) -> np.ndarray:
    """int64 ms UTC, ascending: the instants at which a trading day ends, from the last one at or before first_ms to
    the first one after last_ms. A trading day lasts from one border up to, not including, the next.
    """
    if tz == "UTC":
        start = (first_ms - hour * 3_600_000) // DAY_MS
        stop = (last_ms - hour * 3_600_000) // DAY_MS + 1
        return np.arange(start, stop + 1, dtype=np.int64) * DAY_MS + hour * 3_600_000
    years = range(
        datetime.fromtimestamp(first_ms / 1000, UTC).year - 1, datetime.fromtimestamp(last_ms / 1000, UTC).year + 2
    )
    borders = np.concatenate([_year_borders(year, tz, hour) for year in years])
    lo = int(np.searchsorted(borders, first_ms, side="right")) - 1
    hi = int(np.searchsorted(borders, last_ms, side="right"))
    return borders[lo : hi + 1]


@lru_cache(maxsize=256)
def _year_borders(year: int, tz: str, hour: int) -> np.ndarray:
    zone = ZoneInfo(tz)
    start = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - start).days
    moments = [datetime.combine(start + timedelta(days=i), time(hour), zone).timestamp() for i in range(days)]
    borders = np.array(moments, np.float64).astype(np.int64) * 1000
    borders.flags.writeable = False
    return borders


class TradingDays(NamedTuple):
    """The trading days of a series of minutes. ts: int64[d] ms UTC, their ends. end: int64[d], index of the last
    minute before each end, never falling."""

    ts: np.ndarray
    end: np.ndarray

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Indices of the day of minute `first`, and of the day after that of minute `last`."""
        a, b = np.searchsorted(self.end, (first, last))
        return int(a), int(b) + 1


def trading_days(ts: np.ndarray, market: Market) -> TradingDays:
    """The days of minutes that open at ts int64[m] ms, ascending, at least one. A crypto market trades every day, so a
    day without minutes counts; elsewhere only days with minutes do."""
    borders = day_borders(int(ts[0]), int(ts[-1]), market.day_tz, market.day_hour)[1:]
    end = np.searchsorted(ts, borders) - 1
    if market.days_per_year < 365:
        has_bars = np.diff(end, prepend=-1) > 0
        end, borders = end[has_bars], borders[has_bars]
    return TradingDays(borders, end)
