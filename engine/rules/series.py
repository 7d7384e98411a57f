"""Programs of display expressions: what a chart draws."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contracts.errors import BadInput
from engine.indicators.graph import CONDITION, number_of
from engine.rules.context import ANY_CONTEXT, Context
from engine.rules.lowering import Lowering
from engine.rules.program import Program, compile_program, state_size
from engine.rules.strategy import MOST_STATE
from engine.rules.text import parse_expression


def series_program(expressions: Sequence[str], context: Context = ANY_CONTEXT) -> Program:
    """Compile expressions such as 'RSI(14)' or 'MACD(12, 26, 9).signal', one value each; a condition as 0 or 1."""
    lowering = Lowering({}, context)
    nodes = [lowering.node(parse_expression(text)) for text in expressions]
    if state_size(nodes) > MOST_STATE:
        raise BadInput(f"The windows of these series are more than {MOST_STATE} bars together.")
    return compile_program([], [number_of(n) if n.kind == CONDITION else n for n in nodes])
