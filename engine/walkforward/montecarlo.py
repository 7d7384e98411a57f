"""Monte Carlo: what else could have come of the same trades, days or candles.

Sources: D. Politis, J. Romano, The Stationary Bootstrap (Journal of the American Statistical Association 89, 1994) for
days and candles; R. Pardo, The Evaluation and Optimization of Trading Strategies (2008) for trades. Seeded: a path
depends on the seed and its number alone, not on how many there are or how they are cut into chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.backtest.conventions import NAN
from engine.contracts.errors import BadInput
from engine.contracts.robustness import MonteCarloFan
from engine.walkforward.kernels_montecarlo import bootstrap_paths, made_candles, trade_paths

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: columns of a fan, paths of one kernel call (a fraction of a second), and the most paths
COLUMNS, CHUNK, MOST_PATHS = 200, 250, 20_000

Floats = NDArray[np.float64]
Kind = Literal["shuffle", "resample", "bootstrap", "candles"]
Stop = Callable[[], bool]


def default_block(days: int) -> float:
    """Mean length of a block: grows as the cube root of the record, as the bias and variance of the bootstrap want it
    (Politis and Romano 1994, section 3.2; the factor 1.75 is a convention)."""
    return max(1.0, 1.75 * days ** (1.0 / 3.0))


def trade_fan(
    gains: Floats, paths: int = 1000, *, seed: int = 1, kind: Literal["shuffle", "resample"] = "resample",
    cancelled: Stop | None = None,
) -> MonteCarloFan:  # fmt: skip
    """float64[trades], each a fraction of the equity before it. "shuffle": all of them in another order, so that only
    the way there differs; "resample": drawn with repetition, so that the end differs too."""
    if kind not in ("shuffle", "resample"):
        raise BadInput(f'"{kind}" is no way to draw trades.', fix="Use shuffle or resample.")
    gains = np.ascontiguousarray(gains, np.float64)
    order = np.empty(len(gains), np.int64)

    def chunk(first: int, steps: NDArray[np.int64], equity: Floats, final: Floats, fall: Floats) -> None:
        trade_paths(gains, seed, first, kind == "shuffle", order, steps, equity, final, fall)

    return _fan(gains, chunk, kind, paths, seed, 1.0, "trade", cancelled)


def bootstrap_fan(
    returns: Floats, paths: int = 1000, *, seed: int = 1, block: float | None = None, cancelled: Stop | None = None
) -> MonteCarloFan:
    """float64[days]: blocks of daily returns with a mean length of `block` days (None = default_block), so that runs of
    good and bad days stay what they are."""
    returns = np.ascontiguousarray(returns, np.float64)
    block = _checked_block(default_block(len(returns)) if block is None else block)

    def chunk(first: int, steps: NDArray[np.int64], equity: Floats, final: Floats, fall: Floats) -> None:
        bootstrap_paths(returns, seed, first, _leave(block), steps, equity, final, fall)

    return _fan(returns, chunk, "bootstrap", paths, seed, block, "day", cancelled)


def candle_paths(
    candles: NDArray, step_ms: int, paths: int, *, seed: int = 1, block: float = 1440.0
) -> Iterator[NDArray]:
    """CANDLE_DTYPE[n] made-up candles, path by path, to run a back-test on: block-resampled real ones (mean length
    `block` candles), each scaled to go on where the last one ended. step_ms: the length of a candle; over a hole the
    price does not jump. BadInput for fewer than two candles and prices that are not above 0."""
    block = _checked_block(block)
    if len(candles) < 2:
        raise BadInput("There are too few candles to make others from.", fix="Choose a longer range.")
    prices = np.stack([candles[name] for name in ("open", "high", "low", "close")])
    if not (np.isfinite(prices) & (prices > 0)).all():
        raise BadInput("Some prices are not above 0, so no candles can be made from them.", fix="Run data check.")
    follows = np.concatenate([[False], np.diff(candles["ts"]) == step_ms])
    for path in range(_checked_paths(paths)):
        out = np.empty(len(candles), candles.dtype)
        made_candles(candles, follows, seed, path, _leave(block), out)
        yield out


def fan_of_runs(curves: Floats, original: Floats, *, seed: int = 1, block: float = 1440.0) -> MonteCarloFan:
    """The fan of back-tests on made-up candles: float64[runs, days + 1] equity curves (multiples of the starting cash)
    and float64[days + 1] of the real run."""
    days = len(original) - 1
    if len(curves) == 0 or days < 1:
        return _nothing("candles", seed, block, "There is no run on made-up candles.")
    steps = _steps(days)
    peaks = np.maximum.accumulate(curves, axis=1)
    falls = np.where(peaks > 0, 1.0 - curves / np.where(peaks > 0, peaks, 1.0), 0.0).max(axis=1)
    return _summed(curves[:, steps], curves[:, -1], falls, original, steps, "candles", seed, block, False)


def _fan(
    gains: Floats, chunk: Callable[..., None], kind: Kind, paths: int, seed: int, block: float, unit: str,
    cancelled: Stop | None,
) -> MonteCarloFan:  # fmt: skip
    paths = _checked_paths(paths)
    if len(gains) < 2:
        return _nothing(kind, seed, block, f"There are {len(gains)} {unit}s: nothing can be drawn.")
    if not np.isfinite(gains).all():
        return _nothing(kind, seed, block, f"The result of some {unit}s is not known.")
    steps = _steps(len(gains))
    equity, final, fall = np.empty((paths, len(steps))), np.empty(paths), np.empty(paths)
    done = 0
    while done < paths and not (cancelled is not None and cancelled()):
        end = min(paths, done + CHUNK)
        chunk(done, steps, equity[done:end], final[done:end], fall[done:end])
        done = end
    if done == 0:
        return _nothing(kind, seed, block, "Stopped before the first path.", cancelled=True)
    original = _curve(gains)
    return _summed(equity[:done], final[:done], fall[:done], original, steps, kind, seed, block, done < paths)


def _curve(gains: Floats) -> Floats:
    """Equity after each, from 1; 0 from where it was gone."""
    return np.concatenate([[1.0], np.cumprod(np.maximum(0.0, 1.0 + gains))])


def _steps(count: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count, min(COLUMNS, count) + 1).round().astype(np.int64))


def _summed(
    equity: Floats, final: Floats, fall: Floats, original: Floats, steps: NDArray[np.int64], kind: Kind, seed: int,
    block: float, cancelled: bool,
) -> MonteCarloFan:  # fmt: skip
    peaks = np.maximum.accumulate(original)
    was = float((1.0 - original / peaks).max())
    return MonteCarloFan(
        kind=kind,
        paths=len(final),
        seed=seed,
        block=block,
        quantiles=list(QUANTILES),
        steps=steps.tolist(),
        equity=np.quantile(equity, QUANTILES, axis=0).tolist(),
        original=original[steps].tolist(),
        final=np.quantile(final, QUANTILES).tolist(),
        drawdown=np.quantile(fall, QUANTILES).tolist(),
        final_rank=_rank(final, float(original[-1])),
        drawdown_rank=_rank(fall, was),
        loss=float((final < 1.0).mean()),
        cancelled=cancelled,
    )


def _rank(values: Floats, x: float) -> float:
    """Share below x, ties half; equal up to rounding is a tie."""
    margin = 1e-9 * max(abs(x), 1e-9)
    return float(((values < x - margin).mean() + (values <= x + margin).mean()) / 2.0)


def _leave(block: float) -> int:
    return min(2**32, round(2**32 / block))


def _checked_block(block: float) -> float:
    if not 1.0 <= block <= 1e9:
        raise BadInput(f"A block of {block:g} cannot be drawn.", fix="Use a mean length of at least 1.")
    return float(block)


def _checked_paths(paths: int) -> int:
    if not 1 <= paths <= MOST_PATHS:
        raise BadInput(f"{paths:,} paths cannot be drawn.", fix=f"Use 1 to {MOST_PATHS:,}.")
    return int(paths)


def _nothing(kind: Kind, seed: int, block: float, note: str, *, cancelled: bool = False) -> MonteCarloFan:
    return MonteCarloFan(
        kind=kind, paths=0, seed=seed, block=block, quantiles=list(QUANTILES), steps=[], equity=[], original=[],
        final=[], drawdown=[], final_rank=NAN, drawdown_rank=NAN, loss=NAN, cancelled=cancelled, note=note,
    )  # fmt: skip
