"""Named sets of indicators, the same for every chart of the window. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from widgets.chart.indicators import Indicator, from_kept

LONGEST_NAME = 40


class Templates:
    """name -> indicators, kept as JSON."""

    def __init__(self) -> None:
        self._kept: dict[str, list[dict[str, Any]]] = {}

    def names(self) -> list[str]:
        return sorted(self._kept, key=str.lower)

    def save(self, name: str, indicators: Iterable[Indicator]) -> str:
        """Under this name from now on; returns the name as it is kept. ValueError for an empty one."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if not name:
            raise ValueError("a template needs a name")
        self._kept[name] = [i.keep() for i in indicators]
        return name

    def load(self, name: str) -> list[Indicator]:
        """KeyError for a name that is not there; indicators that cannot be read are left out."""
        return [i for kept in self._kept[name] if (i := from_kept(kept)) is not None]

    def drop(self, name: str) -> None:
        self._kept.pop(name, None)

    def keep(self) -> dict[str, Any]:
        return {name: list(kept) for name, kept in self._kept.items()}

    def restore(self, kept: Any) -> None:
        """Take back what `keep` gave, beside those there are."""
        if isinstance(kept, Mapping):
            for name, rows in kept.items():
                if isinstance(name, str) and isinstance(rows, list):
                    self._kept.setdefault(name[:LONGEST_NAME], [r for r in rows if from_kept(r) is not None])


#: of this window
SHARED = Templates()
