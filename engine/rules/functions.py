"""The functions of the rules language: what each takes, gives, and which primitives it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.indicators import graph as g
from engine.indicators.graph import CONDITION, NUMBER, Node

#: a number of bars, known before the first bar: a whole number, a parameter, or arithmetic of both
BARS = "bars"


@dataclass(frozen=True)
class Function:
    """names and kinds of the arguments, kind of the result, builder."""

    arguments: tuple[tuple[str, str], ...]
    kind: str
    build: Callable[..., Node]
    fewest_bars: int = 1


def _function(kind: str, build: Any, *arguments: tuple[str, str], fewest_bars: int = 1) -> Function:
    return Function(arguments, kind, build, fewest_bars)


_A, _B, _N = ("a", NUMBER), ("b", NUMBER), ("bars", BARS)

FUNCTIONS: dict[str, Function] = {
    "crosses_above": _function(CONDITION, g.crosses_above, _A, _B),
    "crosses_below": _function(CONDITION, g.crosses_below, _A, _B),
    "rising": _function(CONDITION, g.rising, _A, _N),
    "falling": _function(CONDITION, g.falling, _A, _N),
    "within": _function(CONDITION, g.within, ("condition", CONDITION), _N),
    "highest": _function(NUMBER, g.highest, _A, _N),
    "lowest": _function(NUMBER, g.lowest, _A, _N),
    "lag": _function(NUMBER, g.lag, _A, _N, fewest_bars=0),
    "sum": _function(NUMBER, g.rolling_sum, _A, _N),
    "stdev": _function(NUMBER, g.rolling_std, _A, _N, fewest_bars=2),
    "abs": _function(NUMBER, g.absolute, _A),
    "min": _function(NUMBER, g.minimum, _A, _B),
    "max": _function(NUMBER, g.maximum, _A, _B),
    "sqrt": _function(NUMBER, g.sqrt, _A),
    "exp": _function(NUMBER, g.exp, _A),
    "log": _function(NUMBER, g.log, _A),
    "where": _function(NUMBER, g.where, ("condition", CONDITION), _A, _B),
}
