"""Operations on what happened and when, on bars made of bars, and recursions that two generations keep honest.

All are to be had from graph.py, whose words on warm-up and memory hold here too. A generation runs over a chunk of
slots of absolute time: two run side by side, the old one is the output, the young one starts anew at the first bar of
each chunk and takes over at the next one if it had values on at least two thirds of its slots. So nothing depends on
bars before the chunk before, whenever the history began (one more chunk where one is filled less). nan inputs are
passed over: the output stays what it was.
"""

from __future__ import annotations

import math

from engine.indicators.nodes import FURTHEST, NUMBER, Node, condition, intern, make, number, span

#: no generation of a recursion may be longer than this (slots of time)
LONGEST_CHUNK = 1_000_000
#: kinds of `anchored`, as their parameter counts them
ANCHORED = ("sum", "max", "min", "first", "last", "count")
#: events that one node of `value_at` can look back over
MOST_EVENTS = 100


def hold(a: Node) -> Node:
    """A node of longer bars on the lane's own: its value as of the last longer bar that closed at or before this bar's
    close. nan (a condition: false) before one has.

    A longer bar closes with the own bar that ends at its border, or, where that one is missing, when a later bar comes
    (then two may close at one bar; both are run, in order). The first one after a start counts only if it was seen
    from its beginning.
    """
    if a.frame <= 1:
        return a
    return intern("hold", (a,), (), a.kind, (a.warmup + 2) * a.frame, (a.memory + 2) * a.frame, 1)


def anchored(kind: str, a: Node, key: Node, most: int, before: bool = False) -> Node:
    """a since `key` (a number such as a clock's day_number) last changed, this bar included: its sum, max, min, first
    or last value, or the count of bars (1 on the first). before: the same of the whole group of bars before the one
    that runs. nan until the beginning of the group was seen.

    most: bars that a key can last at most; what is said of its memory is only true then. A nan of a stays until the
    group ends (first, last: where it is their bar's; count does not look at a); a bar whose key is nan is passed over
    and gives nan.
    """
    if kind not in ANCHORED:
        raise ValueError(f"no anchored {kind}")
    most = span(most, longest=FURTHEST) * (2 if before else 1)
    code = (float(ANCHORED.index(kind)), float(before))
    return make("anchored", (number(a), number(key)), code, warmup=most, memory=most)


def value_at(cond: Node, a: Node, most: int, nth: int = 1) -> Node:
    """a at the nth latest bar, among the last `most` bars with this one, on which cond held; nan where there is none.

    It can be said from the first bar on, so it has no warm-up of its own.
    """
    if nth != int(nth) or not 1 <= nth <= MOST_EVENTS:
        raise ValueError(f"nth is {nth:g}, not a whole number from 1 to {MOST_EVENTS}")
    most = span(most, longest=FURTHEST)
    return make("value_at", (condition(cond), number(a)), (most, nth), memory=most)


def bars_since(cond: Node, most: int) -> Node:
    """Bars since cond last held, 0 on the bar itself; nan where it did not among the last `most` bars with this one."""
    most = span(most, longest=FURTHEST)
    return make("bars_since", (condition(cond),), (most,), memory=most)


def run_length(cond: Node, most: int) -> Node:
    """Bars in a row, this one included, on which cond held; capped at `most`, 0 where it does not hold."""
    most = span(most, longest=FURTHEST)
    return make("run_length", (condition(cond),), (most,), memory=most)


def _generation(op: str, args: tuple[Node, ...], params: tuple[float, ...], chunk: int) -> Node:
    """params of the machine: chunk, values that a generation needs to take over, then the operation's own."""
    chunk = span(chunk, 2, LONGEST_CHUNK)
    need = math.ceil(chunk * 2 / 3)
    inside = tuple(number(a) for a in args)
    return make(op, inside, (chunk, need, *params), NUMBER, memory=2 * chunk)


def adaptive(a: Node, alpha: Node, chunk: int) -> Node:
    """y += alpha (a - y) with the alpha of each bar, seeded by the first value. A nan alpha passes a bar over too.

    chunk: at least 60 / the least alpha where the bits of an endless recursion are wanted.
    """
    return _generation("adaptive", (a, alpha), (), chunk)


def filter2(u: Node, a1: float, a2: float, chunk: int) -> Node:
    """y = u + a1 y[1] + a2 y[2], seeded with y[1] = y[2] = 0. a1, a2: numbers of a stable filter."""
    return _generation("filter2", (u,), (float(a1), float(a2)), chunk)


def ratchet(close: Node, upper: Node, lower: Node, chunk: int) -> Node:
    """The SuperTrend line: the lower band while the trend is up, the upper one while it is down.

    The upper band falls with `upper` and rises to it only after a close above the band; the lower one mirrors it. The
    trend turns when a close is beyond its band; it begins as up.
    """
    return _generation("ratchet", (close, upper, lower), (), chunk)


def ratchet_side(close: Node, upper: Node, lower: Node, chunk: int) -> Node:
    """+1 while the trend of `ratchet` is up, -1 while it is down."""
    return _generation("ratchet_side", (close, upper, lower), (), chunk)


def sar(high: Node, low: Node, step: float, most: float, chunk: int) -> Node:
    """Wilder's parabolic stop and reverse as TA-Lib has it after the first turn: the acceleration begins at `step`,
    grows by it with each new extreme, `most` at most. A generation begins long, with its first bar's low."""
    return _generation("sar", (high, low), (float(step), float(most)), chunk)


def sar_side(high: Node, low: Node, step: float, most: float, chunk: int) -> Node:
    """+1 while `sar` is long (below the bars), -1 while it is short."""
    return _generation("sar_side", (high, low), (float(step), float(most)), chunk)


def reversal(x: Node, up: Node, down: Node, chunk: int) -> Node:
    """+1 or -1: turns up when x > the lowest since the last turn + up, down when x < the highest since then - down,
    with the up and down of this bar (nan: no turn). It begins as +1."""
    return _generation("reversal", (x, up, down), (), chunk)


def reversal_extreme(x: Node, up: Node, down: Node, chunk: int) -> Node:
    """The extreme of x since the last turn of `reversal`, this bar included: the highest while it is +1, the lowest
    while it is -1."""
    return _generation("reversal_extreme", (x, up, down), (), chunk)
