"""Where jobs run: threads of this process, or a Dask cluster named in the settings. Both are concurrent.futures."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from engine.contracts.errors import BadInput, PyroError

#: s that a cluster has to answer
CONNECT_S = 10
#: times that a job is begun anew when the worker that had it is lost
RETRIES = 5


@contextlib.contextmanager
def executor(cluster: str = "", threads: int = 0) -> Iterator[Executor]:
    """cluster: '' or the address of a Dask scheduler; threads: local ones, 0 = as many as there are cores."""
    if cluster:
        with _dask(cluster) as made:
            yield made
        return
    pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="walk")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _dask(address: str) -> Iterator[Executor]:
    host, port = _place(address)
    try:
        # before Dask tries, which would leave a thread behind
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError as error:
        raise PyroError(
            f"The cluster does not answer ({error.strerror or error}).",
            where=address,
            fix="Is its scheduler running there?",
        ) from error
    try:
        import distributed
    except ModuleNotFoundError:
        raise PyroError(
            "A cluster needs Dask, which is not installed.",
            where=address,
            fix="Install the extra: pip install pyroquant[cluster]",
        ) from None
    dask: Any = distributed
    try:
        client: Any = dask.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise PyroError(f"No scheduler answers ({error}).", where=address, fix="Is it a Dask scheduler?") from error
    try:
        if not client.scheduler_info()["workers"]:
            raise PyroError("The cluster has no workers.", where=address, fix="Start some: dask worker ADDRESS")
        yield client.get_executor(pure=False, retries=RETRIES)
    finally:
        client.close()


def _place(address: str) -> tuple[str, int]:
    """Host and port. Jobs travel pickled, so a plain connection is for this machine alone."""
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port:
        raise BadInput(
            f'"{address}" is no address of a scheduler.', where="--cluster", fix="Write e.g. tcp://127.0.0.1:8786"
        )
    try:
        loopback = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        loopback = parts.hostname == "localhost"
    if parts.scheme == "tcp" and not loopback:
        raise BadInput(
            "A cluster on another machine must be reached over TLS.",
            where=address,
            fix="Start its scheduler with TLS and write tls://HOST:PORT.",
        )
    return parts.hostname, parts.port
