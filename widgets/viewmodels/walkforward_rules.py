"""Indicators that a strategy's rules call with plain numbers or parameters, as one could draw them on a chart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.contracts.commands import IndicatorInfo

_CALL = re.compile(r"\b([A-Z][A-Z0-9_]*)\(([^()]*)\)")
#: more than this would bury the candles
MOST = 3


class Drawn(NamedTuple):
    info: IndicatorInfo
    params: tuple[float, ...]


def simple_indicators(text: str, params: Mapping[str, float], catalogue: Iterable[IndicatorInfo]) -> list[Drawn]:
    """The first few, each once. A call whose arguments are anything but numbers, parameters or too few of them is left
    out; what is missing at the end takes the catalogue's default."""
    known = {info.name: info for info in catalogue}
    made: list[Drawn] = []
    for name, inside in _CALL.findall(text):
        info = known.get(name)
        if info is None:
            continue
        values = [_number(part.strip(), params) for part in inside.split(",") if part.strip()]
        if any(v is None for v in values) or len(values) > len(info.params):
            continue
        given = [v for v in values if v is not None]
        drawn = Drawn(info, (*given, *(p[1] for p in info.params[len(given) :])))
        if drawn not in made:
            made.append(drawn)
    return made[:MOST]


def _number(text: str, params: Mapping[str, float]) -> float | None:
    if text in params:
        return params[text]
    try:
        return float(text)
    except ValueError:
        return None
