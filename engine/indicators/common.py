"""Compositions of primitives that several indicators share. Where a definition says 0/0, `share` states the value."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.indicators.spec import Inputs

ZERO, HALF, ONE, TWO, HUNDRED = g.const(0.0), g.const(0.5), g.const(1.0), g.const(2.0), g.const(100.0)


def total(*nodes: Node) -> Node:
    """Sum from left to right."""
    result = nodes[0]
    for node in nodes[1:]:
        result = g.add(result, node)
    return result


def scaled(factor: float, a: Node) -> Node:
    return g.mul(g.const(factor), a)


def share(part: Node, whole: Node, neutral: float | Node) -> Node:
    """part / whole for a whole that is never negative; `neutral` where it is 0."""
    otherwise = neutral if isinstance(neutral, Node) else g.const(neutral)
    return g.where(g.greater_equal(ZERO, whole), otherwise, g.div(part, whole))


def percent(part: Node, whole: Node, neutral: float | Node) -> Node:
    """100 part / whole, as `share`."""
    return share(g.mul(HUNDRED, part), whole, neutral)


def clamp(a: Node, low: float, high: float) -> Node:
    return g.minimum(g.maximum(a, g.const(low)), g.const(high))


def change(a: Node, k: int = 1) -> Node:
    """a - a[k]."""
    return g.sub(a, g.lag(a, k))


def log_ratio(a: Node, b: Node) -> Node:
    """ln(a / b); 0 where either is not positive."""
    return g.where(g.greater(g.minimum(a, b), ZERO), g.log(g.div(a, b)), g.mul(ZERO, g.add(a, b)))


def log_return(a: Node, k: int = 1) -> Node:
    """ln(a / a[k]); 0 where either is not positive."""
    return log_ratio(a, g.lag(a, k))


def rise(a: Node) -> Node:
    return g.maximum(a, ZERO)


def fall(a: Node) -> Node:
    return g.maximum(g.neg(a), ZERO)


def signed(direction: Node, amount: Node) -> Node:
    """amount where direction > 0, -amount where it is < 0, 0 where it is 0; nan where it is nan."""
    down = g.where(g.greater(ZERO, direction), g.neg(amount), g.mul(direction, ZERO))
    return g.where(g.greater(direction, ZERO), amount, down)


def middle(x: Inputs) -> Node:
    """(high + low) / 2."""
    return g.mul(HALF, g.add(x.high, x.low))


def typical(x: Inputs) -> Node:
    """(high + low + close) / 3."""
    return g.div(total(x.high, x.low, x.close), g.const(3.0))


def true_high(x: Inputs) -> Node:
    return g.maximum(x.high, g.lag(x.close, 1))


def true_low(x: Inputs) -> Node:
    return g.minimum(x.low, g.lag(x.close, 1))


def true_range(x: Inputs) -> Node:
    """max(high, close[1]) - min(low, close[1]), defined from the second bar on (Wilder 1978)."""
    return g.sub(true_high(x), true_low(x))


def atr(x: Inputs, n: int) -> Node:
    return g.wilder(true_range(x), n)


def place(a: Node, bottom: Node, top: Node, neutral: float) -> Node:
    """Where a lies between bottom and top, 0..1; `neutral` where they are equal."""
    return share(g.sub(a, bottom), g.sub(top, bottom), neutral)


def money_flow(x: Inputs) -> Node:
    """Volume times ((close - low) - (high - close)) / (high - low), 0 where high = low (Chaikin)."""
    span = g.sub(x.high, x.low)
    return g.mul(share(g.sub(g.sub(x.close, x.low), g.sub(x.high, x.close)), span, 0.0), x.volume)


def weighted_mean(a: Node, n: int) -> Node:
    """Mean with weights n (newest) to 1."""
    return a if n == 1 else g.div(g.weighted_sum(a, n), g.const(n * (n + 1) / 2))
