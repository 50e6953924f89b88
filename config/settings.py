"""Settings, read once from the environment and `.env`, and handed down as the part that each object needs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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


Points = Annotated[float, Field(ge=0, le=1000)]


class Topic(BaseModel, extra="forbid"):
    """A subject that questions are about. `words` in a question suggest it; `agents_only` keeps peers out of it."""

    name: str = Field(min_length=1, max_length=30)
    words: tuple[str, ...] = ()
    agents_only: bool = False


class Segment(BaseModel, extra="forbid"):
    """A group of members, by their roles on the platform or here, and how many ideas each may vote for at a time."""

    name: str = Field(min_length=1, max_length=30)
    roles: tuple[str, ...] = ()
    votes: int | None = Field(default=None, ge=1, le=1000)


class Weights(BaseModel, extra="forbid"):
    """How many points each kind of deed is worth."""

    thanks: Points = 1
    reaction: Points = 0.5
    answer: Points = 3
    reuse: Points = 1
    idea: Points = 3
    host: Points = 3
    attend: Points = 0.5
    welcome: Points = 1


class Level(BaseModel, extra="forbid"):
    """A name for whoever has helped that many different people; `role` is the platform's role that goes with it."""

    name: str = Field(min_length=1, max_length=40)
    people: int = Field(ge=1)
    role: str = ""


class Badge(BaseModel, extra="forbid"):
    """A name for whoever did something `goal` times."""

    name: str = Field(min_length=1, max_length=40)
    counts: Literal["people", "thanked", "answers", "ideas", "hosted", "attended", "welcomed"]
    goal: int = Field(ge=1)


class Recognition(BaseModel, extra="forbid"):
    """What a community values, and what people reach in it."""

    values: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = Field(default=(), max_length=25)
    weights: Weights = Weights()
    levels: tuple[Level, ...] = Field(default=(), max_length=20)
    badges: tuple[Badge, ...] = Field(default=(), max_length=20)

    @field_validator("levels", "badges")
    @classmethod
    def _of_different_names(cls, value: tuple[Level | Badge, ...]) -> tuple[Level | Badge, ...]:
        if len({one.name for one in value}) < len(value):
            raise ValueError("no two of them have the same name")
        return value

    @field_validator("levels")
    @classmethod
    def _upwards(cls, value: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(sorted(value, key=lambda level: level.people))


StepName = Literal["welcome", "purpose", "guidelines", "interests", "zone", "introduce", "buddy", "question"]
"""What a step of a journey can be."""


class Guidelines(BaseModel, extra="forbid"):
    """What members agree to. Whoever agreed to another version is asked once more."""

    version: str = Field(min_length=1, max_length=30)
    text: str = Field(min_length=1, max_length=2500)
    link: str = Field("", pattern=r"^$|^https?://", max_length=500)


class Interest(BaseModel, extra="forbid"):
    """Something that members can say they like; it may come with a role, or a user group on Slack."""

    name: str = Field(min_length=1, max_length=50)
    role: str = ""


class Purpose(BaseModel, extra="forbid"):
    """An answer to "what brings you here?", and the journey that it leads to."""

    name: str = Field(min_length=1, max_length=70)
    journey: str = ""


class Journey(BaseModel, extra="forbid"):
    """A way into the community. Without `roles`, `sources` and `domains` it is for whoever no other journey is for."""

    name: str = Field(min_length=1, max_length=50)
    roles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    days: tuple[Annotated[int, Field(ge=1, le=90)], ...] = (1, 3, 7)
    steps: tuple[StepName, ...] = Field(min_length=1)
    texts: dict[StepName, Annotated[str, Field(max_length=2000)]] = {}

    @field_validator("steps")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a journey has each step once")
        return value


class Gate(BaseModel, extra="forbid"):
    """What has to be before someone gets in, and what they get into."""

    guidelines: bool = False
    domains: tuple[str, ...] = ()
    moderator: bool = False
    role: str = ""
    channels: tuple[str, ...] = ()


class Onboarding(BaseModel, extra="forbid"):
    """How newcomers find their way."""

    guidelines: Guidelines | None = None
    interests: tuple[Interest, ...] = Field(default=(), max_length=25)
    purposes: tuple[Purpose, ...] = Field(default=(), max_length=25)
    journeys: tuple[Journey, ...] = Field(default=(), max_length=25)
    gate: Gate | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:  # noqa: N804
        names = [journey.name for journey in self.journeys]
        if len(set(names)) < len(names):
            raise ValueError("two journeys have one name")
        for purpose in self.purposes:
            if purpose.journey and purpose.journey not in names:
                raise ValueError(f"the purpose {purpose.name!r} leads to no journey")
        if self.gate and self.gate.guidelines and self.guidelines is None:
            raise ValueError("the gate asks for guidelines, and there are none")
        return self


class CommunityFile(BaseModel, extra="forbid"):
    """`config/community.toml`: what a community calls things."""

    topics: tuple[Topic, ...] = Field(default=(), max_length=25)
    segments: tuple[Segment, ...] = Field(default=(), max_length=10)
    recognition: Recognition = Recognition()
    onboarding: Onboarding = Onboarding()


class Settings(BaseSettings):
    """Every setting with its default; `config/example.env` says each in one line."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

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
        """Return what moderators change in daily life: its name, the environment's name of it, and its value."""
        return [(name, self._alias(name), _written(getattr(self, name))) for name in DAILY]

    def changed(self, changes: Mapping[str, str]) -> Settings:
        """Return the settings with some of the daily ones changed. Raises `ValueError` with a sentence."""
        if not changes:
            return self
        known = {self._alias(name): getattr(self, name) for name in Settings.model_fields}
        try:
            return Settings.model_validate(
                known | {self._alias(name): value for name, value in changes.items() if name in DAILY}
            )
        except ValidationError as wrong:
            raise ValueError("; ".join(str(error["msg"]) for error in wrong.errors())) from None

    @staticmethod
    def _alias(name: str) -> str:
        return Settings.model_fields[name].alias or name

    def community(self) -> CommunityFile:
        """Read the community file. Raises `OSError`, `tomllib.TOMLDecodeError` or `pydantic.ValidationError`."""
        return _community(self.community_file, self.community_file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _community(path: Path, _changed_at: int) -> CommunityFile:
    return CommunityFile.model_validate(tomllib.loads(path.read_text("utf-8")))


def _written(value: object) -> str:
    """Return a value as one would write it in the environment."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
