"""What all strategies say of one bar, filtered; and one of them taken apart into rows. No Qt."""

from __future__ import annotations

import math
from typing import NamedTuple

from engine.contracts.studio import WhyAll, WhyRow
from engine.contracts.why import Why
from widgets.texts import mark, tr
from widgets.viewmodels import formats

STATE, STRATEGY, RULE, SAID = range(4)
#: which rows are shown
ENTRIES, ALL, FIRED, NEARLY = "entries", "all", "fired", "nearly"
ONLY = (
    (mark("Entries"), ENTRIES),
    (mark("Fired"), FIRED),
    (mark("Nearly"), NEARLY),
    (mark("Entries and exits"), ALL),
)
#: usual moves of a bar within which a rule nearly fired
NEAR_MOVES = 1.0


class WhyModel:
    """rows: what is shown, in the engine's order: fired first, then the nearest."""

    def __init__(self) -> None:
        self.answer: WhyAll | None = None
        self.rows: list[WhyRow] = []
        self.words: list[str] = []
        self.only = ENTRIES

    def load(self, answer: WhyAll) -> None:
        self.answer = answer
        self.arrange()

    def search(self, text: str) -> None:
        self.words = text.lower().split()
        self.arrange()

    def set_only(self, only: str) -> None:
        self.only = only
        self.arrange()

    def arrange(self) -> None:
        found = self.answer.rows if self.answer is not None else []
        self.rows = [r for r in found if self._fits(r)]

    def _fits(self, row: WhyRow) -> bool:
        kinds = {
            ENTRIES: row.rule.endswith("entry"),
            ALL: True,
            FIRED: row.fired,
            NEARLY: row.rule.endswith("entry") and is_near(row),
        }
        text = f"{row.strategy} {row.title} {row.family} {row.rule} {row.failed}".lower()
        return kinds[self.only] and all(w in text for w in self.words)

    def counts(self) -> tuple[int, int, int]:
        """(entries that fired, that nearly did, all of them)."""
        entries = [r for r in self.answer.rows if r.rule.endswith("entry")] if self.answer is not None else []
        fired = sum(r.fired for r in entries)
        return fired, sum(is_near(r) for r in entries), len(entries)


def is_near(row: WhyRow) -> bool:
    """One part missing, and not farther away than a bar usually moves."""
    return not row.held and row.missing == 1 and row.moves <= NEAR_MOVES


def state_of(row: WhyRow) -> tuple[str, str]:
    """(words, token)."""
    if row.fired:
        return tr("fired"), "up" if row.rule.startswith("long") else "down"
    if row.warming:
        return tr("warming"), "info"
    if row.held:
        return tr("held before"), "dim"
    if row.missing == 1:
        return tr("1/{n} missing").format(n=row.parts), "warn" if is_near(row) else "dim"
    return tr("{n}/{m} missing").format(n=row.missing, m=row.parts), "faint"


def cells(row: WhyRow) -> list[str]:
    return [state_of(row)[0], row.title or row.strategy, row.rule.removesuffix(" entry"), said(row)]


def said(row: WhyRow) -> str:
    """What was missing, with its numbers and how far they are apart."""
    if row.fired or row.held:
        return tr("its condition turned true") if row.fired else tr("its condition held on the bar before already")
    if math.isnan(row.left) and math.isnan(row.right):
        return row.failed
    numbers = f"{number(row.left)} / {number(row.right)}"
    away = "" if math.isnan(row.moves) else tr(" · {x} bar moves away").format(x=f"{row.moves:.1f}")
    return f"{row.failed}   {numbers}{away}"


def number(value: float) -> str:
    """As people read it: 6 digits."""
    if not math.isfinite(value):
        return formats.MISSING
    return (
        f"{value:,.6g}".replace("-", formats.MINUS) if abs(value) < 1e6 else f"{value:,.0f}".replace("-", formats.MINUS)
    )


HEAD, CONDITION, OPERAND = range(3)


class Condition(NamedTuple):
    """One row of the details. kind: HEAD a rule with its sentence, CONDITION, or OPERAND, one number of the condition
    above it."""

    text: str
    depth: int
    kind: int
    held: bool
    held_before: bool
    now: str = ""
    before: str = ""
    fired: bool = False


def conditions(why: Why, first: str = "") -> list[Condition]:
    """The rules of a strategy, `first` before the others, each followed by its conditions with what they compare."""
    found = []
    for rule in sorted(why.rules, key=lambda r: r.rule != first):
        whole = rule.lines[0]
        found.append(Condition(rule.summary, 0, HEAD, whole.held, whole.held_before, fired=rule.fired))
        for line in rule.lines:
            one = line.operands[0] if len(line.operands) == 1 else None
            now, before = (number(one.now), number(one.before)) if one is not None else ("", "")
            found.append(Condition(line.text, line.depth, CONDITION, line.held, line.held_before, now, before))
            for o in line.operands if one is None else ():
                found.append(Condition(o.text, line.depth + 1, OPERAND, False, False, number(o.now), number(o.before)))
    return found


def warming(why: Why) -> str:
    """That it is silent because it has too few bars, else ''."""
    return why.summary if why.bars < why.needed else ""


def levels_text(why: Why) -> str:
    """Distances read on this bar: 'stop 12.5, target 25'."""
    parts = [f"{name} {number(value)}" for name, value in why.levels.items() if math.isfinite(value)]
    return ", ".join(parts)
