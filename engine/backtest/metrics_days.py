"""Figures of daily returns: tails, drawdowns, months, and the comparison with holding. nan = not defined."""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.conventions import NAN, Curve, drawdown, power, ratio, sharpe, spread

DAY_MS = 86_400_000
#: standard normal quantile of 95 %
Z_95 = 1.6448536269514722
#: figures against holding
AGAINST = (
    "buy_hold_cagr", "buy_hold_sharpe", "buy_hold_drawdown", "beta", "alpha", "correlation", "tracking_error",
    "information_ratio", "up_capture", "down_capture",
)  # fmt: skip


def day_figures(curve: Curve) -> dict[str, float]:
    """Returns by day and month, risk, drawdowns, and what is made of them."""
    x = curve.returns
    out = _returns(curve, x) | _risk(curve, x) | _drawdowns(curve.equity)
    months = month_returns(curve.ends, curve.equity)[1]
    out |= {
        "best_month": _largest(months),
        "worst_month": -_largest(-months),
        "positive_months": float((months > 0).mean()) if len(months) else NAN,
        "gain_to_pain": ratio(float(months.sum()), float(-months[months < 0].sum())),
        "psr": probabilistic_sharpe(x),
        "serenity": _serenity(x, curve.equity, out["ulcer_index"]),
    }
    return out | against_holding(curve, x)


def month_returns(ends: np.ndarray, equity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(months since 1970 int64[m], compounded returns float64[m]) of int64[d] day ends and equity float64[d+1].

    A trading day belongs to the month in which its last millisecond lies, in UTC; that is the market's own date for
    days that end at UTC midnight as for those that end at 17:00 New York.
    """
    if len(ends) == 0 or len(ends) != len(equity) - 1:
        return np.empty(0, np.int64), np.empty(0)
    month = ((ends - 1) * np.timedelta64(1, "ms") + np.datetime64(0, "ms")).astype("datetime64[M]").astype(np.int64)
    last = np.flatnonzero(np.diff(month, append=month[-1] + 1))
    closing = equity[last + 1]
    before = np.concatenate((equity[:1], closing[:-1]))
    grown = np.divide(closing, before, out=np.full(len(last), NAN), where=before > 0) - 1.0
    return month[last], grown


def _largest(x: np.ndarray) -> float:
    return float(x.max()) if len(x) else NAN


def _returns(curve: Curve, x: np.ndarray) -> dict[str, float]:
    equity = curve.equity
    return {
        "final_equity": float(equity[-1]),
        "net_profit": float(equity[-1] - equity[0]),
        "total_return": curve.growth - 1,
        "days": len(x),
        "best_day": _largest(x),
        "worst_day": -_largest(-x),
        "positive_days": float((x > 0).mean()) if len(x) else NAN,
    }


def _risk(curve: Curve, x: np.ndarray) -> dict[str, float]:
    gains, pains = float(np.maximum(x, 0).sum()), float(np.maximum(-x, 0).sum())
    high, low = np.percentile(x, (95, 5)).tolist() if len(x) else (NAN, NAN)
    # empyrical's count of the worst 5 %
    worst = np.partition(x, int((len(x) - 1) * 0.05))[: int((len(x) - 1) * 0.05) + 1] if len(x) else x
    omega, tails = ratio(gains, pains), ratio(abs(high), abs(low))
    return {
        "volatility": spread(x) * math.sqrt(curve.days_per_year),
        "skew": moment(x, 3),
        "kurtosis": moment(x, 4),
        "var_95": -low,
        "cvar_95": -float(worst.mean()) if len(worst) else NAN,
        "omega": omega,
        "tail_ratio": tails,
        "common_sense_ratio": omega * tails,
    }


def _drawdowns(equity: np.ndarray) -> dict[str, float]:
    peak = np.maximum.accumulate(equity)
    under = 1.0 - equity / peak
    depths, lengths, still = falls(equity)
    return {
        "max_drawdown_money": float((peak - equity).max()),
        "avg_drawdown": float(depths.mean()) if len(depths) else 0.0,
        "drawdown_days": float(lengths.max(initial=0)),
        "avg_drawdown_days": float(lengths.mean()) if len(lengths) else 0.0,
        "open_drawdown_days": float(still),
        "time_under_water": float((under[1:] > 0).mean()) if len(equity) > 1 else NAN,
        "pain_index": float(under.mean()),
        "ulcer_index": math.sqrt(float((under**2).mean())),
    }


def falls(equity: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """(depth float64[k], steps int64[k], steps of the one still open or 0) of every fall from a peak until it is
    reached again, in order; depth as a fraction of the peak."""
    peak = np.maximum.accumulate(equity)
    under = 1.0 - equity / peak
    at = np.append(np.flatnonzero(equity >= peak), len(equity))
    still = len(equity) - 1 - int(at[-2])
    # two peaks in a row are a gap of 1 without a fall between them
    inside = np.flatnonzero(np.diff(at) > 1)
    depths = np.array([under[at[i] : at[i + 1]].max() for i in inside])
    lengths = np.minimum(at[inside + 1], len(equity) - 1) - at[inside]
    return depths, lengths.astype(np.int64), still


def longest_under_water(equity: np.ndarray) -> float:
    """Most steps from a peak until it is reached again; a fall that never recovered counts until the end."""
    return float(falls(equity)[1].max(initial=0))


def moment(x: np.ndarray, order: int) -> float:
    """Standardised moment (non-excess), population form."""
    deviation = spread(x, 0)
    return float((((x - x.mean()) / deviation) ** order).mean()) if math.isfinite(deviation) else NAN


def probabilistic_sharpe(x: np.ndarray, against: float = 0.0) -> float:
    """Probability that the true Sharpe per day is above `against`, from returns that need not be normal.

    Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier, 2012: Phi((S - S*) sqrt(n - 1) /
    sqrt(1 - skew S + (kurtosis - 1) / 4 S^2)), S = mean / std (ddof 1), non-excess kurtosis.
    """
    if len(x) < 2 or not math.isfinite(spread(x)):
        return NAN
    observed = float(x.mean()) / spread(x)
    variance = 1.0 - moment(x, 3) * observed + (moment(x, 4) - 1.0) / 4.0 * observed**2
    if not variance > 0:
        return NAN
    z = (observed - against) * math.sqrt(len(x) - 1) / math.sqrt(variance)
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _serenity(x: np.ndarray, equity: np.ndarray, ulcer: float) -> float:
    """quantstats.stats.serenity_index with drawdowns >= 0."""
    under = 1.0 - equity / np.maximum.accumulate(equity)
    limit = float(under.mean()) + Z_95 * spread(under)
    beyond = under[under > limit]
    deviation = spread(x)
    if not math.isfinite(limit) or not math.isfinite(deviation):
        return NAN
    pitfall = (float(beyond.mean()) if len(beyond) else limit) / deviation
    return ratio(float(x.sum()), ulcer * pitfall)


def against_holding(curve: Curve, x: np.ndarray) -> dict[str, float]:
    """Beta, alpha and the like against buying at the start and holding, on the same days."""
    held = curve.benchmark
    if len(held) != len(x) + 1 or len(x) < 2:
        return dict.fromkeys(AGAINST, NAN)
    b = held[1:] / held[:-1] - 1.0
    both = spread(x) * spread(b)
    covariance = float(np.cov(x, b)[0, 1])
    beta = ratio(covariance, spread(b) ** 2)
    year = curve.days_per_year
    up, down = _captures(curve)
    values = (
        power(float(held[-1] / held[0]), 365.25 / curve.span_days) - 1 if curve.span_days > 0 else NAN,
        sharpe(b, year),
        drawdown(held),
        beta,
        (float(x.mean()) - beta * float(b.mean())) * year,
        ratio(covariance, both),
        spread(x - b) * math.sqrt(year),
        sharpe(x - b, year),
        up,
        down,
    )
    return dict(zip(AGAINST, values, strict=True))


def _captures(curve: Curve) -> tuple[float, float]:
    own, held = (month_returns(curve.ends, e)[1] for e in (curve.equity, curve.benchmark))

    def capture(chosen: np.ndarray) -> float:
        count = int(chosen.sum())
        if not count:
            return NAN
        a, b = (power(float(np.prod(1.0 + r[chosen])), 1.0 / count) - 1.0 for r in (own, held))
        return a / b if b else NAN

    return capture(held > 0), capture(held < 0)
