# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernels of the primitives that carry state from bar to bar.

Each has two forms with identical bits. `*_series`: one lane, many bars; `st` is the lane's state, contiguous, which
the caller keeps or drops (a preview is a call whose state is dropped). `*_lanes`: one bar of many lanes; `state` is
(slots, lanes), this primitive's slots begin at `base`, `rows` are the lanes, and nothing is written unless `commit`.

`x` in, `out` out, `at` the bar index (open time // length of the timeframe) as float64, strictly increasing per lane.
A chunk is the span of n slots with the same `at // n`; `boundary` is the first slot of the next one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from engine.indicators.opcodes import RECUR_SLOTS

#: hot loops count in unsigned numbers: a signed index is checked for being negative, which stops vectorisation
ONE = np.uint64(1)
#: chunks of a recursion that are run side by side
BESIDE = 8


@intrinsic
def fma(typing_context, a, b, c):
    """a * b + c, rounded once (the IEEE operation, the same bits on every machine)."""

    def generate(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def apart(typing_context):
    """Said in a kernel: it is called, never copied into its callers, which would take long to compile for nothing."""

    def generate(context, builder, signature, arguments):
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def next_boundary(at, n):
    return (math.floor(at / n) + 1.0) * n


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def segment_end(at, t, stop, boundary):
    """First index in t+1..stop whose bar is not before the boundary."""
    ahead = boundary - at[t]
    end = stop if ahead >= stop - t else t + int(ahead)
    if at[end - 1] < boundary:
        return end
    low, high = t + 1, end - 1
    while low < high:
        middle = (low + high) >> 1
        if at[middle] < boundary:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def greater_of(a, b):
    """The greater of two, nan where either is."""
    return a if (a >= b or a != a) else b


# ---------------------------------------------------------------- chunks of the windows (kernels_windows.py)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def whole_chunks(at, t, stop, n):
    """How many chunks in a row begin at t and have no hole (some of them, where there is one further on)."""
    if at[t] != math.floor(at[t] / n) * n:
        return 0
    count = (stop - t) // n
    while count > 0 and at[t + count * n - 1] - at[t] != count * n - 1:
        count >>= 1
    return count


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def lanes_due(at, state, base, rows, n, due):
    """Lanes (positions in rows, into `due`) that flip at this bar after a chunk without holes; how many.

    They flip together, slot by slot: a lane's slots lie far apart, the lanes of one slot side by side.
    """
    count = 0
    for i in range(at.size):
        if at[i] >= state[base, rows[i]] and state[base + 1, rows[i]] == n:
            due[count] = i
            count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def rotate(buffer, spare, k):
    """Move the k raw values of this chunk behind the older ones (only where a chunk had holes)."""
    n = buffer.size
    if k < n:
        for j in range(k):
            spare[j] = buffer[j]
        for j in range(n - k):
            buffer[j] = buffer[j + k]
        for j in range(k):
            buffer[n - k + j] = spare[j]


# ---------------------------------------------------------------- recursion (ema, wilder)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _holes(x, t, end):
    """How many nan there are from t to end."""
    count = 0
    for i in range(np.uint64(t), np.uint64(end)):
        count += x[i] != x[i]
    return count


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _recur_step(x, y, count, n, alpha):
    return fma(alpha if count >= n else 1.0 / (count + 1.0), x - y, y)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _undisturbed(x, at, t, end, chunk):
    """Whether a chunk begins at t and no bar is missing and no value nan up to end."""
    begins = at[t] == math.floor(at[t] / chunk) * chunk
    return begins and at[end - 1] - at[t] == end - 1 - t and _holes(x, t, end) == 0


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _recur_chunks(x, out, t, old, n, alpha, chunk):
    """Eight whole chunks from t on, without a nan: (old value, young value) at their end.

    What a generation is at the end of its first chunk does not depend on the chunk before, so eight are run side by
    side: a step waits for the one before it, eight chains wait at once. Same steps, same bits as one after the other.
    """
    length = np.uint64(chunk)
    a = np.uint64(t)
    b, c, d = a + length, a + length + length, a + length + length + length
    e = d + length
    f, g, h = e + length, e + length + length, e + length + length + length
    y0, y1, y2, y3, y4, y5, y6, y7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(np.uint64(n)):
        share = 1.0 / (i + 1.0)
        y0 = fma(share, x[a + i] - y0, y0)
        y1 = fma(share, x[b + i] - y1, y1)
        y2 = fma(share, x[c + i] - y2, y2)
        y3 = fma(share, x[d + i] - y3, y3)
        y4 = fma(share, x[e + i] - y4, y4)
        y5 = fma(share, x[f + i] - y5, y5)
        y6 = fma(share, x[g + i] - y6, y6)
        y7 = fma(share, x[h + i] - y7, y7)
    for i in range(np.uint64(n), length):
        y0 = fma(alpha, x[a + i] - y0, y0)
        y1 = fma(alpha, x[b + i] - y1, y1)
        y2 = fma(alpha, x[c + i] - y2, y2)
        y3 = fma(alpha, x[d + i] - y3, y3)
        y4 = fma(alpha, x[e + i] - y4, y4)
        y5 = fma(alpha, x[f + i] - y5, y5)
        y6 = fma(alpha, x[g + i] - y6, y6)
        y7 = fma(alpha, x[h + i] - y7, y7)
    for i in range(length):
        old = fma(alpha, x[a + i] - old, old)
        y0 = fma(alpha, x[b + i] - y0, y0)
        y1 = fma(alpha, x[c + i] - y1, y1)
        y2 = fma(alpha, x[d + i] - y2, y2)
        y3 = fma(alpha, x[e + i] - y3, y3)
        y4 = fma(alpha, x[f + i] - y4, y4)
        y5 = fma(alpha, x[g + i] - y5, y5)
        y6 = fma(alpha, x[h + i] - y6, y6)
        out[a + i], out[b + i], out[c + i], out[d + i] = old, y0, y1, y2
        out[e + i], out[f + i], out[g + i], out[h + i] = y3, y4, y5, y6
    return y6, y7


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def recur_series(x, out, at, st, n, alpha, chunk, need):
    """st: boundary, old value, old count, young value, young count."""
    apart()
    stop = x.size
    boundary, old, seen, young, fed = st[0], st[1], st[2], st[3], st[4]
    t = 0
    while t < stop:
        if at[t] >= boundary:
            if fed >= need:
                old, seen = young, fed
            young, fed = 0.0, 0.0
            boundary = next_boundary(at[t], chunk)
            ahead = t + BESIDE * int(chunk)
            if ahead <= stop and seen >= n and _undisturbed(x, at, t, ahead, int(chunk)):
                old, young = _recur_chunks(x, out, t, old, n, alpha, int(chunk))
                seen, fed = 2.0 * chunk, float(chunk)
                boundary += (BESIDE - 1.0) * chunk
                t = ahead
                continue
        end = segment_end(at, t, stop, boundary)
        holes = _holes(x, t, end)
        while t < end and (holes > 0 or seen < n):
            if x[t] == x[t]:
                old = _recur_step(x[t], old, seen, n, alpha)
                young = _recur_step(x[t], young, fed, n, alpha)
                seen += 1.0
                fed += 1.0
            else:
                holes -= 1
            out[t] = old if seen >= n else np.nan
            t += 1
        begun = fed
        seeded = min(end, t + max(0, int(n - fed)))
        for i in range(np.uint64(t), np.uint64(seeded)):
            fed += 1.0
            old = fma(alpha, x[i] - old, old)
            young = fma(1.0 / fed, x[i] - young, young)
            out[i] = old
        for i in range(np.uint64(seeded), np.uint64(end)):
            old = fma(alpha, x[i] - old, old)
            young = fma(alpha, x[i] - young, young)
            out[i] = old
        seen += end - t
        fed = begun + (end - t)
        t = end
    st[0], st[1], st[2], st[3], st[4] = boundary, old, seen, young, fed


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _steady_until(x, at, st, t, n):
    """End of the bars from t on in which a recursion neither begins nor meets a boundary or a nan; t if none."""
    if at[t] >= st[0] or st[2] < n or st[4] < n:
        return t
    end = segment_end(at, t, x.size, st[0])
    if _holes(x, t, end) > 0:
        for i in range(t, end):
            if x[i] != x[i]:
                return i
    return end


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def pair_series(xa, xb, out_a, out_b, at, st, na, alpha_a, chunk_a, need_a, nb, alpha_b, chunk_b, need_b):
    """Two recursions at once: each step waits for the one before, so two cost little more than one. Same bits."""
    apart()
    stop = xa.size
    sa, sb = st[:RECUR_SLOTS], st[RECUR_SLOTS:]
    if stop >= (BESIDE + 1) * min(chunk_a, chunk_b):
        recur_series(xa, out_a, at, sa, na, alpha_a, chunk_a, need_a)
        recur_series(xb, out_b, at, sb, nb, alpha_b, chunk_b, need_b)
        return
    t = np.int64(0)
    while t < stop:
        end = min(_steady_until(xa, at, sa, t, na), _steady_until(xb, at, sb, t, nb))
        if end <= t:
            end = min(stop, t + 32)
            recur_series(xa[t:end], out_a[t:end], at[t:end], sa, na, alpha_a, chunk_a, need_a)
            recur_series(xb[t:end], out_b[t:end], at[t:end], sb, nb, alpha_b, chunk_b, need_b)
        else:
            old_a, young_a, old_b, young_b = sa[1], sa[3], sb[1], sb[3]
            for i in range(np.uint64(t), np.uint64(end)):
                old_a = fma(alpha_a, xa[i] - old_a, old_a)
                young_a = fma(alpha_a, xa[i] - young_a, young_a)
                old_b = fma(alpha_b, xb[i] - old_b, old_b)
                young_b = fma(alpha_b, xb[i] - young_b, young_b)
                out_a[i], out_b[i] = old_a, old_b
            sa[1], sa[3], sb[1], sb[3] = old_a, young_a, old_b, young_b
            for s in (sa, sb):
                s[2] += end - t
                s[4] += end - t
        t = end


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def recur_lanes(x, out, at, state, base, rows, commit, n, alpha, chunk, need):
    apart()
    for i in range(x.size):
        row = rows[i]
        boundary, old, seen = state[base, row], state[base + 1, row], state[base + 2, row]
        young, fed = state[base + 3, row], state[base + 4, row]
        if at[i] >= boundary:
            if fed >= need:
                old, seen = young, fed
            young, fed = 0.0, 0.0
            boundary = next_boundary(at[i], chunk)
        if x[i] == x[i]:
            old = _recur_step(x[i], old, seen, n, alpha)
            young = _recur_step(x[i], young, fed, n, alpha)
            seen += 1.0
            fed += 1.0
        out[i] = old if seen >= n else np.nan
        if commit:
            state[base, row], state[base + 1, row], state[base + 2, row] = boundary, old, seen
            state[base + 3, row], state[base + 4, row] = young, fed


# ---------------------------------------------------------------- lag, runs, crosses, edges


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def lag_series(x, out, st, k):
    """st: next slot of the ring, ring[k]."""
    apart()
    stop = x.size
    position = int(st[0])
    ring = st[1 : 1 + k]
    head = min(k, stop)
    for t in range(head):
        at = position + t
        out[t] = ring[at - k if at >= k else at]
    behind = np.uint64(k)
    for t in range(np.uint64(head), np.uint64(stop)):
        out[t] = x[t - behind]
    position = (position + stop - head) % k
    for t in range(stop - head, stop):
        ring[position] = x[t]
        position = 0 if position == k - 1 else position + 1
    st[0] = float(position)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def lag_lanes(x, out, state, base, rows, commit, k):
    apart()
    for i in range(x.size):
        row = rows[i]
        position = int(state[base, row])
        out[i] = state[base + 1 + position, row]
        if commit:
            state[base + 1 + position, row] = x[i]
            position += 1
            state[base, row] = 0.0 if position == k else float(position)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def run_series(x, out, st, k, sign):
    """st: previous value, length of the run (at most k)."""
    apart()
    before, run = st[0], st[1]
    for t in range(x.size):
        run = min(run + 1.0, k) if x[t] * sign > before * sign else 0.0
        before = x[t]
        out[t] = 1.0 if run >= k else 0.0
    st[0], st[1] = before, run


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def run_lanes(x, out, state, base, rows, commit, k, sign):
    apart()
    for i in range(x.size):
        row = rows[i]
        run = min(state[base + 1, row] + 1.0, k) if x[i] * sign > state[base, row] * sign else 0.0
        out[i] = 1.0 if run >= k else 0.0
        if commit:
            state[base, row], state[base + 1, row] = x[i], run


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def cross_series(a, b, out, st):
    """st: previous a, previous b."""
    apart()
    stop = a.size
    out[0] = 1.0 if (a[0] > b[0] and st[0] <= st[1]) else 0.0
    for t in range(ONE, np.uint64(stop)):
        out[t] = 1.0 if (a[t] > b[t]) & (a[t - ONE] <= b[t - ONE]) else 0.0
    st[0], st[1] = a[stop - 1], b[stop - 1]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def cross_lanes(a, b, out, state, base, rows, commit):
    apart()
    for i in range(a.size):
        row = rows[i]
        out[i] = 1.0 if (a[i] > b[i] and state[base, row] <= state[base + 1, row]) else 0.0
        if commit:
            state[base, row], state[base + 1, row] = a[i], b[i]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def edge_series(a, out, st):
    """st: previous truth, nan before the first bar (which is no edge)."""
    apart()
    stop = a.size
    out[0] = 1.0 if (a[0] != 0.0 and st[0] == 0.0) else 0.0
    for t in range(ONE, np.uint64(stop)):
        out[t] = 1.0 if (a[t] != 0.0) & (a[t - ONE] == 0.0) else 0.0
    st[0] = a[stop - 1]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def edge_lanes(a, out, state, base, rows, commit):
    apart()
    for i in range(a.size):
        row = rows[i]
        out[i] = 1.0 if (a[i] != 0.0 and state[base, row] == 0.0) else 0.0
        if commit:
            state[base, row] = a[i]
