"""Many strategies on one bar at once: which rules fired, and of the others what was missing and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.indicators.graph import CONDITION, Node, number_of
from engine.rules.context import Context
from engine.rules.explain import shown, with_numbers
from engine.rules.expressions import COMPARISONS, Binary, Expression, FunctionCall, Unary, text_of
from engine.rules.fields import CONDITIONS
from engine.rules.lowering import Lowering
from engine.rules.machine import Machine
from engine.rules.program import Program, compile_program
from engine.rules.strategy import Bound

#: bars over which the usual move of a distance is measured, and bars a call before them
LAST, BLOCK = 64, 512
#: strategies with a longer memory than this are a program of their own, so that few run through many bars
LONG_MEMORY = 3_000
_CROSSES = ("crosses_above", "crosses_below")


class Part(NamedTuple):
    """A condition that is not made of others: its row, and those of the two numbers it compares, -1 none."""

    text: str
    row: int
    left: int
    right: int


class Tree(NamedTuple):
    """How a rule is made of its parts. op: 'and', 'or', 'not' or ''; then part is set."""

    op: str
    below: tuple[Tree, ...] = ()
    part: Part | None = None


class Asked(NamedTuple):
    """One rule of one strategy in a program: rows of its condition and its edge."""

    bound: Bound
    rule: str
    edge: int
    whole: int
    tree: Tree


class Found(NamedTuple):
    """One rule on a bar; as engine.contracts.studio.WhyRow has it."""

    bound: Bound
    rule: str
    fired: bool
    held: bool
    held_before: bool
    missing: int
    parts: int
    failed: str
    left: float
    right: float
    moves: float


class Questions:
    """The rules of some strategies on one timeframe, compiled once and asked of any bar."""

    def __init__(self, bounds: Sequence[Bound]) -> None:
        short = [b for b in bounds if b.memory <= LONG_MEMORY]
        long = [b for b in bounds if b.memory > LONG_MEMORY]
        self._sheets = [_Sheet(part) for part in (short, long) if part]

    @property
    def memory(self) -> int:
        """Bars that are needed before the one that is asked for."""
        return max((s.memory for s in self._sheets), default=0)

    def answers(self, index: NDArray[np.int64], bars: NDArray[np.float64]) -> Iterator[Found]:
        """On the last bar of a history: index int64 (T,), bars float64 (6, T), oldest first."""
        for sheet in self._sheets:
            start = max(0, index.size - sheet.memory - 2)
            yield from sheet.answers(index[start:], np.ascontiguousarray(bars[:, start:]))


class _Sheet:
    """Rules that run through the same bars, as one program: what they share is computed once."""

    def __init__(self, bounds: Sequence[Bound]) -> None:
        self._nodes: dict[Node, int] = {}
        edges: list[Node] = []
        self._asked: list[Asked] = []
        for bound in bounds:
            for number, name in enumerate(CONDITIONS):
                rule = getattr(bound.strategy, name)
                if rule is None:
                    continue
                lowering = Lowering(bound.params, Context(bound.timeframe, bound.day))
                if not name.endswith("entry"):
                    lowering = lowering.after(bound.conditions[0 if name.startswith("long") else 2])
                value = with_numbers(rule, bound.params)
                whole = self._row(lowering.node(value))
                self._asked.append(Asked(bound, name, len(edges), whole, self._tree(value, lowering, ())))
                edges.append(bound.conditions[number])
        self._program: Program = compile_program(edges, list(self._nodes))
        self.memory = max(b.memory for b in bounds)

    def _row(self, node: Node) -> int:
        made = number_of(node) if node.kind == CONDITION else node
        return self._nodes.setdefault(made, len(self._nodes))

    def _tree(self, value: Expression, lowering: Lowering, frames: tuple[Expression, ...]) -> Tree:
        """frames: the timeframes of the tf(...) around it."""
        if isinstance(value, Binary) and value.op in ("and", "or"):
            sides = (self._tree(side, lowering, frames) for side in (value.left, value.right))
            below = tuple(t for side in sides for t in (side.below if side.op == value.op else (side,)))
            return Tree(value.op, below)
        if isinstance(value, Unary) and value.op == "not":
            return Tree("not", (self._tree(value.operand, lowering, frames),))
        if isinstance(value, FunctionCall) and value.name == "tf" and value.arguments[1].kind == CONDITION:
            return self._tree(value.arguments[1], lowering, (*frames, value.arguments[0]))
        left = right = -1
        if isinstance(value, Binary) and value.op in COMPARISONS:
            left, right = (self._row(lowering.node(_framed(side, frames))) for side in (value.left, value.right))
        elif isinstance(value, FunctionCall) and value.name in _CROSSES:
            left, right = (self._row(lowering.node(_framed(a, frames))) for a in value.arguments[:2])
        whole = _framed(value, frames)
        return Tree("", (), Part(text_of(whole), self._row(lowering.node(whole)), left, right))

    def answers(self, index: NDArray[np.int64], bars: NDArray[np.float64]) -> Iterator[Found]:
        machine = Machine(self._program, 1)
        last = max(0, index.size - LAST)
        starts = [*range(0, last, BLOCK), last]
        for start, stop in zip(starts, [*starts[1:], index.size]):
            if stop > start:
                edges, values = machine.run(
                    None, index[None, start:stop], bars[:, None, start:stop].copy(), commit=True
                )
        fired, numbers = edges[:, 0, -1], values[:, 0, :]
        for asked in self._asked:
            yield self._found(asked, bool(fired[asked.edge]), numbers)

    def _found(self, asked: Asked, fired: bool, numbers: NDArray[np.float64]) -> Found:
        held = bool(numbers[asked.whole, -1] == 1.0)
        before = bool(numbers[asked.whole, -2] == 1.0) if numbers.shape[1] > 1 else False
        missing, parts, nearest = _missing(asked.tree, numbers, True)
        failed, left, right, moves = "", math.nan, math.nan, math.nan
        if nearest is not None:
            part, wanted, moves = nearest
            failed = part.text if wanted else f"not ({part.text})"
            if part.left >= 0:
                left, right = float(numbers[part.left, -1]), float(numbers[part.right, -1])
        return Found(asked.bound, asked.rule, fired, held, before, missing, parts, failed, left, right, moves)


def _framed(value: Expression, frames: tuple[Expression, ...]) -> Expression:
    """Inside the tf(...) that it stands in."""
    for frame in reversed(frames):
        value = FunctionCall("tf", (frame, value), value.kind, value.at)
    return value


_Nearest = tuple[Part, bool, float]


def _missing(tree: Tree, numbers: NDArray[np.float64], wanted: bool) -> tuple[int, int, _Nearest | None]:
    """(parts that would have to change for the condition to be as wanted, parts that must be so, the nearest of those
    that are not)."""
    if tree.part is not None:
        held = numbers[tree.part.row, -1] == 1.0
        if held == wanted:
            return 0, 1, None
        return 1, 1, (tree.part, wanted, _moves(tree.part, numbers))
    if tree.op == "not":
        return _missing(tree.below[0], numbers, not wanted)
    found = [_missing(below, numbers, wanted) for below in tree.below]
    if (tree.op == "and") == wanted:
        nearest = min((n for _, _, n in found if n is not None), key=_rank, default=None)
        return sum(m for m, _, _ in found), sum(p for _, p, _ in found), nearest
    return min(found, key=lambda each: (each[0], _rank(each[2]) if each[2] else (0, 0.0)))


def _rank(nearest: _Nearest) -> tuple[int, float]:
    return (0, nearest[2]) if nearest[2] == nearest[2] else (1, 0.0)


def _moves(part: Part, numbers: NDArray[np.float64]) -> float:
    """Distance of the two numbers on the last bar, in what it usually changes from bar to bar; nan unknown."""
    if part.left < 0:
        return math.nan
    apart = numbers[part.left] - numbers[part.right]
    steps = np.abs(np.diff(apart))
    known = steps[np.isfinite(steps)]
    usual = float(known.mean()) if len(known) else 0.0
    last = abs(float(apart[-1]))
    # numbers that are equal are counts or patterns, and have no way to go
    return last / usual if usual > 0 and last > 0 and math.isfinite(last) else math.nan


def sentence(found: Found) -> str:
    """What was missing, in words."""
    if found.fired:
        return "Fired: its condition turned true on this bar."
    if found.held and found.held_before:
        return "Held on the bar before already, so it gave no new signal."
    if found.held:
        return "Held, but the strategy was not warm yet."
    more = f" and {found.missing - 1} more" if found.missing > 1 else ""
    if found.left != found.left and found.right != found.right:
        return f"{found.failed} did not hold{more}."
    numbers = f"{shown(found.left)} against {shown(found.right)}"
    away = f", {found.moves:.1f} usual moves away" if found.moves == found.moves else ""
    return f"{found.failed} did not hold: {numbers}{away}{more}."


def order(found: Found) -> tuple[int, int, float]:
    """Fired first, then by what is missing and how near it is; what held already comes after one part missing."""
    if found.fired:
        return 0, 0, 0.0
    if found.held:
        return 2, 0, 0.0
    moves = found.moves if found.moves == found.moves else 1e9
    return (1 if found.missing == 1 else 3), found.missing, moves
