"""The reference of the language: nothing is missing in it, and everything that it shows can be read."""

from __future__ import annotations

import re

import msgspec
import pytest

from engine.contracts.commands import Language, LanguageWord
from engine.indicators.catalogue import INDICATORS
from engine.rules import api
from engine.rules.expressions import IndicatorCall, text_of
from engine.rules.fields import FIELDS, label
from engine.rules.functions import FUNCTIONS
from engine.rules.parser import DEEPEST, LONGEST_LINE, MOST_TOKENS
from engine.rules.reference import language
from engine.rules.strategy import DIRECTIONS, MOST_FRAMES, MOST_SETS, MOST_STATE, Strategy
from engine.rules.text import LONGEST_TEXT, parse_expression, parse_strategy
from engine.rules.words import SERIES, SESSIONS

TEXT = language().text
BLOCKS = re.findall(r"```(strategy|rule|python)\n(.*?)```", TEXT, re.DOTALL)
PARTS = ["series", "functions", "rules", "indicators"]


@pytest.mark.parametrize(
    "name", [*SERIES, *FUNCTIONS, *INDICATORS, *SESSIONS, *DIRECTIONS, *map(label, FIELDS)], ids="word {}".format
)
def test_every_word_is_in_it(name: str) -> None:
    assert re.search(rf"(?<![A-Za-z_]){re.escape(name)}(?![A-Za-z_])", TEXT)


def test_every_family_and_limit_is_in_it() -> None:
    assert {i.family for i in INDICATORS.values()} <= {w.group for w in language().indicators}
    for group in {w.group for part in PARTS for w in getattr(language(), part)}:
        assert f"### {group[0].upper()}{group[1:]}\n" in TEXT
    for number in (LONGEST_TEXT, LONGEST_LINE, MOST_STATE, MOST_SETS):
        assert f"{number:,}" in TEXT
    for words in (f"{MOST_TOKENS} parts", f"nested {DEEPEST} deep", f"{MOST_FRAMES} timeframes"):
        assert words in TEXT


@pytest.mark.parametrize(("kind", "text"), BLOCKS)
def test_every_block_can_be_read(kind: str, text: str) -> None:
    if kind == "rule":
        parse_expression(text.strip())
    elif kind == "strategy":
        made = parse_strategy(text)
        assert parse_strategy(made.text()) == made
    else:
        names: dict[str, object] = {}
        exec(compile(text, "reference", "exec"), names)
        assert isinstance(names["STRATEGY"], Strategy)


def test_the_kinds_of_blocks_are_all_shown() -> None:
    assert {kind for kind, _ in BLOCKS} == {"strategy", "rule", "python"}


@pytest.mark.parametrize("name", [*SERIES, *FUNCTIONS])
def test_examples_of_series_and_functions_can_be_read(name: str) -> None:
    word = next(w for w in [*language().series, *language().functions] if w.name == name)
    assert re.search(rf"\b{name}\b", word.example) or name == "lag"
    parse_expression(word.example)


@pytest.mark.parametrize("word", language().indicators, ids=lambda w: w.name)
def test_examples_of_indicators_can_be_read(word: LanguageWord) -> None:
    parse_expression(word.example)


@pytest.mark.parametrize("name", FIELDS)
def test_examples_of_rules_can_be_read(name: str) -> None:
    example = f"{label(name)}: {FIELDS[name].example}"
    extra = {
        "entry_valid": "\nlong entry stop: high",
        "requires": "\nparam fast = 3\nparam slow = 9\nstop: fast * slow",
    }.get(name, "")
    entries = "".join(f"\n{s} entry: close > open" for s in ("long", "short") if name != f"{s}_entry")
    made = parse_strategy(f"strategy x{entries}\n{example}{extra}")
    assert name in made.rules


def test_it_goes_as_json() -> None:
    sent = msgspec.json.encode(language())
    assert msgspec.json.decode(sent, type=Language) == language()


def test_python_has_every_word_under_its_name() -> None:
    for name in [*SERIES, *FUNCTIONS, *INDICATORS]:
        assert api.in_python(name) in api.__all__
        assert getattr(api, api.in_python(name)) is not None
    for name, spec in INDICATORS.items():
        call = getattr(api, name)()
        chosen = [getattr(call, o) for o in spec.outputs] if len(spec.outputs) > 1 else [call]
        assert all(parse_expression(text_of(c)) == c for c in chosen), name
        assert not set(spec.outputs) & set(dir(IndicatorCall)), "an output may not be named like a part of the call"
    with pytest.raises(AttributeError, match="Did you mean"):
        api.BOLINGER  # noqa: B018
