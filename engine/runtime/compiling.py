"""Says that kernels are being compiled while a task waits for them: once for a version, and no estimate holds then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from numba.core import event

from engine.contracts.events import COMPILING
from engine.runtime.kept import Report


class _Heard(event.Listener):
    def __init__(self, relay: _Relay) -> None:
        self._relay = relay

    def on_start(self, event: event.Event) -> None:
        self._relay.compiling()

    def on_end(self, event: event.Event) -> None:
        pass


class _Relay:
    def __init__(self, report: Report, step: str) -> None:
        self._report, self._step, self._last = report, step, 0.0

    def __call__(self, fraction: float, step: str = "", /) -> None:
        self._last = fraction
        self._report(fraction, step or self._step)

    def compiling(self) -> None:
        self._report(self._last, COMPILING)


@contextmanager
def told_of_compiling(report: Report, step: str) -> Iterator[Report]:
    """A report that says `step` where nothing else is said, and COMPILING for as long as numba compiles."""
    relay = _Relay(report, step)
    heard = _Heard(relay)
    event.register("numba:compile", heard)  # type: ignore[no-untyped-call]
    try:
        yield relay
    finally:
        event.unregister("numba:compile", heard)  # type: ignore[no-untyped-call]
