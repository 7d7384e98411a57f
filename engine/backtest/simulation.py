"""One window simulated block by block: the kernels' arrays, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec
import numpy as np

from engine.backtest import kernels, kernels_bars, kernels_curve
from engine.backtest.costs import NO_FUNDING, Funding
from engine.backtest.data import BarData, Window
from engine.backtest.fills import CASH, EVENT, FUNDING, ROW, SKIPPED, TRADES, Terms, new_state
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import Cancelled
from engine.signals.history import Block
from engine.signals.types import Orders

#: an equity curve for drawing has at most twice as many points
BUCKETS = 2000


class Decided(Protocol):
    """Decisions of one strategy over some bars: history.Decisions, or history.Stream, which keeps nothing."""

    @property
    def orders(self) -> Orders: ...

    def blocks(self, bars: np.ndarray, timeframe: str) -> Iterator[Block]: ...


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What the kernels made of one window. trades: TRADE_DTYPE[t]; where, book: see fills.close_trade. funding: money
    paid in all; skipped: entries not taken because too small or no money was left; fund_minute, fund_rate: events
    charged. index int64, equity, drawdown float64 [p]: bars of the curve that is drawn, per bucket the one deepest
    under water and the last; the largest drawdown of all bars is among them."""

    trades: np.ndarray
    where: np.ndarray
    book: np.ndarray
    cash: float
    funding: float
    skipped: int
    fund_minute: np.ndarray
    fund_rate: np.ndarray
    index: np.ndarray
    equity: np.ndarray
    drawdown: np.ndarray


def simulate(
    data: BarData,
    window: Window,
    decisions: Decided,
    terms: Terms,
    cash: float,
    funding: Funding = NO_FUNDING,
    *,
    width: int | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Simulation:
    """Trades and drawn curve of one window. decisions: over all bars of data. width: bars a bucket of the curve (None
    = as many as make BUCKETS).

    Raises Cancelled between two blocks when cancelled() says so; progress gets 0..1.
    """
    first, last = window.first, window.last
    run = _Run(data, window, decisions.orders, terms, cash, funding, width)
    for block in decisions.blocks(data.bars, data.timeframe):
        if cancelled is not None and cancelled():
            done = max(block.start - first, 0)
            raise Cancelled("The back-test was stopped.", where=f"bar {done} of {last - first + 1}")
        if block.stop > first:
            run.take(block)
            if progress is not None:
                progress((min(block.stop, last + 1) - first) / (last + 1 - first))
        if block.stop > last:
            break
    return run.result()


class _Run:
    """The state of one simulation between two blocks."""

    def __init__(
        self,
        data: BarData,
        window: Window,
        orders: Orders,
        terms: Terms,
        cash: float,
        funding: Funding,
        width: int | None,
    ) -> None:
        self.data, self.first, self.last, self.orders, self.terms = data, window.first, window.last, orders, terms
        fund_minute = np.empty(len(funding.ts), np.int64)
        kernels_bars.first_at(data.minutes, funding.ts, fund_minute)
        inside = fund_minute < len(data.minutes)
        self.fund_minute, self.fund_rate = fund_minute[inside], funding.rate[inside].astype(np.float64)
        self.fund_bar = np.searchsorted(data.first_minute, self.fund_minute, side="right") - 1
        self.ints, self.floats = new_state(self.first, cash)
        self.trades, self.where, self.book = np.empty(0, TRADE_DTYPE), np.empty((0, 4), np.int64), np.empty((0, 2))
        bars = self.last - self.first + 1
        self.width = width or -(-bars // BUCKETS)
        buckets = -(-bars // self.width)
        self.curve, self.at = np.empty((buckets, 2, 2)), np.empty((buckets, 2), np.int64)
        self.marks = kernels_curve.new_marks(self.first, cash)

    def take(self, block: Block) -> None:
        """The bars of one block, in order."""
        data, stop = self.data, min(block.stop, self.last + 1)
        used = int(self.ints[TRADES])
        # one trade may be open and one entry wait from the block before
        self._make_room(used, used + len(block.found.levels) + 2)
        self.ints[EVENT] = self.ints[ROW] = 0
        kernels.simulate(
            self.ints, self.floats, stop, self.last, block.columns[1], block.columns[2], block.start, data.minutes,
            data.first_minute, data.real, *block.found, self.orders, self.fund_minute, self.fund_rate, self.terms,
            self.trades, self.where, self.book,
        )  # fmt: skip
        kernels_curve.mark(
            *self.marks, self.ints, self.floats, stop, self.first, block.columns[3], block.start, self.trades,
            self.where, self.book, self.fund_bar, self.fund_minute, self.fund_rate, data.minutes, self.terms,
            self.width, self.curve, self.at,
        )  # fmt: skip

    def _make_room(self, used: int, need: int) -> None:
        if need <= len(self.trades):
            return
        size = max(need, 2 * len(self.trades))
        for name in ("trades", "where", "book"):
            old = getattr(self, name)
            new = np.empty((size, *old.shape[1:]), old.dtype)
            new[:used] = old[:used]
            setattr(self, name, new)

    def result(self) -> Simulation:
        """What was made; the arrays are its own."""
        k, index = int(self.ints[TRADES]), self.at.ravel()
        keep = np.append(np.diff(index) > 0, True)
        points = self.curve.reshape(-1, 2)[keep]
        return Simulation(
            trades=self.trades[:k].copy(),
            where=self.where[:k].copy(),
            book=self.book[:k].copy(),
            cash=float(self.floats[CASH]),
            funding=float(self.floats[FUNDING]),
            skipped=int(self.ints[SKIPPED]),
            fund_minute=self.fund_minute,
            fund_rate=self.fund_rate,
            index=index[keep],
            equity=np.ascontiguousarray(points[:, 0]),
            drawdown=np.ascontiguousarray(points[:, 1]),
        )
