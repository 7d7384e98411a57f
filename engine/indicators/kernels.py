# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg"
"""Numba kernels of the primitives that carry state from bar to bar.

Each has two forms with identical bits. `*_series`: one lane, many bars; `st` is the lane's state, contiguous, which
the caller keeps or drops (a preview is a call whose state is dropped). `*_lanes`: one bar of many lanes; `state` is
(slots, lanes), this primitive's slots begin at `base`, `rows` are the lanes, and nothing is written unless `commit`.

`x` in, `out` out, `at` the bar index (open time // length of the timeframe) as float64, strictly increasing per lane.
A chunk is the span of `n` slots with the same `at // n`; `boundary` is the first slot of the next one. Windows are
two-stack queues: `suffix` aggregates of the bars before the flip and a running `prefix` since. A flip happens at the
first bar of each chunk, so the bits depend on the bars of the last two chunks only. Slot k of the buffer holds the
raw value of the k-th bar since the flip (its suffix is used up by then).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from engine.indicators.opcodes import SQUARES_HEAD, WINDOW_HEAD


@intrinsic
def fma(typing_context, a, b, c):
    """a * b + c, rounded once (the IEEE operation, the same bits on every machine)."""

    def generate(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@njit(cache=True, nogil=True, error_model="numpy")
def next_boundary(at, n):
    return (math.floor(at / n) + 1.0) * n


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def greater_of(a, b):
    """The greater of two, nan where either is."""
    return a if (a >= b or a != a) else b


# ---------------------------------------------------------------- recursion (ema, wilder)


@njit(cache=True, nogil=True, error_model="numpy")
def _recur_step(x, y, count, n, alpha):
    return fma(alpha if count >= n else 1.0 / (count + 1.0), x - y, y) if count > 0 else x


@njit(cache=True, nogil=True, error_model="numpy")
def recur_series(x, out, at, st, n, alpha, chunk, need):
    """st: boundary, old value, old count, young value, young count."""
    stop = x.size
    boundary, old, seen, young, fed = st[0], st[1], st[2], st[3], st[4]
    t = 0
    while t < stop:
        if at[t] >= boundary:
            if fed >= need:
                old, seen = young, fed
            young, fed = 0.0, 0.0
            boundary = next_boundary(at[t], chunk)
        end = segment_end(at, t, stop, boundary)
        holes = 0
        for i in range(t, end):
            holes += x[i] != x[i]
        while t < end and (holes > 0 or seen < n or fed < n):
            if x[t] == x[t]:
                old = _recur_step(x[t], old, seen, n, alpha)
                young = _recur_step(x[t], young, fed, n, alpha)
                seen += 1.0
                fed += 1.0
            else:
                holes -= 1
            out[t] = old if seen >= n else np.nan
            t += 1
        for i in range(t, end):
            old = fma(alpha, x[i] - old, old)
            young = fma(alpha, x[i] - young, young)
            out[i] = old
        seen += end - t
        fed += end - t
        t = end
    st[0], st[1], st[2], st[3], st[4] = boundary, old, seen, young, fed


@njit(cache=True, nogil=True, error_model="numpy")
def recur_lanes(x, out, at, state, base, rows, commit, n, alpha, chunk, need):
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


# ---------------------------------------------------------------- windows: sum


@njit(cache=True, nogil=True, error_model="numpy")
def _rotate(buffer, spare, k):
    """Move the k raw values of this chunk behind the older ones (only where a chunk had holes)."""
    n = buffer.size
    if k < n:
        spare[:k] = buffer[:k]
        for j in range(n - k):
            buffer[j] = buffer[j + k]
        buffer[n - k :] = spare[:k]


@njit(cache=True, nogil=True, error_model="numpy")
def _sum_flip(buffer, spare, k, prefix):
    n = buffer.size
    _rotate(buffer, spare, k)
    for j in range(n - k):
        buffer[j] += prefix
    total = buffer[n - 1]
    for j in range(n - 2, n - k - 1, -1):
        total = buffer[j] + total
        buffer[j] = total


@njit(cache=True, nogil=True, error_model="numpy")
def sum_series(x, out, at, st, spare, n):
    """st: boundary, bars since the flip, prefix, buffer[n]."""
    stop = x.size
    boundary, k, prefix = st[0], int(st[1]), st[2]
    buffer = st[WINDOW_HEAD : WINDOW_HEAD + n]
    t = 0
    while t < stop:
        if at[t] >= boundary or k >= n:
            if k > 0:
                _sum_flip(buffer, spare, k, prefix)
            boundary = next_boundary(at[t], n)
            k, prefix = 0, 0.0
        end = segment_end(at, t, min(stop, t + n - k), boundary)
        for i in range(t, end):
            prefix += x[i]
            out[i] = prefix
        length = end - t
        old = min(length, n - 1 - k)
        for i in range(old):
            out[t + i] += buffer[k + 1 + i]
        for i in range(length):
            buffer[k + i] = x[t + i]
        k += length
        t = end
    st[0], st[1], st[2] = boundary, float(k), prefix


@njit(cache=True, nogil=True, error_model="numpy")
def sum_lanes(x, out, at, state, base, rows, commit, spare, n):
    work, extra = spare[:n], spare[n:]
    for i in range(x.size):
        row = rows[i]
        k, prefix = int(state[base + 1, row]), state[base + 2, row]
        first = base + WINDOW_HEAD
        rest = 0.0
        if at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work[j] = state[first + j, row]
            if k > 0:
                _sum_flip(work, extra, k, prefix)
            k, prefix, rest = 0, 0.0, work[1]
            if commit:
                state[base, row] = next_boundary(at[i], n)
                for j in range(n):
                    state[first + j, row] = work[j]
        elif k < n - 1:
            rest = state[first + k + 1, row]
        prefix += x[i]
        out[i] = prefix + rest if k < n - 1 else prefix
        if commit:
            state[first + k, row] = x[i]
            state[base + 1, row], state[base + 2, row] = k + 1.0, prefix


# ---------------------------------------------------------------- windows: greatest or least


@njit(cache=True, nogil=True, error_model="numpy")
def _extreme_flip(buffer, spare, k, prefix):
    n = buffer.size
    _rotate(buffer, spare, k)
    for j in range(n - k):
        buffer[j] = greater_of(buffer[j], prefix)
    best = buffer[n - 1]
    for j in range(n - 2, n - k - 1, -1):
        best = greater_of(buffer[j], best)
        buffer[j] = best


@njit(cache=True, nogil=True, error_model="numpy")
def extreme_series(x, out, at, st, spare, n, sign):
    """Greatest (sign 1) or least (sign -1) of the last n; st as in sum_series, values multiplied by sign."""
    stop = x.size
    boundary, k, prefix = st[0], int(st[1]), st[2]
    buffer = st[WINDOW_HEAD : WINDOW_HEAD + n]
    t = 0
    while t < stop:
        if at[t] >= boundary or k >= n:
            if k > 0:
                _extreme_flip(buffer, spare, k, prefix)
            boundary = next_boundary(at[t], n)
            k, prefix = 0, -np.inf
        end = segment_end(at, t, min(stop, t + n - k), boundary)
        for i in range(t, end):
            prefix = greater_of(x[i] * sign, prefix)
            out[i] = prefix
        length = end - t
        old = min(length, n - 1 - k)
        for i in range(old):
            out[t + i] = greater_of(out[t + i], buffer[k + 1 + i])
        for i in range(length):
            buffer[k + i] = x[t + i] * sign
        for i in range(t, end):
            out[i] *= sign
        k += length
        t = end
    st[0], st[1], st[2] = boundary, float(k), prefix


@njit(cache=True, nogil=True, error_model="numpy")
def extreme_lanes(x, out, at, state, base, rows, commit, spare, n, sign):
    work, extra = spare[:n], spare[n:]
    for i in range(x.size):
        row = rows[i]
        k, prefix = int(state[base + 1, row]), state[base + 2, row]
        first = base + WINDOW_HEAD
        rest = -np.inf
        if at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work[j] = state[first + j, row]
            if k > 0:
                _extreme_flip(work, extra, k, prefix)
            k, prefix, rest = 0, -np.inf, work[1]
            if commit:
                state[base, row] = next_boundary(at[i], n)
                for j in range(n):
                    state[first + j, row] = work[j]
        elif k < n - 1:
            rest = state[first + k + 1, row]
        prefix = greater_of(x[i] * sign, prefix)
        out[i] = greater_of(prefix, rest) * sign
        if commit:
            state[first + k, row] = x[i] * sign
            state[base + 1, row], state[base + 2, row] = k + 1.0, prefix


# ---------------------------------------------------------------- windows: squared deviations


@njit(cache=True, nogil=True, error_model="numpy")
def _squares_flip(means, squares, spare, k, mean, square):
    n = means.size
    _rotate(means, spare, k)
    _rotate(squares, spare, k)
    for j in range(n - k):
        older = float(n - k - j)
        away = mean - means[j]
        squares[j] = (squares[j] + square) + away * away * (older * k / (older + k))
        means[j] += away * (k / (older + k))
    mean, square, count = means[n - 1], 0.0, 1.0
    squares[n - 1] = 0.0
    for j in range(n - 2, n - k - 1, -1):
        count += 1.0
        away = means[j] - mean
        mean = fma(away, 1.0 / count, mean)
        square = fma(away, means[j] - mean, square)
        means[j] = mean
        squares[j] = square


@njit(cache=True, nogil=True, error_model="numpy")
def squares_series(x, out, at, st, spare, n):
    """Sum of squared deviations from the window's mean (Chan, Golub & LeVeque's combination of Welford's sums).

    st: boundary, bars since the flip, prefix mean, prefix squares, means[n], squares[n].
    """
    stop = x.size
    boundary, k, mean, square = st[0], int(st[1]), st[2], st[3]
    means = st[SQUARES_HEAD : SQUARES_HEAD + n]
    squares = st[SQUARES_HEAD + n : SQUARES_HEAD + 2 * n]
    t = 0
    while t < stop:
        if at[t] >= boundary or k >= n:
            if k > 0:
                _squares_flip(means, squares, spare, k, mean, square)
            boundary = next_boundary(at[t], n)
            k, mean, square = 0, 0.0, 0.0
        end = segment_end(at, t, min(stop, t + n - k), boundary)
        length = end - t
        for i in range(length):
            away = x[t + i] - mean
            mean = fma(away, 1.0 / (k + i + 1.0), mean)
            square = fma(away, x[t + i] - mean, square)
            out[t + i] = square
            spare[i] = mean
        old = min(length, n - 1 - k)
        for i in range(old):
            young = k + i + 1.0
            away = spare[i] - means[k + 1 + i]
            out[t + i] = (squares[k + 1 + i] + out[t + i]) + away * away * ((n - young) * young / n)
        for i in range(length):
            means[k + i] = x[t + i]
        k += length
        t = end
    st[0], st[1], st[2], st[3] = boundary, float(k), mean, square


@njit(cache=True, nogil=True, error_model="numpy")
def squares_lanes(x, out, at, state, base, rows, commit, spare, n):
    work_means, work_squares, extra = spare[:n], spare[n : 2 * n], spare[2 * n :]
    first, second = base + SQUARES_HEAD, base + SQUARES_HEAD + n
    for i in range(x.size):
        row = rows[i]
        k, mean, square = int(state[base + 1, row]), state[base + 2, row], state[base + 3, row]
        old_mean, old_square = 0.0, 0.0
        if at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work_means[j] = state[first + j, row]
                work_squares[j] = state[second + j, row]
            if k > 0:
                _squares_flip(work_means, work_squares, extra, k, mean, square)
            k, mean, square = 0, 0.0, 0.0
            old_mean, old_square = work_means[1], work_squares[1]
            if commit:
                state[base, row] = next_boundary(at[i], n)
                for j in range(n):
                    state[first + j, row] = work_means[j]
                    state[second + j, row] = work_squares[j]
        elif k < n - 1:
            old_mean, old_square = state[first + k + 1, row], state[second + k + 1, row]
        young = k + 1.0
        away = x[i] - mean
        mean = fma(away, 1.0 / young, mean)
        square = fma(away, x[i] - mean, square)
        if k < n - 1:
            away = mean - old_mean
            out[i] = (old_square + square) + away * away * ((n - young) * young / n)
        else:
            out[i] = square
        if commit:
            state[first + k, row] = x[i]
            state[base + 1, row], state[base + 2, row], state[base + 3, row] = young, mean, square


# ---------------------------------------------------------------- lag, runs, crosses, edges


@njit(cache=True, nogil=True, error_model="numpy")
def lag_series(x, out, st, k):
    """st: next slot of the ring, ring[k]."""
    stop = x.size
    position = int(st[0])
    ring = st[1 : 1 + k]
    head = min(k, stop)
    for t in range(head):
        at = position + t
        out[t] = ring[at - k if at >= k else at]
    for t in range(head, stop):
        out[t] = x[t - k]
    for t in range(stop - head, stop):
        ring[(position + t) % k] = x[t]
    st[0] = float((position + stop) % k)


@njit(cache=True, nogil=True, error_model="numpy")
def lag_lanes(x, out, state, base, rows, commit, k):
    for i in range(x.size):
        row = rows[i]
        position = int(state[base, row])
        out[i] = state[base + 1 + position, row]
        if commit:
            state[base + 1 + position, row] = x[i]
            position += 1
            state[base, row] = 0.0 if position == k else float(position)


@njit(cache=True, nogil=True, error_model="numpy")
def run_series(x, out, st, k, sign):
    """st: previous value, length of the run (at most k)."""
    before, run = st[0], st[1]
    for t in range(x.size):
        run = min(run + 1.0, k) if x[t] * sign > before * sign else 0.0
        before = x[t]
        out[t] = 1.0 if run >= k else 0.0
    st[0], st[1] = before, run


@njit(cache=True, nogil=True, error_model="numpy")
def run_lanes(x, out, state, base, rows, commit, k, sign):
    for i in range(x.size):
        row = rows[i]
        run = min(state[base + 1, row] + 1.0, k) if x[i] * sign > state[base, row] * sign else 0.0
        out[i] = 1.0 if run >= k else 0.0
        if commit:
            state[base, row], state[base + 1, row] = x[i], run


@njit(cache=True, nogil=True, error_model="numpy")
def cross_series(a, b, out, st):
    """st: previous a, previous b."""
    stop = a.size
    out[0] = 1.0 if (a[0] > b[0] and st[0] <= st[1]) else 0.0
    for t in range(1, stop):
        out[t] = 1.0 if (a[t] > b[t]) & (a[t - 1] <= b[t - 1]) else 0.0
    st[0], st[1] = a[stop - 1], b[stop - 1]


@njit(cache=True, nogil=True, error_model="numpy")
def cross_lanes(a, b, out, state, base, rows, commit):
    for i in range(a.size):
        row = rows[i]
        out[i] = 1.0 if (a[i] > b[i] and state[base, row] <= state[base + 1, row]) else 0.0
        if commit:
            state[base, row], state[base + 1, row] = a[i], b[i]


@njit(cache=True, nogil=True, error_model="numpy")
def edge_series(a, out, st):
    """st: previous truth, nan before the first bar (which is no edge)."""
    stop = a.size
    out[0] = 1.0 if (a[0] != 0.0 and st[0] == 0.0) else 0.0
    for t in range(1, stop):
        out[t] = 1.0 if (a[t] != 0.0) & (a[t - 1] == 0.0) else 0.0
    st[0] = a[stop - 1]


@njit(cache=True, nogil=True, error_model="numpy")
def edge_lanes(a, out, state, base, rows, commit):
    for i in range(a.size):
        row = rows[i]
        out[i] = 1.0 if (a[i] != 0.0 and state[base, row] == 0.0) else 0.0
        if commit:
            state[base, row] = a[i]
