"""What the trades of one state do to its money: cash, sums of results, and the equity at each trading day's end.

Money is counted in fractions, so a state's cash may be scaled by a power of two at any time: nothing underflows.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from engine.backtest.fills import ENTRY_BAR, ENTRY_MINUTE, POS, PRICE, fill_price
from engine.signals.compiling import INLINED, KERNEL

#: slots of an account's integers: next trading day to be marked, next funding event, trades, winners, bars held, and 1
#: once its equity was gone
DAY, FUND, TRADES, WON, HELD, GONE, A_INTS = range(7)
#: slots of its floats: cash, what one of it is in units of the sums, equity at the last day's end, what winners won,
#: sum of the results and of their squares
CASH, UNIT, BEFORE, GROSS, TOTAL, SQUARES, A_FLOATS = range(7)
#: cash stays within 1/HUGE .. HUGE
_HUGE = 2.0**300
#: no more than this, so that 16,384 trades that lose a hundredth each stay above the least number
_FAR = 2.0**-300


class Money(NamedTuple):
    """What the money of a pass needs. fee: fraction a fill; share: what a trade puts in, as a fraction of the cash,
    over 1 + fee; inverse: amounts are converted at the price of the moment. day_end: int64[d+1], last minute of each
    trading day and then a number beyond all minutes. fund_minute int64[f]; fund_sum float64[f+1]: what a unit of
    quantity (of value where inverse) has paid before each event."""

    fee: float
    share: float
    inverse: bool
    day_end: np.ndarray
    fund_minute: np.ndarray
    fund_sum: np.ndarray


@njit(**INLINED)
def reset(whole, part, day, cash):
    """An account before its first bar, on this trading day, whose sums start now."""
    whole[:] = 0
    whole[DAY] = day
    part[:] = 0.0
    part[CASH], part[UNIT], part[BEFORE] = cash, 1.0 / cash, cash


@njit(**INLINED)
def gain_of(side, entry, leave, money):
    """What a trade wins as a fraction of the cash before it, without funding."""
    if money.inverse:
        return money.share * (side * ((leave - entry) / leave) - 2.0 * money.fee)
    change = (leave - entry) / entry
    return money.share * (side * change - money.fee * (2.0 + change))


@njit(**INLINED)
def _paid(side, entry, first, last, money):
    """Funding of the events first .. last-1, as a fraction of the cash before the trade."""
    quantity = money.share if money.inverse else money.share / entry
    return side * quantity * (money.fund_sum[last] - money.fund_sum[first])


@njit(**INLINED)
def _fund_at(event, minute, money):
    """Number of funding events up to `minute`, at least `event`."""
    while event < money.fund_minute.shape[0] and money.fund_minute[event] <= minute:
        event += 1
    return event


@njit(**KERNEL)
def _mark(whole, part, equity, returns, shift):
    """The end of a trading day."""
    day = whole[DAY]
    returns[day - shift] = equity / part[BEFORE] - 1.0
    whole[DAY] = day + 1
    part[BEFORE] = equity
    if not equity > 0.0:
        whole[GONE] = 1
        part[BEFORE] = part[CASH]


@njit(**KERNEL)
def _mark_open(whole, part, side, entry, entered, until, tape, money, returns, shift):
    """The days that end before minute `until`, with a trade open since `entered`; flat before."""
    while money.day_end[whole[DAY]] < until:
        end = money.day_end[whole[DAY]]
        if end < entered:
            _mark(whole, part, part[CASH], returns, shift)
            continue
        close = tape.minutes[end].close
        change = (close - entry) / (close if money.inverse else entry)
        first = _fund_at(whole[FUND], entered, money)
        paid = _paid(side, entry, first, _fund_at(first, end, money), money)
        equity = part[CASH] * (1.0 + money.share * (side * change - money.fee) - paid)
        _mark(whole, part, equity, returns, shift)


@njit(**KERNEL)
def flush(whole, part, ints, floats, until, tape, money, returns, shift):
    """Mark the days that end before minute `until`, of which all trades are booked; ints, floats: the state's."""
    entered = ints[ENTRY_MINUTE] if ints[POS] != 0 else until
    _mark_open(whole, part, ints[POS], floats[PRICE], entered, until, tape, money, returns, shift)


@njit(**KERNEL)
def book(whole, part, found, count, tape, money, returns, shift):
    """Book `count` trades of `found`. returns float64[..], out: index day - shift is that of the day."""
    for k in range(count):
        found.gain[k] = gain_of(found.side[k], found.entry_price[k], found.leave_price[k], money)
    if money.fund_minute.shape[0] != 0:
        event = whole[FUND]
        for k in range(count):
            event = _fund_at(event, found.entry[k], money)
            first = event
            event = _fund_at(event, found.leave[k], money)
            found.gain[k] -= _paid(found.side[k], found.entry_price[k], first, event, money)
    cash, unit = part[CASH], part[UNIT]
    total, squares, gross = part[TOTAL], part[SQUARES], part[GROSS]
    won, held = whole[WON], whole[HELD]
    due = money.day_end[whole[DAY]]
    for k in range(count):
        if due < found.leave[k]:
            part[CASH] = cash
            side, entry = found.side[k], found.entry_price[k]
            _mark_open(whole, part, side, entry, found.entry[k], found.leave[k], tape, money, returns, shift)
            due = money.day_end[whole[DAY]]
        result = cash * found.gain[k]
        cash += result
        result *= unit
        total += result
        squares += result * result
        gross += max(result, 0.0)
        won += result > 0.0
        held += found.bars[k]
        if not cash > 0.0:
            whole[GONE] = 1
            cash = 1.0
            part[BEFORE] = 1.0
    part[CASH], part[TOTAL], part[SQUARES], part[GROSS] = cash, total, squares, gross
    whole[WON], whole[HELD] = won, held
    whole[TRADES] += count
    if count:
        whole[FUND] = _fund_at(whole[FUND], found.leave[count - 1], money)
    if not _FAR < cash < _HUGE:
        factor = _HUGE if cash < 1.0 else _FAR
        part[CASH] *= factor
        part[BEFORE] *= factor
        part[UNIT] /= factor


@njit(**KERNEL)
def closed(whole, part, ints, floats, last, last_bar, tape, money, terms, out):
    """The account as if what is open were closed at the close of minute `last`, of bar `last_bar`: its sums into out
    float64[6] (of winners, of losers, all, squares, number of winners, bars held), in units of the sums. Returns
    (equity, trades)."""
    gain = 0.0
    trades = whole[TRADES]
    held = whole[HELD]
    if ints[POS] != 0:
        side, entry = ints[POS], floats[PRICE]
        leave = fill_price(tape.minutes[last].close, -side, terms.slip, terms)
        gain = gain_of(side, entry, leave, money)
        first = _fund_at(whole[FUND], ints[ENTRY_MINUTE], money)
        gain -= _paid(side, entry, first, _fund_at(first, last, money), money)
        trades += 1
        held += last_bar - ints[ENTRY_BAR] + 1
    result = part[CASH] * part[UNIT] * gain
    out[0] = part[GROSS] + max(result, 0.0)
    out[2] = part[TOTAL] + result
    out[1] = out[0] - out[2]
    out[3] = part[SQUARES] + result * result
    out[4] = whole[WON] + (1 if result > 0.0 else 0)
    out[5] = held
    return part[CASH] * (1.0 + gain), trades
