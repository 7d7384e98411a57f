"""Equity from trades and bars: the curve that is drawn, and the equity at each trading day's end."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.backtest.fills import CASH, ENTRY_BAR, ENTRY_MINUTE, FEE, POS, PRICE, QUANTITY, TRADES, rate_of, to_account
from engine.signals.compiling import INLINED, KERNEL

#: state of mark(): next bar, trades passed, next funding event, number of the trade whose funding is counted; and peak
#: of the equity, equity of the bar before, funding of the open trade
M_BAR, M_TRADE, M_FUND, M_OPEN, M_INTS = range(5)
M_PEAK, M_EQUITY, M_PAID, M_FLOATS = range(4)


def new_marks(first: int, cash: float) -> tuple[np.ndarray, np.ndarray]:
    """(int64[M_INTS], float64[M_FLOATS]) before the window's first bar."""
    ints, floats = np.zeros(M_INTS, np.int64), np.zeros(M_FLOATS)
    ints[M_BAR], ints[M_OPEN] = first, -1
    floats[M_PEAK] = floats[M_EQUITY] = cash
    return ints, floats


@njit(**KERNEL)
def mark(
    ints,
    floats,
    state,
    money,
    stop,
    first,
    closes,
    base,
    fund_bar,
    tape,
    terms,
    ledger,
    width,
    curve,
    at,
):
    """Mark-to-market at the close of every bar up to (not including) `stop`, decimated: per `width` bars of the window
    the bar deepest under water and the last one.

    ints, floats: the marks' state (new_marks); state, money: that of the simulation after the bar stop - 1, or after
    the window's end. first: the window's first bar. closes: float64[b] of the bars from `base` on. ledger: as
    simulate() wrote it. fund_bar: int64[f], the bar of each funding minute. curve: float64[n, 2, 2], out:
    [bucket, deepest | last, equity | drawdown as a fraction of the peak so far, >= 0]; at: int64[n, 2], out: their
    bars. The peak starts with the cash, so the largest drawdown of the curve is that of all bars. Open positions are
    valued at the close without costs of leaving.
    """
    trades, where, book, fund_minute = ledger.trades, ledger.where, ledger.book, tape.fund_minute
    bar, k, fund = ints[M_BAR], ints[M_TRADE], ints[M_FUND]
    peak, equity, paid = floats[M_PEAK], floats[M_EQUITY], floats[M_PAID]
    while bar < stop:
        if k < state[TRADES]:
            entry_bar, entry_minute, leave = where[k, 2], where[k, 0], where[k, 3]
            signed, entry, start = trades[k].side * trades[k].quantity, trades[k].entry_price, book[k, 0]
        elif state[POS] != 0:
            entry_bar, entry_minute, leave = state[ENTRY_BAR], state[ENTRY_MINUTE], stop
            signed, entry, start = state[POS] * money[QUANTITY], money[PRICE], money[CASH] - money[FEE]
        else:
            bar, peak = _flat(bar, stop, first, equity, peak, width, curve, at)
            break
        bar, peak = _flat(bar, min(stop, entry_bar), first, equity, peak, width, curve, at)
        if bar == stop:
            break
        if ints[M_OPEN] != k:
            ints[M_OPEN] = k
            paid = 0.0
            while fund < fund_minute.shape[0] and fund_minute[fund] <= entry_minute:
                fund += 1
        while bar < min(leave, stop):
            while fund < fund_minute.shape[0] and fund_bar[fund] <= bar:
                price = tape.minutes[fund_minute[fund]].open
                paid += signed * price * to_account(price, terms) * tape.fund_rate[fund]
                fund += 1
            end = min(leave, stop, first + ((bar - first) // width + 1) * width)
            if fund < fund_minute.shape[0]:
                end = min(end, fund_bar[fund])
            bar, peak = _held(bar, end, first, start, paid, signed, entry, closes, base, peak, width, terms, curve, at)
        if bar >= leave and k < state[TRADES]:
            equity = book[k, 1]
            k += 1
    ints[M_BAR], ints[M_TRADE], ints[M_FUND] = bar, k, fund
    floats[M_PEAK], floats[M_EQUITY], floats[M_PAID] = peak, equity, paid


@njit(**KERNEL)
def _flat(bar, stop, first, equity, peak, width, curve, at):
    """Buckets of the bars [bar, stop) at constant equity."""
    if bar >= stop:
        # cash between two trades of one bar stood at no bar's close
        return bar, peak
    peak = max(peak, equity)
    down = 1.0 - equity / peak
    while bar < stop:
        bucket = (bar - first) // width
        begin = first + bucket * width
        if bar == begin or down > curve[bucket, 0, 1]:
            curve[bucket, 0, 0], curve[bucket, 0, 1], at[bucket, 0] = equity, down, bar
        bar = min(stop, begin + width)
        curve[bucket, 1, 0], curve[bucket, 1, 1], at[bucket, 1] = equity, down, bar - 1
    return bar, peak


@njit(**INLINED)
def _floor(peak, deepest):
    return peak * (1.0 - deepest) + peak * 1e-12 * (1.0 + abs(deepest))


@njit(**KERNEL)
def _held(bar, stop, first, start, paid, signed, entry, closes, base, peak, width, terms, curve, at):
    """Bars [bar, stop) of one bucket with an open position of signed quantity."""
    bucket = (bar - first) // width
    fresh = bar == first + bucket * width
    deepest = -1.0 if fresh else curve[bucket, 0, 1]
    deep_bar = -1
    deep_equity = 0.0
    equity = 0.0
    # only below this equity a deeper fall can lie, with room for rounding: so hardly any division is made
    floor = math.inf if fresh else _floor(peak, deepest)
    for b in range(bar, stop):
        price = closes[b - base]
        equity = start + signed * (price - entry) * to_account(price, terms) - paid
        if equity > peak:
            peak = equity
            if deepest < 0.0:
                deepest, deep_bar, deep_equity = 0.0, b, equity
            floor = _floor(peak, deepest)
        elif equity <= floor:
            down = 1.0 - equity / peak
            if down > deepest:
                deepest, deep_bar, deep_equity = down, b, equity
                floor = _floor(peak, deepest)
    if deep_bar >= 0:
        curve[bucket, 0, 0], curve[bucket, 0, 1], at[bucket, 0] = deep_equity, deepest, deep_bar
    curve[bucket, 1, 0], curve[bucket, 1, 1], at[bucket, 1] = equity, 1.0 - equity / peak, stop - 1
    return stop, peak


@njit(**KERNEL)
def daily(ends, cash, count, tape, terms, ledger, out):
    """Equity at the close of the minutes `ends` (int64[d] ascending) into out float64[d], from the first `count` trades
    of the ledger, all there are; open positions at that close."""
    trades, where, book, fund_minute = ledger.trades, ledger.where, ledger.book, tape.fund_minute
    minutes, fund_rate = tape.minutes, tape.fund_rate
    k = 0
    fund = 0
    paid = 0.0
    entered = -1
    equity = cash
    for d in range(ends.shape[0]):
        while k < count and where[k, 1] <= ends[d]:
            equity = book[k, 1]
            k += 1
        out[d] = equity
        if k < count and where[k, 0] <= ends[d]:
            row = trades[k]
            if entered != k:
                entered = k
                paid = 0.0
            while fund < fund_minute.shape[0] and fund_minute[fund] <= ends[d]:
                if fund_minute[fund] > where[k, 0]:
                    price = minutes[fund_minute[fund]].open
                    paid += row.side * row.quantity * price * to_account(price, terms) * fund_rate[fund]
                fund += 1
            close = minutes[ends[d]].close
            gain = row.side * row.quantity * (close - row.entry_price) * to_account(close, terms)
            out[d] = book[k, 0] + gain - paid


@njit(**KERNEL)
def equity_at(ends, cash, count, tape, terms, ledger, legs, more, out):
    """daily() where a position may grow: the first `legs` rows of ledger.legs say what is held since when."""
    trades, where, book, fund_minute = ledger.trades, ledger.where, ledger.book, tape.fund_minute
    k, fund, leg = 0, 0, 0
    equity = cash
    signed, price, base, paid = 0.0, 0.0, 0.0, 0.0
    for d in range(ends.shape[0]):
        end = ends[d]
        while k < count and where[k, 1] <= end:
            equity = book[k, 1]
            k += 1
        out[d] = equity
        if k == count or where[k, 0] > end:
            continue
        while leg < legs and ledger.legs[leg, 0] <= end:
            while fund < fund_minute.shape[0] and fund_minute[fund] <= ledger.legs[leg, 0]:
                fund += 1
            signed, price = ledger.legs[leg, 1], ledger.legs[leg, 2]
            base, paid = ledger.legs[leg, 3], ledger.legs[leg, 4]
            leg += 1
        while fund < fund_minute.shape[0] and fund_minute[fund] <= end:
            at = fund_minute[fund]
            due = tape.fund_rate[fund] if trades[k].side > 0 else more.short_rate[fund]
            mark = tape.minutes[at].open
            paid += abs(signed) * mark * rate_of(mark, at, terms, more) * due
            fund += 1
        close = tape.minutes[end].close
        out[d] = base + signed * (close - price) * rate_of(close, end, terms, more) - paid
