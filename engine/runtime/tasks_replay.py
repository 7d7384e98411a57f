"""A replay in its own process: one world, which the tasks of its session move on."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence

import numpy as np

from engine.contracts.alerts import parse_cooldowns
from engine.contracts.errors import PyroError
from engine.contracts.replay import ReplayBars, ReplayChunk
from engine.runtime.kept import TaskContext, all_minutes
from engine.runtime.kept_programs import kept_programs
from engine.runtime.promotions import plan
from engine.runtime.replay_world import Programs, World, cooldowns
from engine.runtime.strategies import built_in, user_made
from engine.runtime.worker_wire import ReplayAdvanceTask, ReplayBarsTask, ReplayBeginTask, ReplayStepTask, ReplayTask

_KEY = "replay"
#: the live engine comes first
NICE = 5


def perform(task: ReplayTask, context: TaskContext) -> ReplayChunk | ReplayBars:
    """PyroError where the process has no world, as after a restart: begin it anew."""
    if isinstance(task, ReplayBeginTask):
        return _begin(task, context)
    world = context.left.get(_KEY)
    if not isinstance(world, World):
        raise PyroError("the replay's process was started anew", fix="Jump to where it was.")
    if isinstance(task, ReplayAdvanceTask):
        return world.advance(task.to_ms)
    if isinstance(task, ReplayStepTask):
        return world.step(task.timeframe, task.bars)
    assert isinstance(task, ReplayBarsTask)
    return world.bars(task.symbol, task.timeframe, task.limit)


def _begin(task: ReplayBeginTask, context: TaskContext) -> ReplayChunk:
    world = context.left.get(_KEY)
    if not isinstance(world, World):
        give_way()
        world = World(
            lambda symbol: all_minutes(context, symbol),
            programs_of(context, task.timeframes),
            task.timeframes,
            cooldowns(parse_cooldowns(tuple(task.cooldowns)), task.cooldown_bars),
            path=task.provisional,
        )
    chunk = world.begin(task.symbols, task.at_ms)
    context.left[_KEY] = world
    return chunk


def programs_of(context: TaskContext, timeframes: Sequence[str]) -> Callable[[str], Programs]:
    """What runs live now, compiled once a day calendar."""
    made: dict[str, Programs] = {}

    def of(day: str) -> Programs:
        if day not in made:
            usual = kept_programs(context.folder.cache, built_in(), timeframes, day)
            own = plan(user_made(), context.state.walkforwards.promoted(), timeframes, day)

            def muted(symbol: str) -> np.ndarray | None:
                return own.muted(timeframes, [symbol], usual)

            made[day] = Programs(usual, own.programs, muted)
        return made[day]

    return of


def give_way() -> None:
    """This process gets the processor after the engine."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.nice(NICE)
