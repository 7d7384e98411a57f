# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, var-annotated"
"""The interpreter of previews: what the conditions say with the running bar, from operands made once a bar.

An instruction is a row of int64: op, destination, three arguments of (offset, space), index of its parameters, state
slot, section. A space says where an argument's row stands: a register, an operand row of the tile, a constant, a
register of bits, a row of flags. A tile is WIDTH lanes side by side; a gathered tile takes single lanes from anywhere
and costs more a lane, but nothing for the lanes without news.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numba import njit, types

from engine.indicators import kernels as k
from engine.indicators import kernels_events, kernels_order, kernels_weighted
from engine.indicators import kernels_generations as kg
from engine.indicators import kernels_statistics as ks
from engine.indicators import kernels_windows as w
from engine.indicators import opcodes as o
from engine.rules import kernels as machine
from engine.rules import kernels_vectors as v

REGISTER, OPERAND, CONSTANT, BITS, FLAG = range(5)
#: lanes of a tile: a multiple of 64
WIDTH = 256
#: rows of scratch of a thread: three arguments gathered, three constants spread
SCRATCH = 6

NEG, ABS, SQRT, EXP, LOG, NOT, ADD, SUB = o.NEG, o.ABS, o.SQRT, o.EXP, o.LOG, o.NOT, o.ADD, o.SUB
MUL, DIV, MIN, MAX, GT, GE, AND, OR, WHERE = o.MUL, o.DIV, o.MIN, o.MAX, o.GT, o.GE, o.AND, o.OR, o.WHERE
RECUR, FLOOR, ADAPTIVE, REVERSAL_EXTREME = o.RECUR, o.FLOOR, o.ADAPTIVE, o.REVERSAL_EXTREME
generations_lanes = kg.generations_lanes
#: operations of previews only: a copy, a comparison and a flag, a * b + c rounded once, one by its state's kernel
COPY, GT_AND, FMA, AND_NOT, SQUARES, BELOW, FURTHER, ASK = 200, 201, 202, 203, 204, 205, 206, 300

v_neg, v_abs, v_sqrt, v_copy, v_add, v_sub, v_mul = v.v_neg, v.v_abs, v.v_sqrt, v.v_copy, v.v_add, v.v_sub, v.v_mul
v_div, v_max, v_min, v_recur, v_fma, v_where = v.v_div, v.v_max, v.v_min, v.v_recur, v.v_fma, v.v_where
v_greater, v_greater_equal, v_greater_and = v.v_greater, v.v_greater_equal, v.v_greater_and
v_squares, v_floor, v_below, v_further = v.v_squares, v.v_floor, v.v_below, v.v_further
v_and, v_or, v_and_not, v_not, word_at, lowest_bit = v.v_and, v.v_or, v.v_and_not, v.v_not, v.word_at, v.lowest_bit
_scalar_exp, _scalar_log, stateful_lanes = machine._scalar_exp, machine._scalar_log, machine._stateful_lanes


@njit(inline="always", error_model="numpy")
def _gather_number(mem, places, count, offset, target):
    for i in range(count):
        mem[target + i] = mem[places[i] + offset]


@njit(inline="always", error_model="numpy")
def _gather_flag(bits, flag_places, count, offset, target):
    for j in range((count + 7) >> 3):
        byte = np.uint8(0)
        for i in range(8 * j, min(count, 8 * j + 8)):
            place = flag_places[i]
            byte |= np.uint8(((bits[(place >> 3) + offset] >> (place & 7)) & 1) << (i & 7))
        bits[target + j] = byte


@njit(inline="always", error_model="numpy")
def _ask(op, d, a, step_a, b, step_b, c, step_c, mem, size, spread, at, state, base, rows, spare, due, p):
    """A primitive by its own kernel, which reads the state and leaves it."""
    if step_a == 0:
        v_copy(mem, size, spread, a, 0)
        a = spread
    if step_b == 0:
        v_copy(mem, size, spread + WIDTH, b, 0)
        b = spread + WIDTH
    if step_c == 0:
        v_copy(mem, size, spread + 2 * WIDTH, c, 0)
        c = spread + 2 * WIDTH
    x, y, out = mem[a : a + size], mem[b : b + size], mem[d : d + size]
    if ADAPTIVE <= op <= REVERSAL_EXTREME:
        generations_lanes(op, x, y, mem[c : c + size], out, at[:size], state, base, rows, False, spare, p)
    else:
        stateful_lanes(op, x, y, out, at[:size], state, base, rows, False, spare, due, p)


@njit(inline="always", error_model="numpy")
def _run(
    code,
    params,
    mem,
    bits,
    bases,
    scratch,
    bit_scratch,
    size,
    gathered,
    places,
    flag_places,
    at,
    state,
    rows,
    spare,
    due,
):
    """All instructions on one tile of `size` lanes (a multiple of 8)."""
    for line in range(code.shape[0]):
        op, d = code[line, 0], code[line, 1]
        space_a, space_b, space_c = code[line, 3], code[line, 5], code[line, 7]
        a, b, c = bases[space_a] + code[line, 2], bases[space_b] + code[line, 4], bases[space_c] + code[line, 6]
        step_a, step_b = np.int64(space_a != CONSTANT), np.int64(space_b != CONSTANT)
        step_c = np.int64(space_c != CONSTANT)
        if gathered:
            if space_a == OPERAND:
                a = scratch
                _gather_number(mem, places, size, code[line, 2], a)
            elif space_a == FLAG:
                a = bit_scratch
                _gather_flag(bits, flag_places, size, code[line, 2], a)
            if space_b == OPERAND:
                b = scratch + WIDTH
                _gather_number(mem, places, size, code[line, 4], b)
            elif space_b == FLAG:
                b = bit_scratch + WIDTH // 8
                _gather_flag(bits, flag_places, size, code[line, 4], b)
            if space_c == OPERAND:
                c = scratch + 2 * WIDTH
                _gather_number(mem, places, size, code[line, 6], c)
            elif space_c == FLAG:
                c = bit_scratch + 2 * WIDTH // 8
                _gather_flag(bits, flag_places, size, code[line, 6], c)
        if op == GT_AND:
            v_greater_and(mem, bits, size, bases[BITS] + d, a, step_a, b, step_b, c)
        elif op == GT:
            v_greater(mem, bits, size, bases[BITS] + d, a, step_a, b, step_b)
        elif op == GE:
            v_greater_equal(mem, bits, size, bases[BITS] + d, a, step_a, b, step_b)
        elif op == AND:
            v_and(bits, size, bases[BITS] + d, a, b)
        elif op == OR:
            v_or(bits, size, bases[BITS] + d, a, b)
        elif op == NOT:
            v_not(bits, size, bases[BITS] + d, a, a)
        elif op == AND_NOT:
            v_and_not(bits, size, bases[BITS] + d, a, b)
        else:
            d += bases[REGISTER]
            if op == RECUR:
                v_recur(mem, size, d, a, step_a, b, step_b, params[code[line, 8]])
            elif op == ADD:
                v_add(mem, size, d, a, step_a, b, step_b)
            elif op == SUB:
                v_sub(mem, size, d, a, step_a, b, step_b)
            elif op == MUL:
                v_mul(mem, size, d, a, step_a, b, step_b)
            elif op == DIV:
                v_div(mem, size, d, a, step_a, b, step_b)
            elif op == MIN:
                v_min(mem, size, d, a, step_a, b, step_b)
            elif op == MAX:
                v_max(mem, size, d, a, step_a, b, step_b)
            elif op == FMA:
                v_fma(mem, size, d, a, step_a, b, step_b, c, step_c)
            elif op == SQUARES:
                v_squares(mem, size, d, a, step_a, b, c, params[code[line, 8]])
            elif op == BELOW:
                v_below(mem, size, d, a, step_a, b, step_b, c, step_c)
            elif op == FURTHER:
                v_further(mem, size, d, a, step_a, b, step_b, c, step_c)
            elif op == WHERE:
                v_where(mem, bits, size, d, a, b, step_b, c, step_c)
            elif op == COPY:
                v_copy(mem, size, d, a, step_a)
            elif op == NEG:
                v_neg(mem, size, d, a, step_a)
            elif op == ABS:
                v_abs(mem, size, d, a, step_a)
            elif op == FLOOR:
                v_floor(mem, size, d, a, step_a)
            elif op == SQRT:
                v_sqrt(mem, size, d, a, step_a)
            elif op == EXP:
                for i in range(size):
                    mem[d + i] = _scalar_exp(mem[a + i * step_a])
            elif op == LOG:
                for i in range(size):
                    mem[d + i] = _scalar_log(mem[a + i * step_a])
            elif op >= ASK:
                spread, p = scratch + 3 * WIDTH, params[code[line, 8] :]
                _ask(
                    op - ASK,
                    d,
                    a,
                    step_a,
                    b,
                    step_b,
                    c,
                    step_c,
                    mem,
                    size,
                    spread,
                    at[code[line, 10]],
                    state,
                    code[line, 9],
                    rows,
                    spare,
                    due,
                    p,
                )


@njit(inline="always", error_model="numpy")
def _emit(bits, first, conditions, mask, given, lanes, seen, order, start, dense, origin, places, found, count):
    """Append (position, output) of each condition that is true for the first time; mark it as given."""
    stride = WIDTH // 8
    for j in range(conditions.shape[0]):
        register, warmup = conditions[j, 0], conditions[j, 1]
        if register < 0:
            continue
        for word in range(0, stride, 8):
            new = word_at(bits, first + register + word) & word_at(bits, mask + word)
            if dense:
                new &= ~word_at(given, origin + j * stride + word)
            while new != 0:
                i = 8 * word + lowest_bit(new)
                new &= new - np.uint64(1)
                # in a dense tile the place of a lane is found by its number, in a gathered one by its order
                position = places[i] if dense else order[start + i]
                lane = lanes[position]
                place = (lane // WIDTH) * conditions.shape[0] * stride + j * stride + ((lane % WIDTH) >> 3)
                bit = np.uint8(1 << (lane & 7))
                if given[place] & bit or seen[lane] < warmup:
                    continue
                given[place] |= bit
                found[count, 0], found[count, 1] = position, j
                count += 1
    return count


def array(kind, dimensions, readonly=False):
    return types.Array(kind, dimensions, "C", readonly=readonly)


#: one signature each, so that the kernels are compiled when imported, not with the first price
NUMBERS, BITS_ROW, INTEGERS, TABLE = (
    array(types.float64, 1),
    array(types.uint8, 1),
    array(types.int64, 1),
    array(types.int64, 2),
)
GIVEN_INTEGERS, GIVEN_TABLE = array(types.int64, 1, True), array(types.int64, 2, True)
STATE, GIVEN_PRICES = array(types.float64, 2), array(types.float64, 2, True)
_SWEEP = types.int64(
    *[GIVEN_TABLE, array(types.float64, 1, True), GIVEN_TABLE, GIVEN_TABLE, NUMBERS, BITS_ROW, BITS_ROW],
    *[GIVEN_INTEGERS, GIVEN_INTEGERS, GIVEN_INTEGERS, GIVEN_INTEGERS, GIVEN_PRICES, GIVEN_INTEGERS, GIVEN_TABLE],
    *[STATE, INTEGERS, GIVEN_INTEGERS, NUMBERS, INTEGERS, array(types.int32, 2)],
)


def _compiled(callees):
    @njit(_SWEEP, cache=True, nogil=True, error_model="numpy")
    def sweep(
        code,
        params,
        inputs,
        conditions,
        mem,
        bits,
        given,
        shape,
        arena,
        lanes,
        at,
        prices,
        order,
        groups,
        state,
        seen,
        frames,
        spare,
        due,
        found,
    ):
        """Preview groups of lanes; returns how many new true conditions are in `found` (position, output).

        inputs (m, 2): column of the prices, register. conditions (n, 2): register of bits or -1, warm-up. shape: first
        operand, operands of a tile, first flag, flags of a tile (bytes). arena: first register, scratch row, first
        register of bits, scratch bits, of this thread. lanes, at (L,), prices (columns, L); order: positions in lanes,
        groups (g, 3): their start and stop in `order` and 1 where they lie in one tile that is run whole. frames: own
        bars in one bar of each section, the lane's own bars (1) first.
        """
        if callees == 0:
            return 0
        bases = np.zeros(5, np.int64)
        bases[REGISTER], bases[BITS] = arena[0], arena[2]
        scratch, bit_scratch = arena[1], arena[3]
        mask = bit_scratch + 3 * (WIDTH // 8)
        places, flag_places = np.zeros(WIDTH, np.int64), np.zeros(WIDTH, np.int64)
        rows, when = np.zeros(WIDTH, np.int64), np.zeros((frames.size, WIDTH))
        count = 0
        for g in range(groups.shape[0]):
            start, stop, dense = groups[g, 0], groups[g, 1], groups[g, 2] != 0
            tile = lanes[order[start]] // WIDTH
            origin = tile * conditions.shape[0] * (WIDTH // 8)
            for j in range(WIDTH // 8):
                bits[mask + j] = 0
            for n in range(start, stop):
                position = order[n]
                lane = lanes[position]
                i = lane % WIDTH if dense else n - start
                bits[mask + (i >> 3)] |= np.uint8(1 << (i & 7))
                rows[i] = lane
                for j in range(frames.size):
                    when[j, i] = np.floor(float(at[position]) / frames[j])
                if dense:
                    places[i] = position
                else:
                    places[i] = shape[0] + (lane // WIDTH) * shape[1] + lane % WIDTH
                    flag_places[i] = 8 * (shape[2] + (lane // WIDTH) * shape[3]) + lane % WIDTH
                for j in range(inputs.shape[0]):
                    mem[arena[0] + inputs[j, 1] + i] = prices[inputs[j, 0], position]
            size = WIDTH
            if dense:
                for i in range(WIDTH):
                    rows[i] = min(tile * WIDTH + i, state.shape[1] - 1)
                bases[OPERAND], bases[FLAG] = shape[0] + tile * shape[1], shape[2] + tile * shape[3]
            else:
                size = (stop - start + 7) // 8 * 8
                for i in range(stop - start, size):
                    places[i], flag_places[i], rows[i] = places[0], flag_places[0], rows[0]
                    for j in range(frames.size):
                        when[j, i] = when[j, 0]
            _run(
                code,
                params,
                mem,
                bits,
                bases,
                scratch,
                bit_scratch,
                size,
                not dense,
                places,
                flag_places,
                when,
                state,
                rows[:size],
                spare,
                due,
            )
            count = _emit(
                bits,
                arena[2],
                conditions,
                mask,
                given,
                lanes,
                seen,
                order,
                start,
                dense,
                origin,
                places,
                found,
                count,
            )
        return count

    return sweep


#: what is compiled into this file's kernels
CALLEES = (k, ks, w, o, machine, v, kernels_events, kernels_order, kernels_weighted, kg)


def _hash_of_callees():
    files = [Path(str(module.__file__)) for module in CALLEES]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return int.from_bytes(hashlib.blake2b(content, digest_size=7).digest()) | 1


sweep = _compiled(_hash_of_callees())


@njit(types.int64(GIVEN_INTEGERS, INTEGERS, TABLE, INTEGERS), cache=True, nogil=True, error_model="numpy")
def grouped(lanes, order, groups, counts):
    """Sort positions by tile; groups of whole tiles first come with their lanes, what is left in gathered ones.

    A tile is run whole where a quarter of its lanes have news. Returns the number of groups.
    """
    for position in range(lanes.size):
        counts[lanes[position] // WIDTH] += 1
    number, place = 0, 0
    starts = np.zeros(counts.size + 1, np.int64)
    for tile in range(counts.size):
        if 4 * counts[tile] >= WIDTH:
            groups[number, 0], groups[number, 1], groups[number, 2] = place, place + counts[tile], 1
            number += 1
            starts[tile] = place
            place += counts[tile]
    rest = place
    for tile in range(counts.size):
        if 4 * counts[tile] < WIDTH:
            starts[tile] = place
            place += counts[tile]
    for position in range(lanes.size):
        tile = lanes[position] // WIDTH
        order[starts[tile]] = position
        starts[tile] += 1
    for start in range(rest, lanes.size, WIDTH):
        groups[number, 0], groups[number, 1], groups[number, 2] = start, min(lanes.size, start + WIDTH), 0
        number += 1
    return number


_SETTLED = types.int64(types.Array(types.uint8, 2, "A", readonly=True), GIVEN_INTEGERS, BITS_ROW, array(types.int32, 2))


@njit(_SETTLED, cache=True, nogil=True, error_model="numpy")
def settled(conditions, lanes, given, found):
    """What a close makes of the reported: conditions uint8 (n, L) of the final bars of lanes (L,).

    found int32 (most, 3): position in lanes, output, 1 where it holds and 0 where it was reported and does not.
    Nothing of these lanes is reported any more. Returns how many there are.
    """
    count, stride, size = 0, WIDTH // 8, lanes.size
    whole = size >> 3
    # places of the bytes that hold eight lanes in a row, -1 where they do not stand side by side
    blocks = np.empty(whole, np.int64)
    for b in range(whole):
        first = lanes[8 * b]
        blocks[b] = (first // WIDTH) * conditions.shape[0] * stride + ((first % WIDTH) >> 3)
        for i in range(1, 8):
            if lanes[8 * b + i] != first + i:
                blocks[b] = -1
        if first & 7:
            blocks[b] = -1
    for j in range(conditions.shape[0]):
        row = conditions[j]
        for b in range(whole + 1):
            start, stop = 8 * b, min(size, 8 * b + 8)
            if b < whole and blocks[b] >= 0 and given[blocks[b] + j * stride] == 0:
                any_true = np.uint8(0)
                for i in range(8):
                    any_true |= row[start + i]
                if any_true == 0:
                    continue
            for position in range(start, stop):
                lane = lanes[position]
                place = (lane // WIDTH) * conditions.shape[0] * stride + j * stride + ((lane % WIDTH) >> 3)
                bit = np.uint8(1 << (lane & 7))
                before = given[place] & bit
                if row[position] == 0 and before == 0:
                    continue
                given[place] &= ~bit
                found[count, 0], found[count, 1], found[count, 2] = position, j, row[position] != 0
                count += 1
    return count
