"""What a person is told of: rules as one line of text each, as the settings and the state hold them."""

from __future__ import annotations

import math
import re

import msgspec

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.signals import CONFIRMED, ENTRY, EXIT, LONG, PROVISIONAL, SHORT
from engine.contracts.timeframes import TIMEFRAMES

_PATTERNS = ("strategy", "family", "symbol", "timeframe", "side", "action", "kind")
_TEXTS = ("name", "list", "scan")
_SIDES = {
    "side": (LONG, SHORT),
    "action": (ENTRY, EXIT),
    "timeframe": TIMEFRAMES,
    "kind": (CONFIRMED, PROVISIONAL),
}
#: ways to be told that the window has, and those that the engine sends by
SHOWN = ("sound", "desktop")
SENT = ("webhook", "mail", "telegram")
_WORDS = (*SHOWN, *SENT, "off")
#: what a rule may look like, for help and messages
EXAMPLE = "strategy=rsi_* symbol=binance-spot:* timeframe=1h side=long action=entry strength>=1.5 sound desktop"
SCAN_EXAMPLE = 'scan="RSI(14) < 30 and volume > SMA(volume, 20) * 2" timeframe=15m telegram'
_TOKEN = re.compile(r'\s*(?P<name>[^\s="<>]+)(?:(?P<mark>>=|=)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"]*)))?')


class AlertRule(msgspec.Struct, frozen=True, kw_only=True):
    """Patterns have * and ?, alternatives are parted by |; symbol is matched as MARKET:NAME and as the bare name.
    strength: the least. name: for people. list: the name of the list that the symbols came from.

    Of signals only those are looked at that are not late, not settling and not within a strategy's cool-down. With a
    scan no signal is meant, but a filter in the rules language that a symbol begins to meet with a bar's close.
    """

    text: str
    name: str = ""
    strategy: str = "*"
    family: str = "*"
    symbol: str = "*"
    list: str = ""
    timeframe: str = "*"
    side: str = "*"
    action: str = "*"
    kind: str = CONFIRMED
    strength: float = -math.inf
    scan: str = ""
    sound: bool = False
    desktop: bool = False
    webhook: bool = False
    mail: bool = False
    telegram: bool = False
    off: bool = False

    @property
    def sent(self) -> tuple[str, ...]:
        """The channels that the engine sends it by."""
        return tuple(channel for channel in SENT if getattr(self, channel))


_ANY = AlertRule(text="")


def parse_rule(text: str, where: str = "alerts.rules") -> AlertRule:
    """A rule out of words, each NAME=PATTERN, strength>=NUMBER, name="..", scan="..", sound, desktop, webhook, mail,
    telegram or off. BadInput names the word."""
    given: dict[str, object] = {}
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or not match.group().strip():
            raise BadInput(
                f'"{text[at:].strip()[:20]}" says nothing that an alert rule knows.', where=where, fix=_fix()
            )
        at = match.end()
        _take(given, match, where)
    if not given:
        raise BadInput("This alert rule is empty.", where=where, fix=_fix())
    rule = AlertRule(text=text, **given)  # type: ignore[arg-type]
    if rule.scan:
        _check_scan(rule, given, where)
    return rule


def _take(given: dict[str, object], match: re.Match[str], where: str) -> None:
    name, mark, word = match["name"], match["mark"], match.group().strip()
    if mark is None and name in _WORDS:
        given[name] = True
        return
    quoted = match["quoted"]
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match["bare"] or ""
    fits = name == "strength" if mark == ">=" else name in (*_PATTERNS, *_TEXTS)
    if not mark or not value or not fits or name in given:
        known = (*_PATTERNS, *_TEXTS, "strength", *_WORDS)
        raise BadInput(
            f'"{word}" says nothing that an alert rule knows.{did_you_mean(name, known)}', where=where, fix=_fix()
        )
    if name == "strength":
        given[name] = _number(value, where)
    else:
        given[name] = value if name in _TEXTS else _pattern(name, value, where)


def rule_text(rule: AlertRule) -> str:
    """The rule as one line that `parse_rule` reads back; its own `text` is not looked at."""
    words = []
    for name in ("name", "scan", *_PATTERNS, "list"):
        value = getattr(rule, name)
        if value == getattr(_ANY, name):
            continue
        plain = re.fullmatch(r'[^\s"\\]+', value) and name not in _TEXTS
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        words.append(f"{name}={value}" if plain else f'{name}="{quoted}"')
    if rule.strength > -math.inf:
        words.append(f"strength>={rule.strength:g}")
    words += [word for word in _WORDS if getattr(rule, word)]
    return " ".join(words)


def parse_cooldowns(items: tuple[str, ...], where: str = "signals.cooldowns") -> dict[str, int]:
    """Bars by strategy id, out of ID=BARS each. BadInput for anything else."""
    made: dict[str, int] = {}
    for item in items:
        name, _, value = item.partition("=")
        if not name or not value.isdecimal():
            raise BadInput(f'"{item}" does not give a number of bars.', where=where, fix="Write rsi_revert=12.")
        made[name] = int(value)
    return made


def _check_scan(rule: AlertRule, given: dict[str, object], where: str) -> None:
    wrong = [n for n in ("strategy", "family", "side", "action", "kind", "strength") if n in given]
    if wrong:
        raise BadInput(f"{wrong[0]} is of signals; a scan has none.", where=where, fix=f"As in: {SCAN_EXAMPLE}")
    if rule.timeframe not in TIMEFRAMES:
        raise BadInput("A scan needs one timeframe.", where=where, fix=f"As in: {SCAN_EXAMPLE}")


def _pattern(name: str, value: str, where: str) -> str:
    allowed = _SIDES.get(name, ())
    for part in value.split("|"):
        if allowed and not set("*?[") & set(part) and part not in allowed:
            raise BadInput(f'{name} cannot be "{part}".{did_you_mean(part, allowed)}', where=where, fix=_fix())
    return value


def _number(value: str, where: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise BadInput(f'strength>= needs a number, not "{value}".', where=where, fix=_fix()) from None


def _fix() -> str:
    return f"As in: {EXAMPLE}"
