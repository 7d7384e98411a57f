"""What the command palette finds: a scored subsequence matcher over symbols, commands, strategies and timeframes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

#: kinds, in the order in which equal scores are listed.
COMMAND, SYMBOL, TIMEFRAME, STRATEGY, LAYOUT = "command", "symbol", "timeframe", "strategy", "layout"
_KIND_ORDER = {TIMEFRAME: 0, SYMBOL: 1, COMMAND: 2, STRATEGY: 3, LAYOUT: 4}


class Entry(NamedTuple):
    """title is matched; hint stands grey at the right; key is handed back when it is chosen."""

    kind: str
    key: str
    title: str
    hint: str = ""
    also: str = ""


class Match(NamedTuple):
    entry: Entry
    score: int
    places: tuple[int, ...]


def score(query: str, text: str) -> tuple[int, tuple[int, ...]]:
    """(score, matched places) of query as a subsequence of text, both lower case; score 0 = no match.

    Worth most: an exact hit, then a prefix, then letters that start words, then letters side by side. The greedy walk
    is tried from the first letter's word starts too, so 'rr' finds 'RSI revert' by its initials.
    """
    if not query:
        return 1, ()
    if text == query:
        return 10_000, tuple(range(len(query)))
    at = text.find(query)
    if at == 0:
        return 5_000 - len(text), tuple(range(len(query)))
    if at > 0:
        bonus = 1_000 if not text[at - 1].isalnum() else 0
        return 2_000 + bonus - at - len(text) // 4, tuple(range(at, at + len(query)))
    places = _walk(query, text, initials=True) or _walk(query, text, initials=False)
    if not places:
        return 0, ()
    runs = sum(1 for a, b in pairwise(places) if b == a + 1)
    starts = sum(1 for p in places if p == 0 or not text[p - 1].isalnum())
    return max(1, 300 + 60 * starts + 40 * runs - (places[-1] - places[0]) - len(text) // 4), places


def _walk(query: str, text: str, *, initials: bool) -> tuple[int, ...]:
    places: list[int] = []
    at = -1
    for letter in query:
        if letter == " ":
            continue
        after = at + 1
        if initials:
            at = next(
                (p for p in range(after, len(text)) if text[p] == letter and (p == 0 or not text[p - 1].isalnum())), -1
            )
        else:
            at = text.find(letter, after)
        if at < 0:
            return ()
        places.append(at)
    return tuple(places)


class PaletteModel:
    """All entries and the best matches for what was typed; recently chosen ones lead while nothing is typed."""

    def __init__(self, limit: int = 60) -> None:
        self.limit = limit
        self._entries: list[tuple[Entry, str, str]] = []
        self._recent: list[str] = []

    def load(self, entries: Iterable[Entry]) -> None:
        self._entries = [(e, e.title.lower(), e.also.lower()) for e in entries]

    def __len__(self) -> int:
        return len(self._entries)

    def chosen(self, entry: Entry) -> None:
        """Remember that this entry was used."""
        mark = entry.kind + entry.key
        self._recent = [mark, *(r for r in self._recent if r != mark)][:20]

    def search(self, text: str) -> list[Match]:
        """Best first. A leading '>' asks for commands only, ':' for symbols only."""
        query = text.strip().lower()
        wanted = {">": COMMAND, ":": SYMBOL}.get(query[:1], "")
        if wanted:
            query = query[1:].strip()
        found: list[Match] = []
        for entry, title, also in self._entries:
            if wanted and entry.kind != wanted:
                continue
            points, places = score(query, title)
            if also and query and points < 2_000:
                other, _ = score(query, also)
                if other - 200 > points:
                    points, places = other - 200, ()
            if points:
                found.append(Match(entry, points + self._bonus(entry, query), places))
        found.sort(key=lambda m: (-m.score, _KIND_ORDER.get(m.entry.kind, 9), len(m.entry.title), m.entry.title))
        return found[: self.limit]

    def _bonus(self, entry: Entry, query: str) -> int:
        mark = entry.kind + entry.key
        recent = 100 * (20 - self._recent.index(mark)) if mark in self._recent else 0
        if query:
            return min(recent, 150)
        return recent + (50 if entry.kind == COMMAND else 0)
