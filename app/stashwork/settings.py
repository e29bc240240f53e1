"""What a user may set: environment variables, or a `.env` file in the working directory."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The application's settings, each named as its variable; a wrong one raises `pydantic.ValidationError`.

    >>> Settings(stash_url="http://127.0.0.1:9999/graphql/").stash_url
    'http://127.0.0.1:9999'
    """

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    stash_url: str | None = Field(default=None, description="Address of the Stash server; none starts the demo.")
    stash_api_key: SecretStr | None = Field(default=None, description="Stash: Settings, Security, API key.")
    stashwork_data: Path = Field(default=Path("data"), description="Folder of the databases; made when missing.")
    stashwork_host: str = Field(default="127.0.0.1", description="Address to serve at.")
    stashwork_port: int = Field(default=9998, ge=0, le=65535, description="Port to serve at; 0 takes a free one.")
    stashwork_ai_url: str | None = Field(
        default=None, description="OpenAI-compatible endpoint, such as http://host/v1."
    )
    stashwork_ai_model: str = Field(default="", description="Name of the language model.")
    stashwork_ai_key: SecretStr | None = Field(default=None, description="Its API key.")
    stashwork_ai_input_price: float = Field(default=0.0, ge=0, description="Price of a million tokens sent.")
    stashwork_ai_output_price: float = Field(default=0.0, ge=0, description="Price of a million tokens received.")

    @field_validator("stash_url")
    @classmethod
    def _check_stash_url(cls, value: str | None) -> str | None:
        return None if value is None else normal_stash_url(value)


def normal_stash_url(value: str) -> str:
    """Return the server's address without a trailing `/graphql` or slash; raises ValueError if it is none."""
    text = value.strip()
    if not _is_web_address(text):
        raise ValueError("STASH_URL must look like http://host:9999 or https://host; with or without /graphql")
    return text.rstrip("/").removesuffix("/graphql").rstrip("/")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or a broken IPv6 address
        return False
