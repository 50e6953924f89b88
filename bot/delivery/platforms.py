"""Asks platforms, on whichever one a channel, a message or a person is. Never while a unit holds the database.

A platform takes its time, and everybody else would wait for the writer meanwhile: so such a call raises, in production
as in tests. Look things up before the first write; what is to be said or done is written to the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.contract.adapter import Adapter, AdapterError, Away, Feature
from adapters.contract.models import Account, Channel, Message, MessageRef, Profile, Space
from storage.database import Database


class HeldDatabase(RuntimeError):
    """A platform was called while a unit held the database: an error in our code."""


class Platforms:
    """Every platform that is connected, by the name of its spaces."""

    def __init__(self, adapters: Mapping[str, Adapter], database: Database) -> None:
        self._adapters = adapters
        self._database = database

    def at(self, space: Space) -> Adapter:
        """Return the adapter of a space's platform. Raises `Away` where it is not connected, and `HeldDatabase`."""
        if self._database.is_writing:
            raise HeldDatabase(f"{space.key} was called while a unit was writing")
        adapter = self._adapters.get(space.platform)
        if adapter is None:
            raise Away(f"{space.platform} is not connected")
        return adapter

    def has(self, space: Space, feature: Feature) -> bool:
        """Say whether a space's platform has what others lack. It asks nobody."""
        adapter = self._adapters.get(space.platform)
        return adapter is not None and feature in adapter.features

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        """Return the channel of that id or name in a space."""
        return await self.at(space).find_channel(space, name)

    async def profile(self, account: Account) -> Profile | None:
        """Return what the platform says of a person; None where it knows none, or cannot be asked now."""
        try:
            return await self.at(account.space).profile(account)
        except AdapterError:
            return None

    async def fetch(self, message: MessageRef) -> Message | None:
        """Return a message as it stands; None where it is gone."""
        return await self.at(message.channel.space).fetch(message)

    async def read_file(self, space: Space, answer: str, most: int) -> bytes | None:
        """Return what somebody chose in a form; None where it has over `most` bytes. Raises `AdapterError`."""
        return await self.at(space).read_file(space, answer, most)

    def link(self, message: MessageRef) -> str | None:
        """Return a lasting web address of a message; None where it has none. It asks nobody."""
        adapter = self._adapters.get(message.channel.space.platform)
        return adapter.link(message) if adapter else None
