"""Settings: declared once, checked wherever they come from, and refused with file, line, key and a way out."""

from __future__ import annotations

import tomllib

import pytest

from engine.contracts.errors import BadInput
from engine.contracts.settings import SETTINGS, Settings
from engine.contracts.settings_load import check_value, load_settings, parse_value, settings_toml


def load(text="", env=None, overrides=None):
    return load_settings(text, "pyroquant.toml", env or {}, overrides or {})


def refusal(*args, **kwargs) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load(*args, **kwargs)
    return caught.value


def test_nothing_given_is_the_defaults():
    assert load() == Settings()
    assert load().feeds.symbols_per_connection == 30
    assert load().candles.timeframes == ("1m", "5m", "15m", "1h")


def test_every_default_is_allowed_by_its_own_rule():
    for setting in SETTINGS.values():
        given = list(setting.default) if isinstance(setting.default, tuple) else setting.default
        assert check_value(setting, given, "default") == setting.default
        assert setting.help.endswith(".")
        assert len(setting.help) > 15


def test_file_then_environment_then_command_line():
    text = "[feeds]\nshards_per_market = 8\nsymbols_per_connection = 10\ntrades = false\n"
    env = {"PYROQUANT_FEEDS_SHARDS_PER_MARKET": "9", "PYROQUANT_FEEDS_SYMBOLS_PER_CONNECTION": "11", "HOME": "x"}
    made = load(text, env, {"feeds.shards_per_market": "12"})
    assert (made.feeds.shards_per_market, made.feeds.symbols_per_connection, made.feeds.trades) == (12, 11, False)
    assert made.get("feeds.shards_per_market") == 12


def test_unknown_key_names_file_line_and_the_nearest():
    error = refusal("[general]\nlog_level = 'info'\n\n[feeds]\n# comment\nshard_per_market = 8\n")
    assert error.where == "pyroquant.toml, line 6"
    assert 'Did you mean "feeds.shards_per_market"?' in error.what
    assert "feeds.symbols_per_connection" in error.fix


def test_unknown_section_names_the_nearest():
    error = refusal("\n[feed]\nx = 1\n")
    assert error.where == "pyroquant.toml, line 2"
    assert 'Did you mean "feeds"?' in error.what


@pytest.mark.parametrize(
    "line, wrong",
    [
        ("shards_per_market = '8'", '"8"'),
        ("shards_per_market = 8.5", "8.5"),
        ("shards_per_market = true", "true"),
        ("shards_per_market = 0", "0"),
        ("shards_per_market = 65", "65"),
        ("markets = 'binance-spot'", '"binance-spot"'),
        ("markets = ['binance-spott']", '"binance-spott"'),
        ("markets = [1]", "[1]"),
    ],
)
def test_wrong_values_say_what_is_allowed(line, wrong):
    error = refusal(f"[feeds]\n{line}\n")
    assert error.where == "pyroquant.toml, line 2"
    assert f"cannot be {wrong}." in error.what
    assert error.fix.startswith("Allowed: ")


def test_inline_and_dotted_spellings_still_name_a_line():
    assert refusal("feeds.shards_per_market = 99\n").where == "pyroquant.toml, line 1"
    assert refusal("\nfeeds = { shards_per_market = 99 }\n").where == "pyroquant.toml, line 2"


@pytest.mark.parametrize("text, line", [("[feeds]\nx = \n", 2), ("[feeds\n", 1), ("a = 'x", 1), ("[a]\n[a]\n", 2)])
def test_broken_toml_names_the_line(text, line):
    error = refusal(text)
    assert error.where == f"pyroquant.toml, line {line}"
    assert "not valid TOML" in error.what


def test_environment_and_command_line_are_refused_by_name():
    assert refusal(env={"PYROQUANT_FEEDS_SHARD": "1"}).where == "environment, PYROQUANT_FEEDS_SHARD"
    assert refusal(env={"PYROQUANT_FEEDS_TRADES": "maybe"}).where == "environment, PYROQUANT_FEEDS_TRADES"
    assert "Did you mean" in refusal(overrides={"feeds.shards": "1"}).what
    assert refusal(overrides={"backtest.cash": "nan"}).what == "backtest.cash cannot be nan."
    assert load(env={"PYROQUANT_SHARED": "x", "PYROQUANT_CONFIG": "y"}) == Settings()


@pytest.mark.parametrize("text, value", [("true", True), ("On", True), ("0", False), ("no", False)])
def test_plain_text_booleans(text, value):
    assert parse_value(SETTINGS["feeds.trades"], text, "x") is value


def test_lists_are_comma_separated_and_without_repeats():
    assert load(overrides={"candles.timeframes": "1m, 4h"}).candles.timeframes == ("1m", "4h")
    assert "each once" in refusal(overrides={"candles.timeframes": "1m,1m"}).what
    assert "at least one" in refusal(overrides={"candles.timeframes": ""}).what


def test_the_written_file_is_read_back_to_the_same_settings():
    changed = load(overrides={"feeds.proxy": 'http://a"b\\c:1', "backtest.cash": "5", "feeds.markets": "binance-spot"})
    assert load(settings_toml(changed)) == changed
    defaults = settings_toml()
    assert load(defaults) == Settings()
    uncommented = "\n".join(
        line[2:] if line.startswith("# ") and " = " in line and "Allowed" not in line else line
        for line in defaults.splitlines()[1:]
    )
    assert {k for section in tomllib.loads(uncommented).values() for k in section} == {
        key.partition(".")[2] for key in SETTINGS
    }
    assert load(uncommented) == Settings()


def test_get_refuses_what_is_not_in_the_table():
    with pytest.raises(KeyError):
        Settings().get("feeds.__class__")
