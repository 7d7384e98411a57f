"""Alerts: journaled signals and scan hits against the rules, by columns; few are told, the rest are counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from engine.bus.hub import Hub
from engine.clock import Clock
from engine.contracts.alerts import AlertRule
from engine.contracts.events import Alert
from engine.contracts.signals import (
    CONFIRMED,
    ENTRY,
    F_LATE,
    F_QUIET,
    F_SETTLING,
    K_CONFIRMED,
    K_PROVISIONAL,
    KINDS,
    LONG,
    SLOTS,
    Signal,
    SignalBatch,
    StrategyKey,
)
from engine.runtime.watch import ScanHit

#: s; alerts of one rule that were held back are told of after this long at the latest
LATEST_S = 1.0


class _Matcher:
    """One rule, and what it said of the names that it has seen."""

    def __init__(self, rule: AlertRule, families: Mapping[str, str]) -> None:
        self.rule = rule
        #: the newest signal that was held back, and how many there were
        self.held: SignalBatch | None = None
        self.count = 0
        self._families = families
        self._known: tuple[dict[Any, bool], ...] = ({}, {}, {})
        self._slots = np.array([fits(s, rule.side) and fits(a, rule.action) for s, a in SLOTS])
        self._kinds = np.array([fits(kind, rule.kind) for kind in KINDS])

    def matches(self, batch: SignalBatch) -> np.ndarray:
        """bool[n]"""
        rows, (strategies, symbols, timeframes) = batch.rows, self._known
        hit = self._slots[rows["slot"]] & self._kinds[rows["kind"]] & (rows["strength"] >= self.rule.strength)
        hit &= self._asked(strategies, batch.strategies, self._strategy)[rows["strategy"]]
        hit &= self._asked(symbols, batch.symbols, self._symbol)[rows["symbol"]]
        hit &= self._asked(timeframes, batch.timeframes, self._timeframe)[rows["timeframe"]]
        return hit

    def _asked(self, known: dict[Any, bool], names: Sequence[Any], ask: Callable[[Any], bool]) -> np.ndarray:
        said = [known[n] if n in known else known.setdefault(n, ask(n)) for n in names]
        return np.array(said or [False], np.bool_)

    def _strategy(self, key: StrategyKey) -> bool:
        return fits(key[0], self.rule.strategy) and fits(self._families.get(key[0], ""), self.rule.family)

    def _symbol(self, symbol: str) -> bool:
        return fits(symbol, self.rule.symbol) or fits(symbol.partition(":")[2], self.rule.symbol)

    def _timeframe(self, timeframe: str) -> bool:
        return fits(timeframe, self.rule.timeframe)

    def hit_by(self, hit: ScanHit) -> bool:
        """Whether its filter is this rule's, on one of its symbols."""
        return (hit.expression, hit.timeframe) == (self.rule.scan, self.rule.timeframe) and self._symbol(hit.symbol)


def fits(text: str, pattern: str) -> bool:
    """One of the pattern's alternatives, parted by |, matches."""
    return any(fnmatchcase(text, part) for part in pattern.split("|"))


class AlertBoard:
    """families: of each strategy id. per_second: alerts told at most; those beyond are counted in a later one's `more`.
    send: takes an alert and the channels that its rule sends it by.

    `hear` and `hear_scans` belong to the engine's loop.
    """

    def __init__(
        self,
        rules: Sequence[AlertRule],
        families: Mapping[str, str],
        hub: Hub,
        clock: Clock,
        per_second: int = 20,
        send: Callable[[Alert, tuple[str, ...]], None] | None = None,
    ) -> None:
        self._families = families
        self._send = send
        self._matchers: list[_Matcher] = []
        self._scanners: list[_Matcher] = []
        self.set_rules(rules)
        self._hub = hub
        self._clock = clock
        self._per_second = per_second
        self._since = 0
        self._told = 0
        self._later: asyncio.TimerHandle | None = None

    def set_rules(self, rules: Sequence[AlertRule]) -> None:
        """Use these from now on; what earlier ones held back is forgotten."""
        on = [_Matcher(rule, self._families) for rule in rules if not rule.off]
        self._matchers = [m for m in on if not m.rule.scan]
        self._scanners = [m for m in on if m.rule.scan]

    def hear_scans(self, hits: Sequence[ScanHit]) -> None:
        """Filters that symbols have begun to meet."""
        for matcher in self._scanners:
            mine = [scan_signal(hit) for hit in hits if matcher.hit_by(hit)]
            if mine:
                self._tell(matcher, SignalBatch.of(mine))
        self._flush_later()

    def hear(self, written: SignalBatch) -> None:
        """Signals that have just been journaled."""
        if not self._matchers:
            return
        rows = written.rows
        live = (rows["kind"] == K_CONFIRMED) | (rows["kind"] == K_PROVISIONAL)
        live &= (rows["flags"] & (F_LATE | F_SETTLING | F_QUIET)) == 0
        if not live.any():
            return
        batch = written.take(live)
        for matcher in self._matchers:
            hits = np.flatnonzero(matcher.matches(batch))
            if len(hits):
                self._tell(matcher, batch.take(hits))
        self._flush_later()

    def _flush_later(self) -> None:
        if self._later is None and any(m.count for m in (*self._matchers, *self._scanners)):
            self._later = asyncio.get_running_loop().call_later(LATEST_S, self.flush)

    def flush(self) -> None:
        """Tell the newest of what each rule had to hold back, with the count of the others."""
        self._later = None
        for matcher in (*self._matchers, *self._scanners):
            if matcher.held is not None:
                newest, matcher.held = matcher.held, None
                matcher.count -= 1
                self._publish(matcher, newest)

    def close(self) -> None:
        if self._later is not None:
            self._later.cancel()

    def _tell(self, matcher: _Matcher, found: SignalBatch) -> None:
        room = min(self._room(), len(found))
        for at in range(room):
            self._publish(matcher, found.take(slice(at, at + 1)))
        if room < len(found):
            matcher.count += len(found) - room
            matcher.held = found.take(slice(len(found) - 1, len(found)))

    def _room(self) -> int:
        now = self._clock.monotonic_ns()
        if now - self._since > 1_000_000_000:
            self._since, self._told = now, 0
        return max(self._per_second - self._told, 0)

    def _publish(self, matcher: _Matcher, one: SignalBatch) -> None:
        self._told += 1
        more, matcher.count = matcher.count, 0
        matcher.held = None
        rule = matcher.rule
        alert = Alert(
            signal=one.signals()[0],
            rule=rule.text,
            sound=rule.sound,
            desktop=rule.desktop,
            more=more,
            name=rule.name,
            scan=rule.scan,
        )
        self._hub.publish(alert)
        if rule.sent and self._send is not None:
            self._send(alert, rule.sent)


def scan_signal(hit: ScanHit) -> Signal:
    """A hit in the shape of a signal of a strategy "scan", so that it can be told and jumped to like one."""
    return Signal(
        strategy="scan", version="", params="", symbol=hit.symbol, timeframe=hit.timeframe, bar_ts=hit.bar_ts,
        side=LONG, action=ENTRY, kind=CONFIRMED, price=hit.price, event_ms=0, received_ns=0, emitted_ns=0,
    )  # fmt: skip
