"""What there is, as lists and commands show it: strategies and indicators."""

from __future__ import annotations

import msgspec

from engine.contracts.commands import IndicatorInfo, Language, StrategyInfo
from engine.indicators.catalogue import INDICATORS
from engine.rules.describe import indicator_info, strategy_info
from engine.rules.reference import language as reference
from engine.runtime.strategies import built_in, every, strategy


def strategies() -> list[StrategyInfo]:
    """Every strategy: the built-in ones by family, then the person's own."""
    theirs = {s.id for s in built_in()}
    return [msgspec.structs.replace(strategy_info(s), own=s.id not in theirs) for s in every()]


def one_strategy(strategy_id: str) -> StrategyInfo:
    """The strategy with this id; BadInput with the closest name."""
    return strategy_info(strategy(strategy_id))


def indicators() -> list[IndicatorInfo]:
    """Every indicator with its parameters, bounds, outputs and formula."""
    return [indicator_info(spec) for spec in INDICATORS.values()]


def language() -> Language:
    """The reference of the rules language."""
    return reference()
