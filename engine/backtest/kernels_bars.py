"""Bars: are they fit to trade on, which minutes make them, and where a time lies among them."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.backtest.hash import SPAN, fold_words
from engine.signals.compiling import KERNEL


@njit(**KERNEL)
def first_at(candles, times, out):
    """Index of the first candle with ts >= each of `times` (ascending int64[d]) into out int64[d]; len(candles) if
    none.
    """
    low = 0
    n = candles.shape[0]
    for d in range(times.shape[0]):
        # steps that double from the last one found: near times lie near one another in memory
        high, step = low, 64
        while high < n and candles[high].ts < times[d]:
            low, high, step = high + 1, high + step, 2 * step
        high = min(high, n)
        while low < high:
            middle = (low + high) // 2
            if candles[middle].ts < times[d]:
                low = middle + 1
            else:
                high = middle
        out[d] = low


@njit(**KERNEL)
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


@njit(**KERNEL)
def first_bad(candles, before):
    """First candle that cannot be traded on: not after the one before it (of time `before`), not finite, not positive,
    or outside its range; or -1.
    """
    for i in range(candles.shape[0]):
        row = candles[i]
        inside = row.low <= row.open <= row.high and row.low <= row.close <= row.high
        if not (row.ts > before and inside and row.low > 0.0 and row.high < math.inf):
            return i
        before = row.ts
    return -1


@njit(**KERNEL)
def check_and_fold(candles, words, lanes):
    """first_bad(), and the state of the fingerprint after each SPAN candles, with one way through the memory.

    words: uint64[6 n], the candles'. lanes: uint64[n // SPAN + 1, 8], its first row given.
    """
    size = candles.shape[0]
    before = np.int64(-1)
    for start in range(0, size, SPAN):
        stop = min(start + SPAN, size)
        bad = first_bad(candles[start:stop], before)
        if bad >= 0:
            return start + bad
        before = candles[stop - 1].ts
        if stop - start == SPAN:
            row = start // SPAN + 1
            for lane in range(8):
                lanes[row, lane] = lanes[row - 1, lane]
            fold_words(words[6 * start : 6 * stop], lanes[row])
    return -1


@njit(**KERNEL)
def read_ahead(minutes, first_minute, events):
    """Read the first minute after each bar of events (int64[e]), so that it is in the cache when it is filled at: many
    at once, where a simulation would wait for one after the other. Returns a sum that says nothing."""
    last = minutes.shape[0] - 1
    total = 0.0
    for k in range(events.shape[0]):
        m = min(first_minute[events[k] + 1] if first_minute.shape[0] != 0 else events[k] + 1, last)
        total += minutes[m].ts + minutes[m].volume
    return total
