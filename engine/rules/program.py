"""From expression graphs to one program: shared sub-expressions once, registers reused, nothing computed in vain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.indicators import kernels_events, kernels_generations, kernels_order, opcodes
from engine.indicators.graph import CONDITION, INPUTS, NUMBER, Node


@dataclass(frozen=True)
class Program:
    """What the machine runs. Arrays are read-only.

    code int32 (n, 8): op, destination, a, b, c, first state slot, first parameter, slots (stateful) or warm-up
    (conditions). sections int32 (s, 6): frame, first and end line of the code, first state slot of its longer bars,
    first and end row of its inputs; the lane's own bars (frame 1) come last. inputs int32 (m, 2): column of the bars,
    register. constants: (register, value) filled once.
    initial float64 (n_state): a lane's state before its first bar. *_warmup, *_memory int64: bars, per output;
    `warmup` and `memory` are the longest of all outputs.
    """

    code: NDArray[np.int32]
    sections: NDArray[np.int32]
    params: NDArray[np.float64]
    inputs: NDArray[np.int32]
    constants: tuple[tuple[int, float], ...]
    initial: NDArray[np.float64]
    n_registers: int
    n_conditions: int
    n_values: int
    most_slots: int
    condition_warmup: NDArray[np.int64]
    condition_memory: NDArray[np.int64]
    value_warmup: NDArray[np.int64]
    value_memory: NDArray[np.int64]
    #: first state slot of each stateful node
    slots: Mapping[Node, int] = field(repr=False, default_factory=dict)

    @property
    def n_state(self) -> int:
        return int(self.initial.size)

    @property
    def warmup(self) -> int:
        return int(max(self.condition_warmup.max(initial=0), self.value_warmup.max(initial=0)))

    @property
    def memory(self) -> int:
        return int(max(self.condition_memory.max(initial=0), self.value_memory.max(initial=0)))


def compile_program(conditions: Sequence[Node], values: Sequence[Node] = ()) -> Program:
    """Compile the outputs in the given order. A condition is 0 on all bars before its warm-up is filled."""
    for node in conditions:
        if node.kind != CONDITION or node.frame > 1:
            raise TypeError(f"{node!r} is not a condition on the lane's own bars")
    for node in values:
        if node.kind != NUMBER or node.frame > 1:
            raise TypeError(f"{node!r} is not a number on the lane's own bars")
    return _Compiler(list(conditions), list(values)).program()


def initial_state(node: Node) -> list[float]:
    """A stateful primitive's slots before the first bar ([] for a stateless one)."""
    nan, opened = float("nan"), [-float("inf"), 0.0]
    match node.op:
        case "hold":
            return [nan if node.kind == NUMBER else 0.0]
        case "anchored" | "value_at" | "bars_since" | "run_length":
            return kernels_events.initial(node.op, node.params)
        case "age" | "rank" | "quantile":
            return kernels_order.initial(node.op, int(node.params[0]))
        case "weighted":
            return [*opened, 0.0, 0.0, *[nan] * int(node.params[0])]
        case op if op in kernels_generations.SLOTS:
            return kernels_generations.initial(op)
        case "recur":
            return [*opened, 0.0, 0.0, 0.0]
        case "sum" | "extreme":
            return [*opened, 0.0, *[nan] * int(node.params[0])]
        case "squares":
            return [*opened, 0.0, 0.0, *[nan] * (2 * int(node.params[0]))]
        case "lag":
            return [0.0, *[nan] * int(node.params[0])]
        case "deviation":
            return [0.0, *[nan] * (int(node.params[0]) - 1)]
        case "run":
            return [nan, 0.0]
        case "cross":
            return [nan, nan]
        case "edge":
            return [nan]
    return []


def state_size(roots: Sequence[Node]) -> int:
    """float64 slots that a lane needs for these outputs."""
    order = _order(roots)
    frames = {node.frame for node in order if node.frame > 1}
    return sum(len(initial_state(node)) for node in order) + opcodes.FRAME_SLOTS * len(frames)


class _Compiler:
    """One pass: outputs in order, arguments first; a register is free again after its last reader."""

    def __init__(self, conditions: list[Node], values: list[Node]) -> None:
        self.conditions = conditions
        self.values = values
        self.code: list[list[int]] = []
        self.sections: list[list[int]] = []
        self.inputs: list[list[int]] = []
        self.params: list[float] = []
        self.initial: list[float] = []
        self.slots: dict[Node, int] = {}
        self.most_slots = 1
        self.register: dict[Node, int] = {}
        #: constants: never released, since they are filled once
        self.pinned: dict[Node, int] = {}
        self.readers: dict[Node, int] = {}
        self.stores: dict[Node, list[tuple[int, int, int]]] = {}
        self.free: list[int] = []
        self.n_registers = 0

    def program(self) -> Program:
        roots = [*self.conditions, *self.values]
        order = _order(roots)
        for node in [*roots, *(a for n in order for a in n.args)]:
            self.readers[node] = self.readers.get(node, 0) + 1
        for node in order:
            if node.is_const:
                self.pinned[node] = self._take()
        for number, node in enumerate(self.conditions):
            self.stores.setdefault(node, []).append((opcodes.STORE_CONDITION, number, node.warmup))
        for number, node in enumerate(self.values):
            self.stores.setdefault(node, []).append((opcodes.STORE_VALUE, number, 0))
        sections: dict[int, list[Node]] = {}
        for node in order:
            # what is held belongs to the longer bars, which say it
            sections.setdefault(node.args[0].frame if node.op == "hold" else max(node.frame, 1), []).append(node)
        own = sections.pop(1, [])
        for frame in sorted(sections):
            self._section(frame, sections[frame])
        self._section(1, own)
        return self._freeze()

    def _section(self, frame: int, nodes: list[Node]) -> None:
        """The operations on bars of one frame, after what they need of longer ones."""
        lines, inputs, base = len(self.code), len(self.inputs), len(self.initial)
        if frame > 1:
            self.initial.extend([math.nan, 0.0, *[math.nan] * (opcodes.FRAME_SLOTS - 2)])
            self.most_slots = max(self.most_slots, opcodes.FRAME_SLOTS)
        sources = [node for node in nodes if node.op in INPUTS]
        # kept from the first line on: each lane's held value is there before the lines are run
        for node in [*sources, *(n for n in nodes if n.op == "hold")]:
            self.register[node] = self._take()
        for node in sources:
            self.readers[node] += 1
            self.inputs.append([INPUTS.index(node.op), self.register[node]])
        if frame == 1:
            for node in [n for n in self.stores if n.op == "hold"]:
                self._store(node)
        for step in schedule(nodes):
            if not (step[0].is_const or step[0].op in INPUTS):
                self._emit(step)
            for node in step:
                if node.op != "hold":
                    self._store(node)
        for node in sources:
            self._release(node)
        self.sections.append([frame, lines, len(self.code), base, inputs, len(self.inputs)])

    def _store(self, node: Node) -> None:
        for op, number, warmup in self.stores.get(node, ()):
            self.code.append([op, number, self._where(node), 0, 0, 0, 0, warmup])
            self._release(node)

    def _take(self) -> int:
        if self.free:
            return self.free.pop()
        self.n_registers += 1
        return self.n_registers - 1

    def _where(self, node: Node) -> int:
        return self.pinned[node] if node in self.pinned else self.register[node]

    def _release(self, node: Node) -> None:
        self.readers[node] -= 1
        if self.readers[node] == 0 and node not in self.pinned:
            self.free.append(self.register.pop(node))

    def _emit(self, step: tuple[Node, ...]) -> None:
        arguments = [a for node in step for a in node.args]
        sources = [self._where(a) for a in arguments]
        # never one of its arguments' registers: a row read and written in one loop is not vectorised
        for node in step:
            if node.op != "hold":
                self.register[node] = self._take()
        slots: list[float] = []
        for node in step:
            own = initial_state(node)
            if own:
                self.slots[node] = len(self.initial) + len(slots)
            slots += own
        op = opcodes.PAIR if len(step) == 2 else opcodes.BY_NAME[step[0].op]
        line = [op, self.register[step[0]], *sources, *[0] * (3 - len(sources))]
        if len(step) == 2:
            line[4] = self.register[step[1]]
        self.code.append([*line, len(self.initial), len(self.params), len(slots)])
        self.initial.extend(slots)
        self.params.extend(p for node in step for p in node.params)
        self.most_slots = max(self.most_slots, len(slots))
        for argument in arguments:
            self._release(argument)

    def _freeze(self) -> Program:
        bars = [[n.warmup for n in self.conditions], [n.memory for n in self.conditions]]
        bars += [[n.warmup for n in self.values], [n.memory for n in self.values]]
        counts = [_frozen(np.array(b, np.int64)) for b in bars]
        return Program(
            code=_frozen(np.array(self.code, np.int32).reshape(-1, 8)),
            params=_frozen(np.array([*self.params, *[0.0] * 8])),
            sections=_frozen(np.array(self.sections, np.int32).reshape(-1, 6)),
            inputs=_frozen(np.array(self.inputs, np.int32).reshape(-1, 2)),
            constants=tuple((r, n.value) for n, r in self.pinned.items()),
            initial=_frozen(np.array(self.initial, np.float64)),
            n_registers=self.n_registers,
            n_conditions=len(self.conditions),
            n_values=len(self.values),
            most_slots=self.most_slots,
            condition_warmup=counts[0],
            condition_memory=counts[1],
            value_warmup=counts[2],
            value_memory=counts[3],
            slots=self.slots,
        )


def _frozen(array: NDArray) -> NDArray:
    array.setflags(write=False)
    return array


def _order(roots: Sequence[Node]) -> list[Node]:
    """All nodes the roots need, each after its arguments, without recursion (graphs may be deep)."""
    done: set[Node] = set()
    order: list[Node] = []
    stack = [(node, False) for node in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        if ready:
            done.add(node)
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((a, False) for a in reversed(node.args) if a not in done)
    return order


def schedule(order: Sequence[Node]) -> list[tuple[Node, ...]]:
    """The same nodes in an order in which recursions come in pairs where they can: their chains run side by side.

    Two recursions with the same number of recursions before them do not need one another.
    """
    inside = set(order)
    depth: dict[Node, int] = {}
    waiting: dict[int, list[Node]] = {}
    for node in order:
        depth[node] = max((depth.get(a, 0) for a in node.args), default=0) + (node.op == "recur")
        if node.op == "recur":
            waiting.setdefault(depth[node], []).append(node)
    for queue in waiting.values():
        queue.reverse()
    steps: list[tuple[Node, ...]] = []
    done: set[Node] = set()

    def take(node: Node) -> None:
        if node in done:
            return
        if node.op != "recur":
            steps.append((node,))
            done.add(node)
            return
        queue = waiting[depth[node]]
        queue.remove(node)
        mate = queue.pop() if queue else None
        step = (node,) if mate is None else (node, mate)
        if mate is not None:
            for before in _order(mate.args):
                if before in inside:
                    take(before)
        done.update(step)
        steps.append(step)

    for node in order:
        take(node)
    return steps
