"""Higher bars of a stored history, by the same kernel that builds them live."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.candles.kernels import resample
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.timeframes import timeframe_ms

Records = np.ndarray[Any, Any]


def aggregate(minutes: Records, timeframe: str) -> Records:
    """Complete bars (CANDLE_DTYPE) of a timeframe from 1-minute bars (ts increasing, on whole minutes).

    The first one lacks what came before the first minute when that does not open a bucket.
    """
    if timeframe == "1m":
        return minutes
    ts, open_, high, low, close, volume = (np.ascontiguousarray(minutes[name]) for name in ("ts", *PRICE_COLUMNS))
    *bars, complete, _ = resample(ts, open_, high, low, close, volume, timeframe_ms(timeframe))
    out = np.empty(int(complete.sum()), CANDLE_DTYPE)
    for name, values in zip(("ts", *PRICE_COLUMNS), bars, strict=True):
        out[name] = values[complete]
    return out
