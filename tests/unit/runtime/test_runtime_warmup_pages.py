"""How many rows the warm-up asks for: never fewer than needed, and never dearer than what is needed."""

from __future__ import annotations

import pytest

from engine.runtime.warmup import _most_for_the_weight
from engine.venues.registry import protocol


@pytest.mark.parametrize(
    ("venue", "need", "rows"),
    [
        ("binance_futures", 3, 99),
        ("binance_futures", 99, 99),
        ("binance_futures", 100, 499),
        ("binance_futures", 500, 1000),
        ("binance_futures", 1400, 1500),
        ("binance_futures", 9000, 1500),
        ("binance_spot", 3, 1000),
        ("binance_spot", 9000, 1000),
    ],
)
def test_as_many_rows_as_the_weight_pays_for(venue: str, need: int, rows: int) -> None:
    assert _most_for_the_weight(protocol(venue), "BTCUSDT", need) == rows
