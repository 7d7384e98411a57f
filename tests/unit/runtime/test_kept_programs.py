"""Programs that are read back run bit for bit as those that were compiled."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from engine.rules.strategy import LiveProgram
from engine.runtime.kept_programs import kept_programs
from engine.runtime.strategies import built_in, market_programs

TIMEFRAMES = ("1m", "1h")
CHOSEN = built_in()[::20]


def same(a: LiveProgram, b: LiveProgram) -> None:
    for one, other in ((a.program, b.program), (a.preview, b.preview)):
        for f in fields(one):
            if f.name == "slots":
                continue
            x, y = getattr(one, f.name), getattr(other, f.name)
            if isinstance(x, np.ndarray):
                assert (x.dtype, x.shape, x.flags.writeable) == (y.dtype, y.shape, y.flags.writeable), f.name
                assert x.tobytes() == y.tobytes(), f.name
            else:
                assert x == y, f.name
    assert [(n.strategy, n.params, n.params_text) for n in a.bounds] == [
        (n.strategy, n.params, n.params_text) for n in b.bounds
    ]


def test_what_is_read_back_is_what_was_compiled(tmp_path) -> None:
    made = market_programs(CHOSEN, TIMEFRAMES)
    first = kept_programs(tmp_path, CHOSEN, TIMEFRAMES, "utc")
    again = kept_programs(tmp_path, CHOSEN, TIMEFRAMES, "utc")
    assert type(again[0]) is not type(first[0]), "it was compiled twice"
    for a, b, c in zip(made, first, again, strict=True):
        same(a, b)
        same(a, c)


@pytest.mark.parametrize("change", ["strategies", "timeframes", "broken", "flipped", "short", "empty"])
def test_a_file_that_does_not_fit_is_made_anew(tmp_path, change: str) -> None:
    kept_programs(tmp_path, CHOSEN, TIMEFRAMES, "utc")
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    strategies, timeframes = CHOSEN, TIMEFRAMES
    if change == "strategies":
        strategies = CHOSEN[1:]
    elif change == "timeframes":
        timeframes = ("1m",)
    else:
        middle = len(data) // 2
        flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        bad = {"broken": b"\xc1" + data[1:], "flipped": flipped, "short": data[:middle], "empty": b""}
        file.write_bytes(bad[change])
    found = kept_programs(tmp_path, strategies, timeframes, "utc")
    for a, b in zip(market_programs(strategies, timeframes), found, strict=True):
        same(a, b)
    assert type(kept_programs(tmp_path, strategies, timeframes, "utc")[0]) is not type(found[0])


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    found = kept_programs(tmp_path / "file", CHOSEN, TIMEFRAMES, "utc")
    assert [len(p.bounds) for p in found] == [len(p.bounds) for p in market_programs(CHOSEN, TIMEFRAMES)]
