"""Which parameter sets are tried: the whole grid, a random part of it, or what Optuna's TPE asks for next.

All ways are repeatable: the same space, number and seed give the same sets in the same order.
"""

from __future__ import annotations

import importlib.util
import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contracts.errors import BadInput, Cancelled, did_you_mean
from engine.rules.expressions import Expression, number_text
from engine.rules.sets import known_values
from engine.rules.strategy import Strategy

#: sets of one strategy that are walked without a word, values of one range, and sets looked through for `requires`
MOST_SETS, MOST_VALUES, MOST_LOOKED = 10_000, 10_000, 2_000_000
#: combinations that are looked through at once
CHUNK = 65_536
#: seconds of one core per set and million bars, for the estimate of a refusal: rules and simulation of one strategy
SECONDS_PER_SET_AND_MILLION_BARS = 0.003

Set = dict[str, float]
#: sets and the strategy's objective of each in the order given (nan = not defined)
Evaluate = Callable[[Sequence[Set]], NDArray[np.float64]]


class Space(NamedTuple):
    """names: of the parameters. axes: the values of each, ascending. requires: what every set must meet."""

    names: tuple[str, ...]
    axes: tuple[tuple[float, ...], ...]
    requires: Expression | None = None

    @property
    def size(self) -> int:
        """Number of combinations, those that `requires` forbids included; any size."""
        return math.prod(len(axis) for axis in self.axes)

    def at(self, index: int) -> Set:
        """The combination of this number, the last parameter fastest (the order of the full grid)."""
        values = []
        for axis in reversed(self.axes):
            index, step = divmod(index, len(axis))
            values.append(axis[step])
        return dict(zip(self.names, reversed(values)))

    def allowed(self, indices: Sequence[int]) -> list[bool]:
        """Which of the combinations of these numbers meet `requires`."""
        if self.requires is None or not len(indices):
            return [True] * len(indices)
        columns: dict[str, NDArray[np.float64]] = {}
        # Python's own integers: a grid may have more combinations than 64 bits can count
        rest = np.array(indices, np.int64 if self.size < 2**62 else object)
        for name, axis in zip(reversed(self.names), reversed(self.axes)):
            columns[name] = np.array(axis)[(rest % len(axis)).astype(np.int64)]
            rest = rest // len(axis)
        return np.broadcast_to(known_values(self.requires, columns), len(indices)).tolist()


def space_of(strategy: Strategy, ranges: Mapping[str, Sequence[float]] | None = None) -> Space:
    """The strategy's own grids, with the user's ranges in place of some. BadInput for what does not fit."""
    params = strategy.params
    for name, values in (ranges or {}).items():
        if name not in params:
            raise BadInput(
                f'{strategy.id} has no parameter "{name}".{did_you_mean(name, params)}',
                fix=f"It has {', '.join(params) or 'none'}.",
            )
        if params[name].whole and not all(float(v).is_integer() for v in values):
            raise BadInput(f'parameter "{name}" of {strategy.id} must be a whole number.', fix="Use whole steps.")
    chosen = [tuple((ranges or {}).get(name, p.grid or (p.default,))) for name, p in params.items()]
    return Space(tuple(params), tuple(tuple(sorted(set(axis))) for axis in chosen), strategy.requires)


def parse_ranges(texts: Iterable[str]) -> dict[str, tuple[float, ...]]:
    """ "n=5:200:5" (both ends included), "n=5,10,20" or "n=14", any number of them. BadInput with a way out."""
    out: dict[str, tuple[float, ...]] = {}
    for text in texts:
        name, sign, values = text.partition("=")
        name = name.strip()
        if not sign or not name.isidentifier():
            raise BadInput(f'"{text}" is no range.', fix='Write "name=from:to:step" or "name=5,10,20".')
        if name in out:
            raise BadInput(f'"{name}" is given twice.', fix="Give one range for each parameter.")
        out[name] = _values(name, values)
    return out


def _values(name: str, text: str) -> tuple[float, ...]:
    parts = text.split(":")
    if len(parts) > 3:
        raise BadInput(f'"{name}={text}" has too many colons.', fix=f'Write "{name}=from:to:step".')
    if len(parts) == 1:
        return tuple(sorted({_number(name, part) for part in text.split(",")}))
    first, last, step = (*(_number(name, part) for part in parts), 1.0)[:3]
    if step <= 0 or last < first:
        raise BadInput(
            f'"{name}={text}" goes nowhere: from {number_text(first)} to {number_text(last)} by {number_text(step)}.',
            fix="The second number must not be below the first, and the step must be above 0.",
        )
    count = math.floor((last - first) / step + 1e-9) + 1
    if count > MOST_VALUES:
        raise BadInput(f'"{name}={text}" has {count:,} values; at most {MOST_VALUES:,}.', fix="Use a larger step.")
    # rounded, so that 0.1 + 2 * 0.1 is 0.3 as a person would have written it
    return tuple(float(f"{first + k * step:.12g}") for k in range(count))


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(f'"{text.strip()}" in the range of {name} is no number.', fix=f'Write "{name}=5:50:5".')
    return value


def seconds_estimate(sets: float, bars: int, cores: int = 1) -> float:
    """About how long so many sets of one strategy take over these bars."""
    return sets * bars / 1e6 * SECONDS_PER_SET_AND_MILLION_BARS / max(1, cores)


def duration_text(seconds: float) -> str:
    """ "3 minutes", "11 days", "40 years": one unit, rounded."""
    for size, name in ((31_557_600, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds / size
            return f"{count:,.0f} {name}{'s' * (round(count) != 1)}"
    return f"{max(1, round(seconds))} second{'s' * (round(seconds) > 1)}"


def full_grid(space: Space, *, bars: int = 0, cores: int = 1, most: int = MOST_SETS) -> list[Set]:
    """Every combination that meets `requires`, the last parameter fastest.

    BadInput above `most`, with an estimate of the time and what to do instead; nothing is built before that is known.
    """
    if space.size > max(most, 1) and (space.requires is None or space.size > MOST_LOOKED):
        raise _too_many(space, space.size, bars, cores, most)
    found: list[int] = []
    for first in range(0, space.size, CHUNK):
        chunk = range(first, min(first + CHUNK, space.size))
        found += itertools.compress(chunk, space.allowed(chunk))
    if len(found) > most:
        raise _too_many(space, len(found), bars, cores, most)
    if not found:
        raise BadInput("No parameter set meets what the strategy requires.", fix="Widen the ranges.")
    return [space.at(k) for k in found]


def _too_many(space: Space, count: int, bars: int, cores: int, most: int) -> BadInput:
    axes = " x ".join(f"{name} {len(axis):,}" for name, axis in zip(space.names, space.axes) if len(axis) > 1)
    time = f" They would take about {duration_text(seconds_estimate(count, bars, cores))}." if bars else ""
    return BadInput(
        f"The grid has {count:,} parameter sets ({axes}); at most {most:,}.{time}",
        fix=f"Use larger steps, or a random search of up to {most:,} sets.",
    )


def random_sets(space: Space, count: int, seed: int) -> list[Set]:
    """`count` different sets that meet `requires`, drawn without repetition from a grid of any size.

    All of them, in the order of the draw, where there are no more; fewer where `requires` forbids nearly all.
    """
    if count < 1:
        raise BadInput(f"A random search needs at least one set, not {count}.")
    draw = _draw(space.size, random.Random(seed))
    out: list[Set] = []
    looked = 0
    while len(out) < count and looked < MOST_LOOKED:
        chunk = list(itertools.islice(draw, min(CHUNK, max(256, count - len(out)))))
        if not chunk:
            break
        looked += len(chunk)
        out += [space.at(k) for k in itertools.compress(chunk, space.allowed(chunk))]
    if not out:
        raise BadInput("No parameter set meets what the strategy requires.", fix="Widen the ranges.")
    return out[:count]


def _draw(size: int, rng: random.Random) -> Iterator[int]:
    """The numbers below size in random order, one by one: a sparse Fisher-Yates shuffle, memory by what was drawn."""
    moved: dict[int, int] = {}
    for k in range(size):
        j = rng.randrange(k, size)
        yield moved.get(j, j)
        moved[j] = moved.pop(k, k)


def optuna_installed() -> bool:
    return importlib.util.find_spec("optuna") is not None


def optuna_search(
    space: Space, evaluate: Evaluate, count: int, seed: int, *, batch: int = 32,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[list[Set], NDArray[np.float64]]:  # fmt: skip
    """TPE over the steps of the axes: ask a batch, evaluate it at once, tell.

    Returns (sets, objectives), every set once, in the order of their first trial. Sets that `requires` forbids are told
    as pruned and not returned. BadInput where optuna is not installed. Cancelled keeps nothing: the caller's evaluate
    has seen what was done.
    """
    if not optuna_installed():
        raise BadInput(
            "Optuna is not installed.", fix="Install it (pip install optuna), or use the full grid or a random search."
        )
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    seen: dict[int, float] = {}
    for first in range(0, count, batch):
        if cancelled is not None and cancelled():
            raise Cancelled(f"Stopped after {first:,} of {count:,} trials.")
        trials = [study.ask() for _ in range(min(batch, count - first))]
        keys = [_asked(space, trial) for trial in trials]
        allowed = space.allowed(keys)
        fresh = list(dict.fromkeys(key for key in itertools.compress(keys, allowed) if key not in seen))
        if fresh:
            seen.update(zip(fresh, map(float, evaluate([space.at(key) for key in fresh]))))
        for trial, key, fits in zip(trials, keys, allowed):
            if fits and math.isfinite(seen[key]):
                study.tell(trial, seen[key])
            else:
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    return [space.at(key) for key in seen], np.array(list(seen.values()))


def _asked(space: Space, trial: Any) -> int:
    """The number of the combination that a trial asks for. By steps, so that unevenly spaced values are as near to each
    other as the grid says."""
    index = 0
    for name, axis in zip(space.names, space.axes):
        step = trial.suggest_int(name, 0, len(axis) - 1) if len(axis) > 1 else 0
        index = index * len(axis) + step
    return index
