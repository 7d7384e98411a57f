"""Breakout: levels that others watch, of the day, the week, the last swing points and round numbers."""

from __future__ import annotations

from engine.rules.api import (
    ALLIGATOR,
    ATR,
    PIVOTS,
    SMA,
    Strategy,
    bar_of_day,
    bars_since,
    becomes,
    close,
    crosses_above,
    crosses_below,
    day_high,
    day_low,
    day_open,
    exp,
    floor,
    high,
    highest,
    hour,
    log,
    low,
    lowest,
    max_,
    min_,
    open_,
    param,
    pivot_high,
    pivot_low,
    prev_day_close,
    prev_day_high,
    prev_day_low,
    prev_week_high,
    prev_week_low,
    session,
    sqrt,
    tf,
    time_between,
    value_at,
    week_high,
    week_low,
    within,
)

EVENING = time_between(20, 24)

n = param("n", 10, grid=[5, 10, 15, 20])
k = param("k", 1.5, grid=[0.75, 1, 1.5, 2])
stretch = tf(24, SMA(n, source=min_(open_ - low, high - open_)))
opening_stretch = Strategy(
    id="opening_stretch",
    title="Opening-range stretch",
    family="breakout",
    idea="From London's open, stop orders a multiple of the usual smaller swing off the open; out in the evening.",
    source="Crabel 1990",
    timeframe="1h",
    long_entry=becomes(session("london")),
    long_exit=EVENING,
    short_entry=becomes(session("london")),
    short_exit=EVENING,
    long_entry_stop=max_(high, open_ + k * stretch),
    short_entry_stop=min_(low, open_ - k * stretch),
    entry_valid=8,
    stop=2 * ATR(14),
)

f = param("f", 0.4, grid=[0.25, 0.4, 0.6, 0.8])
h = param("h", 12, grid=[6, 12, 18, 30])
day_range = prev_day_high - prev_day_low
range_from_open = Strategy(
    id="range_from_open",
    title="Range fraction from the open",
    family="breakout",
    idea="Stop orders at the day's open plus and minus a share of yesterday's range; out after some bars.",
    source="Larry Williams 1999",
    timeframe="1h",
    long_entry=bar_of_day < 1,
    short_entry=bar_of_day < 1,
    long_entry_stop=max_(high, day_open + f * day_range),
    short_entry_stop=min_(low, day_open - f * day_range),
    entry_valid=20,
    stop=0.5 * day_range,
    time_stop=h,
)

n = param("n", 4, grid=[2, 4, 6, 10])
a = param("a", 0.5, grid=[0.3, 0.5, 0.7, 0.9])
base = tf(24, max_(highest(high, n) - lowest(close, n), highest(close, n) - lowest(low, n))) / sqrt(n)
dual_thrust = Strategy(
    id="dual_thrust",
    title="Dual Thrust",
    family="breakout",
    idea="Trade the close that leaves the day's open by a share of the last days' range; flat in the evening.",
    source="Chalek (1980s), as known in practice",
    timeframe="1h",
    long_entry=crosses_above(close, day_open + a * base) & ~EVENING,
    long_exit=EVENING,
    short_entry=crosses_below(close, day_open - a * base) & ~EVENING,
    short_exit=EVENING,
)

f = param("f", 0.35, grid=[0.25, 0.35, 0.45, 0.55])
g = param("g", 0.25, grid=[0.15, 0.25, 0.35, 0.5])
sell_setup = prev_day_high + f * (prev_day_close - prev_day_low)
buy_setup = prev_day_low - f * (prev_day_high - prev_day_close)
sell_enter = 0.535 * (prev_day_high + prev_day_low) - 0.07 * prev_day_low
buy_enter = 0.535 * (prev_day_high + prev_day_low) - 0.07 * prev_day_high
beyond = g * (sell_setup - buy_setup)
r_breaker = Strategy(
    id="r_breaker",
    title="R-Breaker levels",
    family="breakout",
    idea="Trade the break of a far level of yesterday's ladder, or the return from a nearer one; flat in the evening.",
    source="Saidenberg (1990s), as known in practice",
    timeframe="15m",
    long_entry=(crosses_above(close, sell_setup + beyond) | ((day_low < buy_setup) & crosses_above(close, buy_enter)))
    & ~EVENING,
    long_exit=EVENING,
    short_entry=(
        crosses_below(close, buy_setup - beyond) | ((day_high > sell_setup) & crosses_below(close, sell_enter))
    )
    & ~EVENING,
    short_exit=EVENING,
    stop=4 * ATR(14),
)

x = param("x", 48, grid=[24, 36, 48, 64])
b = param("b", 0.1, grid=[0, 0.1, 0.25, 0.5])
inside_open = (day_open < prev_day_high) & (day_open > prev_day_low) & (bar_of_day <= x)
prev_day_mid = (prev_day_high + prev_day_low) / 2
prev_day_break = Strategy(
    id="prev_day_break",
    title="Previous-day extreme by the hour",
    family="breakout",
    idea="A close beyond yesterday's extreme early in a day that opened inside; out at yesterday's middle or at night.",
    source="practice",
    timeframe="15m",
    long_entry=crosses_above(close, prev_day_high + b * ATR(14)) & inside_open,
    long_exit=(close < prev_day_mid) | EVENING,
    short_entry=crosses_below(close, prev_day_low - b * ATR(14)) & inside_open,
    short_exit=(close > prev_day_mid) | EVENING,
)

b = param("b", 0.25, grid=[0, 0.25, 0.5, 1])
k = param("k", 2, grid=[1, 1.5, 2, 3])
week_mid = (prev_week_high + prev_week_low) / 2
prev_week_break = Strategy(
    id="prev_week_break",
    title="Previous-week range",
    family="breakout",
    idea="A close over last week's high in a week that kept above last week's middle; out at that middle or a stop.",
    source="practice",
    timeframe="1h",
    long_entry=crosses_above(close, prev_week_high + b * ATR(14)) & (week_low > week_mid),
    long_exit=close < week_mid,
    short_entry=crosses_below(close, prev_week_low - b * ATR(14)) & (week_high < week_mid),
    short_exit=close > week_mid,
    trail=(k + 2) * ATR(14),
    stop=k * ATR(14),
)

t = param("t", 0, grid=[0, 0.5, 1])
b = param("b", 0.1, grid=[0, 0.1, 0.4])
latest = param("latest", 18, grid=[10, 14, 18])
ladder = PIVOTS()
pivot_ladder = Strategy(
    id="pivot_ladder",
    title="Floor-pivot ladder break",
    family="breakout",
    idea="After a close over the pivot buy the break of the first resistance for the next, stop at the pivot.",
    source="practice (floor-trader pivots)",
    timeframe="15m",
    long_entry=crosses_above(close, ladder.r1 + b * ATR(14)) & (prev_day_close > ladder.p) & (hour < latest),
    short_entry=crosses_below(close, ladder.s1 - b * ATR(14)) & (prev_day_close < ladder.p) & (hour < latest),
    long_stop=close - ladder.p,
    short_stop=ladder.p - close,
    long_target=max_(ladder.r2 + t * (ladder.r3 - ladder.r2) - close, ATR(14)),
    short_target=max_(close - ladder.s2 - t * (ladder.s3 - ladder.s2), ATR(14)),
)

k = param("k", 5, grid=[2, 3, 4, 5])
teeth = param("teeth", 8, grid=[8, 13, 21, 34])
jaws = ALLIGATOR(teeth + 5, teeth, 5).teeth
fractal_teeth = Strategy(
    id="fractal_teeth",
    title="Fractal over the teeth",
    family="breakout",
    idea="A new up fractal above the Alligator's teeth: buy by stop at it, out under the latest down fractal.",
    source="Bill Williams 1995",
    timeframe="15m",
    long_entry=pivot_high(k, k) & (high[k] > jaws) & (close > jaws),
    long_exit=close < value_at(pivot_low(k, k), low[k], 100),
    short_entry=pivot_low(k, k) & (low[k] < jaws) & (close < jaws),
    short_exit=close > value_at(pivot_high(k, k), high[k], 100),
    long_entry_stop=high[k],
    short_entry_stop=low[k],
    entry_valid=8,
)

n = param("n", 20, grid=[20, 40, 60])
m = param("m", 10, grid=[5, 10, 20])
r = param("r", 1.5, grid=[1.5, 3])
up = crosses_above(close, highest(high, n)[1])
down = crosses_below(close, lowest(low, n)[1])
roof = value_at(up, highest(high, n)[1], m)
ground = value_at(down, lowest(low, n)[1], m)
near = 0.25 * ATR(14)
break_retest = Strategy(
    id="break_retest",
    title="Break, retest, go",
    family="breakout",
    idea="After a channel break that came back to its level and held, enter when a close passes the bar before.",
    source="practice",
    timeframe="15m",
    long_entry=within((low < roof + near) & (bars_since(up, m) > 0), 3) & (close > high[1]) & (lowest(close, 3) > roof),
    short_entry=within((high > ground - near) & (bars_since(down, m) > 0), 3)
    & (close < low[1])
    & (highest(close, 3) < ground),
    long_stop=close - roof + ATR(14),
    short_stop=ground - close + ATR(14),
    long_target=r * (close - roof + ATR(14)),
    short_target=r * (ground - close + ATR(14)),
)

p = param("p", 5, grid=[2, 3, 5, 8])
k = param("k", 2, grid=[1, 1.5, 2, 3])
peak = pivot_high(p, p)
trough = pivot_low(p, p)
peak_1 = value_at(peak, high[p], 100)
peak_2 = value_at(peak, high[p], 100, 2)
trough_1 = value_at(trough, low[p], 100)
trough_2 = value_at(trough, low[p], 100, 2)
peak_slope = (peak_1 - peak_2) / value_at(peak, bars_since(peak, 100)[1] + 1, 100)
trough_slope = (trough_1 - trough_2) / value_at(trough, bars_since(trough, 100)[1] + 1, 100)
falling_line = peak_1 + peak_slope * (bars_since(peak, 100) + p)
rising_line = trough_1 + trough_slope * (bars_since(trough, 100) + p)
trendline_break = Strategy(
    id="trendline_break",
    title="Two-point trendline break",
    family="breakout",
    idea="The close crosses the line through the last two falling swing highs: aim as far up as price had been under.",
    source="DeMark 1994",
    timeframe="15m",
    long_entry=(peak_1 < peak_2) & crosses_above(close, falling_line),
    short_entry=(trough_1 > trough_2) & crosses_below(close, rising_line),
    stop=k * ATR(14),
    long_target=max_(peak_1 - lowest(low, 20), ATR(14)),
    short_target=max_(highest(high, 20) - trough_1, ATR(14)),
)

g = param("g", 0.01, grid=[0.0025, 0.005, 0.01, 0.02])
m = param("m", 20, grid=[5, 10, 20, 40])
decade = exp(floor(log(close) / 2.302585093) * 2.302585093)
under = floor(close / (g * decade)) * (g * decade)
round_number = Strategy(
    id="round_number",
    title="Round-number break",
    family="breakout",
    idea="The first close beyond a round price after some closes on the other side; aim at the next round price.",
    source="Osler 2003 (stop-loss clusters); rule: practice",
    timeframe="15m",
    long_entry=highest(close, m)[1] < under,
    short_entry=lowest(close, m)[1] > under + g * decade,
    stop=3 * ATR(14),
    target=g * decade,
)

STRATEGIES = (
    opening_stretch,
    range_from_open,
    dual_thrust,
    r_breaker,
    prev_day_break,
    prev_week_break,
    pivot_ladder,
    fractal_teeth,
    break_retest,
    trendline_break,
    round_number,
)
