"""The arrays of a pass: its sets, the borders of its windows, its states and what comes out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.backtest.fills import Ledger
from engine.backtest.kernels_onepass import Found

#: how the trades of a set are found: by kernels_onepass, kernels_onepass_rest (every entry rests at a level), or by
#: kernels.simulate, which knows everything
AT_OPENS, AT_LEVELS, ANYHOW = range(3)
#: what became of a fork of a set: not there yet, running, one with the main state, over
COMING, RUNNING, MERGED, OVER = range(4)
#: what is kept of a main state between two cuts; the last are its growth, and 1 where its equity was gone
C_TRADES, C_WON, C_HELD, C_GROSS, C_TOTAL, C_SQUARES, C_GROWTH, C_GONE, C_KEPT = range(9)
#: slots of what is kept of a merged fork: first cut and trading day that are the main state's; main's unit at that cut
#: in units of the window's cash, and what the return of that day is to be multiplied by
F_CUT, F_DAY, F_SCALE, F_FACTOR, F_KEPT = range(5)


class Rules(NamedTuple):
    """The s sets. columns int64[s, N_LEVELS], constants float64[s, N_LEVELS]: see history.Levels. kinds int64[s]: of
    kernels_onepass.PLAIN ...; orders int64[s, 4]: the fields of Orders. ways int64[s]: AT_OPENS, AT_LEVELS or
    ANYHOW."""

    columns: np.ndarray
    constants: np.ndarray
    kinds: np.ndarray
    orders: np.ndarray
    ways: np.ndarray


class Borders(NamedTuple):
    """Where w windows begin and end. bar: int64[b], ascending, distinct. fork: int64[b], the fork that begins there or
    -1. ends: int64[b+1], those that end at border i are closing[ends[i]:ends[i+1]]. Of a fork: fork_day, fork_shift,
    fork_stop int64[f]: its first trading day, the day of column 0 of `patches`, and the bar at which its last window
    ends. Of a window: window_fork (-1: it begins with the series), window_day, window_column int64[w], its first day
    and that day's column of the returns."""

    bar: np.ndarray
    fork: np.ndarray
    ends: np.ndarray
    closing: np.ndarray
    fork_day: np.ndarray
    fork_shift: np.ndarray
    fork_stop: np.ndarray
    window_fork: np.ndarray
    window_day: np.ndarray
    window_column: np.ndarray


class States(NamedTuple):
    """Everything that changes. ints, floats, whole, part: [s, 1 + f, ..], the main state of a set and its forks: the
    slots of fills and of kernels_onepass_money. returns float64[s, d] of the main states, patches float64[s, p] of the
    forks. mode int64[s, f]; merged float64[s, f, F_KEPT]; cuts float64[s, c, C_KEPT]; made int64[s], cuts there are.
    at: int64[3], next border, number of forks that run, and bars until they are looked at."""

    ints: np.ndarray
    floats: np.ndarray
    whole: np.ndarray
    part: np.ndarray
    returns: np.ndarray
    patches: np.ndarray
    mode: np.ndarray
    merged: np.ndarray
    cuts: np.ndarray
    made: np.ndarray
    at: np.ndarray


class Results(NamedTuple):
    """returns float64[s, ..], trades int64[s, w], sums float64[s, w, 6]: those of WindowSeries. alone: uint8[s, w+1],
    1 where the equity was gone so that the window (the last: the whole series) is to be run on its own."""

    returns: np.ndarray
    trades: np.ndarray
    sums: np.ndarray
    alone: np.ndarray


class Trace(NamedTuple):
    """The trades themselves, where there is room for them: rows int64[r, 9] (set, fork or -1, cut of the main state,
    entry minute, exit minute, side, reason, bars, 0), prices float64[r, 2]; made int64[1]."""

    rows: np.ndarray
    prices: np.ndarray
    made: np.ndarray


class Room(NamedTuple):
    """Overwritten by each state: words uint64[ROWS, w+1]; found; and for kernels.simulate events, edges, levels, ledger
    of a block."""

    words: np.ndarray
    found: Found
    events: np.ndarray
    edges: np.ndarray
    levels: np.ndarray
    ledger: Ledger
