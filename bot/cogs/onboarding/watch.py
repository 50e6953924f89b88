"""Who is listened to: the accounts of those who are on their way, in memory, so that chatter costs nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.contract.events import Glance
from adapters.contract.memo import Memo
from bot.kernel.channels import ChannelGroup
from bot.kernel.met import Met
from storage.progress import ProgressStore

HORIZON = timedelta(days=60)
"""How long someone counts as a newcomer: they are listened to, and to greet them is to welcome them."""
MOST = 10_000
"""How many accounts are listened to at most, of those who came last."""


class Watch:
    """Newcomers by their accounts, and whether each has contributed.

    `refresh` reads them from the store: those whom another process saw arrive are listened to from then on. Where there
    is a gate (`gated`), everyone is met by the first thing that they write after a start.
    """

    def __init__(
        self, progress: ProgressStore, introductions: ChannelGroup, help_: ChannelGroup, *, gated: bool = False
    ) -> None:
        self._progress = progress
        self._introductions = introductions
        self._help = help_
        self._gated = gated
        self._contributed: Memo[str, bool] = Memo(MOST)
        self._met = Met()

    def is_unmet(self, glance: Glance) -> bool:
        """Say whether someone is to be met who may still have to come through the gate."""
        return self._gated and glance.account.key not in self._met

    def meet(self, account: str) -> None:
        """Note that someone is known by now."""
        self._met.add(account)

    def wants(self, glance: Glance) -> bool:
        """Say whether a message may be someone's first contribution, or a step of theirs."""
        contributed = self._contributed.get(glance.account.key)
        return contributed is False or (contributed is True and self._is_a_step(glance))

    def _is_a_step(self, glance: Glance) -> bool:
        return glance.channel in self._introductions or glance.parent in self._help

    async def refresh(self, now: datetime) -> None:
        """Read who is on their way. Who came, left or contributed while it was read stays as it was noted."""
        before = dict(self._contributed)
        read = await self._progress.under_way(now - HORIZON, MOST)
        noted = {account: known for account, known in self._contributed.items() if before.get(account) is not known}
        gone = before.keys() - self._contributed.keys()
        self._contributed.clear()
        self._contributed.update({account: known for account, known in (read | noted).items() if account not in gone})

    def __contains__(self, account: str) -> bool:
        return account in self._contributed

    def add(self, account: str) -> None:
        """Listen to someone who has just arrived."""
        self._contributed[account] = False

    def remove(self, account: str) -> None:
        """Listen no more to someone who left."""
        self._contributed.pop(account, None)

    def note(self, account: str) -> None:
        """Only listen for steps from someone who has contributed."""
        if account in self._contributed:
            self._contributed[account] = True
