"""Base candles from a folder of Parquet files or from the bundled sample."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.simulator.config import FUTURES, SPOT, SimulatorConfig

#: folder names that a market's candles may have
_FOLDERS = {SPOT: ("binance-spot",), FUTURES: ("binance-futures", "binance-um")}
_PLACES = ("", "candles", "data/candles")
_COLUMNS = list(CANDLE_DTYPE.names or ())
_AHEAD_MS = 60 * 86_400_000
#: minutes kept of a series that has to be re-stamped anyway
_ROWS_MOST = 100_000


def base_candles(config: SimulatorConfig, market: str, start_ms: int) -> tuple[dict[str, np.ndarray], bool]:
    """({name: CANDLE_DTYPE candles}, whether they are invented) for a market."""
    if config.data is None:
        return sample_candles(), True
    found = _in_folder(Path(config.data), market)
    if not found:
        raise BadInput(
            f"No 1-minute candles for {market}.",
            where=config.data,
            fix=f"Expected {_FOLDERS[market][0]}/<SYMBOL>/1m.parquet in it or in its candles folder.",
        )
    since = start_ms - config.history_minutes * 60_000
    return {name: _read(path, since, start_ms) for name, path in found.items()}, False


def sample_candles() -> dict[str, np.ndarray]:
    """The bundled sample: invented candles under the names of well-known symbols (see resources/sample/README)."""
    with as_file(files("resources") / "sample" / "candles.parquet") as path:
        table = pq.read_table(path)
    names = table.column("symbol").to_numpy()
    candles = _candles(table)
    return {str(name): candles[names == name] for name in dict.fromkeys(names.tolist())}


def _in_folder(folder: Path, market: str) -> dict[str, Path]:
    for place in _PLACES:
        for name in _FOLDERS[market]:
            found = sorted((folder / place / name).glob("*/1m.parquet"))
            if found:
                return {path.parent.name: path for path in found}
    return {}


def _read(path: Path, since_ms: int, start_ms: int) -> np.ndarray:
    """The rows around start_ms when the file holds it, else its last rows."""
    try:
        with pq.ParquetFile(path) as file:
            groups = _near(file, since_ms, start_ms) or _latest(file)
            candles = _candles(file.read_row_groups(groups, columns=_COLUMNS))
        if candles["ts"][0] < start_ms <= candles["ts"][-1]:
            candles = candles[(candles["ts"] >= since_ms) & (candles["ts"] <= start_ms + _AHEAD_MS)]
        else:
            candles = candles[-_ROWS_MOST:]
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise BadInput(f"The candles cannot be read: {error}.", where=str(path)) from None
    sound = (candles["low"] > 0) & (candles["high"] >= candles["low"]) & (candles["volume"] >= 0)
    if not sound.any():
        raise BadInput("The file holds no usable candle.", where=str(path))
    return candles[sound]


def _near(file: pq.ParquetFile, since_ms: int, start_ms: int) -> list[int]:
    """Row groups around start_ms; empty when the file does not hold that time or keeps no statistics."""
    column = file.schema_arrow.names.index("ts")
    spans = [file.metadata.row_group(i).column(column).statistics for i in range(file.num_row_groups)]
    if not all(span is not None and span.has_min_max for span in spans):
        return []
    if not spans or not spans[0].min < start_ms <= spans[-1].max:
        return []
    return [i for i, span in enumerate(spans) if span.max >= since_ms and span.min <= start_ms + _AHEAD_MS]


def _latest(file: pq.ParquetFile) -> list[int]:
    """The last row groups, enough for what is kept."""
    groups: list[int] = []
    rows = 0
    for i in reversed(range(file.num_row_groups)):
        groups.insert(0, i)
        rows += file.metadata.row_group(i).num_rows
        if rows >= _ROWS_MOST:
            break
    return groups


def _candles(table: object) -> np.ndarray:
    out = np.empty(table.num_rows, CANDLE_DTYPE)  # type: ignore[attr-defined]
    for name in _COLUMNS:
        out[name] = table.column(name).to_numpy()  # type: ignore[attr-defined]
    return out
