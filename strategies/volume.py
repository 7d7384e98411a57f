"""Volume: moves that many take part in. Needs real traded volume; on tick counts the results mean less."""

from __future__ import annotations

from engine.rules.api import (
    ADOSC,
    ATR,
    CMF,
    EMA,
    EMV,
    FORCE,
    KLINGER,
    MFI,
    NVI,
    OBV,
    SMA,
    VWMA,
    WMA,
    Strategy,
    always,
    at_entry,
    bars_since,
    close,
    crosses_above,
    crosses_below,
    falling,
    high,
    highest,
    lag,
    low,
    lowest,
    param,
    rising,
    value_at,
    volume,
    where,
)

_signed = where(close > close[1], volume, where(close < close[1], -volume, 0))


def _heavy_high() -> Strategy:
    n = param("n", 40, grid=[20, 40, 55, 100])
    k = param("k", 2, grid=[1.25, 1.5, 2, 3])
    heavy = volume > k * SMA(20, source=volume)
    return Strategy(
        id="heavy_high",
        title="High with heavy volume",
        family="volume",
        idea="Enter on a close beyond the n-bar range with volume well over its mean; leave by a trailing stop.",
        source="practice",
        timeframe="15m",
        long_entry=crosses_above(close, lag(highest(high, n), 1)) & heavy,
        short_entry=crosses_below(close, lag(lowest(low, n), 1)) & heavy,
        stop=2 * ATR(14),
        trail=3 * ATR(14),
    )


def _obv_slope() -> Strategy:
    n = param("n", 20, grid=[10, 20, 40, 60])
    m = param("m", 4, grid=[3, 4, 5, 6])
    above = WMA(n, source=_signed)
    return Strategy(
        id="obv_slope",
        title="On-balance volume over its average",
        family="volume",
        idea="On-balance volume is over its n-bar average (its weighted flow is positive) and rose m bars in a row.",
        source="Granville 1963",
        timeframe="15m",
        long_entry=(above > 0) & always(_signed > 0, m),
        long_exit=above < 0,
        short_entry=(above < 0) & always(_signed < 0, m),
        short_exit=above > 0,
    )


def _obv_leads() -> Strategy:
    n = param("n", 50, grid=[20, 30, 50, 80])
    h = param("h", 20, grid=[5, 10, 20, 40])
    flow = OBV(50)
    return Strategy(
        id="obv_leads",
        title="On-balance volume leads price",
        family="volume",
        idea="On-balance volume makes a new high and price, above its average, not yet: buy until price has made it.",
        source="Granville 1963",
        timeframe="15m",
        long_entry=(flow >= highest(flow, n)) & (close < highest(high, n) - ATR(14)) & (close > SMA(50)),
        long_exit=(close > at_entry(highest(high, n))) | (flow <= lowest(flow, 20)),
        short_entry=(flow <= lowest(flow, n)) & (close > lowest(low, n) + ATR(14)) & (close < SMA(50)),
        short_exit=(close < at_entry(lowest(low, n))) | (flow >= highest(flow, 20)),
        time_stop=h,
    )


def _money_flow_zone() -> Strategy:
    n = param("n", 20, grid=[14, 20, 30, 40])
    x = param("x", 0.1, grid=[0.05, 0.1, 0.15, 0.2])
    flow = CMF(n)
    return Strategy(
        id="money_flow_zone",
        title="Money-flow zone",
        family="volume",
        idea="Chaikin money flow stays over a level for three bars: be long until it is clearly negative.",
        source="Chaikin",
        timeframe="15m",
        long_entry=always(flow > x, 3),
        long_exit=crosses_below(flow, -0.5 * x),
        short_entry=always(flow < -x, 3),
        short_exit=crosses_above(flow, 0.5 * x),
        stop=3 * ATR(14),
    )


def _chaikin_oscillator_dip() -> Strategy:
    slow = param("slow", 10, grid=[8, 10, 16, 20])
    m = param("m", 50, grid=[30, 50, 90, 150])
    flow = ADOSC(3, slow)
    return Strategy(
        id="chaikin_oscillator_dip",
        title="Chaikin oscillator dip in the trend",
        family="volume",
        idea="Above its average, the Chaikin oscillator turns up from a 16-bar low under zero: buy.",
        source="Chaikin, in Achelis 1995",
        timeframe="15m",
        long_entry=(close > SMA(m)) & (flow < 0) & (flow > flow[1]) & (flow[1] <= lowest(flow, 16)),
        long_exit=(flow > 0) & (flow < flow[1]),
        short_entry=(close < SMA(m)) & (flow > 0) & (flow < flow[1]) & (flow[1] >= highest(flow, 16)),
        short_exit=(flow < 0) & (flow > flow[1]),
    )


def _mfi_failure_swing() -> Strategy:
    n = param("n", 14, grid=[7, 10, 14, 20])
    level = param("level", 20, grid=[15, 20, 25, 30])
    flow = MFI(n)
    top = (flow < flow[1]) & (flow[1] > flow[2])
    bottom = (flow > flow[1]) & (flow[1] < flow[2])
    held_low = bars_since(flow < level, 15) > bars_since(top, 15)
    held_high = bars_since(flow > 100 - level, 15) > bars_since(bottom, 15)
    return Strategy(
        id="mfi_failure_swing",
        title="Money flow index failure swing",
        family="volume",
        idea="The money flow index was low, bounced, dipped without getting as low, and passes its bounce: buy.",
        source="Quong & Soudack 1989; rule: practice",
        timeframe="15m",
        long_entry=held_low & crosses_above(flow, value_at(top, flow[1], 15)),
        long_exit=flow > 80,
        short_entry=held_high & crosses_below(flow, value_at(bottom, flow[1], 15)),
        short_exit=flow < 20,
        stop=2 * ATR(14),
    )


def _force_pullback() -> Strategy:
    n = param("n", 21, grid=[13, 21, 34, 55])
    m = param("m", 13, grid=[8, 13, 21, 34])
    return Strategy(
        id="force_pullback",
        title="Force index pullback",
        family="volume",
        idea="The average rises, the longer force is positive the two-bar force at a 14-bar low: buy over the bar.",
        source="Elder 1993",
        timeframe="15m",
        long_entry=rising(EMA(n), 3) & (FORCE(2) <= lowest(FORCE(2), 14)) & (FORCE(m) > 0),
        long_entry_stop=high,
        long_exit=FORCE(m) < 0,
        short_entry=falling(EMA(n), 3) & (FORCE(2) >= highest(FORCE(2), 14)) & (FORCE(m) < 0),
        short_entry_stop=low,
        short_exit=FORCE(m) > 0,
        entry_valid=3,
        stop=2 * ATR(14),
    )


def _ease_of_movement() -> Strategy:
    n = param("n", 14, grid=[9, 14, 20, 30])
    f = param("f", 1, grid=[0.6, 0.8, 1, 1.25])
    busy = volume > f * SMA(20, source=volume)
    return Strategy(
        id="ease_of_movement",
        title="Ease of movement cross",
        family="volume",
        idea="Price begins to rise easily for the volume spent, on no small volume: buy; leave when it turns.",
        source="Arms (ease of movement); rule: practice",
        timeframe="15m",
        long_entry=crosses_above(EMV(n), 0) & busy,
        long_exit=EMV(n) < 0,
        short_entry=crosses_below(EMV(n), 0) & busy,
        short_exit=EMV(n) > 0,
    )


def _negative_volume() -> Strategy:
    n = param("n", 60, grid=[40, 60, 120, 255])
    m = param("m", 50, grid=[20, 50, 100, 200])
    return Strategy(
        id="negative_volume",
        title="Negative volume index",
        family="volume",
        idea="What price does on quiet bars is over its average and so is price: be long while it lasts.",
        source="Fosback 1976",
        timeframe="1h",
        direction="long",
        long_entry=(NVI(n) > 0) & (close > SMA(m)),
        long_exit=NVI(n) < 0,
        trail=5 * ATR(14),
    )


def _klinger_cross() -> Strategy:
    fast = param("fast", 34, grid=[20, 34, 45])
    slow = param("slow", 55, grid=[55, 80])
    m = param("m", 89, grid=[50, 89, 150])
    line, signal = KLINGER(fast, slow, 13).line, KLINGER(fast, slow, 13).signal
    return Strategy(
        id="klinger_cross",
        title="Klinger cross in the trend",
        family="volume",
        idea="The volume force oscillator crosses above its signal under zero while price is over its average: buy.",
        source="Klinger 1997",
        timeframe="15m",
        long_entry=crosses_above(line, signal) & (line < 0) & (close > EMA(m)),
        long_exit=crosses_below(line, signal),
        short_entry=crosses_below(line, signal) & (line > 0) & (close < EMA(m)),
        short_exit=crosses_above(line, signal),
        requires=fast < slow,
    )


def _volume_weighted_gap() -> Strategy:
    n = param("n", 50, grid=[20, 30, 50, 80])
    short = param("short", 5, grid=[3, 5, 8, 10])
    gap = VWMA(n) - SMA(n)
    return Strategy(
        id="volume_weighted_gap",
        title="Volume-weighted gap",
        family="volume",
        idea="The volume-weighted average is over the plain one and widens, and the short pair agrees: buy.",
        source="Dormeier 2007, simplified",
        timeframe="15m",
        long_entry=(gap > 0) & (VWMA(short) > SMA(short)) & rising(gap, 5),
        long_exit=gap < 0,
        short_entry=(gap < 0) & (VWMA(short) < SMA(short)) & falling(gap, 5),
        short_exit=gap > 0,
        stop=3 * ATR(14),
    )


STRATEGIES = (
    _heavy_high(),
    _obv_slope(),
    _obv_leads(),
    _money_flow_zone(),
    _chaikin_oscillator_dip(),
    _mfi_failure_swing(),
    _force_pullback(),
    _ease_of_movement(),
    _negative_volume(),
    _klinger_cross(),
    _volume_weighted_gap(),
)
