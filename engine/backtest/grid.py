"""All parameter sets of a strategy over one series: what each would have traded, told by its trade hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.backtest.costs import NO_FUNDING, fee_and_slip, funding_events, is_perpetual
from engine.backtest.data import BarData, bar_data
from engine.backtest.fills import FLOATS, INTS, Terms, new_ledger, new_state
from engine.backtest.hash import SEED, hash_steps, hash_text
from engine.backtest.kernels_grid import simulate_sets
from engine.backtest.sizing import fill_terms
from engine.contracts.backtests import BacktestSpec
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market
from engine.rules.strategy import Strategy
from engine.signals.history import BLOCK, Plan, plan, run_blocks
from engine.signals.types import N_LEVELS

#: conditions of one block of bars that stay in the cache, bytes
_CACHE = 1 << 20


class SetTrades(NamedTuple):
    """A parameter set, the number of its trades, and their hash: that of run_backtest's result."""

    params: dict[str, float]
    trades: int
    hash: str


def trade_hashes(
    strategy: Strategy,
    bars: np.ndarray,
    instrument: Instrument,
    market: Market,
    sets: Sequence[Mapping[str, float]] | None = None,
    *,
    timeframe: str | None = None,
    minutes: np.ndarray | None = None,
) -> list[SetTrades]:
    """Simulate parameter sets (all of the strategy's grids when None) over the whole of one series, in order.

    bars: CANDLE_DTYPE of `timeframe` (the strategy's own when None); minutes: the 1-minute bars they are made of, for
    fills inside a bar (None: resolved on the bars). Costs and sizing are the defaults of a BacktestSpec, funding the
    default rate on perpetual markets. BadInput as from bind() and bar_data().
    """
    timeframe = timeframe or strategy.timeframe
    chosen = strategy.param_sets() if sets is None else sets
    day = "utc" if market.day_tz == "UTC" else "new_york"
    bounds = [strategy.bind(params, timeframe, day) for params in chosen]
    if not bounds:
        return []
    data = bar_data(instrument.symbol, timeframe, bars, minutes)
    spec = BacktestSpec(strategy=strategy.id, symbol=instrument.symbol, timeframe=timeframe)
    fee, slip, _ = fee_and_slip(spec.costs, market)
    terms, _ = fill_terms(spec, instrument, fee, slip)
    run = _Sets(data, plan(bounds), terms, float(spec.sizing.cash), instrument, market)
    run.run()
    return [
        SetTrades(dict(bound.params), int(count), hash_text(int(number)))
        for bound, count, number in zip(bounds, run.counts, run.hashes, strict=True)
    ]


class _Sets:
    """The states of all sets between two blocks."""

    def __init__(
        self, data: BarData, made: Plan, terms: Terms, cash: float, instrument: Instrument, market: Market
    ) -> None:
        self.data, self.plan, self.terms = data, made, terms
        self.columns = np.array([level.columns for level in made.levels])
        self.constants = np.array([level.constants for level in made.levels])
        self.orders = np.array(made.orders, np.int64)
        count = len(made.levels)
        self.ints, self.floats = np.empty((count, INTS), np.int64), np.empty((count, FLOATS))
        self.ints[:], self.floats[:] = new_state(0, cash)
        self.steps = hash_steps(instrument.tick_size, instrument.lot_size)
        self.hashes, self.counts = np.full(count, SEED, np.uint64), np.zeros(count, np.int64)
        ends = int(data.bars["ts"][0]), int(data.minutes["ts"][-1])
        funding = funding_events(None, *ends) if is_perpetual(instrument, market) else NO_FUNDING
        self.tape = data.tape(funding)

    def run(self) -> None:
        data, last = self.data, len(self.data.bars) - 1
        size = min(max(_CACHE // len(self.plan.program.condition_warmup), 2048), BLOCK)
        events, edges, levels = np.empty(size, np.int64), np.empty(size, np.uint8), np.empty((size, N_LEVELS))
        ledger = new_ledger(size + 2)
        for start, stop, columns, masks, values in run_blocks(self.plan.program, data.bars, data.timeframe, size=size):
            simulate_sets(
                self.ints, self.floats, stop, last, columns[1, 0], columns[2, 0], start, self.tape, masks, values,
                self.columns, self.constants, self.orders, self.terms, events, edges, levels, ledger, self.steps,
                self.hashes, self.counts,
            )  # fmt: skip
