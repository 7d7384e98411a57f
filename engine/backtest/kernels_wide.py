# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, arg-type"
"""Sixteen minutes at a step: which of them reach a price. Comparisons and maxima only, so no bit can differ.

Rows are float64 and have at least MARGIN numbers beyond what counts; those are read, and what they say is not used.
What the machine lacks (AVX-512, AVX) LLVM makes of smaller steps.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 16
#: numbers that a row needs beyond its last one that counts
MARGIN = 2 * LANES
_I32, _I64, _F64 = ir.IntType(32), ir.IntType(64), ir.DoubleType()
_V = ir.VectorType(_F64, LANES)


def _load(context, builder, kind, array, at):
    base = context.make_array(kind)(context, builder, array).data
    return builder.load(builder.bitcast(builder.gep(base, [at]), _V.as_pointer()), align=8)


def _splat(builder, number):
    one = builder.insert_element(ir.Constant(_V, ir.Undefined), number, ir.Constant(_I32, 0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(_I32, LANES), [0] * LANES))


def _greater(builder, a, b):
    return builder.select(builder.fcmp_ordered(">", b, a), b, a)


def _word(builder, flags):
    return builder.zext(builder.bitcast(flags, ir.IntType(LANES)), _I64)


@intrinsic
def touched(typing_context, highs, lows, at, up, down):
    """uint64: bit i where highs[at + i] >= up or lows[at + i] <= down, i < LANES."""

    def generate(context, builder, signature, arguments):
        high = _load(context, builder, signature.args[0], arguments[0], arguments[2])
        low = _load(context, builder, signature.args[1], arguments[1], arguments[2])
        over = builder.fcmp_ordered(">=", high, _splat(builder, arguments[3]))
        under = builder.fcmp_ordered("<=", low, _splat(builder, arguments[4]))
        return _word(builder, builder.or_(over, under))

    return types.uint64(highs, lows, types.int64, types.float64, types.float64), generate


def _best(builder, good, best):
    """Highest of `good` up to and with each lane, and of `best`."""
    least = _splat(builder, best)
    run = _greater(builder, good, least)
    step = 1
    while step < LANES:
        lanes = [LANES + i if i < step else i - step for i in range(LANES)]
        moved = builder.shuffle_vector(run, least, ir.Constant(ir.VectorType(_I32, LANES), lanes))
        run = _greater(builder, run, moved)
        step *= 2
    return run


@intrinsic
def followed(typing_context, good, bad, at, side, best, near, up, down):
    """uint64: bit i where side x good[at + i] >= up, or side x bad[at + i] <= down or <= the highest side x good of the
    lanes before, and of best, less near; i < LANES."""

    def generate(context, builder, signature, arguments):
        way = _splat(builder, arguments[3])
        ahead = builder.fmul(_load(context, builder, signature.args[0], arguments[0], arguments[2]), way)
        behind = builder.fmul(_load(context, builder, signature.args[1], arguments[1], arguments[2]), way)
        least = _splat(builder, arguments[4])
        lanes = [LANES if i == 0 else i - 1 for i in range(LANES)]
        run = _best(builder, ahead, arguments[4])
        before = builder.shuffle_vector(run, least, ir.Constant(ir.VectorType(_I32, LANES), lanes))
        level = builder.fsub(before, _splat(builder, arguments[5]))
        flags = builder.fcmp_ordered(">=", ahead, _splat(builder, arguments[6]))
        flags = builder.or_(flags, builder.fcmp_ordered("<=", behind, _splat(builder, arguments[7])))
        return _word(builder, builder.or_(flags, builder.fcmp_ordered("<=", behind, level)))

    return types.uint64(good, bad, types.int64, *(types.float64,) * 5), generate


@intrinsic
def best_of(typing_context, good, at, count, side, best):
    """The highest of side x good[at : at + count] (0 < count <= LANES) and of best."""

    def generate(context, builder, signature, arguments):
        way = _splat(builder, arguments[3])
        ahead = builder.fmul(_load(context, builder, signature.args[0], arguments[0], arguments[1]), way)
        run = _best(builder, ahead, arguments[4])
        lane = builder.trunc(builder.sub(arguments[2], ir.Constant(_I64, 1)), _I32)
        return builder.extract_element(run, lane)

    return types.float64(good, types.int64, types.int64, types.float64, types.float64), generate


def _tree(symbol):
    @intrinsic
    def reduced(typing_context, row, at):
        def generate(context, builder, signature, arguments):
            values = _load(context, builder, signature.args[0], arguments[0], arguments[1])
            width = LANES
            while width > 1:
                width //= 2
                kind = ir.VectorType(_I32, width)
                low = builder.shuffle_vector(values, values, ir.Constant(kind, list(range(width))))
                high = builder.shuffle_vector(values, values, ir.Constant(kind, list(range(width, 2 * width))))
                values = builder.select(builder.fcmp_ordered(symbol, low, high), low, high)
            return builder.extract_element(values, ir.Constant(_I32, 0))

        return types.float64(row, types.int64), generate

    return reduced


#: highest(row, at), lowest(row, at): of row[at : at + LANES]
highest, lowest = _tree(">"), _tree("<")
