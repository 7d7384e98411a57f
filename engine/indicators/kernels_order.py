# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernels of the order of a window's values: age of an extreme, rank, quantile.

They keep the values themselves in a ring, so no start and no split can show. Series and lanes forms as in kernels.py.
A series lays the ring and its own values out side by side.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.indicators import opcodes as o
from engine.indicators.kernels import apart

AGE, RANK, AGE_HEAD = o.AGE, o.RANK, o.AGE_HEAD


@njit(inline="always", error_model="numpy")
def _lay_out(x, st, first, n, wide):
    """The ring's n values from its oldest on, then x, into wide; x's last n into the ring. st[0]: the oldest's slot."""
    position = int(st[0])
    for j in range(n):
        at = position + j
        wide[j] = st[first + (at if at < n else at - n)]
    for t in range(x.size):
        wide[n + t] = x[t]
    for j in range(n):
        st[first + j] = wide[x.size + j]
    st[0] = 0.0


@njit(inline="always", error_model="numpy")
def _push(state, base, first, row, n, x):
    position = int(state[base, row])
    state[first + position, row] = x
    state[base, row] = float(position + 1 if position + 1 < n else 0)


# ---------------------------------------------------------------- age of the greatest (sign 1) or least (-1)


@njit(inline="always", error_model="numpy")
def _age_series(x, out, st, spare, n, sign):
    """st: oldest slot, values without a nan (at most n), age and value of the best (times sign), ring[n - 1]."""
    back = n - 1
    wide = spare[: back + x.size]
    whole, age, best = st[1], st[2], st[3]
    _lay_out(x, st, AGE_HEAD, back, wide)
    for t in range(x.size):
        value = x[t] * sign
        whole = 0.0 if value != value else min(whole + 1.0, float(n))
        age += 1.0
        if value >= best:
            best, age = value, 0.0
        elif age >= n:
            best, age = -np.inf, 0.0
            for j in range(n):
                # the newest of equals
                if wide[back + t - j] * sign > best:
                    best, age = wide[back + t - j] * sign, float(j)
        out[t] = age if whole >= n else np.nan
    st[1], st[2], st[3] = whole, age, best


@njit(inline="always", error_model="numpy")
def _age_lanes(x, out, state, base, rows, commit, n, sign):
    first, back = base + AGE_HEAD, n - 1
    for i in range(x.size):
        row = rows[i]
        value = x[i] * sign
        whole = 0.0 if value != value else min(state[base + 1, row] + 1.0, float(n))
        age, best = state[base + 2, row] + 1.0, state[base + 3, row]
        if value >= best:
            best, age = value, 0.0
        elif age >= n:
            best, age = -np.inf, 0.0
            if value > best:
                best = value
            position = int(state[base, row])
            for j in range(1, n):
                at = position - j
                old = state[first + (at if at >= 0 else at + back), row] * sign
                if old > best:
                    best, age = old, float(j)
        out[i] = age if whole >= n else np.nan
        if commit:
            state[base + 1, row], state[base + 2, row], state[base + 3, row] = whole, age, best
            _push(state, base, first, row, back, x[i])


# ---------------------------------------------------------------- rank among the n before


@njit(inline="always", error_model="numpy")
def _rank_series(x, out, st, spare, n):
    """st: oldest slot, ring[n]."""
    wide = spare[: n + x.size]
    _lay_out(x, st, 1, n, wide)
    whole = 0
    for j in range(n):
        whole = 0 if wide[j] != wide[j] else whole + 1
    for t in range(x.size):
        value, count = x[t], 0
        whole = 0 if value != value else whole + 1
        for j in range(np.uint64(t), np.uint64(t + n)):
            count += 1 if wide[j] < value else 0
        out[t] = count / n if whole > n else np.nan


@njit(inline="always", error_model="numpy")
def _rank_lanes(x, out, state, base, rows, commit, n):
    for i in range(x.size):
        out[i] = 0.0
    for j in range(n):
        for i in range(x.size):
            old = state[base + 1 + j, rows[i]]
            out[i] += 1.0 if old < x[i] else (0.0 if old >= x[i] else np.nan)
    for i in range(x.size):
        out[i] /= n
        if commit:
            _push(state, base, base + 1, rows[i], n, x[i])


# ---------------------------------------------------------------- quantile


@njit(inline="always", error_model="numpy")
def _between(low, high, share):
    return low if share == 0.0 else low + (high - low) * share


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _place(ordered, count, value):
    """Where value stands among the first count, or would."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(inline="always", error_model="numpy")
def _places(ordered, count, first, second):
    """_place of two values: they are counted, which has no branch that cannot be foreseen."""
    below_first, below_second = 0, 0
    for j in range(np.uint64(count)):
        below_first += ordered[j] < first
        below_second += ordered[j] < second
    return below_first, below_second


@intrinsic
def _copy(typing_context, to, source, size):
    """memmove: addresses and bytes."""

    def generate(context, builder, signature, arguments):
        to, source, size = arguments
        cgutils.raw_memmove(
            builder, builder.inttoptr(to, cgutils.voidptr_t), builder.inttoptr(source, cgutils.voidptr_t), size, 1
        )
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@njit(inline="always", error_model="numpy")
def _move(ordered, to, source, count):
    """`count` values from one place to another, which may overlap."""
    if count > 0:
        begin = ordered.ctypes.data
        _copy(begin + 8 * to, begin + 8 * source, 8 * count)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _quantile_series(x, out, st, spare, n, q):
    """st: oldest slot, ring[n - 1]."""
    back = n - 1
    wide, ordered = spare[: back + x.size], spare[back + x.size : back + x.size + n]
    _lay_out(x, st, 1, back, wide)
    count = 0
    for j in range(back):
        if wide[j] == wide[j]:
            into = _place(ordered, count, wide[j])
            for i in range(count, into, -1):
                ordered[i] = ordered[i - 1]
            ordered[into] = wide[j] + 0.0
            count += 1
    place = q * back
    k = min(int(place), n - 2)
    for t in range(x.size):
        # -0 as 0: which of the two stands first must not show
        value = x[t] + 0.0
        gone = wide[t - 1] + 0.0 if t > 0 else np.nan
        hole, into = _places(ordered, count, gone, value)
        if gone != gone:
            hole = count
        if value == value:
            if hole == count:
                count += 1
            if into > hole:
                into -= 1
                _move(ordered, hole, hole + 1, into - hole)
            else:
                _move(ordered, into + 1, into, hole - into)
            ordered[into] = value
        elif hole < count:
            count -= 1
            _move(ordered, hole, hole + 1, count - hole)
        out[t] = _between(ordered[k], ordered[k + 1], place - k) if count == n else np.nan


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _select(work, n, k):
    """Bring the k-th least of the first n to its place, none greater before it, none less after it."""
    low, high = 0, n - 1
    while low < high:
        pivot = work[(low + high) >> 1]
        i, j = low, high
        while i <= j:
            while work[i] < pivot:
                i += 1
            while pivot < work[j]:
                j -= 1
            if i <= j:
                work[i], work[j] = work[j], work[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            return


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _quantile_lanes(x, out, state, base, rows, commit, spare, n, q):
    back, work = n - 1, spare[:n]
    place = q * back
    k = min(int(place), n - 2)
    for i in range(x.size):
        row = rows[i]
        work[back] = x[i] + 0.0
        total = 0.0
        for j in range(back):
            work[j] = state[base + 1 + j, row] + 0.0
            total += 0.0 if work[j] == work[j] else np.nan
        if work[back] != work[back] or total != total:
            out[i] = np.nan
        else:
            _select(work, n, k)
            following = work[k + 1]
            for j in range(k + 2, n):
                following = min(following, work[j])
            out[i] = _between(work[k], following, place - k)
        if commit:
            _push(state, base, base + 1, row, back, x[i])


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def order_series(op, x, out, st, spare, p):
    apart()
    if op == AGE:
        _age_series(x, out, st, spare, int(p[0]), p[1])
    elif op == RANK:
        _rank_series(x, out, st, spare, int(p[0]))
    else:
        _quantile_series(x, out, st, spare, int(p[0]), p[1])


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def order_lanes(op, x, out, state, base, rows, commit, spare, p):
    apart()
    if op == AGE:
        _age_lanes(x, out, state, base, rows, commit, int(p[0]), p[1])
    elif op == RANK:
        _rank_lanes(x, out, state, base, rows, commit, int(p[0]))
    else:
        _quantile_lanes(x, out, state, base, rows, commit, spare, int(p[0]), p[1])


def initial(op: str, n: int) -> list[float]:
    """State slots before the first bar."""
    match op:
        case "age":
            return [0.0, 0.0, math.inf, -math.inf, *[math.nan] * (n - 1)]
        case "rank":
            return [0.0, *[math.nan] * n]
    return [0.0, *[math.nan] * (n - 1)]
