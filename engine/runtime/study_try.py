"""A text of strategies tried while it is written: what is wrong with it, and where it would have spoken."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.studio import HIT_LONG, HIT_SHORT, PYTHON, TextMark, Tried, TryStrategy
from engine.rules.context import WrongTimeframe
from engine.rules.mistakes import Mistake, mistake_of, read_all
from engine.rules.strategy import Strategy
from engine.rules.text import parse_strategy
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import built_in, user_files
from engine.runtime.study_bars import WarmBars, spec_of
from engine.runtime.study_follow import Heard, run
from engine.runtime.tasks_backtest import stream_of
from engine.runtime.user_files import LONGEST_FILE, run_child

#: ms that one try may take; a series that needs longer is run over its newest part
BUDGET_MS = 200.0
#: ns a bar taken for a strategy that was never run, and least bars that are run
GUESS_NS, FEWEST = 45.0, 5_000
#: hits that are sent
MOST_HITS = 200_000
#: figures that are shown while typing
SHOWN = ("trades", "total_return", "sharpe", "max_drawdown_bar", "win_rate", "profit_factor")


class _Read(NamedTuple):
    found: list[tuple[int, Strategy]]
    mistakes: list[Mistake]


class Tryer:
    """Tries texts; remembers how long a bar of each strategy takes. Of one thread."""

    def __init__(self, bars: WarmBars) -> None:
        self._bars = bars
        self._ns: dict[str, float] = {}

    def answer(self, ask: TryStrategy, context: TaskContext, stopped: Callable[[], bool]) -> Tried:
        """Marks always; hits when the text can be run and a symbol is named."""
        began = SYSTEM_CLOCK.monotonic_ns()
        read = _python(ask, context) if ask.language == PYTHON else _text(ask)
        read.mistakes.extend(_names_in_use(read.found, ask))
        marks = [TextMark(line=m.line, column=m.column, length=m.length, what=m.what, fix=m.fix) for m in read.mistakes]
        names = [s.id for _, s in read.found]
        chosen = _at_line(read.found, ask.line)
        tried = Tried(marks=marks, strategies=names)
        if chosen is not None and ask.symbol:
            try:
                tried = self._run(chosen, ask, context, stopped, tried)
            except WrongTimeframe as error:
                tried = Tried(marks=marks, strategies=names, strategy=chosen.id, note=str(error))
            except BadInput as error:
                tried = Tried(marks=marks, strategies=names, strategy=chosen.id, note=str(error))
        return _replaced(tried, ms=(SYSTEM_CLOCK.monotonic_ns() - began) / 1e6)

    def _run(
        self, chosen: Strategy, ask: TryStrategy, context: TaskContext, stopped: Callable[[], bool], tried: Tried
    ) -> Tried:
        timeframe = ask.timeframe or chosen.timeframe
        spec = spec_of(chosen.bind(timeframe=timeframe), ask.symbol)
        warm = self._bars.of(spec, context, moving=True)
        bound = chosen.bind(timeframe=timeframe, day=warm.day)
        count = self._count(chosen, len(warm.data.bars))
        data = self._bars.tail(warm.data, count)
        data.window(spec, bound.warmup)
        began = SYSTEM_CLOCK.monotonic_ns()
        heard = Heard(stream_of(bound, data, warm.known))
        outcome = run(spec, warm, data, bound, heard, stopped)
        self._ns[chosen.id] = (SYSTEM_CLOCK.monotonic_ns() - began) / max(len(data.bars), 1)
        ts, side = hits(data.bars, *heard.found)
        shown = slice(max(0, len(ts) - MOST_HITS), None)
        return _replaced(
            tried,
            strategy=chosen.id,
            timeframe=timeframe,
            ts=ts[shown].tobytes(),
            side=side[shown].tobytes(),
            bars=len(data.bars),
            available=len(warm.data.bars),
            first_ms=int(data.bars["ts"][0]),
            last_ms=int(data.bars["ts"][-1]),
            longs=int((side == HIT_LONG).sum()),
            shorts=int((side == HIT_SHORT).sum()),
            cut=len(ts) > MOST_HITS,
            needed=bound.warmup + 1,
            figures={name: outcome.figures[name] for name in SHOWN if name in outcome.figures},
            canonical=chosen.text(),
        )

    def _count(self, chosen: Strategy, available: int) -> int:
        """Bars that a try of this strategy may have."""
        pace = self._ns.get(chosen.id, GUESS_NS)
        return min(available, max(int(BUDGET_MS * 1e6 / pace), FEWEST))


def hits(bars: np.ndarray, events: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(int64[k], int8[k]): open times of the bars with an entry, and their side; a bar may have both."""
    at, side = [], []
    for bit, which in ((1, HIT_LONG), (4, HIT_SHORT)):
        rows = events[(edges & bit) != 0]
        at.append(rows)
        side.append(np.full(len(rows), which, np.int8))
    rows, sides = np.concatenate(at), np.concatenate(side)
    order = np.argsort(rows, kind="stable")
    return np.ascontiguousarray(bars["ts"][rows[order]]), np.ascontiguousarray(sides[order])


def _replaced(tried: Tried, **changes: object) -> Tried:

    return msgspec.structs.replace(tried, **changes)


def _text(ask: TryStrategy) -> _Read:
    if len(ask.text) > LONGEST_FILE:
        return _Read([], [Mistake(1, 1, 0, f"The text is longer than {LONGEST_FILE // 1000} kB.", "")])
    if not ask.text.strip():
        return _Read([], [])
    return _Read(*read_all(ask.text))


def _python(ask: TryStrategy, context: TaskContext) -> _Read:
    """Run in a child with little time and memory; the error's place is that of the file."""
    folder = context.folder.cache / "trying"
    path = folder / f"try_{os.getpid()}.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(ask.text, encoding="utf-8")
        answer = run_child(path)
    finally:
        path.unlink(missing_ok=True)
    lines = ask.text.split("\n")
    if answer.what:
        return _Read([], [mistake_of(BadInput(answer.what, where=answer.where, fix=answer.fix), lines)])
    found, wrong = [], []
    for text in answer.texts:
        try:
            strategy = parse_strategy(text)
        except PyroError as error:
            wrong.append(Mistake(1, 1, 0, str(error), ""))
        else:
            found.append((_line_of(strategy.id, lines), strategy))
    if not answer.texts:
        wrong.append(Mistake(1, 1, 0, "It holds no strategy.", "Assign a Strategy(...) to a name."))
    return _Read(sorted(found, key=lambda each: each[0]), wrong)


def _line_of(name: str, lines: list[str]) -> int:
    return next((k for k, line in enumerate(lines, 1) if f'"{name}"' in line or f"'{name}'" in line), 1)


def _at_line(found: list[tuple[int, Strategy]], line: int) -> Strategy | None:
    """The strategy in which a line stands, else the first."""
    before = [s for start, s in found if start <= line]
    return before[-1] if before else found[0][1] if found else None


def _names_in_use(found: list[tuple[int, Strategy]], ask: TryStrategy) -> list[Mistake]:
    """Names that a built-in strategy, another file or the same text has already."""
    owners = {s.id: "a built-in strategy" for s in built_in()}
    for file in user_files():
        if file.path.name != ask.name:
            owners |= {s.id: f"the file {file.path.name}" for s in file.strategies}
    wrong = []
    lines = ask.text.split("\n")
    for start, strategy in found:
        if strategy.id in owners:
            line = next(
                (k for k, text in enumerate(lines, 1) if k >= start and strategy.id in text.split("#")[0]), start
            )
            column = lines[line - 1].find(strategy.id) + 1
            what = f'The name "{strategy.id}" is used by {owners[strategy.id]} already.'
            wrong.append(Mistake(line, max(column, 1), len(strategy.id), what, "Choose another."))
        owners[strategy.id] = "this text itself"
    return wrong
