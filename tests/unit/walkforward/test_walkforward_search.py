"""Grids, refusals and repeatable draws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine.contracts.errors import BadInput, Cancelled
from engine.rules.text import parse_strategy
from engine.walkforward.search import (
    Space,
    duration_text,
    full_grid,
    optuna_installed,
    optuna_search,
    parse_ranges,
    random_sets,
    seconds_estimate,
    space_of,
)

TEXT = """strategy pair
title "t"
family "f"
idea "i"
source "s"
timeframe 1h
direction long
param fast = 5 in 5, 10, 20
param slow = 20 in 10, 20, 40
param k = 1.5
requires: fast < slow
long entry: SMA(fast) > SMA(slow) * k
long exit: close < open
"""


def pair():
    return parse_strategy(TEXT)


def plain(**axes):
    return Space(tuple(axes), tuple(tuple(map(float, axis)) for axis in axes.values()))


def test_full_grid_is_the_strategys_own():
    strategy = pair()
    assert full_grid(space_of(strategy)) == strategy.param_sets()


def test_ranges_take_the_place_of_grids():
    ranges = parse_ranges(["fast=5:15:5", "k=0.1:0.5:0.1"])
    assert ranges == {"fast": (5.0, 10.0, 15.0), "k": (0.1, 0.2, 0.3, 0.4, 0.5)}
    space = space_of(pair(), ranges)
    want = [
        {"fast": f, "slow": s, "k": k}
        for f, s, k in itertools.product((5.0, 10.0, 15.0), (10.0, 20.0, 40.0), ranges["k"])
        if f < s
    ]
    got = full_grid(space)
    assert sorted(tuple(sorted(s.items())) for s in got) == sorted(tuple(sorted(s.items())) for s in want)


@pytest.mark.parametrize(
    "text, values",
    [
        ("n=14", (14.0,)),
        ("n=20,5,10,5", (5.0, 10.0, 20.0)),
        ("n=2:4", (2.0, 3.0, 4.0)),
        ("n=5:12:5", (5.0, 10.0)),
        (" n = -1 : 1 : 0.5", (-1.0, -0.5, 0.0, 0.5, 1.0)),
    ],
)
def test_ranges(text, values):
    assert parse_ranges([text]) == {"n": values}


@pytest.mark.parametrize(
    "texts, words",
    [
        (["n"], "is no range"),
        (["5=3"], "is no range"),
        (["n=1", "n=2"], "given twice"),
        (["n=a"], "is no number"),
        (["n="], "is no number"),
        (["n=1:nan"], "is no number"),
        (["n=5:1:1"], "goes nowhere"),
        (["n=1:5:0"], "goes nowhere"),
        (["n=1:2:3:4"], "too many colons"),
        (["n=0:1e12:1"], "1,000,000,000,001 values"),
    ],
)
def test_bad_ranges(texts, words):
    with pytest.raises(BadInput) as error:
        parse_ranges(texts)
    assert words in str(error.value)
    assert error.value.fix


def test_ranges_of_what_the_strategy_has_not():
    with pytest.raises(BadInput, match='Did you mean "fast"'):
        space_of(pair(), {"fats": (1.0,)})
    with pytest.raises(BadInput, match="whole number"):
        space_of(pair(), {"fast": (1.5, 2.5)})


def test_a_billion_sets_are_refused_with_an_estimate_and_a_way_out():
    space = plain(a=range(1000), b=range(1000), c=range(1000))
    with pytest.raises(BadInput) as error:
        full_grid(space, bars=3_343_519, cores=2)
    assert "1,000,000,000 parameter sets (a 1,000 x b 1,000 x c 1,000); at most 10,000." in error.value.what
    assert "days" in error.value.what or "years" in error.value.what
    assert "random search" in error.value.fix
    with pytest.raises(BadInput):
        full_grid(space_of(pair(), {"fast": range(1, 10_000), "slow": range(1, 10_000)}))


def test_a_grid_that_requires_thins_out_is_counted_after_it():
    ranges = {"fast": [float(k) for k in range(1, 151)], "slow": [float(k) for k in range(1, 151)]}
    with pytest.raises(BadInput, match="11,175 parameter sets"):
        full_grid(space_of(pair(), ranges))
    assert len(full_grid(space_of(pair(), ranges), most=12_000)) == 11_175
    with pytest.raises(BadInput, match="No parameter set meets"):
        full_grid(space_of(pair(), {"fast": [50.0]}))


def test_random_sets_are_different_allowed_and_repeatable():
    ranges = {"fast": [float(k) for k in range(1, 2001)], "slow": [float(k) for k in range(1, 2001)]}
    space = space_of(pair(), ranges)
    sets = random_sets(space, 500, seed=7)
    assert len({(s["fast"], s["slow"]) for s in sets}) == 500
    assert all(s["fast"] < s["slow"] for s in sets)
    assert sets == random_sets(space, 500, seed=7) != random_sets(space, 500, seed=8)


def test_random_search_of_a_huge_grid_takes_no_memory_for_it():
    space = plain(**{f"p{k}": range(1000) for k in range(9)})
    assert space.size == 10**27
    sets = random_sets(space, 100, seed=1)
    assert len({tuple(s.values()) for s in sets}) == 100
    assert abs(np.mean([s["p0"] for s in sets]) - 500) < 120


def test_random_search_of_more_than_there_are_gives_all():
    space = space_of(pair())
    got = random_sets(space, 100, seed=3)
    key = lambda s: tuple(s.values())  # noqa: E731
    assert sorted(got, key=key) == sorted(full_grid(space), key=key)
    with pytest.raises(BadInput):
        random_sets(space, 0, seed=3)
    with pytest.raises(BadInput, match="No parameter set meets"):
        random_sets(space_of(pair(), {"fast": [50.0]}), 5, seed=3)


def test_every_number_is_drawn_once():
    space = plain(a=range(7), b=range(11))
    drawn = [tuple(s.values()) for s in random_sets(space, 77, seed=5)]
    assert len(set(drawn)) == 77
    firsts = [random_sets(space, 1, seed=k)[0]["a"] for k in range(700)]
    assert np.bincount(np.array(firsts, int), minlength=7).min() > 60


def test_words_for_durations():
    assert [duration_text(s) for s in (0.2, 61, 7200, 86_400 * 11, 31_557_600 * 40)] == [
        "1 second", "1 minute", "2 hours", "11 days", "40 years",
    ]  # fmt: skip
    assert seconds_estimate(2000, 1_000_000, 2) == seconds_estimate(1000, 1_000_000)


def peak(sets):
    return np.array([-((s["a"] - 37) ** 2) - (s["b"] - 12) ** 2 if s["a"] != 40 else math.nan for s in sets])


@pytest.mark.skipif(not optuna_installed(), reason="optuna is not installed")
def test_optuna_finds_a_peak_and_is_repeatable():
    space = plain(a=range(100), b=range(100))
    sets, values = optuna_search(space, peak, 150, seed=1)
    assert len({tuple(s.values()) for s in sets}) == len(sets) <= 150
    assert np.nanmax(values) > -60
    again, _ = optuna_search(space, peak, 150, seed=1)
    assert again == sets
    with pytest.raises(Cancelled):
        optuna_search(space, peak, 150, seed=1, cancelled=lambda: True)


@pytest.mark.skipif(optuna_installed(), reason="optuna is installed")
def test_without_optuna_there_is_a_way_out():
    with pytest.raises(BadInput, match="not installed") as error:
        optuna_search(plain(a=range(3)), peak, 5, seed=1)
    assert "random search" in error.value.fix
