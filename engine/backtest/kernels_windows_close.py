"""What a window comes to at its end: of its own beginning, and of the main state from where both stood the same."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

from numba import njit

from engine.backtest.kernels_onepass_money import (
    BEFORE,
    CASH,
    DAY,
    GONE,
    GROSS,
    HELD,
    SQUARES,
    TOTAL,
    TRADES,
    UNIT,
    WON,
    closed,
)
from engine.backtest.windows_arrays import (
    C_GONE,
    C_GROSS,
    C_GROWTH,
    C_HELD,
    C_SQUARES,
    C_TOTAL,
    C_TRADES,
    C_WON,
    F_CUT,
    F_DAY,
    F_FACTOR,
    F_SCALE,
    MERGED,
    OVER,
)
from engine.signals.compiling import KERNEL


@njit(**KERNEL)
def cut_here(whole, part, cuts, made):
    """Keep the sums so far and start new ones; returns the number of cuts."""
    row = cuts[made]
    row[C_TRADES], row[C_WON], row[C_HELD] = whole[TRADES], whole[WON], whole[HELD]
    row[C_GROSS], row[C_TOTAL], row[C_SQUARES] = part[GROSS], part[TOTAL], part[SQUARES]
    row[C_GROWTH], row[C_GONE] = part[CASH] * part[UNIT], whole[GONE]
    whole[TRADES], whole[WON], whole[HELD], whole[GONE] = 0, 0, 0, 0
    part[GROSS], part[TOTAL], part[SQUARES], part[UNIT] = 0.0, 0.0, 0.0, 1.0 / part[CASH]
    return made + 1


@njit(**KERNEL)
def close_window(number, window, last, last_bar, tape, terms, money, borders, states, out):
    """What a window that ends with minute `last` comes to; its state stands behind that minute, days before marked."""
    fork = borders.window_fork[window]
    mode = MERGED if fork < 0 else states.mode[number, fork]
    own = 0 if mode == MERGED else fork + 1
    whole, part = states.whole[number], states.part[number]
    sums = out.sums[number, window]
    equity, trades = closed(
        whole[own], part[own], states.ints[number, own], states.floats[number, own], last, last_bar, tape, money, terms,
        sums,
    )  # fmt: skip
    final = equity / part[own, BEFORE] - 1.0
    gone = whole[own, GONE] != 0 or mode == OVER
    column, day, final_day = borders.window_column[window], borders.window_day[window], whole[own, DAY]
    row = out.returns[number]
    if mode != MERGED:
        shift = borders.fork_shift[fork]
        for d in range(day, final_day):
            row[column + d - day] = states.patches[number, d - shift]
        row[column + final_day - day] = final
    elif fork < 0:
        for d in range(final_day):
            row[column + d] = states.returns[number, d]
        row[column + final_day] = final
        gone |= _add_cuts(number, 0, 1.0, states, sums)
        trades += _cut_trades(number, 0, states)
    else:
        kept = states.merged[number, fork]
        shift = borders.fork_shift[fork]
        from_day = int(kept[F_DAY])
        for d in range(day, from_day):
            row[column + d - day] = states.patches[number, d - shift]
        for d in range(from_day, final_day):
            row[column + d - day] = states.returns[number, d]
        row[column + final_day - day] = final
        row[column + from_day - day] = (1.0 + row[column + from_day - day]) * kept[F_FACTOR] - 1.0
        cut = int(kept[F_CUT])
        gone |= _add_cuts(number, cut, kept[F_SCALE], states, sums)
        gone |= _add_fork(whole[fork + 1], part[fork + 1], sums)
        trades += _cut_trades(number, cut, states) + whole[fork + 1, TRADES]
    out.trades[number, window] = trades
    if gone:
        out.alone[number, window] = 1


@njit(**KERNEL)
def _cut_trades(number, cut, states):
    trades = 0
    for c in range(cut, states.made[number]):
        trades += int(states.cuts[number, c, C_TRADES])
    return trades


@njit(**KERNEL)
def _add_fork(whole, part, sums):
    """A merged fork's own sums, in units of the window's cash already; returns whether its equity was gone."""
    sums[0] += part[GROSS]
    sums[2] += part[TOTAL]
    sums[1] = sums[0] - sums[2]
    sums[3] += part[SQUARES]
    sums[4] += whole[WON]
    sums[5] += whole[HELD]
    return whole[GONE] != 0


@njit(**KERNEL)
def _add_cuts(number, cut, scale, states, sums):
    """Put the sums of all cuts from `cut` on before those in `sums`, which are of what came after them; all in units in
    which main's at that cut is `scale`. Returns whether the equity was gone in one of them."""
    gross, total, squares = 0.0, 0.0, 0.0
    gone = False
    for c in range(cut, states.made[number]):
        row = states.cuts[number, c]
        gross += scale * row[C_GROSS]
        total += scale * row[C_TOTAL]
        squares += scale * scale * row[C_SQUARES]
        sums[4] += row[C_WON]
        sums[5] += row[C_HELD]
        gone |= row[C_GONE] != 0.0
        scale *= row[C_GROWTH]
    sums[0] = gross + scale * sums[0]
    sums[2] = total + scale * sums[2]
    sums[3] = squares + scale * scale * sums[3]
    sums[1] = sums[0] - sums[2]
    return gone
