# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, call-arg, call-overload, misc, var-annotated"
"""The interpreter of history programs: one lane, many bars, conditions as words of bits.

It says what the interpreter of kernels.py says, bit for bit. It is entered by its address, so that a kernel that calls
it need not be compiled together with it; all that it works on is given as one table of addresses (`Table`).
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import numpy as np
from numba import carray, cfunc, njit, types
from numba.extending import intrinsic

from engine.indicators import kernels as k
from engine.indicators import (
    kernels_beside,
    kernels_calendar,
    kernels_events,
    kernels_generations,
    kernels_order,
    kernels_weighted,
    opcodes,
)
from engine.indicators import kernels_frames as f
from engine.indicators import kernels_statistics as ks
from engine.indicators import kernels_windows as w
from engine.rules import history_ops as o
from engine.rules import kernels, kernels_doubling, kernels_wide, kernels_words
from engine.rules.kernels_wide import numbers, words

(
    CODE, LINES, SECTIONS, N_SECTIONS, PARAMS, N_PARAMS, INPUTS, N_INPUTS, STATE, N_STATE, PLACES, STEPS, N_PLACES,
    REGISTERS, N_REGISTERS, WIDTH, WORDS, WORD_WIDTH, WHEN, WORK, SPARE, N_SPARE, SEEN, TILE,
    AT, COLUMNS, COLUMN_STEP, BITS, BITS_STEP, VALUES, VALUES_STEP, N_VALUES, N_BITS,
) = range(33)  # fmt: skip
N_TABLE = 33

_scalar_exp, _scalar_log = kernels._scalar_exp, kernels._scalar_log
binary, unary, compare, choose = kernels_wide.binary, kernels_wide.unary, kernels_wide.compare, kernels_wide.choose
crossing = kernels_wide.crossing
edges, crossed, recent, silence = (
    kernels_words.edges,
    kernels_words.crossed,
    kernels_words.recent,
    kernels_words.silence,
)
value_at, bars_since, run_length = kernels_words.value_at, kernels_words.bars_since, kernels_words.run_length
hold_words, NONE, ALL = kernels_words.hold_words, kernels_words.NONE, kernels_words.ALL
doubled_extremes, doubled_age = kernels_doubling.doubled_extremes, kernels_doubling.doubled_age
lag_series, recur_series, pair_series = k.lag_series, k.recur_series, k.pair_series
sum_series, extreme_series, squares_series = w.sum_series, w.extreme_series, w.squares_series
deviation_series, weighted_series = ks.deviation_series, kernels_weighted.weighted_series
order_series, generations_series = kernels_order.order_series, kernels_generations.generations_series
events_series, clock = kernels_events.events_series, kernels_calendar.clock
frame_series, hold_series = f.frame_series, f.hold_series
MACHINE_ANCHORED, FRAME_SLOTS = opcodes.ANCHORED, opcodes.FRAME_SLOTS
CLOSE_ROOM = 8


@intrinsic
def _int_pointer(typing_context, address):
    """An address as a pointer to int64."""

    def generate(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.int64)(types.int64), generate


@njit(inline="always", error_model="numpy")
def integers(address, shape):
    return carray(_int_pointer(address), shape)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _conditions(op, a, b, d, count):
    if op == o.AND:
        for i in range(np.uint64(count)):
            d[i] = a[i] & b[i]
    elif op == o.OR:
        for i in range(np.uint64(count)):
            d[i] = a[i] | b[i]
    else:
        for i in range(np.uint64(count)):
            d[i] = ~a[i]


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _scalar(op, a, d):
    if op == o.EXP:
        for i in range(a.size):
            d[i] = _scalar_exp(a[i])
    else:
        for i in range(a.size):
            d[i] = _scalar_log(a[i])


@njit(inline="always", error_model="numpy")
def _step(a, d, address, out, st, bars, sign):
    """Greater (sign 1) or less (-1) than the bar before. st: the value before."""
    groups, before, said = ((bars + 7) >> 3) - 1, st[0], np.uint64(0)
    # the first eight one by one: what lies before a row is not read
    for t in range(min(bars, 8)):
        said |= np.uint64(a[t] * sign > before * sign) << np.uint64(t)
        before = a[t]
    if sign > 0.0:
        compare(o.GT, out + 1, address + 64, 64, address + 56, 64, groups)
    else:
        compare(o.GT, out + 1, address + 56, 64, address + 64, 64, groups)
    d[0] = d[0] & ~np.uint64(255) | said
    st[0] = a[bars - 1]


@njit(inline="always", error_model="numpy")
def _stateful(op, line, table, places, params, state, when, bars, spare):
    """Numbers that carry state."""
    d = numbers(places[line[1]], bars)
    st = state[line[5] : line[5] + line[7]]
    p = params[line[6] :]
    if op == o.CLOCK:
        clock(when, d, int(p[0]), p[1], int(p[2]))
        return
    a = numbers(places[line[2]], bars)
    if op == o.EXTREMES:
        doubled_extremes(a, when, st, spare, line[3], p, places)
    elif op == o.SUM:
        sum_series(a, d, when, st, spare, int(p[0]))
    elif op == o.LAG:
        lag_series(a, d, st, int(p[0]))
    elif op == o.RECUR:
        recur_series(a, d, when, st, int(p[0]), p[1], p[2], p[3])
    elif op == o.PAIR:
        b, e = numbers(places[line[3]], bars), numbers(places[line[4]], bars)
        pair_series(a, b, d, e, when, st, int(p[0]), p[1], p[2], p[3], int(p[4]), p[5], p[6], p[7])
    elif op == o.SQUARES:
        squares_series(a, d, when, st, spare, int(p[0]))
    elif op == o.AGE:
        doubled_age(a, d, when, st, spare, int(p[0]), p[1])
    elif op == o.LONG_EXTREME:
        extreme_series(a, d, when, st, spare, int(p[0]), p[1])
    elif op == o.DEVIATION:
        deviation_series(a, numbers(places[line[3]], bars), d, st, spare, int(p[0]))
    elif op == o.WEIGHTED:
        weighted_series(a, d, when, st, spare, int(p[0]))
    elif op == o.ORDER:
        order_series(int(p[2]), a, d, st, spare, p)
    elif op == o.ANCHORED:
        events_series(MACHINE_ANCHORED, a, numbers(places[line[3]], bars), d, st, p)
    else:
        b, c = numbers(places[line[3]], bars), numbers(places[line[4]], bars)
        generations_series(int(p[8]), a, b, c, d, when, st, p)


@njit(inline="always", error_model="numpy")
def _from_conditions(op, line, places, params, state, bars, test):
    """Numbers from conditions."""
    d = numbers(places[line[1]], bars)
    st, p = state[line[5] : line[5] + line[7]], params[line[6] :]
    if op == o.VALUE_AT:
        value_at(test, numbers(places[line[3]], bars), d, st, bars, p[0], int(p[1]))
    elif op == o.BARS_SINCE:
        bars_since(test, d, st, bars, p[0])
    else:
        run_length(test, d, st, bars, p[0])


@njit(inline="always", error_model="numpy")
def _outputs(op, line, table, places, state, a, bars, seen, offset, number_offset):
    """Conditions and values as outputs; the former silent before their warm-up."""
    if op == o.STORE_VALUE:
        source = numbers(places[line[2]], bars)
        target = numbers(table[VALUES] + 8 * (line[1] * table[VALUES_STEP] + number_offset), bars)
        for i in range(np.uint64(bars)):
            target[i] = source[i]
        return
    count = (bars + 63) >> 6
    target = words(table[BITS] + 8 * (line[1] * table[BITS_STEP] + offset), count)
    if op == o.STORE_EDGE:
        edges(a, target, state[line[5] : line[5] + 1], bars)
    else:
        for i in range(np.uint64(count)):
            target[i] = a[i]
    if seen < line[7]:
        silence(target, min(bars, line[7] - seen))
    if bars & 63:
        target[count - 1] &= kernels_words.below(bars & 63)


@njit(inline="always", error_model="numpy")
def _run_lines(code, begin, stop, table, places, steps, params, state, when, bars, spare, work, closing, start, seen):
    """A section's lines over `bars` bars; closing: own bars of the tile where the section is of longer ones, else 0.
    start: of the tile in the outputs."""
    groups, count = (bars + 7) >> 3, (bars + 63) >> 6
    word_base, word_step = table[WORDS], 8 * table[WORD_WIDTH]
    for number in range(begin, stop):
        line = code[number]
        op = line[0]
        if op >= o.HOLD:
            slot = line[5]
            if op == o.HOLD:
                out = numbers(places[line[1]], closing)
                state[slot] = hold_series(numbers(places[line[2]], bars), out, work, state[slot])
            else:
                held = words(word_base + word_step * line[1], (closing + 63) >> 6)
                a = words(word_base + word_step * line[2], count)
                state[slot] = hold_words(a, held, work, bars, closing, state[slot])
            continue
        if bars == 0:
            continue
        if op < o.NEG:
            a, b = line[2], line[3]
            binary(op, places[line[1]], places[a], steps[a], places[b], steps[b], groups)
        elif op < o.EXP:
            unary(op, places[line[1]], places[line[2]], groups)
        elif op < o.WHERE:
            _scalar(op, numbers(places[line[2]], bars), numbers(places[line[1]], bars))
        elif op == o.WHERE:
            a, b = line[3], line[4]
            test = word_base + word_step * line[2]
            choose(places[line[1]], test, places[a], steps[a], places[b], steps[b], groups)
        elif op < o.CROSS:
            a, b = line[2], line[3]
            compare(op, word_base + word_step * line[1], places[a], steps[a], places[b], steps[b], groups)
        elif op == o.CROSS:
            a, b, base = line[2], line[3], word_base
            crossing(base, base + word_step, places[a], steps[a], places[b], steps[b], groups)
            d = words(word_base + word_step * line[1], count)
            crossed(words(base, count), words(base + word_step, count), d, state[line[5] : line[5] + 1], bars)
        elif op == o.STEP:
            a, d = numbers(places[line[2]], bars), words(word_base + word_step * line[1], count)
            address = word_base + word_step * line[1]
            _step(a, d, places[line[2]], address, state[line[5] : line[5] + 1], bars, params[line[6]])
        elif op < o.EDGE:
            a, b = words(word_base + word_step * line[2], count), words(word_base + word_step * line[3], count)
            _conditions(op, a, b, words(word_base + word_step * line[1], count), count)
        elif op == o.EDGE:
            a, d = words(word_base + word_step * line[2], count), words(word_base + word_step * line[1], count)
            edges(a, d, state[line[5] : line[5] + 1], bars)
        elif op < o.STORE:
            a, d = words(word_base + word_step * line[2], count), words(word_base + word_step * line[1], count)
            st, p = state[line[5] : line[5] + 1], params[line[6] :]
            recent(a, d, st, bars, int(p[0]), NONE if op == o.RECENT else ALL)
            skip = np.int64(p[1])
            if seen < skip:
                # the section's own bars so far are counted by the caller
                silence(d, min(bars, skip - seen))
        elif op < o.VALUE_AT:
            a = words(word_base + word_step * line[2], count)
            _outputs(op, line, table, places, state, a, bars, seen, start >> 6, start)
        elif op < o.LAG:
            _from_conditions(op, line, places, params, state, bars, words(word_base + word_step * line[2], count))
        else:
            _stateful(op, line, table, places, params, state, when, bars, spare)


def _compiled(callees):
    """The kernel. numba's cache compares this file only, so the hash of what it calls is a constant of its key."""

    @cfunc(types.void(types.int64, types.int64, types.int64), cache=True, error_model="numpy")
    def history(address, start, stop):
        """Run the program of a table over bars start .. stop-1 of its series, into the first bars of its outputs."""
        if callees == 0:
            return
        table = integers(address, (N_TABLE,))
        code, sections = integers(table[CODE], (table[LINES], 8)), integers(table[SECTIONS], (table[N_SECTIONS], 6))
        inputs, params = integers(table[INPUTS], (table[N_INPUTS], 2)), numbers(table[PARAMS], table[N_PARAMS])
        state, spare = numbers(table[STATE], table[N_STATE]), numbers(table[SPARE], table[N_SPARE])
        places, steps = integers(table[PLACES], (table[N_PLACES],)), integers(table[STEPS], (table[N_PLACES],))
        registers = carray(kernels_wide._pointer(table[REGISTERS]), (table[N_REGISTERS], table[WIDTH]))
        tile, work = table[TILE], integers(table[WORK], (table[TILE] + CLOSE_ROOM,))
        seen = integers(table[SEEN], (table[N_SECTIONS],))
        for first in range(start, stop, tile):
            count = min(tile, stop - first)
            into = first - start
            own = numbers(table[AT] + 8 * first, count)
            for i in range(table[N_VALUES]):
                # the last places are the values' own rows
                places[table[N_PLACES] - table[N_VALUES] + i] = table[VALUES] + 8 * (i * table[VALUES_STEP] + into)
            for s in range(table[N_SECTIONS]):
                section = sections[s]
                some, when, closing = count, own, 0
                if section[0] == 1:
                    for i in range(section[4], section[5]):
                        places[inputs[i, 1]] = table[COLUMNS] + 8 * (inputs[i, 0] * table[COLUMN_STEP] + first)
                else:
                    closing = count
                    frame = float(section[0])
                    longer = numbers(table[WHEN], table[WIDTH])
                    st = state[section[3] : section[3] + FRAME_SLOTS]
                    columns = carray(kernels_wide._pointer(table[COLUMNS] + 8 * first), (6, 1, table[COLUMN_STEP]))
                    index = carray(kernels_wide._pointer(table[AT] + 8 * first), (1, count))
                    some = frame_series(
                        index, columns, st, frame, inputs[section[4] : section[5]], registers, longer, work
                    )
                    when = numbers(table[WHEN], some)
                _run_lines(
                    code,
                    section[1],
                    section[2],
                    table,
                    places,
                    steps,
                    params,
                    state,
                    when,
                    some,
                    spare,
                    work,
                    closing,
                    into,
                    seen[s],
                )
                seen[s] += some
        used = (stop - start + 63) >> 6
        if used < table[BITS_STEP]:
            for row in range(table[N_BITS]):
                rest = words(table[BITS] + 8 * (row * table[BITS_STEP] + used), table[BITS_STEP] - used)
                for i in range(rest.size):
                    rest[i] = NONE

    return history


def _hash_of_callees():
    modules = [k, ks, w, f, o, opcodes, kernels, kernels_calendar, kernels_events, kernels_generations, kernels_order]
    modules += [kernels_beside, kernels_weighted, kernels_doubling, kernels_wide, kernels_words]
    files = [Path(str(module.__file__)) for module in modules]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return int.from_bytes(hashlib.blake2b(content, digest_size=7).digest()) | 1


@functools.cache
def history_kernel():
    """The compiled kernel; compiled (or read from the cache) when first asked for. Its address is `.address`."""
    return _compiled(_hash_of_callees())


@intrinsic
def _enter(typing_context, entry, table, start, stop):
    def generate(context, builder, signature, arguments):
        import llvmlite.ir as ir

        whole = ir.IntType(64)
        function = builder.inttoptr(arguments[0], ir.FunctionType(ir.VoidType(), (whole,) * 3).as_pointer())
        builder.call(function, arguments[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def enter(entry, table, start, stop):
    """Call the kernel at an address."""
    _enter(entry, table, start, stop)
