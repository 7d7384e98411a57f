import json

import pytest

from engine.contracts.errors import BadInput
from engine.venues.binance_futures import streams as futures
from engine.venues.registry import VENUES, hosts, protocol


@pytest.mark.parametrize("venue", VENUES)
def test_names_are_lower_case_in_the_symbol_only(venue):
    names = protocol(venue).stream_names(["BTCUSDT", "币安人生USDT"], trades=True)
    assert names == [
        "btcusdt@kline_1m", "btcusdt@aggTrade", "btcusdt@miniTicker",
        "币安人生usdt@kline_1m", "币安人生usdt@aggTrade", "币安人生usdt@miniTicker",
    ]  # fmt: skip
    assert protocol(venue).stream_names(["A"], trades=False) == ["a@kline_1m", "a@miniTicker"]


@pytest.mark.parametrize("venue", VENUES)
def test_subscriptions_come_in_chunks_with_counted_ids(venue):
    streams = [f"s{i}@kline_1m" for i in range(250)]
    sent = [(number, json.loads(text)) for number, text in protocol(venue).subscribe(streams, 7)]
    assert [number for number, _ in sent] == [7, 8, 9]
    assert [frame["id"] for _, frame in sent] == [7, 8, 9]
    assert all(frame["method"] == "SUBSCRIBE" and len(frame["params"]) <= 100 for _, frame in sent)
    assert [name for _, frame in sent for name in frame["params"]] == streams
    assert protocol(venue).subscribe([], 7) == []


def test_urls():
    assert (
        protocol("binance_spot").stream_url("wss://stream.binance.com:9443/") == "wss://stream.binance.com:9443/stream"
    )
    assert protocol("binance_futures").stream_url("ws://127.0.0.1:1") == "ws://127.0.0.1:1/market/stream"


PUBLIC = [
    "x@bookTicker", "!bookTicker", "x@depth5", "x@depth20@100ms", "x@depth", "x@depth@500ms", "x@rpiDepth@500ms",
]  # fmt: skip
MARKET = [
    "x@aggTrade", "x@markPrice", "x@markPrice@1s", "!markPrice@arr", "!markPrice@arr@1s", "x@kline_1m",
    "x_perpetual@continuousKline_1m", "x@miniTicker", "!miniTicker@arr", "x@ticker", "!ticker@arr", "x@forceOrder",
    "!forceOrder@arr", "x@compositeIndex", "!contractInfo", "!assetIndex@arr", "tradingSession", "x@trade",
]  # fmt: skip


@pytest.mark.parametrize("stream", PUBLIC + MARKET)
def test_every_documented_futures_stream_has_its_category(stream):
    assert futures.category(stream) == ("public" if stream in PUBLIC else "market")


def test_a_mixed_list_is_refused_with_both_names():
    with pytest.raises(BadInput, match=r"a@kline_1m is a market stream and b@depth a public stream"):
        futures.one_category(["a@kline_1m", "b@depth"])
    with pytest.raises(BadInput, match="two connections"):
        protocol("binance_futures").subscribe(["a@kline_1m", "b@depth"], 1)
    with pytest.raises(BadInput, match="stay silent"):
        protocol("binance_futures").subscribe(["b@depth"], 1)


def test_hosts_are_those_documented():
    assert hosts("binance_spot") == ("wss://stream.binance.com:9443", "https://api.binance.com")
    assert hosts("binance_futures") == ("wss://fstream.binance.com", "https://fapi.binance.com")


def test_an_unknown_venue_is_refused_with_a_guess():
    with pytest.raises(BadInput, match='Did you mean "binance_spot"'):
        protocol("binance_spott")
