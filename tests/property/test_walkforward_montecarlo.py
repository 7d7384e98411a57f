"""Monte Carlo kernels against slow twins in plain Python integers and floats."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.walkforward.kernels_montecarlo import bootstrap_paths, made_candles, trade_paths

ALL, GOLDEN = 2**64 - 1, 0x9E3779B97F4A7C15


def mixed(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & ALL
    return x ^ (x >> 31)


class Draw:
    def __init__(self, seed, path):
        self.state = mixed((seed * GOLDEN + mixed((path + GOLDEN) & ALL)) & ALL)

    def upper(self):
        self.state = (self.state + GOLDEN) & ALL
        return mixed(self.state) >> 32

    def below(self, n):
        return (self.upper() * n) >> 32


def curve(gains):
    values = [1.0]
    for gain in gains:
        values.append(max(0.0, values[-1] * (1.0 + gain)))
    return values


def deepest(values):
    peak, fall = 0.0, 0.0
    for value in values:
        peak = max(peak, value)
        fall = max(fall, 1.0 - value / peak)
    return fall


def twin_trades(gains, seed, path, shuffle):
    draw = Draw(seed, path)
    if not shuffle:
        return [gains[draw.below(len(gains))] for _ in gains]
    left, out = list(range(len(gains))), []
    for i in range(len(gains)):
        j = i + draw.below(len(gains) - i)
        left[i], left[j] = left[j], left[i]
        out.append(gains[left[i]])
    return out


def twin_days(returns, seed, path, leave):
    draw, out, at = Draw(seed, path), [], 0
    for i in range(len(returns)):
        upper = draw.upper()
        at = draw.below(len(returns)) if i == 0 or upper < leave else (at + 1) % len(returns)
        out.append(returns[at])
    return out


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**31), n=st.integers(2, 60), paths=st.integers(1, 5), first=st.integers(0, 1000),
    kind=st.sampled_from(["shuffle", "resample", "days"]), block=st.floats(1, 50), ruin=st.booleans(),
)  # fmt: skip
def test_paths_equal_their_twins(seed, n, paths, first, kind, block, ruin):
    gains = np.random.default_rng(seed).normal(0, 0.05, n)
    if ruin:
        gains[n // 2] = -1.5
    leave = min(2**32, round(2**32 / block))
    steps = np.unique(np.linspace(0, n, 7).round().astype(np.int64))
    equity, final, fall = np.empty((paths, len(steps))), np.empty(paths), np.empty(paths)
    if kind == "days":
        bootstrap_paths(gains, seed, first, leave, steps, equity, final, fall)
    else:
        trade_paths(gains, seed, first, kind == "shuffle", np.empty(n, np.int64), steps, equity, final, fall)
    for p in range(paths):
        if kind == "days":
            drawn = twin_days(gains, seed, first + p, leave)
        else:
            drawn = twin_trades(gains, seed, first + p, kind == "shuffle")
        values = curve(drawn)
        assert equity[p].tolist() == [values[k] for k in steps]
        assert final[p] == values[-1]
        assert fall[p] == deepest(values)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), n=st.integers(2, 80), path=st.integers(0, 9), block=st.floats(1, 30))
def test_made_candles_equal_their_twin(seed, n, path, block):
    rng = np.random.default_rng(seed)
    candles = np.zeros(n, CANDLE_DTYPE)
    candles["ts"] = np.cumsum(rng.choice([60_000, 60_000, 60_000, 3_600_000], n))
    candles["close"] = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    candles["open"] = candles["close"] * np.exp(rng.normal(0, 0.01, n))
    candles["high"] = np.maximum(candles["open"], candles["close"]) * 1.01
    candles["low"] = np.minimum(candles["open"], candles["close"]) / 1.01
    candles["volume"] = rng.integers(1, 9, n)
    follows = np.concatenate([[False], np.diff(candles["ts"]) == 60_000])
    leave = min(2**32, round(2**32 / block))
    out = np.empty(n, CANDLE_DTYPE)
    made_candles(candles, follows, seed, path, leave, out)
    draw, close, at = Draw(seed, path), candles["close"][0], 0
    assert out[0] == candles[0]
    for i in range(1, n):
        upper = draw.upper()
        at = 1 + draw.below(n - 1) if i == 1 or upper < leave or at + 1 >= n else at + 1
        before = candles["close"][at - 1] if follows[at] else candles["open"][at]
        scale = close / before
        want = [candles[name][at] * scale for name in ("open", "high", "low", "close")]
        assert list(out[["open", "high", "low", "close"]][i]) == want
        assert out["volume"][i] == candles["volume"][at]
        close = want[-1]
    assert np.array_equal(out["ts"], candles["ts"])
    assert (out["low"] <= np.minimum(out["open"], out["close"])).all()
    assert (out["high"] >= np.maximum(out["open"], out["close"])).all()
