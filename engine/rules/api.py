"""The Python form of the rules language; all that strategies/ imports.

    n = param("n", 14, grid=[7, 14, 21, 28])
    Strategy(id="rsi_dip", ..., long_entry=crosses_above(RSI(n), 30) & (close > SMA(200)), stop=2 * ATR(14))

Use & | ~ for and, or, not, with each comparison in parentheses; x[n] is x n bars before. Every indicator of the
catalogue is here under its name; names that Python has itself end in _ (open_, abs_, min_, max_, sum_).
`pyroquant language` prints the whole language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.contracts.errors import did_you_mean
from engine.indicators.catalogue import INDICATORS
from engine.rules.calls import call_function, call_indicator
from engine.rules.expressions import Expression, FunctionCall, IndicatorCall, Parameter, Price, expression
from engine.rules.functions import FUNCTIONS
from engine.rules.reserved import check_name
from engine.rules.strategy import Strategy
from engine.rules.words import SERIES

#: words of the language that mean something else in Python
SHADOWING = ("open", "abs", "min", "max", "sum")


def _indicator(name: str) -> Callable[..., IndicatorCall]:
    def call(*arguments: Any, **named: Any) -> IndicatorCall:
        return call_indicator(name, arguments, named)

    spec = INDICATORS[name]
    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"{spec.title}: {spec.formula}"
    return call


def _function(name: str) -> Callable[..., FunctionCall]:
    def call(*arguments: Any, **named: Any) -> FunctionCall:
        return call_function(name, arguments, named)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"{FUNCTIONS[name].meaning}. {FUNCTIONS[name].example}"
    return call


open_, high, low, close, volume, funding = (
    Price("open"),
    Price("high"),
    Price("low"),
    Price("close"),
    Price("volume"),
    Price("funding"),
)
day_open, day_high, day_low = Price("day_open"), Price("day_high"), Price("day_low")
prev_day_open, prev_day_high = Price("prev_day_open"), Price("prev_day_high")
prev_day_low, prev_day_close = Price("prev_day_low"), Price("prev_day_close")
week_open, week_high, week_low = Price("week_open"), Price("week_high"), Price("week_low")
prev_week_open, prev_week_high = Price("prev_week_open"), Price("prev_week_high")
prev_week_low, prev_week_close = Price("prev_week_low"), Price("prev_week_close")
bar_of_day, bars_since_entry = Price("bar_of_day"), Price("bars_since_entry")
minute, hour, weekday = Price("minute"), Price("hour"), Price("weekday")
day, month, days_left = Price("day"), Price("month"), Price("days_left")

crosses_above, crosses_below, becomes = _function("crosses_above"), _function("crosses_below"), _function("becomes")
pivot_high, pivot_low = _function("pivot_high"), _function("pivot_low")
rising, falling, within = _function("rising"), _function("falling"), _function("within")
always, count, run_length = _function("always"), _function("count"), _function("run_length")
lag, highest, lowest = _function("lag"), _function("highest"), _function("lowest")
highest_age, lowest_age = _function("highest_age"), _function("lowest_age")
sum_, mean, stdev = _function("sum"), _function("mean"), _function("stdev")
rank, quantile, median = _function("rank"), _function("quantile"), _function("median")
bars_since, value_at, at_entry = _function("bars_since"), _function("value_at"), _function("at_entry")
reversal = _function("reversal")
abs_, min_, max_ = _function("abs"), _function("min"), _function("max")
sqrt, exp, log = _function("sqrt"), _function("exp"), _function("log")
sign, floor = _function("sign"), _function("floor")
where, between = _function("where"), _function("between")
session, time_between, tf = _function("session"), _function("time_between"), _function("tf")

_CALLS = {name: _indicator(name) for name in INDICATORS}


def __getattr__(name: str) -> Callable[..., IndicatorCall]:
    """The indicators, by name."""
    if name not in _CALLS:
        raise AttributeError(f"the rules language has no {name}.{did_you_mean(name, __all__)}")
    return _CALLS[name]


def param(name: str, default: float, grid: Sequence[float] = ()) -> Parameter:
    """A named number; grid: the values that an optimiser tries."""
    check_name(name)
    for value in (default, *grid):
        expression(value)
    return Parameter(name, float(default), tuple(float(v) for v in grid))


def in_python(name: str) -> str:
    """A word of the language as it is written in Python."""
    return f"{name}_" if name in SHADOWING else name


__all__ = ["Expression", "Strategy", "param"]
__all__ += [*map(in_python, SERIES), *map(in_python, FUNCTIONS), *INDICATORS]
