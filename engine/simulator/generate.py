"""Generated symbols: the base series' minutes in new order, with an own level, volatility and volume.

A day of a symbol is made from (seed, symbol, day) alone: blocks of an hour drawn from the base series, bent so that the
day runs from the day's level to the next day's. So any range can be asked for at any time, repeats, and joins without a
jump. Prices are whole ticks and volumes whole lots.
"""

from __future__ import annotations

import msgspec
import numpy as np

from engine.simulator.config import DAY_MINUTES
from engine.simulator.hashing import mix, uniform

_BLOCK = 60
#: (period in days, amplitude in log price) of the waves that a symbol's daily level is the sum of
_WAVES = ((3.7, 0.012), (11.3, 0.03), (29.9, 0.07), (97.0, 0.15))
_LEAST_LOTS = 12


class Shape(msgspec.Struct, frozen=True):
    """The base series as relative minutes, laid end to end: log return of the close, log distance of high and low from
    the body, volume relative to the mean. first, length: where each base series starts and how many minutes it has."""

    ret: np.ndarray
    up: np.ndarray
    down: np.ndarray
    volume: np.ndarray
    first: np.ndarray
    length: np.ndarray


class Cast(msgspec.Struct, frozen=True):
    """One row a generated symbol: its key for random draws, base series, log level, volatility and volume factors."""

    key: np.ndarray
    base: np.ndarray
    level: np.ndarray
    volatility: np.ndarray
    lots: np.ndarray
    tick: np.ndarray


def shape_of(series: list[np.ndarray]) -> Shape:
    """Relative minutes of candles with columns open, high, low, close, volume."""
    ret, up, down, volume = [], [], [], []
    for s in series:
        body_top, body_bottom = np.maximum(s["open"], s["close"]), np.minimum(s["open"], s["close"])
        previous = np.concatenate((s["open"][:1], s["close"][:-1]))
        ret.append(np.clip(np.log(s["close"] / previous), -0.05, 0.05))
        up.append(np.clip(np.log(s["high"] / body_top), 0.0, 0.05))
        down.append(np.clip(np.log(body_bottom / s["low"]), 0.0, 0.05))
        volume.append(s["volume"] / max(float(s["volume"].mean()), 1e-12))
    length = np.array([len(s) for s in series], np.int64)
    first = np.concatenate(([0], np.cumsum(length)[:-1]))
    ret_, up_, down_, volume_ = (np.concatenate(x).astype(np.float32) for x in (ret, up, down, volume))
    return Shape(ret_, up_, down_, volume_, first, length)


def levels(cast: Cast, rows: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Log price at the start of `day` (days since the epoch) of the symbols `rows`."""
    out = cast.level[rows].copy()
    for number, (period, size) in enumerate(_WAVES):
        phase = uniform(cast.key[rows], 7001 + number)
        out += size * cast.volatility[rows] * np.sin(2 * np.pi * (day / period + phase))
    return out


def days(shape: Shape, cast: Cast, rows: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, ...]:
    """open, high, low, close in ticks and volume in lots, each int64 [len(rows), 1440]: row i is symbol rows[i] on
    day[i]."""
    key, base = cast.key[rows][:, None], cast.base[rows][:, None]
    block = np.arange(DAY_MINUTES // _BLOCK)[None, :]
    draw = mix(key, day[:, None], block, 11)
    room = np.maximum(shape.length[base] - _BLOCK, 1).astype(np.uint64)
    start = shape.first[base] + (draw % room).astype(np.int64)
    index = (start[:, :, None] + np.arange(_BLOCK)).reshape(len(rows), DAY_MINUTES)
    index = np.minimum(index, (shape.first + shape.length - 1)[base])
    sign = np.where(mix(key, day[:, None], 13) & np.uint64(1), 1.0, -1.0)
    wild = cast.volatility[rows][:, None]
    path = np.cumsum(shape.ret[index] * (sign * wild), axis=1)
    here, there = levels(cast, rows, day)[:, None], levels(cast, rows, day + 1)[:, None]
    along = np.arange(1, DAY_MINUTES + 1) / DAY_MINUTES
    path += here + (there - here - path[:, -1:]) * along
    tick = cast.tick[rows][:, None]
    close = np.rint(np.exp(path) / tick).astype(np.int64)
    close[:, -1:] = np.rint(np.exp(there) / tick)
    first = np.rint(np.exp(here) / tick).astype(np.int64)
    open_ = np.concatenate((first, close[:, :-1]), axis=1)
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    up, down = (
        np.where(sign > 0, shape.up[index], shape.down[index]),
        np.where(sign > 0, shape.down[index], shape.up[index]),
    )
    high = top + np.rint(top * (up * wild)).astype(np.int64)
    low = np.maximum(bottom - np.rint(bottom * (down * wild)).astype(np.int64), 1)
    volume = np.maximum(np.rint(shape.volume[index] * cast.lots[rows][:, None]).astype(np.int64), _LEAST_LOTS)
    return open_, high, low, close, volume
