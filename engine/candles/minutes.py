"""1-minute bars of a reader made fit for the rest: stamps on whole minutes, increasing, and their higher bars."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.candles import kernels
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.errors import BadInput
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms

Records = np.ndarray[Any, Any]


class Resampled(NamedTuple):
    """bars: CANDLE_DTYPE, one a bucket that has a minute. complete: bool each; only the last can be incomplete.
    closed_at: index of the 1-minute bar whose final closes it (their number where incomplete)."""

    bars: Records
    complete: npt.NDArray[np.bool_]
    closed_at: npt.NDArray[np.int64]


def floor_minutes(ts: npt.NDArray[np.int64], where: str) -> npt.NDArray[np.int64]:
    """Open times floored to the minute (Binance published some that open at :20.799 s). BadInput, with the place, where
    two bars then share a minute or time runs back."""
    floored = np.ascontiguousarray(ts - ts % MINUTE_MS, np.int64)
    bad = kernels.first_disorder(floored)
    if bad >= 0:
        word = "is there twice" if floored[bad] == floored[bad - 1] else "comes after a later one"
        raise BadInput(
            f"The minute {np.datetime64(int(floored[bad]), 'ms').item():%Y-%m-%dT%H:%M:%SZ} {word}.",
            where=f"{where}, bar {bad + 1}",
            fix="Sort the bars by time and keep one for each minute, or merge those that share one.",
        )
    return floored


def check_minutes(candles: Records, where: str) -> None:
    """BadInput unless these are CANDLE_DTYPE bars, one a minute, in order."""
    if candles.dtype != CANDLE_DTYPE:
        raise BadInput(f"Bars have the layout {candles.dtype}, not CANDLE_DTYPE.", where=where)
    floor_minutes(candles["ts"], where)


def merge_minutes(candles: Records) -> Records:
    """CANDLE_DTYPE bars with stamps floored to the minute and bars that then share one merged into it, in their order
    (first open, highest high, lowest low, last close, volumes added). Time must not run back; nothing is dropped."""
    ts = np.ascontiguousarray(candles["ts"] - candles["ts"] % MINUTE_MS, np.int64)
    return _bars(ts, candles, MINUTE_MS)[0]


def _bars(
    ts: npt.NDArray[np.int64], candles: Records, length: int
) -> tuple[Records, npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    o, h, lo, c, v = (np.ascontiguousarray(candles[name]) for name in PRICE_COLUMNS)
    r_ts, o, h, lo, c, v, complete, closed_at = kernels.resample(ts, o, h, lo, c, v, length)
    bars = np.empty(len(r_ts), CANDLE_DTYPE)
    bars["ts"] = r_ts
    for name, column in zip(PRICE_COLUMNS, (o, h, lo, c, v), strict=True):
        bars[name] = column
    return bars, complete, closed_at


def resample(candles: Records, timeframe: str, where: str = "candles") -> Resampled:
    """The bars of a timeframe from 1-minute CANDLE_DTYPE bars: the same bits as the live book gives for any prefix."""
    ts = floor_minutes(candles["ts"], where)
    return Resampled(*_bars(ts, candles, timeframe_ms(timeframe)))


def aggregate(minutes: Records, timeframe: str) -> Records:
    """Complete bars (CANDLE_DTYPE) of a timeframe from stored 1-minute bars (ts increasing, on whole minutes).

    The first one lacks what came before the first minute when that does not open a bucket.
    """
    if timeframe == "1m":
        return minutes
    bars, complete, _ = _bars(np.ascontiguousarray(minutes["ts"]), minutes, timeframe_ms(timeframe))
    return bars[complete]
