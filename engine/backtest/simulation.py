"""One window simulated block by block: the kernels' arrays, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec
import numpy as np

from engine.backtest import kernels, kernels_bars, kernels_curve
from engine.backtest.costs import NO_FUNDING, Funding
from engine.backtest.data import BarData, Window
from engine.backtest.fills import (
    CASH,
    EVENT,
    FUNDING,
    LEGS,
    ROW,
    SKIPPED,
    TRADES,
    Ledger,
    Tape,
    Terms,
    new_ledger,
    new_state,
)
from engine.backtest.more import More
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
    more: More | None = None

    def equity_at(self, ends: np.ndarray, terms: Terms, cash: float) -> np.ndarray:
        """float64[d]: equity at the close of the minutes `ends` (int64[d] ascending); cash: that at the start."""
        out = np.empty(len(ends), np.float64)
        if self.more is None:
            kernels_curve.daily(ends, cash, len(self.trades), self.tape, terms, self.ledger, out)
        else:
            kernels_curve.equity_at(
                ends, cash, len(self.trades), self.tape, terms, self.ledger, len(self.ledger.legs), self.more, out
            )
        return out

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
    more: More | None = None,
    width: int | None = None,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Simulation:
    """Trades and drawn curve of one window. decisions: over all bars of data. more: costs, sizes and limits
    beyond the terms (realism.more_of). width: bars a bucket of the curve (None
    = as many as make BUCKETS).

    Raises Cancelled between two blocks when cancelled() says so; progress gets 0..1.
    """
    first, last = window.first, window.last
    run = _Run(data, window, decisions.orders, terms, cash, funding, more, width)
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
        more: More | None,
        width: int | None,
    ) -> None:
        self.cash = cash
        self.first, self.last, self.orders, self.terms = window.first, window.last, orders, terms
        self.tape = data.tape(funding)
        self.more = None if more is None else more._replace(short_rate=data.short_rate(funding))
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
        self._make_room(len(block.found.levels) + 2, stop)
        self.ints[EVENT] = self.ints[ROW] = 0
        kernels_bars.read_ahead(self.tape.minutes, self.tape.first_minute, block.found.events)
        kernels.simulate(
            self.ints, self.floats, stop, self.last, block.columns[1], block.columns[2], block.start, self.tape,
            *block.found, self.orders, self.terms, self.ledger, self.more,
        )  # fmt: skip
        if self.more is not None:
            return
        kernels_curve.mark(
            *self.marks, self.ints, self.floats, stop, self.first, block.columns[3], block.start, self.fund_bar,
            self.tape, self.terms, self.ledger, self.width, self.curve, self.at,
        )  # fmt: skip

    def _make_room(self, entries: int, stop: int) -> None:
        """For the entries of the bars up to `stop`; where there is too little, for all bars at the pace so far."""
        old, trades, legs = self.ledger, int(self.ints[TRADES]), int(self.ints[LEGS])
        kept = 0 if self.more is None else legs + entries
        if trades + entries > len(old.trades) or kept > len(old.legs):
            done = (stop - self.first) / (self.last + 1 - self.first)
            room = max(trades + entries, 2 * len(old.trades), int(1.1 * (trades + entries) / done))
            self.ledger = new_ledger(room, 2 * kept)
            for column, before in zip(self.ledger[:3], old[:3], strict=True):
                column[:trades] = before[:trades]
            self.ledger.legs[:legs] = old.legs[:legs]

    def result(self) -> Simulation:
        """What was made; the arrays are its own."""
        k, legs = int(self.ints[TRADES]), int(self.ints[LEGS])
        trades, where, book = (column[:k].copy() for column in self.ledger[:3])
        ledger = Ledger(trades, where, book, self.ledger.legs[:legs].copy())
        if self.more is None:
            index, points = self.at.ravel(), self.curve.reshape(-1, 2)
        else:
            index, points = self._marked(ledger)
        keep = np.append(np.diff(index) > 0, True)
        points = points[keep]
        return Simulation(
            ledger=ledger,
            tape=self.tape,
            cash=float(self.floats[CASH]),
            funding=float(self.floats[FUNDING]),
            skipped=int(self.ints[SKIPPED]),
            index=index[keep],
            equity=np.ascontiguousarray(points[:, 0]),
            drawdown=np.ascontiguousarray(points[:, 1]),
            more=self.more,
        )

    def _marked(self, ledger: Ledger) -> tuple[np.ndarray, np.ndarray]:
        """(int64[2 b], float64[2 b, 2]): what kernels_curve.mark() leaves, where a position may grow."""
        bars = np.arange(self.first, self.last + 1)
        minutes = self.tape.first_minute
        equity = np.empty(len(bars))
        ends = minutes[bars + 1] - 1 if len(minutes) else bars
        kernels_curve.equity_at(
            ends, self.cash, len(ledger.trades), self.tape, self.terms, ledger, len(ledger.legs), self.more, equity
        )
        peak = np.maximum(np.maximum.accumulate(equity), self.cash)
        down = 1.0 - equity / peak
        at = np.empty((-(-len(bars) // self.width), 2), np.int64)
        for bucket, row in enumerate(at):
            part = down[bucket * self.width : (bucket + 1) * self.width]
            row[:] = bucket * self.width + np.array([part.argmax(), len(part) - 1])
        index = at.ravel()
        return index + self.first, np.stack([equity[index], down[index]], axis=1)
