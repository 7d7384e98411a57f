# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, var-annotated"
"""What a preview needs from the state, once a lane and bar: operands, so that a price is previewed without the state.

Between two closes of a lane its state stands still and the slot of the running bar is known, so chunk borders are
decided here. Each function leaves, for the lanes `rows` at the slots `at`, in rows of operands (`target` + place of
the lane) or of flags what its primitive combines with the value of the running bar; the bits are those of the lanes
form in kernels.py and kernels_windows.py.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numba import njit

from engine.indicators import kernels as k
from engine.indicators import kernels_windows as w
from engine.indicators import opcodes as o
from engine.rules import kernels as machine
from engine.rules import preview_kernels as preview

ADD, WHERE = o.ADD, o.WHERE
WINDOW_HEAD, SQUARES_HEAD = o.WINDOW_HEAD, o.SQUARES_HEAD
greater_of, next_boundary, lanes_due = k.greater_of, k.next_boundary, k.lanes_due
sum_flip, extreme_flip, squares_flip = w._sum_flip, w._extreme_flip, w._squares_flip
sum_turn, extreme_turn, squares_turn = w._sum_turn, w._extreme_turn, w._squares_turn
squares_others = w._squares_others
unary, binary, stateful_lanes = machine.unary, machine.binary, machine._stateful_lanes

#: instructions of a preparation besides the machine's own: rows of operands, flags
OF_RECUR, OF_SUM, OF_EXTREME, OF_SQUARES, OF_RUN, OF_CROSS, OF_EDGE, OF_WITHIN, KEEP_NUMBER, KEEP_TRUTH = range(
    100, 110
)
WIDTH = preview.WIDTH


@njit(inline="always", error_model="numpy")
def _set_flag(bits, place, true):
    bit = np.uint8(1 << (place & 7))
    if true:
        bits[place >> 3] |= bit
    else:
        bits[place >> 3] &= ~bit


@njit(error_model="numpy")
def recur_operand(mem, target, places, at, state, base, rows, n, need, special):
    """The value before; a lane whose next value ends the seed has another factor and is marked special."""
    for i in range(rows.size):
        row = rows[i]
        old, seen = state[base + 1, row], state[base + 2, row]
        if at[i] >= state[base, row] and state[base + 4, row] >= need:
            old, seen = state[base + 3, row], state[base + 4, row]
        if seen == n - 1:
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


@njit(inline="always", error_model="numpy")
def _keep_truth(bits, target, truth, size, flag_places, side_by_side):
    """truth (size,) uint8, 0 or 1, into a row of flags; whole bytes where the lanes stand side by side."""
    if not side_by_side:
        for i in range(size):
            _set_flag(bits, 8 * target + flag_places[i], truth[i] != 0)
        return
    first = target + (flag_places[0] >> 3)
    whole = size >> 3
    for j in range(whole):
        byte = np.uint8(0)
        for i in range(8):
            byte |= truth[8 * j + i] << np.uint8(i)
        bits[first + j] = byte
    for i in range(8 * whole, size):
        _set_flag(bits, 8 * target + flag_places[i], truth[i] != 0)


@njit(inline="always", error_model="numpy")
def _operand(
    op,
    d,
    mem,
    bits,
    target,
    after,
    places,
    flag_places,
    at,
    state,
    base,
    rows,
    spare,
    due,
    p,
    special,
    truth,
    side_by_side,
):
    """One primitive's row; d is scratch as wide as the lanes, truth likewise."""
    size = rows.size
    if op in (OF_EDGE, OF_CROSS, OF_WITHIN, KEEP_TRUTH):
        if op == OF_EDGE:
            if side_by_side:
                before = state[base, rows[0] : rows[0] + size]
                for i in range(size):
                    truth[i] = np.uint8(before[i] == 0.0)
            else:
                for i in range(size):
                    truth[i] = np.uint8(state[base, rows[i]] == 0.0)
        elif op == OF_CROSS:
            if side_by_side:
                before, other = state[base, rows[0] : rows[0] + size], state[base + 1, rows[0] : rows[0] + size]
                for i in range(size):
                    truth[i] = np.uint8(before[i] <= other[i])
            else:
                for i in range(size):
                    truth[i] = np.uint8(state[base, rows[i]] <= state[base + 1, rows[i]])
        elif op == OF_WITHIN:
            extreme_operand(at, state, base, rows, spare, due, d, int(p[0]), p[1])
            for i in range(size):
                truth[i] = np.uint8(d[i] > 0.0)
        else:
            for i in range(size):
                truth[i] = np.uint8(d[i] != 0.0)
        _keep_truth(bits, target, truth, size, flag_places, side_by_side)
        return
    if op == OF_RECUR:
        recur_operand(mem, target, places, at, state, base, rows, p[0], p[3], special)
        return
    if op == OF_SQUARES:
        squares_operand(mem, target, after, places, at, state, base, rows, spare, due, d, int(p[0]))
        return
    if op == OF_SUM:
        sum_operand(at, state, base, rows, spare, due, d, int(p[0]))
    elif op == OF_EXTREME:
        extreme_operand(at, state, base, rows, spare, due, d, int(p[0]), p[1])
    elif op == OF_RUN:
        never = np.inf * p[1]
        for i in range(size):
            row = rows[i]
            long_enough = min(state[base + 1, row] + 1.0, p[0]) >= p[0]
            d[i] = state[base, row] if long_enough else never
    for i in range(size):
        mem[target + places[i]] = d[i]


def _compiled(callees):
    @njit(cache=True, nogil=True, error_model="numpy")
    def prepare(code, params, registers, mem, bits, shape, lanes, at, state, spare, due, special):
        """Operands of these lanes (L,) for their running bars in the slots `at`.

        code (n, 9): op, register, a, b, c, state slot, index of its parameters, row of operands or flags, second row.
        shape: as for `sweep`. special (L,) uint8: set to 1 where the operands do not suffice.
        """
        if callees == 0:
            return
        width = registers.shape[1]
        places, flag_places = np.empty(width, np.int64), np.empty(width, np.int64)
        when, truth = np.empty(width), np.empty(width, np.uint8)
        for start in range(0, lanes.size, width):
            rows = lanes[start : start + width]
            size = rows.size
            odd = special[start : start + width]
            for i in range(size):
                tile, i_lane = rows[i] // WIDTH, rows[i] % WIDTH
                places[i] = shape[0] + tile * shape[1] + i_lane
                flag_places[i] = 8 * (shape[2] + tile * shape[3]) + i_lane
                when[i] = float(at[start + i])
                odd[i] = 0
            side_by_side = rows[0] % 8 == 0 and rows[0] // WIDTH == rows[size - 1] // WIDTH
            for i in range(1, size):
                side_by_side &= rows[i] == rows[0] + i
            for line in range(code.shape[0]):
                op, base, p = code[line, 0], code[line, 5], params[code[line, 6] :]
                d = registers[code[line, 1], :size]
                if op >= OF_RECUR:
                    _operand(
                        op,
                        d,
                        mem,
                        bits,
                        code[line, 7],
                        code[line, 8],
                        places,
                        flag_places,
                        when[:size],
                        state,
                        base,
                        rows,
                        spare,
                        due,
                        p,
                        odd,
                        truth,
                        side_by_side,
                    )
                    continue
                a, b = registers[code[line, 2], :size], registers[code[line, 3], :size]
                if op < ADD:
                    unary(op, a, d)
                elif op < WHERE:
                    binary(op, a, b, d)
                elif op == WHERE:
                    c = registers[code[line, 4], :size]
                    for i in range(size):
                        x, y = b[i], c[i]
                        d[i] = x if a[i] != 0.0 else y
                else:
                    stateful_lanes(op, a, b, d, when[:size], state, base, rows, False, spare, due, p)

    return prepare


def _hash_of_callees():
    files = [Path(str(module.__file__)) for module in (k, w, o, machine, preview)]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return int.from_bytes(hashlib.blake2b(content, digest_size=7).digest()) | 1


prepare = _compiled(_hash_of_callees())
