"""Why a strategy spoke or was silent at a bar, from the candles that are kept."""

from __future__ import annotations

import numpy as np

from engine.candles.minutes import aggregate
from engine.clock import iso
from engine.contracts.commands import Explain
from engine.contracts.errors import BadInput
from engine.contracts.markets import market, split_symbol
from engine.contracts.timeframes import timeframe_ms
from engine.contracts.why import RuleWhy, Why
from engine.rules.explain import explain, levels_at
from engine.rules.machine import bar_columns
from engine.runtime.kept import TaskContext, all_minutes
from engine.runtime.strategies import day_of, strategy
from engine.store.recent import history


def why(ask: Explain, context: TaskContext) -> Why:
    """The answer for the bar that holds the moment asked for (the newest final one when none is named).

    BadInput: an unknown strategy, symbol or parameter, no candles, or no bar at that moment.
    """
    symbol = context.resolve(ask.symbol)
    found = strategy(ask.strategy)
    timeframe = ask.timeframe or found.timeframe
    day = day_of(market(split_symbol(symbol)[0]))
    bound = found.bind(ask.params, timeframe, day)
    bars = bars_of(context, symbol, timeframe)
    at = position(bars, ask.at_ms, timeframe_ms(timeframe), symbol)
    # a longer history gives the same bits
    bars = bars[max(0, at - bound.memory - 2) : at + 1]
    index = np.ascontiguousarray(bars["ts"] // timeframe_ms(timeframe))
    prices = bar_columns(bars)
    rules = explain(bound, index, prices)
    bar = bars[-1]
    return Why(
        strategy=found.id,
        version=found.version,
        params=bound.params_text,
        symbol=symbol,
        timeframe=timeframe,
        bar_ts=int(bar["ts"]),
        open=float(bar["open"]),
        high=float(bar["high"]),
        low=float(bar["low"]),
        close=float(bar["close"]),
        volume=float(bar["volume"]),
        bars=len(bars),
        needed=bound.warmup + 1,
        summary=_summary(rules, len(bars), bound.warmup + 1),
        rules=rules,
        levels=levels_at(bound, index, prices),
    )


def _summary(rules: list[RuleWhy], bars: int, needed: int) -> str:
    if bars < needed:
        return f"Silent: it needs {needed} bars before it speaks, and there are {bars} up to this one."
    fired = [r for r in rules if r.fired]
    return "\n".join(r.summary for r in (fired or [r for r in rules if r.rule.endswith("entry")]))


def bars_of(context: TaskContext, symbol: str, timeframe: str, before: int = 0, at_ms: int | None = None) -> np.ndarray:
    """Final bars of any timeframe. before: only about so many up to the moment are needed (0 = all there are)."""
    minutes = all_minutes(context, symbol)
    if before and len(minutes):
        length = timeframe_ms(timeframe)
        end = int(minutes["ts"][-1]) if at_ms is None else at_ms
        # a day with few minutes still has its bar: twice the span, and a fortnight for weekends
        first = end - end % length - 2 * before * length - 14 * 86_400_000
        # bars after it tell that it is whole
        cut = slice(*np.searchsorted(minutes["ts"], (first - first % length, end - end % length + 3 * length)))
        if cut.stop - cut.start > before or cut.start == 0:
            minutes = minutes[cut] if cut.stop > cut.start else minutes
    bars = aggregate(minutes, timeframe) if len(minutes) else minutes
    if not len(bars):
        bars = history(context.state, context.lake, symbol, timeframe)
    if not len(bars):
        raise BadInput(
            f"there are no 1-minute or {timeframe} bars of {symbol}.",
            fix="Bring some: pyroquant data import FILE --symbol MARKET:NAME",
        )
    return bars


def position(bars: np.ndarray, at_ms: int | None, length: int, symbol: str) -> int:
    if at_ms is None:
        return len(bars) - 1
    opened = at_ms - at_ms % length
    at = int(np.searchsorted(bars["ts"], opened))
    if at < len(bars) and bars["ts"][at] == opened:
        return at
    first, last = int(bars["ts"][0]), int(bars["ts"][-1])
    if not first <= opened <= last:
        raise BadInput(
            f"there is no final bar of {symbol} at {iso(at_ms)}.",
            where="--at",
            fix=f"Its bars reach from {iso(first)} to {iso(last)} (open times).",
        )
    nearest = int(bars["ts"][at if at < len(bars) else -1])
    raise BadInput(f"{symbol} has a hole at {iso(at_ms)}.", where="--at", fix=f"The next bar opens at {iso(nearest)}.")
