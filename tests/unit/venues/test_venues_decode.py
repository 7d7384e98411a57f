import json
import math

import pytest

from engine.contracts.feed import (
    Ack,
    AggTrade,
    Ignored,
    Kline,
    Malformed,
    MiniTicker,
    Refusal,
    ServerShutdown,
)
from engine.venues import frames
from engine.venues.registry import protocol

SPOT, FUTURES = protocol("binance_spot"), protocol("binance_futures")
BOTH = pytest.mark.parametrize("venue", [SPOT, FUTURES], ids=["spot", "futures"])
T0 = 1_770_000_000_000


def kline(**changes):
    k = {
        "t": T0 - T0 % 60_000, "T": T0 - T0 % 60_000 + 59_999, "s": "ETHUSDT", "i": "1m", "f": 9001, "L": 9050,
        "o": "2500.1", "c": "2501.1", "h": "2502.0", "l": "2499.9", "v": "12.5", "n": 50, "x": False, "q": "31262.1",
        "V": "6.2", "Q": "15505.0", "B": "0",
    }  # fmt: skip
    outer = {key: changes.pop(key) for key in ("E", "st", "s") if key in changes}
    return {"e": "kline", "E": T0 + 15, "s": "ETHUSDT"} | outer | {"k": k | changes}


def agg(**changes):
    return {
        "e": "aggTrade", "E": T0 + 3, "s": "ETHUSDT", "a": 7001, "p": "2501.10000000", "q": "0.42", "f": 9001,
        "l": 9003, "T": T0, "m": True, "M": True,
    } | changes  # fmt: skip


def mini(**changes):
    return {
        "e": "24hrMiniTicker", "E": T0, "s": "ETHUSDT", "c": "5", "o": "4", "h": "6", "l": "3", "v": "10", "q": "45",
    } | changes  # fmt: skip


def combined(event, stream="ethusdt@x"):
    return json.dumps({"stream": stream, "data": event}, ensure_ascii=False)


@BOTH
@pytest.mark.parametrize(
    "wrap", [combined, json.dumps, lambda e: combined(e).encode(), lambda e: json.dumps(e).encode()]
)
def test_each_wrapping_of_a_kline_gives_the_same_bar(venue, wrap):
    [bar] = venue.decode(wrap(kline(x=True)))
    assert bar == Kline(
        "ETHUSDT", T0 - T0 % 60_000, 2500.1, 2502.0, 2499.9, 2501.1, 12.5, 50, 9001, 9050, True, T0 + 15
    )


@BOTH
def test_trade_and_ticker(venue):
    assert venue.decode(combined(agg())) == [AggTrade("ETHUSDT", 7001, 9001, 9003, 2501.1, 0.42, T0, True, T0 + 3)]
    assert venue.decode(combined(mini())) == [MiniTicker("ETHUSDT", 4.0, 6.0, 3.0, 5.0, 10.0, 45.0, T0)]


@BOTH
def test_arrays_of_tickers_keep_the_good_and_name_the_bad(venue):
    frame = combined([mini(), mini(s="BTCUSDT", c="-1"), mini(s="币安人生USDT")], "!miniTicker@arr")
    first, second, third = venue.decode(frame)
    assert (first.symbol, third.symbol) == ("ETHUSDT", "币安人生USDT")
    assert isinstance(second, Malformed)
    assert b"BTCUSDT" in second.frame
    assert [type(m) for m in venue.decode(json.dumps([mini(), {"e": "24hrMiniTicker"}]))] == [MiniTicker, Malformed]


@BOTH
def test_unknown_fields_and_other_key_orders_are_accepted(venue):
    event = dict(reversed(list(kline(brandNew={"x": 1}).items()))) | {"ps": "ETHUSDT", "nq": "1"}
    assert isinstance(venue.decode(combined(event))[0], Kline)
    assert isinstance(venue.decode(json.dumps({"data": agg(), "stream": "x"}))[0], AggTrade)


@BOTH
def test_microseconds_become_milliseconds(venue):
    [bar] = venue.decode(combined(kline(t=(T0 - T0 % 60_000) * 1000, E=(T0 + 15) * 1000 + 7)))
    assert (bar.ts, bar.event_ms) == (T0 - T0 % 60_000, T0 + 15)
    [trade] = venue.decode(combined(agg(T=T0 * 1000 + 999, E=T0 * 1000)))
    assert (trade.ts, trade.event_ms) == (T0, T0)


@BOTH
@pytest.mark.parametrize(
    "event",
    [
        kline(l="0"), kline(l="-1"), kline(o="nan"), kline(c="inf"), kline(h="2400"), kline(l="2501"), kline(v="-1"),
        kline(v="1e999"), kline(t=123), kline(E=0), kline(t=T0 * 1_000_000), kline(f=2**70), kline(s=""),
        kline(o="x"), agg(p="0"), agg(p="nan"), agg(q="-1"), agg(f=10, l=9), agg(a=2**64), agg(T=5), agg(m=None),
        mini(c="0"), mini(q="nan"), mini(E=7), {"e": "kline"}, {"e": "aggTrade", "E": T0},
    ],
)  # fmt: skip
def test_what_cannot_be_true_is_malformed_and_kept(venue, event):
    frame = combined(event)
    [message] = venue.decode(frame)
    assert isinstance(message, Malformed)
    assert message.error
    assert json.loads(message.frame)


@BOTH
@pytest.mark.parametrize(
    "frame", [b"", b"{", b"\xff\xfe", b"[", b"null", b"17", b"[1]", "\ud800", b"[" * 100_000, b"{}"]
)
def test_no_bytes_raise(venue, frame):
    [message] = venue.decode(frame)
    assert isinstance(message, Malformed)


@BOTH
@pytest.mark.parametrize(
    "event, what",
    [
        (kline(i="5m"), "kline_5m"), ({"e": "24hrTicker", "s": "X"}, "24hrTicker"),
        ({"u": 4, "s": "ETHUSDT", "b": "1", "B": "1", "a": "2", "A": "1"}, "event without a type"),
        ({"lastUpdateId": 160, "bids": [], "asks": []}, "event without a type"),
    ],
)  # fmt: skip
def test_what_is_not_for_us_is_ignored_by_name(venue, event, what):
    assert venue.decode(json.dumps(event)) == [Ignored(what)]


@BOTH
def test_server_shutdown_in_all_three_shapes(venue):
    event = {"e": "serverShutdown", "E": T0}
    for frame in (json.dumps(event), combined(event, "!serverShutdown"), json.dumps({"event": event})):
        assert venue.decode(frame) == [ServerShutdown(T0)]


@BOTH
def test_replies_and_both_error_shapes(venue):
    assert venue.decode('{"result":null,"id":11}') == [Ack(11, None)]
    assert venue.decode('{"id":13,"result":["a@b"]}') == [Ack(13, ["a@b"])]
    assert venue.decode('{"code":2,"msg":"Invalid request","id":4}') == [Refusal(4, 2, "Invalid request")]
    assert venue.decode('{"code":3,"msg":"Invalid JSON"}') == [Refusal(None, 3, "Invalid JSON")]
    assert venue.decode('{"error":{"code":4,"msg":"Too many subscriptions"},"id":19}') == [
        Refusal(19, 4, "Too many subscriptions")
    ]
    assert isinstance(venue.decode('{"result":null,"id":"other"}')[0], Ignored)


def test_only_usd_m_symbols_pass_on_futures():
    assert isinstance(FUTURES.decode(combined(agg(st=1)))[0], AggTrade)
    assert isinstance(FUTURES.decode(combined(agg()))[0], AggTrade)
    assert FUTURES.decode(combined(agg(st=2))) == [Ignored("not a USD-M symbol")]
    kinds = [type(m) for m in FUTURES.decode(combined([mini(st=2), mini(st=1)], "!miniTicker@arr"))]
    assert kinds == [Ignored, MiniTicker]


def test_prices_are_the_nearest_double_of_the_text():
    for text in ("0.1", "64999.99000000", "0.00001234", "123456789.12345678", "2.2250738585072014e-5"):
        [trade] = SPOT.decode(combined(agg(p=text)))
        assert trade.price == float(text)
        assert math.isfinite(trade.price)


def test_the_fast_path_and_the_slow_path_agree():
    for event in (kline(), kline(x=True), agg(), mini()):
        fast = frames.decode(combined(event), lambda _: None)
        slow = frames.decode(" " + combined(event), lambda _: None)
        assert fast == slow
