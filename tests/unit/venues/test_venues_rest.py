import json

import pytest

from engine.contracts.errors import BadInput, PyroError
from engine.venues.binance_futures.rest import klines_weight
from engine.venues.registry import VENUES, protocol

SPOT, FUTURES = protocol("binance_spot"), protocol("binance_futures")
T0 = 1_770_000_000_000 - 1_770_000_000_000 % 60_000


def row(ts=T0, o="2.0", h="3.0", low="1.0", c="2.5", v="7", n=4):
    return [ts, o, h, low, c, v, ts + 59_999, "15", n, "3", "6", "0"]


def test_requests_cost_what_is_documented():
    assert (SPOT.instruments_request().weight, SPOT.instruments_request().path) == (20, "/api/v3/exchangeInfo")
    assert (FUTURES.instruments_request().weight, FUTURES.time_request().path) == (1, "/fapi/v1/time")
    request = SPOT.klines_request("BTCUSDT", "1m", from_ms=5, to_ms=9, limit=5000)
    assert request.weight == 2
    assert request.params == {
        "symbol": "BTCUSDT", "interval": "1m", "limit": "1000", "startTime": "5", "endTime": "9",
    }  # fmt: skip
    assert FUTURES.klines_request("X", "4h", from_ms=None, to_ms=None, limit=0).params == {
        "symbol": "X", "interval": "4h", "limit": "1",
    }  # fmt: skip
    weights = [klines_weight(n) for n in (1, 99, 100, 499, 500, 1000, 1001, 1500)]
    assert weights == [1, 1, 2, 2, 5, 5, 10, 10]
    with pytest.raises(BadInput, match="timeframe"):
        SPOT.klines_request("X", "7m", from_ms=None, to_ms=None, limit=1)


@pytest.mark.parametrize("venue", VENUES)
def test_kline_rows(venue):
    body = json.dumps([row(T0 + 60_000), row(), row(T0 + 120_000, v="0", n=0)]).encode()
    bars = protocol(venue).parse_klines("X", body, server_ms=T0 + 119_999)
    assert [bar.ts for bar in bars] == [T0, T0 + 60_000, T0 + 120_000]
    assert [bar.final for bar in bars] == [True, False, False]
    first = bars[0]
    assert (first.open, first.high, first.low, first.close, first.volume, first.n) == (2.0, 3.0, 1.0, 2.5, 7.0, 4)
    assert (first.first_id, first.last_id) == (-1, -1)


def test_a_bar_is_final_only_when_its_close_lies_before_server_time():
    body = json.dumps([row()]).encode()
    finals = [SPOT.parse_klines("X", body, server_ms=T0 + ms)[0].final for ms in (59_998, 59_999, 60_000)]
    assert finals == [False, False, True]


def test_rows_that_cannot_be_true_are_left_out_and_microseconds_read():
    micro = row()
    micro[0] *= 1000
    micro[6] = micro[6] * 1000 + 999
    body = json.dumps([micro, row(T0 + 60_000, low="0"), row(5), row(T0 + 120_000, h="nan")]).encode()
    assert [bar.ts for bar in SPOT.parse_klines("X", body, server_ms=T0 + 10**7)] == [T0]


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b"[[1]]", b"\xff", b"[" * 100_000])
def test_an_unreadable_reply_says_which(body):
    for call in (
        lambda: SPOT.parse_klines("ETHUSDT", body, server_ms=0),
        lambda: SPOT.parse_instruments(body, "binance-spot"),
        lambda: SPOT.parse_time(body),
    ):
        with pytest.raises(PyroError, match=r"reply to (klines of ETHUSDT|exchangeInfo|time) cannot be read"):
            call()


def test_exchange_info_of_futures_keeps_perpetuals_of_any_status_and_reads_the_steps():
    def symbol(name, contract, **more):
        return {
            "symbol": name, "contractType": contract, "status": "TRADING", "baseAsset": "B", "quoteAsset": "USDC",
            "onboardDate": 5, "pricePrecision": 7,
            "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.10"},
                        {"filterType": "LOT_SIZE", "stepSize": "0.001"},
                        {"filterType": "MIN_NOTIONAL", "notional": "5"}],
        } | more  # fmt: skip

    body = json.dumps(
        {
            "rateLimits": [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 1234}],
            "symbols": [
                symbol("A", "PERPETUAL"), symbol("B", "TRADIFI_PERPETUAL", status="SETTLING"),
                symbol("C_2609", "CURRENT_QUARTER"),
                symbol("D", ""), symbol("E", "PERPETUAL", simulated=True),
            ],
        }
    ).encode()  # fmt: skip
    listed, weight = FUTURES.parse_instruments(body, "binance-futures")
    assert weight == 1234
    assert [(i.name, i.status, i.kind, i.generated) for i in listed] == [
        ("A", "trading", "perpetual", False),
        ("B", "settling", "tradifi_perpetual", False),
        ("E", "trading", "perpetual", True),
    ]
    assert (listed[0].tick_size, listed[0].lot_size, listed[0].min_notional, listed[0].decimals) == (0.1, 0.001, 5.0, 1)


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "0"])
def test_a_step_that_cannot_be_one_counts_as_none(text):
    body = json.dumps({"symbols": [{"symbol": "A", "filters": [{"filterType": "PRICE_FILTER", "tickSize": text}]}]})
    listed, _ = SPOT.parse_instruments(body.encode(), "binance-spot")
    assert (listed[0].tick_size, listed[0].decimals) == (0.0, 0)


@pytest.mark.parametrize("name", ["MIN_NOTIONAL", "NOTIONAL"])
def test_both_spellings_of_the_least_value_on_spot(name):
    body = json.dumps({"symbols": [{"symbol": "A", "filters": [{"filterType": name, "minNotional": "10.5"}]}]}).encode()
    listed, weight = SPOT.parse_instruments(body, "binance-spot")
    assert (listed[0].min_notional, weight) == (10.5, 6000)


@pytest.mark.parametrize(
    "status, body, headers, kind, wait",
    [
        (429, b'{"code":-1003,"msg":"x"}', {"retry-after": "17"}, "rate", 17.0),
        (429, b"", {}, "rate", 60.0),
        (418, b'{"code":-1003,"msg":"banned"}', {"Retry-After": "600"}, "banned", 600.0),
        (418, b"", {"Retry-After": "soon"}, "banned", 120.0),
        (403, b"<html>", {}, "blocked", 0.0),
        (451, b"{}", {}, "blocked", 0.0),
        (400, b'{"code":-1121,"msg":"Invalid symbol."}', {}, "bad_symbol", 0.0),
        (400, b'{"code":-1120,"msg":"Invalid interval."}', {}, "bad_request", 0.0),
        (404, b"", {}, "bad_request", 0.0),
        (400, b'{"code":-1003,"msg":"x"}', {}, "rate", 60.0),
        (408, b'{"code":-1007,"msg":"x"}', {}, "server", 0.0),
        (500, b"\xff", {}, "server", 0.0),
        (503, b"Service Unavailable.", {}, "server", 0.0),
        (400, b"[" * 50_000, {}, "bad_request", 0.0),
    ],
)
def test_failures(status, body, headers, kind, wait):
    for venue in (SPOT, FUTURES):
        failure = venue.failure(status, body, headers)
        assert (failure.kind, failure.status, failure.retry_after_s) == (kind, status, wait)


def test_used_weight_in_any_case():
    for name in ("X-MBX-USED-WEIGHT-1M", "x-mbx-used-weight-1m", "X-Mbx-Used-Weight-1m"):
        assert SPOT.used_weight({name: "41"}) == 41
    assert SPOT.used_weight({}) is None
    assert SPOT.used_weight({"x-mbx-used-weight-1m": "many"}) is None
