"""Jobs on a real Dask cluster on loopback: a scheduler and two workers, one of which is killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.walkforward import SearchSpec, WalkForwardSpec, WalkResult, WindowSpec
from engine.runtime.executors import executor
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import built_in
from engine.runtime.tasks_walkforward import walkforward
from engine.store.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
SYMBOL = "binance-spot:BTCUSDT"
pytest.importorskip("distributed")


def start(*arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__ADMIN__LOG_LENGTH": "0"}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


def said(process: subprocess.Popen[str], pattern: str) -> str:
    """The first group of the pattern in what the process says."""
    assert process.stdout is not None
    heard = []
    for line in process.stdout:
        heard.append(line)
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError("".join(heard))


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    workers: list[subprocess.Popen[str]] = []
    try:
        address = said(scheduler, r"(tcp://127\.0\.0\.1:\d+)")
        for _ in range(2):
            workers.append(
                start("worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
            )
        for worker in workers:
            said(worker, r"(Registered to)")
        yield address, workers
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[TaskContext]:
    root = DataFolder(tmp_path / "data")
    root.prepare()
    rng = np.random.default_rng(5)
    bars = np.zeros(60_000, CANDLE_DTYPE)
    bars["ts"] = 1_600_000_200_000 // 60_000 * 60_000 + np.arange(len(bars)) * 60_000
    bars["close"] = np.round(20_000 * np.exp(np.cumsum(rng.normal(0, 4e-4, len(bars)))), 2)
    bars["open"] = np.concatenate([bars["close"][:1], bars["close"][:-1]])
    bars["high"] = np.maximum(bars["open"], bars["close"]) + 1
    bars["low"] = np.minimum(bars["open"], bars["close"]) - 1
    bars["volume"] = rng.uniform(1, 9, len(bars)).round(3)
    Lake(root.lake).write(SYMBOL, "1m", bars)
    made = TaskContext(root)
    yield made
    made.close()


def spec() -> WalkForwardSpec:
    return WalkForwardSpec(
        symbol=SYMBOL,
        strategies=[s.id for s in built_in()[::8]],
        timeframe="5m",
        windows=WindowSpec(train="14d", test="7d"),
        search=SearchSpec(most_sets=8, min_trades=3),
        run_id="cluster",
    )


def plain(walk: WalkResult) -> dict[str, object]:
    """All of a walk but how long it took."""
    made = msgspec.to_builtins(walk)
    del made["summary"]["seconds"]
    return made


def test_a_worker_killed_in_the_middle_loses_nothing(
    cluster: tuple[str, list[subprocess.Popen[str]]], context: TaskContext
) -> None:
    address, workers = cluster
    here: dict[str, WalkResult] = {}
    local = walkforward(
        spec(), context, lambda _: None, lambda: False, lambda w, _: here.update({w.summary.strategy: w})
    )
    there: dict[str, WalkResult] = {}

    def on_walk(walk: WalkResult, _: object) -> None:
        if not there:
            os.kill(workers[0].pid, signal.SIGKILL)
        there[walk.summary.strategy] = walk

    remote = walkforward(spec(), context, lambda _: None, lambda: False, on_walk, cluster=address)
    assert workers[0].wait(10) == -signal.SIGKILL
    assert workers[1].poll() is None
    assert not [row.strategy for row in local.rows if row.error]
    assert sum(row.metrics["trades"] for row in local.rows) > 100
    assert [row.strategy for row in remote.rows] == [row.strategy for row in local.rows]
    assert msgspec.msgpack.encode({k: plain(w) for k, w in sorted(there.items())}) == msgspec.msgpack.encode(
        {k: plain(w) for k, w in sorted(here.items())}
    )
    assert remote.data_fingerprint == local.data_fingerprint
    assert remote.trials == local.trials


def test_a_cluster_that_is_not_there_is_said() -> None:
    with pytest.raises(PyroError, match="does not answer"), executor("tcp://127.0.0.1:9"):
        pass


@pytest.mark.parametrize(
    "address, words",
    [("127.0.0.1:8786", "is no address"), ("tcp://example.com:8786", "over TLS"), ("tcp://127.0.0.1", "is no address")],
)
def test_addresses_that_cannot_be_used(address: str, words: str) -> None:
    with pytest.raises(BadInput, match=words), executor(address):
        pass
