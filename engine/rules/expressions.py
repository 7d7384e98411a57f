"""Expressions of the rules language: the one tree behind the Python form and the text form.

Two expressions are equal when they say the same; where one stood in a text (`at`) does not count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.contracts.errors import BadInput, did_you_mean
from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import CONDITION, LONGEST, NUMBER
from engine.indicators.spec import SOURCE, Indicator
from engine.rules.functions import BARS, FUNCTIONS, Function

#: operators by how tightly they bind; `not` binds between `and` and the comparisons
BINDING = {"or": 1, "and": 2, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6}
NOT_BINDING, NEGATE_BINDING, TIGHTEST = 3, 7, 9
LARGEST = 1e15
LOGICAL, COMPARISONS = ("and", "or"), ("<", "<=", ">", ">=")


class Expression:
    """Base of all: the operators of the Python form. Use & | ~ for and, or, not."""

    kind: str = NUMBER
    at: int = -1

    def __add__(self, other: Any) -> Expression:
        return binary("+", self, other)

    def __radd__(self, other: Any) -> Expression:
        return binary("+", other, self)

    def __sub__(self, other: Any) -> Expression:
        return binary("-", self, other)

    def __rsub__(self, other: Any) -> Expression:
        return binary("-", other, self)

    def __mul__(self, other: Any) -> Expression:
        return binary("*", self, other)

    def __rmul__(self, other: Any) -> Expression:
        return binary("*", other, self)

    def __truediv__(self, other: Any) -> Expression:
        return binary("/", self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return binary("/", other, self)

    def __lt__(self, other: Any) -> Expression:
        return binary("<", self, other)

    def __le__(self, other: Any) -> Expression:
        return binary("<=", self, other)

    def __gt__(self, other: Any) -> Expression:
        return binary(">", self, other)

    def __ge__(self, other: Any) -> Expression:
        return binary(">=", self, other)

    def __and__(self, other: Any) -> Expression:
        return binary("and", self, other)

    def __or__(self, other: Any) -> Expression:
        return binary("or", self, other)

    def __invert__(self) -> Expression:
        return unary("not", self)

    def __neg__(self) -> Expression:
        return unary("-", self)

    def __bool__(self) -> bool:
        raise BadInput(f"{text_of(self)} has no single truth value.", fix="Use & | ~ in place of and, or, not.")


@dataclass(frozen=True)
class Number(Expression):
    value: float
    at: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class Parameter(Expression):
    """A named number of the strategy. grid: the values an optimiser tries. Whole when its default and grid are."""

    name: str
    default: float
    grid: tuple[float, ...] = ()
    at: int = field(default=-1, compare=False)

    @property
    def whole(self) -> bool:
        return all(float(v).is_integer() for v in (self.default, *self.grid))


@dataclass(frozen=True)
class Price(Expression):
    """A column of the bars."""

    name: str
    at: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class Unary(Expression):
    op: str
    operand: Expression
    kind: str
    at: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class Binary(Expression):
    op: str
    left: Expression
    right: Expression
    kind: str
    at: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class FunctionCall(Expression):
    name: str
    arguments: tuple[Expression, ...]
    kind: str
    at: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class IndicatorCall(Expression):
    """All parameters in order; source only where the indicator takes one; output '' until chosen, if it has several."""

    name: str
    arguments: tuple[Expression, ...]
    source: Expression | None
    output: str = ""
    at: int = field(default=-1, compare=False)

    def __getattr__(self, name: str) -> IndicatorCall:
        if name.startswith("__"):
            raise AttributeError(name)
        return output_of(self, name)


def expression(value: Any) -> Expression:
    """A number as an expression; an expression as it is."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        if abs(value) > LARGEST:
            raise BadInput(f"{value!r} is too large; at most {LARGEST:g}.")
        return Number(float(value) + 0.0)
    raise BadInput(f"{value!r} is not a number or an expression.")


def _require(kind: str, value: Expression, what: str) -> Expression:
    whole_output(value)
    if value.kind != kind:
        need = "a condition such as close > open" if kind == CONDITION else "a number"
        raise BadInput(f"{what} needs {need}, but {text_of(value)} is a {value.kind}.")
    return value


def unary(op: str, operand: Expression, at: int = -1) -> Expression:
    kind = CONDITION if op == "not" else NUMBER
    _require(kind, operand, f'"{op}"')
    if op == "-" and isinstance(operand, Number):
        return Number(0.0 - operand.value, at)
    return Unary(op, operand, kind, at)


def binary(op: str, left: Any, right: Any, at: int = -1) -> Expression:
    kind = CONDITION if op in LOGICAL else NUMBER
    a = _require(kind, expression(left), f'"{op}"')
    b = _require(kind, expression(right), f'"{op}"')
    return Binary(op, a, b, CONDITION if op in LOGICAL + COMPARISONS else NUMBER, at)


def whole_output(value: Expression) -> Expression:
    """An indicator with several outputs cannot stand for one of them."""
    if isinstance(value, IndicatorCall) and not value.output:
        outputs = INDICATORS[value.name].outputs
        if len(outputs) > 1:
            raise BadInput(
                f"{value.name} has {len(outputs)} outputs ({', '.join(outputs)}).",
                fix=f"Write {text_of(value)}.{outputs[0]}.",
            )
    return value


def output_of(call: IndicatorCall, name: str, at: int = -1) -> IndicatorCall:
    outputs = INDICATORS[call.name].outputs
    if len(outputs) == 1 or call.output:
        raise BadInput(f"{text_of(call)} has no outputs to choose from; leave out .{name}.")
    if name not in outputs:
        raise BadInput(
            f'{call.name} has no output "{name}".{did_you_mean(name, outputs)}', fix=f"It has {', '.join(outputs)}."
        )
    return IndicatorCall(call.name, call.arguments, call.source, name, at)


def _bars(value: Expression, low: float, high: float, what: str, whole: bool = True) -> Expression:
    if not is_scalar(value):
        raise BadInput(f"{what} must be a number or a parameter, not a series: {text_of(value)}.")
    if isinstance(value, Number):
        check_bounds(value.value, low, high, what, whole)
    return value


def check_bounds(value: float, low: float, high: float, what: str, whole: bool = True) -> None:
    if not low <= value <= high or (whole and not value.is_integer()):
        kind = "a whole number" if whole else "a number"
        raise BadInput(f"{what} is {number_text(value)}; it must be {kind} from {low:g} to {high:g}.")


def _arrange(
    what: str, names: Sequence[str], given: Sequence[Any], named: dict[str, Any], required: int
) -> dict[str, Expression]:
    if len(given) > len(names) or (len(given) + len(named) < required and not named):
        need = f"{required}" if required == len(names) else f"{required} to {len(names)}"
        raise BadInput(f"{what} takes {need} arguments ({', '.join(names)}), not {len(given)}.")
    found = {name: expression(value) for name, value in zip(names, given)}
    for name, value in named.items():
        if name not in names:
            raise BadInput(f'{what} has no argument "{name}".{did_you_mean(name, names)}')
        if name in found:
            raise BadInput(f'{what} was given "{name}" twice.')
        found[name] = expression(value)
    return found


def call_function(name: str, given: Sequence[Any], named: dict[str, Any] | None = None, at: int = -1) -> FunctionCall:
    function: Function = FUNCTIONS[name]
    names = [n for n, _ in function.arguments]
    found = _arrange(name, names, given, named or {}, len(names))
    missing = [n for n in names if n not in found]
    if missing:
        raise BadInput(f'{name} needs "{missing[0]}".')
    for argument, kind in function.arguments:
        if kind == BARS:
            _bars(found[argument], function.fewest_bars, LONGEST, f'"{argument}" of {name}')
        else:
            _require(kind, found[argument], name)
    return FunctionCall(name, tuple(found[n] for n in names), function.kind, at)


def call_indicator(name: str, given: Sequence[Any], named: dict[str, Any] | None = None, at: int = -1) -> IndicatorCall:
    spec: Indicator = INDICATORS[name]
    names = [p.name for p in spec.params]
    takes_source = SOURCE in spec.inputs
    found = _arrange(name, [*names, SOURCE] if takes_source else names, given, named or {}, 0)
    for p in spec.params:
        found.setdefault(p.name, Number(float(p.default)))
        _bars(found[p.name], p.low, p.high, f'"{p.name}" of {name}', p.whole)
    source = _require(NUMBER, found.get(SOURCE, Price("close")), f"source of {name}") if takes_source else None
    return IndicatorCall(name, tuple(found[n] for n in names), source, "", at)


def children(value: Expression) -> tuple[Expression, ...]:
    match value:
        case Unary():
            return (value.operand,)
        case Binary():
            return (value.left, value.right)
        case FunctionCall():
            return value.arguments
        case IndicatorCall():
            return value.arguments if value.source is None else (*value.arguments, value.source)
    return ()


def walk(value: Expression) -> Iterator[Expression]:
    """The expression and all below it, in reading order."""
    stack = [value]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(children(top)))


def is_scalar(value: Expression) -> bool:
    """Made of numbers and parameters only: known before the first bar."""
    return all(isinstance(e, (Number, Parameter, Unary, Binary)) for e in walk(value))


def number_text(value: float) -> str:
    """Shortest text that reads back as the same number."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def text_of(value: Expression, binding: int = 0) -> str:
    """Canonical text; reads back as the same expression."""
    match value:
        case Number():
            return number_text(value.value)
        case Parameter() | Price():
            return value.name
        case Unary(op="not"):
            text, own = f"not {text_of(value.operand, NOT_BINDING)}", NOT_BINDING
        case Unary():
            text, own = f"-{text_of(value.operand, NEGATE_BINDING + 1)}", NEGATE_BINDING
        case Binary():
            own = BINDING[value.op]
            left = own + 1 if value.op in COMPARISONS else own
            text = f"{text_of(value.left, left)} {value.op} {text_of(value.right, own + 1)}"
        case FunctionCall():
            return f"{value.name}({', '.join(text_of(a) for a in value.arguments)})"
        case IndicatorCall():
            inside = [text_of(a) for a in value.arguments]
            if value.source is not None and value.source != Price("close"):
                inside.append(f"source={text_of(value.source)}")
            return f"{value.name}({', '.join(inside)})" + (f".{value.output}" if value.output else "")
        case _:
            raise TypeError(f"no expression: {value!r}")
    return f"({text})" if own < binding else text
