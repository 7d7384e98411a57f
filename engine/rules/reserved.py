"""Words of the language that cannot name a parameter."""

from __future__ import annotations

import re

from engine.contracts.errors import BadInput
from engine.indicators.catalogue import INDICATORS
from engine.rules.functions import FUNCTIONS
from engine.rules.words import SERIES

KEYWORDS = ("and", "or", "not", "in", "param")
RESERVED = frozenset([*SERIES, *FUNCTIONS, *INDICATORS, *KEYWORDS])
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}")


def check_name(name: str) -> None:
    """BadInput unless the name can stand for a parameter."""
    if name in RESERVED:
        raise BadInput(f'"{name}" is a word of the language; a parameter needs another name.')
    if not NAME.fullmatch(name):
        raise BadInput(f'"{name}" is not a parameter name.', fix="Use letters, digits and _, at most 32.")
