"""Tokenizer and Pratt parser of expressions; nothing is ever evaluated as Python.

Length, depth and size are bounded, so that any text is answered at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.contracts.errors import BadInput
from engine.contracts.timeframes import TIMEFRAMES
from engine.indicators.catalogue import INDICATORS
from engine.rules.calls import call_function, call_indicator
from engine.rules.expressions import (
    BINDING,
    COMPARISONS,
    LARGEST,
    NEGATE_BINDING,
    NOT_BINDING,
    Expression,
    IndicatorCall,
    Number,
    Parameter,
    Price,
    Word,
    binary,
    output_of,
    unary,
    whole_output,
)
from engine.rules.failures import RuleError
from engine.rules.functions import FUNCTIONS
from engine.rules.hints import sign_at, suggestion
from engine.rules.words import SERIES, SESSIONS

LONGEST_LINE, DEEPEST, MOST_TOKENS = 2_000, 40, 400

_TOKEN = re.compile(
    r"(?P<space>[ \t]+)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r'|(?P<word>"[^"\\]{0,40}")'
    r"|(?P<op><=|>=|==|!=|[-+*/<>()\[\]=,.&|~])"
)
_DOUBLE = ("&&", "||", "**", "//")
_CLOSING = {"(": ")", "[": "]"}
_SAME = {"&": "and", "|": "or", "~": "not"}


@dataclass(frozen=True)
class Line:
    """Where a text stands: its line number (1 on) and the whole line, for error messages."""

    number: int
    text: str

    def error(self, what: str, at: int, fix: str = "") -> BadInput:
        shown = self.text.replace("\t", " ")
        start = max(0, at - 60)
        return BadInput(
            f"{what}\n  {shown[start : start + 120]}\n  {' ' * (at - start)}^", where=f"{self.number}:{at + 1}", fix=fix
        )


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _strange(line: Line, at: int) -> BadInput:
    """What stands there is no token."""
    if line.text[at] == '"':
        return line.error("This quote is not closed, or what it holds is too long.", at, 'Add " after the name.')
    sign, fix = sign_at(line.text, at) or (line.text[at], "")
    if sign == ":" and line.text[:at][-1:].isdigit():
        fix = "Write 8.5 for half past eight."
    return line.error(f'"{sign}" is not part of the language.', at, fix)


def _shown(token: _Token) -> str:
    return token.text if token.kind == "word" else f'"{token.text}"'


def _usage(name: str) -> str:
    """How a function or an indicator is called."""
    if name in FUNCTIONS:
        return f"For example: {FUNCTIONS[name].example}."
    return f"Write {name}({', '.join(f'{p.default:g}' for p in INDICATORS[name].params)})."


def _tokens(line: Line, start: int, stop: int) -> list[_Token]:
    if stop - start > LONGEST_LINE:
        raise line.error(f"The expression is longer than {LONGEST_LINE} characters.", start)
    tokens: list[_Token] = []
    at = start
    while at < stop:
        match = _TOKEN.match(line.text, at, stop)
        if match is None or line.text.startswith(_DOUBLE, at):
            raise _strange(line, at)
        if match.lastgroup != "space":
            text = _SAME.get(match.group(), match.group())
            tokens.append(_Token("op" if text in ("and", "or", "not") else str(match.lastgroup), text, at))
        at = match.end()
        if len(tokens) > MOST_TOKENS:
            raise line.error(f"The expression has more than {MOST_TOKENS} parts.", at)
    tokens.append(_Token("end", "", stop))
    return tokens


class Parser:
    """Pratt parser of one expression."""

    def __init__(self, line: Line, start: int, stop: int, params: Mapping[str, Parameter]) -> None:
        self.line = line
        self.params = params
        self.tokens = _tokens(line, start, stop)
        self.position = 0
        self.depth = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.next
        self.position += token.kind != "end"
        return token

    def placed(self, at: int, make: Callable[..., Any], *arguments: Any) -> Any:
        """Call make; its BadInput gets the place."""
        try:
            return make(*arguments)
        except BadInput as error:
            if error.where:
                raise
            if isinstance(error, RuleError) and error.at >= 0:
                at = error.at
            raise self.line.error(error.what, at, error.fix) from None

    def whole(self) -> Expression:
        value = self.parse(0)
        token = self.next
        for opening, closing in _CLOSING.items():
            if token.text == closing:
                raise self.line.error(
                    f'"{closing}" has no "{opening}" before it.', token.at, f'Remove it or add "{opening}".'
                )
        if token.kind != "end":
            raise self.line.error(f"An operator is missing before {_shown(token)}.", token.at, self.unit())
        return self.placed(value.at if value.at >= 0 else token.at, whole_output, value)

    def parse(self, binding: int) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.line.error(f"Parentheses and operators are nested more than {DEEPEST} deep.", self.next.at)
        left = self.prefix()
        while (power := BINDING.get(self.next.text, 0)) > binding and self.next.kind == "op":
            operator = self.take()
            right = self.parse(power)
            left = self.placed(operator.at, binary, operator.text, left, right, operator.at)
            if operator.text in COMPARISONS and self.next.text in COMPARISONS:
                raise self.line.error("Comparisons cannot be chained.", self.next.at, "Write a < b and b < c.")
        if self.next.text == "=":
            raise self.line.error('"=" does not compare here.', self.next.at, 'Write "==".')
        self.depth -= 1
        return left

    def prefix(self) -> Expression:
        """One value with all that follows it closely: .output and [bars]."""
        value = self.value()
        while self.next.text == "[" and self.next.kind == "op":
            opened = self.take()
            bars = self.parse(0)
            self.close(opened)
            value = self.placed(opened.at, call_function, "lag", (value, bars), None, opened.at)
        return value

    def value(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            number = float(token.text)
            if number > LARGEST:
                raise self.line.error(f"{token.text} is too large.", token.at)
            return Number(number, token.at)
        if token.kind == "name":
            return self.named(token)
        if token.kind == "word":
            return Word(token.text[1:-1], token.at)
        if token.text == "(":
            value = self.parse(0)
            self.close(token)
            return value
        if token.text in ("-", "not"):
            operand = self.parse(NOT_BINDING - 1 if token.text == "not" else NEGATE_BINDING)
            return self.placed(token.at, unary, token.text, operand, token.at)
        if token.kind == "end":
            raise self.line.error("The expression ends too early.", token.at, "A value is missing here.")
        raise self.line.error(f'A value is missing before "{token.text}".', token.at)

    def close(self, opened: _Token) -> None:
        token, closing = self.take(), _CLOSING[opened.text]
        if token.text == closing:
            return
        if token.kind in ("end", "op"):
            raise self.line.error(
                f'The "{opened.text}" in column {opened.at + 1} is not closed.', token.at, f'Add "{closing}".'
            )
        raise self.line.error(f'An operator or "{closing}" is missing before {_shown(token)}.', token.at, self.unit())

    def unit(self) -> str:
        """A way out where a timeframe was written without quotes, such as 1h."""
        before, token = self.tokens[max(0, self.position - 2)], self.tokens[max(0, self.position - 1)]
        for a, b in ((before, token), (token, self.next)):
            if a.kind == "number" and b.kind == "name" and a.text + b.text in TIMEFRAMES:
                return f'A timeframe stands in quotes: "{a.text + b.text}".'
        return ""

    def named(self, token: _Token) -> Expression:
        name = token.text
        if self.next.text == "(":
            return self.call(token)
        if name in self.params:
            return replace(self.params[name], at=token.at)
        if name in SERIES:
            return Price(name, token.at)
        if name in FUNCTIONS or name in INDICATORS:
            raise self.line.error(f"{name} needs its arguments in parentheses.", token.at, _usage(name))
        known = [*self.params, *SERIES, *INDICATORS, *FUNCTIONS]
        fix = f"The parameters are {', '.join(self.params)}." if self.params else ""
        if name in SESSIONS:
            fix = f'It stands in quotes: session("{name}").'
        raise self.line.error(f'Unknown name "{name}".{suggestion(name, known)}', token.at, fix)

    def call(self, token: _Token) -> Expression:
        name = token.text
        if name in SERIES or name in self.params:
            what = "series" if name in SERIES else "parameter"
            raise self.line.error(
                f"{name} is a {what} and takes nothing in parentheses.", token.at,
                f"Write {name}[1] for the bar before." if name in SERIES else f"Write {name} alone.",
            )  # fmt: skip
        if name not in FUNCTIONS and name not in INDICATORS:
            raise self.line.error(f'Unknown function "{name}".{suggestion(name, [*INDICATORS, *FUNCTIONS])}', token.at)
        given, named = self.arguments(self.take())
        if name in FUNCTIONS:
            value: Expression = self.placed(token.at, call_function, name, given, named, token.at)
        else:
            value = self.placed(token.at, call_indicator, name, given, named, token.at)
        if self.next.text == ".":
            self.take()
            output = self.take()
            if output.kind != "name" or not isinstance(value, IndicatorCall):
                raise self.line.error('The name of an output must follow the ".".', output.at)
            value = self.placed(output.at, output_of, value, output.text, token.at)
        return value

    def arguments(self, opened: _Token) -> tuple[list[Expression], dict[str, Expression]]:
        given: list[Expression] = []
        named: dict[str, Expression] = {}
        if self.next.text == ")":
            self.take()
            return given, named
        while True:
            first = self.next
            if first.kind == "name" and self.tokens[self.position + 1].text == "=":
                self.position += 2
                if first.text in named:
                    raise self.line.error(f'"{first.text}" is given twice.', first.at)
                named[first.text] = self.parse(0)
            elif named:
                raise self.line.error("Arguments without a name must come first.", first.at)
            else:
                given.append(self.parse(0))
            if self.next.text != ",":
                self.close(opened)
                return given, named
            self.take()
