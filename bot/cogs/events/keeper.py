"""Moves an event on: passes free places on, draws its cards, tells everyone what they have to know.

It can be run at any time, by anyone, twice: every change has a condition in the store, and every message a key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from adapters.contract.adapter import AdapterError
from adapters.contract.text import Time
from adapters.contract.ui import PINGS, Card
from bot.delivery.chat import each
from bot.kernel import notices as sending
from bot.kernel.context import Work
from bot.kernel.domain_events import EventAttended, EventHosted
from bot.text.hours import zone_of
from storage.events import Event, EventState
from storage.signups import Choice

from . import cards
from .board import Board
from .desk import Desk, key_of
from .repeating import moment, read_wall, shows_at, to_make
from .rules import (
    AFTERWARDS,
    Notice,
    What,
    answer_by,
    closes_at,
    is_last_call,
    is_open,
    moments,
    notices,
    places_left,
)

log = logging.getLogger(__name__)

SOON, AGAIN = timedelta(minutes=15), timedelta(minutes=1)
"""When a platform fails and something is due within the first, we try again after the second; else as any job does."""


class Keeper:
    """Looks after events, one at a time each."""

    def __init__(self, desk: Desk, board: Board) -> None:
        self.desk = desk
        self.board = board
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def tend(self, work: Work, event_id: int) -> None:
        """Do what is due for an event, make its cards say so, and plan when to look again."""
        turn = self._turns.setdefault(event_id, asyncio.Lock())
        async with turn:
            while event := await self.desk.events.get(event_id):
                if event.state is EventState.DRAFT:
                    return
                if await self._pass_places_on(work, event) or await self._settle(work, event):
                    continue
                view = await self.desk.view(work, event)
                left = await self._untold(work, view)
                due = [notice for notice in left if notice.at <= work.now]
                later = [notice for notice in left if notice.at > work.now]
                coming = [at for at in moments(event, view.signups, later) if at > work.now]
                try:
                    await each([self.board.refresh(work, view), self._tell(work, view, due)])
                except (AdapterError, OSError) as trouble:
                    # One platform in trouble must not hold up what is due soon on another.
                    if not coming or min(coming) - work.now > SOON:
                        raise
                    log.warning("event %s: %r, trying again", event.id, trouble)
                    at = min(*coming, work.now + AGAIN)
                    await work.schedule(self.desk.controls.tend(event_id), at, key=key_of(event))
                    return
                async with work.atomic():
                    # Somebody may have changed it while it was drawn; then it is to be looked at again.
                    now = await self.desk.events.get(event_id)
                    if now is None or now.version == event.version:
                        if coming:
                            await work.schedule(self.desk.controls.tend(event_id), min(coming), key=key_of(event))
                        return

    async def _pass_places_on(self, work: Work, event: Event) -> bool:
        """Offer free places to the waitlist in its order; say whether anything changed."""
        changed = await self.desk.signups.lapse(event.id, work.now)
        if not is_open(event, work.now):
            return changed
        if is_last_call(event, work.now):  # earlier than when places were offered, if it was moved nearer
            return await self.desk.signups.recall(event.id, closes_at(event)) or changed
        signups = await self.desk.signups.of(event.id)
        waiting = [signup.member_id for signup in signups if signup.choice is Choice.WAITING]
        free = places_left(event, signups)
        people = await self.desk.members.get_many(waiting)
        policy, home = await self.desk.policies.of(work.community.id), ZoneInfo(work.community.timezone)
        for member_id in waiting if free is None else waiting[:free]:
            member = people[member_id]
            until = answer_by(event, policy, member, zone_of(member, home), work.now)
            changed |= await self.desk.signups.offer(event.id, member_id, work.now, until)
        return changed

    async def _settle(self, work: Work, event: Event) -> bool:
        """Count who came, once that is certain; say whether it was done now."""
        if event.state is not EventState.PLANNED or event.settled_at or work.now < event.ends_at + AFTERWARDS:
            return False
        async with work.atomic():
            settled = await self.desk.events.settle(event.id, work.now)
            if settled:
                came = [signup.member_id for signup in await self.desk.signups.of(event.id) if signup.checked_in_at]
                guests = [member_id for member_id in came if member_id != event.host_id]
                for member_id in guests:
                    await work.publish(EventAttended(event.id, member_id))
                if guests and event.host_id:
                    await work.publish(EventHosted(event.id, event.host_id))
        return settled is not None

    # Telling

    async def _untold(self, work: Work, view: cards.View) -> list[Notice]:
        """Return what is to be told about an event, now or later."""
        event = view.event
        policy, home = await self.desk.policies.of(work.community.id), ZoneInfo(work.community.timezone)
        told = await self.desk.reminders.told(event.id)
        everything = notices(
            event,
            view.signups,
            view.people,
            await self.desk.reminders.chosen(view.people),
            await self.desk.reminders.written(event.id),
            policy,
            home,
        )
        return [notice for notice in everything if (notice.member.id, notice.key) not in told]

    async def _tell(self, work: Work, view: cards.View, due: Sequence[Notice]) -> None:
        """Tell everyone what is due: one thing at a time, all whom it concerns together."""
        if not due:
            return
        view = replace(view, link=await self.desk.link(work, view.event))
        groups: dict[str, list[Notice]] = {}
        for notice in due:
            groups.setdefault(notice.key, []).append(notice)
        await each(self._send(work, view, key, group) for key, group in groups.items())

    async def _send(self, work: Work, view: cards.View, key: str, group: Sequence[Notice]) -> None:
        """Tell some members one thing; what is of no use to them any more is left out."""
        late = [notice.member.id for notice in group if notice.until < work.now]
        if late:
            log.warning("event %s: too late to tell %s members of %s", view.event.id, len(late), key)
            await self.desk.reminders.tell(view.event.id, key, late, work.now)
        timely = [notice for notice in group if notice.until >= work.now]
        places = await self.desk.places(work, view.event)
        for start in range(0, len(timely), PINGS):
            some = timely[start : start + PINGS]
            members = [notice.member for notice in some]
            card = self._card(view, some[0])
            missed = await sending.tell(work, members, card, key=f"{key_of(view.event)}/{key}", places=places)
            if missed:
                log.info("event %s: %s members cannot be reached", view.event.id, len(missed))
            await self.desk.reminders.tell(view.event.id, key, [member.id for member in members], work.now)

    def _card(self, view: cards.View, notice: Notice) -> Card:
        id_, controls = view.event.id, self.desk.controls
        match notice.what:
            case What.REMINDER:
                return cards.reminder_card(view, controls.no(id_))
            case What.OFFER:
                return cards.offer_card(view, Time(notice.until), controls.going(id_), controls.no(id_))
            case What.LAST_CALL:
                return cards.last_call_card(view, controls.going(id_))
            case What.MOVED:
                return cards.moved_card(view, controls.no(id_))
            case What.CANCELLED:
                return cards.cancelled_card(view)
            case What.MESSAGE:
                return cards.message_card(view, notice.message.words if notice.message else "")
            case What.DOOR:
                return cards.who_came_card(view, controls.door(id_))
            case What.WORTH:
                return cards.worth_card(view, lambda worth: controls.rate(id_, worth))

    # Series

    async def extend(self, work: Work, series_id: int) -> None:
        """Make events of a series' next occurrences, and look again when the first of them begins."""
        series = await self.desk.series.get(series_id)
        if series is None or series.ended_at:
            return
        policy = await self.desk.policies.of(work.community.id)
        zone, key = ZoneInfo(series.zone), f"series/{series_id}"
        made = await self.desk.events.of_series(series_id)
        due = [moment(read_wall(event.occurrence), zone) for event in made if event.occurrence]
        ahead = [at for at in due if at > work.now]
        found = to_make(series.rule, series.first, series.made_until, zone, work.now, policy.ahead - len(ahead))
        length = timedelta(minutes=series.minutes)
        async with work.atomic():
            new = await self.desk.series.extend(
                series,
                made[0].space if made else "",
                work.now,
                [(at, starts, starts + length, shows_at(starts, work.now)) for at, starts in found],
            )
            for event in new:
                await self.desk.touch(work, event)
            ahead += [event.starts_at for event in new]
            if ahead:
                await work.schedule(self.desk.controls.extend(series_id), min(ahead), key=key)
            else:
                await self.desk.series.end(series_id, work.now)
