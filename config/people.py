"""What admins say of the community, and of who may do what in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import ClassVar
from zoneinfo import available_timezones

from pydantic import BaseModel, field_validator

from .field import Names, setting


class Community(BaseModel):
    """Whom Trellis serves."""

    heading: ClassVar[str] = "Community"

    community_name: str = setting(
        "", "What the community is called; empty for what its platform calls it.", example="`Fernway growers`"
    )
    community_file: Path = setting(
        Path(__file__).with_name("community.toml"),
        "The file with the community's topics; by default the one that comes with Trellis.",
        more=(
            "See below; [journeys](onboarding.md#for-admins) stand in it too. The default is found wherever "
            "Trellis is installed."
        ),
        example="`/etc/trellis/community.toml`",
    )
    timezone: str = setting(
        "UTC",
        (
            "The community's time zone, as an IANA name such as Europe/Berlin: for office hours, and for members "
            "who have named none."
        ),
        more="Recurring work keeps to it.",
        example="`Europe/Berlin`",
    )
    language: str = setting(
        "en",
        ("The language in which Trellis speaks to all: en or de. What one member reads is in theirs, if we have it."),
        example="`de`",
    )
    spaces: Names = setting(
        (),
        (
            "Spaces that form one community, such as slack/T123,discord/456; a space not named is a community of "
            "its own."
        ),
        more="Decide this before you start: members cannot change hands later.",
        example="`slack/T123,discord/456`",
    )
    cogs: Names = setting(
        (),
        (
            "Cogs of your own, by import path, such as timers:Timers,garden.cogs:create; the README says how to "
            "write one."
        ),
        more="Each is written `package.module:factory`. See below.",
        example="`timers:Timers,garden.cogs:create`",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in _zones():
            raise ValueError("not a time zone; write one like Europe/Berlin or UTC")
        return value

    @field_validator("spaces")
    @classmethod
    def _space_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(space.count("/") != 1 or not all(space.split("/")) for space in value):
            raise ValueError("spaces are written slack/T123 or discord/456, separated by commas")
        return value


class Roles(BaseModel):
    """Who may do what."""

    heading: ClassVar[str] = "Roles"

    member_roles: Names = setting(
        (),
        (
            "Names or ids of platform roles or groups, or ids of accounts, that make a member of who would be a "
            "guest of the platform."
        ),
        example="`customers,U0456`",
    )
    agent_roles: Names = setting(
        ("agent", "agents"),
        "The same for support agents.",
        more="They have duty, queue and claim.",
        example="`Support,U0123`",
    )
    moderator_roles: Names = setting(
        ("moderator", "moderators"),
        "The same for moderators.",
        more=(
            "They may do for others what an asker may, see who asked anonymously (it is logged), and keep knowledge."
        ),
        example="`Mods`",
    )
    admin_roles: Names = setting(
        ("admin", "admins"),
        "The same for admins; whoever runs the space on its platform is one in any case.",
        example="`Owners`",
    )


@cache
def _zones() -> frozenset[str]:
    """All time zones there are: to find them is to look through some hundred files."""
    return frozenset(available_timezones())
