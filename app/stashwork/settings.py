"""What a user may set: environment variables, a `.env` file in the working directory, or the settings page."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dayjob import DayjobError
from dayjob.schedules import Cron


class Settings(BaseSettings):
    """The application's settings, each named as its variable; a wrong one raises `pydantic.ValidationError`.

    >>> Settings(stash_url="http://127.0.0.1:9999/graphql/").stash_url
    'http://127.0.0.1:9999'
    """

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    stash_url: str | None = Field(default=None, description="Address of the Stash server; none starts the demo.")
    stash_api_key: SecretStr | None = Field(default=None, description="Stash: Settings, Security, API key.")
    stashwork_data: Path = Field(default=Path("data"), description="Folder of all that is kept; made when missing.")
    stashwork_databases: Path | None = Field(default=None, description="Folder of the databases, if it is another one.")
    stashwork_host: str = Field(default="127.0.0.1", description="Address to serve at.")
    stashwork_port: int = Field(default=9998, ge=0, le=65535, description="Port to serve at; 0 takes a free one.")
    stashwork_token: SecretStr | None = Field(
        default=None, min_length=16, description="The owner's token; none makes one in the data folder."
    )
    deletion_limit: float = Field(
        default=0.2, ge=0, le=1, description="Share of what is here that a sync may remove without asking."
    )
    sync_schedule: str | None = Field(default=None, description="When to sync: a cron expression, or every 6 hours.")
    analysis_schedule: str | None = Field(default=None, description="When to analyse; written as sync_schedule.")
    process_schedule: str | None = Field(
        default=None, description="When to do the whole: sync, analyse, and apply what is sure."
    )
    auto_approve: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Confidence (0 to 1) from which the whole applies without asking; none asks.",
    )
    time_zone: str = Field(default="UTC", description="Time zone of the schedules, such as Europe/Berlin.")
    ai_url: str | None = Field(default=None, description="Address of an OpenAI-compatible endpoint; none: no AI.")
    ai_api_key: SecretStr | None = Field(default=None, description="Key for that endpoint.")
    ai_model: str | None = Field(default=None, description="Name of the model there.")
    ai_input_price: float = Field(default=0.0, ge=0, description="Price of a million tokens sent to the model.")
    ai_output_price: float = Field(default=0.0, ge=0, description="Price of a million tokens from the model.")

    @property
    def databases(self) -> Path:
        """The folder of the databases."""
        return self.stashwork_databases or self.stashwork_data

    @field_validator("stash_url")
    @classmethod
    def _check_stash_url(cls, value: str | None) -> str | None:
        return None if value is None else normal_stash_url(value)

    @field_validator("ai_url")
    @classmethod
    def _check_ai_url(cls, value: str | None) -> str | None:
        if value is not None and not _is_web_address(value.strip()):
            raise ValueError("AI_URL must look like http://host:11434/v1 or https://host/v1")
        return None if value is None else value.strip().rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _check_time_zone(cls, value: str) -> str:
        _check_schedule("@daily", value)
        return value

    @field_validator("sync_schedule", "analysis_schedule", "process_schedule")
    @classmethod
    def _check_expression(cls, value: str | None) -> str | None:
        if value is not None:
            _check_schedule(value, "UTC")
        return value


def normal_stash_url(value: str) -> str:
    """Return the server's address without a trailing `/graphql` or slash; raises ValueError if it is none."""
    text = value.strip()
    if not _is_web_address(text):
        raise ValueError("STASH_URL must look like http://host:9999 or https://host; with or without /graphql")
    return text.rstrip("/").removesuffix("/graphql").rstrip("/")


def origin_of(address: object) -> str | None:
    """The server of an address (scheme, name and port); None if it is none.

    >>> origin_of("http://me:pw@NAS:80/stash")
    'http://nas:80'
    """
    if not isinstance(address, str) or not _is_web_address(address.strip()):
        return None
    parts = urlsplit(address.strip())
    return f"{parts.scheme}://{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or a broken IPv6 address
        return False


def _check_schedule(expression: str, time_zone: str) -> None:
    try:
        Cron(expression, time_zone)
    except DayjobError as error:
        raise ValueError(str(error)) from error
