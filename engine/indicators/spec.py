"""What one indicator is: names, bounds, what it reads, what it gives, and how it is built from primitives.

Warm-up and memory are not stated: they come from the graph that `build` makes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.indicators import graph as g
from engine.indicators.graph import LONGEST, Node

OVERLAY, PANE = "overlay", "pane"
#: an indicator with this input takes any series (close when none is given)
SOURCE = "source"
DAY_MINUTES = 1440
#: a trading day that ends by local time has an hour more once a year
LONGER_MINUTES = 60
COLUMNS = ("open", "high", "low", "close", "volume")

Outputs = Node | tuple[Node, ...]
F = TypeVar("F", bound=Callable[..., Outputs])


class Place(Protocol):
    """The bars on which an indicator is computed: a lane's own, or higher ones made of them."""

    def source(self, name: str) -> Node:
        """A column of these bars."""
        ...

    def clock(self, what: str) -> Node:
        """What the calendar says of these bars; see graph.clock."""
        ...

    def most_bars(self, days: int) -> int:
        """Bars that so many trading days hold at most."""
        ...


@dataclass(frozen=True)
class OwnBars:
    """A lane's own bars. day: where its trading day ends, 'utc' or 'new_york' (17:00 there)."""

    timeframe: str = "1m"
    day: str = "utc"

    def source(self, name: str) -> Node:
        return g.source(name)

    def clock(self, what: str) -> Node:
        return g.clock(what, timeframe_ms(self.timeframe), self.day)

    def most_bars(self, days: int) -> int:
        return -(-(days * DAY_MINUTES + LONGER_MINUTES) * MINUTE_MS // timeframe_ms(self.timeframe))


@dataclass(frozen=True)
class Param:
    """One number of an indicator; whole: an integer."""

    name: str
    default: float
    low: float
    high: float
    whole: bool = True

    def cast(self, value: float) -> int | float:
        return int(value) if self.whole else float(value)


def bars(name: str, default: int, low: int = 1, high: int = LONGEST) -> Param:
    """A length in bars."""
    return Param(name, default, low, high)


def number(name: str, default: float, low: float = 0.0, high: float = 100.0) -> Param:
    return Param(name, default, low, high, whole=False)


@dataclass(frozen=True)
class Inputs:
    """What an indicator may read: the columns of the bars, its source series, and where it is computed."""

    open: Node
    high: Node
    low: Node
    close: Node
    volume: Node
    source: Node
    place: Place


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    inputs: what it reads, 'source' (any series) or columns of the bars. outputs: one name each, ('value',) when there
    is one. scale: drawn over the price ('overlay') or in its own pane; apart: outputs of an overlay that are no
    prices. range: (lowest, highest) where it is bounded.
    formula: with its source. nodes(inputs, **params) -> its outputs in order.
    """

    name: str
    title: str
    family: str
    params: tuple[Param, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    scale: str
    formula: str
    nodes: Callable[..., Outputs]
    range: tuple[float, float] | None = None
    apart: tuple[str, ...] = ()

    def build(
        self, params: Mapping[str, float], inputs: Mapping[str, Node], place: Place | None = None
    ) -> dict[str, Node]:
        """The graph of each output. params: all of them, within their bounds. inputs: the series that replace columns
        of the bars or the source (the close). place: 1-minute bars of UTC days when None."""
        where = place or OwnBars()
        columns = {name: inputs.get(name) or where.source(name) for name in COLUMNS}
        read = Inputs(**columns, source=inputs.get(SOURCE) or columns["close"], place=where)
        made = self.nodes(read, **{p.name: p.cast(params[p.name]) for p in self.params})
        return dict(zip(self.outputs, made if isinstance(made, tuple) else (made,), strict=True))

    @property
    def periodic(self) -> bool:
        """Whether one length in bars is all it takes: a bank computes it for many periods side by side."""
        return len(self.params) == 1 and self.params[0].name == "n" and self.params[0].whole


class Family:
    """The indicators of one module: `@family.add(...)` above the function that builds one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.members: list[Indicator] = []

    def add(
        self,
        name: str,
        title: str,
        *params: Param,
        inputs: tuple[str, ...] = (SOURCE,),
        outputs: tuple[str, ...] = ("value",),
        scale: str = PANE,
        range: tuple[float, float] | None = None,
        apart: tuple[str, ...] = (),
        formula: str,
    ) -> Callable[[F], F]:
        def register(nodes: F) -> F:
            self.members.append(
                Indicator(name, title, self.name, params, inputs, outputs, scale, formula, nodes, range, apart)
            )
            return nodes

        return register
