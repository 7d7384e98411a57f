"""The rules of a strategy: levels, orders and scalars of a bound one, what may stand where, and on which timeframes."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine.contracts.errors import BadInput
from engine.indicators import graph as g
from engine.rules.api import (
    ATR,
    SMA,
    Expression,
    Strategy,
    at_entry,
    bars_since_entry,
    close,
    crosses_above,
    day_high,
    high,
    low,
    open_,
    param,
    session,
    tf,
)
from engine.rules.context import Context, WrongTimeframe
from engine.rules.describe import strategy_info
from engine.rules.expressions import DEEPEST_TREE
from engine.rules.fields import FIELDS, LEVELS, label
from engine.rules.lowering import Lowering
from engine.rules.strategy import MOST_SETS, Bound
from engine.rules.text import parse_expression, parse_strategy


def made(**rules: Any) -> Strategy:
    words = {"title": "t", "family": "f", "idea": "i", "source": "s", "timeframe": "5m", "direction": "long"}
    return Strategy(**{"id": "mine", **words, "long_entry": close > open_, **rules})


def both(**rules: Any) -> Strategy:
    return made(direction="both", short_entry=close < open_, **rules)


def level(bound: Bound, name: str) -> g.Node:
    return bound.levels[LEVELS.index(name)]


NOTHING = g.const(math.nan)
RANGE = g.sub(g.source("high"), g.source("low"))


def test_a_distance_for_both_sides_is_that_of_each_side_there_is() -> None:
    assert [level(both(stop=high - low).bind(), n) for n in LEVELS] == [RANGE, RANGE, *[NOTHING] * 6]
    assert [level(made(stop=high - low).bind(), n) for n in LEVELS] == [RANGE, *[NOTHING] * 7]
    assert [level(both(target=3).bind(), n) for n in LEVELS[2:4]] == [g.const(3.0)] * 2
    short = made(direction="short", long_entry=None, short_entry=close < open_, target=3, trail=2, break_even=1)
    assert list(short.bind().levels) == [NOTHING] * 3 + [g.const(3.0), g.const(2.0), g.const(1.0)] + [NOTHING] * 2


def test_sides_can_have_their_own_distances() -> None:
    bound = both(long_stop=high - low, short_stop=2, short_target=5).bind()
    assert level(bound, "long_stop") is RANGE
    assert level(bound, "short_stop") is g.const(2.0)
    assert level(bound, "long_target") is NOTHING
    assert level(bound, "short_target") is g.const(5.0)


def test_entries_rest_as_orders_or_fill_at_the_next_open() -> None:
    bound = both(long_entry_stop=high, short_entry_limit=high + 1, entry_valid=3).bind()
    assert (bound.long_order, bound.short_order, bound.entry_valid) == ("stop", "limit", 3)
    assert level(bound, "long_level") is g.source("high")
    assert level(bound, "short_level") is g.add(g.source("high"), g.const(1.0))
    plain = both().bind()
    assert (plain.long_order, plain.short_order, plain.entry_valid, plain.time_stop) == ("", "", 1, 0)
    assert both(long_entry_stop=high).bind().entry_valid == 1


def test_bars_can_be_parameters() -> None:
    n = param("n", 4, grid=[2, 4, 8])
    strategy = made(time_stop=2 * n, long_entry_limit=low, entry_valid=n)
    assert [(b.time_stop, b.entry_valid) for b in map(strategy.bind, strategy.param_sets())] == [
        (4, 2),
        (8, 4),
        (16, 8),
    ]
    with pytest.raises(BadInput, match="entry valid of mine"):
        strategy.bind({"n": 501})


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            {"stop": 1, "long_entry_stop": high, "long_entry_limit": low},
            "both a long entry stop and a",
        ),
        ({"stop": 1, "long_stop": 2}, "both a stop and a long stop"),
        ({"long_target": 1, "target": 2}, "both a target and a long target"),
        ({"break_even": 1}, "never leaves"),
        ({"stop": 1, "entry_valid": 3}, "says how long"),
        ({"stop": 1, "short_stop": 3}, "has a short stop but its direction is long"),
        ({"time_stop": close}, "before the first bar"),
        ({"time_stop": 2.5}, "whole number"),
        ({"time_stop": 0}, "from 1 to 5000"),
        ({"stop": "2"}, "not a number"),
        ({"long_entry": True, "stop": 1}, "must be a condition"),
        ({"stop": at_entry(high)}, "only in the exit"),
        ({"long_entry": close > at_entry(high), "stop": 1}, "only in the exit"),
        ({"long_exit": tf("1h", close > at_entry(high))}, "inside tf"),
        ({"long_exit": tf("1h", bars_since_entry > 3)}, "inside tf"),
        ({"trail": bars_since_entry}, "only in the exit"),
        ({"stop": 1, "requires": close > 1}, "before the first bar"),
    ],
)
def test_what_makes_no_sense_is_refused(rules: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        made(**rules)


def test_at_entry_is_the_value_on_the_bar_of_the_sides_own_entry() -> None:
    strategy = both(
        long_exit=close < at_entry(low), short_exit=bars_since_entry >= 5, long_stop=at_entry(ATR(14)), short_target=2
    )
    bound = strategy.bind()
    long_entry, _, short_entry, _ = bound.conditions
    at = g.value_at(long_entry, g.source("low"), 500)
    assert bound.conditions[1] is g.edge(g.greater(at, g.source("close")))
    assert bound.conditions[3] is g.edge(g.greater_equal(g.bars_since(short_entry, 500), g.const(5.0)))
    assert level(bound, "long_stop").args[0] is long_entry


def test_tf_is_of_the_bars_that_the_strategy_runs_on() -> None:
    strategy = made(long_entry=close > tf("1h", SMA(3)), time_stop=5)
    hold = strategy.bind().conditions[0].args[0].args[1]
    assert (hold.op, hold.args[0].frame) == ("hold", 12)
    assert strategy.bind(timeframe="15m").conditions[0].args[0].args[1].args[0].frame == 4
    own = made(long_entry=close > SMA(3), time_stop=5)
    assert strategy.bind(timeframe="1h").conditions == own.bind(timeframe="1h").conditions
    with pytest.raises(WrongTimeframe, match="below the timeframe of the bars, 4h"):
        strategy.bind(timeframe="4h")
    relative = made(long_entry=close > tf(4, SMA(3)), time_stop=5)
    assert relative.bind(timeframe="15m").conditions == strategy.bind(timeframe="15m").conditions
    assert made(long_entry=tf("1h", close > SMA(3)), time_stop=5).bind().conditions[0].args[0].op == "hold"


def test_bars_that_do_not_make_up_longer_ones_are_refused() -> None:
    with pytest.raises(WrongTimeframe, match="do not make up"):
        made(timeframe="8h", long_entry=close > tf("12h", close), time_stop=5)


def test_the_trading_day_is_that_of_the_market() -> None:
    strategy = made(long_entry=crosses_above(close, day_high[1]), time_stop=5)
    assert strategy.bind(day="new_york").conditions != strategy.bind().conditions
    assert strategy.bind(timeframe="1h").warmup < strategy.bind().warmup
    assert strategy.bind(timeframe="5m").conditions == strategy.bind().conditions


def test_functions_of_numbers_are_known_before_the_first_bar() -> None:
    n = param("n", 7)
    built = SMA(parse_expression("floor(n / 2) + max(n, 3)", {"n": n}))
    assert Lowering({"n": 7.0}).node(built) is Lowering({}).node(SMA(10))


def test_equals_in_both_forms() -> None:
    assert close.eq(3) == parse_expression("close == 3")
    assert close.ne(open_) == parse_expression("close != open")
    with pytest.raises(BadInput, match=r"x\.eq\(y\)"):
        (close == 3) & (close > 1)
    with pytest.raises(BadInput, match=r"x\.eq\(y\)"):
        (close > 1) & (close == 3)


def test_a_series_cannot_be_run_through() -> None:
    with pytest.raises(BadInput, match=r"x\[1\]"):
        list(close)
    with pytest.raises(BadInput, match="not a series"):
        close["a"]
    with pytest.raises(BadInput, match="not a number"):
        close[1:3]
    assert close[3] == parse_expression("close[3]") == parse_expression("lag(close, 3)")
    assert (-close)[3] == parse_expression("(-close)[3]") != parse_expression("-close[3]")


def test_text_and_python_give_the_same_nodes() -> None:
    strategy = both(
        long_entry_stop=day_high + 0.1 * ATR(14),
        entry_valid=3,
        long_exit=session("london") & ~tf("1h", close > SMA(50)),
        short_exit=close > at_entry(high)[2],
        long_stop=2 * ATR(14),
        short_stop=high[1] - close,
        break_even=ATR(14),
        trail=3 * ATR(14),
        time_stop=param("bars", 24, grid=[12, 24]),
    )
    read = parse_strategy(strategy.text())
    assert read == strategy
    assert read.version == strategy.version
    for timeframe in ("1m", "5m", "1h"):
        one, two = (s.bind({"bars": 12}, timeframe, "new_york") for s in (strategy, read))
        assert (one.conditions, one.levels, one.time_stop) == (two.conditions, two.levels, two.time_stop)


def test_every_field_has_its_line_in_the_text() -> None:
    given = {
        name: high - low if field.kind == "number" else 3 if field.kind == "scalar" else close > open_
        for name, field in FIELDS.items()
        if name not in ("requires", "stop", "target", "long_entry_limit", "short_entry_limit")
    }
    strategy = made(direction="both", requires=param("n", 3) > 2, **given)
    for name in (*given, "requires"):
        assert f"\n{label(name)}: " in strategy.text()
    assert parse_strategy(strategy.text()) == strategy


def test_what_a_list_says_of_entries_and_exits() -> None:
    info = strategy_info(both(long_entry_stop=high, short_entry_limit=high, entry_valid=2, long_stop=3, short_stop=3))
    assert (info.entries, info.exits) == (
        "long: stop order for 2 bars, short: limit order for 2 bars",
        ["stop", "opposite entry"],
    )
    n = param("n", 1, grid=[1, 2, 3])
    info = strategy_info(made(long_exit=close < low, target=1, trail=2, break_even=1, time_stop=n))
    assert info.entries == "next open"
    assert info.exits == ["rule", "target", "trailing stop", "break-even", "after 1 bar"]
    assert (info.sets, info.has_stop, info.has_trail) == (3, False, True)


def test_grids_are_bounded() -> None:
    many = [param(f"p{i}", 1, grid=range(1, 11)) for i in range(5)]
    with pytest.raises(BadInput, match=f"more than {MOST_SETS} parameter sets"):
        made(stop=many[0] + many[1] + many[2] + many[3] + many[4])


def test_trees_are_bounded() -> None:
    tree: Expression = close
    for _ in range(8):
        tree = tree + tree
    with pytest.raises(BadInput, match="more than 1000 parts"):
        (tree + tree) + (tree + tree)
    deep: Expression = close
    for _ in range(DEEPEST_TREE - 1):
        deep = -deep
    with pytest.raises(BadInput, match="more than 200 deep"):
        -deep  # noqa: B018
    deep = close
    for _ in range(25):
        deep = 1 - (deep * 2)
    with pytest.raises(BadInput, match=r"stop of mine cannot be written as text: .* nested"):
        made(stop=deep)
    with pytest.raises(BadInput, match="stop of mine is longer than"):
        made(stop=tree)


def test_a_context_is_for_a_timeframe() -> None:
    with pytest.raises(BadInput, match="not a timeframe"):
        Lowering({}, Context("7m")).node(tf("1h", close))


def test_timeframes_of_one_strategy_are_bounded() -> None:
    made(stop=parse_expression(" + ".join(f"tf({n}, high - low)" for n in range(2, 14))))
    with pytest.raises(BadInput, match="more than 12 other timeframes"):
        made(stop=parse_expression(" + ".join(f"tf({n}, high - low)" for n in range(2, 15))))
