"""What a walk-forward maximises: one number of every parameter set and window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contracts.errors import BadInput, did_you_mean
from engine.walkforward.formula import Formula, parse_formula
from engine.walkforward.kernels import FIGURES, window_figures

#: name -> (the figure that is maximised, what it is called)
OBJECTIVES: dict[str, tuple[str, str]] = {
    "sharpe": ("sharpe", "Sharpe"),
    "sortino": ("sortino", "Sortino"),
    "calmar": ("calmar", "Calmar"),
    "profit_factor": ("profit_factor", "profit factor"),
    "sqn": ("sqn", "SQN"),
    "return_over_drawdown": ("return_over_drawdown", "net return over largest drawdown"),
    "net_return": ("total_return", "net return"),
}
#: other names a formula may use -> the figure
SAME = {"net_return": "total_return"}
#: everything a formula may name
NAMES = (*FIGURES, *SAME)


class Figures(NamedTuple):
    """Of every set and window, by the definitions of the convention 'pyroquant'. values: float64[FIGURES, sets, w]."""

    values: NDArray[np.float64]

    def __getitem__(self, name: str) -> NDArray[np.float64]:  # type: ignore[override]
        """float64[sets, windows] of one figure of NAMES."""
        return self.values[FIGURES.index(SAME.get(name, name))]

    def named(self) -> Mapping[str, NDArray[np.float64]]:
        return {name: self[name] for name in NAMES}


def figures(
    returns: NDArray[np.float64], days: NDArray[np.int64], spans: NDArray[np.float64], trades: NDArray[np.int64],
    sums: NDArray[np.float64], days_per_year: int, offsets: NDArray[np.int64] | None = None,
) -> Figures:  # fmt: skip
    """The figures of every set and window.

    returns: float64[sets, windows, most days], padded (only the first days[w] of a window are read), or flat with
    int64[sets, windows] offsets. days: int64[w], trading days. spans: float64[w], calendar days from the first to the
    last bar. trades: int64[sets, w]. sums: float64[sets, w, >= 4]: gross profit, gross loss (>= 0), sum and sum of
    squares of the trade results in units of the starting cash.
    """
    if offsets is None:
        sets, windows, most = returns.shape
        if windows and int(days.max(initial=0)) > most:
            raise BadInput(f"a window has {int(days.max())} days but only {most} returns.")
        first = np.arange(sets * windows, dtype=np.int64) * most
        offsets, flat = first.reshape(sets, windows), np.ascontiguousarray(returns).reshape(-1)
    else:
        flat = returns
    out = np.empty((len(FIGURES), *offsets.shape))
    window_figures(
        flat, offsets, np.asarray(days, np.int64), np.asarray(trades, np.int64), sums, np.asarray(spans, np.float64),
        float(days_per_year), out,
    )  # fmt: skip
    return Figures(out)


class Objective(NamedTuple):
    """text: as it was given; title: for a person; formula: None for one of OBJECTIVES."""

    text: str
    title: str
    figure: str
    formula: Formula | None

    def values(self, figures: Figures, minimum_trades: int = 0) -> NDArray[np.float64]:
        """float64[sets, windows]; nan (never chosen) where it is not defined or there were fewer trades."""
        value = figures[self.figure] if self.formula is None else self.formula.values(figures.named())
        value = np.where(np.isfinite(value), value, np.nan)
        return np.where(figures["trades"] >= minimum_trades, value, np.nan)


def objective(text: str) -> Objective:
    """A name of OBJECTIVES or a formula over NAMES, such as "sharpe * sqrt(trades)". BadInput with the place."""
    given = text.strip()
    if given in OBJECTIVES:
        figure, title = OBJECTIVES[given]
        return Objective(given, title, figure, None)
    if not given:
        raise BadInput("The objective is empty.", fix=f"Use {', '.join(OBJECTIVES)} or a formula.")
    if given.isidentifier() and given not in NAMES:
        raise BadInput(
            f'"{given}" is no objective.{did_you_mean(given, (*OBJECTIVES, *NAMES))}',
            fix=f"Use {', '.join(OBJECTIVES)} or a formula of {', '.join(NAMES)}.",
        )
    return Objective(given, given, "", parse_formula(text, NAMES))
