"""Reads what a person answered, in their time, zone and language, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.models import Account, Channel, Profile
from adapters.contract.text import Words, say
from adapters.contract.ui import Card, Tone
from storage.members import Member
from storage.uploads import Upload

from .arguments import numbers_in
from .context import Context
from .kinds import Suggest
from .naming import called


class AnswerReader:
    """Reads answers for the person in a context."""

    def __init__(self, ctx: Context, cog: object) -> None:
        """`cog` is the one that asks, and knows what is suggested."""
        self._ctx = ctx
        self._cog = cog
        self.now: datetime = ctx.now
        self.zone: ZoneInfo = ctx.zone
        self.translations = ctx.translations
        self.locale = ctx.member.locale or ""

    async def find_member(self, typed: str) -> Member:
        return (await self.find_members([typed]))[0]

    async def find_members(self, typed: Sequence[str]) -> list[Member]:
        found = [await self._look_up(name) for name in typed]  # all of them before anything is written
        members = [one if isinstance(one, Member) else await self._ctx.meet(one) for one in found]
        for name, member in zip(typed, members, strict=True):
            if member is None:
                raise ValueError(say("I know nobody called {name} here.", name=name))
        return [member for member in members if member]

    async def _look_up(self, typed: str) -> Member | Profile:
        """Return who is known by a key or name, else what the platform says of somebody. Raises `ValueError`."""
        members, community = self._ctx.members, self._ctx.community.id
        if typed.count("/") == 2:
            found = await members.by_account(typed)
            if found and found.community_id == community:
                return found
        own = await members.by_account(Account(self._ctx.space, typed.lstrip("@")).key)
        if own:
            return own
        profile = await self._ctx.platforms.profile(Account(self._ctx.space, typed.lstrip("@").rpartition("/")[2]))
        if profile and not profile.bot:
            return profile
        named = await members.by_name(community, typed.lstrip("@"))
        if len(named) == 1:
            return named[0]
        if named:
            raise ValueError(say("More than one person is called {name}. Pick them from the list, please.", name=typed))
        raise ValueError(say("I know nobody called {name} here.", name=typed))

    async def find_channel(self, typed: str) -> Channel:
        channel = await self._ctx.platforms.find_channel(self._ctx.space, typed.lstrip("#").rpartition("/")[2])
        if channel is None:
            raise ValueError(say("I know no channel called {name} here.", name=typed))
        return channel

    async def find_upload(self, upload_id: str) -> Upload:
        found = [await self._ctx.upload(number) for number in numbers_in([upload_id])]
        if not found or found[0] is None:
            raise ValueError(say("I don't have that any more. Please choose it again."))
        return found[0]

    async def find_thing(self, typed: str, suggest: Suggest) -> int:
        return int(called(typed, await suggest(self._cog, self._ctx.suggesting(typed))).value)


def problem_card(words: Words) -> Card:
    """Return what is shown, privately, to someone for whom something did not work."""
    return Card(body=words, tone=Tone.URGENT)
