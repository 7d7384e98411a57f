"""The figures of the back-test panel are those of the one table, with its formulas as tooltips."""

from __future__ import annotations

from engine.contracts.metrics import METRICS
from tests.unit.backtest.result_support import made
from widgets.viewmodels import backtest as vm


def test_every_figure_shown_is_declared_and_computed():
    result = made()
    for (name, *_), figure in zip(vm._FIGURES, vm.figures(result.metrics), strict=True):
        assert name in METRICS
        assert name in result.metrics
        assert METRICS[name].formula in figure.tip
        assert METRICS[name].source in figure.tip
        assert figure.text != "n/a"
