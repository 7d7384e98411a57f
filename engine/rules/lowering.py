"""Expressions with values for their parameters -> the graph of primitives that the compiler takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.contracts.errors import BadInput
from engine.indicators import graph as g
from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import Node
from engine.indicators.spec import SOURCE
from engine.rules.calls import argument_text, check_bounds
from engine.rules.context import ANY_CONTEXT, Context, Place
from engine.rules.expressions import (
    Binary,
    Expression,
    FunctionCall,
    IndicatorCall,
    Number,
    Parameter,
    Price,
    Unary,
    Word,
    text_of,
    whole_output,
)
from engine.rules.failures import RuleError
from engine.rules.functions import BARS, FRAME, FUNCTIONS, SCALAR, SESSION, Argument
from engine.rules.words import SERIES

_BINARY = {
    "or": g.either,
    "and": g.both,
    "<": lambda a, b: g.greater(b, a),
    "<=": lambda a, b: g.greater_equal(b, a),
    ">": g.greater,
    ">=": g.greater_equal,
    "==": lambda a, b: g.both(g.greater_equal(a, b), g.greater_equal(b, a)),
    "!=": lambda a, b: g.either(g.greater(a, b), g.greater(b, a)),
    "+": g.add,
    "-": g.sub,
    "*": g.mul,
    "/": g.div,
}


def _is_tf(value: Expression) -> bool:
    return isinstance(value, FunctionCall) and value.name == "tf"


class Lowering:
    """Turns expressions into nodes, each sub-expression once. params: name -> value.

    Raises RuleError, with the place in the text where it has one, for what cannot be computed there.
    """

    def __init__(self, params: Mapping[str, float], context: Context = ANY_CONTEXT, place: Place | None = None) -> None:
        self.params = params
        self.place = place or Place(context)
        self._done: dict[int, tuple[Expression, Node]] = {}
        self._inner: dict[Place, Lowering] = {}

    def at(self, place: Place) -> Lowering:
        """The same, elsewhere: on higher bars, or after an entry."""
        if place not in self._inner:
            self._inner[place] = Lowering(self.params, place=place)
        return self._inner[place]

    def after(self, entry: Node) -> Lowering:
        """The same for a rule of one side. entry: the edge of its entry."""
        return self.at(replace(self.place, entry=entry))

    def node(self, value: Expression) -> Node:
        """The graph of an expression; RuleError where a parameter's value does not fit its place."""
        known = self._done.get(id(value))
        if known is None:
            try:
                known = self._done[id(value)] = (value, self._here(value, self._lower(whole_output(value))))
            except BadInput as error:
                if isinstance(error, RuleError) and error.at >= 0:
                    raise
                kind = type(error) if isinstance(error, RuleError) else RuleError
                raise kind(error.what, fix=error.fix, at=value.at) from None
            except ValueError as error:
                raise RuleError(f"{text_of(value)} cannot be computed: {error}.", at=value.at) from None
        return known[1]

    def _here(self, value: Expression, node: Node) -> Node:
        """The node, if it is computed on the bars of this place; what reads nothing but constants is on own bars."""
        if node.frame not in (0, self.place.factor) and not _is_tf(value):
            raise RuleError(
                f"{text_of(value)} reads no bars, so it is not of longer ones either.",
                fix="Inside tf a window or an event needs a series such as close.",
            )
        return node

    def scalar(self, value: Expression, low: float, high: float, what: str, whole: bool = True) -> float:
        """A number that is known before the first bar; BadInput outside its bounds."""
        number = self.node(value).value
        shown = what if isinstance(value, Number) else f"{what} ({text_of(value)})"
        try:
            check_bounds(number, low, high, shown, whole)
        except BadInput as error:
            raise RuleError(error.what, at=value.at) from None
        return number

    def _lower(self, value: Expression) -> Node:
        match value:
            case Number():
                return g.const(value.value)
            case Parameter():
                return g.const(self.params.get(value.name, value.default))
            case Price():
                return SERIES[value.name].build(self.place)
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

    def _function(self, call: FunctionCall) -> Node:
        function = FUNCTIONS[call.name]
        if call.name == "tf":
            return self._higher(call)
        inside = [self._argument(call, a, v) for a, v in zip(function.arguments, call.arguments, strict=True)]
        return function.build(self.place, *inside)

    def _argument(self, call: FunctionCall, argument: Argument, value: Expression) -> Node | float | str:
        if argument.kind in (BARS, SCALAR):
            what = argument_text(call.name, argument.name)
            return self.scalar(value, argument.low, argument.high, what, argument.kind == BARS)
        if argument.kind == SESSION and isinstance(value, Word):
            return value.text
        return self.node(value)

    def _higher(self, call: FunctionCall) -> Node:
        frame, inner = call.arguments
        if isinstance(frame, Word):
            place = self.place.higher(frame.text)
        else:
            bounds = next(a for a in FUNCTIONS["tf"].arguments if a.kind == FRAME)
            place = self.place.higher(int(self.scalar(frame, bounds.low, bounds.high, '"timeframe" of tf')))
        return FUNCTIONS["tf"].build(place, self.at(place).node(inner))

    def _indicator(self, call: IndicatorCall) -> Node:
        spec = INDICATORS[call.name]
        params = {
            p.name: self.scalar(argument, p.low, p.high, f'"{p.name}" of {call.name}', p.whole)
            for p, argument in zip(spec.params, call.arguments, strict=True)
        }
        inputs = {} if call.source is None else {SOURCE: self.node(call.source)}
        return spec.build(params, inputs, self.place)[call.output or spec.outputs[0]]
