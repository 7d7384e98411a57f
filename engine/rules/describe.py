"""Strategies and indicators as the messages that lists and commands show."""

from __future__ import annotations

from engine.contracts.commands import IndicatorInfo, StrategyInfo
from engine.indicators.spec import Indicator
from engine.rules.calls import call_indicator
from engine.rules.expressions import IndicatorCall, output_of
from engine.rules.lowering import Lowering
from engine.rules.strategy import Strategy


def strategy_info(strategy: Strategy) -> StrategyInfo:
    return StrategyInfo(
        id=strategy.id,
        title=strategy.title,
        family=strategy.family,
        idea=strategy.idea,
        source=strategy.source,
        timeframe=strategy.timeframe,
        direction=strategy.direction,
        params={name: (p.default, list(p.grid)) for name, p in strategy.params.items()},
        text=strategy.text(),
        version=strategy.version,
    )


def indicator_info(spec: Indicator) -> IndicatorInfo:
    """warmup: bars before the first value of its slowest output, with the default parameters."""
    call = call_indicator(spec.name, ())
    outputs: list[IndicatorCall] = [call] if len(spec.outputs) == 1 else [output_of(call, o) for o in spec.outputs]
    lowering = Lowering({})
    return IndicatorInfo(
        name=spec.name,
        title=spec.title,
        family=spec.family,
        params=[(p.name, p.default, p.low, p.high) for p in spec.params],
        outputs=list(spec.outputs),
        scale=spec.scale,
        warmup=max(lowering.node(output).warmup for output in outputs),
        formula=spec.formula,
    )
