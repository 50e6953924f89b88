"""Writes what one unit has to say and do as rows: postings, whom they name, and items of the outbox."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.contract.codec import VERSION, dump_card
from adapters.contract.ui import Card
from bot.tracing import trace_id
from storage.members import Member
from storage.namings import NamingStore
from storage.outbox import Item, OutboxStore
from storage.postings import LATE, Posted, PostingStore

from .addressing import who_is_named
from .gate import Manner
from .outgoing import ANSWERABLE, USEFUL, Act, Answer, Edit, Effect, Outgoing, Post


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
        if trace := trace_id():
            items = [replace(item, payload={**item.payload, "trace_id": trace}) for item in items]
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
