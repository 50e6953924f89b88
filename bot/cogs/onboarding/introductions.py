"""Introductions: people say who they are, and others say hello."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract.text import Words, label
from adapters.contract.ui import Card
from bot.kernel.cog import Cog, action, command, drawing, listener, shortcut
from bot.kernel.context import Context, OnPerson, Submission
from bot.kernel.domain_events import Introduced, MemberErased, MembersLinked, NewcomerWelcomed
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.work import Reading, Work
from storage.members import Member

from . import calls, cards
from .lifecycle import CARD, NEWCOMER
from .policy import Kind
from .service import Newcomers
from .watch import HORIZON

EMPTIES = label("“-” leaves it empty")
NOTHING = {"-", "–", "—"}
"""What people type who want nothing to stand there."""


class IntroductionForm(Form, title="Introduce yourself", submit="Introduce me"):
    """Who someone is, in their own words."""

    about: str = ask("Who are you?", hint="A sentence or two are enough.", longest=1500, lines=4)
    hopes: str = ask("What are you here for?", hint=EMPTIES, longest=240, lines=2, required=False)
    topics: str = ask("What may people ask you about?", hint=EMPTIES, longest=240, required=False)


class Introductions(Cog):
    """Nobody stays a stranger."""

    name = "introductions"
    room = "Newcomers"

    def __init__(self, newcomers: Newcomers) -> None:
        self.newcomers = newcomers

    @command("introduce", "Say who you are: your introduction is posted, and people can say hello")
    async def introduce(self, ctx: Submission[IntroductionForm]) -> None:
        first = await self._introduce(ctx, kept=True)
        await ctx.reply_once(calls.posted(first), after=(NEWCOMER, ctx.member.id))

    @shortcut("Introduce")
    async def introduce_person(self, ctx: OnPerson) -> None:
        """Ask who somebody is, or say it of oneself."""
        person = await ctx.person()
        if person.id == ctx.member.id:
            await self.begin(ctx)
            return
        said = await self.newcomers.store.introduction(person.id)
        if said is None:
            raise UserError(cards.not_introduced_words(person))
        links = await ctx.links(NEWCOMER, [person.id], CARD)
        await ctx.reply(cards.asked_card(person, said, links.get(person.id)))

    @action
    async def begin(self, ctx: Context) -> None:
        """Ask a newcomer on their way who they are."""
        known = await self.newcomers.store.introduction(ctx.member.id)
        values = {"about": known.about, "hopes": known.hopes, "topics": known.ask_me} if known else {}
        await ctx.open(IntroductionForm, Introductions.introduced.call(), self, **values)

    @action
    async def change(self, ctx: Context) -> None:
        """Someone wants to say it differently, or less."""
        known = await self.newcomers.store.introduction(ctx.member.id)
        if known is None:
            raise UserError(cards.gone_words())
        values = {"about": known.about, "hopes": known.hopes, "topics": known.ask_me}
        await ctx.open(IntroductionForm, calls.change_introduction(), self, **values)

    @action
    async def changed(self, ctx: Submission[IntroductionForm]) -> None:
        """What was left empty in the form is empty then."""
        first = await self._introduce(ctx, kept=False)
        await ctx.reply_once(calls.posted(first), after=(NEWCOMER, ctx.member.id))

    @action
    async def introduced(self, ctx: Submission[IntroductionForm]) -> None:
        """A newcomer on their way said who they are."""
        first = await self._introduce(ctx, kept=False)
        await ctx.update_once(calls.went_on(first), after=(NEWCOMER, ctx.member.id))

    async def _introduce(self, ctx: Submission[IntroductionForm], *, kept: bool) -> bool:
        """Keep an introduction and have it shown; say whether it is the first. What a line leaves out may be `kept`."""
        require(await self.newcomers.places(ctx, self.newcomers.introductions), cards.no_introductions_words())
        form, member = ctx.form, ctx.member
        await self.newcomers.lifecycle.lock(ctx, member.id)
        hopes, topics = form.hopes, form.topics
        if kept and (said := await self.newcomers.store.introduction(member.id)):
            hopes, topics = hopes or said.hopes, topics or said.ask_me
        hopes, topics = ("" if words.strip() in NOTHING else words for words in (hopes, topics))
        first = await self.newcomers.store.introduce(ctx.community.id, member.id, form.about, hopes, topics, ctx.now)
        new = Kind.INTRODUCE not in (await self.newcomers.progress.steps(member.id)).done
        await self.newcomers.do(ctx, member, Kind.INTRODUCE)
        await self.newcomers.contributed(ctx, member, "introduction")
        if first and new:
            await ctx.publish(Introduced(member.id))
        self.newcomers.lifecycle.touch(ctx, member.id)
        return first

    @drawing
    async def posted(self, reading: Reading, first: int) -> Card:
        """Thank someone once their introduction is there, or will be."""
        return await self._thanks(reading, first)

    @drawing
    async def went_on(self, reading: Reading, first: int) -> Card:
        """The same for a newcomer on their way, with what comes next."""
        assert reading.member is not None
        thanks = await self._thanks(reading, first)
        return cards.with_note(thanks.body, await self.newcomers.next_card(reading, reading.member))

    async def _thanks(self, reading: Reading, first: int) -> Card:
        assert reading.member is not None
        links = await reading.links(NEWCOMER, [reading.member.id], CARD)
        return cards.introduced_card(links.get(reading.member.id), first=bool(first))

    @action
    async def hello(self, ctx: Context, newcomer_id: int) -> None:
        """Someone says hello."""
        await self.newcomers.member(ctx, newcomer_id)
        introduction = await self.newcomers.store.introduction(newcomer_id)
        if introduction is None:
            raise UserError(cards.gone_words())
        require(newcomer_id != ctx.member.id, cards.your_own_words())
        new = await self.newcomers.store.greet(ctx.community.id, newcomer_id, ctx.member.id, ctx.now)
        require(new, cards.said_already_words())
        if ctx.now - introduction.at <= HORIZON:
            await ctx.publish(NewcomerWelcomed(newcomer_id, ctx.member.id))
        await self.newcomers.lifecycle.redraw(ctx, newcomer_id)

    @listener(MemberErased)
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: so is what they said of themselves, and their name under what others said."""
        await work.unname_threads(NEWCOMER, event.member_id)
        for member_id in (event.member_id, *await self.newcomers.store.greeted_by(event.member_id)):
            self.newcomers.lifecycle.touch(work, member_id)

    @listener(MembersLinked)
    async def link(self, work: Work, event: MembersLinked) -> None:
        """Two turned out to be one: of two introductions one is left, and their buddies are whom either had."""
        await self.newcomers.postings.move(NEWCOMER, event.given_up_id, event.kept_id)
        for member_id in (event.kept_id, event.given_up_id):
            self.newcomers.lifecycle.touch(work, member_id)

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.newcomers.lifecycle]

    async def room_words(self, ctx: Context) -> Words:
        return cards.room_words(self.newcomers.introductions.links(ctx.space))

    async def export(self, member: Member) -> dict[str, Any]:
        greeted = {*await self.newcomers.store.greeted_by(member.id)} - {member.id}
        hellos = {"hellos_said": len(greeted)}
        said = await self.newcomers.store.introduction(member.id)
        if said is None:
            return hellos
        return hellos | {
            "about": said.about,
            "here_for": said.hopes,
            "ask_me_about": said.ask_me,
            "at": said.at,
            "hellos": len(await self.newcomers.store.hellos(member.id)),
        }

    async def erase(self, member: Member) -> None:
        """Introductions are forgotten with all that newcomers say of themselves."""
