"""Planning: what was posted is looked after, edited, moved and called off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Need
from adapters.contract.text import say
from adapters.contract.ui import Card
from bot.kernel.cog import Cog, action, command, every
from bot.kernel.context import Context, Submission, Work
from bot.kernel.errors import OUTDATED, UserError, require
from storage.events import FACTS, Event, EventState
from storage.members import Member
from storage.signups import CONCERNED

from . import cards
from .desk import Desk
from .forms import BasicsForm, TermsForm, WhichForm, require_future, span_of, terms, typed_basics, typed_terms
from .keeper import Keeper
from .repeating import WALL, moment, read_wall, shows_at, wall
from .rules import is_over

DRAFTS_KEPT = timedelta(days=2)


class Planning(Cog):
    """Hosts change their events."""

    name = "events"
    room = "Events"

    def __init__(self, desk: Desk, keeper: Keeper) -> None:
        self.desk = desk
        self.keeper = keeper

    # For the clock

    def needs(self) -> Collection[Need]:
        return (Need.CALENDAR,)

    @action
    async def tend(self, work: Work, event_id: int) -> None:
        """Look after an event."""
        await self.keeper.tend(work, event_id)

    @action
    async def extend(self, work: Work, series_id: int) -> None:
        """Make events of a series' next occurrences."""
        await self.keeper.extend(work, series_id)

    @every("daily 04:20")
    async def sweep(self, work: Work) -> None:
        """Forget drafts that nobody posted, and look at all that lies ahead, whatever may have been missed."""
        await self.desk.events.prune(work.now - DRAFTS_KEPT)
        for event in await self.desk.events.upcoming(work.community.id, work.now):
            await self.desk.touch(work, event)

    # After it was posted

    @command("event edit", "Change or move an event of yours")
    async def edit(self, ctx: Submission[WhichForm]) -> None:
        event = await self.desk.by_number(ctx, ctx.form.event)
        await self._open_edit(ctx, event)

    @action
    async def edit_event(self, ctx: Context, event_id: int) -> None:
        """The host wants to change something."""
        await self._open_edit(ctx, await self.desk.get(ctx, event_id))

    async def _open_edit(self, ctx: Context, event: Event) -> None:
        self._require_changeable(ctx, event)
        await ctx.open(BasicsForm, Planning.change.call(event.id), self, **typed_basics(event, ctx.zone))

    def _require_changeable(self, ctx: Context, event: Event) -> None:
        self.desk.require_host(ctx, event)
        require(event.state is EventState.PLANNED, say("It is cancelled. “/event create” plans a new one."))
        require(not is_over(event, ctx.now), say("It is over, so there is nothing to change any more."))

    @action
    async def change(self, ctx: Submission[BasicsForm], event_id: int) -> None:
        """The host said something else; another time is read back first."""
        event = await self.desk.get(ctx, event_id)
        self._require_changeable(ctx, event)
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
            await self._save(ctx, event, **changes)
        view = await self.desk.view(ctx, await self.desk.get(ctx, event_id))
        if not moves:
            await ctx.update(self._changed(view))
            return
        move = Planning.move.call(event_id, f"{starts_at:%Y%m%dT%H%M}", f"{event.starts_at:%Y%m%dT%H%M}")
        show = self.desk.controls.show(event_id)
        concerned = sum(signup.choice in CONCERNED for signup in view.signups)
        await ctx.update(cards.move_card(view, starts_at, ctx.zone, concerned, move=move, keep=show))

    def _changed(self, view: cards.View) -> Card:
        event = view.event
        follow = Planning.follow.call(event.id) if event.series_id else None
        return cards.changed_card(view, more=Planning.more.call(event.id), follow=follow)

    async def _save(self, ctx: Context, event: Event, **facts: Any) -> Event:
        async with ctx.atomic():
            changed = await self.desk.events.edit(event.id, ctx.now, **facts)
            if changed:
                await self.desk.touch(ctx, changed)
        if changed is None:
            raise UserError(say("It is over or cancelled, so there is nothing to change any more."))
        return changed

    @action
    async def move(self, ctx: Context, event_id: int, to: str, since: str) -> None:
        """The host has seen the new time, and it is right."""
        event = await self.desk.get(ctx, event_id)
        self._require_changeable(ctx, event)
        starts_at = _read_stamp(to)
        require_future(starts_at, ctx.now)
        require(f"{event.starts_at:%Y%m%dT%H%M}" == since, say("Somebody moved it in the meantime. Have a look first."))
        async with ctx.atomic():
            length = event.ends_at - event.starts_at
            moved = await self._move(ctx, event, starts_at, starts_at + length)
            if moved:
                await self.desk.touch(ctx, moved)
        require(moved, say("Somebody moved it in the meantime. Have a look first."))
        await ctx.update(self._changed(await self.desk.view(ctx, await self.desk.get(ctx, event_id))))

    async def _move(self, ctx: Context, event: Event, starts_at: datetime, ends_at: datetime) -> Event | None:
        """Give an event another time; its card appears no later than that of one that was planned for then."""
        shown = shows_at(starts_at, ctx.now)
        return await self.desk.events.move(event, starts_at, ends_at, ctx.now, min(event.shows_at or shown, shown))

    @action
    async def more(self, ctx: Context, event_id: int) -> None:
        """The host wants to change for whom it is."""
        event = await self.desk.get(ctx, event_id)
        self._require_changeable(ctx, event)
        await ctx.open(TermsForm, Planning.change_terms.call(event_id), self, **typed_terms(event))

    @action
    async def change_terms(self, ctx: Submission[TermsForm], event_id: int) -> None:
        """The host said for whom it is. Whoever has a place keeps it."""
        event = await self.desk.get(ctx, event_id)
        self._require_changeable(ctx, event)
        changed = await self._save(ctx, event, **terms(ctx.form))
        await ctx.update(self._changed(await self.desk.view(ctx, changed)))

    @action
    async def follow(self, ctx: Context, event_id: int) -> None:
        """All that follow shall be like this one, at its time of day."""
        event = await self.desk.get(ctx, event_id)
        self._require_changeable(ctx, event)
        series = await self.desk.series.get(event.series_id or 0)
        if series is None or event.occurrence is None:
            raise UserError(say("Nothing follows this one."))
        zone = ZoneInfo(event.zone)
        clock = wall(event.starts_at, zone).time()
        length = event.ends_at - event.starts_at
        facts = {name: getattr(event, name) for name in FACTS if name not in ("zone", "rule")}
        number = 0
        async with ctx.atomic():
            await self.desk.series.change(
                series.id,
                minutes=length // timedelta(minutes=1),
                first=datetime.combine(read_wall(series.first), clock).strftime(WALL),
                made_until=datetime.combine(read_wall(series.made_until), clock).strftime(WALL),
                **facts,
            )
            for other in await self.desk.events.of_series(series.id):
                if other.occurrence is None or other.occurrence <= event.occurrence or is_over(other, ctx.now):
                    continue
                number += 1
                changed = await self.desk.events.edit(other.id, ctx.now, **facts)
                if wall(other.starts_at, zone) == read_wall(other.occurrence) and changed:
                    to = datetime.combine(read_wall(other.occurrence), clock)
                    await self.desk.events.edit(other.id, ctx.now, occurrence=to.strftime(WALL))
                    starts_at = moment(to, zone)
                    if starts_at != other.starts_at:
                        await self._move(ctx, other, starts_at, starts_at + length)
                    else:
                        await self.desk.events.edit(other.id, ctx.now, ends_at=starts_at + length)
                await self.desk.touch(ctx, other)
        await ctx.update(cards.followed_card(number))

    @command("event cancel", "Call an event of yours off")
    async def cancel(self, ctx: Submission[WhichForm]) -> None:
        await ctx.reply(await self._ask_cancel(ctx, await self.desk.by_number(ctx, ctx.form.event)))

    @action
    async def ask_cancel(self, ctx: Context, event_id: int) -> None:
        """The host wants to call it off."""
        await ctx.reply(await self._ask_cancel(ctx, await self.desk.get(ctx, event_id)))

    async def _ask_cancel(self, ctx: Context, event: Event) -> Card:
        self._require_changeable(ctx, event)
        view = await self.desk.view(ctx, event)
        concerned = sum(signup.choice in CONCERNED for signup in view.signups)
        series = await self.desk.series.get(event.series_id) if event.series_id else None
        cancel_all = Planning.call_off.call(event.id, True) if series and not series.ended_at else None
        return cards.cancel_card(view, concerned, cancel=Planning.call_off.call(event.id, False), cancel_all=cancel_all)

    @action
    async def call_off(self, ctx: Context, event_id: int, following: bool) -> None:
        """The host calls it off, and perhaps all that follow."""
        event = await self.desk.get(ctx, event_id)
        self._require_changeable(ctx, event)
        off = [event]
        async with ctx.atomic():
            if following and event.series_id and event.occurrence:
                await self.desk.series.end(event.series_id, ctx.now)
                others = await self.desk.events.of_series(event.series_id)
                off += [other for other in others if (other.occurrence or "") > event.occurrence]
            cancelled = [await self.desk.events.cancel(one.id, ctx.now) for one in off]
            for one in cancelled:
                if one:
                    await self.desk.touch(ctx, one)
        view = await self.desk.view(ctx, event)
        await ctx.update(cards.called_off_card(view, sum(one is not None for one in cancelled)))

    async def export(self, member: Member) -> dict[str, Any]:
        hosted = await self.desk.events.hosted(member.id)
        return {
            "hosted": [
                {"title": one.title, "description": one.description, "place": one.place, "at": one.starts_at}
                for one in hosted
                if one.state is not EventState.DRAFT
            ]
        }

    async def erase(self, member: Member) -> None:
        await self.desk.events.forget(member.id)
        await self.desk.series.forget(member.id)


def _read_stamp(packed: str) -> datetime:
    """Read a moment out of a button. Raises `UserError` where there is none."""
    try:
        return datetime.strptime(f"{packed}+0000", "%Y%m%dT%H%M%z")
    except ValueError:
        raise UserError(OUTDATED) from None
