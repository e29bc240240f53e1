from pathlib import Path

import pytest
from pydantic import ValidationError

from stashwork.settings import Settings

NAMES = ("STASH_URL", "STASH_API_KEY", "STASHWORK_DATA", "STASHWORK_HOST", "STASHWORK_PORT")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_settings_the_demo_is_meant_and_only_this_computer_is_served() -> None:
    settings = Settings()
    assert settings.stash_url is None
    assert settings.stash_api_key is None
    assert (settings.stashwork_data, settings.stashwork_host) == (Path("data"), "127.0.0.1")
    assert 1024 < settings.stashwork_port < 10_000


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(NAMES, ("https://stash.home", "sesame", "/srv/x", "0.0.0.0", "8080"), strict=True):
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.stash_url == "https://stash.home"
    assert settings.stash_api_key is not None
    assert settings.stash_api_key.get_secret_value() == "sesame"
    assert settings.stashwork_data == Path("/srv/x")
    assert (settings.stashwork_host, settings.stashwork_port) == ("0.0.0.0", 8080)


def test_variables_of_other_programs_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "HOST", "PORT", "URL", "API_KEY"):
        monkeypatch.setenv(name, "8000")
    assert Settings() == Settings.model_construct()


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STASH_URL=http://nas:9999\nOTHER=1\n")
    assert Settings().stash_url == "http://nas:9999"


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STASH_URL", "")
    assert Settings().stash_url is None


@pytest.mark.parametrize(
    "url",
    ["http://h:9999", "http://h:9999/", "http://h:9999/graphql", "http://h:9999/graphql/", " http://h:9999 "],
)
def test_the_url_may_be_written_in_several_ways(url: str) -> None:
    assert Settings(stash_url=url).stash_url == "http://h:9999"


def test_a_path_in_front_is_kept() -> None:
    assert Settings(stash_url="https://home/stash/graphql").stash_url == "https://home/stash"


@pytest.mark.parametrize("url", ["h:9999", "ftp://h", "http://", "http://h:port", "http://[::1", "http://h:99999"])
def test_a_wrong_url_is_explained(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("STASH_URL", url)
    with pytest.raises(ValidationError, match="STASH_URL must look like http://host:9999") as caught:
        Settings()
    assert caught.value.errors()[0]["loc"] == ("stash_url",)


def test_the_key_is_not_shown() -> None:
    assert "sesame" not in repr(Settings.model_validate({"stash_api_key": "sesame"}))
