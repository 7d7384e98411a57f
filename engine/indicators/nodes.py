"""What a graph is made of: one node an operation, equal ones the same object. The operations are in graph.py."""

from __future__ import annotations

import weakref

#: columns of the bars; funding: the last settled funding rate known at the bar's close, nan where there is none
INPUTS = ("open", "high", "low", "close", "volume", "funding")
NUMBER, CONDITION = "number", "condition"
#: no window may be longer than this (bars); its state would not fit the machine.
LONGEST = 5000
#: no operation without a window may look further back than this (bars)
FURTHEST = 10_000_000

_interned: weakref.WeakValueDictionary[tuple[object, ...], Node] = weakref.WeakValueDictionary()


class Node:
    """One operation on its arguments. Made by the functions of graph.py only; immutable by convention, shared by
    identity.

    frame: how many of the lane's own bars make one of those that it runs on; 0 for constants, which fit everywhere.
    warmup and memory count bars of the node's own frame.
    """

    __slots__ = ("__weakref__", "args", "frame", "kind", "memory", "op", "params", "warmup")

    def __init__(
        self,
        op: str,
        args: tuple[Node, ...],
        params: tuple[float, ...],
        kind: str,
        warmup: int,
        memory: int,
        frame: int,
    ) -> None:
        self.op = op
        self.args = args
        self.params = params
        self.kind = kind
        self.warmup = warmup
        self.memory = memory
        self.frame = frame

    @property
    def is_const(self) -> bool:
        return self.op == "const"

    @property
    def value(self) -> float:
        """The number of a const node."""
        return self.params[0]

    def __repr__(self) -> str:
        if self.op in INPUTS:
            return self.op if self.frame == 1 else f"{self.op}@{self.frame}"
        inside = [repr(a) for a in self.args] + [f"{p:g}" for p in self.params]
        return f"{self.op}({', '.join(inside)})"


def _key(op: str, args: tuple[Node, ...], params: tuple[float, ...], kind: str, frame: int) -> tuple[object, ...]:
    return (op, args, tuple([float(p).hex() for p in params]) if params else (), kind, frame)


def intern(
    op: str, args: tuple[Node, ...], params: tuple[float, ...], kind: str, warmup: int, memory: int, frame: int
) -> Node:
    """The node that is this, made if there is none yet; warmup and memory in all."""
    key = _key(op, args, params, kind, frame)
    found = _interned.get(key)
    if found is None:
        found = Node(op, args, params, kind, warmup, max(warmup, memory), frame)
        _interned[key] = found
    return found


def make(
    op: str,
    args: tuple[Node, ...] = (),
    params: tuple[float, ...] = (),
    kind: str = NUMBER,
    warmup: int = 0,
    memory: int = 0,
) -> Node:
    """An operation on arguments of one frame, whose own warm-up and memory come after theirs. ValueError where the
    frames differ."""
    frame = 0 if op == "const" else 1
    for a in args:
        if a.frame and a.frame != frame:
            if frame != 1 or any(b.frame == 1 for b in args):
                raise ValueError(f"{op} mixes bars of different lengths; bring the longer ones down with hold()")
            frame = a.frame
    # nearly every node of a parameter set is there already from another set
    found = _interned.get(_key(op, args, params, kind, frame))
    if found is not None:
        return found
    warm = max((a.warmup for a in args), default=0) + warmup
    settled = max((a.memory for a in args), default=0) + memory
    return intern(op, args, params, kind, warm, settled, frame)


def number(node: Node) -> Node:
    """The node itself; TypeError where it is a condition."""
    if node.kind != NUMBER:
        raise TypeError(f"{node!r} is a condition where a number is needed")
    return node


def condition(node: Node) -> Node:
    """The node itself; TypeError where it is a number."""
    if node.kind != CONDITION:
        raise TypeError(f"{node!r} is a number where a condition is needed")
    return node


def span(n: float, lowest: int = 1, longest: int = LONGEST) -> int:
    """A number of bars as int; ValueError where it is not whole or out of bounds."""
    if n != int(n) or not lowest <= n <= longest:
        raise ValueError(f"a length of {n:g} bars is not a whole number from {lowest} to {longest}")
    return int(n)
