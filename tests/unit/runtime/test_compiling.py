"""A task says when it waits for a kernel that is compiled, and what it does otherwise."""

from __future__ import annotations

import numba
import pytest

from engine.contracts.events import COMPILING
from engine.runtime.compiling import told_of_compiling
from engine.runtime.jobs import JobBoard


def test_compiling_is_told_while_numba_compiles_and_not_afterwards():
    kernel = numba.njit(lambda x: x + 1)
    said = []
    with told_of_compiling(lambda fraction, step="": said.append((fraction, step)), "computing") as tell:
        tell(0.1)
        kernel(1)
        tell(0.5)
        kernel(2)
    kernel(1.5)
    assert said[0] == (0.1, "computing")
    assert set(said[1:-1]) == {(0.1, COMPILING)}
    assert said[-1] == (0.5, "computing")


class Clock:
    def __init__(self):
        self.ns = 0

    def monotonic_ns(self):
        return self.ns


def test_no_time_left_is_told_while_compiling_and_none_of_it_is_counted():
    board, clock, told = object.__new__(JobBoard), Clock(), []
    board._clock, board._tell = clock, told.append
    report = board.reporter("j", "backtest", "t", "computing")
    report(0.1, COMPILING)
    clock.ns += 90_000_000_000
    report(0.1)
    clock.ns += 1_000_000_000
    report(0.55)
    assert [e.eta_s for e in told[:2]] == [-1, -1]
    assert told[2].eta_s == pytest.approx(1.0), (
        "half of the rest took a second; the minute and a half before do not count"
    )
    assert [e.step for e in told] == [COMPILING, "computing", "computing"]
