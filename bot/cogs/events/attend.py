"""Attending: seeing what is planned, saying who comes, waiting for a seat, being there, and saying how it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import EntryAnswered, MessagePosted
from adapters.contract.models import Account
from adapters.contract.text import Strong, Text, Time, Words, count, join, say
from adapters.contract.ui import Button, Card, CardList, ListItem, Style, Tone
from bot.kernel.cog import Cog, action, command, listener
from bot.kernel.context import Context, Submission
from bot.kernel.dashboard.contract import DashboardPage
from bot.kernel.domain_events import EventAttended, EventHosted
from bot.kernel.errors import OUTDATED, UserError, require
from bot.kernel.work import Work
from storage.events import Event, EventState
from storage.members import Member
from storage.signups import CONCERNED, Choice, Signup
from storage.turnout import Tally

from . import calls
from .asked import asks_for_list, is_named, named_by
from .board import EventBoard
from .cards import View, event_card
from .forms import WhichForm
from .lifecycle import CALENDAR
from .notifications import GUESTS
from .policy import check_in_open, is_last_call, is_open, is_over
from .service import SUGGESTED, Events

LISTED = 10
"""How many events a list shows."""
COUNTED_AT_ONCE = 100
"""Of how many people at a time the other rooms are told that they came."""
WISHES = (Choice.GOING, Choice.MAYBE, Choice.NO)


class Attend(Cog):
    """Members say whether they come."""

    name = "attend"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    @command("event list", "See what is coming up", prompt="What's coming up?")
    async def list_events(self, ctx: Context) -> None:
        await ctx.reply(await self._list(ctx))

    async def _list(self, ctx: Context) -> Card:
        coming = await self.events.store.upcoming(ctx.community.id, ctx.now, LISTED + 1)
        ids = [event.id for event in coming]
        tallies, mine = await self.events.turnout.tallies(ids), await self.events.turnout.choices(ctx.member.id, ids)
        views = [View(event, ctx.now, tally=tallies.get(event.id, Tally())) for event in coming[:LISTED]]
        return list_card(views, mine, more=len(coming) > LISTED)

    async def spoken_to(self, ctx: Context, event: MessagePosted, words: str) -> bool:
        """Who asks directly what is planned, or when an event is, is shown it."""
        if not event.message.direct or ctx.role < Role.MEMBER:
            return False
        names = named_by(words)
        coming = await self.events.store.upcoming(ctx.community.id, ctx.now, SUGGESTED) if names else ()
        meant = [one for one in coming if is_named(one.title, names)]
        if len(meant) == 1:
            await ctx.reply(event_card(await self.events.view(ctx, meant[0])))
        elif asks_for_list(words):
            await ctx.reply(await self._list(ctx))
        else:
            return False
        return True

    def dashboard(self) -> Sequence[DashboardPage]:
        return (EventBoard(self.events).page(),)

    @command("event show", "See an event, and sign up for it")
    async def show_event(self, ctx: Submission[WhichForm]) -> None:
        await self._show(ctx, await self.events.by_number(ctx, ctx.form.event))

    @action(formerly=("attending.show",))
    async def show(self, ctx: Context, event_id: int) -> None:
        """Someone wants to see an event as it stands."""
        await self._show(ctx, await self.events.get(ctx, event_id))

    async def _show(self, ctx: Context, event: Event) -> None:
        await ctx.reply(event_card(await self.events.view(ctx, event)))

    @action(formerly=("attending.answer",))
    async def answer(self, ctx: Context, event_id: int, wish: str) -> None:
        """Someone said whether they come."""
        event = await self.events.get(ctx, event_id)
        require(wish in WISHES, OUTDATED)
        choice = Choice(wish)
        require(event.state is EventState.PLANNED, say("It's cancelled."))
        require(not is_over(event, ctx.now), say("It's over."))
        if choice is not Choice.NO:
            require(is_open(event, ctx.now), say("Sign-up is closed by now. The host may still let you in."))
            await self._require_welcome(ctx, event)
        last_call = is_last_call(event, ctx.now)
        mine = await self.events.signups.sign_up(event_id, ctx.member.id, choice, ctx.now, last_call=last_call)
        if mine is None:
            raise UserError(say("It's cancelled."))
        await self._note(ctx, event, mine, choice, last_call=last_call)
        position = await self.events.turnout.position(mine) if mine.choice is Choice.WAITING else 0
        is_reminded = mine.choice is Choice.MAYBE and await self._is_reminded(ctx, event)
        await ctx.reply(signed_up_card(event, mine, position, is_reminded=is_reminded))

    async def _is_reminded(self, ctx: Context, event: Event) -> bool:
        """Whether a reminder of theirs is still to come."""
        chosen = await self.events.reminders.chosen(ctx.member.id)
        leads = chosen.minutes if chosen else (await self.events.policies.of(ctx.community.id)).reminders
        return any(event.starts_at - timedelta(minutes=lead) > ctx.now for lead in leads)

    @listener(EntryAnswered)
    async def answer_in_calendar(self, ctx: Context, event: EntryAnswered) -> None:
        """Interest in the platform's own calendar is an answer like any other, but takes nobody's seat.

        Who said more on the card, or may not come, keeps what they have.
        """
        rows = await self.events.postings.by_message(event.entry)
        row = next((row for row in rows if (row.key, row.spot) == (CALENDAR, ctx.space.key)), None)
        one = await self.events.store.get(row.subject_id) if row else None
        if one is None or one.state is not EventState.PLANNED or is_over(one, ctx.now):
            return
        before = (await self.events.turnout.choices(ctx.member.id, [one.id])).get(one.id)
        wish = Choice.MAYBE if event.interested else Choice.NO
        if before in CONCERNED if event.interested else before is not Choice.MAYBE:
            return
        if event.interested and not (is_open(one, ctx.now) and await self._is_welcome(ctx, one)):
            return
        last_call = is_last_call(one, ctx.now)
        if mine := await self.events.signups.sign_up(one.id, ctx.member.id, wish, ctx.now, last_call=last_call):
            await self._note(ctx, one, mine, wish, last_call=last_call)

    async def _note(self, ctx: Context, event: Event, mine: Signup, choice: Choice, *, last_call: bool) -> None:
        """Have it shown: at once where others may get a seat by it, else for all together who press meanwhile."""
        frees_seat = event.capacity is not None and choice is not Choice.GOING
        if mine.turn or frees_seat:
            self.events.lifecycle.touch(ctx, event.id)
        else:
            await self.events.lifecycle.redraw(ctx, event.id)
        if mine.turn:  # perhaps they answered an offer
            self.events.guests.touch(ctx, event.id)
        elif frees_seat and last_call:
            await self.events.guests.redraw(ctx, event.id)

    async def _require_welcome(self, ctx: Context, event: Event) -> None:
        """Raise `UserError` unless the event is for this person too."""
        require(await self._is_welcome(ctx, event), say("This one is for {who}.", who=event.audience))

    async def _is_welcome(self, ctx: Context, event: Event) -> bool:
        """Whether an event is for this person too, as the platform says at this moment; whoever hosts it may come."""
        if not event.audience or await self.events.is_host(ctx, event):
            return True
        held = {name.casefold() for name in (*ctx.member.roles, *(f"{role}s" for role in ctx.member.roles))}
        for account in map(Account.of, ctx.member.accounts):
            profile = await ctx.platforms.profile(account)
            held |= {role.casefold() for role in profile.roles} if profile else set()
        wanted = {name.strip().lstrip("@").casefold() for name in event.audience.split(",")}
        return bool(held & wanted)

    @action(formerly=("attending.here",))
    async def here(self, ctx: Context, event_id: int) -> None:
        """Someone is there."""
        event = await self.events.get(ctx, event_id)
        require(
            check_in_open(event, ctx.now),
            say("Check-in is open from 15 minutes before the start to an hour after the end."),
        )
        await self._require_welcome(ctx, event)
        mine = await self.events.signups.check_in(event_id, ctx.member.id, ctx.now)
        require(mine, say("All places are taken, and you have none of them. The host may still let you in."))
        await self.events.lifecycle.redraw(ctx, event_id)
        await ctx.reply(here_card(event))

    @action(formerly=("attending.rate",))
    async def rate(self, ctx: Context, event_id: int, worth: int) -> None:
        """Someone who was there said whether it was worth it."""
        await self.events.get(ctx, event_id)
        require(1 <= worth <= 3, OUTDATED)
        rated = await self.events.signups.rate(event_id, ctx.member.id, worth)
        require(rated, say("Only who was there can say that."))
        await ctx.reply(rated_card())

    @action
    async def count_attendance(self, work: Work, event_id: int, after: int) -> None:
        """Tell the other rooms who came, some at a time."""
        event = await self.events.get(work, event_id)
        came = await self.events.turnout.were_there(event_id, after, COUNTED_AT_ONCE)
        guests = [member_id for member_id in came if member_id != event.host_id]
        for member_id in guests:
            await work.publish(EventAttended(event_id, member_id))
        if guests and event.host_id and not after:
            await work.publish(EventHosted(event_id, event.host_id))
        if len(came) == COUNTED_AT_ONCE:
            await work.schedule(calls.count_attendance(event_id, came[-1]), work.now)

    async def room_words(self, ctx: Context) -> Words:
        channels = self.events.channels.links(ctx.space)
        return say("Events are announced in {channels}.", channels=channels) if channels else ""

    async def export(self, member: Member) -> dict[str, Any]:
        signups = await self.events.signups.of_member(member.id)
        told = [row for row in await self.events.postings.of_member(member.id) if row.kind == GUESTS]
        ids = {*(one.event_id for one in signups), *(row.subject_id for row in told)}
        events = {event.id: event for event in await self.events.store.get_many(ids)}
        return {
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
                {"event": events[row.subject_id].title, "what": row.key, "at": row.at}
                for row in told
                if row.subject_id in events
            ],
        }

    async def erase(self, member: Member) -> None:
        await self.events.signups.forget(member.id)


def list_card(views: Sequence[View], mine: Mapping[int, Choice], *, more: bool = False) -> Card:
    """List what is coming up; say so if there is more than that."""
    if not views:
        return Card(say("Events"), say("Nothing is planned yet. “/event create” plans something."))
    items = tuple(ListItem(_line(view, mine.get(view.event.id)), _next(view, mine)) for view in views)
    footer = say("“/event show” and a number shows more.")
    if more:
        footer = say("These are the next {n}, and there are more. “/event show” and a number shows any.", n=len(views))
    return Card(say("Coming up"), lists=(CardList("", items),), footer=footer)


def _next(view: View, mine: Mapping[int, Choice]) -> Button:
    """Return what is at hand for an event in a list: to say that one comes, or to see all of it."""
    id_ = view.event.id
    if id_ in mine or not is_open(view.event, view.now):
        return Button("Show", calls.show(id_))
    return Button("Going", calls.answer(id_, Choice.GOING.value), Style.PRIMARY)


def _line(view: View, mine: Choice | None) -> Text:
    event, left, going = view.event, view.seats_left, view.tally.of(Choice.GOING)
    room: Words = ""
    if left is not None:
        room = count(left, "{n} place left", "{n} places left") if left else say("full")
    state: dict[Choice | None, Words] = {
        Choice.GOING: say("you're going"),
        Choice.MAYBE: say("you may come"),
        Choice.WAITING: say("you're on the waitlist"),
        Choice.OFFERED: say("a place is kept for you"),
    }
    first = say("#{number} {title}", number=event.number or 0, title=Strong(event.title))
    facts: list[Words] = [Time(event.starts_at), count(going, "{n} going", "{n} going"), room, state.get(mine, "")]
    return join([first, join(facts, " · ")])


def signed_up_card(event: Event, mine: Signup, position: int, *, is_reminded: bool) -> Card:
    """Tell someone what became of what they said; `position` is theirs on the waitlist."""
    add = Button("Add to calendar", calls.add_to_calendar(event.id))
    no = calls.answer(event.id, Choice.NO.value)
    facts: dict[str, Words | int] = {"title": Strong(event.title), "when": Time(event.starts_at)}
    match mine.choice:
        case Choice.GOING:
            words = say("You're in. See you at {title}, {when}.", **facts)
            reminders = Button("Reminders", calls.reminders())
            return Card(body=words, tone=Tone.DONE, buttons=(add, reminders, Button("Can't", no)))
        case Choice.MAYBE:
            words = say("Maybe it is: {title}, {when}.", **facts)
            if is_reminded:
                words = say("Maybe it is. I'll remind you of {title}, {when}.", **facts)
            return Card(body=words, buttons=(add,))
        case Choice.WAITING:
            words = say(
                "{title} is full. You're number {turn} on the waitlist; when a place is free for you, I tell you.",
                title=Strong(event.title),
                turn=position,
            )
            return Card(body=words, tone=Tone.WAITING, buttons=(Button("Leave the waitlist", no),))
    return Card(body=say("Thank you for telling. You aren't on the list of {title}.", title=Strong(event.title)))


def here_card(event: Event) -> Card:
    return Card(body=say("Good that you're here! Enjoy {title}.", title=Strong(event.title)), tone=Tone.DONE)


def rated_card() -> Card:
    return Card(body=say("Thank you! That helps to make the next one better."), tone=Tone.DONE)
