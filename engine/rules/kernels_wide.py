# mypy: disable-error-code="no-untyped-def, no-untyped-call, attr-defined, call-arg, call-overload, misc, var-annotated"
"""Eight bars at once, at addresses: the operations of a history program on numbers, and its comparisons.

Each is the IEEE operation that the interpreter of kernels.py does, so the bits are the same; the compiler is told the
width instead of having to prove that rows do not overlap. A step of 0 bytes reads the same eight numbers again: a
constant. Bit i of a byte is the i-th of the eight bars. Addresses need no alignment beyond that of a number.
"""

from __future__ import annotations

import math

import llvmlite.ir as ir
from numba import carray, njit, types
from numba.extending import intrinsic

from engine.rules import history_ops as o

WIDTH = 8
_WIDE = ir.VectorType(ir.DoubleType(), WIDTH)
_MASK = ir.VectorType(ir.IntType(1), WIDTH)
_BYTE = ir.IntType(8)


def _load(builder, address):
    return builder.load(builder.inttoptr(address, _WIDE.as_pointer()), align=8)


def _store(builder, value, address):
    builder.store(value, builder.inttoptr(address, _WIDE.as_pointer()), align=8)


def _call(builder, name, value):
    name = f"llvm.{name}.v{WIDTH}f64"
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(_WIDE, (_WIDE,)), name)
    return builder.call(function, (value,))


def _greater(builder, a, b):
    """The greater of two, nan where either is."""
    keep = builder.or_(builder.fcmp_ordered(">=", a, b), builder.fcmp_unordered("uno", a, a))
    return builder.select(keep, a, b)


def _less(builder, a, b):
    keep = builder.or_(builder.fcmp_ordered("<=", a, b), builder.fcmp_unordered("uno", a, a))
    return builder.select(keep, a, b)


def _upper(builder, a, b):
    """The greater of two where neither is nan."""
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def _lower(builder, a, b):
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def _binary(operation):
    @intrinsic
    def wide(typing_context, out, a, b):
        def generate(context, builder, signature, arguments):
            out, a, b = arguments
            _store(builder, operation(builder, _load(builder, a), _load(builder, b)), out)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.int64), generate

    return wide


def _unary(operation):
    @intrinsic
    def wide(typing_context, out, a):
        def generate(context, builder, signature, arguments):
            out, a = arguments
            _store(builder, operation(builder, _load(builder, a)), out)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return wide


def _comparison(sign):
    @intrinsic
    def wide(typing_context, out, a, b):
        def generate(context, builder, signature, arguments):
            out, a, b = arguments
            found = builder.fcmp_ordered(sign, _load(builder, a), _load(builder, b))
            builder.store(builder.bitcast(found, _BYTE), builder.inttoptr(out, _BYTE.as_pointer()))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.int64), generate

    return wide


@intrinsic
def crossing8(typing_context, above, below, a, b):
    """A byte each of a > b and of a <= b."""

    def generate(context, builder, signature, arguments):
        above, below, a, b = arguments
        x, y = _load(builder, a), _load(builder, b)
        for out, sign in ((above, ">"), (below, "<=")):
            found = builder.bitcast(builder.fcmp_ordered(sign, x, y), _BYTE)
            builder.store(found, builder.inttoptr(out, _BYTE.as_pointer()))
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), generate


@intrinsic
def where8(typing_context, out, test, a, b):
    """test: address of a byte."""

    def generate(context, builder, signature, arguments):
        out, test, a, b = arguments
        byte = builder.load(builder.inttoptr(test, _BYTE.as_pointer()))
        chosen = builder.select(builder.bitcast(byte, _MASK), _load(builder, a), _load(builder, b))
        _store(builder, chosen, out)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def aged8(typing_context, out, out_at, a, a_at, b, b_at):
    """The greater of a and b, b where they are equal, and which bar it is of."""

    def generate(context, builder, signature, arguments):
        out, out_at, a, a_at, b, b_at = arguments
        x, y = _load(builder, a), _load(builder, b)
        younger = builder.fcmp_ordered(">=", y, x)
        at = builder.select(younger, _load(builder, b_at), _load(builder, a_at))
        _store(builder, builder.select(younger, y, x), out)
        _store(builder, at, out_at)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 6), generate


def _filled(builder, byte, values, held):
    """Of each of eight bars the value at the last bar up to it whose bit is set, `held` where there is none."""
    have, nothing = byte, ir.Constant(_WIDE, ir.Undefined)
    for reach in (1, 2, 4):
        back = [max(0, i - reach) for i in range(WIDTH)]
        moved = builder.shuffle_vector(values, nothing, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), back))
        values = builder.select(builder.bitcast(have, _MASK), values, moved)
        have = builder.or_(have, builder.shl(have, ir.Constant(_BYTE, reach)))
    return builder.select(builder.bitcast(have, _MASK), values, _all(builder, held))


def _all(builder, value):
    """Eight times the same."""
    one = builder.insert_element(ir.Constant(_WIDE, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    same = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(one, ir.Constant(_WIDE, ir.Undefined), same)


@intrinsic
def fill8(typing_context, out, events, near, a, held):
    """The value of a at the last event up to each bar, `held` before the first; nan where the bit of near is not set.
    events, near: a byte each."""

    def generate(context, builder, signature, arguments):
        out, events, near, a, held = arguments
        events, near = builder.trunc(events, _BYTE), builder.trunc(near, _BYTE)
        filled = _filled(builder, events, _load(builder, a), held)
        nothing = ir.Constant(_WIDE, [math.nan] * WIDTH)
        _store(builder, builder.select(builder.bitcast(near, _MASK), filled, nothing), out)
        return context.get_dummy_value()

    return types.void(types.int64, types.uint64, types.uint64, types.int64, types.float64), generate


@intrinsic
def since8(typing_context, out, events, held, first, most):
    """Bars since the last event up to each bar, nan from `most` on. held: number of the bar of the last event before,
    first: that of the first of these bars."""

    def generate(context, builder, signature, arguments):
        out, events, held, first, most = arguments
        byte = builder.load(builder.inttoptr(events, _BYTE.as_pointer()))
        numbered = builder.fadd(_all(builder, first), ir.Constant(_WIDE, [float(i) for i in range(WIDTH)]))
        age = builder.fsub(numbered, _filled(builder, byte, numbered, held))
        near = builder.fcmp_ordered("<", age, _all(builder, most))
        _store(builder, builder.select(near, age, ir.Constant(_WIDE, [math.nan] * WIDTH)), out)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float64, types.float64, types.float64), generate


@intrinsic
def _pointer(typing_context, address):
    """An address as a pointer to float64."""

    def generate(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.float64)(types.int64), generate


@intrinsic
def _word_pointer(typing_context, address):
    """An address as a pointer to uint64."""

    def generate(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.uint64)(types.int64), generate


@njit(inline="always", error_model="numpy")
def numbers(address, size):
    return carray(_pointer(address), size)


@njit(inline="always", error_model="numpy")
def words(address, size):
    return carray(_word_pointer(address), size)


add8, sub8 = _binary(lambda m, a, b: m.fadd(a, b)), _binary(lambda m, a, b: m.fsub(a, b))
mul8, div8 = _binary(lambda m, a, b: m.fmul(a, b)), _binary(lambda m, a, b: m.fdiv(a, b))
max8, min8 = _binary(_greater), _binary(_less)
upper8, lower8 = _binary(_upper), _binary(_lower)
gt8, ge8 = _comparison(">"), _comparison(">=")
neg8, abs8 = _unary(lambda m, a: m.fneg(a)), _unary(lambda m, a: _call(m, "fabs", a))
sqrt8, floor8 = _unary(lambda m, a: _call(m, "sqrt", a)), _unary(lambda m, a: _call(m, "floor", a))
ADD, SUB, MUL, DIV, MAX, GT, NEG, ABS, SQRT = o.ADD, o.SUB, o.MUL, o.DIV, o.MAX, o.GT, o.NEG, o.ABS, o.SQRT


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def binary(op, out, a, a_step, b, b_step, groups):
    """Numbers of `groups` times eight bars; addresses and steps in bytes."""
    if op == ADD:
        for i in range(groups):
            add8(out + 64 * i, a + a_step * i, b + b_step * i)
    elif op == SUB:
        for i in range(groups):
            sub8(out + 64 * i, a + a_step * i, b + b_step * i)
    elif op == MUL:
        for i in range(groups):
            mul8(out + 64 * i, a + a_step * i, b + b_step * i)
    elif op == DIV:
        for i in range(groups):
            div8(out + 64 * i, a + a_step * i, b + b_step * i)
    elif op == MAX:
        for i in range(groups):
            max8(out + 64 * i, a + a_step * i, b + b_step * i)
    else:
        for i in range(groups):
            min8(out + 64 * i, a + a_step * i, b + b_step * i)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def unary(op, out, a, groups):
    if op == NEG:
        for i in range(groups):
            neg8(out + 64 * i, a + 64 * i)
    elif op == ABS:
        for i in range(groups):
            abs8(out + 64 * i, a + 64 * i)
    elif op == SQRT:
        for i in range(groups):
            sqrt8(out + 64 * i, a + 64 * i)
    else:
        for i in range(groups):
            floor8(out + 64 * i, a + 64 * i)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def compare(op, out, a, a_step, b, b_step, groups):
    """A byte of `out` for every eight bars."""
    if op == GT:
        for i in range(groups):
            gt8(out + i, a + a_step * i, b + b_step * i)
    else:
        for i in range(groups):
            ge8(out + i, a + a_step * i, b + b_step * i)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def crossing(above, below, a, a_step, b, b_step, groups):
    for i in range(groups):
        crossing8(above + i, below + i, a + a_step * i, b + b_step * i)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def choose(out, test, a, a_step, b, b_step, groups):
    for i in range(groups):
        where8(out + 64 * i, test + i, a + a_step * i, b + b_step * i)
