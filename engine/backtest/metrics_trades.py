"""Figures of closed trades. nan = not defined."""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.conventions import NAN, ratio, spread


def trade_figures(
    trades: np.ndarray, cash: float, equity_mean: float, span_days: float, values: np.ndarray
) -> dict[str, float]:
    """trades: TRADE_DTYPE[t]; values: float64[t], their worth at entry in the account's currency; equity_mean: of the
    daily equity."""
    pnl = trades["pnl"].astype(np.float64)
    n = len(pnl)
    wins, losses = pnl > 0, pnl < 0
    gained, lost = float(pnl[wins].sum()), float(-pnl[losses].sum())
    avg_win, avg_loss = _mean(pnl[wins]), -_mean(pnl[losses])
    win_rate = float(wins.mean()) if n else NAN
    payoff = ratio(avg_win, avg_loss)
    sqn = ratio(_mean(pnl), spread(pnl)) if n > 1 else NAN
    years = span_days / 365.25
    return {
        "trades": n,
        "long_trades": int((trades["side"] > 0).sum()),
        "short_trades": int((trades["side"] < 0).sum()),
        "trades_per_month": ratio(float(n), 12.0 * years),
        "win_rate": win_rate,
        "gross_profit": gained,
        "gross_loss": lost,
        "profit_factor": ratio(gained, lost),
        "expectancy": _mean(pnl),
        "expectancy_percent": _mean(shares(pnl, values)),
        "sqn": sqn * math.sqrt(n),
        "sqn_100": sqn * math.sqrt(min(n, 100)),
        "avg_win": avg_win,
        "avg_loss": avg_loss,
        "payoff": payoff,
        "kelly": win_rate - ratio(1 - win_rate, payoff) if n else NAN,
        "best_trade": float(pnl.max()) if n else NAN,
        "worst_trade": float(pnl.min()) if n else NAN,
        "avg_bars": _mean(trades["bars"]),
        "avg_bars_win": _mean(trades["bars"][wins]),
        "avg_bars_loss": _mean(trades["bars"][losses]),
        "avg_mae": _mean(trades["mae"]),
        "avg_mfe": _mean(trades["mfe"]),
        "max_consecutive_wins": longest_run(wins),
        "max_consecutive_losses": longest_run(losses),
        "fees": float(trades["fees"].sum()),
        "turnover": ratio(2.0 * float(values.sum()) + float(pnl.sum()), equity_mean * years),
        "gross_exposure": _gross_exposure(trades, pnl, values, cash, span_days),
    } | _r_figures(r_multiples(trades))


def r_multiples(trades: np.ndarray) -> np.ndarray:
    """float64[t]: profit over the money at risk to the stop; nan without a stop."""
    return trades["r"].astype(np.float64) if "r" in (trades.dtype.names or ()) else np.full(len(trades), NAN)


def shares(pnl: np.ndarray, values: np.ndarray) -> np.ndarray:
    """float64[t]: results as fractions of what the trades were worth at their entry."""
    return np.divide(pnl, values, out=np.full(len(pnl), NAN), where=values > 0)


def longest_run(flags: np.ndarray) -> int:
    """Length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _mean(x: np.ndarray) -> float:
    return float(x.mean()) if len(x) else NAN


def _r_figures(r: np.ndarray) -> dict[str, float]:
    r = r[np.isfinite(r)]
    return {
        "expectancy_r": _mean(r),
        "std_r": spread(r),
        "best_r": float(r.max()) if len(r) else NAN,
        "worst_r": float(r.min()) if len(r) else NAN,
    }


def _gross_exposure(trades: np.ndarray, pnl: np.ndarray, values: np.ndarray, cash: float, span_days: float) -> float:
    if span_days <= 0:
        return NAN
    ended = np.argsort(trades["exit_ts"], kind="stable")
    closed = np.concatenate(([0.0], np.cumsum(pnl[ended])))
    equity = cash + closed[np.searchsorted(trades["exit_ts"][ended], trades["entry_ts"], side="right")]
    held = (trades["exit_ts"] - trades["entry_ts"]) / 86_400_000
    return float((shares(values, equity) * held)[equity > 0].sum()) / span_days
