"""Naming people: a card that tells some of them something in a channel."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import Mention, Phrase, Span, Text, join
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


def without(card: Card, accounts: Collection[Account]) -> Card:
    """Return a card that neither notifies nor addresses some people any more.

    Their names go from the body with what divides them from the others, and so does a sentence that begins with one.
    """
    kept: list[Span | Phrase] = []
    dropped = False
    for part in card.body.parts:
        if _addresses(part, accounts):
            dropped = True
            if kept and _divides(kept[-1]):
                kept.pop()
        elif not (dropped and not kept and _divides(part)):
            kept.append(part)
    return card.with_(body=Text(tuple(kept)), pings=tuple(one for one in card.pings if one not in accounts))


def _addresses(part: Span | Phrase, accounts: Collection[Account]) -> bool:
    if isinstance(part, Mention):
        return any(account in accounts for account in part.accounts)
    if isinstance(part, Phrase) and (begins := re.match(r"\{(\w+)\}", part.template)):
        return any(_addresses(span, accounts) for span in dict(part.values).get(begins[1], Text()).parts)
    return False


def _divides(part: Span | Phrase) -> bool:
    return isinstance(part, str) and not part.strip()
