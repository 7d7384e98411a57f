"""Volatility: what a change in the size of moves says about their direction."""

from __future__ import annotations

from engine.rules.api import ATR, Strategy, close, high, lag, low, max_, min_, param

_k = param("k", 2, grid=[1.5, 2, 2.5, 3])
_share = param("share", 0.25, grid=[0.15, 0.2, 0.25, 0.3])
_true_range = max_(high, lag(close, 1)) - min_(low, lag(close, 1))

STRATEGIES = (
    Strategy(
        id="expansion_bar",
        title="Expansion bar follow-through",
        family="volatility",
        idea="A bar much wider than usual that closes near its end: trade with it; leave when half of it is lost.",
        source="practice",
        timeframe="15m",
        long_entry=(_true_range > _k * lag(ATR(14), 1)) & (close > high - _share * (high - low)),
        short_entry=(_true_range > _k * lag(ATR(14), 1)) & (close < low + _share * (high - low)),
        stop=0.5 * _true_range,
        target=2 * _true_range,
    ),
)
