"""What the machine says of an expression is what its reference says, bar by bar: all functions and series of the
language, put together at random, on bars with holes, against a slow plain evaluation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.contracts.timeframes import timeframe_ms
from engine.indicators.graph import CONDITION, NUMBER
from engine.rules.calls import call_function
from engine.rules.context import Context
from engine.rules.expressions import Expression, FunctionCall, Number, Price, binary, text_of, unary, walk
from engine.rules.functions import ANY, BARS, FUNCTIONS, Argument
from engine.rules.lowering import Lowering
from engine.rules.machine import run_series
from engine.rules.program import compile_program
from engine.rules.words import SERIES, SESSIONS
from tests.property.rules_slow import CALLS, Bars, evaluate

COLUMNS = ("open", "high", "low", "close", "volume")
#: where the last bits depend on the order of additions, or the library function on the machine
ROUNDED = ("stdev", "quantile", "median", "exp", "log")
#: read whole numbers only, so that sums are exact in any order
SUMS = ("sum", "mean")
READING = ("session", "time_between", "pivot_high", "pivot_low")
#: `reversal` is checked with its primitive, which has a twin of its own
ELSEWHERE = ("tf", "at_entry", "reversal")


def made_bars(seed: int, timeframe: str, day: str, total: int = 260) -> Bars:
    rng = np.random.default_rng(seed)
    length = timeframe_ms(timeframe)
    steps = np.where(rng.random(total) < rng.choice([0.0, 0.08]), rng.integers(2, 30, total), 1)
    start = 1_583_366_400_000 // length + int(rng.integers(0, 50 * 86_400_000 // length))
    close = 100 + np.cumsum(rng.integers(-3, 4, total))
    before = np.concatenate([close[:1], close[:-1]]) + rng.integers(-1, 2, total)
    top, bottom = np.maximum(close, before), np.minimum(close, before)
    top, bottom = top + rng.integers(0, 3, total), bottom - rng.integers(0, 3, total)
    rows = (before, top, bottom, close, rng.integers(0, 9, total))
    return Bars(length, np.cumsum(steps) + start, {c: r.astype(float).tolist() for c, r in zip(COLUMNS, rows)}, day)


def small(low: float, high: float) -> st.SearchStrategy[Number]:
    return st.integers(int(low), int(min(high, low + 9))).map(lambda n: Number(float(n)))


def _argument(argument: Argument, name: str, kind: str, depth: int) -> st.SearchStrategy[Any]:
    if argument.kind == BARS:
        return small(argument.low, 3 if argument.name == "nth" else argument.high)
    if argument.kind == "scalar":
        return st.sampled_from([0.0, 7.5, 12.0, 22.0, 24.0]).map(Number)
    if argument.kind == "session":
        return st.sampled_from(SESSIONS)
    if name in SUMS:
        return st.sampled_from(COLUMNS).map(Price)
    return trees(kind if argument.kind == ANY else argument.kind, depth)


def trees(kind: str, depth: int = 3) -> st.SearchStrategy[Any]:
    names = sorted(set(SERIES) - {"bars_since_entry", "funding"})
    numbers = st.one_of(st.sampled_from(COLUMNS).map(Price), st.sampled_from(names).map(Price), small(-3, 9))
    if kind == NUMBER:
        leaf: st.SearchStrategy[Any] = numbers
    else:
        sides = trees(NUMBER, depth - 1) if depth > 0 else numbers
        leaf = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), sides, sides).map(lambda t: binary(*t))
    if depth <= 0:
        return leaf
    inner = st.deferred(lambda: trees(kind, depth - 1))
    known = [n for n, f in FUNCTIONS.items() if f.kind in (kind, ANY) and n not in (*ROUNDED, *ELSEWHERE)]
    calls = st.sampled_from(known).flatmap(lambda name: call(name, kind, depth - 1))
    if kind == NUMBER:
        ways = [
            inner.map(lambda e: unary("-", e)),
            st.tuples(st.sampled_from("+-"), inner, inner).map(lambda t: binary(*t)),
            st.tuples(inner, st.sampled_from([2.0, 4.0])).map(lambda t: binary("/", *t)),
            st.tuples(inner, small(-2, 3)).map(lambda t: binary("*", *t)),
        ]
    else:
        ways = [
            inner.map(lambda e: unary("not", e)),
            st.tuples(st.sampled_from(["and", "or"]), inner, inner).map(lambda t: binary(*t)),
        ]
    return st.one_of(leaf, calls, calls, *ways)


def call(name: str, kind: str, depth: int) -> st.SearchStrategy[Any]:
    inside = [_argument(a, name, kind, depth) for a in FUNCTIONS[name].arguments]
    return st.tuples(*inside).map(lambda given: call_function(name, given))


def check(tree: Expression, bars: Bars, timeframe: str) -> None:
    """The machine's values equal the slow ones on all bars, conditions on those after the warm-up, false before."""
    node = Lowering({}, Context(timeframe, bars.day)).node(tree)
    slow = evaluate(tree, bars)
    table = np.array([bars.columns[c] for c in COLUMNS])
    index = np.array(bars.index, np.int64)
    if tree.kind == NUMBER:
        got = run_series(compile_program([], [node]), index, table)[1][0]
        for i, (a, b) in enumerate(zip(got.tolist(), slow)):
            same = (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12)
            assert same, f"{text_of(tree)} at {i}: {a} is {b}"
        return
    flags = run_series(compile_program([node]), index, table)[0][0]
    expected = [bool(b) and i >= node.warmup for i, b in enumerate(slow)]
    assert flags.astype(bool).tolist() == expected, text_of(tree)


FRAMES: dict[str, list[Any]] = {"15m": ["1h", "4h", 3, 8], "1h": ["1h", "4h", "1d", 5], "4h": ["8h", "1d", 2]}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_machine_says_what_the_reference_says(data: st.DataObject) -> None:
    timeframe = data.draw(st.sampled_from(sorted(FRAMES)))
    bars = made_bars(data.draw(st.integers(0, 10_000)), timeframe, data.draw(st.sampled_from(["utc", "new_york"])))
    kind = data.draw(st.sampled_from([NUMBER, CONDITION]))
    tree = data.draw(trees(kind))
    if data.draw(st.booleans()):
        inner = data.draw(trees(kind, 2))
        longer = call_function("tf", (data.draw(st.sampled_from(FRAMES[timeframe])), inner))
        if any(isinstance(part, Price) for part in walk(longer)):
            tree = binary("-" if kind == NUMBER else "or", longer, tree)
    assume(not any(reads_nothing(part) for part in walk(tree)))
    check(tree, bars, timeframe)


def reads_nothing(part: Expression) -> bool:
    """Whether it is a call that no bar has a say in: a window of constants is a constant, or refused inside tf."""
    of_bars = [e for e in walk(part) if isinstance(e, Price) or getattr(e, "name", "") in READING]
    return isinstance(part, FunctionCall) and not of_bars


@pytest.mark.parametrize("day", ["utc", "new_york"])
@pytest.mark.parametrize("name", sorted(set(SERIES) - {"bars_since_entry", "funding"}))
def test_each_series(name: str, day: str) -> None:
    for timeframe, seed in (("1h", 1), ("4h", 2)):
        check(Price(name), made_bars(seed, timeframe, day, 500), timeframe)
    check(call_function("tf", (4, Price(name))), made_bars(3, "1h", day, 700), "1h")


@pytest.mark.parametrize("name", sorted(set(CALLS)))
def test_each_function(name: str) -> None:
    function = FUNCTIONS[name]
    simple = {NUMBER: Price("close"), CONDITION: binary(">", Price("close"), Price("open")), "session": "london"}
    simple[ANY] = Price("high")
    bars = {"n": 3, "most": 7, "nth": 2, "left": 2, "right": 3, "h1": 22.0, "h2": 6.5}
    given = [bars[a.name] if a.name in bars else simple[a.kind] for a in function.arguments]
    if name in ("crosses_above", "crosses_below", "min", "max", "between"):
        given[1] = Price("open")
    tree = call_function(name, given)
    for seed, timeframe in ((1, "15m"), (2, "1h"), (3, "4h")):
        check(tree, made_bars(seed, timeframe, "utc"), timeframe)
        check(call_function("tf", (3, tree)), made_bars(seed + 9, timeframe, "utc"), timeframe)


def test_all_functions_are_checked() -> None:
    assert set(CALLS) == set(FUNCTIONS) - set(ROUNDED) - set(ELSEWHERE)
