"""Trades of one state over one block of bars where every entry rests at a level, as kernels.simulate makes them."""

# mypy: allow-untyped-defs, allow-incomplete-defs, disable-error-code="call-arg, var-annotated"
from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.backtest.fills import (
    ARM,
    BAR,
    BUY_AT,
    ENTRY_BAR,
    HIGH,
    LOW,
    PEND_CLOSE,
    POS,
    REST_LONG,
    REST_SHORT,
    REST_UNTIL,
    SELL_AT,
    STOP,
    TARGET,
    TRAIL,
    WAIT,
    end_minute,
    fill_price,
    first_of,
    order_level,
    stop_level,
)
from engine.backtest.kernels_onepass import (
    ENTER,
    MOVING,
    bar_of,
    is_set,
    level_at,
    next_bit,
    open_at,
    record,
    seek,
    touch,
)
from engine.contracts.dtypes import EXIT_REVERSE, EXIT_SIGNAL, EXIT_TARGET, EXIT_TIME
from engine.signals.compiling import INLINED, KERNEL
from engine.signals.types import LIMIT_ORDER, LONG_AT, N_LEVELS, SHORT_AT, STOP_ORDER

#: further rows of the words where entries rest: bars with any edge, entries that no exit of their side forbids,
#: and exits
ANY, LONG_IN, SHORT_IN, LONG_OUT, SHORT_OUT = range(ENTER + 1, ENTER + 6)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(**KERNEL)
def resting_words_of(bits, words):
    """bits uint64[4, w], the edges of one set in the order of SLOTS, into words uint64[ROWS, > w], with a word of
    ones behind."""
    count = bits.shape[1]
    for w in range(count):
        up, out_up, down, out_down = bits[0, w], bits[1, w], bits[2, w], bits[3, w]
        words[LONG_IN, w], words[SHORT_IN, w] = up & ~out_up, down & ~out_down
        words[LONG_OUT, w], words[SHORT_OUT, w] = out_up, out_down
        words[ENTER, w] = words[LONG_IN, w] | words[SHORT_IN, w]
        words[ANY, w] = up | out_up | down | out_down
    words[ENTER, count] = _ALL
    words[ANY, count] = _ALL


@njit(**INLINED)
def _rest_level(level, terms):
    """The price an entry rests at; nan where the level is none."""
    if not (0.0 < level < math.inf):
        return math.nan
    level = order_level(level, terms)
    return level if level > 0.0 else math.nan


@njit(**INLINED)
def _decide(ints, floats, bar, at, words, values, columns, constants, long_kind, short_kind, valid, terms):
    """kernels.decide where both sides' entries rest; at: the bar in the block."""
    long_in, short_in = is_set(words[LONG_IN], at), is_set(words[SHORT_IN], at)
    long_out, short_out = is_set(words[LONG_OUT], at), is_set(words[SHORT_OUT], at)
    pos = ints[POS]
    if long_out or long_in or short_in:
        ints[REST_LONG] = 0
    if short_out or short_in or long_in:
        ints[REST_SHORT] = 0
    rest_long = long_in and pos <= 0 and (terms.long_ok or pos < 0)
    rest_short = short_in and pos >= 0 and (terms.short_ok or pos > 0)
    if rest_long or rest_short:
        for level in range(N_LEVELS):
            floats[WAIT + level] = level_at(values, columns, constants, level, at)
        ints[REST_UNTIL] = bar + valid
        if rest_long:
            floats[BUY_AT] = _rest_level(floats[WAIT + LONG_AT], terms)
            ints[REST_LONG] = 0 if math.isnan(floats[BUY_AT]) else long_kind
        if rest_short:
            floats[SELL_AT] = _rest_level(floats[WAIT + SHORT_AT], terms)
            ints[REST_SHORT] = 0 if math.isnan(floats[SELL_AT]) else short_kind
    if ((long_out and pos > 0) or (short_out and pos < 0)) and ints[PEND_CLOSE] < 0:
        ints[PEND_CLOSE] = EXIT_SIGNAL


@njit(**INLINED)
def _reached(ints, floats, raw, high, low):
    """kernels._reached."""
    buy, sell = math.nan, math.nan
    if ints[REST_LONG] == STOP_ORDER and high >= floats[BUY_AT]:
        buy = max(raw, floats[BUY_AT])
    elif ints[REST_LONG] == LIMIT_ORDER and low <= floats[BUY_AT]:
        buy = min(raw, floats[BUY_AT])
    if ints[REST_SHORT] == STOP_ORDER and low <= floats[SELL_AT]:
        sell = min(raw, floats[SELL_AT])
    elif ints[REST_SHORT] == LIMIT_ORDER and high >= floats[SELL_AT]:
        sell = max(raw, floats[SELL_AT])
    return buy, sell


@njit(**INLINED)
def _fill(ints, floats, side, raw, bar, m, held, terms, found, n):
    """kernels._fill_resting: (trades, whether it was a stop order)."""
    is_stop = (ints[REST_LONG] if side > 0 else ints[REST_SHORT]) == STOP_ORDER
    price = fill_price(raw, side, terms.slip if is_stop else 0.0, terms)
    if ints[POS] != 0:
        record(found, n, ints, floats, ints[POS], m, price, EXIT_REVERSE, bar - ints[ENTRY_BAR] + held)
        n += 1
    ints[POS] = 0
    if (side > 0 and terms.long_ok) or (side < 0 and terms.short_ok):
        open_at(ints, floats, side, bar, m, price, terms, MOVING)
    ints[REST_LONG] = 0
    ints[REST_SHORT] = 0
    return n, is_stop


@njit(**INLINED)
def _leave(ints, floats, raw, reason, bar, m, terms, found, n):
    side = ints[POS]
    price = fill_price(raw, -side, terms.slip, terms)
    record(found, n, ints, floats, side, m, price, reason, bar - ints[ENTRY_BAR] + 1)
    ints[POS] = 0
    return n + 1


@njit(**INLINED)
def _held(ints, floats, raw, high, low, bar, m, terms, found, n):
    """kernels._held_minute: (trades, whether the inside is still to be looked at, side of the order that turns the
    position inside or 0, its price)."""
    side = ints[POS]
    level, reason = stop_level(ints, floats, terms, None)
    target = floats[TARGET]
    if side * (raw - level) <= 0.0 or side * (raw - target) >= 0.0:
        if side * (raw - level) > 0.0:
            reason = EXIT_TARGET
        return _leave(ints, floats, raw, reason, bar, m, terms, found, n), True, 0, raw
    floats[LOW] = min(floats[LOW], raw)
    floats[HIGH] = max(floats[HIGH], raw)
    worst, best = (low, high) if side > 0 else (high, low)
    stopped = side * (worst - level) <= 0.0
    if ints[REST_LONG] | ints[REST_SHORT]:
        kind = ints[REST_SHORT] if side > 0 else ints[REST_LONG]
        order = floats[SELL_AT] if side > 0 else floats[BUY_AT]
        if kind == STOP_ORDER:
            turned = side * (worst - order) <= 0.0 and side * (order - level) >= 0.0
        else:
            turned = not stopped and side * (best - order) >= 0.0 and side * (order - target) <= 0.0
        if turned:
            return n, False, -side, order
    if stopped:
        return _leave(ints, floats, level, reason, bar, m, terms, found, n), False, 0, raw
    if side * (best - target) >= 0.0:
        return _leave(ints, floats, target, EXIT_TARGET, bar, m, terms, found, n), False, 0, raw
    end_minute(ints, floats, low, high, terms)
    return n, False, 0, raw


@njit(**INLINED)
def _minute(ints, floats, bar, m, first, span, tape, terms, found, n):
    """One minute of kernels._walk; first: the bar's. Returns the number of trades."""
    raw, high, low = span.opens[m], span.highs[m], span.lows[m]
    if ints[REST_LONG] | ints[REST_SHORT]:
        buy, sell = _reached(ints, floats, raw, high, low)
        if buy == raw and sell == raw:
            ints[REST_LONG] = 0
            ints[REST_SHORT] = 0
        elif buy == raw or sell == raw:
            n, _ = _fill(ints, floats, 1 if buy == raw else -1, raw, bar, m, 1 if m > first else 0, terms, found, n)
    inside, turn, price = True, 0, raw
    if ints[POS] != 0:
        n, inside, turn, price = _held(ints, floats, raw, high, low, bar, m, terms, found, n)
    if inside and ints[REST_LONG] | ints[REST_SHORT]:
        buy, sell = _reached(ints, floats, raw, high, low)
        near_buy, near_sell = abs(buy - raw), abs(sell - raw)
        if near_buy == near_sell:
            ints[REST_LONG] = 0
            ints[REST_SHORT] = 0
        elif near_buy < near_sell or (math.isnan(near_sell) and not math.isnan(near_buy)):
            turn, price = 1, buy
        elif not math.isnan(near_sell):
            turn, price = -1, sell
    if turn != 0:
        n, is_stop = _fill(ints, floats, turn, price, bar, m, 1, terms, found, n)
        if ints[POS] != 0:
            level, reason = stop_level(ints, floats, terms, None)
            worst = low if turn > 0 else high
            if turn * (worst - level) <= 0.0:
                leave = level if turn * (price - level) > 0.0 else price
                return _leave(ints, floats, leave, reason, bar, m, terms, found, n)
            best = tape.minutes[m].close
            if is_stop:
                best = high if turn > 0 else low
            end_minute(ints, floats, min(worst, best), max(worst, best), terms)
    return n


@njit(**INLINED)
def _search(ints, floats, m, stop, span, terms):
    """First minute of m .. stop-1 in which something may happen; stop or later if none."""
    side = ints[POS]
    up, down = math.inf, -math.inf
    if (side > 0 and floats[HIGH] >= floats[ARM]) or (side < 0 and floats[LOW] <= floats[ARM]):
        return m
    if side > 0:
        up, down = min(floats[TARGET], floats[ARM]), floats[STOP]
    elif side < 0:
        up, down = floats[STOP], max(floats[TARGET], floats[ARM])
    if ints[REST_LONG] == STOP_ORDER:
        up = min(up, floats[BUY_AT])
    elif ints[REST_LONG] == LIMIT_ORDER:
        down = max(down, floats[BUY_AT])
    if ints[REST_SHORT] == STOP_ORDER:
        down = max(down, floats[SELL_AT])
    elif ints[REST_SHORT] == LIMIT_ORDER:
        up = min(up, floats[SELL_AT])
    if side == 0 or math.isnan(floats[TRAIL]):
        return touch(m, stop, up, down, span)
    if side < 0:
        up, down = -down, -up
    best = side * (floats[HIGH] if side > 0 else floats[LOW])
    m, best = seek(side, m, stop, best, floats[TRAIL] - terms.tick, up, down, span)
    floats[HIGH if side > 0 else LOW] = side * best
    return m


@njit(**KERNEL)
def find_resting(
    ints,
    floats,
    stop,
    base,
    words,
    values,
    columns,
    constants,
    long_kind,
    short_kind,
    valid,
    time_stop,
    span,
    tape,
    terms,
    found,
):
    """kernels_onepass.find_trades() where entries of both sides rest: long_kind, short_kind are STOP_ORDER or
    LIMIT_ORDER. words: see resting_words_of."""
    n = 0
    bar = ints[BAR]
    m = first_of(tape, bar)
    while bar < stop:
        if ints[PEND_CLOSE] >= 0:
            side = ints[POS]
            price = span.sells[m] if side > 0 else span.buys[m]
            record(found, n, ints, floats, side, m, price, ints[PEND_CLOSE], bar - ints[ENTRY_BAR])
            n += 1
            ints[POS] = 0
            ints[PEND_CLOSE] = -1
        rests = ints[REST_LONG] | ints[REST_SHORT] != 0
        if ints[POS] == 0 and not rests:
            at = next_bit(words[ENTER], bar - base)
            bar = base + at
            if bar >= stop:
                bar = stop
                break
            _decide(ints, floats, bar, at, words, values, columns, constants, long_kind, short_kind, valid, terms)
            bar += 1
            m = first_of(tape, bar)
            continue
        until = min(base + next_bit(words[ANY], bar - base), stop - 1)
        if rests:
            until = min(until, ints[REST_UNTIL])
        if ints[POS] != 0 and time_stop > 0:
            until = min(until, ints[ENTRY_BAR] + time_stop - 1)
        end = first_of(tape, until + 1)
        m = _search(ints, floats, m, end, span, terms)
        if m < end:
            bar = bar_of(tape, m, bar, until + 1)
            n = _minute(ints, floats, bar, m, first_of(tape, bar), span, tape, terms, found, n)
            m += 1
            continue
        bar = until
        if is_set(words[ANY], bar - base):
            at = bar - base
            _decide(ints, floats, bar, at, words, values, columns, constants, long_kind, short_kind, valid, terms)
        if bar >= ints[REST_UNTIL]:
            ints[REST_LONG] = 0
            ints[REST_SHORT] = 0
        if ints[POS] != 0 and 0 < time_stop <= bar - ints[ENTRY_BAR] + 1 and ints[PEND_CLOSE] < 0:
            ints[PEND_CLOSE] = EXIT_TIME
        bar += 1
        m = first_of(tape, bar)
    ints[BAR] = bar
    return n
