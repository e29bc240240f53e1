"""Settings that a page may change, kept in a file beside the databases. The environment wins over the file."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import ValidationError

from .settings import Settings, origin_of

FILE_NAME = "settings.json"
EDITABLE = (
    "stash_url",
    "stash_api_key",
    "deletion_limit",
    "sync_schedule",
    "analysis_schedule",
    "process_schedule",
    "auto_approve",
    "time_zone",
    "ai_url",
    "ai_api_key",
    "ai_model",
)

_KEYS = {"stash_api_key": "stash_url", "ai_api_key": "ai_url"}  # each is for the server at that address
_FOR = "{}_for"  # stored with a key: that server

Value: TypeAlias = str | float | None


class SettingsFileError(Exception):
    """The file cannot be read; the message names it and says what to do."""


class SettingsRefused(ValueError):
    """Some of the changes are not possible: `faults` has a sentence for each name. Nothing was changed."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting for people: never with a secret's value. `fixed` ones stand in the environment."""

    value: Value
    is_set: bool
    fixed: bool
    secret: bool
    description: str


class SettingsStore:
    """The settings now: those of the environment, then those of the file, then the defaults.

    The file is readable for its owner only, since it may hold API keys. Raises SettingsFileError.

    >>> store = SettingsStore(Settings())
    >>> store.change({"stash_url": "http://nas:9999"}).stash_url
    'http://nas:9999'
    """

    def __init__(self, environment: Settings) -> None:
        self._environment = environment
        self._file = environment.stashwork_data / FILE_NAME
        self._stored = _read(self._file)
        try:
            self._current = self._combine(self._stored)
        except ValidationError as error:
            raise SettingsFileError(f"{self._file}: {_faults(error)}. Correct it, or delete the file.") from error

    @property
    def current(self) -> Settings:
        """The settings as they are now; never changed in place."""
        return self._current

    def describe(self) -> dict[str, Setting]:
        """All settings that can be changed, without the secrets."""
        return {name: self._describe(name) for name in EDITABLE}

    def change(self, changes: Mapping[str, Value]) -> Settings:
        """Store changes, and return the new settings. None or an empty text takes a setting back to its default.

        A key is for the server that it was stored with: another address needs another key, or none.

        Raises SettingsRefused, and OSError if the file cannot be written; then nothing has changed.
        """
        faults = {name: fault for name in changes if (fault := self._objection(name))}
        if faults:
            raise SettingsRefused(faults)
        stored = {name: value for name, value in (self._stored | dict(changes)).items() if value not in (None, "")}
        try:
            changed = self._combine(stored)
        except ValidationError as error:
            raise SettingsRefused(_faults(error)) from error
        elsewhere = {key: self._objection_to_send(key) for key in self._kept_keys(changes, changed)}
        if elsewhere:
            raise SettingsRefused(elsewhere)
        for key in _KEYS.keys() & changes.keys():
            stored.pop(_FOR.format(key), None)
            if key in stored and (origin := origin_of(getattr(changed, _KEYS[key]))):
                stored[_FOR.format(key)] = origin
        _write(self._file, stored)
        self._stored, self._current = stored, changed
        return changed

    def _objection(self, name: str) -> str | None:
        if name not in EDITABLE:
            return f"there is no such setting; known are {', '.join(EDITABLE)}"
        if name in self._environment.model_fields_set:
            return f"it was set when stashwork was started ({name.upper()}); change it there"
        return None

    def _kept_keys(self, changes: Mapping[str, Value], changed: Settings) -> list[str]:
        """The keys that would stay while their address becomes that of another server."""
        now = self._current
        return [
            key
            for key, address in _KEYS.items()
            if key not in changes
            and getattr(now, key) is not None
            and getattr(now, address) is not None
            and origin_of(getattr(now, address)) != origin_of(getattr(changed, address))
        ]

    def _objection_to_send(self, key: str) -> str:
        origin = origin_of(getattr(self._current, _KEYS[key]))
        if key in self._environment.model_fields_set:
            return f"it was set when stashwork was started, and is for {origin}; set {_KEYS[key].upper()} there, too"
        return f"the stored one is for {origin}; send the one for the new address with it, or null to forget it"

    def _combine(self, stored: Mapping[str, Value]) -> Settings:
        given = self._environment.model_dump(include=self._environment.model_fields_set)
        kept = {name: value for name, value in stored.items() if name in EDITABLE}
        made = Settings.model_validate(_plain_defaults() | kept | given)
        strange = [key for key in kept.keys() & _KEYS.keys() if _is_for_another(key, stored, made)]
        return made if not strange else made.model_copy(update=dict.fromkeys(strange) | given)

    def _describe(self, name: str) -> Setting:
        value = getattr(self._current, name)
        secret = name.endswith("_key")
        return Setting(
            value=None if secret else value,
            is_set=value is not None,
            fixed=name in self._environment.model_fields_set,
            secret=secret,
            description=Settings.model_fields[name].description or "",
        )


def _is_for_another(key: str, stored: Mapping[str, Value], settings: Settings) -> bool:
    """Whether a stored key is for another server than the one of these settings: the environment names it, perhaps."""
    meant = stored.get(_FOR.format(key)) or origin_of(stored.get(_KEYS[key]))
    return meant is not None and meant != origin_of(getattr(settings, _KEYS[key]))


def _plain_defaults() -> dict[str, Any]:
    """Every field's default: named all, so that pydantic does not read the environment once more."""
    return {name: field.default for name, field in Settings.model_fields.items()}


def _faults(error: ValidationError) -> dict[str, str]:
    """The fault of each field, in words, and without its value."""
    return {
        str(fault["loc"][0]): fault["msg"].removeprefix("Value error, ")
        for fault in error.errors(include_input=False, include_url=False)
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsFileError(f"{file} cannot be read ({error}). Correct it, or delete the file.") from error
    if not isinstance(content, dict):
        raise SettingsFileError(f"{file} holds no settings. Delete the file.")
    return content


def _write(file: Path, content: Mapping[str, Value]) -> None:
    """Replace the file whole, so that a crash leaves the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=2, ensure_ascii=False)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(new, file)
