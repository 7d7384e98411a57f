"""Price patterns of swings: pivots that are confirmed, and what price does at them."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    Expression,
    Strategy,
    abs_,
    bars_since,
    close,
    crosses_above,
    crosses_below,
    high,
    highest,
    low,
    lowest,
    max_,
    min_,
    param,
    pivot_high,
    pivot_low,
    value_at,
    within,
)

#: bars that a pattern may take
_SPAN = 200


def _one_two_three() -> Strategy:
    k = param("k", 3, grid=[2, 3, 4, 6])
    r = param("r", 1.5, grid=[1, 1.5, 2, 3])
    trough, peak = pivot_low(k, k), pivot_high(k, k)
    bottom, before_bottom = value_at(trough, low[k], _SPAN), value_at(trough, low[k], _SPAN, 2)
    top, before_top = value_at(peak, high[k], _SPAN), value_at(peak, high[k], _SPAN, 2)
    up = crosses_above(close, top) & (bars_since(trough, _SPAN) < bars_since(peak, _SPAN))
    down = crosses_below(close, bottom) & (bars_since(peak, _SPAN) < bars_since(trough, _SPAN))
    risk_up, risk_down = max_(high - bottom, 0.5 * ATR(14)), max_(top - low, 0.5 * ATR(14))
    return Strategy(
        id="one_two_three",
        title="1-2-3 with a hook",
        family="price pattern",
        idea="A higher low, a break of the high between, then a bar without a higher high: buy by stop over it.",
        source="Ross (1-2-3 and hook); practice",
        timeframe="15m",
        long_entry=(bottom > before_bottom) & within(up, 5) & (high <= high[1]) & (close > bottom),
        long_entry_stop=high,
        short_entry=(top < before_top) & within(down, 5) & (low >= low[1]),
        short_entry_stop=low,
        entry_valid=3,
        long_stop=risk_up,
        short_stop=risk_down,
        long_target=r * risk_up,
        short_target=r * risk_down,
    )


def _double_bottom() -> Strategy:
    x = param("x", 1.5, grid=[1, 1.5, 2, 3])
    m = param("m", 8, grid=[6, 8, 12, 16])
    trough, peak = pivot_low(4, 4), pivot_high(4, 4)
    bottom, before_bottom = value_at(trough, low[4], _SPAN), value_at(trough, low[4], _SPAN, 2)
    top, before_top = value_at(peak, high[4], _SPAN), value_at(peak, high[4], _SPAN, 2)
    apart_lows = value_at(trough, bars_since(trough, _SPAN)[1], _SPAN) >= m
    apart_highs = value_at(peak, bars_since(peak, _SPAN)[1], _SPAN) >= m
    return Strategy(
        id="double_bottom",
        title="Double bottom confirmed",
        family="price pattern",
        idea="Two pivot lows at about one price, some bars apart, and a close over the peak: buy for the height.",
        source="Bulkowski 2000",
        timeframe="15m",
        long_entry=(abs_(bottom - before_bottom) < x * ATR(14)) & apart_lows & crosses_above(close, top),
        short_entry=(abs_(top - before_top) < x * ATR(14)) & apart_highs & crosses_below(close, bottom),
        long_stop=max_(close - min_(bottom, before_bottom), ATR(14)),
        short_stop=max_(max_(top, before_top) - close, ATR(14)),
        long_target=max_(top - min_(bottom, before_bottom), ATR(14)),
        short_target=max_(max_(top, before_top) - bottom, ATR(14)),
    )


def _triangle_break() -> Strategy:
    k = param("k", 3, grid=[2, 3, 4, 5])
    c = param("c", 0.7, grid=[0.5, 0.6, 0.7, 0.8])
    trough, peak = pivot_low(k, k), pivot_high(k, k)
    bottom, before_bottom = value_at(trough, low[k], _SPAN), value_at(trough, low[k], _SPAN, 2)
    top, before_top = value_at(peak, high[k], _SPAN), value_at(peak, high[k], _SPAN, 2)
    start = before_top - before_bottom
    narrowing = (top < before_top) & (bottom > before_bottom) & (top - bottom < c * start)
    return Strategy(
        id="triangle_break",
        title="Symmetric triangle",
        family="price pattern",
        idea="Pivot highs fall and pivot lows rise to a fraction of the first width: trade the first close outside.",
        source="Bulkowski 2000",
        timeframe="15m",
        long_entry=narrowing & (close > top),
        short_entry=narrowing & (close < bottom),
        long_stop=max_(close - 0.5 * (top + bottom), 0.5 * ATR(14)),
        short_stop=max_(0.5 * (top + bottom) - close, 0.5 * ATR(14)),
        target=start,
    )


def _flag_on_pole() -> Strategy:
    k = param("k", 3, grid=[2.5, 3, 3.5, 4])
    m = param("m", 6, grid=[5, 6, 8, 10])
    up = (high - lowest(low, m) > k * ATR(14)) & (high >= highest(high, m))
    down = (highest(high, m) - low > k * ATR(14)) & (low <= lowest(low, m))
    top, rise = value_at(up, high, 12), value_at(up, high - lowest(low, m), 12)
    bottom, fall = value_at(down, low, 12), value_at(down, highest(high, m) - low, 12)
    return Strategy(
        id="flag_on_pole",
        title="Flag on a pole",
        family="price pattern",
        idea="A fast rise, a small retreat of three bars or more, then a close over the last three highs: buy.",
        source="Bulkowski 2000",
        timeframe="15m",
        long_entry=(bars_since(up, 12) >= 3) & (lowest(low, 4) > top - 0.5 * rise) & (close > highest(high, 3)[1]),
        short_entry=(bars_since(down, 12) >= 3)
        & (highest(high, 4) < bottom + 0.5 * fall)
        & (close < lowest(low, 3)[1]),
        long_stop=close - lowest(low, 5) + 0.25 * ATR(14),
        short_stop=highest(high, 5) - close + 0.25 * ATR(14),
        long_target=rise,
        short_target=fall,
    )


def _neckline(pivot: Expression, level: Expression, k: Expression) -> Expression:
    """The line through the last two pivots, at this bar."""
    last, before = value_at(pivot, level, _SPAN), value_at(pivot, level, _SPAN, 2)
    apart = value_at(pivot, bars_since(pivot, _SPAN)[1] + 1, _SPAN)
    return last + (last - before) / apart * (bars_since(pivot, _SPAN) + k)


def _head_shoulders() -> Strategy:
    k = param("k", 3, grid=[2, 3, 4, 6])
    x = param("x", 1.5, grid=[0.75, 1.5, 2.25, 3])
    trough, peak = pivot_low(k, k), pivot_high(k, k)
    right, head, left = (value_at(peak, high[k], _SPAN, nth) for nth in (1, 2, 3))
    low_right, low_head, low_left = (value_at(trough, low[k], _SPAN, nth) for nth in (1, 2, 3))
    under, over = _neckline(trough, low[k], k), _neckline(peak, high[k], k)
    top = (head > max_(left, right)) & (abs_(left - right) < x * ATR(14))
    bottom = (low_head < min_(low_left, low_right)) & (abs_(low_left - low_right) < x * ATR(14))
    return Strategy(
        id="head_shoulders",
        title="Head and shoulders neckline",
        family="price pattern",
        idea="Three peaks, the middle one highest, and a close under the line through the lows between them: sell.",
        source="Chang & Osler 1999; Lo, Mamaysky & Wang 2000",
        timeframe="15m",
        long_entry=bottom & crosses_above(close, over),
        short_entry=top & crosses_below(close, under),
        long_stop=max_(close - low_right, ATR(14)),
        short_stop=max_(right - close, ATR(14)),
        long_target=max_(over - low_head, ATR(14)),
        short_target=max_(head - under, ATR(14)),
    )


STRATEGIES = (
    _one_two_three(),
    _double_bottom(),
    _triangle_break(),
    _flag_on_pole(),
    _head_shoulders(),
)
