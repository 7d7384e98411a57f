"""Timeframes: names, lengths in milliseconds, and the bar that a moment belongs to (all borders are UTC)."""

from __future__ import annotations

from engine.contracts.errors import BadInput, did_you_mean

MINUTE_MS = 60_000

#: name -> length in milliseconds, shortest first.
TIMEFRAME_MS: dict[str, int] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "2h": 120 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "6h": 360 * MINUTE_MS,
    "8h": 480 * MINUTE_MS,
    "12h": 720 * MINUTE_MS,
    "1d": 1440 * MINUTE_MS,
}
TIMEFRAMES: tuple[str, ...] = tuple(TIMEFRAME_MS)
#: what the lake may hold beside these for SQL and export: no chart and no strategy has them. A month counts with its
#: longest length; "1mo", since 1M and 1m are one folder on many file systems.
STORED_MS: dict[str, int] = TIMEFRAME_MS | {"3d": 4320 * MINUTE_MS, "1w": 10_080 * MINUTE_MS, "1mo": 44_640 * MINUTE_MS}


def timeframe_ms(name: str) -> int:
    """Length of a timeframe in milliseconds; BadInput names the allowed ones."""
    try:
        return TIMEFRAME_MS[name]
    except KeyError:
        raise BadInput(
            f'"{name}" is not a timeframe.{did_you_mean(name, TIMEFRAMES)}', fix=f"Use one of {', '.join(TIMEFRAMES)}."
        ) from None


def bar_open(ts_ms: int, length_ms: int) -> int:
    """Open time of the bar of the given length that holds the moment ts_ms."""
    return ts_ms - ts_ms % length_ms


def stored_ms(name: str) -> int:
    """Length of a timeframe that the lake may hold, ms; BadInput names the allowed ones."""
    try:
        return STORED_MS[name]
    except KeyError:
        raise BadInput(
            f'"{name}" is not a timeframe.{did_you_mean(name, STORED_MS)}', fix=f"Use one of {', '.join(STORED_MS)}."
        ) from None


def grid_ms(length_ms: int) -> int:
    """The grid that open times of a stored timeframe stand on: its own length up to an hour. Longer bars may open at
    any full hour (OANDA's stand on 17:00 New York), bars longer than a day at any day."""
    hour, day = 60 * MINUTE_MS, 1440 * MINUTE_MS
    return day if length_ms > day else min(length_ms, hour)
