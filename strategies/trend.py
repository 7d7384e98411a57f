"""Trend following: take the side of a lasting move and stay until it turns. Averages and lines drawn from them."""

from __future__ import annotations

from functools import reduce

from engine.rules.api import (
    ADX,
    ATR,
    EMA,
    ICHIMOKU,
    KAMA,
    MACD,
    SAR,
    SMA,
    SUPERTREND,
    TRIX,
    Expression,
    Strategy,
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
    param,
    rising,
    stdev,
    within,
)

fast = param("fast", 20, grid=[5, 10, 20, 30])
slow = param("slow", 100, grid=[50, 100, 150, 200])
sma_cross = Strategy(
    id="sma_cross",
    title="Dual moving-average cross",
    family="trend",
    idea="Long when the fast average crosses above the slow one, short when below; always in the market.",
    source="Brock, Lakonishok & LeBaron 1992",
    timeframe="15m",
    long_entry=crosses_above(SMA(fast), SMA(slow)),
    short_entry=crosses_below(SMA(fast), SMA(slow)),
    requires=fast < slow,
)

fast = param("fast", 5, grid=[2, 5])
slow = param("slow", 100, grid=[50, 100, 150, 200])
band = param("band", 0.2, grid=[0.1, 0.2, 0.4])
sma_dead_band = Strategy(
    id="sma_dead_band",
    title="Average cross with dead band",
    family="trend",
    idea="Long once the fast average stands a band of so many percent above the slow one, flat when it is back inside.",
    source="Brock, Lakonishok & LeBaron 1992",
    timeframe="1h",
    long_entry=SMA(fast) > SMA(slow) * (1 + band / 100),
    long_exit=SMA(fast) < SMA(slow) * (1 + band / 100),
    short_entry=SMA(fast) < SMA(slow) * (1 - band / 100),
    short_exit=SMA(fast) > SMA(slow) * (1 - band / 100),
)

slow = param("slow", 200, grid=[50, 100, 150, 200])
hold = param("hold", 10, grid=[5, 10, 15, 20])
sma_cross_hold = Strategy(
    id="sma_cross_hold",
    title="Average cross, fixed hold",
    family="trend",
    idea="Enter when the close crosses the slow average and leave after a fixed number of bars, whatever happens.",
    source="Brock, Lakonishok & LeBaron 1992",
    timeframe="1h",
    long_entry=crosses_above(close, SMA(slow)),
    short_entry=crosses_below(close, SMA(slow)),
    time_stop=hold,
)

shortest = param("near", 8, grid=[4, 5, 8])
middle = param("middle", 21, grid=[9, 13, 21])
longest = param("far", 55, grid=[34, 55])
three_averages = Strategy(
    id="three_averages",
    title="Three-average stack",
    family="trend",
    idea="Enter when short, middle and long average first stand in order, leave when the short one falls out of it.",
    source="Allen 1972, in Murphy 1999",
    timeframe="15m",
    long_entry=(SMA(shortest) > SMA(middle)) & (SMA(middle) > SMA(longest)),
    long_exit=SMA(shortest) < SMA(middle),
    short_entry=(SMA(shortest) < SMA(middle)) & (SMA(middle) < SMA(longest)),
    short_exit=SMA(shortest) > SMA(middle),
)

n = param("n", 50, grid=[20, 50, 100, 200])
m = param("m", 5, grid=[2, 3, 5, 8])
average = EMA(n)
ema_slope = Strategy(
    id="ema_slope",
    title="Average slope turn",
    family="trend",
    idea="Long when the average has risen several bars in a row under the close, out when it has fallen as long.",
    source="practice",
    timeframe="15m",
    long_entry=rising(average, m) & (close > average),
    long_exit=falling(average, m),
    short_entry=falling(average, m) & (close < average),
    short_exit=rising(average, m),
    trail=4 * ATR(14),
)

n = param("n", 14, grid=[10, 14, 20, 30])
f = param("f", 1.5, grid=[0.1, 0.5, 1, 1.5])
adaptive = KAMA(n, 2, 30)
turn = f * stdev(adaptive - adaptive[1], 20)
kama_filter = Strategy(
    id="kama_filter",
    title="Adaptive average with filter",
    family="trend",
    idea="Long when the adaptive average has risen off its latest low by a share of its usual change; short mirrored.",
    source="Kaufman, Trading Systems and Methods, 1995",
    timeframe="15m",
    long_entry=adaptive > lowest(adaptive, 5) + turn,
    short_entry=adaptive < highest(adaptive, 5) - turn,
    stop=4 * ATR(14),
)

n = param("n", 14, grid=[7, 14, 20, 28])
adx_floor = param("adx_floor", 20, grid=[15, 20, 25, 30])
dm = ADX(n)
strong = (dm.adx > adx_floor) & rising(dm.adx, 2)
dmi_cross = Strategy(
    id="dmi_cross",
    title="Directional movement cross",
    family="trend",
    idea="After +DI and -DI have crossed, with ADX over a floor and rising, enter by stop order at the bar's extreme.",
    source="Wilder 1978",
    timeframe="15m",
    long_entry=within(crosses_above(dm.plus, dm.minus), 10) & (dm.plus > dm.minus) & strong,
    long_exit=dm.plus < dm.minus,
    short_entry=within(crosses_below(dm.plus, dm.minus), 10) & (dm.plus < dm.minus) & strong,
    short_exit=dm.plus > dm.minus,
    long_entry_stop=high,
    short_entry_stop=low,
    entry_valid=3,
)

step = param("step", 0.02, grid=[0.02, 0.03, 0.04, 0.06, 0.08])
most = param("most", 0.2, grid=[0.1, 0.15, 0.2, 0.3])
parabolic_sar = Strategy(
    id="parabolic_sar",
    title="Parabolic stop-and-reverse",
    family="trend",
    idea="Be on the side of the parabolic line and turn when price touches it.",
    source="Wilder 1978",
    timeframe="1h",
    long_entry=SAR(step, most).side > 0,
    short_entry=SAR(step, most).side < 0,
)

n = param("n", 10, grid=[7, 10, 14, 21])
k = param("k", 3, grid=[1.5, 2, 3, 4])
supertrend_flip = Strategy(
    id="supertrend_flip",
    title="Supertrend flip",
    family="trend",
    idea="Be on the side of a line that follows price at some average true ranges and ratchets; turn when it flips.",
    source="Seban, about 2008",
    timeframe="1h",
    long_entry=SUPERTREND(n, k).side > 0,
    short_entry=SUPERTREND(n, k).side < 0,
)

n = param("n", 60, grid=[20, 40, 60, 100])
k = param("k", 3, grid=[2, 3, 4, 5])
chandelier_close = Strategy(
    id="chandelier_close",
    title="High close with chandelier exit",
    family="trend",
    idea="Enter on the most extreme close of n bars and trail a stop from the best price since the entry.",
    source="Le Beau, in Elder 2002",
    timeframe="15m",
    long_entry=close > highest(close, n)[1],
    short_entry=close < lowest(close, n)[1],
    trail=k * ATR(22),
)

near_base = param("s", 3, grid=[3, 4, 5, 7])
far_base = param("l", 30, grid=[30, 36, 45, 60])
near: list[Expression] = [EMA(near_base + d) for d in (0, 2, 5, 7, 9, 12)]
far: list[Expression] = [EMA(far_base + d) for d in (0, 5, 10, 15, 20, 30)]
guppy = Strategy(
    id="guppy",
    title="Guppy group separation",
    family="trend",
    idea="Long when all six short averages stand above all six long ones, out when the groups overlap again.",
    source="Guppy 2004",
    timeframe="15m",
    long_entry=reduce(min_, near) > reduce(max_, far),
    long_exit=reduce(min_, near) < reduce(max_, far),
    short_entry=reduce(max_, near) < reduce(min_, far),
    short_exit=reduce(max_, near) > reduce(min_, far),
    stop=4 * ATR(14),
)

tenkan = param("tenkan", 9, grid=[7, 9, 12, 18])
kijun = param("kijun", 26, grid=[22, 26, 34, 60])
kinko = ICHIMOKU(tenkan, kijun, 2 * kijun)
ichimoku_cross = Strategy(
    id="ichimoku_cross",
    title="Tenkan/Kijun cross outside the cloud",
    family="trend",
    idea="Long when Tenkan crosses above Kijun with the close over the cloud, out when the close falls under Kijun.",
    source="Hosoda 1969",
    timeframe="15m",
    long_entry=crosses_above(kinko.tenkan, kinko.kijun) & (close > max_(kinko.span_a, kinko.span_b)),
    long_exit=close < kinko.kijun,
    short_entry=crosses_below(kinko.tenkan, kinko.kijun) & (close < min_(kinko.span_a, kinko.span_b)),
    short_exit=close > kinko.kijun,
    stop=3 * ATR(14),
)

kijun = param("kijun", 26, grid=[18, 22, 26, 34])
senkou = param("senkou", 52, grid=[40, 52, 78, 104])
kinko = ICHIMOKU(9, kijun, senkou)
cloud_break = Strategy(
    id="cloud_break",
    title="Cloud break with lagging line",
    family="trend",
    idea="Long when the close leaves the cloud upwards and stands above the close of one displacement ago.",
    source="Hosoda 1969",
    timeframe="15m",
    long_entry=crosses_above(close, max_(kinko.span_a, kinko.span_b)) & (close > close[kijun]),
    long_exit=close < min_(kinko.span_a, kinko.span_b),
    short_entry=crosses_below(close, min_(kinko.span_a, kinko.span_b)) & (close < close[kijun]),
    short_exit=close > max_(kinko.span_a, kinko.span_b),
)

fast = param("fast", 12, grid=[6, 8, 12, 16])
slow = param("slow", 35, grid=[26, 35, 50, 80])
line = MACD(fast, slow, 9).line
macd_zero = Strategy(
    id="macd_zero",
    title="MACD zero line",
    family="trend",
    idea="Long while the MACD line is above zero, short while it is below, with a trailing stop.",
    source="Appel 1979",
    timeframe="15m",
    long_entry=crosses_above(line, 0),
    long_exit=crosses_below(line, 0),
    short_entry=crosses_below(line, 0),
    short_exit=crosses_above(line, 0),
    trail=5 * ATR(14),
)

n = param("n", 12, grid=[9, 12, 18, 30])
signal = param("signal", 9, grid=[5, 9, 13, 20])
trix = TRIX(n, signal)
trix_signal = Strategy(
    id="trix_signal",
    title="TRIX signal",
    family="trend",
    idea="Long when TRIX crosses above its signal while above zero, out when it crosses back.",
    source="Hutson 1983",
    timeframe="15m",
    long_entry=crosses_above(trix.line, trix.signal) & (trix.line > 0),
    long_exit=trix.line < trix.signal,
    short_entry=crosses_below(trix.line, trix.signal) & (trix.line < 0),
    short_exit=trix.line > trix.signal,
)

STRATEGIES = (
    sma_cross,
    sma_dead_band,
    sma_cross_hold,
    three_averages,
    ema_slope,
    kama_filter,
    dmi_cross,
    parabolic_sar,
    supertrend_flip,
    chandelier_close,
    guppy,
    ichimoku_cross,
    cloud_break,
    macd_zero,
    trix_signal,
)
