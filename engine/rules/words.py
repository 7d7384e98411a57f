"""The series that have names: columns of the bars, prices of the day and the week, the calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.contracts.errors import BadInput
from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.rules.context import Place

#: bars after which an entry is forgotten by at_entry and bars_since_entry
ENTRY_MEMORY = 500
SESSIONS = ("london", "new_york", "tokyo")
DAY, WEEK = "day", "week"


@dataclass(frozen=True)
class Series:
    """group: heading in the reference; meaning: one line for a person; build: its node."""

    group: str
    meaning: str
    build: Callable[[Place], Node]


def anchored(kind: str, column: str, period: str, ended: bool = False) -> Callable[[Place], Node]:
    """Of the trading day or week so far, this bar included; or of the one before, when it has ended."""

    def build(place: Place) -> Node:
        key, most = place.clock(f"{period}_number"), place.most_bars(1 if period == DAY else 7)
        return g.anchored(kind, place.source(column), key, most, ended)

    return build


def _bar_of_day(place: Place) -> Node:
    return g.sub(anchored("count", "close", DAY)(place), g.const(1.0))


def bars_since_entry(place: Place) -> Node:
    return g.bars_since(entry_of(place, "bars_since_entry"), ENTRY_MEMORY)


def entry_of(place: Place, what: str) -> Node:
    """The edge of the entry of the side that the rule belongs to."""
    if place.factor != 1:
        raise BadInput(f"{what} cannot stand inside tf.", fix="The entry happens on the strategy's own bars.")
    if place.entry is None:
        raise BadInput(
            f"{what} is known only in the exit, the stop and the target of one side.",
            fix="Use it in long exit, short exit, long stop, short stop, long target or short target.",
        )
    return place.entry


def _column(name: str) -> Callable[[Place], Node]:
    return lambda place: place.source(name)


def _clock(what: str) -> Callable[[Place], Node]:
    return lambda place: place.clock(what)


_BARS, _DAYS, _WEEKS, _CALENDAR, _ENTRY = (
    "Prices of the bar",
    "The trading day",
    "The trading week",
    "The calendar",
    "The trade",
)

SERIES: dict[str, Series] = {
    "open": Series(_BARS, "first price of the bar", _column("open")),
    "high": Series(_BARS, "highest price of the bar", _column("high")),
    "low": Series(_BARS, "lowest price of the bar", _column("low")),
    "close": Series(_BARS, "last price of the bar", _column("close")),
    "volume": Series(_BARS, "traded volume of the bar, in units of the symbol", _column("volume")),
    "funding": Series(
        _BARS,
        "last settled funding rate of a perpetual (0.0001 is 0.01 %); undefined where there is none",
        _column("funding"),
    ),
    "day_open": Series(_DAYS, "first price of the trading day", anchored("first", "open", DAY)),
    "day_high": Series(_DAYS, "highest price of the day so far, this bar included", anchored("max", "high", DAY)),
    "day_low": Series(_DAYS, "lowest price of the day so far, this bar included", anchored("min", "low", DAY)),
    "prev_day_open": Series(_DAYS, "first price of the day before", anchored("first", "open", DAY, ended=True)),
    "prev_day_high": Series(_DAYS, "highest price of the day before", anchored("max", "high", DAY, ended=True)),
    "prev_day_low": Series(_DAYS, "lowest price of the day before", anchored("min", "low", DAY, ended=True)),
    "prev_day_close": Series(_DAYS, "last price of the day before", anchored("last", "close", DAY, ended=True)),
    "bar_of_day": Series(_DAYS, "number of the bar in its day; 0 for the first", _bar_of_day),
    "week_open": Series(_WEEKS, "first price of the trading week", anchored("first", "open", WEEK)),
    "week_high": Series(_WEEKS, "highest price of the week so far, this bar included", anchored("max", "high", WEEK)),
    "week_low": Series(_WEEKS, "lowest price of the week so far, this bar included", anchored("min", "low", WEEK)),
    "prev_week_open": Series(_WEEKS, "first price of the week before", anchored("first", "open", WEEK, ended=True)),
    "prev_week_high": Series(_WEEKS, "highest price of the week before", anchored("max", "high", WEEK, ended=True)),
    "prev_week_low": Series(_WEEKS, "lowest price of the week before", anchored("min", "low", WEEK, ended=True)),
    "prev_week_close": Series(_WEEKS, "last price of the week before", anchored("last", "close", WEEK, ended=True)),
    "minute": Series(_CALENDAR, "minute of the day, 0 to 1439", _clock("minute")),
    "hour": Series(_CALENDAR, "hour of the day, 0 to 23", _clock("hour")),
    "weekday": Series(_CALENDAR, "1 for Monday to 7 for Sunday", _clock("weekday")),
    "day": Series(_CALENDAR, "day of the month, 1 to 31", _clock("day")),
    "month": Series(_CALENDAR, "1 for January to 12 for December", _clock("month")),
    "days_left": Series(_CALENDAR, "days until the month ends; 0 on its last day", _clock("days_left")),
    "bars_since_entry": Series(
        _ENTRY,
        f"bars since the side's last entry signal, 0 on the signal's bar; undefined after {ENTRY_MEMORY}",
        bars_since_entry,
    ),
}
