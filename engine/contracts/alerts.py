"""Which signals a person is told of: rules as one line of text each, as the settings hold them."""

from __future__ import annotations

import math

import msgspec

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.signals import ENTRY, EXIT, LONG, SHORT
from engine.contracts.timeframes import TIMEFRAMES

_PATTERNS = ("strategy", "family", "symbol", "timeframe", "side", "action")
_SIDES = {"side": (LONG, SHORT), "action": (ENTRY, EXIT), "timeframe": TIMEFRAMES}
_WORDS = ("sound", "desktop")
#: what a rule may look like, for help and messages
EXAMPLE = "strategy=rsi_* symbol=binance-spot:* timeframe=1h side=long action=entry strength>=1.5 sound desktop"


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """Patterns have * and ?; symbol is matched as MARKET:NAME and as the bare name. strength: the least.

    Only confirmed signals are looked at that are not late, not settling and not within a strategy's cool-down.
    """

    text: str
    strategy: str = "*"
    family: str = "*"
    symbol: str = "*"
    timeframe: str = "*"
    side: str = "*"
    action: str = "*"
    strength: float = -math.inf
    sound: bool = False
    desktop: bool = False


def parse_rule(text: str, where: str = "alerts.rules") -> AlertRule:
    """A rule out of words, each NAME=PATTERN, strength>=NUMBER, sound or desktop. BadInput names the word."""
    given: dict[str, object] = {}
    for word in text.split():
        if word in _WORDS:
            given[word] = True
            continue
        name, mark, value = word.partition(">=" if word.startswith("strength") else "=")
        if not mark or not value or name not in (*_PATTERNS, "strength") or name in given:
            known = (*_PATTERNS, "strength", *_WORDS)
            raise BadInput(
                f'"{word}" says nothing that an alert rule knows.{did_you_mean(name, known)}', where=where, fix=_fix()
            )
        given[name] = _number(value, where) if name == "strength" else _pattern(name, value, where)
    if not given:
        raise BadInput("This alert rule is empty.", where=where, fix=_fix())
    return AlertRule(text=text, **given)  # type: ignore[arg-type]


def parse_cooldowns(items: tuple[str, ...], where: str = "signals.cooldowns") -> dict[str, int]:
    """Bars by strategy id, out of ID=BARS each. BadInput for anything else."""
    made: dict[str, int] = {}
    for item in items:
        name, _, value = item.partition("=")
        if not name or not value.isdecimal():
            raise BadInput(f'"{item}" does not give a number of bars.', where=where, fix="Write rsi_revert=12.")
        made[name] = int(value)
    return made


def _pattern(name: str, value: str, where: str) -> str:
    allowed = _SIDES.get(name, ())
    if allowed and not set("*?[") & set(value) and value not in allowed:
        raise BadInput(f'{name} cannot be "{value}".{did_you_mean(value, allowed)}', where=where, fix=_fix())
    return value


def _number(value: str, where: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadInput(f'strength>= needs a number, not "{value}".', where=where, fix=_fix()) from None


def _fix() -> str:
    return f"As in: {EXAMPLE}"
