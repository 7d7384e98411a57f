"""How far a result can be trusted: statistics, simulations and the pass/fail card of a walk-forward.

Frozen and JSON-able; a figure that is not defined is nan, never a made-up number.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class SharpeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What one record of daily returns says. sharpe is annual, all other Sharpes are of one day.

    psr: chance that the true Sharpe is above 0. trials: parameter sets tried on this data (the ledger's count);
    effective_trials: how many independent ones they are worth. trial_variance: of the trials' daily Sharpes as they
    are; luck_variance: the part of it that luck can make, which the deflated figures use. expected_best: the daily
    Sharpe that the best of all trials is expected to show without any skill. dsr, dsr_effective: chance that the true
    Sharpe is above it, with the raw and the effective number of trials; dsr_raw: the same with the trials' variance as
    it is, costs and all. luck: chance that the best of all trials would look as good as this without skill.
    days_needed: trading days until psr reaches 0.95 at this Sharpe.
    """

    days: int
    sharpe: float
    sharpe_daily: float
    skew: float
    kurtosis: float
    psr: float
    trials: int
    effective_trials: float
    trial_variance: float
    luck_variance: float
    expected_best: float
    dsr: float
    dsr_effective: float
    dsr_raw: float
    luck: float
    days_needed: float


class Pbo(msgspec.Struct, frozen=True, kw_only=True):
    """Probability of backtest overfitting by CSCV. Sharpes are annual.

    pbo: share of the combinations in which the set that was best in one half was below the median in the other.
    slope, intercept, r2: out-of-sample Sharpe of the chosen set against its in-sample one. loss: share of the
    combinations in which the chosen set lost out of sample. dominance1, dominance2: whether choosing dominates taking
    any set, first and second order. logits: counts in the bins between `edges`. points: at most a few hundred
    (in-sample, out-of-sample) Sharpes of the chosen sets, for drawing. note: why there are no figures, "" if there are.
    """

    sets: int
    days: int
    blocks: int
    combinations: int
    pbo: float
    slope: float
    intercept: float
    r2: float
    loss: float
    dominance1: bool
    dominance2: bool
    edges: list[float]
    logits: list[int]
    points: list[tuple[float, float]]
    note: str = ""


class MonteCarloFan(msgspec.Struct, frozen=True, kw_only=True):
    """What could have happened by the same trades or days in another order, or drawn anew.

    kind: "shuffle" or "resample" of trades, "bootstrap" of daily returns, "candles". steps: number of trades or days
    passed at each column of `equity`, the first is 0. equity: [quantile][step], multiples of the starting cash. final,
    drawdown: quantiles of the final equity and of the largest drawdown (a fraction of the peak). final_rank,
    drawdown_rank: share of the paths that ended lower, or fell less, than what happened. loss: share of the paths that
    end below their start. paths: those that were finished; cancelled: fewer than asked for.
    """

    kind: Literal["shuffle", "resample", "bootstrap", "candles"]
    paths: int
    seed: int
    block: float
    quantiles: list[float]
    steps: list[int]
    equity: list[list[float]]
    original: list[float]
    final: list[float]
    drawdown: list[float]
    final_rank: float
    drawdown_rank: float
    loss: float
    cancelled: bool = False
    note: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits of the pass/fail card; None = not asked. `must` names the checks without which nothing passes."""

    luck: float | None = 0.05
    sharpe: float | None = 0.5
    net_return: float | None = 0.0
    trades: float | None = 30.0
    windows: float | None = 4.0
    profitable_windows: float | None = 0.6
    psr: float | None = 0.95
    dsr: float | None = 0.95
    pbo: float | None = 0.5
    efficiency: float | None = 0.5
    max_drawdown: float | None = 0.5
    best_window: float | None = 0.5
    best_trade: float | None = 0.25
    stability: float | None = 0.2
    must: tuple[str, ...] = ("luck", "sharpe", "net_return", "trades", "windows", "profitable_windows")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the card is judged on; nan = not known. Fractions are not percents. facts: of the stitched out-of-sample
    returns. net_return, max_drawdown, trades: of the stitched equity after all costs. pbo: of this strategy's sets."""

    facts: SharpeFacts
    net_return: float
    max_drawdown: float
    trades: float
    windows: int
    profitable_windows: float
    efficiency: float = float("nan")
    best_window: float = float("nan")
    best_trade: float = float("nan")
    stability: float = float("nan")
    pbo: float = float("nan")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the card. passed None: not known, which counts as failed where the check is a must. sense: whether
    the value must be at least or at most the limit."""

    name: str
    title: str
    value: float
    limit: float
    sense: Literal["at least", "at most"]
    passed: bool | None
    must: bool
    words: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """passed: every must is met. level: "pass", "doubtful" (passed, but a wish is not met), "fail", "unknown" (there is
    too little to judge). words: one or two sentences."""

    passed: bool
    level: Literal["pass", "doubtful", "fail", "unknown"]
    words: str
    checks: list[Check]
