"""Binance USD-M Futures as one object that implements contracts.feed.VenueProtocol."""

from __future__ import annotations

from engine.contracts.errors import BadInput
from engine.contracts.feed import Kline, Message, RestFailure, RestRequest, VenueLimits
from engine.contracts.instruments import Instrument
from engine.venues import control, replies
from engine.venues.binance_futures import constants, decode, rest
from engine.venues.binance_futures import streams as routes


class Protocol:
    """Stateless: one object may serve every connection."""

    limits: VenueLimits = constants.LIMITS

    def stream_url(self, base: str) -> str:
        return routes.url(base)

    def stream_names(self, symbols: list[str], *, trades: bool) -> list[str]:
        return routes.names(symbols, trades=trades)

    def subscribe(self, streams: list[str], request_id: int) -> list[tuple[int, str]]:
        return control.requests("SUBSCRIBE", _market_only(streams), request_id)

    def unsubscribe(self, streams: list[str], request_id: int) -> list[tuple[int, str]]:
        return control.requests("UNSUBSCRIBE", streams, request_id)

    def decode(self, frame: bytes | str) -> list[Message]:
        return decode.decode(frame)

    def instruments_request(self) -> RestRequest:
        return rest.instruments_request()

    def parse_instruments(self, body: bytes, market: str) -> tuple[list[Instrument], int]:
        return rest.parse_instruments(body, market)

    def time_request(self) -> RestRequest:
        return rest.time_request()

    def parse_time(self, body: bytes) -> int:
        return replies.server_time(body)

    def klines_request(
        self, symbol: str, timeframe: str, *, from_ms: int | None, to_ms: int | None, limit: int
    ) -> RestRequest:
        return rest.klines_request(symbol, timeframe, from_ms, to_ms, limit)

    def parse_klines(self, symbol: str, body: bytes, *, server_ms: int) -> list[Kline]:
        return replies.klines(symbol, body, server_ms)

    def failure(self, status: int, body: bytes, headers: dict[str, str]) -> RestFailure:
        return replies.failure(status, body, headers)

    def used_weight(self, headers: dict[str, str]) -> int | None:
        return replies.used_weight(headers)


def _market_only(streams: list[str]) -> list[str]:
    """The same list; BadInput where `stream_url` (the market category) would leave any of it silent."""
    if streams and routes.one_category(streams) != routes.MARKET:
        raise BadInput(
            f"{streams[0]} is a public stream; on the market connection it would stay silent.",
            where="futures streams",
            fix="Open a connection under /public for it.",
        )
    return streams
