# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, arg-type"
"""Operations on rows of one flat array, eight lanes an instruction, written out so that no compiler has to guess.

`mem` is float64, `bits` uint8 with one bit a lane (lane i: bit i % 8 of byte i // 8). A row is given by its first
element and, for an argument, how far it advances a lane: 1, or 0 where it is one constant eight times over. Rows of
one operation are the same or apart. `count` lanes, a multiple of 8. IEEE operations only, the same bits as the scalar
ones; what the machine lacks (AVX-512, AVX) LLVM makes of smaller ones.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_I64, _I8, _F64 = ir.IntType(64), ir.IntType(8), ir.DoubleType()
_V, _MASK = ir.VectorType(_F64, 8), ir.VectorType(ir.IntType(1), 8)


def _base(context, builder, kind, array):
    return context.make_array(kind)(context, builder, array).data


def _load(builder, base, start, step, i):
    place = builder.add(start, builder.mul(i, step))
    return builder.load(builder.bitcast(builder.gep(base, [place]), _V.as_pointer()), align=8)


def _store(builder, base, start, i, value):
    target = builder.bitcast(builder.gep(base, [builder.add(start, i)]), _V.as_pointer())
    builder.store(value, target, align=8)


def _byte(builder, bits, start, i):
    """Address of the byte that holds lanes i .. i + 7."""
    return builder.gep(bits, [builder.add(start, builder.lshr(i, ir.Constant(_I64, 3)))])


def _mask(builder, bits, start, i):
    return builder.bitcast(builder.load(_byte(builder, bits, start, i)), _MASK)


def _splat(builder, number):
    one = builder.insert_element(ir.Constant(_V, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), 8), [0] * 8))


def _loop(builder, count):
    return cgutils.for_range_slice(builder, ir.Constant(_I64, 0), count, ir.Constant(_I64, 8), _I64)


def _call(builder, name, *values):
    kind = ir.FunctionType(_V, [_V] * len(values))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)


def _fma(builder, a, b, c):
    return _call(builder, "llvm.fma.v8f64", a, b, c)


def _greater(builder, a, b):
    """greater_of: a where a >= b or a is nan, else b."""
    first = builder.or_(builder.fcmp_ordered(">=", a, b), builder.fcmp_unordered("uno", a, a))
    return builder.select(first, a, b)


def _less(builder, a, b):
    first = builder.or_(builder.fcmp_ordered("<=", a, b), builder.fcmp_unordered("uno", a, a))
    return builder.select(first, a, b)


def _numbers(arity, combine):
    """mem, count, d, (a, step) for each argument: d = combine(builder, a, ...)."""

    def generate(context, builder, signature, arguments):
        mem, count, d = _base(context, builder, signature.args[0], arguments[0]), arguments[1], arguments[2]
        with _loop(builder, count) as (i, _):
            values = [_load(builder, mem, arguments[3 + 2 * k], arguments[4 + 2 * k], i) for k in range(arity)]
            _store(builder, mem, d, i, combine(builder, *values))
        return context.get_dummy_value()

    if arity == 1:

        @intrinsic
        def one(typing_context, mem, count, d, a, step_a):
            return types.void(mem, *[types.int64] * 4), generate

        return one

    @intrinsic
    def two(typing_context, mem, count, d, a, step_a, b, step_b):
        return types.void(mem, *[types.int64] * 6), generate

    return two


def _steps(combine):
    """mem, count, d, (a, step), (b, step), (c, step): d = combine(builder, a, b, c)."""

    def generate(context, builder, signature, arguments):
        mem, count, d = _base(context, builder, signature.args[0], arguments[0]), arguments[1], arguments[2]
        with _loop(builder, count) as (i, _):
            values = [_load(builder, mem, arguments[3 + 2 * k], arguments[4 + 2 * k], i) for k in range(3)]
            _store(builder, mem, d, i, combine(builder, *values))
        return context.get_dummy_value()

    @intrinsic
    def three(typing_context, mem, count, d, a, step_a, b, step_b, c, step_c):
        return types.void(mem, *[types.int64] * 8), generate

    return three


def _one_below(builder, total, new, old):
    """total, and one more where old is below new; nan where either is."""
    one, zero = ir.Constant(_V, [1.0] * 8), ir.Constant(_V, [0.0] * 8)
    more = builder.select(builder.fcmp_ordered("<", old, new), one, zero)
    nan = builder.fadd(old, new)
    either = builder.fcmp_unordered("uno", old, new)
    return builder.fadd(total, builder.select(either, nan, more))


def _further(builder, total, old, centre):
    """total, and the distance of old from the centre."""
    return builder.fadd(total, _call(builder, "llvm.fabs.v8f64", builder.fsub(old, centre)))


def _negative(builder, a):
    return builder.fneg(a)


v_neg = _numbers(1, _negative)
v_abs = _numbers(1, lambda builder, a: _call(builder, "llvm.fabs.v8f64", a))
v_sqrt = _numbers(1, lambda builder, a: _call(builder, "llvm.sqrt.v8f64", a))
v_below = _steps(_one_below)
v_further = _steps(_further)
v_floor = _numbers(1, lambda builder, a: _call(builder, "llvm.floor.v8f64", a))
v_copy = _numbers(1, lambda builder, a: a)
v_add = _numbers(2, lambda builder, a, b: builder.fadd(a, b))
v_sub = _numbers(2, lambda builder, a, b: builder.fsub(a, b))
v_mul = _numbers(2, lambda builder, a, b: builder.fmul(a, b))
v_div = _numbers(2, lambda builder, a, b: builder.fdiv(a, b))
v_max = _numbers(2, _greater)
v_min = _numbers(2, _less)


@intrinsic
def v_recur(typing_context, mem, count, d, x, step_x, old, step_old, alpha):
    """d = old + alpha (x - old), rounded once; old where x is nan."""

    def generate(context, builder, signature, arguments):
        mem, count, d, x, step_x, old, step_old, alpha = arguments
        base = _base(context, builder, signature.args[0], mem)
        share = _splat(builder, alpha)
        with _loop(builder, count) as (i, _):
            new, before = _load(builder, base, x, step_x, i), _load(builder, base, old, step_old, i)
            moved = _fma(builder, share, builder.fsub(new, before), before)
            _store(builder, base, d, i, builder.select(builder.fcmp_unordered("uno", new, new), before, moved))
        return context.get_dummy_value()

    return types.void(mem, *[types.int64] * 6, types.float64), generate


@intrinsic
def v_squares(typing_context, mem, count, d, x, step_x, mean, square, share):
    """squares_with of kernels_windows: the squared deviations of n values, from those of n - 1 and the newest."""

    def generate(context, builder, signature, arguments):
        mem, count, d, x, step_x, mean, square, share = arguments
        base, one = _base(context, builder, signature.args[0], mem), ir.Constant(_I64, 1)
        part = _splat(builder, share)
        with _loop(builder, count) as (i, _):
            new, middle = _load(builder, base, x, step_x, i), _load(builder, base, mean, one, i)
            away = builder.fsub(new, middle)
            rest = builder.fsub(new, _fma(builder, away, part, middle))
            _store(builder, base, d, i, _fma(builder, away, rest, _load(builder, base, square, one, i)))
        return context.get_dummy_value()

    return types.void(mem, *[types.int64] * 6, types.float64), generate


@intrinsic
def v_fma(typing_context, mem, count, d, a, step_a, b, step_b, c, step_c):
    """d = a * b + c, rounded once."""

    def generate(context, builder, signature, arguments):
        mem, count, d, a, step_a, b, step_b, c, step_c = arguments
        base = _base(context, builder, signature.args[0], mem)
        with _loop(builder, count) as (i, _):
            values = [_load(builder, base, *where, i) for where in ((a, step_a), (b, step_b), (c, step_c))]
            _store(builder, base, d, i, _fma(builder, *values))
        return context.get_dummy_value()

    return types.void(mem, *[types.int64] * 8), generate


@intrinsic
def v_where(typing_context, mem, bits, count, d, mask, a, step_a, b, step_b):
    """d = a where the lane's bit is set, else b."""

    def generate(context, builder, signature, arguments):
        mem, bits, count, d, mask, a, step_a, b, step_b = arguments
        base = _base(context, builder, signature.args[0], mem)
        flags = _base(context, builder, signature.args[1], bits)
        with _loop(builder, count) as (i, _):
            yes, no = _load(builder, base, a, step_a, i), _load(builder, base, b, step_b, i)
            _store(builder, base, d, i, builder.select(_mask(builder, flags, mask, i), yes, no))
        return context.get_dummy_value()

    return types.void(mem, bits, *[types.int64] * 7), generate


def _comparison(symbol, masked=False):
    """bits row d = a symbol b; masked: and the bits row `also`."""

    def generate(context, builder, signature, arguments):
        mem, bits, count, d, a, step_a, b, step_b, *also = arguments
        base = _base(context, builder, signature.args[0], mem)
        flags = _base(context, builder, signature.args[1], bits)
        with _loop(builder, count) as (i, _):
            left, right = _load(builder, base, a, step_a, i), _load(builder, base, b, step_b, i)
            true = builder.bitcast(builder.fcmp_ordered(symbol, left, right), _I8)
            if masked:
                true = builder.and_(true, builder.load(_byte(builder, flags, also[0], i)))
            builder.store(true, _byte(builder, flags, d, i))
        return context.get_dummy_value()

    if masked:

        @intrinsic
        def compare_and(typing_context, mem, bits, count, d, a, step_a, b, step_b, also):
            return types.void(mem, bits, *[types.int64] * 7), generate

        return compare_and

    @intrinsic
    def compare(typing_context, mem, bits, count, d, a, step_a, b, step_b):
        return types.void(mem, bits, *[types.int64] * 6), generate

    return compare


v_greater = _comparison(">")
v_greater_equal = _comparison(">=")
v_greater_and = _comparison(">", masked=True)


def _logic(combine):
    """bits row d = combine(a, b), 64 lanes a step; rows have room for whole steps."""

    def generate(context, builder, signature, arguments):
        bits, count, d, a, b = arguments
        flags = _base(context, builder, signature.args[0], bits)
        step = ir.Constant(_I64, 64)

        def word(start, i):
            place = builder.add(start, builder.lshr(i, ir.Constant(_I64, 3)))
            return builder.bitcast(builder.gep(flags, [place]), _I64.as_pointer())

        with cgutils.for_range_slice(builder, ir.Constant(_I64, 0), count, step, _I64) as (i, _):
            left, right = builder.load(word(a, i), align=1), builder.load(word(b, i), align=1)
            builder.store(combine(builder, left, right), word(d, i), align=1)
        return context.get_dummy_value()

    @intrinsic
    def logic(typing_context, bits, count, d, a, b):
        return types.void(bits, *[types.int64] * 4), generate

    return logic


v_and = _logic(lambda builder, a, b: builder.and_(a, b))
v_or = _logic(lambda builder, a, b: builder.or_(a, b))
v_and_not = _logic(lambda builder, a, b: builder.and_(a, builder.not_(b)))
v_not = _logic(lambda builder, a, b: builder.not_(a))


@intrinsic
def word_at(typing_context, bits, place):
    """64 lanes of a bits row from byte `place` on, as uint64."""

    def generate(context, builder, signature, arguments):
        flags = _base(context, builder, signature.args[0], arguments[0])
        return builder.load(builder.bitcast(builder.gep(flags, [arguments[1]]), _I64.as_pointer()), align=1)

    return types.uint64(bits, types.int64), generate


@intrinsic
def lowest_bit(typing_context, word):
    """Number of the lowest set bit of a uint64 that is not 0."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate
