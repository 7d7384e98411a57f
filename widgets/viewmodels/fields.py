"""What is typed into a form's fields, checked: each check returns the value, or notes what is wrong and a way out."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.contracts.errors import did_you_mean
from widgets.texts import tr
from widgets.viewmodels import formats


def symbol(name: str, text: str, symbols: Iterable[str], errors: dict[str, str]) -> str:
    """MARKET:NAME of what was typed; a bare NAME will do where only one market has it."""
    known, typed = list(symbols), text.strip()
    if typed in known:
        return typed
    fits = [s for s in known if typed.casefold() in (s.partition(":")[2].casefold(), s.casefold())]
    if len(fits) == 1:
        return fits[0]
    if len(fits) > 1:
        errors[name] = tr('"{text}" is on several markets; choose {names}.').format(
            text=typed, names=" / ".join(fits[:3])
        )
    elif not typed:
        errors[name] = tr("Choose a symbol.")
    else:
        near = did_you_mean(typed, known) or did_you_mean(typed, [s.partition(":")[2] for s in known])
        errors[name] = tr('"{text}" is not a known symbol.').format(text=typed) + near
    return ""


def day(name: str, text: str, errors: dict[str, str]) -> int | None:
    """ms of a date; None where nothing is typed."""
    if not text.strip():
        return None
    try:
        return formats.parse_day(text)
    except ValueError:
        errors[name] = tr('"{text}" is not a date; write it as 2024-01-31, or leave it empty.').format(text=text)
        return None


def number(
    name: str,
    text: str,
    errors: dict[str, str],
    default: float,
    *,
    low: float = -math.inf,
    high: float = math.inf,
) -> float:
    """A number between low and high, both included; the default where nothing is typed or it is wrong."""
    typed = text.strip().rstrip("%").replace(",", "").strip()
    if not typed:
        return default
    try:
        value = float(typed)
    except ValueError:
        errors[name] = tr('"{text}" is not a number.').format(text=text)
        return default
    if not math.isfinite(value):
        errors[name] = tr('"{text}" is not a finite number.').format(text=text)
    elif value < low:
        errors[name] = tr("Must be at least {limit}.").format(limit=f"{low:g}")
    elif value > high:
        errors[name] = tr("Must be at most {limit}.").format(limit=f"{high:g}")
    else:
        return value
    return default
