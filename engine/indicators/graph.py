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
from collections.abc import Callable

from engine.indicators import opcodes
from engine.indicators.happenings import ANCHORED as ANCHORED
from engine.indicators.happenings import adaptive as adaptive
from engine.indicators.happenings import anchored as anchored
from engine.indicators.happenings import bars_since as bars_since
from engine.indicators.happenings import filter2 as filter2
from engine.indicators.happenings import hold as hold
from engine.indicators.happenings import ratchet as ratchet
from engine.indicators.happenings import ratchet_side as ratchet_side
from engine.indicators.happenings import reversal as reversal
from engine.indicators.happenings import reversal_extreme as reversal_extreme
from engine.indicators.happenings import run_length as run_length
from engine.indicators.happenings import sar as sar
from engine.indicators.happenings import sar_side as sar_side
from engine.indicators.happenings import value_at as value_at
from engine.indicators.nodes import CONDITION as CONDITION
from engine.indicators.nodes import INPUTS as INPUTS
from engine.indicators.nodes import LONGEST as LONGEST
from engine.indicators.nodes import NUMBER as NUMBER
from engine.indicators.nodes import Node as Node
from engine.indicators.nodes import condition, intern, make, number, span

#: a generation of a recursion has forgotten what came before it after FORGET / alpha values: weight <= e^-40 < 1 ulp.
FORGET = 40


def source(name: str, frame: int = 1) -> Node:
    """One column of the bars: open, high, low, close, volume or funding; of bars made of `frame` of the lane's own."""
    if name not in INPUTS:
        raise ValueError(f"no input {name}")
    return intern(name, (), (), NUMBER, 0, 0, _frame(frame))


def _frame(frame: int) -> int:
    if frame != int(frame) or frame < 1:
        raise ValueError(f"bars cannot be made of {frame} bars")
    return int(frame)


def clock(what: str, length_ms: int, day: str = "utc", frame: int = 1) -> Node:
    """A number read off the calendar at the bar's OPEN time.

    length_ms: length of the lane's own bars. what: minute (of the day, 0..1439), hour, weekday (1 = Monday .. 7), day
    (of the month), month, days_left (to the month's end, 0 on its last day), all UTC; day_number and week_number, which
    count trading days and weeks that end as `day` says: "utc" (midnight) or "new_york" (17:00 there); tokyo, london,
    new_york: 1 inside 09:00-18:00, 08:00-16:30, 09:30-16:00 local time on Monday to Friday, else 0. Daylight saving
    follows the rules of the EU since 1996 and of the United States since 1987 (changed in 2007).
    """
    if what not in opcodes.CLOCKS or day not in opcodes.DAYS:
        raise ValueError(f"no clock {what} of day {day}")
    length = float(length_ms) * _frame(frame)
    return intern("clock", (), (opcodes.CLOCKS[what], length, opcodes.DAYS[day]), NUMBER, 0, 0, frame)


def const(value: float) -> Node:
    return make("const", params=(float(value),))


def truth(value: bool) -> Node:
    """A condition that is always true or always false."""
    return make("const", params=(float(value),), kind=CONDITION)


def _fold(op: str, fn: Callable[..., float], args: tuple[Node, ...], kind: str = NUMBER) -> Node:
    if all(a.is_const for a in args):
        return make("const", params=(float(fn(*(a.value for a in args))),), kind=kind)
    return make(op, args, kind=kind)


def _divide(a: float, b: float) -> float:
    if b == 0 or math.isnan(a) or math.isnan(b):
        sign = math.copysign(1.0, a) * math.copysign(1.0, b)
        return math.nan if a == 0 or math.isnan(a) or math.isnan(b) else sign * math.inf
    return a / b


def _greater(a: float, b: float) -> float:
    return a if a >= b or a != a else b


def _less(a: float, b: float) -> float:
    return a if a <= b or a != a else b


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def add(a: Node, b: Node) -> Node:
    return _fold("add", lambda x, y: x + y, (number(a), number(b)))


def sub(a: Node, b: Node) -> Node:
    return _fold("sub", lambda x, y: x - y, (number(a), number(b)))


def mul(a: Node, b: Node) -> Node:
    return _fold("mul", lambda x, y: x * y, (number(a), number(b)))


def div(a: Node, b: Node) -> Node:
    """a / b as IEEE has it: 0/0 is nan, so comparisons with it are false."""
    return _fold("div", _divide, (number(a), number(b)))


def neg(a: Node) -> Node:
    return _fold("neg", lambda x: -x, (number(a),))


def absolute(a: Node) -> Node:
    return _fold("abs", abs, (number(a),))


def minimum(a: Node, b: Node) -> Node:
    """The smaller; nan where either is nan."""
    return _fold("min", _less, (number(a), number(b)))


def maximum(a: Node, b: Node) -> Node:
    """The greater; nan where either is nan."""
    return _fold("max", _greater, (number(a), number(b)))


def sqrt(a: Node) -> Node:
    """Square root; nan of a negative number."""
    return _fold("sqrt", lambda x: math.sqrt(x) if x >= 0 else math.nan, (number(a),))


def floor(a: Node) -> Node:
    """The greatest whole number that is not above a."""
    return _fold("floor", lambda x: float(math.floor(x)) if math.isfinite(x) else x, (number(a),))


def exp(a: Node) -> Node:
    return _fold("exp", _exp, (number(a),))


def log(a: Node) -> Node:
    """Natural logarithm; nan of a negative number, -inf of 0."""
    return _fold("log", _log, (number(a),))


def greater(a: Node, b: Node) -> Node:
    """a > b; false where either is nan."""
    return _fold("gt", lambda x, y: float(x > y), (number(a), number(b)), CONDITION)


def greater_equal(a: Node, b: Node) -> Node:
    return _fold("ge", lambda x, y: float(x >= y), (number(a), number(b)), CONDITION)


def both(a: Node, b: Node) -> Node:
    return _fold("and", lambda x, y: x * y, (condition(a), condition(b)), CONDITION)


def either(a: Node, b: Node) -> Node:
    return _fold("or", max, (condition(a), condition(b)), CONDITION)


def negate(a: Node) -> Node:
    """not a."""
    return _fold("not", lambda x: 1.0 - x, (condition(a),), CONDITION)


def where(test: Node, a: Node, b: Node) -> Node:
    """a where the condition holds, else b."""
    if test.is_const:
        return a if test.value else b
    return make("where", (condition(test), number(a), number(b)))


def number_of(test: Node) -> Node:
    """A condition as the number 0 or 1."""
    return where(test, const(1.0), const(0.0))


def lag(a: Node, k: int) -> Node:
    """The value k bars before (bars, not slots of time: holes do not count); nan before there is one."""
    k = span(k, 0)
    if k == 0 or a.is_const:
        return a
    return make("lag", (number(a),), (k,), warmup=k, memory=k)


def recursion(a: Node, n: int, alpha: float) -> Node:
    """y += alpha (x - y), seeded by the mean of the first n values (alpha_k = 1/k), first valid at the n-th.

    Two generations run: the old one is the output; the young one starts anew at the first bar of each chunk of
    K = ceil(1.5 * 40 / alpha) slots of absolute time and takes over at the next, if it had at least 40 / alpha
    values. What is forgotten thereby has a weight of at most e^-40, less than a unit in the last place, and the bits
    stop depending on where the state began, after at most 2 K bars. nan inputs are passed over.
    """
    n = span(n)
    if n == 1 or a.is_const:
        return a
    chunk = math.ceil(1.5 * FORGET / alpha)
    need = math.ceil(FORGET / alpha)
    return make("recur", (number(a),), (n, alpha, chunk, need), warmup=n - 1, memory=2 * chunk)


def ema(a: Node, n: int) -> Node:
    """Exponential moving average, alpha = 2 / (n + 1)."""
    return recursion(a, n, 2.0 / (span(n) + 1))


def wilder(a: Node, n: int) -> Node:
    """Wilder's smoothing, alpha = 1 / n."""
    return recursion(a, n, 1.0 / span(n))


def rolling_sum(a: Node, n: int) -> Node:
    """Sum of the last n values, nan while one of them is nan. Folded anew in every chunk of n slots: no drift."""
    n = span(n)
    if n == 1:
        return a
    return make("sum", (number(a),), (n,), warmup=n - 1, memory=n)


def rolling_mean(a: Node, n: int) -> Node:
    return a if n == 1 else div(rolling_sum(a, n), const(n))


def rolling_squares(a: Node, n: int) -> Node:
    """Sum of squared deviations from the mean of the last n values; exactly 0 where they are all equal."""
    return make("squares", (number(a),), (span(n, 2),), warmup=n - 1, memory=n)


def rolling_std(a: Node, n: int) -> Node:
    """Population standard deviation of the last n values."""
    return sqrt(div(rolling_squares(a, n), const(n)))


def highest(a: Node, n: int) -> Node:
    """Greatest of the last n values, this bar included."""
    n = span(n)
    return a if n == 1 else make("extreme", (number(a),), (n, 1.0), warmup=n - 1, memory=n)


def lowest(a: Node, n: int) -> Node:
    n = span(n)
    return a if n == 1 else make("extreme", (number(a),), (n, -1.0), warmup=n - 1, memory=n)


def rising(a: Node, k: int) -> Node:
    """Greater than the bar before, k bars in a row."""
    k = span(k)
    return make("run", (number(a),), (k, 1.0), CONDITION, warmup=k, memory=k)


def falling(a: Node, k: int) -> Node:
    k = span(k)
    return make("run", (number(a),), (k, -1.0), CONDITION, warmup=k, memory=k)


def crosses_above(a: Node, b: Node) -> Node:
    """a > b now and a <= b on the previous bar, all four defined."""
    return make("cross", (number(a), number(b)), (), CONDITION, warmup=1, memory=1)


def crosses_below(a: Node, b: Node) -> Node:
    return crosses_above(b, a)


def edge(a: Node) -> Node:
    """True now and false on the previous bar (a cross already is)."""
    if a.is_const:
        return truth(False)
    if a.op in ("cross", "edge"):
        return a
    return make("edge", (condition(a),), (), CONDITION, warmup=1, memory=1)


def within(a: Node, n: int) -> Node:
    """True on at least one of the last n bars, this one included."""
    return a if n == 1 else greater(highest(number_of(a), n), const(0.0))


def weighted_sum(a: Node, n: int) -> Node:
    """n a + (n-1) a[1] + ... + 1 a[n-1]; the newest term is added last. nan while one of them is."""
    n = span(n)
    return a if n == 1 else make("weighted", (number(a),), (n,), warmup=n - 1, memory=n)


def age_of_highest(a: Node, n: int) -> Node:
    """Bars since the greatest of the last n values, 0..n-1; the newest of equals. nan while one of them is."""
    n = span(n, 2)
    return make("age", (number(a),), (n, 1.0), warmup=n - 1, memory=n)


def age_of_lowest(a: Node, n: int) -> Node:
    """Bars since the least of the last n values, 0..n-1; the newest of equals. nan while one of them is."""
    n = span(n, 2)
    return make("age", (number(a),), (n, -1.0), warmup=n - 1, memory=n)


def rank(a: Node, n: int) -> Node:
    """Share, 0..1, of the n values before this one that are below it. nan while one of the n + 1 is."""
    n = span(n)
    return make("rank", (number(a),), (n,), warmup=n, memory=n)


def quantile(a: Node, n: int, q: float) -> Node:
    """The q-quantile (0..1) of the last n values, this one included, with linear interpolation between neighbours.
    nan while one of them is."""
    if not 0.0 <= q <= 1.0:
        raise ValueError(f"a quantile of {q:g} is not from 0 to 1")
    n = span(n)
    return a if n == 1 else make("quantile", (number(a),), (n, q), warmup=n - 1, memory=n)


def mean_deviation(a: Node, centre: Node, n: int) -> Node:
    """Mean distance of the last n values of a from this bar's centre. nan while one of them is."""
    n = span(n, 2)
    # the window is of a only
    warmup = max(a.warmup + n - 1, centre.warmup) - max(a.warmup, centre.warmup)
    memory = max(a.memory + n, centre.memory) - max(a.memory, centre.memory)
    return make("deviation", (number(a), number(centre)), (n,), warmup=warmup, memory=memory)
