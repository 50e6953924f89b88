"""What one unit has to say and do on platforms: collected while it runs, and written with it as rows.

Nothing is sent from here. The courier carries the rows out once the unit is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.contract.adapter import Responder
from adapters.contract.call import Call
from adapters.contract.codec import VERSION, dump_card
from adapters.contract.forms import Dialog
from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card
from storage.members import Member
from storage.namings import NamingStore
from storage.outbox import Item, OutboxStore
from storage.postings import LATE, Posted, PostingStore

from .addressing import who_is_named
from .gate import Manner

USEFUL = timedelta(days=7)
"""How long what is said is useful, unless it says otherwise."""
ANSWERABLE = timedelta(minutes=15)
"""How long a platform lets us answer: Discord 15 minutes, Slack 30."""
SAID = "said"
"""The kind under which is noted what was said once and belongs to no tracked thing."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a posting is called: the thing, the key of the message, and the spot where it stands."""

    kind: str
    subject_id: int
    key: str
    spot: str = ""

    def nonce(self, posting_id: int) -> str:
        """Return what platforms tell repetitions by. What is posted again elsewhere has a posting of its own."""
        return f"{self.kind}/{self.subject_id}/{self.key}/{self.spot}/{posting_id}"


@dataclass(frozen=True, slots=True)
class Post:
    """A card to be posted in `place`, once under its name.

    A `Member` as the place is told directly. `otherwise` are the channels where it goes if its place is gone or
    refuses, in their order: as the card `elsewhere` or, without one, naming who was to be told. `members` are named by
    a card in a channel: each of them has a posting of their own, which is this one message. `thread` is the title of a
    thread to open under it. It is not sent before `due_at`, nor after `until`. Who sleeps hears of it when they wake,
    if that is by `wait`; else at once. `again` is its posting where that is still to be sent, and has to look different
    by now. What comes too `late` is only noted. A member is told at one of these `accounts` of theirs, or at any. What
    belongs to no tracked thing is drawn once more by the call `draw`, if somebody whom it names is forgotten.
    """

    name: Name
    place: Channel | Member
    card: Card
    thread: str = ""
    otherwise: tuple[Channel, ...] = ()
    elsewhere: Card | None = None
    members: tuple[Member, ...] = ()
    due_at: datetime | None = None
    until: datetime | None = None
    manner: Manner = Manner.TOLD
    wait: datetime | None = None
    again: Posted | None = None
    late: bool = False
    accounts: tuple[str, ...] = ()
    draw: Call | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A message that stands, to look different: it is one posting, or several where it names several people."""

    posted: tuple[Posted, ...]
    card: Card


@dataclass(frozen=True, slots=True)
class Effect:
    """Anything else that is to be so on a platform, once under its name: an act, and how it looks then.

    `message` is known already where a member's own message stands for the thing. `again` is the posting that it has.
    """

    name: Name
    channel: str
    looks: str
    act: str
    lane: str
    payload: Mapping[str, Any]
    message: str | None = None
    member_id: int | None = None
    again: Posted | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Anything else that is done on a platform, by name."""

    act: str
    lane: str
    payload: Mapping[str, Any]
    member_id: int | None = None
    posting_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is answered: `how` is a method of the responder. A card may be drawn by a call when it is sent.

    With both, the card is shown and not stored: whoever takes the answer over draws it. With `after`, a thing's name,
    it is sent when what stands of that thing is known, or known to come later.
    """

    how: str
    responder: Responder
    space: Space
    card: Card | None = None
    draw: Call | None = None
    after: tuple[str, int] | None = None
    locale: str | None = None
    member: Member | None = None
    dialog: Dialog | None = None


@dataclass(slots=True)
class Outgoing:
    """Everything that one unit has to say."""

    posts: list[Post] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    namings: set[tuple[int, int]] = field(default_factory=set)
    """Whom messages name that are drawn by an answer: pairs of a posting's id and a member's."""

    def __bool__(self) -> bool:
        return bool(self.posts or self.edits or self.effects or self.acts or self.namings)


class Writer:
    """Writes what is outgoing as rows of this process, in the unit that decided it.

    `locale` is the language in which what many read is said.
    """

    def __init__(
        self, outbox: OutboxStore, postings: PostingStore, namings: NamingStore, owner: str, locale: str
    ) -> None:
        self._outbox = outbox
        self._postings = postings
        self._namings = namings
        self._owner = owner
        self._locale = locale

    def digest(self, card: Card) -> str:
        """Return what tells how a card looks."""
        told = json.dumps([VERSION, self._locale, dump_card(card)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:24]

    async def write(self, outgoing: Outgoing, community_id: int, now: datetime) -> list[tuple[Item, Answer | None]]:
        """Write everything, and return the items with what they answer."""
        items: list[Item] = []
        rows = [row for post in outgoing.posts if not post.again for row in self._rows(post, community_id, now)]
        rows += [_effect_row(effect, community_id, now) for effect in outgoing.effects if not effect.again]
        added = {(row.kind, row.subject_id, row.key, row.spot): row for row in await self._postings.add(rows)}
        looks: dict[int, str] = {}
        namings = {*outgoing.namings}
        for post in outgoing.posts:
            if post.again:
                looks[post.again.id] = self.digest(post.card)
                namings |= _namings([post.again], post.card, post.elsewhere)
                items.append(_show(post, [post.again], now))
                continue
            name, spots = post.name, [_spot(member) for member in post.members] or [post.name.spot]
            new = [row for spot in spots if (row := added.get((name.kind, name.subject_id, name.key, spot)))]
            if new and not post.late:
                items.append(_show(post, new, now))
                namings |= _namings(new, post.card, post.elsewhere)
        for edit in outgoing.edits:
            looks |= dict.fromkeys((row.id for row in edit.posted), self.digest(edit.card))
            namings |= _namings(edit.posted, edit.card)
            items.append(_edit(edit, now))
        for effect in outgoing.effects:
            name = effect.name
            row = effect.again or added.get((name.kind, name.subject_id, name.key, name.spot))
            if effect.again:
                looks[effect.again.id] = effect.looks
            if row:
                act = Act(effect.act, effect.lane, effect.payload, effect.member_id, row.id, effect.until)
                items.append(_act(act, community_id, now))
        await self._outbox.replace(looks)
        await self._postings.look(looks)
        await self._namings.note(sorted(namings))
        items += [_act(act, community_id, now) for act in outgoing.acts]
        lasting = [answer for answer in outgoing.answers if answer.responder.token is not None and not answer.dialog]
        items += [_answer(answer, community_id, now) for answer in lasting]
        written = await self._outbox.add(items, self._owner)
        answers = [None] * (len(written) - len(lasting)) + lasting
        return [*zip(written, answers, strict=True)]

    def _rows(self, post: Post, community_id: int, now: datetime) -> list[dict[str, Any]]:
        name, place = post.name, post.place
        row: dict[str, Any] = {
            "community_id": community_id,
            "kind": name.kind,
            "subject_id": name.subject_id,
            "key": name.key,
            "spot": name.spot,
            "member_id": place.id if isinstance(place, Member) else None,
            "channel": _spot(place) if isinstance(place, Member) else place.key,
            "message": None,
            "digest": self.digest(post.card),
            "at": now,
            "gone_at": now if post.late else None,
            "why": LATE if post.late else "",
            "draw": post.draw.pack() if post.draw else None,
        }
        return [{**row, "spot": _spot(member), "member_id": member.id} for member in post.members] or [row]


def _namings(rows: Sequence[Posted], *cards: Card | None) -> set[tuple[int, int]]:
    """Return whom cards name beside those whom these postings tell something."""
    told = {row.member_id for row in rows if row.channel != row.spot}
    named = frozenset[int]().union(*(who_is_named(card) for card in cards if card)) - told
    return {(row.id, member) for row in rows for member in named}


def _spot(member: Member) -> str:
    return f"member/{member.id}"


def _show(post: Post, rows: Sequence[Posted], now: datetime) -> Item:
    place, row = post.place, rows[0]
    payload: dict[str, Any] = {"nonce": post.name.nonce(row.id), "card": dump_card(post.card)}
    if post.thread:
        payload["thread"] = post.thread
    if post.otherwise:
        payload["otherwise"] = [channel.key for channel in post.otherwise]
        if post.elsewhere:
            payload["elsewhere"] = dump_card(post.elsewhere)
    if post.again:
        payload["redraw"] = True
    if len(rows) > 1:
        payload["also"] = [other.id for other in rows[1:]]
    if post.accounts:
        payload["accounts"] = list(post.accounts)
    if post.members:
        named = {_spot(member): [*member.accounts] for member in post.members}
        payload["named"] = [named[other.spot] for other in rows]
    if post.manner is not Manner.TOLD:
        payload["manner"] = post.manner.value
    if post.wait:
        payload["wait"] = post.wait.isoformat()
    if not isinstance(place, Member):
        payload["channel"] = place.key
    due_at = max(post.due_at or now, now)
    return Item(
        "direct" if isinstance(place, Member) else "post",
        row.channel,
        payload,
        now,
        due_at,
        row.community_id,
        posting_id=row.id,
        member_id=place.id if isinstance(place, Member) else None,
        until=post.until or due_at + USEFUL,
    )


def _edit(edit: Edit, now: datetime) -> Item:
    row = edit.posted[0]
    assert row.message
    return Item(
        "edit",
        row.channel,
        {"message": row.message, "card": dump_card(edit.card)},
        now,
        now,
        row.community_id,
        posting_id=row.id,
        member_id=row.member_id if row.channel == row.spot else None,
        until=now + USEFUL,
    )


def _effect_row(effect: Effect, community_id: int, now: datetime) -> dict[str, Any]:
    name = effect.name
    return {
        "community_id": community_id,
        "kind": name.kind,
        "subject_id": name.subject_id,
        "key": name.key,
        "spot": name.spot,
        "member_id": effect.member_id,
        "channel": effect.channel,
        "message": effect.message,
        "digest": effect.looks,
        "at": now,
        "gone_at": None,
        "why": "",
        "draw": None,
    }


def _act(act: Act, community_id: int, now: datetime) -> Item:
    return Item(
        act.act,
        act.lane,
        act.payload,
        now,
        now,
        community_id,
        posting_id=act.posting_id,
        member_id=act.member_id,
        until=act.until or now + USEFUL,
    )


def _answer(answer: Answer, community_id: int, now: datetime) -> Item:
    payload: dict[str, Any] = {"how": answer.how, "token": answer.responder.token, "locale": answer.locale}
    if answer.draw:
        payload["draw"] = answer.draw.pack()
    elif answer.card:
        payload["card"] = dump_card(answer.card)
    if answer.after:
        payload["after"] = list(answer.after)
    member_id = answer.member.id if answer.member else None
    return Item(
        "answer",
        f"answer/{member_id}",
        payload,
        now,
        now,
        community_id,
        member_id=member_id,
        until=now + ANSWERABLE,
    )


def thing_of(item: Item) -> tuple[str, int] | None:
    """Return the thing that an answer waits for."""
    after = item.payload.get("after")
    return (str(after[0]), int(after[1])) if after else None
