"""Speaks unasked, on whichever platform a channel or a member is, and never says the same thing twice."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Mapping

from adapters.contract.adapter import Adapter, AdapterError, Closed, Gone
from adapters.contract.models import Account, Channel, Message, MessageRef, Profile, Space
from adapters.contract.text import Mention
from adapters.contract.ui import Card
from storage.deliveries import DeliveryStore
from storage.members import Member

from .clock import Clock

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""For how many messages we know how they look, to spare an edit that changes nothing."""


class Chat:
    """Posts and edits cards. Whatever is posted has a `key`: a second post with that key returns the first message."""

    def __init__(self, adapters: Mapping[str, Adapter], deliveries: DeliveryStore, clock: Clock) -> None:
        self._adapters = adapters
        self._deliveries = deliveries
        self._clock = clock
        self._drawn: dict[MessageRef, Card] = {}

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
        message = await self._at(channel.space).post(channel, card, nonce=_nonce(key))
        await self._deliveries.sent(key, message.key, self._clock.now())
        self._remember(message, card)
        return message

    async def direct(self, member: Member, card: Card, *, key: str) -> MessageRef | None:
        """Post a card to a member, on the first of their accounts that takes one; nothing if none does."""
        done = await self._deliveries.begin(key, f"member/{member.id}", self._clock.now())
        if done:
            return MessageRef.of(done)
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

    async def key_of(self, message: MessageRef) -> str | None:
        """Return the key under which a message of ours was posted."""
        return await self._deliveries.key_of(message.key)

    async def edit(self, message: MessageRef, card: Card) -> bool:
        """Draw a posted card anew, unless it looks just so already; say whether it was still there."""
        if self._drawn.get(message) == card:
            return True
        try:
            await self._at(message.channel.space).edit(message, card)
        except Gone:
            return False
        self._remember(message, card)
        return True

    def _remember(self, message: MessageRef, card: Card) -> None:
        self._drawn.pop(message, None)
        self._drawn[message] = card
        if len(self._drawn) > REMEMBERED:
            self._drawn.pop(next(iter(self._drawn)))

    async def open_thread(self, message: MessageRef, title: str) -> Channel:
        """Return the thread under a message, opened if there is none."""
        return await self._at(message.channel.space).open_thread(message, title)

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
            return await self._at(message.channel.space).link(message)
        except AdapterError:
            return None


def _nonce(key: str) -> str:
    """Return 24 characters that stand for a key: Discord takes a nonce of at most 25."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest()[:15]).decode().lower()


def mention(member: Member) -> Mention:
    """Return a member's name as a mention, live where they have an account. It notifies only if the card pings."""
    return Mention(member.name, tuple(map(Account.of, member.accounts)))
