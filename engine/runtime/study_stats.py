"""What each strategy did of late, counted from the journal: signals, symbols, and how its newest ones turned out."""

from __future__ import annotations

import msgspec
import numpy as np

from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.signals import K_CONFIRMED, LONG_ENTRY, SHORT_ENTRY, SignalBatch
from engine.contracts.studio import GetStrategyStats, StrategyStat, StrategyStats
from engine.contracts.timeframes import MINUTE_MS, TIMEFRAME_MS
from engine.runtime.kept import TaskContext

#: s that judging may take: the symbols with most signals first
JUDGE_S = 1.5
#: s that an answer serves
FRESH_S = 60.0
#: signals that are judged, the newest of each symbol
MOST_A_SYMBOL = 4_000


class Counter:
    """The last answer is kept for a minute. Of one thread."""

    def __init__(self) -> None:
        self._kept: tuple[GetStrategyStats, StrategyStats] | None = None

    def answer(self, ask: GetStrategyStats, context: TaskContext) -> StrategyStats:
        """By the number of signals, most first; live is left to the engine, which knows its symbols."""
        now = now_ms(SYSTEM_CLOCK)
        if self._kept is not None and self._kept[0] == ask and now - self._kept[1].at_ms < FRESH_S * 1000:
            return self._kept[1]
        # in the demo market's time, which may not be this machine's
        newest = context.state.signal_page(limit=1)
        end = max(int(newest.rows["emitted_ns"][-1] // 1_000_000), 0) if len(newest) else now
        batch = read(context, int(end - ask.hours * 3_600_000))
        made = count(batch, *judge(batch, context, ask.bars))
        promoted: dict[str, int] = {}
        for item in context.state.walkforwards.promoted():
            promoted[item.strategy] = promoted.get(item.strategy, 0) + 1
        known = {s.strategy for s in made[0]}
        stats = [*made[0], *(StrategyStat(strategy=name) for name in promoted if name not in known)]
        answer = StrategyStats(
            stats=[_with(s, promoted.get(s.strategy, 0)) for s in stats],
            live=0,
            at_ms=now,
            bars=ask.bars,
            hours=ask.hours,
            partial=made[1],
        )
        self._kept = ask, answer
        return answer


def _with(stat: StrategyStat, promoted: int) -> StrategyStat:
    return msgspec.structs.replace(stat, promoted=promoted, muted=promoted)


def read(context: TaskContext, since_ms: int) -> SignalBatch:
    """Confirmed entries emitted since a moment, in journal order."""
    parts: list[SignalBatch] = []
    after: int | None = 0
    while after is not None:
        # a signal is emitted after its bar opened; the longest bar is a day
        batch, after = context.state.scan_signals(after, "", since_ms - 86_400_000, 1 << 62)
        rows = batch.rows
        wanted = (rows["kind"] == K_CONFIRMED) & ((rows["slot"] == LONG_ENTRY) | (rows["slot"] == SHORT_ENTRY))
        wanted &= rows["emitted_ns"] >= since_ms * 1_000_000
        if wanted.any():
            parts.append(batch.take(wanted))
    return SignalBatch.join(parts)


def judge(batch: SignalBatch, context: TaskContext, bars: int) -> tuple[np.ndarray, bool]:
    """(float64[n]: the move of each signal in its direction after so many bars of its timeframe, nan where that is not
    known yet or was not looked at; whether some were not looked at for want of time)."""
    rows = batch.rows
    move = np.full(len(rows), np.nan)
    if not len(rows):
        return move, False
    began = SYSTEM_CLOCK.monotonic_ns()
    lengths = np.array([TIMEFRAME_MS.get(t, MINUTE_MS) for t in batch.timeframes], np.int64)[rows["timeframe"]]
    due = rows["bar_ts"] + lengths * (bars + 1) - MINUTE_MS
    sign = np.where(rows["slot"] == LONG_ENTRY, 1.0, -1.0)
    counts = np.bincount(rows["symbol"], minlength=len(batch.symbols))
    for symbol in np.argsort(-counts, kind="stable"):
        if not counts[symbol]:
            break
        if (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9 > JUDGE_S:
            return move, True
        mine = np.flatnonzero(rows["symbol"] == symbol)[-MOST_A_SYMBOL:]
        minutes = context.state.candles(batch.symbols[symbol], "1m", from_ms=int(rows["bar_ts"][mine].min()))
        if not len(minutes):
            continue
        at = np.searchsorted(minutes["ts"], due[mine])
        # a minute without trades has no bar: the next one serves, unless it is far away
        there = at < len(minutes)
        there[there] &= minutes["ts"][at[there]] - due[mine][there] <= 5 * MINUTE_MS
        chosen = mine[there]
        move[chosen] = sign[chosen] * (minutes["close"][at[there]] / rows["price"][chosen] - 1.0)
    return move, False


def count(batch: SignalBatch, move: np.ndarray, partial: bool) -> tuple[list[StrategyStat], bool]:
    """One row a strategy id, whatever its version and parameters."""
    rows = batch.rows
    ids = [key[0] for key in batch.strategies]
    found = []
    numbers = {name: k for k, name in enumerate(dict.fromkeys(ids))}
    strategy = np.array([numbers[name] for name in ids], np.int64)[rows["strategy"]] if len(rows) else rows["strategy"]
    for name, number in numbers.items():
        mine = np.flatnonzero(strategy == number)
        if not len(mine):
            continue
        last = mine[int(np.argmax(rows["emitted_ns"][mine]))]
        known = move[mine][np.isfinite(move[mine])]
        found.append(
            StrategyStat(
                strategy=name,
                signals=len(mine),
                symbols=len(np.unique(rows["symbol"][mine])),
                last_ms=int(rows["emitted_ns"][last] // 1_000_000),
                last_symbol=batch.symbols[int(rows["symbol"][last])],
                judged=len(known),
                move=float(known.mean()) if len(known) else float("nan"),
                hits=float((known > 0).mean()) if len(known) else float("nan"),
            )
        )
    return sorted(found, key=lambda s: -s.signals), partial
