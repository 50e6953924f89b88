"""How members want to be reminded of what they signed up for, and what their own page says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.contract.text import Strong, Time, Words, join, listing, say
from adapters.contract.ui import Button, Card, CardField, CardList, ListItem, Menu, Option, Style
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context
from bot.kernel.page import PagePart
from storage.events import Event
from storage.members import Member
from storage.signups import Choice

from . import calls
from .cards import lead_words
from .policy import LEADS, is_open
from .service import Events

ON_PAGE = 4
"""How many of their events the personal page shows."""
LEAD_OPTIONS = (
    Option("A week before", "10080"),
    Option("3 days before", "4320"),
    Option("A day before", "1440"),
    Option("3 hours before", "180"),
    Option("An hour before", "60"),
    Option("15 minutes before", "15"),
    Option("At the start", "0"),
)


class Remind(Cog):
    """Members choose when they are reminded."""

    name = "remind"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    async def page(self, ctx: Context) -> PagePart | None:
        mine = await self.events.turnout.coming(ctx.member.id, ctx.now, ON_PAGE)
        open_ = await self._unanswered(ctx) if len(mine) < ON_PAGE else []
        shown = sorted([*mine, *open_][:ON_PAGE], key=lambda row: row[0].starts_at)
        return page_part(shown, ctx.now, calendar=bool(self.events.web_url))

    async def _unanswered(self, ctx: Context) -> list[tuple[Event, None]]:
        """Return what comes up for all, of which the member has said nothing yet."""
        ahead = await self.events.store.upcoming(ctx.community.id, ctx.now, 2 * ON_PAGE)
        said = await self.events.turnout.choices(ctx.member.id, [event.id for event in ahead])
        return [(event, None) for event in ahead if event.id not in said and is_open(event, ctx.now)]

    @action(formerly=("attending.reminders",))
    async def show(self, ctx: Context) -> None:
        """Someone wants to choose when they are reminded."""
        await ctx.reply(await self._card(ctx))

    async def _card(self, ctx: Context) -> Card:
        chosen = await self.events.reminders.chosen(ctx.member.id)
        policy = await self.events.policies.of(ctx.community.id)
        return reminders_card(chosen.minutes if chosen else policy.reminders, own=chosen is not None)

    @action(formerly=("attending.choose_reminders",))
    async def choose(self, ctx: Context) -> None:
        """Someone chose when they are reminded."""
        await self._choose(ctx, tuple(lead for lead in LEADS if str(lead) in ctx.values))

    @action(formerly=("attending.no_reminders",))
    async def choose_none(self, ctx: Context) -> None:
        """Someone wants no reminders."""
        await self._choose(ctx, ())

    @action(formerly=("attending.usual_reminders",))
    async def choose_default(self, ctx: Context) -> None:
        """Someone wants to be reminded as everyone is."""
        await self._choose(ctx, None)

    async def _choose(self, ctx: Context, minutes: tuple[int, ...] | None) -> None:
        """Note it. An event is looked at whenever anybody could want a reminder, so nothing is to be planned anew."""
        await self.events.reminders.choose(ctx.member.id, minutes, ctx.now)
        await ctx.update(await self._card(ctx))

    async def export(self, member: Member) -> dict[str, Any]:
        chosen = await self.events.reminders.chosen(member.id)
        return {"reminded_minutes_before": list(chosen.minutes) if chosen else None}

    async def erase(self, member: Member) -> None:
        await self.events.reminders.forget(member.id)


def reminders_card(leads: Sequence[int], *, own: bool) -> Card:
    """Show how someone is reminded, with what changes it."""
    said = listing([lead_words(lead) for lead in sorted(leads, reverse=True)]) if leads else say("never")
    note = say("You have chosen this.") if own else say("This is what everyone gets who chose nothing else.")
    buttons: tuple[Button, ...] = (Button("No reminders", calls.no_reminders()),) if leads else ()
    if own:
        buttons += (Button("As everyone", calls.default_reminders()),)
    return Card(
        say("Reminders"),
        join([say("You're reminded of what you sign up for {when}.", when=said), note]),
        menu=Menu("Remind me …", calls.choose_reminders(), LEAD_OPTIONS, most=len(LEAD_OPTIONS)),
        buttons=buttons,
    )


def page_part(coming: Sequence[tuple[Event, Choice | None]], now: datetime, *, calendar: bool) -> PagePart:
    """Say what comes up, what someone said to it, and let them say it."""
    buttons: tuple[Button, ...] = (Button("Reminders", calls.reminders()),)
    if calendar:
        buttons += (Button("My calendar", calls.my_calendar()),)
    items = tuple(ListItem(_line(event, choice), *_answers(event, choice, now)) for event, choice in coming)
    if not items:
        nothing = say("Nothing yet. “/event list” shows what is coming up.")
        return PagePart(40, CardField("Events", nothing), folded=buttons)
    return PagePart(40, things=CardList("Events", items), folded=buttons)


def _answers(event: Event, choice: Choice | None, now: datetime) -> list[Button]:
    """Return what someone can say now, but for what they said."""
    going = is_open(event, now) and choice not in (Choice.GOING, Choice.WAITING)
    buttons = [Button("Going", calls.answer(event.id, Choice.GOING.value), Style.PRIMARY)] if going else []
    return [*buttons, Button("Can't", calls.answer(event.id, Choice.NO.value))]


def _line(event: Event, choice: Choice | None) -> Words:
    facts: dict[str, Words | int] = {
        "number": event.number or 0,
        "title": Strong(event.title),
        "when": Time(event.starts_at),
    }
    match choice:
        case Choice.GOING:
            return say("#{number} {title}, {when}: you're going", **facts)
        case Choice.MAYBE:
            return say("#{number} {title}, {when}: maybe", **facts)
        case Choice.WAITING:
            return say("#{number} {title}, {when}: on the waitlist", **facts)
        case Choice.OFFERED:
            return say("#{number} {title}, {when}: a place is kept for you", **facts)
    return say("#{number} {title}, {when}", **facts)
