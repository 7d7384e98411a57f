"""Compiling beside the engine: once for a version, and never in the engine's way."""

from __future__ import annotations

import sys
from pathlib import Path

from engine.runtime import first_start
from engine.runtime.first_start import PARTS, compile_side_by_side
from engine.runtime.folder import DataFolder


def child(log: Path, code: int = 0) -> list[str]:
    return [sys.executable, "-c", f"open({str(log)!r}, 'a').write('x'); raise SystemExit({code})"]


def test_each_part_has_a_child_and_a_second_start_has_none(tmp_path: Path) -> None:
    asked: list[str] = []

    def command(part: str) -> list[str]:
        asked.append(part)
        return child(tmp_path / part)

    assert compile_side_by_side(DataFolder(tmp_path), command)
    assert asked == list(PARTS)
    assert all((tmp_path / part).read_text() == "x" for part in PARTS)
    assert not compile_side_by_side(DataFolder(tmp_path), command)
    assert len(asked) == len(PARTS)


def test_other_kernels_are_compiled_anew(tmp_path: Path) -> None:
    def command(part: str) -> list[str]:
        return child(tmp_path / "ran")

    compile_side_by_side(DataFolder(tmp_path), command)
    (DataFolder(tmp_path).cache / "kernels").write_text("of another version")
    assert compile_side_by_side(DataFolder(tmp_path), command)


def test_a_child_that_fails_leaves_it_to_the_engine(tmp_path: Path) -> None:
    for _ in range(2):
        assert compile_side_by_side(DataFolder(tmp_path), lambda part: child(tmp_path / "ran", 3))
    assert (tmp_path / "ran").read_text() == "x" * 2 * len(PARTS)


def test_only_the_parts_are_loaded_by_name() -> None:
    assert first_start.compile_part("this") == 0
    assert "this" not in sys.modules
