"""Settings that a page changes: kept in a private file, checked whole, and overruled by the environment."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from stashwork.settings import Settings
from stashwork.settings_store import EDITABLE, SettingsFileError, SettingsRefused, SettingsStore


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("STASHWORK_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def store() -> SettingsStore:
    return SettingsStore(Settings())


def test_changes_last_and_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    changed = store()
    changed.change({"stash_url": "http://nas:9999/graphql", "stash_api_key": "sesame", "sync_schedule": "@daily"})
    for found in (changed.current, store().current):
        assert (found.stash_url, found.sync_schedule) == ("http://nas:9999", "@daily")
        assert found.stash_api_key is not None
        assert found.stash_api_key.get_secret_value() == "sesame"
    file = tmp_path / "data" / "settings.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]


def test_null_and_an_empty_text_take_a_setting_back() -> None:
    changed = store()
    changed.change({"stash_url": "http://nas:9999", "deletion_limit": 0.5})
    changed.change({"stash_url": None, "deletion_limit": ""})
    assert (changed.current.stash_url, changed.current.deletion_limit) == (None, 0.2)
    assert store().describe()["stash_url"].is_set is False


def test_the_environment_wins_and_cannot_be_changed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    store().change({"stash_url": "http://stored:1", "ai_model": "small"})
    monkeypatch.setenv("STASH_URL", "http://named:1")
    fixed = store()
    assert (fixed.current.stash_url, fixed.current.ai_model) == ("http://named:1", "small")
    assert (fixed.describe()["stash_url"].fixed, fixed.describe()["ai_model"].fixed) == (True, False)
    with pytest.raises(SettingsRefused, match="STASH_URL"):
        fixed.change({"stash_url": "http://other:1", "ai_model": "large"})
    assert fixed.current.ai_model == "small"


def test_secrets_are_never_shown() -> None:
    changed = store()
    changed.change({"stash_api_key": "sesame", "ai_api_key": "open"})
    described = changed.describe()
    assert (described["stash_api_key"].value, described["stash_api_key"].is_set) == (None, True)
    assert [name for name in EDITABLE if described[name].secret] == ["stash_api_key", "ai_api_key"]
    assert "sesame" not in f"{described} {changed.current!r}"


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"stash_url": "nas:9999"}, "stash_url", "must look like"),
        ({"ai_url": "nas"}, "ai_url", "AI_URL must look like"),
        ({"deletion_limit": 1.5}, "deletion_limit", "less than or equal to 1"),
        ({"sync_schedule": "now and then"}, "sync_schedule", "now and then"),
        ({"time_zone": "Mars/Base"}, "time_zone", "Mars/Base"),
        ({"stashwork_port": 1}, "stashwork_port", "no such setting"),
        ({"color": "red"}, "color", "no such setting"),
    ],
)
def test_what_makes_no_sense_is_refused_whole(changes: dict[str, Any], name: str, words: str) -> None:
    unchanged = store()
    with pytest.raises(SettingsRefused) as caught:
        unchanged.change({"ai_model": "small"} | changes)
    assert words in caught.value.faults[name]
    assert unchanged.current.ai_model is None
    assert store().current.ai_model is None


@pytest.mark.parametrize("content", ["{", "[]", '{"stash_url": "nas"}', '{"time_zone": "Mars"}'])
def test_a_file_that_makes_no_sense_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "data" / "settings.json"
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(SettingsFileError, match=r"settings\.json.*elete the file"):
        store()


def test_what_another_version_stored_is_kept_but_not_read(tmp_path: Path) -> None:
    file = tmp_path / "data" / "settings.json"
    file.parent.mkdir()
    file.write_text('{"later": 1}')
    store().change({"ai_model": "small"})
    assert json.loads(file.read_text()) == {"later": 1, "ai_model": "small"}


URL_OF = {"stash_api_key": "stash_url", "ai_api_key": "ai_url"}


@pytest.mark.parametrize("key", list(URL_OF))
@pytest.mark.parametrize("address", ["http://evil:9999", "https://nas:9999", "http://nas:1", None])
def test_a_key_is_not_sent_to_another_server_than_the_one_it_was_stored_with(key: str, address: str | None) -> None:
    url = URL_OF[key]
    changed = store()
    changed.change({url: "http://nas:9999", key: "sesame"})
    with pytest.raises(SettingsRefused) as caught:
        changed.change({url: address})
    assert (list(caught.value.faults), "http://nas:9999" in str(caught.value)) == ([key], True)
    assert getattr(store().current, url) == "http://nas:9999"
    changed.change({url: address, key: None})
    assert getattr(store().current, key) is None
    changed.change({url: "http://nas:9999", key: "sesame"})
    changed.change({url: "HTTP://me@NAS:9999/other/"})  # the same server
    assert getattr(store().current, key).get_secret_value() == "sesame"
    changed.change({url: address, key: "another"})
    assert getattr(store().current, key).get_secret_value() == "another"


def test_a_stored_key_is_not_sent_to_a_server_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    store().change({"stash_url": "http://nas:9999", "stash_api_key": "sesame"})
    monkeypatch.setenv("STASH_URL", "http://other:9999")
    assert store().current.stash_api_key is None
    assert not store().describe()["stash_api_key"].is_set
    monkeypatch.setenv("STASH_URL", "http://nas:9999/")
    assert store().current.stash_api_key is not None
    store().change({"stash_api_key": "new"})
    monkeypatch.setenv("STASH_URL", "http://other:9999")
    assert store().current.stash_api_key is None
    monkeypatch.setenv("STASH_API_KEY", "from the environment")
    assert store().current.stash_api_key is not None


def test_a_key_of_the_environment_keeps_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STASH_API_KEY", "sesame")
    changed = store()
    changed.change({"stash_url": "http://nas:9999"})
    for address in ("http://evil:1", None):
        with pytest.raises(SettingsRefused, match="set STASH_URL there, too"):
            changed.change({"stash_url": address})
