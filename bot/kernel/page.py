"""The personal page: what each cog has to say to one member, on one card, with what they can change on the spot.

It is `/me` everywhere, and App Home on Slack. There, on the page that a platform keeps, what members can begin comes
first, and how they are treated is folded away behind a button.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.text import Words, join, say
from adapters.contract.ui import BUTTONS, FIELDS, LISTS, Button, Card, CardField, CardList, pieces_left
from storage.members import Member

if TYPE_CHECKING:
    from .context import Context

FOLDED, BACK = Call("home.settings"), Call("home.front")
"""The actions of `bot.kernel.home` that show how somebody is treated, and the page again."""


@dataclass(frozen=True, slots=True)
class PagePart:
    """What one cog says on the page, the lowest `order` first: a field, things with buttons, and a few of its own.

    `lines` for the top and the `folded` buttons are about how the member is treated.
    """

    order: int
    field: CardField | None = None
    lines: Words = ""
    buttons: tuple[Button, ...] = ()
    folded: tuple[Button, ...] = ()
    things: CardList | None = None


class HasPage(Protocol):
    """Whatever may have a part of the page."""

    async def page(self, ctx: Context) -> PagePart | None: ...
    async def way_in(self, ctx: Context) -> PagePart | None: ...


async def personal_page(ctx: Context, cogs: Sequence[HasPage], *, settings: bool = False) -> Card:
    """Return the page of whoever is there. What does not fit is left out from the end.

    What cogs have to say is for members alone; newcomers are shown the way in. With `settings`, where they are folded,
    only those are shown.
    """
    if ctx.role < Role.NEWCOMER:
        return guest_page(ctx.member)
    held = ctx.role is Role.NEWCOMER
    found = [part for cog in cogs if (part := await (cog.way_in(ctx) if held else cog.page(ctx)))]
    parts = sorted(found, key=lambda part: part.order)
    buttons, folded = [one for part in parts for one in part.buttons], [one for part in parts for one in part.folded]
    lines = join(part.lines for part in parts)
    if ctx.on_page and settings:
        back = Button("Back", BACK)
        return Card(say("Your settings"), lines, buttons=(*folded[: BUTTONS - 1], back))
    shown = [*buttons[: BUTTONS - 1], Button("Settings", FOLDED)] if ctx.on_page else [*buttons, *folded][:BUTTONS]
    return Card(
        say("You, {name}", name=ctx.member.name),
        "" if ctx.on_page and not held else lines,
        fields=tuple(part.field for part in parts if part.field)[:FIELDS],
        lists=fitting((part.things for part in parts if part.things), pieces_left(len(shown))),
        buttons=tuple(shown),
    )


def fitting(lists: Iterable[CardList], room: int) -> tuple[CardList, ...]:
    """Return lists with as many things as there is room for: the longest one gives way, a thing at a time."""
    kept = [*lists][:LISTS]
    while sum(each.pieces for each in kept) > room:
        at = max(range(len(kept)), key=lambda number: (len(kept[number].items), number))
        each = kept[at]
        kept[at : at + 1] = [CardList(each.name, each.items[:-1])] if len(each.items) > 1 else []
    return tuple(kept)


def guest_page(member: Member) -> Card:
    """Tell a guest how they stand here."""
    return Card(
        say("You, {name}", name=member.name),
        say("You're a guest here. “/help” shows what you can do, “/privacy show” what Trellis knows about you."),
    )
