"""Mean reversion: what went too far comes back. Short-term oscillators, counts of bars and bands."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    BBANDS,
    CRSI,
    EMA,
    PERCENT_B,
    RSI,
    SMA,
    STOCH,
    STOCHRSI,
    ZSCORE,
    Strategy,
    always,
    bars_since,
    close,
    count,
    crosses_above,
    crosses_below,
    falling,
    high,
    highest,
    low,
    lowest,
    max_,
    min_,
    param,
    rising,
    sum_,
    value_at,
    where,
    within,
)

_bull, _bear = close > SMA(200), close < SMA(200)


def _rsi2_dip() -> Strategy:
    x = param("x", 5, grid=[2, 5, 10, 15])
    m = param("m", 5, grid=[3, 5, 8, 10])
    return Strategy(
        id="rsi2_dip",
        title="RSI(2) dip in the trend",
        family="mean reversion",
        idea="In an uptrend buy a close on which the two-bar RSI is extreme; leave on a close over a short average.",
        source="Connors & Alvarez 2009",
        timeframe="1h",
        long_entry=_bull & (RSI(2) < x),
        long_exit=close > SMA(m),
        short_entry=_bear & (RSI(2) > 100 - x),
        short_exit=close < SMA(m),
    )


def _cumulative_rsi() -> Strategy:
    k = param("k", 3, grid=[2, 3, 4, 5])
    x = param("x", 15, grid=[10, 15, 20, 25])
    return Strategy(
        id="cumulative_rsi",
        title="Cumulative RSI",
        family="mean reversion",
        idea="In an uptrend buy when the two-bar RSI summed over some bars is low; leave when it has recovered.",
        source="Connors & Alvarez 2009",
        timeframe="1h",
        long_entry=_bull & (sum_(RSI(2), k) < k * x),
        long_exit=RSI(2) > 65,
        short_entry=_bear & (sum_(100 - RSI(2), k) < k * x),
        short_exit=RSI(2) < 35,
        stop=4 * ATR(14),
    )


def _seven_in_seven_out() -> Strategy:
    n = param("n", 20, grid=[7, 10, 14, 20])
    m = param("m", 7, grid=[3, 5, 7, 10])
    return Strategy(
        id="seven_in_seven_out",
        title="Seven in, seven out",
        family="mean reversion",
        idea="In an uptrend buy the lowest close of n bars and sell the highest close of m bars.",
        source="Connors & Alvarez 2009 (Double Sevens)",
        timeframe="1h",
        long_entry=_bull & (close <= lowest(close, n)),
        long_exit=close >= highest(close, m),
        short_entry=_bear & (close >= highest(close, n)),
        short_exit=close <= lowest(close, m),
    )


def _rsi_falling_run() -> Strategy:
    k = param("k", 3, grid=[2, 3, 4, 5])
    x = param("x", 7, grid=[2, 4, 7, 10])
    return Strategy(
        id="rsi_falling_run",
        title="RSI falling several bars",
        family="mean reversion",
        idea="The two-bar RSI fell k bars in a row from under 60 to an extreme in an uptrend; leave above 70.",
        source="Connors & Alvarez 2009 (High Probability ETF Trading)",
        timeframe="15m",
        long_entry=_bull & falling(RSI(2), k) & (RSI(2)[k] < 60) & (RSI(2) < x),
        long_exit=RSI(2) > 70,
        short_entry=_bear & rising(RSI(2), k) & (RSI(2)[k] > 40) & (RSI(2) > 100 - x),
        short_exit=RSI(2) < 30,
        stop=3 * ATR(14),
    )


def _many_down_closes() -> Strategy:
    n = param("n", 6, grid=[4, 5, 6, 7])
    spared = param("spared", 1, grid=[0, 1])
    trend = param("trend", 200, grid=[100, 200])
    return Strategy(
        id="many_down_closes",
        title="Many down closes in few bars",
        family="mean reversion",
        idea="All but a few of the last n closes were down in an uptrend; leave on a close over the five-bar average.",
        source="Connors & Alvarez 2009 (High Probability ETF Trading)",
        timeframe="1h",
        long_entry=(count(close < close[1], n) >= n - spared) & (close > SMA(trend)) & (close < SMA(5)),
        long_exit=close > SMA(5),
        short_entry=(count(close > close[1], n) >= n - spared) & (close < SMA(trend)) & (close > SMA(5)),
        short_exit=close < SMA(5),
    )


def _low_in_band_run() -> Strategy:
    x = param("x", 0.2, grid=[0.1, 0.15, 0.2, 0.25])
    k = param("k", 3, grid=[2, 3])
    sd = param("sd", 1.5, grid=[1, 1.5])
    band = PERCENT_B(5, sd)
    return Strategy(
        id="low_in_band_run",
        title="Several bars at the low of the band",
        family="mean reversion",
        idea="The %b of five bars stays low for k bars in an uptrend; leave when it is high.",
        source="Connors & Alvarez 2009 (High Probability ETF Trading)",
        timeframe="1h",
        long_entry=_bull & always(band < x, k),
        long_exit=band > 0.8,
        short_entry=_bear & always(band > 1 - x, k),
        short_exit=band < 0.2,
        stop=3 * ATR(14),
    )


def _staircase() -> Strategy:
    k = param("k", 3, grid=[2, 3, 4, 5])
    m = param("m", 5, grid=[3, 5, 8, 10])
    return Strategy(
        id="staircase",
        title="Staircase of lower highs and lows",
        family="mean reversion",
        idea="Several bars in a row make a lower high and a lower low in an uptrend: buy; leave over a short average.",
        source="Connors & Alvarez 2009 (High Probability ETF Trading)",
        timeframe="1h",
        long_entry=_bull & always((high < high[1]) & (low < low[1]), k) & (close < SMA(5)),
        long_exit=close > SMA(m),
        short_entry=_bear & always((high > high[1]) & (low > low[1]), k) & (close > SMA(5)),
        short_exit=close < SMA(m),
        stop=3 * ATR(14),
    )


def _connors_rsi() -> Strategy:
    x = param("x", 10, grid=[5, 10, 15, 20])
    d = param("d", 0.25, grid=[0, 0.25, 0.5, 0.75])
    return Strategy(
        id="connors_rsi",
        title="ConnorsRSI extreme, bid below",
        family="mean reversion",
        idea="Where ConnorsRSI is extreme, bid a part of ATR under the close; leave when it has recovered.",
        source="Connors, Alvarez & Radtke 2012; distance in ATR in place of percent",
        timeframe="1h",
        long_entry=CRSI(3, 2, 100) < x,
        long_exit=CRSI(3, 2, 100) > 70,
        long_entry_limit=close - d * ATR(14),
        short_entry=CRSI(3, 2, 100) > 100 - x,
        short_exit=CRSI(3, 2, 100) < 30,
        short_entry_limit=close + d * ATR(14),
        entry_valid=2,
    )


def _back_inside_band() -> Strategy:
    n = param("n", 20, grid=[15, 20, 30, 50])
    k = param("k", 2.25, grid=[1.75, 2, 2.25, 2.5])
    bands = BBANDS(n, k)
    return Strategy(
        id="back_inside_band",
        title="Back inside the Bollinger band",
        family="mean reversion",
        idea="The close before was under the lower band, this one is over it: buy; leave at the middle or in n bars.",
        source="practice",
        timeframe="15m",
        long_entry=crosses_above(close, bands.lower),
        long_exit=close > bands.middle,
        short_entry=crosses_below(close, bands.upper),
        short_exit=close < bands.middle,
        time_stop=n,
    )


def _band_w_bottom() -> Strategy:
    n = param("n", 20, grid=[10, 15, 20, 30])
    wait = param("wait", 40, grid=[20, 30, 40, 60, 90])
    bands = BBANDS(n, 2)
    under, over = low < bands.lower, high > bands.upper
    rallied = bars_since(high > bands.middle, wait) < bars_since(under, wait)
    fell = bars_since(low < bands.middle, wait) < bars_since(over, wait)
    second_low = rallied & (low < value_at(under, low, wait)) & (low > bands.lower)
    second_high = fell & (high > value_at(over, high, wait)) & (high < bands.upper)
    return Strategy(
        id="band_w_bottom",
        title="W bottom at the band",
        family="mean reversion",
        idea="A first low under the band, a rally, a second lower low inside the band, then a close over five highs.",
        source="Bollinger 2001 (Method III)",
        timeframe="15m",
        long_entry=(bars_since(second_low, wait) < bars_since(under, wait)) & (close > highest(high, 5)[1]),
        long_exit=high > bands.upper,
        short_entry=(bars_since(second_high, wait) < bars_since(over, wait)) & (close < lowest(low, 5)[1]),
        short_exit=low < bands.lower,
        long_stop=close - lowest(low, 10) + 0.5 * ATR(14),
        short_stop=highest(high, 10) - close + 0.5 * ATR(14),
    )


def _rsi_reversion() -> Strategy:
    n = param("n", 14, grid=[7, 10, 14, 21])
    level = param("level", 30, grid=[20, 25, 30, 35])
    return Strategy(
        id="rsi_reversion",
        title="RSI leaves the extreme",
        family="mean reversion",
        idea="Long when RSI crosses up through the low level, out when it crosses down through 50 or the high level.",
        source="Wilder 1978",
        timeframe="15m",
        long_entry=crosses_above(RSI(n), level),
        long_exit=crosses_below(RSI(n), 50) | crosses_below(RSI(n), 100 - level),
        short_entry=crosses_below(RSI(n), 100 - level),
        short_exit=crosses_above(RSI(n), 50) | crosses_above(RSI(n), level),
        stop=3 * ATR(14),
    )


def _stochastic_low_cross() -> Strategy:
    n = param("n", 14, grid=[5, 9, 14, 21])
    z = param("z", 15, grid=[10, 15, 20, 25])
    k, d = STOCH(n, 3, 3).k, STOCH(n, 3, 3).d
    return Strategy(
        id="stochastic_low_cross",
        title="Stochastic cross in the low zone",
        family="mean reversion",
        idea="The %K line crosses above %D while both are low: buy; leave when it crosses below it in the high zone.",
        source="Lane 1984",
        timeframe="15m",
        long_entry=crosses_above(k, d) & (max_(k, d) < z),
        long_exit=crosses_below(k, d) & (d > 100 - z),
        short_entry=crosses_below(k, d) & (min_(k, d) > 100 - z),
        short_exit=crosses_above(k, d) & (d < z),
        stop=3 * ATR(14),
    )


def _zscore_two_thresholds() -> Strategy:
    n = param("n", 50, grid=[20, 30, 50, 100])
    a = param("a", 2, grid=[1.5, 2, 2.5])
    b = param("b", 0.5, grid=[0, 0.5])
    z = ZSCORE(n)
    return Strategy(
        id="zscore_two_thresholds",
        title="Z-score with two thresholds",
        family="mean reversion",
        idea="Buy a close far under its mean in standard deviations; leave nearer to the mean, or when it goes on.",
        source="practice (idea: Chan 2013)",
        timeframe="1h",
        long_entry=z < -a,
        long_exit=(z > -b) | (z < -a - 1),
        short_entry=z > a,
        short_exit=(z < b) | (z > a + 1),
    )


def _internal_bar_strength() -> Strategy:
    x = param("x", 0.1, grid=[0.05, 0.1, 0.15, 0.2])
    y = param("y", 0.75, grid=[0.5, 0.6, 0.75, 0.9])
    place = where(high > low, (close - low) / (high - low), 0.5)
    wide = high - low > 1.5 * ATR(14)[1]
    return Strategy(
        id="internal_bar_strength",
        title="Internal bar strength",
        family="mean reversion",
        idea="A wide bar closes near its low and under the close before: buy; leave on a close high in its bar.",
        source="Pagonidis 2013; wide bars only: practice",
        timeframe="1h",
        long_entry=(place < x) & (close < close[1]) & wide,
        long_exit=place > y,
        short_entry=(place > 1 - x) & (close > close[1]) & wide,
        short_exit=place < 1 - y,
        time_stop=5,
    )


def _stochrsi_gate() -> Strategy:
    n = param("n", 14, grid=[8, 14, 21, 28])
    x = param("x", 10, grid=[5, 10, 15, 20])
    s = STOCHRSI(n, n, 1, 1).k
    return Strategy(
        id="stochrsi_gate",
        title="Stochastic of RSI with a trend gate",
        family="mean reversion",
        idea="StochRSI was at the bottom two bars ago at most and now crosses up while the average rises.",
        source="Chande & Kroll 1994",
        timeframe="15m",
        long_entry=within(s < x, 3) & crosses_above(s, 50 - x) & rising(SMA(100), 1),
        long_exit=s > 95,
        short_entry=within(s > 100 - x, 3) & crosses_below(s, 50 + x) & falling(SMA(100), 1),
        short_exit=s < 5,
        stop=2 * ATR(14),
    )


def _band_pass_stochastic() -> Strategy:
    slow = param("slow", 48, grid=[40, 48, 60, 80])
    fast = param("fast", 10, grid=[8, 10, 14, 20])
    wave = EMA(fast) - EMA(slow)
    s = (wave - lowest(wave, 40)) / (highest(wave, 40) - lowest(wave, 40))
    return Strategy(
        id="band_pass_stochastic",
        title="Stochastic of the band-passed price",
        family="mean reversion",
        idea="The stochastic of price without its slow and fast parts crosses up through 0.2; leave down through 0.8.",
        source="Ehlers 2013 (roofing filter), with exponential averages in place of his filters",
        timeframe="15m",
        long_entry=crosses_above(s, 0.2),
        long_exit=crosses_below(s, 0.8),
        short_entry=crosses_below(s, 0.8),
        short_exit=crosses_above(s, 0.2),
        trail=4 * ATR(14),
    )


STRATEGIES = (
    _rsi2_dip(),
    _cumulative_rsi(),
    _seven_in_seven_out(),
    _rsi_falling_run(),
    _many_down_closes(),
    _low_in_band_run(),
    _staircase(),
    _connors_rsi(),
    _back_inside_band(),
    _band_w_bottom(),
    _rsi_reversion(),
    _stochastic_low_cross(),
    _zscore_two_thresholds(),
    _internal_bar_strength(),
    _stochrsi_gate(),
    _band_pass_stochastic(),
)
