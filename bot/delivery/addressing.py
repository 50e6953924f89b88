"""Naming people: a card that tells some of them something in a channel."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import Mention, join
from adapters.contract.ui import Card
from storage.members import Member


def mention(member: Member) -> Mention:
    """Return a member's name as a mention, live where they have an account. It notifies only if the card pings."""
    return Mention(member.name, tuple(map(Account.of, member.accounts)))


def account_in(member: Member, space: Space) -> Account | None:
    """Return a member's account in a space."""
    return next((account for account in map(Account.of, member.accounts) if account.space == space), None)


def addressed(card: Card, people: Sequence[Member], channel: Channel) -> Card:
    """Return a card with the names of those it is for above its words; those who are there are notified."""
    accounts = [account_in(member, channel.space) for member in people]
    return card.with_(
        body=join([join(map(mention, people), " "), card.body]),
        pings=tuple(account for account in accounts if account),
    )
