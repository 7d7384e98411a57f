"""Trading days: UTC midnight for crypto, 17:00 New York for OANDA, daylight saving included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

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
