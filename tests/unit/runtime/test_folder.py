"""The data folder: who may write it, who runs on it, and what is said when it cannot be used."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from engine.contracts.errors import BadInput, PyroError
from engine.runtime.folder import DataFolder, Endpoint, FolderLock


def endpoint() -> Endpoint:
    return Endpoint(host="127.0.0.1", port=7, token="secret", pid=os.getpid(), demo=False, version="1")


def test_the_endpoint_survives_a_round_trip_and_only_its_user_reads_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    folder.write_endpoint(endpoint())
    assert folder.read_endpoint() == endpoint()
    assert stat.S_IMODE(folder.endpoint.stat().st_mode) == 0o600
    folder.remove_endpoint()
    assert folder.read_endpoint() is None


@pytest.mark.parametrize("text", [b"", b"{", b'{"host": 1}', b"\xff\xfe"])
def test_a_broken_endpoint_file_counts_as_none(tmp_path: Path, text: bytes) -> None:
    folder = DataFolder(tmp_path)
    folder.endpoint.write_bytes(text)
    assert folder.read_endpoint() is None


def test_a_second_engine_is_told_who_runs(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    first, second = FolderLock(folder), FolderLock(folder)
    first.acquire()
    with pytest.raises(PyroError, match=rf"process {os.getpid()}\) already runs .*--data"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_file_in_the_place_of_the_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("x")
    with pytest.raises(BadInput, match=r"data folder cannot be written.*--data DIR"):
        DataFolder(taken).prepare()
    assert taken.read_text() == "x"


def test_the_demo_has_a_folder_of_its_own(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert folder.demo.lake != folder.lake
    assert folder.demo.state != folder.state
