"""The pass/fail card of a walk-forward: checks with editable limits, in plain words.

What keeps luck out is one check: the chance that the best of all trials of the ledger would look as good without any
skill. The others ask what the Sharpe cannot tell (enough trades, most windows, a profit after costs), or warn. Why the
limits are as they are: tests/unit/walkforward/test_verdict_study.py walks noise and planted edges through them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.robustness import Check, Evidence, Limits, Verdict

_Sense = Literal["at least", "at most"]


class _Rule(NamedTuple):
    title: str
    sense: _Sense
    value: Callable[[Evidence], float]
    words: Callable[[Evidence, float], str]


def _percent(x: float) -> str:
    """A share for a person: whole per cents, more digits where it is small."""
    if not math.isfinite(x):
        return "n/a"
    size = abs(100.0 * x)
    if 99.5 <= size < 100.0:
        return "over 99 %"
    digits = 0 if size >= 10 or size == 0 else 1 if size >= 1 else 2
    return f"{100.0 * x:.{digits}f} %" if size == 0 or size >= 0.01 else "under 0.01 %"


def _luck(e: Evidence, limit: float) -> str:
    tries = f"the best of {e.facts.trials:,} tries" if e.facts.trials > 1 else "one try"
    said = f"ithout any skill {tries} would look this good in {_percent(e.facts.luck)} of all cases."
    return f"W{said}" if e.facts.luck <= limit else f"Luck cannot be ruled out: w{said}"


def _dsr(e: Evidence, limit: float) -> str:
    best = e.facts.expected_best / e.facts.sharpe_daily * e.facts.sharpe if e.facts.sharpe_daily else 0.0
    return (
        f"The luckiest of {e.facts.trials:,} tries is expected to show a Sharpe of {best:.2f}; that the true one is"
        f" above that has a probability of {_percent(e.facts.dsr)}."
    )


def _psr(e: Evidence, limit: float) -> str:
    need = e.facts.days_needed
    said = f"The true Sharpe is above 0 with a probability of {_percent(e.facts.psr)}"
    if math.isfinite(need) and need > e.facts.days:
        return f"{said}; at this Sharpe it takes {math.ceil(need):,} days to be sure, there are {e.facts.days:,}."
    return f"{said}, tries not counted."


def _net(e: Evidence, limit: float) -> str:
    way = "made" if e.net_return > 0 else "lost"
    return f"Out of sample it {way} {_percent(abs(e.net_return))} after all costs."


def _efficiency(e: Evidence, limit: float) -> str:
    if e.efficiency < 0:
        return "What it earned while parameters were chosen it lost afterwards."
    return f"Afterwards it earned {_percent(e.efficiency)} of what it earned while parameters were chosen."


def _best_trade(e: Evidence, limit: float) -> str:
    return f"The best trade made {_percent(e.best_trade)} of all profit."


RULES: dict[str, _Rule] = {
    "luck": _Rule("Chance that it is luck", "at most", lambda e: e.facts.luck, _luck),
    "sharpe": _Rule(
        "Sharpe out of sample", "at least", lambda e: e.facts.sharpe,
        lambda e, _: f"Over the {e.facts.days:,} days no choice has seen, the annual Sharpe is {e.facts.sharpe:.2f}.",
    ),
    "net_return": _Rule("Net return", "at least", lambda e: e.net_return, _net),
    "trades": _Rule(
        "Trades", "at least", lambda e: e.trades,
        lambda e, limit: f"There are {e.trades:,.0f} trades out of sample; fewer than {limit:,.0f} say little.",
    ),
    "windows": _Rule(
        "Windows", "at least", lambda e: float(e.windows),
        lambda e, limit: f"It was chosen and tested {e.windows} times; fewer than {limit:,.0f} say little.",
    ),
    "profitable_windows": _Rule(
        "Profitable windows", "at least", lambda e: e.profitable_windows,
        lambda e, _: f"{_percent(e.profitable_windows)} of the {e.windows} windows made a profit.",
    ),
    "psr": _Rule("Probabilistic Sharpe", "at least", lambda e: e.facts.psr, _psr),
    "dsr": _Rule("Deflated Sharpe", "at least", lambda e: e.facts.dsr, _dsr),
    "pbo": _Rule(
        "Overfitting (PBO)", "at most", lambda e: e.pbo,
        lambda e, _: f"The set that was best in one half of history was below the median in the other in"
        f" {_percent(e.pbo)} of all splits.",
    ),
    "efficiency": _Rule("Walk-forward efficiency", "at least", lambda e: e.efficiency, _efficiency),
    "max_drawdown": _Rule(
        "Largest drawdown", "at most", lambda e: e.max_drawdown,
        lambda e, _: f"The deepest fall from a peak was {_percent(e.max_drawdown)}.",
    ),
    "best_window": _Rule(
        "Profit from the best window", "at most", lambda e: e.best_window,
        lambda e, _: f"The best window made {_percent(e.best_window)} of all profit.",
    ),
    "best_trade": _Rule("Profit from the best trade", "at most", lambda e: e.best_trade, _best_trade),
    "stability": _Rule(
        "Steadiness of the choice", "at least", lambda e: e.stability,
        lambda e, _: f"From window to window the parameters stayed {_percent(max(0.0, e.stability))} closer than by"
        " chance.",
    ),
}  # fmt: skip


def checked_limits(limits: Limits) -> Limits:
    """The same limits; BadInput where one is no number or `must` names no check."""
    for name in limits.must:
        if name not in RULES:
            raise BadInput(
                f'There is no check "{name}".{did_you_mean(name, RULES)}', fix=f"There are {', '.join(RULES)}."
            )
    for name in RULES:
        limit = getattr(limits, name)
        if limit is not None and not math.isfinite(limit):
            raise BadInput(
                f"The limit of {name} must be a number, not {limit!r}.", fix="Leave it out to ask for nothing."
            )
    return limits


def edited_limits(limits: Limits, changes: dict[str, float | None]) -> Limits:
    """With some limits changed (None = not asked); BadInput for a name there is not."""
    for name in changes:
        if name not in RULES:
            raise BadInput(
                f'There is no limit "{name}".{did_you_mean(name, RULES)}', fix=f"There are {', '.join(RULES)}."
            )
    return checked_limits(msgspec.structs.replace(limits, **changes))


def judge(evidence: Evidence, limits: Limits | None = None) -> Verdict:
    """All checks and the whole. net_return must be above its limit, all others at or within theirs."""
    limits = checked_limits(limits or Limits())
    checks = [_check(name, evidence, limits) for name in RULES if getattr(limits, name) is not None]
    musts = [c for c in checks if c.must]
    failed = [c for c in musts if not c.passed]
    wishes = [c for c in checks if not c.must and c.passed is False]
    if not failed:
        words = _passed_words(evidence, musts, wishes)
        return Verdict(passed=True, level="doubtful" if wishes else "pass", words=words, checks=checks)
    missing = _too_little(evidence, limits)
    if missing:
        return Verdict(passed=False, level="unknown", words=missing, checks=checks)
    return Verdict(passed=False, level="fail", words=_failed_words(evidence, failed), checks=checks)


def _check(name: str, evidence: Evidence, limits: Limits) -> Check:
    rule, limit = RULES[name], float(getattr(limits, name))
    value = float(rule.value(evidence))
    passed: bool | None = None
    if not math.isnan(value):
        passed = (
            value <= limit if rule.sense == "at most" else value > limit if name == "net_return" else value >= limit
        )
    words = "Not known." if passed is None else rule.words(evidence, limit)
    return Check(
        name=name, title=rule.title, value=value, limit=limit, sense=rule.sense, passed=passed,
        must=name in limits.must, words=words,
    )  # fmt: skip


def _too_little(evidence: Evidence, limits: Limits) -> str:
    """Why nothing can be said, or "" where something can."""
    if evidence.windows == 0:
        return "There is no test window: nothing can be said."
    if not evidence.trades > 0:
        return "There was no trade out of sample: nothing can be said."
    if math.isnan(evidence.facts.sharpe):
        return "The returns out of sample do not vary, or are not known: nothing can be said."
    wanted = limits.trades if limits.trades is not None and "trades" in limits.must else 0.0
    if evidence.trades < wanted and evidence.net_return > 0:
        return f"Too little to judge: {evidence.trades:,.0f} trades out of sample, {wanted:,.0f} are asked for."
    return ""


def _failed_words(evidence: Evidence, failed: list[Check]) -> str:
    names = {c.name for c in failed}
    if "net_return" in names:
        first = "No edge: it lost money out of sample after costs."
    elif names == {"luck"}:
        first = "It made money, but luck cannot be ruled out."
    elif "luck" in names:
        first = "Luck cannot be ruled out."
    else:
        first = "It did better than luck, but not well enough."
    return f"{first} {_list(failed, 'Not met')}"


def _passed_words(evidence: Evidence, musts: list[Check], wishes: list[Check]) -> str:
    if not musts:
        first = "Nothing was asked for, so nothing could fail."
    elif any(c.name == "luck" for c in musts):
        first = f"Better than luck, {evidence.facts.trials:,} tries counted, on data that no choice has seen."
    else:
        first = "All limits are met; whether it is luck was not asked."
    return f"{first} {_list(wishes, 'Reservations')}" if wishes else first


def _list(checks: list[Check], what: str) -> str:
    return (
        f"{what}: {', '.join(c.title[0].lower() + c.title[1:] if c.title[1].islower() else c.title for c in checks)}."
    )
