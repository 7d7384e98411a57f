"""What every event is made of; apart, so that each part of the contracts can declare its own events."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

Delivery = Literal["latest", "every"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of all events. topic: what a client subscribes to."""

    topic: ClassVar[str] = ""
    delivery: ClassVar[Delivery] = "every"

    def key(self) -> object:
        """Events of one topic with an equal key replace each other when delivery is 'latest'."""
        return None
