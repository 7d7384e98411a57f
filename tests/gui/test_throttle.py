"""The one throttle: at once, then collapsed, and nothing lost."""

from __future__ import annotations

from tests.gui.charting import OFFSCREEN
from widgets.throttle import Throttle

pytestmark = OFFSCREEN


def test_first_at_once_later_ones_collapse(qtbot):
    calls: list[int] = []
    throttle = Throttle(40, lambda: calls.append(1))
    throttle.request()
    assert len(calls) == 1
    for _ in range(50):
        throttle.request()
    assert len(calls) == 1
    assert throttle.pending
    qtbot.waitUntil(lambda: len(calls) == 2)
    qtbot.wait(100)
    assert len(calls) == 2
    throttle.request()
    assert len(calls) == 3


def test_a_request_from_inside_is_served_later(qtbot):
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        if len(calls) < 3:
            throttle.request()

    throttle = Throttle(10, call)
    throttle.request()
    assert len(calls) == 1
    qtbot.waitUntil(lambda: len(calls) == 3)


def test_flush_and_cancel(qtbot):
    calls: list[int] = []
    throttle = Throttle(10_000, lambda: calls.append(1))
    throttle.request()
    throttle.request()
    throttle.flush()
    assert len(calls) == 2
    throttle.request()
    throttle.cancel()
    throttle.flush()
    assert len(calls) == 2
