"""Indicators that no other library has in this form, against what their definition says, written plainly."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.indicators.indicator_support import Bars, evaluate, minutes

Array = NDArray[np.float64]
ROWS = 4000


@cache
def real() -> Bars:
    """Nearly three days."""
    return minutes("binance-spot/BTCUSDT/1m.parquet", ROWS)


class Columns:
    def __init__(self, bars: Bars) -> None:
        self.time = [datetime.fromtimestamp(int(i) * 60, UTC) for i in bars[0]]
        self.open, self.high, self.low, self.close, self.volume = (row.astype(np.longdouble) for row in bars[1][:5])


def ema(x: Array, n: int, alpha: float | None = None) -> Array:
    """Seeded by the mean of the first n values that there are."""
    factor = np.longdouble(2) / (n + 1) if alpha is None else np.longdouble(alpha)
    out, seen, y = np.full(x.size, np.nan, np.longdouble), 0, np.longdouble(0)
    for t, value in enumerate(x):
        if not np.isnan(value):
            seen += 1
            y += (value - y) / seen if seen <= n else factor * (value - y)
        if seen >= n:
            out[t] = y
    return out


def rolled(n: int, fn: Callable[..., float], *columns: Array) -> Array:
    out = np.full(columns[0].size, np.nan, np.longdouble)
    for t in range(n - 1, out.size):
        windows = [c[t - n + 1 : t + 1] for c in columns]
        if not any(np.isnan(w).any() for w in windows):
            out[t] = fn(*windows)
    return out


def back(x: Array, k: int = 1) -> Array:
    return np.concatenate([np.full(k, np.nan, np.longdouble), x[:-k]])


def mean(x: Array, n: int) -> Array:
    return rolled(n, np.mean, x)


def linear(x: Array, n: int) -> Array:
    weights = np.arange(1, n + 1)
    return rolled(n, lambda w: (w * weights).sum() / weights.sum(), x)


def roc(x: Array, n: int) -> Array:
    return 100 * (x / back(x, n) - 1)


def place(x: Array, n: int) -> Array:
    return rolled(n, lambda w: (w[-1] - w.min()) / (w.max() - w.min()) if w.max() > w.min() else 0.5, x)


def fit(x: Array, n: int, what: str) -> Array:
    """numpy's own least squares."""

    def one(w: Array) -> float:
        y = (w - w[0]).astype(float)
        t = np.arange(n)
        slope, start = np.polyfit(t, y, 1)
        left = ((y - slope * t - start) ** 2).sum()
        total = ((y - y.mean()) ** 2).sum()
        return 1 - left / total if what == "r2" else math.sqrt(left / (n - 2))

    return rolled(n, one, x)


def fisher(b: Columns) -> Array:
    middle = (b.high + b.low) / 2
    smooth = ema(2 * place(middle, 10) - 1, 2, 0.33)
    held = np.where(smooth > 0.99, 0.999, np.where(smooth < -0.99, -0.999, smooth))
    return ema(np.log((1 + held) / (1 - held)), 2, 0.5)


def schaff(b: Columns) -> Array:
    line = ema(b.close, 23) - ema(b.close, 50)
    once = ema(100 * place(line, 10), 2, 0.5)

    def again(w: Array) -> float:
        return 100 * (w[-1] - w.min()) / (w.max() - w.min()) if w.max() > w.min() else w[-1]

    return ema(rolled(10, again, once), 2, 0.5)


def bell(x: Array) -> Array:
    return (x + 2 * back(x) + 2 * back(x, 2) + back(x, 3)) / 6


def vigor(b: Columns) -> Array:
    return rolled(10, lambda up, span: up.sum() / span.sum(), bell(b.close - b.open), bell(b.high - b.low))


def kst(b: Columns) -> Array:
    return sum(w * mean(roc(b.close, a), c) for w, a, c in ((1, 10, 10), (2, 15, 10), (3, 20, 10), (4, 30, 15)))


def demarker(b: Columns) -> Array:
    up, down = np.maximum(b.high - back(b.high), 0), np.maximum(back(b.low) - b.low, 0)
    up[0] = down[0] = np.nan
    return rolled(14, lambda u, d: u.sum() / (u.sum() + d.sum()) if u.sum() + d.sum() else 0.5, up, down)


def ranges(b: Columns) -> Array:
    before = back(b.close)
    return np.fmax(b.high, before) - np.fmin(b.low, before) + 0 * before


def returns(b: Columns) -> Array:
    return np.log(b.close) - np.log(back(b.close))


def garman(b: Columns) -> Array:
    return np.sqrt(mean(np.log(b.high / b.low) ** 2 / 2 - (2 * np.log(2.0) - 1) * np.log(b.close / b.open) ** 2, 20))


def yang(b: Columns) -> Array:
    n = 20
    up, down, moved = np.log(b.high / b.open), np.log(b.low / b.open), np.log(b.close / b.open)
    gap = np.log(b.open / back(b.close))
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    parts = rolled(n, lambda w: np.var(w, ddof=1), gap) + k * rolled(n, lambda w: np.var(w, ddof=1), moved)
    return np.sqrt(parts + (1 - k) * mean(up * (up - moved) + down * (down - moved), n))


def ulcer(b: Columns) -> Array:
    below = 100 * (b.close / rolled(14, np.max, b.close) - 1)
    return np.sqrt(mean(below**2, 14))


def mass(b: Columns) -> Array:
    once = ema(b.high - b.low, 9)
    return rolled(25, np.sum, once / ema(once, 9))


def ease(b: Columns) -> Array:
    middle = (b.high + b.low) / 2
    return mean((middle - back(middle)) * (b.high - b.low) / b.volume, 14)


def klinger(b: Columns) -> Array:
    price = b.high + b.low + b.close
    flow = np.sign(np.round(price - back(price), 6)) * b.volume
    return ema(flow, 34) - ema(flow, 55)


def by_day(b: Columns) -> list[slice]:
    days = [t.date() for t in b.time]
    starts = [t for t in range(len(days)) if t == 0 or days[t] != days[t - 1]]
    return [slice(s, e) for s, e in zip(starts, [*starts[1:], len(days)])]


def session(b: Columns, what: str) -> Array:
    """VWAP and the day's range; undefined on the first day, whose beginning was not seen."""
    out = np.full(b.close.size, np.nan, np.longdouble)
    price = (b.high + b.low + b.close) / 3
    for part in by_day(b)[1:]:
        for t in range(part.start, part.stop):
            day = slice(part.start, t + 1)
            weights = b.volume[day] / b.volume[day].sum()
            centre = (price[day] * weights).sum()
            spread = np.sqrt(((price[day] - centre) ** 2 * weights).sum())
            known = {"value": centre, "upper": centre + spread, "lower": centre - spread}
            out[t] = {**known, "range": b.high[day].max() - b.low[day].min()}[what]
    return out


def pivot(b: Columns, what: str) -> Array:
    out = np.full(b.close.size, np.nan, np.longdouble)
    days = by_day(b)
    for before, part in pairwise(days[1:]):
        high, low, close = b.high[before].max(), b.low[before].min(), b.close[before][-1]
        p = (high + low + close) / 3
        levels = {"p": p, "r1": 2 * p - low, "s1": 2 * p - high, "r2": p + high - low, "s2": p - high + low}
        out[part] = {**levels, "r3": high + 2 * (p - low), "s3": low - 2 * (high - p)}[what]
    return out


def swing(x: Array, left: int, right: int) -> Array:
    """Of highs; of lows turned over."""
    out, found, age = np.full(x.size, np.nan, np.longdouble), np.nan, 0
    for t in range(left + right, x.size):
        middle = x[t - right]
        age += 1
        if all(middle >= x[t - right - k] for k in range(1, left + 1)) and all(
            middle > x[t - right + k] for k in range(1, right + 1)
        ):
            found, age = middle, 0
        out[t] = found if age < 500 else np.nan
    return out


def skewness(w: Array) -> float:
    away = w - w.mean()
    return (away**3).mean() / (away**2).mean() ** 1.5


TWINS: dict[str, Callable[[Columns], Array]] = {
    "ZLEMA(20)": lambda b: ema(2 * b.close - back(b.close, 9), 20),
    "HMA(20)": lambda b: linear(2 * linear(b.close, 10) - linear(b.close, 20), 4),
    "LINREG(14).r2": lambda b: fit(b.close, 14, "r2"),
    "LINREG(14).error": lambda b: fit(b.close, 14, "error"),
    "PPO(12, 26, 9).signal": lambda b: ema(100 * (ema(b.close, 12) / ema(b.close, 26) - 1), 9),
    "TRIX(15, 9).signal": lambda b: ema(roc(ema(ema(ema(b.close, 15), 15), 15), 1), 9),
    "FISHER(10).value": fisher,
    "FISHER(10).trigger": lambda b: back(fisher(b)),
    "KST(1, 9).line": kst,
    "KST(1, 9).signal": lambda b: mean(kst(b), 9),
    "COPPOCK(11, 14, 10)": lambda b: linear(roc(b.close, 11) + roc(b.close, 14), 10),
    "STC(23, 50, 10)": schaff,
    "RVGI(10).value": vigor,
    "RVGI(10).signal": lambda b: bell(vigor(b)),
    "DPO(20)": lambda b: back(b.close, 11) - mean(b.close, 20),
    "DEMARKER(14)": demarker,
    "CHANDELIER(22, 3).short": lambda b: rolled(22, np.min, b.low) + 3 * ema(ranges(b), 22, 1 / 22),
    "HV(20)": lambda b: rolled(20, lambda w: np.std(w, ddof=1), returns(b)),
    "PARKINSON(20)": lambda b: np.sqrt(mean(np.log(b.high / b.low) ** 2, 20) / (4 * np.log(2.0))),
    "GARMAN_KLASS(20)": garman,
    "YANG_ZHANG(20)": yang,
    "MASS(9, 25)": mass,
    "CHAIKIN_VOL(10, 10)": lambda b: roc(ema(b.high - b.low, 10), 10),
    "ULCER(14)": ulcer,
    "EFFICIENCY(10)": lambda b: rolled(
        11, lambda w: abs(w[-1] - w[0]) / np.abs(np.diff(w)).sum() if np.ptp(w) else 0.0, b.close
    ),
    "VOLUME_Z(20)": lambda b: rolled(20, lambda w: (w[-1] - w.mean()) / w.std(), b.volume),
    "EMV(14)": ease,
    "KLINGER(34, 55, 13).line": klinger,
    "KLINGER(34, 55, 13).signal": lambda b: ema(klinger(b), 13),
    "VWAP().value": lambda b: session(b, "value"),
    "VWAP().upper": lambda b: session(b, "upper"),
    "VWAP().lower": lambda b: session(b, "lower"),
    "DAY_RANGE()": lambda b: session(b, "range"),
    **{f"PIVOTS().{name}": (lambda b, name=name: pivot(b, name)) for name in ("p", "r1", "r2", "r3", "s1", "s2", "s3")},
    "SWING(3, 2).high": lambda b: swing(b.high, 3, 2),
    "SWING(3, 2).low": lambda b: -swing(-b.low, 3, 2),
    "GAP()": lambda b: 100 * (b.open / back(b.close) - 1),
    "WEEKDAY()": lambda b: np.array([t.isoweekday() for t in b.time], np.longdouble),
    "HOUR()": lambda b: np.array([t.hour for t in b.time], np.longdouble),
    "RANK(100)": lambda b: rolled(101, lambda w: (w[:-1] < w[-1]).mean(), b.close),
    "MEDIAN(20)": lambda b: rolled(20, np.median, b.close),
    "MEDIAN(7, source=volume)": lambda b: rolled(7, np.median, b.volume),
    "SKEW(50)": lambda b: rolled(50, skewness, returns(b)),
    "CORRELATION(20)": lambda b: rolled(
        20, lambda r, v: np.corrcoef(r.astype(float), v.astype(float))[0, 1], returns(b), b.volume
    ),
    "VARIANCE_RATIO(4, 100)": lambda b: rolled(
        100, lambda q, one: q.var() / (4 * one.var()), np.log(b.close / back(b.close, 4)), returns(b)
    ),
}
#: digits lost to the difference of close prices that the definition takes
LOOSE = {"LINREG(14).r2": 1e-6, "LINREG(14).error": 1e-6, "EMV(14)": 1e-7, "SKEW(50)": 1e-8}


@pytest.mark.shared
@pytest.mark.parametrize("expression", TWINS)
def test_equals_its_slow_twin(expression: str) -> None:
    bars = real()
    got = evaluate([expression], bars)[0][0]
    expected = TWINS[expression](Columns(bars)).astype(float)
    assert np.array_equal(np.isnan(got), np.isnan(expected)), (np.isnan(got).sum(), np.isnan(expected).sum())
    known = ~np.isnan(got)
    loose = LOOSE.get(expression, 1e-9)
    np.testing.assert_allclose(got[known], expected[known], rtol=loose, atol=loose * np.abs(expected[known]).max())


@pytest.mark.shared
def test_negative_volume_equals_the_index_less_its_average() -> None:
    """Ours begins with the mean of the first 255 returns: compared where both beginnings are forgotten."""
    bars = real()
    got, expected = evaluate(["NVI(20)"], bars)[0][0], _nvi(Columns(bars), 20)
    np.testing.assert_allclose(got[600:], expected[600:].astype(float), rtol=1e-9, atol=1e-13)


def _nvi(b: Columns, n: int) -> Array:
    level = np.nancumsum(np.where(b.volume < back(b.volume), returns(b), 0.0))
    return level - ema(level, n)
