"""Stream names and the URL of Binance Spot. Every spot stream lives under one path, so nothing can be mixed up."""

from __future__ import annotations


def url(base: str) -> str:
    """Combined path, bare: long ?streams= lists fail, so names are subscribed afterwards (pitfall 22)."""
    return base.rstrip("/") + "/stream"


def names(symbols: list[str], *, trades: bool) -> list[str]:
    """1-minute klines, 24 h figures and, with `trades`, aggregate trades of each symbol.

    The 24 h figures come per symbol rather than from !miniTicker@arr: each shard then hears of its own symbols only,
    nothing arrives twice, and one lost connection costs only its own symbols their figures.
    """
    kinds = ("kline_1m", "aggTrade", "miniTicker") if trades else ("kline_1m", "miniTicker")
    return [f"{symbol.lower()}@{kind}" for symbol in symbols for kind in kinds]
