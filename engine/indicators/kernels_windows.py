# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload, var-annotated"
"""Numba kernels of the rolling windows: sum, greatest and least, squared deviations.

Two-stack queues: `suffix` aggregates of the bars before the flip and a running `prefix` since. A flip happens at the
first bar of each chunk (span of n slots with the same `at // n`), so the bits depend on the bars of the last two
chunks only and nothing drifts. Slot k of the buffer holds the raw value of the k-th bar since the flip (its suffix is
used up by then). Series and lanes forms as in kernels.py. A series goes over whole chunks without holes at once.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.indicators import kernels as k
from engine.indicators.kernels import ONE, apart, fma, greater_of, lanes_due, next_boundary, rotate, segment_end
from engine.indicators.kernels_beside import squares_eights, sum_eights
from engine.indicators.opcodes import SQUARES_HEAD, WINDOW_HEAD

whole_chunks = k.whole_chunks


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _sum_chunks(x, out, rest, suffix, t, n, count):
    """Whole chunks from t on: prefixes and suffixes of four at a time (they do not wait for one another)."""
    length, eights = np.uint64(n), sum_eights(x, out, suffix, t, n, count)
    for c in range(eights, count - 3, 4):
        a = np.uint64(t + c * n)
        b, d, e = a + length, a + length + length, a + length + length + length
        p0, p1, p2, p3, s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(length):
            j = length - ONE - i
            out[a + i], out[b + i], out[d + i], out[e + i] = p0, p1, p2, p3
            p0 += x[a + i]
            p1 += x[b + i]
            p2 += x[d + i]
            p3 += x[e + i]
            s0 = x[a + j] + s0
            s1 = x[b + j] + s1
            s2 = x[d + j] + s2
            s3 = x[e + j] + s3
            suffix[a + j], suffix[b + j], suffix[d + j], suffix[e + j] = s0, s1, s2, s3
    for c in range(count - count % 4, count):
        a = np.uint64(t + c * n)
        p0, s0 = 0.0, 0.0
        for i in range(length):
            j = length - ONE - i
            out[a + i] = p0
            p0 += x[a + i]
            s0 = x[a + j] + s0
            suffix[a + j] = s0
    end = t + count * n - 1
    last = out[end] + x[end]
    for c in range(count):
        suffix[t + c * n] = 0.0
    for i in range(n - 1):
        out[t + i] = (out[t + i] + rest[i + 1]) + x[t + i]
    out[t + n - 1] += x[t + n - 1]
    for i in range(np.uint64(t + n), np.uint64(t + count * n)):
        out[i] = (out[i] + suffix[i - length + ONE]) + x[i]
    return last


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _sum_flip(buffer, spare, k, prefix):
    n = buffer.size
    rotate(buffer, spare, k)
    for j in range(n - k):
        buffer[j] += prefix
    total = buffer[n - 1]
    for j in range(n - 2, n - k - 1, -1):
        total = buffer[j] + total
        buffer[j] = total


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def sum_series(x, out, at, st, spare, n):
    """st: boundary, bars since the flip, prefix, buffer[n]. The newest value is the last addition: all others are known
    before it, so that a preview is one addition."""
    apart()
    stop = x.size
    boundary, k, prefix = st[0], int(st[1]), st[2]
    buffer = st[WINDOW_HEAD : WINDOW_HEAD + n]
    t = np.int64(0)
    while t < stop:
        if at[t] >= boundary or k >= n:
            if k > 0:
                _sum_flip(buffer, spare, k, prefix)
            boundary = next_boundary(at[t], n)
            k, prefix = 0, 0.0
            count = whole_chunks(at, t, stop, n)
            if count > 0:
                prefix = _sum_chunks(x, out, buffer, spare, t, n, count)
                boundary += (count - 1) * n
                t += count * n
                for i in range(n):
                    buffer[i] = x[t - n + i]
                k = n
                continue
        end = segment_end(at, t, min(stop, t + n - k), boundary)
        for i in range(t, end):
            out[i] = prefix
            prefix += x[i]
        length = end - t
        old = min(length, n - 1 - k)
        for i in range(old):
            out[t + i] += buffer[k + 1 + i]
        for i in range(length):
            buffer[k + i] = x[t + i]
            out[t + i] += x[t + i]
        k += length
        t = end
    st[0], st[1], st[2] = boundary, float(k), prefix


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _sum_turn(out, state, base, rows, due, commit, n):
    """Flip the due lanes; out holds what is left of their windows."""
    first = base + WINDOW_HEAD
    for i in due:
        out[i] = state[first + n - 1, rows[i]]
    for j in range(n - 2, 0, -1):
        for i in due:
            row = rows[i]
            out[i] = state[first + j, row] + out[i]
            if commit:
                state[first + j, row] = out[i]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def sum_lanes(x, out, at, state, base, rows, commit, spare, due, n):
    apart()
    work, extra = spare[:n], spare[n:]
    turned = lanes_due(at, state, base, rows, n, due)
    _sum_turn(out, state, base, rows, due[:turned], commit, n)
    first = base + WINDOW_HEAD
    for i in range(x.size):
        row = rows[i]
        k, prefix = int(state[base + 1, row]), state[base + 2, row]
        rest = 0.0
        if at[i] >= state[base, row] and k == n:
            k, prefix, rest = 0, 0.0, out[i]
            if commit:
                state[base, row] = next_boundary(at[i], n)
        elif at[i] >= state[base, row] or k >= n:
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
        out[i] = (prefix + rest if k < n - 1 else prefix) + x[i]
        prefix += x[i]
        if commit:
            state[first + k, row] = x[i]
            state[base + 1, row], state[base + 2, row] = k + 1.0, prefix


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _extreme_chunks(x, out, rest, suffix, t, n, count, sign):
    """As _sum_chunks."""
    low = -np.inf
    length = np.uint64(n)
    for c in range(0, count - 3, 4):
        a = np.uint64(t + c * n)
        b, d, e = a + length, a + length + length, a + length + length + length
        p0, p1, p2, p3, s0, s1, s2, s3 = low, low, low, low, low, low, low, low
        for i in range(length):
            j = length - ONE - i
            p0 = greater_of(x[a + i] * sign, p0)
            p1 = greater_of(x[b + i] * sign, p1)
            p2 = greater_of(x[d + i] * sign, p2)
            p3 = greater_of(x[e + i] * sign, p3)
            s0 = greater_of(x[a + j] * sign, s0)
            s1 = greater_of(x[b + j] * sign, s1)
            s2 = greater_of(x[d + j] * sign, s2)
            s3 = greater_of(x[e + j] * sign, s3)
            out[a + i], out[b + i], out[d + i], out[e + i] = p0, p1, p2, p3
            suffix[a + j], suffix[b + j], suffix[d + j], suffix[e + j] = s0, s1, s2, s3
    for c in range(count - count % 4, count):
        a = np.uint64(t + c * n)
        p0, s0 = low, low
        for i in range(length):
            j = length - ONE - i
            p0 = greater_of(x[a + i] * sign, p0)
            s0 = greater_of(x[a + j] * sign, s0)
            out[a + i], suffix[a + j] = p0, s0
    last = out[t + count * n - 1]
    for c in range(count):
        suffix[t + c * n] = low
    for i in range(n - 1):
        out[t + i] = greater_of(out[t + i], rest[i + 1]) * sign
    out[t + n - 1] *= sign
    for i in range(np.uint64(t + n), np.uint64(t + count * n)):
        out[i] = greater_of(out[i], suffix[i - length + ONE]) * sign
    return last


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _extreme_flip(buffer, spare, k, prefix):
    n = buffer.size
    rotate(buffer, spare, k)
    for j in range(n - k):
        buffer[j] = greater_of(buffer[j], prefix)
    best = buffer[n - 1]
    for j in range(n - 2, n - k - 1, -1):
        best = greater_of(buffer[j], best)
        buffer[j] = best


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def extreme_series(x, out, at, st, spare, n, sign):
    """Greatest (sign 1) or least (sign -1) of the last n; st as in sum_series, values multiplied by sign."""
    apart()
    stop = x.size
    boundary, k, prefix = st[0], int(st[1]), st[2]
    buffer = st[WINDOW_HEAD : WINDOW_HEAD + n]
    t = np.int64(0)
    while t < stop:
        if at[t] >= boundary or k >= n:
            if k > 0:
                _extreme_flip(buffer, spare, k, prefix)
            boundary = next_boundary(at[t], n)
            k, prefix = 0, -np.inf
            count = whole_chunks(at, t, stop, n)
            if count > 0:
                prefix = _extreme_chunks(x, out, buffer, spare, t, n, count, sign)
                boundary += (count - 1) * n
                t += count * n
                for i in range(n):
                    buffer[i] = x[t - n + i] * sign
                k = n
                continue
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


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _extreme_turn(out, state, base, rows, due, commit, n):
    """Flip the due lanes; out holds what is left of their windows."""
    first = base + WINDOW_HEAD
    for i in due:
        out[i] = state[first + n - 1, rows[i]]
    for j in range(n - 2, 0, -1):
        for i in due:
            row = rows[i]
            out[i] = greater_of(state[first + j, row], out[i])
            if commit:
                state[first + j, row] = out[i]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def extreme_lanes(x, out, at, state, base, rows, commit, spare, due, n, sign):
    apart()
    work, extra = spare[:n], spare[n:]
    turned = lanes_due(at, state, base, rows, n, due)
    _extreme_turn(out, state, base, rows, due[:turned], commit, n)
    first = base + WINDOW_HEAD
    for i in range(x.size):
        row = rows[i]
        k, prefix = int(state[base + 1, row]), state[base + 2, row]
        rest = -np.inf
        if at[i] >= state[base, row] and k == n:
            k, prefix, rest = 0, -np.inf, out[i]
            if commit:
                state[base, row] = next_boundary(at[i], n)
        elif at[i] >= state[base, row] or k >= n:
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


@njit(inline="always", error_model="numpy")
def squares_with(x, mean, square, share):
    """Squares of n values: x, and n - 1 others with this mean and these squares; share = 1 / n."""
    away = x - mean
    return fma(away, x - fma(away, share, mean), square)


@njit(inline="always", error_model="numpy")
def _squares_others(young, mean, square, older, old_mean, old_square, share):
    """Mean and squares of two parts of young and older values, both > 0 (Chan, Golub & LeVeque); share = 1 / all."""
    away, weight = mean - old_mean, young * share
    return fma(away, weight, old_mean), (old_square + square) + away * away * (older * weight)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _squares_chunks(x, out, rest_means, rest_squares, spare, t, n, count):
    """As _sum_chunks, two at a time. Returns the mean and the squares of the last chunk."""
    size = x.size
    means, suffix_means, suffix_squares = spare[:size], spare[size : 2 * size], spare[2 * size : 3 * size]
    length, eights = np.uint64(n), squares_eights(x, out, spare, t, n, count)
    for c in range(eights, count, 2):
        a = np.uint64(t + c * n)
        b = a + length if c + 1 < count else a
        m0, m1, q0, q1, u0, u1, v0, v1 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(length):
            j = length - ONE - i
            share = 1.0 / (i + 1.0)
            means[a + i], means[b + i], out[a + i], out[b + i] = m0, m1, q0, q1
            away0, away1 = x[a + i] - m0, x[b + i] - m1
            back0, back1 = x[a + j] - u0, x[b + j] - u1
            m0, m1 = fma(away0, share, m0), fma(away1, share, m1)
            u0, u1 = fma(back0, share, u0), fma(back1, share, u1)
            q0, q1 = fma(away0, x[a + i] - m0, q0), fma(away1, x[b + i] - m1, q1)
            v0, v1 = fma(back0, x[a + j] - u0, v0), fma(back1, x[b + j] - u1, v1)
            suffix_means[a + j], suffix_means[b + j] = u0, u1
            suffix_squares[a + j], suffix_squares[b + j] = v0, v1
    end = t + count * n - 1
    away = x[end] - means[end]
    mean = fma(away, 1.0 / n, means[end])
    square = fma(away, x[end] - mean, out[end])
    share, others = 1.0 / n, 1.0 / (n - 1.0)
    for c in range(count):
        a = np.uint64(t + c * n)
        # the suffixes of the chunk before stand one further on than the bars that need them
        old_means = rest_means if c == 0 else suffix_means[a - length : a]
        old_squares = rest_squares if c == 0 else suffix_squares[a - length : a]
        out[a] = squares_with(x[a], old_means[1], old_squares[1], share)
        for i in range(ONE, length - ONE):
            m, q = _squares_others(
                float(i), means[a + i], out[a + i], n - 1.0 - i, old_means[i + ONE], old_squares[i + ONE], others
            )
            out[a + i] = squares_with(x[a + i], m, q, share)
        e = a + length - ONE
        out[e] = squares_with(x[e], means[e], out[e], share)
    return mean, square


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _squares_flip(means, squares, spare, k, mean, square):
    n = means.size
    rotate(means, spare, k)
    rotate(squares, spare, k)
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


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def squares_series(x, out, at, st, spare, n):
    """Sum of squared deviations from the window's mean (Chan, Golub & LeVeque's combination of Welford's sums).

    st: boundary, bars since the flip, prefix mean, prefix squares, means[n], squares[n]. The newest value joins the
    n - 1 others last, as in sum_series.
    """
    apart()
    stop = x.size
    share, others = 1.0 / n, 1.0 / (n - 1.0)
    boundary, k, mean, square = st[0], int(st[1]), st[2], st[3]
    means = st[SQUARES_HEAD : SQUARES_HEAD + n]
    squares = st[SQUARES_HEAD + n : SQUARES_HEAD + 2 * n]
    t = np.int64(0)
    while t < stop:
        if at[t] >= boundary or k >= n:
            if k > 0:
                _squares_flip(means, squares, spare, k, mean, square)
            boundary = next_boundary(at[t], n)
            k, mean, square = 0, 0.0, 0.0
            count = whole_chunks(at, t, stop, n)
            if count > 0:
                mean, square = _squares_chunks(x, out, means, squares, spare, t, n, count)
                boundary += (count - 1) * n
                t += count * n
                for i in range(n):
                    means[i] = x[t - n + i]
                k = n
                continue
        end = segment_end(at, t, min(stop, t + n - k), boundary)
        length = end - t
        for i in range(length):
            spare[i], out[t + i] = mean, square
            away = x[t + i] - mean
            mean = fma(away, 1.0 / (k + i + 1.0), mean)
            square = fma(away, x[t + i] - mean, square)
        for i in range(length):
            young, j = k + i, k + i + 1
            if young == 0:
                spare[i], out[t + i] = means[j], squares[j]
            elif young < n - 1:
                spare[i], out[t + i] = _squares_others(
                    float(young), spare[i], out[t + i], n - 1.0 - young, means[j], squares[j], others
                )
        for i in range(length):
            means[k + i] = x[t + i]
            out[t + i] = squares_with(x[t + i], spare[i], out[t + i], share)
        k += length
        t = end
    st[0], st[1], st[2], st[3] = boundary, float(k), mean, square


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _squares_turn(out, means, state, base, rows, due, commit, n):
    """Flip the due lanes; means and out hold what is left of their windows."""
    first, second = base + SQUARES_HEAD, base + SQUARES_HEAD + n
    for i in due:
        means[i], out[i] = state[first + n - 1, rows[i]], 0.0
        if commit:
            state[second + n - 1, rows[i]] = 0.0
    for j in range(n - 2, 0, -1):
        share = 1.0 / float(n - j)
        for i in due:
            row = rows[i]
            value = state[first + j, row]
            away = value - means[i]
            means[i] = fma(away, share, means[i])
            out[i] = fma(away, value - means[i], out[i])
            if commit:
                state[first + j, row], state[second + j, row] = means[i], out[i]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def squares_lanes(x, out, at, state, base, rows, commit, spare, due, n):
    apart()
    work_means, work_squares, extra = spare[:n], spare[n : 2 * n], spare[2 * n :]
    first, second = base + SQUARES_HEAD, base + SQUARES_HEAD + n
    turned_means = spare[spare.size - x.size :]
    share, others = 1.0 / n, 1.0 / (n - 1.0)
    turned = lanes_due(at, state, base, rows, n, due)
    _squares_turn(out, turned_means, state, base, rows, due[:turned], commit, n)
    for i in range(x.size):
        row = rows[i]
        k, mean, square = int(state[base + 1, row]), state[base + 2, row], state[base + 3, row]
        old_mean, old_square = 0.0, 0.0
        if at[i] >= state[base, row] and k == n:
            k, mean, square = 0, 0.0, 0.0
            old_mean, old_square = turned_means[i], out[i]
            if commit:
                state[base, row] = next_boundary(at[i], n)
        elif at[i] >= state[base, row] or k >= n:
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
        all_mean, all_square = mean, square
        if k == 0:
            all_mean, all_square = old_mean, old_square
        elif k < n - 1:
            all_mean, all_square = _squares_others(float(k), mean, square, n - young, old_mean, old_square, others)
        out[i] = squares_with(x[i], all_mean, all_square, share)
        away = x[i] - mean
        mean = fma(away, 1.0 / young, mean)
        square = fma(away, x[i] - mean, square)
        if commit:
            state[first + k, row] = x[i]
            state[base + 1, row], state[base + 2, row], state[base + 3, row] = young, mean, square
