"""Trend following: rules that measure a trend's strength, smoothness or structure before they follow it."""

from __future__ import annotations

from engine.rules.api import (
    ALLIGATOR,
    AROON,
    ATR,
    DEMA,
    EMA,
    HEIKIN_ASHI,
    HMA,
    LINREG,
    MACD,
    SMA,
    TEMA,
    VORTEX,
    Expression,
    Strategy,
    always,
    close,
    crosses_above,
    crosses_below,
    falling,
    high,
    highest,
    log,
    low,
    lowest,
    param,
    pivot_high,
    pivot_low,
    reversal,
    rising,
    value_at,
)

n = param("n", 28, grid=[14, 21, 28, 34])
valid = param("valid", 3, grid=[1, 3, 5, 10])
vortex = VORTEX(n)
vortex_cross = Strategy(
    id="vortex_cross",
    title="Vortex cross at the extreme point",
    family="trend",
    idea="Enter by stop at the extreme of the bar on which the vortex lines cross, out when they cross back.",
    source="Botes & Siepman 2010",
    timeframe="1h",
    long_entry=crosses_above(vortex.plus, vortex.minus),
    long_exit=crosses_below(vortex.plus, vortex.minus),
    short_entry=crosses_below(vortex.plus, vortex.minus),
    short_exit=crosses_above(vortex.plus, vortex.minus),
    long_entry_stop=high,
    short_entry_stop=low,
    entry_valid=valid,
)

n = param("n", 25, grid=[14, 25, 50, 100])
u = param("u", 70, grid=[60, 70, 80, 90])
aroon = AROON(n)
aroon_dominance = Strategy(
    id="aroon_dominance",
    title="Aroon dominance",
    family="trend",
    idea="Long when the last high is recent and the last low is old, out when the high has aged.",
    source="Chande 1995",
    timeframe="15m",
    long_entry=(aroon.up > u) & (aroon.down < 100 - u),
    long_exit=aroon.up < 50,
    short_entry=(aroon.down > u) & (aroon.up < 100 - u),
    short_exit=aroon.down < 50,
)

n = param("n", 20, grid=[14, 20, 40, 60])
r = param("r", 0.6, grid=[0.3, 0.45, 0.6, 0.75])
fit = LINREG(n)
regression_fit = Strategy(
    id="regression_fit",
    title="Regression slope with fit test",
    family="trend",
    idea="Follow the slope of the regression line once it explains most of the movement, out when the fit has halved.",
    source="Chande & Kroll 1994",
    timeframe="15m",
    long_entry=(fit.slope > 0) & (fit.r2 > r),
    long_exit=(fit.slope < 0) | (fit.r2 < r / 2),
    short_entry=(fit.slope < 0) & (fit.r2 > r),
    short_exit=(fit.slope > 0) | (fit.r2 < r / 2),
)

n = param("n", 16, grid=[9, 16, 25, 49])
m = param("m", 100, grid=[50, 100, 150, 200])
hull = HMA(n)
hull_turn = Strategy(
    id="hull_turn",
    title="Hull average turn with the trend",
    family="trend",
    idea="Enter when the Hull average turns to the side of the long average that price is on, out when it turns back.",
    source="Hull 2005",
    timeframe="15m",
    long_entry=(hull > hull[1]) & (hull[1] < hull[2]) & (close > SMA(m)),
    long_exit=hull < hull[1],
    short_entry=(hull < hull[1]) & (hull[1] > hull[2]) & (close < SMA(m)),
    short_exit=hull > hull[1],
)

fast = param("fast", 12, grid=[8, 12, 16, 21])
slow = param("slow", 30, grid=[30, 50, 80, 120])
dema_tema = Strategy(
    id="dema_tema",
    title="Less-lag average cross",
    family="trend",
    idea="Long when the fast double average crosses above the slow triple one with both rising, out on two falls.",
    source="Mulloy 1994",
    timeframe="15m",
    long_entry=crosses_above(DEMA(fast), TEMA(slow)) & rising(DEMA(fast), 1) & rising(TEMA(slow), 1),
    long_exit=falling(DEMA(fast), 2),
    short_entry=crosses_below(DEMA(fast), TEMA(slow)) & falling(DEMA(fast), 1) & falling(TEMA(slow), 1),
    short_exit=rising(DEMA(fast), 2),
    stop=2.5 * ATR(14),
)

n = param("n", 39, grid=[19, 27, 39, 65])
f = param("f", 0.35, grid=[0, 0.2, 0.35, 0.5])
# Ehlers' filter has a double pole at 1 - a, a = 2 / (n + 1): two averages in a row of its fir part. The trigger
# 2 it - it[2] is above it where it > it[2]; the factor common to both is left out.
mid = (high + low) / 2
fir = (1 - 0.5 / (n + 1)) * mid + 1 / (n + 1) * mid[1] - (1 - 1.5 / (n + 1)) * mid[2]
itrend = EMA(n, source=EMA(n, source=fir))
instantaneous_trend = Strategy(
    id="instantaneous_trend",
    title="Instantaneous trendline trigger",
    family="trend",
    idea="When the trigger crosses the instantaneous trendline, enter by a limit order some of the bar's range better.",
    source="Ehlers 2004",
    timeframe="15m",
    long_entry=crosses_above(itrend, itrend[2]),
    short_entry=crosses_below(itrend, itrend[2]),
    long_entry_limit=close - f * (high - low),
    short_entry_limit=close + f * (high - low),
    entry_valid=3,
    stop=4 * ATR(14),
)

near = param("near", 14, grid=[10, 14, 19, 28])
far = param("far", 48, grid=[38, 48, 60, 96])
bend = close - 2 * close[1] + close[2]


def high_pass(length: Expression) -> Expression:
    """Two-pole high-pass of the close; length: bars of the averages, about 0.45 of the cut-off period."""
    return length * length * EMA(length, source=EMA(length, source=bend))


decycler = Strategy(
    id="decycler",
    title="Decycler oscillator sign",
    family="trend",
    idea="Follow the sign of what lies between two high-pass filters: the trend without the cycles.",
    source="Ehlers 2013",
    timeframe="15m",
    long_entry=crosses_above(high_pass(far + 1), high_pass(near + 1)),
    short_entry=crosses_below(high_pass(far + 1), high_pass(near + 1)),
    stop=4 * ATR(14),
)

m = param("m", 5, grid=[2, 3, 4, 5])
x = param("x", 0.3, grid=[0.2, 0.3, 0.4, 0.5])
ha = HEIKIN_ASHI()
heikin_run = Strategy(
    id="heikin_run",
    title="Heikin-Ashi run",
    family="trend",
    idea="Enter after several averaged candles of one colour, the last without a wick against it; out on one against.",
    source="Valcu 2004",
    timeframe="15m",
    long_entry=always(ha.close > ha.open, m) & (ha.low >= ha.open) & (ha.close[m] < ha.open[m]),
    long_exit=ha.open - ha.close > x * (ha.high - ha.low),
    short_entry=always(ha.close < ha.open, m) & (ha.high <= ha.open) & (ha.close[m] > ha.open[m]),
    short_exit=ha.close - ha.open > x * (ha.high - ha.low),
)

n = param("n", 34, grid=[8, 13, 21, 34])
f = param("f", 24, grid=[9, 12, 18, 24])
impulse = MACD(f, 2 * f + 2, 9).histogram
impulse_colour = Strategy(
    id="impulse_colour",
    title="Impulse colour",
    family="trend",
    idea="Long when average and MACD histogram begin to rise together, out as soon as both fall.",
    source="Elder 2002",
    timeframe="1h",
    long_entry=rising(EMA(n), 3) & rising(impulse, 3),
    long_exit=falling(EMA(n), 1) & falling(impulse, 1),
    short_entry=falling(EMA(n), 3) & falling(impulse, 3),
    short_exit=rising(EMA(n), 1) & rising(impulse, 1),
    stop=2 * ATR(14),
)

n = param("n", 13, grid=[8, 13, 21, 34])
m = param("m", 5, grid=[3, 5, 8, 13])
bear = low - EMA(n)
bull = high - EMA(n)
elder_ray = Strategy(
    id="elder_ray",
    title="Elder-Ray pullback",
    family="trend",
    idea="In a rising average buy when the bears' power shrinks below zero, out when the bulls' peaks get lower.",
    source="Elder 1993",
    timeframe="1h",
    long_entry=rising(EMA(n), 3) & (bear < 0) & (bear > bear[1]),
    long_exit=(highest(bull, m) < highest(bull, m)[m]) | (EMA(n) < EMA(n)[1]),
    short_entry=falling(EMA(n), 3) & (bull > 0) & (bull < bull[1]),
    short_exit=(lowest(bear, m) > lowest(bear, m)[m]) | (EMA(n) > EMA(n)[1]),
    stop=2 * ATR(14),
)

jaw = param("jaw", 21, grid=[13, 21, 34, 55])
m = param("m", 4, grid=[1, 2, 3, 4])
mouth = ALLIGATOR(jaw, 8, 5)
alligator_mouth = Strategy(
    id="alligator_mouth",
    title="Alligator's mouth opens",
    family="trend",
    idea="Enter when lips, teeth and jaw stand in order and spread for some bars, out when price is past the teeth.",
    source="Bill Williams 1995",
    timeframe="1h",
    long_entry=(mouth.lips > mouth.teeth) & (mouth.teeth > mouth.jaw) & rising(mouth.lips - mouth.jaw, m),
    long_exit=close < mouth.teeth,
    short_entry=(mouth.lips < mouth.teeth) & (mouth.teeth < mouth.jaw) & falling(mouth.lips - mouth.jaw, m),
    short_exit=close > mouth.teeth,
)

n = param("n", 14, grid=[7, 10, 14, 21])
k = param("k", 3, grid=[2, 2.5, 3, 4])
volatility_system = Strategy(
    id="volatility_system",
    title="Volatility stop-and-reverse",
    family="trend",
    idea="Always in: turn when the close is some average true ranges off its best close since the last turn.",
    source="Wilder 1978",
    timeframe="15m",
    long_entry=reversal(close, k * ATR(n), k * ATR(n)) > 0,
    short_entry=reversal(close, k * ATR(n), k * ATR(n)) < 0,
)

p = param("p", 3, grid=[2, 3, 5, 8])
buffer = param("buffer", 0.25, grid=[0, 0.25, 0.5, 1])
peak = pivot_high(p, p)
trough = pivot_low(p, p)
last_peak = value_at(peak, high[p], 150)
last_trough = value_at(trough, low[p], 150)
swing_structure = Strategy(
    id="swing_structure",
    title="Swing structure",
    family="trend",
    idea="Long when both last swing points are higher and the close passes the swing high, out under the swing low.",
    source="Dow theory",
    timeframe="15m",
    long_entry=(last_peak > value_at(peak, high[p], 150, 2))
    & (last_trough > value_at(trough, low[p], 150, 2))
    & (close > last_peak + buffer * ATR(14)),
    long_exit=close < last_trough,
    short_entry=(last_trough < value_at(trough, low[p], 150, 2))
    & (last_peak < value_at(peak, high[p], 150, 2))
    & (close < last_trough - buffer * ATR(14)),
    short_exit=close > last_peak,
    stop=3 * ATR(14),
)

x = param("x", 1, grid=[0.25, 0.5, 1, 2])
y = param("y", 1, grid=[0.25, 0.5, 1, 2])
filter_side = reversal(log(close), log(1 + x / 100), -log(1 - y / 100))
percent_filter = Strategy(
    id="percent_filter",
    title="Percentage filter rule",
    family="trend",
    idea="Long when the close has risen x percent off its low since the turn, short when it has fallen y off its high.",
    source="Alexander 1961; Fama & Blume 1966",
    timeframe="1h",
    long_entry=filter_side > 0,
    short_entry=filter_side < 0,
)

STRATEGIES = (
    vortex_cross,
    aroon_dominance,
    regression_fit,
    hull_turn,
    dema_tema,
    instantaneous_trend,
    decycler,
    heikin_run,
    impulse_colour,
    elder_ray,
    alligator_mouth,
    volatility_system,
    swing_structure,
    percent_filter,
)
