"""Expressions of the rules language: the one tree behind the Python form and the text form.

Two expressions are equal when they say the same; where one stood in a text (`at`) does not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn

from engine.contracts.errors import BadInput, did_you_mean
from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import CONDITION, NUMBER
from engine.rules.failures import RuleError
from engine.rules.functions import FUNCTIONS

#: operators by how tightly they bind; `not` binds between `and` and the comparisons
BINDING = {"or": 1, "and": 2, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4, "+": 5, "-": 5, "*": 6, "/": 6}
NOT_BINDING, NEGATE_BINDING, POSTFIX_BINDING = 3, 7, 8
LARGEST = 1e15
#: parts of one expression, and how deep they may be nested; what is built from them is bounded thereby
MOST_PARTS, DEEPEST_TREE = 1_000, 200
LOGICAL, COMPARISONS = ("and", "or"), ("<", "<=", ">", ">=", "==", "!=")
#: kind of a quoted word, such as the "1h" of tf("1h", close); it stands only where a function asks for one
WORD = "word"
#: functions of numbers only that are known before the first bar where their arguments are
PURE = ("abs", "min", "max", "sqrt", "floor", "sign", "where", "between")


_PYTHON_EQUALS = "In Python write x.eq(y) for x == y and x.ne(y) for x != y."


class Expression:
    """Base of all: the operators of the Python form. Use & | ~ for and, or, not."""

    kind: str = NUMBER
    at: int = -1
    #: how many parts it has, itself included, and how many lie over one another
    parts: int = 1
    #: makes x[n]; set by engine.rules.calls, which knows the bounds of every argument
    lagged: ClassVar[Callable[[Expression, Any], Expression]]
    depth: int = 1

    def __post_init__(self) -> None:
        inside = children(self)
        if inside:
            object.__setattr__(self, "parts", 1 + sum(e.parts for e in inside))
            object.__setattr__(self, "depth", 1 + max(e.depth for e in inside))
            if self.parts > MOST_PARTS or self.depth > DEEPEST_TREE:
                raise RuleError(
                    f"The expression has more than {MOST_PARTS} parts or is nested more than {DEEPEST_TREE} deep.",
                    at=self.at,
                )

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

    def __rand__(self, other: Any) -> NoReturn:
        raise BadInput(f"{other!r} is not a condition.", fix=_PYTHON_EQUALS)

    __ror__ = __rand__

    def eq(self, other: Any) -> Expression:
        """self == other of the text form; Python's own == tells whether two expressions say the same."""
        return binary("==", self, other)

    def ne(self, other: Any) -> Expression:
        """self != other of the text form."""
        return binary("!=", self, other)

    def __invert__(self) -> Expression:
        return unary("not", self)

    def __neg__(self) -> Expression:
        return unary("-", self)

    def __getitem__(self, bars: Any) -> Expression:
        """x[n]: its value n bars before."""
        return Expression.lagged(self, bars)

    def __iter__(self) -> NoReturn:
        raise BadInput(f"{text_of(self)} is a series without an end.", fix="Write x[1] for the bar before.")

    def __bool__(self) -> bool:
        raise BadInput(f"{text_of(self)} has no single truth value.", fix="Use & | ~ in place of and, or, not.")


@dataclass(frozen=True)
class Word(Expression):
    """A quoted word: the name of a timeframe or of a session."""

    text: str
    kind: str = field(default=WORD, init=False)
    at: int = field(default=-1, compare=False)


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
    """A series that has a name of its own: a column of the bars, a price of the day, a word of the calendar."""

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
    fix = _PYTHON_EQUALS if isinstance(value, bool) else ""
    raise BadInput(f"{value!r} is not a number or an expression.", fix=fix)


def require(kind: str, value: Expression, what: str) -> Expression:
    """The value, if it is a number or a condition as asked for."""
    whole_output(value)
    if value.kind != kind:
        need = "a condition such as close > open" if kind == CONDITION else "a number"
        raise RuleError(f"{what} needs {need}, but {text_of(value)} is a {value.kind}.", at=value.at)
    return value


def unary(op: str, operand: Expression, at: int = -1) -> Expression:
    kind = CONDITION if op == "not" else NUMBER
    require(kind, operand, f'"{op}"')
    if op == "-" and isinstance(operand, Number):
        return Number(0.0 - operand.value, at)
    return Unary(op, operand, kind, at)


def binary(op: str, left: Any, right: Any, at: int = -1) -> Expression:
    kind = CONDITION if op in LOGICAL else NUMBER
    a = require(kind, expression(left), f'"{op}"')
    b = require(kind, expression(right), f'"{op}"')
    return Binary(op, a, b, CONDITION if op in LOGICAL + COMPARISONS else NUMBER, at)


def whole_output(value: Expression) -> Expression:
    """An indicator with several outputs cannot stand for one of them."""
    if isinstance(value, IndicatorCall) and not value.output:
        outputs = INDICATORS[value.name].outputs
        if len(outputs) > 1:
            raise RuleError(
                f"{value.name} has {len(outputs)} outputs ({', '.join(outputs)}).",
                fix=f"Write {text_of(value)}.{outputs[0]}.",
                at=value.at,
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
    return all(
        isinstance(e, (Number, Parameter, Unary, Binary)) or (isinstance(e, FunctionCall) and e.name in PURE)
        for e in walk(value)
    )


def _worth_saying(call: FunctionCall) -> tuple[Expression, ...]:
    """The arguments without those at the end that would be the same if left out."""
    last = len(call.arguments)
    for argument, value in zip(reversed(FUNCTIONS[call.name].arguments), reversed(call.arguments)):
        if argument.default is None or not isinstance(value, Number) or value.value != argument.default:
            break
        last -= 1
    return call.arguments[:last]


def number_text(value: float) -> str:
    """Shortest text that reads back as the same number."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def text_of(value: Expression, binding: int = 0) -> str:
    """Canonical text; reads back as the same expression."""
    match value:
        case Number():
            text, own = number_text(value.value), NEGATE_BINDING if value.value < 0 else POSTFIX_BINDING
            return f"({text})" if own < binding else text
        case Parameter() | Price():
            return value.name
        case Word():
            return f'"{value.text}"'
        case Unary(op="not"):
            text, own = f"not {text_of(value.operand, NOT_BINDING)}", NOT_BINDING
        case Unary():
            text, own = f"-{text_of(value.operand, NEGATE_BINDING + 1)}", NEGATE_BINDING
        case Binary():
            own = BINDING[value.op]
            left = own + 1 if value.op in COMPARISONS else own
            text = f"{text_of(value.left, left)} {value.op} {text_of(value.right, own + 1)}"
        case FunctionCall(name="lag"):
            return f"{text_of(value.arguments[0], POSTFIX_BINDING)}[{text_of(value.arguments[1])}]"
        case FunctionCall():
            return f"{value.name}({', '.join(text_of(a) for a in _worth_saying(value))})"
        case IndicatorCall():
            inside = [text_of(a) for a in value.arguments]
            if value.source is not None and value.source != Price("close"):
                inside.append(f"source={text_of(value.source)}")
            return f"{value.name}({', '.join(inside)})" + (f".{value.output}" if value.output else "")
        case _:
            raise TypeError(f"no expression: {value!r}")
    return f"({text})" if own < binding else text
