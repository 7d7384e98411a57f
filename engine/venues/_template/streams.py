"""Stream names and the URL to connect to."""

from __future__ import annotations


def url(base: str) -> str:
    return base.rstrip("/") + "/v1"


def names(symbols: list[str], *, trades: bool) -> list[str]:
    """The streams that feed 1-minute candles of these symbols."""
    return [f"{kind}.{symbol}" for symbol in symbols for kind in (("bar", "trade") if trades else ("bar",))]
