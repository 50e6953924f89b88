"""Introductions: people say who they are, and others say hello."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from adapters.contract.adapter import AdapterError
from adapters.contract.models import Channel, MessageRef
from adapters.contract.text import Words
from adapters.contract.ui import Card
from bot.delivery.chat import each
from bot.kernel.cog import Cog, action, command, listener
from bot.kernel.context import Context, Submission, Work
from bot.kernel.domain_events import Introduced, MemberErased, NewcomerWelcomed
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.notices import tell
from storage.members import Member
from storage.newcomers import Introduction

from . import cards
from .desk import Desk
from .doorkeeper import Doorkeeper
from .rules import Kind
from .watch import HORIZON

GATHERED = timedelta(minutes=15)
"""How long hellos are gathered before the newcomer hears of them."""

log = logging.getLogger(__name__)


class IntroductionForm(Form, title="Introduce yourself", submit="Introduce me"):
    """Who someone is, in their own words."""

    about: str = ask("Who are you?", hint="A sentence or two are enough.", longest=1500, lines=4)
    hopes: str = ask("What are you here for?", longest=240, lines=2, required=False)
    topics: str = ask("What may people ask you about?", longest=240, required=False)


class Introductions(Cog):
    """Nobody stays a stranger."""

    name = "introductions"
    lasting = ("introduction/",)
    room = "Newcomers"

    def __init__(self, desk: Desk, doorkeeper: Doorkeeper) -> None:
        self.desk = desk
        self.doorkeeper = doorkeeper

    @command("introduce", "Say who you are: your introduction is posted, and people can say hello")
    async def introduce(self, ctx: Submission[IntroductionForm]) -> None:
        if barrier := await self.doorkeeper.barrier(ctx):
            await ctx.reply(barrier)
            return
        first, link = await self._introduce(ctx)
        await ctx.reply(cards.introduced_card(link, first=first))

    @action
    async def begin(self, ctx: Context) -> None:
        """Ask someone on their journey who they are."""
        known = await self.desk.newcomers.introduction(ctx.member.id)
        values = {"about": known.about, "hopes": known.hopes, "topics": known.ask_me} if known else {}
        await ctx.open(IntroductionForm, Introductions.introduced.call(), self, **values)

    @action
    async def introduced(self, ctx: Submission[IntroductionForm]) -> None:
        """Someone on their journey said who they are."""
        if barrier := await self.doorkeeper.barrier(ctx):
            await ctx.update(barrier)
            return
        first, link = await self._introduce(ctx)
        note = cards.introduced_card(link, first=first).body
        await ctx.update(cards.with_note(note, await self.desk.next_card(ctx, ctx.member)))

    async def _introduce(self, ctx: Submission[IntroductionForm]) -> tuple[bool, str | None]:
        """Keep an introduction and show it; return whether it is the first, and where it stands."""
        places = await self.desk.places(ctx, self.desk.introductions_channels)
        require(places, cards.no_introductions_words())
        form, member = ctx.form, ctx.member
        async with ctx.atomic():
            first = await self.desk.newcomers.introduce(
                ctx.community.id, member.id, form.about, form.hopes, form.topics, ctx.now
            )
            new = Kind.INTRODUCE not in (await self.desk.journeys.steps(member.id)).done
            await self.desk.do(ctx, member, Kind.INTRODUCE)
            await self.desk.contributed(ctx, member, "introduction")
            if first and new:
                await ctx.publish(Introduced(member.id))
            await self._redraw(ctx, member.id)
        try:
            await self.draw(ctx, member.id)
        except (AdapterError, OSError) as trouble:
            # It is written down, and its job draws it as soon as that works again.
            log.warning("the introduction of member %s will be posted later: %r", member.id, trouble)
        shown = await cards_of(ctx, await self.desk.newcomers.introduction(member.id))
        here = next((ref for ref in shown if ref.channel.space == ctx.space), next(iter(shown), None))
        return first, await ctx.chat.link(here) if here else None

    async def _redraw(self, work: Work, member_id: int) -> None:
        await work.schedule(Introductions.draw.call(member_id), work.now, key=f"introduction/{member_id}")

    @action
    async def draw(self, work: Work, member_id: int) -> None:
        """Make an introduction say everywhere what the store says."""
        member = await self.desk.member(work, member_id)
        introduction = await self.desk.newcomers.introduction(member_id)
        if introduction is None:
            for message in (await work.chat.said(f"introduction/{member_id}/")).values():
                await work.chat.edit(message, cards.taken_back_card())
            return
        card = await self._card(work, member, introduction)
        shown = {message.channel.space: message for message in await cards_of(work, introduction)}
        await each(
            work.chat.edit(shown[place.space], card)
            if place.space in shown
            else work.chat.post(place, card, key=f"{key_of(introduction)}{place.space.key}")
            for place in await self.desk.places(work, self.desk.introductions_channels)
        )

    async def _card(self, work: Work, member: Member, introduction: Introduction) -> Card:
        greeters = await self._greeters(work, member.id)
        interests = await self.desk.newcomers.interests_of(member.id)
        hello = Introductions.hello.call(member.id)
        return cards.introduction_card(member, introduction, interests, greeters, hello)

    async def _greeters(self, work: Work, newcomer_id: int, *, untold: bool = False) -> list[Member]:
        hellos = await self.desk.newcomers.hellos(newcomer_id)
        wanted = [hello.by_id for hello in hellos if not (untold and hello.told_at)]
        people = await work.members.get_many(wanted)
        return [people[id_] for id_ in wanted if id_ in people]

    @action
    async def hello(self, ctx: Context, newcomer_id: int) -> None:
        """Someone says hello."""
        newcomer = await self.desk.member(ctx, newcomer_id)
        introduction = await self.desk.newcomers.introduction(newcomer_id)
        if introduction is None:
            raise UserError(cards.gone_words())
        require(newcomer_id != ctx.member.id, cards.your_own_words())
        async with ctx.atomic():
            new = await self.desk.newcomers.greet(ctx.community.id, newcomer_id, ctx.member.id, ctx.now)
            if new:
                if ctx.now - introduction.at <= HORIZON:
                    await ctx.publish(NewcomerWelcomed(newcomer_id, ctx.member.id))
                await self._redraw(ctx, newcomer_id)
                untold = [hello for hello in await self.desk.newcomers.hellos(newcomer_id) if hello.told_at is None]
                at = min(hello.at for hello in untold) + GATHERED
                await ctx.schedule(Introductions.pass_on.call(newcomer_id), at, key=f"hellos/{newcomer_id}")
        require(new, cards.said_already_words())
        await ctx.update(await self._card(ctx, newcomer, introduction))

    @action
    async def pass_on(self, work: Work, newcomer_id: int) -> None:
        """Tell a newcomer who said hello; in the thread of their introduction unless they take direct messages."""
        newcomer = await self.desk.member(work, newcomer_id)
        greeters = await self._greeters(work, newcomer_id, untold=True)
        shown = await cards_of(work, await self.desk.newcomers.introduction(newcomer_id))
        if not greeters or not shown:
            return
        places: list[Channel] = []
        if not newcomer.direct_ok:
            places = [await work.chat.open_thread(message, newcomer.name) for message in shown]
        card = cards.hello_card(greeters, await work.chat.link(shown[0]))
        await tell(work, [newcomer], card, key=f"hello/{greeters[0].id}", places=places)
        await self.desk.newcomers.told(newcomer_id, [greeter.id for greeter in greeters], work.now)

    @listener(MemberErased)
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: so is what they said of themselves, and their name under what others said."""
        for member_id in (event.member_id, *await self.desk.newcomers.greeted_by(event.member_id)):
            await self._redraw(work, member_id)

    async def room_words(self, ctx: Context) -> Words:
        return cards.room_words(self.desk.introductions_channels.links(ctx.space))

    async def export(self, member: Member) -> dict[str, Any]:
        greeted = {*await self.desk.newcomers.greeted_by(member.id)} - {member.id}
        hellos = {"hellos_said": len(greeted)}
        said = await self.desk.newcomers.introduction(member.id)
        if said is None:
            return hellos
        return hellos | {
            "about": said.about,
            "here_for": said.hopes,
            "ask_me_about": said.ask_me,
            "at": said.at,
            "hellos": len(await self.desk.newcomers.hellos(member.id)),
        }

    async def erase(self, member: Member) -> None:
        """Introductions are forgotten with all that newcomers say of themselves."""


def key_of(introduction: Introduction) -> str:
    """Return the beginning of the keys of an introduction's cards."""
    return f"introduction/{introduction.member_id}/{int(introduction.at.timestamp())}/"


async def cards_of(work: Work, introduction: Introduction | None) -> list[MessageRef]:
    """Return the cards on which an introduction stands."""
    return [*(await work.chat.said(key_of(introduction))).values()] if introduction else []
