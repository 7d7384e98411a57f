"""OANDA's REST as documented and as recorded: requests, candles with nanoseconds, instruments, failures."""

from __future__ import annotations

import msgspec
import pytest

from engine.contracts.errors import BadInput, PyroError
from engine.venues.oanda import rest
from tests import shared

BODY = b"""{"instrument":"EUR_USD","granularity":"M1","candles":[
 {"complete":true,"volume":37,"time":"2026-01-05T08:38:00.000000000Z","mid":{"o":"1.09154","h":"1.09157","l":"1.09151",
  "c":"1.09155"},"bid":{"o":"1.09148","h":"1.09151","l":"1.09145","c":"1.09149"},"ask":{"o":"1.0916","h":"1.09163",
  "l":"1.09157","c":"1.09161"}},
 {"complete":true,"volume":1,"time":"1767602400.000000000","mid":{"o":"1","h":"1","l":"1","c":"1"},
  "bid":{"o":"1","h":"1","l":"1","c":"1"},"ask":{"o":"1","h":"1","l":"1","c":"1"},"more":1},
 {"complete":true,"volume":1,"time":"2026-01-05T08:41:00.000000000Z","mid":{"o":"1","h":"0.5","l":"1","c":"1"},
  "bid":{"o":"1","h":"1","l":"1","c":"1"},"ask":{"o":"1","h":"1","l":"1","c":"1"}},
 {"complete":false,"volume":2,"time":"2026-01-05T08:42:00.000000000Z","mid":{"o":"1","h":"1","l":"1","c":"1"}}]}"""


def test_candles():
    bars, running = rest.parse_candles(BODY)
    assert [b.ts for b in bars] == [1_767_602_280_000, 1_767_602_400_000]
    assert (bars[0].mid.o, bars[0].bid.c, bars[0].ask.h, bars[0].ticks) == (1.09154, 1.09149, 1.09163, 37)
    assert running == 1_767_602_520_000
    assert rest.parse_candles(b'{"candles":[]}') == ([], -1)
    for body in (b"", b"[]", b'{"candles":[{"time":5}]}', b"\xff"):
        with pytest.raises(PyroError, match="cannot be read"):
            rest.parse_candles(body)


def test_requests():
    found = rest.candles_request("EUR_USD", "1m", 1_767_602_280_000, 99_999)
    assert found.path == "/v3/instruments/EUR_USD/candles"
    assert found.params == {"price": "MBA", "granularity": "M1", "from": "2026-01-05T08:38:00Z", "count": "5000"}
    with pytest.raises(BadInput, match="no bars of 3m"):
        rest.candles_request("EUR_USD", "3m", 0, 1)
    assert rest.headers("abc")["Authorization"] == "Bearer abc"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b'{"errorMessage":"Insufficient authorization to perform request."}', "token"),
        (403, b"", "token"),
        (429, b"", "rate"),
        (503, b"<html>", "server"),
        (404, b"{}", "bad_symbol"),
        (400, b'{"errorMessage":"Invalid value specified for \'instrument\'"}', "bad_symbol"),
        (400, b'{"errorMessage":"Invalid value specified for \'granularity\'","errorCode":"x"}', "bad_request"),
    ],
)
def test_failures(status, body, kind):
    assert rest.failure(status, body, {}).kind == kind


@pytest.mark.shared
def test_recorded_accounts_and_instruments():
    recorded = msgspec.json.decode(shared.data("messages/oanda/oandapyV20/accounts.json").read_bytes())
    listed = msgspec.json.encode(recorded["_v3_accounts"]["response"])
    assert all(a.count("-") == 3 for a in rest.parse_accounts(listed))
    reply = msgspec.json.encode(recorded["_v3_account_by_accountID_instruments"]["response"])
    assert [i.name for i in rest.parse_instruments(reply, "oanda-forex")] == ["EUR_USD", "EUR_CHF"]
    every = msgspec.json.decode(shared.data("messages/oanda/instruments.json").read_bytes())
    body = msgspec.json.encode({"instruments": list(every.values())})
    forex, goods = (rest.parse_instruments(body, m) for m in ("oanda-forex", "oanda-commodities"))
    assert len(forex) > 60
    names = {i.name for i in goods}
    assert {"XAU_USD", "BCO_USD"} <= names
    assert not {"SPX500_USD", "US30_USD", "EUR_USD"} & names
    assert next(i for i in forex if i.name == "USD_JPY").tick_size == 0.001
