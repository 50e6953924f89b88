"""How someone is met: their introduction in every space, the hellos that they hear of, and their buddies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial

from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Beside, Destination, Due, Lifecycle, Posting, Shown, Standing, Telling, Under
from bot.kernel.planning import RECENT
from bot.kernel.work import Work
from storage.members import GONE, Member, MemberStore
from storage.newcomers import Hello, Introduction, NewcomerStore, Pairing

from .cards import hello_card, introduction_card, meet_card, met_card, passed_on_card, taken_back_card
from .meeting import Match, hours_apart, spaces_of

NEWCOMER = "newcomer"
"""What people who are met are called among tracked things."""
CARD, HELLO, MEET = "card", "hello/", "meet/"
STAMP = "%Y%m%dT%H%M%S"
GATHERED = timedelta(minutes=15)
"""How long hellos are gathered before the newcomer hears of them."""


class Step(Enum):
    """What is done for a newcomer when it is due."""

    TELL = "tell who said hello"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two people who meet. Where the buddy had no time, `after` is who was asked then, if anybody."""

    pairing: Pairing
    match: Match
    after: Match | None = None

    @property
    def key(self) -> str:
        return f"{MEET}{self.pairing.id}"


@dataclass(frozen=True, slots=True)
class NewcomerSnapshot:
    """Someone as others meet them: `hellos` and who said them, the first first; `channels` by what is better."""

    now: datetime
    member: Member
    introduction: Introduction | None
    interests: tuple[str, ...]
    hellos: tuple[tuple[Hello, Member], ...]
    meetings: tuple[Meeting, ...]
    introductions: tuple[Channel, ...]
    channels: tuple[Channel, ...]
    standing: Standing

    @property
    def greetings(self) -> dict[datetime, list[Member]]:
        """Who said hello, by when the newcomer was told of them."""
        told: dict[datetime, list[Member]] = {}
        for hello, greeter in self.hellos:
            if hello.told_at:
                told.setdefault(hello.told_at, []).append(greeter)
        return told


class NewcomerLifecycle(Lifecycle[NewcomerSnapshot]):
    """Someone who introduced themselves, or was given a buddy."""

    kind = NEWCOMER

    def __init__(
        self, newcomers: NewcomerStore, members: MemberStore, introductions: ChannelGroup, welcome: ChannelGroup
    ) -> None:
        super().__init__()
        self._newcomers = newcomers
        self._members = members
        self._introductions = introductions
        self._welcome = welcome

    async def read(self, work: Work, id_: int, standing: Standing) -> NewcomerSnapshot | None:
        member = await self._members.get(id_)
        introduction, pairings = await self._newcomers.introduction(id_), await self._newcomers.pairings(id_)
        if member is None or not (introduction or pairings):
            return None
        interests, hellos = await self._newcomers.interests_of(id_), await self._newcomers.hellos(id_)
        people = await self._members.get_many({hello.by_id for hello in hellos})
        spaces = await work.spaces()
        introductions = first_of_each(self._introductions, spaces)
        return NewcomerSnapshot(
            work.now,
            member,
            introduction,
            tuple(interests),
            tuple((hello, people[hello.by_id]) for hello in hellos if hello.by_id in people),
            tuple(await self._meetings(work, member, interests, pairings)),
            introductions,
            introductions + first_of_each(self._welcome, spaces),
            standing,
        )

    async def _meetings(
        self, work: Work, newcomer: Member, interests: Sequence[str], pairings: Sequence[Pairing]
    ) -> list[Meeting]:
        """Return whom someone was to meet, with what they have in common, the first first."""
        people = await self._members.get_many({pairing.buddy_id for pairing in pairings})
        zone = work.member_zone(newcomer)
        meetings: list[Meeting] = []
        for pairing in reversed(pairings):
            buddy = people[pairing.buddy_id]
            shared = {*interests} & {*await self._newcomers.interests_of(buddy.id)}
            match = Match(buddy, tuple(sorted(shared)), hours_apart(newcomer, buddy, pairing.at, zone))
            meetings.insert(0, Meeting(pairing, match, meetings[0].match if meetings else None))
        return meetings

    # What comes due

    def due(self, snapshot: NewcomerSnapshot) -> Due | None:
        untold = [hello.at for hello, _ in snapshot.hellos if hello.told_at is None]
        return Due(min(untold) + GATHERED, Step.TELL) if untold else None

    async def take(self, work: Work, snapshot: NewcomerSnapshot, _: Step) -> None:
        await self._newcomers.told(snapshot.member.id, work.now)

    # What is shown

    def is_open(self, snapshot: NewcomerSnapshot) -> bool:
        """Nobody is introduced once more long after they came, and only because a channel was made anew."""
        happened = [meeting.pairing.at for meeting in snapshot.meetings]
        if snapshot.introduction:
            happened.append(snapshot.introduction.at)
        return any(snapshot.now - at < RECENT for at in happened)

    def shown(self, snapshot: NewcomerSnapshot) -> Iterator[Shown]:
        if snapshot.introduction:
            yield from _introduced(snapshot, snapshot.introduction)
            yield from _greeted(snapshot)
        for meeting in snapshot.meetings:
            yield from _meets(snapshot, meeting)

    def over(self, snapshot: NewcomerSnapshot | None, key: str, _people: tuple[int, ...]) -> Card | None:
        if key.startswith(MEET):
            return met_card()
        return None if snapshot and snapshot.introduction else taken_back_card()


def first_of_each(group: ChannelGroup, spaces: Sequence[Space]) -> tuple[Channel, ...]:
    """Return the first channel of a group in each space that has one."""
    return tuple(channel for channel in map(group.nearest, spaces) if channel)


def _introduced(snapshot: NewcomerSnapshot, introduction: Introduction) -> Iterator[Shown]:
    """Show the introduction in every space, with a thread where something is to be said beneath it."""
    member, standing = snapshot.member, snapshot.standing
    greeters = [greeter for _, greeter in snapshot.hellos]
    card, threads = introduction_card(member, introduction, snapshot.interests, greeters), _threads(snapshot)
    for channel in snapshot.introductions:
        thread = member.name if channel.space in threads else ""
        yield Posting(CARD, channel, card, thread=thread, at=introduction.at)
    named = {channel.space for channel in snapshot.introductions}
    for space in [Space.of(row.spot) for row in standing.all(CARD) if Space.of(row.spot) not in named]:
        yield Posting(CARD, Beside(CARD, space), card, thread=member.name if space in threads else "")


def _threads(snapshot: NewcomerSnapshot) -> set[Space]:
    """Return the spaces in which something is still to be said beneath the introduction."""
    stands = {Space.of(row.spot) for row in snapshot.standing.all(CARD)}
    if not snapshot.member.direct_ok and any(_is_news(snapshot, at) for at in snapshot.greetings):
        return stands
    to_come = [_spaces(snapshot, meeting) for meeting in snapshot.meetings if _is_to_come(snapshot, meeting)]
    return stands & {spaces[0] for spaces in to_come if spaces}


def _is_news(snapshot: NewcomerSnapshot, at: datetime) -> bool:
    told = snapshot.standing.is_told(f"{HELLO}{at:{STAMP}}", snapshot.member)
    return not told and snapshot.now - at < RECENT and bool(snapshot.member.accounts)


def _greeted(snapshot: NewcomerSnapshot) -> Iterator[Shown]:
    """Tell the newcomer who said hello: in the thread of their introduction, unless they take direct messages."""
    near = () if snapshot.member.direct_ok else (Under(CARD),)
    for at, greeters in snapshot.greetings.items():
        card = partial(_hello, greeters, snapshot.standing.link(CARD))
        yield Telling(f"{HELLO}{at:{STAMP}}", (snapshot.member,), near, card, at=at)


def _hello(greeters: Sequence[Member], link: str | None, _: Member) -> Card:
    return hello_card(greeters, link)


def _meets(snapshot: NewcomerSnapshot, meeting: Meeting) -> Iterator[Shown]:
    """Introduce two people to each other, once; later it may say who is the buddy now."""
    newcomer, match, at = snapshot.member, meeting.match, meeting.pairing.at
    if GONE in (newcomer.name, match.buddy.name):
        return
    if meeting.pairing.passed_at:
        yield Posting(meeting.key, Beside(meeting.key), passed_on_card(newcomer, meeting.after), at=at)
    elif snapshot.standing.find(meeting.key):
        yield Posting(meeting.key, Beside(meeting.key), meet_card(newcomer, match), once=True, at=at)
    elif _is_to_come(snapshot, meeting):
        places, card = [*_places(snapshot, meeting)], meet_card(newcomer, match)
        if places:
            yield Posting(meeting.key, places[0], card, otherwise=tuple(places[1:]), once=True, at=at)


def _is_to_come(snapshot: NewcomerSnapshot, meeting: Meeting) -> bool:
    """Say whether two people are still to be introduced."""
    known = any(row.key == meeting.key for row in snapshot.standing.rows)
    return not known and not meeting.pairing.passed_at and GONE not in (snapshot.member.name, meeting.match.buddy.name)


def _spaces(snapshot: NewcomerSnapshot, meeting: Meeting) -> list[Space]:
    """Return where two people meet: where both are, first where the newcomer's introduction stands."""
    both = spaces_of(snapshot.member) & spaces_of(meeting.match.buddy)
    stands = {row.spot for row in snapshot.standing.all(CARD)} if snapshot.introduction else set()
    return [Space.of(space) for space in sorted(both, key=lambda space: (space not in stands, space))]


def _places(snapshot: NewcomerSnapshot, meeting: Meeting) -> Iterator[Destination]:
    """Return where two people are introduced: beneath the newcomer's introduction, or else in a channel."""
    spaces = _spaces(snapshot, meeting)
    if snapshot.introduction:
        yield from (Under(CARD, space) for space in spaces if snapshot.standing.all(CARD, space))
    yield from (channel for channel in snapshot.channels if channel.space in spaces)
