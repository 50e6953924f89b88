"""How each act of the outbox is carried out on its platform."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.contract.adapter import Adapter, AdapterError, Closed, Feature, Gone, Locked, Responder, Unusable
from adapters.contract.call import Call
from adapters.contract.charts import Chart
from adapters.contract.codec import load_card
from adapters.contract.files import File
from adapters.contract.memo import Memo
from adapters.contract.models import Account, CalendarEntry, Channel, MessageRef, Space
from adapters.contract.ui import Card
from bot.clock import Clock
from bot.text.language import Locales
from storage.members import Member, MemberStore
from storage.outbox import Item
from storage.postings import THREADLESS
from storage.uploads import UploadStore

from .addressing import addressed
from .outgoing import Answer
from .platforms import Platforms

log = logging.getLogger(__name__)

LOOK_AFTER = timedelta(seconds=45)
"""When a platform may have forgotten that it was told something before: then we look first whether it stands there."""
ENTRIES = 1000
"""So many are remembered that were put into calendars."""
DONE = "done"
"""What a posting has for a message that is no message, once it is so."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Where something stands now: keys. `lost` are the places that turned out to be no more."""

    message: str | None = None
    thread: str | None = None
    channel: str | None = None
    lost: tuple[str, ...] = ()


class Nowhere(Gone):
    """No place took a message; those that are `lost` are no more."""

    def __init__(self, words: str, lost: tuple[str, ...]) -> None:
        super().__init__(words)
        self.lost = lost


Draw = Callable[[Call, Member | None, Space], Awaitable[Card]]
"""Draws the card of an answer when it is sent, for the person who reads it, in their space."""


class Carrier:
    """Carries out one item. Raises the platform's error where that cannot be."""

    def __init__(
        self, platforms: Platforms, members: MemberStore, uploads: UploadStore, locales: Locales, clock: Clock
    ) -> None:
        self._platforms = platforms
        self._members = members
        self._uploads = uploads
        self._locales = locales
        self._clock = clock
        self.draw: Draw = _no_drawing
        self._drawing = asyncio.Lock()
        """One chart is drawn at a time: it takes a core."""
        self._entries: Memo[int, str] = Memo(ENTRIES)
        """What was put into calendars lately, by its posting: it may have changed before that was recorded."""
        self.posted: Callable[[str], None] = _nobody_asks
        """Told the key of each message that was posted."""
        self._acts: Mapping[str, Callable[[Item], Awaitable[Carried]]] = {
            "post": self._post,
            "direct": self._direct,
            "edit": self._edit,
            "role": self._role,
            "let_in": self._let_in,
            "thread": self._open_thread,
            "rename": self._rename_thread,
            "entry": self._put_entry,
            "no_entry": self._drop_entry,
        }

    async def carry_out(self, item: Item, answer: Answer | None) -> Carried:
        """Carry out an item, an answer by the responder that is still there or by one made of its token."""
        if item.act == "answer":
            return await self._answer(item, answer)
        if item.payload.get("gone") and item.act != "post":
            raise Gone(f"{item.lane} was deleted")
        carried = await self._acts[item.act](item)
        if carried.message:
            self.posted(carried.message)
        return carried

    # Messages

    async def _post(self, item: Item) -> Carried:
        card = await self._readable(await self._card(item), None)
        other = await self._elsewhere(item) or card
        ways = [(Channel.of(item.payload["channel"]), card)]
        ways += [(Channel.of(key), other) for key in item.payload.get("otherwise", ())]
        if item.payload.get("gone"):
            del ways[0]
        return await self._first(ways, item)

    async def _card(self, item: Item) -> Card:
        """Return what an item shows, drawn now where it has to be drawn once more."""
        if call := item.payload.get("draw"):
            return await self.draw(Call.unpack(call), None, Channel.of(item.lane).space)
        return load_card(item.payload["card"])

    async def _elsewhere(self, item: Item) -> Card | None:
        card = item.payload.get("elsewhere")
        return await self._readable(load_card(card), None) if card else None

    async def _first(self, ways: Sequence[tuple[Channel, Card]], item: Item) -> Carried:
        """Post in the first place that takes it. Raises `Nowhere` where none does."""
        lost: list[str] = []
        for channel, card in ways:
            try:
                return replace(await self._post_in(item, channel, card), lost=tuple(lost))
            except Locked as refusal:
                log.info("%s takes nothing more: %s", channel.key, refusal)
            except Gone as refusal:
                log.info("%s is gone: %s", channel.key, refusal)
                lost.append(channel.key)
        raise Nowhere(f"none of {len(ways)} places takes it", tuple(lost))

    async def _post_in(self, item: Item, channel: Channel, card: Card) -> Carried:
        adapter = self._platforms.at(channel.space)
        nonce = _nonce(item.payload["nonce"])
        message = await adapter.post(channel, card, nonce=nonce, since=self._since(item, channel.space))
        if item.payload.get("redraw"):  # what stands may be what it was before it changed
            await adapter.edit(message, card)
        return Carried(message.key, await self._thread(adapter, item, message), channel.key)

    def _since(self, item: Item, space: Space) -> datetime | None:
        """Return since when it may stand on a platform that does not know it again, if it may."""
        is_known = self._platforms.has(space, Feature.NONCES) and self._clock.now() - item.at <= LOOK_AFTER
        return item.at if item.may_be_done and not is_known else None

    async def _thread(self, adapter: Adapter, item: Item, message: MessageRef) -> str | None:
        """Open a thread where one is wanted; without one, people write in the channel."""
        title = item.payload.get("thread")
        if not title:
            return None
        try:
            return (await adapter.open_thread(message, title)).key
        except (Gone, Unusable) as refusal:
            log.info("no thread under %s: %s", message.key, refusal)
            return THREADLESS

    async def _direct(self, item: Item) -> Carried:
        """Tell a member directly, on the first of their accounts that takes it; else in the other places."""
        member = await self._members.get(item.member_id or 0)
        accounts = item.payload.get("accounts", member.accounts if member else ())
        if member is None or not member.accounts:
            raise Gone("nobody is there to be told")
        card = load_card(item.payload["card"])
        spoken = await self._readable(card, member.locale)
        for account in map(Account.of, (key for key in member.accounts if key in accounts)):
            try:
                adapter = self._platforms.at(account.space)
                nonce, since = _nonce(item.payload["nonce"]), self._since(item, account.space)
                message = await adapter.direct(account, spoken, nonce=nonce, since=since)
            except (Closed, Gone) as refusal:
                log.info("no direct message to %s: %s", account.key, refusal)
                continue
            return Carried(message.key)
        places = item.payload.get("otherwise", [])
        if not places:
            raise Closed("no account takes direct messages")
        other, shared = await self._elsewhere(item), await self._readable(card, None)
        channels = map(Channel.of, places)
        return await self._first([(place, other or addressed(shared, [member], place)) for place in channels], item)

    async def _edit(self, item: Item) -> Carried:
        message = MessageRef.of(item.payload["message"])
        reader = await self._members.get(item.member_id) if item.member_id else None
        card = await self._readable(await self._card(item), reader.locale if reader else None)
        await self._platforms.at(message.channel.space).edit(message, card)
        return Carried(message.key)

    # Answers

    async def _answer(self, item: Item, answer: Answer | None) -> Carried:
        token, draw = item.payload["token"], item.payload.get("draw")
        there = answer.responder if answer else None
        responder: Responder = there or self._platforms.at(Space.of(token["space"])).responder(token)
        if answer and answer.card:
            card = answer.card
        elif draw:
            member = answer.member if answer else await self._members.get(item.member_id or 0)
            card = await self.draw(Call.unpack(draw), member, Space.of(token["space"]))
        else:
            card = load_card(item.payload["card"])
        await self._show(responder, item.payload["how"], card, item.payload["locale"])
        return Carried()

    async def show(self, answer: Answer) -> None:
        """Answer a person where there was nothing to keep."""
        card = answer.card
        if card is None and answer.draw:
            card = await self.draw(answer.draw, answer.member, answer.space)
        assert card is not None
        await self._show(answer.responder, answer.how, card, answer.locale)

    async def _show(self, responder: Responder, how: str, card: Card, locale: str | None) -> None:
        show: Callable[[Card], Awaitable[None]] = getattr(responder, _HOW[how])
        await show(await self._readable(card, locale))

    async def _readable(self, card: Card, locale: str | None) -> Card:
        """Return a card as it is read: in the language of a locale (None: the community's), with its picture.

        A chart that cannot be drawn is left out: what it shows stands in the card's words too. A picture that was
        forgotten meanwhile is too.
        """
        card = card.localized(self._locales.of(locale))
        if card.kept:
            found = await self._uploads.content(card.kept.id)
            shown = (File(*found, card.kept.words),) if found else ()
            card = card.with_(kept=None, files=(*shown, *card.files))
        chart = card.chart
        if chart is None:
            return card
        try:
            async with self._drawing:
                content = await asyncio.to_thread(_draw, chart)
        except Exception:
            log.exception("the chart %s could not be drawn", chart.name)
            return card.with_(chart=None)
        return card.with_(files=(File(f"{chart.name}.png", content, chart.words), *card.files))

    # Everything else

    async def _role(self, item: Item) -> Carried:
        account = Account.of(item.payload["account"])
        await self._platforms.at(account.space).set_role(account, item.payload["role"], item.payload["held"])
        return Carried(DONE)

    async def _let_in(self, item: Item) -> Carried:
        account, channel = Account.of(item.payload["account"]), Channel.of(item.payload["channel"])
        await self._platforms.at(channel.space).let_in(account, channel)
        return Carried(DONE)

    async def _open_thread(self, item: Item) -> Carried:
        """Open a thread under a message that stands. Raises `Gone` where it does not any more."""
        message = MessageRef.of(item.payload["message"])
        title, adapter = item.payload["thread"], self._platforms.at(message.channel.space)
        try:
            thread = (await adapter.open_thread(message, title)).key if title else THREADLESS
        except Unusable as refusal:
            log.info("no thread under %s: %s", message.key, refusal)
            thread = THREADLESS
        return Carried(message.key, thread)

    async def _rename_thread(self, item: Item) -> Carried:
        thread = Channel.of(item.payload["thread"])
        await self._platforms.at(thread.space).rename_thread(thread, item.payload["title"])
        return Carried(DONE)

    async def _put_entry(self, item: Item) -> Carried:
        space, (title, description, place, starts, ends, *link) = Space.of(item.payload["space"]), item.payload["entry"]
        span = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
        entry = CalendarEntry(title, description, place, *span, *link)
        posting = item.posting_id
        known = item.payload["known"] or (self._entries.get(posting) if posting else None)
        new = item.payload.get("new", False) and not item.may_be_done
        id_ = await self._platforms.at(space).put_entry(space, entry, known, new=new)
        if id_ is None:
            raise Gone(f"{space.key} has no calendar")
        if posting:
            self._entries[posting] = id_
        return Carried(id_)

    async def _drop_entry(self, item: Item) -> Carried:
        space = Space.of(item.payload["space"])
        await self._platforms.at(space).drop_entry(space, item.payload["known"])
        self._entries.pop(item.posting_id or 0, None)
        return Carried(DONE)


_HOW = {"reply": "reply", "update": "update", "aside": "aside"}
"""The methods of a responder that answer, so that a row calls no other."""


def _nobody_asks(_: str) -> None: ...


def _draw(chart: Chart) -> bytes:
    """Draw a chart. What draws takes seconds to import, and many a process never needs it."""
    from .charts import draw

    return draw(chart)


async def _no_drawing(call: Call, _: Member | None, __: Space) -> Card:
    raise AdapterError(f"nobody draws {call.action}")


def _nonce(key: str) -> str:
    """Return 24 characters that stand for a key: Discord takes a nonce of at most 25."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest()[:15]).decode().lower()
