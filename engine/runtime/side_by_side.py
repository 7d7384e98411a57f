"""Tasks of kernels that let go of the interpreter's lock, on several cores at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


class SideBySide:
    """Runs tasks on the calling thread and on helpers that wait for it. An error of a task reaches the caller."""

    def __init__(self, helpers: int, name: str) -> None:
        self._helpers = helpers
        self._pool = ThreadPoolExecutor(max(helpers, 1), thread_name_prefix=name)

    def __call__(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run all, in the order given as far as the threads allow; returns when all are done."""
        left = deque(tasks)

        def work() -> None:
            while True:
                try:
                    task = left.popleft()
                except IndexError:
                    return
                task()

        others = [self._pool.submit(work) for _ in range(min(self._helpers, len(tasks) - 1))]
        try:
            work()
        finally:
            # no task may still run when the caller goes on
            for other in others:
                other.exception()
        for other in others:
            other.result()

    def shutdown(self) -> None:
        self._pool.shutdown()
