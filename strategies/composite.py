"""Composite: several rules that vote, switch or take turns."""

from __future__ import annotations

from engine.rules.api import (
    ADX,
    ATR,
    BBANDS,
    DONCHIAN,
    EFFICIENCY,
    HV,
    MACD,
    OBV,
    RSI,
    SMA,
    VARIANCE_RATIO,
    ZSCORE,
    Expression,
    Strategy,
    at_entry,
    close,
    high,
    highest,
    log,
    low,
    lowest,
    max_,
    min_,
    param,
    quantile,
    sign,
    sqrt,
    stdev,
    value_at,
    where,
    within,
)


def _capped(value: Expression) -> Expression:
    return max_(min_(value, 2), -2)


def _adx_switch() -> Strategy:
    a = param("a", 25, grid=[20, 25, 30, 35])
    n = param("n", 40, grid=[10, 20, 30, 40])
    adx, bands = ADX(14).adx, BBANDS(20, 2.5)
    trended, ranged = at_entry(adx) > a, at_entry(adx) <= a
    return Strategy(
        id="adx_switch",
        title="ADX switch",
        family="composite",
        idea="Follow n-bar breaks while ADX is high, fade the bands while it is low; a trade keeps its own exits.",
        source="practice",
        timeframe="1h",
        long_entry=((adx > a) & (close > highest(high, n)[1])) | ((adx < a - 5) & (close < bands.lower)),
        long_exit=(trended & (close < lowest(low, 10)[1])) | (ranged & (close > bands.middle)),
        short_entry=((adx > a) & (close < lowest(low, n)[1])) | ((adx < a - 5) & (close > bands.upper)),
        short_exit=(trended & (close > highest(high, 10)[1])) | (ranged & (close < bands.middle)),
        stop=3 * ATR(14),
    )


def _vote_of_five() -> Strategy:
    s = param("s", 5, grid=[3, 5])
    e = param("e", -1, grid=[-1, 1])
    scale = param("scale", 1, grid=[0.5, 1, 1.5, 2])
    di = ADX(14 * scale)
    score = (
        sign(SMA(10 * scale) - SMA(50 * scale))
        + sign(SMA(10 * scale) - DONCHIAN(20 * scale).middle)
        + sign(MACD(12 * scale, 26 * scale, 9).line)
        + sign(di.plus - di.minus)
        + sign(SMA(10 * scale) - close[100 * scale])
    )
    return Strategy(
        id="vote_of_five",
        title="Vote of five trend rules",
        family="composite",
        idea="Five trend rules vote; take the side of a clear majority and leave when it is lost.",
        source="practice",
        timeframe="1h",
        long_entry=score >= s,
        long_exit=score <= e,
        short_entry=score <= -s,
        short_exit=score >= -e,
    )


def _efficiency_switch() -> Strategy:
    n = param("n", 20, grid=[10, 20, 40, 60])
    hi = param("hi", 0.5, grid=[0.4, 0.5])
    lo = param("lo", 0.1, grid=[0.1, 0.15])
    er = EFFICIENCY(n)
    between = (er > lo) & (er < hi)
    return Strategy(
        id="efficiency_switch",
        title="Efficiency-ratio switch",
        family="composite",
        idea="Follow the move of n bars while it is efficient, buy RSI(2) dips while it is not, else stay flat.",
        source="Kaufman (efficiency ratio); rule: practice",
        timeframe="1h",
        long_entry=((er > hi) & (close > close[n])) | ((er < lo) & (RSI(2) < 5)),
        long_exit=between | ((er < lo) & (RSI(2) > 70)),
        short_entry=((er > hi) & (close < close[n])) | ((er < lo) & (RSI(2) > 95)),
        short_exit=between | ((er < lo) & (RSI(2) < 30)),
        stop=3 * ATR(14),
    )


def _variance_ratio_sign() -> Strategy:
    q = param("q", 4, grid=[2, 4, 8, 16])
    n = param("n", 60, grid=[60, 100])
    d = param("d", 0.05, grid=[0.05, 0.1])
    ratio, moved = VARIANCE_RATIO(q, n), close - close[q]
    side = where(ratio > 1 + d, moved, where(ratio < 1 - d, -moved, 0))
    return Strategy(
        id="variance_ratio_sign",
        title="Variance-ratio sign",
        family="composite",
        idea="Follow a large move of q bars where variance grows faster than time, fade it where it grows slower.",
        source="Lo & MacKinlay 1988; rule: practice",
        timeframe="15m",
        long_entry=side > 1.5 * sqrt(q) * ATR(14),
        short_entry=side < -1.5 * sqrt(q) * ATR(14),
        time_stop=q,
    )


def _blend_of_horizons() -> Strategy:
    scale = param("scale", 0.75, grid=[0.25, 0.5, 0.75, 1])
    x = param("x", 0.75, grid=[0.25, 0.5, 0.75, 1])
    price = log(close)
    usual = stdev(price - price[1], 50)
    past_1 = price[20 * scale]
    past_2 = past_1[40 * scale]
    past_3 = past_2[60 * scale]
    past_4 = past_3[120 * scale]
    blend = 0.25 * (
        _capped((price - past_1) / (usual * sqrt(20 * scale)))
        + _capped((price - past_2) / (usual * sqrt(60 * scale)))
        + _capped((price - past_3) / (usual * sqrt(120 * scale)))
        + _capped((price - past_4) / (usual * sqrt(240 * scale)))
    )
    calm = HV(20) < quantile(HV(20), 60, 0.9)
    return Strategy(
        id="blend_of_horizons",
        title="Blend of horizons",
        family="composite",
        idea="The mean of four returns, each in units of its own risk, is clearly positive and the market is calm.",
        source="Baltas & Kosowski (trend blends); rule: practice",
        timeframe="1h",
        long_entry=(blend > x) & calm,
        long_exit=blend < 0.5 * x,
        short_entry=(blend < -x) & calm,
        short_exit=blend > -0.5 * x,
        trail=5 * ATR(14),
    )


def _break_or_failed() -> Strategy:
    n = param("n", 80, grid=[30, 40, 60, 80])
    m = param("m", 2, grid=[2, 3, 5, 8])
    ceiling, floor_ = highest(high, n)[1], lowest(low, n)[1]
    up, down = close > ceiling, close < floor_
    return Strategy(
        id="break_or_failed",
        title="Break or failed break of one box",
        family="composite",
        idea="Enter with a close outside the n-bar box; if price is back inside within m bars, take the other side.",
        source="practice",
        timeframe="15m",
        long_entry=up | (within(down, m) & (close > value_at(down, floor_, m))),
        short_entry=down | (within(up, m) & (close < value_at(up, ceiling, m))),
        trail=3 * ATR(14),
    )


def _zscore_sum() -> Strategy:
    n = param("n", 20, grid=[20, 30, 40, 60])
    s = param("s", 3.5, grid=[2, 2.5, 3, 3.5])
    momentum = _capped(ZSCORE(40, source=close - close[n]))
    stretch = _capped(ZSCORE(40, source=close - SMA(10)))
    flow = _capped(ZSCORE(40, source=OBV(n)))
    score = momentum - stretch + flow
    return Strategy(
        id="zscore_sum",
        title="Weighted z-score sum",
        family="composite",
        idea="Momentum and volume flow are high and price is not stretched from its average: buy until it evens out.",
        source="practice",
        timeframe="1h",
        long_entry=score > s,
        long_exit=score < 0,
        short_entry=score < -s,
        short_exit=score > 0,
        stop=4 * ATR(14),
    )


STRATEGIES = (
    _adx_switch(),
    _vote_of_five(),
    _efficiency_switch(),
    _variance_ratio_sign(),
    _blend_of_horizons(),
    _break_or_failed(),
    _zscore_sum(),
)
