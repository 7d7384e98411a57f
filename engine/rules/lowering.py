"""Expressions with values for their parameters -> the graph of primitives that the compiler takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.contracts.errors import BadInput
from engine.contracts.timeframes import timeframe_ms
from engine.indicators import graph as g
from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import INPUTS, LONGEST, Node
from engine.indicators.spec import SOURCE
from engine.rules.expressions import (
    Binary,
    Expression,
    FunctionCall,
    IndicatorCall,
    Number,
    Parameter,
    Price,
    Unary,
    check_bounds,
    text_of,
    whole_output,
)
from engine.rules.functions import BARS, FUNCTIONS

_BINARY = {
    "or": g.either,
    "and": g.both,
    "<": lambda a, b: g.greater(b, a),
    "<=": lambda a, b: g.greater_equal(b, a),
    ">": g.greater,
    ">=": g.greater_equal,
    "+": g.add,
    "-": g.sub,
    "*": g.mul,
    "/": g.div,
}


class WrongTimeframe(BadInput):
    """The rules cannot run on bars of this timeframe; they may on others."""


@dataclass(frozen=True)
class Context:
    """What an expression's meaning depends on besides its parameters: the timeframe of the bars it runs on and when
    their trading day ends, "utc" (midnight) or "new_york" (17:00 New York)."""

    timeframe: str = "1m"
    day: str = "utc"

    @property
    def length_ms(self) -> int:
        """Length of one bar."""
        return timeframe_ms(self.timeframe)


#: of expressions that only need to make sense
ANY_CONTEXT = Context()


class Lowering:
    """Turns expressions into nodes, each sub-expression once. params: name -> value."""

    def __init__(self, params: Mapping[str, float], context: Context = ANY_CONTEXT) -> None:
        self.params = params
        self.context = context
        self._done: dict[int, tuple[Expression, Node]] = {}

    def node(self, value: Expression) -> Node:
        """The graph of an expression; BadInput where a parameter's value does not fit its place."""
        known = self._done.get(id(value))
        if known is None:
            known = self._done[id(value)] = (value, self._lower(whole_output(value)))
        return known[1]

    def _lower(self, value: Expression) -> Node:
        match value:
            case Number():
                return g.const(value.value)
            case Parameter():
                return g.const(self.params.get(value.name, value.default))
            case Price():
                return g.source(value.name)
            case Unary():
                operand = self.node(value.operand)
                return g.negate(operand) if value.op == "not" else g.neg(operand)
            case Binary():
                return _BINARY[value.op](self.node(value.left), self.node(value.right))
            case FunctionCall():
                return self._function(value)
            case IndicatorCall():
                return self._indicator(value)
        raise TypeError(f"no expression: {value!r}")

    def _scalar(self, value: Expression, low: float, high: float, what: str, whole: bool) -> float:
        number = self.node(value).value
        shown = what if isinstance(value, Number) else f"{what} ({text_of(value)})"
        check_bounds(number, low, high, shown, whole)
        return number

    def _function(self, call: FunctionCall) -> Node:
        function = FUNCTIONS[call.name]
        inside: list[Node | int] = []
        for (name, kind), argument in zip(function.arguments, call.arguments, strict=True):
            if kind == BARS:
                what = f'"{name}" of {call.name}'
                inside.append(int(self._scalar(argument, function.fewest_bars, LONGEST, what, whole=True)))
            else:
                inside.append(self.node(argument))
        return function.build(*inside)

    def _indicator(self, call: IndicatorCall) -> Node:
        spec = INDICATORS[call.name]
        params = {
            p.name: self._scalar(argument, p.low, p.high, f'"{p.name}" of {call.name}', p.whole)
            for p, argument in zip(spec.params, call.arguments, strict=True)
        }
        inputs = {name: g.source(name) for name in INPUTS}
        if call.source is not None:
            inputs[SOURCE] = self.node(call.source)
        return spec.build(params, inputs)[call.output or spec.outputs[0]]
