"""Jobs of the engine followed by whoever started them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

from app.desk import Desk
from engine.contracts.commands import CancelJob, Command, JobStarted
from engine.contracts.errors import PyroError
from engine.contracts.events import JobProgress

#: events kept of jobs that nobody knows yet; an answer is never that late
EARLY = 400
ENDED = ("done", "failed", "cancelled")
#: kinds of jobs after which other candles are stored
CHANGING = ("import", "download", "repair")
_serial = itertools.count(1)


def new_name(kind: str, now_ms: int) -> str:
    """What this window calls a job of which it wants to hear before it is answered; of no other window's or start's."""
    return f"{kind}-{now_ms:x}-{os.getpid():x}-w{next(_serial)}"


def stored_more(event: JobProgress) -> bool:
    """Whether candles may have come with this."""
    return event.kind in CHANGING and event.state in ("done", "cancelled")


class Ticket:
    """One job that was asked for. job: '' until the engine has answered. over: it has ended, whatever way."""

    def __init__(
        self, follower: Follower, told: Callable[[JobProgress], None], refused: Callable[[PyroError], None]
    ) -> None:
        self._follower, self.told, self.refused = follower, told, refused
        self.job = ""
        self.over = self.cancelled = False

    def cancel(self) -> None:
        """Stop it; before its name is known, as soon as that is."""
        self.cancelled = True
        if self.job and not self.over:
            self._follower.cancel(self)


class Follower:
    """Feed it the jobs' events with `hear`. A short job may have told its end before the answer to the command was
    read: such events are kept until it is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting = 0
        self._early: dict[str, JobProgress] = {}
        self._tickets: dict[str, Ticket] = {}

    def start(
        self, command: Command, told: Callable[[JobProgress], None], refused: Callable[[PyroError], None]
    ) -> Ticket:
        """Ask for a job (a command that answers with JobStarted); told: each of its events."""
        ticket = Ticket(self, told, refused)
        self._waiting += 1

        def failed(error: PyroError) -> None:
            self._answered()
            ticket.over = True
            refused(error)

        self._desk.ask(command, lambda started: self._started(ticket, started), failed)
        return ticket

    def _answered(self) -> None:
        self._waiting = max(self._waiting - 1, 0)

    def _started(self, ticket: Ticket, started: JobStarted) -> None:
        ticket.job = started.job
        self._tickets[ticket.job] = ticket
        self._answered()
        early = self._early.pop(ticket.job, None)
        if not self._waiting:
            self._early.clear()
        if early is not None:
            self.hear(early)
        if ticket.cancelled and not ticket.over:
            self.cancel(ticket)

    def hear(self, event: JobProgress) -> None:
        ticket = self._tickets.get(event.job)
        if ticket is None:
            if self._waiting:
                self._early[event.job] = event
                if len(self._early) > EARLY:
                    self._early.pop(next(iter(self._early)))
            return
        if event.state in ENDED:
            ticket.over = True
            del self._tickets[event.job]
        ticket.told(event)

    def cancel(self, ticket: Ticket) -> None:
        # it may have ended meanwhile: then its own last event says how
        self._desk.ask(CancelJob(job=ticket.job), lambda _ok: None, lambda _error: None)

    def lose(self) -> None:
        """The engine is gone, and its jobs with it."""
        self._tickets.clear()
        self._early.clear()
        self._waiting = 0
