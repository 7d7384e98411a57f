"""What the study process does: tries of texts, why here, what if, and counts of the journal. Its bars stay warm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.contracts.errors import BadInput
from engine.contracts.studio import (
    ExplainAll,
    FindSignal,
    GetStrategyStats,
    StudyCommand,
    TryStrategy,
    WhatIf,
)
from engine.runtime.kept import TaskContext
from engine.runtime.study_bars import WarmBars
from engine.runtime.study_follow import what_if
from engine.runtime.study_stats import Counter
from engine.runtime.study_try import Tryer
from engine.runtime.study_why import find_signal, why_all

_bars = WarmBars()
_tryer = Tryer(_bars)
_counter = Counter()


def perform(ask: StudyCommand, context: TaskContext, stopped: Callable[[], bool]) -> Any:
    """The reply of one command; PyroError, BadInput or Cancelled."""
    if isinstance(ask, TryStrategy):
        return _tryer.answer(ask, context, stopped)
    if isinstance(ask, WhatIf):
        return what_if(ask, context, _bars, stopped)
    if isinstance(ask, ExplainAll):
        return why_all(ask, context)
    if isinstance(ask, FindSignal):
        return find_signal(ask, context)
    if isinstance(ask, GetStrategyStats):
        return _counter.answer(ask, context)
    raise BadInput(f"{type(ask).__name__} is nothing to study")
