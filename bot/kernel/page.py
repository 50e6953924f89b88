"""The personal page: what each cog has to say to one member, on one card, with what they can change on the spot.

It is `/me` everywhere, and App Home on Slack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adapters.contract.commands import Role
from adapters.contract.text import Words, join, say
from adapters.contract.ui import BUTTONS, FIELDS, Button, Card, CardField
from storage.members import Member

if TYPE_CHECKING:
    from .context import Context


@dataclass(frozen=True, slots=True)
class PagePart:
    """What one cog says on the page: lines for the top, or a field, and a few buttons; the lowest `order` first."""

    order: int
    field: CardField | None = None
    lines: Words = ""
    buttons: tuple[Button, ...] = ()


class HasPage(Protocol):
    """Whatever may have a part of the page."""

    async def page(self, ctx: Context) -> PagePart | None: ...
    async def way_in(self, ctx: Context) -> PagePart | None: ...


async def personal_page(ctx: Context, cogs: Sequence[HasPage]) -> Card:
    """Return the page of whoever is there. What does not fit is left out from the end.

    What cogs have to say is for members alone.
    """
    if ctx.role < Role.NEWCOMER:
        return guest_page(ctx.member)
    held = ctx.role is Role.NEWCOMER
    found = [part for cog in cogs if (part := await (cog.way_in(ctx) if held else cog.page(ctx)))]
    parts = sorted(found, key=lambda part: part.order)
    return Card(
        say("You, {name}", name=ctx.member.name),
        join(part.lines for part in parts),
        fields=tuple(part.field for part in parts if part.field)[:FIELDS],
        buttons=tuple(button for part in parts for button in part.buttons)[:BUTTONS],
    )


def guest_page(member: Member) -> Card:
    """Tell a guest how they stand here."""
    return Card(
        say("You, {name}", name=member.name),
        say("You are a guest here. “/help” shows what you can do, “/privacy show” what Trellis knows about you."),
    )
