"""What people watch on all symbols at once: columns and filters of their watchlists, and the filters of alert rules."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.bus.server import Peer
from engine.contracts.errors import BadInput
from engine.contracts.watch import SetWatch, WatchItem, WatchProblem, WatchReply, WatchValues
from engine.indicators.graph import CONDITION
from engine.rules.context import Context
from engine.rules.failures import RuleError
from engine.rules.lowering import Lowering
from engine.rules.program import compile_program, state_size
from engine.rules.text import parse_expression
from engine.runtime.market import MarketRuntime, give_way
from engine.runtime.parts import EngineParts
from engine.runtime.strategies import day_of
from engine.signals.screen import DEPTH, Edge, Screens

log = logging.getLogger(__name__)
#: s between two values
BEAT_S = 0.5
#: of one view
MOST_ITEMS = 32
#: float64 that all expressions of one timeframe may keep for a symbol
MOST_STATE = 8_000


class ScanHit(NamedTuple):
    """A filter of an alert rule has become true with a bar's close. bar_ts: its open time."""

    expression: str
    timeframe: str
    symbol: str
    bar_ts: int
    price: float


class _View(NamedTuple):
    """items: those that can be computed, None where they cannot."""

    peer: Peer
    items: list[WatchItem | None]


def checked(item: WatchItem, timeframes: Sequence[str]) -> bool:
    """Whether it is a condition; BadInput, with the place, where it cannot be computed live."""
    if item.timeframe not in timeframes:
        fix = f'Use one of {", ".join(timeframes)}; a higher one inside, as tf("4h", close).'
        raise BadInput(f"{item.timeframe} is not kept live.", fix=fix)
    if not item.expression.strip():
        raise BadInput("This is empty.", fix="For example: RSI(14) < 30")
    # a market whose day ends elsewhere does not change what can be read
    node = Lowering({}, Context(item.timeframe)).node(parse_expression(item.expression))
    condition = node.kind == CONDITION
    if item.condition and not condition:
        raise BadInput("This is a number: a filter is true or false.", fix=f"Compare it, as {item.expression} > 0.")
    program = compile_program([node]) if condition else compile_program([], [node])
    if program.warmup >= DEPTH:
        raise BadInput(
            f"It looks back {program.warmup:,} bars; {DEPTH} are kept of every symbol.",
            fix="Use a shorter period or a higher timeframe.",
        )
    if state_size([node]) > MOST_STATE:
        raise BadInput("Its windows are too long together.", fix="Use shorter periods.")
    return condition


def problem(number: int, error: BadInput) -> WatchProblem:
    """The error as the window shows it: one sentence, and where."""
    at = error.at if isinstance(error, RuleError) else -1
    line, _, column = error.where.partition(":")
    if at < 0 and line == "1" and column.isdigit():
        at = int(column) - 1
    return WatchProblem(item=number, what=error.what.splitlines()[0], at=at, fix=error.fix)


class WatchBoard:
    """Computes what the views and the alert rules ask; `on_hits` hears of the rules' filters."""

    def __init__(self, engine: EngineParts, on_hits: Callable[[list[ScanHit]], None] | None = None) -> None:
        self._engine = engine
        self._views: dict[str, _View] = {}
        self._scans: list[WatchItem] = []
        self._screens: dict[str, Screens] = {}
        self.on_hits = on_hits
        self._soon = asyncio.Event()
        # of its own: histories are prepared on the markets' threads, and take long
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watch", initializer=give_way)

    async def set(self, command: SetWatch, peer: Peer) -> WatchReply:
        """Answer SetWatch."""
        timeframes = self._engine.config.timeframes
        if len(command.items) > MOST_ITEMS:
            raise BadInput(f"{len(command.items)} expressions are more than {MOST_ITEMS}.", fix="Remove some.")
        problems: list[WatchProblem] = []
        conditions: list[bool] = []
        items: list[WatchItem | None] = []
        for number, item in enumerate(command.items):
            try:
                conditions.append(checked(item, timeframes))
                items.append(item)
            except BadInput as error:
                problems.append(problem(number, error))
                conditions.append(False)
                items.append(None)
        if not command.view:
            return WatchReply(problems=problems, conditions=conditions)
        if command.items:
            self._views[command.view] = _View(peer, items)
        else:
            self._views.pop(command.view, None)
        self._soon.set()
        return WatchReply(problems=problems, conditions=conditions)

    def left(self, peer: Peer) -> None:
        """A client has gone: what it watched is no longer computed."""
        self._views = {name: view for name, view in self._views.items() if view.peer is not peer}

    def set_scans(self, items: Sequence[WatchItem]) -> None:
        """The filters of the alert rules, instead of earlier ones; BadInput where one cannot be computed."""
        for item in items:
            checked(item, self._engine.config.timeframes)
        self._scans = list(items)

    async def run(self) -> None:
        await self._engine.listed.wait()
        try:
            while True:
                try:
                    await self._beat()
                except Exception:
                    log.exception("what is watched could not be computed")
                self._soon.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._soon.wait(), BEAT_S)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _asked(self) -> dict[str, tuple[str, ...]]:
        """Expressions by timeframe, each once."""
        asked: dict[str, dict[str, None]] = {}
        for item in [*self._scans, *(i for v in self._views.values() for i in v.items if i is not None)]:
            asked.setdefault(item.timeframe, {})[item.expression] = None
        return {timeframe: tuple(found) for timeframe, found in asked.items()}

    async def _beat(self) -> None:
        live = self._engine.live
        if live is None:
            return
        asked, loop = self._asked(), asyncio.get_running_loop()
        for market in live.markets:
            screens = self._screens.get(market.market.id)
            if screens is None:
                screens = self._screens[market.market.id] = Screens(
                    market.recent, market.core.timeframes, day_of(market.market), len(market.instruments)
                )
            closed = market.take_unread()
            if not asked:
                if len(closed):
                    await loop.run_in_executor(self._thread, screens.read, closed)
                screens.made.clear()
                continue
            running, joined = await market.kernel(_running, market)
            funding = market.core.pipeline.funding
            step = partial(screens.step, asked, closed, running, joined, funding)
            edges = await loop.run_in_executor(self._thread, step)
            self._tell_hits(market, asked, edges)
        for name, view in tuple(self._views.items()):
            self._engine.hub.publish(self._values(name, view, asked))

    def _values(self, name: str, view: _View, asked: Mapping[str, tuple[str, ...]]) -> WatchValues:
        live = self._engine.live
        assert live is not None
        out = np.full((len(view.items), len(live.instruments)), np.nan, "<f4")
        for market in live.markets:
            first = market.quotes.base
            made = self._screens[market.market.id].made if market.market.id in self._screens else {}
            for number, item in enumerate(view.items):
                # asked a moment ago: computed with the next beat
                if item is not None and item.expression in asked.get(item.timeframe, ()) and item.timeframe in made:
                    values = made[item.timeframe].values[asked[item.timeframe].index(item.expression)]
                    out[number, first : first + len(values)] = values
        return WatchValues(view=name, items=len(view.items), values=out.tobytes())

    def _tell_hits(
        self, market: MarketRuntime, asked: Mapping[str, tuple[str, ...]], edges: Mapping[str, list[Edge]]
    ) -> None:
        scans = {(s.expression, s.timeframe) for s in self._scans}
        hits = [
            ScanHit(asked[timeframe][e.item], timeframe, market.instruments[e.row].symbol, e.ts, e.price)
            for timeframe, found in edges.items()
            for e in found
            if (asked[timeframe][e.item], timeframe) in scans
        ]
        if hits and self.on_hits is not None:
            self.on_hits(hits)


def _running(market: MarketRuntime) -> tuple[np.ndarray, np.ndarray]:
    """(running bars, whether each follows what has closed) of all lanes; on the kernel thread."""
    lanes = np.arange(market.core.pipeline.lanes)
    return market.core.book.running(lanes), market.core.book.joined(lanes)
