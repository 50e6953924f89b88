"""The one gate for what reaches people: whether somebody may be told something, judged when it is carried out.

What was written for them may have to wait, and meanwhile they leave, are erased, no longer take direct messages, fall
asleep, or do not want to be asked for a while. Who is refused is noted in the posting, with the reason why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.codec import dump_card, load_card
from adapters.contract.models import Account, Channel
from bot.text.hours import awake, is_quiet, zone_of
from storage.members import Member, MemberStore
from storage.outbox import Item
from storage.peers import PeerStore
from storage.postings import ASLEEP, LEFT, OPTED_OUT, RESTING, PostingStore

from .addressing import account_in, without

REST = timedelta(hours=24)
"""How long someone who pressed "Snooze" is not asked."""


class Manner(StrEnum):
    """How something comes to a person."""

    WANTED = "wanted"
    """They asked for it, and hear of it where they asked to, whatever they chose for the rest."""
    EXPECTED = "expected"
    """They signed up for it, and count on it: it comes also while they have paused."""
    TOLD = "told"
    """It concerns them."""
    ASKED = "asked"
    """They are asked for help: not if they sleep, are away, or want to be left alone."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of an item: `now` is carried out, `later` when that is due, and `refused` says which postings why.

    `now` may be for fewer people than the item was.
    """

    now: Item | None
    later: Item | None = None
    refused: Mapping[int, str] = field(default_factory=dict)


def takes_direct(member: Member, *, expected: bool = False) -> bool:
    """Say whether someone is here and agreed to direct messages; who has paused only takes those they `expected`."""
    return bool(member.accounts) and member.direct_ok and (expected or not member.paused_at)


def near_to(member: Member, places: Iterable[Channel]) -> tuple[Channel, ...]:
    """Return the places in which someone can be named."""
    return tuple(place for place in places if account_in(member, place.space))


def objection(member: Member, now: datetime, zone: ZoneInfo, *, resting: bool) -> str | None:
    """Return why someone cannot be asked for help now; None if they can. `zone` is that of whoever named none."""
    if member.left_at:
        return LEFT
    if not member.offers_ok or member.paused_at:
        return OPTED_OUT
    if resting or (member.away_until and member.away_until > now):
        return RESTING
    return ASLEEP if is_quiet(member, now, zone_of(member, zone)) else None


def wakes_at(member: Member, now: datetime, zone: ZoneInfo, wait: datetime | None) -> datetime | None:
    """Return when someone who sleeps hears of something that can wait until then, at the latest `wait`; else None."""
    at = awake(member, now, zone_of(member, zone))
    return at if wait and now < at <= wait else None


class Gate:
    """Judges items with what is known of people now."""

    def __init__(self, members: MemberStore, postings: PostingStore, peers: PeerStore) -> None:
        self._members = members
        self._postings = postings
        self._peers = peers
        self._zones: dict[int, ZoneInfo] = {}

    async def rule(self, item: Item, now: datetime) -> Ruling:
        """Say what becomes of an item. What a person waits for, and what only looks different, is carried out."""
        match item.act:
            case "direct" | "role" | "let_in":
                return await self._of_one(item, now)
            case "post" if "named" in item.payload:
                return await self._of_several(item, now)
        return Ruling(item)

    async def _of_one(self, item: Item, now: datetime) -> Ruling:
        member = await self._members.get(item.member_id or 0)
        refused = {item.posting_id: why} if (why := await self._refusal(item, member, now)) and item.posting_id else {}
        if why or member is None:
            return Ruling(None, refused=refused)
        if item.act != "direct":
            return Ruling(item)
        if at := wakes_at(member, now, await self._zone(item.community_id), _wait(item)):
            return Ruling(None, replace(item, due_at=at))
        manner = _manner(item)
        if manner is not Manner.WANTED and not takes_direct(member, expected=manner is Manner.EXPECTED):
            if not item.payload.get("otherwise"):
                return Ruling(None, refused={item.posting_id: OPTED_OUT} if item.posting_id else {})
            return Ruling(replace(item, payload={**item.payload, "accounts": ()}))
        return Ruling(item)

    async def _of_several(self, item: Item, now: datetime) -> Ruling:
        """Judge a message in a channel that names people, each of whom has a posting."""
        named: dict[int, list[str]] = dict(zip(_postings(item), item.payload["named"], strict=True))
        rows = await self._postings.get_many([*named])
        people = await self._members.get_many({row.member_id for row in rows.values() if row.member_id})
        zone, wait = await self._zone(item.community_id), _wait(item)
        refused: dict[int, str] = {}
        later: dict[int, datetime] = {}
        for id_ in named:
            member = people.get(rows[id_].member_id or 0) if id_ in rows else None
            if why := await self._refusal(item, member, now):
                refused[id_] = why
            elif member and (at := wakes_at(member, now, zone, wait)):
                later[id_] = at
        here = [id_ for id_ in named if id_ not in refused and id_ not in later]
        return Ruling(
            _naming(item, here, named) if here else None,
            replace(_naming(item, [*later], named), id=0, due_at=min(later.values())) if later else None,
            refused,
        )

    async def _refusal(self, item: Item, member: Member | None, now: datetime) -> str | None:
        if member is None or not member.accounts:
            return LEFT
        if member.paused_at and _manner(item) in (Manner.TOLD, Manner.ASKED) and item.act in ("direct", "post"):
            return OPTED_OUT
        if _manner(item) is not Manner.ASKED:
            return None
        resting = bool(await self._peers.snoozed([member.id], now - REST))
        return objection(member, now, await self._zone(item.community_id), resting=resting)

    async def _zone(self, community_id: int) -> ZoneInfo:
        if community_id not in self._zones:
            community = await self._members.community_by_id(community_id)
            assert community is not None
            self._zones[community_id] = ZoneInfo(community.timezone)
        return self._zones[community_id]


def leave_out(items: Iterable[Item], posting_ids: Set[int]) -> Iterator[Item]:
    """Return those of some items that address people of these postings, as they are without their names."""
    for item in items:
        if "named" not in item.payload or posting_ids.isdisjoint(_postings(item)):
            continue
        named = dict(zip(_postings(item), item.payload["named"], strict=True))
        others = {Account.of(key) for id_ in posting_ids & named.keys() for key in named[id_]}
        card = dump_card(without(load_card(item.payload["card"]), others))
        keys = [[] if id_ in posting_ids else keys for id_, keys in named.items()]
        yield replace(item, payload={**item.payload, "card": card, "named": keys})


def _manner(item: Item) -> Manner:
    return Manner(item.payload.get("manner", Manner.TOLD))


def _wait(item: Item) -> datetime | None:
    wait: str | None = item.payload.get("wait")
    return datetime.fromisoformat(wait) if wait else None


def _postings(item: Item) -> list[int]:
    assert item.posting_id
    return [item.posting_id, *item.payload.get("also", ())]


def _naming(item: Item, ids: Sequence[int], named: Mapping[int, Sequence[str]]) -> Item:
    """Return an item that names these people and not the others: a message of its own."""
    if len(ids) == len(named):
        return item
    others = {Account.of(key) for id_ in named if id_ not in ids for key in named[id_]}
    payload: dict[str, Any] = {
        **item.payload,
        "nonce": f"{item.payload['nonce']}/{ids[0]}",
        "card": dump_card(without(load_card(item.payload["card"]), others)),
        "also": [*ids[1:]],
        "named": [named[id_] for id_ in ids],
    }
    return replace(item, payload=payload, posting_id=ids[0])
