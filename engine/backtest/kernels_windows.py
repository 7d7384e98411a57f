"""All sets of a pass through one block of bars, and what happens at the borders where windows begin and end.

Where a window begins, a second state of each set is forked, flat. It runs beside the set's main state until both stand
the same; from there on the window is what the main state does, scaled. So each window costs its own beginning only.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.backtest import kernels_onepass_money as money_of
from engine.backtest.fills import (
    ARM,
    BAR,
    BUY_AT,
    ENTRY_BAR,
    ENTRY_MINUTE,
    EVENT,
    HIGH,
    LOW,
    PEND_CLOSE,
    PEND_SIDE,
    POS,
    PRICE,
    REST_LONG,
    REST_SHORT,
    REST_UNTIL,
    ROOM,
    ROW,
    SELL_AT,
    STOP,
    STOP_REASON,
    TARGET,
    TRADES,
    TRAIL,
    WAIT,
    first_of,
)
from engine.backtest.fills import CASH as BANK
from engine.backtest.kernels import simulate
from engine.backtest.kernels_onepass import find_trades, words_of
from engine.backtest.kernels_onepass_money import (
    CASH,
    DAY,
    GONE,
    UNIT,
    book,
    closed,
    flush,
    reset,
)
from engine.backtest.kernels_onepass_rest import find_resting, resting_words_of
from engine.backtest.kernels_windows_close import close_window, cut_here
from engine.backtest.windows_arrays import (
    ANYHOW,
    AT_LEVELS,
    C_GONE,
    F_CUT,
    F_DAY,
    F_FACTOR,
    F_SCALE,
    MERGED,
    OVER,
    RUNNING,
)
from engine.rules.kernels_history import enter
from engine.signals.compiling import INLINED, KERNEL
from engine.signals.kernels_events import events_of_bits
from engine.signals.types import N_LEVELS, Orders

#: bars after which a forked state is first looked at; then after twice as many, and so on
_SOON = 256


@njit(**KERNEL)
def _begin(ints, floats, bar):
    """fills.new_state in place, with so much cash that no loss counts."""
    ints[:] = 0
    floats[:] = 0.0
    ints[BAR], ints[PEND_CLOSE], ints[REST_UNTIL] = bar, -1, -1
    floats[BANK], floats[ROOM] = 1e18, math.inf


@njit(**INLINED)
def _equal(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


@njit(**KERNEL)
def same(ints, floats, others, values):
    """Whether two states at one bar will do the same from here on."""
    for slot in (POS, PEND_SIDE, PEND_CLOSE, REST_LONG, REST_SHORT):
        if ints[slot] != others[slot]:
            return False
    rests = ints[REST_LONG] != 0 or ints[REST_SHORT] != 0
    if ints[POS] != 0:
        for slot in (ENTRY_BAR, ENTRY_MINUTE, STOP_REASON):
            if ints[slot] != others[slot]:
                return False
        for slot in (PRICE, STOP, TARGET, TRAIL, ARM):
            if not _equal(floats[slot], values[slot]):
                return False
        best = HIGH if ints[POS] > 0 else LOW
        if not (math.isnan(floats[TRAIL]) or _equal(floats[best], values[best])):
            return False
    if rests:
        if ints[REST_UNTIL] != others[REST_UNTIL]:
            return False
        if ints[REST_LONG] != 0 and not _equal(floats[BUY_AT], values[BUY_AT]):
            return False
        if ints[REST_SHORT] != 0 and not _equal(floats[SELL_AT], values[SELL_AT]):
            return False
    if rests or ints[PEND_SIDE] != 0:
        for level in range(N_LEVELS):
            if not _equal(floats[WAIT + level], values[WAIT + level]):
                return False
    return True


@njit(**KERNEL)
def _simulated(ints, floats, stop, span, tape, room, found, entries, orders, terms):
    """find_trades() by kernels.simulate, for what that does not cover."""
    ints[EVENT], ints[ROW], ints[TRADES] = 0, 0, 0
    beyond = np.int64(1) << 60
    how = Orders(orders[0], orders[1], orders[2], orders[3])
    simulate(
        ints, floats, stop, beyond, span.bar_highs, span.bar_lows, 0, tape, room.events[:found], room.edges[:found],
        room.levels[:entries], how, terms, room.ledger,
    )  # fmt: skip
    out, ledger = room.found, room.ledger
    for k in range(ints[TRADES]):
        row = ledger.trades[k]
        out.entry[k], out.leave[k] = ledger.where[k, 0], ledger.where[k, 1]
        out.side[k], out.reason[k], out.bars[k] = row.side, row.reason, row.bars
        out.entry_price[k], out.leave_price[k] = row.entry_price, row.exit_price
    return ints[TRADES]


@njit(**KERNEL)
def _keep(trace, number, fork, cut, found, count):
    """Write the trades found to the trace, as far as there is room."""
    for k in range(min(count, trace.rows.shape[0] - trace.made[0])):
        row = trace.rows[trace.made[0]]
        row[0], row[1], row[2], row[3], row[4] = number, fork, cut, found.entry[k], found.leave[k]
        row[5], row[6], row[7], row[8] = np.int64(found.side[k]), found.reason[k], found.bars[k], 0
        trace.prices[trace.made[0], 0] = found.entry_price[k]
        trace.prices[trace.made[0], 1] = found.leave_price[k]
        trace.made[0] += 1


@njit(**KERNEL)
def _advance(
    number, fork, stop, start, values, rules, span, tape, terms, money, borders, states, room, trace, events, entries
):
    """One state (fork -1: the main one) up to bar `stop`, its trades booked."""
    at = fork + 1
    ints, floats = states.ints[number, at], states.floats[number, at]
    way = rules.ways[number]
    if way == ANYHOW:
        count = _simulated(ints, floats, stop, span, tape, room, events, entries, rules.orders[number], terms)
    elif way == AT_LEVELS:
        order = rules.orders[number]
        count = find_resting(
            ints, floats, stop, start, room.words, values, rules.columns[number], rules.constants[number], order[0],
            order[1], order[2], order[3], span, tape, terms, room.found,
        )  # fmt: skip
    else:
        count = find_trades(
            ints, floats, stop, start, room.words, values, rules.columns[number], rules.constants[number],
            rules.kinds[number], rules.orders[number, 3], span, tape, terms, room.found,
        )  # fmt: skip
    if trace.rows.shape[0] != 0:
        _keep(trace, number, fork, states.made[number], room.found, count)
    returns = states.returns[number] if fork < 0 else states.patches[number]
    shift = 0 if fork < 0 else borders.fork_shift[fork]
    book(states.whole[number, at], states.part[number, at], room.found, count, tape, money, returns, shift)


@njit(**KERNEL)
def _meet(number, fork, stop, tape, money, borders, states):
    """Let a fork become one with the main state if both stand the same before bar `stop`; returns whether it did."""
    at = fork + 1
    if not same(states.ints[number, 0], states.floats[number, 0], states.ints[number, at], states.floats[number, at]):
        return False
    whole, part = states.whole[number], states.part[number]
    until = first_of(tape, stop) - 1
    ints, floats = states.ints[number, at], states.floats[number, at]
    flush(whole[0], part[0], ints, floats, until, tape, money, states.returns[number], 0)
    flush(whole[at], part[at], ints, floats, until, tape, money, states.patches[number], borders.fork_shift[fork])
    kept = states.merged[number, fork]
    states.made[number] = cut_here(whole[0], part[0], states.cuts[number], states.made[number])
    kept[F_CUT], kept[F_DAY] = states.made[number], whole[at, DAY]
    kept[F_SCALE] = part[at, CASH] * part[at, UNIT]
    kept[F_FACTOR] = part[at, CASH] / part[0, CASH] * (part[0, money_of.BEFORE] / part[at, money_of.BEFORE])
    states.mode[number, fork] = MERGED
    return True


@njit(**KERNEL)
def pass_border(bar, tape, terms, money, borders, states, out):
    """At the border before `bar`: the windows that end there are closed, the fork that begins there begins."""
    border = states.at[0]
    if border >= borders.bar.shape[0] or borders.bar[border] != bar:
        return
    states.at[0] = border + 1
    sets = states.mode.shape[0]
    last = first_of(tape, bar) - 1
    for number in range(sets):
        for at in range(1 + states.mode.shape[1]):
            if at == 0 or states.mode[number, at - 1] == RUNNING:
                returns = states.returns[number] if at == 0 else states.patches[number]
                shift = 0 if at == 0 else borders.fork_shift[at - 1]
                flush(
                    states.whole[number, at], states.part[number, at], states.ints[number, at],
                    states.floats[number, at], last, tape, money, returns, shift,
                )  # fmt: skip
        for at in range(borders.ends[border], borders.ends[border + 1]):
            window = borders.closing[at]
            close_window(number, window, last, bar - 1, tape, terms, money, borders, states, out)
        for fork in range(states.mode.shape[1]):
            if states.mode[number, fork] == RUNNING and borders.fork_stop[fork] <= bar:
                states.mode[number, fork] = OVER
                states.at[1] -= 1
        fork = borders.fork[border]
        if fork >= 0:
            states.made[number] = cut_here(
                states.whole[number, 0], states.part[number, 0], states.cuts[number], states.made[number]
            )
            _begin(states.ints[number, fork + 1], states.floats[number, fork + 1], bar)
            reset(states.whole[number, fork + 1], states.part[number, fork + 1], borders.fork_day[fork], 1.0)
            states.mode[number, fork] = RUNNING
            states.at[1] += 1
            states.at[2] = _SOON


@njit(**KERNEL)
def begin(states):
    """All sets before the first bar of the series."""
    for number in range(states.ints.shape[0]):
        _begin(states.ints[number, 0], states.floats[number, 0], 0)
        reset(states.whole[number, 0], states.part[number, 0], 0, 1.0)


@njit(**KERNEL)
def pass_block(start, stop, bits, values, rules, span, tape, terms, money, borders, states, room, out, trace):
    """The bars start .. stop-1 of all sets; start is a multiple of 64. bits uint64[4 s, w], values float64[v, t]: see
    history.run_bits; what lies beyond the block is not read. span: kernels_onepass.Range."""
    words = (stop - start + 63) >> 6
    sets, forks = states.mode.shape
    at = start
    while at < stop:
        end = stop
        if states.at[0] < borders.bar.shape[0]:
            end = min(end, borders.bar[states.at[0]])
        if states.at[1] > 0:
            end = min(end, at + states.at[2])
            states.at[2] *= 2
        for number in range(sets):
            edges = bits[4 * number : 4 * number + 4, :words]
            events, entries = 0, 0
            if rules.ways[number] == ANYHOW:
                events, entries = events_of_bits(
                    edges, values, rules.columns[number], rules.constants[number], start, room.events, room.edges,
                    room.levels,
                )  # fmt: skip
            elif rules.ways[number] == AT_LEVELS:
                resting_words_of(edges, room.words)
            else:
                words_of(edges, terms.long_ok, terms.short_ok, room.words)
            _advance(
                number,
                -1,
                end,
                start,
                values,
                rules,
                span,
                tape,
                terms,
                money,
                borders,
                states,
                room,
                trace,
                events,
                entries,
            )
            if states.at[1] == 0:
                continue
            for fork in range(forks):
                if states.mode[number, fork] != RUNNING:
                    continue
                _advance(
                    number,
                    fork,
                    end,
                    start,
                    values,
                    rules,
                    span,
                    tape,
                    terms,
                    money,
                    borders,
                    states,
                    room,
                    trace,
                    events,
                    entries,
                )
                if states.whole[number, fork + 1, GONE] != 0:
                    states.mode[number, fork] = OVER
                    states.at[1] -= 1
                elif _meet(number, fork, end, tape, money, borders, states):
                    states.at[1] -= 1
        at = end
        pass_border(at, tape, terms, money, borders, states, out)


@njit(**KERNEL)
def pass_series(
    first, stop, size, entry, table, bits, values, rules, span, tape, terms, money, borders, states, room, out, trace
):
    """The bars first .. stop-1 in blocks of `size` (a multiple of 64): rules, then all sets, while the block is in the
    cache. entry, table, bits, values: a history_machine.Runner that stands at bar `first`, a multiple of 64."""
    for start in range(first, stop, size):
        end = min(start + size, stop)
        enter(entry, table, start, end)
        pass_block(start, end, bits, values, rules, span, tape, terms, money, borders, states, room, out, trace)


@njit(**KERNEL)
def finish(last_bar, tape, terms, money, states, whole_sums, alone):
    """The whole series: what is open is closed with its last bar. whole_sums: float64[6], overwritten."""
    last = first_of(tape, last_bar + 1) - 1
    for number in range(states.mode.shape[0]):
        whole, part = states.whole[number, 0], states.part[number, 0]
        ints, floats = states.ints[number, 0], states.floats[number, 0]
        flush(whole, part, ints, floats, last, tape, money, states.returns[number], 0)
        equity, _ = closed(whole, part, ints, floats, last, last_bar, tape, money, terms, whole_sums)
        states.returns[number, whole[DAY]] = equity / part[money_of.BEFORE] - 1.0
        gone = whole[GONE] != 0
        for c in range(states.made[number]):
            gone |= states.cuts[number, c, C_GONE] != 0.0
        if gone:
            alone[number, alone.shape[1] - 1] = 1
