# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, var-annotated"
"""What a preview needs from the state, once a lane and bar: operands, so that a price is previewed without the state.

Between two closes of a lane its state stands still and the slot of the running bar is known, so chunk borders are
decided here. Each instruction leaves, for the lanes `rows` at the slots `at`, in a row of operands (`target` + place of
the lane) or of flags what its primitive combines with the value of the running bar.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numba import njit, types

from engine.indicators import kernels_calendar, kernels_events, kernels_frames
from engine.indicators import opcodes as o
from engine.rules import kernels as machine
from engine.rules import kernels_operands as operands
from engine.rules import kernels_preview as preview

ADD, WHERE, HOLD, CLOCK, ADAPTIVE, REVERSAL_EXTREME = o.ADD, o.WHERE, o.HOLD, o.CLOCK, o.ADAPTIVE, o.REVERSAL_EXTREME
generations_lanes = preview.generations_lanes
recur_operand, sum_operand, extreme_operand = operands.recur_operand, operands.sum_operand, operands.extreme_operand
squares_operand, weighted_operand = operands.squares_operand, operands.weighted_operand
age_operand, ring_operand, quantile_operand = operands.age_operand, operands.ring_operand, operands.quantile_operand
clock, WHOLE = kernels_calendar.clock, kernels_frames.WHOLE
MAX, MIN, LAST = kernels_events.MAX, kernels_events.MIN, kernels_events.LAST
adaptive_operand, ratchet_operand = operands.adaptive_operand, operands.ratchet_operand
turning_operand = operands.turning_operand
unary, binary, stateful_lanes = machine.unary, machine.binary, machine._stateful_lanes

#: instructions of a preparation besides the machine's own: rows of operands, flags
(
    OF_RECUR,
    OF_SUM,
    OF_EXTREME,
    OF_SQUARES,
    OF_RUN,
    OF_CROSS,
    OF_EDGE,
    OF_WITHIN,
    KEEP_NUMBER,
    KEEP_TRUTH,
    OF_FRAME,
    OF_HELD,
    OF_HELD_TRUTH,
    OF_BARS_SINCE,
    OF_RUN_LENGTH,
    OF_EVENT,
    OF_GROUP,
    OF_GROUP_FLAG,
    GROUP_VALUE,
    OF_WEIGHTED,
    OF_AGE,
    OF_RING,
    OF_QUANTILE,
    OF_ADAPTIVE,
    OF_RATCHET,
    OF_REVERSAL,
    OF_SAR,
) = range(100, 127)
#: operations that leave a row of flags
TRUTHS = (OF_CROSS, OF_EDGE, OF_WITHIN, KEEP_TRUTH, OF_HELD_TRUTH, OF_GROUP_FLAG)
WIDTH = preview.WIDTH


@njit(inline="always", error_model="numpy")
def _set_flag(bits, place, true):
    bit = np.uint8(1 << (place & 7))
    if true:
        bits[place >> 3] |= bit
    else:
        bits[place >> 3] &= ~bit


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


@njit(error_model="numpy")
def closings(at, state, base, rows, frame, when, closing, special):
    """Longer bars of `frame` own ones: when, the slots of those that run, and which of them the running bars close.

    Returns how many. A lane is special whose running bar finds the one before still open, or is all that its longer
    bar has.
    """
    count = 0
    for i in range(rows.size):
        bucket = np.floor(at[i] / frame)
        last = at[i] + 1.0 == (bucket + 1.0) * frame
        known, whole = state[base, rows[i]], state[base + 1, rows[i]] == WHOLE
        when[i] = bucket
        closing[i] = last and whole and known == bucket
        count += closing[i]
        if (whole and known != bucket) or (last and known != bucket):
            special[i] = 1
    return count


@njit(error_model="numpy")
def _event_row(state, base, rows, most, event, d):
    """Value of the event-th latest event before this bar, nan where it is not among the last `most` bars."""
    for i in range(rows.size):
        row = rows[i]
        count = state[base, row] + 1.0
        j = base + 2 * event
        d[i] = state[j, row] if count - state[j - 1, row] < most else np.nan


@njit(error_model="numpy")
def _group_row(keys, state, base, rows, kind, before, d):
    """What the group of bars of this key says of the bars before, or, `before`, the group before; the neutral element
    where it begins with this bar (-0, since x + -0 is x)."""
    for i in range(rows.size):
        row = rows[i]
        now, key, acc = keys[i], state[base, row], state[base + 1, row]
        begun = state[base + 3, row] != 0.0
        if now != now:
            d[i] = np.nan
        elif now == key:
            if before:
                d[i] = state[base + 2, row]
            elif kind == LAST:
                d[i] = -0.0 if begun else np.nan
            else:
                d[i] = acc + 1.0 if kind > LAST and begun else acc
        elif key != key:
            d[i] = np.nan
        elif before:
            d[i] = acc if begun else np.nan
        elif kind > LAST:
            d[i] = 1.0
        elif kind in (MAX, MIN):
            d[i] = -np.inf if kind == MAX else np.inf
        else:
            d[i] = -0.0


@njit(error_model="numpy")
def _group_flag(keys, state, base, rows, truth):
    """Whether a group begins with this bar, and is not the first that was seen."""
    for i in range(rows.size):
        key = state[base, rows[i]]
        truth[i] = np.uint8(keys[i] == keys[i] and key == key and keys[i] != key)


@njit(inline="always", error_model="numpy")
def _truth(op, d, truth, at, state, base, rows, spare, due, p, closing, side_by_side):
    """Into truth (uint8) what a row of flags says; d is scratch, or for KEEP_TRUTH and OF_GROUP_FLAG a value."""
    size = rows.size
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
    elif op == OF_HELD_TRUTH:
        for i in range(size):
            truth[i] = np.uint8(state[base, rows[i]] != 0.0 and closing[i] == 0)
    elif op == OF_GROUP_FLAG:
        _group_flag(d, state, base, rows, truth)
    else:
        for i in range(size):
            truth[i] = np.uint8(d[i] != 0.0)


@njit(inline="always", error_model="numpy")
def _number(op, keys, d, at, state, base, rows, spare, due, p):
    """Into d what a row of operands says; keys is the value of a still argument."""
    size = rows.size
    if op == OF_SUM:
        sum_operand(at, state, base, rows, spare, due, d, int(p[0]))
    elif op == OF_EXTREME:
        extreme_operand(at, state, base, rows, spare, due, d, int(p[0]), p[1])
    elif op == OF_WEIGHTED:
        weighted_operand(at, state, base, rows, spare, due, d, int(p[0]))
    elif op == OF_ADAPTIVE:
        adaptive_operand(at, state, base, rows, p[1], d)
    elif op == OF_RUN:
        never = np.inf * p[1]
        for i in range(size):
            row = rows[i]
            long_enough = min(state[base + 1, row] + 1.0, p[0]) >= p[0]
            d[i] = state[base, row] if long_enough else never
    elif op == OF_HELD:
        for i in range(size):
            d[i] = state[base, rows[i]]
    elif op == OF_BARS_SINCE:
        for i in range(size):
            age = state[base, rows[i]] + 1.0
            d[i] = age if age < p[0] else np.nan
    elif op == OF_RUN_LENGTH:
        for i in range(size):
            d[i] = min(state[base, rows[i]] + 1.0, p[0])
    elif op == OF_EVENT:
        _event_row(state, base, rows, p[0], int(p[1]), d)
    elif op == OF_GROUP:
        _group_row(keys, state, base, rows, int(p[0]), p[1] != 0.0, d)


@njit(inline="always", error_model="numpy")
def _operand(
    op,
    d,
    keys,
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
    closing,
    side_by_side,
):
    """One primitive's row; d is scratch as wide as the lanes, truth likewise."""
    size = rows.size
    if op in TRUTHS:
        _truth(op, d, truth, at, state, base, rows, spare, due, p, closing, side_by_side)
        _keep_truth(bits, target, truth, size, flag_places, side_by_side)
    elif op == OF_RECUR:
        recur_operand(mem, target, places, at, state, base, rows, p[0], p[3], special, closing)
    elif op == OF_SQUARES:
        squares_operand(mem, target, after, places, at, state, base, rows, spare, due, d, int(p[0]))
    elif op == OF_FRAME:
        _keep_truth(bits, after, closing, size, flag_places, side_by_side)
        for j in range(4):
            # open, high, low and volume of the longer bar so far
            column = base + 2 + (j if j < 3 else 4)
            for i in range(size):
                mem[target + j * WIDTH + places[i]] = state[column, rows[i]]
    elif op == OF_AGE:
        age_operand(mem, target, places, state, base, rows, int(p[0]), p[1])
    elif op == OF_RING:
        ring_operand(mem, target, places, state, base, rows, int(p[0]))
    elif op == OF_QUANTILE:
        quantile_operand(mem, target, places, state, base, rows, spare, int(p[0]), p[1])
    elif op == OF_RATCHET:
        ratchet_operand(mem, target, places, at, state, base, rows, p[1], special)
    elif op == OF_REVERSAL:
        turning_operand(mem, target, places, at, state, base, rows, p[1], 2, 2, 2, special)
    elif op == OF_SAR:
        turning_operand(mem, target, places, at, state, base, rows, p[1], 4, 4, 2, special)
    elif op == GROUP_VALUE:
        _group_row(keys, state, base, rows, int(p[0]), p[1] != 0.0, d)
    else:
        _number(op, keys, d, at, state, base, rows, spare, due, p)
        for i in range(size):
            mem[target + places[i]] = d[i]


_GIVEN_TABLE, _INTEGERS = preview.GIVEN_TABLE, preview.GIVEN_INTEGERS
_PREPARE = types.void(
    *[_GIVEN_TABLE, preview.array(types.float64, 1, True), preview.STATE, preview.NUMBERS, preview.BITS_ROW, _INTEGERS],
    *[_INTEGERS, _INTEGERS, preview.STATE, _GIVEN_TABLE, preview.NUMBERS, preview.INTEGERS, preview.BITS_ROW],
)


def _compiled(callees):
    @njit(_PREPARE, cache=True, nogil=True, error_model="numpy")
    def prepare(code, params, registers, mem, bits, shape, lanes, at, state, frames, spare, due, special):
        """Operands of these lanes (L,) for their running bars in the slots `at`.

        code (n, 10): op, register, a, b, c, state slot, index of its parameters, row of operands or flags, second row,
        section. frames (s, 2): own bars in one bar of each section, first slot of its longer bars; (1, 0) comes first.
        shape: as for `sweep`. special (L,) uint8: set to 1 where the operands do not suffice.
        """
        if callees == 0:
            return
        width = registers.shape[1]
        places, flag_places = np.empty(width, np.int64), np.empty(width, np.int64)
        when, truth = np.empty((frames.shape[0], width)), np.empty(width, np.uint8)
        closing, closes = np.ones((frames.shape[0], width), np.uint8), np.ones(frames.shape[0], np.int64)
        for start in range(0, lanes.size, width):
            rows = lanes[start : start + width]
            size = rows.size
            odd = special[start : start + width]
            for i in range(size):
                tile, i_lane = rows[i] // WIDTH, rows[i] % WIDTH
                places[i] = shape[0] + tile * shape[1] + i_lane
                flag_places[i] = 8 * (shape[2] + tile * shape[3]) + i_lane
                when[0, i] = float(at[start + i])
                odd[i] = 0
            for j in range(1, frames.shape[0]):
                closes[j] = closings(
                    when[0, :size], state, frames[j, 1], rows, float(frames[j, 0]), when[j], closing[j], odd
                )
            side_by_side = rows[0] % 8 == 0 and rows[0] // WIDTH == rows[size - 1] // WIDTH
            for i in range(1, size):
                side_by_side &= rows[i] == rows[0] + i
            for line in range(code.shape[0]):
                op, base, section, p = code[line, 0], code[line, 5], code[line, 9], params[code[line, 6] :]
                # a section is of no interest where none of its bars closes; what is held needs its flags
                if closes[section] == 0 and op not in (OF_FRAME, OF_HELD, OF_HELD_TRUTH, HOLD):
                    continue
                d = registers[code[line, 1], :size]
                a, b = registers[code[line, 2], :size], registers[code[line, 3], :size]
                if op >= OF_RECUR:
                    _operand(
                        op,
                        d,
                        a,
                        mem,
                        bits,
                        code[line, 7],
                        code[line, 8],
                        places,
                        flag_places,
                        when[section, :size],
                        state,
                        base,
                        rows,
                        spare,
                        due,
                        p,
                        odd,
                        truth,
                        closing[section],
                        side_by_side,
                    )
                elif op == HOLD:
                    for i in range(size):
                        d[i] = a[i] if closing[section, i] != 0 else state[base, rows[i]]
                elif op == CLOCK:
                    clock(when[section, :size], d, int(p[0]), p[1], int(p[2]))
                elif op < ADD:
                    unary(op, a, d)
                elif op < WHERE:
                    binary(op, a, b, d)
                elif op == WHERE:
                    c = registers[code[line, 4], :size]
                    for i in range(size):
                        x, y = b[i], c[i]
                        d[i] = x if a[i] != 0.0 else y
                elif ADAPTIVE <= op <= REVERSAL_EXTREME:
                    c = registers[code[line, 4], :size]
                    generations_lanes(op, a, b, c, d, when[section, :size], state, base, rows, False, spare, p)
                else:
                    stateful_lanes(op, a, b, d, when[section, :size], state, base, rows, False, spare, due, p)

    return prepare


def _hash_of_callees():
    modules = (*preview.CALLEES, preview, operands, kernels_calendar, kernels_frames)
    files = [Path(str(module.__file__)) for module in modules]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return int.from_bytes(hashlib.blake2b(content, digest_size=7).digest()) | 1


prepare = _compiled(_hash_of_callees())
