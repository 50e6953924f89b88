"""A moment with a person in it, as a cog sees it: who, where, and how they can be answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Responder
from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.events import FormSubmitted, Interaction, MemberLeft, PlatformEvent
from adapters.contract.forms import DIALOG_PROBLEM, Dialog, Field
from adapters.contract.models import Account, Channel, Message, MessageRef, Profile, Space
from adapters.contract.text import Text, Translations, Words, clip, say, text
from adapters.contract.ui import Card
from bot.delivery.addressing import who_is_named
from bot.delivery.outgoing import Answer
from storage.members import Community, Member
from storage.uploads import Upload

from .errors import UserError
from .forms import Form, most_needed, with_moment
from .page import personal_page
from .roles import highest
from .work import Suggesting, Tools, Work

F = TypeVar("F", bound=Form)

AGAIN = "form.again"
"""The action of `bot.kernel.drafts` that asks a form once more from what was kept of it."""
REST = "form.rest"
"""What a dialog calls that had no room for the whole form: the router adds the rest from what was kept of it."""


class Context(Work):
    """A moment with a person in it."""

    def __init__(
        self,
        tools: Tools,
        community: Community,
        now: datetime,
        event: PlatformEvent,
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
        self.answered = False
        """Whether another cog has answered the same message of theirs already."""

    def begin_again(self) -> None:
        super().begin_again()
        self.member = self._arrived

    @property
    def arrived(self) -> Member | None:
        return None if isinstance(self._event, MemberLeft) else self._arrived

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
    def in_direct(self) -> bool:
        """Whether this is their direct channel with us, or no channel in particular."""
        return isinstance(self._event, Interaction) and self._event.direct

    @property
    def on_page(self) -> bool:
        """Whether this is on the page that the platform keeps for each member."""
        return isinstance(self._event, Interaction) and self._event.on_page

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
            held = self.role is Role.NEWCOMER and role is Role.MEMBER
            raise UserError(_NOT_IN_YET if held else only(role))

    @cached_property
    def translations(self) -> Translations:
        """The person's language, by default the community's."""
        return self._tools.locales.of(self.member.locale)

    def suggesting(self, typed: str) -> Suggesting:
        """Return the moment in which this person types something, to be asked what it may be."""
        return Suggesting(self._tools, self.community, self.now, self.member, self.role, typed)

    async def reply(self, card: Card, *, again: Call | None = None) -> None:
        """Show a card to the person alone.

        Where the card says what is to be stored nowhere, `again` is stored: a drawing that makes it once more.
        """
        self._answer("reply", card, self.member.locale, again)

    def _answer(self, how: str, card: Card, locale: str | None, again: Call | None = None) -> None:
        self.outgoing.answers.append(
            Answer(how, self._responder, self.space, card, again, locale=locale, member=self.member)
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
        self.outgoing.answers.append(
            Answer(how, self._responder, self.space, draw=draw, after=after, locale=locale, member=self.member)
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
        posted = await self._tools.postings.by_message(self.message.key) if self.message else ()
        self.outgoing.namings |= {(row.id, member) for row in posted for member in who_is_named(card)}
        shared = self.message and not any(row.channel == row.spot for row in posted)
        self._answer("update", card, None if shared else self.member.locale, again)

    async def upload(self, upload_id: int) -> Upload | None:
        """Return a file that the person handed over."""
        return await self._tools.uploads.get(upload_id, self.member.id)

    async def page(self, *, settings: bool = False) -> Card:
        """Return the person's own page, from all cogs; with `settings` how they are treated, where that is folded."""
        return await personal_page(self, self._tools.cogs, settings=settings)

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
        typed = ",".join(field.name for field in shown if not field.is_kept)
        return Call(AGAIN, (str(draft_id), names)), Call(REST, (str(draft_id), typed)) if shown else then

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
        fields = [with_moment(field, self.now, self.zone, self.translations, self.member.locale) for field in asked]
        some = most_needed(fields, shown)
        is_part = len(some) < len(fields) or any(field.is_kept for field in fields)
        again, then = await self._kept(then, values, some if is_part else ())
        trouble = clip(self._say(problem), DIALOG_PROBLEM)
        return Dialog(form.dialog_title, then, some, form.dialog_button, trouble, again).localized(self.translations)

    def _say(self, words: Words) -> str:
        return text(words).localized(self.translations).plain()


_NOT_IN_YET = say("You can do that once you're let in. “/me” shows what is missing.")
_MEMBERS = say("Only members of this community can do that. “/help” shows what guests can do.")
_ONLY = {
    Role.NEWCOMER: _MEMBERS,
    Role.MEMBER: _MEMBERS,
    Role.AGENT: say("Only support agents can do that here."),
    Role.MODERATOR: say("Only moderators can do that here."),
    Role.ADMIN: say("Only admins can do that here."),
}


def only(role: Role) -> Text:
    """Say who may do something that takes this role."""
    return _ONLY[role]


class OnMessage(Context):
    """A person picked a message, which is `target`."""

    target: Message


class OnPerson(Context):
    """A person picked another one, or themselves, of whom the platform says `profile`."""

    profile: Profile

    async def person(self) -> Member:
        """Return who was picked. Raises `UserError` where that is no member of this community."""
        member = None if self.profile.bot else await self.meet(self.profile)
        if member is None:
            raise UserError(say("That's no member of this community."))
        return member


class Submission(Context, Generic[F]):
    """A person answered a form."""

    form: F
