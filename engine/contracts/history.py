"""The whole history of a chart as files that engine and window map, where they share a file system."""

from __future__ import annotations

import msgspec


class HistoryFiles(msgspec.Struct, frozen=True, kw_only=True):
    """count bars, oldest first. bars: path of a .npy of CANDLE_DTYPE[count]; levels: of float64[LEVEL_ROWS, k]
    (contracts.levels); series: name -> path of a .npy that begins with what
    contracts.levels.fill_line makes of its values. The files do not change; they go when the lake has other bars."""

    count: int
    bars: str
    levels: str
    series: dict[str, str] = {}
