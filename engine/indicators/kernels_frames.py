# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernels of longer bars: `frame` of a lane's own bars make one, and what is said of it is held until the next.

A lane's slots: number of the bucket (at // frame), how much of it is known (PARTIAL, WHOLE, CLOSED), then its columns
as in the bars: open, high, low, close, volume, funding. A bucket is closed by the bar at its border or, where that one
is missing, by the next bar. One bar can so close two.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.indicators.kernels import apart, greater_of
from engine.indicators.opcodes import FRAME_SLOTS

#: the first bucket after a start, joined in its middle; one seen from its beginning; one that has been closed
PARTIAL, WHOLE, CLOSED = 0.0, 1.0, 2.0


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _pending(st, bucket):
    """Whether the bucket before is closed by this bar of a later one."""
    return st[1] == WHOLE and st[0] != bucket


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _absorb(st, at, bucket, frame, bars, lane, t):
    """Take a bar in. True: it closes its own bucket, which was seen as a whole."""
    if st[0] == bucket and st[1] != CLOSED:
        st[3] = greater_of(bars[1, lane, t], st[3])
        st[4] = -greater_of(-bars[2, lane, t], -st[4])
        st[5] = bars[3, lane, t]
        st[6] += bars[4, lane, t]
        st[7] = bars[5, lane, t]
    else:
        st[1] = WHOLE if (st[0] == st[0] or at == bucket * frame) else PARTIAL
        st[0] = bucket
        for j in range(6):
            st[2 + j] = bars[j, lane, t]
    if at + 1.0 != (bucket + 1.0) * frame:
        return False
    whole = st[1] == WHOLE
    st[1] = CLOSED
    return whole


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _emit(st, inputs, registers, when, n):
    """The bucket that closes as the n-th longer bar."""
    for j in range(inputs.shape[0]):
        registers[inputs[j, 1], n] = st[2 + inputs[j, 0]]
    when[n] = st[0]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def frame_series(index, bars, st, frame, inputs, registers, when, places):
    """Bars of one lane, index (1, T) and bars (6, 1, T) -> n longer bars that close in them, into the registers of the
    inputs (column, register); places: the bar at which each closes. Changes st."""
    apart()
    n = 0
    for t in range(index.shape[1]):
        at = float(index[0, t])
        bucket = np.floor(at / frame)
        if _pending(st, bucket):
            _emit(st, inputs, registers, when, n)
            places[n] = t
            n += 1
        if _absorb(st, at, bucket, frame, bars, 0, t):
            _emit(st, inputs, registers, when, n)
            places[n] = t
            n += 1
    return n


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def frame_lanes(index, bars, state, base, rows, frame, inputs, registers, when, work, st):
    """One bar of many lanes: those that close one longer bar, side by side -> (how many, how many close two).

    work int64 (3, lanes): the first's positions, their rows of the state, the positions of the others. The state stays.
    """
    apart()
    n, doubles = 0, 0
    for i in range(rows.size):
        row = rows[i]
        at = float(index[i, 0])
        bucket = np.floor(at / frame)
        # most bars close nothing
        if state[base, row] == bucket and at + 1.0 != (bucket + 1.0) * frame:
            continue
        for j in range(FRAME_SLOTS):
            st[j] = state[base + j, row]
        pending = _pending(st, bucket)
        if pending:
            _emit(st, inputs, registers, when, n)
        if _absorb(st, at, bucket, frame, bars, i, 0):
            if pending:
                work[2, doubles] = i
                doubles += 1
                continue
            _emit(st, inputs, registers, when, n)
        elif not pending:
            continue
        work[0, n], work[1, n] = i, row
        n += 1
    return n, doubles


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def frame_double(index, bars, state, base, rows, frame, inputs, registers, when, i, st):
    """The two longer bars that one bar of lane i closes. The state stays."""
    apart()
    at = float(index[i, 0])
    bucket = np.floor(at / frame)
    for j in range(FRAME_SLOTS):
        st[j] = state[base + j, rows[i]]
    _emit(st, inputs, registers, when, 0)
    _absorb(st, at, bucket, frame, bars, i, 0)
    _emit(st, inputs, registers, when, 1)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def frame_commit(index, bars, state, base, rows, frame, st):
    """Take one bar of each lane into the state."""
    apart()
    for i in range(rows.size):
        at = float(index[i, 0])
        for j in range(FRAME_SLOTS):
            st[j] = state[base + j, rows[i]]
        _absorb(st, at, np.floor(at / frame), frame, bars, i, 0)
        for j in range(FRAME_SLOTS):
            state[base + j, rows[i]] = st[j]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def hold_series(x, out, places, held):
    """x: the values of the longer bars that close at `places`; out: one each own bar. Returns the last one."""
    apart()
    t = np.int64(0)
    for j in range(x.size):
        for i in range(np.uint64(t), np.uint64(places[j])):
            out[i] = held
        held, t = x[j], places[j]
    for i in range(np.uint64(t), np.uint64(out.size)):
        out[i] = held
    return held
