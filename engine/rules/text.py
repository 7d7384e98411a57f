"""The text form of strategies.

    strategy rsi_reversion
    title "RSI leaves the extreme"
    timeframe 15m
    direction long
    param n = 14 in 7, 14, 21, 28
    long entry: crosses_above(RSI(n), 30)
    long exit: RSI(n) > 55 and close > SMA(50)
    stop: 2 * ATR(14)

One statement a line, in any order; # begins a comment. `requires: fast < slow` drops the parameter sets that break it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.contracts.errors import BadInput
from engine.contracts.timeframes import TIMEFRAMES
from engine.indicators import graph as g
from engine.indicators.graph import NUMBER
from engine.rules.context import Context
from engine.rules.expressions import Expression, Parameter, is_scalar, walk
from engine.rules.failures import FieldError, RuleError
from engine.rules.fields import FIELDS, MOST_HELD, MOST_VALID, follows_entry, label
from engine.rules.functions import SCALAR
from engine.rules.hints import suggestion
from engine.rules.lowering import Lowering
from engine.rules.parser import LONGEST_LINE, Line, Parser
from engine.rules.reserved import NAME, check_name
from engine.rules.strategy import Strategy

LONGEST_TEXT = 20_000
#: an entry, where only its being there counts
_SOME_ENTRY = g.edge(g.greater(g.source("close"), g.source("open")))
WORDS = ("title", "family", "idea", "source")
_RULES = {label(name): name for name in FIELDS}
_STATEMENTS = (*_RULES, "strategy", *WORDS, "timeframe", "direction", "param")
_BEGINNINGS = "A statement begins with a word such as strategy, timeframe, param, long entry or stop."
DEFAULT_TIMEFRAME = "1h"
_COLON = re.compile(r"\s*:")
_WORDS_OF_RULE = re.compile(r"\s*([A-Za-z]+(?:[ \t_]+[A-Za-z]+)*)")
_FIRST_WORD = re.compile(r"\s*([A-Za-z]+)")
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\["\\])*)"\s*(?:#.*)?')
_WORD = re.compile(r"\s*([^\s#]+)\s*(?:#.*)?")
_PARAM = re.compile(r"\s*(\w+)\s*=\s*([^\s#]+)(?:\s+in\s+([^#]+))?\s*(?:#.*)?")


def parse_expression(text: str, params: Mapping[str, Parameter] | None = None) -> Expression:
    """One expression, such as 'MACD(12, 26, 9).signal > 0'. BadInput with column, caret and suggestion."""
    if "\n" in text or "\r" in text:
        raise BadInput("An expression stands on one line.", where="1:1")
    return Parser(Line(1, text), 0, len(text), params or {}).whole()


def parse_strategy(text: str) -> Strategy:
    """A whole strategy. BadInput with line:column of the first thing that cannot be understood."""
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"The text is longer than {LONGEST_TEXT} characters.", where="1:1")
    return _Reader().read([Line(i, t) for i, t in enumerate(re.split(r"\r\n|\n|\r", text), 1)])


class _Reader:
    """Collects the statements; rules are parsed at the end, when all parameters are known."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.params: dict[str, Parameter] = {}
        self.places: dict[str, tuple[Line, int]] = {}

    def read(self, lines: list[Line]) -> Strategy:
        for line in lines:
            if line.text.strip() and not line.text.lstrip().startswith("#"):
                self.statement(line)
        if "strategy" not in self.words:
            raise BadInput("The text names no strategy.", where="1:1", fix="Begin with a line: strategy my_name")
        rules = {name: self.rule(name) for name in FIELDS if name in self.places}
        used = {e.name for rule in rules.values() for e in walk(rule) if isinstance(e, Parameter)}
        for name in self.params:
            if name not in used:
                line, at = self.places[f"param {name}"]
                raise line.error(f'The parameter "{name}" is never used.', at, "Remove it or use it.")
        return self.build(rules)

    def build(self, rules: dict[str, Expression]) -> Strategy:
        try:
            return Strategy(
                id=self.words["strategy"],
                title=self.words.get("title", ""),
                family=self.words.get("family", ""),
                idea=self.words.get("idea", ""),
                source=self.words.get("source", ""),
                timeframe=self.words.get("timeframe", DEFAULT_TIMEFRAME),
                direction=self.words.get("direction", "both"),
                **{name: rules.get(name) for name in FIELDS},
            )
        except FieldError as error:
            raise self.fault(error.field, error) from None
        except BadInput as error:
            raise self.fault("", error) from None

    def fault(self, field: str, error: BadInput) -> BadInput:
        """The error at the statement that it is about, else at the line that names the strategy."""
        line, at = self.places.get(field) or self.places["strategy"]
        return line.error(error.what, _after_space(line, at), error.fix)

    def statement(self, line: Line) -> None:
        if len(line.text) > LONGEST_LINE:
            raise line.error(f"The line is longer than {LONGEST_LINE} characters.", 0)
        name, at, end = self.head(line)
        key = _RULES.get(name, name)
        if name != "param" and key in self.places:
            first = self.places[key][0].number
            raise line.error(f'"{name}" was given in line {first} already.', at)
        if name == "param":
            self.param(line, end)
        elif name in _RULES:
            colon = _COLON.match(line.text, end)
            if colon is None:
                raise line.error(f'A ":" must follow "{name}".', end, f"Write {name}: {FIELDS[key].example}")
            self.places[key] = (line, colon.end())
        else:
            self.places[key] = (line, end)
            self.words[key] = self.word(line, end, name)

    def head(self, line: Line) -> tuple[str, int, int]:
        """The name of the statement, and where it begins and ends: as many words as make up a known name."""
        first, words = _FIRST_WORD.match(line.text), _WORDS_OF_RULE.match(line.text)
        if first is None or words is None:
            at = _after_space(line, 0)
            raise line.error(f'"{line.text[at:].split()[0][:20]}" begins no statement.', at, _BEGINNINGS)
        found, at, end = words.group(1), words.start(1), words.end(1)
        while found:
            name = re.sub(r"[ \t_]+", " ", found)
            if name in _STATEMENTS:
                return name, at, end
            shorter = re.match(r"(.*?)[ \t_]+[A-Za-z]+$", found)
            found = shorter.group(1) if shorter else ""
            end = at + len(found)
        given = words.group(1) if _COLON.match(line.text, words.end(1)) else first.group(1)
        close = suggestion(re.sub(r"[ \t_]+", " ", given), _STATEMENTS)
        raise line.error(f'"{given[:40]}" begins no statement.{close}', at, "" if close else _BEGINNINGS)

    def word(self, line: Line, at: int, name: str) -> str:
        match = (_QUOTED if name in WORDS else _WORD).fullmatch(line.text, at)
        if match is None:
            need = 'text in double quotes (\\" for a quote inside)' if name in WORDS else "one word"
            raise line.error(f'"{name}" needs {need}.', _after_space(line, at))
        return re.sub(r"\\(.)", r"\1", match.group(1)) if name in WORDS else match.group(1)

    def param(self, line: Line, at: int) -> None:
        match = _PARAM.fullmatch(line.text, at)
        if match is None:
            raise line.error("A parameter is written: param n = 14 in 7, 14, 21", _after_space(line, at))
        name = match.group(1)
        if not NAME.fullmatch(name):
            raise line.error(f'"{name}" cannot name a parameter.', match.start(1))
        try:
            check_name(name)
        except BadInput as error:
            raise line.error(error.what, match.start(1), error.fix) from None
        if name in self.params:
            raise line.error(f'The parameter "{name}" is declared twice.', match.start(1), "Remove one of the lines.")
        default = _number(line, match.group(2), match.start(2))
        grid = (
            ()
            if match.group(3) is None
            else tuple(_number(line, part, match.start(3)) for part in match.group(3).split(","))
        )
        self.params[name] = Parameter(name, default, grid)
        self.places[f"param {name}"] = (line, match.start(1))

    def rule(self, name: str) -> Expression:
        """One rule, read and checked where it stands."""
        line, start = self.places[name]
        stop = line.text.find("#", start)
        rule = Parser(line, start, len(line.text) if stop < 0 else stop, self.params).whole()
        kind, first = FIELDS[name].kind, _after_space(line, start)
        if rule.kind != (NUMBER if kind == SCALAR else kind):
            raise line.error(
                f"{label(name)} must be a {kind}, not a {rule.kind}.", first, f"For example: {FIELDS[name].example}."
            )
        try:
            if kind == SCALAR and is_scalar(rule):
                most = MOST_VALID if name == "entry_valid" else MOST_HELD
                self.lowering(name).scalar(rule, 1, most, label(name))
            else:
                self.lowering(name).node(rule)
        except BadInput as error:
            at = error.at if isinstance(error, RuleError) and error.at >= 0 else first
            raise line.error(error.what, at, error.fix) from None
        return rule

    def lowering(self, name: str) -> Lowering:
        timeframe = self.words.get("timeframe", DEFAULT_TIMEFRAME)
        made = Lowering({}, Context(timeframe if timeframe in TIMEFRAMES else DEFAULT_TIMEFRAME))
        return made.after(_SOME_ENTRY) if follows_entry(name) else made


def _after_space(line: Line, at: int) -> int:
    """The first place from here on that is not blank."""
    rest = line.text[at:]
    return at + len(rest) - len(rest.lstrip()) if rest.strip() else at


def _number(line: Line, text: str, at: int) -> float:
    text = text.strip()
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII) or abs(float(text)) > 1e15:
        raise line.error(f'"{text}" is not a number.', at)
    return float(text)
