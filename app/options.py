"""What the window is told when it starts. No Qt and no array library here: the command line reads it too."""

from __future__ import annotations

import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.clock import SYSTEM_CLOCK
from engine.clock import now_ms as clock_ms

if TYPE_CHECKING:
    from app.session import Client
    from engine.contracts.settings import Settings
    from engine.runtime.spawn import Given


async def attach_or_start(options: WindowOptions) -> Client:
    """The engine of this data folder: the running one, or a new one."""
    from engine.runtime import client

    begun, options.begun = options.begun, None
    return await client.attach_or_start(
        options.data_folder,
        demo=options.demo,
        given=options.given,
        on_compiling=options.on_compiling,
        begun=begun,
    )


def _defaults() -> Settings:
    from engine.contracts.settings import Settings

    return Settings()


@dataclass
class WindowOptions:
    """demo: True/False force it, None lets the engine decide. given: for an engine that has to be started.
    keep_engine: it goes on when the window closes. connector: how an engine is reached (tests hand in their own). tour:
    show the hints of the first run. restart: set when the window shall start anew once it is closed.
    on_compiling: told how far a first start has compiled. begun: an engine that starts while the window is made."""

    data_folder: Path
    config_folder: Path
    demo: bool | None = None
    given: Given | None = None
    keep_engine: bool = False
    settings: Settings = field(default_factory=_defaults)
    connector: Callable[[WindowOptions], Awaitable[Client]] = attach_or_start
    now_ms: Callable[[], int] = lambda: clock_ms(SYSTEM_CLOCK)
    tour: bool = True
    on_compiling: Callable[[float], None] = lambda _share: None
    restart: bool = False
    begun: subprocess.Popen[bytes] | None = None
    back_off: tuple[float, ...] = (0.4, 0.8, 1.6, 3.2, 6.4, 8.0)

    def connect(self) -> Awaitable[Client]:
        return self.connector(self)
