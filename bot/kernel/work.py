"""A moment in which nobody is there, as a cog sees it: what can be looked up, said and done now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.models import Channel, Profile, Space
from adapters.contract.text import Translations, say
from adapters.contract.ui import Card
from bot.delivery.addressing import account_in
from bot.delivery.gate import Manner
from bot.delivery.outgoing import SAID, Act, Name, Outgoing, Post
from bot.delivery.platforms import Platforms
from bot.text.hours import zone_of
from bot.text.language import Locales
from storage.database import Database
from storage.drafts import DraftStore
from storage.members import Community, Erased, Member, MemberStore
from storage.postings import PostingStore
from storage.uploads import UploadStore

from .agenda import Agenda
from .domain_events import DomainEvent
from .lifecycle import Standing
from .page import HasPage
from .paused import Paused
from .planning import tellings
from .policies import Sections
from .presence import Presence

S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every context hands on: the same objects for the whole life of the process."""

    database: Database
    members: MemberStore
    drafts: DraftStore
    uploads: UploadStore
    agenda: Agenda
    locales: Locales
    presence: Presence
    paused: Paused
    cogs: Sequence[HasPage]
    platforms: Platforms
    things: WhereThingsStand
    postings: PostingStore
    sections: Sections


class WhereThingsStand(Protocol):
    """Knows where tracked things stand."""

    async def standing(self, kind: str, id_: int) -> Standing:
        """Return what stands of a thing."""

    async def links(self, kind: str, ids: Iterable[int], key: str, near: Space | None = None) -> dict[int, str]:
        """Return the web addresses of one message of several things."""


class Work:
    """A moment in which nobody is there: the clock or another cog asked for something.

    What is said and done on platforms is collected in `outgoing`, and carried out once the unit is kept.
    """

    def __init__(self, tools: Tools, community: Community, now: datetime) -> None:
        self._tools = tools
        self.community = community
        self.now = now
        self.outgoing = Outgoing()
        self.touched: dict[tuple[str, int], None] = {}
        """The tracked things that changed, in order."""
        self._spaces: list[Space] | None = None

    @property
    def arrived(self) -> Member | None:
        """The person who is there, as they were met; not who has just left."""
        return None

    def touch(self, kind: str, id_: int) -> None:
        """Have a tracked thing looked at when the unit ends."""
        self.touched[kind, id_] = None

    def when_kept(self, call: Callable[[], None]) -> None:
        """Call something once the unit that writes is kept."""
        unit = self._tools.database.current
        assert unit is not None
        unit.when_kept(call)

    def begin_again(self) -> None:
        """Forget what was to be said: all of it is done again from its beginning."""
        self.outgoing = Outgoing()
        self.touched.clear()

    async def lock(self, name: str) -> None:
        """Let nobody else take that lock until the unit ends; on SQLite nobody else writes meanwhile."""
        await self._tools.database.lock(name)

    async def settings(self, section: type[S]) -> S:
        """Return what is set in this community of the `section` of a cog."""
        said = await self._tools.sections[section].of(self.community.id)
        assert isinstance(said, section)
        return said

    @property
    def platforms(self) -> Platforms:
        """Asks platforms, before the first write."""
        return self._tools.platforms

    @property
    def near(self) -> Space | None:
        """The space of the person who is there."""
        return None

    async def links(self, kind: str, ids: Iterable[int], key: str = "card") -> dict[int, str]:
        """Return where messages of tracked things stand, as web addresses by the things' ids, nearest to the reader."""
        return await self._tools.things.links(kind, ids, key, self.near)

    async def standing(self, kind: str, id_: int) -> Standing:
        """Return what stands of another tracked thing, and where."""
        return await self._tools.things.standing(kind, id_)

    async def forget_refused(self, kind: str, id_: int) -> None:
        """Forget which messages of a tracked thing no place took: they are posted again where they are shown."""
        await self._tools.postings.forget_refused(kind, id_)

    def say(
        self, channel: Channel, card: Card, *, key: str, until: datetime | None = None, draw: Call | None = None
    ) -> None:
        """Post a card in a channel, once for each `key`.

        `draw` is a drawing that makes it once more without somebody who was forgotten; else it goes then.
        """
        self.outgoing.posts.append(Post(Name(SAID, 0, key), channel, card, until=until, draw=draw))

    def tell(
        self,
        member: Member,
        card: Card,
        *,
        key: str,
        until: datetime | None = None,
        accounts: Iterable[str] = (),
        manner: Manner = Manner.TOLD,
    ) -> None:
        """Post a card to a member directly, once for each `key`; nothing where they take none.

        `accounts` are those of theirs at which they may be told; without, all of them. Only what they `WANTED` comes
        also to those who did not agree to direct messages.
        """
        name = Name(SAID, 0, key, f"member/{member.id}")
        post = Post(name, member, card, until=until, accounts=tuple(accounts), manner=manner)
        self.outgoing.posts.append(post)

    async def notify(
        self,
        members: Sequence[Member],
        card: Card,
        *,
        key: str,
        near: Sequence[Channel],
        until: datetime | None = None,
    ) -> None:
        """Tell each of these members once for each `key`: directly who agreed to that, the others by name.

        Those are named together, at most 25 in a message, in the first of the channels `near` that is in a space of
        theirs.
        """
        told = await self._tools.postings.told(SAID, 0, key)
        untold = [member for member in members if member.id not in told]
        self.outgoing.posts += tellings(Name(SAID, 0, key), untold, near, lambda _: card, until=until)

    @property
    def shared_translations(self) -> Translations:
        """The community's language, in which the platform's own menus are too."""
        return self._tools.locales.shared

    async def unname_threads(self, kind: str, id_: int) -> None:
        """Take the title off the threads of a thing whose words are gone for good: they were made of these words."""
        title = say("(removed)").localized(self.shared_translations).plain()
        for row in (await self.standing(kind, id_)).rows:
            if row.thread:
                payload = {"thread": row.thread, "title": title}
                self.outgoing.acts.append(Act("rename", row.thread, payload))

    def set_role(self, member: Member, role: str, held: bool) -> None:
        """Give a member a platform's role (by name or id) on all their accounts, or take it."""
        for account in member.accounts:
            payload = {"account": account, "role": role, "held": held}
            self.outgoing.acts.append(Act("role", f"account/{account}", payload, member.id))

    def let_in(self, member: Member, channel: Channel) -> None:
        """Let a member into a private channel, with the accounts they have in its space."""
        if account := account_in(member, channel.space):
            payload = {"account": account.key, "channel": channel.key}
            self.outgoing.acts.append(Act("let_in", f"account/{account.key}", payload, member.id))

    @property
    def members(self) -> MemberStore:
        return self._tools.members

    async def schedule(self, call: Call, at: datetime, *, key: str | None = None) -> None:
        """Make a call later, at least once. With a `key` it takes the place of what was scheduled under that key."""
        await self._tools.agenda.put(call, at, self.community.id, key)

    async def unschedule(self, key: str) -> None:
        """Forget what was scheduled under `key`."""
        await self._tools.agenda.cancel(key)

    async def publish(self, event: DomainEvent) -> None:
        """Tell the other cogs: they hear of it exactly if the unit is kept."""
        await self._tools.agenda.publish(event, self.community.id, self.now)

    async def spaces(self) -> list[Space]:
        """Return the spaces in which the community lives, looked up once."""
        if self._spaces is None:
            self._spaces = [Space.of(key) for key in await self.members.spaces(self.community.id)]
        return self._spaces

    async def meet(self, profile: Profile) -> Member | None:
        """Return the member of that account, made known if need be; nothing for another community's."""
        account = profile.account
        known = await self.members.by_account(account.key)
        if known is None and account.space in await self.spaces():
            try:
                known, _ = await self.members.arrive(
                    self.community.id,
                    account.key,
                    account.space.key,
                    profile.name,
                    self.now,
                    timezone=profile.timezone,
                    named=profile.named,
                    by_themselves=False,
                )
            except Erased:
                return None
        return known if known and known.community_id == self.community.id else None

    def last_seen(self, member: Member) -> datetime | None:
        """Return when a member last did or wrote something, also what no cog heard; nothing if they never did."""
        return self._tools.presence.last_seen(member)

    def member_zone(self, member: Member) -> ZoneInfo:
        """Return a member's time zone, by default the community's."""
        return zone_of(member, ZoneInfo(self.community.timezone))


class Reading(Work):
    """A moment in which a card is drawn for someone, in a space. It changes nothing."""

    def __init__(self, tools: Tools, community: Community, now: datetime, member: Member | None, space: Space) -> None:
        super().__init__(tools, community, now)
        self.member = member
        self.space = space

    @property
    def near(self) -> Space:
        return self.space


class Suggesting(Work):
    """A moment in which someone types a command's option, `typed` so far. It changes nothing, and nobody is met by it.

    `member` is nobody where they never used Trellis.
    """

    def __init__(
        self, tools: Tools, community: Community, now: datetime, member: Member | None, role: Role, typed: str
    ) -> None:
        super().__init__(tools, community, now)
        self.member = member
        self.role = role
        self.typed = typed
