"""A kept walk-forward seen anew: by other limits, or one of its windows as a back-test. Nothing of it is changed."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from engine.contracts.backtests import BacktestResult
from engine.contracts.commands_base import Command
from engine.contracts.robustness import Limits, Verdict
from engine.contracts.walkforward import WalkSummary


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """rows: in the order of the walk-forward, level, words and passed by the limits that were asked for. verdicts: by
    strategy, without those that failed; with no strategies asked for, of none."""

    job: str
    limits: Limits
    rows: list[WalkSummary]
    verdicts: dict[str, Verdict] = {}


class JudgeWalkForward(Command, frozen=True, kw_only=True, tag="walkforward_judge"):
    """What is done of a walk-forward, judged by these limits and the trials it was judged by then. strategies: whose
    whole card is wanted."""

    reply: ClassVar[Any] = Judged
    job: str
    limits: Limits
    strategies: list[str] = []


class GetFold(Command, frozen=True, kw_only=True, tag="walk_fold"):
    """The test part of one window (0 = the first) as a back-test of its own: its trades, not kept as a run. BadInput
    where no set was chosen in it."""

    reply: ClassVar[Any] = BacktestResult
    job: str
    strategy: str
    fold: int
