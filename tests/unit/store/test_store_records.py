"""Frames to records, however their columns are cut into chunks."""

import numpy as np
import polars as pl

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.store.bars import COLUMNS, records


def test_columns_that_are_cut_at_different_places_are_one_table() -> None:
    n = 10
    whole = {c: np.arange(n).astype(CANDLE_DTYPE[c]) + k for k, c in enumerate(COLUMNS)}
    series = [
        pl.concat([pl.Series(c, values[: k + 2]), pl.Series(c, values[k + 2 :])], rechunk=False)
        for k, (c, values) in enumerate(whole.items())
    ]
    frame = pl.DataFrame(series)
    assert len({tuple(map(len, frame[c].get_chunks())) for c in COLUMNS}) > 1
    made = records([frame])
    for name, values in whole.items():
        assert made[name].tolist() == values.tolist()
