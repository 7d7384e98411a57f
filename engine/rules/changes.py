"""A strategy with some of its rules replaced, and the numbers in its exits that a hand can turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from engine.contracts.errors import BadInput, did_you_mean
from engine.rules.expressions import (
    Binary,
    Expression,
    FunctionCall,
    IndicatorCall,
    Number,
    Parameter,
    Price,
    is_scalar,
    number_text,
    text_of,
)
from engine.rules.fields import FIELDS
from engine.rules.strategy import Strategy
from engine.rules.text import parse_expression


def with_rules(strategy: Strategy, rules: Mapping[str, str]) -> Strategy:
    """The strategy with these rules (text by name; '' = without it) in place of its own.

    BadInput with the rule's name for one that does not exist, cannot be read or does not fit the others."""
    changed: dict[str, Expression | None] = {}
    for name, text in rules.items():
        if name not in FIELDS:
            raise BadInput(f'"{name}" is not a rule.{did_you_mean(name, FIELDS)}', fix=f"Known: {', '.join(FIELDS)}.")
        try:
            changed[name] = parse_expression(text, strategy.params) if text.strip() else None
        except BadInput as error:
            raise BadInput(error.what, where=f"rules.{name}", fix=error.fix) from None
    return replace(strategy, **changed) if changed else strategy  # type: ignore[arg-type]


class Turn(NamedTuple):
    """How a price distance is turned: by a parameter, or by a form with a number in place of {}. value: as it is."""

    value: float
    param: str
    form: str


def turn_of(rule: Expression, params: Mapping[str, float]) -> Turn:
    """`k * ATR(14)` is turned by its k, any other distance by a factor before it."""
    if isinstance(rule, Parameter):
        return Turn(params[rule.name], rule.name, "")
    if is_scalar(rule) and isinstance(rule, Number):
        return Turn(rule.value, "", "{}")
    if isinstance(rule, Binary) and rule.op == "*":
        for factor, other in ((rule.left, rule.right), (rule.right, rule.left)):
            if isinstance(factor, Parameter):
                return Turn(params[factor.name], factor.name, "")
            if isinstance(factor, Number):
                return Turn(factor.value, "", f"{{}} * {_inside(other)}")
    return Turn(1.0, "", f"{{}} * {_inside(rule)}")


def put(form: str, value: float) -> str:
    """The form with its number."""
    return form.replace("{}", number_text(value), 1)


def _inside(value: Expression) -> str:
    text = text_of(value)
    return text if isinstance(value, (IndicatorCall, FunctionCall, Price, Parameter)) else f"({text})"
