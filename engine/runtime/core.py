"""One market's sweep: ticks -> candles -> signals, as one synchronous object that the market's kernel thread owns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from engine.candles.book import CandleBook
from engine.candles.minutes import aggregate
from engine.candles.types import REVISION
from engine.clock import Clock
from engine.contracts.instruments import Instrument
from engine.contracts.signals import SignalBatch
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.rules.preview import Each, one_by_one
from engine.rules.strategy import LiveProgram
from engine.signals.cooldown import CoolDowns
from engine.signals.messages import SignalWriter
from engine.signals.pipeline import LaneState, Pipeline
from engine.signals.strength import MoveMeter
from engine.signals.types import K_CONFIRMED, SLOTS

#: closed bars taken at once: at the turn of an hour four thousand close together, with a hundred thousand signals, and
#: the journal begins with the first of them while the others are worked out
AT_ONCE = 384
#: signals of a sweep whose delay is measured, at most
MEASURED = 512

NO_LANES = np.empty(0, np.int64)


class Outcome(msgspec.Struct, frozen=True):
    """What one sweep made. closed: CLOSED_DTYPE; dirty: lanes whose running bar changed, and running: those bars;
    signals in order; revised: (symbol, minute) that the venue restated; wait_ms: float64, receipt to emission, by
    signal of a sweep (empty after a warm-up or a fill, whose data waited on purpose). unfinished: more bars closed than
    are taken at once, and nothing is previewed yet; `rest` goes on, while this part is on its way."""

    closed: np.ndarray
    dirty: np.ndarray
    running: np.ndarray
    signals: SignalBatch
    revised: list[tuple[str, int]]
    wait_ms: np.ndarray
    unfinished: bool = False


#: by pipeline, what one lane of it knows after a history
Prepared = list[tuple[Pipeline, LaneState]]


class MarketCore:
    """All state of one market's computing. Every method runs on the market's kernel thread.

    The order of a sweep is fixed: apply, confirm what closed, preview what runs.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        timeframes: Sequence[str],
        programs: Sequence[LiveProgram],
        clock: Clock,
        server_ms: Callable[[], int],
        cooldown: CoolDowns | None = None,
        each: Each = one_by_one,
    ) -> None:
        """programs: one a timeframe; server_ms: the venue's time, which decides what is late. cooldown: bars of
        a strategy id. each: runs the tasks of a big sweep."""
        self.instruments = list(instruments)
        self.timeframes = tuple(timeframes)
        rows = len(self.instruments)
        self.book = CandleBook(
            rows, self.timeframes, [i.tick_size for i in instruments], [i.lot_size for i in instruments]
        )
        self._each = each
        self.pipeline = Pipeline(programs, rows, self.timeframes, each)
        #: the person's own strategies, which come and go while the market runs
        self.own: Pipeline | None = None
        self._muted: np.ndarray | None = None
        self._symbols = [i.symbol for i in self.instruments]
        self._cooldown = cooldown
        self._writer = self._new_writer()
        self._moves = MoveMeter(rows * len(self.timeframes))
        self._closed = self.book.take_closed()
        self._measured = False
        self._clock = clock
        self._server_ms = server_ms
        self._event_ms = np.zeros(rows, np.int64)
        self._recv_ns = np.zeros(rows, np.int64)

    @property
    def pipelines(self) -> list[Pipeline]:
        """The built-in strategies', then the person's own where there are any."""
        return [self.pipeline] if self.own is None else [self.pipeline, self.own]

    def memory(self, timeframe: str) -> int:
        """Bars after which no answer on it depends on where the history began."""
        tf = self.timeframes.index(timeframe)
        return max(p.memories[tf] for p in self.pipelines)

    def use_own(self, programs: Sequence[LiveProgram], muted: np.ndarray | None = None) -> None:
        """Replace the person's own strategies and the promoted sets; one program a timeframe. Their lanes are silent
        until `rewarm`. muted: bool[bounds, lanes], outputs that are not given; bounds as the writer numbers them."""
        some = any(p.bounds for p in programs)
        self.own = Pipeline(programs, len(self.instruments), self.timeframes, self._each) if some else None
        self._muted = muted
        self._writer = self._new_writer()

    def _new_writer(self) -> SignalWriter:
        """Outputs of own strategies are numbered after the built-in ones."""
        bounds = [[b for p in self.pipelines for b in p.programs[tf].bounds] for tf in range(len(self.timeframes))]
        return SignalWriter(bounds, self._symbols, self.timeframes, self._cooldown)

    def sweep(self, ticks: np.ndarray) -> Outcome:
        """Apply a drained batch (TICK_DTYPE)."""
        self._event_ms[ticks["row"]] = ticks["event_ms"]
        self._recv_ns[ticks["row"]] = ticks["recv_ns"]
        self.book.apply(ticks)
        return self._outcome(measured=True)

    def wanted(self, server_ms: int) -> tuple[np.ndarray, np.ndarray]:
        """(FILL_DTYPE rows to ask REST about, rows without a gap). A row without any history has no gap: it warms."""
        wanted = self.book.fills_wanted(server_ms)
        return wanted, np.flatnonzero(~self.gapped())

    def gapped(self) -> np.ndarray:
        """bool[rows]: has a history, and waits for REST before its next closed bar."""
        return self.book.gapped() & (self.book.next_ms() >= 0)

    def fill(self, row: int, candles: np.ndarray, checked_to_ms: int) -> Outcome:
        """REST's answer to a gap."""
        self.book.fill(row, candles, checked_to_ms)
        return self._outcome()

    def prepared(self, timeframe: str, bars: np.ndarray) -> Prepared:
        """What every pipeline's lane knows after a history. Takes long, and may run beside the kernel thread, on one
        thread at a time."""
        tf = self.timeframes.index(timeframe)
        return [(pipeline, pipeline.prepared(tf, bars)) for pipeline in self.pipelines]

    def warm(
        self,
        row: int,
        minutes: np.ndarray,
        native: dict[str, np.ndarray],
        prepared: dict[str, Prepared] | None = None,
    ) -> Outcome:
        """Begin a row with its history.

        minutes: final 1-minute bars, whole buckets of every timeframe at the end; native: further back, the venue's
        own bars of a timeframe, used for the warm-up only. Bars after the seed come by `fill` and the stream.
        prepared: by timeframe, made of the same bars.
        """
        self.book.seed(row, minutes)
        for tf, name in enumerate(self.timeframes):
            lane = row * len(self.timeframes) + tf
            bars = history_bars(minutes, native.get(name), name)
            made = {id(pipeline): state for pipeline, state in (prepared or {}).get(name, [])}
            for pipeline in self.pipelines:
                pipeline.warm(lane, made.get(id(pipeline), bars))
            self._moves.warm(lane, bars)
        return self._outcome()

    def last_ts(self, row: int, timeframe: str) -> int:
        """Open time of the last bar that a lane saw, -1 none."""
        return int(self.pipeline.last_ts[row * len(self.timeframes) + self.timeframes.index(timeframe)])

    def bars_seen(self, row: int, timeframe: str) -> int:
        """Bars that stand in a lane's memory; the shortest where own strategies have a memory of their own."""
        lane = row * len(self.timeframes) + self.timeframes.index(timeframe)
        return min(p.bars_seen(lane) for p in self.pipelines)

    def adopt(self, row: int, timeframe: str, prepared: Prepared) -> bool:
        """Replace a lane's memory by a longer one. False: it does not end at the bar that the lane saw last."""
        lane = row * len(self.timeframes) + self.timeframes.index(timeframe)
        last = self.last_ts(row, timeframe)
        if any(state.last_ts != last for _, state in prepared):
            return False
        for pipeline, state in prepared:
            # own strategies may have been replaced meanwhile
            if pipeline in self.pipelines and state.bars_seen > pipeline.bars_seen(lane):
                pipeline.deepen(lane, state)
        return True

    def rest(self) -> Outcome:
        """What an unfinished outcome left."""
        return self._outcome(measured=self._measured)

    def _outcome(self, *, measured: bool = False) -> Outcome:
        """measured: the updates have just come, so that the time since their receipt is the signal's delay."""
        self._measured = measured
        waiting = (
            np.concatenate([self._closed, self.book.take_closed()]) if len(self._closed) else self.book.take_closed()
        )
        closed, self._closed = waiting[:AT_ONCE], waiting[AT_ONCE:]
        unfinished = len(waiting) > AT_ONCE // 2
        edges = self._edges([p.confirm(closed) for p in self.pipelines])
        lanes = closed["row"].astype(np.int64) * len(self.timeframes) + closed["tf"]
        self._moves.closed(lanes, closed["ts"], closed["close"])
        # a preview must not come before a bar that has closed, and the many signals of a close must not wait for it
        dirty = NO_LANES if unfinished else self.book.take_dirty()
        running = self.book.running(dirty)
        if len(dirty):
            # against the state before a missing bar a preview would be about another bar than the one that closes
            joined = self.book.joined(dirty)
            lanes = dirty[joined]
            rows = lanes // len(self.timeframes)
            bars, event_ms, recv_ns = running[joined], self._event_ms[rows], self._recv_ns[rows]
            previews = self._edges([p.preview(lanes, bars, event_ms, recv_ns) for p in self.pipelines])
            edges = np.concatenate([edges, previews])
        now_ns = self._clock.now_ns()
        waits = np.empty(0)
        if measured and len(edges):
            some = edges[-MEASURED:]
            prompt = some[(some["recv_ns"] > 0) & ((some["kind"] != K_CONFIRMED) | (some["backfilled"] == 0))]
            waits = (now_ns - prompt["recv_ns"]) / 1e6
        signals = self._writer.batch(edges, self._moves, now_ns, self._server_ms())
        return Outcome(closed, dirty, running, signals, self._revised(closed), waits, unfinished)

    def _edges(self, parts: list[np.ndarray]) -> np.ndarray:
        """Edges of all pipelines, outputs numbered as the writer has them."""
        if len(parts) == 1:
            return parts[0]
        built_in = np.array([len(p.bounds) * len(SLOTS) for p in self.pipeline.programs])
        parts[1]["out"] += built_in[parts[1]["lane"] % len(self.timeframes)].astype(np.int32)
        edges = np.concatenate(parts)
        if self._muted is None:
            return edges
        return edges[~self._muted[edges["out"] // len(SLOTS), edges["lane"]]]

    def _revised(self, closed: np.ndarray) -> list[tuple[str, int]]:
        again = closed[(closed["flags"] & REVISION) != 0]
        return [(self._symbols[row], int(ts)) for row, ts in zip(again["row"].tolist(), again["ts"].tolist())]


def history_bars(minutes: np.ndarray, native: np.ndarray | None, timeframe: str) -> np.ndarray:
    """Final bars of a timeframe: complete buckets of the minutes, after the venue's own older ones."""
    own = aggregate(minutes, timeframe)
    if native is None or not len(native):
        return own
    if len(own):
        # the first bucket may have begun before the first minute that we have
        first_whole = int(minutes["ts"][0])
        own = own[own["ts"] >= first_whole]
    older = native[native["ts"] < own["ts"][0]] if len(own) else native
    end = int(minutes["ts"][-1]) + MINUTE_MS if len(minutes) else None
    if end is not None:
        older = older[older["ts"] + timeframe_ms(timeframe) <= end]
    return np.concatenate([older, own])
