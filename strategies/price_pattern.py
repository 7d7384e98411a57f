"""Price patterns of one to three bars."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    ENGULFING,
    SMA,
    Strategy,
    abs_,
    always,
    close,
    crosses_above,
    crosses_below,
    falling,
    high,
    highest,
    low,
    lowest,
    max_,
    min_,
    open_,
    param,
    prev_day_high,
    prev_day_low,
    rising,
    time_between,
    value_at,
    where,
    within,
)

_body, _size = abs_(close - open_), high - low
_lower_wick, _upper_wick = min_(open_, close) - low, high - max_(open_, close)
_place = where(high > low, (close - low) / (high - low), 0.5)
_evening = time_between(20, 21)


def _engulfing_extreme() -> Strategy:
    n = param("n", 10, grid=[5, 10, 15, 20])
    r = param("r", 1.5, grid=[1, 1.5, 2, 3])
    return Strategy(
        id="engulfing_extreme",
        title="Engulfing at an extreme",
        family="price pattern",
        idea="A bullish engulfing pair at the lowest low of n bars: buy, stop under it, target a multiple of the risk.",
        source="Nison 1991",
        timeframe="15m",
        long_entry=(ENGULFING() > 0) & (lowest(low, 2) <= lowest(low, n)),
        short_entry=(ENGULFING() < 0) & (highest(high, 2) >= highest(high, n)),
        long_stop=close - lowest(low, 2) + 0.1 * ATR(14),
        short_stop=highest(high, 2) - close + 0.1 * ATR(14),
        long_target=r * (close - lowest(low, 2)),
        short_target=r * (highest(high, 2) - close),
    )


def _hammer_confirmed() -> Strategy:
    w = param("w", 2, grid=[1.5, 2, 2.5, 3])
    n = param("n", 10, grid=[5, 10, 20, 30])
    hammer = (_lower_wick[1] > w * _body[1]) & (_upper_wick[1] < 0.3 * _size[1]) & (low[1] <= lowest(low, n))
    star = (_upper_wick[1] > w * _body[1]) & (_lower_wick[1] < 0.3 * _size[1]) & (high[1] >= highest(high, n))
    return Strategy(
        id="hammer_confirmed",
        title="Hammer with confirmation",
        family="price pattern",
        idea="A long lower wick at the lowest low of n bars, and the next close over that bar: buy with a trail.",
        source="Nison 1991",
        timeframe="15m",
        long_entry=hammer & (close > high[1]),
        short_entry=star & (close < low[1]),
        trail=2 * ATR(14),
    )


def _morning_star() -> Strategy:
    s = param("s", 0.4, grid=[0.2, 0.3, 0.4, 0.5])
    h = param("h", 10, grid=[5, 10, 15, 20])
    fell, rose = open_[2] - close[2], close[2] - open_[2]
    return Strategy(
        id="morning_star",
        title="Morning star without the gap",
        family="price pattern",
        idea="A large fall, a small body about its close, a rise past its middle: buy, hold h bars.",
        source="Nison 1991",
        timeframe="15m",
        long_entry=(fell > 0.6 * ATR(14)[3])
        & (_body[1] < s * fell)
        & (max_(open_[1], close[1]) < close[2] + 0.5 * fell)
        & (close > open_[2] - 0.5 * fell),
        short_entry=(rose > 0.6 * ATR(14)[3])
        & (_body[1] < s * rose)
        & (min_(open_[1], close[1]) > close[2] - 0.5 * rose)
        & (close < open_[2] + 0.5 * rose),
        long_stop=close - lowest(low, 3) + 0.1 * ATR(14),
        short_stop=highest(high, 3) - close + 0.1 * ATR(14),
        time_stop=h,
    )


def _soldiers_dip() -> Strategy:
    share = param("share", 0.5, grid=[0.4, 0.5, 0.6, 0.7])
    t = param("t", 1, grid=[0.5, 0.75, 1, 1.5])
    middle = 0.5 * (open_ + close)
    return Strategy(
        id="soldiers_dip",
        title="Three soldiers, then the first dip",
        family="price pattern",
        idea="Three full-bodied rising bars: bid at the middle of the third, stop at the first one, measured target.",
        source="Nison 1991; entry on the dip: practice",
        timeframe="15m",
        long_entry=always((close - open_ > share * _size) & (close > close[1]), 3),
        long_entry_limit=middle,
        short_entry=always((open_ - close > share * _size) & (close < close[1]), 3),
        short_entry_limit=middle,
        entry_valid=5,
        long_stop=middle - open_[2] + 0.1 * ATR(14),
        short_stop=open_[2] - middle + 0.1 * ATR(14),
        long_target=t * (close - open_[2]),
        short_target=t * (open_[2] - close),
    )


def _harami_break() -> Strategy:
    m = param("m", 5, grid=[3, 5, 8, 12])
    v = param("v", 3, grid=[1, 2, 3, 5])
    inside = (max_(open_, close) <= max_(open_[1], close[1])) & (min_(open_, close) >= min_(open_[1], close[1]))
    harami = inside & (_body < 0.5 * _body[1]) & (_body[1] > 0.75 * ATR(14)[1])
    return Strategy(
        id="harami_break",
        title="Harami break",
        family="price pattern",
        idea="After a fall a small body inside the large one before: buy by stop at the large bar's high.",
        source="Nison 1991",
        timeframe="15m",
        long_entry=harami & (close[1] < open_[1]) & (close[1] < close[m + 1]),
        long_entry_stop=high[1],
        short_entry=harami & (close[1] > open_[1]) & (close[1] > close[m + 1]),
        short_entry_stop=low[1],
        entry_valid=v,
        stop=_size[1],
        target=1.5 * _size[1],
    )


def _piercing_line() -> Strategy:
    x = param("x", 0.6, grid=[0.5, 0.6, 0.7, 0.8])
    n = param("n", 20, grid=[5, 10, 20, 30])
    fell, rose = open_[1] - close[1], close[1] - open_[1]
    return Strategy(
        id="piercing_line",
        title="Piercing line",
        family="price pattern",
        idea="A down bar, then a lower low and a close well into the down body: buy, leave at the average of n bars.",
        source="Nison 1991; a lower low in place of the gap",
        timeframe="15m",
        long_entry=(fell > 0.5 * ATR(14)[1])
        & (low < low[1])
        & (close > close[1] + x * fell)
        & (close < open_[1])
        & (close < SMA(n)),
        long_exit=close > SMA(n),
        short_entry=(rose > 0.5 * ATR(14)[1])
        & (high > high[1])
        & (close < close[1] - x * rose)
        & (close > open_[1])
        & (close > SMA(n)),
        short_exit=close < SMA(n),
        long_stop=close - low + 0.1 * ATR(14),
        short_stop=high - close + 0.1 * ATR(14),
    )


def _hikkake_break() -> Strategy:
    v = param("v", 3, grid=[2, 3, 4, 5])
    r = param("r", 1.5, grid=[1, 1.5, 2, 3])
    inside = (high[1] < high[2]) & (low[1] > low[2])
    false_low = inside & (high < high[1]) & (low < low[1])
    false_high = inside & (high > high[1]) & (low > low[1])
    under, over = value_at(false_low, low, v + 1), value_at(false_high, high, v + 1)
    return Strategy(
        id="hikkake_break",
        title="Hikkake: false break of an inside bar",
        family="price pattern",
        idea="An inside bar breaks down, and within v bars price closes over its high: buy, stop at the false low.",
        source="Chesler 2004",
        timeframe="15m",
        long_entry=crosses_above(close, value_at(false_low, high[1], v + 1)),
        short_entry=crosses_below(close, value_at(false_high, low[1], v + 1)),
        long_stop=close - under,
        short_stop=over - close,
        long_target=r * (close - under),
        short_target=r * (over - close),
    )


def _outside_reversal() -> Strategy:
    m = param("m", 2, grid=[1, 2, 3, 4])
    h = param("h", 5, grid=[3, 5, 8, 12])
    outside = (high > high[1]) & (low < low[1])
    return Strategy(
        id="outside_reversal",
        title="Outside-bar key reversal",
        family="price pattern",
        idea="After m lower closes an outside bar closes over the bar before: buy, leave under three lows.",
        source="practice",
        timeframe="15m",
        long_entry=outside & (close > high[1]) & falling(close[1], m),
        long_exit=close < lowest(low, 3)[1],
        short_entry=outside & (close < low[1]) & rising(close[1], m),
        short_exit=close > highest(high, 3)[1],
        time_stop=h,
    )


def _oops_session() -> Strategy:
    g = param("g", 0, grid=[0, 0.2, 0.4, 0.8])
    risk = param("risk", 2, grid=[1, 1.5, 2, 3])
    opening = time_between(8, 8.5) | time_between(13.5, 14)
    return Strategy(
        id="oops_session",
        title="Oops at the session open",
        family="price pattern",
        idea="London or New York opens under yesterday's low: buy by stop where price comes back over that low.",
        source="Larry Williams 1999; a session open in place of the gap, as these markets do not close",
        timeframe="15m",
        long_entry=opening & (close < prev_day_low - g * ATR(14)),
        long_entry_stop=prev_day_low,
        long_exit=_evening,
        short_entry=opening & (close > prev_day_high + g * ATR(14)),
        short_entry_stop=prev_day_high,
        short_exit=_evening,
        entry_valid=20,
        stop=risk * ATR(14),
    )


def _smash_bar() -> Strategy:
    m = param("m", 8, grid=[3, 5, 8, 13])
    h = param("h", 6, grid=[2, 4, 6, 10])
    return Strategy(
        id="smash_bar",
        title="Smash bar",
        family="price pattern",
        idea="In an uptrend a close under the lows of m bars: buy by stop over that bar on the next one only.",
        source="Larry Williams 1999 (smash day); trend: practice",
        timeframe="15m",
        long_entry=(close < lowest(low, m)[1]) & (close > SMA(100)),
        long_entry_stop=high,
        short_entry=(close > highest(high, m)[1]) & (close < SMA(100)),
        short_entry_stop=low,
        stop=_size + 0.1 * ATR(14),
        time_stop=h,
    )


def _imbalance_fill() -> Strategy:
    k = param("k", 1.25, grid=[1, 1.25, 1.5, 2])
    v = param("v", 10, grid=[5, 10, 20, 40])
    gap_up, gap_down = 0.5 * (low + high[2]), 0.5 * (high + low[2])
    forceful = _body[1] > k * ATR(14)[2]
    return Strategy(
        id="imbalance_fill",
        title="Three-bar imbalance fill",
        family="price pattern",
        idea="A forceful bar leaves a gap between its neighbours: bid at the gap's middle, target the last high.",
        source="practice (fair value gap)",
        timeframe="15m",
        long_entry=(low > high[2]) & forceful,
        long_entry_limit=gap_up,
        short_entry=(high < low[2]) & forceful,
        short_entry_limit=gap_down,
        entry_valid=v,
        long_stop=max_(gap_up - low[1], 0.5 * ATR(14)),
        short_stop=max_(high[1] - gap_down, 0.5 * ATR(14)),
        long_target=highest(high, 3) - gap_up,
        short_target=gap_down - lowest(low, 3),
    )


def _pair_180() -> Strategy:
    q = param("q", 0.2, grid=[0.15, 0.2, 0.25, 0.3])
    h = param("h", 5, grid=[3, 5, 8, 12])
    return Strategy(
        id="pair_180",
        title="180-degree bar pair",
        family="price pattern",
        idea="One bar closes at its bottom, the next at its top, both over their averages: buy by stop over it.",
        source="Cooper 1996",
        timeframe="15m",
        long_entry=(_place[1] < q) & (_place > 1 - q) & always(close > SMA(50), 2) & (close > SMA(10)),
        long_entry_stop=high,
        short_entry=(_place[1] > 1 - q) & (_place < q) & always(close < SMA(50), 2) & (close < SMA(10)),
        short_entry_stop=low,
        entry_valid=2,
        trail=2 * ATR(14),
        time_stop=h,
    )


def _pipe_bottom() -> Strategy:
    k = param("k", 0.3, grid=[0.2, 0.3, 0.4, 0.6])
    r = param("r", 1.5, grid=[1, 1.5, 2, 3])
    even_lows = abs_(low[1] - low[2]) < 0.3 * ATR(14)
    even_highs = abs_(high[1] - high[2]) < 0.3 * ATR(14)
    bottom = even_lows & (min_(low[3], low) > max_(low[1], low[2]) + k * ATR(14))
    top = even_highs & (max_(high[3], high) < min_(high[1], high[2]) - k * ATR(14))
    ceiling, floor_ = value_at(bottom, highest(high, 2)[1], 4), value_at(top, lowest(low, 2)[1], 4)
    return Strategy(
        id="pipe_bottom",
        title="Pipe bottom",
        family="price pattern",
        idea="Two neighbouring equal lows stick out under both sides, and price closes over the pair: buy.",
        source="Bulkowski 2000",
        timeframe="15m",
        long_entry=within(bottom, 4) & (close > ceiling),
        short_entry=within(top, 4) & (close < floor_),
        long_stop=close - lowest(low, 6),
        short_stop=highest(high, 6) - close,
        long_target=r * (close - lowest(low, 6)),
        short_target=r * (highest(high, 6) - close),
    )


STRATEGIES = (
    _engulfing_extreme(),
    _hammer_confirmed(),
    _morning_star(),
    _soldiers_dip(),
    _harami_break(),
    _piercing_line(),
    _hikkake_break(),
    _outside_reversal(),
    _oops_session(),
    _smash_bar(),
    _imbalance_fill(),
    _pair_180(),
    _pipe_bottom(),
)
