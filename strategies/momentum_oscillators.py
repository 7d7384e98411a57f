"""Momentum: oscillators that show when strength sets in."""

from __future__ import annotations

from engine.rules.api import (
    AO,
    ATR,
    CCI,
    CMO,
    COPPOCK,
    EMA,
    KST,
    RVGI,
    SMA,
    STC,
    STOCH,
    TSI,
    ULTOSC,
    Strategy,
    close,
    crosses_above,
    crosses_below,
    falling,
    high,
    highest,
    low,
    lowest,
    open_,
    param,
    pivot_high,
    pivot_low,
    rising,
    value_at,
    within,
)

scale = param("scale", 2, grid=[1, 2, 3, 4])
signal = param("signal", 9, grid=[5, 9, 13, 20])
kst = KST(scale, signal)
know_sure_thing = Strategy(
    id="know_sure_thing",
    title="Know Sure Thing",
    family="momentum",
    idea="Follow the weighted sum of four smoothed rates of change across its own average.",
    source="Pring 1992",
    timeframe="15m",
    long_entry=crosses_above(kst.line, kst.signal),
    short_entry=crosses_below(kst.line, kst.signal),
    stop=3 * ATR(14),
)

n = param("n", 20, grid=[9, 14, 20, 30])
x = param("x", 50, grid=[10, 20, 30, 50])
cmo = CMO(n)
cmo_threshold = Strategy(
    id="cmo_threshold",
    title="Chande momentum threshold",
    family="momentum",
    idea="Long when the oscillator is over a threshold and over its own average, out when it falls through zero.",
    source="Chande & Kroll 1994",
    timeframe="15m",
    long_entry=(cmo > x) & (cmo > EMA(9, source=cmo)),
    long_exit=cmo < 0,
    short_entry=(cmo < -x) & (cmo < EMA(9, source=cmo)),
    short_exit=cmo > 0,
)

r = param("r", 25, grid=[13, 20, 25, 40])
s = param("s", 7, grid=[5, 7, 9, 13])
tsi = TSI(r, s, 7)
tsi_turn = Strategy(
    id="tsi_turn",
    title="True strength turn",
    family="momentum",
    idea="Long when the true strength index crosses its signal from a trough higher than the one before.",
    source="Blau 1995",
    timeframe="15m",
    long_entry=crosses_above(tsi.line, tsi.signal) & (lowest(tsi.line, 10) > lowest(tsi.line, 20)[10]),
    long_exit=tsi.line < tsi.signal,
    short_entry=crosses_below(tsi.line, tsi.signal) & (highest(tsi.line, 10) < highest(tsi.line, 20)[10]),
    short_exit=tsi.line > tsi.signal,
)

n = param("n", 30, grid=[14, 20, 30, 50])
x = param("x", 150, grid=[50, 100, 150, 200])
cci_hundred = Strategy(
    id="cci_hundred",
    title="CCI beyond 100",
    family="momentum",
    idea="Be in while the commodity channel index is beyond its level.",
    source="Lambert 1980",
    timeframe="1h",
    long_entry=crosses_above(CCI(n), x),
    long_exit=CCI(n) < x,
    short_entry=crosses_below(CCI(n), -x),
    short_exit=CCI(n) > -x,
)

n = param("n", 21, grid=[8, 14, 21, 34])
level = param("level", 80, grid=[70, 75, 80, 85])
stoch = STOCH(n, 3, 3)
stochastic_pop = Strategy(
    id="stochastic_pop",
    title="Stochastic pop",
    family="momentum",
    idea="A high stochastic is strength: enter as it passes the level, out when it crosses its average or the level.",
    source="Bernstein (stochastic pop); details: practice",
    timeframe="15m",
    long_entry=crosses_above(stoch.k, level),
    long_exit=(stoch.k < stoch.d) | (stoch.k < level),
    short_entry=crosses_below(stoch.k, 100 - level),
    short_exit=(stoch.k > stoch.d) | (stoch.k > 100 - level),
    stop=2 * ATR(14),
)

base = param("base", 7, grid=[5, 7, 9, 14])
level = param("level", 40, grid=[35, 40, 45, 50])
ult = ULTOSC(base, 2 * base, 4 * base)
dip = pivot_low(3, 3)
rise = pivot_high(3, 3)
ultimate_divergence = Strategy(
    id="ultimate_divergence",
    title="Ultimate Oscillator signal",
    family="momentum",
    idea="Price makes a lower low, the oscillator a higher one after being low: long when it passes its last peak.",
    source="Larry Williams 1985",
    timeframe="15m",
    long_entry=within(
        dip
        & (value_at(dip, low[3], 100) < value_at(dip, low[3], 100, 2))
        & (value_at(dip, ult[3], 100) > value_at(dip, ult[3], 100, 2))
        & (value_at(dip, ult[3], 100, 2) < level),
        15,
    )
    & (ult > highest(ult, 8)[1]),
    long_exit=(ult > 70) | (ult < 45),
    short_entry=within(
        rise
        & (value_at(rise, high[3], 100) > value_at(rise, high[3], 100, 2))
        & (value_at(rise, ult[3], 100) < value_at(rise, ult[3], 100, 2))
        & (value_at(rise, ult[3], 100, 2) > 100 - level),
        15,
    )
    & (ult < lowest(ult, 8)[1]),
    short_exit=(ult < 30) | (ult > 55),
    stop=3 * ATR(14),
)

n = param("n", 14, grid=[14, 21, 42, 63])
w = param("w", 10, grid=[6, 10, 15, 20])
coppock = COPPOCK(11, n, w)
coppock_turn = Strategy(
    id="coppock_turn",
    title="Coppock turn",
    family="momentum",
    idea="Long when the Coppock curve turns up from below zero, out when it turns down from above.",
    source="Coppock 1962",
    timeframe="1h",
    direction="long",
    long_entry=(coppock > coppock[1]) & (coppock[1] < coppock[2]) & (coppock < 0),
    long_exit=(coppock < coppock[1]) & (coppock > 0),
    stop=4 * ATR(14),
)

fast = param("fast", 8, grid=[3, 5, 8, 13])
m = param("m", 3, grid=[2, 3, 4, 5])
awesome = AO(fast, 34)
ao_saucer = Strategy(
    id="ao_saucer",
    title="Awesome Oscillator saucer",
    family="momentum",
    idea="Above zero the oscillator dips and turns up again: buy by stop over that bar, out after some falls in a row.",
    source="Bill Williams 1998",
    timeframe="15m",
    long_entry=(lowest(awesome, 3) > 0) & (awesome[2] > awesome[1]) & (awesome > awesome[1]),
    long_exit=falling(awesome, m),
    short_entry=(highest(awesome, 3) < 0) & (awesome[2] < awesome[1]) & (awesome < awesome[1]),
    short_exit=rising(awesome, m),
    long_entry_stop=high,
    short_entry_stop=low,
    entry_valid=2,
)

n = param("n", 20, grid=[6, 10, 14, 20])
m = param("m", 100, grid=[20, 50, 100, 200])
vigor = RVGI(n)
vigor_cross = Strategy(
    id="vigor_cross",
    title="Relative Vigor cross",
    family="momentum",
    idea="Closes near the bar's end mean vigour: long when the index crosses its signal on an up bar over the average.",
    source="Ehlers 2002",
    timeframe="5m",
    long_entry=crosses_above(vigor.value, vigor.signal) & (close > open_) & (close > SMA(m)),
    long_exit=crosses_below(vigor.value, vigor.signal),
    short_entry=crosses_below(vigor.value, vigor.signal) & (close < open_) & (close < SMA(m)),
    short_exit=crosses_above(vigor.value, vigor.signal),
)

cycle = param("cycle", 20, grid=[8, 10, 14, 20])
slow = param("slow", 80, grid=[35, 50, 65, 80])
schaff_cycle = Strategy(
    id="schaff_cycle",
    title="Schaff trend cycle",
    family="momentum",
    idea="Long when the double stochastic of MACD leaves its floor, out when it leaves its ceiling.",
    source="Schaff 1999",
    timeframe="15m",
    long_entry=crosses_above(STC(23, slow, cycle), 25),
    long_exit=crosses_below(STC(23, slow, cycle), 75),
    short_entry=crosses_below(STC(23, slow, cycle), 75),
    short_exit=crosses_above(STC(23, slow, cycle), 25),
    stop=3 * ATR(14),
)

n = param("n", 20, grid=[12, 16, 20, 26])
k = param("k", 3, grid=[1.5, 2, 3, 4])
quick = SMA(3) - SMA(10)
lazy = SMA(n, source=quick)
three_ten = Strategy(
    id="three_ten",
    title="First cross of the 3-10 oscillator",
    family="momentum",
    idea="The slow line has just passed zero: buy the first dip of the fast line under it when it turns up.",
    source="Raschke (3-10 oscillator); practice",
    timeframe="5m",
    long_entry=within(crosses_above(lazy, 0), 15) & (lazy > 0) & (quick[1] < lazy[1]) & (quick > quick[1]),
    long_exit=lazy < 0,
    short_entry=within(crosses_below(lazy, 0), 15) & (lazy < 0) & (quick[1] > lazy[1]) & (quick < quick[1]),
    short_exit=lazy > 0,
    target=k * ATR(14),
)

m = param("m", 6, grid=[2, 3, 4, 6])
h = param("h", 6, grid=[3, 4, 6, 8])
anti = STOCH(7, 4, 10)
stochastic_hook = Strategy(
    id="stochastic_hook",
    title="The hook of a slow stochastic",
    family="momentum",
    idea="The slow line has risen for some bars, the fast one dips against it and turns up: go with the slow one.",
    source="Connors & Raschke 1995 ('The Anti')",
    timeframe="5m",
    long_entry=rising(anti.d, m) & (anti.k > anti.k[1]) & (anti.k[1] < anti.k[2]),
    short_entry=falling(anti.d, m) & (anti.k < anti.k[1]) & (anti.k[1] > anti.k[2]),
    long_stop=close - lowest(low, 5) + 0.25 * ATR(14),
    short_stop=highest(high, 5) - close + 0.25 * ATR(14),
    time_stop=h,
)

STRATEGIES = (
    know_sure_thing,
    cmo_threshold,
    tsi_turn,
    cci_hundred,
    stochastic_pop,
    ultimate_divergence,
    coppock_turn,
    ao_saucer,
    vigor_cross,
    schaff_cycle,
    three_ten,
    stochastic_hook,
)
