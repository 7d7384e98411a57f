"""The pass/fail card: what is asked, what is said."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.contracts.robustness import Evidence, Limits, Verdict
from engine.walkforward.statistics import sharpe_facts
from engine.walkforward.verdict import RULES, edited_limits, judge


def evidence(mean=0.0014, days=2000, trials=2992, **changes):
    x = np.random.default_rng(0).normal(0, 0.01, days)
    x += mean - x.mean()
    good = {
        "facts": sharpe_facts(x, 365, trials=trials), "net_return": 4.0, "max_drawdown": 0.12, "trades": 800.0,
        "windows": 21, "profitable_windows": 0.9, "efficiency": 0.8, "best_window": 0.15, "best_trade": 0.02,
        "stability": 0.7, "pbo": 0.1,
    }  # fmt: skip
    return Evidence(**(good | changes))


def test_a_good_record_passes():
    verdict = judge(evidence(mean=0.0016))
    assert verdict.passed
    assert verdict.level == "pass"
    assert "Better than luck, 2,992 tries counted" in verdict.words
    assert [c.name for c in verdict.checks] == list(RULES)
    assert all(c.passed for c in verdict.checks)


def test_what_one_try_would_pass_many_tries_do_not():
    assert judge(evidence(mean=0.0007, trials=1)).passed
    verdict = judge(evidence(mean=0.0007, trials=2992))
    assert not verdict.passed
    assert verdict.level == "fail"
    assert verdict.words.startswith("It made money, but luck cannot be ruled out.")


@pytest.mark.parametrize(
    "changes, name",
    [
        ({"net_return": 0.0}, "net_return"),
        ({"trades": 12.0, "net_return": -0.1}, "trades"),
        ({"windows": 2}, "windows"),
        ({"profitable_windows": 0.5}, "profitable_windows"),
    ],
)
def test_every_must_can_fail(changes, name):
    verdict = judge(evidence(mean=0.0016, **changes))
    assert not verdict.passed
    assert name in {c.name for c in verdict.checks if not c.passed}


@pytest.mark.parametrize(
    "changes, name",
    [
        ({"pbo": 0.7}, "pbo"),
        ({"efficiency": 0.2}, "efficiency"),
        ({"efficiency": -0.2}, "efficiency"),
        ({"max_drawdown": 0.6}, "max_drawdown"),
        ({"best_window": 0.8}, "best_window"),
        ({"best_trade": 0.5}, "best_trade"),
        ({"stability": -0.1}, "stability"),
    ],
)
def test_every_wish_is_a_reservation(changes, name):
    verdict = judge(evidence(mean=0.0016, **changes))
    assert verdict.passed
    assert verdict.level == "doubtful"
    assert "Reservations: " in verdict.words
    assert [c.name for c in verdict.checks if not c.passed] == [name]
    # and a must where the trader wants it so
    assert not judge(evidence(mean=0.0016, **changes), Limits(must=(name,))).passed


def test_limits_can_be_edited_and_left_out():
    weak = evidence(mean=0.0007)
    assert judge(weak, edited_limits(Limits(), {"luck": None, "dsr": None})).passed
    assert not judge(weak, edited_limits(Limits(), {"luck": 0.01})).passed
    none = Limits(**dict.fromkeys(RULES, None))
    assert judge(weak, none).checks == []
    assert "Nothing was asked for" in judge(weak, none).words


@pytest.mark.parametrize(
    "make",
    [
        lambda: edited_limits(Limits(), {"lucky": 0.1}),
        lambda: edited_limits(Limits(), {"luck": math.nan}),
        lambda: judge(evidence(), Limits(must=("lukc",))),
    ],
)
def test_bad_limits(make):
    with pytest.raises(BadInput):
        make()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"windows": 0}, "no test window"),
        ({"trades": 0.0, "net_return": 0.0}, "no trade"),
        ({"facts": sharpe_facts(np.full(100, 0.01), 365)}, "do not vary"),
        ({"trades": 5.0}, "Too little to judge"),
    ],
)
def test_too_little_to_judge(changes, words):
    verdict = judge(evidence(**changes))
    assert verdict.level == "unknown"
    assert not verdict.passed
    assert words in verdict.words


def test_what_is_not_known_never_passes_a_must_and_is_no_reservation():
    unknown = judge(evidence(mean=0.0016, pbo=math.nan, efficiency=math.nan, stability=math.nan))
    assert unknown.level == "pass"
    assert [c.words for c in unknown.checks if c.passed is None] == ["Not known."] * 3
    assert not judge(evidence(mean=0.0016, profitable_windows=math.nan)).passed


def test_a_loser():
    verdict = judge(evidence(mean=-0.001, net_return=-0.6, profitable_windows=0.3, efficiency=-1.2))
    assert verdict.words.startswith("No edge: it lost money out of sample after costs.")
    assert "lost 60 % after all costs" in {c.name: c.words for c in verdict.checks}["net_return"]


def test_words_have_no_nan_and_travel():
    for mean in (-0.01, 0.0, 0.0003, 0.001, 0.01):
        verdict = judge(evidence(mean=mean))
        assert all("nan" not in c.words and c.words.endswith(".") for c in verdict.checks)
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(verdict), type=Verdict) == verdict
        msgspec.json.encode(verdict)
