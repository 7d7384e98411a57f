"""Volatility by its estimators: ranges against closes, ranks, semivariance and skewness."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    GARMAN_KLASS,
    HV,
    PARKINSON,
    SKEW,
    SMA,
    YANG_ZHANG,
    Strategy,
    close,
    crosses_above,
    crosses_below,
    log,
    max_,
    median,
    min_,
    param,
    rank,
    sum_,
    where,
)

_return = log(close / close[1])


def _range_without_progress() -> Strategy:
    n = param("n", 20, grid=[10, 20, 30, 40])
    x = param("x", 1.2, grid=[1.05, 1.1, 1.2, 1.3])
    ratio = PARKINSON(n) / HV(n)
    return Strategy(
        id="range_without_progress",
        title="Range without progress",
        family="volatility",
        idea="Bars are wide for the little that closes change: fade the move of n bars; leave at the mean.",
        source="Parkinson 1980; rule: practice",
        timeframe="15m",
        long_entry=(ratio > x) & (close < close[n]) & (close < SMA(n) - 0.5 * ATR(14)),
        long_exit=(ratio < 1) | (close > SMA(n)),
        short_entry=(ratio > x) & (close > close[n]) & (close > SMA(n) + 0.5 * ATR(14)),
        short_exit=(ratio < 1) | (close < SMA(n)),
        stop=3 * ATR(14),
    )


def _calm_trend() -> Strategy:
    m = param("m", 80, grid=[40, 60, 80, 120])
    n = param("n", 50, grid=[20, 50, 100, 200])
    calm = GARMAN_KLASS(20) < median(GARMAN_KLASS(20), m)
    return Strategy(
        id="calm_trend",
        title="Calm trend",
        family="volatility",
        idea="Be long while volatility is under its median and price over its average; out as soon as either fails.",
        source="Garman & Klass 1980; rule: practice",
        timeframe="1h",
        direction="long",
        long_entry=calm & (close > SMA(n)),
        long_exit=~calm | (close < SMA(n)),
    )


def _volatility_rank_switch() -> Strategy:
    slow = param("slow", 100, grid=[60, 100, 150, 200])
    fast = param("fast", 30, grid=[10, 20, 30, 40])
    calm = rank(YANG_ZHANG(20), 100) < 0.5
    moved = where(calm, close - close[slow], close - close[fast])
    return Strategy(
        id="volatility_rank_switch",
        title="Volatility rank chooses the horizon",
        family="volatility",
        idea="Follow the longer momentum while volatility ranks low and the shorter one while it ranks high.",
        source="Yang & Zhang 2000 (estimator); rule: practice",
        timeframe="1h",
        long_entry=moved > 5 * ATR(14),
        long_exit=moved < 0,
        short_entry=moved < -5 * ATR(14),
        short_exit=moved > 0,
        stop=4 * ATR(14),
    )


def _good_bad_variance() -> Strategy:
    n = param("n", 60, grid=[20, 40, 60, 100])
    x = param("x", 1.5, grid=[1.1, 1.25, 1.5, 2])
    up, down = max_(_return, 0), min_(_return, 0)
    ratio = sum_(up * up, n) / sum_(down * down, n)
    return Strategy(
        id="good_bad_variance",
        title="Good against bad variance",
        family="volatility",
        idea="The variance of rises outweighs that of falls: be long until they are equal; short the other way round.",
        source="Barndorff-Nielsen, Kinnebrock & Shephard 2010; rule: practice",
        timeframe="1h",
        long_entry=crosses_above(ratio, x),
        long_exit=ratio < 1,
        short_entry=crosses_below(ratio, 1 / x),
        short_exit=ratio > 1,
    )


def _skew_reversal() -> Strategy:
    n = param("n", 30, grid=[20, 30, 50, 80])
    x = param("x", 1, grid=[0.6, 1, 1.4, 1.8])
    return Strategy(
        id="skew_reversal",
        title="Realised skew reversal",
        family="volatility",
        idea="Recent returns have a long left tail: buy; a long right tail: sell; leave when the skew is gone.",
        source="Amaya et al. 2015 (there across stocks); rule: practice",
        timeframe="1h",
        long_entry=SKEW(n) < -x,
        long_exit=SKEW(n) > 0,
        short_entry=SKEW(n) > x,
        short_exit=SKEW(n) < 0,
        time_stop=30,
    )


STRATEGIES = (
    _range_without_progress(),
    _calm_trend(),
    _volatility_rank_switch(),
    _good_bad_variance(),
    _skew_reversal(),
)
