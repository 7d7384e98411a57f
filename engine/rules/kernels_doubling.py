# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, call-arg, call-overload, misc, var-annotated"
"""Greatest, least and their age over windows, eight bars at once, by windows of 2, 4, 8 ... bars.

They equal the two-stack queues and the rescan of engine.indicators bit for bit: the greatest of a window does not
depend on the order in which it is looked for, but for which of 0 and -0 is the greater. Where a tile has both, the
other kernels are run. State: bars before that are known (at most n - 1), their values, their bar indices, oldest first,
at the end of n - 1 slots each.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.indicators.kernels_order import order_series
from engine.indicators.kernels_windows import extreme_series
from engine.indicators.opcodes import AGE, AGE_HEAD, WINDOW_HEAD
from engine.rules.kernels_wide import aged8, lower8, max8, min8, numbers, upper8

#: bars of a piece: it stays in the first-level cache while it is gone over again and again
PIECE = 1024
#: bytes of eight numbers; numbers of scratch that a call needs: see room()
GROUP = 64


def room(n: int, tile: int) -> int:
    """float64 of scratch for a window of n bars and tiles of `tile`."""
    size = n + tile + 16
    return 2 * size + max(2 * size + 4 * n + WINDOW_HEAD + AGE_HEAD, 2 * (PIECE + n + 16)) + GROUP


@njit(inline="always", error_model="numpy")
def _lay_out(x, at, st, n, bars, wide, wide_at):
    """The n - 1 values before, then x; the state moves on. Returns (how many of the values before are known, how many
    zeros there are, how many of them are -0, how many nan)."""
    back, known = n - 1, np.int64(st[0])
    values, places = st[1 : 1 + back], st[1 + back : 1 + 2 * back]
    for j in range(np.uint64(back)):
        wide[j], wide_at[j] = values[j], places[j]
    if bars >= back:
        for j in range(np.uint64(back)):
            values[j], places[j] = x[np.uint64(bars - back) + j], at[np.uint64(bars - back) + j]
    else:
        for j in range(back - bars):
            values[j], places[j] = values[j + bars], places[j + bars]
        for j in range(bars):
            values[back - bars + j], places[back - bars + j] = x[j], at[j]
    st[0] = float(min(back, known + bars))
    zeros, holes, minus = 0, 0, 0
    for j in range(np.uint64(back)):
        zeros += wide[j] == 0.0
        holes += wide[j] != wide[j]
    for j in range(np.uint64(bars)):
        wide[np.uint64(back) + j] = x[j]
        zeros += x[j] == 0.0
        holes += x[j] != x[j]
    if zeros > 0:
        for j in range(back + bars):
            minus += wide[j] == 0.0 and math.copysign(1.0, wide[j]) < 0.0
    return known, zeros, minus, holes


@njit(inline="always", error_model="numpy")
def _joined(out, a, b, groups, sign, whole):
    """The greater (sign 1) or less (-1) of two rows; whole: there is no nan."""
    if whole and sign > 0.0:
        for i in range(groups):
            upper8(out + GROUP * i, a + GROUP * i, b + GROUP * i)
    elif whole:
        for i in range(groups):
            lower8(out + GROUP * i, a + GROUP * i, b + GROUP * i)
    elif sign > 0.0:
        for i in range(groups):
            max8(out + GROUP * i, a + GROUP * i, b + GROUP * i)
    else:
        for i in range(groups):
            min8(out + GROUP * i, a + GROUP * i, b + GROUP * i)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _double(piece, first, bars, longest, p, places, whole):
    """piece: address of longest - 1 + bars numbers, changed. Windows begin at their oldest bar, so that a row is
    written in front of where it is read."""
    sign, windows = p[0], int(p[1])
    reach = 1
    while True:
        more = False
        for j in range(windows):
            n = int(p[2 + 2 * j])
            if reach < n <= 2 * reach:
                out = places[int(p[3 + 2 * j])] + 8 * first
                a, b = piece + 8 * (longest - reach), piece + 8 * (longest - n)
                _joined(out, a, b, (bars + 7) >> 3, sign, whole)
            more |= n > 2 * reach
        if not more:
            return
        _joined(piece, piece + 8 * reach, piece, (bars + longest + 6) >> 3, sign, whole)
        reach *= 2


@njit(cache=True, nogil=True, error_model="numpy")
def doubled_extremes(x, at, st, spare, longest, p, places):
    """Greatest (sign 1) or least (-1) of the last n, 2 <= n <= longest, for some n. p: sign, how many, then of each n
    and which of `places`, addresses with room for whole groups of eight, its results go to."""
    bars, back = x.size, longest - 1
    size = bars + back
    wide, wide_at = spare[:size], spare[size : 2 * size]
    known, zeros, minus, holes = _lay_out(x, at, st, longest, bars, wide, wide_at)
    if 0 < minus < zeros:
        begin = back - known
        for j in range(bars):
            wide_at[back + j] = at[j]
        fresh = spare[2 * size : 2 * size + WINDOW_HEAD + longest]
        other = spare[2 * size + WINDOW_HEAD + longest : 3 * size + WINDOW_HEAD + longest]
        extra = spare[3 * size + WINDOW_HEAD + longest :]
        for j in range(int(p[1])):
            n = int(p[2 + 2 * j])
            fresh[:] = np.nan
            fresh[0], fresh[1], fresh[2] = -np.inf, 0.0, -np.inf
            extreme_series(wide[begin:], other[begin:], wide_at[begin:], fresh[: WINDOW_HEAD + n], extra, n, p[0])
            out = numbers(places[int(p[3 + 2 * j])], bars)
            for i in range(bars):
                out[i] = other[back + i]
        return
    piece = spare[(2 * size + 7) & ~7 :]
    for first in range(0, bars, PIECE):
        some = min(PIECE, bars - first)
        for j in range(np.uint64(some + back)):
            piece[j] = wide[np.uint64(first) + j]
        _double(piece.ctypes.data, first, some, longest, p, places, holes == 0)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def doubled_age(x, out, at, st, spare, n, sign):
    """Bars since the greatest (sign 1) or least (-1) of the last n, the newest of equals; nan while one of them is."""
    bars, back = x.size, n - 1
    size = bars + back
    wide, wide_at = spare[:size], spare[size : 2 * size]
    known, _, _, holes = _lay_out(x, at, st, n, bars, wide, wide_at)
    if holes > 0:
        begin = back - known
        fresh = spare[2 * size : 2 * size + AGE_HEAD + back]
        other = spare[2 * size + AGE_HEAD + back : 3 * size + AGE_HEAD + back]
        extra = spare[3 * size + AGE_HEAD + back :]
        fresh[:] = np.nan
        fresh[0], fresh[1], fresh[2], fresh[3] = 0.0, 0.0, np.inf, -np.inf
        params = extra[:2]
        params[0], params[1] = n, sign
        order_series(AGE, wide[begin:], other[begin:], fresh, extra[2:], params)
        for j in range(bars):
            out[j] = other[back + j]
        return
    wanted, begin = (PIECE + back + 23) & ~7, (2 * size + 7) & ~7
    piece, ages = spare[begin : begin + wanted], spare[begin + wanted : begin + 2 * wanted]
    for first in range(0, bars, PIECE):
        some = min(PIECE, bars - first)
        length = some + back
        for j in range(np.uint64(length)):
            piece[j] = wide[np.uint64(first) + j] * sign
            ages[j] = float(j)
        a, b, reach = piece.ctypes.data, ages.ctypes.data, 1
        while 2 * reach <= n:
            for i in range((length + 7) >> 3):
                here, there = GROUP * i, GROUP * i + 8 * reach
                aged8(a + here, b + here, a + here, b + here, a + there, b + there)
            reach *= 2
        rest = 8 * (n - reach)
        if rest > 0:
            for i in range((some + 7) >> 3):
                here, there = GROUP * i, GROUP * i + rest
                aged8(a + here, b + here, a + here, b + here, a + there, b + there)
        for j in range(np.uint64(some)):
            out[np.uint64(first) + j] = float(back + j) - ages[j]
