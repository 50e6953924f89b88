"""Naming people: a card that tells some of them something in a channel."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import Mention, Phrase, Span, Text, join, say
from adapters.contract.ui import Card
from storage.members import GONE, Member


def mention(member: Member, *, plain: bool = False) -> Mention | Text:
    """Name a member: a mention, live where they have an account, or only their name if it is `plain`.

    It notifies only if the card pings. Who was forgotten has no name any more.
    """
    if member.name == GONE:
        return say("a former member")
    return Mention(member.name, tuple(map(Account.of, member.accounts)), member.id, plain)


def named(member: Member) -> Mention | Text:
    """Name a member in a title, and wherever a live mention is too much. So it is known whom a message names."""
    return mention(member, plain=True)


def who_is_named(card: Card) -> frozenset[int]:
    """Return the ids of the members whom a card names."""
    items = (item.words for each in card.lists for item in each.items)
    told = (card.title, card.body, card.footer, *(field.value for field in card.fields), *items)
    files = (file.words for file in card.files)
    return frozenset(chain.from_iterable(map(_named_in, (*told, *files))))


def _named_in(words: Text) -> Iterator[int]:
    for part in words.parts:
        if isinstance(part, Mention) and part.who:
            yield part.who
        elif isinstance(part, Phrase):
            for _, value in part.values:
                yield from _named_in(value)


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
