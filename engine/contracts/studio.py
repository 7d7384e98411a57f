"""What is asked while a strategy is written, questioned and tuned: its files, a try of its text, why here, what if."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands_base import Command, Ok

TEXT, PYTHON = "text", "python"
#: sides of a hit: what an entry or an exit of that side would have said
HIT_LONG, HIT_SHORT = 1, -1


class TextMark(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong in a text. line, column: from 1; length: of what is meant, 0 = to the end of the line."""

    line: int
    column: int
    length: int
    what: str
    fix: str = ""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What a text would have said. marks: what is wrong with it; then the rest may be empty.

    strategies: the names in it; strategy: the one that was run. ts: bytes <i8[n], open times of bars with an entry,
    oldest first; side: bytes <i1[n], HIT_*. bars from first_ms to last_ms were run, the newest of `available`; cut:
    there are older hits than those sent. figures: of a back-test of them with the usual costs, {} where there is
    none. canonical: the text as the engine would write it. needed: bars before it can speak."""

    marks: list[TextMark] = []
    strategies: list[str] = []
    strategy: str = ""
    timeframe: str = ""
    ts: bytes = b""
    side: bytes = b""
    bars: int = 0
    available: int = 0
    first_ms: int = 0
    last_ms: int = 0
    longs: int = 0
    shorts: int = 0
    cut: bool = False
    needed: int = 0
    figures: dict[str, float] = {}
    canonical: str = ""
    note: str = ""
    ms: float = 0.0


class TryStrategy(Command, frozen=True, kw_only=True, tag="try_strategy"):
    """Read a text and run the strategy in which `line` stands on a symbol's bars; nothing is kept. The newest request
    of a client wins: an older one that waits is cancelled. language: 'text', or 'python' which runs in a child. name:
    of the file that it comes from, whose own names are free to it."""

    reply: ClassVar[Any] = Tried
    text: str
    symbol: str = ""
    timeframe: str = ""
    language: Literal["text", "python"] = "text"
    line: int = 1
    name: str = ""
    from_ms: int | None = None
    to_ms: int | None = None


class StrategyFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the person's folder. stamp: changes with its content. strategies: their names; error: why it is
    refused, as TextMark where a place is known."""

    name: str
    size: int
    changed_ms: int
    stamp: str
    strategies: list[str] = []
    error: str = ""


class StrategyFiles(msgspec.Struct, frozen=True, kw_only=True):
    folder: str
    files: list[StrategyFile]


class ListStrategyFiles(Command, frozen=True, kw_only=True, tag="strategy_files"):
    reply: ClassVar[Any] = StrategyFiles


class FileText(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    text: str
    stamp: str


class ReadStrategyFile(Command, frozen=True, kw_only=True, tag="strategy_file"):
    reply: ClassVar[Any] = FileText
    name: str


class SaveStrategyFile(Command, frozen=True, kw_only=True, tag="save_strategy_file"):
    """Write a file of the folder, whole or not at all; its strategies are live within a second. stamp: that of the
    content which was read before, '' for a new file; BadInput when the file is another one by now, unless `force`."""

    reply: ClassVar[Any] = FileText
    name: str
    text: str
    stamp: str = ""
    force: bool = False


class RenameStrategyFile(Command, frozen=True, kw_only=True, tag="rename_strategy_file"):
    reply: ClassVar[Any] = Ok
    name: str
    to: str


class DeleteStrategyFile(Command, frozen=True, kw_only=True, tag="delete_strategy_file"):
    reply: ClassVar[Any] = Ok
    name: str


class WhyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of one strategy on a bar. fired: it gave its signal. held, held_before: its condition. missing: parts
    of the condition that would have to turn true, of `parts`. failed: the nearest of them, as text; left, right: its
    two numbers, nan where it compares none; moves: their distance in mean moves a bar, nan unknown. warming: too few
    bars. nearest: the sentence."""

    strategy: str
    title: str
    family: str
    rule: str
    fired: bool
    held: bool
    held_before: bool
    missing: int
    parts: int
    warming: bool = False
    failed: str = ""
    left: float = float("nan")
    right: float = float("nan")
    moves: float = float("nan")
    nearest: str = ""


class WhyAll(msgspec.Struct, frozen=True, kw_only=True):
    """rows: fired first, then by what is missing and how near it is. bars: run up to this one. note: why it is another
    bar than the one asked for."""

    symbol: str
    timeframe: str
    bar_ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    bars: int
    rows: list[WhyRow]
    note: str = ""
    ms: float = 0.0


class ExplainAll(Command, frozen=True, kw_only=True, tag="why_all"):
    """What every strategy says of one bar. at_ms: any moment of the bar, None = the newest final one, which also
    answers for the bar that is still running. own: only those
    whose own timeframe this is."""

    reply: ClassVar[Any] = WhyAll
    symbol: str
    timeframe: str
    at_ms: int | None = None
    own: bool = False


class NextSignal(msgspec.Struct, frozen=True, kw_only=True):
    """ts: open time of the bar, -1 where there is none that way."""

    ts: int
    side: int = 0


class FindSignal(Command, frozen=True, kw_only=True, tag="find_signal"):
    """The nearest bar before (way -1) or after (1) at_ms on which this strategy entered."""

    reply: ClassVar[Any] = NextSignal
    strategy: str
    symbol: str
    timeframe: str
    at_ms: int
    way: Literal[-1, 1] = 1


class Knob(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a strategy that can be turned. kind: 'level' (a price distance), 'period' or 'number'.

    Turned by params[param] = value, or, where param is '', by rules[rule] = form with the value in place of {}. grid:
    what an optimiser tries. reach: of a level, its price distance at the anchor; it grows with the value."""

    key: str
    kind: str
    title: str
    value: float
    low: float
    high: float
    step: float
    param: str = ""
    rule: str = ""
    form: str = ""
    grid: list[float] = []
    reach: float = float("nan")


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """The trade at which levels are shown: the newest. open: it is still open at the last bar."""

    entry_ts: int
    exit_ts: int
    side: int
    entry_price: float
    open: bool


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """A back-test that follows a hand. figures: those of the run, as RunBacktest has them. equity_ts, equity: bytes
    <i8, <f8, at most `points`; trades: TRADE_DTYPE, the newest in the view; cut: there are more of them."""

    figures: dict[str, float]
    trade_hash: str
    equity_ts: bytes
    equity: bytes
    trades: bytes
    cut: bool
    bars: int
    first_ms: int
    last_ms: int
    knobs: list[Knob] = []
    anchor: Anchor | None = None
    strategy_text: str = ""
    ms: float = 0.0


class WhatIf(Command, frozen=True, kw_only=True, tag="what_if"):
    """Run a back-test over the whole of spec's range without keeping it; bars and what does not change stay warm. The
    newest request of a client wins. from_ms, to_ms: trades wanted. knobs: also say what can be turned, and where."""

    reply: ClassVar[Any] = Followed
    spec: BacktestSpec
    from_ms: int | None = None
    to_ms: int | None = None
    points: int = 600
    knobs: bool = False


class StrategyStat(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy did of late. signals: confirmed entries in the span; symbols: different ones among them; last_ms:
    when the newest was emitted, 0 = none. judged: those whose next bars are known; move: their mean move in the
    signal's direction after `bars` bars of their timeframe, a fraction; hits: share of them that moved its way.
    muted: symbols on which a promoted set stands in its place; promoted: symbols with one."""

    strategy: str
    signals: int = 0
    symbols: int = 0
    last_ms: int = 0
    last_symbol: str = ""
    judged: int = 0
    move: float = float("nan")
    hits: float = float("nan")
    muted: int = 0
    promoted: int = 0


class StrategyStats(msgspec.Struct, frozen=True, kw_only=True):
    """live: symbols of the engine; at_ms: when it was counted, since_ms: from when on (less than `hours` at first);
    partial: there is more to read or to judge, which later answers bring."""

    stats: list[StrategyStat]
    live: int
    at_ms: int
    bars: int
    hours: float
    since_ms: int = 0
    partial: bool = False


class GetStrategyStats(Command, frozen=True, kw_only=True, tag="strategy_stats"):
    """Counts of the journal's newest hours. bars: after how many of its timeframe a signal is judged."""

    reply: ClassVar[Any] = StrategyStats
    hours: float = 24.0
    bars: int = 10


#: what the engine's study process does
StudyCommand = TryStrategy | ExplainAll | FindSignal | WhatIf | GetStrategyStats
AnyStudyCommand = (
    StudyCommand | ListStrategyFiles | ReadStrategyFile | SaveStrategyFile | RenameStrategyFile | DeleteStrategyFile
)
