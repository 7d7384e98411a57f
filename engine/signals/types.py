"""Array layouts and numbering of the pipeline. lane = row * number of timeframes + timeframe index."""

from __future__ import annotations

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
