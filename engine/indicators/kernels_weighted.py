# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernels of the linearly weighted rolling sum: n x + (n-1) x[1] + ... + 1 x[n-1].

A two-stack queue as in kernels_windows.py, over the same chunks. Of the bars before the flip each suffix has its sum
weighted 1, 2, ... from its oldest value on; of those since, p is the plain sum and q the one weighted 1, 2, .... The
newest value's term is always added last, to what the other values have made of themselves.
State: boundary, bars since the flip, p, q, buffer[n].
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.indicators.kernels import ONE, apart, fma, lanes_due, next_boundary, rotate, segment_end, whole_chunks
from engine.indicators.opcodes import WEIGHTED_HEAD


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _flip(buffer, spare, k, p, q):
    n = buffer.size
    rotate(buffer, spare, k)
    for j in range(n - k):
        buffer[j] += fma(float(n - k - j), p, q)
    total, weighted = 0.0, 0.0
    for j in range(n - 1, n - k - 1, -1):
        total += buffer[j]
        weighted += total
        buffer[j] = weighted


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _chunks(x, out, rest, suffix, t, n, count):
    """Whole chunks from t on, four at a time (they do not wait for one another). Returns p and q of the last."""
    length = np.uint64(n)
    p0, q0 = 0.0, 0.0
    for c in range(0, count, 4):
        a = np.uint64(t + c * n)
        b = a + length if c + 1 < count else a
        d = b + length if c + 2 < count else b
        e = d + length if c + 3 < count else d
        p0, p1, p2, p3, q0, q1, q2, q3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        s0, s1, s2, s3, w0, w1, w2, w3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        ahead, number = float(n), 0.0
        for i in range(length):
            j = length - ONE - i
            ahead -= 1.0
            number += 1.0
            out[a + i], out[b + i] = fma(ahead, p0, q0), fma(ahead, p1, q1)
            out[d + i], out[e + i] = fma(ahead, p2, q2), fma(ahead, p3, q3)
            q0, q1 = fma(number, x[a + i], q0), fma(number, x[b + i], q1)
            q2, q3 = fma(number, x[d + i], q2), fma(number, x[e + i], q3)
            p0 += x[a + i]
            p1 += x[b + i]
            p2 += x[d + i]
            p3 += x[e + i]
            s0 += x[a + j]
            s1 += x[b + j]
            s2 += x[d + j]
            s3 += x[e + j]
            w0 += s0
            w1 += s1
            w2 += s2
            w3 += s3
            suffix[a + j], suffix[b + j], suffix[d + j], suffix[e + j] = w0, w1, w2, w3
        p0, q0 = p3, q3
    for c in range(count):
        suffix[t + c * n] = 0.0
    for i in range(n - 1):
        out[t + i] = fma(float(n), x[t + i], rest[i + 1] + out[t + i])
    out[t + n - 1] = fma(float(n), x[t + n - 1], 0.0 + out[t + n - 1])
    for i in range(np.uint64(t + n), np.uint64(t + count * n)):
        out[i] = fma(float(n), x[i], suffix[i - length + ONE] + out[i])
    return p0, q0


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def weighted_series(x, out, at, st, spare, n):
    apart()
    stop = x.size
    boundary, k, p, q = st[0], int(st[1]), st[2], st[3]
    buffer = st[WEIGHTED_HEAD : WEIGHTED_HEAD + n]
    t = np.int64(0)
    while t < stop:
        if at[t] >= boundary or k >= n:
            if k > 0:
                _flip(buffer, spare, k, p, q)
            boundary = next_boundary(at[t], n)
            k, p, q = 0, 0.0, 0.0
            count = whole_chunks(at, t, stop, n)
            if count > 0:
                p, q = _chunks(x, out, buffer, spare, t, n, count)
                boundary += (count - 1) * n
                t += count * n
                for i in range(n):
                    buffer[i] = x[t - n + i]
                k = n
                continue
        end = segment_end(at, t, min(stop, t + n - k), boundary)
        for i in range(t, end):
            rest = buffer[k + 1] if k < n - 1 else 0.0
            out[i] = fma(float(n), x[i], rest + fma(float(n - 1 - k), p, q))
            q = fma(k + 1.0, x[i], q)
            p += x[i]
            buffer[k] = x[i]
            k += 1
        t = end
    st[0], st[1], st[2], st[3] = boundary, float(k), p, q


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _lanes_turn(out, sums, state, base, rows, due, commit, n):
    """Flip the due lanes; out holds what is left of their windows."""
    first = base + WEIGHTED_HEAD
    for i in due:
        sums[i] = 0.0
        out[i] = 0.0
    for j in range(n - 1, 0, -1):
        for i in due:
            row = rows[i]
            sums[i] += state[first + j, row]
            out[i] += sums[i]
            if commit:
                state[first + j, row] = out[i]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def weighted_lanes(x, out, at, state, base, rows, commit, spare, due, n):
    apart()
    work, extra, sums = spare[:n], spare[n : 2 * n], spare[spare.size - x.size :]
    turned = lanes_due(at, state, base, rows, n, due)
    _lanes_turn(out, sums, state, base, rows, due[:turned], commit, n)
    first = base + WEIGHTED_HEAD
    for i in range(x.size):
        row = rows[i]
        k, p, q = int(state[base + 1, row]), state[base + 2, row], state[base + 3, row]
        rest = 0.0
        if at[i] >= state[base, row] and k == n:
            k, p, q, rest = 0, 0.0, 0.0, out[i]
            if commit:
                state[base, row] = next_boundary(at[i], n)
        elif at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work[j] = state[first + j, row]
            if k > 0:
                _flip(work, extra, k, p, q)
            k, p, q, rest = 0, 0.0, 0.0, work[1]
            if commit:
                state[base, row] = next_boundary(at[i], n)
                for j in range(n):
                    state[first + j, row] = work[j]
        elif k < n - 1:
            rest = state[first + k + 1, row]
        out[i] = fma(float(n), x[i], rest + fma(float(n - 1 - k), p, q))
        if commit:
            state[first + k, row] = x[i]
            state[base + 1, row], state[base + 2, row] = k + 1.0, p + x[i]
            state[base + 3, row] = fma(k + 1.0, x[i], q)
