"""Momentum: strength that has just shown goes on for a while. Returns and their path."""

from __future__ import annotations

from engine.rules.api import (
    ATR,
    HV,
    MACD,
    ROC,
    RSI,
    Strategy,
    always,
    bar_of_day,
    close,
    crosses_above,
    crosses_below,
    floor,
    highest,
    log,
    lowest,
    mean,
    param,
    sign,
    sqrt,
    stdev,
    value_at,
)

n = param("n", 120, grid=[60, 120, 180, 250])
h = param("h", 6, grid=[4, 6, 12, 24])
review = bar_of_day - h * floor(bar_of_day / h) < 1
standing = value_at(review, close - close[n], 30)
ts_momentum = Strategy(
    id="ts_momentum",
    title="Time-series momentum",
    family="momentum",
    idea="Be on the side of the return over n bars, revised only at fixed intervals.",
    source="Moskowitz, Ooi & Pedersen 2012",
    timeframe="1h",
    long_entry=standing > 0,
    short_entry=standing < 0,
)

n = param("n", 120, grid=[60, 120, 180, 250])
s = param("s", 10, grid=[3, 5, 10, 20])
momentum_skip = Strategy(
    id="momentum_skip",
    title="Momentum skipping the recent bars",
    family="momentum",
    idea="Be on the side of the return over n bars that leaves out the most recent ones.",
    source="Jegadeesh & Titman 1993 (cross-section; here one symbol)",
    timeframe="1h",
    long_entry=crosses_above(close[s], close[n]),
    short_entry=crosses_below(close[s], close[n]),
    stop=5 * ATR(14),
)

n = param("n", 40, grid=[10, 20, 40, 60])
x = param("x", 2, grid=[0.5, 1, 1.5, 2])
usual = stdev(ROC(n), 50)
roc_hysteresis = Strategy(
    id="roc_hysteresis",
    title="Rate of change with hysteresis",
    family="momentum",
    idea="Long when the rate of change exceeds its own usual size, out only when it is below zero.",
    source="practice",
    timeframe="15m",
    long_entry=crosses_above(ROC(n), x * usual),
    long_exit=ROC(n) < 0,
    short_entry=crosses_below(ROC(n), -x * usual),
    short_exit=ROC(n) > 0,
)

n = param("n", 14, grid=[9, 14, 21, 28])
m = param("m", 20, grid=[10, 20, 30, 50])
rsi_bull_range = Strategy(
    id="rsi_bull_range",
    title="RSI bull range",
    family="momentum",
    idea="Long when RSI passes 60 and its low of the last bars stayed over 40, out when it falls under 40.",
    source="Brown 1999",
    timeframe="15m",
    long_entry=crosses_above(RSI(n), 60) & (lowest(RSI(n), m) > 40),
    long_exit=RSI(n) < 40,
    short_entry=crosses_below(RSI(n), 40) & (highest(RSI(n), m) < 60),
    short_exit=RSI(n) > 60,
)

fast = param("fast", 12, grid=[6, 8, 12, 16])
slow = param("slow", 26, grid=[21, 26, 35, 50])
macd = MACD(fast, slow, 9)
macd_below_zero = Strategy(
    id="macd_below_zero",
    title="MACD signal cross on the far side of zero",
    family="momentum",
    idea="Long when MACD crosses above its signal line while below zero; out when it crosses back; short mirrored.",
    source="Appel 1979",
    timeframe="15m",
    long_entry=crosses_above(macd.line, macd.signal) & (macd.line < 0),
    long_exit=crosses_below(macd.line, macd.signal),
    short_entry=crosses_below(macd.line, macd.signal) & (macd.line > 0),
    short_exit=crosses_above(macd.line, macd.signal),
    requires=fast < slow,
)

n = param("n", 100, grid=[20, 40, 60, 100])
s = param("s", 20, grid=[3, 5, 10, 20])
acceleration = ROC(n) - ROC(n)[s]
roc_acceleration = Strategy(
    id="roc_acceleration",
    title="Acceleration of momentum",
    family="momentum",
    idea="Long when the rate of change is positive and has been growing for two bars, out when it has shrunk for two.",
    source="practice",
    timeframe="1h",
    long_entry=(ROC(n) > 0) & always(acceleration > 0, 2),
    long_exit=always(acceleration < 0, 2),
    short_entry=(ROC(n) < 0) & always(acceleration < 0, 2),
    short_exit=always(acceleration > 0, 2),
    stop=3 * ATR(14),
)

n = param("n", 40, grid=[20, 40, 80, 120])
z = param("z", 1.5, grid=[0.5, 1, 1.5, 2])
drift = log(close / close[n]) / (HV(n) * sqrt(n))
drift_per_risk = Strategy(
    id="drift_per_risk",
    title="Drift per unit of risk",
    family="momentum",
    idea="Long when the return of n bars is large for its own volatility, out when it has become negative.",
    source="practice",
    timeframe="15m",
    long_entry=crosses_above(drift, z),
    long_exit=drift < 0,
    short_entry=crosses_below(drift, -z),
    short_exit=drift > 0,
    trail=5 * ATR(14),
)

n = param("n", 60, grid=[20, 40, 60, 120])
d = param("d", 0.1, grid=[0.02, 0.05, 0.1, 0.15])
steps = mean(sign(close - close[1]), n)
smooth_information = Strategy(
    id="smooth_information",
    title="Many small steps",
    family="momentum",
    idea="Follow a return that came by many small steps rather than one jump, as long as both hold.",
    source="Da, Gurun & Warachka 2014; rule: practice",
    timeframe="1h",
    long_entry=(close > close[n]) & (steps > d),
    long_exit=(close < close[n]) | (steps < 0),
    short_entry=(close < close[n]) & (steps < -d),
    short_exit=(close > close[n]) | (steps > 0),
)

STRATEGIES = (
    ts_momentum,
    momentum_skip,
    roc_hysteresis,
    rsi_bull_range,
    macd_below_zero,
    roc_acceleration,
    drift_per_risk,
    smooth_information,
)
