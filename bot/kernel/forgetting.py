"""Forgets again whom a backup that was put in the database's place still knows."""

from __future__ import annotations

from bot.clock import Clock
from storage.database import Database
from storage.erasures import ErasureJournal, Tombstones
from storage.members import MemberStore

from .communities import Communities
from .privacy import Privacy
from .units import Units
from .work import Tools, Work


class Forgetting:
    """Compares who is erased in the database with the journal outside of it."""

    def __init__(
        self,
        database: Database,
        journal: ErasureJournal,
        members: MemberStore,
        communities: Communities,
        privacy: Privacy,
        tools: Tools,
        units: Units,
        clock: Clock,
    ) -> None:
        self._tombstones = Tombstones(database)
        self._journal = journal
        self._members = members
        self._communities = communities
        self._privacy = privacy
        self._tools = tools
        self._units = units
        self._clock = clock

    async def again(self) -> int:
        """Forget whom the journal knows to be erased and the database does not, and say how many accounts that were.

        So it is with a backup: one that `trellis restore` put there, cut off or not, or that was copied by hand.
        """
        accounts = await self._tombstones.missing(self._journal.read())
        for account in accounts:
            await self._forget(account)
        return len(accounts)

    async def note_missing(self) -> None:
        """Have the journal know what the database does. Raises `OSError` where it takes nothing."""
        self._journal.note_missing(await self._tombstones.all())

    async def _forget(self, account_key: str) -> None:
        """Forget the member of an account as if they had asked for it; nobody where an account of theirs was first."""
        member = await self._members.by_account(account_key)
        community = await self._communities.get(member.community_id) if member else None
        if member and community:
            work = Work(self._tools, community, self._clock.now())
            await self._units.run(work, lambda: self._privacy.forget(work, member))
