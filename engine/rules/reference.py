"""The reference of the rules language: prose, and lists made from the tables that the language itself is read by."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Iterable

from engine.contracts.commands import Language, LanguageWord
from engine.indicators.catalogue import INDICATORS
from engine.indicators.spec import SOURCE, Indicator
from engine.rules import reference_prose as prose
from engine.rules.expressions import number_text
from engine.rules.fields import FIELDS, label
from engine.rules.functions import FRAME, FUNCTIONS, SESSION, Function
from engine.rules.words import SERIES

_WIDTH = 100


@functools.cache
def language() -> Language:
    """The whole language: as one Markdown text, and word by word."""
    return Language(text=_text(), rules=_rules(), series=_series(), functions=_functions(), indicators=_indicators())


def _text() -> str:
    parts = [
        prose.OPENING,
        prose.STATEMENTS,
        "## Entries, exits, orders and stops\n" + prose.RULES + _list(_rules()),
        prose.VALUES,
        "## Named series\n" + prose.SERIES + _list(_series()),
        "## Functions\n" + prose.FUNCTIONS + _list(_functions()),
        prose.FRAMES,
        prose.EVENTS,
        "## Indicators\n" + prose.INDICATORS + _list(_indicators()),
        prose.PYTHON,
        prose.LIMITS,
    ]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _rules() -> list[LanguageWord]:
    return [_word(label(name), f.group, f"{label(name)}:", f.meaning, f.example) for name, f in FIELDS.items()]


def _series() -> list[LanguageWord]:
    return [_word(name, s.group, name, s.meaning, name) for name, s in SERIES.items()]


def _functions() -> list[LanguageWord]:
    return [_word(n, f.group, f"{n}({_arguments(f)})", f.meaning, f.example) for n, f in FUNCTIONS.items()]


def _indicators() -> list[LanguageWord]:
    return [
        _word(name, spec.family, _form(spec), spec.title + _outputs(spec), _called(spec))
        for name, spec in INDICATORS.items()
    ]


def _word(name: str, group: str, form: str, meaning: str, example: str) -> LanguageWord:
    return LanguageWord(name=name, group=group, form=form, meaning=meaning, example=example)


def _arguments(function: Function) -> str:
    shown = []
    for a in function.arguments:
        name = {SESSION: '"name"', FRAME: '"1h"'}.get(a.kind, a.name)
        shown.append(name if a.default is None else f"{name}={number_text(a.default)}")
    return ", ".join(shown)


def _form(spec: Indicator) -> str:
    inside = [f"{p.name}={number_text(p.default)}" for p in spec.params]
    if SOURCE in spec.inputs:
        inside.append("source=close")
    return f"{spec.name}({', '.join(inside)})"


def _outputs(spec: Indicator) -> str:
    return "" if len(spec.outputs) == 1 else ": " + " ".join(f".{name}" for name in spec.outputs)


def _called(spec: Indicator) -> str:
    call = f"{spec.name}({', '.join(number_text(p.default) for p in spec.params)})"
    return call if len(spec.outputs) == 1 else f"{call}.{spec.outputs[0]}"


def _list(words: Iterable[LanguageWord]) -> str:
    """One block a group: what is written, then what it means, side by side."""
    groups: dict[str, list[LanguageWord]] = {}
    for word in words:
        groups.setdefault(word.group, []).append(word)
    return "\n".join(f"### {group[0].upper()}{group[1:]}\n\n{_block(found)}" for group, found in groups.items())


def _block(words: list[LanguageWord]) -> str:
    wide = min(30, max(len(w.form) for w in words))
    lines = ["```"]
    for word in words:
        first, *rest = textwrap.wrap(word.meaning, _WIDTH - wide - 2)
        if word.name not in SERIES and word.name not in INDICATORS:
            rest.append(f"e.g. {word.example}")
        if len(word.form) > wide:
            lines.append(word.form)
            lines.append(" " * (wide + 2) + first)
        else:
            lines.append(f"{word.form:<{wide}}  {first}")
        lines += [" " * (wide + 2) + line for line in rest]
    return "\n".join([*lines, "```\n"])
