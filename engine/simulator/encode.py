"""Frames and rows as Binance writes them. Every template is made once per symbol; an event fills in its numbers."""

from __future__ import annotations

import struct

import msgspec

from engine.simulator.config import Dialect
from engine.simulator.source import Symbol

_TEXT = 0x81


def text_frame(payload: bytes) -> bytes:
    """An unmasked, final WebSocket text frame (RFC 6455 section 5.2): what a server sends."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", _TEXT, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", _TEXT, 126, size) + payload
    return struct.pack("!BBQ", _TEXT, 127, size) + payload


def quoted(text: str) -> str:
    """A JSON string."""
    return msgspec.json.encode(text).decode()


def padded(decimals: int, to: int) -> str:
    """Printf format of a value with this many decimals, filled up with zeros to `to` of them."""
    point = "." if decimals == 0 and to > 0 else ""
    return f"%.{decimals}f{point}" + "0" * max(to - decimals, 0)


class Templates:
    """Printf templates of one symbol. Floats come out with the digits of the market."""

    def __init__(self, symbol: Symbol, dialect: Dialect) -> None:
        pad = dialect.padded
        self.price = padded(symbol.decimals, pad)
        self.lots = padded(symbol.lot_decimals, pad)
        self.value = f"%.{pad or min(symbol.decimals + symbol.lot_decimals, 8)}f"
        name = quoted(symbol.name).replace("%", "%%")
        p, q, value = f'"{self.price}"', f'"{self.lots}"', f'"{self.value}"'
        whose = ',"st":1' if dialect.categories else ""
        pair = f',"ps":{name}{whose}' if dialect.categories else ""
        self.kline = (
            f'{{"e":"kline","E":%d,"s":{name},"k":{{"t":%d,"T":%d,"s":{name},"i":"1m","f":%d,"L":%d,'
            f'"o":{p},"c":{p},"h":{p},"l":{p},"v":{q},"n":%d,"x":%s,"q":{value},"V":{q},"Q":{value},"B":"0"}}}}'
        )
        normal = f',"nq":{q}' if dialect.categories else ""
        tail = whose if dialect.categories else ',"M":true'
        self.trade = (
            f'{{"e":"aggTrade","E":%d,"s":{name},"a":%d,"p":{p},"q":{q}{normal},"f":%d,"l":%d,"T":%d,"m":%s{tail}}}'
        )
        self.ticker = (
            f'{{"e":"24hrMiniTicker","E":%d,"s":{name},"c":{p},"o":{p},"h":{p},"l":{p},"v":{q},"q":{value}{pair}}}'
        )
        self.row = f'[%d,{p},{p},{p},{p},{q},%d,{value},%d,{q},{value},"0"]'
        lower = symbol.name.lower()
        self.streams = {kind: f"{lower}@{kind}" for kind in ("kline_1m", "aggTrade", "miniTicker")}
        self.wraps = {kind: f'{{"stream":{quoted(stream)},"data":' for kind, stream in self.streams.items()}


def shutdown(event_ms: int, combined: bool) -> bytes:
    """The notice that the server is about to go."""
    event = f'{{"e":"serverShutdown","E":{event_ms}}}'
    return (f'{{"stream":"!serverShutdown","data":{event}}}' if combined else event).encode()
