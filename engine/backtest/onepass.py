"""All parameter sets of a strategy over one series, simulated once: every window of a walk-forward comes out of it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine.backtest import onepass_alone, onepass_sets
from engine.backtest.data import BarData
from engine.backtest.days import TradingDays, trading_days
from engine.backtest.fills import Terms
from engine.backtest.onepass_types import (
    BARS_HELD,
    GROSS_LOSS,
    GROSS_PROFIT,
    SUM,
    SUM_OF_SQUARES,
    SUMS,
    WINS,
    PassSpec,
    WindowSeries,
)
from engine.contracts.errors import BadInput

__all__ = [
    "BARS_HELD",
    "GROSS_LOSS",
    "GROSS_PROFIT",
    "SUM",
    "SUMS",
    "SUM_OF_SQUARES",
    "WINS",
    "PassSpec",
    "WindowSeries",
    "covers",
    "one_pass_terms",
    "walk",
]


def covers(spec: PassSpec) -> str:
    """Why the pass does not cover these terms; "" where it does."""
    terms = spec.terms
    if spec.more is not None:
        return "costs, sizes or limits go beyond a fee, slippage in basis points and a fraction of the equity"
    if spec.funding.short_rate is not None:
        return "short positions pay their own rate"
    if not terms.by_fraction:
        return "a trade is not sized as a fraction of the equity"
    if terms.lot > 0 or terms.min_notional > 0:
        return "quantities are rounded to the lot or have a smallest order"
    return ""


def one_pass_terms(terms: Terms) -> Terms:
    """The same terms as the pass covers them: no rounding to the lot, no smallest order."""
    return terms._replace(lot=0.0, lot_scale=0.0, min_notional=0.0)


def walk(
    spec: PassSpec,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> WindowSeries:
    """Every set in every window, and over the whole series, equal to simulate() over each alone.

    Entry and exit times, prices and reasons of the trades are bit for bit those of simulate(); money agrees within
    1e-9 of the equity, less exactly only behind a trade that lost all but a millionth of it. What covers() does not
    cover is run window by window: same result, more time. Threads: several may walk at once (the kernels run without
    the interpreter's lock), each on its own spec; data is shared.
    BadInput: a window that is not inside the series. Cancelled: cancelled() said so between two blocks.
    """
    spec = msgspec.structs.replace(spec, windows=_checked(spec))
    days = trading_days(spec.data.minutes["ts"], spec.market)
    offsets, day_ts = _layout(spec, days)
    sets, count = len(spec.bounds), len(spec.windows)
    out = WindowSeries(
        offsets=offsets,
        day_ts=day_ts,
        returns=np.zeros((sets, int(offsets[-1]))),
        trades=np.zeros((sets, count), np.int64),
        sums=np.zeros((sets, count, SUMS)),
        whole_ts=days.ts,
        whole=np.zeros((sets, len(days.ts))),
        reason=covers(spec),
    )
    if out.reason or not sets:
        onepass_alone.run(spec, out, progress, cancelled)
        return out
    gone = onepass_sets.run(spec, days, out, progress, cancelled)
    onepass_alone.some(spec, out, gone, cancelled)
    return out


def _checked(spec: PassSpec) -> np.ndarray:
    windows = np.ascontiguousarray(spec.windows, np.int64).reshape(-1, 2)
    n = len(spec.data.bars)
    bad = np.flatnonzero((windows[:, 0] < 0) | (windows[:, 1] <= windows[:, 0]) | (windows[:, 1] > n))
    if len(bad):
        first, stop = windows[bad[0]]
        raise BadInput(
            f"Window {bad[0]} takes the bars {first} to {stop} of {n}.",
            where="walk-forward",
            fix="A window has at least one bar and lies inside the series.",
        )
    return windows


def _layout(spec: PassSpec, days: TradingDays) -> tuple[np.ndarray, np.ndarray]:
    """(offsets, day_ts) of the windows' returns."""
    parts = [days.span(*minutes_of(spec.data, *window)) for window in spec.windows.tolist()]
    offsets = np.concatenate([[0], np.cumsum([stop - first for first, stop in parts], dtype=np.int64)])
    ts = [days.ts[first:stop] for first, stop in parts]
    return offsets.astype(np.int64), np.concatenate([np.empty(0, np.int64), *ts])


def minutes_of(data: BarData, first: int, stop: int) -> tuple[int, int]:
    """Indices of the first and the last minute of the bars first .. stop-1."""
    return data.first_of(first), data.first_of(stop) - 1
