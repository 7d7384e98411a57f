"""Volume at single bars and within the session: climaxes, dry pullbacks, and the volume-weighted price of the day."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    SMA,
    TRANGE,
    VWAP,
    Strategy,
    always,
    bar_of_day,
    close,
    crosses_above,
    crosses_below,
    day_open,
    falling,
    high,
    highest,
    highest_age,
    log,
    low,
    lowest,
    lowest_age,
    open_,
    param,
    rank,
    rising,
    run_length,
    stdev,
    value_at,
    volume,
)

_usual = SMA(20, source=volume)
_new_day = bar_of_day < 1


def _vwap_band_fade() -> Strategy:
    k = param("k", 1.75, grid=[1, 1.25, 1.5, 1.75, 2])
    m = param("m", 12, grid=[4, 12, 28, 48])
    value, below, above = VWAP().value, VWAP().lower, VWAP().upper
    return Strategy(
        id="vwap_band_fade",
        title="Session VWAP band fade",
        family="volume",
        idea="Some bars into the day the close is far under the volume-weighted price and turns up: buy back to it.",
        source="practice",
        timeframe="15m",
        long_entry=(bar_of_day >= m) & (close < value - k * (value - below)) & (close > open_),
        long_exit=(close > value) | _new_day,
        short_entry=(bar_of_day >= m) & (close > value + k * (above - value)) & (close < open_),
        short_exit=(close < value) | _new_day,
        stop=3 * ATR(14),
    )


def _vwap_reclaim() -> Strategy:
    m = param("m", 2, grid=[1, 2, 3, 5])
    f = param("f", 1, grid=[0.8, 1, 1.25, 1.5])
    value = VWAP().value
    reclaimed, lost = crosses_above(close, value), crosses_below(close, value)
    return Strategy(
        id="vwap_reclaim",
        title="VWAP reclaimed and held",
        family="volume",
        idea="The day opened under its volume-weighted price, price crossed it on volume and held it m bars: buy.",
        source="practice",
        timeframe="15m",
        long_entry=(day_open < value)
        & (run_length(close > value, 20) >= m)
        & (value_at(reclaimed, volume / _usual, 20) > f),
        long_exit=(close < value) | _new_day,
        short_entry=(day_open > value)
        & (run_length(close < value, 20) >= m)
        & (value_at(lost, volume / _usual, 20) > f),
        short_exit=(close > value) | _new_day,
    )


def _vwap_bounce() -> Strategy:
    m = param("m", 5, grid=[3, 5, 8, 12])
    d = param("d", 0.5, grid=[0.25, 0.5, 0.75, 1])
    value = VWAP().value
    return Strategy(
        id="vwap_bounce",
        title="Bounce off the volume-weighted price",
        family="volume",
        idea="Price has stayed over the volume-weighted price of the day, touches it and closes up: buy.",
        source="Shannon 2023; practice",
        timeframe="15m",
        long_entry=always(close > value, m) & (low < value + 0.1 * ATR(14)) & (close > open_),
        long_exit=close < value - d * ATR(14),
        short_entry=always(close < value, m) & (high > value - 0.1 * ATR(14)) & (close < open_),
        short_exit=close > value + d * ATR(14),
        trail=3 * ATR(14),
    )


def _selling_climax() -> Strategy:
    n = param("n", 40, grid=[20, 40, 60, 100])
    k = param("k", 1.5, grid=[1.25, 1.5, 1.75, 2])
    climax = (volume >= highest(volume, n)) & (TRANGE() > k * ATR(14)[1])
    return Strategy(
        id="selling_climax",
        title="Selling climax",
        family="volume",
        idea="The heaviest volume of n bars, a wide bar and a new low, but a close in the upper half: buy.",
        source="Wyckoff tradition; practice",
        timeframe="15m",
        long_entry=climax & (low <= lowest(low, 20)) & (close > low + 0.4 * (high - low)),
        short_entry=climax & (high >= highest(high, 20)) & (close < high - 0.4 * (high - low)),
        long_stop=close - low + 0.1 * ATR(14),
        short_stop=high - close + 0.1 * ATR(14),
        long_target=2 * (close - low) + ATR(14),
        short_target=2 * (high - close) + ATR(14),
    )


def _dry_pullback() -> Strategy:
    f = param("f", 0.9, grid=[0.7, 0.8, 0.9, 1])
    n = param("n", 20, grid=[5, 10, 20, 40])
    dry = (highest(volume, 2)[1] < f * _usual[1]) & (volume > SMA(3, source=volume)[1])
    return Strategy(
        id="dry_pullback",
        title="Dry pullback",
        family="volume",
        idea="In an uptrend price falls back for some bars on small volume, then closes up on more: buy.",
        source="practice",
        timeframe="15m",
        long_entry=rising(SMA(50), 3) & dry & (highest_age(high, 10)[1] >= 2) & (close > high[1]),
        long_exit=close > highest(high, n)[1],
        short_entry=falling(SMA(50), 3) & dry & (lowest_age(low, 10)[1] >= 2) & (close < low[1]),
        short_exit=close < lowest(low, n)[1],
        long_stop=close - lowest(low, 5) + 0.25 * ATR(14),
        short_stop=highest(high, 5) - close + 0.25 * ATR(14),
    )


def _high_volume_premium() -> Strategy:
    n = param("n", 50, grid=[30, 50, 100])
    q = param("q", 10, grid=[5, 10])
    h = param("h", 10, grid=[5, 10, 20])
    return Strategy(
        id="high_volume_premium",
        title="High-volume premium",
        family="volume",
        idea="Volume ranks very high among the last n bars while the bar itself is ordinary: be long for h bars.",
        source="Gervais, Kaniel & Mingelgrin 2001",
        timeframe="1h",
        direction="long",
        long_entry=(rank(volume, n) > 1 - q / 100) & (high - low < 1.5 * ATR(14)[1]),
        time_stop=h,
    )


def _heavy_falls_revert() -> Strategy:
    k = param("k", 2, grid=[1.3, 1.6, 2, 2.5])
    h = param("h", 5, grid=[2, 3, 5, 10])
    moved = log(close / close[1])
    fell, rose = moved < -1.5 * stdev(moved, 20), moved > 1.5 * stdev(moved, 20)
    heavy, light = volume > k * _usual, volume < _usual / k
    return Strategy(
        id="heavy_falls_revert",
        title="Heavy falls revert, light falls go on",
        family="volume",
        idea="A large move on heavy volume is faded, one on light volume followed, for h bars.",
        source="Campbell, Grossman & Wang 1993; rule: practice",
        timeframe="15m",
        long_entry=(fell & heavy) | (rose & light),
        short_entry=(rose & heavy) | (fell & light),
        time_stop=h,
    )


STRATEGIES = (
    _vwap_band_fade(),
    _vwap_reclaim(),
    _vwap_bounce(),
    _selling_climax(),
    _dry_pullback(),
    _high_volume_premium(),
    _heavy_falls_revert(),
)
