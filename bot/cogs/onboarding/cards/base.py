"""What the cards of this room share."""

from __future__ import annotations

from adapters.contract.models import Account
from adapters.contract.text import Text, say
from storage.members import Member


def pings(*members: Member) -> tuple[Account, ...]:
    """Return the accounts that notify these members."""
    return tuple(Account.of(key) for member in members for key in member.accounts)


def gone_words() -> Text:
    return say("That's no longer here.")


def decided_already_words() -> Text:
    return say("That's decided already.")


def room_words(channels: Text) -> Text:
    """Say where introductions stand."""
    return say("Introductions are posted in {channels}.", channels=channels) if channels else Text()
