"""Money in the account's currency that trades stood for and lost to slippage and spread, read off their fills."""

from __future__ import annotations

import numpy as np

from engine.backtest.fills import Terms
from engine.backtest.more import More
from engine.backtest.simulation import Simulation
from engine.contracts.dtypes import EXIT_REVERSE, EXIT_TARGET
from engine.signals.types import LIMIT_ORDER, Orders


def entry_values(sim: Simulation, terms: Terms) -> np.ndarray:
    """float64[t]: what the trades were worth at their entry."""
    trades = sim.trades
    rate = _rate(trades["entry_price"], sim.ledger.where[:, 0], terms, sim.more)
    return np.asarray(trades["quantity"] * trades["entry_price"] * rate, np.float64)


def held_value(
    prices: np.ndarray, minutes: np.ndarray, first_open: float, first_minute: int, sim: Simulation, terms: Terms
) -> np.ndarray:
    """float64[n]: worth of one unit of cash that bought at the window's first open and holds, at these prices in these
    minutes (int64[n]), without costs; profit is converted at the rate of the moment."""
    grown = prices / first_open
    if not terms.inverse and (sim.more is None or not len(sim.more.conversion)):
        return np.asarray(grown, np.float64)
    bought = _rate(np.array([first_open]), np.array([first_minute]), terms, sim.more)[0]
    return np.asarray(1.0 + (grown - 1.0) * _rate(prices, minutes, terms, sim.more) / bought, np.float64)


def slippage_paid(sim: Simulation, terms: Terms, orders: Orders) -> float:
    """What all fills were worse than their price before slippage and spread, without the rounding to the tick.

    A fill is the price before it, made worse by the terms; so the terms tell it back. A position of several entries
    counts as filled at its mean price in its first minute.
    """
    trades, where = sim.trades, sim.ledger.where
    side = trades["side"].astype(np.float64)
    limit_of = {1: orders.long_kind == LIMIT_ORDER, -1: orders.short_kind == LIMIT_ORDER}
    entered = np.where(side > 0, limit_of[1], limit_of[-1])
    turned = (trades["reason"] == EXIT_REVERSE) & np.where(side > 0, limit_of[-1], limit_of[1])
    rests = sim.more is not None and sim.more.target_rests
    left = turned | ((trades["reason"] == EXIT_TARGET) & rests)
    worse = _worse(trades["entry_price"], side, entered, where[:, 0], sim, terms)
    worse += _worse(trades["exit_price"], -side, left, where[:, 1], sim, terms)
    return float((worse * trades["quantity"]).sum())


def _worse(
    price: np.ndarray, side: np.ndarray, limit: np.ndarray, minute: np.ndarray, sim: Simulation, terms: Terms
) -> np.ndarray:
    """float64[t]: distance of fills from the price before them, account's currency a unit. side: of the order."""
    more, factor = sim.more, np.where(limit, 0.0, terms.slip)
    offset = np.zeros(len(price))
    if more is not None:
        rows = sim.tape.minutes[minute]
        offset += np.where(limit, 0.0, more.offset + more.range_share * (rows["high"] - rows["low"]))
        known = np.full(len(price), np.nan)
        if len(more.ask):
            known = np.where(side > 0, more.ask[minute], more.bid[minute])
        factor = factor + np.where(np.isnan(known), more.half, 0.0)
        offset += np.nan_to_num(known)
    raw = (price - side * offset) / (1.0 + side * factor)
    return np.asarray(side * (price - raw) * _rate(price, minute, terms, more), np.float64)


def _rate(price: np.ndarray, minute: np.ndarray, terms: Terms, more: More | None) -> np.ndarray:
    """float64[t]: account currency for one unit of the quote currency."""
    if more is not None and len(more.conversion):
        return np.asarray(more.conversion[minute], np.float64)
    return np.asarray(1.0 / price, np.float64) if terms.inverse else np.ones(len(price))
