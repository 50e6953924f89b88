"""Leaving: what becomes of someone's seats, and of what they host, when they go, are forgotten, or were two people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberJoined, MemberLeft
from adapters.contract.models import Space
from adapters.contract.text import Strong, Time, say
from adapters.contract.ui import Button, Card, Tone
from bot.delivery.addressing import named
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context
from bot.kernel.domain_events import MemberErased, MembersLinked
from bot.kernel.errors import require
from bot.kernel.work import Work
from storage.events import Event, EventState
from storage.members import Member
from storage.signups import Choice

from . import calls
from .policy import decided_by, is_over
from .service import Events


class Leave(Cog):
    """Hears of members who go."""

    name = "leave"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """Somebody is gone, perhaps from one of two platforms only: then they may still come."""
        member = await ctx.members.get(ctx.member.id)
        if member and member.left_at is None:
            return
        for event, _choice in await self.events.turnout.coming(ctx.member.id, ctx.now):
            await self.events.signups.sign_up(event.id, ctx.member.id, Choice.NO, ctx.now)
            await self.events.look_later(ctx, event.id)
        for event_id in await self.events.store.cohosted(ctx.member.id):
            await self.events.look_later(ctx, event_id)
        for event in await self.events.store.hosted(ctx.member.id):
            if event.state is EventState.PLANNED and not is_over(event, ctx.now):
                heirs = [one for one in await self.events.cohosts(event) if not one.left_at]
                if not (heirs and await self._hand_over(ctx, event, ctx.member, heirs)):
                    await self._look_for_a_host(ctx, event)

    @listener(MemberJoined, role=Role.GUEST)
    async def come_back(self, ctx: Context, _: MemberJoined) -> None:
        """Somebody is here again, and hosts on."""
        for event in await self.events.store.hosted(ctx.member.id):
            if event.state is EventState.PLANNED and not is_over(event, ctx.now):
                await self.events.look_later(ctx, event.id)

    async def _hand_over(self, work: Work, event: Event, host: Member, heirs: Sequence[Member]) -> bool:
        """Have the first of those who host it too host an event; say whether it still could be."""
        first, *others = heirs
        taken = await self.events.store.take_over(event.id, host.id, first.id, work.now)
        if taken is None:
            return False
        await self.events.put_cohosts(taken, others)
        if event.series_id:
            await self.events.series.take_over(event.series_id, first.id)
        await self.events.look_later(work, event.id)
        place = self.events.channels.nearest(Space.of(event.space))
        key = f"event/{event.id}/handed-over/{host.id}"
        await work.notify([first], handed_over_card(taken, host), key=key, near=[place] if place else [])
        return True

    async def _look_for_a_host(self, work: Work, event: Event) -> None:
        """Have moderators asked who takes it over; nobody is reminded of it meanwhile, and it is off if nobody does."""
        await work.schedule(calls.without_host(event.id), decided_by(event, work.now), key=f"without-host/{event.id}")
        await self.events.look_later(work, event.id)

    @action(role=Role.MODERATOR)
    async def take_over(self, ctx: Context, event_id: int) -> None:
        """A moderator hosts an event whose host has left."""
        event = await self.events.get(ctx, event_id)
        host = await ctx.members.get(event.host_id or 0)
        require(host is None or host.left_at, say("It has a host again. Thank you all the same!"))
        taken = await self.events.store.take_over(event_id, event.host_id or 0, ctx.member.id, ctx.now)
        require(taken, say("It's cancelled or over, so there's nothing to take over."))
        if event.series_id:
            await self.events.series.take_over(event.series_id, ctx.member.id)
        await ctx.unschedule(f"without-host/{event_id}")
        self.events.touch(ctx, event_id)
        await ctx.reply(taken_over_card(event))

    @action
    async def without_host(self, work: Work, event_id: int) -> None:
        """Nobody took it over in time: it is called off, and everyone who signed up is told."""
        event = await self.events.store.get(event_id)
        host = await work.members.get(event.host_id or 0) if event else None
        if event and (host is None or host.left_at) and await self.events.store.cancel(event_id, work.now):
            if event.series_id:
                await self.events.series.end(event.series_id, work.now)
            self.events.touch(work, event_id)

    @listener(MembersLinked)
    async def link(self, work: Work, event: MembersLinked) -> None:
        """Two turned out to be one: they are named once, and a seat that they had twice goes to the waitlist."""
        for one, _choice in await self.events.turnout.coming(event.kept_id, work.now):
            await self.events.look_later(work, one.id)

    @listener(MemberErased)
    async def forget(self, work: Work, _: MemberErased) -> None:
        """Somebody was forgotten: their name goes off the cards, their seats to the waitlist, their events are off."""
        for event in await self.events.store.take_stale(work.community.id):
            if event.host_id is None:
                await self.events.store.cancel(event.id, work.now)
                await work.unname_threads(self.events.lifecycle.kind, event.id)
                if event.series_id:
                    await self.events.series.end(event.series_id, work.now)
            await self.events.look_later(work, event.id)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def handed_over_card(event: Event, host: Member) -> Card:
    """Tell who hosted an event with others that it is theirs now."""
    parts = {"host": named(host), "title": Strong(event.title), "when": Time(event.starts_at)}
    words = say(
        "{host} has left, so {title}, {when}, is yours to host now. If you can't, cancel it or ask a moderator.",
        **parts,
    )
    return Card(body=words, buttons=(Button("Host tools", calls.tools(event.id)),))


def taken_over_card(event: Event) -> Card:
    return Card(body=say("You host {title} now. Thank you!", title=Strong(event.title)), tone=Tone.DONE)
