"""Reads what happened while Trellis did not listen: it was not running, not connected, or the database was away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from adapters.contract.adapter import Adapter
from adapters.contract.models import Account, Channel, Space
from bot.clock import Clock
from storage.inbox import InboxStore
from storage.members import MemberStore

from .channels import ChannelGroup

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two notes of until when we listened, and between two tries to read what was missed."""
MARGIN = timedelta(minutes=2)
"""How much further back than we surely heard we read: twice as long as between two notes of it."""
LONGEST_ABSENCE = timedelta(hours=25)
"""How far back we read. What was handled is known for longer than that, so it is not handled twice."""


class CatchingUp:
    """Knows until when each space was heard, and has its adapter hand over what was missed since.

    That is what was written in `channels`, how people reacted to it, and who came and went.
    """

    def __init__(
        self,
        adapters: Mapping[str, Adapter],
        channels: Sequence[ChannelGroup],
        inbox: InboxStore,
        members: MemberStore,
        clock: Clock,
        spaces: Callable[[], Collection[Space]],
        read: Callable[[Space, datetime, datetime], Awaitable[None]],
    ) -> None:
        """`read` is called once what was missed in a space is read: until when it was heard, and since when read."""
        self._adapters = adapters
        self._channels = channels
        self._inbox = inbox
        self._members = members
        self._clock = clock
        self._spaces = spaces
        self._was_read = read
        self._met: set[Space] = set()
        """Those of which it is looked up what was missed before we knew them. The others do not count as heard."""
        self._missed: set[Space] = set()
        self._left: dict[Space, tuple[Sequence[Channel], datetime]] = {}
        """What a platform lets us read only later, and since when."""
        self._reading: asyncio.Task[None] | None = None
        self._ran_at = float("-inf")

    def missed(self, space: Space) -> None:
        """Something may have happened in a space that we did not hear: read it as soon as that can be."""
        self._missed.add(space)
        self._left.pop(space, None)
        self._begin()

    def go_on(self) -> None:
        """Once in a minute, note until when we listened, and try again to read what could not be read."""
        if asyncio.get_running_loop().time() - self._ran_at >= EVERY:
            self._begin()

    async def done(self) -> None:
        """Return when what is known to be missed was read, or could not be read."""
        if self._reading:
            await asyncio.wait([self._reading])

    async def stop(self) -> None:
        """Read no more, and note until when we listened."""
        if self._reading:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        await self._note()

    def _hears(self, space: Space) -> bool:
        """Say whether we hear a space: what is missed elsewhere is read by who hears it, or once we do."""
        return self._adapters[space.platform].hears(space)

    def _begin(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_all(), name="catching up")

    async def _read_all(self) -> None:
        self._missed |= {*self._spaces()} - self._met
        self._met |= self._missed
        tried = {space for space in self._missed if not self._hears(space)}
        while waiting := self._missed - tried:
            space = min(waiting, key=lambda space: space.key)
            tried.add(space)
            self._missed.discard(space)
            try:
                await self._read(space)
            except asyncio.CancelledError:
                self._missed.add(space)
                raise
            except Exception as failure:
                self._missed.add(space)
                log.warning("what was missed in %s cannot be read yet: %r", space.key, failure)
        await self._note()
        self._ran_at = asyncio.get_running_loop().time()

    async def _read(self, space: Space) -> None:
        until, adapter = await self._inbox.heard_until(space.key), self._adapters[space.platform]
        if until is None:
            return
        channels, since = self._left.pop(space, (None, until))
        if channels is None:
            now = self._clock.now()
            longest = now - LONGEST_ABSENCE
            since = longest if until > now else max(until - MARGIN, longest)  # a clock that was wrong wrote it down
            known = await self._members.accounts_in(space.key)
            here = {Account.of(key).id: name for key, name in known.items()}
            await adapter.catch_up_people(space, here, since)
            channels = [channel for group in self._channels for channel in group.within(space)]
        if left := await adapter.catch_up(channels, since) if channels else ():
            if space not in self._missed:  # where more was missed meanwhile, all is read once more
                self._left[space] = left, since
            self._missed.add(space)
        else:
            await self._was_read(space, until, since)

    async def _note(self) -> None:
        """Note that we listened until now, where that is so and nothing is missing. Never raises: we read more then."""
        heard = filter(self._hears, self._met.intersection(self._spaces()) - self._missed)
        try:
            await self._inbox.note_heard([space.key for space in heard], self._clock.now())
        except Exception as failure:
            log.warning("until when we listened could not be noted: %r", failure)
