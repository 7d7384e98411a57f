"""Alert rules: how they are read, what they match, and how many alerts go out."""

from __future__ import annotations

import asyncio
from fnmatch import fnmatchcase

import msgspec
import pytest

from engine.bus import wire
from engine.bus.hub import Hub, Outlet
from engine.clock import SYSTEM_CLOCK, Clock
from engine.contracts.alerts import EXAMPLE, parse_cooldowns, parse_rule
from engine.contracts.errors import BadInput
from engine.contracts.events import Alert
from engine.contracts.signals import Signal, SignalBatch
from engine.runtime import alerts as alerts_module
from engine.runtime.alerts import AlertBoard

FAMILIES = {"rsi_a": "momentum", "brk": "breakout"}


def signal(number: int = 0, **changes: object) -> Signal:
    made = Signal(
        strategy="rsi_a", version="v", params="", symbol="binance-spot:BTCUSDT", timeframe="1h", bar_ts=number * 60_000,
        side="long", action="entry", kind="confirmed", price=1.0, event_ms=0, received_ns=0, emitted_ns=0, strength=2.0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


class Frozen(Clock):
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.ns = 10**12

    def now_ns(self) -> int:
        return self.ns

    def monotonic_ns(self) -> int:
        return self.ns


class Room:
    """A board and what it told."""

    def __init__(self, *rules: str, per_second: int = 20, clock: Clock = SYSTEM_CLOCK) -> None:
        hub = Hub()
        self._outlet = Outlet("ear", lambda: None)
        hub.attach(self._outlet)
        hub.subscribe(self._outlet, frozenset({"alerts"}))
        self.board = AlertBoard([parse_rule(r) for r in rules], FAMILIES, hub, clock, per_second)

    def hear(self, *signals: Signal) -> list[Alert]:
        self.board.hear(SignalBatch.of(signals))
        return self.told()

    def told(self) -> list[Alert]:
        return [wire.from_server(bytes(frame[4:])).event for frame in self._outlet.take()[0]]


def test_the_example_and_every_part_of_it():
    rule = parse_rule(EXAMPLE)
    assert (rule.strategy, rule.symbol, rule.timeframe, rule.side, rule.action) == (
        "rsi_*", "binance-spot:*", "1h", "long", "entry",
    )  # fmt: skip
    assert (rule.strength, rule.sound, rule.desktop, rule.family) == (1.5, True, True, "*")


@pytest.mark.parametrize(
    ("text", "what"),
    [("", "empty"), ("strategie=x", 'Did you mean "strategy"'), ("side=buy", "side cannot be"),
     ("strength>=x", "number"),
     ("timeframe=1hour", 'Did you mean "1h"'), ("side=long side=short", "side=short"), ("loud", "loud"),
     ("strategy=", "strategy="), ("strength=2", "strength=2")],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_an_example(text, what):
    with pytest.raises(BadInput) as caught:
        parse_rule(text)
    assert what in caught.value.what
    assert caught.value.where == "alerts.rules"
    assert EXAMPLE in caught.value.fix


def test_cooldowns_are_bars_by_strategy():
    assert parse_cooldowns(("a=3", "b=0")) == {"a": 3, "b": 0}
    for wrong in ("a", "a=", "=3", "a=-1", "a=1.5"):
        with pytest.raises(BadInput, match="number of bars"):
            parse_cooldowns((wrong,))


@pytest.mark.parametrize(
    "rule",
    ["strategy=rsi_*", "family=break*", "symbol=BTC*", "symbol=binance-spot:ETH*", "timeframe=1h", "side=short",
     "action=exit", "strength>=1.5", "side=long action=entry timeframe=5m"],
)  # fmt: skip
def test_columns_say_the_same_as_one_at_a_time(rule):
    parsed = parse_rule(rule)
    signals = [
        signal(n, strategy=s, symbol=f"binance-spot:{y}USDT", timeframe=t, side=side, action=action, strength=w)
        for n, (s, y, t, side, action, w) in enumerate(
            (s, y, t, side, action, w)
            for s in FAMILIES for y in ("BTC", "ETH") for t in ("5m", "1h") for side in ("long", "short")
            for action in ("entry", "exit") for w in (1.0, 2.0)
        )
    ]  # fmt: skip
    wanted = [
        s.bar_ts
        for s in signals
        if fnmatchcase(s.strategy, parsed.strategy)
        and fnmatchcase(FAMILIES[s.strategy], parsed.family)
        and any(fnmatchcase(name, parsed.symbol) for name in (s.symbol, s.symbol.partition(":")[2]))
        and fnmatchcase(s.timeframe, parsed.timeframe)
        and fnmatchcase(s.side, parsed.side)
        and fnmatchcase(s.action, parsed.action)
        and s.strength >= parsed.strength
    ]
    assert 0 < len(wanted) < len(signals)
    assert [a.signal.bar_ts for a in Room(rule, per_second=1000).hear(*signals)] == wanted


@pytest.mark.parametrize(
    "change", [{"kind": "provisional"}, {"kind": "withdrawn"}, {"late": True}, {"settling": True}, {"quiet": True}]
)
def test_what_must_not_alert_does_not(change):
    room = Room("strategy=* sound")
    assert room.hear(signal(**change)) == []
    (alert,) = room.hear(signal(1))
    assert (alert.sound, alert.desktop, alert.rule, alert.more) == (True, False, "strategy=* sound", 0)


def test_no_rules_no_alerts():
    assert Room().hear(signal()) == []


async def test_too_many_are_counted_and_the_newest_comes_with_the_count(monkeypatch):
    monkeypatch.setattr(alerts_module, "LATEST_S", 0.01)
    clock = Frozen()
    room = Room("strategy=*", per_second=3, clock=clock)
    assert [a.signal.bar_ts // 60_000 for a in room.hear(*(signal(n) for n in range(10)))] == [0, 1, 2]
    assert room.hear(signal(10)) == []
    while not (told := room.told()):
        await asyncio.sleep(0.005)
    assert [(a.signal.bar_ts // 60_000, a.more) for a in told] == [(10, 7)]
    clock.ns += 2 * 10**9
    assert [(a.signal.bar_ts // 60_000, a.more) for a in room.hear(signal(11))] == [(11, 0)]
    room.board.close()
