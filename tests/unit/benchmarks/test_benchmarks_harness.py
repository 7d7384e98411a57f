"""The benchmark harness: its line, its names, its exit codes. Speed is not looked at here."""

from __future__ import annotations

import json

import pytest

from engine.contracts.errors import BadInput
from tests.benchmarks import harness
from tests.benchmarks.__main__ import main, wrapped


def test_line_holds_every_field_and_judges_both_kinds_of_limit() -> None:
    result = json.loads(harness.line(harness.report("decode", 39_999.5, {"frames_per_cpu_s": 39_999.5}, "none")))
    assert set(result) == {"name", "value", "unit", "at_least", "ok", "figures", "compared_with", "machine"}
    assert result["ok"] is False
    assert set(result["machine"]) == {"cpu", "cores", "python", "platform"}
    assert harness.report("decode", 40_000, {})["ok"] is True
    assert harness.report("sweep", 5.0, {})["ok"] is True
    assert harness.report("sweep", 5.1, {})["ok"] is False


def test_nan_is_never_within_a_limit() -> None:
    assert harness.report("latency", float("nan"), {})["ok"] is False


def test_unknown_name_ends_with_2_and_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decod"]) == 2
    err = capsys.readouterr().err
    assert 'no benchmark "decod"' in err
    assert "decode" in err
    with pytest.raises(BadInput):
        harness.limit_of("nothing")


def test_list_shows_every_name_with_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(harness.LIMITS)
    assert any(line.startswith("decode") and ">= 40000" in line for line in lines)


def test_older_form_of_a_window_benchmark_is_wrapped() -> None:
    result = wrapped("watchlist", {"name": "watchlist", "value": 6.5, "unit": "ms", "limit": 7.0, "p90": 8.0})
    assert result["at_most"] == 7
    assert result["figures"] == {"value": 6.5, "p90": 8.0}
