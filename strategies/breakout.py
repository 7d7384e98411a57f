"""Breakout: act when the price leaves the range it has kept to."""

from __future__ import annotations

from engine.rules.api import ATR, Strategy, crosses_above, crosses_below, high, highest, lag, low, lowest, param
from engine.rules.api import close as price

_n = param("n", 55, grid=[40, 55, 80, 100])
_m = param("m", 20, grid=[10, 20])
_risk = param("risk", 2, grid=[1.5, 2, 3])

STRATEGIES = (
    Strategy(
        id="turtle_slow",
        title="Turtle slow system",
        family="breakout",
        idea="Enter on a close beyond the n-bar channel, leave beyond the shorter one on the other side.",
        source="Turtle rules (Dennis/Eckhardt), Faith 2007; on closes in place of resting stop orders",
        timeframe="15m",
        long_entry=crosses_above(price, lag(highest(high, _n), 1)),
        long_exit=price < lag(lowest(low, _m), 1),
        short_entry=crosses_below(price, lag(lowest(low, _n), 1)),
        short_exit=price > lag(highest(high, _m), 1),
        stop=_risk * ATR(20),
    ),
)
