"""Entries that rest, straddles, break-even, time stop and stops a side: hand-checked trades."""

from __future__ import annotations

import pytest

from engine.contracts.backtests import Costs
from engine.contracts.dtypes import (
    EXIT_BREAK_EVEN,
    EXIT_END,
    EXIT_REVERSE,
    EXIT_SIGNAL,
    EXIT_STOP,
    EXIT_TARGET,
    EXIT_TIME,
)
from engine.signals.types import LIMIT_ORDER, MARKET, STOP_ORDER, Orders
from tests.unit.backtest.test_backtest_run import START, Run, candles, flat

STOPS, LIMITS = Orders(STOP_ORDER, STOP_ORDER, 2), Orders(LIMIT_ORDER, LIMIT_ORDER, 2)
CALM = (100, 100, 100, 100)
UP = (100, 104, 100, 103)
DOWN = (100, 100, 96, 97)


def one(rows, edges, levels, orders, **kw):
    (trade,) = Run(candles(rows), edges, levels, orders=orders).trades(**kw)
    return trade


def none(rows, edges, levels, orders, **kw):
    return len(Run(candles(rows), edges, levels, orders=orders).trades(**kw)) == 0


def minute(trade, which="entry_ts"):
    return (int(trade[which]) - START) // 60_000


def test_a_buy_stop_rests_and_fills_at_its_level():
    trade = one([CALM, CALM, UP, CALM], {"le": [0]}, {"buy": {0: 102}}, STOPS)
    assert (trade["entry_price"], minute(trade), trade["side"]) == (102, 2, 1)


def test_a_sell_stop_is_its_mirror():
    trade = one([CALM, DOWN, flat(1, 97)[0]], {"se": [0]}, {"sell": {0: 98}}, STOPS)
    assert (trade["entry_price"], minute(trade), trade["side"]) == (98, 1, -1)


def test_an_order_lives_for_its_bars_only():
    rows = [CALM, CALM, CALM, UP, CALM]
    assert none(rows, {"le": [0]}, {"buy": {0: 102}}, STOPS)
    assert one(rows, {"le": [0]}, {"buy": {0: 102}}, STOPS._replace(valid=3))["entry_price"] == 102


def test_the_bar_of_the_decision_fills_nothing():
    assert none([UP, CALM, CALM, CALM], {"le": [0]}, {"buy": {0: 102}}, STOPS)


def test_what_opens_beyond_the_level_fills_at_the_open():
    jump = [CALM, (105, 106, 105, 106), flat(1, 106)[0]]
    assert one(jump, {"le": [0]}, {"buy": {0: 102}}, STOPS)["entry_price"] == 105
    fall = [CALM, (95, 95, 94, 94), flat(1, 94)[0]]
    assert one(fall, {"le": [0]}, {"buy": {0: 98}}, LIMITS)["entry_price"] == 95


def test_a_limit_fills_when_touched():
    touch = [CALM, (100, 101, 98, 99), flat(1, 99)[0]]
    assert one(touch, {"le": [0]}, {"buy": {0: 98}}, LIMITS)["entry_price"] == 98
    assert none(touch, {"le": [0]}, {"buy": {0: 97.99}}, LIMITS)
    assert one([CALM, UP, CALM], {"se": [0]}, {"sell": {0: 104}}, LIMITS)["entry_price"] == 104


def test_a_stop_entry_pays_the_slippage_and_a_limit_does_not():
    costs = Costs(fee=0.001, slippage_bps=100.0)
    stop = one([CALM, UP, CALM], {"le": [0]}, {"buy": {0: 102}}, STOPS, costs=costs)
    limit = one([CALM, UP, CALM], {"se": [0]}, {"sell": {0: 102}}, LIMITS, costs=costs)
    assert stop["entry_price"] == 103.02
    assert limit["entry_price"] == 102
    # leaving at the end of the data costs both of them the same
    assert limit["exit_price"] == 101
    assert limit["fees"] == pytest.approx(limit["quantity"] * (102 + 101) * 0.001)


def test_a_later_entry_replaces_the_order_and_its_levels():
    rows = [CALM, CALM, UP, CALM]
    trade = one(rows, {"le": [0, 1]}, {"buy": {0: 102, 1: 103}, "stop": {0: 1, 1: 2}}, STOPS)
    assert trade["entry_price"] == 103
    # without a level the later one only ends the earlier
    assert none(rows, {"le": [0, 1]}, {"buy": {0: 102}}, STOPS)


@pytest.mark.parametrize("edge", ["lx", "se"])
def test_an_exit_or_an_opposite_entry_cancels_the_order(edge):
    assert none([CALM, CALM, UP, CALM], {"le": [0], edge: [1]}, {"buy": {0: 102}, "sell": {1: 90}}, STOPS)


def test_an_exit_of_the_other_side_does_not():
    assert one([CALM, CALM, UP, CALM], {"le": [0], "sx": [1]}, {"buy": {0: 102}}, STOPS)["entry_price"] == 102


@pytest.mark.parametrize("level", [float("nan"), 0.0, -1.0, float("inf")])
def test_a_level_that_is_none_places_nothing(level):
    assert none([CALM, UP, CALM], {"le": [0]}, {"buy": {0: level}}, STOPS)


def test_the_fill_of_an_opposite_order_reverses():
    rows = [CALM, UP, CALM, DOWN, flat(1, 97)[0]]
    run = Run(candles(rows), {"le": [0], "se": [1]}, {"buy": {0: 102}, "sell": {1: 98}}, orders=STOPS)
    first, second = run.trades()
    assert (first["exit_price"], first["reason"], minute(first, "exit_ts")) == (98, EXIT_REVERSE, 3)
    assert (second["entry_price"], second["side"], second["reason"]) == (98, -1, EXIT_END)
    (only,) = run.trades(direction="long")
    assert (only["exit_price"], only["reason"]) == (98, EXIT_REVERSE)


def test_a_stop_nearer_than_the_opposite_order_goes_first_and_the_order_acts_a_minute_later():
    rows = [CALM, UP, CALM, DOWN, flat(1, 97)[0]]
    levels = {"buy": {0: 102}, "long stop": {0: 3}, "sell": {1: 98}}
    first, second = Run(candles(rows), {"le": [0], "se": [1]}, levels, orders=STOPS._replace(valid=3)).trades()
    assert (first["exit_price"], first["reason"]) == (99, EXIT_STOP)
    assert (second["entry_price"], minute(second)) == (97, 4)


def test_a_stop_goes_before_a_limit_order_in_favour():
    rows = [CALM, UP, (100, 106, 98, 100), *flat(2)]
    levels = {"buy": {0: 102}, "long stop": {0: 3}, "sell": {1: 105}}
    orders = Orders(STOP_ORDER, LIMIT_ORDER, 1)
    (trade,) = Run(candles(rows), {"le": [0], "se": [1]}, levels, orders=orders).trades()
    assert (trade["exit_price"], trade["reason"]) == (99, EXIT_STOP)
    levels["long stop"] = {0: 30}
    first, second = Run(candles(rows), {"le": [0], "se": [1]}, levels, orders=orders).trades()
    assert (first["exit_price"], first["reason"], second["side"]) == (105, EXIT_REVERSE, -1)


class TestStraddle:
    LEVELS = {"buy": {0: 102}, "sell": {0: 98}}

    def both(self, rows, levels=LEVELS, orders=STOPS, **kw):
        return Run(candles(rows), {"le": [0], "se": [0]}, levels, orders=orders).trades(**kw)

    @pytest.mark.parametrize(("rows", "side", "price"), [([CALM, UP, DOWN], 1, 102), ([CALM, DOWN, UP], -1, 98)])
    def test_the_first_fill_cancels_the_other(self, rows, side, price):
        (trade,) = self.both([*rows, *flat(2)])
        assert (trade["side"], trade["entry_price"], trade["reason"]) == (side, price, EXIT_END)

    def test_the_one_nearer_to_the_open_was_first(self):
        wide = (100.5, 104, 96, 100)
        (trade,) = self.both([CALM, wide, *flat(2)])
        assert (trade["side"], trade["entry_price"]) == (1, 102)

    def test_equally_near_neither_fills_and_both_end(self):
        assert len(self.both([CALM, (100, 104, 96, 100), UP, DOWN])) == 0

    def test_an_exit_on_the_bar_takes_its_side_out(self):
        run = Run(candles([CALM, UP, DOWN, CALM]), {"le": [0], "lx": [0], "se": [0]}, self.LEVELS, orders=STOPS)
        (trade,) = run.trades()
        assert (trade["side"], trade["entry_price"]) == (-1, 98)

    def test_a_side_that_is_not_traded_does_not_rest(self):
        (trade,) = self.both([CALM, UP, DOWN, CALM], direction="short")
        assert (trade["side"], trade["entry_price"]) == (-1, 98)

    def test_with_one_entry_at_the_open_both_at_once_are_none(self):
        assert len(self.both([CALM, UP, DOWN, CALM], orders=Orders(MARKET, STOP_ORDER, 2))) == 0


class TestInsideTheFillsMinute:
    def test_the_stop_counts_as_hit_if_the_minute_went_beyond_it(self):
        rows = [CALM, (100, 104, 98, 103), *flat(2, 103)]
        trade = one(rows, {"le": [0]}, {"buy": {0: 102}, "stop": {0: 3}}, STOPS)
        assert (trade["entry_price"], trade["exit_price"], trade["reason"]) == (102, 99, EXIT_STOP)
        assert (minute(trade), minute(trade, "exit_ts"), trade["bars"]) == (1, 1, 1)
        assert one(rows, {"le": [0]}, {"buy": {0: 102}, "stop": {0: 5}}, STOPS)["reason"] == EXIT_END

    def test_the_target_acts_from_the_next_minute_on(self):
        rows = [CALM, (100, 104, 100, 102), (102, 104, 102, 102), *flat(2, 102)]
        trade = one(rows, {"le": [0]}, {"buy": {0: 102}, "target": {0: 1}}, STOPS)
        assert (trade["exit_price"], trade["reason"], minute(trade, "exit_ts")) == (103, EXIT_TARGET, 2)

    def test_a_fill_at_the_open_has_the_whole_minute_after_it(self):
        trade = one([CALM, (103, 106, 103, 105), CALM], {"le": [0]}, {"buy": {0: 102}, "target": {0: 2}}, STOPS)
        assert (trade["entry_price"], trade["exit_price"], minute(trade, "exit_ts")) == (103, 105, 1)

    def test_in_favour_of_a_limit_counts_its_close_only(self):
        # the high of 110 came before the fill or not: a trailing stop must not follow it
        rows = [CALM, (100, 110, 98, 100), (100, 100, 98.5, 99), *flat(2, 99)]
        trade = one(rows, {"le": [0]}, {"buy": {0: 98}, "trail": {0: 1}}, LIMITS)
        assert (trade["exit_price"], minute(trade, "exit_ts")) == (99, 2)
        assert trade["mfe"] == pytest.approx(2 / 98)


def test_break_even_moves_the_stop_to_the_entry_from_the_next_minute_on():
    rows = [CALM, CALM, (100, 103, 99, 102), (102, 102, 99, 99), *flat(1, 99)]
    trade = one(rows, {"le": [0]}, {"stop": {0: 5}, "even": {0: 3}}, Orders())
    assert (trade["exit_price"], trade["reason"], minute(trade, "exit_ts")) == (100, EXIT_BREAK_EVEN, 3)
    short = [CALM, CALM, (100, 101, 97, 98), (98, 101, 98, 101), *flat(1, 101)]
    trade = one(short, {"se": [0]}, {"even": {0: 3}}, Orders())
    assert (trade["exit_price"], trade["reason"], minute(trade, "exit_ts")) == (100, EXIT_BREAK_EVEN, 3)
    assert one(rows, {"le": [0]}, {"stop": {0: 5}, "even": {0: 3.5}}, Orders())["reason"] == EXIT_END


def test_time_stop_leaves_at_the_open_after_its_bars():
    rows = flat(9)
    trade = one(rows, {"le": [0]}, {}, Orders(time_stop=3))
    assert (minute(trade), minute(trade, "exit_ts"), trade["bars"], trade["reason"]) == (1, 4, 3, EXIT_TIME)
    trade = one(rows, {"le": [0], "lx": [3]}, {}, Orders(time_stop=3))
    assert (minute(trade, "exit_ts"), trade["reason"]) == (4, EXIT_SIGNAL)
    resting = one([CALM, UP, *flat(6)], {"le": [0]}, {"buy": {0: 102}}, STOPS._replace(time_stop=2))
    assert (minute(resting), minute(resting, "exit_ts"), resting["bars"]) == (1, 3, 2)


def test_stops_and_targets_a_side():
    rows = [CALM, CALM, (100, 100, 97, 98), *flat(2, 98)]
    levels = {"long stop": {0: 2}, "short stop": {0: 50}, "long target": {0: 50}, "short target": {0: 1}}
    assert one(rows, {"le": [0]}, levels, Orders())["exit_price"] == 98
    trade = one(rows, {"se": [0]}, levels, Orders())
    assert (trade["exit_price"], trade["reason"]) == (99, EXIT_TARGET)


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        (STOPS, ("rest at their level during the next 2 bars", "pays the slippage", "rest together", "fill's own")),
        (LIMITS._replace(valid=1), ("during the next bar;", "without slippage and at the same fee", "neither fills")),
        (Orders(time_stop=24), ("after 24 bars is closed at the next open",)),
    ],
)
def test_the_assumptions_state_what_orders_do(orders, words):
    said = " ".join(Run(candles(flat(4)), {}, orders=orders).result().assumptions)
    assert all(word in said for word in words)
    plain = " ".join(Run(candles(flat(4)), {}).result().assumptions)
    assert not any(word in plain for word in words)
