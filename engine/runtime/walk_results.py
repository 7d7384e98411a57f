"""What a command line without an engine keeps of its walk-forwards, in the same state as the engine's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.walkforward import Trials, WalkForwardResult, WalkForwardSpec, WalkResult
from engine.runtime.folder import DataFolder
from engine.runtime.promotions import checked, chosen_of
from engine.store.state import State
from engine.store.walkforwards import WalkForwards


class WalkKeeper:
    """Writes to the state database; safe beside an engine, whose transactions are short."""

    def __init__(self, folder: DataFolder, state_url: str = "") -> None:
        self._state = State(state_url or folder.state)

    def close(self) -> None:
        self._state.close()

    @property
    def store(self) -> WalkForwards:
        return self._state.walkforwards

    def save_walk(self, job: str, walk: WalkResult, tried: Trials | None) -> None:
        self.store.save_walk(job, walk, tried)

    def save(self, result: WalkForwardResult) -> None:
        self.store.save(result)

    def enqueue(self, spec: WalkForwardSpec, symbols: Sequence[str]) -> None:
        """One entry a symbol, at the end of the queue; those that wait already are not doubled."""
        self.store.enqueue(queue_entry(spec, symbol) for symbol in symbols)

    def next(self) -> WalkForwardSpec | None:
        """The first entry that has not failed."""
        waiting = [entry for entry in self.store.queued() if entry.state != "failed"]
        if not waiting:
            return None
        self.store.set_state(waiting[0].job, "running")
        return waiting[0].spec

    def finished(self, entry: WalkForwardSpec) -> None:
        self.store.set_state(entry.run_id, "")

    def failed(self, entry: WalkForwardSpec, error: str) -> None:
        self.store.set_state(entry.run_id, "failed", error)

    def promote(self, job: str, strategies: Sequence[str]) -> None:
        """What the newest window of a walk-forward chose; a running engine follows."""
        sets = chosen_of(self.store.result(job), self.store.walks(job), strategies)
        checked(sets)
        self.store.promote(msgspec.structs.replace(s, since_ms=now_ms(SYSTEM_CLOCK)) for s in sets)

    def demote(self, number: int) -> None:
        self.store.demote(number, now_ms(SYSTEM_CLOCK))


def queue_entry(spec: WalkForwardSpec, symbol: str) -> tuple[str, WalkForwardSpec]:
    """(job, spec) of one symbol; the same for the same question."""
    plain = msgspec.structs.replace(spec, symbol=symbol, run_id="")
    job = f"walk-{hashlib.blake2b(msgspec.json.encode(plain), digest_size=5).hexdigest()}"
    return job, msgspec.structs.replace(plain, run_id=job)
