"""The catalogue against TA-Lib on real bars, a long-double twin where that is the better judge, and worked examples."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import talib
from numpy.typing import NDArray

from engine.indicators.catalogue import INDICATORS
from engine.rules.machine import run_series
from engine.rules.series import series_program
from tests.unit.indicators.indicator_support import Bars, evaluate, minutes, one

ROWS = 200_000
SERIES = {"BTCUSDT": "binance-spot/BTCUSDT/1m.parquet", "EUR_USD": "histdata/EUR_USD/1m.parquet"}
Array = NDArray[np.float64]
Call = Callable[[Array, Array, Array, Array, Array], Array]

#: what the 1e-12 of the tolerance is taken of
PRICE, UNIT, PERCENT, VOLUME, FLOW, QUOTIENT = "price", "unit", "percent", "volume", "flow", "quotient"

CASES: dict[str, tuple[str, Call]] = {
    "SMA(20)": (PRICE, lambda o, h, low, c, v: talib.SMA(c, 20)),
    "SMA(200)": (PRICE, lambda o, h, low, c, v: talib.SMA(c, 200)),
    "SMA(10, source=volume)": (VOLUME, lambda o, h, low, c, v: talib.SMA(v, 10)),
    "EMA(9)": (PRICE, lambda o, h, low, c, v: talib.EMA(c, 9)),
    "EMA(200)": (PRICE, lambda o, h, low, c, v: talib.EMA(c, 200)),
    "WMA(20)": (PRICE, lambda o, h, low, c, v: talib.WMA(c, 20)),
    "DEMA(20)": (PRICE, lambda o, h, low, c, v: talib.DEMA(c, 20)),
    "TEMA(20)": (PRICE, lambda o, h, low, c, v: talib.TEMA(c, 20)),
    "KAMA(10, 2, 30)": (PRICE, lambda o, h, low, c, v: talib.KAMA(c, 10)),
    "LINREG(14).value": (PRICE, lambda o, h, low, c, v: talib.LINEARREG(c, 14)),
    "LINREG(14).slope": (PRICE, lambda o, h, low, c, v: talib.LINEARREG_SLOPE(c, 14)),
    "LINREG(14).intercept": (PRICE, lambda o, h, low, c, v: talib.LINEARREG_INTERCEPT(c, 14)),
    "RSI(2)": (PERCENT, lambda o, h, low, c, v: talib.RSI(c, 2)),
    "RSI(14)": (PERCENT, lambda o, h, low, c, v: talib.RSI(c, 14)),
    "STOCH(14, 3, 3).k": (PERCENT, lambda o, h, low, c, v: talib.STOCH(h, low, c, 14, 3, 0, 3, 0)[0]),
    "STOCH(14, 3, 3).d": (PERCENT, lambda o, h, low, c, v: talib.STOCH(h, low, c, 14, 3, 0, 3, 0)[1]),
    "STOCH(5, 1, 3).k": (PERCENT, lambda o, h, low, c, v: talib.STOCHF(h, low, c, 5, 3, 0)[0]),
    "STOCHRSI(14, 5, 1, 3).k": (PERCENT, lambda o, h, low, c, v: talib.STOCHRSI(c, 14, 5, 3, 0)[0]),
    "STOCHRSI(14, 5, 1, 3).d": (PERCENT, lambda o, h, low, c, v: talib.STOCHRSI(c, 14, 5, 3, 0)[1]),
    "MACD(12, 26, 9).line": (PRICE, lambda o, h, low, c, v: talib.MACD(c)[0]),
    "MACD(12, 26, 9).signal": (PRICE, lambda o, h, low, c, v: talib.MACD(c)[1]),
    "MACD(12, 26, 9).histogram": (PRICE, lambda o, h, low, c, v: talib.MACD(c)[2]),
    "PPO(12, 26, 9).line": (PERCENT, lambda o, h, low, c, v: talib.PPO(c, 12, 26, 1)),
    "ROC(10)": (PERCENT, lambda o, h, low, c, v: talib.ROC(c, 10)),
    "MOM(10)": (PRICE, lambda o, h, low, c, v: talib.MOM(c, 10)),
    "CCI(20)": (QUOTIENT, lambda o, h, low, c, v: talib.CCI(h, low, c, 20)),
    "WILLR(14)": (PERCENT, lambda o, h, low, c, v: talib.WILLR(h, low, c, 14)),
    "MFI(14)": (PERCENT, lambda o, h, low, c, v: talib.MFI(h, low, c, v, 14)),
    "ULTOSC(7, 14, 28)": (PERCENT, lambda o, h, low, c, v: talib.ULTOSC(h, low, c)),
    # TA-Lib's CMO smooths as Wilder does; ours is Chande's
    "2 * RSI(14) - 100": (PERCENT, lambda o, h, low, c, v: talib.CMO(c, 14)),
    "TRIX(15, 9).line": (PERCENT, lambda o, h, low, c, v: talib.TRIX(c, 15)),
    "BOP()": (UNIT, lambda o, h, low, c, v: talib.BOP(o, h, low, c)),
    "ADX(14).adx": (PERCENT, lambda o, h, low, c, v: talib.ADX(h, low, c, 14)),
    "ADX(14).plus": (PERCENT, lambda o, h, low, c, v: talib.PLUS_DI(h, low, c, 14)),
    "ADX(14).minus": (PERCENT, lambda o, h, low, c, v: talib.MINUS_DI(h, low, c, 14)),
    "AROON(25).up": (PERCENT, lambda o, h, low, c, v: talib.AROON(h, low, 25)[1]),
    "AROON(25).down": (PERCENT, lambda o, h, low, c, v: talib.AROON(h, low, 25)[0]),
    "AROON(25).oscillator": (PERCENT, lambda o, h, low, c, v: talib.AROONOSC(h, low, 25)),
    "SAR(0.02, 0.2).value": (PRICE, lambda o, h, low, c, v: talib.SAR(h, low)),
    "ATR(14)": (PRICE, lambda o, h, low, c, v: talib.ATR(h, low, c, 14)),
    "NATR(14)": (PERCENT, lambda o, h, low, c, v: talib.NATR(h, low, c, 14)),
    "TRANGE()": (PRICE, lambda o, h, low, c, v: talib.TRANGE(h, low, c)),
    "BBANDS(20, 2).middle": (PRICE, lambda o, h, low, c, v: talib.BBANDS(c, 20)[1]),
    "DONCHIAN(55).upper": (PRICE, lambda o, h, low, c, v: talib.MAX(h, 55)),
    "DONCHIAN(55).lower": (PRICE, lambda o, h, low, c, v: talib.MIN(low, 55)),
    "DONCHIAN(55).middle": (PRICE, lambda o, h, low, c, v: talib.MIDPRICE(h, low, 55)),
    "ADOSC(3, 10)": (FLOW, lambda o, h, low, c, v: talib.ADOSC(h, low, c, v, 3, 10)),
    "OBV(100)": (FLOW, lambda o, h, low, c, v: _over(talib.OBV(c, v), 100)),
    "AD(100)": (FLOW, lambda o, h, low, c, v: _over(talib.AD(h, low, c, v), 100)),
    "highest(high, 55)": (PRICE, lambda o, h, low, c, v: talib.MAX(h, 55)),
    "lowest(low, 55)": (PRICE, lambda o, h, low, c, v: talib.MIN(low, 55)),
}


def _over(level: Array, n: int) -> Array:
    """The change over n bars."""
    return np.concatenate([np.full(n, np.nan), level[n:] - level[:-n]])


def _near(bars: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """This bar or one of the n before it."""
    return np.convolve(bars, np.ones(n + 1))[: bars.size] > 0


def _flat(top: Array, bottom: Array, n: int, less: float | Array = 0.0) -> NDArray[np.bool_]:
    return talib.MAX(top, n) - talib.MIN(bottom, n) <= less


def _no_verdict(expression: str, columns: Array) -> NDArray[np.bool_]:
    """Bars on which TA-Lib says something else for a reason: where nothing moved it says 0, we say the middle (RSI 50,
    WILLR -50 ...); and where the quotient of two differences in the last digits says nothing."""
    _, high, low, close, volume = columns
    typical = (high + low + close) / 3.0
    match expression.split("(")[0]:
        case "STOCH":
            return _near(_flat(high, low, 5 if "(5" in expression else 14), 6)
        case "STOCHRSI":
            rsi = np.nan_to_num(talib.RSI(close, 14))
            return _near(_flat(rsi, rsi, 5, 0.1), 3)
        case "CCI":
            return _flat(typical, typical, 20, 1e-9 * close)
        case "WILLR":
            return _flat(high, low, 14)
        case "ULTOSC":
            return talib.SUM(np.nan_to_num(talib.TRANGE(high, low, close)), 7) < 1e-9 * high
        case "MFI":
            noise = np.abs(np.diff(typical, prepend=0.0)) < 1e-9 * typical
            return _near(noise & (np.diff(typical, prepend=0.0) != 0.0), 14) | (talib.SUM(volume, 14) < 1e-9)
    return np.zeros(close.size, np.bool_)


@cache
def real(name: str) -> Bars:
    return minutes(SERIES[name], ROWS)


@cache
def ours(name: str) -> dict[str, tuple[Array, int]]:
    values, memory = evaluate(list(CASES), real(name))
    return {text: (values[k], int(memory[k])) for k, text in enumerate(CASES)}


@pytest.mark.shared
@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("expression", CASES)
def test_agrees_with_talib_once_its_memory_is_full(expression: str, name: str) -> None:
    got, memory = ours(name)[expression]
    kind, call = CASES[expression]
    columns = real(name)[1]
    expected = call(*columns)
    high, volume = float(columns[1].max()), float(columns[4].max())
    # a price over what prices differed by in the window
    quotient = high / np.maximum(0.015 * (talib.MAX(columns[3], 20) - talib.MIN(columns[3], 20)) / 20, 1e-9 * high)
    flow = float(np.abs(np.cumsum(columns[4])).max())
    scale = {PRICE: high, UNIT: 1.0, PERCENT: 100.0, VOLUME: volume, FLOW: flow, QUOTIENT: quotient}
    close = np.abs(got - expected) <= 1e-9 * np.abs(expected) + 1e-12 * scale[kind]
    left_out = _no_verdict(expression, columns)
    assert left_out.mean() < 0.05 or not volume
    close |= np.isnan(expected) | left_out
    assert np.all(close[memory:]), (np.flatnonzero(~close[memory:])[:5] + memory, (~close[memory:]).sum())


@pytest.mark.shared
@pytest.mark.parametrize(
    "expression",
    ["SMA(20)", "EMA(20)", "RSI(14)", "ATR(14)", "BBANDS(20, 2).middle", "ROC(10)", "WILLR(14)", "DEMA(20)"],
)
def test_begins_at_the_same_bar_with_the_same_value(expression: str) -> None:
    call = {**CASES, "EMA(20)": (PRICE, lambda o, h, low, c, v: talib.EMA(c, 20))}[expression][1]
    index, columns = real("BTCUSDT")
    part = index[:300], np.ascontiguousarray(columns[:, :300])
    got, expected = one(expression, part), call(*part[1])
    assert np.array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=1e-9)


@pytest.mark.shared
def test_bands_and_deviations_equal_a_long_double_twin() -> None:
    index, columns = real("BTCUSDT")
    part = index[:20_000], np.ascontiguousarray(columns[:, :20_000])
    texts = ["BBANDS(20, 2).upper", "BBANDS(20, 2).lower", "STDEV(20)", "ZSCORE(20)", "PERCENT_B(20, 2)"]
    texts.append("BANDWIDTH(20, 2)")
    got, _ = evaluate(texts, part)
    close = columns[3, 19:20_000].astype(np.longdouble)
    window = np.lib.stride_tricks.sliding_window_view(part[1][3], 20).astype(np.longdouble)
    mean, deviation = window.mean(1), window.std(1)
    moved = deviation > 0
    expected = [
        mean + 2 * deviation,
        mean - 2 * deviation,
        deviation,
        np.divide(close - mean, deviation, where=moved, out=np.zeros_like(mean)),
        np.divide(close - mean + 2 * deviation, 4 * deviation, where=moved, out=np.full_like(mean, 0.5)),
        4 * deviation / mean,
    ]
    for text, row, twin in zip(texts, got, expected, strict=True):
        # a deviation of a billionth of the price leaves its quotients as many digits less
        loose = 1e-8 if text.startswith(("ZSCORE", "PERCENT_B")) else 1e-10
        np.testing.assert_allclose(row[19:], twin.astype(float), rtol=loose, atol=loose, err_msg=text)


def small(expression: str, close: list[float], spread: float = 0.0) -> list[float]:
    c = np.array(close)
    bars = np.stack([c, c + spread, c - spread, c, np.ones(c.size)])
    return list(run_series(series_program([expression]), np.arange(c.size), bars)[1][0])


def test_worked_examples() -> None:
    nan = np.nan
    np.testing.assert_equal(small("SMA(3)", [1, 2, 6, 4]), [nan, nan, 3.0, 4.0])
    np.testing.assert_equal(small("EMA(3)", [1, 2, 6, 5]), [nan, nan, 3.0, 4.0])
    # rises 2, 0, 2 and falls 0, 1, 0: U = 1, D = 0.5 after two changes; then U = 1.5, D = 0.25
    np.testing.assert_allclose(small("RSI(2)", [10, 12, 11, 13]), [nan, nan, 100 / 1.5, 100 * 1.5 / 1.75])
    # true ranges 2, 3 (previous close 10, high 13), 2; Wilder's mean of two, then (2.5 + 2) / 2
    np.testing.assert_allclose(small("ATR(2)", [10, 10, 12, 12], 1.0), [nan, nan, 2.5, 2.25])
    np.testing.assert_allclose(small("BBANDS(2, 3).upper", [1, 3, 3]), [nan, 5.0, 3.0])
    np.testing.assert_equal(small("RSI(2)", [5, 5, 5, 5]), [nan, nan, 50.0, 50.0])
    np.testing.assert_allclose(small("DONCHIAN(2).middle", [1, 3, 9], 1.0), [nan, 2.0, 6.0])
    np.testing.assert_allclose(small("ROC(2)", [4, 8, 5]), [nan, nan, 25.0])
    np.testing.assert_allclose(small("EFFICIENCY(3)", [1, 4, 2, 3]), [nan, nan, nan, 2 / 6])


def test_flat_prices_have_no_deviation_and_averages_equal_to_the_price() -> None:
    close = [0.1] * 500
    assert set(small("BBANDS(20, 2).upper - BBANDS(20, 2).lower", close)[19:]) == {0.0}
    assert set(small("EMA(20)", close)[19:]) == {0.1}
    assert set(small("STDEV(20)", close)[19:]) == {0.0}


def test_every_indicator_says_what_it_is() -> None:
    for name, spec in INDICATORS.items():
        assert spec.name == name
        assert spec.title
        assert spec.formula
        assert spec.family
        for p in spec.params:
            assert p.low <= p.default <= p.high
