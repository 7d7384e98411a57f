"""The engine's pulse in words, lamps and bars. A colour is never the only carrier of a state."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from engine.contracts.events import Freshness, Health, ShardHealth, WarmupProgress
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.watchlist import market_title, short_market

#: after this long without a pulse the figures are old, and the panel says so.
STALE_AFTER_MS = 3_000
HISTORY = 120
#: s after its start in which an engine is busy with itself
STARTING_S = 60.0
_WORDS = {"green": mark("ok"), "amber": mark("late or filling a gap"), "red": mark("down"), "grey": mark("not wanted")}


class MarketLine(NamedTuple):
    """One line of lamps. words: the state in words; warm: fraction of symbols with their history, -1 unknown."""

    market: str
    title: str
    words: str
    detail: str
    tip: str
    lamps: list[ShardHealth]
    warm: float


class Gauge(NamedTuple):
    """One bar: fraction 0..1 of its full scale; level 'ok', 'warn', 'bad', or 'calm': high, and normal now."""

    name: str
    text: str
    fraction: float
    level: str
    tip: str


class HealthModel:
    """Holds the latest pulse; `now_ms` is handed in, so that staleness can be tested."""

    def __init__(self) -> None:
        self.pulse: Health | None = None
        self.received_ms = 0
        self.warm: dict[str, tuple[int, int]] = {}
        self.latency: deque[float] = deque(maxlen=HISTORY)
        self.frame_ms = 0.0
        self.lost = ""
        #: s since the last update by id, -1 never
        self.ages = np.empty(0, np.float32)

    def apply(self, pulse: Health, now_ms: int) -> None:
        self.pulse, self.received_ms, self.lost = pulse, now_ms, ""
        self.latency.append(pulse.latency_p99_ms)

    def apply_freshness(self, event: Freshness) -> None:
        self.ages = np.frombuffer(event.ages, np.float32)

    @property
    def starting(self) -> bool:
        """The engine warms up: long sweeps and late answers are normal then."""
        p = self.pulse
        return p is not None and (0 <= p.uptime_s < STARTING_S or (p.uptime_s >= 0 and p.warming > 0.02 * p.symbols))

    def apply_warmup(self, progress: WarmupProgress) -> None:
        self.warm[progress.market] = (progress.done, progress.total)

    def lose(self, reason: str) -> None:
        """The engine is gone: what is shown stays, and is said to be old."""
        self.lost = reason or mark("connection closed")

    def stale(self, now_ms: int) -> bool:
        return bool(self.lost) or (self.pulse is not None and now_ms - self.received_ms > STALE_AFTER_MS)

    def lines(self) -> list[MarketLine]:
        """One line a market, in the order in which the engine names them."""
        if self.pulse is None:
            return []
        grouped: dict[str, list[ShardHealth]] = {}
        for shard in self.pulse.shards:
            grouped.setdefault(shard.market, []).append(shard)
        return [self._line(market, lamps) for market, lamps in grouped.items()]

    def _line(self, market: str, lamps: list[ShardHealth]) -> MarketLine:
        symbols = sum(s.symbols for s in lamps)
        rate = sum(s.frames_per_s for s in lamps if math.isfinite(s.frames_per_s))
        done, total = self.warm.get(market, (0, 0))
        return MarketLine(
            market=market,
            title=market_title(market),
            words=line_words(lamps),
            detail=tr("{n} sym").format(n=f"{symbols:,}"),
            tip=f"{line_words(lamps)}\n"
            + tr("{n} symbols, {rate} frames/s").format(n=f"{symbols:,}", rate=f"{rate:,.0f}"),
            lamps=lamps,
            warm=done / total if total else -1.0,
        )

    def overall(self, now_ms: int) -> tuple[str, str]:
        """(lamp, words) for the status bar."""
        if self.lost:
            return "red", tr("Engine lost: {reason}").format(reason=tr(self.lost))
        if self.pulse is None:
            return "grey", tr("Waiting for the engine")
        if self.stale(now_ms):
            return "amber", tr("No pulse for {time}").format(time=formats.duration((now_ms - self.received_ms) / 1000))
        lamps = [s.lamp for s in self.pulse.shards]
        down, late = lamps.count("red"), lamps.count("amber")
        wanted = len(lamps) - lamps.count("grey")
        if down:
            return "red", tr("{n} of {all} shards down").format(n=down, all=wanted)
        starting = sum(s.state in ("connecting", "subscribing") for s in self.pulse.shards)
        if late and late == starting:
            return "amber", tr("Connecting {n} of {all} shards").format(n=starting, all=wanted)
        if late:
            return "amber", tr("{n} of {all} shards late").format(n=late, all=wanted)
        if self.pulse.state == "offline":
            return "amber", tr("Offline: no exchange can be reached")
        if not wanted:
            return "grey", tr("Connected · no shard wanted")
        words = tr("Connected · 1 shard") if wanted == 1 else tr("Connected · {n} shards")
        return "green", words.format(n=wanted)

    def gauges(self) -> list[Gauge]:
        """Bars under the lamps; the scale of each is its alarm level."""
        p = self.pulse
        if p is None:
            return []
        made = [_timing(*row, getattr(p, field)) for field, *row in _TIMINGS]
        if self.starting:
            made = [g if g.level == "ok" else g._replace(level="calm", tip=f"{g.tip}; {tr(_CALM)}") for g in made]
        share = formats.percent(p.cpu_percent / 100, 0, sign=False)
        made.insert(0, _gauge(tr("CPU engine"), share, p.cpu_percent / 200, 0.6, 0.9, tr("of both cores together")))
        memory = f"{formats.money(p.rss_mb, 0)} MB"
        made.append(_gauge(tr("Memory"), memory, p.rss_mb / 2000, 0.7, 0.95, tr("resident, of 2 GB")))
        for name, (used, bound, dropped) in p.queues.items():
            text = f"{used:,} / {bound:,}" + (tr(" · {n} dropped").format(n=f"{dropped:,}") if dropped else "")
            made.append(_gauge(_queue_name(name), text, used / bound if bound else 0.0, 0.5, 0.9, tr("used / bound")))
        for name, (used, bound) in p.rest_used.items():
            made.append(
                _gauge(
                    f"REST {name}",
                    f"{used:,} / {bound:,}",
                    used / bound if bound else 0.0,
                    0.7,
                    0.95,
                    tr("request weight this minute"),
                )
            )
        if self.frame_ms:
            made.append(
                _gauge(
                    tr("Window frame"),
                    formats.milliseconds(self.frame_ms),
                    self.frame_ms / 33,
                    0.5,
                    1.0,
                    tr("longest refresh of the last second"),
                )
            )
        return made


#: field of the pulse (ms), name, full scale (ms), warn and alarm as fractions of it, what it is
_TIMINGS = (
    ("latency_p50_ms", mark("Signal p50"), 100.0, 0.5, 1.0, mark("frame to signal, median")),
    ("latency_p99_ms", mark("Signal p99"), 100.0, 0.5, 1.0, mark("frame to signal, 99 of 100")),
    ("sweep_ms", mark("Sweep"), 50.0, 0.4, 0.9, mark("one pass over all lanes")),
    ("loop_lag_ms", mark("Loop lag"), 100.0, 0.3, 0.9, mark("how late the engine's loop runs")),
    ("gc_pause_ms", mark("GC pause"), 100.0, 0.3, 0.9, mark("longest of the last minute")),
)
_CALM = mark("high while the engine warms up, which is normal")


def _queue_name(name: str) -> str:
    """'Queue ticks FUT' of 'ticks binance-futures'."""
    what, _, market = name.partition(" ")
    return tr("Queue {name}").format(name=f"{what} {short_market(market)}" if market else name)


def _timing(name: str, scale: float, warn: float, bad: float, tip: str, ms: float) -> Gauge:
    return _gauge(tr(name), formats.milliseconds(ms), ms / scale, warn, bad, tr(tip))


def _gauge(name: str, text: str, fraction: float, warn: float, bad: float, tip: str) -> Gauge:
    # nothing measured yet comes as nan: no bar, no alarm
    fraction = fraction if math.isfinite(fraction) else 0.0
    level = "bad" if fraction >= bad else "warn" if fraction >= warn else "ok"
    return Gauge(name, text, min(max(fraction, 0.0), 1.0), level, tip)


def line_words(lamps: list[ShardHealth]) -> str:
    """A market's state in words: the states of its shards, the worst first, with counts where they differ."""
    rank = {"red": 0, "amber": 1, "grey": 2, "green": 3}
    seen: dict[str, int] = {}
    for s in sorted(lamps, key=lambda s: rank[s.lamp]):
        word = tr(s.state or _WORDS[s.lamp])
        seen[word] = seen.get(word, 0) + 1
    if len(seen) <= 1:
        return next(iter(seen), tr("no shards"))
    return ", ".join(f"{count} {word}" for word, count in seen.items())


def shard_tooltip(s: ShardHealth) -> str:
    """What one lamp stands for, one fact a line."""
    seen = tr("never") if s.age_ms < 0 else tr("{age} ago").format(age=formats.duration(s.age_ms / 1000))
    lines = [
        tr("{market}, shard {shard}: {state}").format(
            market=market_title(s.market), shard=s.shard, state=tr(s.state or _WORDS[s.lamp])
        ),
        tr("{n} symbols, {rate} frames/s, last frame {seen}").format(
            n=f"{s.symbols:,}", rate=f"{s.frames_per_s:,.0f}", seen=seen
        ),
        tr("{n} reconnects, {gaps} gaps open, {bad} malformed frames").format(
            n=s.reconnects, gaps=s.gaps_open, bad=s.malformed
        ),
    ]
    return "\n".join([*lines, s.detail] if s.detail else lines)
