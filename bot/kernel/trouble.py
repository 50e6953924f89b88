"""Tells an admin, once an hour at most, what does not go on: what waits and why, and what was set aside.

Nothing is said of what lasts less than an hour, and nothing twice: only when something new has come is all of it told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from adapters.contract.models import Channel, Space
from adapters.contract.text import ChannelLink, Code, Text, Time, count, join, say
from adapters.contract.ui import Card, Tone
from bot.clock import Clock
from bot.delivery.gate import takes_direct
from bot.delivery.outgoing import USEFUL
from storage.audit import AuditStore
from storage.dead_letters import DeadLetters
from storage.jobs import JobStore
from storage.members import Member
from storage.outbox import BEHIND, LEFT, OutboxStore, Stuck
from storage.postings import PostingStore
from storage.troubles import TroubleStore

from .agenda import Agenda
from .channels import ChannelGroup
from .cog import Cog, action, every, listener
from .dashboard.contract import DashboardPage
from .dashboard.dead import DeadLetterPage
from .domain_events import MissedUnread
from .work import Work

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
LATE = timedelta(minutes=15)
"""What has been due for longer is not only busy."""
NOTE = "trouble"
"""How the keys of notes begin. That one of them waits is no trouble to tell of."""
SHOWN = 10
"""So many channels are named in one note."""


class Meaning(StrEnum):
    """What keeps something from going on."""

    AWAY = "away"
    """The platform does not answer."""
    SHUT = "shut"
    """Trellis may not speak in a channel."""
    REFUSED = "refused"
    """The platform does not let Trellis do it: a right is missing."""
    ASIDE = "aside"
    """It failed by our own fault, and was set aside."""
    LATE = "late"
    """It is due, and nobody does it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that does not go on: how much of it there is, and since when; of what was set aside, until when.

    `where` is the key of a channel or space, where that is known.
    """

    meaning: Meaning
    where: str
    number: int
    at: datetime

    @property
    def what(self) -> str:
        """What tells it from others."""
        return f"{self.meaning}/{self.where}"


class Troubles(Cog):
    """Looks for trouble an hour after something has to wait or was set aside, and each day; and at each self-check."""

    name = "troubles"
    room = "Settings"

    def __init__(
        self,
        jobs: JobStore,
        outbox: OutboxStore,
        postings: PostingStore,
        letters: DeadLetters,
        store: TroubleStore,
        audit: AuditStore,
        moderators: ChannelGroup,
        read_back: Sequence[ChannelGroup],
        name_of: Callable[[Channel], str],
    ) -> None:
        """`read_back` are the channels in which what is missed is read later; `name_of` returns what one is called."""
        self._jobs = jobs
        self._outbox = outbox
        self._postings = postings
        self._letters = letters
        self._store = store
        self._audit = audit
        self._moderators = moderators
        self._read_back = read_back
        self._name_of = name_of

    @every("daily 09:00")
    async def look_daily(self, work: Work) -> None:
        """Look also for what nobody noticed, such as what another process set aside."""
        await self.look(work)

    @action
    async def look(self, work: Work) -> None:
        """Look an hour after something had to wait or was set aside, and at each self-check."""
        stuck = await self._outbox.stuck(work.community.id, but=f"said/0/{NOTE}/")
        found = [*await self._waiting(stuck, work.now), *await self._aside(work), *await self._late(work)]
        troubles = {one.what: one for one in found}
        known = await self._store.of(work.community.id)
        still = {what: at for what, at in known.items() if what in troubles}
        new = [one for what, one in troubles.items() if what not in known or _has_grown(one, known[what])]
        if new and await self._tell_of(work, [*troubles.values()]):
            still = {what: one.at for what, one in troubles.items()}
        if still != known:
            await self._store.keep(work.community.id, still)

    async def _waiting(self, stuck: Sequence[Stuck], now: datetime) -> list[Trouble]:
        """Return what has been waiting for an hour, by what it waits for."""
        found: dict[str, Trouble] = {}
        meanings = {one.lane: meaning for one in stuck if (meaning := _meaning(one.error))}
        for one in stuck:
            meaning = meanings.get(one.lane)
            if meaning is None or one.since > now - HOUR:
                continue
            where = await self._channel_of(one.lane) if meaning is Meaning.SHUT else _space_of(one.lane)
            trouble = Trouble(meaning, where, one.number, one.since)
            if before := found.get(trouble.what):
                trouble = Trouble(meaning, where, before.number + one.number, min(before.at, one.since))
            found[trouble.what] = trouble
        return [*found.values()]

    async def _channel_of(self, lane: str) -> str:
        """Return the channel in which a thread hangs; a channel itself where it is none."""
        return next((row.channel for row in await self._postings.by_thread(lane)), lane)

    async def _aside(self, work: Work) -> list[Trouble]:
        letters = await self._letters.all(work.community.id)
        return [Trouble(Meaning.ASIDE, "", len(letters), letters[-1].failed_at)] if letters else []

    async def _late(self, work: Work) -> list[Trouble]:
        number, since = await self._jobs.overdue(work.community.id, work.now - LATE)
        return [Trouble(Meaning.LATE, "", number, since)] if since else []

    async def _tell_of(self, work: Work, troubles: Sequence[Trouble]) -> bool:
        names = await work.members.space_names(work.community.id)
        away = {one.where for one in troubles if one.meaning is Meaning.AWAY}
        shut = {one.where for one in troubles if one.meaning is Meaning.SHUT}
        return await self._tell(work, trouble_card(troubles, names, self._name_of), "", away | shut)

    async def _tell(
        self, work: Work, card: Card, key: str, but: Collection[str] = (), useful: timedelta = HOUR
    ) -> bool:
        """Tell the moderators, in a channel that can be reached; else the admins who take direct messages.

        What is reached is in no space, and no channel, of the keys `but`. `key` tells notes of one moment apart. Return
        whether there was anybody to be told. The log is told in any case.
        """
        log.warning("%s: %s", work.community.name, card.body.plain())
        reached = [space for space in await work.spaces() if space.key not in but]
        places = (place for space in reached for place in self._moderators.within(space) if place.key not in but)
        place = next(places, None)
        key, until = f"{NOTE}/{work.community.id}/{work.now.isoformat()}{key}", work.now + useful
        if place:
            work.say(place, card, key=key, until=until)
            return True
        admins = [one for one in await work.members.with_role(work.community.id, "admin") if takes_direct(one)]
        for admin in admins if reached else ():
            work.tell(admin, card, key=key, until=until)
        return bool(admins and reached)

    async def tell_unchecked(self, since: datetime, work: Work) -> None:
        """Tell that it could not be looked what does not go on, since a moment."""
        await self._tell(work, unchecked_card(since), "/unchecked")

    @listener(MissedUnread)
    async def tell_unread(self, work: Work, event: MissedUnread) -> None:
        """Tell that what was written while we were away is too old to be read back."""
        space, since, until = Space.of(event.space), *map(datetime.fromisoformat, (event.since, event.until))
        channels = join([group.links(space) for group in self._read_back if group.within(space)], ", ")
        if channels.plain():
            await self._tell(work, unread_card(channels, since, until), f"/unread/{space.key}", useful=USEFUL)

    def dashboard(self) -> Sequence[DashboardPage]:
        return (DeadLetterPage(self._letters, self._audit, self._name_of, self._stuck).page(),)

    async def _stuck(self, work: Work) -> list[Text]:
        """Say what has been waiting for an hour, and what to do about it."""
        stuck = await self._outbox.stuck(work.community.id, but=f"said/0/{NOTE}/")
        names = await work.members.space_names(work.community.id)
        return [*_lines(await self._waiting(stuck, work.now), names, self._name_of)]

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


class Worry:
    """Has troubles looked for once there are some."""

    def __init__(self, agenda: Agenda, clock: Clock) -> None:
        self._agenda = agenda
        self._clock = clock
        self._since: dict[int, datetime] = {}

    async def begin(self, community_id: int) -> None:
        """Something began to wait, or was set aside: look in an hour, unless that was or will be done by then."""
        now = self._clock.now()
        since = self._since.get(community_id)
        if since is None or now - since >= HOUR:
            key, at = f"{NOTE}/{community_id}", now + HOUR
            await self._agenda.put(Troubles.look.call(), at, community_id, key, unless_due=at)
            self._since[community_id] = now


def _meaning(error: str) -> Meaning | None:
    """Return what an error means that is no fault of ours; None where it says nothing, or that all is well soon."""
    if error in (BEHIND, LEFT):
        return None
    match error.partition("(")[0]:
        case "Retry":
            return None
        case "NoAccess":
            return Meaning.SHUT
        case "Unusable":
            return Meaning.REFUSED
    return Meaning.AWAY


def _space_of(lane: str) -> str:
    """Return the key of the space in which something is to be done; "" where that is not known, as of a person."""
    parts = lane.removeprefix("account/").removeprefix("calendar/").split("/")
    return "" if parts[0] == "member" else "/".join(parts[:2])


def _has_grown(trouble: Trouble, known: datetime) -> bool:
    return trouble.meaning is Meaning.ASIDE and trouble.at > known


def trouble_card(troubles: Sequence[Trouble], names: Mapping[str, str], name_of: Callable[[Channel], str]) -> Card:
    """Say what does not go on, why, and what to do about it."""
    lines = [*_lines(troubles, names, name_of)]
    return Card(say("Something is stuck"), join(lines, "\n\n"), tone=Tone.URGENT)


def unchecked_card(since: datetime) -> Card:
    """Say that it is not known what does not go on."""
    words = say(
        "I couldn't check since {at} whether all goes well. The person who runs me sees why in the log.", at=Time(since)
    )
    return Card(say("I can't check myself"), words, tone=Tone.URGENT)


def unread_card(channels: Text, since: datetime, until: datetime) -> Card:
    """Say what was not read of that which was missed."""
    words = say(
        "I haven't read what was written in {channels} from {since} to {until}: I was away for too long. I've read "
        "everything since. Please see whether somebody still waits for an answer.",
        since=Time(since),
        until=Time(until),
        channels=channels,
    )
    return Card(say("I didn't read everything"), words, tone=Tone.URGENT)


def _lines(troubles: Sequence[Trouble], names: Mapping[str, str], name_of: Callable[[Channel], str]) -> Iterator[Text]:
    shut = [one for one in troubles if one.meaning is Meaning.SHUT]
    for one in troubles:
        where = names.get(one.where)
        match one.meaning:
            case Meaning.AWAY if where:
                yield count(
                    one.number,
                    "{where} hasn't answered since {at}: {n} message waits. It's sent when {where} is back.",
                    "{where} hasn't answered since {at}: {n} messages wait. They're sent when {where} is back.",
                    where=where,
                    at=Time(one.at),
                )
            case Meaning.AWAY:
                yield count(
                    one.number,
                    "{n} direct message has been waiting since {at}. I go on trying.",
                    "{n} direct messages have been waiting since {at}. I go on trying.",
                    at=Time(one.at),
                )
            case Meaning.REFUSED:
                yield count(
                    one.number,
                    "A right is missing: {n} message has been waiting since {at}. {command} says which one.",
                    "A right is missing: {n} messages have been waiting since {at}. {command} says which one.",
                    at=Time(one.at),
                    command=Code("trellis check"),
                )
    for one in shut[:SHOWN]:
        channel = Channel.of(one.where)
        yield count(
            one.number,
            "I may not speak in {channel}: {n} message has been waiting since {at}. Bring the channel back if it's "
            "archived, and let me in and write there.",
            "I may not speak in {channel}: {n} messages have been waiting since {at}. Bring the channel back if it's "
            "archived, and let me in and write there.",
            channel=ChannelLink(channel, name_of(channel)),
            at=Time(one.at),
        )
    if (more := len(shut) - SHOWN) > 0:
        yield count(more, "It's the same in {n} other channel.", "It's the same in {n} other channels.")
    for one in troubles:
        if one.meaning is Meaning.ASIDE:
            yield count(
                one.number,
                "{n} thing failed by my own fault and was set aside, {at}. "
                "The person who runs me sees it with {command}.",
                "{n} things failed by my own fault and were set aside, the last {at}. "
                "The person who runs me sees them with {command}.",
                at=Time(one.at),
                command=Code("trellis dead list"),
            )
        if one.meaning is Meaning.LATE:
            yield count(
                one.number,
                "{n} thing that was due {at} isn't done yet. The person who runs me sees why in the log.",
                "{n} things aren't done yet, the first of which was due {at}. "
                "The person who runs me sees why in the log.",
                at=Time(one.at),
            )
