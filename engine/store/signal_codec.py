"""Rows of signals as bytes and back: column by column, packed by zstd; about 4 to 12 bytes a signal.

A blob is one segment or more, each a row count and the packed columns. Its directory tells which segment holds a
symbol: fresh batches have one segment for all, settled ones a segment for each symbol.
"""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa

from engine.contracts.signals import SIGNAL_DTYPE

DIRECTORY_DTYPE = np.dtype([("symbol", "<u4"), ("offset", "<u4"), ("size", "<u4")])
_CODEC = pa.Codec("zstd", compression_level=1)
_COUNT = struct.Struct("<I")
_NAMES = SIGNAL_DTYPE.names or ()
_WIDTH = SIGNAL_DTYPE.itemsize


def encode(rows: np.ndarray, *, by_symbol: bool = False) -> tuple[bytes, bytes]:
    """(directory, data) of SIGNAL_DTYPE rows in ascending seq. by_symbol: a segment for each symbol."""
    symbols, starts = rows["symbol"], np.zeros(1, np.int64)
    if by_symbol:
        rows = rows[np.argsort(symbols, kind="stable")]
        symbols, starts = np.unique(rows["symbol"], return_index=True)
    columns = [np.ascontiguousarray(rows[name]) for name in _NAMES]
    ends = [*starts[1:].tolist(), len(rows)]
    segments = [_pack([c[a:b] for c in columns]) for a, b in zip(starts.tolist(), ends, strict=True)]
    directory = np.zeros(len(symbols) if by_symbol else 0, DIRECTORY_DTYPE)
    if by_symbol:
        sizes = np.array([len(s) for s in segments], np.int64)
        directory["symbol"], directory["size"] = symbols, sizes
        directory["offset"] = np.cumsum(sizes) - sizes
    else:
        used = np.flatnonzero(np.bincount(symbols))
        directory = np.zeros(len(used), DIRECTORY_DTYPE)
        directory["symbol"], directory["size"] = used, len(segments[0])
    return directory.tobytes(), b"".join(segments)


def decode(directory: bytes, data: bytes, symbol: int | None = None) -> np.ndarray:
    """The rows in ascending seq; only those of one symbol (empty when it has none here)."""
    where = np.frombuffer(directory, DIRECTORY_DTYPE)
    if symbol is not None:
        where = where[where["symbol"] == symbol]
    spans = dict(zip(where["offset"].tolist(), where["size"].tolist(), strict=True))
    parts = [_unpack(data[offset : offset + size]) for offset, size in spans.items()]
    rows = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, SIGNAL_DTYPE), *parts])
    if symbol is not None:
        return rows[rows["symbol"] == symbol]
    return rows[np.argsort(rows["seq"], kind="stable")] if len(parts) > 1 else rows


def _pack(columns: list[np.ndarray]) -> bytes:
    # numbers in a row are mostly one apart, which packs to nothing
    steps = columns[0].copy()
    steps[1:] -= columns[0][:-1]
    columns[0] = steps
    packed: bytes = _CODEC.compress(b"".join(c.tobytes() for c in columns), asbytes=True)
    return _COUNT.pack(len(columns[0])) + packed


def _unpack(segment: bytes) -> np.ndarray:
    (count,) = _COUNT.unpack_from(segment)
    plain = _CODEC.decompress(segment[_COUNT.size :], decompressed_size=count * _WIDTH, asbytes=True)
    rows = np.empty(count, SIGNAL_DTYPE)
    at = 0
    for name in _NAMES:
        rows[name] = np.frombuffer(plain, SIGNAL_DTYPE[name], count, at)
        at += count * SIGNAL_DTYPE[name].itemsize
    np.cumsum(rows["seq"], out=rows["seq"])
    return rows
