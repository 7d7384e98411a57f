"""Array layouts and numbering of the pipeline. lane = row * number of timeframes + timeframe index."""

from __future__ import annotations

import numpy as np

from engine.contracts.signals import CONFIRMED, ENTRY, EXIT, LONG, PROVISIONAL, SHORT, WITHDRAWN

#: kinds of an edge, as stored in EDGE_DTYPE.kind
KINDS = (CONFIRMED, PROVISIONAL, WITHDRAWN)
K_CONFIRMED, K_PROVISIONAL, K_WITHDRAWN = range(3)

#: the four conditions of a strategy, in the order of its outputs: (side, action)
SLOTS = ((LONG, ENTRY), (LONG, EXIT), (SHORT, ENTRY), (SHORT, EXIT))

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
