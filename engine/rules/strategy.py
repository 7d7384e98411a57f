"""Strategies: rules with named parameters, and the program of any number of them."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.timeframes import timeframe_ms
from engine.indicators import graph as g
from engine.indicators.graph import CONDITION, NUMBER, Node
from engine.rules.expressions import (
    Expression,
    Parameter,
    expression,
    number_text,
    text_of,
    walk,
    whole_output,
)
from engine.rules.lowering import Context, Lowering
from engine.rules.program import Program, compile_program, state_size

CONDITIONS = ("long_entry", "long_exit", "short_entry", "short_exit")
DISTANCES = ("stop", "target", "trail")
DIRECTIONS = ("long", "short", "both")
#: float64 a lane of one strategy may keep; its windows are as long as this together
MOST_STATE = 30_000
MOST_SETS = 100_000
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """One strategy. Conditions are levels; their false-to-true edges are the signals.

    stop, target, trail: price distances from the entry, read at the decision bar. requires: a condition on parameters
    that every parameter set must meet. An entry that names no exit leaves on its stop, target, trail or the opposite
    entry. Raises BadInput for anything that cannot run.
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
    stop: Expression | None = None
    target: Expression | None = None
    trail: Expression | None = None
    requires: Expression | None = None

    def __post_init__(self) -> None:
        for name in DISTANCES:
            value = getattr(self, name)
            if isinstance(value, (int, float)):
                object.__setattr__(self, name, expression(value))
        self._check_words()
        self._check_rules()
        self.bind()

    def _check_words(self) -> None:
        if not _ID.fullmatch(self.id):
            raise BadInput(f'"{self.id}" is not a strategy name.', fix="Use small letters, digits and _.")
        timeframe_ms(self.timeframe)
        if self.direction not in DIRECTIONS:
            raise BadInput(f'"{self.direction}" is not a direction.', fix=f"Use one of {', '.join(DIRECTIONS)}.")
        for name in ("title", "family", "idea", "source"):
            if not getattr(self, name).isprintable():
                raise BadInput(f"the {name} of {self.id} has a line break or a control character.")

    def _check_rules(self) -> None:
        for name, rule in self.rules.items():
            need = CONDITION if name in CONDITIONS or name == "requires" else NUMBER
            if whole_output(rule).kind != need:
                raise BadInput(f"{name.replace('_', ' ')} of {self.id} must be a {need}, not a {rule.kind}.")
        for side in ("long", "short"):
            allowed = self.direction in (side, "both")
            entry = getattr(self, f"{side}_entry")
            if not allowed and not (entry is None and getattr(self, f"{side}_exit") is None):
                raise BadInput(f"{self.id} has {side} rules but its direction is {self.direction}.")
            if allowed and entry is None:
                raise BadInput(f"{self.id} has no {side} entry.", fix="Add one, or change its direction.")
            other = getattr(self, "short_entry" if side == "long" else "long_entry")
            ways_out = (getattr(self, f"{side}_exit"), self.stop, self.target, self.trail, other)
            if entry is not None and all(way is None for way in ways_out):
                raise BadInput(f"{self.id} never leaves a {side} trade.", fix="Add an exit, a stop or a target.")

    @property
    def rules(self) -> dict[str, Expression]:
        """The rules that are given, by name, in the order of the text form."""
        names = (*CONDITIONS, *DISTANCES, "requires")
        return {name: rule for name in names if (rule := getattr(self, name)) is not None}

    @cached_property
    def params(self) -> dict[str, Parameter]:
        """The parameters by name, in the order in which the rules mention them."""
        found: dict[str, Parameter] = {}
        for rule in self.rules.values():
            for part in walk(rule):
                if isinstance(part, Parameter) and found.setdefault(part.name, part) != part:
                    raise BadInput(f'parameter "{part.name}" of {self.id} is declared in two ways.')
        return found

    def text(self) -> str:
        """Canonical text; parse_strategy reads it back to an equal strategy."""
        lines = [f"strategy {self.id}"]
        lines += [f"{name} {quoted(getattr(self, name))}" for name in ("title", "family", "idea", "source")]
        lines += [f"timeframe {self.timeframe}", f"direction {self.direction}"]
        for p in self.params.values():
            grid = f" in {', '.join(map(number_text, p.grid))}" if p.grid else ""
            lines.append(f"param {p.name} = {number_text(p.default)}{grid}")
        lines += [f"{name.replace('_', ' ')}: {text_of(rule)}" for name, rule in self.rules.items()]
        return "\n".join(lines) + "\n"

    @cached_property
    def version(self) -> str:
        """16 hex digits: hash of the canonical text."""
        return hashlib.blake2b(self.text().encode(), digest_size=8).hexdigest()

    def bind(self, params: Mapping[str, float] | None = None, timeframe: str | None = None, day: str = "utc") -> Bound:
        """Give the parameters values (defaults where not named) and the rules bars to run on (the strategy's own
        timeframe when None); BadInput for unknown names and unfit values, WrongTimeframe where they cannot run."""
        values = {name: p.default for name, p in self.params.items()}
        for name, value in (params or {}).items():
            values[name] = self._checked(name, value)
        lowering = Lowering(values, Context(timeframe or self.timeframe, day))
        if self.requires is not None and not lowering.node(self.requires).value:
            raise BadInput(f"{self.id} requires {text_of(self.requires)}, which {params_text(values)} does not meet.")
        conditions = [self._node(lowering, name, g.truth(False)) for name in CONDITIONS]
        distances = [self._node(lowering, name, g.const(math.nan)) for name in DISTANCES]
        return Bound(self, values, tuple(g.edge(c) for c in conditions), tuple(distances))

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
        except BadInput as error:
            raise BadInput(f"{name.replace('_', ' ')} of {self.id}: {error.what}", fix=error.fix) from None

    def param_sets(self) -> list[dict[str, float]]:
        """Every combination of the grids that meets `requires`."""
        names = list(self.params)
        grids = [self.params[n].grid or (self.params[n].default,) for n in names]
        if math.prod(map(len, grids)) > MOST_SETS:
            raise BadInput(f"the grids of {self.id} make more than {MOST_SETS} parameter sets.")
        sets = [dict(zip(names, values, strict=True)) for values in itertools.product(*grids)]
        if self.requires is None:
            return sets
        return [s for s in sets if Lowering(s, Context(self.timeframe)).node(self.requires).value]


@dataclass(frozen=True)
class Bound:
    """A strategy with values for its parameters. conditions: edges of long entry, long exit, short entry, short exit
    (never true where absent); distances: stop, target, trail (nan where absent)."""

    strategy: Strategy
    params: dict[str, float]
    conditions: tuple[Node, ...]
    distances: tuple[Node, ...]

    def __post_init__(self) -> None:
        state = state_size([*self.conditions, *self.distances])
        if state > MOST_STATE:
            raise BadInput(f"the windows of {self.strategy.id} are {state} bars together; at most {MOST_STATE}.")

    @property
    def params_text(self) -> str:
        return params_text(self.params)

    @property
    def warmup(self) -> int:
        """Bars before the first bar on which every rule is defined."""
        return max(n.warmup for n in (*self.conditions, *self.distances))

    @property
    def memory(self) -> int:
        """Bars after which the bits no longer depend on where the history began."""
        return max(n.memory for n in (*self.conditions, *self.distances))


@dataclass(frozen=True)
class StrategyProgram:
    """One program of many bound strategies. Conditions of bound i: rows 4 i ... 4 i + 3; distances: 3 i ... 3 i + 2
    (none where compiled without values, as live programs are)."""

    program: Program
    bounds: tuple[Bound, ...]


def compile_strategies(bounds: Sequence[Bound], *, values: bool = True) -> StrategyProgram:
    """One program; what several strategies or parameter sets share is computed once. values False: conditions only."""
    conditions = [node for bound in bounds for node in bound.conditions]
    distances = [node for bound in bounds for node in bound.distances] if values else []
    return StrategyProgram(compile_program(conditions, distances), tuple(bounds))


def params_text(params: Mapping[str, float]) -> str:
    """Canonical 'a=1,b=2', sorted by name."""
    return ",".join(f"{name}={number_text(params[name])}" for name in sorted(params))


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
