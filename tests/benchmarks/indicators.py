"""Every indicator that TA-Lib has too, over 3.3 million bars, in turns on the same arrays; and banks of 16 periods."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import talib

from engine.clock import SYSTEM_CLOCK
from engine.contracts.settings import Settings
from engine.indicators.bank import bank, periods_of
from engine.indicators.catalogue import INDICATORS
from engine.rules.machine import bar_columns, run_series
from engine.rules.program import Program, compile_program
from engine.rules.series import series_program
from tests.benchmarks.backtest import minutes
from tests.benchmarks.harness import report

#: a bank's outputs of the whole history would not fit the memory of a small machine
ROUNDS, BANK_ROUNDS, BANK_BARS = 5, 3, 1_000_000
Call = Callable[..., Any]
#: ours: every output of the indicator, unless named; theirs: all calls that give the same
CASES: dict[str, Call] = {
    "SMA(20)": lambda o, h, low, c, v: talib.SMA(c, 20),
    "EMA(20)": lambda o, h, low, c, v: talib.EMA(c, 20),
    "WMA(20)": lambda o, h, low, c, v: talib.WMA(c, 20),
    "DEMA(20)": lambda o, h, low, c, v: talib.DEMA(c, 20),
    "TEMA(20)": lambda o, h, low, c, v: talib.TEMA(c, 20),
    "KAMA(10, 2, 30)": lambda o, h, low, c, v: talib.KAMA(c, 10),
    "LINREG(14).slope": lambda o, h, low, c, v: talib.LINEARREG_SLOPE(c, 14),
    "RSI(14)": lambda o, h, low, c, v: talib.RSI(c, 14),
    "STOCH(14, 3, 3)": lambda o, h, low, c, v: talib.STOCH(h, low, c, 14, 3, 0, 3, 0),
    "STOCHRSI(14, 14, 1, 3)": lambda o, h, low, c, v: talib.STOCHRSI(c, 14, 14, 3, 0),
    "MACD(12, 26, 9)": lambda o, h, low, c, v: talib.MACD(c),
    "PPO(12, 26, 9).line": lambda o, h, low, c, v: talib.PPO(c, 12, 26, 1),
    "ROC(10)": lambda o, h, low, c, v: talib.ROC(c, 10),
    "MOM(10)": lambda o, h, low, c, v: talib.MOM(c, 10),
    "CCI(20)": lambda o, h, low, c, v: talib.CCI(h, low, c, 20),
    "WILLR(14)": lambda o, h, low, c, v: talib.WILLR(h, low, c, 14),
    "MFI(14)": lambda o, h, low, c, v: talib.MFI(h, low, c, v, 14),
    "ULTOSC(7, 14, 28)": lambda o, h, low, c, v: talib.ULTOSC(h, low, c),
    "TRIX(15, 9).line": lambda o, h, low, c, v: talib.TRIX(c, 15),
    "BOP()": lambda o, h, low, c, v: talib.BOP(o, h, low, c),
    "ADX(14)": lambda o, h, low, c, v: (
        talib.ADX(h, low, c, 14),
        talib.PLUS_DI(h, low, c, 14),
        talib.MINUS_DI(h, low, c, 14),
    ),
    "AROON(25)": lambda o, h, low, c, v: (talib.AROON(h, low, 25), talib.AROONOSC(h, low, 25)),
    "SAR(0.02, 0.2).value": lambda o, h, low, c, v: talib.SAR(h, low),
    "ATR(14)": lambda o, h, low, c, v: talib.ATR(h, low, c, 14),
    "NATR(14)": lambda o, h, low, c, v: talib.NATR(h, low, c, 14),
    "TRANGE()": lambda o, h, low, c, v: talib.TRANGE(h, low, c),
    "BBANDS(20, 2)": lambda o, h, low, c, v: talib.BBANDS(c, 20),
    "STDEV(20)": lambda o, h, low, c, v: talib.STDDEV(c, 20),
    "DONCHIAN(55)": lambda o, h, low, c, v: (talib.MAX(h, 55), talib.MIN(low, 55), talib.MIDPRICE(h, low, 55)),
    "ADOSC(3, 10)": lambda o, h, low, c, v: talib.ADOSC(h, low, c, v),
    "OBV(100)": lambda o, h, low, c, v: talib.OBV(c, v),
    "AD(100)": lambda o, h, low, c, v: talib.AD(h, low, c, v),
    "highest(high, 55)": lambda o, h, low, c, v: talib.MAX(h, 55),
}
#: a bank of all periods of the setting beside one call a period
BANKS: dict[str, Call] = {
    "SMA": lambda o, h, low, c, v, n: talib.SMA(c, n),
    "EMA": lambda o, h, low, c, v, n: talib.EMA(c, n),
    "WMA": lambda o, h, low, c, v, n: talib.WMA(c, n),
    "RSI": lambda o, h, low, c, v, n: talib.RSI(c, n),
    "ATR": lambda o, h, low, c, v, n: talib.ATR(h, low, c, n),
    "CCI": lambda o, h, low, c, v, n: talib.CCI(h, low, c, n),
    "WILLR": lambda o, h, low, c, v, n: talib.WILLR(h, low, c, n),
    "MFI": lambda o, h, low, c, v, n: talib.MFI(h, low, c, v, n),
    "STDEV": lambda o, h, low, c, v, n: talib.STDDEV(c, n),
    "ROC": lambda o, h, low, c, v, n: talib.ROC(c, n),
}


def _ns(work: Call, bars: int) -> float:
    began = SYSTEM_CLOCK.monotonic_ns()
    work()
    return (SYSTEM_CLOCK.monotonic_ns() - began) / bars


def _program(text: str) -> Program:
    """Of one expression, or of all outputs of an indicator."""
    spec = INDICATORS.get(text.split("(")[0])
    several = spec is not None and len(spec.outputs) > 1 and not text.rpartition(")")[2]
    return series_program([f"{text}.{output}" for output in spec.outputs] if spec and several else [text])


def _compare(ours: Call, theirs: Call, work: int, rounds: int) -> dict[str, float]:
    """Medians in ns, taken in turns, of `work` bars times periods."""
    ours()
    theirs()
    pairs = [(_ns(ours, work), _ns(theirs, work)) for _ in range(rounds)]
    own, other = (statistics.median(p[k] for p in pairs) for k in (0, 1))
    return {"ns": round(own, 2), "talib_ns": round(other, 2), "ratio": round(own / other, 3)}


def run() -> dict[str, Any]:
    """value: worst ratio of medians, ours / theirs; below 1 is faster than TA-Lib. banks: the same a period."""
    bars, source = minutes()
    index, columns, total = np.asarray(bars["ts"]) // 60_000, bar_columns(bars), len(bars)
    prices = [np.ascontiguousarray(columns[k]) for k in range(5)]
    figures: dict[str, Any] = {}
    for name, theirs in CASES.items():
        ours = partial(run_series, _program(name), index, columns)
        figures[name] = _compare(ours, partial(theirs, *prices), total, ROUNDS)
    worst = max(figures, key=lambda name: figures[name]["ratio"])
    periods = periods_of(Settings().indicators.periods)
    banks: dict[str, Any] = {}
    part = [np.ascontiguousarray(p[-BANK_BARS:]) for p in prices]
    newest = index[-BANK_BARS:], np.ascontiguousarray(columns[:, -BANK_BARS:])
    for name, theirs in BANKS.items():
        used = [period for _, period, _ in bank([name], periods)]
        program = compile_program([], list(bank([name], periods).values()))

        def beside(call: Call = theirs, used: list[int] = used) -> None:
            for n in used:
                call(*part, n)

        banks[name] = _compare(partial(run_series, program, *newest), beside, BANK_BARS * len(used), BANK_ROUNDS)
    within = sum(f["ratio"] <= 1.1 for f in figures.values())
    figures |= {
        "worst": worst,
        "within_1.1": f"{within} of {len(CASES)}",
        "banks": banks,
        "worst_bank": max(b["ratio"] for b in banks.values()),
        "bank_at_most": 0.5,
        "bars": total,
        "data": source,
    }
    return report("indicators", figures[worst]["ratio"], figures, f"TA-Lib {talib.__version__}")
