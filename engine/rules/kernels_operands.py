# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, var-annotated"
"""What the windows and recursions say of the bars before the running one: the operands of their previews.

For the lanes `rows` at the slots `at`, into `out` or into rows of operands (`target` + place of the lane); the bits are
those of the lanes forms in engine.indicators.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.indicators import kernels as k
from engine.indicators import kernels_order, kernels_weighted
from engine.indicators import kernels_windows as w
from engine.indicators import opcodes as o
from engine.rules.kernels_preview import WIDTH

WINDOW_HEAD, SQUARES_HEAD, WEIGHTED_HEAD, AGE_HEAD = o.WINDOW_HEAD, o.SQUARES_HEAD, o.WEIGHTED_HEAD, o.AGE_HEAD
fma, weighted_flip, weighted_turn = k.fma, kernels_weighted._flip, kernels_weighted._lanes_turn
select_place = kernels_order._select
greater_of, lanes_due = k.greater_of, k.lanes_due
sum_flip, extreme_flip, squares_flip = w._sum_flip, w._extreme_flip, w._squares_flip
sum_turn, extreme_turn, squares_turn = w._sum_turn, w._extreme_turn, w._squares_turn
squares_others = w._squares_others


@njit(error_model="numpy")
def recur_operand(mem, target, places, at, state, base, rows, n, need, special, closing):
    """The value before; a lane whose next value ends the seed has another factor and is marked special."""
    for i in range(rows.size):
        row = rows[i]
        old, seen = state[base + 1, row], state[base + 2, row]
        if at[i] >= state[base, row] and state[base + 4, row] >= need:
            old, seen = state[base + 3, row], state[base + 4, row]
        if seen == n - 1 and closing[i] != 0:
            special[i] = 1
        mem[target + places[i]] = old if seen >= n else np.nan


@njit(error_model="numpy")
def sum_operand(at, state, base, rows, spare, due, out, n):
    """Into out: the sum of the n - 1 values before."""
    work, extra = spare[:n], spare[n:]
    turned = lanes_due(at, state, base, rows, n, due)
    sum_turn(out, state, base, rows, due[:turned], False, n)
    first = base + WINDOW_HEAD
    for i in range(rows.size):
        row = rows[i]
        k, prefix = int(state[base + 1, row]), state[base + 2, row]
        if at[i] >= state[base, row] and k == n:
            out[i] = 0.0 + out[i]
        elif at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work[j] = state[first + j, row]
            if k > 0:
                sum_flip(work, extra, k, prefix)
            out[i] = 0.0 + work[1]
        elif k < n - 1:
            out[i] = prefix + state[first + k + 1, row]
        else:
            out[i] = prefix


@njit(error_model="numpy")
def extreme_operand(at, state, base, rows, spare, due, out, n, sign):
    """Into out: the greatest (sign 1) or least (-1) of the n - 1 values before."""
    work, extra = spare[:n], spare[n:]
    turned = lanes_due(at, state, base, rows, n, due)
    extreme_turn(out, state, base, rows, due[:turned], False, n)
    first = base + WINDOW_HEAD
    for i in range(rows.size):
        row = rows[i]
        k, best = int(state[base + 1, row]), state[base + 2, row]
        if at[i] >= state[base, row] and k == n:
            best = out[i]
        elif at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work[j] = state[first + j, row]
            if k > 0:
                extreme_flip(work, extra, k, best)
            best = work[1]
        elif k < n - 1:
            best = greater_of(best, state[first + k + 1, row])
        out[i] = best * sign


@njit(error_model="numpy")
def squares_operand(mem, target, after, places, at, state, base, rows, spare, due, out, n):
    """Mean and squares of the n - 1 values before."""
    work_means, work_squares, extra = spare[:n], spare[n : 2 * n], spare[2 * n :]
    first, second = base + SQUARES_HEAD, base + SQUARES_HEAD + n
    turned_means = spare[spare.size - rows.size :]
    turned = lanes_due(at, state, base, rows, n, due)
    squares_turn(out, turned_means, state, base, rows, due[:turned], False, n)
    others = 1.0 / (n - 1.0)
    for i in range(rows.size):
        row = rows[i]
        k, mean, square = int(state[base + 1, row]), state[base + 2, row], state[base + 3, row]
        if at[i] >= state[base, row] and k == n:
            mean, square = turned_means[i], out[i]
        elif at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work_means[j] = state[first + j, row]
                work_squares[j] = state[second + j, row]
            if k > 0:
                squares_flip(work_means, work_squares, extra, k, mean, square)
            mean, square = work_means[1], work_squares[1]
        elif k == 0:
            mean, square = state[first + 1, row], state[second + 1, row]
        elif k < n - 1:
            mean, square = squares_others(
                float(k), mean, square, n - 1.0 - k, state[first + k + 1, row], state[second + k + 1, row], others
            )
        mem[target + places[i]], mem[after + places[i]] = mean, square


@njit(error_model="numpy")
def weighted_operand(at, state, base, rows, spare, due, out, n):
    """Into out: the weighted sum of the n - 1 values before, each a bar older."""
    work, extra, sums = spare[:n], spare[n : 2 * n], spare[spare.size - rows.size :]
    turned = lanes_due(at, state, base, rows, n, due)
    weighted_turn(out, sums, state, base, rows, due[:turned], False, n)
    first = base + WEIGHTED_HEAD
    for i in range(rows.size):
        row = rows[i]
        k, p, q = int(state[base + 1, row]), state[base + 2, row], state[base + 3, row]
        rest = 0.0
        if at[i] >= state[base, row] and k == n:
            k, p, q, rest = 0, 0.0, 0.0, out[i]
        elif at[i] >= state[base, row] or k >= n:
            for j in range(n):
                work[j] = state[first + j, row]
            if k > 0:
                weighted_flip(work, extra, k, p, q)
            k, p, q, rest = 0, 0.0, 0.0, work[1]
        elif k < n - 1:
            rest = state[first + k + 1, row]
        out[i] = rest + fma(float(n - 1 - k), p, q)


@njit(error_model="numpy")
def age_operand(mem, target, places, state, base, rows, n, sign):
    """The extreme of the n - 1 values before and its age on this bar; nan while one of them is."""
    first, back = base + AGE_HEAD, n - 1
    for i in range(rows.size):
        row = rows[i]
        age, best = state[base + 2, row] + 1.0, state[base + 3, row]
        if age >= n:
            best, age = -np.inf, 0.0
            position = int(state[base, row])
            for j in range(1, n):
                at = position - j
                old = state[first + (at if at >= 0 else at + back), row] * sign
                if old > best:
                    best, age = old, float(j)
        whole = state[base + 1, row] + 1.0 >= n
        mem[target + places[i]] = best * sign if whole else np.nan
        mem[target + WIDTH + places[i]] = age if whole else np.nan


@njit(error_model="numpy")
def ring_operand(mem, target, places, state, base, rows, size):
    """The values of a ring, oldest first, in as many rows."""
    for j in range(size):
        for i in range(rows.size):
            at = int(state[base, rows[i]]) + j
            mem[target + j * WIDTH + places[i]] = state[base + 1 + (at if at < size else at - size), rows[i]]


@njit(error_model="numpy")
def _generation(state, base, row, at, need, first, own):
    """Where the old generation's slots stand at this slot: the young one's if it takes over."""
    takes_over = at >= state[base, row] and state[base + 1, row] >= need
    return base + first + (own if takes_over else 0)


@njit(error_model="numpy")
def adaptive_operand(at, state, base, rows, need, out):
    """Into out: the value before, nan before the first."""
    for i in range(rows.size):
        out[i] = state[_generation(state, base, rows[i], at[i], need, 2, 1), rows[i]]


@njit(error_model="numpy")
def ratchet_operand(mem, target, places, at, state, base, rows, need, special):
    """Upper and lower band before, each nan where it is let go whatever the new one is, and the side. A lane that has
    no side yet is marked special."""
    for i in range(rows.size):
        row = rows[i]
        slot = _generation(state, base, row, at[i], need, 3, 3)
        above, below, side, before = state[slot, row], state[slot + 1, row], state[slot + 2, row], state[base + 2, row]
        if not (side == 1.0 or side == -1.0):
            special[i] = 1
        mem[target + places[i]] = np.nan if before > above else above
        mem[target + WIDTH + places[i]] = np.nan if before < below else below
        mem[target + 2 * WIDTH + places[i]] = side


@njit(error_model="numpy")
def turning_operand(mem, target, places, at, state, base, rows, need, first, own, count, special):
    """The first `count` slots of a generation that begins with its side; special as above."""
    for i in range(rows.size):
        slot = _generation(state, base, rows[i], at[i], need, first, own)
        side = state[slot, rows[i]]
        if not (side == 1.0 or side == -1.0):
            special[i] = 1
        for j in range(count):
            mem[target + j * WIDTH + places[i]] = state[slot + j, rows[i]]


@njit(error_model="numpy")
def quantile_operand(mem, target, places, state, base, rows, spare, n, q):
    """Of the n - 1 values before in order: the one before the k-th, the k-th, the next; -inf, inf beyond the ends."""
    back, work = n - 1, spare[:n]
    k = min(int(q * back), n - 2)
    for i in range(rows.size):
        total = 0.0
        for j in range(back):
            work[j] = state[base + 1 + j, rows[i]] + 0.0
            total += 0.0 if work[j] == work[j] else np.nan
        before, here, after = np.nan, np.nan, np.nan
        if total == total:
            select_place(work, back, k)
            before, here, after = -np.inf, work[k], np.inf
            for j in range(k):
                before = max(before, work[j])
            for j in range(k + 1, back):
                after = min(after, work[j])
        mem[target + places[i]], mem[target + WIDTH + places[i]] = before, here
        mem[target + 2 * WIDTH + places[i]] = after
