# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg, call-overload"
"""Numba kernels of what happened and when: value at an event, bars since it, runs, and groups of bars with one key.

Series and lanes forms as in kernels.py, all operations behind one function each. No bar's output depends on when the
history began once the operation's `most` bars have passed.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.indicators import opcodes as o
from engine.indicators.happenings import ANCHORED as KINDS
from engine.indicators.kernels import apart, greater_of

VALUE_AT, BARS_SINCE, RUN_LENGTH = o.VALUE_AT, o.BARS_SINCE, o.RUN_LENGTH
SUM, MAX, MIN, FIRST, LAST, _ = range(len(KINDS))


@njit(inline="always", error_model="numpy")
def _join(kind, acc, x):
    """One more bar of a group."""
    if kind == SUM:
        return acc + x
    if kind == MAX:
        return greater_of(x, acc)
    if kind == MIN:
        return -greater_of(-x, -acc)
    if kind == FIRST:
        return acc
    return x if kind == LAST else acc + 1.0


@njit(inline="always", error_model="numpy")
def _anchored_step(kind, x, now, key, acc, before, begun):
    """-> key, acc, before, begun; begun: the group that runs was seen from its first bar."""
    if now != now or now == key:
        return key, (_join(kind, acc, x) if begun != 0.0 and now == now else acc), before, begun
    if key != key:
        return now, np.nan, np.nan, 0.0
    return now, (1.0 if kind > LAST else x), (acc if begun != 0.0 else np.nan), 1.0


@njit(inline="always", error_model="numpy")
def _anchored_series(x, keys, out, st, kind, last):
    """st: key, value of the group, value of the one before, whether the group was seen from its first bar."""
    key, acc, before, begun = st[0], st[1], st[2], st[3]
    for t in range(x.size):
        key, acc, before, begun = _anchored_step(kind, x[t], keys[t], key, acc, before, begun)
        out[t] = np.nan if keys[t] != keys[t] else (before if last else acc)
    st[0], st[1], st[2], st[3] = key, acc, before, begun


@njit(inline="always", error_model="numpy")
def _anchored_lanes(x, keys, out, state, base, rows, commit, kind, last):
    for i in range(x.size):
        row = rows[i]
        key, acc, before, begun = _anchored_step(
            kind, x[i], keys[i], state[base, row], state[base + 1, row], state[base + 2, row], state[base + 3, row]
        )
        out[i] = np.nan if keys[i] != keys[i] else (before if last else acc)
        if commit:
            state[base, row], state[base + 1, row] = key, acc
            state[base + 2, row], state[base + 3, row] = before, begun


@njit(inline="always", error_model="numpy")
def _value_at_series(cond, x, out, st, most, nth):
    """st: bars so far, then number and value of the bars of the last nth events, newest first."""
    count, oldest = st[0], 2 * nth
    for t in range(x.size):
        count += 1.0
        if cond[t] != 0.0:
            for j in range(oldest, 2, -1):
                st[j] = st[j - 2]
            st[1], st[2] = count, x[t]
        out[t] = st[oldest] if count - st[oldest - 1] < most else np.nan
    st[0] = count


@njit(inline="always", error_model="numpy")
def _value_at_lanes(cond, x, out, state, base, rows, commit, most, nth):
    oldest = base + 2 * nth
    for i in range(x.size):
        row = rows[i]
        count = state[base, row] + 1.0
        held = cond[i] != 0.0
        if held and nth == 1:
            out[i] = x[i]
        else:
            back = 2 if held else 0
            out[i] = state[oldest - back, row] if count - state[oldest - back - 1, row] < most else np.nan
        if commit:
            state[base, row] = count
            if held:
                for j in range(oldest, base + 2, -1):
                    state[j, row] = state[j - 2, row]
                state[base + 1, row], state[base + 2, row] = count, x[i]


@njit(inline="always", error_model="numpy")
def _since_series(cond, out, st, most):
    """st: bars since the last event, inf before one."""
    age = st[0]
    for t in range(cond.size):
        age = 0.0 if cond[t] != 0.0 else age + 1.0
        out[t] = age if age < most else np.nan
    st[0] = age


@njit(inline="always", error_model="numpy")
def _since_lanes(cond, out, state, base, rows, commit, most):
    for i in range(cond.size):
        age = 0.0 if cond[i] != 0.0 else state[base, rows[i]] + 1.0
        out[i] = age if age < most else np.nan
        if commit:
            state[base, rows[i]] = age


@njit(inline="always", error_model="numpy")
def _run_series(cond, out, st, most):
    """st: length of the run."""
    run = st[0]
    for t in range(cond.size):
        run = min(run + 1.0, most) if cond[t] != 0.0 else 0.0
        out[t] = run
    st[0] = run


@njit(inline="always", error_model="numpy")
def _run_lanes(cond, out, state, base, rows, commit, most):
    for i in range(cond.size):
        run = min(state[base, rows[i]] + 1.0, most) if cond[i] != 0.0 else 0.0
        out[i] = run
        if commit:
            state[base, rows[i]] = run


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def events_series(op, a, b, out, st, p):
    apart()
    if op == VALUE_AT:
        _value_at_series(a, b, out, st, p[0], int(p[1]))
    elif op == BARS_SINCE:
        _since_series(a, out, st, p[0])
    elif op == RUN_LENGTH:
        _run_series(a, out, st, p[0])
    else:
        _anchored_series(a, b, out, st, int(p[0]), p[1] != 0.0)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
def events_lanes(op, a, b, out, state, base, rows, commit, p):
    apart()
    if op == VALUE_AT:
        _value_at_lanes(a, b, out, state, base, rows, commit, p[0], int(p[1]))
    elif op == BARS_SINCE:
        _since_lanes(a, out, state, base, rows, commit, p[0])
    elif op == RUN_LENGTH:
        _run_lanes(a, out, state, base, rows, commit, p[0])
    else:
        _anchored_lanes(a, b, out, state, base, rows, commit, int(p[0]), p[1] != 0.0)


def initial(op: str, params: tuple[float, ...]) -> list[float]:
    """State slots before the first bar."""
    match op:
        case "value_at":
            return [0.0, *[-math.inf, math.nan] * int(params[1])]
        case "bars_since":
            return [math.inf]
        case "run_length":
            return [0.0]
    return [math.nan, math.nan, math.nan, 0.0]
