"""The text form: what it reads, how it prints, and what it says about mistakes."""

from __future__ import annotations

import pytest

from engine.contracts.errors import BadInput
from engine.rules import api
from engine.rules.api import ATR, BBANDS, MACD, RSI, SMA, close, crosses_above, high, lag, param
from engine.rules.expressions import text_of
from engine.rules.text import parse_expression, parse_strategy

TEXT = """# a comment
strategy rsi_reversion
title "RSI \\"leaves\\" the extreme"
timeframe 15m
direction long   # only one side

param n = 14 in 7, 14, 21, 28
long entry: crosses_above(RSI(n), 30) # why
long exit: RSI(n) > 55 and close > SMA(50)
stop: 2 * ATR(14)
"""


def test_a_strategy_reads_prints_and_reads_again() -> None:
    strategy = parse_strategy(TEXT)
    assert strategy.title == 'RSI "leaves" the extreme'
    assert strategy.params["n"].grid == (7.0, 14.0, 21.0, 28.0)
    assert parse_strategy(strategy.text()) == strategy
    assert parse_strategy(strategy.text()).text() == strategy.text()
    assert parse_strategy(TEXT.replace("\n", "\r\n")).version == strategy.version
    assert parse_strategy(TEXT.replace("55", "56")).version != strategy.version


def test_python_and_text_make_equal_expressions() -> None:
    n = param("n", 14)
    pairs = [
        (RSI(n) > 50, "RSI(n) > 50"),
        ((close > SMA(50)) & ~(RSI(n) < 30) | (close < high), "close > SMA(50) and not RSI(n) < 30 or close < high"),
        (-(close - 2 * ATR(14)) / 3, "-(close - 2 * ATR(14)) / 3"),
        (close - (high - 1) - 2, "close - (high - 1) - 2"),
        (MACD(12, 26, 9).signal < -1.5, "MACD().signal < -1.5"),
        (crosses_above(close, lag(BBANDS(20, 2).upper, 1)), "crosses_above(close, lag(BBANDS(20, k=2).upper, n=1))"),
        (SMA(5, source=RSI(3, source=high)), "SMA(5, RSI(3, high))"),
        (1 / close, "1 / close"),
        (~((close > 1) & (close < 2)), "~(close > 1 & close < 2)"),
    ]
    for built, text in pairs:
        parsed = parse_expression(text, {"n": n})
        assert parsed == built, text
        assert parse_expression(text_of(parsed), {"n": n}) == built, text_of(parsed)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("RSI(14 < 30", "1:12", "is not closed"),
        ("RIS(14) > 3", "1:1", 'Did you mean "RSI"?'),
        ("RSI(14, close, 3)", "1:1", "takes 0 to 2 arguments (n, source), not 3"),
        ("close > RSI(0)", "1:13", "whole number from 1 to 5000"),
        ("RSI(2.5)", "1:5", "whole number"),
        ("RSI(m)", "1:5", "The parameters are n."),
        ("close >", "1:8", "ends too early"),
        ("1 < close < 3", "1:11", "cannot be chained"),
        ("close close", "1:7", "operator is missing"),
        ("close)", "1:6", 'no "(" before it'),
        ("BBANDS(20, 2) > 1", "1:1", "3 outputs (upper, middle, lower)"),
        ("MACD(12, 26, 9).sgnal", "1:17", 'Did you mean "signal"?'),
        ("crosses_above(close)", "1:1", "takes 2 arguments (a, b), not 1"),
        ("RSI(14) = 3", "1:9", "does not compare"),
        ("not close", "1:5", "needs a condition"),
        ("close and high > 1", "1:1", "needs a condition"),
        ("MACD(12, close)", "1:10", "not a series"),
        ("close $ 3", "1:7", "not part of the language"),
        ("lag(close, n=1, n=2)", "1:17", "given twice"),
        ("__import__(1)", "1:1", "Unknown function"),
        ("close.real", "1:6", "operator is missing"),
        ("", "1:1", "ends too early"),
        ("((((" * 40, "1:41", "nested"),
        ("1e400", "1:1", "too large"),
    ],
)
def test_mistakes_are_named_with_their_place_and_a_way_out(text: str, place: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_expression(text, {"n": param("n", 14)})
    assert caught.value.where == place
    assert words in str(caught.value)
    caret = caught.value.what.splitlines()[-1]
    assert caret.strip() == "^"


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (("timeframe 15m", "timeframe 16m"), "4:11", "not a timeframe"),
        (("direction long", "direction up"), "5:11", "not a direction"),
        (("param n = 14", "param close = 14"), "7:7", "word of the language"),
        (("param n = 14", "param n = abc"), "7:11", "not a number"),
        (("RSI(n) > 55", "RSI(14) > 55 or RSI(k) > 2"), "9:32", 'Unknown name "k"'),
        (("title", "titel"), "3:1", 'Did you mean "title"?'),
        (("stop:", "stop"), "10:5", 'A ":" must follow'),
        (("strategy rsi_reversion\n", ""), "1:1", "names no strategy"),
        (("stop: 2 * ATR(14)", "stop: close > open"), "10:7", "must be a number"),
        (("param n", "param unused = 3\nparam n"), "7:7", "never used"),
        (("direction long", "direction both"), "2:10", "no short entry"),
        (("stop: 2", "stop: 2 * ATR(14)\nstop: 3"), "11:1", "given in line 10 already"),
        (("param n = 14", "param n = 0"), "8:31", "it must be a whole number"),
        (('extreme"', "extreme"), "3:7", "double quotes"),
    ],
)
def test_mistakes_in_a_strategy(change: tuple[str, str], place: str, words: str) -> None:
    assert change[0] in TEXT
    with pytest.raises(BadInput) as caught:
        parse_strategy(TEXT.replace(*change))
    assert words in str(caught.value)
    assert caught.value.where == place


def test_bind_checks_names_types_and_bounds() -> None:
    strategy = parse_strategy(TEXT)
    assert strategy.bind().params_text == "n=14"
    assert strategy.bind({"n": 21}).params_text == "n=21"
    with pytest.raises(BadInput, match="no parameter"):
        strategy.bind({"m": 3})
    with pytest.raises(BadInput, match="whole number"):
        strategy.bind({"n": 2.5})
    with pytest.raises(BadInput, match="must be a number"):
        strategy.bind({"n": True})
    with pytest.raises(BadInput, match=r'"n" of RSI \(n\) is 9000'):
        strategy.bind({"n": 9000})
    with pytest.raises(BadInput, match="must be a number"):
        strategy.bind({"n": float("nan")})


def test_python_form_refuses_what_cannot_mean_anything() -> None:
    with pytest.raises(BadInput, match=r"Use & \| ~"):
        bool(close > 1)
    with pytest.raises(BadInput, match="needs a condition"):
        (close > 1) & close  # type: ignore[operator]
    with pytest.raises(BadInput, match="word of the language"):
        param("close", 3)
    with pytest.raises(BadInput, match="not a number or an expression"):
        close + "x"  # type: ignore[operator]
    assert "Strategy" in api.__all__


def test_windows_of_one_strategy_are_bounded() -> None:
    many = " + ".join(f"highest(close, {n})" for n in range(4980, 5000))
    with pytest.raises(BadInput, match="at most 30000"):
        parse_strategy(TEXT.replace("2 * ATR(14)", many))


def test_what_may_be_left_out_is_left_out_of_the_text() -> None:
    for text, canonical in (
        ("bars_since(close > open, most=500)", "bars_since(close > open)"),
        ("value_at(close > open, high, 500, 1)", "value_at(close > open, high)"),
        ("value_at(close > open, high, nth=2)", "value_at(close > open, high, 500, 2)"),
        ("value_at(close > open, high, most=20)", "value_at(close > open, high, 20)"),
        ("lag(close, 2) + lag(close + 1, 0)", "close[2] + (close + 1)[0]"),
    ):
        assert text_of(parse_expression(text)) == canonical
        assert parse_expression(canonical) == parse_expression(text)
