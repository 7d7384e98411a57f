"""Results of back-tests as plain values, for JSON and tables."""

from __future__ import annotations

import numpy as np

from engine.backtest.entries import entry_reasons
from engine.contracts.backtests import BacktestResult
from engine.contracts.dtypes import EXIT_NAMES, TRADE_DTYPE
from engine.contracts.portfolios import PortfolioResult


def trades(result: BacktestResult) -> list[dict[str, object]]:
    """One object a trade; side, kind of entry and reason of exit in words."""
    rows = np.frombuffer(result.trades, TRADE_DTYPE)
    names = TRADE_DTYPE.names or ()
    made: list[dict[str, object]] = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    entered = entry_reasons(result.strategy_text)
    for trade, side in zip(made, rows["side"].tolist(), strict=True):
        trade["entry"] = entered.get(side, "")
        trade["side"] = "long" if side > 0 else "short"
    for trade, reason in zip(made, rows["reason"].tolist(), strict=True):
        trade["reason"] = EXIT_NAMES[reason]
    return made


def curves(result: BacktestResult) -> dict[str, list[float]]:
    """equity_ts (ms), equity, drawdown (fraction) and benchmark, as drawn."""
    return {
        "equity_ts": np.frombuffer(result.equity_ts, "<i8").tolist(),
        "equity": np.frombuffer(result.equity, "<f8").tolist(),
        "drawdown": np.frombuffer(result.drawdown, "<f8").tolist(),
        "benchmark": np.frombuffer(result.benchmark, "<f8").tolist(),
    }


def portfolio_lists(result: PortfolioResult) -> dict[str, list[object]]:
    """trades: one object each, with its lane's number, strategy and symbol; day_ts (ms), equity and returns."""
    rows = np.frombuffer(result.trades, TRADE_DTYPE)
    names, made = TRADE_DTYPE.names or (), []
    for row, number in zip(rows.tolist(), np.frombuffer(result.trade_lanes, "<i4").tolist(), strict=True):
        lane = result.spec.lanes[number]
        trade = dict(zip(names, row, strict=True))
        side = "long" if trade["side"] > 0 else "short"
        own = {"lane": number, "strategy": lane.strategy, "symbol": lane.symbol}
        made.append(trade | own | {"side": side, "reason": EXIT_NAMES[trade["reason"]]})
    return {
        "trades": made,
        "day_ts": np.frombuffer(result.day_ts, "<i8").tolist(),
        "equity": np.frombuffer(result.equity, "<f8").tolist(),
        "returns": np.frombuffer(result.returns, "<f8").tolist(),
    }
