"""How the trades of a kept result were entered: told by the rules it was made with."""

from __future__ import annotations

import functools

from engine.contracts.errors import BadInput
from engine.rules.text import parse_strategy

_WORDS = {"": "next open", "stop": "stop order", "limit": "limit order"}


@functools.lru_cache(maxsize=64)
def entry_reasons(strategy_text: str) -> dict[int, str]:
    """Side (+1, -1) -> reason of its entries; {} where the rules cannot be read any more."""
    try:
        rules = parse_strategy(strategy_text)
    except BadInput:
        return {}
    return {1: _WORDS[rules.order("long")], -1: _WORDS[rules.order("short")]}
