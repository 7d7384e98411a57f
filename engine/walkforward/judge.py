"""From a walk and all trials that are known to its verdict; and what all strategies say together."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from engine.contracts.markets import Market
from engine.contracts.robustness import Evidence, Limits, SharpeFacts
from engine.contracts.walkforward import Trials, WalkResult
from engine.walkforward.overfitting import probability_of_overfitting
from engine.walkforward.statistics import effective_of_groups, sharpe_facts
from engine.walkforward.verdict import judge

NAN = float("nan")


class Known:
    """All parameter sets that were ever tried on a range: those of the ledger, and those of a run as they come.

    planned: sets that the run will try; each counts before it is done, so that no early verdict is the milder one.
    """

    def __init__(self, market: Market, before: Sequence[Trials] = (), planned: int = 0) -> None:
        self.market = market
        self._planned = planned
        self._sharpes: dict[tuple[str, str, str], dict[int, float]] = {}
        self._correlation: dict[tuple[str, str, str], float] = {}
        self._added = 0
        for tried in before:
            self._take(tried)

    def add(self, tried: Trials) -> None:
        """Sets of one strategy that are done."""
        self._added += len(tried.sharpe_by_key)
        self._take(tried)

    def _take(self, tried: Trials) -> None:
        key = (tried.strategy, tried.version, tried.timeframe)
        self._sharpes.setdefault(key, {}).update(tried.sharpe_by_key)
        self._correlation[key] = tried.correlation

    @property
    def _to_come(self) -> int:
        return max(self._planned - self._added, 0)

    @property
    def trials(self) -> int:
        """Distinct sets, those to come included."""
        return sum(map(len, self._sharpes.values())) + self._to_come

    @property
    def effective(self) -> float:
        """How many independent ones they are worth."""
        groups = [(len(group), self._correlation.get(key, 0.0)) for key, group in sorted(self._sharpes.items())]
        return effective_of_groups(groups) + self._to_come

    @property
    def sharpes(self) -> np.ndarray:
        """float64: by trading day, of all that are done; in one order, whichever was done first."""
        groups = (group for _, group in sorted(self._sharpes.items()))
        return np.array([sharpe for group in groups for _, sharpe in sorted(group.items())], np.float64)


def judged(walk: WalkResult, known: Known, limits: Limits) -> WalkResult:
    """The walk with its verdict, by the trials that are known so far. One that failed stays as it is."""
    if walk.summary.error:
        return walk
    figures = walk.summary.metrics
    stitched = np.frombuffer(walk.returns, "<f8")
    facts = sharpe_facts(
        stitched,
        known.market.days_per_year,
        trials=known.trials,
        effective=known.effective,
        sharpes=known.sharpes,
        trial_days=int(figures["whole_days"]),
    )
    verdict = judge(evidence_of(walk, facts), limits)
    said = {
        "psr": facts.psr,
        "dsr": facts.dsr,
        "dsr_effective": facts.dsr_effective,
        "luck": facts.luck,
        "skew": facts.skew,
        "kurtosis": facts.kurtosis,
        "trials": float(facts.trials),
        "trials_effective": facts.effective_trials,
    }
    summary = msgspec.structs.replace(
        walk.summary,
        metrics=figures | {name: float(value) for name, value in said.items()},
        passed=verdict.passed,
        level=verdict.level,
        words=verdict.words,
    )
    return msgspec.structs.replace(walk, summary=summary, verdict=verdict)


def evidence_of(walk: WalkResult, facts: SharpeFacts) -> Evidence:
    """What the card is judged on, off the figures of a walk."""
    figures = walk.summary.metrics
    return Evidence(
        facts=facts,
        net_return=figures["net_return"],
        max_drawdown=figures["max_drawdown"],
        trades=figures["trades"],
        windows=sum(fold.chosen >= 0 for fold in walk.folds),
        profitable_windows=figures["profitable_windows"],
        efficiency=figures["efficiency"],
        best_window=figures["best_window"],
        stability=figures["stability"],
        pbo=figures["pbo"],
    )


def together(returns: Sequence[np.ndarray], known: Known) -> dict[str, float]:
    """Figures of all strategies' sets together: float64[sets, days] of each. Those over the same number of days count
    together; where strategies were walked on different timeframes, the largest such group does."""
    out = {
        "trials": float(known.trials),
        "trials_effective": known.effective,
        "sharpe_variance": float(np.nanvar(known.sharpes)) if np.isfinite(known.sharpes).any() else NAN,
    }
    groups: dict[int, list[np.ndarray]] = {}
    for part in returns:
        groups.setdefault(part.shape[1], []).append(part)
    if not groups:
        return out | {"pbo": NAN, "pbo_sets": 0.0}
    largest = max(groups.values(), key=lambda parts: sum(map(len, parts)))
    pbo = probability_of_overfitting(np.concatenate(largest), known.market.days_per_year)
    return out | {"pbo": pbo.pbo, "pbo_sets": float(pbo.sets), "pbo_loss": pbo.loss}
