"""Which bars exactly a result was computed from."""

from __future__ import annotations

import hashlib

import numpy as np

from engine.contracts.dtypes import CANDLE_DTYPE


def fingerprint(candles: np.ndarray) -> str:
    """16 hex digits (blake2b, 64 bit) over the bytes of a CANDLE_DTYPE array; equal only for bit-equal bars."""
    block = np.ascontiguousarray(candles, CANDLE_DTYPE)
    return hashlib.blake2b(block.view(np.uint8).data, digest_size=8).hexdigest()
