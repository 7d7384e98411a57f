"""Several charts: how they stand in the grid, and which follow which. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from widgets.texts import mark

#: name -> (title, whether the parts stand in a row, charts one below (or beside) the other in each part)
LAYOUTS: dict[str, tuple[str, bool, tuple[int, ...]]] = {
    "1": (mark("Charts: 1"), True, (1,)),
    "1|1": (mark("Charts: 2 beside"), True, (1, 1)),
    "1/1": (mark("Charts: 2 stacked"), False, (1, 1)),
    "1|1|1": (mark("Charts: 3 beside"), True, (1, 1, 1)),
    "1+2": (mark("Charts: 1 large, 2 small"), True, (1, 2)),
    "2x2": (mark("Charts: 2 x 2"), False, (2, 2)),
    "1+3": (mark("Charts: 1 large, 3 small"), True, (1, 3)),
    "2x3": (mark("Charts: 2 x 3"), False, (3, 3)),
    "3x3": (mark("Charts: 3 x 3"), False, (3, 3, 3)),
}
#: share of the first part of the layouts whose first chart is large
LARGE = {"1+2": 0.64, "1+3": 0.68}
MOST = 9
#: link colour -> token of the theme; '' is none
COLOURS: dict[str, tuple[str, str]] = {
    "": (mark("Not linked"), "border"),
    "red": (mark("Red"), "down"),
    "green": (mark("Green"), "up"),
    "blue": (mark("Blue"), "accent"),
    "yellow": (mark("Yellow"), "warn"),
}


def count(layout: str) -> int:
    return sum(LAYOUTS[layout][2])


@dataclass
class LinkOptions:
    """What charts of one colour share. symbol is always shared while it is on: it is what the colour is for."""

    symbol: bool = True
    timeframe: bool = False
    crosshair: bool = True
    span: bool = False


TITLES = {
    "symbol": mark("Same symbol"),
    "timeframe": mark("Same timeframe"),
    "crosshair": mark("Crosshair at the same time"),
    "span": mark("Same visible range"),
}


class Links:
    """Colours of the charts by their number, and what each colour shares."""

    def __init__(self) -> None:
        self.of = [""] * MOST
        self.options = {colour: LinkOptions() for colour in COLOURS if colour}

    def followers(self, number: int, what: str, shown: int) -> list[int]:
        """The charts among the first `shown` that share `what` with this one, without it."""
        colour = self.of[number]
        if not colour or not getattr(self.options[colour], what):
            return []
        return [k for k in range(shown) if k != number and self.of[k] == colour]

    def keep(self) -> dict[str, Any]:
        return {"of": list(self.of), "options": {c: asdict(o) for c, o in self.options.items()}}

    def restore(self, kept: Any) -> None:
        """Anything may be missing or wrong in it."""
        if not isinstance(kept, Mapping):
            return
        given = kept.get("of")
        if isinstance(given, Sequence) and not isinstance(given, str):
            for k, colour in enumerate(given[:MOST]):
                if isinstance(colour, str) and colour in COLOURS:
                    self.of[k] = colour
        options = kept.get("options")
        if not isinstance(options, Mapping):
            return
        for colour, own in self.options.items():
            values = options.get(colour)
            for f in fields(own) if isinstance(values, Mapping) else ():
                if isinstance(values.get(f.name), bool):
                    setattr(own, f.name, values[f.name])
