"""What the cogs of this room share: the stores, the channels, and the few things that all of them do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.contract.commands import Role
from adapters.contract.text import say
from adapters.contract.ui import Option
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context
from bot.kernel.errors import UserError, require
from bot.kernel.forms import numbered
from bot.kernel.lifecycle import look_again
from bot.kernel.policies import Policies
from bot.kernel.work import Suggesting, Work
from storage.events import Event, EventState, EventStore
from storage.members import Member, MemberStore
from storage.postings import PostingStore
from storage.reminders import ReminderStore
from storage.series import SeriesStore
from storage.signups import SignupStore
from storage.turnout import TurnoutStore

from .cards import View
from .guests import GuestsLifecycle
from .lifecycle import EventLifecycle
from .policy import Policy, is_over
from .series import SeriesLifecycle

SUGGESTED = 100
"""How many events may be meant by a number that someone begins to type."""


@dataclass(frozen=True, slots=True)
class Events:
    """The room's events. `web_url` is where Trellis can be reached from outside, "" if nowhere."""

    store: EventStore
    series: SeriesStore
    signups: SignupStore
    turnout: TurnoutStore
    reminders: ReminderStore
    members: MemberStore
    postings: PostingStore
    channels: ChannelGroup
    policies: Policies[Policy]
    lifecycle: EventLifecycle
    guests: GuestsLifecycle
    repeats: SeriesLifecycle
    web_url: str

    async def get(self, work: Work, event_id: int) -> Event:
        """Return an event of this community. Raises `UserError` where there is none."""
        event = await self.store.get(event_id)
        if event is None or event.community_id != work.community.id or event.state is EventState.DRAFT:
            raise UserError(say("That event is gone."))
        return event

    async def by_number(self, work: Work, number: int) -> Event:
        """Return the event that members call by this number. Raises `UserError` where there is none."""
        event = await self.store.by_number(work.community.id, number)
        if event is None:
            raise UserError(say("There's no event #{number}. “/event list” shows what is planned.", number=number))
        return event

    async def suggested(self, asked: Suggesting) -> list[Option]:
        """Return the events that someone may mean who types a number, the next one first."""
        upcoming = await self.store.upcoming(asked.community.id, asked.now, SUGGESTED)
        return [numbered(event.number, event.title) for event in upcoming]

    async def hosted(self, ctx: Context, event_id: int) -> Event:
        """Return an event of the person's own, or any to a moderator. Raises `UserError` where it is not."""
        event = await self.get(ctx, event_id)
        await self.require_host(ctx, event)
        return event

    async def is_host(self, ctx: Context, event: Event) -> bool:
        """Whether the person hosts the event, alone or together with others."""
        return event.host_id == ctx.member.id or ctx.member.id in await self.store.cohosts(event.id)

    async def require_host(self, ctx: Context, event: Event) -> None:
        """Raise `UserError` unless the person hosts the event or is a moderator."""
        host = ctx.role >= Role.MODERATOR or await self.is_host(ctx, event)
        require(host, say("That's for the host and for moderators."))

    async def cohosts(self, event: Event) -> list[Member]:
        """Return who hosts an event together with its host."""
        ids = await self.store.cohosts(event.id)
        people = await self.members.get_many(ids)
        return [people[id_] for id_ in ids if id_ in people]

    async def put_cohosts(self, event: Event, hosts: Sequence[Member]) -> bool:
        """Have these host an event too; say whether that is anything new."""
        return await self.store.put_cohosts(event.id, [one.id for one in hosts if one.id != event.host_id])

    async def require_changeable(self, ctx: Context, event: Event) -> None:
        """Raise `UserError` unless the person may change the event, and there is still something to change."""
        await self.require_host(ctx, event)
        require(event.state is EventState.PLANNED, say("It's cancelled. “/event create” plans a new one."))
        require(not is_over(event, ctx.now), say("It's over, so there's nothing to change any more."))

    async def view(self, work: Work, event: Event) -> View:
        """Return an event with the people that its cards name."""
        return await self.lifecycle.view(event, work.now)

    def touch(self, work: Work, event_id: int) -> None:
        """Have all of an event looked at when the unit ends, because it changed for everyone."""
        self.lifecycle.touch(work, event_id)
        self.guests.touch(work, event_id)

    async def look_later(self, work: Work, event_id: int) -> None:
        """Have all of an event looked at by jobs of its own: one of many that change together."""
        for kind in (self.lifecycle.kind, self.guests.kind):
            await work.schedule(look_again(kind, event_id), work.now, key=f"{kind}/{event_id}")
