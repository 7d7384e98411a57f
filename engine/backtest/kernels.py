"""The simulation: edges and bars in, trades out. Work is done per trade where that is possible, not per bar.

Every exactness here is held by a plain twin in the property tests, trade by trade.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.backtest.fills import (
    BAR,
    BEST,
    HIGH,
    LOW,
    PEND_BAR,
    PEND_CLOSE,
    PEND_SIDE,
    POS,
    STOP,
    TARGET,
    TRAIL,
    close_trade,
    decide,
    open_trade,
    order_level,
    to_account,
)
from engine.contracts.dtypes import EXIT_END, EXIT_STOP, EXIT_TARGET, EXIT_TRAIL

#: bars looked at one by one, and then at a time, in search of an edge
_NEAR, _BLOCK = 16, 256


@njit(cache=True, nogil=True)
def next_entry(masks, bar, end):
    """First bar at or after `bar` with an entry edge of either side; `end` if there is none before it."""
    near = min(bar + _NEAR, end)
    while bar < near:
        if masks[0, bar] | masks[2, bar]:
            return bar
        bar += 1
    long_entry, short_entry = masks[0], masks[2]
    while bar + _BLOCK <= end:
        seen = np.uint8(0)
        # unsigned, so that no index can count from the end: only then does the compiler use wide registers
        first = np.uint64(bar)
        for i in range(np.uint64(_BLOCK)):
            seen |= long_entry[first + i] | short_entry[first + i]
        if seen:
            break
        bar += _BLOCK
    while bar < end:
        if masks[0, bar] | masks[2, bar]:
            return bar
        bar += 1
    return end


@njit(cache=True, nogil=True)
def _first_real(start, stop, real):
    """First minute in [start, stop) that was not made up, or -1. An empty `real` means that all are real."""
    if real.shape[0] == 0:
        return start if start < stop else -1
    for m in range(start, stop):
        if real[m]:
            return m
    return -1


@njit(cache=True, nogil=True)
def _resolve(ints, floats, bar, start, stop, minutes, real, fund_minute, fund_rate, terms, out, where, book):
    """Walk the minutes [start, stop) of `bar` with an open position until a stop or target closes it."""
    side = ints[POS]
    target = floats[TARGET]
    for m in range(start, stop):
        row = minutes[m]
        level = floats[STOP]
        reason = EXIT_STOP
        trail = order_level(floats[BEST] - side * floats[TRAIL], terms)
        if side * (trail - level) > 0.0:
            level = trail
            reason = EXIT_TRAIL
        if real.shape[0] == 0 or real[m]:
            raw = math.nan
            if side * (row.open - level) <= 0.0:
                raw = row.open
            elif side * (row.open - target) >= 0.0:
                raw = row.open
                reason = EXIT_TARGET
            else:
                floats[LOW] = min(floats[LOW], row.open)
                floats[HIGH] = max(floats[HIGH], row.open)
                worst = row.low if side > 0 else row.high
                best = row.high if side > 0 else row.low
                if side * (worst - level) <= 0.0:
                    raw = level
                elif side * (best - target) >= 0.0:
                    raw = target
                    reason = EXIT_TARGET
            if not math.isnan(raw):
                close_trade(
                    ints, floats, raw, reason, bar, m, 1, minutes, fund_minute, fund_rate, terms, out, where, book
                )
                return
        floats[LOW] = min(floats[LOW], row.low)
        floats[HIGH] = max(floats[HIGH], row.high)
        floats[BEST] = max(floats[BEST], row.high) if side > 0 else min(floats[BEST], row.low)


@njit(cache=True, nogil=True)
def _quiet_long(bar, end, bars, masks, floats, tick):
    """Pass over bars on which a long position certainly stays open and nothing is decided.

    Returns (bar, hit): the bar to stop at, and whether a stop or target may lie inside it (its range is then not yet
    counted); bar == end when all were quiet. The highest trailing level inside a bar is that of its own high, so a low
    above that, rounded to a tick, cannot have met it.
    """
    stop, target, trail = floats[STOP], floats[TARGET], floats[TRAIL] - tick
    best, low, high = floats[BEST], floats[LOW], floats[HIGH]
    hit = False
    while bar < end:
        row = bars[bar]
        top = max(best, row.high)
        if row.low <= stop or row.high >= target or row.low <= top - trail:
            hit = True
            break
        best = top
        low = min(low, row.low)
        high = max(high, row.high)
        if masks[1, bar] | masks[2, bar]:
            break
        bar += 1
    floats[BEST], floats[LOW], floats[HIGH] = best, low, high
    return bar, hit


@njit(cache=True, nogil=True)
def _quiet_short(bar, end, bars, masks, floats, tick):
    """The mirror of _quiet_long for a short position."""
    stop, target, trail = floats[STOP], floats[TARGET], floats[TRAIL] - tick
    best, low, high = floats[BEST], floats[LOW], floats[HIGH]
    hit = False
    while bar < end:
        row = bars[bar]
        bottom = min(best, row.low)
        if row.high >= stop or row.low <= target or row.high >= bottom + trail:
            hit = True
            break
        best = bottom
        low = min(low, row.low)
        high = max(high, row.high)
        if masks[3, bar] | masks[0, bar]:
            break
        bar += 1
    floats[BEST], floats[LOW], floats[HIGH] = best, low, high
    return bar, hit


@njit(cache=True, nogil=True)
def simulate(
    ints,
    floats,
    end,
    last,
    bars,
    minutes,
    first_minute,
    real,
    masks,
    dist,
    fund_minute,
    fund_rate,
    terms,
    out,
    where,
    book,
):
    """Run the bars from ints[BAR] up to (not including) `end`; closes what is open when `end` is past `last`.

    ints, floats: the state (fills.new_state), carried from call to call, so that any split into calls gives the same
    bits. last: index of the window's last bar. bars, minutes: CANDLE_DTYPE[n] and [k], oldest first; the bars are the
    aggregates of the minutes and may be the same array. first_minute: int64[n+1], minutes of bar b are
    first_minute[b] .. first_minute[b+1]-1. real: bool[k], False for a made-up minute, or empty. masks: uint8[4, n]
    edges: long entry, long exit, short entry, short exit. dist: float64[3, n] distances of stop, target, trailing
    stop at the decision bar, price units, nan = none. fund_minute int64[f] ascending, fund_rate float64[f]: positions
    pay side x value x rate at that minute's open. out: TRADE_DTYPE[c], where: int64[c, 4], book: float64[c, 2] with c
    >= entry edges + 1 (see fills.close_trade).

    Fill contract: decisions at the close of bar t, filled at the open of the first real minute of t+1 or later,
    before the stops of that minute; stops and targets act from the entry minute on; a minute that opens beyond a
    level fills at its open; where both could have been hit the stop was; the trailing level is the best price of the
    closed minutes since the entry less the distance. At `last` an open position is closed at the close of its last
    minute.
    """
    bar = ints[BAR]
    while bar < end:
        if ints[POS] == 0 and ints[PEND_SIDE] == 0:
            bar = next_entry(masks, bar, end)
            if bar < end:
                decide(ints, bar, masks, terms)
                bar += 1
            continue
        start = first_minute[bar]
        stop = first_minute[bar + 1]
        if ints[PEND_CLOSE] >= 0 or ints[PEND_SIDE] != 0:
            first = _first_real(start, stop, real)
            if first >= 0:
                raw = minutes[first].open
                if ints[POS] != 0:
                    held = 1 if first > start else 0
                    reason = ints[PEND_CLOSE]
                    close_trade(
                        ints, floats, raw, reason, bar, first, held,
                        minutes, fund_minute, fund_rate, terms, out, where, book,
                    )  # fmt: skip
                if ints[PEND_SIDE] != 0:
                    b = ints[PEND_BAR]
                    open_trade(
                        ints, floats, ints[PEND_SIDE], bar, first, raw, dist[0, b], dist[1, b], dist[2, b], terms
                    )
                ints[PEND_CLOSE] = -1
                ints[PEND_SIDE] = 0
                start = first
            else:
                start = stop
        if ints[POS] != 0 and start == first_minute[bar]:
            if ints[POS] > 0:
                bar, hit = _quiet_long(bar, end, bars, masks, floats, terms.tick)
            else:
                bar, hit = _quiet_short(bar, end, bars, masks, floats, terms.tick)
            if bar == end:
                break
            start = first_minute[bar] if hit else first_minute[bar + 1]
        if ints[POS] != 0:
            _resolve(
                ints, floats, bar, start, first_minute[bar + 1],
                minutes, real, fund_minute, fund_rate, terms, out, where, book,
            )  # fmt: skip
        decide(ints, bar, masks, terms)
        bar += 1
    ints[BAR] = bar
    if end > last and ints[POS] != 0:
        m = first_minute[last + 1] - 1
        close_trade(
            ints, floats, minutes[m].close, EXIT_END, last, m, 1,
            minutes, fund_minute, fund_rate, terms, out, where, book,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def mark(
    bars, first, last, cash, trades, where, book, fund_bar, fund_minute, fund_rate, minutes, terms, width, curve, at
):
    """Mark-to-market at every bar's close of the window, decimated: per `width` bars the bar deepest under water and
    the last one.

    curve: float64[n, 2, 2], out: [bucket, deepest | last, equity | drawdown as a fraction of the peak so far, >= 0];
    at: int64[n, 2], out: their bars. The peak starts with the cash, so the largest drawdown of the curve is that of
    all bars. fund_bar: int64[f], the bar of each funding minute. Open positions are valued at the close without costs
    of leaving.
    """
    peak = cash
    equity = cash
    fund = 0
    bar = first
    for k in range(trades.shape[0] + 1):
        ends = where[k, 2] if k < trades.shape[0] else last + 1
        bar, peak = _flat(bar, ends, first, equity, peak, width, curve, at)
        if k == trades.shape[0]:
            break
        row = trades[k]
        base = book[k, 0]
        paid = 0.0
        while fund < fund_minute.shape[0] and fund_minute[fund] <= where[k, 0]:
            fund += 1
        while bar < where[k, 3]:
            while fund < fund_minute.shape[0] and fund_bar[fund] <= bar:
                price = minutes[fund_minute[fund]].open
                paid += row.side * row.quantity * price * to_account(price, terms) * fund_rate[fund]
                fund += 1
            stop = min(where[k, 3], first + ((bar - first) // width + 1) * width)
            if fund < fund_minute.shape[0]:
                stop = min(stop, fund_bar[fund])
            bar, peak = _held(
                bar,
                stop,
                first,
                base,
                paid,
                row.side * row.quantity,
                row.entry_price,
                bars,
                peak,
                width,
                terms,
                curve,
                at,
            )
        equity = book[k, 1]
    return peak


@njit(cache=True, nogil=True)
def _flat(bar, stop, first, equity, peak, width, curve, at):
    """Buckets of the bars [bar, stop) at constant equity."""
    if bar < stop:
        # not before: cash between two trades of one bar stood at no bar's close
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


@njit(cache=True, nogil=True)
def _held(bar, stop, first, base, paid, signed, entry, bars, peak, width, terms, curve, at):
    """Bars [bar, stop) of one bucket with an open position of signed quantity."""
    bucket = (bar - first) // width
    fresh = bar == first + bucket * width
    deepest = -1.0 if fresh else curve[bucket, 0, 1]
    deep_bar = -1
    deep_equity = 0.0
    equity = 0.0
    for b in range(bar, stop):
        price = bars[b].close
        equity = base + signed * (price - entry) * to_account(price, terms) - paid
        peak = max(peak, equity)
        down = 1.0 - equity / peak
        if down > deepest:
            deepest, deep_bar, deep_equity = down, b, equity
    if deep_bar >= 0:
        curve[bucket, 0, 0], curve[bucket, 0, 1], at[bucket, 0] = deep_equity, deepest, deep_bar
    curve[bucket, 1, 0], curve[bucket, 1, 1], at[bucket, 1] = equity, 1.0 - equity / peak, stop - 1
    return stop, peak


@njit(cache=True, nogil=True)
def daily(ends, cash, trades, where, book, fund_minute, fund_rate, minutes, terms, out):
    """Equity at the close of the minutes `ends` (int64[d] ascending) into out float64[d]; open positions at that
    close.
    """
    k = 0
    fund = 0
    paid = 0.0
    entered = -1
    equity = cash
    for d in range(ends.shape[0]):
        while k < trades.shape[0] and where[k, 1] <= ends[d]:
            equity = book[k, 1]
            k += 1
        out[d] = equity
        if k < trades.shape[0] and where[k, 0] <= ends[d]:
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


@njit(cache=True, nogil=True)
def first_at(candles, times, out):
    """Index of the first candle with ts >= each of `times` (ascending int64[d]) into out int64[d]; len(candles) if
    none.
    """
    low = 0
    n = candles.shape[0]
    for d in range(times.shape[0]):
        high = n
        while low < high:
            middle = (low + high) // 2
            if candles[middle].ts < times[d]:
                low = middle + 1
            else:
                high = middle
        out[d] = low


@njit(cache=True, nogil=True)
def first_minutes(bars, minutes, length, out):
    """out int64[n+1]: index of the first minute of each bar, then that after the last bar's.

    length: the bars' length in ms. Returns -1 when every bar is the aggregate (first open, highest high, lowest low,
    last close) of the minutes in [ts, ts + length), else the first bar that is not.
    """
    m = 0
    k = minutes.shape[0]
    for b in range(bars.shape[0]):
        row = bars[b]
        while m < k and minutes[m].ts < row.ts:
            m += 1
        out[b] = m
        if m == k or minutes[m].ts >= row.ts + length or minutes[m].open != row.open:
            return b
        high, low, close = minutes[m].high, minutes[m].low, minutes[m].close
        while m < k and minutes[m].ts < row.ts + length:
            high = max(high, minutes[m].high)
            low = min(low, minutes[m].low)
            close = minutes[m].close
            m += 1
        if high != row.high or low != row.low or close != row.close:
            return b
    out[bars.shape[0]] = m
    return -1


@njit(cache=True, nogil=True)
def first_bad(candles):
    """First candle that cannot be traded on: not after the one before it, not finite, not positive, or outside its
    range; or -1.
    """
    before = -1
    for i in range(candles.shape[0]):
        row = candles[i]
        inside = row.low <= row.open <= row.high and row.low <= row.close <= row.high
        if not (row.ts > before and inside and row.low > 0.0 and row.high < math.inf):
            return i
        before = row.ts
    return -1
