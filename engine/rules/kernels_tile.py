# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, call-arg"
"""What the interpreter reads and writes a tile by: where registers lie, inputs in, outputs out."""

from __future__ import annotations

import numpy as np
from numba import carray, njit, types
from numba.extending import intrinsic

from engine.indicators.kernels import ONE
from engine.indicators.kernels_frames import hold_series
from engine.indicators.opcodes import STORE_CONDITION, STORE_VALUE


@njit(inline="always", error_model="numpy")
def store_condition(a, seen, rows, warmup, bars, out, first, start):
    """Into out (lanes, bars) uint8 from (first, start) on; 0 on the bars before the warm-up is filled."""
    if bars == 1:
        for i in range(rows.size):
            out[first + i, start] = (a[i] != 0.0) & (seen[rows[i]] >= warmup)
        return
    for i in range(rows.size):
        row, part = out[first + i, start : start + bars], a[i * bars : (i + 1) * bars]
        for t in range(np.uint64(bars)):
            row[t] = np.uint8(part[t] != 0.0)
        for t in range(min(bars, max(0, warmup - seen[rows[i]]))):
            row[t] = 0


@njit(inline="always", error_model="numpy")
def store_value(a, lanes, bars, out, first, start):
    if bars == 1:
        for i in range(lanes):
            out[first + i, start] = a[i]
        return
    for i in range(lanes):
        row, part = out[first + i, start : start + bars], a[i * bars : (i + 1) * bars]
        for t in range(np.uint64(bars)):
            row[t] = part[t]


@intrinsic
def _float_pointer(typing_context, address):
    """An address as a pointer to float64."""

    def generate(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.float64)(types.int64), generate


@njit(inline="always", error_model="numpy")
def row_of(places, register, size):
    """A register where it lies now: in its own row, in the caller's bars, or in the caller's output."""
    return carray(_float_pointer(places[register]), size)


@njit(inline="always", error_model="numpy")
def home(registers, register):
    return registers.ctypes.data + register * registers.shape[1] * 8


@njit(inline="always", error_model="numpy")
def place_output(code, line, register, registers, places, values, first, start):
    """Where an operation writes: straight into the output that the next lines would copy it to, if one does."""
    places[register] = home(registers, register)
    following = line + 1
    while following < code.shape[0] and (code[following, 0] == STORE_CONDITION or code[following, 0] == STORE_VALUE):
        if code[following, 0] == STORE_VALUE and code[following, 2] == register:
            places[register] = values[code[following, 1], first, start:].ctypes.data
            return
        following += 1


@njit(inline="always", error_model="numpy")
def load(inputs, bars_at, prices, registers, when, places):
    """The inputs of a tile and its bar indices as registers, laid out (lane, bar). Bars of one lane that lie side by
    side are read where they are."""
    lanes, bars = bars_at.shape
    if lanes == 1 and bars > 1 and prices.strides[2] == 8:
        for j in range(inputs.shape[0]):
            places[inputs[j, 1]] = prices[inputs[j, 0], 0].ctypes.data
        begin = float(bars_at[0, 0])
        if bars_at[0, bars - 1] - bars_at[0, 0] == bars - 1:
            for t in range(np.uint64(bars)):
                when[t] = begin + float(t)
        else:
            for t in range(bars):
                when[t] = float(bars_at[0, t])
        return
    for j in range(inputs.shape[0]):
        register, column = registers[inputs[j, 1]], prices[inputs[j, 0]]
        n = np.uint64(0)
        for i in range(lanes):
            for t in range(bars):
                register[n] = column[i, t]
                n += ONE
    n = np.uint64(0)
    for i in range(lanes):
        for t in range(bars):
            when[n] = float(bars_at[i, t])
            n += ONE


@njit(inline="always", error_model="numpy")
def hold(a, out, state, slot, rows, commit, bars, work, total):
    """total > 0: one lane's series of that many own bars. Else the last of `bars` longer bars of each lane, to its
    place; the other lanes have got what they hold before."""
    if total > 0:
        held = hold_series(a, out[:total], work[0], state[slot, rows[0]])
        if commit:
            state[slot, rows[0]] = held
        return
    for i in range(rows.size):
        value = a[i * bars + bars - 1]
        out[work[0, i]] = value
        if commit:
            state[slot, rows[i]] = value
