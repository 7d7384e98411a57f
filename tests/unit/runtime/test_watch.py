"""What is watched and what rules ask: texts read live, mistakes with their places, alerts changed while running."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.bus import wire
from engine.bus.hub import Outlet
from engine.clock import SYSTEM_CLOCK
from engine.contracts.alerting import AlertChannels, GetAlerts, SetAlertRules
from engine.contracts.alerts import SCAN_EXAMPLE, parse_rule, rule_text
from engine.contracts.errors import BadInput
from engine.contracts.events import Alert
from engine.contracts.signals import Signal, SignalBatch
from engine.contracts.watch import SetWatch, WatchItem
from engine.runtime.answers_alerts import AlertDesk
from engine.runtime.config import EngineConfig
from engine.runtime.folder import DataFolder
from engine.runtime.parts import EngineParts
from engine.runtime.watch import ScanHit, WatchBoard, checked, problem
from engine.store.state import State

FRAMES = ("1m", "5m")
LOW = 'scan="RSI(14) < 30" timeframe=5m sound'


def item(text: str, timeframe: str = "5m", *, condition: bool = True) -> WatchItem:
    return WatchItem(expression=text, timeframe=timeframe, condition=condition)


@pytest.mark.parametrize(
    ("given", "at", "words"),
    [
        (item("RSX(14) < 30"), 0, 'Did you mean "RSI"'),
        (item("close > "), 8, "ends too early"),
        (item("close > 3 and volume >> 5"), 22, ""),
        (item("RSI(14)"), -1, "a filter is true or false"),
        (item(""), -1, "empty"),
        (item("close > 3", "4h"), -1, "4h is not kept live"),
        (item("close > SMA(close, 900)"), -1, "bars; 500 are kept"),
        (item("close > 3\nvolume > 1"), -1, "one line"),
    ],
)
def test_mistakes_have_a_place_and_a_sentence(given, at, words):
    with pytest.raises(BadInput) as caught:
        checked(given, FRAMES)
    found = problem(3, caught.value)
    assert found.item == 3
    assert found.at == at or (at == -1 and found.at <= 0)
    assert words in found.what
    assert "\n" not in found.what


def test_numbers_and_conditions_are_told_apart():
    assert checked(item("RSI(14) < 30 and volume > SMA(volume, 20) * 2"), FRAMES)
    assert not checked(item("RSI(14)", condition=False), FRAMES)


class Room:
    """The parts of an engine that alerts need, and what its clients heard."""

    def __init__(self, folder: Path, *settings: str) -> None:
        root = DataFolder(folder)
        root.prepare()
        config = EngineConfig(alerts=settings, timeframes=FRAMES, alert_channels=AlertChannels(telegram_chat="7"))
        self.engine = EngineParts(root, config, SYSTEM_CLOCK)
        self.watch = WatchBoard(self.engine)
        self.desk = AlertDesk(self.engine, self.watch)
        self._outlet = Outlet("ear", lambda: None)
        self.engine.hub.attach(self._outlet)
        self.engine.hub.subscribe(self._outlet, frozenset({"alerts", "notice"}))

    async def open(self) -> None:
        self.engine.state = await self.engine.storage.run(State, self.engine.folder.state)
        self.board = await self.desk.open({})

    async def ask(self, command):
        method = self.desk.methods.get(type(command)) or self.watch.set
        return await method(command, object())

    async def close(self) -> None:
        self.desk.close()
        await self.engine.storage.run(self.engine.state.close)
        await self.engine.storage.close()

    def told(self) -> list[Alert]:
        return [wire.from_server(bytes(frame[4:])).event for frame in self._outlet.take()[0]]


def hit(expression: str = "RSI(14) < 30", symbol: str = "binance-spot:BTCUSDT") -> ScanHit:
    return ScanHit(expression, "5m", symbol, 300_000, 64_000.5)


async def test_rules_count_at_once_and_are_kept(tmp_path):
    room = Room(tmp_path, "side=short desktop")
    await room.open()
    room.board.hear_scans([hit()])
    assert room.told() == []
    setup = await room.ask(SetAlertRules(rules=[LOW, f"{LOW} off"], channels=AlertChannels(telegram_chat="42")))
    assert (setup.rules, setup.fixed) == ([LOW, f"{LOW} off"], ["side=short desktop"])
    room.board.hear_scans([hit(), hit("close > 1")])
    told = room.told()
    assert [(a.scan, a.signal.symbol, a.signal.bar_ts, a.sound) for a in told] == [
        ("RSI(14) < 30", "binance-spot:BTCUSDT", 300_000, True)
    ]
    await room.close()
    again = Room(tmp_path)
    await again.open()
    setup = await again.ask(GetAlerts())
    assert (setup.rules, setup.fixed) == ([LOW, f"{LOW} off"], [])
    assert setup.channels.telegram_chat == "42"
    again.board.hear_scans([hit()])
    assert len(again.told()) == 1
    await again.close()


async def test_rules_that_cannot_be_used_leave_those_in_force(tmp_path):
    room = Room(tmp_path)
    await room.open()
    await room.ask(SetAlertRules(rules=[LOW]))
    for wrong in ("loud", 'scan="RSX(3) > 1" timeframe=5m', 'scan="close > 1" timeframe=4h', 'scan="close > 1"'):
        with pytest.raises(BadInput):
            await room.ask(SetAlertRules(rules=[LOW, wrong]))
    assert (await room.ask(GetAlerts())).rules == [LOW]
    room.board.hear_scans([hit()])
    assert len(room.told()) == 1
    await room.close()


async def test_many_hits_at_once_are_held_back_and_counted(tmp_path):
    room = Room(tmp_path)
    await room.open()
    await room.ask(SetAlertRules(rules=['scan="RSI(14) < 30" timeframe=5m symbol=S1* sound']))
    room.board.hear_scans([hit(symbol=f"binance-spot:S{k}USDT") for k in range(100, 200)] + [hit(symbol="x:OTHER")])
    told = room.told()
    assert len(told) == 20
    room.board.flush()
    assert [a.more for a in room.told()] == [79]
    await room.close()


async def test_rules_of_provisional_signals_and_of_alternatives(tmp_path):
    room = Room(tmp_path)
    await room.open()
    await room.ask(SetAlertRules(rules=["kind=provisional|confirmed symbol=BTCUSDT|ETH* sound"]))

    def signal(symbol: str, kind: str) -> Signal:
        return Signal(
            strategy="a", version="", params="", symbol=f"binance-spot:{symbol}", timeframe="1m", bar_ts=0, side="long",
            action="entry", kind=kind, price=1.0, event_ms=0, received_ns=0, emitted_ns=0,
        )  # fmt: skip

    heard = [signal(s, k) for s in ("BTCUSDT", "ETHBTC", "BNBUSDT") for k in ("confirmed", "provisional", "withdrawn")]
    room.board.hear(SignalBatch.of(heard))
    assert [(a.signal.symbol[13:], a.signal.kind) for a in room.told()] == [
        ("BTCUSDT", "confirmed"), ("BTCUSDT", "provisional"), ("ETHBTC", "confirmed"), ("ETHBTC", "provisional"),
    ]  # fmt: skip
    await room.close()


async def test_a_view_asks_and_what_is_wrong_is_left_out(tmp_path):
    room = Room(tmp_path)
    reply = await room.ask(SetWatch(view="v", items=[item("RSI(14)", condition=False), item("RSX(1)")]))
    assert reply.conditions == [False, False]
    assert [p.item for p in reply.problems] == [1]
    assert room.watch._asked() == {"5m": ("RSI(14)",)}
    await room.ask(SetWatch(view="", items=[item("close > 1")]))  # only read
    room.watch.set_scans([item("close > 2"), item("RSI(14)", condition=False)])
    assert room.watch._asked() == {"5m": ("close > 2", "RSI(14)")}
    await room.ask(SetWatch(view="v", items=[]))
    assert room.watch._asked() == {"5m": ("close > 2", "RSI(14)")}
    await room.engine.storage.close()
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    "text",
    [
        SCAN_EXAMPLE,
        'name="a \\"b\\" \\\\ c" strategy=rsi_*|macd family="Mean reversion" strength>=1.5 mail telegram off',
        "kind=confirmed|provisional side=long webhook",
    ],
)
def test_rules_as_text_and_back(text):
    rule = parse_rule(text)
    again = parse_rule(rule_text(rule))
    assert rule_text(again) == rule_text(rule)
    assert {f: getattr(again, f) for f in rule.__struct_fields__ if f != "text"} == {
        f: getattr(rule, f) for f in rule.__struct_fields__ if f != "text"
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('scan="close > 1" timeframe=5m side=long', "side is of signals"),
        ('scan="close > 1" timeframe=*', "one timeframe"),
        ('name="open', "name="),
        ("kind=withdrawn", "kind cannot be"),
        ("symbol=a|b symbol=c", "symbol=c"),
    ],
)
def test_what_is_no_rule(text, what):
    with pytest.raises(BadInput) as caught:
        parse_rule(text)
    assert what in caught.value.what
