"""Trend following: take the side of a lasting move and stay until it turns."""

from __future__ import annotations

from engine.rules.api import SMA, Strategy, crosses_above, crosses_below, param

_fast = param("fast", 20, grid=[5, 10, 20, 30])
_slow = param("slow", 100, grid=[50, 100, 150, 200])

STRATEGIES = (
    Strategy(
        id="sma_cross",
        title="Dual moving-average cross",
        family="trend",
        idea="Long when the fast average crosses above the slow one, short when below; always in the market.",
        source="Brock, Lakonishok & LeBaron 1992",
        timeframe="15m",
        long_entry=crosses_above(SMA(_fast), SMA(_slow)),
        short_entry=crosses_below(SMA(_fast), SMA(_slow)),
        requires=_fast < _slow,
    ),
)
