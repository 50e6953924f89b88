"""This moment, as a cog sees it: who, where, when, and what can be said and done now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from adapters.contract.adapter import Responder
from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.events import Event, FormSubmitted
from adapters.contract.forms import DIALOG_PROBLEM, Dialog, Field
from adapters.contract.models import Account, Channel, Message, MessageRef, Profile, Space
from adapters.contract.text import Tongue, Words, clip, say, text
from adapters.contract.ui import Card
from bot.delivery.addressing import account_in
from bot.delivery.gate import Manner
from bot.delivery.outgoing import SAID, Act, Answer, Name, Outgoing, Post
from bot.delivery.platforms import Platforms
from bot.text.hours import zone_of
from bot.text.language import Tongues
from storage.database import Database
from storage.drafts import DraftStore
from storage.members import Community, Erased, Member, MemberStore
from storage.postings import PostingStore

from .agenda import Agenda
from .domain_events import CommunityEvent
from .errors import UserError
from .forms import Form, most_needed, with_moment
from .lifecycle import Standing
from .page import HasPage, personal_page
from .planning import tellings
from .policies import Sections
from .presence import Presence
from .roles import highest

F = TypeVar("F", bound=Form)
S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every context hands on: the same objects for the whole life of the process."""

    database: Database
    members: MemberStore
    drafts: DraftStore
    agenda: Agenda
    tongues: Tongues
    presence: Presence
    cogs: Sequence[HasPage]
    platforms: Platforms
    things: WhereThingsStand
    postings: PostingStore
    sections: Sections


AGAIN = "form.again"
"""The action of `bot.kernel.drafts` that asks a form once more from what was kept of it."""
REST = "form.rest"
"""What a dialog calls that had no room for the whole form: the router adds the rest from what was kept of it."""


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

    def touch(self, kind: str, id_: int) -> None:
        """Have a tracked thing looked at when the unit ends."""
        self.touched[kind, id_] = None

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

    def say(self, channel: Channel, card: Card, *, key: str, until: datetime | None = None) -> None:
        """Post a card in a channel, once for each `key`."""
        self.outgoing.posts.append(Post(Name(SAID, 0, key), channel, card, until=until))

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

    async def publish(self, event: CommunityEvent) -> None:
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


class Context(Work):
    """A moment with a person in it."""

    def __init__(
        self,
        tools: Tools,
        community: Community,
        now: datetime,
        event: Event,
        member: Member,
        responder: Responder,
        *,
        channel: Channel,
        message: MessageRef | None = None,
        values: tuple[str, ...] = (),
    ) -> None:
        super().__init__(tools, community, now)
        self._event = event
        self._responder = responder
        self.member = self._arrived = member
        self.channel = channel
        self.message = message
        """Where the control stands that was used; nothing for a private reply."""
        self.values = values
        """What was chosen from a menu."""

    def begin_again(self) -> None:
        super().begin_again()
        self.member = self._arrived

    @property
    def account(self) -> Account:
        """The account with which the person is here."""
        return self._event.by.account

    @property
    def space(self) -> Space:
        return self._event.space

    @property
    def near(self) -> Space:
        return self._event.space

    @property
    def roles(self) -> frozenset[str]:
        """The platform's own roles or groups of the person, by id and name, as of now."""
        return self._event.by.roles

    @property
    def role(self) -> Role:
        return highest(self.member.roles)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The person's time zone, by default the community's."""
        return self.member_zone(self.member)

    def require_role(self, role: Role) -> None:
        """Raise `UserError` unless the person has this role or a higher one."""
        if self.role < role:
            raise UserError(_ONLY[role])

    @cached_property
    def tongue(self) -> Tongue:
        """The person's language, by default the community's."""
        return self._tools.tongues.of(self.member.locale)

    def suggesting(self, typed: str) -> Suggesting:
        """Return the moment in which this person types something, to be asked what it may be."""
        return Suggesting(self._tools, self.community, self.now, self.member, self.role, typed)

    @property
    def shared_tongue(self) -> Tongue:
        """The community's language, in which the platform's own menus are too."""
        return self._tools.tongues.shared

    async def reply(self, card: Card, *, again: Call | None = None) -> None:
        """Show a card to the person alone.

        Where the card says what is to be stored nowhere, `again` is stored: a drawing that makes it once more.
        """
        self._answer("reply", card, self.member.locale, again)

    def _answer(self, how: str, card: Card, locale: str | None, again: Call | None = None) -> None:
        self.outgoing.answers.append(
            Answer(how, self._responder, self.space, card, again, locale=locale, member_id=self.member.id)
        )

    async def reply_once(self, draw: Call, after: tuple[str, int]) -> None:
        """Show the person a card that is drawn once it is known whether a tracked thing stands."""
        self._answer_once("reply", draw, after, self.member.locale)

    async def update_once(self, draw: Call, after: tuple[str, int]) -> None:
        """The same in the place of the private message with the control that was used."""
        self._answer_once("update", draw, after, self.member.locale)

    async def aside_once(self, draw: Call, after: tuple[str, int]) -> None:
        """The same where nothing was used: where the platform cannot do that unasked, everyone here may see it."""
        self._answer_once("aside", draw, after, self.member.locale if self.discreet else None)

    def _answer_once(self, how: str, draw: Call, after: tuple[str, int], locale: str | None) -> None:
        responder, member = self._responder, self.member.id
        self.outgoing.answers.append(
            Answer(how, responder, self.space, draw=draw, after=after, locale=locale, member_id=member)
        )

    @property
    def discreet(self) -> bool:
        """Whether the person alone would see an `aside`."""
        return self._responder.discreet

    async def aside(self, card: Card) -> None:
        """Show a card to the person; where the platform cannot do that unasked, everyone here may see it."""
        self._answer("aside", card, self.member.locale if self.discreet else None)

    async def update(self, card: Card, *, again: Call | None = None) -> None:
        """Draw the message again in which the control stands that was used; `again` as in `reply`."""
        self._answer("update", card, await self._locale_at(self.message), again)

    async def _locale_at(self, message: MessageRef | None) -> str | None:
        """Return the locale of the person who reads a message of ours; None for what all read."""
        if message is None:
            return self.member.locale
        posted = await self._tools.postings.by_message(message.key)
        direct = any(row.channel == row.spot for row in posted)
        return self.member.locale if direct else None

    async def page(self) -> Card:
        """Return the person's own page, from all cogs."""
        return await personal_page(self, self._tools.cogs)

    async def open(self, form: type[Form], then: Call, cog: object = None, **values: str) -> None:
        """Ask a form, prefilled with `values`; the answers come to `then`. It has to be the first answer.

        `cog` is asked for the choices that only it knows.
        """
        self._show("open", await self._dialog(form, then, cog, values))

    def _show(self, how: str, dialog: Dialog) -> None:
        self.outgoing.answers.append(Answer(how, self._responder, self.space, dialog=dialog))

    async def prepared(self, then: Call, **values: str) -> Call:
        """Return the call that opens the form of `then` for this person, prefilled with `values` of any length."""
        return (await self._kept(then, values))[0]

    async def _kept(self, then: Call, values: Mapping[str, str], shown: Sequence[Field] = ()) -> tuple[Call, Call]:
        """Keep what was typed; return the calls that ask for `shown` of it again, and that take those answers."""
        draft_id = await self._tools.drafts.put(self.member.id, then.pack(), values, self.now)
        names = ",".join(field.name for field in shown)
        return Call(AGAIN, (str(draft_id), names)), Call(REST, (str(draft_id), names)) if shown else then

    async def ask_again(
        self,
        form: type[Form],
        then: Call,
        cog: object,
        values: Mapping[str, str],
        problems: Mapping[str, Words] = {},
        problem: Words = "",
        shown: Collection[str] = (),
    ) -> None:
        """Ask a form once more, with what was typed and what is wrong with it, by field and as a whole.

        `shown` names the fields to ask where a dialog has no room for all.
        """
        dialog = await self._dialog(form, then, cog, values, problems, problem, shown)
        self._show("refuse" if isinstance(self._event, FormSubmitted) else "open", dialog)

    async def _dialog(
        self,
        form: type[Form],
        then: Call,
        cog: object,
        values: Mapping[str, str],
        problems: Mapping[str, Words] = {},
        problem: Words = "",
        shown: Collection[str] = (),
    ) -> Dialog:
        wrong = {name: self._say(words) for name, words in problems.items()}
        asked = form.fields(cog, values, wrong)
        fields = [with_moment(field, self.now, self.zone, self.tongue, self.member.locale) for field in asked]
        some = most_needed(fields, shown)
        again, then = await self._kept(then, values, some if len(some) < len(fields) else ())
        trouble = clip(self._say(problem), DIALOG_PROBLEM)
        return Dialog(form.dialog_title, then, some, form.dialog_button, trouble, again).spoken(self.tongue)

    def _say(self, words: Words) -> str:
        return text(words).spoken(self.tongue).plain()


_ONLY = {
    Role.MEMBER: say("Only members of this community can do that. /help shows what guests can do."),
    Role.AGENT: say("Only support agents can do that here."),
    Role.MODERATOR: say("Only moderators can do that here."),
    Role.ADMIN: say("Only admins can do that here."),
}


class OnMessage(Context):
    """A person picked a message, which is `target`."""

    target: Message


class Submission(Context, Generic[F]):
    """A person answered a form."""

    form: F
