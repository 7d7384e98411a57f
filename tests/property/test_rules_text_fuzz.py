"""Any text either parses or is refused with a place, soon; what parses prints and reads back, and means the same."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.errors import BadInput
from engine.contracts.timeframes import TIMEFRAMES
from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import CONDITION, NUMBER, Node
from engine.rules.calls import call_function, call_indicator
from engine.rules.context import Context
from engine.rules.expressions import MOST_PARTS, Expression, Number, Price, binary, output_of, text_of, unary
from engine.rules.fields import FIELDS, follows_entry, label
from engine.rules.functions import ANY, BARS, FRAME, FUNCTIONS, SCALAR, SESSION, Argument
from engine.rules.lowering import Lowering
from engine.rules.strategy import MOST_FRAMES, MOST_NODES, MOST_STATE, Strategy, all_nodes
from engine.rules.text import parse_expression, parse_strategy
from engine.rules.words import SERIES, SESSIONS


def attempt(parse: Callable[[str], Any], text: str) -> Any:
    """What it parses to, or the refusal; any other error fails the test."""
    try:
        return parse(text)
    except BadInput as error:
        return error


WORDS = r"""RSI SMA MACD BBANDS ( ) [ ] , . + - * / < > <= >= == != = and or not & | ~ close high 14 2.5 0 1e9 n source
    .upper .signal crosses_above lag highest where within tf "1h" "5m" "1d" 4 session "london" time_between at_entry
    bars_since_entry value_at pivot_high day_high prev_day_close weekday count is [1] [n] é # " ' \ ; : {} $ &&
    __class__ strategy param in : stop long entry 15m"""
PIECES = st.sampled_from([*WORDS.split(), *FUNCTIONS, *SERIES, *list(INDICATORS)[::5]])
SOUP = st.lists(PIECES, max_size=60).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(SOUP, st.text(max_size=200), st.text("()[]+-*/.,\"'#az09 \t_&|<=>!", max_size=300)))
def test_any_expression_parses_or_is_refused(text: str) -> None:
    parsed = attempt(parse_expression, text)
    if isinstance(parsed, BadInput):
        assert parsed.where
        assert parsed.what
        return
    assert parse_expression(text_of(parsed)) == parsed


HEAD = "strategy x\ntimeframe 5m\ndirection long\nlong entry: close > open\nstop: 1\n"
HEADS = [f"{label(name)}:" for name in FIELDS]
LINES = st.lists(
    st.one_of(
        SOUP,
        st.sampled_from(["title", "param n =", "param n = 3 in", "timeframe", "direction", *HEADS]).flatmap(
            lambda head: SOUP.map(lambda tail: f"{head} {tail}")
        ),
        st.sampled_from(HEADS).flatmap(lambda head: expressions(CONDITION).map(lambda e: f"{head} {text_of(e)}")),
        st.sampled_from(HEADS).flatmap(lambda head: expressions(NUMBER).map(lambda e: f"{head} {text_of(e)}")),
    ),
    max_size=8,
).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(st.deferred(lambda: st.one_of(LINES, LINES.map(lambda t: HEAD + t), st.text(max_size=300))))
def test_any_strategy_parses_or_is_refused(text: str) -> None:
    parsed = attempt(parse_strategy, text)
    if isinstance(parsed, BadInput):
        line, column = map(int, parsed.where.split(":"))
        assert 1 <= line <= text.count("\n") + text.count("\r") + 1
        assert column >= 1
        return
    assert parse_strategy(parsed.text()) == parsed


def bars(low: float, high: float) -> st.SearchStrategy[Expression]:
    return st.integers(int(low), int(min(high, low + 20))).map(lambda n: Number(float(n)))


def _argument(argument: Argument, kind: str, depth: int) -> st.SearchStrategy[Any]:
    match argument.kind:
        case "bars":
            return bars(argument.low, argument.high)
        case "scalar":
            return st.sampled_from([argument.low, argument.high, 0.5]).map(lambda v: Number(float(v)))
        case "session":
            return st.sampled_from(SESSIONS)
        case "timeframe":
            return st.sampled_from(["1h", "4h", "1d", 2, 12])
        case "any":
            return expressions(kind, depth)
        case other:
            return expressions(other, depth)


def expressions(kind: str, depth: int = 3) -> st.SearchStrategy[Any]:
    """Trees that the language allows, built as the Python form does."""
    names = sorted(set(SERIES) - {"bars_since_entry"})
    leaf: st.SearchStrategy[Any] = st.one_of(
        st.sampled_from(names).map(Price),
        st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: Number(v + 0.0)),
    )
    if kind == CONDITION:
        numbers = expressions(NUMBER, depth - 1) if depth > 0 else leaf
        leaf = st.tuples(st.sampled_from(["<", ">=", "==", "!="]), numbers, numbers).map(lambda t: binary(*t))
    if depth <= 0:
        return leaf
    inner = st.deferred(lambda: expressions(kind, depth - 1))
    made = [leaf]
    if kind == NUMBER:
        made.append(inner.map(lambda e: unary("-", e)))
        made.append(st.tuples(st.sampled_from("+-*/"), inner, inner).map(lambda t: binary(*t)))
        made.append(st.sampled_from(sorted(INDICATORS)).map(_indicator))
    else:
        made.append(inner.map(lambda e: unary("not", e)))
        made.append(st.tuples(st.sampled_from(["and", "or"]), inner, inner).map(lambda t: binary(*t)))
    known = [n for n, f in FUNCTIONS.items() if f.kind in (kind, ANY) and n not in ("at_entry", "tf")]
    made.append(st.sampled_from(known).flatmap(lambda name: _call(name, kind, depth - 1)))
    return st.one_of(made)


def _indicator(name: str) -> Expression:
    call = call_indicator(name, ())
    outputs = INDICATORS[name].outputs
    return call if len(outputs) == 1 else output_of(call, outputs[-1])


def _call(name: str, kind: str, depth: int) -> st.SearchStrategy[Any]:
    inside = [_argument(a, kind, depth) for a in FUNCTIONS[name].arguments]
    return st.tuples(*inside).map(lambda given: call_function(name, given))


@settings(max_examples=70, deadline=None)
@given(st.sampled_from([NUMBER, CONDITION]).flatmap(expressions), st.sampled_from(["1m", "15m", "1h"]))
def test_what_is_built_reads_back_to_the_same_tree_and_the_same_graph(tree: Expression, timeframe: str) -> None:
    read = parse_expression(text_of(tree))
    assert read == tree
    context = Context(timeframe, "new_york")
    assert graph(read, context) is graph(tree, context)
    higher = call_function("tf", ("1h", tree))
    again = parse_expression(text_of(higher))
    assert again == higher
    made = graph(again, context)
    assert made is graph(higher, context) or "reads no bars" in str(made)


def graph(tree: Expression, context: Context) -> Node | str:
    """Its graph, or why there is none."""
    try:
        return Lowering({}, context).node(tree)
    except BadInput as error:
        return error.what


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_strategies_built_of_anything_read_back_equal(data: st.DataObject) -> None:
    rules: dict[str, Any] = {"long_entry": data.draw(expressions(CONDITION)), "stop": data.draw(expressions(NUMBER))}
    for name in data.draw(st.lists(st.sampled_from(["long_exit", "trail", "long_entry_limit", "long_target"]))):
        tree = data.draw(expressions(FIELDS[name].kind, 2))
        if follows_entry(name) and tree.kind == NUMBER:
            tree = call_function("at_entry", (tree,))
        rules[name] = tree
    rules["time_stop"] = data.draw(st.integers(1, 5000))
    built = attempt(lambda text: Strategy(**{**_words(text), **rules}), "mine")
    if isinstance(built, BadInput):
        return
    read = parse_strategy(built.text())
    assert read == built
    assert (read.bind().conditions, read.bind().levels) == (built.bind().conditions, built.bind().levels)
    assert len(all_nodes([*read.bind().conditions, *read.bind().levels])) <= MOST_NODES


def _words(text: str) -> dict[str, str]:
    words = dict.fromkeys(("title", "family", "idea", "source"), text)
    return {**words, "id": text, "timeframe": "15m", "direction": "long"}


LONG = {
    "open parentheses": "(" * 5000,
    "open brackets": "close" + "[1" * 900,
    "closed brackets": "close" + "[1]" * 130,
    "nested brackets": "close[" * 60 + "1" + "]" * 60,
    "sums": "close + " * 400 + "close",
    "minuses": "-" * 300 + "close",
    "nots": "not " * 300 + "close > 1",
    "one word": "x" * 10**6,
    "quotes": '"' * 1999,
    "underscores": "a_" * 990,
    "calls": "abs(" * 300 + "close" + ")" * 300,
    "tf": 'tf("1h", ' * 30 + "close" + ")" * 30,
    "windows": "value_at(close > 1, " * 30 + "close" + ", 5000)" * 30,
    "numbers": "9" * 1990,
    "exponents": "1e999",
    "dots": "." * 1990,
    "floats": "1.0" * 600,
    "products": " * ".join(["9e14"] * 150),
    "spaces": " " * 1990 + "(",
}


@pytest.mark.parametrize("name", LONG)
def test_long_and_deep_texts_are_answered(name: str) -> None:
    text = LONG[name]
    parsed = attempt(parse_expression, text)
    assert not isinstance(parsed, BadInput) or parsed.where
    whole = attempt(parse_strategy, f"{HEAD}target: {text}")
    assert not isinstance(whole, BadInput) or whole.where


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 19_000,
        "a " * 9_000,
        "a_" * 9_000,
        "long " * 4_000,
        "\n".join(f"param p{i} = 1 in 1, 2, 3" for i in range(600)),
        HEAD
        + "".join(f"param p{i} = 1 in 1, 2, 3\n" for i in range(20))
        + "target: "
        + "+".join(f"p{i}" for i in range(20)),
        HEAD + "param n = 1 in " + ", ".join(map(str, range(3000))) + "\ntarget: n",
        HEAD + "param n = 1 in" + " " * 1900,
        HEAD + 'title "' + "\\" * 1900,
        HEAD + "long exit: " + " or ".join(f"highest(close, {n}) < highest(close, 5)" for n in range(4900, 4940)),
        HEAD + "#" * 15_000,
        HEAD + "target: " + " + ".join(f"tf({n}, close)" for n in range(2, 90)),
        "strategy " + "x" * 1900,
    ],
)
def test_long_strategies_are_answered(text: str) -> None:
    parsed = attempt(parse_strategy, text)
    assert isinstance(parsed, Strategy) or parsed.where


def test_a_sum_of_many_reads_back() -> None:
    deep = " + ".join(["close"] * 190)
    assert text_of(parse_expression(deep)) == deep


def test_nothing_in_a_text_is_run() -> None:
    before = set(sys.modules)
    for text in (
        "__import__('os').system('true')",
        'open("/etc/passwd")',
        "().__class__.__bases__",
        "close.__init__",
        "RSI.__globals__",
        "eval(1)",
        '"%s" % close',
        "[x for x in close]",
        "lambda: close",
        "f{close}",
        "RSI(14).__class__",
        "tf(\"__import__('os')\", close)",
    ):
        parsed = attempt(parse_expression, text)
        assert isinstance(parsed, BadInput), text
    assert set(sys.modules) == before


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_what_is_accepted_is_bounded(text: str) -> None:
    parsed = attempt(parse_strategy, HEAD + text)
    if isinstance(parsed, Strategy):
        assert all(rule.parts <= MOST_PARTS for rule in parsed.rules.values())
        bound = parsed.bind()
        nodes = all_nodes([*bound.conditions, *bound.levels])
        assert len(nodes) <= MOST_NODES
        assert len({n.frame for n in nodes}) <= MOST_FRAMES + 2
        assert len(parsed.param_sets()) <= 10_000
        assert MOST_STATE <= 30_000
        assert set(TIMEFRAMES) >= {bound.timeframe}
        assert {a.kind for f in FUNCTIONS.values() for a in f.arguments} == {
            NUMBER, CONDITION, BARS, SCALAR, SESSION, FRAME, ANY,
        }  # fmt: skip
