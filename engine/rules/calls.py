"""Calls of functions and indicators: arguments put in order, defaults filled in, kinds and bounds checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.timeframes import timeframe_ms
from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import CONDITION, NUMBER
from engine.indicators.spec import SOURCE, Indicator
from engine.rules.expressions import (
    Expression,
    FunctionCall,
    IndicatorCall,
    Number,
    Price,
    Word,
    expression,
    is_scalar,
    require,
    text_of,
)
from engine.rules.failures import RuleError
from engine.rules.functions import ANY, BARS, FRAME, FUNCTIONS, SCALAR, SESSION, Argument, Function
from engine.rules.words import SESSIONS


def call_function(name: str, given: Sequence[Any], named: dict[str, Any] | None = None, at: int = -1) -> FunctionCall:
    """A call with all its arguments in order. BadInput for wrong numbers, names, kinds and bounds."""
    function: Function = FUNCTIONS[name]
    names = [a.name for a in function.arguments]
    found = _arrange(name, names, given, named or {}, function.required)
    for argument in function.arguments:
        if argument.default is not None:
            found.setdefault(argument.name, Number(float(argument.default)))
        elif argument.name not in found:
            raise BadInput(f'{name} needs "{argument.name}".')
        _placed(found[argument.name], _check, argument, found[argument.name], name)
    kind = function.kind
    if kind == ANY:
        kind = next(found[a.name].kind for a in function.arguments if a.kind == ANY)
    return FunctionCall(name, tuple(found[n] for n in names), kind, at)


def call_indicator(name: str, given: Sequence[Any], named: dict[str, Any] | None = None, at: int = -1) -> IndicatorCall:
    """An indicator with all its parameters in order; a series that is given first is its source, as in SMA(volume, 20).
    BadInput as for functions."""
    spec: Indicator = INDICATORS[name]
    names = [p.name for p in spec.params]
    takes_source = SOURCE in spec.inputs
    if takes_source and given and isinstance(given[0], Expression) and not is_scalar(given[0]):
        if SOURCE in (named or {}):
            raise BadInput(f'{name} was given "{SOURCE}" twice.')
        given, named = given[1:], {**(named or {}), SOURCE: given[0]}
    found = _arrange(name, [*names, SOURCE] if takes_source else names, given, named or {}, 0)
    for p in spec.params:
        found.setdefault(p.name, Number(float(p.default)))
        _placed(found[p.name], _scalar, found[p.name], p.low, p.high, f'"{p.name}" of {name}', p.whole)
    source = require(NUMBER, found.get(SOURCE, Price("close")), f"source of {name}") if takes_source else None
    return IndicatorCall(name, tuple(found[n] for n in names), source, "", at)


def argument_text(function: str, name: str) -> str:
    """An argument as errors name it."""
    return "n of x[n]" if function == "lag" else f'"{name}" of {function}'


def _placed(value: Expression, check: Callable[..., None], *arguments: Any) -> None:
    """Run a check of a value; its BadInput gets the value's place."""
    try:
        check(*arguments)
    except BadInput as error:
        raise RuleError(error.what, fix=error.fix, at=value.at) from None


def check_bounds(value: float, low: float, high: float, what: str, whole: bool = True) -> None:
    """BadInput unless low <= value <= high, and whole where it must be."""
    if not low <= value <= high or (whole and not value.is_integer()):
        kind = "a whole number" if whole else "a number"
        raise BadInput(f"{what} is {value:g}; it must be {kind} from {low:g} to {high:g}.")


def _check(argument: Argument, value: Expression, function: str) -> None:
    what = argument_text(function, argument.name)
    if argument.kind in (BARS, SCALAR):
        _scalar(value, argument.low, argument.high, what, argument.kind == BARS)
    elif argument.kind == SESSION:
        _session(value)
    elif argument.kind == FRAME and isinstance(value, Word):
        timeframe_ms(value.text)
    elif argument.kind == FRAME:
        if not is_scalar(value):
            raise BadInput(f'{what} must be a timeframe such as "1h" or a number of bars, not {text_of(value)}.')
        _scalar(value, argument.low, argument.high, what)
    elif argument.kind == ANY:
        require(CONDITION if value.kind == CONDITION else NUMBER, value, function)
    else:
        require(argument.kind, value, function)


def _scalar(value: Expression, low: float, high: float, what: str, whole: bool = True) -> None:
    if not is_scalar(value):
        raise BadInput(f"{what} must be a number or a parameter, not a series: {text_of(value)}.")
    require(NUMBER, value, what)
    if isinstance(value, Number):
        check_bounds(value.value, low, high, what, whole)


def _session(value: Expression) -> None:
    fix = "Write one of " + ", ".join(f'session("{s}")' for s in SESSIONS) + "."
    if not isinstance(value, Word):
        raise BadInput(f"session needs a name in quotes, not {text_of(value)}.", fix=fix)
    if value.text not in SESSIONS:
        raise BadInput(f'There is no session "{value.text}".{did_you_mean(value.text, SESSIONS)}', fix=fix)


def _arrange(
    what: str, names: Sequence[str], given: Sequence[Any], named: dict[str, Any], required: int
) -> dict[str, Expression]:
    if len(given) > len(names) or (len(given) + len(named) < required and not named):
        need = f"{required}" if required == len(names) else f"{required} to {len(names)}"
        raise BadInput(f"{what} takes {need} arguments ({', '.join(names)}), not {len(given)}.", fix=_example(what))
    found = {name: argument_of(value) for name, value in zip(names, given)}
    for name, value in named.items():
        if name not in names:
            close = did_you_mean(name, names)
            fix = f"Its arguments are {', '.join(names)}." if names else "It takes none."
            raise BadInput(f'{what} has no argument "{name}".{close}', fix=fix)
        if name in found:
            raise BadInput(f'{what} was given "{name}" twice.')
        found[name] = argument_of(value)
    return found


def _example(name: str) -> str:
    return f"For example: {FUNCTIONS[name].example}." if name in FUNCTIONS else ""


def argument_of(value: Any) -> Expression:
    """A string as a word; else as `expression`."""
    return Word(value) if isinstance(value, str) else expression(value)


def _lagged(value: Expression, bars: Any) -> Expression:
    return call_function("lag", (value, bars))


Expression.lagged = staticmethod(_lagged)
