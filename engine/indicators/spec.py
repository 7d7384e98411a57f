"""What one indicator is: names, bounds, what it reads, what it gives, and how it is built from primitives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.indicators.graph import LONGEST, Node

OVERLAY, PANE = "overlay", "pane"
#: an indicator with this input takes any series (close when none is given)
SOURCE = "source"


@dataclass(frozen=True)
class Param:
    """One number of an indicator; whole: bars, an integer."""

    name: str
    default: float
    low: float
    high: float
    whole: bool = True


def bars(name: str, default: int, low: int = 1, high: int = LONGEST) -> Param:
    return Param(name, default, low, high)


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    inputs: ('source',) or columns of the bars. outputs: one name each, ('value',) when there is one. scale: drawn over
    the price ('overlay') or in its own pane. range: (lowest, highest) where it is bounded. formula: with its source.
    build(params, inputs) -> {output: node}.
    """

    name: str
    title: str
    family: str
    params: tuple[Param, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    scale: str
    formula: str
    build: Callable[[Mapping[str, float], Mapping[str, Node]], dict[str, Node]]
    range: tuple[float, float] | None = None
