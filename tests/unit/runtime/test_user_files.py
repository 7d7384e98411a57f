"""The person's own strategies: both forms, every way to be refused, and nothing that runs in this process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.contracts.errors import PyroError
from engine.runtime import user_files
from engine.runtime.user_files import UserFile, UserFolder

TEXT = """# mine
strategy dip
direction long
long entry: crosses_above(RSI(14), 30)
long exit: RSI(14) > 60
"""
PYTHON = """
from engine.rules.api import RSI, Strategy, crosses_above, param

n = param("n", 14, grid=[7, 14])
dip = Strategy(id="dip_py", title="Dip", family="user", idea="", source="", timeframe="15m", direction="long",
               long_entry=crosses_above(RSI(n), 30), long_exit=RSI(n) > 60)
"""
Read = Callable[[], list[UserFile]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "strategies"
    made.mkdir()
    return made


@pytest.fixture
def read(folder: Path, tmp_path: Path) -> Read:
    return UserFolder(folder, tmp_path, lambda: ["sma_cross"]).read


def refusal(files: list[UserFile]) -> PyroError:
    (file,) = files
    assert file.error is not None
    assert not file.strategies
    return file.error


def test_text_form(folder: Path, read: Read) -> None:
    (folder / "dip.txt").write_text(TEXT)
    ((strategy,),) = [f.strategies for f in read()]
    assert strategy.id == "dip"


def test_several_in_one_file_and_the_line_of_an_error(folder: Path, read: Read) -> None:
    (folder / "two.txt").write_text(TEXT + TEXT.replace("dip", "dop"))
    assert [s.id for f in read() for s in f.strategies] == ["dip", "dop"]
    (folder / "two.txt").write_text(TEXT + TEXT.replace("dip", "dop").replace("> 60", "> RSJ(3)"))
    error = refusal(read())
    assert error.where.startswith("two.txt:10:")
    assert "RSI" in str(error)


def test_python_form_is_read_by_a_child_and_its_answer_is_kept(
    folder: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "dip.py").write_text(PYTHON)
    ((first,),) = [f.strategies for f in read()]
    assert first.params["n"].grid == (7.0, 14.0)

    def no_child(path: Path) -> user_files.ChildAnswer:
        raise AssertionError(f"{path} was run again")

    monkeypatch.setattr(user_files, "run_child", no_child)
    ((again,),) = [f.strategies for f in read()]
    assert again.version == first.version


def test_a_change_is_seen_and_read_anew(folder: Path, tmp_path: Path) -> None:
    own = UserFolder(folder, tmp_path, list)
    path = folder / "dip.txt"
    path.write_text(TEXT)
    before = own.stamps()
    os.utime(path, ns=(1, 1))
    assert own.stamps() != before
    path.write_text(TEXT.replace("30", "25"))
    assert "25" in own.read()[0].strategies[0].text()
    path.unlink()
    assert own.stamps() == ()
    assert own.read() == []


@pytest.mark.parametrize(
    "source, said",
    [
        ("while True:\n    pass\n", "endless loop"),
        ("x = bytearray(4_000_000_000)\n", "memory"),
        ("import sys\nsys.exit(0)\n", "exits"),
        ("import os\nos._exit(3)\n", "code 3"),
        ("a = 1\nb = 1 / 0\n", "bad.py:2: ZeroDivisionError"),
        ("from engine.rules.api import RSI\n\nx = RSI(-3)\n", "bad.py:3"),
        ("def (:\n", "it is not Python"),
        ("x = 1\n", "holds no strategy"),
        ("print('{}' * 100_000)\n", "holds no strategy"),
    ],
)
def test_a_bad_python_file_is_refused_with_its_reason(folder: Path, read: Read, source: str, said: str) -> None:
    (folder / "bad.py").write_text(source)
    error = refusal(read())
    assert said in str(error)
    assert error.where.startswith("bad.py")


@pytest.mark.skipif(os.name == "nt", reason="limits of files are a matter of POSIX systems")
def test_a_file_cannot_write_files(folder: Path, read: Read, tmp_path: Path) -> None:
    target = tmp_path / "stolen.txt"
    (folder / "bad.py").write_text(f"with open({str(target)!r}, 'w') as f:\n    f.write('x')\n" + PYTHON)
    read()
    assert not target.exists() or target.stat().st_size == 0


def test_names_that_are_taken(folder: Path, read: Read) -> None:
    (folder / "a.txt").write_text(TEXT)
    (folder / "b.txt").write_text(TEXT)
    (folder / "c.txt").write_text(TEXT.replace("dip", "sma_cross"))
    a, b, c = read()
    assert a.strategies
    assert "a.txt" in str(b.error)
    assert "built-in" in str(c.error)


def test_a_file_that_is_too_long_or_no_text(folder: Path, read: Read) -> None:
    (folder / "a.txt").write_bytes(b"#" * (user_files.LONGEST_FILE + 1))
    (folder / "b.txt").write_bytes(bytes(range(256)))
    first, second = read()
    assert "longer" in str(first.error)
    assert second.error is not None


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    assert UserFolder(tmp_path / "none", tmp_path, list).read() == []
