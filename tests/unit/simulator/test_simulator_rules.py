"""Budget, clock, control answers, paths, intervals: the rules without sockets."""

import json
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from engine.clock import SimulatedClock
from engine.simulator import controls, history
from engine.simulator.budget import Budget
from engine.simulator.config import FUTURES_DIALECT, SPOT_DIALECT, SimulatorConfig
from engine.simulator.encode import Templates, text_frame
from engine.simulator.exchange import Exchange
from engine.simulator.files import sample_candles
from engine.simulator.simtime import SimTime
from engine.simulator.source import MarketSource, Symbol
from engine.simulator.subscriber import Subscriber

START_MS = 1_770_000_000_000 - 1_770_000_000_000 % 60_000


class Transport:
    def __init__(self):
        self.written = b""

    def is_closing(self):
        return False

    def write(self, data):
        self.written += data

    def get_write_buffer_size(self):
        return 0


def exchange(dialect=SPOT_DIALECT, start=START_MS):
    config = SimulatorConfig(symbols_per_market=3, history_minutes=3000, trades_per_minute=30, speed=0)
    source = MarketSource(dialect, config, start // 60_000, {}, sample_candles(), invented=True)
    return Exchange(dialect, config, source, SimTime(SimulatedClock(), start, 0))


def client(made, category="", combined=True):
    who = Subscriber(
        SimpleNamespace(transport=Transport(), state=SimpleNamespace(name="OPEN")), category, combined=combined
    )
    made.subscribers.add(who)
    return who


def payloads(who):
    data, out = who.connection.transport.written, []
    while data:
        size, skip = data[1], 2
        if size == 126:
            size, skip = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, skip = int.from_bytes(data[2:10], "big"), 10
        out.append(json.loads(data[skip : skip + size]))
        data = data[skip + size :]
    return out


def ask(made, who, **request):
    return json.loads(controls.answer(made, who, json.dumps(request)))


def test_weight_counts_by_clock_minute_then_429_then_418():
    clock = SimulatedClock(START_MS + 30_000)
    budget = Budget(clock, 10, enforced=True)
    assert [budget.charge(5) for _ in range(3)] == [(200, 0), (200, 0), (429, 30)]
    clock.advance_ms(30_000)
    assert budget.charge(10) == (200, 0)
    answers = [budget.charge(1) for _ in range(11)]
    assert answers == [(429, 60)] * 10 + [(418, 120)]
    clock.advance_ms(60_000)
    assert budget.charge(1) == (418, 60)
    clock.advance_ms(60_000)
    assert budget.charge(1) == (200, 0)
    assert [Budget(clock, 1, enforced=False).charge(99) for _ in range(50)] == [(200, 0)] * 50


def test_simulated_time_runs_at_its_speed_and_never_jumps():
    clock = SimulatedClock(5)
    time = SimTime(clock, START_MS, 60.0)
    clock.advance_ms(1000)
    assert time.now_ms() == START_MS + 60_000
    time.set_speed(0)
    clock.advance_ms(1000)
    assert time.now_ms() == START_MS + 60_000
    time.set_speed(1)
    clock.advance_ms(500)
    assert time.now_ms() == START_MS + 60_500


def test_controls_answer_as_documented():
    made = exchange()
    who = client(made)
    assert ask(made, who, method="SUBSCRIBE", params=["btcusdt@kline_1m", "btcusdt@aggTrade"], id=1) == {
        "result": None, "id": 1,
    }  # fmt: skip
    assert ask(made, who, method="UNSUBSCRIBE", params=["btcusdt@kline_1m"], id=2) == {"result": None, "id": 2}
    assert ask(made, who, method="LIST_SUBSCRIPTIONS", id=3) == {"result": ["btcusdt@aggTrade"], "id": 3}
    assert ask(made, who, method="GET_PROPERTY", params=["combined"], id=4) == {"result": True, "id": 4}
    assert ask(made, who, method="SET_PROPERTY", params=["combined", False], id="x-1")["id"] == "x-1"
    assert ask(made, who, method="GET_PROPERTY", params=["combined"], id=None) == {"result": False, "id": None}
    assert ask(made, who, method="SUBSCRIBE", params=["nosuch@kline_1m"], id=5) == {"result": None, "id": 5}


@pytest.mark.parametrize(
    "request_, code, start",
    [
        ({"method": "SET_PROPERTY", "params": ["speed", True], "id": 1}, 0, "Unknown property"),
        ({"method": "SET_PROPERTY", "params": ["combined", 1], "id": 1}, 1, "Invalid value type: expected Boolean"),
        (
            {"method": "SET_PROPERTY", "params": [1, True], "id": 1},
            2,
            "Invalid request: property name must",
        ),
        ({"method": "GET_PROPERTY", "params": ["combined", 1], "id": 1}, 2, "Invalid request: too many parameters"),
        (
            {"method": "DANCE", "params": [], "id": 1},
            2,
            "Invalid request: unknown variant `DANCE`, expected",
        ),
        ({"params": [], "id": 1}, 2, "Invalid request: missing field `method`"),
        ({"method": "SUBSCRIBE", "params": [], "id": 1.5}, 2, "Invalid request: request ID must be"),
        ({"method": "SUBSCRIBE", "params": [3], "id": 1}, 2, "Invalid request: expected a string"),
        ({"method": "SUBSCRIBE", "id": 1}, 2, "Invalid request: missing field `params`"),
    ],
)
def test_control_errors(request_, code, start):
    made = exchange()
    reply = ask(made, client(made), **request_)
    assert reply["code"] == code
    assert reply["msg"].startswith(start)
    assert "result" not in reply


def test_bad_json_and_too_many_streams():
    made = exchange()
    who = client(made)
    assert json.loads(controls.answer(made, who, "{"))["code"] == 3
    assert json.loads(controls.answer(made, who, b"\xff"))["code"] == 3
    assert json.loads(controls.answer(made, who, "[]"))["code"] == 2
    names = [f"s{i}@kline_1m" for i in range(1024)]
    assert ask(made, who, method="SUBSCRIBE", params=names, id=1) == {"result": None, "id": 1}
    assert ask(made, who, method="SUBSCRIBE", params=["btcusdt@kline_1m"], id=2) == {
        "error": {"code": 4, "msg": "Too many subscriptions"}, "id": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    "category, hears", [("market", True), ("public", False), ("private", False), ("legacy", False)]
)
def test_market_streams_flow_on_the_market_path_only(category, hears):
    made = exchange(FUTURES_DIALECT)
    who = client(made, category)
    assert ask(made, who, method="SUBSCRIBE", params=["btcusdt@aggTrade", "!miniTicker@arr"], id=1)["result"] is None
    made.advance(START_MS + 60_050)
    made.flush()
    assert bool(payloads(who)) == hears
    made.leave(who)
    made.advance(START_MS + 120_050)
    assert not who.out


def test_combined_raw_and_array_frames():
    made = exchange()
    combined, raw, array = client(made), client(made, combined=False), client(made)
    made.subscribe(combined, ["btcusdt@kline_1m"])
    made.subscribe(raw, ["btcusdt@kline_1m"])
    made.subscribe(array, ["!miniTicker@arr"])
    made.advance(START_MS + 60_050)
    made.flush()
    assert [frame["data"] for frame in payloads(combined)] == payloads(raw)
    assert {frame["stream"] for frame in payloads(combined)} == {"btcusdt@kline_1m"}
    assert [frame["k"]["x"] for frame in payloads(raw)].count(True) == 1
    arrays = payloads(array)
    assert all(frame["stream"] == "!miniTicker@arr" for frame in arrays)
    assert {event["s"] for frame in arrays for event in frame["data"]} == {"BTCUSDT", "ETHUSDT", "BNBUSDT"}
    assert len(arrays) >= 30


@pytest.mark.parametrize("interval", ["3m", "5m", "1h"])
def test_higher_klines_are_pushed_as_rest_gives_them(interval):
    made = exchange()
    who, wrapped = client(made, combined=False), client(made)
    for each in (who, wrapped):
        made.subscribe(each, [f"ethusdt@kline_{interval}"])
    end = START_MS + 75 * 60_000 + 50
    made.time.move_to(end)
    made.advance(end)
    made.flush()
    frames = payloads(who)
    assert [frame["data"] for frame in payloads(wrapped)] == frames
    assert all(f["k"]["i"] == interval and f["k"]["n"] == f["k"]["L"] - f["k"]["f"] + 1 for f in frames)
    finals = {f["k"]["t"]: f["k"] for f in frames if f["k"]["x"]}
    rows = {row[0]: row for row in json.loads(history.rows(made, 1, interval, None, None, 1000))}
    length = history.INTERVALS[interval]
    assert len(finals) == (75 * 60_000 + START_MS % length) // length
    for opened, k in finals.items():
        row = rows[opened]
        assert [k["o"], k["h"], k["l"], k["c"]] == row[1:5]
        assert (k["T"], k["n"]) == (row[6], row[8])
        assert float(k["v"]) == pytest.approx(float(row[5]), rel=1e-12)
    made.leave(who)
    made.leave(wrapped)


def test_ids_are_gapless_and_klines_name_the_trades_they_hold():
    made = exchange()
    who = client(made, combined=False)
    made.subscribe(who, ["ethusdt@kline_1m", "ethusdt@aggTrade"])
    made.advance(START_MS + 180_050)
    made.flush()
    frames = payloads(who)
    trades = [f for f in frames if f["e"] == "aggTrade"]
    assert [t["a"] for t in trades] == list(range(trades[0]["a"], trades[0]["a"] + len(trades)))
    assert all(b["f"] == a["l"] + 1 for a, b in pairwise(trades))
    for frame in frames:
        if frame["e"] != "kline":
            continue
        k = frame["k"]
        inside = [t for t in trades if k["f"] <= t["f"] and t["l"] <= k["L"]]
        prices = [float(t["p"]) for t in inside]
        assert k["n"] == k["L"] - k["f"] + 1
        assert (float(k["o"]), float(k["c"]), float(k["h"]), float(k["l"])) == (
            prices[0], prices[-1], max(prices), min(prices),
        )  # fmt: skip
        assert round(sum(float(t["q"]) for t in inside), 8) == float(k["v"])


def test_pause_and_silence():
    made = exchange()
    who = client(made, combined=False)
    made.subscribe(who, ["ethusdt@aggTrade", "btcusdt@aggTrade"])
    made.silence("ETHUSDT")
    made.advance(START_MS + 60_050)
    made.paused = True
    made.advance(START_MS + 120_050)
    made.paused = False
    made.silence("ETHUSDT", on=False)
    made.advance(START_MS + 180_050)
    made.flush()
    minutes = {(f["s"], (f["T"] - START_MS) // 60_000) for f in payloads(who)}
    assert minutes == {("BTCUSDT", 0), ("BTCUSDT", 2), ("ETHUSDT", 2)}


def test_frames_are_rfc_6455_text_frames():
    for size in (0, 125, 126, 65_535, 65_536):
        frame = text_frame(b"x" * size)
        assert frame[0] == 0x81
        assert frame.endswith(b"x" * size)
        assert len(frame) - size == (2 if size < 126 else 4 if size < 65_536 else 10)


def test_bar_opens():
    ms = np.array([START_MS, START_MS + 86_400_000 * 40])
    for interval, length in history.INTERVALS.items():
        opens = history.bar_opens(ms, interval)
        assert ((opens <= ms) & (ms - opens < length)).all()
        assert (history.bar_opens(opens, interval) == opens).all()
        for open_ms in opens.tolist():
            end = history.bar_end(open_ms, interval)
            assert history.bar_opens(np.array([end - 1, end]), interval).tolist() == [open_ms, end]


def test_higher_klines_are_the_aggregate_of_the_minutes():
    made = exchange()
    minutes = json.loads(history.rows(made, 1, "1m", None, None, 1000))
    for interval in ("5m", "1h"):
        bars = json.loads(history.rows(made, 1, interval, None, None, 1000))
        for bar in bars[-3:]:
            inside = [m for m in minutes if bar[0] <= m[0] <= bar[6]]
            assert float(bar[2]) == max(float(m[2]) for m in inside)
            assert float(bar[3]) == min(float(m[3]) for m in inside)
            assert (bar[1], bar[4]) == (inside[0][1], inside[-1][4])
            assert bar[8] == sum(m[8] for m in inside)


def test_ranges_of_rows():
    made = exchange()
    now = START_MS // 60_000

    def asked(start=None, end=None, limit=500, interval="1m"):
        at = [None if x is None else (now + x) * 60_000 for x in (start, end)]
        return [row[0] // 60_000 - now for row in json.loads(history.rows(made, 1, interval, at[0], at[1], limit))]

    assert asked(limit=3) == [-2, -1, 0]
    assert asked(start=-10, limit=3) == [-10, -9, -8]
    assert asked(end=-5, limit=3) == [-7, -6, -5]
    assert asked(start=-10, end=-8) == [-10, -9, -8]
    assert asked(start=-2, limit=9) == [-2, -1, 0]
    assert asked(start=5) == []
    assert asked(start=-8, end=-10) == []
    assert asked(start=-5000, limit=2) == [-3000, -2999]
    assert asked(end=-5000) == []
    assert asked(end=5, limit=1) == [0]


def test_the_open_bar_holds_only_what_has_traded():
    made = exchange()
    [first] = json.loads(history.rows(made, 1, "1m", None, None, 1))
    [before] = json.loads(history.rows(made, 1, "1m", None, START_MS - 1, 1))
    assert first[1:6] == [before[4]] * 4 + ["0.00000000"]
    assert first[8] == 0
    who = client(made, combined=False)
    made.subscribe(who, ["ethusdt@aggTrade"])
    made.time.move_to(START_MS + 20_000)
    made.advance(START_MS + 20_000)
    made.flush()
    trades = payloads(who)
    [row] = json.loads(history.rows(made, 1, "1m", None, None, 1))
    prices = [float(t["p"]) for t in trades]
    assert [float(x) for x in row[1:5]] == [prices[0], max(prices), min(prices), prices[-1]]
    assert float(row[5]) == pytest.approx(sum(float(t["q"]) for t in trades), abs=1e-9)


def test_a_client_that_does_not_read_is_dropped_and_a_closing_one_gets_nothing():
    made = exchange()
    who = client(made)
    aborted = []
    who.connection.transport.abort = lambda: aborted.append(True)
    who.send(b"{}")
    assert not aborted
    who.connection.transport.get_write_buffer_size = lambda: 65 * 1024 * 1024
    who.send(b"{}")
    assert aborted == [True]
    before = who.connection.transport.written
    who.connection.state.name = "CLOSING"
    who.send(b"{}")
    assert who.connection.transport.written == before


@pytest.mark.parametrize(
    ("dialect", "lots", "price"), [(SPOT_DIALECT, "12.00000000", "3.50000000"), (FUTURES_DIALECT, "12", "3.5")]
)
def test_numbers_of_whole_lots_keep_their_size(dialect, lots, price):
    symbol = Symbol("X", "X", "USDT", 1, 0, generated=True, activity=1.0, key=1)
    made = Templates(symbol, dialect)
    assert made.lots % 12 == lots
    assert made.price % 3.5 == price
