"""This moment, as a cog sees it: who, where, when, and what can be said and done now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Responder
from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.events import Event, FormSubmitted
from adapters.contract.forms import DIALOG_PROBLEM, Dialog, Field
from adapters.contract.models import Account, Channel, Message, MessageRef, Profile, Space
from adapters.contract.text import Tongue, Words, clip, say, text
from adapters.contract.ui import Card
from bot.delivery.chat import Chat
from bot.text.hours import zone_of
from bot.text.language import Tongues
from storage.database import Database
from storage.drafts import DraftStore
from storage.members import Community, Erased, Member, MemberStore

from .agenda import Agenda
from .domain_events import CommunityEvent
from .errors import UserError
from .forms import Form, most_needed
from .page import HasPage, personal_page
from .roles import highest

F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every context hands on: the same objects for the whole life of the process."""

    database: Database
    members: MemberStore
    drafts: DraftStore
    chat: Chat
    agenda: Agenda
    tongues: Tongues
    cogs: Sequence[HasPage]


AGAIN = "form.again"
"""The action of `bot.kernel.drafts` that asks a form once more from what was kept of it."""
REST = "form.rest"
"""What a dialog calls that had no room for the whole form: the router adds the rest from what was kept of it."""


class Work:
    """A moment in which nobody is there: the clock or another cog asked for something."""

    def __init__(self, tools: Tools, community: Community, now: datetime) -> None:
        self._tools = tools
        self.community = community
        self.now = now

    @property
    def chat(self) -> Chat:
        """Speaks unasked, in any channel."""
        return self._tools.chat

    @property
    def members(self) -> MemberStore:
        return self._tools.members

    def atomic(self) -> AbstractAsyncContextManager[None]:
        """Make several changes one: all are kept or none. Nothing may be sent inside."""
        return self._tools.database.transaction()

    async def schedule(self, call: Call, at: datetime, *, key: str | None = None) -> None:
        """Make a call later, at least once. With a `key` it takes the place of what was scheduled under that key."""
        await self._tools.agenda.put(call, at, self.community.id, key)

    async def unschedule(self, key: str) -> None:
        """Forget what was scheduled under `key`."""
        await self._tools.agenda.cancel(key)

    async def publish(self, event: CommunityEvent) -> None:
        """Tell the other cogs; inside `atomic` they hear of it exactly if the change is kept."""
        await self._tools.agenda.publish(event, self.community.id, self.now)

    async def spaces(self) -> list[Space]:
        """Return the spaces in which the community lives."""
        return [Space.of(key) for key in await self.members.spaces(self.community.id)]

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

    def member_zone(self, member: Member) -> ZoneInfo:
        """Return a member's time zone, by default the community's."""
        return zone_of(member, ZoneInfo(self.community.timezone))


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
        self._posts = 0
        self.member = member
        self.channel = channel
        self.message = message
        """Where the control stands that was used; nothing for a private reply."""
        self.values = values
        """What was chosen from a menu."""

    @property
    def account(self) -> Account:
        """The account with which the person is here."""
        return self._event.by.account

    @property
    def space(self) -> Space:
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

    @property
    def shared_tongue(self) -> Tongue:
        """The community's language, in which the platform's own menus are too."""
        return self._tools.tongues.shared

    async def reply(self, card: Card) -> None:
        """Show a card to the person alone."""
        await self._responder.reply(card.spoken(self.tongue))

    @property
    def discreet(self) -> bool:
        """Whether the person alone would see an `aside`."""
        return self._responder.discreet

    async def aside(self, card: Card) -> None:
        """Show a card to the person; where the platform cannot do that unasked, everyone here may see it."""
        await self._responder.aside(card.spoken(self.tongue if self.discreet else self.shared_tongue))

    async def update(self, card: Card) -> None:
        """Draw the message anew in which the control stands that was used."""
        tongue = await self.chat.tongue_at(self.message) if self.message else self.tongue
        await self._responder.update(card.spoken(tongue))

    async def page(self) -> Card:
        """Return the person's own page, from all cogs."""
        return await personal_page(self, self._tools.cogs)

    async def post(self, card: Card, channel: Channel | None = None) -> MessageRef:
        """Post a card here or in another channel, for all to see; once, even if this event is handled twice."""
        self._posts += 1
        key = f"{self.space.key}/{self._event.id}/{self._posts}"
        return await self.chat.post(channel or self.channel, card, key=key)

    async def open(self, form: type[Form], then: Call, cog: object = None, **values: str) -> None:
        """Ask a form, prefilled with `values`; the answers come to `then`. It has to be the first answer.

        `cog` is asked for the choices that only it knows.
        """
        await self._responder.open(await self._dialog(form, then, cog, values))

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
        await (self._responder.refuse if isinstance(self._event, FormSubmitted) else self._responder.open)(dialog)

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
        fields = form.fields(cog, values, wrong)
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
