"""Oscillators of price change."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import (
    HALF,
    ONE,
    TWO,
    ZERO,
    change,
    clamp,
    fall,
    middle,
    percent,
    place,
    rise,
    scaled,
    share,
    total,
    true_low,
    true_range,
    typical,
    weighted_mean,
)
from engine.indicators.graph import Node
from engine.indicators.spec import Family, Inputs, bars

family = Family("momentum")
PRICES = ("high", "low", "close")
#: what rounding can make of no move: of an RSI, and of a price as a share of it
RSI_NOISE, PRICE_NOISE = 1e-9, 1e-12


def strength(a: Node, n: int) -> Node:
    """100 U / (U + D) of a's rises and falls, 50 where nothing moved."""
    moved = change(a)
    up = g.wilder(rise(moved), n)
    return percent(up, g.add(up, g.wilder(fall(moved), n)), 50.0)


@family.add(
    "RSI",
    "Relative strength index",
    bars("n", 14),
    range=(0.0, 100.0),
    formula="100 U / (U + D), U and D Wilder's averages of rises and falls (Wilder 1978); 50 where nothing moved",
)
def rsi(x: Inputs, n: int) -> Node:
    return strength(x.source, n)


@family.add(
    "STOCH",
    "Stochastic",
    bars("k", 14),
    bars("smooth", 3),
    bars("d", 3),
    inputs=PRICES,
    outputs=("k", "d"),
    range=(0.0, 100.0),
    formula="k = SMA(smooth) of 100 (close - lowest low) / (highest high - lowest low) over k bars, 50 where those are "
    "equal; d = SMA(d) of k (Lane 1984)",
)
def stoch(x: Inputs, k: int, smooth: int, d: int) -> tuple[Node, Node]:
    raw = scaled(100.0, place(x.close, g.lowest(x.low, k), g.highest(x.high, k), 0.5))
    slow = g.rolling_mean(raw, smooth)
    return slow, g.rolling_mean(slow, d)


@family.add(
    "STOCHRSI",
    "Stochastic RSI",
    bars("n", 14),
    bars("k", 14),
    bars("smooth", 3),
    bars("d", 3),
    outputs=("k", "d"),
    range=(0.0, 100.0),
    formula="the stochastic of RSI(n) over k bars: k = SMA(smooth), d = SMA(d) of k (Chande & Kroll 1994); 50 where "
    "the RSI did not move",
)
def stochrsi(x: Inputs, n: int, k: int, smooth: int, d: int) -> tuple[Node, Node]:
    value = strength(x.source, n)
    low, high = g.lowest(value, k), g.highest(value, k)
    # an RSI that should stand still moves in its last digits
    moved = g.greater(g.sub(high, low), g.const(RSI_NOISE))
    raw = g.where(moved, g.div(g.sub(value, low), g.sub(high, low)), g.add(HALF, g.mul(ZERO, g.sub(high, low))))
    slow = g.rolling_mean(scaled(100.0, raw), smooth)
    return slow, g.rolling_mean(slow, d)


@family.add(
    "MACD",
    "Moving average convergence/divergence",
    bars("fast", 12),
    bars("slow", 26),
    bars("signal", 9),
    outputs=("line", "signal", "histogram"),
    formula="line = EMA(fast) - EMA(slow); signal = EMA(signal) of line; histogram = line - signal (Appel 1979)",
)
def macd(x: Inputs, fast: int, slow: int, signal: int) -> tuple[Node, Node, Node]:
    line = g.sub(g.ema(x.source, fast), g.ema(x.source, slow))
    slower = g.ema(line, signal)
    return line, slower, g.sub(line, slower)


@family.add(
    "PPO",
    "Percentage price oscillator",
    bars("fast", 12),
    bars("slow", 26),
    bars("signal", 9),
    outputs=("line", "signal", "histogram"),
    formula="line = 100 (EMA(fast) - EMA(slow)) / EMA(slow); signal = EMA(signal) of line; histogram = line - signal",
)
def ppo(x: Inputs, fast: int, slow: int, signal: int) -> tuple[Node, Node, Node]:
    base = g.ema(x.source, slow)
    line = percent(g.sub(g.ema(x.source, fast), base), base, 0.0)
    slower = g.ema(line, signal)
    return line, slower, g.sub(line, slower)


def rate(a: Node, n: int) -> Node:
    """Change over n bars in percent; 0 where a[n] was not positive."""
    return percent(change(a, n), g.lag(a, n), 0.0)


@family.add(
    "ROC",
    "Rate of change",
    bars("n", 10),
    formula="100 (x - x[n]) / x[n]; 0 where x[n] is not positive",
)
def roc(x: Inputs, n: int) -> Node:
    return rate(x.source, n)


@family.add("MOM", "Momentum", bars("n", 10), formula="x - x[n]")
def mom(x: Inputs, n: int) -> Node:
    return change(x.source, n)


@family.add(
    "CCI",
    "Commodity channel index",
    bars("n", 20, low=2),
    inputs=PRICES,
    formula="(t - SMA(t)) / (0.015 mean |t - SMA(t)|) over n, t = (high + low + close) / 3 (Lambert 1980); 0 where t "
    "did not move",
)
def cci(x: Inputs, n: int) -> Node:
    price = typical(x)
    mean = g.rolling_mean(price, n)
    away = g.mean_deviation(price, mean, n)
    # the mean of equal prices differs from them in its last digits
    moved = g.greater(away, scaled(PRICE_NOISE, price))
    return g.where(moved, g.div(g.sub(price, mean), scaled(0.015, away)), g.mul(ZERO, away))


@family.add(
    "WILLR",
    "Williams %R",
    bars("n", 14),
    inputs=PRICES,
    range=(-100.0, 0.0),
    formula="-100 (highest high - close) / (highest high - lowest low) over n (Williams 1973); -50 where those are "
    "equal",
)
def willr(x: Inputs, n: int) -> Node:
    top = g.highest(x.high, n)
    return percent(g.sub(x.close, top), g.sub(top, g.lowest(x.low, n)), -50.0)


@family.add(
    "MFI",
    "Money flow index",
    bars("n", 14),
    inputs=("high", "low", "close", "volume"),
    range=(0.0, 100.0),
    formula="100 P / (P + N), P and N the sums over n of t volume on bars where t = (high + low + close) / 3 rose or "
    "fell (Quong & Soudack 1989); 50 where nothing flowed",
)
def mfi(x: Inputs, n: int) -> Node:
    price = typical(x)
    moved, amount = change(price), g.mul(price, x.volume)
    nothing = g.mul(ZERO, moved)
    up = g.rolling_sum(g.where(g.greater(moved, ZERO), amount, nothing), n)
    down = g.rolling_sum(g.where(g.greater(ZERO, moved), amount, nothing), n)
    return percent(up, g.add(up, down), 50.0)


@family.add(
    "TSI",
    "True strength index",
    bars("slow", 25),
    bars("fast", 13),
    bars("signal", 13),
    outputs=("line", "signal"),
    range=(-100.0, 100.0),
    formula="line = 100 EMA(fast) of EMA(slow) of the change / the same of its absolute value, 0 where nothing moved; "
    "signal = EMA(signal) of line (Blau 1991)",
)
def tsi(x: Inputs, slow: int, fast: int, signal: int) -> tuple[Node, Node]:
    moved = change(x.source)
    size = g.ema(g.ema(g.absolute(moved), slow), fast)
    line = percent(g.ema(g.ema(moved, slow), fast), size, 0.0)
    return line, g.ema(line, signal)


@family.add(
    "ULTOSC",
    "Ultimate oscillator",
    bars("short", 7),
    bars("middle", 14),
    bars("long", 28),
    inputs=PRICES,
    range=(0.0, 100.0),
    formula="100 (4 a(short) + 2 a(middle) + a(long)) / 7, a = sum of close - min(low, close[1]) / sum of the true "
    "range (Williams 1985); 50 where there was no range",
)
def ultosc(x: Inputs, short: int, middle: int, long: int) -> Node:
    bought, ranged = g.sub(x.close, true_low(x)), true_range(x)
    parts = [share(g.rolling_sum(bought, n), g.rolling_sum(ranged, n), 0.5) for n in (short, middle, long)]
    weighted = total(scaled(4.0, parts[0]), scaled(2.0, parts[1]), parts[2])
    return scaled(100.0, g.div(weighted, g.const(7.0)))


@family.add(
    "AO",
    "Awesome oscillator",
    bars("fast", 5),
    bars("slow", 34),
    inputs=("high", "low"),
    formula="SMA(fast) - SMA(slow) of (high + low) / 2 (Williams 1995)",
)
def ao(x: Inputs, fast: int, slow: int) -> Node:
    price = middle(x)
    return g.sub(g.rolling_mean(price, fast), g.rolling_mean(price, slow))


@family.add(
    "FISHER",
    "Fisher transform",
    bars("n", 10, low=2),
    inputs=("high", "low"),
    outputs=("value", "trigger"),
    formula="v += 0.33 (2 p - 1 - v), p the place of (high + low) / 2 between its lowest and highest of n (1/2 where "
    "equal), +-0.999 beyond +-0.99; value = ln((1 + v) / (1 - v)) / 2 + value[1] / 2; trigger = value[1] (Ehlers 2002, "
    "whose limit acts inside the recursion)",
)
def fisher(x: Inputs, n: int) -> tuple[Node, Node]:
    price = middle(x)
    where = g.sub(g.mul(TWO, place(price, g.lowest(price, n), g.highest(price, n), 0.5)), ONE)
    smooth, edge = g.recursion(where, 2, 0.33), g.const(0.99)
    held = g.where(
        g.greater(smooth, edge), g.const(0.999), g.where(g.greater(g.neg(edge), smooth), g.const(-0.999), smooth)
    )
    value = g.recursion(g.log(g.div(g.add(ONE, held), g.sub(ONE, held))), 2, 0.5)
    return value, g.lag(value, 1)


@family.add(
    "CRSI",
    "Connors RSI",
    bars("rsi", 3),
    bars("streak", 2),
    bars("rank", 100),
    range=(0.0, 100.0),
    formula="mean of RSI(rsi), RSI(streak) of the run of rises (+) or falls (-), and the percent of the last `rank` "
    "changes in percent that were below this one (Connors & Alvarez 2012)",
)
def crsi(x: Inputs, rsi: int, streak: int, rank: int) -> Node:
    moved = change(x.source)
    runs = g.sub(g.run_length(g.greater(moved, ZERO), 1000), g.run_length(g.greater(ZERO, moved), 1000))
    placed = scaled(100.0, g.rank(rate(x.source, 1), rank))
    return g.div(total(strength(x.source, rsi), strength(runs, streak), placed), g.const(3.0))


@family.add(
    "CMO",
    "Chande momentum oscillator",
    bars("n", 14),
    range=(-100.0, 100.0),
    formula="100 (U - D) / (U + D), U and D the sums of rises and falls over n (Chande & Kroll 1994); 0 where nothing "
    "moved. TA-Lib smooths as Wilder does, which makes it 2 RSI - 100",
)
def cmo(x: Inputs, n: int) -> Node:
    moved = change(x.source)
    net, size = change(x.source, n), g.rolling_sum(g.absolute(moved), n)
    return clamp(percent(net, size, 0.0), -100.0, 100.0)


@family.add(
    "TRIX",
    "Triple exponential rate of change",
    bars("n", 15),
    bars("signal", 9),
    outputs=("line", "signal"),
    formula="line = 1-bar change in percent of EMA(n) of EMA(n) of EMA(n); signal = EMA(signal) of line (Hutson 1983)",
)
def trix(x: Inputs, n: int, signal: int) -> tuple[Node, Node]:
    line = rate(g.ema(g.ema(g.ema(x.source, n), n), n), 1)
    return line, g.ema(line, signal)


@family.add(
    "KST",
    "Know sure thing",
    bars("scale", 1, high=100),
    bars("signal", 9),
    outputs=("line", "signal"),
    formula="line = s(10, 10) + 2 s(15, 10) + 3 s(20, 10) + 4 s(30, 15), s(a, b) = SMA(b scale) of ROC(a scale); "
    "signal = SMA(signal) of line (Pring 1992)",
)
def kst(x: Inputs, scale: int, signal: int) -> tuple[Node, Node]:
    lengths = ((10, 10), (15, 10), (20, 10), (30, 15))
    parts = [g.rolling_mean(rate(x.source, a * scale), b * scale) for a, b in lengths]
    line = total(*(scaled(float(weight), part) for weight, part in enumerate(parts, 1)))
    return line, g.rolling_mean(line, signal)


@family.add(
    "COPPOCK",
    "Coppock curve",
    bars("short", 11),
    bars("long", 14),
    bars("wma", 10),
    formula="WMA(wma) of ROC(short) + ROC(long) (Coppock 1962)",
)
def coppock(x: Inputs, short: int, long: int, wma: int) -> Node:
    return weighted_mean(g.add(rate(x.source, short), rate(x.source, long)), wma)


@family.add(
    "STC",
    "Schaff trend cycle",
    bars("fast", 23),
    bars("slow", 50),
    bars("cycle", 10, low=2),
    range=(0.0, 100.0),
    formula="twice the stochastic over `cycle` bars, smoothed by y += (x - y) / 2, first of EMA(fast) - EMA(slow), "
    "then of the result (Schaff 1999); 50, then the value itself, where it did not move",
)
def stc(x: Inputs, fast: int, slow: int, cycle: int) -> Node:
    line = g.sub(g.ema(x.source, fast), g.ema(x.source, slow))
    once = g.recursion(scaled(100.0, place(line, g.lowest(line, cycle), g.highest(line, cycle), 0.5)), 2, 0.5)
    low, high = g.lowest(once, cycle), g.highest(once, cycle)
    return g.recursion(percent(g.sub(once, low), g.sub(high, low), once), 2, 0.5)


def _bell(a: Node) -> Node:
    """(a + 2 a[1] + 2 a[2] + a[3]) / 6."""
    outer, inner = g.add(a, g.lag(a, 3)), g.add(g.lag(a, 1), g.lag(a, 2))
    return g.div(g.add(outer, g.mul(TWO, inner)), g.const(6.0))


@family.add(
    "RVGI",
    "Relative vigor index",
    bars("n", 10),
    inputs=("open", "high", "low", "close"),
    outputs=("value", "signal"),
    formula="value = sum over n of b(close - open) / sum of b(high - low), b(a) = (a + 2 a[1] + 2 a[2] + a[3]) / 6, "
    "0 where there was no range; signal = b(value) (Ehlers 2002)",
)
def rvgi(x: Inputs, n: int) -> tuple[Node, Node]:
    ranged = g.rolling_sum(_bell(g.sub(x.high, x.low)), n)
    value = share(g.rolling_sum(_bell(g.sub(x.close, x.open)), n), ranged, 0.0)
    return value, _bell(value)


@family.add(
    "DPO",
    "Detrended price oscillator",
    bars("n", 20),
    formula="x[n/2 + 1] - SMA(n), n/2 rounded down: nothing later than this bar is read",
)
def dpo(x: Inputs, n: int) -> Node:
    return g.sub(g.lag(x.source, n // 2 + 1), g.rolling_mean(x.source, n))


@family.add(
    "BOP",
    "Balance of power",
    inputs=("open", "high", "low", "close"),
    range=(-1.0, 1.0),
    formula="(close - open) / (high - low); 0 where high = low",
)
def bop(x: Inputs) -> Node:
    return share(g.sub(x.close, x.open), g.sub(x.high, x.low), 0.0)


@family.add(
    "DEMARKER",
    "DeMarker",
    bars("n", 14),
    inputs=("high", "low"),
    range=(0.0, 1.0),
    formula="U / (U + D), U the sum over n of the rises of the high, D of the falls of the low (DeMark 1994); 1/2 "
    "where there were none",
)
def demarker(x: Inputs, n: int) -> Node:
    up = g.rolling_sum(rise(change(x.high)), n)
    return share(up, g.add(up, g.rolling_sum(fall(change(x.low)), n)), 0.5)
