"""How the operands of a preview are made: a small program that runs once a lane and bar, on the machine's state."""

from __future__ import annotations

from collections.abc import Sequence

from engine.indicators import opcodes as o
from engine.indicators.graph import CONDITION, Node
from engine.rules import kernels_prepare as pk
from engine.rules import kernels_preview as vk
from engine.rules.program import Program

#: operations of which a bar needs nothing but what came before it
STILL = ("lag",)


class Preparation:
    """Instructions that make the operands from the state."""

    def __init__(self, program: Program, params: list[float], frames: dict[int, int], now: dict[Node, bool]) -> None:
        self.program = program
        self.params = params
        self.frames = frames
        self.now = now
        self.lines: list[list[int]] = []
        self.constants: dict[Node, tuple[int, float]] = {}
        self.known: dict[Node, int] = {}
        self.registers = 1

    def _param(self, values: Sequence[float]) -> int:
        self.params.extend(values)
        return len(self.params) - len(values)

    def _take(self) -> int:
        self.registers += 1
        return self.registers - 1

    def _section(self, node: Node) -> int:
        return self.frames[max(node.frame, 1)]

    def operand(
        self,
        op: int,
        node: Node,
        row: int,
        second: int = 0,
        section: int | None = None,
        params: Sequence[float] | None = None,
        argument: int = 0,
    ) -> None:
        """A row (or two) of a primitive of the running bar."""
        scale = vk.WIDTH // 8 if op in pk.TRUTHS else vk.WIDTH
        base, param = self.program.slots[node], self._param(node.params if params is None else params)
        where = self._section(node) if section is None else section
        self.lines.append([op, 0, argument, 0, 0, base, param, row * scale, second * scale, where])

    def group(self, op: int, node: Node, row: int) -> None:
        """A row of a group of bars whose key is known."""
        key = self._value(node.args[1])
        self.operand(op, node, row, argument=key)
        if op in pk.TRUTHS:
            self.lines[-1][1] = key

    def frame(self, section: int, base: int, row: int, flag: int) -> None:
        """The longer bar so far, and whether the running bar closes it."""
        self.lines.append([pk.OF_FRAME, 0, 0, 0, 0, base, 0, row * vk.WIDTH, flag * (vk.WIDTH // 8), section])

    def keep(self, node: Node, row: int) -> None:
        """The value of a node that stands still."""
        truth = node.kind == CONDITION
        register = self._value(node)
        scale = vk.WIDTH // 8 if truth else vk.WIDTH
        op = pk.KEEP_TRUTH if truth else pk.KEEP_NUMBER
        self.lines.append([op, register, 0, 0, 0, 0, 0, row * scale, 0, self._section(node)])

    def _value(self, root: Node) -> int:
        for node in self._needs(root):
            if node in self.known:
                continue
            register = self.known[node] = self._take()
            if node.is_const:
                self.constants[node] = (register, node.value)
                continue
            op = o.BY_NAME[node.op]
            arguments = [self.known[a] for a in self._arguments(node)]
            if node.op == "anchored" and self.now[node.args[0]]:
                op = pk.GROUP_VALUE
            arguments += [0] * (3 - len(arguments))
            base, param = self.program.slots.get(node, 0), self._param(node.params) if node.params else 0
            section = self._section(node.args[0]) if node.op == "hold" else self._section(node)
            self.lines.append([op, register, *arguments, base, param, 0, 0, section])
        return self.known[root]

    def _arguments(self, node: Node) -> tuple[Node, ...]:
        """What the value of a still node is made from: a lag needs its state only."""
        return tuple(a for a in node.args if not self.now[a]) if node.op not in STILL else ()

    def _needs(self, root: Node) -> list[Node]:
        done: dict[Node, None] = {}
        stack = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if node in done:
                continue
            if ready:
                done[node] = None
            else:
                stack.append((node, True))
                stack.extend((a, False) for a in self._arguments(node))
        return list(done)
