"""The built-in strategies as a table: `python -m tests.unit.strategies.report [WORD]`, those whose id or family has it.

Trades on each of its five series, entries a thousand bars of 15 minutes, distinct results of the grid, pairs that
enter on the same bars, same trees.
"""

from __future__ import annotations

import sys
from collections import defaultdict

import numpy as np

import strategies
from tests.unit.strategies import support


def main(word: str = "") -> None:
    every = strategies.load()
    chosen = [s for s in every if word in s.id or word in s.family]
    counts = support.trade_counts(chosen)
    rows = [support.entries_on(every, series, "15m") for series in support.SERIES]
    print(
        f"{'strategy':24}{'tf':>4}" + "".join(f"{s.instrument.name:>10}" for s in support.SERIES),
        "  /1000 sets distinct",
    )
    for s in chosen:
        made = counts[s.id]
        rate = float(1000 * rows[0][every.index(s)].sum() / (rows[0].shape[1] / 2))
        sets, distinct = len(s.param_sets()), support.distinct_results(s, 10_000)
        low = min(made) < 10
        mark = " FEW" * low + " RARE" * (rate < 0.5) + " OFTEN" * (rate > 50) + " GRID" * (distinct < 16)
        print(f"{s.id:24}{s.timeframe:>4}" + "".join(f"{n:10}" for n in made), f"{rate:7.1f}{sets:5}{distinct:9}{mark}")
    pairs = defaultdict(list)
    hours = [support.entries_on(every, series, "1h") for series in support.SERIES]
    for series, entered in zip(support.SERIES * 2, rows + hours, strict=True):
        shared = support.overlaps(entered)
        for i, k in zip(*np.nonzero(np.triu(shared, 1) >= 0.6), strict=True):
            pairs[every[i].id, every[k].id].append(f"{series.instrument.name} {shared[i, k]:.2f}")
    for (a, b), where in pairs.items():
        print("overlap", a, b, *where)
    seen = defaultdict(list)
    for s in every:
        seen[support.tree(s)].append(s.id)
    print("same trees", [ids for ids in seen.values() if len(ids) > 1])


if __name__ == "__main__":
    main(*sys.argv[1:2])
