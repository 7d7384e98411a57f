"""Alert rules as people read and make them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec

from engine.contracts.alerts import SENT, SHOWN, AlertRule, parse_rule, rule_text
from engine.contracts.errors import BadInput
from engine.contracts.signals import CONFIRMED, ENTRY, EXIT, LONG, PROVISIONAL
from widgets.texts import mark, tr

#: ways to be told, with their words
WAYS: dict[str, str] = {
    "sound": mark("Sound"),
    "desktop": mark("Desktop message"),
    "webhook": mark("Webhook"),
    "mail": mark("Mail"),
    "telegram": mark("Telegram"),
}
NEW = AlertRule(text="", sound=True, desktop=True)


def read(text: str) -> AlertRule | None:
    """None for a line that is no rule (any more)."""
    try:
        return parse_rule(text)
    except BadInput:
        return None


def written(rule: AlertRule) -> str:
    """The rule as a line; BadInput where it cannot be one."""
    if not any(getattr(rule, way) for way in (*SHOWN, *SENT)):
        raise BadInput(tr("Choose at least one way to be told."))
    text = rule_text(rule)
    parse_rule(text)
    return text


def title(rule: AlertRule) -> str:
    return rule.name or summary(rule)


def summary(rule: AlertRule) -> str:
    """What is meant, in words: 'Long entries of rsi_* on BTCUSDT, 1h, strength from 1.5'."""
    where = _where(rule)
    if rule.scan:
        return tr("{scan} on {timeframe}, {where}").format(scan=rule.scan, timeframe=rule.timeframe, where=where)
    sides = {"long": tr("Long"), "short": tr("Short")}.get(rule.side, tr("All"))
    actions = {ENTRY: tr("entries"), EXIT: tr("exits")}.get(rule.action, tr("signals"))
    kind = {PROVISIONAL: tr("provisional"), CONFIRMED: ""}.get(rule.kind, tr("also provisional"))
    parts = [f"{sides} {actions}"]
    if rule.strategy != "*":
        parts[0] += " " + tr("of {strategy}").format(strategy=rule.strategy.replace("|", ", "))
    if rule.family != "*":
        parts[0] += " " + tr("of the family {family}").format(family=rule.family)
    parts.append(where)
    if rule.timeframe != "*":
        parts.append(rule.timeframe.replace("|", ", "))
    if kind:
        parts.append(kind)
    if rule.strength > -math.inf:
        parts.append(tr("strength from {n}").format(n=f"{rule.strength:g}"))
    return ", ".join(parts)


def ways(rule: AlertRule) -> str:
    return ", ".join(tr(words) for way, words in WAYS.items() if getattr(rule, way))


def _where(rule: AlertRule) -> str:
    if rule.list:
        return tr('list "{name}"').format(name=rule.list)
    if rule.symbol == "*":
        return tr("all symbols")
    names = rule.symbol.split("|")
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")


def of_signal(strategy: str, symbol: str, timeframe: str, side: str, action: str) -> AlertRule:
    """A rule that would have told of this signal."""
    return msgspec.structs.replace(
        NEW, strategy=strategy, symbol=symbol, timeframe=timeframe, side=side if side else LONG, action=action
    )


def of_scan(scan: str, timeframe: str) -> AlertRule:
    return msgspec.structs.replace(NEW, scan=scan, timeframe=timeframe)


def with_lists(rules: Sequence[str], symbols: Callable[[str], Sequence[str]]) -> list[str]:
    """The rules with the symbols that their lists hold now. A list that is gone or empty leaves a rule as it is."""
    made = []
    for text in rules:
        rule = read(text)
        held = symbols(rule.list) if rule is not None and rule.list else ()
        if rule is not None and held:
            text = rule_text(msgspec.structs.replace(rule, symbol="|".join(held)))
        made.append(text)
    return made
