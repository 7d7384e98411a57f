"""The one form in which every indicator, condition and rule is held: a graph of primitive operations on bars.

Nodes are interned: two equal sub-expressions are the same object, so equality is identity and common sub-expressions
of all strategies are computed once. A node is a `number` (nan = not defined yet) or a `condition` (0 or 1, never
nan: a comparison with nan is false).

`warmup` is the number of bars before the first valid output; `memory` the number of bars after which two machines
that began at different bars give identical bits (one more chunk where a recursion's chunk is less than two thirds
filled, see `recursion`). Both are sums along the graph.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable

#: columns of the bars; funding: the last settled funding rate known at the bar's close, nan where there is none
INPUTS = ("open", "high", "low", "close", "volume", "funding")
NUMBER, CONDITION = "number", "condition"
#: a generation of a recursion has forgotten what came before it after FORGET / alpha values: weight <= e^-40 < 1 ulp.
FORGET = 40
#: no window or recursion may be longer than this (bars); its state would not fit the machine.
LONGEST = 5000

_interned: weakref.WeakValueDictionary[tuple[object, ...], Node] = weakref.WeakValueDictionary()


class Node:
    """One operation on its arguments. Made by the functions below only; immutable by convention, shared by identity."""

    __slots__ = ("__weakref__", "args", "kind", "memory", "op", "params", "warmup")

    def __init__(
        self, op: str, args: tuple[Node, ...], params: tuple[float, ...], kind: str, warmup: int, memory: int
    ) -> None:
        self.op = op
        self.args = args
        self.params = params
        self.kind = kind
        self.warmup = warmup
        self.memory = memory

    @property
    def is_const(self) -> bool:
        return self.op == "const"

    @property
    def value(self) -> float:
        """The number of a const node."""
        return self.params[0]

    def __repr__(self) -> str:
        inside = [repr(a) for a in self.args] + [f"{p:g}" for p in self.params]
        return self.op if self.op in INPUTS else f"{self.op}({', '.join(inside)})"


def _make(
    op: str,
    args: tuple[Node, ...] = (),
    params: tuple[float, ...] = (),
    kind: str = NUMBER,
    warmup: int = 0,
    memory: int = 0,
) -> Node:
    key = (op, args, tuple(float(p).hex() for p in params), kind)
    found = _interned.get(key)
    if found is None:
        warm = max((a.warmup for a in args), default=0) + warmup
        settled = max((a.memory for a in args), default=0) + memory
        found = Node(op, args, params, kind, warm, max(warm, settled))
        _interned[key] = found
    return found


def _number(node: Node) -> Node:
    if node.kind != NUMBER:
        raise TypeError(f"{node!r} is a condition where a number is needed")
    return node


def _condition(node: Node) -> Node:
    if node.kind != CONDITION:
        raise TypeError(f"{node!r} is a number where a condition is needed")
    return node


def source(name: str) -> Node:
    """One column of the bars: open, high, low, close, volume or funding."""
    if name not in INPUTS:
        raise ValueError(f"no input {name}")
    return _make(name)


def const(value: float) -> Node:
    return _make("const", params=(float(value),))


def truth(value: bool) -> Node:
    """A condition that is always true or always false."""
    return _make("const", params=(float(value),), kind=CONDITION)


def _fold(op: str, fn: Callable[..., float], args: tuple[Node, ...], kind: str = NUMBER) -> Node:
    if all(a.is_const for a in args):
        return _make("const", params=(float(fn(*(a.value for a in args))),), kind=kind)
    return _make(op, args, kind=kind)


def _divide(a: float, b: float) -> float:
    if b == 0 or math.isnan(a) or math.isnan(b):
        sign = math.copysign(1.0, a) * math.copysign(1.0, b)
        return math.nan if a == 0 or math.isnan(a) or math.isnan(b) else sign * math.inf
    return a / b


def _greater(a: float, b: float) -> float:
    return a if a >= b or a != a else b


def _less(a: float, b: float) -> float:
    return a if a <= b or a != a else b


def add(a: Node, b: Node) -> Node:
    return _fold("add", lambda x, y: x + y, (_number(a), _number(b)))


def sub(a: Node, b: Node) -> Node:
    return _fold("sub", lambda x, y: x - y, (_number(a), _number(b)))


def mul(a: Node, b: Node) -> Node:
    return _fold("mul", lambda x, y: x * y, (_number(a), _number(b)))


def div(a: Node, b: Node) -> Node:
    """a / b as IEEE has it: 0/0 is nan, so comparisons with it are false."""
    return _fold("div", _divide, (_number(a), _number(b)))


def neg(a: Node) -> Node:
    return _fold("neg", lambda x: -x, (_number(a),))


def absolute(a: Node) -> Node:
    return _fold("abs", abs, (_number(a),))


def minimum(a: Node, b: Node) -> Node:
    """The smaller; nan where either is nan."""
    return _fold("min", _less, (_number(a), _number(b)))


def maximum(a: Node, b: Node) -> Node:
    """The greater; nan where either is nan."""
    return _fold("max", _greater, (_number(a), _number(b)))


def sqrt(a: Node) -> Node:
    """Square root; nan of a negative number."""
    return _fold("sqrt", lambda x: math.sqrt(x) if x >= 0 else math.nan, (_number(a),))


def exp(a: Node) -> Node:
    return _make("exp", (_number(a),))


def log(a: Node) -> Node:
    """Natural logarithm; nan of a negative number, -inf of 0."""
    return _make("log", (_number(a),))


def greater(a: Node, b: Node) -> Node:
    """a > b; false where either is nan."""
    return _fold("gt", lambda x, y: float(x > y), (_number(a), _number(b)), CONDITION)


def greater_equal(a: Node, b: Node) -> Node:
    return _fold("ge", lambda x, y: float(x >= y), (_number(a), _number(b)), CONDITION)


def both(a: Node, b: Node) -> Node:
    return _fold("and", lambda x, y: x * y, (_condition(a), _condition(b)), CONDITION)


def either(a: Node, b: Node) -> Node:
    return _fold("or", max, (_condition(a), _condition(b)), CONDITION)


def negate(a: Node) -> Node:
    """not a."""
    return _fold("not", lambda x: 1.0 - x, (_condition(a),), CONDITION)


def where(condition: Node, a: Node, b: Node) -> Node:
    """a where the condition holds, else b."""
    if condition.is_const:
        return a if condition.value else b
    return _make("where", (_condition(condition), _number(a), _number(b)))


def number_of(condition: Node) -> Node:
    """A condition as the number 0 or 1."""
    return where(condition, const(1.0), const(0.0))


def _length(n: float, lowest: int = 1) -> int:
    if n != int(n) or not lowest <= n <= LONGEST:
        raise ValueError(f"a length of {n:g} bars is not a whole number from {lowest} to {LONGEST}")
    return int(n)


def lag(a: Node, k: int) -> Node:
    """The value k bars before (bars, not slots of time: holes do not count); nan before there is one."""
    k = _length(k, 0)
    if k == 0 or a.is_const:
        return a
    return _make("lag", (_number(a),), (k,), warmup=k, memory=k)


def recursion(a: Node, n: int, alpha: float) -> Node:
    """y += alpha (x - y), seeded by the mean of the first n values (alpha_k = 1/k), first valid at the n-th.

    Two generations run: the old one is the output; the young one starts anew at the first bar of each chunk of
    K = ceil(1.5 * 40 / alpha) slots of absolute time and takes over at the next, if it had at least 40 / alpha
    values. What is forgotten thereby has a weight of at most e^-40, less than a unit in the last place, and the bits
    stop depending on where the state began, after at most 2 K bars. nan inputs are passed over.
    """
    n = _length(n)
    if n == 1 or a.is_const:
        return a
    chunk = math.ceil(1.5 * FORGET / alpha)
    need = math.ceil(FORGET / alpha)
    return _make("recur", (_number(a),), (n, alpha, chunk, need), warmup=n - 1, memory=2 * chunk)


def ema(a: Node, n: int) -> Node:
    """Exponential moving average, alpha = 2 / (n + 1)."""
    return recursion(a, n, 2.0 / (_length(n) + 1))


def wilder(a: Node, n: int) -> Node:
    """Wilder's smoothing, alpha = 1 / n."""
    return recursion(a, n, 1.0 / _length(n))


def rolling_sum(a: Node, n: int) -> Node:
    """Sum of the last n values, nan while one of them is nan. Folded anew in every chunk of n slots: no drift."""
    n = _length(n)
    if n == 1:
        return a
    return _make("sum", (_number(a),), (n,), warmup=n - 1, memory=n)


def rolling_mean(a: Node, n: int) -> Node:
    return a if n == 1 else div(rolling_sum(a, n), const(n))


def rolling_squares(a: Node, n: int) -> Node:
    """Sum of squared deviations from the mean of the last n values; exactly 0 where they are all equal."""
    return _make("squares", (_number(a),), (_length(n, 2),), warmup=n - 1, memory=n)


def rolling_std(a: Node, n: int) -> Node:
    """Population standard deviation of the last n values."""
    return sqrt(div(rolling_squares(a, n), const(n)))


def highest(a: Node, n: int) -> Node:
    """Greatest of the last n values, this bar included."""
    n = _length(n)
    return a if n == 1 else _make("extreme", (_number(a),), (n, 1.0), warmup=n - 1, memory=n)


def lowest(a: Node, n: int) -> Node:
    n = _length(n)
    return a if n == 1 else _make("extreme", (_number(a),), (n, -1.0), warmup=n - 1, memory=n)


def rising(a: Node, k: int) -> Node:
    """Greater than the bar before, k bars in a row."""
    k = _length(k)
    return _make("run", (_number(a),), (k, 1.0), CONDITION, warmup=k, memory=k)


def falling(a: Node, k: int) -> Node:
    k = _length(k)
    return _make("run", (_number(a),), (k, -1.0), CONDITION, warmup=k, memory=k)


def crosses_above(a: Node, b: Node) -> Node:
    """a > b now and a <= b on the previous bar, all four defined."""
    return _make("cross", (_number(a), _number(b)), (), CONDITION, warmup=1, memory=1)


def crosses_below(a: Node, b: Node) -> Node:
    return crosses_above(b, a)


def edge(a: Node) -> Node:
    """True now and false on the previous bar (a cross already is)."""
    if a.is_const:
        return truth(False)
    if a.op in ("cross", "edge"):
        return a
    return _make("edge", (_condition(a),), (), CONDITION, warmup=1, memory=1)


def within(a: Node, n: int) -> Node:
    """True on at least one of the last n bars, this one included."""
    return a if n == 1 else greater(highest(number_of(a), n), const(0.0))
