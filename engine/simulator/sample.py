"""Makes the bundled sample: invented minutes that move like a market (`python -m engine.simulator.sample FILE`).

Log volatility follows an AR(1) around a daily pattern, returns are Student-t with a factor common to all symbols,
volume moves with volatility. Seeded: the same file every time (up to the libraries' versions).
"""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.contracts.dtypes import CANDLE_DTYPE

#: name -> (price, decimals, volume of a mean minute, its decimals, volatility factor)
SYMBOLS = {
    "BTCUSDT": (64_000.0, 2, 14.0, 5, 1.0),
    "ETHUSDT": (3_100.0, 2, 210.0, 4, 1.25),
    "BNBUSDT": (580.0, 2, 60.0, 3, 0.95),
    "SOLUSDT": (148.0, 2, 1_900.0, 3, 1.7),
    "XRPUSDT": (0.55, 4, 90_000.0, 0, 1.4),
    "DOGEUSDT": (0.125, 5, 600_000.0, 0, 1.9),
}
MINUTES = 3 * 1440
_START_MS = 1_704_067_200_000
_MINUTE_VOLATILITY = 0.0005
_STEPS = 12


def candles(name: str, seed: int = 20_240_101) -> np.ndarray:
    """MINUTES candles of one symbol of SYMBOLS, CANDLE_DTYPE."""
    price, decimals, volume, lot_decimals, factor = SYMBOLS[name]
    shared = np.random.Generator(np.random.PCG64(seed))
    own = np.random.Generator(np.random.PCG64([seed, list(SYMBOLS).index(name)]))
    common, common_log = _returns(shared, 0.6), _log_volatility(shared)
    log_vol = 0.7 * common_log + 0.3 * _log_volatility(own)
    hour = np.arange(MINUTES) / 60.0 % 24.0
    daily = 0.35 * np.cos((hour - 15.0) / 24.0 * 2 * np.pi)
    sigma = factor * _MINUTE_VOLATILITY * np.exp(log_vol + daily)
    steps = (common + _returns(own, 0.8)) * (sigma / np.sqrt(_STEPS))[:, None]
    path = np.log(price) + np.cumsum(steps.ravel()).reshape(MINUTES, _STEPS)
    path -= (np.arange(1, MINUTES + 1) / MINUTES)[:, None] * (path[-1, -1] - np.log(price)) * 0.8
    close = np.round(np.exp(path[:, -1]), decimals)
    out = np.empty(MINUTES, CANDLE_DTYPE)
    out["ts"] = _START_MS + np.arange(MINUTES) * 60_000
    out["close"], out["open"] = close, np.concatenate(([price], close[:-1]))
    inside = np.round(np.exp(path), decimals)
    out["high"] = np.maximum(np.maximum(inside.max(axis=1), out["open"]), close)
    out["low"] = np.minimum(np.minimum(inside.min(axis=1), out["open"]), close)
    busy = np.exp(0.9 * (log_vol + daily) + 0.6 * own.standard_normal(MINUTES)) * (
        0.5 + np.abs(steps).sum(axis=1) / sigma
    )
    out["volume"] = np.round(np.maximum(volume * busy / busy.mean(), 20 * 10.0**-lot_decimals), lot_decimals)
    return out


def _returns(random: np.random.Generator, share: float) -> np.ndarray:
    return share * random.standard_t(5, (MINUTES, _STEPS)) / np.sqrt(5 / 3)


def _log_volatility(random: np.random.Generator) -> np.ndarray:
    out = np.zeros(MINUTES)
    shocks = random.standard_normal(MINUTES) * 0.06
    for i in range(1, MINUTES):
        out[i] = 0.99 * out[i - 1] + shocks[i]
    return out


def write(path: str) -> None:
    """Write the sample file."""
    parts = [
        pa.table(
            {"symbol": pa.array([name] * MINUTES).dictionary_encode()} | {c: made[c] for c in CANDLE_DTYPE.names or ()}
        )
        for name, made in ((name, candles(name)) for name in SYMBOLS)
    ]
    pq.write_table(pa.concat_tables(parts).unify_dictionaries(), path, compression="zstd", compression_level=19)


if __name__ == "__main__":
    write(sys.argv[1])
