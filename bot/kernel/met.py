"""Who was met since the start, in memory: what everyone writes is not to cost a look at the store each time."""

from __future__ import annotations

MOST = 50_000
"""Of how many accounts that is kept; then it begins again."""


class Met:
    """The keys of the accounts that were met."""

    def __init__(self) -> None:
        self._accounts: set[str] = set()

    def __contains__(self, account: str) -> bool:
        return account in self._accounts

    def add(self, account: str) -> None:
        """Note that someone is known by now."""
        if len(self._accounts) >= MOST:
            self._accounts.clear()
        self._accounts.add(account)
