"""`python -m tests.compile_kernels`: the big kernels into numba's cache, before many processes ask for them at once."""

from __future__ import annotations

import numpy as np

from engine.backtest.grid import trade_hashes
from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK
from engine.contracts.markets import market
from engine.runtime.checks import check_strategies
from engine.runtime.kept import guessed_instrument
from engine.runtime.research_kernels import load_kernels
from engine.runtime.strategies import market_programs, strategy
from engine.signals.pipeline import Pipeline
from engine.signals.repaint import made_up_minutes


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
    load_kernels()
    print(f"kernels are compiled ({(SYSTEM_CLOCK.monotonic_ns() - began) / 1e9:.1f} s)")


if __name__ == "__main__":
    main()
