# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-overload"
"""The interpreter: one compiled kernel that runs any program over blocks of lanes x bars.

A program is a table of instructions (op, destination, a, b, c, state slot, index of its parameters, warm-up).
Registers are rows of one array, as wide as a tile; a tile is either one bar of many lanes, or some bars of one or
more lanes laid out (lane, bar). All reductions have one fixed order, so any tiling gives the same bits.
"""

from __future__ import annotations

import functools
import hashlib
import math
from pathlib import Path

import numpy as np
from numba import njit, types

from engine.indicators import kernels as k
from engine.indicators import (
    kernels_beside,
    kernels_calendar,
    kernels_events,
    kernels_generations,
    kernels_order,
    kernels_weighted,
)
from engine.indicators import kernels_frames as f
from engine.indicators import kernels_statistics as ks
from engine.indicators import kernels_windows as w
from engine.indicators import opcodes as o
from engine.rules import kernels_tile
from engine.rules.kernels_tile import hold, home, load, place_output, row_of, store_condition, store_value

NEG, ABS, SQRT, EXP, LOG = o.NEG, o.ABS, o.SQRT, o.EXP, o.LOG
ADD, SUB, MUL, DIV, MAX, GT, GE, AND, OR, WHERE = o.ADD, o.SUB, o.MUL, o.DIV, o.MAX, o.GT, o.GE, o.AND, o.OR, o.WHERE
LAG, RECUR, SUM, EXTREME, SQUARES = o.LAG, o.RECUR, o.SUM, o.EXTREME, o.SQUARES
RUN, CROSS, EDGE, PAIR, RECUR_SLOTS = o.RUN, o.CROSS, o.EDGE, o.PAIR, o.RECUR_SLOTS
STORE_CONDITION, STORE_VALUE = o.STORE_CONDITION, o.STORE_VALUE

lag_series, lag_lanes, recur_series, recur_lanes = k.lag_series, k.lag_lanes, k.recur_series, k.recur_lanes
sum_series, sum_lanes, extreme_series, extreme_lanes = w.sum_series, w.sum_lanes, w.extreme_series, w.extreme_lanes
squares_series, squares_lanes, run_series, run_lanes = w.squares_series, w.squares_lanes, k.run_series, k.run_lanes
cross_series, cross_lanes, edge_series, edge_lanes = k.cross_series, k.cross_lanes, k.edge_series, k.edge_lanes
clock, events_series, events_lanes = kernels_calendar.clock, kernels_events.events_series, kernels_events.events_lanes
order_series, order_lanes = kernels_order.order_series, kernels_order.order_lanes
weighted_series, weighted_lanes = kernels_weighted.weighted_series, kernels_weighted.weighted_lanes
generations_series, generations_lanes = kernels_generations.generations_series, kernels_generations.generations_lanes
WEIGHTED, AGE, QUANTILE, ADAPTIVE, REVERSAL_EXTREME = o.WEIGHTED, o.AGE, o.QUANTILE, o.ADAPTIVE, o.REVERSAL_EXTREME
frame_series, frame_lanes, frame_double = f.frame_series, f.frame_lanes, f.frame_double
frame_commit, FRAME_SLOTS = f.frame_commit, o.FRAME_SLOTS
HOLD, CLOCK, FLOOR = o.HOLD, o.CLOCK, o.FLOOR
deviation_series, deviation_lanes, DEVIATION = ks.deviation_series, ks.deviation_lanes, o.DEVIATION
greater_of, pair_series = k.greater_of, k.pair_series


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _scalar_exp(x):
    return math.exp(x)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _scalar_log(x):
    return math.log(x) if x > 0.0 else (-np.inf if x == 0.0 else np.nan)


@njit(inline="always", error_model="numpy")
def unary(op, a, d):
    size = d.size
    if op == NEG:
        for i in range(size):
            d[i] = -a[i]
    elif op == ABS:
        for i in range(size):
            d[i] = abs(a[i])
    elif op == SQRT:
        for i in range(size):
            d[i] = math.sqrt(a[i])
    elif op == EXP:
        for i in range(size):
            d[i] = _scalar_exp(a[i])
    elif op == LOG:
        for i in range(size):
            d[i] = _scalar_log(a[i])
    elif op == FLOOR:
        for i in range(size):
            d[i] = np.floor(a[i])
    else:
        for i in range(size):
            d[i] = 1.0 - a[i]


@njit(inline="always", error_model="numpy")
def binary(op, a, b, d):
    size = d.size
    if op == ADD:
        for i in range(size):
            d[i] = a[i] + b[i]
    elif op == SUB:
        for i in range(size):
            d[i] = a[i] - b[i]
    elif op in (MUL, AND):
        for i in range(size):
            d[i] = a[i] * b[i]
    elif op == DIV:
        for i in range(size):
            d[i] = a[i] / b[i]
    elif op == GT:
        for i in range(size):
            d[i] = 1.0 if a[i] > b[i] else 0.0
    elif op == GE:
        for i in range(size):
            d[i] = 1.0 if a[i] >= b[i] else 0.0
    elif op in (MAX, OR):
        for i in range(size):
            d[i] = greater_of(a[i], b[i])
    else:
        for i in range(size):
            d[i] = -greater_of(-a[i], -b[i])


@njit(inline="always", error_model="numpy")
def _stateful_lanes(op, a, b, d, at, state, base, rows, commit, spare, due, p):
    """One bar of many lanes."""
    if op == RECUR:
        recur_lanes(a, d, at, state, base, rows, commit, int(p[0]), p[1], p[2], p[3])
    elif op == SUM:
        sum_lanes(a, d, at, state, base, rows, commit, spare, due, int(p[0]))
    elif op == EXTREME:
        extreme_lanes(a, d, at, state, base, rows, commit, spare, due, int(p[0]), p[1])
    elif op == SQUARES:
        squares_lanes(a, d, at, state, base, rows, commit, spare, due, int(p[0]))
    elif op == LAG:
        lag_lanes(a, d, state, base, rows, commit, int(p[0]))
    elif op == DEVIATION:
        deviation_lanes(a, b, d, state, base, rows, commit, int(p[0]))
    elif op == RUN:
        run_lanes(a, d, state, base, rows, commit, p[0], p[1])
    elif op == CROSS:
        cross_lanes(a, b, d, state, base, rows, commit)
    elif op == EDGE:
        edge_lanes(a, d, state, base, rows, commit)
    elif op == WEIGHTED:
        weighted_lanes(a, d, at, state, base, rows, commit, spare, due, int(p[0]))
    elif AGE <= op <= QUANTILE:
        order_lanes(op, a, d, state, base, rows, commit, spare, p)
    else:
        events_lanes(op, a, b, d, state, base, rows, commit, p)


@njit(inline="always", error_model="numpy")
def _stateful_series(op, a, b, d, at, st, spare, p):
    """Many bars of one lane; st is a contiguous copy of its slots."""
    if op == RECUR:
        recur_series(a, d, at, st, int(p[0]), p[1], p[2], p[3])
    elif op == SUM:
        sum_series(a, d, at, st, spare, int(p[0]))
    elif op == EXTREME:
        extreme_series(a, d, at, st, spare, int(p[0]), p[1])
    elif op == SQUARES:
        squares_series(a, d, at, st, spare, int(p[0]))
    elif op == LAG:
        lag_series(a, d, st, int(p[0]))
    elif op == DEVIATION:
        deviation_series(a, b, d, st, spare, int(p[0]))
    elif op == RUN:
        run_series(a, d, st, p[0], p[1])
    elif op == CROSS:
        cross_series(a, b, d, st)
    elif op == EDGE:
        edge_series(a, d, st)
    elif op == WEIGHTED:
        weighted_series(a, d, at, st, spare, int(p[0]))
    elif AGE <= op <= QUANTILE:
        order_series(op, a, d, st, spare, p)
    else:
        events_series(op, a, b, d, st, p)


@njit(inline="always", error_model="numpy")
def _run_pair(a, b, d, e, when, state, base, rows, commit, bars, slots, p):
    if bars == 1:
        at = when[: a.size]
        recur_lanes(a, d, at, state, base, rows, commit, int(p[0]), p[1], p[2], p[3])
        recur_lanes(b, e, at, state, base + RECUR_SLOTS, rows, commit, int(p[4]), p[5], p[6], p[7])
        return
    st = slots[: 2 * RECUR_SLOTS]
    for i in range(rows.size):
        part = slice(i * bars, (i + 1) * bars)
        for j in range(2 * RECUR_SLOTS):
            st[j] = state[base + j, rows[i]]
        pair_series(
            a[part], b[part], d[part], e[part], when[part], st, int(p[0]), p[1], p[2], p[3], int(p[4]), p[5], p[6], p[7]
        )
        if commit:
            for j in range(2 * RECUR_SLOTS):
                state[base + j, rows[i]] = st[j]


@njit(inline="always", error_model="numpy")
def _run_code(
    code,
    params,
    state,
    seen,
    rows,
    bars,
    registers,
    places,
    when,
    slots,
    spare,
    due,
    commit,
    conditions,
    values,
    first,
    start,
    work,
    total,
):
    """A section's instructions over rows.size lanes x bars in its registers; outputs are written from (first, start)
    on. work, total: see _hold; with no bars at all only what is held is said."""
    lanes = rows.size
    size = lanes * bars
    direct = lanes == 1 and bars > 1 and total == 0
    for line in range(code.shape[0]):
        op, dst = code[line, 0], code[line, 1]
        a = row_of(places, code[line, 2], size)
        if op == HOLD:
            hold(a, registers[dst], state, code[line, 5], rows, commit, bars, work, total)
            continue
        if bars == 0:
            continue
        b = row_of(places, code[line, 3], size)
        if op == STORE_CONDITION:
            store_condition(a, seen, rows, code[line, 7], bars, conditions[dst], first, start)
            continue
        if op == STORE_VALUE:
            if not direct or places[code[line, 2]] != values[dst, first, start:].ctypes.data:
                store_value(a, lanes, bars, values[dst], first, start)
            continue
        if direct:
            place_output(code, line, dst, registers, places, values, first, start)
        d = row_of(places, dst, size)
        if op < ADD:
            unary(op, a, d)
        elif op < WHERE:
            binary(op, a, b, d)
        elif op == WHERE:
            c = row_of(places, code[line, 4], size)
            for i in range(size):
                x, y = b[i], c[i]
                d[i] = x if a[i] != 0.0 else y
        else:
            base, p = code[line, 5], params[code[line, 6] :]
            if op == CLOCK:
                clock(when[:size], d, int(p[0]), p[1], int(p[2]))
                continue
            if op == PAIR:
                second = code[line, 4]
                places[second] = home(registers, second)
                _run_pair(a, b, d, row_of(places, second, size), when, state, base, rows, commit, bars, slots, p)
                continue
            turning = ADAPTIVE <= op <= REVERSAL_EXTREME
            c = row_of(places, code[line, 4], size)
            if bars == 1 and turning:
                generations_lanes(op, a, b, c, d, when[:size], state, base, rows, commit, slots, p)
                continue
            if bars == 1:
                _stateful_lanes(op, a, b, d, when[:size], state, base, rows, commit, spare, due, p)
                continue
            length = code[line, 7]
            for i in range(lanes):
                part = slice(i * bars, (i + 1) * bars)
                st = slots[:length]
                for j in range(length):
                    st[j] = state[base + j, rows[i]]
                if turning:
                    generations_series(op, a[part], b[part], c[part], d[part], when[part], st, p)
                else:
                    _stateful_series(op, a[part], b[part], d[part], when[part], st, spare, p)
                if commit:
                    for j in range(length):
                        state[base + j, rows[i]] = st[j]


@njit(inline="always", error_model="numpy")
def _close(section, lines, columns, index, bars, state, rows, registers, when, slots, work, commit):
    """Longer bars that close in a tile, as registers; (how many a lane, lanes that close two).

    Several bars (then of one lane): the series of the closed ones. One bar of many lanes: the lanes that close one bar
    side by side in work; what each lane holds is written before, to stay where nothing closes.
    """
    frame, base = float(section[0]), section[3]
    if index.shape[1] > 1:
        st = slots[:FRAME_SLOTS]
        for j in range(FRAME_SLOTS):
            st[j] = state[base + j, rows[0]]
        count = frame_series(index, bars, st, frame, columns, registers, when, work[0])
        if commit:
            for j in range(FRAME_SLOTS):
                state[base + j, rows[0]] = st[j]
        return count, 0
    for line in range(lines.shape[0]):
        if lines[line, 0] == HOLD:
            out, slot = registers[lines[line, 1]], lines[line, 5]
            for i in range(rows.size):
                out[i] = state[slot, rows[i]]
    return frame_lanes(index, bars, state, base, rows, frame, columns, registers, when, work, slots)


def _array(kind, dimensions, layout="A", readonly=False):
    return types.Array(kind, dimensions, layout, readonly=readonly)


#: one signature for every layout of the caller's arrays: the interpreter is compiled once, and when imported
_SIGNATURE = types.void(
    _array(types.int32, 2, "C", True),
    _array(types.int32, 2, "C", True),
    _array(types.float64, 1, "C", True),
    _array(types.int32, 2, "C", True),
    _array(types.float64, 2, "C"),
    _array(types.int64, 1, "C"),
    _array(types.int64, 1, "C"),
    _array(types.int64, 2, "A", True),
    _array(types.float64, 3, "A", True),
    _array(types.float64, 2, "C"),
    _array(types.float64, 1, "C"),
    _array(types.float64, 1, "C"),
    _array(types.int64, 1, "C"),
    _array(types.int64, 2, "C"),
    _array(types.int64, 1, "C"),
    types.boolean,
    _array(types.uint8, 3, "C"),
    _array(types.float64, 3, "C"),
)


def _compiled(callees):
    """The kernel. numba's cache compares this file only, so the hash of what it calls is a constant of its key."""

    @njit(_SIGNATURE, cache=True, nogil=True, error_model="numpy")
    def execute(
        code,
        sections,
        params,
        inputs,
        state,
        seen,
        rows,
        index,
        bars,
        registers,
        slots,
        spare,
        due,
        work,
        places,
        commit,
        conditions,
        values,
    ):
        """Run a program over index (L, T) and bars (6, L, T) into conditions (n, L, T) and values (n, L, T).

        rows: which of the state's lanes the L rows are. A preview (commit false) takes at most one tile of bars.
        """
        if callees == 0:
            return
        lanes, total = index.shape
        width = due.size
        span = min(total, width)
        # longer bars close at other bars in each lane, so several bars of them are run one lane after the other
        group = 1 if span > 1 and sections.shape[0] > 1 else max(1, width // max(1, span))
        for first in range(0, lanes, group):
            last = min(lanes, first + group)
            tile = rows[first:last]
            for start in range(0, total, span):
                end = min(total, start + span)
                at, prices, count = index[first:last, start:end], bars[:, first:last, start:end], end - start
                for register in range(places.size):
                    places[register] = home(registers, register)
                for s in range(sections.shape[0]):
                    section = sections[s]
                    lines, columns = code[section[1] : section[2]], inputs[section[4] : section[5]]
                    own = section[0] == 1
                    when = registers[registers.shape[0] - (1 if own else 2)]
                    some, doubles = count, 0
                    if own:
                        load(columns, at, prices, registers, when, places)
                    else:
                        some, doubles = _close(
                            section, lines, columns, at, prices, state, tile, registers, when, slots, work, commit
                        )
                    beside = not own and count == 1
                    for turn in range(1 + doubles):
                        # the lanes of a section's tile and bars of each: lanes that close two longer bars come alone
                        some_rows, some_bars = tile, some
                        if beside:
                            some_rows, some_bars = work[1, :some], 1
                        if turn > 0:
                            i = work[2, turn - 1]
                            frame_double(
                                at,
                                prices,
                                state,
                                section[3],
                                tile,
                                float(section[0]),
                                columns,
                                registers,
                                when,
                                i,
                                slots,
                            )
                            work[0, 0] = i
                            some_rows, some_bars = tile[i : i + 1], 2
                        _run_code(
                            lines,
                            params,
                            state,
                            seen,
                            some_rows,
                            some_bars,
                            registers,
                            places,
                            when,
                            slots,
                            spare,
                            due,
                            commit,
                            conditions,
                            values,
                            first,
                            start,
                            work,
                            0 if own or beside else count,
                        )
                    if beside and commit:
                        frame_commit(at, prices, state, section[3], tile, float(section[0]), slots)
                if commit:
                    for row in tile:
                        seen[row] += end - start

    return execute


def _hash_of_callees():
    modules = [
        k,
        ks,
        w,
        f,
        o,
        kernels_beside,
        kernels_calendar,
        kernels_events,
        kernels_generations,
        kernels_order,
        kernels_weighted,
    ]
    modules.append(kernels_tile)
    files = [Path(str(module.__file__)) for module in modules]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    return int.from_bytes(hashlib.blake2b(content, digest_size=7).digest()) | 1


@functools.cache
def interpreter():
    """The compiled kernel; compiled (or read from the cache) when first asked for."""
    return _compiled(_hash_of_callees())
