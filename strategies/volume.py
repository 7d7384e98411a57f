"""Volume: moves that many take part in."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    SMA,
    Strategy,
    close,
    crosses_above,
    crosses_below,
    high,
    highest,
    lag,
    low,
    lowest,
    param,
    volume,
)

_n = param("n", 40, grid=[20, 40, 55, 100])
_k = param("k", 1.5, grid=[1.25, 1.5, 2, 3])
_heavy = volume > _k * SMA(20, source=volume)

STRATEGIES = (
    Strategy(
        id="heavy_high",
        title="High with heavy volume",
        family="volume",
        idea="Enter on a close beyond the n-bar range with volume well over its mean; leave by a trailing stop.",
        source="practice",
        timeframe="15m",
        long_entry=crosses_above(close, lag(highest(high, _n), 1)) & _heavy,
        short_entry=crosses_below(close, lag(lowest(low, _n), 1)) & _heavy,
        stop=2 * ATR(14),
        trail=3 * ATR(14),
    ),
)
