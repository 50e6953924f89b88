"""What the cogs of this room share: the stores, the channels, and the few things that all of them do.

Whoever changes an event only writes that down and calls `touch` in the same transaction. The event's one job (`keeper`)
does the rest: it makes every card say what the store says, and tells everyone what they have to know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.models import Channel, MessageRef
from adapters.contract.text import say
from adapters.contract.ui import Card, Option
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context, Suggesting, Work
from bot.kernel.errors import UserError, require
from bot.kernel.forms import numbered
from bot.kernel.policies import Policies
from storage.events import Event, EventState, EventStore
from storage.members import MemberStore
from storage.reminders import ReminderStore
from storage.series import SeriesStore
from storage.signups import SignupStore

from . import cards
from .rules import Policy

ToCall = Callable[[int], Call]
SUGGESTED = 100
"""How many events may be meant by a number that someone begins to type."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What the buttons on an event's cards do, given by the cogs that do it. Each takes the event's id.

    `tend` looks after one event, `extend` after a series; both are for the clock.
    """

    tend: ToCall
    extend: ToCall
    going: ToCall
    maybe: ToCall
    no: ToCall
    here: ToCall
    calendar: ToCall
    tools: ToCall
    show: ToCall
    door: ToCall
    rate: Callable[[int, int], Call]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the cogs meet. `web_url` is where Trellis can be reached from outside, "" if nowhere."""

    events: EventStore
    series: SeriesStore
    signups: SignupStore
    reminders: ReminderStore
    members: MemberStore
    channels: ChannelGroup
    policies: Policies[Policy]
    web_url: str
    controls: Controls

    async def get(self, work: Work, event_id: int) -> Event:
        """Return an event of this community. Raises `UserError` where there is none."""
        event = await self.events.get(event_id)
        if event is None or event.community_id != work.community.id or event.state is EventState.DRAFT:
            raise UserError(say("That event is gone."))
        return event

    async def by_number(self, work: Work, number: int) -> Event:
        """Return the event that members call by this number. Raises `UserError` where there is none."""
        event = await self.events.by_number(work.community.id, number)
        if event is None:
            raise UserError(say("There is no event #{number}. “/event list” shows what is planned.", number=number))
        return event

    async def suggested(self, asked: Suggesting) -> list[Option]:
        """Return the events that someone may mean who types a number, the next one first."""
        upcoming = await self.events.upcoming(asked.community.id, asked.now, SUGGESTED)
        return [numbered(event.number, event.title) for event in upcoming]

    def require_host(self, ctx: Context, event: Event) -> None:
        """Raise `UserError` unless the person hosts the event or is a moderator."""
        host = event.host_id == ctx.member.id or ctx.role >= Role.MODERATOR
        require(host, say("That is for the host and for moderators."))

    async def view(self, work: Work, event: Event) -> cards.View:
        """Return an event with the people that its cards name."""
        signups = await self.signups.of(event.id)
        people = await self.members.get_many({event.host_id or 0, *(signup.member_id for signup in signups)})
        return cards.View(event, work.now, signups, people)

    async def link(self, work: Work, event: Event) -> str | None:
        """Return the web address of an event's card."""
        shown = [place.card for place in (await self.events.places(event.id)).values() if place.card]
        return await work.chat.link(MessageRef.of(shown[0])) if shown else None

    def event_card(self, view: cards.View) -> Card:
        """Return the card that stands in the events channel."""
        id_, controls = view.event.id, self.controls
        return cards.event_card(
            view,
            going=controls.going(id_),
            maybe=controls.maybe(id_),
            no=controls.no(id_),
            here=controls.here(id_),
            calendar=controls.calendar(id_),
            tools=controls.tools(id_),
        )

    async def touch(self, work: Work, event: Event) -> None:
        """Have an event looked after now, because it changed."""
        await work.schedule(self.controls.tend(event.id), work.now, key=key_of(event))

    async def places(self, work: Work, event: Event) -> list[Channel]:
        """Return where people are told about an event: in each space its thread, else the channel."""
        threads = {place.space: place.thread for place in (await self.events.places(event.id)).values()}
        found: list[Channel | None] = []
        for space in await work.spaces():
            thread = threads.get(space.key)
            found += [Channel.of(thread) if thread else None, self.channels.nearest(space)]
        return [place for place in found if place]


def key_of(event: Event) -> str:
    """Return the key of an event's one job, and the beginning of the keys of all its messages."""
    return f"event/{event.id}"
