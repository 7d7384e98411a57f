"""Which symbol travels on which connection. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from engine.contracts.errors import BadInput


def plan_shards(
    market: str,
    symbols: Sequence[str],
    per_connection: int = 30,
    max_shards: int = 16,
    previous: Sequence[Sequence[str]] = (),
) -> list[list[str]]:
    """Symbols of each shard, in the order given; as few shards as hold them, none above ceil(n / shards).

    Stable: each symbol goes to the shard with the highest hash of (market, shard, symbol) that has room, so that a list
    that changes little moves few symbols. With `previous` (an earlier plan) those that still fit stay where they were.
    Duplicates count once. BadInput when they do not fit, naming the setting to raise.
    """
    names = list(dict.fromkeys(symbols))
    if per_connection < 1 or max_shards < 1:
        raise BadInput(
            "A market needs at least one connection and one symbol on it.",
            where=market,
            fix="Set feeds.symbols_per_connection and feeds.max_shards to 1 or more.",
        )
    if len(names) > per_connection * max_shards:
        raise BadInput(
            f"{len(names)} symbols do not fit on {max_shards} connections of {per_connection}.",
            where=market,
            fix=f"Set feeds.symbols_per_connection to {math.ceil(len(names) / max_shards)} or more, raise"
            " feeds.max_shards, or watch fewer symbols.",
        )
    if not names:
        return []
    count = math.ceil(len(names) / per_connection)
    room = [math.ceil(len(names) / count)] * count
    placed = _kept(names, previous, room)
    for symbol in sorted((s for s in names if s not in placed), key=lambda s: _score(market, -1, s)):
        shard = max((i for i in range(count) if room[i]), key=lambda i: _score(market, i, symbol))
        room[shard] -= 1
        placed[symbol] = shard
    shards: list[list[str]] = [[] for _ in range(count)]
    for symbol in names:
        shards[placed[symbol]].append(symbol)
    return shards


def _kept(names: list[str], previous: Sequence[Sequence[str]], room: list[int]) -> dict[str, int]:
    wanted = set(names)
    placed: dict[str, int] = {}
    for shard, members in enumerate(previous[: len(room)]):
        for symbol in members:
            if symbol in wanted and symbol not in placed and room[shard]:
                placed[symbol] = shard
                room[shard] -= 1
    return placed


def _score(market: str, shard: int, symbol: str) -> bytes:
    return hashlib.blake2b(f"{market}/{shard}/{symbol}".encode(), digest_size=8).digest()
