"""From expression graphs to the program that a whole history is run through; conditions are words of bits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.indicators import opcodes
from engine.indicators.graph import CONDITION, INPUTS, NUMBER, Node
from engine.rules import history_ops as o
from engine.rules.history_rewrite import rewritten
from engine.rules.program import _order as ordered
from engine.rules.program import initial_state, schedule

_BINARY = {"add": o.ADD, "sub": o.SUB, "mul": o.MUL, "div": o.DIV, "max": o.MAX, "min": o.MIN}
_UNARY = {"neg": o.NEG, "abs": o.ABS, "sqrt": o.SQRT, "floor": o.FLOOR, "exp": o.EXP, "log": o.LOG}
_COMPARE = {"gt": o.GT, "ge": o.GE, "cross": o.CROSS}
_WORDS = {"and": o.AND, "or": o.OR, "not": o.NOT, "edge": o.EDGE, "recent": o.RECENT, "lasting": o.LASTING}
_COUNTS = {"value_at": o.VALUE_AT, "bars_since": o.BARS_SINCE, "run_length": o.RUN_LENGTH}
_STATEFUL = {
    "lag": o.LAG,
    "sum": o.SUM,
    "squares": o.SQUARES,
    "recur": o.RECUR,
    "age": o.AGE,
    "deviation": o.DEVIATION,
    "weighted": o.WEIGHTED,
    "rank": o.ORDER,
    "quantile": o.ORDER,
    "anchored": o.ANCHORED,
    "clock": o.CLOCK,
    "step": o.STEP,
}
#: operations whose result may lie where an argument lies: they go through both side by side
_IN_PLACE = {*_BINARY, "neg", "abs", "sqrt", "floor", "and", "or", "not", "where"}
#: scratch rows of words, used by CROSS
_SCRATCH = 2


@dataclass(frozen=True)
class HistoryProgram:
    """What the history machine runs. Arrays are read-only.

    code int64 (n, 8): op, destination, a, b, c, first state slot, first parameter, slots or warm-up. A number lies at a
    place: first the registers, then `constants` (eight times the same each), then the inputs of the own bars, then a
    row for each value. sections, inputs: as in Program. filled: (register, value), constants that a whole row is needed
    of; truths: (row of words, condition). window: the longest, bars. *_warmup int64: bars, per output.
    """

    code: NDArray[np.int64]
    sections: NDArray[np.int64]
    inputs: NDArray[np.int64]
    params: NDArray[np.float64]
    initial: NDArray[np.float64]
    constants: NDArray[np.float64]
    filled: tuple[tuple[int, float], ...]
    truths: tuple[tuple[int, bool], ...]
    n_registers: int
    n_words: int
    n_conditions: int
    n_values: int
    window: int
    condition_warmup: NDArray[np.int64]
    value_warmup: NDArray[np.int64]


def compile_history(conditions: Sequence[Node], values: Sequence[Node] = ()) -> HistoryProgram:
    """Compile the outputs in the given order; a condition is 0 on all bars before its warm-up is filled."""
    roots = [*conditions, *values]
    new = rewritten(roots, ordered(roots))
    warmups = [node.warmup for node in conditions]
    compiler = _Compiler(new[: len(conditions)], warmups, new[len(conditions) :])
    return compiler.program([node.warmup for node in values])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number is: `kind` register, constant or output."""

    kind: str
    number: int


class _Compiler:
    def __init__(self, conditions: list[Node], warmups: list[int], values: list[Node]) -> None:
        self.conditions, self.warmups, self.values = conditions, warmups, values
        self.code: list[tuple[int, _Place | int, list[_Place | int], int, int, int]] = []
        self.sections: list[list[int]] = []
        self.inputs: list[list[int]] = []
        self.params: list[float] = []
        self.initial: list[float] = []
        self.where: dict[Node, _Place] = {}
        self.readers: dict[Node, int] = {}
        self.stores: dict[Node, list[tuple[int, int, int]]] = {}
        self.constants: dict[str, tuple[int, float]] = {}
        self.filled: dict[str, tuple[int, float]] = {}
        self.truths: dict[bool, int] = {}
        self.free: dict[str, list[int]] = {NUMBER: [], CONDITION: []}
        self.taken = {NUMBER: 0, CONDITION: _SCRATCH}
        self.window = 1
        self.own_inputs = 0
        #: (the first of them, places that stand in every second parameter)
        self.params_at: list[tuple[int, list[_Place]]] = []

    def program(self, value_warmup: list[int]) -> HistoryProgram:
        roots = [*self.conditions, *self.values]
        order = ordered(roots)
        for node in [*roots, *(a for n in order for a in n.args)]:
            self.readers[node] = self.readers.get(node, 0) + 1
        for number, (node, warmup) in enumerate(zip(self.conditions, self.warmups, strict=True)):
            self.stores.setdefault(node, []).append((o.STORE, number, warmup))
        for number, node in enumerate(self.values):
            self.stores.setdefault(node, []).append((o.STORE_VALUE, number, 0))
        sections: dict[int, list[Node]] = {}
        for node in order:
            # what is held belongs to the longer bars, which say it
            sections.setdefault(node.args[0].frame if node.op == "hold" else max(node.frame, 1), []).append(node)
        own = sections.pop(1, [])
        for frame in sorted(sections):
            self._section(frame, sections[frame])
        self._section(1, own)
        return self._freeze(value_warmup)

    def _section(self, frame: int, nodes: list[Node]) -> None:
        lines, inputs, base = len(self.code), len(self.inputs), len(self.initial)
        if frame > 1:
            self.initial.extend([math.nan, 0.0, *[math.nan] * (opcodes.FRAME_SLOTS - 2)])
        sources = [node for node in nodes if node.op in INPUTS]
        for node in sources:
            self.where[node] = _Place("input", len(self.inputs)) if frame == 1 else _Place(NUMBER, self._take(NUMBER))
            self.readers[node] += 1
            self.inputs.append([INPUTS.index(node.op), self.where[node].number])
        if frame == 1:
            for node in [n for n in self.stores if n.op == "hold"]:
                self._store(node)
        for step in _with_extremes(schedule(nodes)):
            if step[0].op not in INPUTS and not step[0].is_const:
                self._emit(step)
            for node in step:
                if node.op != "hold":
                    self._store(node)
        for node in sources:
            self._release(node)
        self.own_inputs = inputs
        self.sections.append([frame, lines, len(self.code), base, inputs, len(self.inputs)])

    def _take(self, kind: str) -> int:
        if self.free[kind]:
            return self.free[kind].pop()
        self.taken[kind] += 1
        return self.taken[kind] - 1

    def _release(self, node: Node) -> None:
        self.readers[node] -= 1
        if self.readers[node] == 0 and not node.is_const:
            place = self.where.pop(node)
            if place.kind in self.free:
                self.free[place.kind].append(place.number)

    def _operand(self, node: Node, whole: bool) -> _Place:
        """Where an argument is. whole: a row of it is needed, not a constant's eight."""
        if not node.is_const:
            return self.where[node]
        key = float(node.value).hex()
        if node.kind == CONDITION:
            truth = bool(node.value)
            if truth not in self.truths:
                self.taken[CONDITION] += 1
                self.truths[truth] = self.taken[CONDITION] - 1
            return _Place(CONDITION, self.truths[truth])
        if not whole:
            return _Place("constant", self.constants.setdefault(key, (len(self.constants), node.value))[0])
        if key not in self.filled:
            self.taken[NUMBER] += 1
            self.filled[key] = (self.taken[NUMBER] - 1, node.value)
        return _Place(NUMBER, self.filled[key][0])

    def _target(self, node: Node) -> _Place:
        """Where a node's result goes: a value straight into its output."""
        if node.kind == NUMBER and node.op != "hold":
            for op, number, _ in self.stores.get(node, ()):
                if op == o.STORE_VALUE:
                    return _Place("output", number)
        return _Place(node.kind, self._take(node.kind))

    def _store(self, node: Node) -> None:
        for op, number, warmup in self.stores.get(node, ()):
            # what is never true is not written at all, an edge that nothing else reads with its operation
            said = node.is_const and op == o.STORE and not node.value
            if not said and self._operand(node, True) not in (_Place("output", number), _Place("said", number)):
                self.code.append((op, number, [self._operand(node, True)], 0, 0, warmup))
            self._release(node)

    def _emit(self, step: tuple[Node, ...]) -> None:
        arguments = [a for node in step for a in node.args]
        if step[0].op == "extreme" and step[0].params[0] <= o.DOUBLED:
            self._emit_extremes(step)
            return
        whole = step[0].op not in _BINARY and step[0].op not in _COMPARE and step[0].op != "where"
        sources: list[_Place | int] = [self._operand(a, whole) for a in arguments]
        if step[0].op == "edge" and self.readers[step[0]] == 1 and step[0] in self.stores:
            ((_, number, warmup),) = self.stores[step[0]]
            self.where[step[0]] = _Place("said", number)
            self.code.append((o.STORE_EDGE, number, sources, len(self.initial), 0, warmup))
            self.initial.append(1.0)
            self._release(arguments[0])
            return
        in_place = step[0].op in _IN_PLACE
        if in_place:
            for argument in arguments:
                self._release(argument)
        for node in step:
            self.where[node] = self._target(node)
        op, slots, params = self._operation(step)
        if len(step) == 2:
            sources.append(self.where[step[1]])
        self.code.append((op, self.where[step[0]], sources, len(self.initial), len(self.params), len(slots)))
        self.initial.extend(slots)
        self.params.extend(params)
        if not in_place:
            for argument in arguments:
                self._release(argument)

    def _emit_extremes(self, step: tuple[Node, ...]) -> None:
        """Windows over the same numbers, one line; where the results go stands among the parameters."""
        source = self._operand(step[0].args[0], True)
        longest = max(int(node.params[0]) for node in step)
        self.window = max(self.window, longest)
        self.params_at.append((len(self.params) + 3, []))
        for node in step:
            self.where[node] = self._target(node)
            self.params_at[-1][1].append(self.where[node])
        slots = [0.0, *[math.nan] * (2 * (longest - 1))]
        self.code.append(
            (o.EXTREMES, self.where[step[0]], [source, longest], len(self.initial), len(self.params), len(slots))
        )
        self.initial.extend(slots)
        self.params.extend([step[0].params[1], float(len(step)), *(p for n in step for p in (n.params[0], math.nan))])
        for node in step:
            self._release(node.args[0])

    def _operation(self, step: tuple[Node, ...]) -> tuple[int, list[float], list[float]]:
        """(op, state before the first bar, parameters)."""
        node = step[0]
        params = [p for n in step for p in n.params]
        if len(step) == 2:
            return o.PAIR, [s for n in step for s in initial_state(n)], params
        if node.op in ("extreme", "age", "weighted", "sum", "squares", "rank", "quantile", "deviation"):
            self.window = max(self.window, int(params[0]))
        match node.op:
            case "extreme":
                return o.LONG_EXTREME, initial_state(node), params
            case "age":
                return o.AGE, [0.0, *[math.nan] * (2 * (int(params[0]) - 1))], params
            case "edge" | "lasting" as op:
                return _WORDS[op], [1.0], params
            case "recent":
                return o.RECENT, [math.inf], params
            case "cross":
                return o.CROSS, [0.0], params
            case "step":
                return o.STEP, [math.nan], params
            case "rank" | "quantile" as op:
                return o.ORDER, initial_state(node), [*(*params, 0.0)[:2], opcodes.BY_NAME[op]]
            case "hold":
                return (o.HOLD if node.kind == NUMBER else o.HOLD_CONDITION), initial_state(node), params
            case "where":
                return o.WHERE, [], params
        for table in (_BINARY, _UNARY, _COMPARE, _WORDS, _COUNTS, _STATEFUL):
            if node.op in table:
                return table[node.op], initial_state(node), params
        padded = [*params, *[0.0] * (8 - len(params)), float(opcodes.BY_NAME[node.op])]
        return o.GENERATION, initial_state(node), padded

    def _freeze(self, value_warmup: list[int]) -> HistoryProgram:
        first = {NUMBER: 0, CONDITION: 0, "constant": self.taken[NUMBER]}
        first["input"] = self.taken[NUMBER] + len(self.constants) - self.own_inputs
        first["output"] = first["input"] + len(self.inputs)
        for row in self.inputs[self.own_inputs :]:
            row[1] += first["input"]

        def at(place: _Place | int) -> int:
            return place if isinstance(place, int) else first[place.kind] + place.number

        for begin, targets in self.params_at:
            for number, place in enumerate(targets):
                self.params[begin + 2 * number] = float(at(place))
        code = []
        for op, target, sources, state, param, last in self.code:
            inside = [at(s) for s in sources]
            # an argument that an operation does not have is its first one
            code.append([op, at(target), *(inside + [inside[0] if inside else 0] * 3)[:3], state, param, last])
        return HistoryProgram(
            code=_frozen(np.array(code, np.int64).reshape(-1, 8)),
            sections=_frozen(np.array(self.sections, np.int64).reshape(-1, 6)),
            inputs=_frozen(np.array(self.inputs, np.int64).reshape(-1, 2)),
            params=_frozen(np.array([*self.params, *[0.0] * 16])),
            initial=_frozen(np.array([*self.initial, 0.0], np.float64)),
            constants=_frozen(np.repeat([value for _, value in self.constants.values()], 8).reshape(-1, 8)),
            filled=tuple(self.filled.values()),
            truths=tuple((row, truth) for truth, row in self.truths.items()),
            n_registers=self.taken[NUMBER],
            n_words=self.taken[CONDITION],
            n_conditions=len(self.conditions),
            n_values=len(self.values),
            window=self.window,
            condition_warmup=_frozen(np.array(self.warmups, np.int64)),
            value_warmup=_frozen(np.array(value_warmup, np.int64)),
        )


def _with_extremes(steps: Sequence[tuple[Node, ...]]) -> Iterator[tuple[Node, ...]]:
    """The steps, with extremes over the same numbers together, where the first of them stands."""
    alike: dict[tuple[Node, float], list[Node]] = {}
    for step in steps:
        if step[0].op == "extreme" and step[0].params[0] <= o.DOUBLED:
            alike.setdefault((step[0].args[0], step[0].params[1]), []).append(step[0])
    done: set[Node] = set()
    for step in steps:
        node = step[0]
        if node.op != "extreme" or node.params[0] > o.DOUBLED:
            yield step
        elif node not in done:
            group = [other for other in alike[node.args[0], node.params[1]] if other not in done][: o.TOGETHER]
            done.update(group)
            yield tuple(group)


def _frozen(array: NDArray) -> NDArray:
    array.setflags(write=False)
    return array
