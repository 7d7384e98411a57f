"""The figures of one run, from its daily equity and its trades. nan = not defined."""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.conventions import CONVENTIONS, NAN, Curve, ratio, spread
from engine.contracts.markets import Market


def convention_text(market: Market) -> str:
    """The line that stands beside every number of this market."""
    border = "UTC" if market.day_tz == "UTC" else f"{market.day_hour}:00 {market.day_tz}"
    return f"pyroquant: daily {border}, ddof 1, {market.days_per_year} days, rf 0, CAGR calendar/365.25"


def metrics(curve: Curve, trades: np.ndarray) -> dict[str, float]:
    """name -> value of a Curve and its trades (TRADE_DTYPE[n]).

    Fractions are not percents. Money is the account's currency. max_drawdown is by trading day; drawdown_days is the
    longest time from a peak to its recovery in trading days, one still open included. sharpe, sortino, cagr and
    calmar are those of 'pyroquant'; `NAME@CONVENTION` gives the same figures as another tool computes them.
    """
    out = _curve_figures(curve)
    out.update(_trade_figures(trades))
    out["recovery_factor"] = ratio(out["net_profit"], out["max_drawdown_money"])
    for name, convention in CONVENTIONS.items():
        figures = convention.figures(curve)
        out.update(figures if name == "pyroquant" else {f"{key}@{name}": value for key, value in figures.items()})
    return {key: float(value) for key, value in out.items()}


def _curve_figures(curve: Curve) -> dict[str, float]:
    equity, x = curve.equity, curve.returns
    peak = np.maximum.accumulate(equity)
    under = 1.0 - equity / peak
    return {
        "final_equity": equity[-1],
        "net_profit": equity[-1] - equity[0],
        "total_return": curve.growth - 1,
        "volatility": spread(x) * math.sqrt(curve.days_per_year),
        "max_drawdown_money": (peak - equity).max(),
        "drawdown_days": longest_under_water(equity),
        "avg_drawdown": under.mean(),
        "ulcer_index": math.sqrt(float((under**2).mean())),
        "days": len(x),
        "best_day": x.max() if len(x) else NAN,
        "worst_day": x.min() if len(x) else NAN,
        "positive_days": (x > 0).mean() if len(x) else NAN,
        "skew": _moment(x, 3),
        "kurtosis": _moment(x, 4),
    }


def longest_under_water(equity: np.ndarray) -> float:
    """Most steps from a peak until it is reached again; a fall that never recovered counts until the end."""
    peaks = np.flatnonzero(equity >= np.maximum.accumulate(equity))
    gaps = np.diff(peaks)
    # two peaks in a row are a gap of 1 without a fall between them
    return float(max(gaps[gaps > 1].max(initial=0), len(equity) - 1 - peaks[-1]))


def _moment(x: np.ndarray, order: int) -> float:
    """Standardised moment (non-excess), population form."""
    deviation = spread(x, 0)
    return float((((x - x.mean()) / deviation) ** order).mean()) if math.isfinite(deviation) else NAN


def _trade_figures(trades: np.ndarray) -> dict[str, float]:
    pnl = trades["pnl"].astype(np.float64)
    n = len(pnl)
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    avg_win = float(wins.mean()) if len(wins) else NAN
    avg_loss = float(-losses.mean()) if len(losses) else NAN
    win_rate = len(wins) / n if n else NAN
    payoff = ratio(avg_win, avg_loss)
    return {
        "trades": n,
        "long_trades": int((trades["side"] > 0).sum()),
        "short_trades": int((trades["side"] < 0).sum()),
        "win_rate": win_rate,
        "gross_profit": float(wins.sum()),
        "gross_loss": float(-losses.sum()),
        "profit_factor": ratio(float(wins.sum()), float(-losses.sum())),
        "expectancy": float(pnl.mean()) if n else NAN,
        "sqn": ratio(float(pnl.mean()), spread(pnl)) * math.sqrt(n) if n > 1 else NAN,
        "avg_win": avg_win,
        "avg_loss": avg_loss,
        "payoff": payoff,
        "kelly": win_rate - ratio(1 - win_rate, payoff) if n else NAN,
        "best_trade": float(pnl.max()) if n else NAN,
        "worst_trade": float(pnl.min()) if n else NAN,
        "avg_bars": float(trades["bars"].mean()) if n else NAN,
        "avg_mae": float(trades["mae"].mean()) if n else NAN,
        "avg_mfe": float(trades["mfe"].mean()) if n else NAN,
        "max_consecutive_wins": longest_run(pnl > 0),
        "max_consecutive_losses": longest_run(pnl < 0),
        "fees": float(trades["fees"].sum()),
    }


def longest_run(flags: np.ndarray) -> int:
    """Length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0
