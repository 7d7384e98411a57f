"""How much of a Sharpe ratio is luck: probabilistic and deflated Sharpe, and the length of record that is needed.

Sources: D. Bailey, M. Lopez de Prado, The Sharpe Ratio Efficient Frontier (Journal of Risk 15/2, 2012) for PSR and
MinTRL; the same, The Deflated Sharpe Ratio (Journal of Portfolio Management 40/5, 2014) for DSR, the expected best of
N trials and their effective number. Sharpes are of one day (not annual) and kurtosis is non-excess unless said
otherwise. Whatever is not defined is nan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.conventions import NAN, spread
from engine.contracts.robustness import SharpeFacts

EULER = 0.577_215_664_901_532_9
_NORMAL = NormalDist()

Floats = NDArray[np.float64]


def beyond(z: float) -> float:
    """Chance that a standard normal value is above z; exact far out."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def probabilistic_sharpe(sharpe: float, days: int, skew: float, kurtosis: float, benchmark: float = 0.0) -> float:
    """Chance that the true Sharpe is above the benchmark (2012)."""
    return 1.0 - beyond(_z(sharpe, days, skew, kurtosis, benchmark)) if days > 1 else NAN


def _z(sharpe: float, days: float, skew: float, kurtosis: float, benchmark: float) -> float:
    variance = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    # kurtosis >= skew^2 + 1 keeps this above 0 for the moments of any record
    return (sharpe - benchmark) * math.sqrt((days - 1) / variance) if variance > 0 and days > 1 else NAN


def expected_best(variance: float, trials: float) -> float:
    """Sharpe that the best of `trials` independent trials without skill is expected to show (2014, appendix 1).

    variance: of the trials' Sharpes. One trial is expected to show 0.
    """
    if not variance >= 0 or not trials >= 1:
        return NAN
    if trials < 1.0 + 1e-9:
        return 0.0
    first, second = (-_NORMAL.inv_cdf(1.0 / (trials * k)) for k in (1.0, math.e))
    return max(0.0, math.sqrt(variance) * ((1.0 - EULER) * first + EULER * second))


def deflated_sharpe(sharpe: float, days: int, skew: float, kurtosis: float, *, variance: float, trials: float) -> float:
    """Chance that the true Sharpe is above that of the best of so many trials without skill (2014)."""
    return probabilistic_sharpe(sharpe, days, skew, kurtosis, expected_best(variance, trials))


def days_needed(sharpe: float, skew: float, kurtosis: float, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Length of record from which psr >= confidence at this Sharpe (2012); inf where it is no better."""
    if not sharpe > benchmark:
        return math.inf if math.isfinite(sharpe) else NAN
    variance = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    return 1.0 + variance * (_NORMAL.inv_cdf(confidence) / (sharpe - benchmark)) ** 2


def moments(returns: Floats) -> tuple[float, float, float]:
    """(daily Sharpe with ddof 1, skew, kurtosis of the population form) of float64 (days,); nan where undefined."""
    deviation, population = spread(returns), spread(returns, 0)
    if not (math.isfinite(deviation) and math.isfinite(population)):
        return NAN, NAN, NAN
    centred = (returns - returns.mean()) / population
    return float(returns.mean()) / deviation, float((centred**3).mean()), float((centred**4).mean())


def daily_sharpes(returns: Floats) -> Floats:
    """float64 (sets, days) -> float64 (sets,): mean over standard deviation (ddof 1), nan where there is no spread."""
    if returns.shape[1] < 2:
        return np.full(len(returns), NAN)
    deviation = returns.std(axis=1, ddof=1)
    none = deviation <= 1e-14 * np.maximum(1.0, np.abs(returns).max(axis=1))
    return np.divide(returns.mean(axis=1), deviation, out=np.full(len(returns), NAN), where=~none & (deviation > 0))


def average_correlation(returns: Floats) -> float:
    """Mean correlation over all pairs of sets that ever move; float64 (sets, days). nan with fewer than two.

    From the sum of the standardised returns, without the matrix of all pairs.
    """
    if returns.ndim != 2 or returns.shape[1] < 2:
        return NAN
    centred = returns - returns.mean(axis=1, keepdims=True)
    length = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    moves = length > 1e-14 * np.maximum(1.0, np.abs(returns).max(axis=1)) * math.sqrt(returns.shape[1])
    count = int(moves.sum())
    if count < 2:
        return NAN
    total = (1.0 / length[moves]) @ centred[moves]
    return float((total @ total - count) / (count * (count - 1)))


def effective_trials(trials: float, correlation: float) -> float:
    """rho + (1 - rho) N of the average correlation rho (2014, appendix 3), at least 1; nan correlation counts as 0."""
    rho = min(max(correlation, 0.0), 1.0) if math.isfinite(correlation) else 0.0
    return max(1.0, rho + (1.0 - rho) * trials)


def effective_of_groups(groups: Sequence[tuple[int, float]]) -> float:
    """Effective number of trials of many strategies: (number of sets, their average correlation) of each, added up.

    Sets of one strategy resemble each other, strategies do not: the average over all pairs would miss it.
    """
    return sum(effective_trials(count, rho) for count, rho in groups if count > 0)


def luck_variance(sharpes: Floats, days: int) -> tuple[float, float]:
    """(variance of the trials' daily Sharpes as they are, the part of it that luck can make).

    Without skill the estimate from `days` returns has a variance of 1 / (days - 1). More than that between trials is no
    luck but costs: sets that trade all day and lose surely spread the Sharpes far apart and say nothing about how
    high luck reaches. The smaller of both is therefore an upper bound under "no trial has skill". nan of no trials.
    """
    known = sharpes[np.isfinite(sharpes)]
    raw = float(known.var(ddof=1)) if len(known) > 1 else 0.0 if len(known) else NAN
    ceiling = 1.0 / (days - 1) if days > 1 else NAN
    return raw, min(raw, ceiling) if math.isfinite(raw) else ceiling


def luck_chance(returns: Floats, trials: float) -> float:
    """Chance that the best of `trials` independent records without skill looks at least as good as this one.

    float64 (days,). One record: Student's t over the days on which anything happened (a strategy that is seldom in the
    market has fewer degrees of freedom than days), widened where skew and kurtosis make the estimate less sure and
    never narrowed. Best of N: 1 - (1 - p)^N (Sidak 1967). 1 where there is no spread.
    """
    active = returns[returns != 0.0]
    if not np.isfinite(active).all():
        return NAN
    sharpe, skew, kurtosis = moments(active)
    if not math.isfinite(sharpe) or trials < 1:
        return 1.0 if len(returns) else NAN
    variance = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    t = sharpe * math.sqrt(len(active) / max(1.0, variance))
    single = beyond(normal_of_t(t, len(active) - 1))
    return -math.expm1(trials * math.log1p(-single)) if single < 1.0 else 1.0


def normal_of_t(t: float, freedom: int) -> float:
    """The standard normal value that is as rare as Student's t (D. Wallace, Annals of Mathematical Statistics 30, 1959:
    within 0.02 from 3 degrees of freedom on). freedom below 1: 0, which is no evidence."""
    if freedom < 1:
        return 0.0
    value = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom))
    return math.copysign(value, t)


def sharpe_facts(
    returns: Any, days_per_year: int, *, trials: int = 1, effective: float | None = None, sharpes: Any = None,
    trial_days: int = 0,
) -> SharpeFacts:  # fmt: skip
    """All of one record: float64 (days,) daily returns; days that are nan count as no record at all.

    trials: number of parameter sets in the ledger for this data range. effective: how many independent ones these are
    worth (None = all). sharpes: float64 (n,) their daily Sharpes where known, and trial_days the days these were taken
    over (0 = those of this record); without them luck alone makes the variance.
    """
    x = np.asarray(returns, np.float64)
    days = len(x)
    sharpe, skew, kurtosis = moments(x) if np.isfinite(x).all() else (NAN, NAN, NAN)
    known = np.zeros(0) if sharpes is None else np.asarray(sharpes, np.float64)
    raw, luck = luck_variance(known, trial_days or days)
    trials = max(1, int(trials))
    worth = min(float(trials), max(1.0, effective)) if effective is not None and math.isfinite(effective) else trials
    return SharpeFacts(
        days=days,
        sharpe=sharpe * math.sqrt(days_per_year),
        sharpe_daily=sharpe,
        skew=skew,
        kurtosis=kurtosis,
        psr=probabilistic_sharpe(sharpe, days, skew, kurtosis),
        trials=trials,
        effective_trials=float(worth),
        trial_variance=raw,
        luck_variance=luck,
        expected_best=expected_best(luck, trials),
        dsr=deflated_sharpe(sharpe, days, skew, kurtosis, variance=luck, trials=trials),
        dsr_effective=deflated_sharpe(sharpe, days, skew, kurtosis, variance=luck, trials=worth),
        dsr_raw=deflated_sharpe(sharpe, days, skew, kurtosis, variance=raw, trials=trials),
        luck=luck_chance(x, trials),
        days_needed=days_needed(sharpe, skew, kurtosis),
    )
