"""Breakout: act when the price leaves the range or the bands it has kept to."""

from __future__ import annotations

from engine.rules.api import (
    ADX,
    ATR,
    BANDWIDTH,
    BBANDS,
    DONCHIAN,
    KELTNER,
    SMA,
    Strategy,
    always,
    bars_since,
    becomes,
    close,
    crosses_above,
    crosses_below,
    falling,
    high,
    highest,
    highest_age,
    low,
    lowest,
    lowest_age,
    param,
    rising,
    run_length,
    value_at,
    within,
)

n = param("n", 20, grid=[10, 20, 40, 55])
m = param("m", 20, grid=[10, 20, 40, 55])
channel_reversal = Strategy(
    id="channel_reversal",
    title="Four-week channel, always in",
    family="breakout",
    idea="Long on a close over the n-bar channel, reverse on a close under the m-bar one; never flat.",
    source="Donchian 1960",
    timeframe="15m",
    long_entry=close > DONCHIAN(n).upper[1],
    short_entry=close < DONCHIAN(m).lower[1],
)

n = param("n", 55, grid=[40, 55, 80, 100])
m = param("m", 20, grid=[10, 20])
risk = param("risk", 2, grid=[1.5, 2, 3])
turtle_slow = Strategy(
    id="turtle_slow",
    title="Turtle slow system",
    family="breakout",
    idea="Enter on a close beyond the n-bar channel, leave beyond the shorter one on the other side.",
    source="Turtle rules (Dennis/Eckhardt), Faith 2007; on closes in place of resting stop orders",
    timeframe="15m",
    long_entry=crosses_above(close, highest(high, n)[1]),
    long_exit=close < lowest(low, m)[1],
    short_entry=crosses_below(close, lowest(low, n)[1]),
    short_exit=close > highest(high, m)[1],
    stop=risk * ATR(20),
)

n = param("n", 16, grid=[16, 20, 24, 30])
size = param("size", 1.5, grid=[1, 1.5, 2, 3])
up = crosses_above(close, highest(high, n)[1])
down = crosses_below(close, lowest(low, n)[1])
up_failed = low < value_at(up, close, 150) - size * ATR(20)
down_failed = high > value_at(down, close, 150) + size * ATR(20)
turtle_fast = Strategy(
    id="turtle_fast",
    title="Turtle fast system with skip filter",
    family="breakout",
    idea="Take a break of the n-bar channel only when the break before it would have lost its stop.",
    source="Turtle rules (Dennis/Eckhardt), Faith 2007",
    timeframe="15m",
    long_entry=up & (bars_since(up_failed, 150)[1] < bars_since(up, 150)[1]),
    long_exit=close < lowest(low, n / 2)[1],
    short_entry=down & (bars_since(down_failed, 150)[1] < bars_since(down, 150)[1]),
    short_exit=close > highest(high, n / 2)[1],
    stop=2 * ATR(20),
)

n = param("n", 30, grid=[10, 20, 30, 50])
k = param("k", 2, grid=[1, 1.5, 2, 2.5])
typical = SMA(n, source=(high + low + close) / 3)
keltner_break = Strategy(
    id="keltner_break",
    title="Keltner band break",
    family="breakout",
    idea="Enter when the close leaves the average of typical price by some average ranges, out back at that average.",
    source="Keltner 1960",
    timeframe="15m",
    long_entry=crosses_above(close, typical + k * SMA(n, source=high - low)),
    long_exit=crosses_below(close, typical),
    short_entry=crosses_below(close, typical - k * SMA(n, source=high - low)),
    short_exit=crosses_above(close, typical),
)

n = param("n", 20, grid=[15, 20, 30, 40])
m = param("m", 90, grid=[60, 90, 125, 180])
width = BANDWIDTH(n, 2)
tight = within(width <= lowest(width, m), 5)
squeeze_break = Strategy(
    id="squeeze_break",
    title="Bandwidth squeeze break",
    family="breakout",
    idea="After the tightest bands in a long while enter on a close outside; out at the other band or the trail.",
    source="Bollinger 2001 (Method I)",
    timeframe="15m",
    long_entry=tight & (close > BBANDS(n, 2).upper),
    long_exit=low < BBANDS(n, 2).lower,
    short_entry=tight & (close < BBANDS(n, 2).lower),
    short_exit=high > BBANDS(n, 2).upper,
    trail=4 * ATR(14),
)

m = param("m", 30, grid=[7, 14, 20, 30])
h = param("h", 5, grid=[2, 3, 5, 8])
narrow = high - low <= lowest(high - low, m)
narrow_range = Strategy(
    id="narrow_range",
    title="Narrowest-range break",
    family="breakout",
    idea="Orders at both ends of the narrowest bar of a while, for the next bar only; its other end is the stop.",
    source="Crabel 1990",
    timeframe="5m",
    long_entry=narrow,
    short_entry=narrow,
    long_entry_stop=high,
    short_entry_stop=low,
    stop=high - low,
    time_stop=h,
)

m = param("m", 14, grid=[5, 7, 10, 14])
k = param("k", 2, grid=[1, 1.5, 2, 3])
coiled = (high < high[1]) & (low > low[1]) & (high - low <= lowest(high - low, m))
inside_narrow = Strategy(
    id="inside_narrow",
    title="Inside bar plus narrow range",
    family="breakout",
    idea="Orders round an inside bar that is also the narrowest of a while; whichever fills is trailed.",
    source="Connors & Raschke 1995",
    timeframe="5m",
    long_entry=coiled,
    short_entry=coiled,
    long_entry_stop=high[1],
    short_entry_stop=low[1],
    entry_valid=3,
    trail=k * ATR(14),
)

m = param("m", 5, grid=[3, 4, 5, 8])
look = param("look", 100, grid=[50, 100, 150, 200])
ceiling_set = highest_age(high, look) >= m
floor_set = lowest_age(low, 2 * m) >= m
ceiling = value_at(becomes(ceiling_set), highest(high, look), 200)
box_floor = value_at(becomes(floor_set), lowest(low, 2 * m), 200)
box_ceiling = Strategy(
    id="box_ceiling",
    title="Box ceiling",
    family="breakout",
    idea="A new high that held is a ceiling and the low that held after it a floor: long over the ceiling.",
    source="Darvas 1960",
    timeframe="15m",
    direction="long",
    long_entry=crosses_above(close, ceiling)
    & (bars_since(becomes(floor_set), 200) < bars_since(becomes(ceiling_set), 200)),
    long_exit=close < box_floor,
    stop=3 * ATR(14),
)

m = param("m", 5, grid=[3, 5, 8, 12])
k = param("k", 1.5, grid=[1, 1.25, 1.5, 2])
keltner = KELTNER(20, 20, k)
squeezed = (BBANDS(20, 2).upper < keltner.upper) & (BBANDS(20, 2).lower > keltner.lower)
released = ~squeezed & (run_length(squeezed, 20)[1] >= m)
push = close - (DONCHIAN(20).middle + SMA(20)) / 2
squeeze_release = Strategy(
    id="squeeze_release",
    title="Squeeze release",
    family="breakout",
    idea="When Bollinger bands leave the Keltner channel after some bars inside, trade with the momentum of that bar.",
    source="Carter 2005",
    timeframe="15m",
    long_entry=released & (push > 0),
    long_exit=falling(push, 2),
    short_entry=released & (push < 0),
    short_exit=rising(push, 2),
)

n = param("n", 100, grid=[100, 150, 200, 250])
q = param("q", 1, grid=[0.5, 1, 1.5, 2])
behind = (highest(high, n) - close) / ATR(14)
near_high = Strategy(
    id="near_high",
    title="Near the long-term high",
    family="breakout",
    idea="Long when price comes within a few true ranges of its long-term high, out when it falls well away from it.",
    source="George & Hwang 2004",
    timeframe="1h",
    direction="long",
    long_entry=crosses_below(behind, q),
    long_exit=crosses_above(behind, q + 5),
)

x = param("x", 20, grid=[15, 18, 20, 25])
n = param("n", 20, grid=[10, 20])
m = param("m", 5, grid=[5, 10])
calm = run_length(ADX(14).adx < x, 20)[1] >= m
low_adx_break = Strategy(
    id="low_adx_break",
    title="Break out of low ADX",
    family="breakout",
    idea="After ADX has lain under a level for some bars, enter on the n-bar channel break; trail it.",
    source="practice",
    timeframe="15m",
    long_entry=calm & (close > highest(high, n)[1]),
    long_exit=(ADX(14).adx[1] > 30) & (ADX(14).adx < ADX(14).adx[1]),
    short_entry=calm & (close < lowest(low, n)[1]),
    short_exit=(ADX(14).adx[1] > 30) & (ADX(14).adx < ADX(14).adx[1]),
    trail=2.5 * ATR(14),
)

m = param("m", 8, grid=[4, 6, 8, 12])
c = param("c", 1.25, grid=[0.75, 1, 1.25, 1.5])
top = highest(close, m)[1]
bottom = lowest(close, m)[1]
quiet = top - bottom < c * ATR(20)
tight_closes = Strategy(
    id="tight_closes",
    title="Tight-closes coil",
    family="breakout",
    idea="When the last closes lie close together, enter on a close well outside; the coil sets stop and target.",
    source="practice",
    timeframe="15m",
    long_entry=quiet & (close > top + 0.5 * ATR(20)),
    short_entry=quiet & (close < bottom - 0.5 * ATR(20)),
    long_stop=close - bottom,
    short_stop=top - close,
    long_target=2 * (close - bottom),
    short_target=2 * (top - close),
)

n = param("n", 100, grid=[50, 100, 150, 200])
b = param("b", 0.05, grid=[0, 0.05, 0.1, 0.2])
range_break_hold = Strategy(
    id="range_break_hold",
    title="Trading-range break, fixed hold",
    family="breakout",
    idea="Enter when the close leaves the range of n closes by a band and leave ten bars later.",
    source="Brock, Lakonishok & LeBaron 1992",
    timeframe="1h",
    long_entry=close > highest(close, n)[1] * (1 + b / 100),
    short_entry=close < lowest(close, n)[1] * (1 - b / 100),
    time_stop=10,
)

n = param("n", 20, grid=[10, 20, 40, 80])
f = param("f", 1.5, grid=[1, 1.5, 2, 3])
swing = (high - low) / ((high + low) / 2)
upper = SMA(n, source=high * (1 + f * swing))
lower = SMA(n, source=low * (1 - f * swing))
acceleration_bands = Strategy(
    id="acceleration_bands",
    title="Acceleration-band run",
    family="breakout",
    idea="Two closes in a row outside the acceleration bands begin a run; the first close back inside ends it.",
    source="Headley 2002",
    timeframe="15m",
    long_entry=always(close > upper, 2),
    long_exit=close < upper,
    short_entry=always(close < lower, 2),
    short_exit=close > lower,
)

STRATEGIES = (
    channel_reversal,
    turtle_slow,
    turtle_fast,
    keltner_break,
    squeeze_break,
    narrow_range,
    inside_narrow,
    box_ceiling,
    squeeze_release,
    near_high,
    low_adx_break,
    tight_closes,
    range_break_hold,
    acceleration_bands,
)
