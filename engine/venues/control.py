"""Control frames of a Binance connection: requests in chunks small enough for the venue (pitfalls 20, 22)."""

from __future__ import annotations

import msgspec

#: names in one message; no number is documented, hundreds at once were refused as "Too many subscriptions"
NAMES_PER_MESSAGE = 100


def requests(method: str, streams: list[str], request_id: int) -> list[tuple[int, str]]:
    """(id, text) of SUBSCRIBE or UNSUBSCRIBE, ids counting up from request_id."""
    chunks = [streams[at : at + NAMES_PER_MESSAGE] for at in range(0, len(streams), NAMES_PER_MESSAGE)]
    return [
        (number, msgspec.json.encode({"method": method, "params": chunk, "id": number}).decode())
        for number, chunk in enumerate(chunks, request_id)
    ]


def list_subscriptions(request_id: int) -> tuple[int, str]:
    """The request whose Ack.result is the list of streams the venue believes in."""
    return request_id, msgspec.json.encode({"method": "LIST_SUBSCRIPTIONS", "id": request_id}).decode()
