"""The rules language as an editor knows it: what each word of a line is, and what can stand at the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from engine.contracts.commands import IndicatorInfo, Language
from engine.contracts.timeframes import TIMEFRAMES
from widgets.texts import mark

COMMENT, STRING, NUMBER, HEAD, INDICATOR, FUNCTION, SERIES, PARAM, LOGIC, NAME = (
    "comment", "string", "number", "head", "indicator", "function", "series", "param", "logic", "name",
)  # fmt: skip
WORDS = ("strategy", "title", "family", "idea", "source", "timeframe", "direction", "param")
DIRECTIONS = ("long", "short", "both")
_MEANINGS = {
    "strategy": mark("the name, by which it is known"),
    "title": mark("what lists show"),
    "family": mark("under which it stands in lists"),
    "idea": mark("why it should work, in a sentence"),
    "source": mark("where it comes from"),
    "timeframe": mark("on which bars it runs unless told otherwise"),
    "direction": mark("long, short or both"),
    "param": mark("a number with a name, and the values that an optimiser tries"),
}
_FORMS = {
    "strategy": "strategy ",
    "title": 'title ""',
    "family": 'family ""',
    "idea": 'idea ""',
    "source": 'source ""',
    "timeframe": "timeframe 15m",
    "direction": "direction long",
    "param": "param n = 14 in 7, 14, 21",
}
_TOKEN = re.compile(
    r"(?P<comment>#.*)|(?P<string>\"[^\"]*\"?)|(?P<number>(?<![A-Za-z_])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
)
_WORD_BEFORE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
_PARAM_LINE = re.compile(r"^\s*param\s+([A-Za-z_]\w*)", re.MULTILINE)
_PYTHON_WORDS = frozenset(
    [
        "from",
        "import",
        "as",
        "def",
        "return",
        "if",
        "else",
        "elif",
        "for",
        "in",
        "while",
        "not",
        "and",
        "or",
        "True",
        "False",
        "None",
        "class",
        "with",
        "lambda",
    ]
)


class Token(NamedTuple):
    """A piece of a line that has a colour. kind: COMMENT, STRING, ..."""

    start: int
    length: int
    kind: str


class Offer(NamedTuple):
    """What can stand at the cursor. insert: typed in place of the `typed` characters before it; back: characters that
    the cursor then stands before its end."""

    name: str
    insert: str
    form: str
    meaning: str
    kind: str
    back: int = 0


class Hint(NamedTuple):
    """The call in which the cursor stands: its form, which argument it is at (0 on), what it means."""

    form: str
    argument: int
    meaning: str


class LanguageModel:
    """Knows the words once the engine has told them; before, only what never changes."""

    def __init__(self) -> None:
        self.heads: dict[str, Offer] = {
            name: Offer(name, _FORMS[name], _FORMS[name], _MEANINGS[name], HEAD, 1 if _FORMS[name].endswith('"') else 0)
            for name in WORDS
        }
        self.calls: dict[str, Offer] = {}
        self.series: dict[str, Offer] = {}
        self.outputs: dict[str, list[str]] = {}
        self._head = _head_pattern(self.heads)

    def load(self, language: Language, indicators: Iterable[IndicatorInfo] = ()) -> None:
        """Take over the engine's words; indicators: for the names of their outputs."""
        for rule in language.rules:
            form = f"{rule.name}: "
            self.heads[rule.name] = Offer(rule.name, form, f"{form}{rule.example}", rule.meaning, HEAD)
        for word in language.series:
            self.series[word.name] = Offer(word.name, word.name, word.form, word.meaning, SERIES)
        for word in language.functions:
            self.calls[word.name] = Offer(word.name, f"{word.name}()", word.form, word.meaning, FUNCTION, 1)
        for word in language.indicators:
            called = word.example.partition(".")[0]
            self.calls[word.name] = Offer(word.name, called, word.form, word.meaning, INDICATOR)
        self.outputs = {i.name: list(i.outputs) for i in indicators if len(i.outputs) > 1}
        self._head = _head_pattern(self.heads)

    @property
    def loaded(self) -> bool:
        return bool(self.calls)

    def params(self, text: str) -> list[str]:
        """Names of the parameters that a text declares."""
        return list(dict.fromkeys(_PARAM_LINE.findall(text)))

    def tokens(self, line: str, params: Iterable[str] = (), *, python: bool = False) -> list[Token]:
        """What each piece of a line is."""
        known, found = set(params), []
        head = None if python else self._head.match(line)
        if head is not None:
            found.append(Token(head.start(1), len(head.group(1)), HEAD))
        for match in _TOKEN.finditer(line, head.end(1) if head is not None else 0):
            kind = match.lastgroup or NAME
            if kind == "word":
                kind = self._kind(match.group(), known, python)
            if kind != NAME:
                found.append(Token(match.start(), match.end() - match.start(), kind))
        return found

    def _kind(self, word: str, params: set[str], python: bool) -> str:
        if word in params:
            return PARAM
        if python and word in _PYTHON_WORDS:
            return LOGIC
        if word in ("and", "or", "not", "in"):
            return LOGIC
        offer = self.calls.get(word) or self.series.get(word)
        return offer.kind if offer is not None else NAME

    def offers(self, text: str, line: str, column: int, *, python: bool = False) -> tuple[int, list[Offer]]:
        """(characters before the cursor that are typed already, what can stand there, the likeliest first)."""
        before = line[:column]
        if "#" in before or before.count('"') % 2:
            return self._quoted(before)
        word = _WORD_BEFORE.search(before)
        typed = word.group() if word else ""
        lead = before[: len(before) - len(typed)]
        if not python:
            if match := re.match(r"\s*(timeframe|direction)\s+(\w*)$", before):
                choices = TIMEFRAMES if match.group(1) == "timeframe" else DIRECTIONS
                return len(match.group(2)), [_plain(c) for c in choices if c.startswith(match.group(2))]
            if re.fullmatch(r"\s*[A-Za-z_ ]*", before) and not self._head.match(before + ":"):
                written = before.lstrip()
                return len(written), _fitting(self.heads.values(), written) if written else []
            if re.match(r"\s*(strategy|title|family|idea|source|param)\b", before):
                return 0, []
        if lead.endswith("."):
            return len(typed), [_plain(o, FUNCTION) for o in self._outputs_of(lead) if o.startswith(typed)]
        if not typed:
            return 0, []
        named = [Offer(p, p, p, mark("a parameter of this strategy"), PARAM) for p in self.params(text)]
        logic = [Offer(w, f"{w} ", w, "", LOGIC) for w in ("and", "or", "not")]
        return len(typed), _fitting([*named, *self.calls.values(), *self.series.values(), *logic], typed)

    def _quoted(self, before: str) -> tuple[int, list[Offer]]:
        """Inside of quotes only a timeframe can be offered: that of tf."""
        match = re.search(r'\btf\("(\w*)$', before)
        if match is None:
            return 0, []
        return len(match.group(1)), [_plain(t) for t in TIMEFRAMES if t.startswith(match.group(1))]

    def _outputs_of(self, lead: str) -> list[str]:
        """Outputs of the indicator call that ends before a point."""
        match = re.search(r"([A-Z][A-Z0-9_]*)\s*(\([^()]*\))?\.$", lead)
        return self.outputs.get(match.group(1), []) if match else []

    def hint(self, line: str, column: int) -> Hint | None:
        """The innermost call around the cursor."""
        depth, argument = 0, 0
        for at in range(column - 1, -1, -1):
            letter = line[at]
            if letter in ")]":
                depth += 1
            elif letter in "([":
                if depth == 0:
                    word = _WORD_BEFORE.search(line[:at])
                    offer = self.calls.get(word.group()) if word else None
                    return Hint(offer.form, argument, offer.meaning) if offer is not None else None
                depth -= 1
            elif letter == "," and depth == 0:
                argument += 1
        return None

    def about(self, word: str) -> Offer | None:
        """What a word of the language is; None for one that is none."""
        return self.calls.get(word) or self.series.get(word) or self.heads.get(word)


def _plain(text: str, kind: str = NAME) -> Offer:
    return Offer(text, text, text, "", kind)


def _fitting(offers: Iterable[Offer], typed: str) -> list[Offer]:
    """Those that begin with what is typed, then those that hold it; the shorter first."""
    low = typed.lower()
    ranked = []
    for offer in offers:
        name = offer.name.lower()
        rank = 0 if offer.name.startswith(typed) else 1 if name.startswith(low) else 2 if low in name else 3
        if rank == 3 and len(low) > 2 and low in offer.meaning.lower():
            rank = 4
        elif rank == 3:
            continue
        ranked.append((rank, len(name), name, offer))
    return [offer for *_, offer in sorted(ranked, key=lambda r: r[:3])][:40]


def _head_pattern(heads: Iterable[str]) -> re.Pattern[str]:
    names = sorted(heads, key=len, reverse=True)
    rules = "|".join(r"[ \t_]+".join(map(re.escape, n.split())) for n in names if n not in WORDS)
    words = "|".join(WORDS)
    return re.compile(rf"\s*((?:{rules or '(?!)'})\s*:|(?:{words})\b)")
