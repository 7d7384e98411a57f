"""What one pass over all windows takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from engine.backtest.costs import NO_FUNDING, Funding
from engine.backtest.data import BarData
from engine.backtest.fills import Terms
from engine.backtest.more import More
from engine.contracts.markets import Market
from engine.rules.strategy import Bound

#: columns of WindowSeries.sums, of the trades that a window closed. All but the last two are in units of the window's
#: starting cash: what the winners won, what the losers lost (>= 0), their sum, the sum of their squares
GROSS_PROFIT, GROSS_LOSS, SUM, SUM_OF_SQUARES, WINS, BARS_HELD, SUMS = range(7)


class PassSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass takes. bounds: the parameter sets of one strategy, bound to the timeframe of the data. terms, cash:
    as simulate() takes them. funding: events over the whole series (costs.funding_events). windows: int64[w, 2], first
    bar and the bar after the last of each, in any order; they may overlap and repeat. rates: float64[n], the last
    settled funding rate known at each bar's close, for rules that read it. more: costs, sizes and limits beyond the
    terms, as simulate() takes them."""

    data: BarData
    bounds: Sequence[Bound]
    terms: Terms
    cash: float
    market: Market
    windows: np.ndarray
    funding: Funding = NO_FUNDING
    rates: np.ndarray | None = None
    more: More | None = None


class WindowSeries(NamedTuple):
    """What s sets did in w windows, each as a run of its own: flat at its first bar, entries only from signals inside,
    closed with costs at its last bar.

    offsets: int64[w+1]; those of window i are the columns offsets[i]:offsets[i+1] of day_ts and returns.
    day_ts: int64[offsets[w]] ms UTC, ends of trading days. returns: float64[s, offsets[w]], one a trading day of the
    window, as conventions.Curve.returns: nan from the day on which the equity was gone.
    trades: int64[s, w]. sums: float64[s, w, SUMS], bars held in bars of the timeframe (a bar in which one trade ends
    and the next begins counts twice, so it may exceed the window).
    whole_ts int64[d], whole float64[s, d]: the same of one run over the whole series.
    reason: why the pass did not cover these terms, so that each window was run by simulate(); "" where it did.
    """

    offsets: np.ndarray
    day_ts: np.ndarray
    returns: np.ndarray
    trades: np.ndarray
    sums: np.ndarray
    whole_ts: np.ndarray
    whole: np.ndarray
    reason: str

    def of(self, window: int) -> np.ndarray:
        """float64[s, d]: the daily returns of one window (a view)."""
        return self.returns[:, self.offsets[window] : self.offsets[window + 1]]
