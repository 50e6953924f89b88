"""Calling events off: one, or all that follow."""

from __future__ import annotations

from typing import Any

from adapters.contract.models import Space
from adapters.contract.text import Strong, Time, count, join, say
from adapters.contract.ui import Button, Card, Style, Tone
from bot.delivery.addressing import named
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.reasons import ReasonForm, tell_why
from storage.events import Event
from storage.members import Member
from storage.signups import CONCERNED

from . import calls
from .forms import WhichForm
from .service import Events


class Cancel(Cog):
    """Hosts call their events off."""

    name = "cancel"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    @command("event cancel", "Call an event of yours off")
    async def cancel(self, ctx: Submission[WhichForm]) -> None:
        await self._ask(ctx, await self.events.by_number(ctx, ctx.form.event))

    @action(formerly=("events.ask_cancel",))
    async def ask(self, ctx: Context, event_id: int) -> None:
        """The host wants to call it off."""
        await self._ask(ctx, await self.events.get(ctx, event_id))

    async def _ask(self, ctx: Context, event: Event) -> None:
        await self.events.require_changeable(ctx, event)
        concerned = (await self.events.turnout.tally(event.id)).of(*CONCERNED)
        series = await self.events.series.get(event.series_id) if event.series_id else None
        await ctx.reply(cancel_card(event, concerned, goes_on=series is not None and not series.ended_at))

    @action(formerly=("events.call_off",))
    async def call_off(self, ctx: Context, event_id: int, following: bool) -> None:
        """The host calls it off, and perhaps all that follow; a moderator says why first."""
        event = await self.events.get(ctx, event_id)
        await self.events.require_changeable(ctx, event)
        if await self.events.is_host(ctx, event):
            await self._end(ctx, event, following)
            who = named(ctx.member)
            words = say("{name} cancelled {title}, which you host together.", name=who, title=Strong(event.title))
            place = self.events.channels.nearest(Space.of(event.space))
            near = [place] if place else [ctx.channel]
            await tell_why(ctx, event.host_id, words, "", key=f"event/{event.id}/cancelled", near=near)
        else:
            await ctx.open(ReasonForm, calls.call_off_for(event_id, following), self)

    @action
    async def call_off_for(self, ctx: Submission[ReasonForm], event_id: int, following: bool) -> None:
        """A moderator calls off what somebody else hosts."""
        event = await self.events.get(ctx, event_id)
        await self.events.require_changeable(ctx, event)
        await self._end(ctx, event, following, ctx.form.reason)
        words = say("A moderator cancelled {title}, which you host.", title=Strong(event.title))
        place = self.events.channels.nearest(Space.of(event.space))
        near = [place] if place else [ctx.channel]
        await tell_why(ctx, event.host_id, words, ctx.form.reason, key=f"event/{event.id}/cancelled", near=near)

    async def _end(self, ctx: Context, event: Event, following: bool, because: str = "") -> None:
        off = [event]
        if following and event.series_id and event.occurrence:
            await self.events.series.end(event.series_id, ctx.now)
            others = await self.events.store.of_series(event.series_id, event.occurrence)
            off += [other for other in others if other.id != event.id]
        number = 0
        for one in off:
            if await self.events.store.cancel(one.id, ctx.now, because):
                number += 1
                self.events.touch(ctx, one.id)
        await ctx.update(called_off_card(event, number))

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def cancel_card(event: Event, concerned: int, *, goes_on: bool) -> Card:
    """Ask before an event is called off; of a series that `goes_on`, perhaps all that follow too."""
    words = say("Cancel {title}, {when}?", title=Strong(event.title), when=Time(event.starts_at))
    told = count(concerned, "{n} person who signed up is told.", "{n} people who signed up are told.")
    one, following = calls.call_off(event.id, False), calls.call_off(event.id, True)
    buttons: tuple[Button, ...] = (Button("Cancel it", one, Style.DANGER),)
    if goes_on:
        buttons = (
            Button("Cancel only this one", one, Style.DANGER),
            Button("Cancel this and all that follow", following, Style.DANGER),
        )
    return Card(body=join([words, told if concerned else ""]), tone=Tone.URGENT, buttons=buttons)


def called_off_card(event: Event, number: int) -> Card:
    if number == 1:
        return Card(body=say("{title} is cancelled.", title=Strong(event.title)))
    return Card(
        body=count(number, "{n} event is cancelled, and none follows.", "{n} events are cancelled, and none follows.")
    )
