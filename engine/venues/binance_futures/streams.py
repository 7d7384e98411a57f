"""Stream names, categories and the URL of Binance USD-M Futures.

Since 2026-04-23 a stream flows under the path of its category only; elsewhere it is acknowledged and stays silent. So
`category` alone decides, and a list of several categories is refused.
"""

from __future__ import annotations

from engine.contracts.errors import BadInput

MARKET, PUBLIC = "market", "public"
_PUBLIC_KINDS = ("bookTicker", "depth", "rpiDepth")


def category(stream: str) -> str:
    """The category of a stream: order book data is public, everything else market."""
    head, at, kind = stream.partition("@")
    if not at:
        kind = head.removeprefix("!")
    return PUBLIC if kind.startswith(_PUBLIC_KINDS) else MARKET


def one_category(streams: list[str]) -> str:
    """The category that all streams share; BadInput names two that differ, ValueError for an empty list."""
    if not streams:
        raise ValueError("no streams")
    first = category(streams[0])
    for stream in streams:
        if category(stream) != first:
            raise BadInput(
                f"{streams[0]} is a {first} stream and {stream} a {category(stream)} stream; "
                "one connection delivers only one of the two, silently.",
                where="futures streams",
                fix="Subscribe them on two connections.",
            )
    return first


def url(base: str, kind: str = MARKET) -> str:
    """Combined path of one category, bare: names are subscribed afterwards (pitfall 22)."""
    return f"{base.rstrip('/')}/{kind}/stream"


def names(symbols: list[str], *, trades: bool) -> list[str]:
    """1-minute klines, 24 h figures and, with `trades`, aggregate trades of each symbol.

    The 24 h figures come per symbol rather than from !miniTicker@arr, which since 2026-06-30 carries COIN-M symbols as
    well; and so each shard hears of its own symbols only, and nothing arrives twice.
    """
    kinds = ("kline_1m", "aggTrade", "miniTicker") if trades else ("kline_1m", "miniTicker")
    return [f"{symbol.lower()}@{kind}" for symbol in symbols for kind in kinds]
