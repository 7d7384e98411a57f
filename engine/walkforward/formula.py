"""The user's own objective: a formula over named figures, parsed here and never evaluated as Python.

Length, depth and size are bounded, so that any text is answered at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contracts.errors import BadInput, did_you_mean

LONGEST, DEEPEST, MOST_PARTS = 500, 30, 120

#: name -> (number of arguments, function)
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "sqrt": (1, np.sqrt), "log": (1, np.log), "exp": (1, np.exp), "abs": (1, np.abs), "sign": (1, np.sign),
    "min": (2, np.minimum), "max": (2, np.maximum),
}  # fmt: skip
_BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 40}
_NEGATE = 30
_BINARY: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.float_power
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>\*\*|[-+*/^(),])"
)
_HINTS = {
    "<": "A formula is a number: use min or max.", ">": "A formula is a number: use min or max.",
    "=": "A formula has no assignment.", "%": "Write 0.01 * x for one per cent of x.", "[": "Use ( and ).",
    "{": "Use ( and ).",
}  # fmt: skip


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


class Formula(NamedTuple):
    """A parsed formula: nested tuples ("number", x), ("name", n), (function or operator, argument, ...)."""

    text: str
    tree: tuple[Any, ...]
    names: tuple[str, ...]

    def values(self, figures: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Its value for every element of the figures; nan where a part is not defined, never a warning."""
        shape = np.shape(next(iter(figures.values())))
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(_value(self.tree, figures), np.float64), shape).copy()


def _value(tree: tuple[Any, ...], figures: Mapping[str, NDArray[np.float64]]) -> Any:
    kind = tree[0]
    if kind == "number":
        return np.float64(tree[1])
    if kind == "name":
        return figures[tree[1]]
    arguments = [_value(part, figures) for part in tree[1:]]
    if kind == "negate":
        return np.negative(arguments[0])
    return (_BINARY[kind] if kind in _BINARY else FUNCTIONS[kind][1])(*arguments)


def parse_formula(text: str, names: Sequence[str]) -> Formula:
    """Read a formula over these names. BadInput with the column, the line and a suggestion."""
    if len(text) > LONGEST:
        raise BadInput(f"The formula has {len(text)} characters; at most {LONGEST}.")
    parser = _Parser(text, names)
    tree = parser.parse(0)
    rest = parser.next
    if rest.kind != "end":
        what = '")" has no "(" before it.' if rest.text == ")" else f'An operator is missing before "{rest.text}".'
        raise parser.error(what, rest.at)
    if not parser.used:
        raise parser.error("The formula names no figure: every set would be equally good.", 0, f"Use {_some(names)}.")
    return Formula(text, tree, tuple(dict.fromkeys(parser.used)))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names)


class _Parser:
    """Pratt parser of one formula."""

    def __init__(self, text: str, names: Sequence[str]) -> None:
        self.text = text
        self.names = names
        self.used: list[str] = []
        self.depth = 0
        self.position = 0
        self.tokens = self.read()

    def error(self, what: str, at: int, fix: str = "") -> BadInput:
        line = re.sub(r"\s", " ", self.text)
        start = max(0, at - 60)
        return BadInput(
            f"{what}\n  {line[start : start + 120]}\n  {' ' * (at - start)}^", where=f"formula:{at + 1}", fix=fix
        )

    def read(self) -> list[_Token]:
        tokens: list[_Token] = []
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None:
                sign = self.text[at]
                raise self.error(f"{sign!r} is not part of a formula.", at, _HINTS.get(sign, ""))
            if match.lastgroup != "space":
                kind = str(match.lastgroup)
                tokens.append(_Token(kind, "^" if match.group() == "**" else match.group(), at))
            at = match.end()
            if len(tokens) > MOST_PARTS:
                raise self.error(f"The formula has more than {MOST_PARTS} parts.", at)
        return [*tokens, _Token("end", "", len(self.text))]

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.next
        self.position += token.kind != "end"
        return token

    def parse(self, binding: int) -> tuple[Any, ...]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"Parentheses and operators are nested more than {DEEPEST} deep.", self.next.at)
        left = self.value()
        while self.next.kind == "op" and (power := _BINDING.get(self.next.text, 0)) > binding:
            operator = self.take().text
            # x ^ y ^ z is x ^ (y ^ z)
            left = (operator, left, self.parse(power - (operator == "^")))
        self.depth -= 1
        return left

    def value(self) -> tuple[Any, ...]:
        token = self.take()
        if token.kind == "number":
            number = float(token.text)
            if number > 1e300:
                raise self.error(f"{token.text} is too large.", token.at)
            return ("number", number)
        if token.kind == "name":
            return self.called(token) if self.next.text == "(" else self.figure(token)
        if token.text == "(":
            inner = self.parse(0)
            self.close(token)
            return inner
        if token.text == "-":
            return ("negate", self.parse(_NEGATE))
        if token.kind == "end":
            raise self.error("The formula ends too early.", token.at, "A value is missing here.")
        raise self.error(f'A value is missing before "{token.text}".', token.at)

    def close(self, opened: _Token) -> None:
        token = self.take()
        if token.text == ")":
            return
        if token.kind in ("end", "op"):
            raise self.error(f'The "(" in column {opened.at + 1} is not closed.', token.at, 'Add ")".')
        raise self.error(f'An operator or ")" is missing before "{token.text}".', token.at)

    def figure(self, token: _Token) -> tuple[Any, ...]:
        name = token.text
        if name in self.names:
            self.used.append(name)
            return ("name", name)
        if name in FUNCTIONS:
            raise self.error(f"{name} needs its arguments in parentheses.", token.at, f"For example: {name}(trades).")
        close = did_you_mean(name, (*self.names, *FUNCTIONS))
        raise self.error(f'Unknown figure "{name}".{close}', token.at, f"There are {_some(self.names)}.")

    def called(self, token: _Token) -> tuple[Any, ...]:
        name = token.text
        if name not in FUNCTIONS:
            what = f"{name} is a figure and takes nothing in parentheses." if name in self.names else ""
            raise self.error(
                what or f'Unknown function "{name}".{did_you_mean(name, FUNCTIONS)}', token.at,
                f"There are {', '.join(FUNCTIONS)}.",
            )  # fmt: skip
        opened = self.take()
        arguments = [self.parse(0)]
        while self.next.text == ",":
            self.take()
            arguments.append(self.parse(0))
        self.close(opened)
        count = FUNCTIONS[name][0]
        if len(arguments) != count:
            raise self.error(f"{name} takes {count} value{'s' * (count > 1)}, not {len(arguments)}.", token.at)
        return (name, *arguments)
