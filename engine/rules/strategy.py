"""Strategies: rules with named parameters, and the program of any number of them."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.timeframes import timeframe_ms
from engine.indicators import graph as g
from engine.indicators.graph import CONDITION, NUMBER, Node
from engine.rules.context import Context
from engine.rules.expressions import (
    Expression,
    Parameter,
    expression,
    is_scalar,
    number_text,
    text_of,
    walk,
    whole_output,
)
from engine.rules.failures import FieldError, RuleError
from engine.rules.fields import CONDITIONS, FIELDS, LEVELS, MOST_HELD, MOST_VALID, SIDES, label
from engine.rules.functions import SCALAR
from engine.rules.lowering import Lowering
from engine.rules.parser import LONGEST_LINE, Line, Parser
from engine.rules.program import Program, compile_program, state_size
from engine.rules.sets import known_values

if TYPE_CHECKING:
    from engine.rules.preview_program import PreviewProgram

DIRECTIONS = ("long", "short", "both")
#: float64 a lane of one strategy may keep; its windows are as long as this together
MOST_STATE = 30_000
#: operations that one strategy may come to
MOST_NODES = 5_000
MOST_SETS = 10_000
#: different timeframes of tf() in one strategy
MOST_FRAMES = 12
#: a rule with no more parts and levels is within the limits of the text form
SURELY_SHORT, SURELY_FLAT = 80, 15
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")

__all__ = ["CONDITIONS", "DIRECTIONS", "LEVELS", "Bound", "Strategy", "StrategyProgram", "compile_strategies"]


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """One strategy. Conditions are levels; their false-to-true edges are the signals. FIELDS has what each rule means.

    *_stop and *_limit of an entry: the price at which it rests as an order, for entry_valid bars. Other numbers: price
    distances from the entry, read at the decision bar. requires: a condition on parameters that every parameter set
    must meet. An entry that names no exit leaves on a stop, target, trail, time stop or the opposite entry. Raises
    BadInput for anything that cannot run.
    """

    id: str
    title: str
    family: str
    idea: str
    source: str
    timeframe: str
    direction: str = "both"
    long_entry: Expression | None = None
    long_exit: Expression | None = None
    short_entry: Expression | None = None
    short_exit: Expression | None = None
    long_entry_stop: Expression | None = None
    long_entry_limit: Expression | None = None
    short_entry_stop: Expression | None = None
    short_entry_limit: Expression | None = None
    entry_valid: Expression | float | None = None
    stop: Expression | float | None = None
    target: Expression | float | None = None
    trail: Expression | float | None = None
    break_even: Expression | float | None = None
    long_stop: Expression | float | None = None
    short_stop: Expression | float | None = None
    long_target: Expression | float | None = None
    short_target: Expression | float | None = None
    time_stop: Expression | float | None = None
    requires: Expression | None = None

    def __post_init__(self) -> None:
        for name, field in FIELDS.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, Expression):
                if field.kind == CONDITION:
                    raise BadInput(f"{label(name)} of {self.id} must be a condition, not {value!r}.")
                object.__setattr__(self, name, expression(value))
        self._check_words()
        self._check_kinds()
        self._check_sides()
        self._check_sets()
        self.bind()

    def _check_words(self) -> None:
        if not _ID.fullmatch(self.id):
            raise FieldError(
                f'"{self.id}" is not a strategy name.', fix="Use small letters, digits and _, at most 64.",
                field="strategy",
            )  # fmt: skip
        try:
            timeframe_ms(self.timeframe)
        except BadInput as error:
            raise FieldError(error.what, fix=error.fix, field="timeframe") from None
        if self.direction not in DIRECTIONS:
            raise FieldError(
                f'"{self.direction}" is not a direction.{did_you_mean(self.direction, DIRECTIONS)}',
                fix=f"Use one of {', '.join(DIRECTIONS)}.",
                field="direction",
            )
        for name in ("title", "family", "idea", "source"):
            if not getattr(self, name).isprintable():
                raise FieldError(f"the {name} of {self.id} has a line break or a control character.", field=name)

    def _check_kinds(self) -> None:
        for name, rule in self.rules.items():
            kind = whole_output(rule).kind
            need = NUMBER if FIELDS[name].kind == SCALAR else FIELDS[name].kind
            what = f"{label(name)} of {self.id}"
            if kind != need:
                raise FieldError(f"{what} must be a {need}, not a {kind}.", field=name)
            if (FIELDS[name].kind == SCALAR or name == "requires") and not is_scalar(rule):
                raise FieldError(
                    f"{what} must be known before the first bar: numbers and parameters only, not {text_of(rule)}.",
                    field=name,
                )
            if len(text_of(rule)) > LONGEST_LINE:
                raise FieldError(f"{what} is longer than {LONGEST_LINE} characters.", field=name)
            self._check_text(name, rule)

    def _check_text(self, name: str, rule: Expression) -> None:
        """What was built in Python must be within the limits of the text form too."""
        if rule.parts <= SURELY_SHORT and rule.depth <= SURELY_FLAT:
            return
        text = text_of(rule)
        try:
            Parser(Line(1, text), 0, len(text), self.params).whole()
        except BadInput as error:
            said = error.what.splitlines()[0]
            raise FieldError(f"{label(name)} of {self.id} cannot be written as text: {said}", field=name) from None

    def _check_sides(self) -> None:
        for side in SIDES:
            allowed = self.direction in (side, "both")
            given = [name for name in self.rules if FIELDS[name].side == side]
            if not allowed and given:
                raise FieldError(
                    f"{self.id} has a {label(given[0])} but its direction is {self.direction}.",
                    fix="Change its direction or leave that out.",
                    field=given[0],
                )
            if allowed:
                self._check_side(side)
        if self.entry_valid is not None and not (self.order("long") or self.order("short")):
            raise FieldError(
                f"{self.id} says how long an entry order is valid but has none.",
                fix="Add long entry stop or long entry limit.",
                field="entry_valid",
            )

    def _check_side(self, side: str) -> None:
        if getattr(self, f"{side}_entry") is None:
            raise FieldError(f"{self.id} has no {side} entry.", fix="Add one, or change its direction.")
        alternatives = [
            (f"{side}_entry_stop", f"{side}_entry_limit"),
            ("stop", f"{side}_stop"),
            ("target", f"{side}_target"),
        ]
        for first, second in alternatives:
            if first in self.rules and second in self.rules:
                raise FieldError(
                    f"{self.id} has both a {label(first)} and a {label(second)}.", fix="Give one of them.", field=second
                )
        other = "short_entry" if side == "long" else "long_entry"
        ways_out = (f"{side}_exit", "stop", "target", "trail", f"{side}_stop", f"{side}_target", "time_stop", other)
        if not any(way in self.rules for way in ways_out):
            raise FieldError(f"{self.id} never leaves a {side} trade.", fix="Add an exit, a stop or a target.")

    def _check_sets(self) -> None:
        if math.prod(max(1, len(p.grid)) for p in self.params.values()) > MOST_SETS:
            raise FieldError(f"the grids of {self.id} make more than {MOST_SETS} parameter sets.")

    @property
    def rules(self) -> dict[str, Expression]:
        """The rules that are given, by name, in the order of the text form."""
        return {name: rule for name in FIELDS if (rule := getattr(self, name)) is not None}

    def order(self, side: str) -> str:
        """What an entry of this side is: "stop" or "limit" for a resting order, "" for the next open."""
        return next((kind for kind in ("stop", "limit") if f"{side}_entry_{kind}" in self.rules), "")

    @property
    def has_stop(self) -> bool:
        """Whether a trade can be left at a loss before any rule says so."""
        return any(name in self.rules for name in ("stop", "long_stop", "short_stop"))

    @cached_property
    def params(self) -> dict[str, Parameter]:
        """The parameters by name, in the order in which the rules mention them."""
        found: dict[str, Parameter] = {}
        for rule in self.rules.values():
            for part in walk(rule):
                if isinstance(part, Parameter) and found.setdefault(part.name, part) != part:
                    raise FieldError(f'parameter "{part.name}" of {self.id} is declared in two ways.')
        return found

    def text(self) -> str:
        """Canonical text; parse_strategy reads it back to an equal strategy."""
        lines = [f"strategy {self.id}"]
        lines += [f"{name} {quoted(getattr(self, name))}" for name in ("title", "family", "idea", "source")]
        lines += [f"timeframe {self.timeframe}", f"direction {self.direction}"]
        for p in self.params.values():
            grid = f" in {', '.join(map(number_text, p.grid))}" if p.grid else ""
            lines.append(f"param {p.name} = {number_text(p.default)}{grid}")
        lines += [f"{label(name)}: {text_of(rule)}" for name, rule in self.rules.items()]
        return "\n".join(lines) + "\n"

    @cached_property
    def version(self) -> str:
        """16 hex digits: hash of the canonical text."""
        return hashlib.blake2b(self.text().encode(), digest_size=8).hexdigest()

    def bind(self, params: Mapping[str, float] | None = None, timeframe: str | None = None, day: str = "utc") -> Bound:
        """Give the parameters values (defaults where not named), on bars of a timeframe (its own where not named).

        day: "utc" or "new_york", see Context. BadInput for unknown names and unfit values, WrongTimeframe where the
        rules cannot run on such bars: those of a tf() are shorter.
        """
        values = {name: p.default for name, p in self.params.items()}
        for name, value in (params or {}).items():
            values[name] = self._checked(name, value)
        lowering = Lowering(values, Context(timeframe or self.timeframe, day))
        if self.requires is not None and not lowering.node(self.requires).value:
            raise BadInput(f"{self.id} requires {text_of(self.requires)}, which {params_text(values)} does not meet.")
        no = g.truth(False)
        entry = {side: g.edge(self._node(lowering, f"{side}_entry", no)) for side in SIDES}
        after = {side: lowering.after(entry[side]) for side in SIDES}
        leave = {side: g.edge(self._node(after[side], f"{side}_exit", no)) for side in SIDES}
        return Bound(
            strategy=self,
            params=values,
            timeframe=timeframe or self.timeframe,
            day=day,
            conditions=(entry["long"], leave["long"], entry["short"], leave["short"]),
            levels=tuple(self._level(lowering, after, name) for name in LEVELS),
            entry_valid=self._scalar(lowering, "entry_valid", MOST_VALID, 1),
            time_stop=self._scalar(lowering, "time_stop", MOST_HELD, 0),
            long_order=self.order("long"),
            short_order=self.order("short"),
        )

    def _level(self, lowering: Lowering, after: Mapping[str, Lowering], row: str) -> Node:
        """The node of one of LEVELS."""
        nothing = g.const(math.nan)
        side, _, what = row.partition("_")
        if side not in SIDES:
            return self._node(lowering, row, nothing)
        if self.direction not in (side, "both"):
            return nothing
        if what == "level":
            return self._node(after[side], f"{side}_entry_{self.order(side) or 'stop'}", nothing)
        if row in self.rules:
            return self._node(after[side], row, nothing)
        return self._node(lowering, what, nothing)

    def _scalar(self, lowering: Lowering, name: str, most: int, absent: int) -> int:
        rule = getattr(self, name)
        return absent if rule is None else int(lowering.scalar(rule, 1, most, f"{label(name)} of {self.id}"))

    def _checked(self, name: str, value: float) -> float:
        if name not in self.params:
            known = ", ".join(self.params) or "none"
            raise BadInput(
                f'{self.id} has no parameter "{name}".{did_you_mean(name, self.params)}', fix=f"It has {known}."
            )
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BadInput(f'parameter "{name}" of {self.id} must be a number, not {value!r}.')
        if self.params[name].whole and not float(value).is_integer():
            raise BadInput(f'parameter "{name}" of {self.id} must be a whole number, not {value!r}.')
        return float(value)

    def _node(self, lowering: Lowering, name: str, absent: Node) -> Node:
        rule = getattr(self, name)
        if rule is None:
            return absent
        try:
            return lowering.node(rule)
        except RuleError as error:
            raise type(error)(f"{label(name)} of {self.id}: {error.what}", fix=error.fix) from None

    def param_sets(self) -> list[dict[str, float]]:
        """Every combination of the grids that meets `requires`."""
        names = list(self.params)
        grids = [self.params[n].grid or (self.params[n].default,) for n in names]
        sets = [dict(zip(names, values, strict=True)) for values in itertools.product(*grids)]
        if self.requires is None:
            return sets
        columns = {name: np.array([s[name] for s in sets]) for name in names}
        allowed = np.broadcast_to(known_values(self.requires, columns), len(sets))
        return [s for s, fits in zip(sets, allowed) if fits]


@dataclass(frozen=True)
class Named:
    """A strategy with values for its parameters, as signals name it."""

    strategy: Strategy
    params: dict[str, float]

    @property
    def params_text(self) -> str:
        return params_text(self.params)


@dataclass(frozen=True)
class Bound(Named):
    """A strategy with values for its parameters, on one timeframe.

    conditions: edges of long entry, long exit, short entry, short exit (never true where absent). levels: as LEVELS has
    them (nan where absent). entry_valid: bars an entry order rests. time_stop: bars a trade may last, 0 without end.
    long_order, short_order: "" (entries at the next open), "stop" or "limit" (at the side's level).
    """

    timeframe: str
    day: str
    conditions: tuple[Node, ...]
    levels: tuple[Node, ...]
    entry_valid: int
    time_stop: int
    long_order: str
    short_order: str

    def __post_init__(self) -> None:
        roots = [*self.conditions, *self.levels]
        state = state_size(roots)
        if state > MOST_STATE:
            raise BadInput(f"the windows of {self.strategy.id} are {state} bars together; at most {MOST_STATE}.")
        nodes = all_nodes(roots)
        if len({node.frame for node in nodes} - {0, 1}) > MOST_FRAMES:
            raise BadInput(f"{self.strategy.id} uses more than {MOST_FRAMES} other timeframes.")
        if len(nodes) > MOST_NODES:
            raise BadInput(f"the rules of {self.strategy.id} come to more than {MOST_NODES} operations.")

    @property
    def warmup(self) -> int:
        """Bars before the first bar on which every rule is defined."""
        return max(n.warmup for n in (*self.conditions, *self.levels))

    @property
    def memory(self) -> int:
        """Bars after which the bits no longer depend on where the history began."""
        return max(n.memory for n in (*self.conditions, *self.levels))


@dataclass(frozen=True)
class StrategyProgram:
    """One program of many bound strategies. Conditions of bound k: rows 4 k ... 4 k + 3; levels: 8 k ... 8 k + 7
    (none where compiled without values, as live programs are)."""

    program: Program
    bounds: tuple[Bound, ...]

    @cached_property
    def preview(self) -> PreviewProgram:
        """Its conditions at running prices; only where it was compiled without values."""
        from engine.rules.preview_program import compile_preview

        return compile_preview(self.program, [node for bound in self.bounds for node in bound.conditions])


class LiveProgram(Protocol):
    """What live lanes run: a StrategyProgram without values, or one that was kept compiled, without its rules."""

    @property
    def program(self) -> Program: ...
    @property
    def bounds(self) -> Sequence[Named]: ...
    @property
    def preview(self) -> PreviewProgram: ...


def compile_strategies(bounds: Sequence[Bound], *, values: bool = True) -> StrategyProgram:
    """One program; what several strategies or parameter sets share is computed once. values False: conditions only."""
    conditions = [node for bound in bounds for node in bound.conditions]
    levels = [node for bound in bounds for node in bound.levels] if values else []
    return StrategyProgram(compile_program(conditions, levels), tuple(bounds))


def all_nodes(roots: Sequence[Node]) -> set[Node]:
    """The different operations that these outputs need."""
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return seen


def params_text(params: Mapping[str, float]) -> str:
    """Canonical 'a=1,b=2', sorted by name."""
    return ",".join(f"{name}={number_text(params[name])}" for name in sorted(params))


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
