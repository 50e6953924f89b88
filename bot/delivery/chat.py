"""Speaks unasked, on whichever platform a channel or a member is, and never says the same thing twice.

What many read is said in the community's language, what one member reads in theirs.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

from adapters.contract.adapter import Adapter, AdapterError, Closed, Gone, Unusable
from adapters.contract.models import Account, CalendarEntry, Channel, Message, MessageRef, Profile, Space
from adapters.contract.text import Mention, Tongue
from adapters.contract.ui import Card
from bot.clock import Clock
from bot.text.language import Tongues
from storage.deliveries import DeliveryStore
from storage.members import Member, MemberStore

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""For how many messages we know how they look, to spare an edit that changes nothing."""


class Chat:
    """Posts and edits cards. Whatever is posted has a `key`: a second post with that key returns the first message."""

    def __init__(
        self,
        adapters: Mapping[str, Adapter],
        deliveries: DeliveryStore,
        members: MemberStore,
        tongues: Tongues,
        clock: Clock,
    ) -> None:
        self._adapters = adapters
        self._deliveries = deliveries
        self._members = members
        self._tongues = tongues
        self._clock = clock
        self._drawn: dict[MessageRef, Card] = {}
        self.posted: Callable[[str], None] = _nobody_asks
        """Told the key of each message that was posted in a channel."""

    def _at(self, space: Space) -> Adapter:
        adapter = self._adapters.get(space.platform)
        if adapter is None:
            raise Gone(f"{space.platform} is not connected")
        return adapter

    async def post(self, channel: Channel, card: Card, *, key: str) -> MessageRef:
        """Post a card in a channel. Raises `AdapterError`."""
        done = await self._deliveries.begin(key, channel.key, self._clock.now())
        if done:
            return MessageRef.of(done)
        card = card.spoken(self._tongues.shared)
        message = await self._at(channel.space).post(channel, card, nonce=_nonce(key))
        self.posted(message.key)
        await self._deliveries.sent(key, message.key, self._clock.now())
        self._remember(message, card)
        return message

    async def direct(self, member: Member, card: Card, *, key: str) -> MessageRef | None:
        """Post a card to a member, on the first of their accounts that takes one; nothing if none does."""
        done = await self._deliveries.begin(key, direct_place(member.id), self._clock.now())
        if done:
            return MessageRef.of(done)
        card = card.spoken(self._tongues.of(member.locale))
        for account in map(Account.of, member.accounts):
            try:
                message = await self._at(account.space).direct(account, card, nonce=_nonce(key))
            except (Closed, Gone) as refusal:
                log.info("no direct message to %s: %s", account.key, refusal)
                continue
            await self._deliveries.sent(key, message.key, self._clock.now())
            return message
        return None

    async def said(self, beginning: str) -> dict[str, MessageRef]:
        """Return the messages whose keys begin so, by key."""
        return {key: MessageRef.of(message) for key, message in (await self._deliveries.starting(beginning)).items()}

    async def edit(self, message: MessageRef, card: Card) -> bool:
        """Draw a posted card anew, unless it looks just so already; say whether it was still there."""
        card = card.spoken(await self.tongue_at(message))
        if self._drawn.get(message) == card:
            return True
        try:
            await self._at(message.channel.space).edit(message, card)
        except Gone:
            return False
        self._remember(message, card)
        return True

    async def tongue_at(self, message: MessageRef) -> Tongue:
        """Return the language of whoever reads one of our messages."""
        place = await self._deliveries.place_of(message.key) or ""
        if not place.startswith(_DIRECT):
            return self._tongues.shared
        reader = await self._members.get(int(place.removeprefix(_DIRECT)))
        return self._tongues.of(reader.locale if reader else None)

    def _remember(self, message: MessageRef, card: Card) -> None:
        self._drawn.pop(message, None)
        self._drawn[message] = card
        if len(self._drawn) > REMEMBERED:
            self._drawn.pop(next(iter(self._drawn)))

    async def open_thread(self, message: MessageRef, title: str) -> Channel:
        """Return the thread under a message, opened if there is none."""
        return await self._at(message.channel.space).open_thread(message, title)

    async def set_role(self, member: Member, role: str, held: bool) -> bool:
        """Give a member a platform's role (by name or id), or take it; say whether any platform did."""
        return await self._for_accounts(member, lambda account: self._at(account.space).set_role(account, role, held))

    async def let_in(self, member: Member, channel: Channel) -> bool:
        """Let a member into a private channel, with the accounts they have in its space; say whether one is in."""
        return await self._for_accounts(
            member, lambda account: self._at(channel.space).let_in(account, channel), channel.space
        )

    async def _for_accounts(
        self, member: Member, deed: Callable[[Account], Awaitable[None]], space: Space | None = None
    ) -> bool:
        done = False
        for account in map(Account.of, member.accounts):
            if space in (None, account.space):
                try:
                    await deed(account)
                except (Gone, Unusable) as refusal:
                    log.info("not done for %s: %s", account.key, refusal)
                else:
                    done = True
        return done

    async def put_entry(self, space: Space, entry: CalendarEntry, known: str | None) -> str | None:
        """Write a meeting into a space's own calendar, over the one `known`; nothing where that cannot be."""
        try:
            return await self._at(space).put_entry(space, entry, known)
        except (Gone, Unusable) as refusal:
            log.info("not in the calendar of %s: %s", space.key, refusal)
            return None

    async def drop_entry(self, space: Space, known: str) -> None:
        """Take a meeting off a space's own calendar."""
        try:
            await self._at(space).drop_entry(space, known)
        except (Gone, Unusable) as refusal:
            log.info("not off the calendar of %s: %s", space.key, refusal)

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        """Return the channel of that id or name in a space."""
        return await self._at(space).find_channel(space, name)

    async def profile(self, account: Account) -> Profile | None:
        """Return what the platform says of a person; nothing if it knows none."""
        try:
            return await self._at(account.space).profile(account)
        except AdapterError:
            return None

    async def fetch(self, message: MessageRef) -> Message | None:
        """Return a message as it stands; nothing if it is gone."""
        return await self._at(message.channel.space).fetch(message)

    async def link(self, message: MessageRef) -> str | None:
        """Return a lasting web address of a message; nothing where it cannot be had."""
        try:
            return self._at(message.channel.space).link(message)
        except AdapterError:
            return None


def _nobody_asks(_: str) -> None: ...


_DIRECT = "member/"
"""What the place of a direct message begins with; the member's id follows."""


def direct_place(member_id: int) -> str:
    """Return what stands for the place where someone's direct messages go."""
    return f"{_DIRECT}{member_id}"


def _nonce(key: str) -> str:
    """Return 24 characters that stand for a key: Discord takes a nonce of at most 25."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest()[:15]).decode().lower()


def mention(member: Member) -> Mention:
    """Return a member's name as a mention, live where they have an account. It notifies only if the card pings."""
    return Mention(member.name, tuple(map(Account.of, member.accounts)))


async def each(deeds: Iterable[Awaitable[object]]) -> None:
    """Do all of them, one after another, also if one fails; then raise what went wrong first.

    So one platform's trouble holds up nothing on another, and what failed is tried again.
    """
    troubles: list[Exception] = []
    for deed in deeds:
        try:
            await deed
        except (AdapterError, OSError) as trouble:
            troubles.append(trouble)
    if troubles:
        raise troubles[0]
