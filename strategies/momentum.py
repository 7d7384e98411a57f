"""Momentum: strength that has just shown goes on for a while."""

from __future__ import annotations

from engine.rules.api import MACD, Strategy, crosses_above, crosses_below, param

_fast = param("fast", 12, grid=[6, 8, 12, 16])
_slow = param("slow", 26, grid=[21, 26, 35, 50])
_macd = MACD(_fast, _slow, 9)

STRATEGIES = (
    Strategy(
        id="macd_below_zero",
        title="MACD signal cross on the far side of zero",
        family="momentum",
        idea="Long when MACD crosses above its signal line while below zero; out when it crosses back; short mirrored.",
        source="Appel 1979",
        timeframe="15m",
        long_entry=crosses_above(_macd.line, _macd.signal) & (_macd.line < 0),
        long_exit=crosses_below(_macd.line, _macd.signal),
        short_entry=crosses_below(_macd.line, _macd.signal) & (_macd.line > 0),
        short_exit=crosses_above(_macd.line, _macd.signal),
        requires=_fast < _slow,
    ),
)
