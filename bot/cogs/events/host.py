"""Hosting: what hosts and moderators do once people have signed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.contract.files import File
from adapters.contract.text import Strong, count, say
from adapters.contract.ui import Button, Card, CardField, Style, Tone
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context, Submission
from bot.kernel.forms import Form, ask
from bot.text.spreadsheet import as_csv
from storage.events import Event
from storage.members import Member
from storage.signups import CONCERNED, Signup

from . import calls
from .cards import View, attendance, when
from .policy import is_over
from .service import Events

SHOWN_FROM = 3
"""From so many answers on hosts see how many were content: fewer would say who."""


class MessageForm(Form, title="Message everyone", submit="Send"):
    """What a host wants to tell those who signed up."""

    words: str = ask("What do you want to tell them?", longest=2000, lines=5, rich=True)


class Host(Cog):
    """Hosts look after their events."""

    name = "host"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    @action(formerly=("hosting.tools",))
    async def tools(self, ctx: Context, event_id: int) -> None:
        """The host wants to see what they can do."""
        event = await self.events.hosted(ctx, event_id)
        await ctx.reply(tools_card(await self.events.view(ctx, event), await self.events.turnout.worths(event_id)))

    @action(formerly=("hosting.write",))
    async def write(self, ctx: Context, event_id: int) -> None:
        """The host wants to tell those who signed up something."""
        await self.events.hosted(ctx, event_id)
        await ctx.open(MessageForm, calls.send(event_id), self)

    @action(formerly=("hosting.send",))
    async def send(self, ctx: Submission[MessageForm], event_id: int) -> None:
        """The host wrote to those who signed up."""
        await self.events.hosted(ctx, event_id)
        await self.events.reminders.write(event_id, ctx.member.id, ctx.form.words, ctx.now)
        self.events.guests.touch(ctx, event_id)
        told = (await self.events.turnout.tally(event_id)).of(*CONCERNED)
        mine = (await self.events.turnout.choices(ctx.member.id, [event_id])).get(event_id)
        await ctx.reply(written_card(told - (mine in CONCERNED)))

    @action(formerly=("hosting.export_list",))
    async def export_list(self, ctx: Context, event_id: int) -> None:
        """The host wants the list as a table."""
        event = await self.events.hosted(ctx, event_id)
        signups = await self.events.signups.of(event_id)
        people = await self.events.members.get_many(signup.member_id for signup in signups)
        table = File(f"event-{event.number}.csv", as_csv(export_rows(signups, people)))
        await ctx.reply(export_card(event, table))

    async def export(self, member: Member) -> dict[str, Any]:
        written = await self.events.reminders.written_by(member.id)
        return {"messages_to_guests": [{"words": message.words, "at": message.at} for message in written]}

    async def erase(self, member: Member) -> None:
        """What a host wrote is forgotten with the reminders."""


def tools_card(view: View, worths: Mapping[int, int]) -> Card:
    """Show a host what they can do, and how it stands; `worths` says how many found it worth how much."""
    event = view.event
    fields = [CardField("When", when(event)), *attendance(view)]
    if sum(worths.values()) >= SHOWN_FROM:
        yes, so, no = (worths.get(worth, 0) for worth in (3, 2, 1))
        fields.append(CardField("Worth it?", say("{yes} yes, {so} so-so, {no} no", yes=yes, so=so, no=no)))
    buttons: tuple[Button, ...] = (
        Button("Message everyone", calls.write(event.id)),
        Button("Check people in", calls.check_in_page(event.id)),
        Button("Export", calls.export(event.id)),
    )
    if not is_over(event, view.now):
        change = Button("Edit", calls.edit(event.id)), Button("Places, sign-up and more", calls.more(event.id))
        buttons = (*change, *buttons, Button("Cancel", calls.ask_cancel(event.id), Style.DANGER))
    return Card(event.title, fields=tuple(fields), body=say("Host tools"), footer=f"#{event.number}", buttons=buttons)


def written_card(concerned: int) -> Card:
    words = count(concerned, "{n} person gets your message.", "{n} people get your message.")
    return Card(body=words, tone=Tone.DONE)


def export_card(event: Event, table: File) -> Card:
    return Card(body=say("Who signed up for {title}.", title=Strong(event.title)), files=(table,))


def export_rows(signups: Sequence[Signup], people: Mapping[int, Member]) -> list[list[str]]:
    """Return the table of who signed up, its head first."""
    head = ["name", "choice", "since", "checked in"]
    rows = [
        [
            people[signup.member_id].name,
            signup.choice.value,
            f"{signup.at:%Y-%m-%d %H:%M} UTC",
            f"{signup.checked_in_at:%Y-%m-%d %H:%M} UTC" if signup.checked_in_at else "",
        ]
        for signup in signups
        if signup.member_id in people
    ]
    return [head, *rows]
