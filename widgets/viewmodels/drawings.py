"""What people drew on charts, per symbol: anchored in time and price, with undo, as JSON. No Qt.

Drawings are values: a change puts a new one into the book, which keeps what was there for undo and tells its listeners.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from widgets.texts import mark, tr

VERSION = 1
#: per symbol; and steps that can be undone
MOST, MOST_UNDO = 500, 200
MAX_TEXT = 200

TREND, RAY, HORIZONTAL, CHANNEL, FIBONACCI = "trend", "ray", "horizontal", "channel", "fibonacci"
RECTANGLE, TEXT, ALERT = "rectangle", "text", "alert"
#: kind -> (anchors, title, colour as a token of the theme)
KINDS: dict[str, tuple[int, str, str]] = {
    TREND: (2, mark("Trend line"), "info"),
    RAY: (2, mark("Ray"), "info"),
    HORIZONTAL: (1, mark("Horizontal line"), "ma4"),
    CHANNEL: (3, mark("Parallel channel"), "ma3"),
    FIBONACCI: (2, mark("Fibonacci retracement"), "dim"),
    RECTANGLE: (2, mark("Rectangle"), "ma2"),
    TEXT: (1, mark("Text"), "text"),
    ALERT: (1, mark("Alert line"), "warn"),
}
#: lines across the whole chart: only their price counts
LEVEL_KINDS = (HORIZONTAL, ALERT)
TOKENS = ("info", "accent", "up", "down", "warn", "ma2", "ma3", "ma4", "ma5", "text", "dim")
FIB_RATIOS = (0.0, 0.236, 0.382, 0.5, 0.618, 0.786, 1.0, 1.618)
Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """points: (ms since the epoch, price). colour: a token, '' for the kind's own. width: px.

    side: of an alert line, where the price was when it was set: 1 above the line, -1 below, 0 not known yet.
    fired_ms: when the price crossed it; 0 while it waits.
    """

    id: int
    kind: str
    points: tuple[Point, ...]
    colour: str = ""
    width: int = 1
    text: str = ""
    locked: bool = False
    side: int = 0
    fired_ms: int = 0

    @property
    def token(self) -> str:
        return self.colour or KINDS[self.kind][2]

    @property
    def armed(self) -> bool:
        return self.kind == ALERT and self.fired_ms == 0

    def handles(self) -> list[Point]:
        """Where it can be taken: its anchors, of a rectangle the other two corners as well."""
        if self.kind == RECTANGLE:
            (t0, p0), (t1, p1) = self.points
            return [*self.points, (t0, p1), (t1, p0)]
        return list(self.points)

    def with_handle(self, k: int, ms: int, price: float) -> Drawing:
        """The same with one handle elsewhere; an alert line that was moved waits again."""
        points = list(self.points)
        if k < len(points):
            points[k] = (ms, price)
        else:  # corners of a rectangle that are no anchors share a time with one anchor and a price with the other
            a, b = (0, 1) if k == 2 else (1, 0)
            points[a], points[b] = (ms, points[a][1]), (points[b][0], price)
        return self.with_points(points)

    def with_points(self, points: Iterable[Point]) -> Drawing:
        made = tuple((int(ms), float(price)) for ms, price in points)
        if self.kind == ALERT and made[0][1] != self.points[0][1]:
            return replace(self, points=made, fired_ms=0, side=0)
        return replace(self, points=made)


def decode(raw: Any) -> Drawing:
    """One drawing from JSON; ValueError says what is wrong with it."""
    if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str) or raw["kind"] not in KINDS:
        raise ValueError("it is of no known kind")
    points = raw.get("points")
    if not isinstance(points, list) or len(points) != KINDS[raw["kind"]][0]:
        raise ValueError("it has not the right number of points")
    made = []
    for point in points:
        if not (isinstance(point, list) and len(point) == 2 and all(_finite(v) for v in point)):
            raise ValueError("a point is not a time and a price")
        made.append((int(point[0]), float(point[1])))
    plain: dict[str, Any] = {}
    for name, kind, good in (
        ("id", int, lambda v: v > 0),
        ("colour", str, lambda v: v in ("", *TOKENS)),
        ("width", int, lambda v: 1 <= v <= 4),
        ("text", str, lambda v: len(v) <= MAX_TEXT),
        ("locked", bool, lambda _v: True),
        ("side", int, lambda v: v in (-1, 0, 1)),
        ("fired_ms", int, lambda v: 0 <= v < 10**15),
    ):
        if name in raw:
            value = raw[name]
            if type(value) is not kind or not good(value):
                raise ValueError(f"{name} is not usable")
            plain[name] = value
    if "id" not in plain:
        raise ValueError("it has no id")
    return Drawing(kind=raw["kind"], points=tuple(made), **plain)


def encode(drawing: Drawing) -> dict[str, Any]:
    return asdict(drawing)


def _finite(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e15


#: (before, after): None where it was not there
Change = tuple[Drawing | None, Drawing | None]
Steps = dict[str, list[list[Change]]]


class DrawingBook:
    """All drawings of all symbols. `listen` hears the symbol of every change; `saved` what to write."""

    def __init__(self) -> None:
        self._by_symbol: dict[str, dict[int, Drawing]] = {}
        self._undo: Steps = {}
        self._redo: Steps = {}
        self._texts: dict[str, str] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._last = 0

    # read -----------------------------------------------------------------------------------------------------------
    def of(self, symbol: str) -> list[Drawing]:
        """In the order in which they were drawn."""
        return list(self._by_symbol.get(symbol, {}).values())

    def get(self, symbol: str, number: int) -> Drawing | None:
        return self._by_symbol.get(symbol, {}).get(number)

    def symbols(self) -> list[str]:
        return [s for s, found in self._by_symbol.items() if found]

    def armed(self) -> list[tuple[str, Drawing]]:
        """Alert lines that wait, of all symbols."""
        return [(s, d) for s, found in self._by_symbol.items() for d in found.values() if d.armed]

    def can_undo(self, symbol: str) -> bool:
        return bool(self._undo.get(symbol))

    def can_redo(self, symbol: str) -> bool:
        return bool(self._redo.get(symbol))

    def listen(self, heard: Callable[[str], None]) -> Callable[[], None]:
        """Returns what ends it."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    # change ---------------------------------------------------------------------------------------------------------
    def add(
        self, symbol: str, kind: str, points: Iterable[Point], *, colour: str = "", width: int = 1, text: str = ""
    ) -> Drawing:
        """ValueError when there are too many, or the points are not what the kind needs."""
        if len(self._by_symbol.get(symbol, {})) >= MOST:
            raise ValueError(tr("There are {n} drawings on this symbol already; remove some first.").format(n=MOST))
        self._last += 1
        given = [[int(ms), float(price)] for ms, price in points]
        made = decode(
            {"id": self._last, "kind": kind, "points": given, "colour": colour, "width": width, "text": text[:MAX_TEXT]}
        )
        self._do(symbol, [(None, made)])
        return made

    def put(self, symbol: str, drawing: Drawing) -> None:
        """Replace the one of the same id; nothing happens when it is as it was, or gone."""
        before = self.get(symbol, drawing.id)
        if before is not None and before != drawing:
            self._do(symbol, [(before, drawing)])

    def remove(self, symbol: str, number: int) -> None:
        before = self.get(symbol, number)
        if before is not None:
            self._do(symbol, [(before, None)])

    def remove_all(self, symbol: str) -> None:
        """All of a symbol that are not locked, as one step."""
        if gone := [d for d in self.of(symbol) if not d.locked]:
            self._do(symbol, [(d, None) for d in gone])

    def clone(self, symbol: str, drawing: Drawing) -> Drawing:
        """A second one at the same place."""
        return self.add(
            symbol, drawing.kind, drawing.points, colour=drawing.colour, width=drawing.width, text=drawing.text
        )

    def undo(self, symbol: str) -> bool:
        return self._back(symbol, self._undo, self._redo)

    def redo(self, symbol: str) -> bool:
        return self._back(symbol, self._redo, self._undo)

    def settle(self, symbol: str, drawing: Drawing) -> None:
        """Note what the market did to it (side, fired); not a step of undo."""
        if self.get(symbol, drawing.id) is not None:
            self._by_symbol[symbol][drawing.id] = drawing
            self._told(symbol)

    def _do(self, symbol: str, changes: list[Change]) -> None:
        steps = self._undo.setdefault(symbol, [])
        steps.append(changes)
        del steps[:-MOST_UNDO]
        self._redo.pop(symbol, None)
        self._apply(symbol, changes)

    def _back(self, symbol: str, source: Steps, other: Steps) -> bool:
        if not source.get(symbol):
            return False
        turned: list[Change] = []
        for before, after in reversed(source[symbol].pop()):
            now = self.get(symbol, after.id) if after is not None else None
            # an alert line that fired meanwhile stays fired, unless the step moves it elsewhere
            if before is not None and now is not None and before.points == now.points:
                before = replace(before, fired_ms=now.fired_ms, side=now.side)
            turned.append((now, before))
        other.setdefault(symbol, []).append(turned)
        self._apply(symbol, turned)
        return True

    def _apply(self, symbol: str, changes: list[Change]) -> None:
        held = self._by_symbol.setdefault(symbol, {})
        for before, after in changes:
            if after is not None:
                held[after.id] = after
            elif before is not None:
                held.pop(before.id, None)
        self._told(symbol)

    def _told(self, symbol: str) -> None:
        self._texts.pop(symbol, None)
        for heard in list(self._listeners):
            heard(symbol)

    # kept -----------------------------------------------------------------------------------------------------------
    def saved(self) -> str:
        """All of it as JSON; only symbols that changed are written anew."""
        for symbol in self.symbols():
            if symbol not in self._texts:
                self._texts[symbol] = json.dumps([encode(d) for d in self.of(symbol)], allow_nan=False)
        lines = ",\n".join(f"  {json.dumps(s)}: {self._texts[s]}" for s in sorted(self.symbols()))
        return f'{{\n "version": {VERSION},\n "symbols": {{\n{lines}\n }}\n}}\n'

    def load(self, raw: Any) -> int:
        """Take over what `saved` wrote. Returns how many drawings could not be read and were left out; ValueError
        when it is no book at all. Nothing can be undone afterwards."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("symbols"), dict):
            raise ValueError("it is not a table of drawings")
        if raw.get("version") != VERSION:
            raise ValueError(f"it is of version {raw.get('version')!r}, this program writes {VERSION}")
        found: dict[str, dict[int, Drawing]] = {}
        bad = 0
        for symbol, rows in raw["symbols"].items():
            if not isinstance(rows, list):
                bad += 1
                continue
            for row in rows:
                try:
                    drawing = decode(row)
                    held = found.setdefault(symbol, {})
                    if drawing.id in held or len(held) >= MOST:
                        raise ValueError("there are two of it, or too many")
                    held[drawing.id] = drawing
                except ValueError:
                    bad += 1
        self._by_symbol = found
        self._undo, self._redo, self._texts = {}, {}, {}
        self._last = max((d.id for held in found.values() for d in held.values()), default=0)
        for symbol in found:
            self._told(symbol)
        return bad
