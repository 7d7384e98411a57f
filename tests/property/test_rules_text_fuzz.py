"""Any text either parses or is refused with a place, soon; what parses prints and reads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.errors import BadInput
from engine.rules.expressions import text_of
from engine.rules.text import parse_expression, parse_strategy


def attempt(parse: Callable[[str], Any], text: str) -> Any:
    """What it parses to, or the refusal; any other error fails the test."""
    try:
        return parse(text)
    except BadInput as error:
        return error


WORDS = r"""RSI SMA MACD BBANDS ( ) , . + - * / < > <= >= = and or not & | ~ close high 14 2.5 0 1e9 n source .upper
    .signal crosses_above lag highest where within é # " \ strategy param in : stop long entry 15m"""
PIECES = st.sampled_from(WORDS.split())
SOUP = st.lists(PIECES, max_size=60).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(SOUP, st.text(max_size=200)))
def test_any_expression_parses_or_is_refused(text: str) -> None:
    parsed = attempt(parse_expression, text)
    if isinstance(parsed, BadInput):
        assert parsed.where
        assert parsed.what
        return
    assert parse_expression(text_of(parsed)) == parsed


HEAD = "strategy x\ntimeframe 5m\ndirection long\nlong entry: close > open\nstop: 1\n"
LINES = st.lists(
    st.one_of(
        SOUP,
        st.sampled_from(["title", "param n =", "stop:", "long exit:", "requires:", "timeframe", "direction"]).flatmap(
            lambda head: SOUP.map(lambda tail: f"{head} {tail}")
        ),
    ),
    max_size=8,
).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(LINES, LINES.map(lambda t: HEAD + t), st.text(max_size=300)))
def test_any_strategy_parses_or_is_refused(text: str) -> None:
    parsed = attempt(parse_strategy, text)
    if isinstance(parsed, BadInput):
        assert parsed.where
        return
    assert parse_strategy(parsed.text()) == parsed


def test_long_and_deep_texts_are_answered() -> None:
    for text in ("(" * 5000, "close + " * 400 + "close", "-" * 300 + "close", "not " * 300 + "close > 1", "x" * 10**6):
        parsed = attempt(parse_expression, text)
        assert not isinstance(parsed, BadInput) or parsed.where
    deep = " + ".join(["close"] * 190)
    assert text_of(parse_expression(deep)) == deep
