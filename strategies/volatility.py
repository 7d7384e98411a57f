"""Volatility: what a change in the size of moves says about their direction."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    BBANDS,
    CHAIKIN_VOL,
    CHOP,
    EMA,
    HV,
    MASS,
    NATR,
    RMA,
    SMA,
    TRANGE,
    Strategy,
    abs_,
    close,
    crosses_above,
    crosses_below,
    day_high,
    day_low,
    falling,
    high,
    highest,
    highest_age,
    hour,
    lag,
    log,
    low,
    lowest,
    max_,
    mean,
    min_,
    open_,
    param,
    rising,
    sqrt,
    stdev,
    tf,
    time_between,
    where,
    within,
)

_return = log(close / close[1])


def _expansion_bar() -> Strategy:
    k = param("k", 2, grid=[1.5, 2, 2.5, 3])
    share = param("share", 0.25, grid=[0.15, 0.2, 0.25, 0.3])
    true_range = max_(high, lag(close, 1)) - min_(low, lag(close, 1))
    return Strategy(
        id="expansion_bar",
        title="Expansion bar follow-through",
        family="volatility",
        idea="A bar much wider than usual that closes near its end: trade with it; leave when half of it is lost.",
        source="practice",
        timeframe="15m",
        long_entry=(true_range > k * lag(ATR(14), 1)) & (close > high - share * (high - low)),
        short_entry=(true_range > k * lag(ATR(14), 1)) & (close < low + share * (high - low)),
        stop=0.5 * true_range,
        target=2 * true_range,
    )


def _quiet_straddle() -> Strategy:
    short = param("short", 10, grid=[5, 6, 10, 15])
    x = param("x", 0.4, grid=[0.4, 0.5, 0.6, 0.7])
    inside = (high < high[1]) & (low > low[1])
    narrow = high - low <= lowest(high - low, 4)
    quiet = (HV(short) < x * HV(60)) & (inside | narrow)
    return Strategy(
        id="quiet_straddle",
        title="Short over long historical volatility",
        family="volatility",
        idea="Recent volatility is small beside the longer one and the bar is narrow: stop orders at both its ends.",
        source="Connors & Raschke 1995",
        timeframe="15m",
        long_entry=quiet,
        long_entry_stop=high,
        short_entry=quiet,
        short_entry_stop=low,
        entry_valid=3,
        trail=2.5 * ATR(14),
    )


def _chaikin_volatility_turn() -> Strategy:
    n = param("n", 10, grid=[5, 10, 15, 20])
    m = param("m", 50, grid=[20, 50, 100, 200])
    change = CHAIKIN_VOL(n, n)
    turn = crosses_above(change, 0) & (lowest(change, 20) < -20)
    return Strategy(
        id="chaikin_volatility_turn",
        title="Chaikin volatility turns up",
        family="volatility",
        idea="Ranges begin to widen after they have shrunk: trade on the side of the average; leave as they peak.",
        source="Chaikin, in Achelis 1995; rule: practice",
        timeframe="15m",
        long_entry=turn & (close > SMA(m)),
        long_exit=falling(change, 3),
        short_entry=turn & (close < SMA(m)),
        short_exit=falling(change, 3),
        stop=2 * ATR(14),
    )


def _managed_exposure() -> Strategy:
    n = param("n", 20, grid=[10, 20, 30, 40])
    c = param("c", 1.5, grid=[1.2, 1.5, 2, 3])
    variance = HV(n) * HV(n)
    return Strategy(
        id="managed_exposure",
        title="Managed exposure step",
        family="volatility",
        idea="Be long; step aside while variance is well over its own average, and come back when it falls under it.",
        source="Moreira & Muir 2017",
        timeframe="1h",
        direction="long",
        long_entry=variance < EMA(50, source=variance),
        long_exit=variance > c * EMA(50, source=variance),
    )


def _mass_bulge() -> Strategy:
    upper = param("upper", 26.5, grid=[26, 26.5, 27, 27.5])
    h = param("h", 10, grid=[5, 10, 15, 20])
    bulge = crosses_below(MASS(9, 25), upper - 0.5) & (highest(MASS(9, 25), 25) > upper)
    return Strategy(
        id="mass_bulge",
        title="Mass Index bulge",
        family="volatility",
        idea="Ranges swelled and shrink again: trade against the short average and hold h bars.",
        source="Dorsey 1992",
        timeframe="15m",
        long_entry=bulge & falling(EMA(9), 1),
        short_entry=bulge & rising(EMA(9), 1),
        time_stop=h,
        stop=3 * ATR(14),
    )


def _relative_volatility() -> Strategy:
    n = param("n", 14, grid=[10, 14, 20, 28])
    x = param("x", 55, grid=[50, 52, 55, 60])
    up = RMA(n, source=where(close > close[1], stdev(close, 10), 0))
    down = RMA(n, source=where(close < close[1], stdev(close, 10), 0))
    index = 100 * up / (up + down)
    return Strategy(
        id="relative_volatility",
        title="Relative volatility index confirms",
        family="volatility",
        idea="Price crosses its average while more of the deviation comes with rising closes: trade with it.",
        source="Dorsey 1993",
        timeframe="15m",
        long_entry=crosses_above(close, SMA(50)) & (index > x),
        long_exit=index < 40,
        short_entry=crosses_below(close, SMA(50)) & (index < 100 - x),
        short_exit=index > 60,
        trail=4 * ATR(14),
    )


def _choppiness_break() -> Strategy:
    x = param("x", 42, grid=[38.2, 42, 45, 50])
    m = param("m", 30, grid=[15, 20, 30, 40])
    released = within(CHOP(14) > 61.8, m) & crosses_below(CHOP(14), x)
    return Strategy(
        id="choppiness_break",
        title="Choppiness falls away",
        family="volatility",
        idea="The market was choppy and now covers ground: trade the side it went; leave when it is choppy again.",
        source="Dreiss (choppiness index); rule: practice",
        timeframe="15m",
        long_entry=released & (close > close[14]),
        long_exit=CHOP(14) > 50,
        short_entry=released & (close < close[14]),
        short_exit=CHOP(14) > 50,
        stop=2 * ATR(14),
    )


def _fear_spike() -> Strategy:
    n = param("n", 22, grid=[15, 22, 30, 40])
    m = param("m", 40, grid=[30, 40, 60, 100])
    fear = (highest(close, n) - low) / highest(close, n)
    spike = (fear > mean(fear, m) + 2 * stdev(fear, m)) | (fear > 0.9 * highest(fear, m))
    return Strategy(
        id="fear_spike",
        title="Synthetic fear spike",
        family="volatility",
        idea="The fall from the high was extreme a bar ago and no longer is: buy; leave over a short average.",
        source="Larry Williams 2007 (VIX Fix)",
        timeframe="1h",
        direction="long",
        long_entry=within(spike, 2) & ~spike & (close < SMA(10)),
        long_exit=close > SMA(10),
        time_stop=20,
    )


def _jump() -> Strategy:
    k = param("k", 4, grid=[3, 4, 5, 6])
    h = param("h", 5, grid=[5, 20])
    side = param("side", 1, grid=[1, -1])
    usual = sqrt(1.5708 * mean(abs_(_return) * abs_(_return[1]), 30)[1])
    return Strategy(
        id="jump",
        title="Jump, then drift or fade",
        family="volatility",
        idea="A one-bar return beyond what bipower variation explains: follow it (side 1) or fade it (side -1).",
        source="Lee & Mykland 2008 (jump test); rule: practice",
        timeframe="15m",
        long_entry=side * _return > k * usual,
        short_entry=side * _return < -k * usual,
        time_stop=h,
    )


def _volatility_ratio_reversal() -> Strategy:
    n = param("n", 14, grid=[7, 10, 14, 20])
    x = param("x", 1.6, grid=[1.4, 1.6, 1.8, 2])
    wide = TRANGE() > x * ATR(n)[1]
    return Strategy(
        id="volatility_ratio_reversal",
        title="Volatility ratio reversal",
        family="volatility",
        idea="A bar much wider than usual closes against the move of the ten bars before: trade with its close.",
        source="Schwager 1996 (volatility ratio)",
        timeframe="15m",
        long_entry=wide & (close > 0.5 * (high + low)) & (close > open_) & (close[1] < close[11] - ATR(n)[1]),
        short_entry=wide & (close < 0.5 * (high + low)) & (close < open_) & (close[1] > close[11] + ATR(n)[1]),
        long_stop=close - low + 0.1 * ATR(14),
        short_stop=high - close + 0.1 * ATR(14),
        time_stop=10,
    )


def _day_range_used_up() -> Strategy:
    a = param("a", 0.85, grid=[0.7, 0.85, 1, 1.2])
    n = param("n", 5, grid=[5, 10])
    f = param("f", 0.25, grid=[0.25, 0.5])
    size = day_high - day_low
    spent = (size > a * tf("1d", SMA(n, source=high - low))) & (hour < 18)
    return Strategy(
        id="day_range_used_up",
        title="Average daily range used up",
        family="volatility",
        idea="Today has covered its usual range and price is at the end of it: fade for a part of the range.",
        source="practice",
        timeframe="15m",
        long_entry=spent & (close < day_low + 0.1 * size),
        long_exit=time_between(20, 21),
        short_entry=spent & (close > day_high - 0.1 * size),
        short_exit=time_between(20, 21),
        stop=2 * ATR(14),
        target=f * size,
    )


def _bands_turn_in() -> Strategy:
    n = param("n", 20, grid=[15, 20, 30, 40])
    m = param("m", 4, grid=[3, 4, 5, 6])
    bands = BBANDS(n, 2)
    opened = within(rising(bands.upper, m) & falling(bands.lower, m), 2)
    return Strategy(
        id="bands_turn_in",
        title="Bands open, far band turns in",
        family="volatility",
        idea="Both bands spread for m bars, then the one opposite to the move turns back: fade to the middle.",
        source="Bollinger 2001; rule: practice",
        timeframe="15m",
        long_entry=opened & (bands.upper < bands.upper[1]) & (close < bands.middle),
        long_exit=close > bands.middle,
        short_entry=opened & (bands.lower > bands.lower[1]) & (close > bands.middle),
        short_exit=close < bands.middle,
        stop=3 * ATR(14),
    )


def _storm_over() -> Strategy:
    n = param("n", 65, grid=[45, 55, 65, 80, 120])
    f = param("f", 0.5, grid=[0.45, 0.5, 0.6, 0.7])
    peak = highest(NATR(14), n)
    return Strategy(
        id="storm_over",
        title="Storm over",
        family="volatility",
        idea="The range in percent peaked not long ago and has fallen well under that peak, the bar closes up: buy.",
        source="practice",
        timeframe="15m",
        direction="long",
        long_entry=(highest_age(NATR(14), n) < 40) & (NATR(14) < f * peak) & (close > open_),
        long_exit=NATR(14) > 1.25 * lowest(NATR(14), 20),
        time_stop=30,
    )


STRATEGIES = (
    _expansion_bar(),
    _quiet_straddle(),
    _chaikin_volatility_turn(),
    _managed_exposure(),
    _mass_bulge(),
    _relative_volatility(),
    _choppiness_break(),
    _fear_spike(),
    _jump(),
    _volatility_ratio_reversal(),
    _day_range_used_up(),
    _bands_turn_in(),
    _storm_over(),
)
