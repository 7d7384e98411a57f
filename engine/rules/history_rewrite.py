"""A graph as a history is best run through: the same outputs, bit for bit, from cheaper operations.

What counts bars and is only compared with a number becomes a condition on conditions: 64 bars at a step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.indicators import graph as g
from engine.indicators.nodes import Node, intern

#: longest span of RECENT and LASTING that is of use: no history has more bars
_FOREVER = float(1 << 52)


def rewritten(roots: Sequence[Node], order: Sequence[Node]) -> list[Node]:
    """The roots anew. order: all nodes they need, each after its arguments."""
    done: dict[Node, Node] = {}
    for node in order:
        args = tuple(done[a] for a in node.args)
        done[node] = _one(node, args)
    return [done[root] for root in roots]


def _one(node: Node, args: tuple[Node, ...]) -> Node:
    match node.op:
        case "gt" | "ge":
            return _compared(node, *args)
        case "and" | "or":
            return _both_known(node, *args)
        case "not" if args[0].is_const:
            return g.truth(not args[0].value)
        case "hold" if args[0].is_const:
            # nothing is held before the first longer bar has closed
            return node if args[0].value else g.truth(False)
        case "run":
            step = _same(node, "step", args, node.params[1:])
            return _same(node, "lasting", (step,), (node.params[0], 0.0))
    return _same(node, node.op, args, node.params)


def _same(node: Node, op: str, args: tuple[Node, ...], params: tuple[float, ...], kind: str = "") -> Node:
    if args == node.args and op == node.op and params == node.params:
        return node
    return intern(op, args, params, kind or node.kind, node.warmup, node.memory, node.frame)


def _both_known(node: Node, a: Node, b: Node) -> Node:
    """and, or; without what is known beforehand."""
    for known, other in ((a, b), (b, a)):
        if known.is_const:
            decides = bool(known.value) == (node.op == "or")
            return g.truth(bool(known.value)) if decides else other
    return _same(node, node.op, (a, b), ())


def _compared(node: Node, a: Node, b: Node) -> Node:
    """a > b, a >= b; without the numbers where one of them counts bars and the other is known."""
    found = None
    strict = node.op == "gt"
    if b.is_const and a.op in ("bars_since", "run_length", "extreme"):
        found = _above(node, a, b.value, strict)
    elif a.is_const and b.op in ("bars_since", "run_length"):
        found = _under(node, b, a.value, strict)
    return found if found is not None else _same(node, node.op, (a, b), ())


def _whole_above(limit: float, strict: bool) -> float:
    """The least whole number that is above a limit (or it, where not strict)."""
    return math.floor(limit) + 1.0 if strict else float(math.ceil(limit))


def _above(node: Node, a: Node, limit: float, strict: bool) -> Node | None:
    if a.op == "extreme":
        return _happened(node, a, limit, strict)
    if not math.isfinite(limit):
        return None
    least = _whole_above(limit, strict)
    test, most = a.args[0], a.params[0]
    if a.op == "run_length":
        if least <= 0:
            return g.truth(True)
        return g.truth(False) if least > most else _lasting(node, test, least)
    # a number only where it is below most
    ever = _recent(node, test, most)
    return ever if least <= 0 else _and(node, ever, _not(node, _recent(node, test, least)))


def _under(node: Node, b: Node, limit: float, strict: bool) -> Node | None:
    """limit > b, limit >= b."""
    if not math.isfinite(limit):
        return None
    # the least whole number that is not under the limit
    least = float(math.ceil(limit)) if strict else math.floor(limit) + 1.0
    test, most = b.args[0], b.params[0]
    if b.op == "run_length":
        if least <= 0:
            return g.truth(False)
        return g.truth(True) if least > most else _not(node, _lasting(node, test, least))
    return g.truth(False) if least <= 0 else _recent(node, test, min(least, most))


def _happened(node: Node, a: Node, limit: float, strict: bool) -> Node | None:
    """A condition as the number 0 or 1, the greatest of the last n above what lies between: it held on one of them."""
    (inside,), (n, sign) = a.args, a.params
    if inside.op != "where" or sign != 1.0 or not (inside.args[1].is_const and inside.args[2].is_const):
        return None
    if (inside.args[1].value, inside.args[2].value) != (1.0, 0.0):
        return None
    if not (0.0 <= limit < 1.0 if strict else 0.0 < limit <= 1.0):
        return None
    return _recent(node, inside.args[0], n, n - 1.0)


def _recent(node: Node, test: Node, n: float, skip: float = 0.0) -> Node:
    """test held on one of the last n bars; false on the first `skip`."""
    return _same(node, "recent", (test,), (min(n, _FOREVER), skip), g.CONDITION)


def _lasting(node: Node, test: Node, n: float) -> Node:
    """test held on all of the last n bars."""
    return _same(node, "lasting", (test,), (min(n, _FOREVER), 0.0), g.CONDITION)


def _not(node: Node, a: Node) -> Node:
    return _same(node, "not", (a,), (), g.CONDITION)


def _and(node: Node, a: Node, b: Node) -> Node:
    return _same(node, "and", (a, b), (), g.CONDITION)
