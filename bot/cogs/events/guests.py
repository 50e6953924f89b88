"""What the guests of an event and its host are told, each once, and what those messages become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from adapters.contract.models import Account, Channel, Space
from adapters.contract.ui import Card
from bot.delivery.addressing import addressed
from bot.delivery.gate import near_to, takes_direct
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Due, Lifecycle, Shown, Standing, Telling, thread_of
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.events import Event, EventState, EventStore
from storage.members import Member, MemberStore
from storage.postings import IMPOSSIBLE, LATE, OPTED_OUT
from storage.reminders import ReminderStore
from storage.signups import Choice, Signup, SignupStore

from .lifecycle import CARD, EVENT
from .messages import in_order, message_of, missed_card, over_card
from .notifications import (
    EXPECTED,
    GUESTS,
    PROMISED,
    RECENT,
    UNTIL_SETTLED,
    Kind,
    Notification,
    due_notifications,
    moved_key,
    reminder_key,
    turning_points,
)
from .policy import Policy, closes_at, is_over

MISSED = "missed/"
"""How the keys begin under which the host is told what could not be said; the keys of that follow, with a + between."""


@dataclass(frozen=True, slots=True)
class GuestsSnapshot:
    """All that anyone is to be told about an event; `near` is where people may be named, `card` where its card is."""

    now: datetime
    event: Event
    signups: tuple[Signup, ...]
    people: Mapping[int, Member]
    notifications: tuple[Notification, ...]
    turning_points: tuple[datetime, ...]
    near: tuple[Channel, ...]
    card: Standing
    standing: Standing
    cohosts: tuple[Member, ...] = ()

    @property
    def hosts(self) -> tuple[Member, ...]:
        """Who is told what is for the host: also those who host it too."""
        return (*filter(None, [self.host]), *self.cohosts)

    @property
    def host(self) -> Member | None:
        return self.people.get(self.event.host_id or 0)

    @property
    def is_finished(self) -> bool:
        """Whether nobody needs to answer anything any more."""
        return self.event.state is EventState.CANCELLED or self.event.settled_at is not None


class GuestsLifecycle(Lifecycle[GuestsSnapshot]):
    """Looks at everyone who signed up: when somebody has to be told something, and not whenever one more signs up."""

    kind = GUESTS

    def __init__(
        self,
        events: EventStore,
        signups: SignupStore,
        reminders: ReminderStore,
        members: MemberStore,
        channels: ChannelGroup,
        policies: Policies[Policy],
    ) -> None:
        super().__init__()
        self._events = events
        self._signups = signups
        self._reminders = reminders
        self._members = members
        self._channels = channels
        self._policies = policies

    async def read(self, work: Work, id_: int, standing: Standing) -> GuestsSnapshot | None:
        event = await self._events.get(id_)
        if event is None or event.state is EventState.DRAFT:
            return None
        signups = await self._signups.of(id_)
        shared = await self._events.cohosts(id_)
        people = await self._members.get_many({event.host_id or 0, *shared, *(signup.member_id for signup in signups)})
        policy = await self._policies.of(work.community.id)
        cohosts = tuple(people[one] for one in shared if one in people and not people[one].left_at)
        chosen, messages = await self._reminders.chosen_for(id_), await self._reminders.written(id_)
        card = await work.standing(EVENT, id_)
        return GuestsSnapshot(
            work.now,
            event,
            tuple(signups),
            people,
            tuple(due_notifications(event, signups, people, chosen, messages, policy, cohosts)),
            tuple(turning_points(event, policy)),
            tuple(self._near(await work.spaces(), card)),
            card,
            standing,
            cohosts,
        )

    def _near(self, spaces: Sequence[Space], card: Standing) -> Iterator[Channel]:
        """Return where people are told about an event: in each space its thread, else the channel."""
        for space in spaces:
            threads = [thread_of(row) for row in card.all(CARD, space)]
            channel = self._channels.nearest(space)
            yield from dict.fromkeys([*threads, *([channel] if channel else [])])

    def due(self, snapshot: GuestsSnapshot) -> Due | None:
        moments = (*snapshot.turning_points, *(one.at for one in snapshot.notifications))
        coming = [at for at in moments if at > snapshot.now]
        return Due(min(coming)) if coming else None

    def is_open(self, snapshot: GuestsSnapshot) -> bool:
        return not snapshot.is_finished

    def shown(self, snapshot: GuestsSnapshot) -> Iterator[Shown]:
        groups: dict[str, list[Notification]] = {}
        for one in snapshot.notifications:
            if one.at <= snapshot.now and _is_shown(snapshot, one):
                groups.setdefault(one.key, []).append(one)
        for key, group in groups.items():
            card = partial(_card, snapshot, group[0])
            yield Telling(
                key,
                tuple(one.member for one in group),
                snapshot.near,
                partial(_directly, card),
                partial(_together, card),
                until=group[0].until,
                wait=group[0].wait,
                expected=group[0].kind in EXPECTED,
            )
        if host := snapshot.host:
            yield from _missed(snapshot, host, groups)

    def over(self, snapshot: GuestsSnapshot | None, key: str, people: tuple[int, ...]) -> Card | None:
        """Of the messages to one person only an offer is drawn again: there may be thousands of the others."""
        if snapshot is None or key.startswith(MISSED) or not _asks_nothing(snapshot, key):
            return None
        named = [snapshot.people[id_] for id_ in people if id_ in snapshot.people]
        told = [row for one in named for row in snapshot.standing.told(key, one)]
        if any(row.channel == row.spot for row in told) and not key.startswith(Kind.OFFER.value):
            return None
        came = sum(signup.checked_in_at is not None for signup in snapshot.signups)
        return over_card(snapshot.event, key, named, came, lapsed=_has_lapsed(snapshot, people))


def _has_lapsed(snapshot: GuestsSnapshot, people: tuple[int, ...]) -> bool:
    """Say whether somebody let the time go by in which a place was kept for them, and could still come."""
    if snapshot.is_finished or is_over(snapshot.event, snapshot.now):
        return False
    return any(one.choice is Choice.LAPSED for one in snapshot.signups if one.member_id in people)


def _is_shown(snapshot: GuestsSnapshot, one: Notification) -> bool:
    """Say whether something that was due is to stand as it was said, or is still to be said."""
    event, now = snapshot.event, snapshot.now
    if now - one.until > RECENT:
        return False
    if one.kind is Kind.OFFER:
        return not is_over(event, now)
    if one.kind is Kind.LAST_CALL:
        return now < closes_at(event)
    past = one.kind in UNTIL_SETTLED and snapshot.is_finished
    return not past or not snapshot.standing.is_told(one.key, one.member)


def _asks_nothing(snapshot: GuestsSnapshot, key: str) -> bool:
    """Say whether a message needs no answer from anyone any more."""
    event = snapshot.event
    what, *facts = key.split("/")
    match Kind(what):
        case Kind.OFFER:
            return True
        case Kind.LAST_CALL:
            return snapshot.is_finished or snapshot.now >= closes_at(event)
        case Kind.REMINDER:
            lead = int(facts[0])
            is_past = snapshot.is_finished and (lead or event.state is not EventState.PLANNED)
            return bool(is_past) or key != reminder_key(event, lead)  # "it starts now" says when it was said
        case Kind.MOVED:
            return snapshot.is_finished or key != moved_key(event)
        case Kind.WHO_CAME:
            return snapshot.is_finished
    return False


def _card(snapshot: GuestsSnapshot, one: Notification, space: Space) -> Card:
    return message_of(one, snapshot.event, snapshot.host, snapshot.now, snapshot.card.link(CARD, space))


def _directly(card: Callable[[Space], Card], member: Member) -> Card:
    return card(Account.of(member.accounts[0]).space)


def _together(card: Callable[[Space], Card], people: Sequence[Member], channel: Channel) -> Card:
    return addressed(card(channel.space), people, channel)


def _missed(snapshot: GuestsSnapshot, host: Member, groups: Mapping[str, Sequence[Notification]]) -> Iterator[Shown]:
    """Tell the host, when they are awake, whom something could not be said in time: once it is certain of everybody."""
    missed: Counter[str] = Counter()
    known: set[str] = set()
    for row in snapshot.standing.rows:
        if row.key.startswith(MISSED):
            known.update(row.key.removeprefix(MISSED).split("+"))
        elif row.member_id and row.member_id != host.id:
            missed[row.key] += row.why in (LATE, IMPOSSIBLE, OPTED_OUT)
            if row.waits:
                known.add(row.key)
    for one in (one for group in groups.values() for one in group):
        if one.member.id != host.id and not snapshot.standing.is_told(one.key, one.member):
            missed[one.key] += one.until < snapshot.now or not _is_reachable(snapshot, one.member)
    new = {
        key: number
        for key, number in missed.items()
        if number and key not in known and key.partition("/")[0] in PROMISED
    }
    if new:
        key, wait = MISSED + "+".join(sorted(new, key=in_order)), snapshot.now + RECENT
        yield Telling(key, snapshot.hosts, snapshot.near, lambda _: missed_card(snapshot.event, new), wait=wait)


def _is_reachable(snapshot: GuestsSnapshot, member: Member) -> bool:
    """Say whether there is a place where a member can be told something. Nobody who has left is missed."""
    return not member.accounts or takes_direct(member, expected=True) or bool(near_to(member, snapshot.near))
