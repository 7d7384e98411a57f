"""What the engine tells. Each event is a frozen type that carries how it is delivered.

`delivery`: "latest" = a newer one with the same key replaces a pending one (rows that changed, every 50 ms);
"every" = all are delivered, numbered by topic; a client too slow for them gets a Gap and re-reads the journal.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from engine.contracts.events_base import Delivery as Delivery
from engine.contracts.events_base import Event as Event
from engine.contracts.replay import ReplayAlert, ReplaySignals, ReplayState
from engine.contracts.signals import Signal, SignalBatch, SignalBlock
from engine.contracts.walkforward import WalkSummary
from engine.contracts.watch import Spreads, WatchValues


class Quotes(Event, frozen=True, kw_only=True, tag="quotes"):
    """rows: bytes of a QUOTE_DTYPE array, only the instruments that changed since the last one."""

    topic: ClassVar[str] = "quotes"
    delivery: ClassVar[Delivery] = "every"
    rows: bytes


class Sparks(Event, frozen=True, kw_only=True, tag="sparks"):
    """Last closes for the small trend lines: ids = bytes <i4[n]; closes = bytes <f4[n, points], oldest first, nan
    where none."""

    topic: ClassVar[str] = "quotes"
    ids: bytes
    points: int
    closes: bytes


class Bars(Event, frozen=True, kw_only=True, tag="bars"):
    """An open chart's newest bars. bars: bytes of CANDLE_DTYPE, the last one running unless `closed`; earlier ones in
    the block are final. series: name -> bytes <f8 aligned with bars, for the indicators the chart asked for."""

    topic: ClassVar[str] = "bars"
    delivery: ClassVar[Delivery] = "latest"
    chart: str
    symbol: str
    timeframe: str
    bars: bytes
    series: dict[str, bytes] = {}
    closed: bool = False
    stale: str = ""

    def key(self) -> object:
        return (self.chart, self.symbol, self.timeframe)


class Signals(Event, frozen=True, kw_only=True, tag="signals"):
    """New signals, journaled before they are sent, in journal order; and those whose bar was restated since, again
    under their old numbers and marked."""

    topic: ClassVar[str] = "signals"
    block: SignalBlock

    @property
    def batch(self) -> SignalBatch:
        return self.block.batch


class Alert(Event, frozen=True, kw_only=True, tag="alert"):
    """A signal that a rule asks to be told of. more: how many others of this rule were left out since the last alert,
    because they came too quickly. name: the rule's. scan: a filter's text that a symbol has begun to meet; then the
    signal's strategy is "scan", and its price and bar are those of the close."""

    topic: ClassVar[str] = "alerts"
    signal: Signal
    rule: str
    sound: bool = False
    desktop: bool = False
    more: int = 0
    name: str = ""
    scan: str = ""


#: upper edges of the buckets of ShardHealth.latency, ms; one more is open
LATENCY_MS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0)


class ShardHealth(msgspec.Struct, frozen=True, kw_only=True):
    """lamp: green ok, amber late or filling a gap, red down, grey not wanted.

    age_ms: since the last frame (-1 never). gaps_filled: symbols whose gap was closed, over all gaps; dropped: frames
    that came on a connection already given up; handovers: connections replaced before they broke. latency: bytes
    <u4[len(LATENCY_MS) + 1], sampled frames of the last minute by exchange stamp -> receipt.
    """

    market: str
    shard: int
    lamp: Literal["green", "amber", "red", "grey"]
    state: str
    symbols: int
    frames_per_s: float
    age_ms: float
    reconnects: int
    gaps_open: int
    malformed: int
    detail: str = ""
    gaps_filled: int = 0
    dropped: int = 0
    handovers: int = 0
    latency: bytes = b""


class Health(Event, frozen=True, kw_only=True, tag="health"):
    """The engine's pulse, about twice a second. loop_lag_ms: longest since the last pulse; gc_pause_ms: longest of the
    last minute, gc_pauses: collections since the start. uptime_s: since the start."""

    topic: ClassVar[str] = "health"
    delivery: ClassVar[Delivery] = "latest"
    ts: int
    state: str
    shards: list[ShardHealth]
    symbols: int
    warming: int
    settling: int
    frames_per_s: float
    sweep_ms: float
    latency_p50_ms: float
    latency_p99_ms: float
    loop_lag_ms: float
    gc_pause_ms: float
    rss_mb: float
    cpu_percent: float
    signals_total: int
    queues: dict[str, tuple[int, int, int]] = {}
    rest_used: dict[str, tuple[int, int]] = {}
    note: str = ""
    gc_pauses: int = 0
    uptime_s: float = -1.0


class Freshness(Event, frozen=True, kw_only=True, tag="freshness"):
    """ages: bytes <f4[instruments], s since each one's last update, -1 never; by id. About twice a second."""

    topic: ClassVar[str] = "health"
    delivery: ClassVar[Delivery] = "latest"
    ts: int
    ages: bytes


class WarmupProgress(Event, frozen=True, kw_only=True, tag="warmup"):
    """done of total symbols of one market have the history that their strategies need."""

    topic: ClassVar[str] = "health"
    delivery: ClassVar[Delivery] = "latest"
    market: str
    done: int
    total: int

    def key(self) -> object:
        return self.market


#: the step of a job that waits for kernels which are compiled once for a version: no time left is told then
COMPILING = "compiling, once"


class JobProgress(Event, frozen=True, kw_only=True, tag="job"):
    """state: queued, running, done, failed, cancelled. fraction 0..1; eta_s -1 unknown; error: a clear sentence;
    step: what it does now, a few words."""

    topic: ClassVar[str] = "jobs"
    delivery: ClassVar[Delivery] = "latest"
    job: str
    kind: str
    title: str
    state: str
    fraction: float = 0.0
    eta_s: float = -1.0
    error: str = ""
    step: str = ""

    def key(self) -> object:
        return self.job


class WalkRow(Event, frozen=True, kw_only=True, tag="walk_row"):
    """A strategy of a walk-forward is done, or is judged anew now that all are."""

    topic: ClassVar[str] = "walkforward"
    job: str
    symbol: str
    row: WalkSummary


class LogLine(Event, frozen=True, kw_only=True, tag="log"):
    """level: debug, info, warning, error. source: the part that speaks."""

    topic: ClassVar[str] = "log"
    ts: int
    level: str
    source: str
    text: str


class Gap(Event, frozen=True, kw_only=True, tag="gap"):
    """The client was too slow: `missed` events of `of` were dropped; re-read the journal from `after`."""

    topic: ClassVar[str] = "gap"
    of: str
    missed: int
    after: int


class Notice(Event, frozen=True, kw_only=True, tag="notice"):
    """Something a person must see: the venue is out of reach, the disk is full, a strategy was refused."""

    topic: ClassVar[str] = "notice"
    level: Literal["info", "warning", "error"]
    text: str
    code: str = ""


EVENT_TYPES: tuple[type[Event], ...] = (
    Quotes,
    Sparks,
    Bars,
    Signals,
    Alert,
    Health,
    Freshness,
    WarmupProgress,
    JobProgress,
    WalkRow,
    LogLine,
    Gap,
    Notice,
    ReplayState,
    ReplaySignals,
    ReplayAlert,
    WatchValues,
    Spreads,
)
AnyEvent = (
    Quotes
    | Sparks
    | Bars
    | Signals
    | Alert
    | Health
    | Freshness
    | WarmupProgress
    | JobProgress
    | WalkRow
    | LogLine
    | Gap
    | Notice
    | ReplayState
    | ReplaySignals
    | ReplayAlert
    | WatchValues
    | Spreads
)
TOPICS: tuple[str, ...] = tuple(dict.fromkeys(e.topic for e in EVENT_TYPES))
