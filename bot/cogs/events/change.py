"""Changing: what was posted says something else, for other people, or has another time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.text import Strong, Time, Words, count, join, say
from adapters.contract.ui import Button, Card, Style, Tone
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.errors import OUTDATED, UserError, require
from bot.text.when import moment_words
from storage.events import FACTS, Event, EventState
from storage.members import Member
from storage.signups import CONCERNED, TAKEN

from . import calls
from .forms import BasicsForm, TermsForm, WhichForm, require_future, span_of, terms, typed_basics, typed_terms
from .policy import is_over
from .repeating import WALL, moment, read_wall, shows_at, wall
from .service import Events

MOVED_MEANWHILE = say("Somebody moved it in the meantime. Have a look first.")


class Change(Cog):
    """Hosts change and move their events."""

    name = "change"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    @command("event edit", "Change or move an event of yours")
    async def edit(self, ctx: Submission[WhichForm]) -> None:
        await self._open(ctx, await self.events.by_number(ctx, ctx.form.event))

    @action(formerly=("events.edit_event",))
    async def edit_event(self, ctx: Context, event_id: int) -> None:
        """The host wants to change something."""
        await self._open(ctx, await self.events.get(ctx, event_id))

    async def _open(self, ctx: Context, event: Event) -> None:
        await self.events.require_changeable(ctx, event)
        await ctx.open(BasicsForm, calls.change(event.id), self, **typed_basics(event, ctx.zone))

    @action(formerly=("events.change",))
    async def change(self, ctx: Submission[BasicsForm], event_id: int) -> None:
        """The host said something else; another time is read back first."""
        event = await self._changeable(ctx, event_id)
        starts_at, ends_at = span_of(ctx.form, ctx.now, ctx.zone, event.ends_at - event.starts_at)
        length = ends_at - starts_at
        moves = starts_at != event.starts_at
        if moves:
            require_future(starts_at, ctx.now)
        said = {"title": ctx.form.title, "place": ctx.form.place, "description": ctx.form.description}
        changes: dict[str, Any] = {name: words for name, words in said.items() if words != getattr(event, name)}
        if length != event.ends_at - event.starts_at:
            changes["ends_at"] = event.starts_at + length
        if changes:
            event = await self._save(ctx, event, **changes)
        if not moves:
            await ctx.update(changed_card(event) if changes else unchanged_card(event))
            return
        concerned = (await self.events.turnout.tally(event_id)).of(*CONCERNED)
        await ctx.update(move_card(event, starts_at, ctx.zone, concerned))

    async def _changeable(self, ctx: Context, event_id: int) -> Event:
        event = await self.events.get(ctx, event_id)
        await self.events.require_changeable(ctx, event)
        return event

    async def _save(self, ctx: Context, event: Event, **facts: Any) -> Event:
        changed = await self.events.store.edit(event.id, ctx.now, **facts)
        if changed is None:
            raise UserError(say("It's over or cancelled, so there's nothing to change any more."))
        self.events.touch(ctx, event.id)
        return changed

    @action(formerly=("events.move",))
    async def move(self, ctx: Context, event_id: int, to: str, since: str) -> None:
        """The host has seen the new time, and it is right."""
        event = await self._changeable(ctx, event_id)
        try:
            starts_at = calls.read_stamp(to)
        except ValueError:
            raise UserError(OUTDATED) from None
        require_future(starts_at, ctx.now)
        require(f"{event.starts_at:{calls.STAMP}}" == since, MOVED_MEANWHILE)
        moved = await self._move(ctx, event, starts_at, starts_at + (event.ends_at - event.starts_at))
        if moved is None:
            raise UserError(MOVED_MEANWHILE)
        await ctx.update(changed_card(moved))

    async def _move(self, ctx: Context, event: Event, starts_at: datetime, ends_at: datetime) -> Event | None:
        """Give an event another time; its card appears no later than that of one that was planned for then."""
        shown = shows_at(starts_at, ctx.now)
        self.events.touch(ctx, event.id)
        return await self.events.store.move(event, starts_at, ends_at, ctx.now, min(event.shows_at or shown, shown))

    @action(formerly=("events.more",))
    async def more(self, ctx: Context, event_id: int) -> None:
        """The host wants to change for whom it is."""
        event = await self._changeable(ctx, event_id)
        said = typed_terms(event, await self.events.cohosts(event), ctx.space)
        await ctx.open(TermsForm, calls.change_terms(event_id), self, **said)

    @action(formerly=("events.change_terms",))
    async def change_terms(self, ctx: Submission[TermsForm], event_id: int) -> None:
        """The host said for whom it is. Whoever has a seat keeps it."""
        event, said = await self._changeable(ctx, event_id), terms(ctx.form)
        is_new = await self.events.put_cohosts(event, ctx.form.hosts)
        if is_new or any(getattr(event, name) != value for name, value in said.items()):
            taken = (await self.events.turnout.tally(event_id)).of(*TAKEN)
            await ctx.update(changed_card(await self._save(ctx, event, **said), taken))
        else:
            await ctx.update(unchanged_card(event))

    @action(formerly=("events.follow",))
    async def follow(self, ctx: Context, event_id: int) -> None:
        """All that follow shall be like this one, at its time of day."""
        event = await self._changeable(ctx, event_id)
        series = await self.events.series.get(event.series_id or 0)
        if series is None or event.occurrence is None:
            raise UserError(say("Nothing follows this one."))
        zone = ZoneInfo(event.zone)
        clock = wall(event.starts_at, zone).time()
        length = event.ends_at - event.starts_at
        facts = {name: getattr(event, name) for name in FACTS if name not in ("zone", "rule")}
        await self.events.series.change(
            series.id,
            minutes=length // timedelta(minutes=1),
            first=datetime.combine(read_wall(series.first), clock).strftime(WALL),
            made_until=datetime.combine(read_wall(series.made_until), clock).strftime(WALL),
            **facts,
        )
        number = 0
        for other in await self.events.store.of_series(series.id, event.occurrence):
            if other.occurrence is None or other.occurrence <= event.occurrence or is_over(other, ctx.now):
                continue
            number += 1
            await self.events.store.put_cohosts(other.id, await self.events.store.cohosts(event.id))
            await self._carry_on(ctx, other, facts, clock, length, zone)
        await ctx.update(followed_card(number))

    async def _carry_on(
        self, ctx: Context, other: Event, facts: dict[str, Any], clock: Any, length: timedelta, zone: ZoneInfo
    ) -> None:
        """Make one that follows like the one that was changed; what was moved by hand keeps its day."""
        store = self.events.store
        changed = await store.edit(other.id, ctx.now, **facts)
        self.events.touch(ctx, other.id)
        assert other.occurrence is not None
        if changed is None or wall(other.starts_at, zone) != read_wall(other.occurrence):
            return
        to = datetime.combine(read_wall(other.occurrence), clock)
        starts_at = moment(to, zone)
        await store.edit(other.id, ctx.now, occurrence=to.strftime(WALL))
        if starts_at != other.starts_at:
            await self._move(ctx, other, starts_at, starts_at + length)
        else:
            await store.edit(other.id, ctx.now, ends_at=starts_at + length)

    async def export(self, member: Member) -> dict[str, Any]:
        hosted = await self.events.store.hosted(member.id)
        shared = await self.events.store.get_many(await self.events.store.cohosted(member.id))
        return {
            "hosted": [
                {"title": one.title, "description": one.description, "place": one.place, "at": one.starts_at}
                for one in hosted
                if one.state is not EventState.DRAFT
            ],
            "hosted_with_others": [one.title for one in shared if one.state is not EventState.DRAFT],
        }

    async def erase(self, member: Member) -> None:
        await self.events.store.forget(member.id)
        await self.events.series.forget(member.id)


def move_card(event: Event, starts_at: datetime, zone: ZoneInfo, concerned: int) -> Card:
    """Read a new time back before everyone is told."""
    words = say(
        "{title} would move from {old} to {new}. On your clock: {local}.",
        title=Strong(event.title),
        old=Time(event.starts_at),
        new=Time(starts_at),
        local=moment_words(starts_at, zone),
    )
    told = count(concerned, "{n} person who signed up is told.", "{n} people who signed up are told.")
    return Card(
        say("Move it?"),
        join([words, told if concerned else say("Nobody has signed up yet, so nobody is told.")]),
        tone=Tone.WAITING,
        buttons=(
            Button("Move it", calls.move(event.id, starts_at, event.starts_at), Style.PRIMARY),
            Button("Keep the time", calls.show(event.id)),
        ),
    )


def changed_card(event: Event, taken: int = 0) -> Card:
    """Say that an event was changed, with what else could be; of places `taken` that there are not, that they stay."""
    buttons: tuple[Button, ...] = (Button("Places, sign-up and more", calls.more(event.id)),)
    if event.series_id:
        buttons += (Button("Change all that follow", calls.follow(event.id)),)
    words: list[Words] = [say("{title} is changed.", title=Strong(event.title))]
    if event.capacity and taken > event.capacity:
        words.append(
            count(
                taken,
                "{n} person has a place already, and keeps it.",
                "{n} people have a place already, and keep it.",
            )
        )
    return Card(body=join(words, " "), tone=Tone.DONE, buttons=buttons)


def unchanged_card(event: Event) -> Card:
    """Say that all is as it was, to who sent the form without changing anything."""
    words = say("You changed nothing, so {title} stays as it was.", title=Strong(event.title))
    return changed_card(event).with_(body=words)


def followed_card(number: int) -> Card:
    words = count(number, "{n} event that follows is changed too.", "{n} events that follow are changed too.")
    return Card(
        body=words if number else say("From the next one on, it's changed too."),
        footer=say("What was moved by hand keeps its day."),
        tone=Tone.DONE,
    )
