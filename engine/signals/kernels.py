"""Bars as rows -> columns, one pass over the memory."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def columns_of(bars, length, ends, index, columns):
    """bars CANDLE_DTYPE[n] -> index int64[n] = ts // length, columns float64[c, 1, n], of its first five rows: high,
    low, close, and open and volume where `ends` is true.

    ts >= 0. The next bar is nearly always one length on, so hardly any division is made.
    """
    known = -length
    number = -1
    high, low, close = columns[1, 0], columns[2, 0], columns[3, 0]
    for i in range(bars.shape[0]):
        row = bars[i]
        ahead = row.ts - known
        if ahead >= length:
            if ahead < 2 * length:
                number += 1
                known += length
            else:
                number = row.ts // length
                known = number * length
        elif ahead < 0:
            number = row.ts // length
            known = number * length
        index[i] = number
        high[i] = row.high
        low[i] = row.low
        close[i] = row.close
    if ends:
        first, volume = columns[0, 0], columns[4, 0]
        for i in range(bars.shape[0]):
            row = bars[i]
            first[i] = row.open
            volume[i] = row.volume


@njit(cache=True, nogil=True)
def moves(lanes, ts, close, seen, last, mean, before):
    """Bars of many lanes in order -> before float64[2, n] = the lane's last close and mean |move| ahead of each bar;
    the state (seen, last, mean: one a lane) goes on. Bars at or before `seen` leave the state alone and get nan."""
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        if ts[i] <= seen[lane]:
            before[0, i] = np.nan
            before[1, i] = np.nan
            continue
        before[0, i] = last[lane]
        before[1, i] = mean[lane]
        move = abs(close[i] - last[lane])
        if move == move:
            mean[lane] = move if mean[lane] != mean[lane] else mean[lane] + (move - mean[lane]) / 14.0
        seen[lane] = ts[i]
        last[lane] = close[i]


@njit(cache=True, nogil=True)
def quiet_of(lanes, timeframes, outs, index, speaks, pauses, spoke):
    """bool[n]: signal i comes within `pauses[timeframe, out]` bars of the last one of its lane and output that was not
    quiet; spoke int64[lanes, outs] keeps that one's bar number."""
    quiet = np.zeros(lanes.shape[0], np.bool_)
    for i in range(lanes.shape[0]):
        pause = pauses[timeframes[i], outs[i]]
        if pause == 0 or not speaks[i]:
            continue
        if index[i] - spoke[lanes[i], outs[i]] <= pause:
            quiet[i] = True
        else:
            spoke[lanes[i], outs[i]] = index[i]
    return quiet
