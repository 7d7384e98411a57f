"""The commands that say what the language and the strategies are: for people, and as JSON."""

from __future__ import annotations

import json

import pytest

from app.cli import run
from engine.rules.text import parse_strategy
from engine.runtime.strategies import built_in


@pytest.fixture
def said(capsys):
    """Run a command line that succeeds: what it printed."""

    def call(*arguments: str) -> str:
        capsys.readouterr()
        assert run(list(arguments)) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return call


def test_the_reference_is_printed_and_goes_as_json(said) -> None:
    text = said("language")
    assert text.startswith("# The rules language\n")
    found = json.loads(said("language", "--json"))
    assert found["text"].strip() == text.strip()
    assert {"name", "group", "form", "meaning", "example"} == set(found["functions"][0])
    assert {w["name"] for w in found["rules"]} >= {"long entry", "entry valid", "break even", "time stop"}
    for part in ("rules", "series", "functions", "indicators"):
        for word in found[part]:
            assert word["form"] in text, word


def test_the_list_names_every_strategy_once(said, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    lines = said("strategies", "list").splitlines()
    assert lines[0].split() == ["family", "strategy", "title", "timeframe", "direction", "sets", "stop", "trail"]
    ids = [s.id for s in built_in()]
    assert sorted(i for line in lines[1:] for i in line.split() if i in ids) == sorted(ids)
    assert lines[-1].startswith(f"{len(ids)} strategies.")


def test_the_list_as_json_has_what_a_table_needs(said) -> None:
    found = json.loads(said("strategies", "list", "--json"))["strategies"]
    assert [s["id"] for s in found] == [s.id for s in built_in()]
    for info, strategy in zip(found, built_in()):
        assert info["sets"] == len(strategy.param_sets())
        heads = {line.split(":")[0] for line in info["text"].splitlines()}
        assert info["has_stop"] == bool(heads & {"stop", "long stop", "short stop"})
        assert info["has_trail"] == ("\ntrail: " in info["text"])
        assert info["exits"]


@pytest.mark.parametrize("strategy", [built_in()[0], built_in()[-1]], ids=lambda s: s.id)
def test_one_strategy_is_shown_with_a_text_that_reads_back(said, strategy) -> None:
    shown = said("strategies", "show", strategy.id)
    assert shown.startswith(f"{strategy.title} ({strategy.family})\n{strategy.idea}\n")
    assert f"  version    {strategy.version}\n" in shown
    assert parse_strategy(shown[shown.index("\nstrategy ") + 1 :]) == strategy
    as_json = json.loads(said("strategies", "show", strategy.id, "--json"))
    assert parse_strategy(as_json["text"]).version == strategy.version == as_json["version"]
