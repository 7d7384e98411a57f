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

from engine.contracts.errors import BadInput, did_you_mean
from engine.rules.expressions import Expression, Parameter, walk
from engine.rules.fields import FIELDS, label
from engine.rules.lowering import Lowering
from engine.rules.parser import Line, Parser
from engine.rules.reserved import NAME, check_name
from engine.rules.strategy import Strategy

LONGEST_TEXT = 20_000
WORDS = ("title", "family", "idea", "source")
_RULES = {label(name): name for name in FIELDS}
_STATEMENTS = (*_RULES, "strategy", *WORDS, "timeframe", "direction", "param")
_NAMES = "|".join(sorted((re.sub(" ", r"[ \\t_]+", name) for name in _STATEMENTS), key=len, reverse=True))
_HEAD = re.compile(rf"\s*((?:{_NAMES})(?![A-Za-z0-9_])|[A-Za-z]\w*(?:[ \t_]+[A-Za-z]+)*(?=\s*:)|[A-Za-z]\w*)")
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
        rules = {name: self.rule(name) for name in _RULES.values() if name in self.places}
        used = {e.name for rule in rules.values() for e in walk(rule) if isinstance(e, Parameter)}
        for name in self.params:
            if name not in used:
                line, at = self.places[f"param {name}"]
                raise line.error(f'The parameter "{name}" is never used.', at, "Remove it or use it.")
        return self.build(rules)

    def build(self, rules: dict[str, Expression]) -> Strategy:
        line, _ = self.places["strategy"]
        try:
            return Strategy(
                id=self.words["strategy"],
                title=self.words.get("title", ""),
                family=self.words.get("family", ""),
                idea=self.words.get("idea", ""),
                source=self.words.get("source", ""),
                timeframe=self.words.get("timeframe", "1h"),
                direction=self.words.get("direction", "both"),
                **{name: rules.get(name) for name in _RULES.values()},
            )
        except BadInput as error:
            raise BadInput(error.what, where=f"{line.number}:1", fix=error.fix) from None

    def statement(self, line: Line) -> None:
        head = _HEAD.match(line.text)
        name = re.sub(r"[ \t_]+", " ", head.group(1)) if head else ""
        at = head.start(1) if head else len(line.text) - len(line.text.lstrip())
        if head is None or name not in _STATEMENTS:
            given = name or line.text.split()[0]
            raise line.error(f'"{given}" begins no statement.{did_you_mean(given, _STATEMENTS)}', at)
        key = _RULES.get(name, name)
        if name != "param" and key in self.places:
            first = self.places[key][0].number
            raise line.error(f'"{name}" was given in line {first} already.', at)
        if name == "param":
            self.param(line, head.end())
        elif name in _RULES:
            colon = re.compile(r"\s*:").match(line.text, head.end())
            if colon is None:
                raise line.error(f'A ":" must follow "{name}".', head.end())
            self.places[key] = (line, colon.end())
        else:
            self.places[key] = (line, at)
            self.words[key] = self.word(line, head.end(), name)

    def word(self, line: Line, at: int, name: str) -> str:
        match = (_QUOTED if name in WORDS else _WORD).fullmatch(line.text, at)
        if match is None:
            need = 'text in double quotes (\\" for a quote inside)' if name in WORDS else "one word"
            raise line.error(f'"{name}" needs {need}.', at)
        return re.sub(r"\\(.)", r"\1", match.group(1)) if name in WORDS else match.group(1)

    def param(self, line: Line, at: int) -> None:
        match = _PARAM.fullmatch(line.text, at)
        if match is None:
            raise line.error("A parameter is written: param n = 14 in 7, 14, 21", at)
        name = match.group(1)
        if not NAME.fullmatch(name):
            raise line.error(f'"{name}" cannot name a parameter.', match.start(1))
        try:
            check_name(name)
        except BadInput as error:
            raise line.error(error.what, match.start(1), error.fix) from None
        if name in self.params:
            raise line.error(f'The parameter "{name}" is declared twice.', match.start(1))
        default = _number(line, match.group(2), match.start(2))
        grid = (
            ()
            if match.group(3) is None
            else tuple(_number(line, part, match.start(3)) for part in match.group(3).split(","))
        )
        self.params[name] = Parameter(name, default, grid)
        self.places[f"param {name}"] = (line, match.start(1))

    def rule(self, name: str) -> Expression:
        line, start = self.places[name]
        stop = line.text.find("#", start)
        rule = Parser(line, start, len(line.text) if stop < 0 else stop, self.params).whole()
        try:
            Lowering({}).node(rule)
        except BadInput as error:
            raise line.error(error.what, start + 1, error.fix) from None
        return rule


def _number(line: Line, text: str, at: int) -> float:
    text = text.strip()
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII) or abs(float(text)) > 1e15:
        raise line.error(f'"{text}" is not a number.', at)
    return float(text)
