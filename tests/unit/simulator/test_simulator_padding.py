"""Prices and quantities padded to the digits of the market stay the numbers they are."""

from __future__ import annotations

import pytest

from engine.simulator.encode import padded


@pytest.mark.parametrize(
    "decimals, to, value, text",
    [(0, 8, 12.0, "12.00000000"), (0, 8, 0.0, "0.00000000"), (2, 8, 0.5, "0.50000000"), (0, 0, 7.0, "7"),
     (3, 0, 1.25, "1.250"), (8, 8, 1e-8, "0.00000001")],
)  # fmt: skip
def test_padding_keeps_the_value(decimals: int, to: int, value: float, text: str) -> None:
    assert padded(decimals, to) % value == text
