"""One window simulated block by block: the kernels' arrays, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec
import numpy as np

from engine.backtest import kernels, kernels_curve
from engine.backtest.costs import NO_FUNDING, Funding
from engine.backtest.data import BarData, Window
from engine.backtest.fills import (
    CASH,
    EVENT,
    FUNDING,
    ROW,
    SKIPPED,
    TRADES,
    Ledger,
    Tape,
    Terms,
    new_ledger,
    new_state,
)
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
    """What the kernels made of one window. ledger: its trades; tape: what it read, with the funding charged; funding:
    money paid in all; skipped: entries not taken because too small or no money was left. index int64, equity, drawdown
    float64 [p]: bars of the curve that is drawn, per bucket the one deepest under water and the last; the largest
    drawdown of all bars is among them."""

    ledger: Ledger
    tape: Tape
    cash: float
    funding: float
    skipped: int
    index: np.ndarray
    equity: np.ndarray
    drawdown: np.ndarray

    @property
    def trades(self) -> np.ndarray:
        """TRADE_DTYPE[t]."""
        return self.ledger.trades


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
        self.first, self.last, self.orders, self.terms = window.first, window.last, orders, terms
        self.tape = data.tape(funding)
        self.fund_bar = data.bar_of(self.tape.fund_minute)
        self.ints, self.floats = new_state(self.first, cash)
        self.ledger = new_ledger(0)
        bars = self.last - self.first + 1
        self.width = width or -(-bars // BUCKETS)
        buckets = -(-bars // self.width)
        self.curve, self.at = np.empty((buckets, 2, 2)), np.empty((buckets, 2), np.int64)
        self.marks = kernels_curve.new_marks(self.first, cash)

    def take(self, block: Block) -> None:
        """The bars of one block, in order."""
        stop = min(block.stop, self.last + 1)
        # one trade may be open and one entry wait from the block before
        self._make_room(int(self.ints[TRADES]) + len(block.found.levels) + 2)
        self.ints[EVENT] = self.ints[ROW] = 0
        kernels.simulate(
            self.ints, self.floats, stop, self.last, block.columns[1], block.columns[2], block.start, self.tape,
            *block.found, self.orders, self.terms, self.ledger,
        )  # fmt: skip
        kernels_curve.mark(
            *self.marks, self.ints, self.floats, stop, self.first, block.columns[3], block.start, self.fund_bar,
            self.tape, self.terms, self.ledger, self.width, self.curve, self.at,
        )  # fmt: skip

    def _make_room(self, need: int) -> None:
        old, used = self.ledger, int(self.ints[TRADES])
        if need > len(old.trades):
            self.ledger = new_ledger(max(need, 2 * len(old.trades)))
            for column, before in zip(self.ledger, old, strict=True):
                column[:used] = before[:used]

    def result(self) -> Simulation:
        """What was made; the arrays are its own."""
        k, index = int(self.ints[TRADES]), self.at.ravel()
        keep = np.append(np.diff(index) > 0, True)
        points = self.curve.reshape(-1, 2)[keep]
        return Simulation(
            ledger=Ledger(*(column[:k].copy() for column in self.ledger)),
            tape=self.tape,
            cash=float(self.floats[CASH]),
            funding=float(self.floats[FUNDING]),
            skipped=int(self.ints[SKIPPED]),
            index=index[keep],
            equity=np.ascontiguousarray(points[:, 0]),
            drawdown=np.ascontiguousarray(points[:, 1]),
        )
