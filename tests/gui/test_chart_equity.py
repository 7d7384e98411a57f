"""The equity view: its scales, legend and crosshair."""

from __future__ import annotations

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint

from tests.gui.charting import OFFSCREEN, image
from widgets.chart.equity import EquityView
from widgets.theme import DARK

pytestmark = OFFSCREEN
DAY = 86_400_000


@pytest.fixture
def view(qtbot):
    widget = EquityView(DARK)
    qtbot.addWidget(widget)
    widget.resize(700, 420)
    widget.show()
    yield widget
    # the drawing library's menus have no parent, and the request keeps the widget until after the look for leaks
    for pane in (widget.main, widget.under):
        shiboken6.delete(pane.getPlotItem().ctrlMenu)


def run(n: int = 800) -> tuple[np.ndarray, ...]:
    ts = 1_600_000_000_000 // DAY * DAY + np.arange(n, dtype=np.int64) * DAY
    equity = 10_000 + 50 * np.arange(n) + 800 * np.sin(np.arange(n) / 20)
    return ts, equity, 1 - equity / np.maximum.accumulate(equity), 10_000 + 10.0 * np.arange(n)


def test_whole_run_is_in_view_and_stays_so(view):
    ts, equity, drawdown, hold = run()
    view.set_result(ts, equity, drawdown, hold)
    for size in ((700, 420), (1100, 500), (400, 300)):
        view.resize(*size)
        image(view)
        assert 0 <= view.time.x(0) < view.time.x(799) <= view.time.width
    scale = view.main.yscale
    assert 0 < scale.y(equity.max()) < scale.y(hold.min()) < scale.height
    assert view.under.yscale.y(0.0) > 0


def test_legend_and_date_under_the_crosshair(view, qtbot):
    ts, equity, drawdown, hold = run()
    view.set_result(ts, equity, drawdown, hold)
    image(view)
    qtbot.mouseMove(view.main.viewport(), QPoint(round(view.time.x(400)), 100))
    index = view.hovered()
    text = " ".join(t for row in view._main_legend() + view._under_legend() for t, _ in row)
    assert f"{equity[index]:,.2f}" in text
    assert f"{-drawdown[index] * 100:.2f} %" in text
    assert f"worst {-drawdown.max() * 100:.2f} %" in text
    assert view.time_axis.tag[1].endswith(str(np.datetime64(int(ts[index]), "ms").astype("datetime64[Y]")))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_short_runs(view, n):
    view.set_result(*(a[:n] for a in run(2)))
    assert not image(view).isNull()


def test_unequal_lengths_are_refused(view):
    ts, equity, drawdown, _hold = run()
    with pytest.raises(ValueError, match="one length"):
        view.set_result(ts, equity[:-1], drawdown)
