"""The catalogue against the published results of Stock.Indicators (Skender) on its 502 daily bars."""

from __future__ import annotations

import csv
import json
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.shared import data
from tests.unit.indicators.indicator_support import Bars, evaluate

Array = NDArray[np.float64]

#: expression -> (results file, field, first bar compared: where their seed, if it is another than ours, is forgotten).
#: Ours differ by definition for STC (theirs smooths by SMA), ULCER (theirs seeks the highest inside the window only)
#: and KLINGER (theirs is the long form): those have slow twins. AROON and SAR follow TA-Lib (the newest of equals).
CASES: dict[str, tuple[str, str, int]] = {
    "SMA(20)": ("sma", "sma", 0),
    "EMA(20)": ("ema", "ema", 0),
    "WMA(14)": ("wma", "wma", 0),
    "RMA(20)": ("smma", "smma", 0),
    "DEMA(14)": ("dema", "dema", 220),
    "TEMA(20)": ("tema", "tema", 300),
    "HMA(14)": ("hma", "hma", 0),
    "KAMA(10, 2, 30)": ("kama", "kama", 150),
    "VWMA(14)": ("vwma", "vwma", 0),
    "RSI(14)": ("rsi", "rsi", 0),
    "STOCH(14, 3, 3).k": ("stoch", "k", 0),
    "STOCH(14, 3, 3).d": ("stoch", "d", 0),
    "STOCHRSI(14, 14, 1, 3).k": ("stoch-rsi", "stochRsi", 0),
    "STOCHRSI(14, 14, 1, 3).d": ("stoch-rsi", "signal", 0),
    "MACD(12, 26, 9).line": ("macd", "macd", 0),
    "MACD(12, 26, 9).signal": ("macd", "signal", 0),
    "MACD(12, 26, 9).histogram": ("macd", "histogram", 0),
    "ROC(14)": ("roc", "roc", 0),
    "MOM(14)": ("roc", "momentum", 0),
    "CCI(20)": ("cci", "cci", 0),
    "WILLR(14)": ("willr", "williamsR", 0),
    "MFI(14)": ("mfi", "mfi", 0),
    "TSI(25, 13, 7).line": ("tsi", "tsi", 0),
    "TSI(25, 13, 7).signal": ("tsi", "signal", 0),
    "ULTOSC(7, 14, 28)": ("uo", "ultimate", 0),
    "AO(5, 34)": ("awesome", "oscillator", 0),
    "CRSI(3, 2, 100)": ("crsi", "connorsRsi", 0),
    "CMO(14)": ("cmo", "cmo", 0),
    "TRIX(14, 9).line": ("trix", "trix", 250),
    "SMA(14, source=BOP())": ("bop", "bop", 0),
    "ADX(14).adx": ("adx", "adx", 0),
    "ADX(14).plus": ("adx", "pdi", 0),
    "ADX(14).minus": ("adx", "mdi", 0),
    "VORTEX(14).plus": ("vortex", "pvi", 0),
    "VORTEX(14).minus": ("vortex", "nvi", 0),
    "ICHIMOKU(9, 26, 52).tenkan": ("ichimoku", "tenkanSen", 0),
    "ICHIMOKU(9, 26, 52).kijun": ("ichimoku", "kijunSen", 0),
    "ICHIMOKU(9, 26, 52).span_a": ("ichimoku", "senkouSpanA", 0),
    "ICHIMOKU(9, 26, 52).span_b": ("ichimoku", "senkouSpanB", 0),
    "SUPERTREND(10, 3).line": ("supertrend", "superTrend", 0),
    "CHANDELIER(22, 3).long": ("chexit", "chandelierExit", 0),
    "HEIKIN_ASHI().open": ("heikinashi", "open", 50),
    "HEIKIN_ASHI().high": ("heikinashi", "high", 50),
    "HEIKIN_ASHI().low": ("heikinashi", "low", 50),
    "HEIKIN_ASHI().close": ("heikinashi", "close", 0),
    "ALLIGATOR(13, 8, 5).jaw": ("alligator", "jaw", 0),
    "ALLIGATOR(13, 8, 5).teeth": ("alligator", "teeth", 0),
    "ALLIGATOR(13, 8, 5).lips": ("alligator", "lips", 0),
    "ATR(14)": ("atr", "atr", 0),
    "NATR(14)": ("atr", "atrp", 0),
    "TRANGE()": ("tr", "tr", 0),
    "BBANDS(20, 2).upper": ("bb", "upperBand", 0),
    "BBANDS(20, 2).lower": ("bb", "lowerBand", 0),
    "PERCENT_B(20, 2)": ("bb", "percentB", 0),
    "BANDWIDTH(20, 2)": ("bb", "width", 0),
    "ZSCORE(20)": ("bb", "zScore", 0),
    "STDEV(14)": ("stdev", "stdDev", 0),
    "KELTNER(20, 10, 2).upper": ("keltner", "upperBand", 0),
    "KELTNER(20, 10, 2).lower": ("keltner", "lowerBand", 0),
    "lag(DONCHIAN(20).upper, 1)": ("donchian", "upperBand", 0),
    "lag(DONCHIAN(20).middle, 1)": ("donchian", "centerline", 0),
    "CHOP(14)": ("chop", "chop", 0),
    "EFFICIENCY(10)": ("kama", "er", 0),
    "CMF(20)": ("cmf", "cmf", 0),
    "ADOSC(3, 10)": ("chaikin-osc", "oscillator", 150),
    "FORCE(2)": ("force", "forceIndex", 0),
}


@cache
def quotes() -> Bars:
    with data("fixtures/skender/quotes/default.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = [[float(row[name]) for row in rows] for name in ("open", "high", "low", "close", "volume")]
    return np.arange(len(rows), dtype=np.int64), np.array(columns)


@cache
def published(name: str, field: str) -> Array:
    rows = json.loads(data(f"fixtures/skender/results/{name}.standard.json").read_text())
    return np.array([np.nan if row[field] is None else float(row[field]) for row in rows])


@pytest.mark.shared
@pytest.mark.parametrize("expression", CASES)
def test_agrees_with_the_published_results(expression: str) -> None:
    name, field, first = CASES[expression]
    got, expected = evaluate([expression], quotes())[0][0], published(name, field)
    both = ~np.isnan(got) & ~np.isnan(expected)
    both[:first] = False
    assert both.sum() > 100
    scale = np.abs(expected[both]).max()
    np.testing.assert_allclose(got[both], expected[both], rtol=1e-9, atol=1e-12 * scale)


@pytest.mark.shared
def test_the_fisher_transform_is_close_to_the_published_one() -> None:
    """Theirs limits inside the recursion, ours its result: the same up to some bars after a limit was reached."""
    got, expected = evaluate(["FISHER(10).value"], quotes())[0][0], published("fisher", "fisher")
    difference = np.abs(got - expected)[40:]
    assert np.median(difference) < 1e-9
    assert difference.max() < 0.05 * np.abs(expected).max()
