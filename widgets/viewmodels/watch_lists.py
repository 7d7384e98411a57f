"""A person's own lists of symbols."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from engine.contracts.errors import BadInput
from widgets.texts import tr

LONGEST_NAME = 40
MOST = 5_000


class WatchLists:
    """name -> symbols, each once, in the order in which they were added. Names differ in more than capitals."""

    def __init__(self) -> None:
        self._lists: dict[str, list[str]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._lists)

    def __contains__(self, name: object) -> bool:
        return name in self._lists

    def __len__(self) -> int:
        return len(self._lists)

    def get(self, name: str) -> list[str]:
        return list(self._lists.get(name, []))

    def create(self, name: str, symbols: Iterable[str] = ()) -> str:
        """A new list; BadInput when the name is taken or is none. Returns the name as it is kept."""
        name = self._checked(name)
        self._lists[name] = []
        self.add(name, symbols)
        return name

    def take(self, name: str, symbols: Iterable[str]) -> str:
        """These symbols under this name, instead of a list that was there."""
        name = " ".join(name.split())[:LONGEST_NAME] or tr("List")
        self._lists[name] = []
        self.add(name, symbols)
        return name

    def rename(self, old: str, new: str) -> str:
        new = self._checked(new, but=old)
        self._lists = {new if name == old else name: symbols for name, symbols in self._lists.items()}
        return new

    def delete(self, name: str) -> None:
        self._lists.pop(name, None)

    def add(self, name: str, symbols: Iterable[str]) -> int:
        """How many were new in it."""
        held = self._lists[name]
        known = set(held)
        new = [s for s in dict.fromkeys(symbols) if s not in known][: MOST - len(held)]
        held.extend(new)
        return len(new)

    def remove(self, name: str, symbols: Iterable[str]) -> None:
        gone = set(symbols)
        self._lists[name] = [s for s in self._lists[name] if s not in gone]

    def of(self, symbol: str) -> list[str]:
        """Names of the lists that hold a symbol."""
        return [name for name, symbols in self._lists.items() if symbol in symbols]

    def keep(self) -> dict[str, list[str]]:
        return {name: list(symbols) for name, symbols in self._lists.items()}

    def restore(self, kept: Any) -> None:
        """What `keep` gave; anything else is passed over."""
        for name, symbols in kept.items() if isinstance(kept, dict) else ():
            if isinstance(name, str) and isinstance(symbols, list) and name.strip():
                self.take(name, [s for s in symbols if isinstance(s, str)])

    def _checked(self, name: str, but: str = "") -> str:
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME:
            raise BadInput(tr("A list needs a name of at most {n} letters.").format(n=LONGEST_NAME))
        if any(name.casefold() == other.casefold() for other in self._lists if other != but):
            raise BadInput(tr('There is a list "{name}" already.').format(name=name))
        return name


def as_text(symbols: Iterable[str]) -> str:
    """A symbol a line, as it is exported and copied."""
    return "".join(f"{symbol}\n" for symbol in symbols)


def from_text(text: str, known: Iterable[str]) -> tuple[list[str], list[str]]:
    """(symbols, words that name none) out of any text: one a line or parted by commas and blanks; a bare name means
    the first market that has it; what stands behind # is passed over."""
    full = list(known)
    by_name: dict[str, str] = {}
    for symbol in full:
        by_name.setdefault(symbol.casefold(), symbol)
        by_name.setdefault(symbol.partition(":")[2].casefold(), symbol)
    found, unknown = [], []
    for line in text.splitlines():
        for word in re.split(r"[\s,;]+", line.partition("#")[0]):
            if not word:
                continue
            symbol = by_name.get(word.casefold())
            (found if symbol else unknown).append(symbol or word)
    return list(dict.fromkeys(found)), unknown
