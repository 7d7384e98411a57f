"""What all strategies say of one bar, and where one of them spoke before or after it."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from engine.clock import SYSTEM_CLOCK, iso
from engine.contracts.errors import BadInput
from engine.contracts.markets import market, split_symbol
from engine.contracts.studio import ExplainAll, FindSignal, NextSignal, WhyAll, WhyRow
from engine.contracts.timeframes import timeframe_ms
from engine.rules.context import WrongTimeframe
from engine.rules.machine import bar_columns
from engine.rules.nearly import Questions, order, sentence
from engine.rules.strategy import Bound
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import day_of, every, strategy
from engine.runtime.why import bars_of, position
from engine.signals.history import Stream

#: timeframes whose compiled questions are kept
KEPT = 4
_kept: OrderedDict[tuple[str, str, bool], tuple[tuple[str, ...], Questions]] = OrderedDict()


def why_all(ask: ExplainAll, context: TaskContext) -> WhyAll:
    """The rules of every strategy that runs on this timeframe, on the bar that holds the moment asked for.

    BadInput: an unknown symbol, no candles, or no bar at that moment."""
    began = SYSTEM_CLOCK.monotonic_ns()
    symbol = context.resolve(ask.symbol)
    length = timeframe_ms(ask.timeframe)
    questions = _questions(ask.timeframe, day_of(market(split_symbol(symbol)[0])), ask.own)
    bars = bars_of(context, symbol, ask.timeframe, before=questions.memory + 3, at_ms=ask.at_ms)
    at_ms, note = ask.at_ms, ""
    end = int(bars["ts"][-1]) + length
    if at_ms is not None and end <= at_ms < end + length:
        at_ms, note = None, f"The bar of {iso(end)} is not final yet; this is the one before."
    at = position(bars, at_ms, length, symbol)
    bars = bars[max(0, at - questions.memory - 2) : at + 1]
    found = sorted(
        questions.answers(np.ascontiguousarray(bars["ts"] // length), bar_columns(bars)),
        key=lambda f: (order(f), f.bound.strategy.id),
    )
    bar = bars[-1]
    rows = [
        WhyRow(
            strategy=f.bound.strategy.id,
            title=f.bound.strategy.title,
            family=f.bound.strategy.family,
            rule=f.rule.replace("_", " "),
            fired=f.fired,
            held=f.held,
            held_before=f.held_before,
            missing=f.missing,
            parts=f.parts,
            warming=len(bars) <= f.bound.warmup,
            failed=f.failed,
            left=f.left,
            right=f.right,
            moves=f.moves,
            nearest=sentence(f),
        )
        for f in found
    ]
    return WhyAll(
        symbol=symbol,
        timeframe=ask.timeframe,
        bar_ts=int(bar["ts"]),
        open=float(bar["open"]),
        high=float(bar["high"]),
        low=float(bar["low"]),
        close=float(bar["close"]),
        volume=float(bar["volume"]),
        bars=len(bars),
        rows=rows,
        note=note,
        ms=(SYSTEM_CLOCK.monotonic_ns() - began) / 1e6,
    )


def _questions(timeframe: str, day: str, own: bool) -> Questions:
    """Compiled once for the strategies there are."""
    chosen = [s for s in every() if not own or s.timeframe == timeframe]
    versions = tuple(s.version for s in chosen)
    key = timeframe, day, own
    if key in _kept and _kept[key][0] == versions:
        _kept.move_to_end(key)
        return _kept[key][1]
    bounds: list[Bound] = []
    for each in chosen:
        try:
            bounds.append(each.bind(timeframe=timeframe, day=day))
        except WrongTimeframe:
            continue
    if not bounds:
        raise BadInput(f"no strategy runs on {timeframe}.", fix="Ask for another timeframe.")
    made = Questions(bounds)
    _kept[key] = versions, made
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return made


def find_signal(ask: FindSignal, context: TaskContext) -> NextSignal:
    """The nearest entry of a strategy before or after a bar; ts -1 where there is none."""
    symbol = context.resolve(ask.symbol)
    day = day_of(market(split_symbol(symbol)[0]))
    bound = strategy(ask.strategy).bind(timeframe=ask.timeframe, day=day)
    bars = bars_of(context, symbol, ask.timeframe)
    here = int(np.searchsorted(bars["ts"], ask.at_ms - ask.at_ms % timeframe_ms(ask.timeframe)))
    best = NextSignal(ts=-1)
    for block in Stream(bound).blocks(bars, ask.timeframe):
        if ask.way < 0 and block.start >= here:
            break
        entries = block.found.events[(block.found.edges & 5) != 0]
        edges = block.found.edges[(block.found.edges & 5) != 0]
        fits = np.flatnonzero(entries > here if ask.way > 0 else entries < here)
        if len(fits):
            k = int(fits[0 if ask.way > 0 else -1])
            best = NextSignal(ts=int(bars["ts"][entries[k]]), side=1 if edges[k] & 1 else -1)
            if ask.way > 0:
                break
    return best
