"""What each strategy did of late, counted from the journal: signals, symbols, and how its newest ones turned out.

The journal may hold millions of a day's signals, so every answer reads on where the last one stopped, for
a short while.
"""

from __future__ import annotations

import numpy as np

from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.signals import K_CONFIRMED, LONG_ENTRY, SHORT_ENTRY, SignalBatch
from engine.contracts.studio import GetStrategyStats, StrategyStat, StrategyStats
from engine.contracts.timeframes import MINUTE_MS, TIMEFRAME_MS
from engine.runtime.kept import TaskContext

#: s that reading on and judging may each take, and s that an answer serves
READ_S, JUDGE_S, FRESH_S = 0.3, 0.3, 20.0
#: signals that the first answer looks back, and that wait to be judged, the newest
FIRST_BACK, MOST_WAITING = 300_000, 60_000
_HOUR_MS = 3_600_000
_WAITING = np.dtype(
    [("strategy", "<i4"), ("symbol", "<i4"), ("sign", "<f8"), ("price", "<f8"), ("bar_ts", "<i8"), ("due", "<i8")]
)


class _Hour:
    """Counts of one hour of the journal, by the counter's numbers of strategies and symbols."""

    def __init__(self) -> None:
        self.signals = np.zeros(0, np.int64)
        self.judged = np.zeros(0, np.int64)
        self.hits = np.zeros(0, np.int64)
        self.moves = np.zeros(0)
        self.symbols = np.zeros((0, 0), np.bool_)

    def grow(self, strategies: int, symbols: int) -> None:
        for name in ("signals", "judged", "hits", "moves"):
            column = getattr(self, name)
            if len(column) < strategies:
                setattr(self, name, np.pad(column, (0, strategies - len(column))))
        have = self.symbols.shape
        if have[0] < strategies or have[1] < symbols:
            wider = np.zeros((max(have[0], strategies), max(have[1], symbols)), np.bool_)
            wider[: have[0], : have[1]] = self.symbols
            self.symbols = wider


class Counter:
    """Counts as it is asked. Of one thread and one number of bars after which a signal is judged."""

    def __init__(self) -> None:
        self._kept: tuple[GetStrategyStats, StrategyStats] | None = None
        self._bars = 0
        self._restart()

    def _restart(self) -> None:
        self._after = -1
        self._since_ms = 0
        self._behind = False
        self._strategies: dict[str, int] = {}
        self._symbols: dict[str, int] = {}
        self._hours: dict[int, _Hour] = {}
        self._last: dict[int, tuple[int, int]] = {}
        self._waiting = np.empty(0, _WAITING)

    def answer(self, ask: GetStrategyStats, context: TaskContext) -> StrategyStats:
        """By the number of signals, most first; live is left to the engine, which knows its symbols."""
        now = now_ms(SYSTEM_CLOCK)
        if self._kept is not None and self._kept[0] == ask and now - self._kept[1].at_ms < FRESH_S * 1000:
            return self._kept[1]
        if ask.bars != self._bars:
            self._restart()
            self._bars = ask.bars
        newest = context.state.signal_page(limit=1).rows
        if len(newest):
            self._read(context, int(newest["seq"][-1]))
            self._judge(context, int(newest["emitted_ns"][-1] // 1_000_000))
            self._forget(int(newest["emitted_ns"][-1] // 1_000_000 - ask.hours * _HOUR_MS))
        promoted: dict[str, int] = {}
        for item in context.state.walkforwards.promoted():
            promoted[item.strategy] = promoted.get(item.strategy, 0) + 1
        answer = StrategyStats(
            stats=sorted(self._stats(promoted), key=lambda s: -s.signals),
            live=0,
            at_ms=now,
            since_ms=self._since_ms,
            bars=ask.bars,
            hours=ask.hours,
            partial=self._behind or len(self._waiting) > 0,
        )
        self._kept = ask, answer
        return answer

    # reading --------------------------------------------------------------------------------------------------------
    def _read(self, context: TaskContext, newest: int) -> None:
        if self._after < 0:
            self._after = max(0, newest - FIRST_BACK)
        began = SYSTEM_CLOCK.monotonic_ns()
        while self._after < newest and (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9 < READ_S:
            batch, after = context.state.scan_signals(self._after, "", 0, 1 << 62)
            if after is None:
                self._after = newest
                break
            self._after = after
            if len(batch):
                self._take(batch)
        self._behind = self._after < newest

    def _take(self, batch: SignalBatch) -> None:
        rows = batch.rows
        if not self._since_ms:
            self._since_ms = int(rows["emitted_ns"][0] // 1_000_000)
        wanted = (rows["kind"] == K_CONFIRMED) & ((rows["slot"] == LONG_ENTRY) | (rows["slot"] == SHORT_ENTRY))
        rows = rows[wanted]
        if not len(rows):
            return
        strategy = _numbers([key[0] for key in batch.strategies], self._strategies)[rows["strategy"]]
        symbol = _numbers(list(batch.symbols), self._symbols)[rows["symbol"]]
        emitted = rows["emitted_ns"] // 1_000_000
        hours = emitted // _HOUR_MS
        for hour in np.unique(hours):
            mine = hours == hour
            made = self._hours.setdefault(int(hour), _Hour())
            made.grow(len(self._strategies), len(self._symbols))
            made.signals += np.bincount(strategy[mine], minlength=len(made.signals))
            made.symbols[strategy[mine], symbol[mine]] = True
        # the last of each: later ones overwrite
        self._last |= {int(s): (int(t), int(y)) for s, t, y in zip(strategy, emitted, symbol)}
        lengths = np.array([TIMEFRAME_MS.get(t, MINUTE_MS) for t in batch.timeframes], np.int64)[rows["timeframe"]]
        waiting = np.empty(len(rows), _WAITING)
        waiting["strategy"], waiting["symbol"], waiting["price"] = strategy, symbol, rows["price"]
        waiting["sign"] = np.where(rows["slot"] == LONG_ENTRY, 1.0, -1.0)
        waiting["bar_ts"] = rows["bar_ts"]
        # the minute that closes with the bar after which it is judged
        waiting["due"] = rows["bar_ts"] + lengths * (self._bars + 1) - MINUTE_MS
        self._waiting = np.concatenate([self._waiting, waiting])[-MOST_WAITING:]

    def _forget(self, before_ms: int) -> None:
        """Hours that are over, and signals that were not judged in them."""
        first = before_ms // _HOUR_MS
        for hour in [h for h in self._hours if h < first]:
            del self._hours[hour]
        self._since_ms = max(self._since_ms, before_ms)
        self._waiting = self._waiting[self._waiting["bar_ts"] >= before_ms - 86_400_000]

    # judging --------------------------------------------------------------------------------------------------------
    def _judge(self, context: TaskContext, now: int) -> None:
        """Symbols with most signals that are due first, as many as time allows; the others by a later answer."""
        began = SYSTEM_CLOCK.monotonic_ns()
        due = self._waiting["due"] + MINUTE_MS <= now
        counts = np.bincount(self._waiting["symbol"][due], minlength=len(self._symbols))
        names = list(self._symbols)
        done = np.zeros(len(self._waiting), np.bool_)
        for symbol in np.argsort(-counts, kind="stable"):
            if not counts[symbol] or (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9 > JUDGE_S:
                break
            mine = np.flatnonzero(due & (self._waiting["symbol"] == symbol))
            part = self._waiting[mine]
            minutes = context.state.candles(names[symbol], "1m", from_ms=int(part["due"].min()))
            # what has no minute by now will get none
            done[mine] = True
            if not len(minutes):
                continue
            self._count(part, minutes)
        self._waiting = self._waiting[~done]

    def _count(self, part: np.ndarray, minutes: np.ndarray) -> None:
        at = np.searchsorted(minutes["ts"], part["due"])
        # a minute without trades has no bar: the next one serves, unless it is far away
        known = np.flatnonzero(at < len(minutes))
        known = known[minutes["ts"][at[known]] - part["due"][known] <= 5 * MINUTE_MS]
        part, at = part[known], at[known]
        move = part["sign"] * (minutes["close"][at] / part["price"] - 1.0)
        hours = part["bar_ts"] // _HOUR_MS
        for hour in np.unique(hours):
            mine = hours == hour
            made = self._hours.setdefault(int(hour), _Hour())
            made.grow(len(self._strategies), len(self._symbols))
            size, who = len(made.judged), part["strategy"][mine]
            made.judged += np.bincount(who, minlength=size)
            made.hits += np.bincount(who[move[mine] > 0], minlength=size)
            made.moves += np.bincount(who, weights=move[mine], minlength=size)

    def _stats(self, promoted: dict[str, int]) -> list[StrategyStat]:
        for hour in self._hours.values():
            hour.grow(len(self._strategies), len(self._symbols))
        every, names = list(self._hours.values()), list(self._symbols)
        found = []
        for name, number in self._strategies.items():
            judged = sum(int(h.judged[number]) for h in every)
            seen = np.any([h.symbols[number] for h in every], axis=0) if every else np.zeros(0, np.bool_)
            last_ms, last = self._last.get(number, (0, 0))
            if not last_ms and name not in promoted:
                continue
            found.append(
                StrategyStat(
                    strategy=name,
                    signals=sum(int(h.signals[number]) for h in every),
                    symbols=int(seen.sum()),
                    last_ms=last_ms,
                    last_symbol=names[last] if last_ms else "",
                    judged=judged,
                    move=sum(float(h.moves[number]) for h in every) / judged if judged else float("nan"),
                    hits=sum(int(h.hits[number]) for h in every) / judged if judged else float("nan"),
                    muted=promoted.get(name, 0),
                    promoted=promoted.get(name, 0),
                )
            )
        rest = promoted.keys() - self._strategies.keys()
        return found + [StrategyStat(strategy=n, muted=promoted[n], promoted=promoted[n]) for n in sorted(rest)]


def _numbers(names: list[str], table: dict[str, int]) -> np.ndarray:
    """The counter's number of each name; new ones are taken in."""
    return np.array([table.setdefault(name, len(table)) for name in names], np.int64)
