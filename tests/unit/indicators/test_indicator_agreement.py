"""The catalogue against TA-Lib on real bars, a long-double twin where that is the better judge, and worked examples."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
import talib
from numpy.typing import NDArray

from engine.indicators.catalogue import INDICATORS
from engine.rules.machine import run_series
from engine.rules.series import series_program
from tests.shared import data

ROWS = 200_000


@pytest.fixture(scope="module")
def btc() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The newest 200,000 one-minute bars of BTCUSDT: index and bars (5, T)."""
    file = pq.ParquetFile(data("candles/binance-spot/BTCUSDT/1m.parquet"))
    table = file.read_row_groups(range(max(0, file.num_row_groups - 4), file.num_row_groups)).slice(0)
    table = table.slice(max(0, table.num_rows - ROWS))
    columns = [table[name].to_numpy() for name in ("open", "high", "low", "close", "volume")]
    return table["ts"].to_numpy() // 60_000, np.stack(columns)


def shown(expression: str, btc: tuple[NDArray[np.int64], NDArray[np.float64]]) -> tuple[NDArray[np.float64], int]:
    program = series_program([expression])
    return run_series(program, *btc)[1][0], program.memory


CASES = {
    "SMA(20)": lambda o, h, low, c, v: talib.SMA(c, 20),
    "SMA(200)": lambda o, h, low, c, v: talib.SMA(c, 200),
    "SMA(10, source=volume)": lambda o, h, low, c, v: talib.SMA(v, 10),
    "EMA(9)": lambda o, h, low, c, v: talib.EMA(c, 9),
    "EMA(200)": lambda o, h, low, c, v: talib.EMA(c, 200),
    "RSI(2)": lambda o, h, low, c, v: talib.RSI(c, 2),
    "RSI(14)": lambda o, h, low, c, v: talib.RSI(c, 14),
    "ATR(14)": lambda o, h, low, c, v: talib.ATR(h, low, c, 14),
    "MACD(12, 26, 9).line": lambda o, h, low, c, v: talib.MACD(c)[0],
    "MACD(12, 26, 9).signal": lambda o, h, low, c, v: talib.MACD(c)[1],
    "MACD(12, 26, 9).histogram": lambda o, h, low, c, v: talib.MACD(c)[2],
    "BBANDS(20, 2).middle": lambda o, h, low, c, v: talib.BBANDS(c, 20)[1],
    "highest(high, 55)": lambda o, h, low, c, v: talib.MAX(h, 55),
    "lowest(low, 55)": lambda o, h, low, c, v: talib.MIN(low, 55),
}


@pytest.mark.shared
@pytest.mark.parametrize("expression", CASES)
def test_agrees_with_talib_once_its_memory_is_full(expression: str, btc: tuple[NDArray, NDArray]) -> None:
    got, memory = shown(expression, btc)
    expected = CASES[expression](*btc[1])
    scale = 1.0 if "RSI" not in expression else 100.0
    scale = float(np.max(btc[1][4 if "volume" in expression else 3])) if scale == 1.0 else scale
    settled = slice(memory, None)
    error = np.abs(got[settled] - expected[settled])
    assert np.all(error <= 1e-9 * np.abs(expected[settled]) + 1e-12 * scale)


@pytest.mark.shared
@pytest.mark.parametrize("expression", ["SMA(20)", "EMA(20)", "RSI(14)", "ATR(14)", "BBANDS(20, 2).middle"])
def test_begins_at_the_same_bar_with_the_same_value(expression: str, btc: tuple[NDArray, NDArray]) -> None:
    call = {**CASES, "EMA(20)": lambda o, h, low, c, v: talib.EMA(c, 20)}[expression]
    part = btc[0][:300], np.ascontiguousarray(btc[1][:, :300])
    got = run_series(series_program([expression]), *part)[1][0]
    expected = call(*part[1])
    assert np.array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=1e-9)


@pytest.mark.shared
def test_bands_equal_a_long_double_twin(btc: tuple[NDArray, NDArray]) -> None:
    part = btc[0][:20_000], np.ascontiguousarray(btc[1][:, :20_000])
    got = run_series(series_program(["BBANDS(20, 2).upper", "BBANDS(20, 2).lower"]), *part)[1]
    window = np.lib.stride_tricks.sliding_window_view(part[1][3], 20).astype(np.longdouble)
    mean, deviation = window.mean(1), window.std(1)
    np.testing.assert_allclose(got[0][19:], (mean + 2 * deviation).astype(float), rtol=1e-13)
    np.testing.assert_allclose(got[1][19:], (mean - 2 * deviation).astype(float), rtol=1e-13)


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


def test_flat_prices_have_no_deviation_and_averages_equal_to_the_price() -> None:
    close = [0.1] * 500
    assert set(small("BBANDS(20, 2).upper - BBANDS(20, 2).lower", close)[19:]) == {0.0}
    assert set(small("EMA(20)", close)[19:]) == {0.1}


def test_every_indicator_builds_within_its_bounds_and_says_what_it_is() -> None:
    for name, spec in INDICATORS.items():
        assert spec.name == name
        assert spec.title
        assert spec.formula
        for p in spec.params:
            assert p.low <= p.default <= p.high
        for output in spec.outputs:
            text = f"{name}()" + (f".{output}" if len(spec.outputs) > 1 else "")
            assert series_program([text]).value_warmup[0] > 0
