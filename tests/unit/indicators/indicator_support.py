"""Real bars and one-line evaluation for the tests of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.contracts.dtypes import PRICE_COLUMNS
from engine.rules.machine import run_series
from engine.rules.series import series_program
from tests.shared import data

Bars = tuple[NDArray[np.int64], NDArray[np.float64]]


def minutes(path: str, rows: int) -> Bars:
    """The newest 1-minute bars of a file: index (T,) and columns (5, T)."""
    file = pq.ParquetFile(data(f"candles/{path}"))
    groups, have = [], 0
    for group in reversed(range(file.num_row_groups)):
        groups.insert(0, group)
        have += file.metadata.row_group(group).num_rows
        if have >= rows:
            break
    table = file.read_row_groups(groups)
    table = table.slice(max(0, table.num_rows - rows))
    columns = np.stack([table[name].to_numpy() for name in PRICE_COLUMNS])
    return table["ts"].to_numpy() // 60_000, np.ascontiguousarray(columns)


def evaluate(expressions: Sequence[str], bars: Bars) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Values (n, T) of the expressions, and the memory of each."""
    program = series_program(expressions)
    return run_series(program, *bars)[1], program.value_memory


def one(expression: str, bars: Bars) -> NDArray[np.float64]:
    values: NDArray[np.float64] = evaluate([expression], bars)[0][0]
    return values
