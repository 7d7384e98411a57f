"""Funding rates beside the candles of the lake: one Parquet file a symbol, its settlements at their own times.

Layout: market=<id>/funding/symbol=<percent-encoded>.parquet with ts (ms UTC) and funding_rate, sorted by ts.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars as pl

from engine.contracts.errors import BadInput, PyroError
from engine.contracts.markets import market as market_of
from engine.contracts.markets import split_symbol, symbol_id
from engine.store.files import exclusive, publish
from engine.store.lake_files import encode_name

_TIMES = ("ts", "fundingTime", "funding_time", "calc_time", "date", "time", "timestamp")
#: freqtrade keeps the rate in the column of the open
_RATES = ("funding_rate", "fundingRate", "last_funding_rate", "rate", "open")
_KINDS = (".csv", ".parquet", ".feather", ".arrow")
_MOST = 1.0


def funding_path(root: Path, symbol: str) -> Path:
    """Where the funding of MARKET:NAME lies or would lie."""
    market, name = split_symbol(symbol)
    if not market:
        raise BadInput(f'"{symbol}" names no market.', fix="Write MARKET:NAME, as binance-futures:BTCUSDT.")
    return root / f"market={market}" / "funding" / f"symbol={encode_name(name)}.parquet"


def read_funding(root: Path, symbol: str) -> tuple[np.ndarray, np.ndarray]:
    """(ts int64[f] ms ascending and distinct, rate float64[f]); of no length where nothing is kept. PyroError names a
    damaged file."""
    path = funding_path(root, symbol)
    try:
        frame = pl.read_parquet(path, hive_partitioning=False)
        return frame["ts"].to_numpy(), frame["funding_rate"].to_numpy()
    except FileNotFoundError:
        return np.empty(0, np.int64), np.empty(0)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise PyroError(
            f"This file of funding rates cannot be read: {error}.", where=str(path), fix="Remove it and import it anew."
        ) from error


def write_funding(root: Path, symbol: str, ts: np.ndarray, rate: np.ndarray) -> int:
    """Keep settlements beside those there are; of two of one time the new one stays. Returns how many times are new.

    The file is replaced whole, so a kill leaves the old or the new one. BadInput: rates that cannot be.
    """
    ts, rate = np.asarray(ts, np.int64), np.asarray(rate, np.float64)
    bad = np.flatnonzero(~(np.abs(rate) < _MOST) | (ts <= 0))
    if len(ts) != len(rate) or len(bad):
        row = int(bad[0]) if len(bad) else min(len(ts), len(rate))
        raise BadInput(
            "This is not a time in milliseconds with a funding rate as a fraction.", where=f"{symbol} row {row}"
        )
    path = funding_path(root, symbol)
    with exclusive(path.parent / ".lock"):
        old_ts, old_rate = read_funding(root, symbol)
        new = pl.DataFrame({"ts": np.append(old_ts, ts), "funding_rate": np.append(old_rate, rate)})
        merged = new.unique("ts", keep="last", maintain_order=True).sort("ts")
        block = io.BytesIO()
        merged.write_parquet(block, compression="zstd", statistics=True)
        publish(path, block.getvalue())
    return len(merged) - len(old_ts)


def import_funding(root: Path, file: Path, market: str, name: str = "") -> dict[str, int]:
    """Settlements of a CSV, Parquet or Feather file into the lake: symbol -> how many were new.

    Times in ms, or as dates; a column `symbol` says whose they are where `name` does not. BadInput says what is
    missing.
    """
    market_of(market)
    frame = _read(file)
    time, rate = _column(frame, _TIMES, file, "a time"), _column(frame, _RATES, file, "a funding rate")
    ts = frame[time].dt.epoch("ms") if frame[time].dtype.is_temporal() else frame[time].cast(pl.Int64, strict=False)
    table = pl.DataFrame({"ts": ts, "rate": frame[rate].cast(pl.Float64, strict=False)})
    if not name and "symbol" not in frame.columns:
        raise BadInput(
            "The file does not say whose funding it is.", where=str(file), fix="Name it with --symbol, as BTCUSDT."
        )
    owner = pl.Series("symbol", [name] * len(frame)) if name else frame["symbol"].cast(pl.String)
    table = table.with_columns(owner.alias("symbol")).drop_nulls()
    added = {}
    for (each,), part in table.group_by("symbol", maintain_order=True):
        symbol = symbol_id(market, str(each))
        added[symbol] = write_funding(root, symbol, part["ts"].to_numpy(), part["rate"].to_numpy())
    return added


def _read(file: Path) -> pl.DataFrame:
    kind = file.suffix.lower()
    if kind not in _KINDS:
        raise BadInput(
            f'"{kind}" is no kind of file that can be read.', where=str(file), fix=f"Use {', '.join(_KINDS)}."
        )
    try:
        if kind == ".csv":
            return pl.read_csv(file)
        return pl.read_parquet(file, hive_partitioning=False) if kind == ".parquet" else pl.read_ipc(file)
    except FileNotFoundError:
        raise BadInput("There is no such file.", where=str(file)) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"This file cannot be read: {error}.", where=str(file)) from error


def _column(frame: pl.DataFrame, names: tuple[str, ...], file: Path, what: str) -> str:
    for name in names:
        if name in frame.columns:
            return name
    raise BadInput(
        f"The file has no column with {what}; it has {', '.join(frame.columns[:12])}.", where=str(file),
        fix=f"Name it one of {', '.join(names)}.",
    )  # fmt: skip
