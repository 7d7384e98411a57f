"""The figures of one run, from its daily equity and its trades. nan = not defined. engine.contracts.metrics says what
each of them is."""

from __future__ import annotations

import numpy as np

from engine.backtest.conventions import CONVENTIONS, Curve, ratio
from engine.backtest.metrics_days import day_figures
from engine.backtest.metrics_trades import trade_figures
from engine.contracts.markets import Market


def convention_text(market: Market) -> str:
    """The line that stands beside every number of this market."""
    border = "UTC" if market.day_tz == "UTC" else f"{market.day_hour}:00 {market.day_tz}"
    return f"pyroquant: daily {border}, ddof 1, {market.days_per_year} days, rf 0, CAGR calendar/365.25"


def metrics(curve: Curve, trades: np.ndarray, values: np.ndarray | None = None) -> dict[str, float]:
    """name -> value of a Curve and its trades (TRADE_DTYPE[n]), as declared in engine.contracts.metrics.

    values: float64[n], what each trade was worth at its entry in the account's currency (None: quantity x price).
    Fractions are not percents. sharpe, sortino, cagr and calmar are those of 'pyroquant'; `NAME@CONVENTION` gives the
    same figures as another tool computes them.
    """
    worth = trades["quantity"] * trades["entry_price"] if values is None else values
    out = day_figures(curve)
    out |= trade_figures(trades, float(curve.equity[0]), float(curve.equity.mean()), curve.span_days, worth)
    out["recovery_factor"] = ratio(out["net_profit"], out["max_drawdown_money"])
    for name, convention in CONVENTIONS.items():
        figures = convention.figures(curve)
        out |= figures if name == "pyroquant" else {f"{key}@{name}": value for key, value in figures.items()}
    out["upi"] = ratio(out["cagr"], out["ulcer_index"])
    return {key: float(value) for key, value in out.items()}
