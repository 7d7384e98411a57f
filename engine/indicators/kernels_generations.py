# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernels of recursions that never end by themselves, in two generations (see happenings.py).

State: boundary (first slot of the next chunk), values that the young generation has had, what both share, then the old
and the young one. A generation that has not begun has nan or side 0. Turning ones (stop and reverse, SuperTrend,
reversal) forget all of their past at some turn, so that the young one soon is the old one: then only one is run.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.indicators import opcodes as o
from engine.indicators.kernels import apart, fma, next_boundary, segment_end

ADAPTIVE, FILTER2, RATCHET, RATCHET_SIDE = o.ADAPTIVE, o.FILTER2, o.RATCHET, o.RATCHET_SIDE
SAR, SAR_SIDE, REVERSAL = o.SAR, o.SAR_SIDE, o.REVERSAL
#: slots of each: two, those that both generations share, twice its own
SLOTS = {"adaptive": 4, "filter2": 6, "ratchet": 9, "ratchet_side": 9, "sar": 12, "sar_side": 12}
SLOTS |= {"reversal": 6, "reversal_extreme": 6}


# ---------------------------------------------------------------- steps of one generation


@njit(inline="always", error_model="numpy")
def _filter_step(u, a1, a2, y1, y2):
    return fma(a1, 0.0 if y1 != y1 else y1, fma(a2, 0.0 if y2 != y2 else y2, u))


@njit(inline="always", error_model="numpy")
def _ratchet_step(close, before, upper, lower, above, below, side):
    """-> upper band, lower band, side."""
    if side == 0.0:
        return upper, lower, 1.0
    above = upper if (upper < above or before > above) else above
    below = lower if (lower > below or before < below) else below
    if side > 0.0:
        return above, below, (-1.0 if close < below else 1.0)
    return above, below, (1.0 if close > above else -1.0)


@njit(inline="always", error_model="numpy")
def _sar_step(high, low, high1, low1, side, level, extreme, speed, step, most):
    """level: of this bar as it was foreseen. -> what is said, side, level of the next bar, extreme, acceleration."""
    if side == 0.0:
        return low, 1.0, low, high, step
    # a short one is a long one upside down
    near, far, near1 = (low, high, low1) if side > 0.0 else (-high, -low, -high1)
    far1 = high1 if side > 0.0 else -low1
    level, extreme = level * side, extreme * side
    if near <= level:
        said = max(extreme, max(far1, far))
        following = max(said + step * (near - said), max(far1, far))
        return said * side, -side, following * side, near * side, step
    said = level
    if far > extreme:
        extreme = far
        speed = min(speed + step, most)
    following = min(said + speed * (extreme - said), min(near1, near))
    return said * side, side, following * side, extreme * side, speed


@njit(inline="always", error_model="numpy")
def _reversal_step(x, up, down, side, extreme):
    """-> side, extreme."""
    if side == 0.0:
        return 1.0, x
    if side > 0.0:
        if x < extreme - down:
            return -1.0, x
        return 1.0, max(x, extreme)
    if x > extreme + up:
        return 1.0, x
    return -1.0, min(x, extreme)


# ---------------------------------------------------------------- one bar, both generations


@njit(inline="always", error_model="numpy")
def _turn(st, at, chunk, need, first, own):
    """At the first bar of a chunk the young generation, if it had values enough, takes over, and begins anew. first: of
    the old one's `own` slots."""
    if st[1] >= need:
        for j in range(own):
            st[first + j] = st[first + own + j]
    for j in range(own):
        st[first + own + j] = np.nan
    st[1] = 0.0
    st[0] = next_boundary(at, chunk)


@njit(inline="always", error_model="numpy")
def _adaptive_bar(x, alpha, at, st, chunk, need):
    if at >= st[0]:
        _turn(st, at, chunk, need, 2, 1)
    if x == x and alpha == alpha:
        st[2] = x if st[2] != st[2] else fma(alpha, x - st[2], st[2])
        st[3] = x if st[3] != st[3] else fma(alpha, x - st[3], st[3])
        st[1] += 1.0
    return st[2]


@njit(inline="always", error_model="numpy")
def _filter_bar(u, at, st, chunk, need, a1, a2):
    if at >= st[0]:
        _turn(st, at, chunk, need, 2, 2)
    if u == u:
        old, young = _filter_step(u, a1, a2, st[2], st[3]), _filter_step(u, a1, a2, st[4], st[5])
        st[2], st[3], st[4], st[5] = old, st[2], young, st[4]
        st[1] += 1.0
    return st[2]


@njit(inline="always", error_model="numpy")
def _known(side):
    return 0.0 if side != side else side


@njit(inline="always", error_model="numpy")
def _ratchet_bar(close, upper, lower, at, st, chunk, need, say_side):
    if at >= st[0]:
        _turn(st, at, chunk, need, 3, 3)
    if close == close and upper == upper and lower == lower:
        same = st[3] == st[6] and st[4] == st[7] and st[5] == st[8]
        st[3], st[4], st[5] = _ratchet_step(close, st[2], upper, lower, st[3], st[4], _known(st[5]))
        if same:
            st[6], st[7], st[8] = st[3], st[4], st[5]
        else:
            st[6], st[7], st[8] = _ratchet_step(close, st[2], upper, lower, st[6], st[7], _known(st[8]))
        st[2] = close
        st[1] += 1.0
    if say_side:
        return st[5]
    return st[4] if st[5] > 0.0 else st[3]


@njit(inline="always", error_model="numpy")
def _sar_bar(high, low, at, st, chunk, need, step, most, say_side):
    said = st[5]
    if at >= st[0]:
        _turn(st, at, chunk, need, 4, 4)
    if high == high and low == low:
        same = st[4] == st[8] and st[5] == st[9] and st[6] == st[10] and st[7] == st[11]
        said, st[4], st[5], st[6], st[7] = _sar_step(
            high, low, st[2], st[3], _known(st[4]), st[5], st[6], st[7], step, most
        )
        if same:
            st[8], st[9], st[10], st[11] = st[4], st[5], st[6], st[7]
        else:
            _, st[8], st[9], st[10], st[11] = _sar_step(
                high, low, st[2], st[3], _known(st[8]), st[9], st[10], st[11], step, most
            )
        st[2], st[3] = high, low
        st[1] += 1.0
    return st[4] if say_side else said


@njit(inline="always", error_model="numpy")
def _reversal_bar(x, up, down, at, st, chunk, need, say_side):
    if at >= st[0]:
        _turn(st, at, chunk, need, 2, 2)
    if x == x:
        same = st[2] == st[4] and st[3] == st[5]
        st[2], st[3] = _reversal_step(x, up, down, _known(st[2]), st[3])
        if same:
            st[4], st[5] = st[2], st[3]
        else:
            st[4], st[5] = _reversal_step(x, up, down, _known(st[4]), st[5])
        st[1] += 1.0
    return st[2] if say_side else st[3]


# ---------------------------------------------------------------- series and lanes


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _sar_alone(high, low, out, at, st, t, step, most, say_side):
    """The bars from t on to the next chunk or hole while both generations are one. Returns where it stopped."""
    same = st[4] == st[8] and st[5] == st[9] and st[6] == st[10] and st[7] == st[11]
    if t >= out.size or not same or at[t] >= st[0]:
        return t
    end = segment_end(at, t, out.size, st[0])
    high1, low1, side, level, extreme, speed = st[2], st[3], st[4], st[5], st[6], st[7]
    begin = t
    for i in range(begin, end):
        if high[i] != high[i] or low[i] != low[i]:
            break
        said, side, level, extreme, speed = _sar_step(
            high[i], low[i], high1, low1, side, level, extreme, speed, step, most
        )
        high1, low1 = high[i], low[i]
        out[i] = side if say_side else said
        t = i + 1
    st[2], st[3], st[4], st[5], st[6], st[7] = high1, low1, side, level, extreme, speed
    st[8], st[9], st[10], st[11] = side, level, extreme, speed
    st[1] += t - begin
    return t


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _ratchet_alone(close, upper, lower, out, at, st, t, say_side):
    """As _sar_alone."""
    same = st[3] == st[6] and st[4] == st[7] and st[5] == st[8]
    if t >= out.size or not same or at[t] >= st[0]:
        return t
    end = segment_end(at, t, out.size, st[0])
    before, above, below, side = st[2], st[3], st[4], st[5]
    begin = t
    for i in range(begin, end):
        if close[i] != close[i] or upper[i] != upper[i] or lower[i] != lower[i]:
            break
        above, below, side = _ratchet_step(close[i], before, upper[i], lower[i], above, below, side)
        before = close[i]
        out[i] = side if say_side else (below if side > 0.0 else above)
        t = i + 1
    st[2], st[3], st[4], st[5] = before, above, below, side
    st[6], st[7], st[8] = above, below, side
    st[1] += t - begin
    return t


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _reversal_alone(x, up, down, out, at, st, t, say_side):
    """As _sar_alone."""
    same = st[2] == st[4] and st[3] == st[5]
    if t >= out.size or not same or at[t] >= st[0]:
        return t
    end = segment_end(at, t, out.size, st[0])
    side, extreme = st[2], st[3]
    begin = t
    for i in range(begin, end):
        if x[i] != x[i]:
            break
        side, extreme = _reversal_step(x[i], up[i], down[i], side, extreme)
        out[i] = side if say_side else extreme
        t = i + 1
    st[2], st[3], st[4], st[5] = side, extreme, side, extreme
    st[1] += t - begin
    return t


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def generations_series(op, a, b, c, out, at, st, p):
    apart()
    chunk, need = p[0], p[1]
    if op == ADAPTIVE:
        for t in range(out.size):
            out[t] = _adaptive_bar(a[t], b[t], at[t], st, chunk, need)
    elif op == FILTER2:
        for t in range(out.size):
            out[t] = _filter_bar(a[t], at[t], st, chunk, need, p[2], p[3])
    elif op in (RATCHET, RATCHET_SIDE):
        t = 0
        while t < out.size:
            out[t] = _ratchet_bar(a[t], b[t], c[t], at[t], st, chunk, need, op == RATCHET_SIDE)
            t = _ratchet_alone(a, b, c, out, at, st, t + 1, op == RATCHET_SIDE)
    elif op in (SAR, SAR_SIDE):
        t = 0
        while t < out.size:
            out[t] = _sar_bar(a[t], b[t], at[t], st, chunk, need, p[2], p[3], op == SAR_SIDE)
            t = _sar_alone(a, b, out, at, st, t + 1, p[2], p[3], op == SAR_SIDE)
    else:
        t = 0
        while t < out.size:
            out[t] = _reversal_bar(a[t], b[t], c[t], at[t], st, chunk, need, op == REVERSAL)
            t = _reversal_alone(a, b, c, out, at, st, t + 1, op == REVERSAL)


@njit(inline="always", error_model="numpy")
def _take(state, base, row, slots, st):
    for j in range(slots):
        st[j] = state[base + j, row]


@njit(inline="always", error_model="numpy")
def _give(state, base, row, slots, st, commit):
    if commit:
        for j in range(slots):
            state[base + j, row] = st[j]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def generations_lanes(op, a, b, c, out, at, state, base, rows, commit, st, p):
    """st: room for the slots of one lane."""
    apart()
    chunk, need = p[0], p[1]
    if op == ADAPTIVE:
        for i in range(out.size):
            _take(state, base, rows[i], 4, st)
            out[i] = _adaptive_bar(a[i], b[i], at[i], st, chunk, need)
            _give(state, base, rows[i], 4, st, commit)
    elif op == FILTER2:
        for i in range(out.size):
            _take(state, base, rows[i], 6, st)
            out[i] = _filter_bar(a[i], at[i], st, chunk, need, p[2], p[3])
            _give(state, base, rows[i], 6, st, commit)
    elif op in (RATCHET, RATCHET_SIDE):
        for i in range(out.size):
            _take(state, base, rows[i], 9, st)
            out[i] = _ratchet_bar(a[i], b[i], c[i], at[i], st, chunk, need, op == RATCHET_SIDE)
            _give(state, base, rows[i], 9, st, commit)
    elif op in (SAR, SAR_SIDE):
        for i in range(out.size):
            _take(state, base, rows[i], 12, st)
            out[i] = _sar_bar(a[i], b[i], at[i], st, chunk, need, p[2], p[3], op == SAR_SIDE)
            _give(state, base, rows[i], 12, st, commit)
    else:
        for i in range(out.size):
            _take(state, base, rows[i], 6, st)
            out[i] = _reversal_bar(a[i], b[i], c[i], at[i], st, chunk, need, op == REVERSAL)
            _give(state, base, rows[i], 6, st, commit)


def initial(op: str) -> list[float]:
    """State slots before the first bar."""
    return [-math.inf, 0.0, *[math.nan] * (SLOTS[op] - 2)]
