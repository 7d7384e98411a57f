"""Mean reversion: what went too far comes back."""

from __future__ import annotations

from engine.rules.api import ATR, RSI, Strategy, crosses_above, crosses_below, param

_n = param("n", 14, grid=[7, 10, 14, 21])
_level = param("level", 30, grid=[20, 25, 30, 35])

STRATEGIES = (
    Strategy(
        id="rsi_reversion",
        title="RSI leaves the extreme",
        family="mean reversion",
        idea="Long when RSI crosses up through the low level, out when it crosses down through 50 or the high level.",
        source="Wilder 1978",
        timeframe="15m",
        long_entry=crosses_above(RSI(_n), _level),
        long_exit=crosses_below(RSI(_n), 50) | crosses_below(RSI(_n), 100 - _level),
        short_entry=crosses_below(RSI(_n), 100 - _level),
        short_exit=crosses_above(RSI(_n), 50) | crosses_above(RSI(_n), _level),
        stop=3 * ATR(14),
    ),
)
