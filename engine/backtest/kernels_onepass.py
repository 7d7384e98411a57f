"""Trades of one state over one block of bars, from words of bits: found event by event, not bar by bar.

Same fills as kernels.simulate, which a property test holds trade by trade; entries that rest at a level are not for
here, and neither are made-up minutes.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
# mypy: disable-error-code="call-arg, var-annotated"
from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from engine.backtest.fills import (
    ARM,
    BAR,
    ENTRY_BAR,
    ENTRY_MINUTE,
    HIGH,
    LOW,
    PEND_CLOSE,
    PEND_SIDE,
    POS,
    PRICE,
    STOP,
    STOP_REASON,
    TARGET,
    TRAIL,
    WAIT,
    end_minute,
    fill_price,
    first_of,
    order_level,
    stop_level,
)
from engine.backtest.kernels_wide import LANES, best_of, followed, touched
from engine.contracts.dtypes import EXIT_REVERSE, EXIT_SIGNAL, EXIT_STOP, EXIT_TARGET, EXIT_TIME
from engine.rules.kernels_words import trailing
from engine.signals.compiling import INLINED, KERNEL
from engine.signals.types import EVEN_AFTER, LONG_STOP, LONG_TARGET, SHORT_STOP, SHORT_TARGET, TRAIL_BY

#: minutes of a group and of a group of groups, as powers of two
FINE, COARSE = 6, 10
#: rows of the words of one set: bars on which a flat state enters, on which a long and a short one leave, and on which
#: a long and a short trade are asked for
ENTER, LEAVE_LONG, LEAVE_SHORT, GO_LONG, GO_SHORT = range(5)
ROWS = 6
#: how a set's trades can end beside a signal: not at all; at levels that stand; at levels that move
PLAIN, FIXED, MOVING = range(3)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_ZERO = np.uint64(0)


class Found(NamedTuple):
    """Room for the trades of one state in one block, all of length r. entry, leave: int64, minutes. side: float64.
    entry_price, leave_price: float64. bars, reason: int64. gain: float64, what each won as a fraction of the cash
    before it."""

    entry: np.ndarray
    leave: np.ndarray
    side: np.ndarray
    entry_price: np.ndarray
    leave_price: np.ndarray
    bars: np.ndarray
    reason: np.ndarray
    gain: np.ndarray


class Range(NamedTuple):
    """Prices of the whole series, float64. opens, highs, lows of its minutes, with kernels_wide.MARGIN numbers
    beyond; buys, sells: what a market order gets at each open; bar_highs, bar_lows of its bars; highest
    and lowest of each 2^FINE (fine_top, fine_bottom) and each 2^COARSE minutes (coarse_top, coarse_bottom)."""

    opens: np.ndarray
    highs: np.ndarray
    lows: np.ndarray
    buys: np.ndarray
    sells: np.ndarray
    bar_highs: np.ndarray
    bar_lows: np.ndarray
    fine_top: np.ndarray
    fine_bottom: np.ndarray
    coarse_top: np.ndarray
    coarse_bottom: np.ndarray


def new_found(room: int) -> Found:
    """Room for so many trades."""
    whole, part = np.int64, np.float64
    return Found(*(np.empty(room, kind) for kind in (whole, whole, part, part, part, whole, whole, part)))


@njit(**KERNEL)
def heap_up(highs, lows, top, bottom, shift):
    """Highest of highs and lowest of lows (float64[k]) of each 2^shift into top, bottom float64[g]."""
    k = highs.shape[0]
    width = 1 << shift
    for g in range(top.shape[0]):
        high, low = -math.inf, math.inf
        for m in range(g * width, min((g + 1) * width, k)):
            high, low = max(high, highs[m]), min(low, lows[m])
        top[g], bottom[g] = high, low


@njit(**KERNEL)
def market_fills(opens, terms, buys, sells):
    """What a market order gets at each of opens float64[k], into buys, sells float64[k]."""
    for m in range(opens.shape[0]):
        buys[m] = fill_price(opens[m], 1, terms.slip, terms)
        sells[m] = fill_price(opens[m], -1, terms.slip, terms)


@njit(**KERNEL)
def words_of(bits, long_ok, short_ok, words):
    """bits uint64[4, w], the edges of one set in the order of SLOTS, into words uint64[ROWS, > w], as kernels.decide
    reads them where no entry rests: both entries at once are none, an exit wins over the entry of its side. A word of
    ones follows, at which a search ends."""
    count = bits.shape[1]
    yes_long = _ALL if long_ok else _ZERO
    yes_short = _ALL if short_ok else _ZERO
    for w in range(count):
        up, out_up, down, out_down = bits[0, w], bits[1, w], bits[2, w], bits[3, w]
        go_long, go_short = up & ~down & ~out_up, down & ~up & ~out_down
        words[ENTER, w] = (go_long & yes_long) | (go_short & yes_short)
        words[LEAVE_LONG, w] = go_short | out_up
        words[LEAVE_SHORT, w] = go_long | out_down
        words[GO_LONG, w] = go_long
        words[GO_SHORT, w] = go_short
    for row in (ENTER, LEAVE_LONG, LEAVE_SHORT):
        words[row, count] = _ALL


@njit(**INLINED)
def next_bit(row, at):
    """First bit from `at` on that is set; one is."""
    word = at >> 6
    left = row[word] & (_ALL << np.uint64(at & 63))
    while left == _ZERO:
        word += 1
        left = row[word]
    return (word << 6) + np.int64(trailing(left))


@njit(**INLINED)
def is_set(row, at):
    return (row[at >> 6] >> np.uint64(at & 63)) & np.uint64(1) != _ZERO


@njit(**INLINED)
def level_at(values, columns, constants, number, at):
    row = columns[number]
    return values[row, at] if row >= 0 else constants[number]


@njit(**INLINED)
def _await(floats, side, values, columns, constants, at, kind):
    """Keep the distances of the decision on bar `at` of the block."""
    if kind == PLAIN:
        return
    stop = LONG_STOP if side > 0 else SHORT_STOP
    target = LONG_TARGET if side > 0 else SHORT_TARGET
    floats[WAIT + stop] = level_at(values, columns, constants, stop, at)
    floats[WAIT + target] = level_at(values, columns, constants, target, at)
    if kind == MOVING:
        floats[WAIT + TRAIL_BY] = level_at(values, columns, constants, TRAIL_BY, at)
        floats[WAIT + EVEN_AFTER] = level_at(values, columns, constants, EVEN_AFTER, at)


@njit(**INLINED)
def open_at(ints, floats, side, bar, minute, price, terms, kind):
    """fills.open_trade without the money."""
    ints[ENTRY_BAR] = bar
    ints[ENTRY_MINUTE] = minute
    floats[PRICE] = price
    if kind == PLAIN:
        return
    ints[STOP_REASON] = EXIT_STOP
    stop = floats[WAIT + (LONG_STOP if side > 0 else SHORT_STOP)]
    target = floats[WAIT + (LONG_TARGET if side > 0 else SHORT_TARGET)]
    floats[STOP] = order_level(price - side * stop, terms) if stop > 0.0 else -side * math.inf
    floats[TARGET] = order_level(price + side * target, terms) if target > 0.0 else side * math.inf
    if kind == MOVING:
        # what moves the stop asks for the side
        ints[POS] = side
        trail = floats[WAIT + TRAIL_BY]
        even = floats[WAIT + EVEN_AFTER]
        floats[TRAIL] = trail if trail > 0.0 else math.nan
        floats[ARM] = order_level(price + side * even, terms) if even > 0.0 else side * math.inf
        floats[LOW] = price
        floats[HIGH] = price


@njit(**INLINED)
def _next_step(m):
    """Where the next LANES minutes begin."""
    return (m | (LANES - 1)) + 1


@njit(**INLINED)
def touch(m, stop, up, down, span):
    """First minute of m .. stop-1 that reaches `up` or `down`; stop or later if none does."""
    while m < stop:
        flags = touched(span.highs, span.lows, m, up, down)
        if flags != _ZERO:
            return m + np.int64(trailing(flags))
        m = _next_step(m)
        while m & ((1 << FINE) - 1) == 0 and m < stop:
            group = m >> FINE
            if m & ((1 << COARSE) - 1) == 0:
                wide = m >> COARSE
                if span.coarse_top[wide] < up and span.coarse_bottom[wide] > down:
                    m += 1 << COARSE
                    continue
            if not (span.fine_top[group] < up and span.fine_bottom[group] > down):
                break
            m += 1 << FINE
    return m


@njit(**INLINED)
def _leave_fixed(side, m, stop, target, span):
    """(raw, reason) of the trade that ends in minute m, which reaches its stop or its target."""
    raw = span.opens[m]
    worst = span.lows[m] if side > 0 else span.highs[m]
    # as values, not as ways to go: none of them can be foreseen
    stopped = side * (worst - stop) <= 0.0
    past_stop, past_target = side * (raw - stop) <= 0.0, side * (raw - target) >= 0.0
    reason = EXIT_STOP if past_stop or (stopped and not past_target) else EXIT_TARGET
    level = stop if stopped else target
    return (raw if past_stop or past_target else level), reason


@njit(**INLINED)
def _minute(ints, floats, side, m, span, terms):
    """One minute with a stop that may move: (raw, reason) where it ends the trade, reason -1 where not."""
    raw, high, low = span.opens[m], span.highs[m], span.lows[m]
    level, reason = stop_level(ints, floats, terms, None)
    target = floats[TARGET]
    if side * (raw - level) <= 0.0:
        return raw, reason
    if side * (raw - target) >= 0.0:
        return raw, EXIT_TARGET
    worst = low if side > 0 else high
    if side * (worst - level) <= 0.0:
        return level, reason
    best = high if side > 0 else low
    if side * (best - target) >= 0.0:
        return target, EXIT_TARGET
    end_minute(ints, floats, low, high, terms)
    return raw, -1


@njit(**INLINED)
def seek(side, m, stop, best, near, up, down, span):
    """First minute of m .. stop-1 whose best price reaches `up`, or whose worst `down` or the best one so far less
    `near` (nan: that does not count); (it, or stop or later if none does; best price before it). best, up, down: times
    the side, so that up is good."""
    good, bad = (span.highs, span.lows) if side > 0 else (span.lows, span.highs)
    good_group, bad_group = (span.fine_top, span.fine_bottom) if side > 0 else (span.fine_bottom, span.fine_top)
    if math.isnan(near):
        near = math.inf
    while m < stop:
        flags = followed(good, bad, m, float(side), best, near, up, down)
        step = min(_next_step(m), stop)
        hit = m + np.int64(trailing(flags))
        if flags != _ZERO and hit < step:
            if hit > m:
                best = best_of(good, m, hit - m, float(side), best)
            return hit, best
        best = best_of(good, m, step - m, float(side), best)
        m = step
        while m & ((1 << FINE) - 1) == 0 and m + (1 << FINE) <= stop:
            group = m >> FINE
            high = side * good_group[group]
            if not (high < up and side * bad_group[group] > max(down, max(best, high) - near)):
                break
            best = max(best, high)
            m += 1 << FINE
    return m, best


@njit(**INLINED)
def _follow(ints, floats, side, m, stop, span, terms):
    """(minute, raw, reason) of the end of a trade whose stop may move, in m .. stop-1; reason -1 where it goes on.

    Looked at closely is only a minute, or group of them, in which anything could happen: the trailing level inside is
    at most that of its own best price, rounded by less than a tick.
    """
    if side * ((floats[HIGH] if side > 0 else floats[LOW]) - floats[ARM]) >= 0.0:
        # a distance of less than half a tick: the first minute's end moves the stop
        raw, reason = _minute(ints, floats, side, m, span, terms)
        if reason >= 0:
            return m, raw, reason
        m += 1
    best = side * (floats[HIGH] if side > 0 else floats[LOW])
    raw, reason = 0.0, -1
    while m < stop:
        up, down = min(side * floats[TARGET], side * floats[ARM]), side * floats[STOP]
        m, best = seek(side, m, stop, best, floats[TRAIL] - terms.tick, up, down, span)
        floats[HIGH if side > 0 else LOW] = side * best
        if m >= stop:
            break
        raw, reason = _minute(ints, floats, side, m, span, terms)
        if reason >= 0:
            break
        best = side * (floats[HIGH] if side > 0 else floats[LOW])
        m += 1
    return m, raw, reason


@njit(**INLINED)
def bar_of(tape, minute, low, high):
    """The bar of `minute`, which lies in the bars low .. high-1."""
    if tape.first_minute.shape[0] == 0:
        return minute
    while high - low > 1:
        middle = (low + high) >> 1
        if tape.first_minute[middle] <= minute:
            low = middle
        else:
            high = middle
    return low


@njit(**INLINED)
def record(found, n, ints, floats, side, minute, price, reason, bars):
    found.entry[n] = ints[ENTRY_MINUTE]
    found.leave[n] = minute
    found.side[n] = side
    found.entry_price[n] = floats[PRICE]
    found.leave_price[n] = price
    found.bars[n] = bars
    found.reason[n] = reason


@njit(**KERNEL)
def find_trades(ints, floats, stop, base, words, values, columns, constants, kind, time_stop, span, tape, terms, found):
    """Run the bars from ints[BAR] up to (not including) `stop`; returns the number of trades written to `found`.

    ints, floats: the state in the slots of fills, of which cash, quantity and fees are left alone. base: bar of bit 0
    and of column 0 of values; words: see words_of. columns, constants: history.Levels. kind: PLAIN, FIXED or MOVING.
    A trade that is open and what is decided on bar stop-1 stay in the state.
    """
    n = 0
    bar = ints[BAR]
    pos, go, why = ints[POS], ints[PEND_SIDE], ints[PEND_CLOSE]
    while True:
        if go != 0 or why >= 0:
            if bar >= stop:
                break
            minute = first_of(tape, bar)
            if pos != 0:
                price = span.sells[minute] if pos > 0 else span.buys[minute]
                record(found, n, ints, floats, pos, minute, price, why, bar - ints[ENTRY_BAR])
                n += 1
            if go != 0:
                price = span.buys[minute] if go > 0 else span.sells[minute]
                open_at(ints, floats, go, bar, minute, price, terms, kind)
            pos, go, why = go, 0, -1
        if pos == 0:
            at = next_bit(words[ENTER], bar - base)
            bar = base + at
            if bar >= stop:
                bar = stop
                break
            go = 1 if is_set(words[GO_LONG], at) else -1
            _await(floats, go, values, columns, constants, at, kind)
            bar += 1
            continue
        leave = base + next_bit(words[LEAVE_LONG if pos > 0 else LEAVE_SHORT], bar - base)
        timed = time_stop > 0 and ints[ENTRY_BAR] + time_stop - 1 < leave
        if timed:
            leave = ints[ENTRY_BAR] + time_stop - 1
        if kind != PLAIN:
            begin, end = first_of(tape, bar), first_of(tape, min(leave + 1, stop))
            raw, reason = 0.0, -1
            if kind == FIXED:
                up, down = floats[TARGET], floats[STOP]
                if pos < 0:
                    up, down = down, up
                minute = touch(begin, end, up, down, span)
                if minute < end:
                    raw, reason = _leave_fixed(pos, minute, floats[STOP], floats[TARGET], span)
            else:
                minute, raw, reason = _follow(ints, floats, pos, begin, end, span, terms)
            if reason >= 0:
                bar = bar_of(tape, minute, bar, min(leave + 1, stop))
                price = fill_price(raw, -pos, terms.slip, terms)
                record(found, n, ints, floats, pos, minute, price, reason, bar - ints[ENTRY_BAR] + 1)
                n += 1
                pos = 0
                continue
        if leave >= stop:
            bar = stop
            break
        why = EXIT_TIME
        if not timed:
            at = leave - base
            turned = is_set(words[GO_SHORT if pos > 0 else GO_LONG], at)
            why = EXIT_REVERSE if turned else EXIT_SIGNAL
            if turned and (terms.short_ok if pos > 0 else terms.long_ok):
                go = -pos
                _await(floats, go, values, columns, constants, at, kind)
        bar = leave + 1
    ints[BAR], ints[POS], ints[PEND_SIDE], ints[PEND_CLOSE] = bar, pos, go, why
    return n
