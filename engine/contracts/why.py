"""Why a strategy spoke or was silent at a bar: each condition with its operands and whether it held."""

from __future__ import annotations

import msgspec


class Operand(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a condition: its value on the bar and on the bar before (nan = not defined there)."""

    text: str
    now: float
    before: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One condition. depth: 0 for the whole rule, its parts below. held, held_before: on the bar and the one before."""

    depth: int
    text: str
    held: bool
    held_before: bool
    operands: list[Operand] = []


class RuleWhy(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. fired: it gave its signal on this bar, that is its condition turned true. summary: one sentence."""

    rule: str
    text: str
    fired: bool
    summary: str
    lines: list[Line]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """bar_ts: open time of the bar, ms. bars: history that was run up to it; needed: what the strategy needs before it
    speaks. levels: distances and order levels read on this bar, by the name of their field."""

    strategy: str
    version: str
    params: str
    symbol: str
    timeframe: str
    bar_ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    bars: int
    needed: int
    summary: str
    rules: list[RuleWhy]
    levels: dict[str, float] = {}
