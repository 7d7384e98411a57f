"""The same signals simulated by PyroQuant and by the peers that are installed, in one run: time and final equity.

Peers: vectorbt (its numba and its Rust engine) and raptorbt; install them beside PyroQuant (pip install vectorbt
vectorbt-rust raptorbt). Fill rules are made the same: long only, decided at a close, filled at the next open, all money
a trade, 0.01 % a fill (little, so that thousands of trades leave an equity to compare), no slippage, no stop, no
rounding, flat at the end. One run with all its figures, and many parameter sets side by side, as an optimisation has
them: there ours computes the signals too, the peers are given them.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.backtest import onepass
from engine.backtest.data import BarData, bar_data
from engine.backtest.run import run_backtest
from engine.backtest.sizing import fill_terms
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestResult, BacktestSpec, Costs
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market
from engine.rules.strategy import Bound, compile_strategies
from engine.runtime.strategies import strategy
from engine.signals.history import Decisions, decide, decisions_of
from engine.signals.types import N_LEVELS
from tests.benchmarks.backtest import SYMBOL, minutes, timed
from tests.benchmarks.harness import report

STRATEGY, CASH, FEE = "sma_cross", 10_000.0, 0.0001
SETS = 16
SPEC = BacktestSpec(
    strategy=STRATEGY, symbol=SYMBOL, timeframe="1m", direction="long", costs=Costs(fee=FEE, slippage_bps=0.0)
)
MARKET = market("binance-spot")
INSTRUMENT = Instrument(market="binance-spot", name="BTCUSDT", base="BTC", quote="USDT", tick_size=0.0, lot_size=0.0)
#: final equities that differ by more than this part are not the same simulation
SAME = 1e-6
Peer = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


def signals(bars: np.ndarray, bound: Bound) -> tuple[np.ndarray, np.ndarray]:
    """bool[n]: enter and leave at the close; the last bars only leave."""
    (found,) = decide(compile_strategies([bound]), bars, "1m")
    enter, leave = found.masks[0].astype(bool), (found.masks[1] | found.masks[2]).astype(bool)
    enter[-10:], leave[-5:] = False, True
    return enter & ~leave, leave


def ours(data: BarData, decisions: Decisions) -> BacktestResult:
    """The whole single back-test from given signals: trades, equity of every bar, 70 figures, hashes."""
    return run_backtest(
        SPEC,
        data=data,
        decisions=decisions,
        instrument=INSTRUMENT,
        market=MARKET,
        strategy_text="",
        code_version="benchmark",
        clock=SYSTEM_CLOCK,
    )


def later(flags: np.ndarray) -> np.ndarray:
    """One bar on: the bar at whose open a decision is filled."""
    return np.concatenate([[False], flags[:-1]])


def vectorbt(engine: str) -> Peer:
    import vectorbt as vbt

    def simulate(bars: np.ndarray, enter: np.ndarray, leave: np.ndarray) -> float:
        folio = vbt.Portfolio.from_signals(
            bars["close"].copy(),
            later(enter),
            later(leave),
            price=bars["open"].copy(),
            size=np.inf,
            fees=FEE,
            init_cash=CASH,
            freq="1min",
            engine=engine,
        )
        return float(folio.final_value())

    return simulate


def raptorbt() -> Peer:
    import raptorbt as raptor

    config = raptor.BacktestConfig(initial_capital=CASH, fees=FEE)

    def simulate(bars: np.ndarray, enter: np.ndarray, leave: np.ndarray) -> float:
        columns = [np.ascontiguousarray(bars[name]) for name in ("open", "high", "low", "close", "volume")]
        # it fills at the close of the bar of the signal: given the open of the next as close
        columns[3] = columns[0]
        made = raptor.run_single_backtest(bars["ts"] * 1_000_000, *columns, later(enter), later(leave), config=config)
        return float(made.metrics.end_value)

    return simulate


def installed() -> dict[str, Callable[[], Peer]]:
    found: dict[str, Callable[[], Peer]] = {}
    if importlib.util.find_spec("vectorbt"):
        found["vectorbt numba"] = lambda: vectorbt("numba")
        if importlib.util.find_spec("vectorbt_rust"):
            found["vectorbt rust"] = lambda: vectorbt("rust")
    if importlib.util.find_spec("raptorbt"):
        os.environ.setdefault("RAPTORBT_DISABLE_UPDATE_CHECK", "1")
        found["raptorbt"] = raptorbt
    return found


def side_by_side(bars: np.ndarray, data: BarData, bounds: list[Bound]) -> tuple[float, np.ndarray]:
    """(seconds, final equities) of all sets in one pass, indicators and rules included."""
    made = onepass.PassSpec(
        data=data,
        bounds=bounds,
        terms=onepass.one_pass_terms(fill_terms(SPEC, INSTRUMENT, FEE, 0.0)[0]),
        cash=CASH,
        market=MARKET,
        windows=np.array([[0, len(bars)]]),
    )
    finals = CASH * np.prod(1.0 + onepass.walk(made).whole, axis=1)
    return timed(lambda: onepass.walk(made)), finals


def run() -> dict[str, Any]:
    """value: time of the fastest peer over ours, for SETS parameter sets. The peers' time is of the simulation and its
    final value alone."""
    peers = installed()
    if not peers:
        raise BadInput("No peer is installed.", fix="Install one: pip install vectorbt vectorbt-rust raptorbt")
    bars, source = minutes()
    bounds = [strategy(STRATEGY).bind(params, "1m") for params in strategy(STRATEGY).param_sets()[:SETS]]
    given = [signals(bars, bound) for bound in bounds]
    enter, leave = given[0]
    masks = np.stack([enter, leave, np.zeros_like(enter), np.zeros_like(enter)]).astype(np.uint8)
    decisions = decisions_of(masks, np.full((N_LEVELS, len(bars)), np.nan))
    data = bar_data(SYMBOL, "1m", bars)
    data.fingerprint(len(bars))
    result = ours(data, decisions)
    single = timed(lambda: ours(data, decisions))
    many, finals = side_by_side(bars, data, bounds)
    scale = 1e9 / len(bars)
    figures: dict[str, Any] = {
        "bars": len(bars),
        "sets": len(bounds),
        "trades": int(result.metrics["trades"]),
        "data": source,
        "pyroquant": {
            "one_run_ns_per_bar": round(single * scale, 2),
            "ns_per_bar_and_set": round(many * scale / len(bounds), 2),
            "final_equity": result.metrics["final_equity"],
            "final_equity_in_the_pass": float(finals[0]),
        },
    }
    times = {}
    for name, make in peers.items():
        simulate = make()
        final = simulate(bars, enter, leave)
        alone = timed(functools.partial(simulate, bars, enter, leave), 3)
        # a peer that takes many columns would need gigabytes for them: set after set costs it nothing
        times[name] = len(bounds) * alone
        figures[name] = {
            "ns_per_bar": round(alone * scale, 2),
            "ratio_one_run": round(alone / single, 1),
            "ratio_of_sets": round(times[name] / many, 1),
            "final_equity": final,
            "agrees": abs(final / result.metrics["final_equity"] - 1) < SAME,
        }
    best = min(times, key=times.__getitem__)
    return report("vs_peers", times[best] / many, figures, f"{best}, the fastest of {', '.join(times)}")
