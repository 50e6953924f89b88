"""Who is listened to: the accounts of those who are on their way, in memory, so that chatter costs nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.contract.events import MessagePosted
from bot.kernel.channels import ChannelGroup
from storage.journeys import JourneyStore

FRESH = timedelta(minutes=5)
"""How long what is in memory counts. So a replica hears of those whom another saw arrive at most this much later."""
HORIZON = timedelta(days=60)
"""How long someone counts as a newcomer: they are listened to, and to greet them is to welcome them."""


class Watch:
    """Newcomers by their accounts. It is read from the store with the first message, and again every few minutes."""

    def __init__(self, journeys: JourneyStore, introductions: ChannelGroup, help_: ChannelGroup) -> None:
        self._journeys = journeys
        self._introductions = introductions
        self._help = help_
        self._contributed: dict[str, bool] = {}
        self._read_at: datetime | None = None

    def wants(self, event: MessagePosted) -> bool:
        """Say whether a message may be a step of someone's, or it is time to look who is on their way."""
        if self._is_old(event.at):
            return True
        contributed = self._contributed.get(event.by.account.key)
        return contributed is False or (contributed is True and self._is_a_step(event))

    def _is_old(self, now: datetime) -> bool:
        return self._read_at is None or now - self._read_at > FRESH

    def _is_a_step(self, event: MessagePosted) -> bool:
        return event.message.ref.channel in self._introductions or event.message.parent in self._help

    async def refresh(self, now: datetime) -> None:
        """Read who is on their way, if that was long ago."""
        if self._is_old(now):
            self._read_at = now
            self._contributed = await self._journeys.under_way(now - HORIZON)

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
