"""Real results for tests of what is made of them: runs of the engine over an invented market."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from engine.backtest.data import bar_data
from engine.backtest.report import Run
from engine.backtest.run import run_backtest
from engine.clock import SimulatedClock, parse_iso
from engine.contracts.backtests import BacktestResult, BacktestSpec, Costs, Sizing
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.signals.history import decisions_of
from engine.signals.types import AT_MARKET, LONG_STOP, N_LEVELS, SHORT_STOP

START = parse_iso("2022-01-31T12:00Z")
HOUR = 3_600_000
SPOT = Instrument(
    market="binance-spot", name="XUSDT", base="X", quote="USDT", tick_size=0.01, lot_size=0.0, min_notional=0.0
)


def candles(count: int, seed: int = 1) -> np.ndarray:
    """Hourly bars of a drifting random walk."""
    rng = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0.0002, 0.006, count))), 2)
    out = np.zeros(count, CANDLE_DTYPE)
    out["ts"] = START + HOUR * np.arange(count)
    out["open"] = np.append(100.0, close[:-1])
    out["close"], out["volume"] = close, 1.0
    out["high"] = np.maximum(out["open"], close) + 0.2
    out["low"] = np.minimum(out["open"], close) - 0.2
    return out


def made(
    count: int = 24 * 200, seed: int = 1, *, trades: bool = True, text: str = "long when up", strategy: str = "hand",
    **changes: object,
) -> BacktestResult:  # fmt: skip
    """A run over `count` hours: long and short entries every 36 hours with a stop, out after 20."""
    bars = candles(count, seed)
    masks = np.zeros((4, count), np.uint8)
    if trades:
        masks[0, 5::72] = masks[1, 25::72] = masks[2, 41::72] = masks[3, 61::72] = 1
    levels = np.full((N_LEVELS, count), math.nan)
    levels[LONG_STOP] = levels[SHORT_STOP] = 2.0
    spec = BacktestSpec(
        strategy=strategy,
        symbol=SPOT.symbol,
        timeframe="1h",
        params={"n": 14.0},
        costs=Costs(fee=0.0005),
        sizing=Sizing(mode="fraction", value=0.5, cash=10_000.0),
    )
    return run_backtest(
        msgspec.structs.replace(spec, **changes), data=bar_data(SPOT.symbol, "1h", bars), instrument=SPOT,
        decisions=decisions_of(masks, levels, AT_MARKET), market=market("binance-spot"), strategy_text=text,
        code_version="0.1.0", clock=SimulatedClock(),
    )  # fmt: skip


def run(job: str = "backtest-1", **kw: object) -> Run:
    """The same as it is kept."""
    return Run(job, parse_iso("2024-05-06T07:08:09Z"), made(**kw))
