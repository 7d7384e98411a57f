"""Everything that is wrong with a text of strategies, not only the first of it: for an editor's marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from engine.contracts.errors import BadInput
from engine.rules.strategy import Strategy
from engine.rules.text import parse_strategy

#: mistakes that are looked for in one text
MOST = 8
_WHERE = re.compile(r"(?:^|:)(\d+):(\d+)$")
_LINE = re.compile(r"(?:^|:)(\d+)$")
_MEANT = re.compile(r'[A-Za-z_][A-Za-z0-9_]*|\d+\.?\d*|"[^"]*"?|\S')
#: said of what an earlier mistake has taken away
_FOLLOWS = ("is never used", "never leaves a", "has no long entry", "has no short entry", "names no strategy")


class Mistake(NamedTuple):
    """line, column: from 1; length: characters that are meant, 0 = the rest of the line."""

    line: int
    column: int
    length: int
    what: str
    fix: str


def split(text: str) -> list[tuple[int, str]]:
    """(line on which it begins from 1, text) of each strategy; each text keeps its line numbers."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if line.split("#")[0].split()[:1] == ["strategy"]]
    if len(starts) < 2:
        return [(1, text)]
    ends = [*starts[1:], len(lines)]
    # what stands before the first one (comments) belongs to it
    starts[0] = 0
    return [(start + 1, "\n" * start + "\n".join(lines[start:end])) for start, end in zip(starts, ends)]


def read_all(text: str) -> tuple[list[tuple[int, Strategy]], list[Mistake]]:
    """(the strategies that can be run with the line on which each begins, all mistakes by place)."""
    found, mistakes = [], []
    for start, part in split(text):
        strategy, wrong = _read(part)
        mistakes += wrong
        if strategy is not None:
            found.append((start, strategy))
    return found, sorted(mistakes)


def _read(text: str) -> tuple[Strategy | None, list[Mistake]]:
    """A mistake's line is left out and the rest is read again; what only follows from it is not said."""
    mistakes: list[Mistake] = []
    lines = text.split("\n")
    while len(mistakes) < MOST:
        try:
            strategy = parse_strategy("\n".join(lines))
        except BadInput as error:
            made = mistake_of(error, text.split("\n"))
            again = any(m.line == made.line for m in mistakes)
            if again or (mistakes and any(words in made.what for words in _FOLLOWS)):
                return None, mistakes
            mistakes.append(made)
            if lines[made.line - 1].split()[:1] == ["strategy"] or not lines[made.line - 1].strip():
                return None, mistakes
            lines[made.line - 1] = ""
        else:
            return (None if mistakes else strategy), mistakes
    return None, mistakes


def mistake_of(error: BadInput, lines: Sequence[str]) -> Mistake:
    """The place that an error names, else the first line."""
    what = error.what.splitlines()[0]
    place = _WHERE.search(error.where)
    whole = None if place else _LINE.search(error.where)
    line = int(place.group(1)) if place else int(whole.group(1)) if whole else 1
    line = min(max(line, 1), max(len(lines), 1))
    text = lines[line - 1] if lines else ""
    if not place:
        first = len(text) - len(text.lstrip()) + 1
        return Mistake(line, first, 0, what, error.fix)
    column = int(place.group(2))
    meant = _MEANT.match(text, column - 1)
    return Mistake(line, column, meant.end() - meant.start() if meant else 1, what, error.fix)
