"""Telling people something that concerns them: each once, where they want to be told."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.adapter import AdapterError, Gone
from adapters.contract.models import Account, Channel
from adapters.contract.text import join
from adapters.contract.ui import PINGS, Card
from bot.delivery.chat import mention
from storage.members import Member

from .context import Work


async def tell(
    work: Work, members: Sequence[Member], card: Card, *, key: str, places: Sequence[Channel]
) -> list[Member]:
    """Tell each of these members once under `key`, and return those who could not be reached.

    Who allowed direct messages gets one. The others are named and notified in the first of the `places` (channels or
    threads) that is in a space of theirs and not gone, together, at most 25 in one message. Platforms are spoken to one
    after the other, all of them also if one fails; then what went wrong is raised, for the caller to come again.
    """
    missed: list[Member] = []
    left: list[Member] = []
    trouble: list[Exception] = []
    for member in members:
        try:
            if member.direct_ok and await work.chat.direct(member, card, key=f"{key}/{member.id}"):
                continue
        except (AdapterError, OSError) as error:
            trouble.append(error)
            continue
        left.append(member)
    gone: set[Channel] = set()
    while left:
        named: dict[Channel, list[Member]] = {}
        for member in left:
            place = next((place for place in places if place not in gone and account_at(member, place)), None)
            if place:
                named.setdefault(place, []).append(member)
            else:
                missed.append(member)
        left = []
        for place, people in named.items():
            try:
                await _name(work, place, people, card, key)
            except Gone:
                gone.add(place)
                left += people
            except (AdapterError, OSError) as error:
                trouble.append(error)
    if trouble:
        raise trouble[0]
    return missed


def account_at(member: Member, place: Channel) -> Account | None:
    """Return a member's account in the space of a channel."""
    return next((account for account in map(Account.of, member.accounts) if account.space == place.space), None)


async def _name(work: Work, place: Channel, people: list[Member], card: Card, key: str) -> None:
    """Name people in a place, as many as a card can notify at a time; who was named before is left out.

    A row of who stands under which message is kept by the messages' keys: `key/named/ID-ID-…`.
    """
    said = await work.chat.said(f"{key}/named/")
    told = {int(id_) for known in said for id_ in known.rpartition("/")[2].split("-")}
    waiting = sorted((member for member in people if member.id not in told), key=lambda member: member.id)
    for start in range(0, len(waiting), PINGS):
        batch = waiting[start : start + PINGS]
        names = "-".join(str(member.id) for member in batch)
        await work.chat.post(place, _addressed(card, batch, place), key=f"{key}/named/{names}")


def _addressed(card: Card, people: Sequence[Member], place: Channel) -> Card:
    """Return the card with the names of those it is for above its words."""
    accounts = [account_at(member, place) for member in people]
    return Card(
        card.title,
        join([join(map(mention, people), " "), card.body]),
        fields=card.fields,
        footer=card.footer,
        tone=card.tone,
        buttons=card.buttons,
        menu=card.menu,
        pings=tuple(account for account in accounts if account),
        files=card.files,
    )
