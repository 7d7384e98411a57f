"""The back-test panel on the engine: starts a run, follows its job, fetches the result, cancels it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from app.session import Client
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import CancelJob, GetResult, RunBacktest
from engine.contracts.errors import PyroError
from engine.contracts.events import JobProgress
from widgets.backtest import BacktestPanel


class RunLink:
    """One run at a time; `on_result` gets each finished one."""

    def __init__(
        self,
        panel: BacktestPanel,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        on_job: Callable[[JobProgress], None],
        on_result: Callable[[BacktestResult], None],
    ) -> None:
        self.panel, self._spawn, self._on_job, self._on_result = panel, spawn, on_job, on_result
        self._client: Client | None = None
        self._off: Callable[[], None] | None = None
        self._early: dict[str, JobProgress] = {}
        self._cancel_early = False
        panel.runRequested.connect(lambda spec: self._spawn(self._run(spec)))
        panel.cancelRequested.connect(lambda job: self._spawn(self._cancel(job)))

    def attach(self, client: Client) -> None:
        self.detach()
        self._client = client
        self._off = client.on(JobProgress, self._progress)

    def detach(self) -> None:
        if self._off is not None:
            self._off()
        self._client, self._off = None, None

    def lose(self, text: str) -> None:
        self.detach()
        if self.panel.running:
            self.panel.show_error(f"The run was lost: {text}. Run it again when the engine is back.")

    async def _run(self, spec: BacktestSpec) -> None:
        if self._client is None:
            self.panel.show_error("There is no engine to run it; it is being started. Try again in a moment.")
            return
        self._early.clear()
        self._cancel_early = False
        try:
            started = await self._client.ask(RunBacktest(spec=spec))
        except PyroError as error:
            self.panel.show_error(str(error))
            return
        self.panel.job_started(started.job)
        if self._cancel_early:
            await self._cancel(started.job)
        # a short run may have told its end before the answer to the command was read
        if (early := self._early.pop(started.job, None)) is not None:
            self._progress(early)

    async def _cancel(self, job: str) -> None:
        if not job:
            self._cancel_early = True
            return
        if self._client is not None:
            try:
                await self._client.ask(CancelJob(job=job))
            except PyroError as error:
                self.panel.show_error(str(error))

    def _progress(self, event: JobProgress) -> None:
        self._on_job(event)
        if not self.panel.running or event.kind not in ("", "backtest"):
            return
        if not self.panel.job:
            self._early[event.job] = event
        elif event.job == self.panel.job:
            if event.state == "done":
                self._spawn(self._fetch(event.job))
            else:
                self.panel.job_progress(event)

    async def _fetch(self, job: str) -> None:
        if self._client is None:
            return
        try:
            result = await self._client.ask(GetResult(job=job))
        except PyroError as error:
            self.panel.show_error(str(error))
            return
        if job == self.panel.job:
            self.panel.show_result(result)
            self._on_result(result)
