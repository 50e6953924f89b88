"""Settings, read once from the environment and `.env`, and handed down as the part that each object needs."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .community import CommunityFile

S = TypeVar("S", bound=BaseModel)

DAILY = (
    "peers_per_wave",
    "wave_minutes",
    "agent_minutes",
    "agent_capacity",
    "anonymous_questions",
    "lead",
    "office_hours",
    "idle_hours",
    "close_hours",
    "event_creators",
    "event_reminders",
    "event_minutes",
    "event_offer_hours",
    "events_ahead",
    "poll_reminder_hours",
    "thanks_per_day",
    "thanked_per_day",
    "thanks_active_days",
    "unlisted_members",
    "activation_days",
    "buddy_newcomers",
)
"""The settings that `/settings set` may change; the others count when Trellis starts."""

Names = Annotated[tuple[str, ...], NoDecode]
"""Several values, separated by commas."""


class Settings(BaseSettings):
    """Every setting with its default; `config/example.env` says each in one line."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    _others: Mapping[str, object] = PrivateAttr(default_factory=dict)

    database_url: str = Field("sqlite+aiosqlite:///trellis.db", alias="DATABASE_URL")

    discord_token: SecretStr = Field(SecretStr(""), alias="DISCORD_TOKEN")
    discord_guild_ids: Names = Field((), alias="DISCORD_GUILD_IDS")
    discord_api_url: str = Field("", alias="DISCORD_API_URL")
    slack_bot_token: SecretStr = Field(SecretStr(""), alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr = Field(SecretStr(""), alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr = Field(SecretStr(""), alias="SLACK_SIGNING_SECRET")
    slack_client_id: str = Field("", alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr = Field(SecretStr(""), alias="SLACK_CLIENT_SECRET")
    slack_encryption_key: SecretStr = Field(SecretStr(""), alias="SLACK_ENCRYPTION_KEY")
    slack_api_url: str = Field("", alias="SLACK_API_URL")
    slack_command_prefix: str = Field("", alias="SLACK_COMMAND_PREFIX")

    community_name: str = Field("", alias="TRELLIS_COMMUNITY_NAME")
    community_file: Path = Field(Path(__file__).with_name("community.toml"), alias="TRELLIS_COMMUNITY_FILE")
    timezone: str = Field("UTC", alias="TRELLIS_TIMEZONE")
    language: str = Field("en", alias="TRELLIS_LANGUAGE")
    spaces: Names = Field((), alias="TRELLIS_SPACES")
    cogs: Names = Field((), alias="TRELLIS_COGS")
    web_host: str = Field("127.0.0.1", alias="TRELLIS_WEB_HOST")
    web_url: str = Field("", alias="TRELLIS_WEB_URL", pattern=r"^(https?://\S+)?$")
    web_port: int = Field(8080, ge=0, le=65535, alias="TRELLIS_WEB_PORT")
    playground: Literal["auto", "on", "off"] = Field("auto", alias="TRELLIS_PLAYGROUND")
    log_format: Literal["text", "json"] = Field("text", alias="TRELLIS_LOG_FORMAT")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", alias="TRELLIS_LOG_LEVEL")

    member_roles: Names = Field((), alias="TRELLIS_MEMBER_ROLES")
    agent_roles: Names = Field(("agent", "agents"), alias="TRELLIS_AGENT_ROLES")
    moderator_roles: Names = Field(("moderator", "moderators"), alias="TRELLIS_MODERATOR_ROLES")
    admin_roles: Names = Field(("admin", "admins"), alias="TRELLIS_ADMIN_ROLES")

    help_channels: Names = Field(("help",), alias="TRELLIS_HELP_CHANNELS")
    agents_channels: Names = Field(("agents",), alias="TRELLIS_AGENTS_CHANNELS")
    moderators_channels: Names = Field(("moderators", "agents"), alias="TRELLIS_MODERATORS_CHANNELS")
    welcome_channels: Names = Field(("general",), alias="TRELLIS_WELCOME_CHANNELS")
    introductions_channels: Names = Field(("introductions",), alias="TRELLIS_INTRODUCTIONS_CHANNELS")
    events_channels: Names = Field(("events",), alias="TRELLIS_EVENTS_CHANNELS")
    ideas_channels: Names = Field(("ideas",), alias="TRELLIS_IDEAS_CHANNELS")
    digest_channels: Names = Field(("general",), alias="TRELLIS_DIGEST_CHANNELS")
    unlisted_channels: Names = Field(("moderators", "agents"), alias="TRELLIS_UNLISTED_CHANNELS")
    anonymous_questions: bool = Field(True, alias="TRELLIS_ANONYMOUS_QUESTIONS")
    peers_per_wave: int = Field(3, ge=1, le=10, alias="TRELLIS_PEERS_PER_WAVE")
    wave_minutes: int = Field(15, ge=1, le=7 * 24 * 60, alias="TRELLIS_WAVE_MINUTES")
    agent_minutes: int = Field(30, ge=1, le=7 * 24 * 60, alias="TRELLIS_AGENT_MINUTES")
    agent_capacity: int = Field(5, ge=1, le=100, alias="TRELLIS_AGENT_CAPACITY")
    lead: Names = Field((), alias="TRELLIS_LEAD")
    office_hours: str = Field("", alias="TRELLIS_OFFICE_HOURS")
    idle_hours: int = Field(48, ge=1, le=24 * 90, alias="TRELLIS_IDLE_HOURS")
    close_hours: int = Field(48, ge=1, le=24 * 90, alias="TRELLIS_CLOSE_HOURS")
    welcome_minutes: int = Field(10, ge=1, le=24 * 60, alias="TRELLIS_WELCOME_MINUTES")
    return_days: int = Field(30, ge=0, le=366, alias="TRELLIS_RETURN_DAYS")
    activation_days: int = Field(7, ge=1, le=90, alias="TRELLIS_ACTIVATION_DAYS")
    buddy_newcomers: int = Field(3, ge=1, le=50, alias="TRELLIS_BUDDY_NEWCOMERS")
    invite_codes: SecretStr = Field(SecretStr(""), alias="TRELLIS_INVITE_CODES")

    event_creators: Literal["member", "agent", "moderator", "admin"] = Field("member", alias="TRELLIS_EVENT_CREATORS")
    event_reminders: str = Field("1 week, 1 day, 1 hour, start", alias="TRELLIS_EVENT_REMINDERS")
    event_minutes: int = Field(60, ge=5, le=7 * 24 * 60, alias="TRELLIS_EVENT_MINUTES")
    event_offer_hours: int = Field(12, ge=1, le=7 * 24, alias="TRELLIS_EVENT_OFFER_HOURS")
    events_ahead: int = Field(3, ge=1, le=12, alias="TRELLIS_EVENTS_AHEAD")
    poll_reminder_hours: int = Field(24, ge=0, le=24 * 14, alias="TRELLIS_POLL_REMINDER_HOURS")
    poll_secret: SecretStr = Field(SecretStr(""), alias="TRELLIS_POLL_SECRET")
    thanks_emojis: Names = Field(("🙏", "🙌"), alias="TRELLIS_THANKS_EMOJIS")
    thanks_per_day: int = Field(10, ge=1, le=1000, alias="TRELLIS_THANKS_PER_DAY")
    thanked_per_day: int = Field(20, ge=1, le=1000, alias="TRELLIS_THANKED_PER_DAY")
    thanks_active_days: int = Field(30, ge=1, le=3650, alias="TRELLIS_THANKS_ACTIVE_DAYS")
    unlisted_members: Names = Field((), alias="TRELLIS_UNLISTED_MEMBERS")
    digest_at: str = Field("mon 09:00", alias="TRELLIS_DIGEST_AT")

    @field_validator(
        "discord_guild_ids",
        "spaces",
        "cogs",
        "member_roles",
        "agent_roles",
        "moderator_roles",
        "admin_roles",
        "help_channels",
        "lead",
        "agents_channels",
        "moderators_channels",
        "welcome_channels",
        "introductions_channels",
        "events_channels",
        "ideas_channels",
        "digest_channels",
        "unlisted_channels",
        "unlisted_members",
        "thanks_emojis",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not a time zone; write one like Europe/Berlin or UTC")
        return value

    @field_validator("digest_at")
    @classmethod
    def _weekly(cls, value: str) -> str:
        if not re.fullmatch(r"(mon|tue|wed|thu|fri|sat|sun) ([01]?\d|2[0-3]):[0-5]\d", value):
            raise ValueError("the digest comes once a week: write one day and a time, like mon 09:00")
        return value

    @field_validator("spaces")
    @classmethod
    def _space_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(space.count("/") != 1 or not all(space.split("/")) for space in value):
            raise ValueError("spaces are written slack/T123 or discord/456, separated by commas")
        return value

    @property
    def wants_discord(self) -> bool:
        return bool(self.discord_token.get_secret_value())

    @property
    def wants_slack(self) -> bool:
        return bool(self.slack_bot_token.get_secret_value() or self.slack_client_id)

    @property
    def wants_playground(self) -> bool:
        return self.playground == "on" or (
            self.playground == "auto" and not self.wants_discord and not self.wants_slack
        )

    def daily(self) -> list[tuple[str, str, str]]:
        """Return what admins change in daily life: its name, the environment's name of it, and its value."""
        return listed(self, DAILY)

    @model_validator(mode="wrap")
    @classmethod
    def _keep(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Keep what was given besides, for the sections of cogs of one's own."""
        made = handler(given)
        if isinstance(given, Mapping):
            made._others = {str(name).upper(): value for name, value in given.items()}
        return made

    def section(self, kind: type[S], changes: Mapping[str, str]) -> S:
        """Read the section of a cog of one's own, with some of it changed. Raises `ValueError` with a sentence.

        What it is not told it finds where other settings are: in the environment, or else in `.env`.
        """
        known = self._others | os.environ
        names = {name: env_name(name) for name in kind.model_fields}
        said = {name: known[env] for name, env in names.items() if env in known} | {
            name: value for name, value in changes.items() if name in names
        }
        try:
            return kind.model_validate(said)
        except ValidationError as wrong:
            said_wrong = [
                f"{names.get(str(error['loc'][0]), kind.__name__)}: {error['msg']}" for error in wrong.errors()
            ]
            raise ValueError("; ".join(said_wrong)) from None

    def changed(self, changes: Mapping[str, str]) -> Settings:
        """Return the settings with some of the daily ones changed. Raises `ValueError` with a sentence."""
        if not changes:
            return self
        known = {env_name(name): getattr(self, name) for name in Settings.model_fields}
        try:
            return Settings.model_validate(
                known | {env_name(name): value for name, value in changes.items() if name in DAILY}
            )
        except ValidationError as wrong:
            raise ValueError("; ".join(str(error["msg"]) for error in wrong.errors())) from None

    def community(self) -> CommunityFile:
        """Read the community file. Raises `OSError`, `tomllib.TOMLDecodeError` or `pydantic.ValidationError`."""
        return _community(self.community_file, self.community_file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _community(path: Path, _changed_at: int) -> CommunityFile:
    return CommunityFile.model_validate(tomllib.loads(path.read_text("utf-8")))


def env_name(name: str) -> str:
    """Return the environment's name of a setting."""
    return f"{'' if name.startswith(('database_', 'discord_', 'slack_')) else 'TRELLIS_'}{name.upper()}"


def listed(section: BaseModel, names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return settings of these names: each with the environment's name of it, and its value as one would write it."""
    return [(name, env_name(name), _written(getattr(section, name))) for name in names]


def _written(value: object) -> str:
    """Return a value as one would write it in the environment."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
