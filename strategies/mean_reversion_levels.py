"""Mean reversion at levels: failed breaks, exhaustion counts, stretched distances and resting bids."""

from __future__ import annotations

from engine.rules.api import (
    ADX,
    ATR,
    DEMARKER,
    EMA,
    FISHER,
    LINREG,
    RSI,
    SMA,
    Strategy,
    abs_,
    at_entry,
    close,
    crosses_above,
    crosses_below,
    day_high,
    day_low,
    falling,
    high,
    highest,
    highest_age,
    log,
    low,
    lowest,
    lowest_age,
    max_,
    min_,
    param,
    pivot_high,
    pivot_low,
    prev_day_close,
    prev_day_high,
    prev_day_low,
    prev_day_open,
    rising,
    run_length,
    stdev,
    sum_,
    time_between,
    value_at,
    where,
    within,
)

_evening = time_between(20, 21)


def _turtle_soup() -> Strategy:
    n = param("n", 20, grid=[15, 20, 30, 40])
    g = param("g", 4, grid=[3, 4, 6, 8])
    floor_, ceiling = lowest(low, n)[1], highest(high, n)[1]
    return Strategy(
        id="turtle_soup",
        title="Turtle Soup",
        family="mean reversion",
        idea="A new n-bar low, the old one some bars ago, and a close back over the old one in the same bar: buy.",
        source="Connors & Raschke 1995",
        timeframe="15m",
        long_entry=(low < floor_) & (close > floor_) & (lowest_age(low, n)[1] >= g),
        short_entry=(high > ceiling) & (close < ceiling) & (highest_age(high, n)[1] >= g),
        long_stop=close - low + 0.1 * ATR(14),
        short_stop=high - close + 0.1 * ATR(14),
        trail=2 * ATR(14),
        time_stop=20,
    )


def _turtle_soup_plus_one() -> Strategy:
    n = param("n", 20, grid=[15, 20, 30, 40])
    h = param("h", 4, grid=[2, 3, 4, 6])
    floor_, ceiling = lowest(low, n)[1], highest(high, n)[1]
    return Strategy(
        id="turtle_soup_plus_one",
        title="Turtle Soup one bar later",
        family="mean reversion",
        idea="A new n-bar low that closes at or under the old low: buy by stop at the old low on the next bar only.",
        source="Connors & Raschke 1995",
        timeframe="15m",
        long_entry=(low < floor_) & (close <= floor_) & (lowest_age(low, n)[1] >= 3),
        long_entry_stop=floor_,
        short_entry=(high > ceiling) & (close >= ceiling) & (highest_age(high, n)[1] >= 3),
        short_entry_stop=ceiling,
        long_stop=floor_ - low + 0.1 * ATR(14),
        short_stop=high - ceiling + 0.1 * ATR(14),
        long_target=2 * (floor_ - low) + ATR(14),
        short_target=2 * (high - ceiling) + ATR(14),
        time_stop=h,
    )


def _eighty_twenty() -> Strategy:
    zone = param("zone", 0.3, grid=[0.25, 0.3, 0.35, 0.4])
    buffer = param("buffer", 0.05, grid=[0, 0.05, 0.1, 0.2])
    size = prev_day_high - prev_day_low
    fell = (prev_day_open > prev_day_high - zone * size) & (prev_day_close < prev_day_low + zone * size)
    rose = (prev_day_open < prev_day_low + zone * size) & (prev_day_close > prev_day_high - zone * size)
    return Strategy(
        id="eighty_twenty",
        title="80-20 bar reversal",
        family="mean reversion",
        idea="Yesterday fell from the top to the bottom of its range; today goes under it: buy by stop at that low.",
        source="Connors & Raschke 1995",
        timeframe="15m",
        long_entry=fell & (day_low < prev_day_low - buffer * size) & (close < prev_day_low),
        long_entry_stop=prev_day_low,
        long_exit=_evening,
        short_entry=rose & (day_high > prev_day_high + buffer * size) & (close > prev_day_high),
        short_entry_stop=prev_day_high,
        short_exit=_evening,
        entry_valid=16,
        stop=2 * ATR(14),
    )


def _nine_count() -> Strategy:
    s = param("s", 9, grid=[7, 8, 9, 10])
    back = param("back", 4, grid=[3, 4, 5, 6])
    falls, rises = run_length(close < close[back], 20), run_length(close > close[back], 20)
    return Strategy(
        id="nine_count",
        title="Nine-count setup",
        family="mean reversion",
        idea="Nine closes in a row are under the close four bars before, the last low among the lowest: buy.",
        source="DeMark 1994",
        timeframe="15m",
        long_entry=(falls >= s) & (min_(low, low[1]) < min_(low[2], low[3])),
        long_exit=rises >= s,
        short_entry=(rises >= s) & (max_(high, high[1]) > max_(high[2], high[3])),
        short_exit=falls >= s,
        long_stop=close - lowest(low, s) + 0.5 * ATR(14),
        short_stop=highest(high, s) - close + 0.5 * ATR(14),
    )


def _range_expansion_fade() -> Strategy:
    n = param("n", 8, grid=[5, 8, 10, 13])
    x = param("x", 45, grid=[35, 40, 45, 55])
    overlap = (high >= min_(low[5], low[6])) & (low <= max_(high[5], high[6]))
    moved = (high - high[2]) + (low - low[2])
    rei = 100 * sum_(where(overlap, moved, 0), n) / sum_(abs_(high - high[2]) + abs_(low - low[2]), n)
    return Strategy(
        id="range_expansion_fade",
        title="Range expansion index fade",
        family="mean reversion",
        idea="The range expansion index is low for fewer than six bars and a bar turns up: buy; leave above zero.",
        source="DeMark 1994, simplified",
        timeframe="15m",
        long_entry=(rei < -x) & (run_length(rei < -x, 10) < 6) & (close > high[1]),
        long_exit=rei > 0,
        short_entry=(rei > x) & (run_length(rei > x, 10) < 6) & (close < low[1]),
        short_exit=rei < 0,
        stop=2 * ATR(14),
    )


def _demarker_low() -> Strategy:
    n = param("n", 13, grid=[8, 13, 21, 34])
    x = param("x", 0.2, grid=[0.15, 0.2, 0.25, 0.3])
    return Strategy(
        id="demarker_low",
        title="DeMarker low with a bar break",
        family="mean reversion",
        idea="DeMarker was low a moment ago and the close passes the high of the bar before: buy; leave above 0.5.",
        source="DeMark 1994",
        timeframe="15m",
        long_entry=within(DEMARKER(n) < x, 3) & (close > high[1]),
        long_exit=DEMARKER(n) > 0.5,
        short_entry=within(DEMARKER(n) > 1 - x, 3) & (close < low[1]),
        short_exit=DEMARKER(n) < 0.5,
        stop=2 * ATR(14),
        time_stop=30,
    )


def _rubber_band() -> Strategy:
    k = param("k", 2, grid=[1.25, 1.5, 2, 2.5])
    a = param("a", 25, grid=[20, 25, 30, 35])
    return Strategy(
        id="rubber_band",
        title="Rubber band with a quiet ADX",
        family="mean reversion",
        idea="The close is some ATR under its average while there is no trend: buy; leave at the average.",
        source="practice",
        timeframe="15m",
        long_entry=(close < EMA(20) - k * ATR(14)) & (ADX(14).adx < a),
        long_exit=close > EMA(20),
        short_entry=(close > EMA(20) + k * ATR(14)) & (ADX(14).adx < a),
        short_exit=close < EMA(20),
        stop=3 * ATR(14),
    )


def _regression_residual() -> Strategy:
    n = param("n", 40, grid=[20, 30, 40, 60])
    k = param("k", 2, grid=[1.5, 1.75, 2, 2.5])
    fit = LINREG(n)
    flat = abs_(fit.slope * n) < 4 * ATR(14)
    return Strategy(
        id="regression_residual",
        title="Fade from a flat regression line",
        family="mean reversion",
        idea="The close is some standard errors under a regression line that is nearly flat: buy; leave at the line.",
        source="practice (idea: Chande & Kroll 1994)",
        timeframe="15m",
        long_entry=flat & (close < fit.value - k * fit.error),
        long_exit=close > fit.value,
        short_entry=flat & (close > fit.value + k * fit.error),
        short_exit=close < fit.value,
        time_stop=40,
    )


def _loser_bounce() -> Strategy:
    m = param("m", 5, grid=[1, 3, 5, 10])
    k = param("k", 2, grid=[1.5, 2, 2.5])
    h = param("h", 5, grid=[3, 5])
    moved = log(close / close[m])
    return Strategy(
        id="loser_bounce",
        title="Bounce of the loser, fixed hold",
        family="mean reversion",
        idea="A return over m bars that is unusually low for this series: buy and hold h bars.",
        source="Lehmann 1990; Jegadeesh 1990 (there across stocks)",
        timeframe="1h",
        long_entry=moved < -k * stdev(moved, 50),
        short_entry=moved > k * stdev(moved, 50),
        time_stop=h,
    )


def _rsi_divergence() -> Strategy:
    n = param("n", 20, grid=[10, 15, 20, 30, 40])
    d = param("d", 3, grid=[1, 3, 6, 9])
    rsi = RSI(14)
    trough, peak = pivot_low(3, 3), pivot_high(3, 3)
    lower_low = (low <= lowest(low, n)) & (low < value_at(trough, low[3], 100))
    higher_high = (high >= highest(high, n)) & (high > value_at(peak, high[3], 100))
    return Strategy(
        id="rsi_divergence",
        title="RSI divergence",
        family="mean reversion",
        idea="Price makes a lower low than at its last pivot, RSI a higher one, then RSI rises two bars: buy.",
        source="Wilder 1978",
        timeframe="15m",
        long_entry=within(lower_low & (rsi > value_at(trough, rsi[3], 100) + d), 4) & rising(rsi, 2),
        long_exit=rsi > 60,
        short_entry=within(higher_high & (rsi < value_at(peak, rsi[3], 100) - d), 4) & falling(rsi, 2),
        short_exit=rsi < 40,
        long_stop=close - lowest(low, 5) + 0.5 * ATR(14),
        short_stop=highest(high, 5) - close + 0.5 * ATR(14),
    )


def _fisher_turn() -> Strategy:
    n = param("n", 10, grid=[8, 10, 14, 20])
    x = param("x", 2.5, grid=[1.5, 2, 2.5, 3])
    value, trigger = FISHER(n).value, FISHER(n).trigger
    return Strategy(
        id="fisher_turn",
        title="Fisher transform turn",
        family="mean reversion",
        idea="The Fisher transform of price turns up from far below zero: buy; leave when it turns down above zero.",
        source="Ehlers 2002",
        timeframe="15m",
        long_entry=crosses_above(value, trigger) & (trigger < -x),
        long_exit=crosses_below(value, trigger) & (value > 0),
        short_entry=crosses_below(value, trigger) & (trigger > x),
        short_exit=crosses_above(value, trigger) & (value < 0),
        stop=3 * ATR(14),
    )


def _look_below_and_fail() -> Strategy:
    k = param("k", 1, grid=[0.25, 0.5, 1, 1.5])
    share = param("share", 0.5, grid=[0.25, 0.5, 0.75, 1])
    reach = share * (prev_day_high - prev_day_low)
    swept_low = (lowest(low, 6) < prev_day_low) & (day_low > prev_day_low - k * ATR(14))
    swept_high = (highest(high, 6) > prev_day_high) & (day_high < prev_day_high + k * ATR(14))
    return Strategy(
        id="look_below_and_fail",
        title="Look below and fail",
        family="mean reversion",
        idea="Price trades a little under yesterday's low and closes back over it: buy for a part of its range.",
        source="practice",
        timeframe="15m",
        long_entry=swept_low & (close > prev_day_low),
        short_entry=swept_high & (close < prev_day_high),
        long_stop=close - day_low + 0.25 * ATR(14),
        short_stop=day_high - close + 0.25 * ATR(14),
        long_target=max_(prev_day_low + reach - close, ATR(14)),
        short_target=max_(close - prev_day_high + reach, ATR(14)),
    )


def _resting_bid() -> Strategy:
    k = param("k", 0.5, grid=[0.25, 0.5, 0.75, 1])
    h = param("h", 3, grid=[2, 3, 5, 8])
    return Strategy(
        id="resting_bid",
        title="Resting bid under the market",
        family="mean reversion",
        idea="After three down closes in a rising average bid some ATR lower for one bar; leave on a higher close.",
        source="practice",
        timeframe="15m",
        direction="long",
        long_entry=rising(EMA(50), 3) & falling(close, 3),
        long_exit=close > at_entry(close),
        long_entry_limit=close - k * ATR(14),
        time_stop=h,
    )


def _channel_of_averages() -> Strategy:
    n = param("n", 3, grid=[2, 3, 4, 5])
    m = param("m", 20, grid=[10, 20, 40, 60])
    floor_, ceiling = SMA(n, source=low), SMA(n, source=high)
    return Strategy(
        id="channel_of_averages",
        title="Three-bar high and low channel",
        family="mean reversion",
        idea="A dip through the 20-bar average in a rising market: bid at the average of lows; leave over the highs'.",
        source="practice (channel taught by Larry Williams)",
        timeframe="15m",
        long_entry=rising(SMA(m), 8) & crosses_below(close, SMA(20)),
        long_exit=close > ceiling,
        long_entry_limit=floor_,
        short_entry=falling(SMA(m), 8) & crosses_above(close, SMA(20)),
        short_exit=close < floor_,
        short_entry_limit=ceiling,
        entry_valid=5,
        stop=2 * ATR(14),
    )


STRATEGIES = (
    _turtle_soup(),
    _turtle_soup_plus_one(),
    _eighty_twenty(),
    _nine_count(),
    _range_expansion_fade(),
    _demarker_low(),
    _rubber_band(),
    _regression_residual(),
    _loser_bounce(),
    _rsi_divergence(),
    _fisher_turn(),
    _look_below_and_fail(),
    _resting_bid(),
    _channel_of_averages(),
)
