"""The past, minute by minute, through the live engine's own machine: candle book -> pipeline -> signals.

Each symbol has a MarketCore of one row, warmed with what came before. Then its kept minutes come as the venue's final
klines would, so what is confirmed is, bit for bit, what the live engine and the back-test say. How price moved inside
a minute is not kept: a running minute is played as open, then low and high (high and low where it fell), then close,
with a quarter of its volume each; what is provisional follows this path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from engine.candles.minutes import resample
from engine.clock import SimulatedClock, iso, now_ms
from engine.contracts.dtypes import CANDLE_DTYPE, KLINE_FINAL, KLINE_RUNNING, PRICE_COLUMNS, TICK_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market, split_symbol
from engine.contracts.replay import ReplayBars, ReplayChunk
from engine.contracts.signals import K_CONFIRMED, NO_SIGNALS, SignalBatch
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.rules.strategy import LiveProgram
from engine.runtime.core import MarketCore, Outcome
from engine.runtime.strategies import day_of
from engine.signals.cooldown import CoolDowns

#: ms into a minute at which the points of its path come; the close is the final kline. None at 0: the moment at which
#: a minute closes is not one at which the next has begun
PATH_MS = (1_000, 20_000, 40_000)
#: minutes before the start that are played too, so that the bars shown then have their signals
LEAD_MINUTES = 240
#: bars that a chart is given at once at most
MOST_BARS = 50_000
NO_MINUTES = np.empty(0, CANDLE_DTYPE)


class Programs(msgspec.Struct, frozen=True):
    """What runs on the markets of one day calendar: the built-in strategies, the person's own and the promoted sets;
    one program a timeframe each. muted: by symbol, outputs that are not given."""

    built_in: Sequence[LiveProgram]
    own: Sequence[LiveProgram] = ()
    muted: Callable[[str], np.ndarray | None] = lambda _: None


class Track:
    """One symbol of a replay: its minutes and its machine. `at` = first minute that is not final yet; `point` = points
    of its path that were played."""

    def __init__(
        self,
        symbol: str,
        minutes: np.ndarray,
        programs: Programs,
        timeframes: Sequence[str],
        clock: SimulatedClock,
        cooldown: CoolDowns | None,
    ) -> None:
        self.symbol = symbol
        self.minutes = minutes
        self.at = self.point = 0
        self._clock = clock
        market_id, name = split_symbol(symbol)
        # kept candles are on their steps already, and rounding them again could move one
        instrument = Instrument(market=market_id, name=name, base=name, quote="", tick_size=0.0, lot_size=0.0)
        self.core = MarketCore(
            [instrument], timeframes, programs.built_in, clock, lambda: now_ms(clock), cooldown=cooldown
        )
        if any(p.bounds for p in programs.own):
            self.core.use_own(programs.own, programs.muted(symbol))
        self._tick = np.zeros(1, TICK_DTYPE)
        for field in ("first_id", "last_id", "n"):
            self._tick[field] = -1

    def warm(self, to: int) -> None:
        """Begin with the minutes before number `to`, no more of them than any memory needs."""
        lengths = (self.core.pipeline.lengths // MINUTE_MS).tolist()
        need = max((self.core.memory(t) * 3 // 2 + 3) * n for t, n in zip(self.core.timeframes, lengths, strict=True))
        self.at, self.point = to, 0
        self.core.warm(0, self.minutes[max(0, to - need) : to], {})

    def next_ms(self, path: bool) -> int:
        """When the next point comes, -1 when there is none. path: with those inside the minute."""
        if self.at >= len(self.minutes):
            return -1
        inside = PATH_MS[self.point] if path and self.point < len(PATH_MS) else MINUTE_MS
        return int(self.minutes["ts"][self.at]) + inside

    def opens_after(self, ms: int) -> int:
        """When the first minute opens that is not over at a moment, -1 when none is kept."""
        at = int(np.searchsorted(self.minutes["ts"], ms - MINUTE_MS, side="right"))
        return int(self.minutes["ts"][at]) if at < len(self.minutes) else -1

    def play(self, path: bool) -> SignalBatch:
        """The next point; its signals, without the path only those that are confirmed."""
        bar = self.minutes[self.at]
        ts = int(bar["ts"])
        final = not (path and self.point < len(PATH_MS))
        self._clock.set_ms(ts + (MINUTE_MS if final else PATH_MS[self.point]))
        parts = []
        if self.point == 0 and 0 <= int(self.core.book.next_ms()[0]) < ts:
            # minutes that are not kept did not exist: live, REST says so
            parts.append(self._taken(self.core.fill(0, NO_MINUTES, ts)))
        tick = self._tick
        tick["kind"] = KLINE_FINAL if final else KLINE_RUNNING
        tick["ts"], tick["event_ms"], tick["recv_ns"] = ts, now_ms(self._clock), self._clock.now_ns()
        shown = bar if final else partial(bar, self.point)
        for column in PRICE_COLUMNS:
            tick[column] = shown[column]
        parts.append(self._taken(self.core.sweep(tick)))
        self.point = 0 if final else self.point + 1
        self.at += final
        found = SignalBatch.join(parts)
        return found if path or not len(found) else found.take(found.rows["kind"] == K_CONFIRMED)

    def running(self) -> np.ndarray:
        """The running minute as far as it was played: CANDLE_DTYPE[0 or 1]."""
        if self.point == 0 or self.at >= len(self.minutes):
            return NO_MINUTES
        return partial(self.minutes[self.at], self.point - 1).reshape(1)

    def _taken(self, outcome: Outcome) -> SignalBatch:
        parts = [outcome.signals]
        while outcome.unfinished:
            outcome = self.core.rest()
            parts.append(outcome.signals)
        return SignalBatch.join(parts)


def partial(bar: np.ndarray, point: int) -> np.ndarray:
    """A minute (CANDLE_DTYPE record) at a point of its path."""
    out = np.empty((), CANDLE_DTYPE)
    rises = bar["close"] >= bar["open"]
    path = (bar["open"], bar["low"] if rises else bar["high"], bar["high"] if rises else bar["low"])[: point + 1]
    out["ts"], out["open"], out["close"] = bar["ts"], bar["open"], path[-1]
    out["high"], out["low"] = max(path), min(path)
    out["volume"] = bar["volume"] * (point + 1) / 4
    return out


class World:
    """All symbols of one session on one clock. For one thread; a worker process has it.

    minutes: every final 1-minute bar of a symbol, oldest first (BadInput where there is no such symbol).
    programs: of a day calendar.
    """

    def __init__(
        self,
        minutes: Callable[[str], np.ndarray],
        programs: Callable[[str], Programs],
        timeframes: Sequence[str],
        cooldown: CoolDowns | None = None,
        *,
        path: bool = True,
    ) -> None:
        self._minutes, self._programs = minutes, programs
        self._timeframes, self._cooldown, self._path = tuple(timeframes), cooldown, path
        self._clock = SimulatedClock()
        self._longest = max(timeframe_ms(t) for t in timeframes)
        self.tracks: dict[str, Track] = {}
        self.ts = 0

    def begin(self, symbols: Sequence[str], at_ms: int, lead: int = LEAD_MINUTES) -> ReplayChunk:
        """Stand at a moment, with these symbols; the signals of the `lead` minutes before it. BadInput where a symbol
        has no candle before or after it."""
        at_ms -= at_ms % MINUTE_MS
        made = {symbol: self._made(symbol, at_ms, lead) for symbol in symbols}
        self.tracks = {symbol: track for symbol, (track, _) in made.items()}
        self.ts = at_ms
        self._clock.set_ms(at_ms)
        return self._chunk([b for _, b in made.values()], 0)

    def add(self, symbol: str) -> ReplayChunk | None:
        """One more symbol, at the same moment as the others; None where it is there already."""
        if symbol in self.tracks:
            return None
        track, batch = self._made(symbol, self.ts - self.ts % MINUTE_MS, LEAD_MINUTES)
        parts = [batch]
        while 0 <= track.next_ms(self._path) < self.ts:
            parts.append(track.play(self._path))
        self.tracks[symbol] = track
        return self._chunk(parts, 0)

    def advance(self, to_ms: int) -> ReplayChunk:
        """Play everything that comes up to a moment, over all symbols in the order of time."""
        parts, minutes = [], 0
        before = {symbol: track.at for symbol, track in self.tracks.items()}
        while True:
            due = [(ms, k) for k, t in enumerate(self.tracks.values()) if (ms := t.next_ms(self._path)) >= 0]
            if not due or min(due)[0] > to_ms:
                break
            track = list(self.tracks.values())[min(due)[1]]
            parts.append(track.play(self._path))
            minutes += track.point == 0
        self.ts = max(self.ts, to_ms if due else min(to_ms, self._last()))
        chunk = self._chunk(parts, minutes)
        bars = {s: t.minutes[before[s] : t.at].tobytes() for s, t in self.tracks.items() if t.at > before[s]}
        return msgspec.structs.replace(chunk, bars=bars)

    def step(self, timeframe: str, bars: int) -> ReplayChunk:
        """Play to the close of the running bar of a timeframe, or where none runs of the next, and of `bars` - 1 more;
        of each symbol's bars the one that closes first."""
        length, ts = timeframe_ms(timeframe), self.ts
        for _ in range(max(1, bars)):
            opens = [ms for t in self.tracks.values() if (ms := t.opens_after(ts)) >= 0]
            if not opens:
                break
            start = max(ts, min(opens))
            ts = start - start % length + length
        return self.advance(ts)

    def bars(self, symbol: str, timeframe: str, limit: int) -> ReplayBars:
        """A chart's newest bars up to the clock."""
        chunk = self.add(symbol)
        track = self.tracks[symbol]
        limit = max(1, min(limit, MOST_BARS))
        length = timeframe_ms(timeframe)
        # twice as many minutes, since there are none while a market is closed
        first = max(0, track.at - 2 * (limit + 1) * (length // MINUTE_MS))
        minutes = track.minutes[first : track.at]
        running = track.running()
        made = resample(minutes, timeframe, symbol)
        final = made.bars[made.complete]
        since = int(final["ts"][-1]) + length if len(final) else 0
        forming = minutes[minutes["ts"] >= since]
        if first > 0 and len(final):
            final = final[1:]
        return ReplayBars(
            bars=final[-limit:].tobytes(),
            forming=forming.tobytes(),
            running=running.tobytes(),
            more=first > 0 or len(final) > limit,
            chunk=chunk,
        )

    def _made(self, symbol: str, at_ms: int, lead: int) -> tuple[Track, SignalBatch]:
        minutes = self._minutes(symbol)
        if not len(minutes):
            raise BadInput(f"There are no 1-minute candles of {symbol}.", fix="Download or import some first.")
        first, last = int(minutes["ts"][0]), int(minutes["ts"][-1])
        if not first < at_ms <= last:
            raise BadInput(
                f"{symbol} cannot be replayed from {iso(at_ms)}.",
                fix=f"Its candles reach from {iso(first)} to {iso(last + MINUTE_MS)}.",
            )
        programs = self._programs(day_of(market(split_symbol(symbol)[0])))
        track = Track(symbol, minutes, programs, self._timeframes, self._clock, self._cooldown)
        # what was said of a bar that still runs must be known, or it would be said twice
        path_from = at_ms - at_ms % self._longest
        track.warm(int(np.searchsorted(minutes["ts"], min(path_from, at_ms - lead * MINUTE_MS))))
        parts = [NO_SIGNALS]
        while track.at < len(minutes) and int(minutes["ts"][track.at]) < at_ms:
            parts.append(track.play(self._path and int(minutes["ts"][track.at]) >= path_from))
        return track, SignalBatch.join(parts)

    def _chunk(self, parts: Sequence[SignalBatch], minutes: int) -> ReplayChunk:
        later = [ms for t in self.tracks.values() if (ms := t.next_ms(self._path)) >= 0]
        return ReplayChunk(
            ts=self.ts,
            next_ms=min(later, default=-1),
            block=SignalBatch.join(parts).block(),
            running={s: t.running().tobytes() for s, t in self.tracks.items()},
            minutes=minutes,
            first_ms=max((int(t.minutes["ts"][0]) for t in self.tracks.values()), default=0),
            last_ms=self._last(),
        )

    def _last(self) -> int:
        return max((int(t.minutes["ts"][-1]) + MINUTE_MS for t in self.tracks.values()), default=self.ts)


def cooldowns(single: Mapping[str, int], everyone: int) -> CoolDowns | None:
    """Bars of a strategy's pause; None where nobody pauses."""
    if not everyone and not single:
        return None
    return lambda strategy: single.get(strategy, everyone)
