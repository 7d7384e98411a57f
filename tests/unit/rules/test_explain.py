"""Why a strategy spoke: the same truth as the pipeline's, condition by condition."""

from __future__ import annotations

import numpy as np
import pytest

from engine.candles.minutes import aggregate
from engine.contracts.timeframes import timeframe_ms
from engine.contracts.why import RuleWhy
from engine.rules.explain import explain, levels_at
from engine.rules.machine import bar_columns
from engine.rules.strategy import Strategy, compile_strategies
from engine.rules.text import parse_strategy
from engine.runtime.strategies import built_in
from engine.signals.history import decide
from engine.signals.repaint import made_up_minutes
from engine.signals.types import SLOTS

BARS = aggregate(made_up_minutes("15m", 2_500), "15m")
INDEX = np.ascontiguousarray(BARS["ts"] // timeframe_ms("15m"))
PRICES = bar_columns(BARS)
MIXED = parse_strategy(
    """strategy mixed
timeframe 15m
direction long
param n = 10 in 5, 10
long entry: (close > SMA(n) and not falling(close, 2)) or (tf(4, RSI(n) < 30 and close > open) and always(low > 0, 3))
long exit: close < at_entry(low) or bars_since_entry >= n
long stop: close - lowest(low, 5)
"""
)


def said(strategy: Strategy, at: int) -> list[RuleWhy]:
    return explain(strategy.bind(timeframe="15m"), INDEX[: at + 1], PRICES[:, : at + 1])


@pytest.mark.parametrize("strategy", [*built_in()[::7], MIXED], ids=lambda s: s.id)
def test_what_fired_is_what_the_pipeline_says(strategy: Strategy) -> None:
    bound = strategy.bind(timeframe="15m")
    (decisions,) = decide(compile_strategies([bound]), BARS, "15m")
    edges = np.flatnonzero(decisions.masks.any(axis=0))
    where = [*edges[:: max(1, len(edges) // 4)][:5], *range(700, 2_400, 570)]
    rows = {f"{side} {action}": row for row, (side, action) in enumerate(SLOTS)}
    for at in where:
        for rule in said(strategy, int(at)):
            assert rule.fired == bool(decisions.masks[rows[rule.rule], at]), (strategy.id, rule.rule, at)
            if rule.fired:
                assert rule.lines[0].held
                assert not rule.lines[0].held_before
                assert "yes" in rule.summary


def test_a_rule_is_as_true_as_its_parts_say() -> None:
    for at in range(300, 2_400, 97):
        entry, leave = said(MIXED, at)
        whole, first, *rest = entry.lines
        assert [line.depth for line in entry.lines] == [0, 1, 2, 2, 3, 1, 2, 3, 3, 2, 3]
        second = rest[3]
        assert whole.held == (first.held or second.held)
        assert first.held == (rest[0].held and rest[1].held)
        assert rest[1].held != rest[2].held
        assert leave.lines[0].held == any(line.held for line in leave.lines[1:])


def test_operands_are_the_numbers_and_parameters_are_their_values() -> None:
    entry, _ = said(MIXED, 2_000)
    leaf = entry.lines[2]
    assert leaf.text == "close > SMA(10)"
    close, mean = leaf.operands
    assert close.now == BARS["close"][2_000]
    assert close.before == BARS["close"][1_999]
    assert mean.now == pytest.approx(BARS["close"][1_991:2_001].mean(), rel=1e-12)
    assert leaf.held == (close.now > mean.now)
    higher = [line for line in entry.lines if line.text == "tf(4, RSI(10) < 30)"]
    assert [o.text for o in higher[0].operands] == ["tf(4, RSI(10))"]


def test_the_failing_conditions_are_in_the_summary() -> None:
    text = "strategy never\ndirection long\nlong entry: close > open and close > 1e9\nstop: ATR(3)\n"
    strategy = parse_strategy(text)
    (rule,) = said(strategy, 1_000)
    assert not rule.fired
    assert "close > 1000000000 did not hold" in rule.summary
    assert f"close = {BARS['close'][1_000]:.6g}" in rule.summary


def test_levels_are_read_on_the_bar() -> None:
    bound = MIXED.bind(timeframe="15m")
    found = levels_at(bound, INDEX[:1_001], PRICES[:, :1_001])
    assert found == {"long stop": BARS["close"][1_000] - BARS["low"][996:1_001].min()}


def test_a_history_of_one_bar_is_answered() -> None:
    entry, _ = said(MIXED, 0)
    assert not entry.fired
    assert np.isnan(entry.lines[2].operands[0].before)
