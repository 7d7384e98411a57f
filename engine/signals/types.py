"""Array layouts and numbering of the pipeline. lane = row * number of timeframes + timeframe index."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.contracts.signals import K_CONFIRMED, K_PROVISIONAL, K_WITHDRAWN, KINDS, SLOTS

__all__ = ["EDGE_DTYPE", "KINDS", "K_CONFIRMED", "K_PROVISIONAL", "K_WITHDRAWN", "NO_EDGES", "SLOTS"]

#: One signal before it is a message: out = strategy * 4 + slot of the program of the lane's timeframe; settling =
#: memory of the lane not yet filled.
EDGE_DTYPE = np.dtype(
    [
        ("lane", "<i4"),
        ("out", "<i4"),
        ("kind", "u1"),
        ("settling", "u1"),
        ("backfilled", "u1"),
        ("bar_ts", "<i8"),
        ("price", "<f8"),
        ("event_ms", "<i8"),
        ("recv_ns", "<i8"),
    ]
)
NO_EDGES = np.empty(0, EDGE_DTYPE)

#: bits of a bar's edges, in the order of SLOTS
LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT = 1, 2, 4, 8
ANY_ENTRY = LONG_ENTRY | SHORT_ENTRY

#: what a decision's levels are, in the order of Bound.levels: price distances from the entry of stop and target a side,
#: trailing stop and break-even, and the prices of entries that rest; nan = none
LONG_STOP, SHORT_STOP, LONG_TARGET, SHORT_TARGET, TRAIL_BY, EVEN_AFTER, LONG_AT, SHORT_AT = range(8)
N_LEVELS = 8

#: how an entry is made: at the next open, or by an order that rests at a level
MARKET, STOP_ORDER, LIMIT_ORDER = range(3)


class Orders(NamedTuple):
    """How a strategy's decisions become orders. long_kind, short_kind: MARKET, STOP_ORDER or LIMIT_ORDER. valid: bars
    on which a resting entry lives. time_stop: bars after which a trade is closed, 0 = never."""

    long_kind: int = MARKET
    short_kind: int = MARKET
    valid: int = 1
    time_stop: int = 0


#: entries at the next open, no time stop
AT_MARKET = Orders()
