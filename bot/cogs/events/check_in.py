"""Checking people in: the host says who is there, name by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract.text import Verbatim, clip, count, join, say
from adapters.contract.ui import OPTIONS, AnyButton, Button, Card, Menu, Option
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context
from bot.kernel.errors import require
from storage.events import Event, EventState
from storage.members import Member

from . import calls
from .cards import View, names
from .policy import CHECK_IN_BEFORE
from .service import Events

COUNTED = say("Attendance is counted already.")


class CheckIn(Cog):
    """Hosts check people in."""

    name = "check_in"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    @action(formerly=("hosting.door",))
    async def open(self, ctx: Context, event_id: int, page: int) -> None:
        """The host wants to check people in."""
        event = await self.events.hosted(ctx, event_id)
        require(event.state is EventState.PLANNED, say("It's cancelled."))
        require(ctx.now >= event.starts_at - CHECK_IN_BEFORE, say("Check-in opens 15 minutes before the start."))
        require(event.settled_at is None, COUNTED)
        await ctx.reply(await self._card(ctx, event, page))

    @action(formerly=("hosting.turn_page",))
    async def turn_page(self, ctx: Context, event_id: int, page: int) -> None:
        """The host wants to see other names."""
        await ctx.update(await self._card(ctx, await self.events.hosted(ctx, event_id), page))

    @action(formerly=("hosting.check_in",))
    async def check_in(self, ctx: Context, event_id: int, page: int) -> None:
        """The host says who is there."""
        event = await self._uncounted(ctx, event_id)
        chosen = {int(value) for value in ctx.values if value.isascii() and value.isdigit() and len(value) < 19}
        for member_id in await self.events.signups.expected(event_id, chosen):
            await self.events.signups.check_in(event_id, member_id, ctx.now, by_host=True)
        await self.events.lifecycle.redraw(ctx, event_id)
        await ctx.update(await self._card(ctx, event, page))

    @action(formerly=("hosting.undo",))
    async def undo(self, ctx: Context, event_id: int, page: int) -> None:
        """The host checked the wrong person in."""
        event = await self._uncounted(ctx, event_id)
        if last := await self.events.signups.last_here(event_id):
            await self.events.signups.check_out(event_id, last)
        await self.events.lifecycle.redraw(ctx, event_id)
        await ctx.update(await self._card(ctx, event, page))

    async def _uncounted(self, ctx: Context, event_id: int) -> Event:
        event = await self.events.hosted(ctx, event_id)
        require(event.settled_at is None, COUNTED)
        return event

    async def _card(self, ctx: Context, event: Event, page: int) -> Card:
        """Return a page of who is not there yet, the last one where there are no longer so many."""
        turnout = self.events.turnout
        last = max(await turnout.count_absent(event.id) - 1, 0) // OPTIONS
        page = min(max(page, 0), last)
        found = await turnout.absent(event.id, OPTIONS + 1, page * OPTIONS)
        people = await self.events.members.get_many(found[:OPTIONS])
        missing = [people[id_] for id_ in found[:OPTIONS] if id_ in people]
        return check_in_card(await self.events.view(ctx, event), missing, page, more=len(found) > OPTIONS)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def check_in_card(view: View, missing: Sequence[Member], page: int, *, more: bool) -> Card:
    """Show who is there, with a menu of who is not yet, page by page."""
    event, came = view.event, view.tally.came
    options = tuple(Option(Verbatim(clip(member.name, 60)), str(member.id)) for member in missing)
    buttons: list[AnyButton] = []
    if page:
        buttons.append(Button("Earlier names", calls.turn_page(event.id, page - 1)))
    if more:
        buttons.append(Button("More names", calls.turn_page(event.id, page + 1)))
    if came:
        buttons.append(Button("Undo the last", calls.undo_check_in(event.id, page)))
    here = count(came, "{n} person is here.", "{n} people are here.")
    check_in = calls.check_in(event.id, page)
    return Card(
        say("Check-in: {title}", title=event.title),
        join([here, names(view.came, came)]),
        menu=Menu("Who else is here?", check_in, options, most=len(options)) if options else None,
        footer=say("Everyone who signed up is here.") if view.tally.said and not options else "",
        buttons=tuple(buttons),
    )
