"""Who has paused what Trellis does with their data, in memory: what they write is not even looked at."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.contract.events import Glance, MessagePosted, ReactionAdded


class Paused:
    """The keys of all accounts whose members have paused."""

    def __init__(self) -> None:
        self._accounts: frozenset[str] = frozenset()

    def know(self, accounts: Iterable[str]) -> None:
        """These have paused, and nobody else."""
        self._accounts = frozenset(accounts)

    def pause(self, accounts: Iterable[str]) -> None:
        """These have paused too."""
        self._accounts = self._accounts.union(accounts)

    def resume(self, accounts: Iterable[str]) -> None:
        """These have not any more."""
        self._accounts = self._accounts.difference(accounts)

    def ignores(self, glance: Glance) -> bool:
        """Say whether something is not to be looked at: what they write or react, unless it is said to Trellis.

        That they change or delete what is known already is heard, for that is how it goes away.
        """
        if not self._accounts or glance.kind not in (MessagePosted, ReactionAdded):
            return False
        return glance.account.key in self._accounts and not (glance.mentions_us or glance.direct)
