"""Results of back-tests as plain values, for JSON and tables."""

from __future__ import annotations

import numpy as np

from engine.contracts.backtests import BacktestResult
from engine.contracts.dtypes import EXIT_NAMES, TRADE_DTYPE


def trades(result: BacktestResult) -> list[dict[str, object]]:
    """One object a trade; side and reason in words."""
    rows = np.frombuffer(result.trades, TRADE_DTYPE)
    names = TRADE_DTYPE.names or ()
    made = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    for trade in made:
        trade["side"] = "long" if trade["side"] > 0 else "short"
        trade["reason"] = EXIT_NAMES[trade["reason"]]
    return made


def curves(result: BacktestResult) -> dict[str, list[float]]:
    """equity_ts (ms), equity, drawdown (fraction) and benchmark, as drawn."""
    return {
        "equity_ts": np.frombuffer(result.equity_ts, "<i8").tolist(),
        "equity": np.frombuffer(result.equity, "<f8").tolist(),
        "drawdown": np.frombuffer(result.drawdown, "<f8").tolist(),
        "benchmark": np.frombuffer(result.benchmark, "<f8").tolist(),
    }
