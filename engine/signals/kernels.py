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
def moves(lanes, ts, close, seen, state):
    """Closed bars of many lanes, in order, into seen int64[lanes] (newest bar) and state float64[lanes, 4]: last close,
    Wilder's mean of 14 |moves|, and both as they were before that bar. Bars at or before `seen` change nothing."""
    for i in range(lanes.shape[0]):
        lane = lanes[i]
        if ts[i] <= seen[lane]:
            continue
        last, mean = state[lane, 0], state[lane, 1]
        state[lane, 2], state[lane, 3] = last, mean
        move = abs(close[i] - last)
        if move == move:
            state[lane, 1] = move if mean != mean else mean + (move - mean) / 14.0
        seen[lane] = ts[i]
        state[lane, 0] = close[i]


@njit(cache=True, nogil=True)
def fill_rows(edges, numbers, lengths, seen, state, now_ns, late_ms, late_flag, settling_flag, backfilled_flag, rows):
    """edges EDGE_DTYPE[n] -> rows SIGNAL_DTYPE[n]; symbol = row of the lane. numbers: uint32[timeframes, strategies];
    lengths: ms by timeframe; seen, state: as `moves` keeps them. A confirmed one whose bar closed before late_ms is
    late. strength: see engine.signals.strength."""
    count = lengths.shape[0]
    for i in range(edges.shape[0]):
        edge = edges[i]
        lane, out, bar_ts = edge.lane, edge.out, edge.bar_ts
        tf = lane % count
        slot = out & 3
        flags = 0
        if edge.kind == 0 and bar_ts + lengths[tf] < late_ms:
            flags |= late_flag
        if edge.settling:
            flags |= settling_flag
        if edge.backfilled:
            flags |= backfilled_flag
        last = mean = np.nan
        if bar_ts > seen[lane]:
            last, mean = state[lane, 0], state[lane, 1]
        elif bar_ts == seen[lane]:
            last, mean = state[lane, 2], state[lane, 3]
        strength = 0.0
        if mean > 0.0:
            strength = (edge.price - last) / mean
            if slot == 1 or slot == 2:
                strength = -strength
        row = rows[i]
        row.seq = 0
        row.bar_ts = bar_ts
        row.price = edge.price
        row.event_ms = edge.event_ms
        row.received_ns = edge.recv_ns
        row.emitted_ns = now_ns
        row.strength = strength
        row.strategy = numbers[tf, out >> 2]
        row.symbol = lane // count
        row.timeframe = tf
        row.slot = slot
        row.kind = edge.kind
        row.flags = flags


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
