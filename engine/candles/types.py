"""Array layouts of the candle book: what it gives (CLOSED_DTYPE, FILL_DTYPE) and what it keeps. ts = open time, ms UTC;
-1 stands for "none" in every time and id."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

NONE = -1

#: flags of a closed bar. BACKFILLED: its closing minute came from REST. REVISION: it replaces a bar given before.
#: HELD: its closing minute came by stream but had to wait for a gap to be filled.
BACKFILLED, REVISION, HELD = 1, 2, 4

#: One closed bar. tf indexes the book's timeframes; event_ms = the exchange's stamp of the frame that closed it (for a
#: backfilled one the close time of its minute); recv_ns = local receipt of that frame, 0 for a backfilled one.
CLOSED_DTYPE = np.dtype(
    [
        ("row", "<i4"),
        ("tf", "<i4"),
        ("ts", "<i8"),
        ("open", "<f8"),
        ("high", "<f8"),
        ("low", "<f8"),
        ("close", "<f8"),
        ("volume", "<f8"),
        ("event_ms", "<i8"),
        ("recv_ns", "<i8"),
        ("flags", "u1"),
    ]
)

#: What REST is asked: the final 1-minute bars of a row with from_ms <= ts < to_ms (from_ms -1: the row has no history).
FILL_DTYPE = np.dtype([("row", "<i4"), ("from_ms", "<i8"), ("to_ms", "<i8")])

#: What the book keeps of a symbol. next_ts: open time of the first minute not settled; last_ts, first_ts: newest and
#: oldest bar known; seen_to: everything before it is over on the exchange. run_*: the running minute; run_id: last
#: trade id in it; run_event: the stamp of its last kline. marked, asked: a gap waits; its question is out. price_k /
#: price_p: the tick size as a fraction of whole numbers (0 = no rounding), lot_* likewise.
ROW_DTYPE = np.dtype(
    [
        ("next_ts", "<i8"),
        ("last_ts", "<i8"),
        ("first_ts", "<i8"),
        ("seen_to", "<i8"),
        ("run_ts", "<i8"),
        ("run_open", "<f8"),
        ("run_high", "<f8"),
        ("run_low", "<f8"),
        ("run_close", "<f8"),
        ("run_volume", "<f8"),
        ("run_id", "<i8"),
        ("run_event", "<i8"),
        ("marked", "<i8"),
        ("asked", "<i8"),
        ("held", "<i8"),
        ("dirty", "<i8"),
        ("price_k", "<f8"),
        ("price_p", "<f8"),
        ("lot_k", "<f8"),
        ("lot_p", "<f8"),
    ]
)

#: A final minute: in the ring of recent ones (to notice and rebuild restated bars) and among those held behind a gap.
MINUTE_DTYPE = np.dtype(
    [
        ("ts", "<i8"),
        ("open", "<f8"),
        ("high", "<f8"),
        ("low", "<f8"),
        ("close", "<f8"),
        ("volume", "<f8"),
        ("event_ms", "<i8"),
        ("recv_ns", "<i8"),
    ]
)

#: What the book counts. closed: length of the output block since the last take. stale: older than what is stored;
#: duplicates: equal to it; overflow: finals dropped from a full hold (they are fetched again); holes: minutes that do
#: not exist on the exchange; unrebuilt: higher bars that a revision touched beyond the ring.
COUNTERS = (
    "closed",
    "ticks",
    "invalid",
    "stale",
    "duplicates",
    "revisions",
    "unrebuilt",
    "gaps",
    "held",
    "overflow",
    "holes",
    "backfilled",
)
(
    C_CLOSED,
    C_TICKS,
    C_INVALID,
    C_STALE,
    C_DUPLICATES,
    C_REVISIONS,
    C_UNREBUILT,
    C_GAPS,
    C_HELD,
    C_OVERFLOW,
    C_HOLES,
    C_BACKFILLED,
) = range(len(COUNTERS))


class BookArrays(NamedTuple):
    """Everything the kernels work on, for n rows and k timeframes, in one argument.

    rows ROW_DTYPE[n]; ring MINUTE_DTYPE[n, L], slot = minute modulo L; held MINUTE_DTYPE[n, H], sorted by ts; forming
    MINUTE_DTYPE[n, k], the closed minutes of the bar not yet closed; lengths int64[k] ms; order int64[k], longest
    timeframe first; counters int64; out CLOSED_DTYPE and keys int64: the output block and its sort keys.
    """

    rows: np.ndarray[Any, Any]
    ring: np.ndarray[Any, Any]
    held: np.ndarray[Any, Any]
    forming: np.ndarray[Any, Any]
    lengths: np.ndarray[Any, Any]
    order: np.ndarray[Any, Any]
    counters: np.ndarray[Any, Any]
    out: np.ndarray[Any, Any]
    keys: np.ndarray[Any, Any]
