"""From a machine's program to its preview: what depends on the running bar, and the operands of the rest.

A node is `now` when the running bar's prices reach it without a lag. Only these are evaluated at a price; all others
stand still between two closes and become operands, made once a bar from the machine's state.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.indicators import opcodes as o
from engine.indicators.graph import CONDITION, INPUTS, Node
from engine.indicators.happenings import ANCHORED
from engine.rules import kernels_prepare as pk
from engine.rules import kernels_preview as vk
from engine.rules.preview_preparation import STILL, Preparation
from engine.rules.program import Program, _order

#: where an argument stands while the program is being made: space, number
Place = tuple[int, int]
NOTHING: Place = (vk.REGISTER, 0)


@dataclass(frozen=True)
class PreviewProgram:
    """code int64 (n, 11) and inputs int64 (m, 2) of the sweep, outputs int64 (n_conditions, 2): register of bits (byte)
    and warm-up; preparation int64 (m, 10) with `params`, its registers and constants; constants float64 (8 each).
    frames int64 (s, 2): own bars in one bar of each section and first state slot of its longer bars; (1, 0) first.

    operands, flags: rows of a tile; registers, bit_registers: of a thread.
    """

    code: NDArray[np.int64]
    inputs: NDArray[np.int64]
    outputs: NDArray[np.int64]
    constants: NDArray[np.float64]
    preparation: NDArray[np.int64]
    preparation_registers: int
    preparation_constants: tuple[tuple[int, float], ...]
    params: NDArray[np.float64]
    frames: NDArray[np.int64]
    operands: int
    flags: int
    registers: int
    bit_registers: int


def compile_preview(program: Program, conditions: Sequence[Node]) -> PreviewProgram:
    """conditions: those that `program` was compiled from, in its order."""
    return _Compiler(program, conditions).made()


@dataclass
class _Instruction:
    op: int
    target: Place
    arguments: list[Place]
    param: int = 0
    base: int = 0
    section: int = 0


_DIRECT = {"neg": o.NEG, "abs": o.ABS, "sqrt": o.SQRT, "exp": o.EXP, "log": o.LOG, "add": o.ADD, "sub": o.SUB}
_DIRECT |= {"mul": o.MUL, "div": o.DIV, "min": o.MIN, "max": o.MAX, "gt": o.GT, "ge": o.GE}
_DIRECT |= {"and": o.AND, "or": o.OR, "not": o.NOT, "where": o.WHERE, "floor": o.FLOOR}
_COUNT = float(ANCHORED.index("count"))


class _Compiler:
    def __init__(self, program: Program, conditions: Sequence[Node]) -> None:
        self.program = program
        self.conditions = list(conditions)
        self.order = _order(self.conditions)
        self.now: dict[Node, bool] = {}
        for node in self.order:
            inside = any(self.now[a] for a in node.args)
            still = node.op in STILL or (node.op == "anchored" and self._counts(node))
            self.now[node] = node.op in INPUTS or (inside and not still)
        self.lines: list[_Instruction] = []
        self.places: dict[Node, Place] = {}
        self.constants: dict[str, int] = {}
        self.constant_values: list[float] = []
        self.virtual = {vk.REGISTER: 0, vk.BITS: 0}
        self.rows = {vk.OPERAND: 0, vk.FLAG: 0}
        self.params: list[float] = []
        self.frames = {1: 0}
        for section in program.sections.tolist():
            self.frames.setdefault(section[o.SECTION_FRAME], len(self.frames))
        starts = {section[o.SECTION_FRAME]: section[o.SECTION_STATE] for section in program.sections.tolist()}
        self.starts = [(frame, 0 if frame == 1 else starts[frame]) for frame in self.frames]
        self.preparation = Preparation(program, self.params, self.frames, self.now)
        self.inputs: dict[int, Place] = {}
        self.longer: dict[int, tuple[Place, int]] = {}

    def _counts(self, node: Node) -> bool:
        """Whether a group of bars says something that this bar's value does not change: how many they are, or what the
        group before was."""
        return (node.params[0] == _COUNT or node.params[1] != 0.0) and not self.now[node.args[1]]

    # ------------------------------------------------------------ places

    def constant(self, value: float) -> Place:
        known = self.constants.setdefault(float(value).hex(), len(self.constant_values))
        if known == len(self.constant_values):
            self.constant_values.append(value)
        return vk.CONSTANT, known

    def row(self, space: int) -> Place:
        self.rows[space] += 1
        return space, self.rows[space] - 1

    def still(self, node: Node) -> Place:
        """Of a node that does not change during the bar."""
        if node not in self.places:
            if node.is_const and node.kind != CONDITION:
                return self.constant(node.value)
            space = vk.FLAG if node.kind == CONDITION else vk.OPERAND
            self.places[node] = self.row(space)
            self.preparation.keep(node, self.places[node][1])
        return self.places[node]

    def place(self, node: Node) -> Place:
        return self.places[node] if self.now[node] else self.still(node)

    def emit(self, op: int, space: int, *arguments: Place, param: float | None = None, base: int = 0) -> Place:
        target = (space, self.virtual[space])
        self.virtual[space] += 1
        index = 0
        if param is not None:
            index = len(self.params)
            self.params.append(param)
        self.lines.append(_Instruction(op, target, list(arguments), index, base))
        return target

    # ------------------------------------------------------------ nodes

    def made(self) -> PreviewProgram:
        needed = self._needed()
        for node in self.order:
            if node in needed:
                self.places[node] = self._node(node)
        outputs = [self._output(node) for node in self.conditions]
        self._hold_shared_operands()
        return self._freeze(outputs)

    def _needed(self) -> set[Node]:
        """Nodes that a preview evaluates."""
        found: set[Node] = set()
        stack = [n for n in self.conditions if self.now[n]]
        while stack:
            node = stack.pop()
            if node not in found:
                found.add(node)
                stack.extend(a for a in self._arguments(node) if self.now[a])
        return found

    def _arguments(self, node: Node) -> tuple[Node, ...]:
        within = _within(node)
        return (within[1],) if within else node.args

    def _section(self, node: Node) -> int:
        return self.frames[max(node.frame, 1)]

    def _output(self, node: Node) -> tuple[Place | None, int]:
        if node.is_const:
            return None, 0
        place = self.place(node)
        if place[0] == vk.FLAG:
            place = self.emit(o.OR, vk.BITS, place, place)
        return place, node.warmup

    def _node(self, node: Node) -> Place:
        if node.op in INPUTS:
            column = INPUTS.index(node.op)
            return self._input(column) if node.frame <= 1 else self._longer(column, node)
        within = _within(node)
        if within is not None:
            flag = self._flag(pk.OF_WITHIN, within[0])
            return self.emit(o.OR, vk.BITS, self.place(within[1]), flag)
        if node.op in _DIRECT:
            space = vk.BITS if node.kind == CONDITION else vk.REGISTER
            return self.emit(_DIRECT[node.op], space, *(self.place(a) for a in node.args))
        made = getattr(self, f"_{node.op}", None)
        if made is None:
            return self._ask(node)
        result: Place = made(node, *(self.place(a) for a in node.args))
        return result

    def _input(self, column: int) -> Place:
        if column not in self.inputs:
            self.inputs[column] = (vk.REGISTER, self.virtual[vk.REGISTER])
            self.virtual[vk.REGISTER] += 1
        return self.inputs[column]

    def _frame(self, frame: int) -> tuple[Place, int]:
        """(flag where the running bar closes a longer bar, first of its rows open, high, low, volume)."""
        if frame not in self.longer:
            flag, rows = self.row(vk.FLAG), [self.row(vk.OPERAND) for _ in range(4)]
            self.preparation.frame(self.frames[frame], self.starts[self.frames[frame]][1], rows[0][1], flag[1])
            self.longer[frame] = flag, rows[0][1]
        return self.longer[frame]

    def _longer(self, column: int, node: Node) -> Place:
        """A column of the longer bar that closes with the running one."""
        _, first = self._frame(node.frame)
        match INPUTS[column]:
            case "open":
                return vk.OPERAND, first
            case "high":
                return self.emit(o.MAX, vk.REGISTER, self._input(column), (vk.OPERAND, first + 1))
            case "low":
                return self.emit(o.MIN, vk.REGISTER, self._input(column), (vk.OPERAND, first + 2))
            case "volume":
                return self.emit(o.ADD, vk.REGISTER, (vk.OPERAND, first + 3), self._input(column))
        return self._input(column)

    def _hold(self, node: Node, x: Place) -> Place:
        inner = node.args[0]
        closes, _ = self._frame(inner.frame)
        section = self.frames[inner.frame]
        if node.kind == CONDITION:
            held = self.row(vk.FLAG)
            self.preparation.operand(pk.OF_HELD_TRUTH, node, held[1], section=section)
            return self.emit(o.OR, vk.BITS, self.emit(o.AND, vk.BITS, closes, x), held)
        before = self.row(vk.OPERAND)
        self.preparation.operand(pk.OF_HELD, node, before[1], section=section)
        return self.emit(o.WHERE, vk.REGISTER, closes, x, before)

    def _anchored(self, node: Node, x: Place, key: Place) -> Place:
        if self.now[node.args[1]]:
            return self._ask(node)
        row = self.row(vk.OPERAND)
        self.preparation.group(pk.OF_GROUP, node, row[1])
        kind = ANCHORED[int(node.params[0])]
        if kind == "first":
            begins = self.row(vk.FLAG)
            self.preparation.group(pk.OF_GROUP_FLAG, node, begins[1])
            return self.emit(o.WHERE, vk.REGISTER, begins, x, row)
        if kind in ("max", "min"):
            return self.emit(o.MAX if kind == "max" else o.MIN, vk.REGISTER, x, row)
        return self.emit(o.ADD, vk.REGISTER, row, x)

    def _value_at(self, node: Node, held: Place, x: Place) -> Place:
        most, nth = node.params
        before = self.row(vk.OPERAND)
        self.preparation.operand(pk.OF_EVENT, node, before[1], params=(most, nth))
        if nth > 1:
            x = self.row(vk.OPERAND)
            self.preparation.operand(pk.OF_EVENT, node, x[1], params=(most, nth - 1))
        return self.emit(o.WHERE, vk.REGISTER, held, x, before)

    def _bars_since(self, node: Node, held: Place) -> Place:
        return self.emit(o.WHERE, vk.REGISTER, held, self.constant(0.0), self._operand(pk.OF_BARS_SINCE, node))

    def _run_length(self, node: Node, held: Place) -> Place:
        return self.emit(o.WHERE, vk.REGISTER, held, self._operand(pk.OF_RUN_LENGTH, node), self.constant(0.0))

    def _rows(self, op: int, node: Node, count: int, params: Sequence[float] | None = None) -> list[Place]:
        rows = [self.row(vk.OPERAND) for _ in range(count)]
        self.preparation.operand(op, node, rows[0][1], params=params)
        return rows

    def _weighted(self, node: Node, x: Place) -> Place:
        n = self.constant(node.params[0])
        return self.emit(vk.FMA, vk.REGISTER, n, x, self._operand(pk.OF_WEIGHTED, node))

    def _age(self, node: Node, x: Place) -> Place:
        best, age = self._rows(pk.OF_AGE, node, 2)
        now = self.emit(o.GE, vk.BITS, *((x, best) if node.params[1] > 0 else (best, x)))
        said = self.emit(o.WHERE, vk.REGISTER, now, self.constant(0.0), age)
        return self.emit(o.WHERE, vk.REGISTER, self._known(x), said, self.constant(math.nan))

    def _known(self, x: Place) -> Place:
        """Where x is not nan."""
        return self.emit(o.GE, vk.BITS, x, self.constant(-math.inf))

    def _rank(self, node: Node, x: Place) -> Place:
        n = int(node.params[0])
        total = self.constant(0.0)
        for old in self._rows(pk.OF_RING, node, n, (float(n),)):
            total = self.emit(vk.BELOW, vk.REGISTER, total, x, old)
        return self.emit(o.DIV, vk.REGISTER, total, self.constant(float(n)))

    def _deviation(self, node: Node, x: Place, centre: Place) -> Place:
        n = int(node.params[0])
        total = self.constant(0.0)
        for old in [*self._rows(pk.OF_RING, node, n - 1, (n - 1.0,)), x]:
            total = self.emit(vk.FURTHER, vk.REGISTER, total, old, centre)
        return self.emit(o.DIV, vk.REGISTER, total, self.constant(float(n)))

    def _quantile(self, node: Node, x: Place) -> Place:
        n, q = int(node.params[0]), node.params[1]
        before, here, after = self._rows(pk.OF_QUANTILE, node, 3)
        x = self.emit(o.ADD, vk.REGISTER, x, self.constant(0.0))
        low = self.emit(o.MIN, vk.REGISTER, self.emit(o.MAX, vk.REGISTER, x, before), here)
        share = q * (n - 1) - min(int(q * (n - 1)), n - 2)
        if share == 0.0:
            return low
        high = self.emit(o.MIN, vk.REGISTER, self.emit(o.MAX, vk.REGISTER, x, here), after)
        apart = self.emit(o.MUL, vk.REGISTER, self.emit(o.SUB, vk.REGISTER, high, low), self.constant(share))
        return self.emit(o.ADD, vk.REGISTER, low, apart)

    def _adaptive(self, node: Node, x: Place, alpha: Place) -> Place:
        before = self._operand(pk.OF_ADAPTIVE, node)
        moved = self.emit(vk.FMA, vk.REGISTER, alpha, self.emit(o.SUB, vk.REGISTER, x, before), before)
        begun = self.emit(o.WHERE, vk.REGISTER, self._known(before), moved, x)
        usable = self.emit(o.AND, vk.BITS, self._known(x), self._known(alpha))
        return self.emit(o.WHERE, vk.REGISTER, usable, begun, before)

    def _turned(self, usable: Place, up: Place, side: Place) -> Place:
        """+1 where up, else -1; the side before where the bar is not usable."""
        new = self.emit(o.WHERE, vk.REGISTER, up, self.constant(1.0), self.constant(-1.0))
        return self.emit(o.WHERE, vk.REGISTER, usable, new, side)

    def _flipped(self, side: Place, falls: Place, rises: Place) -> Place:
        """Whether it is up after the bar: it was and does not fall, or was not and rises."""
        was = self.emit(o.GT, vk.BITS, side, self.constant(0.0))
        stays = self.emit(vk.AND_NOT, vk.BITS, was, falls)
        return self.emit(o.OR, vk.BITS, stays, self.emit(vk.AND_NOT, vk.BITS, rises, was))

    def _ratchet_side(self, node: Node, close: Place, upper: Place, lower: Place) -> Place:
        above, below, side = self._rows(pk.OF_RATCHET, node, 3)
        # a band that is nan here is let go: only one that is known and no worse is kept
        high = self.emit(o.WHERE, vk.REGISTER, self.emit(o.GE, vk.BITS, upper, above), above, upper)
        low = self.emit(o.WHERE, vk.REGISTER, self.emit(o.GE, vk.BITS, below, lower), below, lower)
        falls, rises = self.emit(o.GT, vk.BITS, low, close), self.emit(o.GT, vk.BITS, close, high)
        usable = self.emit(o.AND, vk.BITS, self._known(upper), self._known(lower))
        usable = self.emit(o.AND, vk.BITS, usable, self._known(close))
        return self._turned(usable, self._flipped(side, falls, rises), side)

    def _reversal(self, node: Node, x: Place, up: Place, down: Place) -> Place:
        side, extreme = self._rows(pk.OF_REVERSAL, node, 2)
        falls = self.emit(o.GT, vk.BITS, self.emit(o.SUB, vk.REGISTER, extreme, down), x)
        rises = self.emit(o.GT, vk.BITS, x, self.emit(o.ADD, vk.REGISTER, extreme, up))
        return self._turned(self._known(x), self._flipped(side, falls, rises), side)

    def _sar_side(self, node: Node, high: Place, low: Place) -> Place:
        side, level = self._rows(pk.OF_SAR, node, 2)
        falls, rises = self.emit(o.GE, vk.BITS, level, low), self.emit(o.GE, vk.BITS, high, level)
        usable = self.emit(o.AND, vk.BITS, self._known(high), self._known(low))
        return self._turned(usable, self._flipped(side, falls, rises), side)

    def _operand(self, op: int, node: Node) -> Place:
        place = self.row(vk.OPERAND)
        self.preparation.operand(op, node, place[1])
        return place

    def _flag(self, op: int, node: Node) -> Place:
        place = self.row(vk.FLAG)
        self.preparation.operand(op, node, place[1])
        return place

    def _recur(self, node: Node, x: Place) -> Place:
        return self.emit(o.RECUR, vk.REGISTER, x, self._operand(pk.OF_RECUR, node), param=node.params[1])

    def _sum(self, node: Node, x: Place) -> Place:
        return self.emit(o.ADD, vk.REGISTER, self._operand(pk.OF_SUM, node), x)

    def _extreme(self, node: Node, x: Place) -> Place:
        op = o.MAX if node.params[1] > 0 else o.MIN
        return self.emit(op, vk.REGISTER, x, self._operand(pk.OF_EXTREME, node))

    def _squares(self, node: Node, x: Place) -> Place:
        mean, square = self.row(vk.OPERAND), self.row(vk.OPERAND)
        self.preparation.operand(pk.OF_SQUARES, node, mean[1], square[1])
        return self.emit(vk.SQUARES, vk.REGISTER, x, mean, square, param=1.0 / node.params[0])

    def _run(self, node: Node, x: Place) -> Place:
        before = self._operand(pk.OF_RUN, node)
        pair = (x, before) if node.params[1] > 0 else (before, x)
        return self.emit(o.GT, vk.BITS, *pair)

    def _cross(self, node: Node, a: Place, b: Place) -> Place:
        return self.emit(vk.GT_AND, vk.BITS, a, b, self._flag(pk.OF_CROSS, node))

    def _edge(self, node: Node, a: Place) -> Place:
        return self.emit(o.AND, vk.BITS, a, self._flag(pk.OF_EDGE, node))

    def _ask(self, node: Node) -> Place:
        """A primitive without a form of its own: its kernel reads the state."""
        arguments = []
        for a in node.args:
            place = self.place(a)
            if a.kind == CONDITION:
                place = self.emit(o.WHERE, vk.REGISTER, place, self.constant(1.0), self.constant(0.0))
            arguments.append(place)
        first = len(self.params)
        self.params.extend(node.params)
        result = self.emit(vk.ASK + o.BY_NAME[node.op], vk.REGISTER, *arguments, base=self.program.slots[node])
        self.lines[-1].param, self.lines[-1].section = first, self._section(node)
        if node.kind == CONDITION:
            result = self.emit(o.GT, vk.BITS, result, self.constant(0.0))
        return result

    # ------------------------------------------------------------ registers

    def _hold_shared_operands(self) -> None:
        """An operand that several instructions read is copied into a register by the first: memory is read once."""
        uses: dict[Place, int] = {}
        for line in self.lines:
            for place in set(line.arguments):
                uses[place] = uses.get(place, 0) + 1
        lines, held = self.lines, {}
        self.lines = []
        for line in lines:
            for k, place in enumerate(line.arguments):
                if place[0] == vk.OPERAND and uses[place] > 1:
                    if place not in held:
                        held[place] = self.emit(vk.COPY, vk.REGISTER, place)
                    line.arguments[k] = held[place]
            self.lines.append(line)

    def _freeze(self, outputs: list[tuple[Place | None, int]]) -> PreviewProgram:
        stride = vk.WIDTH // 8
        pinned = {place for place, _ in outputs if place is not None}
        numbers = _Registers(self.lines, list(self.inputs.values()), pinned)
        scale = {vk.REGISTER: vk.WIDTH, vk.OPERAND: vk.WIDTH, vk.CONSTANT: 8, vk.BITS: stride, vk.FLAG: stride}

        def row(place: Place) -> int:
            return numbers.register.get(place, place[1]) * scale[place[0]]

        code = []
        for line in self.lines:
            inside = line.arguments + [NOTHING] * (3 - len(line.arguments))
            flat = [x for p in inside for x in ((0 if p == NOTHING and p not in line.arguments else row(p)), p[0])]
            code.append([line.op, row(line.target), *flat, line.param, line.base, line.section])
        register = [[-1 if place is None else row(place), warmup] for place, warmup in outputs]
        return PreviewProgram(
            code=np.array(code, np.int64).reshape(-1, 11),
            inputs=np.array([[c, row(p)] for c, p in self.inputs.items()], np.int64).reshape(-1, 2),
            outputs=np.array(register, np.int64).reshape(-1, 2),
            constants=np.repeat(np.array(self.constant_values), 8),
            preparation=np.array(self.preparation.lines, np.int64).reshape(-1, 10),
            preparation_registers=self.preparation.registers,
            preparation_constants=tuple(self.preparation.constants.values()),
            params=np.array([*self.params, *[0.0] * 8]),
            frames=np.array(self.starts, np.int64),
            operands=self.rows[vk.OPERAND],
            flags=self.rows[vk.FLAG],
            registers=numbers.count[vk.REGISTER],
            bit_registers=numbers.count[vk.BITS],
        )


def _within(node: Node) -> tuple[Node, Node] | None:
    """(the extreme, the condition) of `within(condition, n)`, which is the condition or one of the bars before."""
    if node.op != "gt" or not (node.args[1].is_const and node.args[1].value == 0.0):
        return None
    most = node.args[0]
    if most.op != "extreme" or most.params[1] < 0 or most.args[0].op != "where":
        return None
    condition, yes, no = most.args[0].args
    if not (yes.is_const and no.is_const and yes.value == 1.0 and no.value == 0.0):
        return None
    return most, condition


class _Registers:
    """Registers by last use: a row is free again after its last reader, and never one that its instruction reads."""

    def __init__(self, lines: Sequence[_Instruction], inputs: Sequence[Place], pinned: set[Place]) -> None:
        last = {place: number for number, line in enumerate(lines) for place in line.arguments}
        self.register: dict[Place, int] = {}
        self.count = {vk.REGISTER: 1, vk.BITS: 1}
        self._free: dict[int, list[int]] = {vk.REGISTER: [], vk.BITS: []}
        for place in inputs:
            self._take(place)
        for number, line in enumerate(lines):
            self._take(line.target)
            for place in set(line.arguments):
                if place[0] in self._free and last[place] == number and place not in pinned:
                    self._free[place[0]].append(self.register[place])

    def _take(self, place: Place) -> None:
        free = self._free[place[0]]
        if free:
            self.register[place] = free.pop()
        else:
            self.register[place] = self.count[place[0]]
            self.count[place[0]] += 1
