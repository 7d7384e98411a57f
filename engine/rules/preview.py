"""Previews of running bars: the conditions of a program at new prices, again and again, without touching its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.rules.kernels_prepare import prepare
from engine.rules.kernels_preview import SCRATCH, WIDTH, grouped, settled, sweep
from engine.rules.machine import Machine
from engine.rules.preview_program import PreviewProgram

#: lanes prepared at once: their rows stay in the cache
BLOCK = 256
#: a lane has no operands for any bar
_NONE = np.iinfo(np.int64).min

#: runs tasks, in parallel where it can, and returns when all are done
Each = Callable[[Sequence[Callable[[], None]]], None]


def one_by_one(tasks: Sequence[Callable[[], None]]) -> None:
    for task in tasks:
        task()


class Preview:
    """What one machine's conditions say with the running bar; bit for bit Machine.run(commit=False).

    A condition is reported once a lane until the lane is forgotten: `given` remembers which were. Not thread-safe, but
    the tasks of one `tasks` call may run side by side.
    """

    def __init__(self, machine: Machine, made: PreviewProgram, parts: int = 1) -> None:
        """made: of the machine's program. parts: tasks that a sweep may be split into."""
        self.machine = machine
        self.program = made
        tiles, stride = -(-machine.lanes // WIDTH), WIDTH // 8
        own, own_bits = (made.registers + SCRATCH) * WIDTH, (made.bit_registers + 4) * stride
        constants = made.constants.size
        self._mem = _aligned(constants + parts * own + tiles * made.operands * WIDTH)
        self._mem[:constants] = made.constants
        self._bits = np.zeros(parts * own_bits + tiles * made.flags * stride, np.uint8)
        self._shape = np.array(
            [constants + parts * own, made.operands * WIDTH, parts * own_bits, made.flags * stride], np.int64
        )
        arenas = [
            (constants + k * own, constants + k * own + made.registers * WIDTH, k * own_bits, 0) for k in range(parts)
        ]
        self._arenas = np.array([(a, b, c, c + made.bit_registers * stride) for a, b, c, _ in arenas], np.int64)
        self._given = np.zeros((tiles, len(made.outputs), stride), np.uint8)
        self._at = np.full(machine.lanes, _NONE, np.int64)
        self._expected = self._at.copy()
        self._special = np.zeros(machine.lanes, np.uint8)
        self._registers = np.zeros((made.preparation_registers, BLOCK))
        for register, value in made.preparation_constants:
            self._registers[register] = value
        most = max(machine.program.most_slots, BLOCK, WIDTH)
        self._spare = np.empty((parts, 3 * most))
        self._due = np.empty((parts, max(BLOCK, WIDTH)), np.int64)
        self._parts = parts
        self._frames = np.ascontiguousarray(made.frames[:, 0])

    @property
    def nbytes(self) -> int:
        """Bytes of operands, registers and flags."""
        return int(self._mem.nbytes + self._bits.nbytes + self._given.nbytes)

    def forget(self, lanes: NDArray[np.int64], at: NDArray[np.int64] | None = None) -> None:
        """The state of these lanes has changed: their operands are of no use any more. at: the slots of the bars that
        are expected next, where they are known; such lanes are prepared together with the first of their tile."""
        self._at[lanes] = _NONE
        self._expected[lanes] = _NONE if at is None else at

    def given(self, lanes: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 (n_conditions, L): 1 where a condition was reported for the running bar."""
        found = self._given[lanes // WIDTH, :, (lanes % WIDTH) >> 3].T
        return (found >> (lanes & 7).astype(np.uint8)) & np.uint8(1)

    def set_given(self, lanes: NDArray[np.int64], given: NDArray[np.uint8] | None = None) -> None:
        """Take back what was reported (None), or say what was: uint8 (n_conditions, L)."""
        for n, lane in enumerate(lanes.tolist()):
            column, bit = self._given[lane // WIDTH, :, (lane % WIDTH) >> 3], np.uint8(1 << (lane & 7))
            column &= ~bit
            if given is not None:
                column |= given[:, n] * bit

    def settle(
        self, lanes: NDArray[np.int64], conditions: NDArray[np.uint8]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """The bars of these lanes (L,) have closed with these conditions uint8 (n_conditions, L), C-contiguous.

        Returns positions in lanes, outputs, and whether each holds, or else was reported and does not; by position,
        then output. Nothing of these lanes counts as reported any more.
        """
        found = np.empty((conditions.size, 3), np.int32)
        lanes = np.ascontiguousarray(lanes, np.int64)
        found = found[: settled(conditions, lanes, self._given.reshape(-1), found)]
        found = found[np.lexsort((found[:, 1], found[:, 0]))]
        positions, outs = found[:, 0].astype(np.int64), found[:, 1].astype(np.int64)
        return positions, outs, found[:, 2] != 0

    def prepare(self, lanes: NDArray[np.int64], at: NDArray[np.int64]) -> None:
        """Make the operands of lanes (L,) whose running bars are in the slots `at` (L,)."""
        lanes, at = np.ascontiguousarray(lanes, np.int64), np.ascontiguousarray(at, np.int64)
        special = np.empty(lanes.size, np.uint8)
        made = self.program
        prepare(
            made.preparation,
            made.params,
            self._registers,
            self._mem,
            self._bits,
            self._shape,
            lanes,
            at,
            self.machine.state(),
            made.frames,
            self._spare[0],
            self._due[0],
            special,
        )
        self._special[lanes] = special
        self._at[lanes] = at

    def _refresh(self, lanes: NDArray[np.int64], at: NDArray[np.int64]) -> None:
        """Prepare these lanes, and with them what waits in their tiles: side by side a lane costs a tenth."""
        self._at[lanes] = at
        self._expected[lanes] = _NONE
        waiting = (self._expected != _NONE) & (self._at == _NONE)
        near = np.zeros(len(self._given), np.bool_)
        near[lanes // WIDTH] = True
        others = np.flatnonzero(waiting & np.repeat(near, WIDTH)[: waiting.size])
        self._at[others] = self._expected[others]
        everyone = np.sort(np.concatenate([lanes, others]))
        self.prepare(everyone, self._at[everyone])

    def run(
        self, lanes: NDArray[np.int64], at: NDArray[np.int64], prices: NDArray[np.float64], each: Each = one_by_one
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Preview lanes (L,), each at most once, with prices (columns, L) of their running bars in the slots `at`.

        Returns positions in `lanes` and outputs of the conditions that are true and were not reported, by position.
        """
        tasks, results = self.tasks(lanes, at, prices)
        each(tasks)
        return collected(results)

    def tasks(
        self, lanes: NDArray[np.int64], at: NDArray[np.int64], prices: NDArray[np.float64]
    ) -> tuple[list[Callable[[], None]], list[NDArray[np.int32]]]:
        """What `run` does, in tasks that may run side by side; their results (n, 2) stand in the list when all have."""
        lanes, at = np.ascontiguousarray(lanes, np.int64), np.ascontiguousarray(at, np.int64)
        prices = np.ascontiguousarray(prices)
        stale = self._at[lanes] != at
        if stale.any():
            self._refresh(lanes[stale], at[stale])
        results: list[NDArray[np.int32]] = []
        chosen = self._special[lanes] == 0
        if not chosen.all():
            results.append(self._slowly(np.flatnonzero(~chosen), lanes, at, prices))
        order, groups = np.empty(lanes.size, np.int64), np.empty((self._given.shape[0] + lanes.size, 3), np.int64)
        picked = np.flatnonzero(chosen)
        count = grouped(lanes[picked], order, groups, np.zeros(self._given.shape[0], np.int64))
        if picked.size < lanes.size:
            order[: picked.size] = picked[order[: picked.size]]
        tasks = []
        for part, share in enumerate(_shares(groups[:count], self._parts)):
            results.append(np.empty((0, 2), np.int32))
            tasks.append(self._task(part, share, order, lanes, at, prices, results))
        return tasks, results

    def _task(
        self,
        part: int,
        groups: NDArray[np.int64],
        order: NDArray[np.int64],
        lanes: NDArray[np.int64],
        at: NDArray[np.int64],
        prices: NDArray[np.float64],
        results: list[NDArray[np.int32]],
    ) -> Callable[[], None]:
        place, made, machine = len(results) - 1, self.program, self.machine
        most = int((groups[:, 1] - groups[:, 0]).sum()) * len(made.outputs)

        def task() -> None:
            found = np.empty((most, 2), np.int32)
            count = sweep(
                made.code,
                made.params,
                made.inputs,
                made.outputs,
                self._mem,
                self._bits,
                self._given.reshape(-1),
                self._shape,
                self._arenas[part],
                lanes,
                at,
                prices,
                order,
                groups,
                machine.state(),
                machine.bars_seen,
                self._frames,
                self._spare[part],
                self._due[part],
                found,
            )
            results[place] = found[:count].copy()

        return task

    def _slowly(
        self,
        positions: NDArray[np.int64],
        lanes: NDArray[np.int64],
        at: NDArray[np.int64],
        prices: NDArray[np.float64],
    ) -> NDArray[np.int32]:
        """By the machine itself, for lanes whose operands do not suffice (the bar that ends a seed)."""
        rows = lanes[positions]
        bars = np.ascontiguousarray(prices[:, positions, None])
        true = self.machine.run(rows, at[positions, None], bars, commit=False)[0][:, :, 0]
        new = (true != 0) & (self.given(rows) == 0)
        self.set_given(rows, (self.given(rows) | new).astype(np.uint8))
        outs, where = np.nonzero(new)
        return np.stack([positions[where], outs], axis=1).astype(np.int32)


def collected(results: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(positions, outputs) of all results, by position, then output."""
    found = np.concatenate(results) if results else np.empty((0, 2), np.int32)
    ordered = found[np.lexsort((found[:, 1], found[:, 0]))].astype(np.int64)
    return ordered[:, 0], ordered[:, 1]


def _shares(groups: NDArray[np.int64], parts: int) -> list[NDArray[np.int64]]:
    """Groups split into at most `parts` of about equal work; all gathered ones in one (they share bytes of flags)."""
    if parts == 1 or len(groups) < 2:
        return [groups] if len(groups) else []
    loads: list[float] = [0.0] * parts
    members: list[list[int]] = [[] for _ in range(parts)]
    whole = np.flatnonzero(groups[:, 2] != 0).tolist()
    gathered = np.flatnonzero(groups[:, 2] == 0)
    members[0].extend(gathered.tolist())
    loads[0] = 4.0 * float((groups[gathered, 1] - groups[gathered, 0]).sum())
    for g in whole:
        least = min(range(parts), key=loads.__getitem__)
        members[least].append(g)
        loads[least] += WIDTH
    return [groups[m] for m in members if m]


def _aligned(size: int) -> NDArray[np.float64]:
    """Zeros that begin at a cache line."""
    room = np.zeros(size + 8)
    ahead = (-room.ctypes.data // 8) % 8
    return room[ahead : ahead + size]
