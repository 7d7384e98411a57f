"""The numbers of a strategy that a hand can turn, and how far its levels reach at a trade."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from engine.backtest.data import BarData
from engine.contracts.errors import BadInput
from engine.contracts.studio import Anchor, Knob
from engine.contracts.timeframes import timeframe_ms
from engine.rules.changes import turn_of
from engine.rules.explain import levels_at
from engine.rules.expressions import Expression, FunctionCall, IndicatorCall, Parameter, walk
from engine.rules.fields import label
from engine.rules.machine import bar_columns
from engine.rules.strategy import Bound, Strategy

#: rules whose value is a distance from the entry price, by the side that they are for (0 both)
LEVEL_RULES = {
    "stop": 0,
    "long_stop": 1,
    "short_stop": -1,
    "target": 0,
    "long_target": 1,
    "short_target": -1,
    "trail": 0,
    "break_even": 0,
}


def knobs(bound: Bound, data: BarData, anchor: Anchor | None) -> list[Knob]:
    """Levels first, then the parameters that are not one's number."""
    reach = reaches(bound, data, anchor) if anchor is not None else {}
    found = [
        _level(bound, name, rule, reach.get(_read_as(name, anchor), math.nan))
        for name, rule in bound.strategy.rules.items()
        if name in LEVEL_RULES
    ]
    periods = _periods(bound.strategy)
    return found + [_parameter(p, bound.params[p.name], p.name in periods) for p in bound.strategy.params.values()]


def reaches(bound: Bound, data: BarData, anchor: Anchor) -> Mapping[str, float]:
    """Price distance of each level on the decision bar of a trade, as its rule has it, by 'long stop' and the like."""
    opened = int(np.searchsorted(data.bars["ts"], anchor.entry_ts, side="right")) - 1
    # decided on the close of the bar before the one of its fill
    decided = max(opened - 1, 0)
    bars = data.bars[max(0, decided - bound.memory - 2) : decided + 1]
    try:
        return levels_at(bound, np.ascontiguousarray(bars["ts"] // timeframe_ms(data.timeframe)), bar_columns(bars))
    except BadInput:
        return {}


def _read_as(name: str, anchor: Anchor | None) -> str:
    """The name of LEVELS under which a rule's distance is read: a stop for both sides stands as each side's own."""
    if name in ("stop", "target"):
        return f"{'long' if anchor is None or anchor.side > 0 else 'short'} {name}"
    return label(name)


def _level(bound: Bound, name: str, rule: Expression, reach: float) -> Knob:
    value, param, form = turn_of(rule, bound.params)
    step = nice_step(value)
    return Knob(
        key=f"rule:{name}",
        kind="level",
        title=label(name),
        value=value,
        low=step,
        high=max(abs(value) * 10, step * 20),
        step=step,
        param=param,
        rule="" if param else name,
        form=form,
        grid=list(bound.strategy.params[param].grid) if param else [],
        reach=reach,
    )


def _periods(strategy: Strategy) -> set[str]:
    """The parameters that are an argument of an indicator or of a function."""
    found = set()
    for rule in strategy.rules.values():
        for part in walk(rule):
            if isinstance(part, (IndicatorCall, FunctionCall)):
                found |= {a.name for a in part.arguments if isinstance(a, Parameter)}
    return found


def _parameter(param: Parameter, value: float, period: bool) -> Knob:
    around = [abs(v) for v in (value, *param.grid) if v]
    top = max(around, default=10.0)
    if param.whole:
        low, high, step = min((1.0, value, *param.grid)), max(3 * top, 20.0), 1.0
    else:
        step = nice_step(min(around, default=1.0))
        low, high = min((step, value, *param.grid)), 3 * top
    if min((value, *param.grid)) < 0:
        low = -3 * top
    return Knob(
        key=f"param:{param.name}",
        kind="period" if param.whole and period else "number",
        title=param.name,
        value=value,
        low=low,
        high=high,
        step=step,
        param=param.name,
        grid=list(param.grid),
    )


def nice_step(value: float) -> float:
    """About a fortieth of a value: 1, 2 or 5 times a power of ten; 0.05 for 2."""
    if not value or not math.isfinite(value):
        return 0.05
    rough = abs(value) / 40
    power = 10.0 ** math.floor(math.log10(rough))
    return next(round(m * power, 12) for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
