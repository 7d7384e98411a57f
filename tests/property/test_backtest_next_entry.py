"""The search for the next edge equals a plain one, wherever the edges lie and wherever it starts and ends."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.kernels import next_entry

BARS = 1500


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, BARS - 1)), max_size=6),
    st.integers(0, BARS),
    st.integers(0, BARS),
)
def test_next_entry_equals_a_plain_search(edges, start, end):
    masks = np.zeros((4, BARS), np.uint8)
    for row, bar in edges:
        masks[row, bar] = 1
    entries = [bar for row, bar in edges if row in (0, 2) and start <= bar < end]
    assert next_entry(masks, start, end) == (min(entries) if entries else end)
