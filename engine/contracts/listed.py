"""What lists show of strategies, indicators and the words of the rules language."""

from __future__ import annotations

import msgspec


class StrategyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """params: name -> (default, grid values). sets: parameter sets that the grids make. text: the canonical rules.

    entries: how they are filled, in words; exits: the ways out of a trade, in words. has_stop, has_trail: whether a
    stop or a trailing stop is among them. badge: the look-ahead detector's verdict: 'clean', 'leaks' (then leak says
    how), 'silent', or '' while there is none. own: the person's.
    """

    id: str
    title: str
    family: str
    idea: str
    source: str
    timeframe: str
    direction: str
    params: dict[str, tuple[float, list[float]]]
    text: str
    version: str
    live: bool = True
    sets: int = 1
    entries: str = "next open"
    exits: list[str] = []
    has_stop: bool = False
    has_trail: bool = False
    badge: str = ""
    leak: str = ""
    own: bool = False


class IndicatorInfo(msgspec.Struct, frozen=True, kw_only=True):
    """params: (name, default, lowest, highest); whole: those that are whole numbers. inputs: 'source' (any series) or
    columns of the bars.

    scale: 'overlay' or 'pane'; apart: outputs of an overlay that are no prices. range: lowest and highest value,
    where it is bounded. warmup: bars before the first value; memory: bars after which it no longer matters where the
    history began; both with the default parameters on 1-minute bars, of the output that needs most.
    """

    name: str
    title: str
    family: str
    params: list[tuple[str, float, float, float]]
    outputs: list[str]
    scale: str
    warmup: int
    formula: str
    inputs: list[str] = msgspec.field(default_factory=list)
    range: tuple[float, float] | None = None
    memory: int = 0
    apart: list[str] = msgspec.field(default_factory=list)
    whole: list[str] = msgspec.field(default_factory=list)


class LanguageWord(msgspec.Struct, frozen=True, kw_only=True):
    """One word of the rules language. form: how it is written; meaning: one line; example: an expression with it."""

    name: str
    group: str
    form: str
    meaning: str
    example: str


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """The rules language. text: the whole reference in Markdown."""

    text: str
    rules: list[LanguageWord]
    series: list[LanguageWord]
    functions: list[LanguageWord]
    indicators: list[LanguageWord]


class StrategyList(msgspec.Struct, frozen=True, kw_only=True):
    strategies: list[StrategyInfo]


class IndicatorList(msgspec.Struct, frozen=True, kw_only=True):
    indicators: list[IndicatorInfo]
