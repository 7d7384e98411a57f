"""Which conditions of a strategy held on one bar, and the numbers that decided it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.contracts.why import Line, Operand, RuleWhy
from engine.indicators.graph import CONDITION, NUMBER, Node, number_of
from engine.rules.context import Context
from engine.rules.expressions import (
    Binary,
    Expression,
    FunctionCall,
    IndicatorCall,
    Number,
    Parameter,
    Unary,
    Word,
    children,
    is_scalar,
    number_text,
    text_of,
)
from engine.rules.fields import CONDITIONS, LEVELS, label
from engine.rules.lowering import Lowering
from engine.rules.machine import run_series
from engine.rules.program import compile_program
from engine.rules.strategy import Bound

_LOGICAL = ("and", "or")
Wrap = Callable[[Expression], Expression]


class _Row:
    """One line before its values are known."""

    def __init__(self, value: Expression, depth: int, operands: Sequence[Expression]) -> None:
        self.value = value
        self.depth = depth
        self.operands = operands


def explain(bound: Bound, index: NDArray[np.int64], bars: NDArray[np.float64]) -> list[RuleWhy]:
    """Every rule on the last bar of a history: index int64 (T,), bars float64 (columns, T), oldest first, T >= 1."""
    found = []
    for name in CONDITIONS:
        rule = getattr(bound.strategy, name)
        if rule is not None:
            found.append(_rule(bound, name, with_numbers(rule, bound.params), index, bars))
    return found


def _rule(bound: Bound, name: str, rule: Expression, index: NDArray[np.int64], bars: NDArray[np.float64]) -> RuleWhy:
    lowering = _lowering(bound, name)
    rows = _rows(rule, 0)
    nodes: list[Node] = []
    for row in rows:
        nodes += [lowering.node(row.value), *(lowering.node(o) for o in row.operands)]
    edge = bound.conditions[CONDITIONS.index(name)]
    program = compile_program([edge], [number_of(n) if n.kind == CONDITION else n for n in nodes])
    conditions, values = run_series(program, index, bars)
    now, before = values[:, -1], values[:, -2] if values.shape[1] > 1 else np.full(len(nodes), np.nan)
    lines, at = [], 0
    for row in rows:
        numbers = range(at + 1, at + 1 + len(row.operands))
        operands = [
            Operand(text=text_of(o), now=float(now[k]), before=float(before[k])) for o, k in zip(row.operands, numbers)
        ]
        lines.append(
            Line(
                depth=row.depth,
                text=text_of(row.value),
                held=bool(now[at] == 1.0),
                held_before=bool(before[at] == 1.0),
                operands=operands,
            )
        )
        at += 1 + len(row.operands)
    fired = bool(conditions[0, -1])
    title = name.replace("_", " ")
    return RuleWhy(
        rule=title, text=text_of(rule), fired=fired, summary=_summary(title, fired, lines, rows), lines=lines
    )


def levels_at(bound: Bound, index: NDArray[np.int64], bars: NDArray[np.float64]) -> dict[str, float]:
    """The distances and order levels that the strategy has, as read on the last bar."""
    given = [(name, node) for name, node in zip(LEVELS, bound.levels) if not (node.is_const and np.isnan(node.value))]
    _, values = run_series(compile_program([], [node for _, node in given]), index, bars)
    return {_level_name(bound, name): float(values[k, -1]) for k, (name, _) in enumerate(given)}


def _level_name(bound: Bound, name: str) -> str:
    side, _, what = name.partition("_")
    if what != "level":
        return label(name)
    return label(f"{side}_entry_{bound.long_order if side == 'long' else bound.short_order}")


def _lowering(bound: Bound, rule: str) -> Lowering:
    """As the rule itself was lowered: an exit knows the entry of its side."""
    lowering = Lowering(bound.params, Context(bound.timeframe, bound.day))
    if rule.endswith("entry"):
        return lowering
    return lowering.after(bound.conditions[0 if rule.startswith("long") else 2])


def _rows(value: Expression, depth: int, wrap: Wrap = lambda x: x) -> list[_Row]:
    """The condition, and below it the conditions it is made of; chains of one operator are one level.

    wrap: puts a part of what stands in tf(...) into the same tf(...).
    """
    if isinstance(value, Binary) and value.op in _LOGICAL:
        parts = [r for part in _chain(value, value.op) for r in _rows(part, depth + 1, wrap)]
        return [_Row(wrap(value), depth, ()), *parts]
    if isinstance(value, Unary):
        return [_Row(wrap(value), depth, ()), *_rows(value.operand, depth + 1, wrap)]
    if isinstance(value, FunctionCall) and value.name == "tf":
        frame, inner = value.arguments
        if inner.kind == CONDITION:
            return _rows(inner, depth, lambda x: FunctionCall("tf", (frame, x), x.kind, x.at))
    inside = [c for c in children(value) if c.kind == CONDITION] if isinstance(value, FunctionCall) else []
    operands = [wrap(c) for c in children(value) if c.kind == NUMBER and not is_scalar(c) and not isinstance(c, Word)]
    return [_Row(wrap(value), depth, operands), *(r for part in inside for r in _rows(part, depth + 1, wrap))]


def with_numbers(value: Expression, params: Mapping[str, float]) -> Expression:
    """The same expression with the values of its parameters in their places."""
    match value:
        case Parameter():
            return Number(params[value.name], value.at)
        case Unary():
            return replace(value, operand=with_numbers(value.operand, params))
        case Binary():
            return replace(value, left=with_numbers(value.left, params), right=with_numbers(value.right, params))
        case FunctionCall():
            return replace(value, arguments=tuple(with_numbers(a, params) for a in value.arguments))
        case IndicatorCall():
            source = None if value.source is None else with_numbers(value.source, params)
            return replace(value, arguments=tuple(with_numbers(a, params) for a in value.arguments), source=source)
    return value


def _chain(value: Expression, op: str) -> list[Expression]:
    if isinstance(value, Binary) and value.op == op:
        return [*_chain(value.left, op), *_chain(value.right, op)]
    return [value]


def _summary(title: str, fired: bool, lines: Sequence[Line], rows: Sequence[_Row]) -> str:
    title = title.capitalize()
    whole = lines[0]
    if fired:
        return f"{title}: yes, its condition turned true on this bar."
    if whole.held and whole.held_before:
        return f"{title}: no signal, its condition held on the bar before already."
    if whole.held:
        return f"{title}: its condition held, but the strategy was not warm yet."
    failed = [line for line in _deciding(lines, rows) if not line.held] or [whole]
    return f"{title}: no, {'; '.join(_failed(line) for line in failed[:3])}{'; ...' if len(failed) > 3 else ''}."


def _deciding(lines: Sequence[Line], rows: Sequence[_Row]) -> list[Line]:
    """The parts of the outermost chain, or the condition itself where it is none."""
    top = rows[0].value
    if isinstance(top, Binary) and top.op in _LOGICAL:
        return [line for line in lines if line.depth == 1]
    return [lines[0]]


def _failed(line: Line) -> str:
    numbers = ", ".join(f"{o.text} = {shown(o.now)}" for o in line.operands)
    return f"{line.text} did not hold" + (f" ({numbers})" if numbers else "")


def shown(value: float) -> str:
    """A number as people read it."""
    if value != value:
        return "not defined"
    return number_text(value) if float(value).is_integer() else f"{value:.6g}"
