"""Fingerprints: of a run's trades, in integers, and of the candles that it used."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import hashlib

import numpy as np
from numba import njit

from engine.backtest.fills import scale_of
from engine.signals.compiling import KERNEL

#: the step that prices or quantities are counted in where the instrument states none
DEFAULT_STEP = 1e-8
#: candles after which the state of a fingerprint is kept; a multiple of 4, so that it falls on a round of the lanes
SPAN = 4096
SEED = np.uint64(0x9E3779B97F4A7C15)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)


@njit(**KERNEL)
def mix(state, word):
    """Fold one 64-bit integer into the running hash (the finaliser of splitmix64, Steele, Lea, Flood 2014)."""
    z = (state ^ np.uint64(word)) + _GOLDEN
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    return z ^ (z >> _S31)


@njit(**KERNEL)
def mix_trade(state, entry_ts, exit_ts, side, reason, entry_ticks, exit_ticks, lots):
    """Fold one trade, all integers, into the running hash; a stream of trades starts from SEED."""
    state = mix(mix(state, entry_ts), exit_ts)
    state = mix(mix(state, side), reason)
    return mix(mix(mix(state, entry_ticks), exit_ticks), lots)


@njit(**KERNEL)
def _steps(value, step, scale):
    return np.int64(np.rint(value * scale if scale > 0.0 else value / step))


@njit(**KERNEL)
def hash_trades(state, trades, tick, tick_scale, lot, lot_scale):
    """uint64: TRADE_DTYPE[n] in order folded into the running hash, which starts from SEED. Steps > 0; scales as
    fills.scale_of gives them."""
    for k in range(trades.shape[0]):
        row = trades[k]
        state = mix_trade(
            state, row.entry_ts, row.exit_ts, np.int64(row.side), np.int64(row.reason),
            _steps(row.entry_price, tick, tick_scale), _steps(row.exit_price, tick, tick_scale),
            _steps(row.quantity, lot, lot_scale),
        )  # fmt: skip
    return state


def hash_steps(tick: float, lot: float) -> tuple[float, float, float, float]:
    """(tick, its scale, lot, its scale) as hash_trades takes them; a step of 0 counts as DEFAULT_STEP."""
    tick = tick if tick > 0 else DEFAULT_STEP
    lot = lot if lot > 0 else DEFAULT_STEP
    return tick, scale_of(tick), lot, scale_of(lot)


def hash_text(state: int) -> str:
    """16 hex digits."""
    return f"{int(state):016x}"


def trade_hash(trades: np.ndarray, tick: float, lot: float) -> str:
    """16 hex digits over TRADE_DTYPE[n]; a step of 0 counts as DEFAULT_STEP."""
    return hash_text(hash_trades(SEED, trades, *hash_steps(tick, lot)))


@njit(**KERNEL)
def fold_words(words, lanes):
    """uint64[n] into lanes uint64[8]; only the last call of a stream may have n not a multiple of 8."""
    whole = words.shape[0] // 8 * 8
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    e, f, g, h = lanes[4], lanes[5], lanes[6], lanes[7]
    for i in range(0, whole, 8):
        a = (a ^ words[i]) * _M1
        b = (b ^ words[i + 1]) * _M1
        c = (c ^ words[i + 2]) * _M1
        d = (d ^ words[i + 3]) * _M1
        e = (e ^ words[i + 4]) * _M1
        f = (f ^ words[i + 5]) * _M1
        g = (g ^ words[i + 6]) * _M1
        h = (h ^ words[i + 7]) * _M1
        a ^= a >> _S31
        b ^= b >> _S31
        c ^= c >> _S31
        d ^= d >> _S31
        e ^= e >> _S31
        f ^= f >> _S31
        g ^= g >> _S31
        h ^= h >> _S31
    lanes[0], lanes[1], lanes[2], lanes[3] = a, b, c, d
    lanes[4], lanes[5], lanes[6], lanes[7] = e, f, g, h
    for i in range(whole, words.shape[0]):
        lanes[i - whole] = (lanes[i - whole] ^ words[i]) * _M1


def fingerprint(candles: np.ndarray, stop: int | None = None, known: np.ndarray | None = None) -> str:
    """32 hex digits over every bit of a contiguous CANDLE_DTYPE[n]: eight multiplicative lanes, closed by blake2b.

    It finds changed data, it does not withstand a forger. stop: of the first `stop` only. known: uint64[m, 8], the
    lanes after each SPAN candles, as kernels_bars.check_and_fold leaves them, from which it goes on.
    """
    stop = len(candles) if stop is None else stop
    lanes, start = np.arange(1, 9, dtype=np.uint64) * SEED, 0
    if known is not None:
        start = stop // SPAN * SPAN
        lanes = known[stop // SPAN].copy()
    fold_words(np.ascontiguousarray(candles[start:stop]).view(np.uint64), lanes)
    return hashlib.blake2b(lanes.tobytes() + stop.to_bytes(8, "little"), digest_size=16).hexdigest()
