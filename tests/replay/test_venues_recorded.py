"""Recorded frames and replies of the real venues, counted against a plain reading of the JSON."""

import json
from collections import Counter

import pytest

from engine.contracts.feed import Malformed
from engine.venues.registry import protocol
from tests import shared

pytestmark = pytest.mark.shared
NAMES = {"kline": "Kline", "aggTrade": "AggTrade", "24hrMiniTicker": "MiniTicker"}
FIRST, LAST = 1_230_768_000_000, 4_102_444_800_000


def recorded(name):
    for line in shared.data(f"messages/binance/recorded/{name}").read_text("utf-8").splitlines():
        stamp, colon, frame = line.partition(": ")
        if colon and stamp.replace(".", "").isdigit():
            yield frame


def expected(frame, *, futures):
    """Type name of the one message that a frame must give."""
    value = json.loads(frame)
    event = value.get("data", value)
    kind = NAMES.get(event.get("e"))
    if kind is None or (futures and event.get("st", 1) != 1):
        return "Ignored"
    k = event.get("k")
    if k and not float(k["l"]) <= min(float(k["o"]), float(k["c"])) <= float(k["h"]):
        return "Malformed"  # one published sample has its low above its open
    times = [event["E"], event.get("T", event["E"]), event.get("k", {}).get("t", event["E"])]
    return kind if all(FIRST <= t < LAST for t in times) else "Malformed"


@pytest.mark.parametrize(
    "name, venue, least",
    [
        ("BINANCE.ws.1.0", "binance_spot", 265),
        ("BINANCE_US.ws.1.0", "binance_spot", 480),
        ("BINANCE_FUTURES.ws.1.0", "binance_futures", 1535),
        ("BINANCE_DELIVERY.ws.1.0", "binance_futures", 4371),
    ],
)
def test_recorded_connections(name, venue, least):
    made = protocol(venue)
    counted, wanted = Counter(), Counter()
    for frame in recorded(name):
        wanted[expected(frame, futures=venue == "binance_futures")] += 1
        messages = made.decode(frame)
        assert messages == made.decode(frame.encode())
        counted.update(type(message).__name__ for message in messages)
        for message in messages:
            if type(message).__name__ == "Kline":
                k = json.loads(frame)["data"]["k"]
                assert (message.open, message.close, message.n, message.final) == (
                    float(k["o"]), float(k["c"]), k["n"], k["x"],
                )  # fmt: skip
    assert counted == wanted
    assert counted.total() == least
    assert counted["Kline"] > 0


def single_frames():
    for folder in ("nautilus-python/ws_messages", "nautilus-rust/futures/market_data_json"):
        yield from sorted(shared.data(f"messages/binance/{folder}").glob("*.json"))


def test_single_recorded_messages():
    for path in single_frames():
        futures = "futures" in str(path)
        [message] = protocol("binance_futures" if futures else "binance_spot").decode(path.read_bytes())
        assert type(message).__name__ == expected(path.read_text("utf-8"), futures=futures), path.name
        if isinstance(message, Malformed):
            assert "not between 2009 and 2100" in message.error or path.name == "kline_stream_open.json"


@pytest.mark.parametrize(
    "name, venue, market",
    [
        ("BINANCE.0", "binance_spot", "binance-spot"),
        ("BINANCE_US.0", "binance_spot", "binance-spot"),
        ("BINANCE_FUTURES.0", "binance_futures", "binance-futures"),
    ],
)
def test_recorded_listings(name, venue, market):
    text = shared.data(f"messages/binance/recorded/{name}").read_text("utf-8").splitlines()[0]
    body = text[text.index("{") :]
    listed, weight = protocol(venue).parse_instruments(body.encode(), market)
    plain = json.loads(body)
    rows = [s for s in plain["symbols"] if s.get("contractType", "PERPETUAL") == "PERPETUAL"]
    assert len(listed) == len(rows) > 40
    assert weight == next(r["limit"] for r in plain["rateLimits"] if r["rateLimitType"] == "REQUEST_WEIGHT")
    for made, row in zip(listed, rows, strict=True):
        rules = {rule["filterType"]: rule for rule in row["filters"]}
        least = rules.get("MIN_NOTIONAL", rules.get("NOTIONAL", {}))
        assert (made.name, made.base, made.quote, made.status) == (
            row["symbol"], row["baseAsset"], row["quoteAsset"], row["status"].lower(),
        )  # fmt: skip
        assert made.tick_size == float(rules["PRICE_FILTER"]["tickSize"])
        assert made.lot_size == float(rules["LOT_SIZE"]["stepSize"])
        assert made.min_notional == float(least.get("notional", least.get("minNotional", 0)))
        assert not made.generated


@pytest.mark.parametrize(
    "interval", ["1M_2010-01-01", "1d_2022-01-01", "1h_2022-07-01", "1w_2010-01-01", "3d_2015-01-01"]
)
def test_recorded_kline_rows(interval):
    body = shared.data(f"messages/binance/rest-klines/BTCUSDT_{interval}.json").read_bytes()
    rows = json.loads(body)
    bars = protocol("binance_spot").parse_klines("BTCUSDT", body, server_ms=rows[-1][6])
    assert len(bars) == len(rows)
    assert [bar.final for bar in bars] == [True] * (len(rows) - 1) + [False]
    for bar, row in zip(bars, rows, strict=True):
        assert (bar.ts, bar.n) == (row[0], row[8])
        assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == tuple(float(x) for x in row[1:6])
