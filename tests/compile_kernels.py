"""`python -m tests.compile_kernels`: the big kernels into numba's cache, before many processes ask for them at once."""

from __future__ import annotations

import numpy as np

from engine.backtest.data import bar_data
from engine.backtest.grid import trade_hashes
from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestSpec
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.contracts.walkforward import SearchSpec
from engine.rules.strategy import Strategy
from engine.runtime.checks import check_strategies
from engine.runtime.kept import guessed_instrument
from engine.runtime.strategies import market_programs, strategy
from engine.signals.pipeline import Pipeline
from engine.signals.repaint import made_up_minutes
from engine.walkforward.run import Ground, walk_strategy
from engine.walkforward.windows import Fold


def main() -> None:
    chosen = [strategy("turtle_slow"), strategy("htf_rsi_dip")]
    began = SYSTEM_CLOCK.monotonic_ns()
    check_strategies(chosen, SYSTEM_CLOCK, timeframes=["15m"], bars=300, cuts=2)
    minutes = made_up_minutes("15m", 300)
    bars = aggregate(minutes, "15m")
    pipeline = Pipeline(market_programs(chosen, ["15m"]), 1, ["15m"])
    pipeline.warm(0, bars[:-1])
    pipeline.preview(np.zeros(1, np.int64), bars[-1:], np.zeros(1, np.int64), np.zeros(1, np.int64))
    venue = market("binance-futures")
    instrument = guessed_instrument(venue.id, "MADEUP", bars)
    trade_hashes(chosen[0], bars, instrument, venue, chosen[0].param_sets()[:2], minutes=minutes)
    # one that enters at the next open, one that rests at a level
    for one in (chosen[0], strategy("narrow_range")):
        walk_of(one, bars, minutes, instrument)
    print(f"kernels are compiled ({(SYSTEM_CLOCK.monotonic_ns() - began) / 1e9:.1f} s)")


def walk_of(one: Strategy, bars: np.ndarray, minutes: np.ndarray, instrument: Instrument) -> None:
    """The kernels of a walk-forward."""
    venue, half = market(instrument.market), len(bars) // 2
    spec = BacktestSpec(strategy=one.id, symbol=instrument.symbol, timeframe="15m")
    data = bar_data(instrument.symbol, "15m", bars, minutes)
    folds = [Fold(0, half, half, len(bars))]
    walk_strategy(
        one, one.param_sets()[:4], Ground(data, folds, spec, instrument, venue, "utc"), SearchSpec(min_trades=0)
    )


if __name__ == "__main__":
    main()
