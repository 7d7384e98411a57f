"""Expressions of the rules language that are kept computed for all live symbols: columns and filters of watchlists."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from engine.contracts.commands_base import Command
from engine.contracts.events_base import Delivery, Event


class WatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """One expression on one timeframe. condition: it has to be true or false, as a filter must."""

    expression: str
    timeframe: str
    condition: bool = False


class WatchProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Why an item is not computed. item: its number. what: one sentence; at: the character it is about, -1 the whole
    of it; fix: what can be done."""

    item: int
    what: str
    at: int = -1
    fix: str = ""


class WatchReply(msgspec.Struct, frozen=True, kw_only=True):
    """conditions: by item, whether it is true or false (1 or 0 in the values)."""

    problems: list[WatchProblem] = []
    conditions: list[bool] = []


class SetWatch(Command, frozen=True, kw_only=True, tag="set_watch"):
    """Compute these for all live symbols from now on, instead of what this view asked before; [] ends it. The values
    come as WatchValues. What has a problem is left out, the others are computed. view '': only say what is wrong."""

    reply: ClassVar[type] = WatchReply
    view: str
    items: list[WatchItem]


class WatchValues(Event, frozen=True, kw_only=True, tag="watch_values"):
    """Twice a second. values: bytes <f4[items, instruments], by id; nan while a symbol's history is too short, and
    where an item has a problem."""

    topic: ClassVar[str] = "watch"
    delivery: ClassVar[Delivery] = "latest"
    view: str
    items: int
    values: bytes

    def key(self) -> object:
        return self.view


class Spreads(Event, frozen=True, kw_only=True, tag="spreads"):
    """Best prices, every five seconds: ids <i4[n], bid and ask <f8[n]."""

    topic: ClassVar[str] = "quotes"
    ids: bytes
    bid: bytes
    ask: bytes
