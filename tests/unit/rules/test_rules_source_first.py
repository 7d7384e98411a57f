"""SMA(volume, 20): a series in the first place is the indicator's source."""

import pytest

from engine.contracts.errors import BadInput
from engine.rules.expressions import text_of
from engine.rules.text import parse_expression


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("SMA(volume, 20)", "SMA(20, source=volume)"),
        ("RSI(close)", "RSI(14)"),
        ("EMA(RSI(14), 9)", "EMA(9, source=RSI(14))"),
        ("MACD(close, 12, 26, 9).signal", "MACD(12, 26, 9).signal"),
    ],
)
def test_a_series_given_first_is_the_source(written, means):
    assert text_of(parse_expression(written)) == text_of(parse_expression(means))


def test_two_sources_are_refused():
    with pytest.raises(BadInput, match="twice"):
        parse_expression("EMA(RSI(14), 9, source=close)")
