"""Compares what is shown of a thing with what stands of it, and plans the difference. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.models import Channel, MessageRef
from adapters.contract.text import say
from adapters.contract.ui import PINGS, Card
from bot.delivery.addressing import addressed
from bot.delivery.gate import Manner, near_to, takes_direct, wakes_at
from bot.delivery.outgoing import Edit, Effect, Name, Post
from storage.members import Member
from storage.postings import LOST, STALE, Posted

from .lifecycle import (
    Adopted,
    Beside,
    Destination,
    Direct,
    Entry,
    Held,
    Lifecycle,
    Posting,
    Shown,
    Standing,
    Telling,
    Under,
    thread_of,
)

RECENT = timedelta(days=7)
"""What happened longer ago is not said any more."""


@dataclass(slots=True)
class Plan:
    """What is to be done so that what stands is what is shown, and when to look again."""

    posts: list[Post] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    again: list[Posted] = field(default_factory=list)
    """Rows of places that are no more, to be forgotten: what they stood for is posted in another place."""
    withdrawn: list[Posted] = field(default_factory=list)
    """What was to be posted, and is not shown any more."""
    when: list[datetime] = field(default_factory=list)

    def add(self, post: Post, at: datetime | None, now: datetime) -> None:
        """Plan a post for what happened `at`: not before, not long after, and noted as late where it is of no use."""
        if at and at > now:
            self.when.append(at)
        elif post.until and post.until < now:
            self.posts.append(replace(post, late=True))
        elif at is None or now - at < RECENT:
            self.posts.append(post)


class Planner:
    """Plans for one thing."""

    def __init__(
        self,
        kind: str,
        id_: int,
        standing: Standing,
        now: datetime,
        digest: Callable[[Card], str],
        zone: ZoneInfo,
        *,
        is_open: bool = True,
    ) -> None:
        """What `is_open` has its lost messages posted once more. `zone` is that of who named none."""
        self._zone = zone
        self._is_open = is_open
        self._kind = kind
        self._id = id_
        self._standing = standing
        self._now = now
        self._digest = digest
        self._names: set[tuple[str, str]] = set()
        self._opening: set[int] = set()
        """The rows under which a thread is being opened."""
        self.plan = Plan()

    def show(self, one: Shown) -> None:
        """Plan what one thing that is shown needs."""
        match one:
            case Posting():
                self._posting(one)
            case Telling():
                self._telling(one)
            case Adopted():
                self._adopted(one)
            case Held():
                self._held(one)
            case Entry():
                self._entry(one)

    def _name(self, key: str, spot: str) -> Name:
        self._names.add((key, spot))
        return Name(self._kind, self._id, key, spot)

    def _posting(self, one: Posting) -> None:
        for place in self._resolved(one.place):
            if isinstance(place, Member):
                row = next(iter(self._standing.told(one.key, place)), None)
                name = self._name(one.key, row.spot if row else f"member/{place.id}")
            else:
                name, row = self._name(one.key, place.space.key), self._standing.row(one.key, place.space.key)
            at = one.at
            if row and self._is_open and isinstance(place, Channel) and _may_stand_again(row, place, once=one.once):
                self.plan.again.append(row)
                row, at = None, None
            others = (other for near in one.otherwise for other in self._resolved(near))
            otherwise = tuple(other for other in others if isinstance(other, Channel) and other != place)
            wanted = isinstance(one.place, Direct) and one.place.wanted
            manner = Manner.WANTED if wanted else Manner.TOLD
            post = Post(name, place, one.card, one.thread, otherwise, one.elsewhere, until=one.until, manner=manner)
            if row is None:
                if isinstance(place, Channel) or wanted or otherwise or takes_direct(place):
                    self.plan.add(post, at, self._now)
            elif self._lacks_thread(row, one.thread):
                self._open(name, row, one.thread)
            elif _may_look_different(row, once=one.once) and row.digest != self._digest(one.card):
                if row.message:
                    self.plan.edits.append(Edit((row,), one.card))
                else:
                    self.plan.posts.append(replace(post, again=row))

    def _telling(self, one: Telling) -> None:
        near = [place for each in one.near for place in self._resolved(each) if isinstance(place, Channel)]
        untold = []
        for member in one.members:
            told = self._standing.told(one.key, member)
            self._names.update((row.key, row.spot) for row in told)
            lost = [row for row in told if row.message is None and (row.why == LOST or row.digest == STALE)]
            if len(lost) == len(told):
                self.plan.again += lost
                if at := wakes_at(member, self._now, self._zone, one.wait):
                    self.plan.when.append(at)
                else:
                    untold.append(member)
        self._tell_differently(one)
        name = Name(self._kind, self._id, one.key)
        manner = Manner.ASKED if one.asks else Manner.EXPECTED if one.expected else Manner.TOLD
        for post in tellings(name, untold, near, one.card, one.together, one.until, expected=one.expected):
            self.plan.add(replace(post, manner=manner, wait=one.wait), one.at, self._now)

    def _tell_differently(self, one: Telling) -> None:
        """Draw again what told people something and names somebody who was forgotten."""
        people = {member.id: member for member in one.members}
        messages: defaultdict[str, list[Posted]] = defaultdict(list)
        for row in self._standing.all(one.key):
            if row.digest == STALE and row.message:
                messages[row.message].append(row)
        for message, rows in messages.items():
            named = [people[row.member_id] for row in rows if row.member_id in people]
            if not named:
                continue
            channel = MessageRef.of(message).channel
            if rows[0].channel == rows[0].spot:
                card = one.card(named[0])
            else:
                card = one.together(named, channel) if one.together else addressed(one.card(named[0]), named, channel)
            self._names.update((row.key, row.spot) for row in rows)
            self.plan.edits.append(Edit(tuple(rows), card))

    def _adopted(self, one: Adopted) -> None:
        spot = one.message.channel.space.key
        name = self._name(one.key, spot)
        row = self._standing.row(one.key, spot)
        if row is None:
            payload = {"message": one.message.key, "thread": one.thread, "nonce": name.nonce(0)}
            channel = one.message.channel.key
            self.plan.effects.append(Effect(name, channel, "", "thread", channel, payload, message=one.message.key))
        elif self._lacks_thread(row, one.thread):
            self._open(name, row, one.thread)

    def _resolved(self, place: Destination) -> Iterator[Channel | Member]:
        """Return where a place is now: nowhere, where what it hangs on does not stand yet."""
        match place:
            case Channel():
                yield place
            case Direct():
                yield place.member
            case Under(key, space):
                rows = self._standing.all(key, space)
                yield from (thread_of(row) for row in rows if row.id not in self._opening)
            case Beside(key, space):
                yield from (MessageRef.of(row.message or "").channel for row in self._standing.all(key, space))

    @staticmethod
    def _lacks_thread(row: Posted, title: str) -> bool:
        """Say whether there should be a thread under a message that stands, and is not."""
        return bool(title) and row.stands and row.thread is None

    def _open(self, name: Name, row: Posted, title: str) -> None:
        """Have a thread opened under a message that stands; how that looks is seen to when there is one."""
        self._opening.add(row.id)
        payload = {"message": row.message, "thread": title}
        self.plan.effects.append(Effect(name, row.channel, "", "thread", row.channel, payload, again=row))

    def _held(self, one: Held) -> None:
        spot = one.account.key
        name = self._name(one.key, spot)
        if self._standing.row(one.key, spot) is None:
            payload: dict[str, Any] = {"account": one.account.key}
            if one.channel:
                act, payload = "let_in", payload | {"channel": one.channel.key}
            else:
                act, payload = "role", payload | {"role": one.role, "held": True}
            self.plan.effects.append(Effect(name, spot, "", act, f"account/{spot}", payload, member_id=one.member.id))

    def _entry(self, one: Entry) -> None:
        spot = one.space.key
        name, row = self._name(one.key, spot), self._standing.row(one.key, spot)
        entry = one.entry
        facts = [entry.title, entry.description, entry.place, entry.starts.isoformat(), entry.ends.isoformat()]
        facts += [entry.link] if entry.link else []
        looks = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]
        if one.until and one.until < self._now:
            return
        if row and row.gone_at and row.digest != looks:  # refused before; it has changed, so it is tried again
            self.plan.again.append(row)
            row = None
        if row is None or (row.gone_at is None and row.digest != looks):
            payload = {"space": spot, "entry": facts, "known": row.message if row else None, "new": row is None}
            lane = f"calendar/{spot}"
            self.plan.effects.append(Effect(name, lane, looks, "entry", lane, payload, again=row, until=one.until))

    def over(self, lifecycle: Lifecycle[Any], snapshot: Any) -> None:
        """Plan what becomes of that which stands and is not shown any more."""
        messages: defaultdict[str, list[Posted]] = defaultdict(list)
        for row in self._standing.rows:
            if (row.key, row.spot) in self._names:
                continue
            if row.waits:
                self.plan.withdrawn.append(row)
            if not row.stands:
                continue
            if row.channel.startswith("calendar/"):
                name = Name(self._kind, self._id, row.key, row.spot)
                payload = {"space": row.spot, "known": row.message}
                effect = Effect(name, row.channel, "gone", "no_entry", row.channel, payload, again=row)
                self.plan.effects += [effect] if row.digest != "gone" else []
            elif row.message:
                messages[row.message].append(row)
        for same in messages.values():
            people = tuple(row.member_id for row in same if row.member_id)
            card = lifecycle.over(snapshot, same[0].key, people)
            if card is None and same[0].digest == STALE:
                card = forgotten_card()
            if card and any(row.digest != self._digest(card) for row in same):
                self.plan.edits.append(Edit(tuple(same), card))


def forgotten_card() -> Card:
    """Stand where somebody was named who was forgotten, if nothing else can."""
    return Card(body=say("This named someone who wanted to be forgotten, so it's gone."))


def tellings(
    name: Name,
    members: Iterable[Member],
    near: Sequence[Channel],
    card: Callable[[Member], Card],
    together: Callable[[Sequence[Member], Channel], Card] | None = None,
    until: datetime | None = None,
    *,
    expected: bool = False,
) -> Iterator[Post]:
    """Return the posts that tell people something: directly who agreed to that, the others named, 25 in a message."""
    groups: defaultdict[Channel, list[Member]] = defaultdict(list)
    for member in members:
        within = near_to(member, near)
        if takes_direct(member, expected=expected):
            own = replace(name, spot=f"member/{member.id}")
            named = together([member], within[0]) if together and within else None
            yield Post(own, member, card(member), otherwise=within, elsewhere=named, until=until)
        elif member.accounts and within:
            groups[within[0]].append(member)
    for place, people in groups.items():
        others = tuple(other for other in near if other.space == place.space and other != place)
        for start in range(0, len(people), PINGS):
            some = people[start : start + PINGS]
            said = together(some, place) if together else addressed(card(some[0]), some, place)
            own = replace(name, spot=f"member/{some[0].id}")
            yield Post(own, place, said, otherwise=others, members=tuple(some), until=until)


def _may_look_different(row: Posted, *, once: bool) -> bool:
    """Say whether a posting is drawn again if its card has changed: what is said once only where it names nobody."""
    return row.gone_at is None and (not once or row.digest == STALE)


def _may_stand_again(row: Posted, place: Channel, *, once: bool) -> bool:
    """Say whether what does not stand any more is posted once more: its place is another, or is there again."""
    moved = row.channel != place.key or row.why == LOST
    return bool(row.gone_at) and moved and not (once and row.message)
