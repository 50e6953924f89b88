"""Hosting: what hosts and moderators do once people have signed up."""

from __future__ import annotations

from typing import Any

from adapters.contract.text import say
from adapters.contract.ui import OPTIONS, Card, File
from bot.kernel.arguments import numbers_in
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context, Submission
from bot.kernel.errors import require
from bot.kernel.forms import Form, ask
from bot.text.spreadsheet import as_csv
from storage.events import Event, EventState
from storage.members import Member
from storage.signups import CONCERNED

from . import cards
from .desk import Desk
from .planning import Planning
from .rules import DOORS, is_over


class MessageForm(Form, title="Message everyone", submit="Send"):
    """What a host wants to tell those who signed up."""

    words: str = ask("What do you want to tell them?", longest=2000, lines=5)


class Hosting(Cog):
    """Hosts look after their events."""

    name = "hosting"
    room = "Events"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def _hosted(self, ctx: Context, event_id: int) -> Event:
        event = await self.desk.get(ctx, event_id)
        self.desk.require_host(ctx, event)
        return event

    @action
    async def tools(self, ctx: Context, event_id: int) -> None:
        """The host wants to see what they can do."""
        event = await self._hosted(ctx, event_id)
        over = is_over(event, ctx.now)
        card = cards.tools_card(
            await self.desk.view(ctx, event),
            edit=None if over else Planning.edit_event.call(event_id),
            more=None if over else Planning.more.call(event_id),
            write=Hosting.write.call(event_id),
            door=Hosting.door.call(event_id, 0),
            export=Hosting.export_list.call(event_id),
            cancel=None if over else Planning.ask_cancel.call(event_id),
        )
        await ctx.reply(card)

    @action
    async def write(self, ctx: Context, event_id: int) -> None:
        """The host wants to tell those who signed up something."""
        await self._hosted(ctx, event_id)
        await ctx.open(MessageForm, Hosting.send.call(event_id), self)

    @action
    async def send(self, ctx: Submission[MessageForm], event_id: int) -> None:
        """The host wrote to those who signed up."""
        event = await self._hosted(ctx, event_id)
        async with ctx.atomic():
            await self.desk.reminders.write(event_id, ctx.member.id, ctx.form.words, ctx.now)
            await self.desk.touch(ctx, event)
        signups = await self.desk.signups.of(event_id)
        told = [one for one in signups if one.choice in CONCERNED and one.member_id != ctx.member.id]
        await ctx.reply(cards.written_card(len(told)))

    # At the door

    @action
    async def door(self, ctx: Context, event_id: int, page: int) -> None:
        """The host checks people in."""
        event = await self._hosted(ctx, event_id)
        require(event.state is EventState.PLANNED, say("It is cancelled."))
        require(ctx.now >= event.starts_at - DOORS, say("Check-in opens 15 minutes before the start."))
        require(event.settled_at is None, say("Attendance is counted already."))
        await ctx.reply(await self._door(ctx, event, page))

    async def _door(self, ctx: Context, event: Event, page: int) -> Card:
        view = await self.desk.view(ctx, event)
        pages = max(1, -(-len(cards.missing_at_door(view)) // OPTIONS))
        page = min(max(page, 0), pages - 1)
        return cards.door_card(
            view,
            page,
            check_in=Hosting.check_in.call(event.id, page),
            earlier=Hosting.turn_page.call(event.id, page - 1) if page else None,
            later=Hosting.turn_page.call(event.id, page + 1) if page + 1 < pages else None,
            back=Hosting.undo.call(event.id, page),
        )

    @action
    async def turn_page(self, ctx: Context, event_id: int, page: int) -> None:
        """The host wants to see other names."""
        await ctx.update(await self._door(ctx, await self._hosted(ctx, event_id), page))

    @action
    async def check_in(self, ctx: Context, event_id: int, page: int) -> None:
        """The host says who is there."""
        event = await self._at_door(ctx, event_id)
        expected = {signup.member_id for signup in await self.desk.signups.of(event_id)}
        async with ctx.atomic():
            for member_id in expected.intersection(numbers_in(ctx.values)):
                await self.desk.signups.check_in(event_id, member_id, ctx.now, by_host=True)
            await self.desk.touch(ctx, event)
        await ctx.update(await self._door(ctx, event, page))

    @action
    async def undo(self, ctx: Context, event_id: int, page: int) -> None:
        """The host checked the wrong person in."""
        event = await self._at_door(ctx, event_id)
        here = [signup for signup in await self.desk.signups.of(event_id) if signup.checked_in_at]
        async with ctx.atomic():
            if here:
                last = max(here, key=lambda signup: (signup.checked_in_at, signup.member_id))
                await self.desk.signups.check_out(event_id, last.member_id)
            await self.desk.touch(ctx, event)
        await ctx.update(await self._door(ctx, event, page))

    async def _at_door(self, ctx: Context, event_id: int) -> Event:
        event = await self._hosted(ctx, event_id)
        require(event.settled_at is None, say("Attendance is counted already."))
        return event

    @action
    async def export_list(self, ctx: Context, event_id: int) -> None:
        """The host wants the list as a table."""
        event = await self._hosted(ctx, event_id)
        view = await self.desk.view(ctx, event)
        table = File(f"event-{event.number}.csv", as_csv(cards.export_rows(view)))
        await ctx.reply(cards.export_card(view, table))

    async def export(self, member: Member) -> dict[str, Any]:
        written = await self.desk.reminders.written_by(member.id)
        return {"messages_to_guests": [{"words": message.words, "at": message.at} for message in written]}

    async def erase(self, member: Member) -> None:
        """What a host wrote is forgotten with the reminders."""
