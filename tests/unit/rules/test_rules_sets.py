"""Parameter sets by the thousand: the same as one by one through the graph."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules.api import Strategy, close, open_, param
from engine.rules.expressions import PURE, Expression
from engine.rules.lowering import Lowering
from engine.rules.sets import _FUNCTIONS, known_values
from engine.rules.text import parse_expression

NAMES = {name: param(name, 1) for name in ("a", "b")}
PAIRS = ["({} + {})", "({} - {})", "({} * {})", "({} / {})", "min({}, {})", "max({}, {})"]
NUMBERS = st.recursive(
    st.sampled_from(["a", "b", "0", "1.5", "-2"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(PAIRS), inner, inner).map(lambda t: t[0].format(*t[1:])),
        st.tuples(st.sampled_from(["abs({})", "sqrt({})", "floor({})", "sign({})", "-{}"]), inner).map(
            lambda t: t[0].format(t[1])
        ),
    ),
    max_leaves=8,
)
CONDITIONS = st.one_of(
    st.tuples(st.sampled_from(["{} < {}", "not {} >= {}", "{} == {}", "{} != {}"]), NUMBERS, NUMBERS).map(
        lambda t: t[0].format(*t[1:])
    ),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda t: f"between({t[0]}, {t[1]}, {t[2]}) or {t[0]} > 1"),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda t: f"where({t[0]} < {t[1]}, {t[2]}, {t[0]}) <= 3 and a < b"),
)
VALUES = st.lists(st.sampled_from([-3.0, -0.5, 0.0, 1.0, 1.5, 2.0, 7.0]), min_size=2, max_size=2)


@settings(max_examples=200, deadline=None)
@given(st.one_of(NUMBERS, CONDITIONS), st.lists(VALUES, min_size=1, max_size=5))
def test_many_sets_at_once_say_what_each_says_alone(text: str, sets: list[list[float]]) -> None:
    tree: Expression = parse_expression(text, NAMES)
    together = np.broadcast_to(known_values(tree, dict(zip("ab", np.array(sets).T))), len(sets))
    alone = [Lowering(dict(zip("ab", values))).node(tree).value for values in sets]
    np.testing.assert_array_equal(together.astype(float), alone)


def test_all_functions_of_scalars_are_there() -> None:
    assert set(_FUNCTIONS) == set(PURE)


@pytest.mark.parametrize(("requires", "left"), [("a < 2", [1.0]), ("a > 0", [1.0, 2.0]), ("3 > 2", [1.0, 2.0])])
def test_a_strategy_keeps_the_sets_that_fit(requires: str, left: list[float]) -> None:
    a = param("a", 1, grid=[1, 2])
    words = dict.fromkeys(("title", "family", "idea", "source"), "x")
    rules = {"long_entry": close > a, "short_entry": close < open_, "requires": parse_expression(requires, {"a": a})}
    made = Strategy(id="x", **words, timeframe="1h", **rules)
    assert [s["a"] for s in made.param_sets()] == left
