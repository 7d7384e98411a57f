"""Best bid and ask of a whole market in one request. Spot has no stream of all symbols' (removed 2022-12-07), futures
send theirs every five seconds; asked as often, both cost little of the budget and no frames."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import msgspec

from engine.contracts.feed import RestRequest
from engine.venues import replies
from engine.venues.binance_futures import constants as futures
from engine.venues.binance_spot import constants as spot

_PATH = "/ticker/bookTicker"
#: documented weights of the request for all symbols
_REQUESTS: dict[str, RestRequest] = {
    "binance_spot": RestRequest(path=spot.REST_BASE + _PATH, params={}, weight=4),
    "binance_futures": RestRequest(path=futures.REST_BASE + _PATH, params={}, weight=5),
}


class Best(NamedTuple):
    symbol: str
    bid: float
    ask: float


class _Row(msgspec.Struct):
    symbol: str
    bidPrice: float
    askPrice: float


_ROWS = msgspec.json.Decoder(list[_Row], strict=False)


def book_request(venue: str) -> RestRequest | None:
    """None where the venue has no such request."""
    return _REQUESTS.get(venue)


def parse_book(body: bytes) -> list[Best]:
    """Both sides of every symbol that has both (a halted one has zeros), never crossed. PyroError for anything else."""
    rows = replies.read(_ROWS, body, "bookTicker")
    return [Best(r.symbol, r.bidPrice, r.askPrice) for r in rows if 0.0 < r.bidPrice <= r.askPrice < inf]
