"""Attending: saying who comes, waiting for a place, being there, and saying how it was."""

from __future__ import annotations

from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberLeft
from adapters.contract.models import Account
from adapters.contract.text import Words, say
from adapters.contract.ui import Card
from bot.kernel.arguments import numbers_in
from bot.kernel.cog import Cog, action, command, listener
from bot.kernel.context import Context, Submission, Work
from bot.kernel.domain_events import MemberErased, MembersLinked
from bot.kernel.errors import OUTDATED, UserError, require
from bot.kernel.page import PagePart
from storage.events import Event, EventState
from storage.members import Member
from storage.signups import CONCERNED, Choice

from . import cards
from .desk import Desk
from .feeds import Calendars
from .forms import WhichForm
from .rules import LEADS, doors_open, is_last_call, is_open, is_over

LISTED = 10
"""How many events a list shows."""
ON_PAGE = 4
"""How many of their events the personal page shows."""
WISHES = (Choice.GOING, Choice.MAYBE, Choice.NO)


class Attending(Cog):
    """Members say whether they come."""

    name = "attending"
    room = "Events"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @command("event list", "See what is coming up")
    async def list_events(self, ctx: Context) -> None:
        coming = await self.desk.events.upcoming(ctx.community.id, ctx.now, LISTED)
        mine = {signup.event_id: signup.choice for signup in await self.desk.signups.of_member(ctx.member.id)}
        await ctx.reply(cards.list_card([await self.desk.view(ctx, event) for event in coming], mine))

    @command("event show", "See an event, and sign up for it")
    async def show_event(self, ctx: Submission[WhichForm]) -> None:
        event = await self.desk.by_number(ctx, ctx.form.event)
        await ctx.reply(self.desk.event_card(await self.desk.view(ctx, event)))

    @action
    async def show(self, ctx: Context, event_id: int) -> None:
        """Someone wants to see an event as it stands."""
        event = await self.desk.get(ctx, event_id)
        await ctx.reply(self.desk.event_card(await self.desk.view(ctx, event)))

    @action
    async def answer(self, ctx: Context, event_id: int, choice: Choice) -> None:
        """Someone said whether they come."""
        event = await self.desk.get(ctx, event_id)
        require(choice in WISHES, OUTDATED)
        require(event.state is EventState.PLANNED, say("It is cancelled."))
        require(not is_over(event, ctx.now), say("It is over."))
        if choice is not Choice.NO:
            require(is_open(event, ctx.now), say("Sign-up is closed by now. The host may still let you in."))
            await self._require_welcome(ctx, event)
        last_call = is_last_call(event, ctx.now)
        async with ctx.atomic():
            mine = await self.desk.signups.sign_up(event_id, ctx.member.id, choice, ctx.now, last_call=last_call)
            await self.desk.touch(ctx, event)
        if mine is None:
            raise UserError(say("It is cancelled."))
        controls = self.desk.controls
        view = await self.desk.view(ctx, event)
        await ctx.reply(cards.signed_up_card(view, mine, controls.calendar(event_id), controls.no(event_id)))

    async def _require_welcome(self, ctx: Context, event: Event) -> None:
        """Raise `UserError` unless the event is for this person too, as the platform says at this moment."""
        if not event.audience or event.host_id == ctx.member.id:
            return
        held = {name.casefold() for name in (*ctx.member.roles, *(f"{role}s" for role in ctx.member.roles))}
        for account in map(Account.of, ctx.member.accounts):
            profile = await ctx.chat.profile(account)
            held |= {role.casefold() for role in profile.roles} if profile else set()
        wanted = {name.strip().lstrip("@").casefold() for name in event.audience.split(",")}
        require(held & wanted, say("This one is for {who}.", who=event.audience))

    @action
    async def here(self, ctx: Context, event_id: int) -> None:
        """Someone is there."""
        event = await self.desk.get(ctx, event_id)
        require(
            doors_open(event, ctx.now),
            say("Check-in is open from 15 minutes before the start to an hour after the end."),
        )
        await self._require_welcome(ctx, event)
        async with ctx.atomic():
            mine = await self.desk.signups.check_in(event_id, ctx.member.id, ctx.now)
            await self.desk.touch(ctx, event)
        require(mine, say("All places are taken, and you have none of them. The host may still let you in."))
        await ctx.reply(cards.here_card(await self.desk.view(ctx, event)))

    @action
    async def rate(self, ctx: Context, event_id: int, worth: int) -> None:
        """Someone who was there said whether it was worth it."""
        await self.desk.get(ctx, event_id)
        require(1 <= worth <= 3, OUTDATED)
        rated = await self.desk.signups.rate(event_id, ctx.member.id, worth)
        require(rated, say("Only who was there can say that."))
        await ctx.reply(cards.rated_card())

    # How members want to be reminded

    async def page(self, ctx: Context) -> PagePart | None:
        signups = await self.desk.signups.of_member(ctx.member.id)
        mine = {signup.event_id: signup.choice for signup in signups if signup.choice in CONCERNED}
        coming = [event for event in await self.desk.events.get_many(mine) if not is_over(event, ctx.now)]
        calendar = Calendars.mine.call() if self.desk.web_url else None
        return cards.page_part(coming[:ON_PAGE], mine, reminders=Attending.reminders.call(), calendar=calendar)

    @action
    async def reminders(self, ctx: Context) -> None:
        """Someone wants to choose when they are reminded."""
        await ctx.reply(await self._reminders_card(ctx))

    async def _reminders_card(self, ctx: Context) -> Card:
        policy = await self.desk.policies.of(ctx.community.id)
        chosen = (await self.desk.reminders.chosen([ctx.member.id])).get(ctx.member.id)
        return cards.reminders_card(
            policy.reminders if chosen is None else chosen,
            own=chosen is not None,
            choose=Attending.choose_reminders.call(),
            none=Attending.no_reminders.call(),
            usual=Attending.usual_reminders.call(),
        )

    @action
    async def choose_reminders(self, ctx: Context) -> None:
        """Someone chose when they are reminded."""
        chosen = sorted({*numbers_in(ctx.values)} & {*LEADS}, reverse=True)
        await self._choose(ctx, tuple(chosen))

    @action
    async def no_reminders(self, ctx: Context) -> None:
        """Someone wants no reminders."""
        await self._choose(ctx, ())

    @action
    async def usual_reminders(self, ctx: Context) -> None:
        """Someone wants to be reminded as everyone is."""
        await self._choose(ctx, None)

    async def _choose(self, ctx: Context, minutes: tuple[int, ...] | None) -> None:
        async with ctx.atomic():
            await self.desk.reminders.choose(ctx.member.id, minutes)
            for signup in await self.desk.signups.of_member(ctx.member.id):
                event = await self.desk.events.get(signup.event_id)
                if event and signup.choice in CONCERNED and not is_over(event, ctx.now):
                    await self.desk.touch(ctx, event)
        await ctx.update(await self._reminders_card(ctx))

    # Leaving

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """Somebody is gone, perhaps from one of two platforms only: then they may still come."""
        member = await ctx.members.get(ctx.member.id)
        if member and member.left_at is None:
            return
        mine = {one.event_id for one in await self.desk.signups.of_member(ctx.member.id) if one.choice in CONCERNED}
        async with ctx.atomic():
            for event in await self.desk.events.get_many(mine):
                if not is_over(event, ctx.now):
                    await self.desk.signups.sign_up(event.id, ctx.member.id, Choice.NO, ctx.now)
                    await self.desk.touch(ctx, event)

    @listener(MembersLinked)
    async def linked(self, work: Work, event: MembersLinked) -> None:
        """Two turned out to be one: they are named once, and a place that they had twice goes to the waitlist."""
        mine = {one.event_id for one in await self.desk.signups.of_member(event.kept_id)}
        async with work.atomic():
            for one in await self.desk.events.get_many(mine):
                if not is_over(one, work.now):
                    await self.desk.touch(work, one)

    @listener(MemberErased)
    async def redraw(self, work: Work, _: MemberErased) -> None:
        """Somebody was forgotten: their name goes off the cards, their places to the waitlist, their events are off."""
        async with work.atomic():
            for event in await self.desk.events.take_stale(work.community.id):
                if event.host_id is None:
                    await self.desk.events.cancel(event.id, work.now)
                    if event.series_id:
                        await self.desk.series.end(event.series_id, work.now)
                await self.desk.touch(work, event)

    async def room_words(self, ctx: Context) -> Words:
        return cards.room_words(self.desk.channels.links(ctx.space))

    async def export(self, member: Member) -> dict[str, Any]:
        signups = await self.desk.signups.of_member(member.id)
        told = await self.desk.reminders.told_to(member.id)
        ids = {*(one.event_id for one in signups), *(event_id for event_id, _, _ in told)}
        events = {event.id: event for event in await self.desk.events.get_many(ids)}
        chosen = (await self.desk.reminders.chosen([member.id])).get(member.id)
        return {
            "reminded_minutes_before": None if chosen is None else list(chosen),
            "signed_up": [
                {
                    "event": events[one.event_id].title,
                    "at": events[one.event_id].starts_at,
                    "choice": one.choice,
                    "since": one.at,
                    "checked_in_at": one.checked_in_at,
                    "worth": one.worth,
                }
                for one in signups
                if one.event_id in events
            ],
            "told": [
                {"event": events[event_id].title, "what": what, "at": at}
                for event_id, what, at in told
                if event_id in events
            ],
        }

    async def erase(self, member: Member) -> None:
        await self.desk.signups.forget(member.id)
        await self.desk.reminders.forget(member.id)
