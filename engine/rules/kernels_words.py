# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, call-arg, call-overload, misc, var-annotated"
"""Conditions as words: bit i of word w is bar 64 w + i of a tile. What lies beyond its last bar is not defined.

`bars`: of the tile, > 0. `st`: the state of the operation, changed. `d`, `out`: what is said of each bar.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from engine.rules.kernels_wide import fill8, since8

BITS = 64
ONE, NONE, ALL = np.uint64(1), np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)
TOP = np.uint64(63)
BYTE = np.uint64(255)


@intrinsic
def trailing(typing_context, word):
    """Index of the lowest bit that is set; 64 where none is."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


@intrinsic
def leading(typing_context, word):
    """Number of bits above the highest that is set; 64 where none is."""

    def generate(context, builder, signature, arguments):
        return builder.ctlz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


@njit(inline="always", error_model="numpy")
def below(count):
    """A word whose lowest bits, as many as given (any number), are set."""
    if count <= 0:
        return NONE
    return ALL if count >= BITS else (ONE << np.uint64(count)) - ONE


@njit(inline="always", error_model="numpy")
def bit_at(a, bar):
    return (a[bar >> 6] >> np.uint64(bar & 63)) & ONE


@njit(inline="always", error_model="numpy")
def silence(d, bars):
    """Clear the bits of the first bars."""
    for word in range((bars + BITS - 1) >> 6):
        d[word] &= ~below(bars - BITS * word)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def edges(a, d, st, bars):
    """True now and false on the bar before. st: the last truth, 1 before the first bar (which is no edge)."""
    before = np.uint64(st[0])
    for word in range((bars + BITS - 1) >> 6):
        now = a[word]
        d[word] = now & ~(now << ONE | before)
        before = now >> TOP
    st[0] = float(bit_at(a, bars - 1))


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def crossed(above, not_above, d, st, bars):
    """`above` now and `not_above` on the bar before. st: the latter of the last bar, 0 before the first."""
    before = np.uint64(st[0])
    for word in range((bars + BITS - 1) >> 6):
        now = not_above[word]
        d[word] = above[word] & (now << ONE | before)
        before = now >> TOP
    st[0] = float(bit_at(not_above, bars - 1))


@njit(inline="always", error_model="numpy")
def _spread(word, n):
    """Each bit that is set, and the n - 1 after it."""
    if n >= BITS:
        return ALL << trailing(word) if word else NONE
    reach = np.uint64(1)
    whole = np.uint64(n)
    while reach + reach <= whole:
        word |= word << reach
        reach += reach
    return word | word << (whole - reach) if whole > reach else word


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def recent(a, d, st, bars, n, flip):
    """Held on one of the last n bars; with flip (all bits) the same of a's opposite, turned round: a held on all of
    them. st: bars from the last time to this tile's first bar."""
    age = st[0]
    for word in range((bars + BITS - 1) >> 6):
        left = bars - BITS * word
        now = a[word] ^ flip
        if left < BITS:
            now &= below(left)
        reach = n - age
        d[word] = (_spread(now, n) | below(np.int64(reach) if reach > 0.0 else 0)) ^ flip
        age = float(leading(now)) + 1.0 if now else age + 64.0
    st[0] = age - float(-bars & 63)


# ---------------------------------------------------------------- numbers from conditions


@njit(inline="always", error_model="numpy")
def _hold(out, begin, end, value, until):
    """value up to the bar `until`, nan from there on."""
    last = min(end, max(until, begin))
    for t in range(np.uint64(begin), np.uint64(last)):
        out[t] = value
    for t in range(np.uint64(last), np.uint64(end)):
        out[t] = np.nan


@njit(inline="always", error_model="numpy")
def _until(bar, most, count, size):
    """First bar of a tile that is `most` bars after the bar of this number; size where it is further off. count: bars
    before the tile."""
    away = bar + most - count - 1.0
    return size if away >= size else np.int64(max(away, 0.0))


@njit(inline="always", error_model="numpy")
def _last_of(byte):
    return np.int64(TOP - leading(byte))


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _latest(a, x, out, st, bars, most):
    """value_at of the latest bar."""
    age, held = st[0] + 1.0 - st[1], st[2]
    for word in range((bars + BITS - 1) >> 6):
        left, first = bars - BITS * word, BITS * word
        now = a[word] if left >= BITS else a[word] & below(left)
        reach = most - age
        near = below(np.int64(reach) if reach > 0.0 else 0)
        if now:
            near |= _spread(now, np.int64(min(most, 64.0)))
        for group in range((min(left, BITS) + 7) >> 3):
            at = first + 8 * group
            byte = now >> np.uint64(8 * group) & BYTE
            fill8(out.ctypes.data + 8 * at, byte, near >> np.uint64(8 * group), x.ctypes.data + 8 * at, held)
            # read in any case: where events lie cannot be foreseen, and a choice is no branch
            latest = x[at + _last_of(byte | ONE)]
            held = latest if byte != NONE else held
        age = float(leading(now)) + 1.0 if now else age + 64.0
    st[0] += bars
    st[1], st[2] = st[0] + 1.0 - (age - float(-bars & 63)), held


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def value_at(a, x, out, st, bars, most, nth):
    """x at the nth latest bar, among the last `most`, on which a held. st as in kernels_events. out has room for whole
    groups of eight."""
    if nth == 1:
        _latest(a, x, out, st, bars, most)
        return
    count, oldest, begin = st[0], 2 * nth, 0
    until = _until(st[oldest - 1], most, count, bars) if st[oldest - 1] > 0.0 else 0
    for word in range((bars + BITS - 1) >> 6):
        left, first = bars - BITS * word, BITS * word
        now = a[word] if left >= BITS else a[word] & below(left)
        while now:
            bar = first + np.int64(trailing(now))
            now &= now - ONE
            _hold(out, begin, bar, st[oldest], until)
            for j in range(oldest, 2, -1):
                st[j] = st[j - 2]
            st[1], st[2] = count + bar + 1.0, x[bar]
            begin = bar
            until = _until(st[oldest - 1], most, count, bars) if st[oldest - 1] > 0.0 else 0
    _hold(out, begin, bars, st[oldest], until)
    st[0] = count + bars


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def bars_since(a, out, st, bars, most):
    """st: bars since a last held, inf before it did. out has room for whole groups of eight."""
    held = -1.0 - st[0]
    for group in range((bars + 7) >> 3):
        first = 8 * group
        byte = a[first >> 6] >> np.uint64(first & 63) & BYTE
        since8(out.ctypes.data + 8 * first, a.ctypes.data + group, held, float(first), most)
        if bars - first < 8:
            byte &= below(bars - first)
        latest = float(first + _last_of(byte | ONE))
        held = latest if byte != NONE else held
    st[0] = bars - 1.0 - held


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def run_length(a, out, st, bars, most):
    """st: length of the run, at most `most`."""
    run = st[0]
    for word in range((bars + BITS - 1) >> 6):
        first = BITS * word
        end = min(bars, first + BITS)
        now = a[word]
        if now == NONE:
            for t in range(np.uint64(first), np.uint64(end)):
                out[t] = 0.0
            run = 0.0
            continue
        for t in range(first, end):
            run = min(run + 1.0, most) if now >> np.uint64(t - first) & ONE else 0.0
            out[t] = run
    st[0] = run


# ---------------------------------------------------------------- conditions of longer bars


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def hold_words(a, d, places, count, bars, held):
    """a: of `count` longer bars, that close at `places`; d: one each own bar. Returns the last one."""
    for word in range((bars + BITS - 1) >> 6):
        d[word] = NONE
    for j in range(count):
        if held != 0.0:
            _fill(d, 0 if j == 0 else places[j - 1], places[j])
        held = float(bit_at(a, j))
    if held != 0.0:
        _fill(d, 0 if count == 0 else places[count - 1], bars)
    return held


@njit(inline="always", error_model="numpy")
def _fill(d, begin, end):
    for word in range(begin >> 6, (end + BITS - 1) >> 6):
        d[word] |= below(end - BITS * word) & ~below(begin - BITS * word)
