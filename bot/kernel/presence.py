"""When people were last seen, by what they write and use: noted in memory, and written down soon after.

A message that no cog wants leaves no row. That somebody wrote it is noted here, once in a quarter of an hour each, and
reaches the store within seconds: what was noted within those is lost with the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

from adapters.contract.models import Account
from storage.members import Member, MemberStore

EVERY = timedelta(minutes=15)
"""How long somebody who was noted is not noted again."""
MOST = 50_000
"""Of how many people something is noted at most; the rest go unnoticed until the next ones are written down."""
STRANGERS = 10_000
"""Of how many of them it waits although they are no members: these must not crowd out those who are."""


class Presence:
    """When each account was last seen, to the quarter of an hour."""

    def __init__(self, members: MemberStore) -> None:
        self._members = members
        self._noted: dict[str, datetime] = {}
        """What is to be written down."""
        self._written: dict[str, datetime] = {}
        """What was, within the last quarter of an hour."""

    def note(self, account: Account, at: datetime) -> None:
        """Note that someone was there."""
        key = account.key
        if noted := self._noted.get(key):
            if at > noted:
                self._noted[key] = at
            return
        written = self._written.get(key)
        if (written is None or abs(at - written) >= EVERY) and len(self._noted) < MOST:
            self._noted[key] = at

    def last_seen(self, member: Member) -> datetime | None:
        """Return when a member was last active, as far as we know."""
        noted = (self._noted.get(account) for account in member.accounts)
        return max(filter(None, (member.last_active_at, *noted)), default=None)

    def is_due(self) -> bool:
        """Say whether there is anything to write down."""
        return bool(self._noted)

    async def write_down(self, now: datetime) -> Mapping[str, datetime]:
        """Write down what was noted. Return what was noted of accounts that are no member's, which stays noted."""
        noted = dict(self._noted)
        strangers = await self._members.seen(noted)
        kept = dict(islice(((key, at) for key, at in noted.items() if key in strangers), STRANGERS))
        self._written = {key: at for key, at in self._written.items() if now - at < EVERY}
        for key in noted.keys() - kept.keys():
            self.forget(key)
        return kept

    def forget(self, key: str) -> None:
        """Note nothing more of an account for a while: what was is written down, or it is nobody's."""
        at = self._noted.pop(key, None)
        if at is not None:
            self._written[key] = at
