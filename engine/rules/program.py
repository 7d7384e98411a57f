"""From expression graphs to one program: shared sub-expressions once, registers reused, nothing computed in vain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.indicators import opcodes
from engine.indicators.graph import CONDITION, INPUTS, NUMBER, Node

WITHOUT_KERNEL = frozenset(
    [
        *("hold", "anchored", "value_at", "bars_since", "run_length", "clock", "floor", "weighted", "age", "rank"),
        *("quantile", "adaptive", "filter2", "ratchet", "ratchet_side", "sar", "sar_side", "reversal"),
        "reversal_extreme",
    ]
)


@dataclass(frozen=True)
class Program:
    """What the machine runs. Arrays are read-only.

    code int32 (n, 8): op, destination, a, b, c, first state slot, first parameter, slots (stateful) or warm-up
    (conditions). inputs int32 (m, 2): column of the bars, register. constants: (register, value) filled once.
    initial float64 (n_state): a lane's state before its first bar. *_warmup, *_memory int64: bars, per output;
    `warmup` and `memory` are the longest of all outputs.
    """

    code: NDArray[np.int32]
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
        if node.kind != CONDITION:
            raise TypeError(f"{node!r} is not a condition")
    for node in values:
        if node.kind != NUMBER:
            raise TypeError(f"{node!r} is not a number")
    for node in _order([*conditions, *values]):
        if node.op in WITHOUT_KERNEL or node.frame > 1:
            raise NotImplementedError(f"the machine cannot run {node.op} yet")
    return _Compiler(list(conditions), list(values)).program()


def initial_state(node: Node) -> list[float]:
    """A stateful primitive's slots before the first bar ([] for a stateless one)."""
    nan, opened = float("nan"), [-float("inf"), 0.0]
    match node.op:
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
    seen: set[Node] = set()
    stack, total = list(roots), 0
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            total += len(initial_state(node))
            stack.extend(node.args)
    return total


class _Compiler:
    """One pass: outputs in order, arguments first; a register is free again after its last reader."""

    def __init__(self, conditions: list[Node], values: list[Node]) -> None:
        self.conditions = conditions
        self.values = values
        self.code: list[list[int]] = []
        self.params: list[float] = []
        self.initial: list[float] = []
        self.slots: dict[Node, int] = {}
        self.most_slots = 1
        self.register: dict[Node, int] = {}
        self.pinned: dict[Node, int] = {}
        self.readers: dict[Node, int] = {}
        self.free: list[int] = []
        self.n_registers = 0

    def program(self) -> Program:
        order = _order([*self.conditions, *self.values])
        for node in order:
            for argument in node.args:
                self.readers[argument] = self.readers.get(argument, 0) + 1
        for node in [*self.conditions, *self.values]:
            self.readers[node] = self.readers.get(node, 0) + 1
        for node in order:
            if node.is_const or node.op in INPUTS:
                self.pinned[node] = self._take()
        stores: dict[Node, list[tuple[int, int, int]]] = {}
        for number, node in enumerate(self.conditions):
            stores.setdefault(node, []).append((opcodes.STORE_CONDITION, number, node.warmup))
        for number, node in enumerate(self.values):
            stores.setdefault(node, []).append((opcodes.STORE_VALUE, number, 0))
        for step in schedule(order):
            if step[0] not in self.pinned:
                self._emit(step)
            for node in step:
                for op, number, warmup in stores.get(node, ()):
                    self.code.append([op, number, self._where(node), 0, 0, 0, 0, warmup])
                    self._release(node)
        return self._freeze()

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
        columns = [(INPUTS.index(n.op), r) for n, r in self.pinned.items() if n.op in INPUTS]
        bars = [[n.warmup for n in self.conditions], [n.memory for n in self.conditions]]
        bars += [[n.warmup for n in self.values], [n.memory for n in self.values]]
        counts = [_frozen(np.array(b, np.int64)) for b in bars]
        return Program(
            code=_frozen(np.array(self.code, np.int32).reshape(-1, 8)),
            params=_frozen(np.array([*self.params, *[0.0] * 8])),
            inputs=_frozen(np.array(columns, np.int32).reshape(-1, 2)),
            constants=tuple((r, n.value) for n, r in self.pinned.items() if n.is_const),
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
    depth: dict[Node, int] = {}
    waiting: dict[int, list[Node]] = {}
    for node in order:
        depth[node] = max((depth[a] for a in node.args), default=0) + (node.op == "recur")
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
                take(before)
        done.update(step)
        steps.append(step)

    for node in order:
        take(node)
    return steps
