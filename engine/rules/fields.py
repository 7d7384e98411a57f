"""The rules that a strategy can have: name, kind, meaning; in the order of the text form."""

from __future__ import annotations

from dataclasses import dataclass

from engine.indicators.graph import CONDITION, LONGEST, NUMBER
from engine.rules.functions import SCALAR

#: bars that an entry order may wait, and a trade may last by its time stop
MOST_VALID, MOST_HELD = 500, LONGEST


@dataclass(frozen=True)
class Field:
    """kind: condition, number (a price or a distance of the decision bar) or scalar (known before the first bar).

    side: the one side it belongs to, "" for both. group, meaning, example: for the reference.
    """

    kind: str
    group: str
    meaning: str
    example: str
    side: str = ""


_ENTRY, _ORDER, _EXIT, _SETS = "Entries and exits", "Entry orders", "Stops and targets", "Parameter sets"

FIELDS: dict[str, Field] = {
    "long_entry": Field(
        CONDITION, _ENTRY, "buy when this becomes true", "crosses_above(RSI(14), 30)", "long",
    ),
    "long_exit": Field(CONDITION, _ENTRY, "leave the long trade when this becomes true", "RSI(14) > 55", "long"),
    "short_entry": Field(CONDITION, _ENTRY, "sell short when this becomes true", "crosses_below(RSI(14), 70)", "short"),
    "short_exit": Field(CONDITION, _ENTRY, "leave the short trade when this becomes true", "RSI(14) < 45", "short"),
    "long_entry_stop": Field(
        NUMBER, _ORDER, "buy at this price or higher: the long entry becomes a resting stop order at it",
        "high + 0.1 * ATR(14)", "long",
    ),
    "long_entry_limit": Field(
        NUMBER, _ORDER, "buy at this price or lower: the long entry becomes a resting limit order at it",
        "close - ATR(14)", "long",
    ),
    "short_entry_stop": Field(
        NUMBER, _ORDER, "sell short at this price or lower: the short entry becomes a resting stop order at it",
        "low - 0.1 * ATR(14)", "short",
    ),
    "short_entry_limit": Field(
        NUMBER, _ORDER, "sell short at this price or higher: the short entry becomes a resting limit order at it",
        "close + ATR(14)", "short",
    ),
    "entry_valid": Field(SCALAR, _ORDER, "for so many bars the order rests; 1 if not given", "3"),
    "stop": Field(NUMBER, _EXIT, "leave once the price has gone this far against the entry", "2 * ATR(14)"),
    "target": Field(NUMBER, _EXIT, "leave once it has gone this far in favour", "3 * ATR(14)"),
    "trail": Field(NUMBER, _EXIT, "leave once it is this far from its best since the entry", "3 * ATR(14)"),
    "break_even": Field(
        NUMBER, _EXIT, "once it has gone this far in favour the stop moves to the entry price", "1 * ATR(14)"
    ),
    "long_stop": Field(NUMBER, _EXIT, "stop of long trades, in place of stop", "close - lowest(low, 10)", "long"),
    "short_stop": Field(NUMBER, _EXIT, "stop of short trades, in place of stop", "highest(high, 10) - close", "short"),
    "long_target": Field(NUMBER, _EXIT, "target of long trades, in place of target", "prev_day_high - close", "long"),
    "short_target": Field(
        NUMBER, _EXIT, "target of short trades, in place of target", "close - prev_day_low", "short"
    ),
    "time_stop": Field(SCALAR, _EXIT, "leave at the next open after so many bars in the trade", "24"),
    "requires": Field(CONDITION, _SETS, "drop the parameter sets that do not meet this", "fast < slow"),
}  # fmt: skip

CONDITIONS = ("long_entry", "long_exit", "short_entry", "short_exit")
#: rows of a bound strategy's values, 8 k ... 8 k + 7 for the k-th: distances, then the price of the entry order
LEVELS = (
    "long_stop",
    "short_stop",
    "long_target",
    "short_target",
    "trail",
    "break_even",
    "long_level",
    "short_level",
)
SIDES = ("long", "short")


def label(name: str) -> str:
    """A field as it is written in text: long_entry_stop -> long entry stop."""
    return name.replace("_", " ")


def follows_entry(name: str) -> bool:
    """Whether a rule comes after the entry of its side, so that at_entry has a meaning in it."""
    return bool(FIELDS[name].side) and not name.endswith("_entry")
