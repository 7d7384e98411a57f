# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernel of the calendar: what the clock said when a bar opened. No state, so one form serves lanes and series.

Dates are days since 1970-01-01, a Thursday; years, months and days of the Gregorian calendar by H. Hinnant's arithmetic
("chrono-compatible low-level date algorithms"). Floats hold all of it exactly.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.indicators import opcodes as o
from engine.indicators.kernels import apart

MINUTE, HOUR, WEEKDAY = (o.CLOCKS[n] for n in ("minute", "hour", "weekday"))
DAY, MONTH, DAYS_LEFT = (o.CLOCKS[n] for n in ("day", "month", "days_left"))
DAY_NUMBER, WEEK_NUMBER, TOKYO, LONDON = (o.CLOCKS[n] for n in ("day_number", "week_number", "tokyo", "london"))
NEW_YORK_DAY = o.DAYS["new_york"]
HOUR_MS, DAY_MS = 3_600_000.0, 86_400_000.0


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def days_from_civil(year, month, day):
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def civil_from_days(days):
    """(year, month, day)."""
    z = days + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (1 if month <= 2 else 0), month, doy - (153 * mp + 2) // 5 + 1


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _sunday(year, month, last):
    """The first Sunday of a month, or the last one."""
    if last:
        end = days_from_civil(year + month // 12, month % 12 + 1, 1) - 1
        return end - (end + 4) % 7
    begin = days_from_civil(year, month, 1)
    return begin + (3 - begin) % 7


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def new_york_summer(year):
    """(first, last) day of daylight saving in New York: it begins at 07:00 UTC of the one and ends at 06:00 of the
    other."""
    if year >= 2007:
        return _sunday(year, 3, False) + 7, _sunday(year, 11, False)
    return _sunday(year, 4, False), _sunday(year, 10, True)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _session(what, days):
    """(from, to) minutes of the UTC day on which a session is open; they never cross midnight UTC."""
    if (days + 3) % 7 >= 5:
        return 0.0, 0.0
    if what == TOKYO:
        return 0.0, 540.0
    year, _, _ = civil_from_days(days)
    if what == LONDON:
        summer = _sunday(year, 3, True) <= days < _sunday(year, 10, True)
        return (420.0, 930.0) if summer else (480.0, 990.0)
    first, last = new_york_summer(year)
    return (810.0, 1200.0) if first <= days < last else (870.0, 1260.0)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _dated(what, days):
    year, month, day = civil_from_days(days)
    if what == DAY:
        return float(day)
    if what == MONTH:
        return float(month)
    return float(days_from_civil(year + month // 12, month % 12 + 1, 1) - 1 - days)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _new_york_days(at, out, length, weeks):
    """Trading days that end at 17:00 New York, numbered by the date on which they end; or their weeks."""
    known, begin, end = -1.0, 0.0, 0.0
    for i in range(at.size):
        ts = at[i] * length
        today = np.floor(ts / DAY_MS)
        if today != known:
            known = today
            year, _, _ = civil_from_days(int(today))
            first, last = new_york_summer(year)
            begin, end = first * DAY_MS + 7 * HOUR_MS, last * DAY_MS + 6 * HOUR_MS
        ahead = 3.0 if begin <= ts < end else 2.0
        number = np.floor((ts + ahead * HOUR_MS) / DAY_MS)
        out[i] = np.floor((number + 3.0) / 7.0) if weeks else number


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def clock(at, out, what, length, day):
    """at: bar indices; length: ms of a bar; what, day: codes of opcodes.CLOCKS and DAYS."""
    apart()
    size = at.size
    if what == MINUTE:
        for i in range(size):
            minute = np.floor(at[i] * length / 60_000.0)
            out[i] = minute - np.floor(minute / 1440.0) * 1440.0
    elif what == HOUR:
        for i in range(size):
            hour = np.floor(at[i] * length / HOUR_MS)
            out[i] = hour - np.floor(hour / 24.0) * 24.0
    elif what == WEEKDAY:
        for i in range(size):
            number = np.floor(at[i] * length / DAY_MS) + 3.0
            out[i] = number - np.floor(number / 7.0) * 7.0 + 1.0
    elif what in (DAY_NUMBER, WEEK_NUMBER):
        if day == NEW_YORK_DAY:
            _new_york_days(at, out, length, what == WEEK_NUMBER)
        elif what == DAY_NUMBER:
            for i in range(size):
                out[i] = np.floor(at[i] * length / DAY_MS)
        else:
            for i in range(size):
                out[i] = np.floor((np.floor(at[i] * length / DAY_MS) + 3.0) / 7.0)
    elif what in (DAY, MONTH, DAYS_LEFT):
        known, said = -1.0, 0.0
        for i in range(size):
            today = np.floor(at[i] * length / DAY_MS)
            if today != known:
                known, said = today, _dated(what, int(today))
            out[i] = said
    else:
        known, begin, end = -1.0, 0.0, 0.0
        for i in range(size):
            today = np.floor(at[i] * length / DAY_MS)
            if today != known:
                known = today
                begin, end = _session(what, int(today))
            minute = (at[i] * length - today * DAY_MS) / 60_000.0
            out[i] = 1.0 if (minute >= begin) & (minute < end) else 0.0
