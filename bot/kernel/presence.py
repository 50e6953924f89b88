"""When people were last seen, by what they write and use: counted in memory, and written down now and then.

A message that no cog wants leaves no row. That somebody wrote it is noted here and reaches the store after a quarter of
an hour; what was noted within that time is lost with the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

from adapters.contract.models import Account
from storage.members import Member, MemberStore

EVERY = timedelta(minutes=15)
"""How long what was noted stays in memory alone."""
MOST = 50_000
"""Of how many people something is noted at most; the rest go unnoticed until the next ones are written down."""
STRANGERS = 10_000
"""Of how many of them it stays noted although they are no members: these must not crowd out those who are."""


class Presence:
    """When each account was last seen, as far as that is not in the store yet."""

    def __init__(self, members: MemberStore) -> None:
        self._members = members
        self._seen: dict[str, datetime] = {}
        self._written_at: datetime | None = None

    def note(self, account: Account, at: datetime) -> None:
        """Note that someone was there."""
        key = account.key
        seen = self._seen.get(key)
        if seen is None:
            if len(self._seen) < MOST:
                self._seen[key] = at
        elif at > seen:
            self._seen[key] = at

    def last_seen(self, member: Member) -> datetime | None:
        """Return when a member was last active, as far as we know."""
        noted = (self._seen.get(account) for account in member.accounts)
        return max(filter(None, (member.last_active_at, *noted)), default=None)

    def is_due(self, now: datetime) -> bool:
        """Say whether it is time to write down what was noted."""
        self._written_at = self._written_at or now
        return now - self._written_at >= EVERY

    async def write_down(self, now: datetime) -> Mapping[str, datetime]:
        """Write down what was noted. Return what was noted of accounts that are no member's, which stays noted."""
        noted = dict(self._seen)
        strangers = await self._members.seen(noted)
        kept = dict(islice(((key, at) for key, at in noted.items() if key in strangers), STRANGERS))
        for key in noted.keys() - kept.keys():
            self.forget(key, noted[key])
        self._written_at = now
        return kept

    def forget(self, key: str, at: datetime) -> None:
        """Forget what was noted of an account until then."""
        if self._seen.get(key) == at:
            del self._seen[key]
