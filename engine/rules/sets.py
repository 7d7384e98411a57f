"""Which parameter sets a condition on parameters allows: all of them at once, so that many cost no more than few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.rules.expressions import Binary, Expression, FunctionCall, Number, Parameter, Unary

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "or": np.logical_or,
    "and": np.logical_and,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": lambda a, b: (a < b) | (a > b),
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "sign": np.sign,
    "where": np.where,
    "between": lambda x, a, b: (a <= x) & (x <= b),
}


def known_values(value: Expression, params: Mapping[str, NDArray[np.float64]]) -> NDArray[Any]:
    """A scalar expression for many parameter sets: params name -> float64 (n,) gives (n,) or one value for all.

    The same numbers as the graph of each set alone.
    """
    with np.errstate(all="ignore"):
        return np.asarray(_values(value, params))


def _values(value: Expression, params: Mapping[str, NDArray[np.float64]]) -> Any:
    match value:
        case Number():
            return np.float64(value.value)
        case Parameter():
            return params[value.name]
        case Unary(op="not"):
            return np.logical_not(_values(value.operand, params))
        case Unary():
            return np.negative(_values(value.operand, params))
        case Binary():
            return _OPERATORS[value.op](_values(value.left, params), _values(value.right, params))
        case FunctionCall():
            return _FUNCTIONS[value.name](*(_values(a, params) for a in value.arguments))
    raise TypeError(f"no scalar: {value!r}")
