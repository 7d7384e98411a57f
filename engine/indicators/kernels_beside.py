# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, call-arg, call-overload, misc"
"""Eight chunks of a window side by side: eight bars of each are turned into eight rows of one bar of each, gone through
in order, and turned back. Each chunk's steps and their order are those of one chunk alone, so the bits are the same.

Addresses; `stride`: bytes from a chunk to the next; lanes: where the chunks' running values are kept.
"""

from __future__ import annotations

import llvmlite.ir as ir
from numba import njit, types
from numba.extending import intrinsic

from engine.indicators.kernels import fma

CHUNKS = 8
_WIDE, _NUMBER, _WHOLE = ir.VectorType(ir.DoubleType(), CHUNKS), ir.DoubleType(), ir.IntType(64)
_INDICES = ir.VectorType(ir.IntType(32), CHUNKS)


def _load(builder, address):
    return builder.load(builder.inttoptr(address, _WIDE.as_pointer()), align=8)


def _store(builder, value, address):
    builder.store(value, builder.inttoptr(address, _WIDE.as_pointer()), align=8)


def _turned(builder, rows):
    """The transpose of eight rows."""
    rows = list(rows)
    for reach in (1, 2, 4):
        low = [j if not j & reach else CHUNKS + j - reach for j in range(CHUNKS)]
        high = [j + reach if not j & reach else CHUNKS + j for j in range(CHUNKS)]
        for i in range(CHUNKS):
            if not i & reach:
                a, b = rows[i], rows[i + reach]
                rows[i] = builder.shuffle_vector(a, b, ir.Constant(_INDICES, low))
                rows[i + reach] = builder.shuffle_vector(a, b, ir.Constant(_INDICES, high))
    return rows


def _places(builder, address, stride):
    return [builder.add(address, builder.mul(stride, ir.Constant(_WHOLE, k))) for k in range(CHUNKS)]


def _read(builder, address, stride):
    return _turned(builder, [_load(builder, place) for place in _places(builder, address, stride)])


def _write(builder, rows, address, stride):
    for row, place in zip(_turned(builder, rows), _places(builder, address, stride), strict=True):
        _store(builder, row, place)


def _same(builder, value):
    one = builder.insert_element(ir.Constant(_WIDE, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, ir.Constant(_WIDE, ir.Undefined), ir.Constant(_INDICES, [0] * CHUNKS))


def _fma(builder, a, b, c):
    name = f"llvm.fma.v{CHUNKS}f64"
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(_WIDE, (_WIDE,) * 3), name)
    return builder.call(function, (a, b, c))


def _sums(backward):
    @intrinsic
    def block(typing_context, x, out, stride, lanes):
        """Eight bars. Forward: the sum before each, backward: with it."""

        def generate(context, builder, signature, arguments):
            x, out, stride, lanes = arguments
            rows, total = _read(builder, x, stride), _load(builder, lanes)
            said = list(rows)
            for i in range(CHUNKS - 1, -1, -1) if backward else range(CHUNKS):
                before = total
                total = builder.fadd(rows[i], total) if backward else builder.fadd(total, rows[i])
                said[i] = total if backward else before
            _store(builder, total, lanes)
            _write(builder, said, out, stride)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 4), generate

    return block


def _squares(backward):
    @intrinsic
    def block(typing_context, x, means, squares, stride, lanes, number):
        """Eight bars, of which the first gone through is the number-th (from 0) of its chunk. lanes: means, squares."""

        def generate(context, builder, signature, arguments):
            x, means, squares, stride, lanes, number = arguments
            rows, behind = _read(builder, x, stride), builder.add(lanes, ir.Constant(_WHOLE, 8 * CHUNKS))
            mean, square = _load(builder, lanes), _load(builder, behind)
            said, spread = list(rows), list(rows)
            for step, i in enumerate(range(CHUNKS - 1, -1, -1) if backward else range(CHUNKS)):
                if not backward:
                    said[i], spread[i] = mean, square
                count = builder.fadd(number, ir.Constant(_NUMBER, step + 1.0))
                share = _same(builder, builder.fdiv(ir.Constant(_NUMBER, 1.0), count))
                away = builder.fsub(rows[i], mean)
                mean = _fma(builder, away, share, mean)
                square = _fma(builder, away, builder.fsub(rows[i], mean), square)
                if backward:
                    said[i], spread[i] = mean, square
            _store(builder, mean, lanes)
            _store(builder, square, behind)
            _write(builder, said, means, stride)
            _write(builder, spread, squares, stride)
            return context.get_dummy_value()

        return types.void(*[types.int64] * 5, types.float64), generate

    return block


sums_forward, sums_backward = _sums(False), _sums(True)
squares_forward, squares_backward = _squares(False), _squares(True)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _sum_eight(x, out, suffix, begin, n, lanes):
    """Of eight chunks of n >= 8 bars from begin on: out, the sum of those before each bar; suffix, from it on."""
    a, b, c, stride = x.ctypes.data + 8 * begin, out.ctypes.data + 8 * begin, suffix.ctypes.data + 8 * begin, 8 * n
    whole = n & ~7
    for k in range(CHUNKS):
        lanes[k] = 0.0
    for i in range(0, whole, 8):
        sums_forward(a + 8 * i, b + 8 * i, stride, lanes.ctypes.data)
    for k in range(CHUNKS):
        total, back = lanes[k], 0.0
        for i in range(begin + k * n + whole, begin + k * n + n):
            out[i] = total
            total += x[i]
        for i in range(begin + k * n + n - 1, begin + k * n + whole - 1, -1):
            back = x[i] + back
            suffix[i] = back
        lanes[k] = back
    for i in range(whole - 8, -1, -8):
        sums_backward(a + 8 * i, c + 8 * i, stride, lanes.ctypes.data)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def _squares_eight(x, means, squares, back_means, back_squares, begin, n, lanes):
    """Of eight chunks of n >= 8 bars from begin on: mean and squares of those before each bar, and from it on."""
    at, stride, whole, place = 8 * begin, 8 * n, n & ~7, lanes.ctypes.data
    a, m, q = x.ctypes.data + at, means.ctypes.data + at, squares.ctypes.data + at
    u, v = back_means.ctypes.data + at, back_squares.ctypes.data + at
    for k in range(2 * CHUNKS):
        lanes[k] = 0.0
    for i in range(0, whole, 8):
        squares_forward(a + 8 * i, m + 8 * i, q + 8 * i, stride, place, float(i))
    for k in range(CHUNKS):
        mean, square = lanes[k], lanes[CHUNKS + k]
        first = begin + k * n
        for i in range(whole, n):
            means[first + i], squares[first + i] = mean, square
            away = x[first + i] - mean
            mean = fma(away, 1.0 / (i + 1.0), mean)
            square = fma(away, x[first + i] - mean, square)
        mean, square = 0.0, 0.0
        for i in range(n - whole):
            j = first + n - 1 - i
            away = x[j] - mean
            mean = fma(away, 1.0 / (i + 1.0), mean)
            square = fma(away, x[j] - mean, square)
            back_means[j], back_squares[j] = mean, square
        lanes[k], lanes[CHUNKS + k] = mean, square
    for i in range(whole - 8, -1, -8):
        squares_backward(a + 8 * i, u + 8 * i, v + 8 * i, stride, place, float(n - 8 - i))


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def sum_eights(x, out, suffix, begin, n, count):
    """_sum_eight for as many of `count` chunks as there are eights; how many chunks that are. Behind the suffixes of x
    there must be room for eight more."""
    if n < CHUNKS or suffix.size < x.size + CHUNKS:
        return 0
    for c in range(0, count & ~7, CHUNKS):
        _sum_eight(x, out, suffix, begin + c * n, n, suffix[x.size : x.size + CHUNKS])
    return count & ~7


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def squares_eights(x, out, spare, begin, n, count):
    """The same of squares, into out and spare as kernels_windows lays it out."""
    size = x.size
    if n < CHUNKS or spare.size < 3 * size + 2 * CHUNKS:
        return 0
    means, back_means, back_squares = spare[:size], spare[size : 2 * size], spare[2 * size : 3 * size]
    lanes = spare[3 * size : 3 * size + 2 * CHUNKS]
    for c in range(0, count & ~7, CHUNKS):
        _squares_eight(x, means, out, back_means, back_squares, begin + c * n, n, lanes)
    return count & ~7
