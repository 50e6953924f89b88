"""Settings, read once from the environment and `.env`, and handed down as the part that each object needs."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ModelWrapValidatorHandler, PrivateAttr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from .community import CommunityFile
from .field import env_name, written
from .people import Community, Roles
from .platforms import Discord, Serving, Slack, Store
from .rooms import Events, IdeasAndPolls, Newcomers, Questions, Recognition

S = TypeVar("S", bound=BaseModel)

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Addresses at which only this machine reaches us."""

SECTIONS: tuple[type[BaseModel], ...] = (
    Store,
    Discord,
    Slack,
    Community,
    Roles,
    Questions,
    Events,
    IdeasAndPolls,
    Recognition,
    Newcomers,
    Serving,
)
"""All sections, in the order in which they are told."""


class Settings(
    Store,
    Discord,
    Slack,
    Community,
    Roles,
    Questions,
    Events,
    IdeasAndPolls,
    Recognition,
    Newcomers,
    Serving,
    BaseSettings,
):
    """Every setting, as the sections tell it."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, populate_by_name=True, alias_generator=env_name
    )

    _others: Mapping[str, object] = PrivateAttr(default_factory=dict)

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

    @property
    def wants_dashboard(self) -> bool:
        """Whether the dashboard is served. Raises `ValueError` where it is wanted and nobody could get there."""
        is_local = self.web_host in LOOPBACK
        if self.dashboard == "on" and not is_local and not self.web_url:
            raise ValueError(
                "TRELLIS_DASHBOARD=on needs TRELLIS_WEB_URL, so that links lead to it: set it to the public address."
            )
        if self.dashboard == "on" and urlsplit(self.web_url).path.strip("/"):
            raise ValueError("TRELLIS_DASHBOARD=on needs a name of its own: TRELLIS_WEB_URL without a path.")
        return self.dashboard == "on" or (self.dashboard == "auto" and is_local and not self.web_url)

    def daily(self) -> list[tuple[str, str]]:
        """Return what admins change in daily life: its name, and its value."""
        return listed(self, LIVE)

    @model_validator(mode="wrap")
    @classmethod
    def _keep(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Keep what was given besides, for the sections of cogs of one's own."""
        made = handler(given)
        if isinstance(given, Mapping):
            made._others = {str(name).upper(): value for name, value in given.items()}
        return made

    def section(self, kind: type[S], changes: Mapping[str, str]) -> S:
        """Read the section of a cog of one's own, with some of it changed. Raises `ValueError` from pydantic's.

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
            raise ValueError("; ".join(said_wrong)) from wrong

    def changed(self, changes: Mapping[str, str]) -> Settings:
        """Return the settings with some of the daily ones changed. Raises `ValueError` from pydantic's."""
        if not changes:
            return self
        known = {env_name(name): getattr(self, name) for name in Settings.model_fields}
        try:
            return Settings.model_validate(
                known | {env_name(name): value for name, value in changes.items() if name in LIVE}
            )
        except ValidationError as wrong:
            raise ValueError("; ".join(str(error["msg"]) for error in wrong.errors())) from wrong

    def community(self) -> CommunityFile:
        """Read the community file. Raises `OSError`, `tomllib.TOMLDecodeError` or `pydantic.ValidationError`."""
        return _community(self.community_file, self.community_file.stat().st_mtime_ns)


def told() -> Iterator[tuple[type[BaseModel], str, FieldInfo]]:
    """Yield each setting with its section and its name, in the order in which they are told."""
    for section in SECTIONS:
        for name, field in section.model_fields.items():
            yield section, name, field


def _is(field: FieldInfo, what: str) -> bool:
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra[what])


LIVE = tuple(name for _, name, field in told() if _is(field, "live"))
"""The settings that `/settings set` may change; the others count when Trellis starts."""
PEOPLE = frozenset(name for _, name, field in told() if _is(field, "people"))
"""The settings that name members."""


def listed(section: BaseModel, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return settings of these names, each with its value as one would write it."""
    return [(name, written(getattr(section, name), ", ")) for name in names]


@lru_cache(maxsize=4)
def _community(path: Path, _changed_at: int) -> CommunityFile:
    return CommunityFile.model_validate(tomllib.loads(path.read_text("utf-8")))
