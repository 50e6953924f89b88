"""How an event goes on: its card and thread in every space, its entry in calendars, and the seats that become free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from adapters.contract.models import CalendarEntry, Channel, Space
from adapters.contract.ui import Card
from bot.delivery.gate import takes_direct
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Beside, Direct, Due, Entry, Lifecycle, Posting, Shown, Standing
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from bot.text.hours import zone_of
from storage.events import Event, EventState, EventStore
from storage.members import Member, MemberStore
from storage.postings import LATE
from storage.signups import WAITLIST, Choice, Signup, SignupStore
from storage.turnout import Tally, TurnoutStore

from . import calls
from .cards import NAMES, View, event_card, host_left_card, hosted_again_card, unseen_card
from .notifications import GUESTS, offer_key
from .policy import (
    CHECK_IN_AFTER,
    CHECK_IN_BEFORE,
    Policy,
    answer_by,
    closes_at,
    is_last_call,
    is_open,
    is_over,
    last_call_at,
)

EVENT = "event"
"""What events are called among tracked things."""
CARD, CALENDAR, HOSTLESS, UNSEEN = "card", "calendar", "hostless", "unseen"
CARD_FIRST = timedelta(minutes=5)
"""For so long a calendar entry waits for the card that it names; one that cannot be posted now may take days."""
OFFERED_AT_ONCE = 1000
"""How many free seats are offered in one step."""


class Step(Enum):
    """What is done for an event when it is due."""

    LAPSE = "take unanswered offers back"
    RECALL = "put in line again who was offered a seat for too long"
    OFFER = "offer free seats"
    SETTLE = "count who came"


@dataclass(frozen=True, slots=True)
class EventSnapshot:
    """An event as it is now, and in which channel of each space it belongs."""

    now: datetime
    view: View
    channels: tuple[tuple[Space, Channel | None], ...]
    standing: Standing
    moderators: Channel | None = None
    """Where it is asked who hosts what lost its host."""


class EventLifecycle(Lifecycle[EventSnapshot]):
    """What stands of an event for all to see. It does not grow with how many signed up."""

    kind = EVENT
    along = (GUESTS,)

    def __init__(
        self,
        events: EventStore,
        signups: SignupStore,
        turnout: TurnoutStore,
        members: MemberStore,
        channels: ChannelGroup,
        moderators: ChannelGroup,
        policies: Policies[Policy],
    ) -> None:
        super().__init__()
        self._events = events
        self._signups = signups
        self._turnout = turnout
        self._members = members
        self._channels = channels
        self._moderators = moderators
        self._policies = policies

    async def view(self, event: Event, now: datetime) -> View:
        """Return an event with the people that its cards name."""
        tally = await self._turnout.tally(event.id)
        first = await self._turnout.first(event.id, NAMES) if tally.said else []
        came = await self._turnout.came(event.id, NAMES) if tally.came else []
        cohosts = await self._events.cohosts(event.id)
        named = {event.host_id or 0, *cohosts, *(signup.member_id for signup in (*first, *came))}
        people = await self._members.get_many(named)

        def who(signups: Sequence[Signup], *choices: Choice) -> tuple[Member, ...]:
            return tuple(people[one.member_id] for one in signups if one.choice in choices and one.member_id in people)

        return View(
            event,
            now,
            people.get(event.host_id or 0),
            tally,
            who(first, Choice.GOING),
            who(first, Choice.MAYBE),
            who(first, *WAITLIST),
            who(came, *Choice),
            tuple(people[id_] for id_ in cohosts if id_ in people),
        )

    async def read(self, work: Work, id_: int, standing: Standing) -> EventSnapshot | None:
        event = await self._events.get(id_)
        if event is None or event.state is EventState.DRAFT:
            return None
        spaces, view = await work.spaces(), await self.view(event, work.now)
        channels = tuple((space, self._channels.nearest(space)) for space in spaces)
        moderators = self._moderators.nearest(Space.of(event.space), spaces)
        return EventSnapshot(work.now, view, channels, standing, moderators)

    # What comes due

    def due(self, snapshot: EventSnapshot) -> Due | None:
        event, tally, now = snapshot.view.event, snapshot.view.tally, snapshot.now
        if step := _step(snapshot.view, now):
            return Due(now, step)
        coming = [at for at in _moments(event, tally) if at > now]
        if event.shows_at and any(_waits_for_card(snapshot, *place) for place in snapshot.channels):
            coming.append(event.shows_at + CARD_FIRST)
        return Due(min(coming)) if coming else None

    async def take(self, work: Work, snapshot: EventSnapshot, step: Step) -> None:
        event = snapshot.view.event
        match step:
            case Step.LAPSE:
                untold = await self._untold(work, event.id)
                first = [*untold, *reversed(await self._reachable(event.id, len(untold)))]
                await self._signups.lapse(event.id, work.now, first)
            case Step.RECALL:
                await self._signups.recall(event.id, closes_at(event))
            case Step.OFFER:
                await self._offer(work, snapshot.view)
            case Step.SETTLE:
                await self._events.settle(event.id, work.now)
                await work.schedule(calls.count_attendance(event.id, 0), work.now)
        work.touch(GUESTS, event.id)

    async def _untold(self, work: Work, event_id: int) -> list[int]:
        """Return who could not be told in time of the place that is kept for them, the last in line first."""
        late = [
            signup
            for signup in await self._signups.of(event_id)
            if signup.choice is Choice.OFFERED and signup.offered_until and signup.offered_until <= work.now
        ]
        people = await self._members.get_many([signup.member_id for signup in late])
        standing = await work.standing(GUESTS, event_id)
        found = [
            signup
            for signup in late
            if (rows := standing.told(offer_key(signup), people[signup.member_id]))
            and all(row.waits or row.why == LATE for row in rows)
        ]
        return [signup.member_id for signup in sorted(found, key=lambda signup: -signup.turn)]

    async def _reachable(self, event_id: int, number: int) -> list[int]:
        """Return so many of those who wait and can be told directly: no place stays empty for who cannot be told."""
        waiting = await self._turnout.next_waiting(event_id, OFFERED_AT_ONCE) if number else []
        people = await self._members.get_many(waiting)
        return [id_ for id_ in waiting if takes_direct(people[id_], expected=True)][:number]

    async def _offer(self, work: Work, view: View) -> None:
        """Offer free seats to the waitlist in its order."""
        event, free = view.event, view.seats_left
        number = OFFERED_AT_ONCE if free is None else min(free, OFFERED_AT_ONCE)
        waiting = await self._turnout.next_waiting(event.id, number)
        people = await self._members.get_many(waiting)
        policy, home = await self._policies.of(work.community.id), ZoneInfo(work.community.timezone)
        offers = [(id_, answer_by(event, policy, people[id_], zone_of(people[id_], home), work.now)) for id_ in waiting]
        await self._signups.offer(event.id, offers, work.now)

    # What is shown

    def is_open(self, snapshot: EventSnapshot) -> bool:
        return not is_over(snapshot.view.event, snapshot.now)

    def shown(self, snapshot: EventSnapshot) -> Iterator[Shown]:
        event, now, standing = snapshot.view.event, snapshot.now, snapshot.standing
        card, over = event_card(snapshot.view), is_over(event, now)
        appears = event.shows_at if event.shows_at and event.shows_at > now else None
        for space, channel in snapshot.channels:
            known = standing.row(CARD, space.key)
            if channel and (not over or (known and known.message)):  # what nobody saw needs no end
                yield Posting(CARD, channel, card, thread=event.title, at=appears, until=event.ends_at)
            elif standing.find(CARD, space):  # settings name no channel there any more
                yield Posting(CARD, Beside(CARD, space), card)
        yield from _asks_who_hosts(snapshot)
        yield from _tells_that_nobody_saw_it(snapshot)
        forgotten = event.host_id is None  # what they wrote is to stand in no calendar, also of what is over
        if event.state is EventState.PLANNED and event.shows_at and not appears and not forgotten:
            where = event.place or event.title
            for space, channel in snapshot.channels:
                if _waits_for_card(snapshot, space, channel):
                    continue
                link = standing.link(CARD, space) or ""
                entry = CalendarEntry(event.title, event.description, where, event.starts_at, event.ends_at, link)
                yield Entry(CALENDAR, space, entry, until=event.starts_at)

    def over(self, snapshot: EventSnapshot | None, key: str, people: tuple[int, ...]) -> Card | None:  # noqa: ARG002
        return hosted_again_card(snapshot.view) if snapshot and key.startswith(HOSTLESS) else None


def _asks_who_hosts(snapshot: EventSnapshot) -> Iterator[Shown]:
    """Ask moderators who takes over an event whose host has left."""
    event, host, where = snapshot.view.event, snapshot.view.host, snapshot.moderators
    is_ahead = event.state is EventState.PLANNED and not is_over(event, snapshot.now)
    if is_ahead and where and host and host.left_at:
        card = host_left_card(snapshot.view, host, host.left_at, snapshot.standing.link(CARD))
        key = f"{HOSTLESS}/{host.id}/{host.left_at.isoformat()}"
        yield Posting(key, where, card, until=event.ends_at)


def _tells_that_nobody_saw_it(snapshot: EventSnapshot) -> Iterator[Shown]:
    """Tell the host of what has begun and could not be posted before, as it was promised to be."""
    event, host, standing = snapshot.view.event, snapshot.view.host, snapshot.standing
    told = standing.row(UNSEEN, f"member/{host.id}") if host else None
    begun = event.state is EventState.PLANNED and event.starts_at <= snapshot.now
    if begun and host and not host.left_at and (told or standing.never_stood(CARD)):
        yield Posting(UNSEEN, Direct(host, wanted=True), unseen_card(event), once=True, at=event.starts_at)


def _waits_for_card(snapshot: EventSnapshot, space: Space, channel: Channel | None) -> bool:
    """Say whether a calendar entry is yet to be written because its card is yet to be posted: it is written once."""
    event, standing = snapshot.view.event, snapshot.standing
    if channel is None or event.state is not EventState.PLANNED or event.shows_at is None:
        return False
    card, waited = standing.row(CARD, space.key), snapshot.now - event.shows_at
    is_undecided = card is None or card.waits
    return is_undecided and standing.row(CALENDAR, space.key) is None and timedelta() <= waited < CARD_FIRST


def _step(view: View, now: datetime) -> Step | None:
    """Return what is to be done for an event now."""
    event, tally = view.event, view.tally
    if event.state is not EventState.PLANNED:
        return None
    if tally.first_until and tally.first_until <= now:
        return Step.LAPSE
    if is_open(event, now):
        if is_last_call(event, now):  # earlier than when seats were offered, if it was moved nearer
            return Step.RECALL if tally.last_until and tally.last_until > closes_at(event) else None
        return Step.OFFER if tally.of(Choice.WAITING) and view.seats_left != 0 else None
    over = not event.settled_at and now >= event.ends_at + CHECK_IN_AFTER
    return Step.SETTLE if over else None


def _moments(event: Event, tally: Tally) -> Iterator[datetime]:
    """Return every moment at which something about an event changes by itself."""
    if event.state is EventState.PLANNED:
        if event.shows_at:
            yield event.shows_at
        yield from (event.starts_at - CHECK_IN_BEFORE, event.starts_at)
        yield from (last_call_at(event), closes_at(event), event.ends_at)
        if event.settled_at is None:
            yield event.ends_at + CHECK_IN_AFTER
        if tally.first_until:
            yield tally.first_until
