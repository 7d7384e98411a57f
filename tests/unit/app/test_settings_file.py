"""The settings file on disk: where it is, making it, and what happens when the folder says no."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app import settings as file
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.settings import Settings
from engine.contracts.settings_load import load_settings


def test_option_beats_environment_beats_the_users_folder(tmp_path):
    env = {"PYROQUANT_CONFIG": str(tmp_path / "env.toml")}
    assert file.settings_path(env, str(tmp_path / "option.toml")).name == "option.toml"
    assert file.settings_path(env).name == "env.toml"
    assert file.settings_path({}).name == "pyroquant.toml"


def test_a_named_file_must_exist(tmp_path):
    with pytest.raises(BadInput, match="no such settings file"):
        file.load({}, config=str(tmp_path / "missing.toml"))


def test_made_with_commented_defaults_and_read_back(tmp_path):
    path = tmp_path / "deep" / "pyroquant.toml"
    assert file.ensure(path) == ""
    assert "# shards_per_market = 16" in path.read_text()
    path.write_text(path.read_text().replace("# shards_per_market = 16", "shards_per_market = 4"))
    assert file.ensure(path) == ""
    loaded = file.load({"PYROQUANT_CONFIG": str(path)})
    assert loaded.settings.feeds.shards_per_market == 4
    assert loaded.notice == ""
    assert [p.name for p in path.parent.iterdir()] == ["pyroquant.toml"]


def test_changed_settings_survive_the_disk(tmp_path):
    path = tmp_path / "pyroquant.toml"
    changed = load_settings("", "x", {}, {"window.theme": "light"})
    file.write(path, changed)
    assert file.load({"PYROQUANT_CONFIG": str(path)}).settings == changed


def test_not_utf8_is_bad_input(tmp_path):
    path = tmp_path / "pyroquant.toml"
    path.write_bytes(b"[window]\ntheme = '\xff'\n")
    with pytest.raises(BadInput, match="not UTF-8"):
        file.load({"PYROQUANT_CONFIG": str(path)})


def test_a_file_that_cannot_be_read_leaves_the_defaults_and_a_notice(tmp_path):
    loaded = file.load({"PYROQUANT_CONFIG": str(tmp_path)})
    assert loaded.settings == Settings()
    assert "cannot be read" in loaded.notice


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    with pytest.raises(PyroError, match="cannot be saved"):
        file.write(blocked / "pyroquant.toml")
    assert "cannot be saved" in file.ensure(blocked / "pyroquant.toml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_reported(tmp_path: Path):
    tmp_path.chmod(0o500)
    assert "cannot be saved" in file.ensure(tmp_path / "pyroquant.toml")
