"""Notes when a community removes Trellis from a space, says so, and forgets what is kept of it some weeks later."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from adapters.contract.adapter import Adapter, Away
from adapters.contract.models import Space
from adapters.contract.text import Time, say
from adapters.contract.ui import Card, Tone
from bot.clock import Clock
from bot.delivery.gate import takes_direct
from storage.audit import AuditStore
from storage.departures import DepartureStore, Left
from storage.members import Member

from .channels import ChannelGroup
from .cog import Cog, action
from .communities import Communities
from .privacy import Privacy
from .units import Units
from .work import Tools, Work

log = logging.getLogger(__name__)

PEOPLE, ACCOUNTS, ROWS = 10, 200, 1000
"""How much is forgotten in one unit: people who take their words along, accounts of a whole community, rows."""
NOTED_FOR = timedelta(days=1)
"""How long it is of use to say that a space was left."""


class Departures(Cog):
    """What becomes of a space that Trellis was removed from. A space that lets it in again before then is kept."""

    name = "departures"
    room = "Settings"

    def __init__(
        self,
        store: DepartureStore,
        audit: AuditStore,
        privacy: Privacy,
        moderators: ChannelGroup,
        kept: timedelta | None,
    ) -> None:
        """`kept` is how long a space is kept that was left; None for ever."""
        self.store = store
        self._audit = audit
        self._privacy = privacy
        self._moderators = moderators
        self._kept = kept

    async def note(self, work: Work, space: Space) -> None:
        """Trellis was removed from a space: say so where it can still be said, unless another process did."""
        if not await self.store.leave(space.key, work.now):
            return
        name = (await work.members.space_names(work.community.id))[space.key]
        until = work.now + self._kept if self._kept else None
        await self._audit.add(work.community.id, work.now, None, "space.left", subject=space.key)
        fate = f"what is known of it is deleted on {until:%Y-%m-%d}" if until else "what is known of it is kept"
        log.warning("%s: Trellis was removed from %s (%s); %s", work.community.name, name, space.key, fate)
        card, key = departure_card(name, until), f"left/{space.key}/{work.now.isoformat()}"
        near = [place for one in await work.spaces() for place in self._moderators.within(one)]
        if near:
            work.say(near[0], card, key=key, until=work.now + NOTED_FOR)
            return
        for admin in await work.members.with_role(work.community.id, "admin"):
            if takes_direct(admin):  # on Discord they may share another server with us
                work.tell(admin, card, key=key, until=work.now + NOTED_FOR)

    async def begin(self, work: Work) -> None:
        """Have forgotten what was left for long enough: once a night in each community."""
        before = work.now - self._kept if self._kept else None
        due = await self.store.left(community_id=work.community.id, before=before) if before else []
        for left in due:
            await work.schedule(Departures.forget_space.call(left.key), work.now, key=f"left/{left.key}")
        if await self.store.is_parted(work.community.id):
            await self._go_on(work)

    @action
    async def forget_space(self, work: Work, key: str) -> None:
        """Forget some of a space that was left for long enough, and then the rest."""
        found = [one for one in await self.store.left(community_id=work.community.id) if one.key == key]
        left = next(iter(found), None)
        if left is None or self._kept is None or left.at > work.now - self._kept or await self._is_there(work, left):
            return
        size = ACCOUNTS if left.is_last else PEOPLE
        people = await self.store.accounts(key, size)
        forget = self._forget_accounts if left.is_last else self._forget_people
        await forget(work, people)
        if len(people) == size or not await self.store.forget_space(key, ROWS):
            await work.schedule(Departures.forget_space.call(key), work.now, key=f"left/{key}")
        else:
            await self._end(work, left)

    async def _is_there(self, work: Work, left: Left) -> bool:
        """Say whether we are in a space after all, although nobody told us that we came back."""
        space = Space.of(left.key)
        try:
            adapter = work.platforms.at(space)
        except Away:  # its platform is not among ours any more
            return False
        there = adapter.hears(space) and space in [info.space for info in await adapter.spaces()]
        if there:
            log.warning("Trellis is in %s, which it was thought to have left: nothing there is forgotten", left.key)
            await work.members.join_space(left.key, left.community_id, left.name, here=True)
        return there

    async def _forget_accounts(self, work: Work, people: list[tuple[str, int, bool]]) -> None:
        erased = await self.store.forget_accounts([account for account, _, _ in people], work.now)
        work.when_kept(lambda: self._privacy.note(erased))

    async def _forget_people(self, work: Work, people: list[tuple[str, int, bool]]) -> None:
        """Forget who was in that space alone, with what they wrote; others only lose their account there."""
        await self._forget_accounts(work, [one for one in people if one[2]])
        members = await work.members.get_many({member_id for _, member_id, elsewhere in people if not elsewhere})
        for member in members.values():
            await self._privacy.forget(work, member, audited=False)

    async def _end(self, work: Work, left: Left) -> None:
        """A space is forgotten. With the last one, begin to forget the community."""
        told = "%s is forgotten, from which Trellis was removed on %s"
        log.warning(told, left.key, f"{left.at:%Y-%m-%d}")
        since = f"left on {left.at:%Y-%m-%d}"
        if left.is_last:
            await self._audit.add(None, work.now, None, "community.forgotten", subject=left.key, detail=since)
            await self.store.part(work.community.id)
            await self._go_on(work)
        else:
            await self._audit.add(work.community.id, work.now, None, "space.forgotten", subject=left.key, detail=since)

    @action
    async def forget_community(self, work: Work) -> None:
        """Delete some of the rows of a community that has no space any more."""
        if not await self.store.is_parted(work.community.id):
            return
        if await self.store.forget_community(work.community.id, ROWS, but=f"{self.name}."):
            log.warning("nothing is left of community %s", work.community.id)
        else:
            await self._go_on(work)

    async def _go_on(self, work: Work) -> None:
        key = f"left/{work.community.id}"
        await work.schedule(Departures.forget_community.call(), work.now, key=key)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


class Leaving:
    """Looks whether we are still in each space: at the start, and once a minute."""

    def __init__(
        self,
        departures: Departures,
        adapters: Mapping[str, Adapter],
        communities: Communities,
        tools: Tools,
        units: Units,
        clock: Clock,
    ) -> None:
        self._departures = departures
        self._adapters = adapters
        self._communities = communities
        self._tools = tools
        self._units = units
        self._clock = clock

    async def begin(self) -> None:
        """Look at the spaces that we listened to before, too: we may have been removed while we were not there."""
        for key in await self._departures.store.heard_once():
            await self._look(Space.of(key))

    async def look(self) -> None:
        """Look at the spaces that we know, and forget in memory those that another process knows to be left."""
        for space in [*self._communities.known]:
            await self._look(space)
        for left in await self._departures.store.left():
            self._communities.drop(Space.of(left.key))

    async def _look(self, space: Space) -> None:
        adapter = self._adapters.get(space.platform)
        if adapter is None or not await adapter.has_left(space):
            return
        if community := await self._tools.members.community_of(space.key):
            work = Work(self._tools, community, self._clock.now())
            await self._units.run(work, partial(self._departures.note, work, space))
            self._communities.drop(space)


def departure_card(name: str, until: datetime | None) -> Card:
    """Say that a space has removed Trellis, and what becomes of what is known of it."""
    if until is None:
        kept = say("I keep what I know of it, in case it lets me in again.")
        return Card(say("{space} removed me", space=name), kept, tone=Tone.URGENT)
    words = say("I delete what I know of it {at}, unless it lets me in again before then.", at=Time(until))
    return Card(say("{space} removed me", space=name), words, tone=Tone.URGENT)
