# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernels of rolling statistics that need each value of the window anew. Forms as in kernels.py."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.indicators.kernels import apart

#: bars that are worked on at once; small enough for their sums to stay in the first-level cache
PIECE = 256
FOUR = np.uint64(4)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _add_distances(wide, mean, out, first, last, n):
    """out[t] = sum over j of |wide[t + j] - mean[t]|, oldest first, for t from first to last."""
    for t in range(np.uint64(first), np.uint64(last)):
        out[t] = 0.0
    whole = np.uint64(n - n % 4)
    for j in range(np.uint64(0), whole, FOUR):
        w0, w1, w2, w3 = wide[j:], wide[j + np.uint64(1) :], wide[j + np.uint64(2) :], wide[j + np.uint64(3) :]
        for t in range(np.uint64(first), np.uint64(last)):
            m = mean[t]
            out[t] = (((out[t] + abs(w0[t] - m)) + abs(w1[t] - m)) + abs(w2[t] - m)) + abs(w3[t] - m)
    for j in range(whole, np.uint64(n)):
        w0 = wide[j:]
        for t in range(np.uint64(first), np.uint64(last)):
            out[t] += abs(w0[t] - mean[t])


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def deviation_series(x, mean, out, st, spare, n):
    """Mean distance of the last n values from `mean`, the one of this bar. st: the oldest slot, ring[n - 1]."""
    apart()
    stop, back = x.size, n - 1
    position = int(st[0])
    wide = spare[: back + stop]
    for j in range(back):
        at = position + j
        wide[j] = st[1 + (at if at < back else at - back)]
    for t in range(stop):
        wide[back + t] = x[t]
    for first in range(0, stop, PIECE):
        last = min(stop, first + PIECE)
        _add_distances(wide, mean, out, first, last, n)
        for t in range(np.uint64(first), np.uint64(last)):
            out[t] /= n
    st[0] = 0.0
    for j in range(back):
        st[1 + j] = wide[stop + j]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def deviation_lanes(x, mean, out, state, base, rows, commit, n):
    apart()
    back = n - 1
    for i in range(x.size):
        out[i] = 0.0
    for j in range(back):
        for i in range(x.size):
            at = int(state[base, rows[i]]) + j
            out[i] += abs(state[base + 1 + (at if at < back else at - back), rows[i]] - mean[i])
    for i in range(x.size):
        out[i] = (out[i] + abs(x[i] - mean[i])) / n
        if commit:
            row = rows[i]
            position = int(state[base, row])
            state[base + 1 + position, row] = x[i]
            state[base, row] = 0.0 if position + 1 == back else position + 1.0
