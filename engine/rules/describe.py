"""Strategies and indicators as the messages that lists and commands show."""

from __future__ import annotations

from engine.contracts.commands import IndicatorInfo, StrategyInfo
from engine.indicators.spec import Indicator
from engine.rules.calls import call_indicator
from engine.rules.expressions import IndicatorCall, output_of
from engine.rules.fields import SIDES
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
        sets=len(strategy.param_sets()),
        entries=entries_in_words(strategy),
        exits=exits_in_words(strategy),
        has_stop=strategy.has_stop,
        has_trail=strategy.trail is not None,
    )


def entries_in_words(strategy: Strategy) -> str:
    """How entries are filled: 'next open', 'stop order for 3 bars', or both where the sides differ."""
    bound = strategy.bind()
    sides = [side for side in SIDES if strategy.direction in (side, "both")]
    words = {side: _order(getattr(bound, f"{side}_order"), bound.entry_valid) for side in sides}
    if len(set(words.values())) == 1:
        return words[sides[0]]
    return ", ".join(f"{side}: {text}" for side, text in words.items())


def _order(kind: str, valid: int) -> str:
    return f"{kind} order for {_bars(valid)}" if kind else "next open"


def exits_in_words(strategy: Strategy) -> list[str]:
    """The ways out of a trade, such as ['rule', 'stop', 'trailing stop', 'after 24 bars', 'opposite entry']."""
    rules, found = strategy.rules, []
    if "long_exit" in rules or "short_exit" in rules:
        found.append("rule")
    for what in ("stop", "target"):
        if what in rules or any(f"{side}_{what}" in rules for side in SIDES):
            found.append(what)
    if "trail" in rules:
        found.append("trailing stop")
    if "break_even" in rules:
        found.append("break-even")
    if "time_stop" in rules:
        found.append(f"after {_bars(strategy.bind().time_stop)}")
    if strategy.direction == "both":
        found.append("opposite entry")
    return found


def _bars(count: int) -> str:
    return "1 bar" if count == 1 else f"{count} bars"


def indicator_info(spec: Indicator) -> IndicatorInfo:
    """What a list of indicators shows of one."""
    call = call_indicator(spec.name, ())
    outputs: list[IndicatorCall] = [call] if len(spec.outputs) == 1 else [output_of(call, o) for o in spec.outputs]
    lowering = Lowering({})
    nodes = [lowering.node(output) for output in outputs]
    return IndicatorInfo(
        name=spec.name,
        title=spec.title,
        family=spec.family,
        params=[(p.name, p.default, p.low, p.high) for p in spec.params],
        outputs=list(spec.outputs),
        scale=spec.scale,
        warmup=max(node.warmup for node in nodes),
        formula=spec.formula,
        inputs=list(spec.inputs),
        range=spec.range,
        memory=max(node.memory for node in nodes),
        apart=list(spec.apart),
        whole=[p.name for p in spec.params if p.whole],
    )
