"""Multi-timeframe: the higher timeframe says which way, the base one says when. tf(4, ...) is four base bars."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    EFFICIENCY,
    EMA,
    HEIKIN_ASHI,
    ICHIMOKU,
    PERCENT_B,
    RSI,
    SMA,
    STOCH,
    SUPERTREND,
    Strategy,
    bars_since,
    becomes,
    close,
    count,
    crosses_above,
    crosses_below,
    high,
    highest,
    low,
    lowest,
    max_,
    min_,
    open_,
    param,
    tf,
    within,
)

n = param("n", 7, grid=[5, 7, 9, 14])
level = param("level", 30, grid=[20, 25, 30, 35])
# of simple averages: on a higher timeframe the exponential ones would need thousands of bars to settle
spread = SMA(12) - SMA(26)
tide = spread - SMA(9, source=spread)
wave = STOCH(n, 3, 3).k
triple_screen = Strategy(
    id="triple_screen",
    title="Triple Screen",
    family="multi-timeframe",
    idea="The higher MACD histogram rises and the base stochastic is low: buy by stop, out when the histogram falls.",
    source="Elder 1993",
    timeframe="5m",
    long_entry=tf(4, tide > tide[1]) & (wave < level),
    long_exit=tf(4, tide < tide[1]),
    short_entry=tf(4, tide < tide[1]) & (wave > 100 - level),
    short_exit=tf(4, tide > tide[1]),
    long_entry_stop=high,
    short_entry_stop=low,
    entry_valid=3,
    stop=3 * ATR(14),
)

n = param("n", 50, grid=[20, 50, 100, 150])
x = param("x", 20, grid=[10, 15, 20, 30])
htf_rsi_dip = Strategy(
    id="htf_rsi_dip",
    title="Higher trend, lower RSI dip",
    family="multi-timeframe",
    idea="With the higher close over its average buy the short RSI coming back from a dip, sell it high.",
    source="practice",
    timeframe="15m",
    long_entry=tf(4, close > SMA(n)) & crosses_above(RSI(3), x),
    long_exit=(RSI(3) > 70) | tf(4, close < SMA(n)),
    short_entry=tf(4, close < SMA(n)) & crosses_below(RSI(3), 100 - x),
    short_exit=(RSI(3) < 30) | tf(4, close > SMA(n)),
)

n = param("n", 20, grid=[10, 20, 40, 55])
m = param("m", 20, grid=[10, 20, 30, 40])
above = bars_since(close > highest(high, n)[1], 120)
below = bars_since(close < lowest(low, n)[1], 120)
channel_side = Strategy(
    id="channel_side",
    title="Channel side decides, small channel times",
    family="multi-timeframe",
    idea="Trade base channel breaks only to the side on which the higher channel broke last.",
    source="practice",
    timeframe="15m",
    long_entry=tf(4, above < below) & (close > highest(high, m)[1]),
    long_exit=close < lowest(low, m / 2)[1],
    short_entry=tf(4, below < above) & (close < lowest(low, m)[1]),
    short_exit=close > highest(high, m / 2)[1],
)

far = param("far", 3, grid=[2, 3, 4, 5])
near = param("near", 2, grid=[1, 1.5, 2, 3])
two_supertrends = Strategy(
    id="two_supertrends",
    title="Two Supertrends, re-entry",
    family="multi-timeframe",
    idea="While the higher Supertrend is up every flip of the base one to up is an entry, out when it flips down.",
    source="practice",
    timeframe="5m",
    long_entry=tf(4, SUPERTREND(10, far).side > 0) & becomes(SUPERTREND(10, near).side > 0),
    long_exit=SUPERTREND(10, near).side < 0,
    short_entry=tf(4, SUPERTREND(10, far).side < 0) & becomes(SUPERTREND(10, near).side < 0),
    short_exit=SUPERTREND(10, near).side > 0,
)

n = param("n", 20, grid=[10, 20, 34, 50])
m = param("m", 10, grid=[5, 10, 20, 40])
up = SMA(n) > SMA(n)[1]
down = SMA(n) < SMA(n)[1]
all_up = up & tf(4, up) & tf(16, up)
all_down = down & tf(4, down) & tf(16, down)
three_frames = Strategy(
    id="three_frames",
    title="Three-frame alignment",
    family="multi-timeframe",
    idea="Enter when the averages of three timeframes first point the same way, out when two of them point back.",
    source="practice",
    timeframe="5m",
    long_entry=all_up & (count(all_up, m + 1) < 2),
    long_exit=(down & tf(4, down)) | (down & tf(16, down)) | tf(4, down) & tf(16, down),
    short_entry=all_down & (count(all_down, m + 1) < 2),
    short_exit=(up & tf(4, up)) | (up & tf(16, up)) | tf(4, up) & tf(16, up),
    stop=3 * ATR(14),
)

x = param("x", 0.15, grid=[0, 0.05, 0.15, 0.25])
m = param("m", 3, grid=[2, 3, 4, 6])
percent = PERCENT_B(20, 2)
htf_band_turn = Strategy(
    id="htf_band_turn",
    title="Higher band extreme, base reversal bar",
    family="multi-timeframe",
    idea="The higher close is near its lower band and a base close passes the last highs: long back to the middle.",
    source="practice",
    timeframe="15m",
    long_entry=tf(4, within(percent < x, 2)) & (close > highest(high, m)[1]),
    long_exit=tf(4, percent > 0.5),
    short_entry=tf(4, within(percent > 1 - x, 2)) & (close < lowest(low, m)[1]),
    short_exit=tf(4, percent < 0.5),
    stop=3 * ATR(14),
)

n = param("n", 7, grid=[4, 5, 7, 10])
t = param("t", 1.5, grid=[1, 1.5, 2, 3])
tight = high - low <= lowest(high - low, n)
box_top = tf(4, high)
box_bottom = tf(4, low)
htf_coil = Strategy(
    id="htf_coil",
    title="Higher-frame coil, base break",
    family="multi-timeframe",
    idea="The last higher bar is the narrowest of a while: trade the base close that leaves it, stop across it.",
    source="practice (after Crabel 1990)",
    timeframe="15m",
    long_entry=tf(4, tight) & (close > box_top),
    short_entry=tf(4, tight) & (close < box_bottom),
    long_stop=close - box_bottom,
    short_stop=box_top - close,
    target=t * (box_top - box_bottom),
)

m = param("m", 2, grid=[1, 2, 3, 6])
t = param("t", 1, grid=[0.5, 1])
k = param("k", 0.5, grid=[0.25, 0.5])
old_high = tf(24, high)
old_low = tf(24, low)
htf_sweep = Strategy(
    id="htf_sweep",
    title="Higher extreme swept and regained",
    family="multi-timeframe",
    idea="Price dips under the last higher bar's low and soon closes back over it: long into that bar's range.",
    source="practice",
    timeframe="5m",
    long_entry=within(low < old_low, m) & (close > old_low) & (close > open_),
    short_entry=within(high > old_high, m) & (close < old_high) & (close < open_),
    long_stop=close - lowest(low, m) + k * ATR(14),
    short_stop=highest(high, m) - close + k * ATR(14),
    long_target=max_(old_low + t * (old_high - old_low) - close, ATR(14)),
    short_target=max_(close - old_high + t * (old_high - old_low), ATR(14)),
)

kijun = param("kijun", 26, grid=[22, 26, 34, 52])
k = param("k", 1, grid=[0.5, 1, 1.5, 2])
cloud = ICHIMOKU(9, 26, 52)
base = ICHIMOKU(9, kijun, 52)
over = close > max_(cloud.span_a, cloud.span_b)
under = close < min_(cloud.span_a, cloud.span_b)
kijun_bounce = Strategy(
    id="kijun_bounce",
    title="Kijun bounce under a higher cloud",
    family="multi-timeframe",
    idea="With the higher close over its cloud buy the base bar that touches Kijun and closes over Tenkan.",
    source="Hosoda 1969; practice",
    timeframe="15m",
    long_entry=tf(4, over) & (lowest(low, 3) <= base.kijun) & (close > base.tenkan) & (close > base.kijun),
    long_exit=(close < base.kijun - k * ATR(14)) | tf(4, under),
    short_entry=tf(4, under) & (highest(high, 3) >= base.kijun) & (close < base.tenkan) & (close < base.kijun),
    short_exit=(close > base.kijun + k * ATR(14)) | tf(4, over),
    trail=4 * ATR(14),
)

a = param("a", 0.3, grid=[0.2, 0.3, 0.4, 0.5])
m = param("m", 3, grid=[3, 5, 8, 12])
dipped = within((EFFICIENCY(20) > a) & (close > close[20]) & (low <= SMA(10)), 2)
jumped = within((EFFICIENCY(20) > a) & (close < close[20]) & (high >= SMA(10)), 2)
holy_grail_frames = Strategy(
    id="holy_grail_frames",
    title="Pullback measured higher, trigger on base",
    family="multi-timeframe",
    idea="A straight higher trend is back at its average: enter on the base break, aim at the higher swing extreme.",
    source="Connors & Raschke 1995 ('Holy Grail'), two frames: practice",
    timeframe="15m",
    long_entry=tf(4, dipped) & (close > highest(high, m)[1]),
    short_entry=tf(4, jumped) & (close < lowest(low, m)[1]),
    long_stop=max_(close - tf(4, lowest(low, 2)), ATR(14)),
    short_stop=max_(tf(4, highest(high, 2)) - close, ATR(14)),
    long_target=max_(tf(4, highest(high, 20)) - close, ATR(14)),
    short_target=max_(close - tf(4, lowest(low, 20)), ATR(14)),
)

k = param("k", 1, grid=[0.5, 1, 1.5, 2])
slow = param("slow", 30, grid=[20, 30, 50, 80])
stretch = tf(4, (close - SMA(20)) / SMA(20, source=high - low))
stretch_veto = Strategy(
    id="stretch_veto",
    title="Stretched higher frame veto",
    family="multi-timeframe",
    idea="Take the base average cross only while the higher close is near its average, and take profit when it is far.",
    source="practice",
    timeframe="15m",
    long_entry=crosses_above(EMA(9), EMA(slow)) & (stretch < k),
    long_exit=crosses_below(EMA(9), EMA(slow)) | (stretch > k + 1),
    short_entry=crosses_below(EMA(9), EMA(slow)) & (stretch > -k),
    short_exit=crosses_above(EMA(9), EMA(slow)) | (stretch < -k - 1),
)

z = param("z", 30, grid=[15, 20, 30, 40])
m = param("m", 10, grid=[5, 10, 15, 20])
ha = HEIKIN_ASHI()
quick = STOCH(5, 3, 3).k
htf_heikin_hook = Strategy(
    id="htf_heikin_hook",
    title="Higher Heikin-Ashi colour, base stochastic hook",
    family="multi-timeframe",
    idea="The higher averaged candle is up and the base stochastic hooks up from low while price holds its low: long.",
    source="practice",
    timeframe="15m",
    long_entry=tf(4, ha.close > ha.open) & (quick[1] < z) & (quick > quick[1]) & (low > lowest(low, m)[1]),
    long_exit=tf(4, ha.close < ha.open),
    short_entry=tf(4, ha.close < ha.open) & (quick[1] > 100 - z) & (quick < quick[1]) & (high < highest(high, m)[1]),
    short_exit=tf(4, ha.close > ha.open),
    stop=2 * ATR(14),
)

STRATEGIES = (
    triple_screen,
    htf_rsi_dip,
    channel_side,
    two_supertrends,
    three_frames,
    htf_band_turn,
    htf_coil,
    htf_sweep,
    kijun_bounce,
    holy_grail_frames,
    stretch_veto,
    htf_heikin_hook,
)
