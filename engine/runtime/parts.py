"""What the parts of one engine share. Only Engine fills it; the others read it."""

from __future__ import annotations

import asyncio

from engine.bus.hub import Hub
from engine.clock import Clock, now_ms
from engine.contracts.markets import DEMO_PREFIX
from engine.runtime.badges import Badges
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.folder import DataFolder
from engine.runtime.jobs import JobBoard
from engine.runtime.journal import Journal
from engine.runtime.live import LiveMarkets
from engine.runtime.storage import StorageThread
from engine.runtime.worker import WorkerProcess
from engine.runtime.worker_wire import Sites, venue_sites
from engine.store.lake import Lake
from engine.store.state import State


class EngineParts:
    """root: the installation's data folder; folder: that of this run (the demo has its own below it). listed: set when
    it is known what is traded. The stores, the journal and the workers are there from the moment the bus answers."""

    state: State
    lake: Lake
    journal: Journal
    jobs: JobBoard
    query: WorkerProcess
    study: WorkerProcess
    badges: Badges

    def __init__(self, root: DataFolder, config: EngineConfig, clock: Clock) -> None:
        self.root = root
        self.folder = root
        self.config = config
        self.clock = clock
        self.demo = False
        self.note = ""
        self.state_word = "starting"
        self.started_ms = now_ms(clock)
        self.hub = Hub()
        self.listed = asyncio.Event()
        #: a window that started this engine has had time to open its first chart
        self.first_chart = asyncio.Event()
        self.live: LiveMarkets | None = None
        self.storage = StorageThread()
        #: the demo's own hosts by real market id, while it runs
        self.demo_hosts: dict[str, VenueHosts] = {}
        self._stop = asyncio.Event()

    def sites(self) -> Sites:
        """Where history comes from; in the demo the simulator's, for the demo's own markets."""
        if self.demo:
            urls = {DEMO_PREFIX + m: hosts.rest for m, hosts in self.demo_hosts.items()}
            return Sites(rest=urls, archive=urls)
        hosts, none = self.config.hosts, VenueHosts(ws="", rest="")
        return venue_sites(
            hosts.get("binance-spot", none).rest,
            hosts.get("binance-futures", none).rest,
            self.config.archive_url,
            self.config.oanda_rest,
            self.config.proxy,
        )

    def worker(self, kind: str) -> WorkerProcess:
        """A process on this engine's stores; it starts when it is first asked for something."""
        return WorkerProcess(kind, str(self.folder.root), self.config.state_url, self.config.lake_folder)

    def stop(self) -> None:
        """End soon and in order; may be called more than once."""
        self._stop.set()
