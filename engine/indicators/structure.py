"""Price structure: levels of the day before, confirmed swings, gaps, the day's range and the calendar."""

from __future__ import annotations

from engine.indicators import graph as g
from engine.indicators.common import percent
from engine.indicators.graph import Node
from engine.indicators.spec import Family, Inputs

family = Family("price structure")
#: bars for which a swing is remembered
SWING_MEMORY = 500


@family.add(
    "GAP",
    "Gap of the open",
    inputs=("open", "close"),
    formula="100 (open - close[1]) / close[1]",
)
def gap(x: Inputs) -> Node:
    before = g.lag(x.close, 1)
    return percent(g.sub(x.open, before), before, 0.0)
