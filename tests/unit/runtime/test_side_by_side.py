"""Tasks on several threads: all are run once, all are done at the return, an error reaches the caller."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engine.runtime.side_by_side import SideBySide


def test_every_task_is_run_once_and_done_at_the_return() -> None:
    both = SideBySide(1, "test")
    for count in (0, 1, 2, 7):
        done: list[int] = []

        def task(number: int, into: list[int] = done) -> Callable[[], None]:
            return lambda: into.append(number)

        both([task(k) for k in range(count)])
        assert sorted(done) == list(range(count))
    both.shutdown()


def test_two_tasks_run_at_the_same_time() -> None:
    both, meet = SideBySide(1, "test"), threading.Barrier(2, timeout=20)
    both([lambda: _wait(meet), lambda: _wait(meet)])
    both.shutdown()


def _wait(meet: threading.Barrier) -> None:
    meet.wait()


def test_an_error_reaches_the_caller_when_nothing_runs_any_more() -> None:
    both, done = SideBySide(1, "test"), []

    def fail() -> None:
        raise KeyError("spoilt")

    with pytest.raises(KeyError, match="spoilt"):
        both([fail, lambda: done.append(1), lambda: done.append(2)])
    before = list(done)
    both([lambda: None])
    assert done == before
    both.shutdown()
