"""The Python form of the rules language; all that strategies/ imports.

    n = param("n", 14, grid=[7, 14, 21, 28])
    Strategy(id="rsi_dip", ..., long_entry=crosses_above(RSI(n), 30) & (close > SMA(200)), stop=2 * ATR(14))

Use & | ~ for and, or, not, with each comparison in parentheses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.rules.expressions import (
    Expression,
    FunctionCall,
    IndicatorCall,
    Parameter,
    Price,
    call_function,
    call_indicator,
    expression,
)
from engine.rules.reserved import check_name
from engine.rules.strategy import Strategy

__all__ = [
    "ATR",
    "BBANDS",
    "EMA",
    "MACD",
    "RSI",
    "SMA",
    "Expression",
    "Strategy",
    "abs_",
    "close",
    "crosses_above",
    "crosses_below",
    "exp",
    "falling",
    "high",
    "highest",
    "lag",
    "log",
    "low",
    "lowest",
    "max_",
    "min_",
    "open_",
    "param",
    "rising",
    "sqrt",
    "stdev",
    "sum_",
    "volume",
    "where",
    "within",
]

open_, high, low, close, volume = (Price(name) for name in ("open", "high", "low", "close", "volume"))


def _indicator(name: str) -> Callable[..., IndicatorCall]:
    def call(*arguments: Any, **named: Any) -> IndicatorCall:
        return call_indicator(name, arguments, named)

    call.__name__ = name
    return call


def _function(name: str) -> Callable[..., FunctionCall]:
    def call(*arguments: Any, **named: Any) -> FunctionCall:
        return call_function(name, arguments, named)

    call.__name__ = name
    return call


RSI, EMA, SMA, ATR, MACD, BBANDS = (_indicator(name) for name in ("RSI", "EMA", "SMA", "ATR", "MACD", "BBANDS"))

crosses_above, crosses_below = _function("crosses_above"), _function("crosses_below")
rising, falling, within = _function("rising"), _function("falling"), _function("within")
highest, lowest, lag = _function("highest"), _function("lowest"), _function("lag")
sum_, stdev, where = _function("sum"), _function("stdev"), _function("where")
abs_, min_, max_ = _function("abs"), _function("min"), _function("max")
sqrt, exp, log = _function("sqrt"), _function("exp"), _function("log")


def param(name: str, default: float, grid: Sequence[float] = ()) -> Parameter:
    """A named number; grid: the values that an optimiser tries."""
    check_name(name)
    for value in (default, *grid):
        expression(value)
    return Parameter(name, float(default), tuple(float(v) for v in grid))
