"""Everything that can be seen of an event, made to say what the store says. Safe to run at any time, twice."""

from __future__ import annotations

import logging

from adapters.contract.adapter import Gone, Unusable
from adapters.contract.models import CalendarEntry, MessageRef, Space
from bot.delivery.chat import each
from bot.kernel.context import Work
from storage.events import EventState, Place
from storage.signups import Choice

from . import cards
from .desk import Desk, key_of
from .rules import RECENT, is_over

log = logging.getLogger(__name__)


class Board:
    """An event's cards, in every space, and its entry in the space's own calendar."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def refresh(self, work: Work, view: cards.View) -> None:
        """Make every card of an event say what the store says, wherever the platforms answer."""
        places = await self.desk.events.places(view.event.id)
        spaces = await work.spaces()
        await each(
            [
                *(self._show_in(work, view, space, places.get(space.key)) for space in spaces),
                *(self._mirror_in(work, view, space, places.get(space.key)) for space in spaces),
                self._settle_offers(work, view),
                self._settle_requests(work, view),
            ]
        )

    async def _show_in(self, work: Work, view: cards.View, space: Space, place: Place | None) -> None:
        event, card = view.event, self.desk.event_card(view)
        if place and place.card:
            await work.chat.edit(MessageRef.of(place.card), card)
            if place.thread is None:
                await self._open_thread(work, view, space, MessageRef.of(place.card))
            return
        channel = self.desk.channels.nearest(space)
        due = event.shows_at is not None and event.shows_at <= work.now
        if channel is None or not due or is_over(event, work.now):
            return
        try:
            posted = await work.chat.post(channel, card, key=f"{key_of(event)}/card/{space.key}")
        except Gone:  # the channel was deleted
            return
        await self.desk.events.put_place(event.id, space.key, card=posted.key)
        await self._open_thread(work, view, space, posted)

    async def _open_thread(self, work: Work, view: cards.View, space: Space, card: MessageRef) -> None:
        try:
            thread = await work.chat.open_thread(card, view.event.title)
        except (Gone, Unusable) as refusal:  # somebody deleted the card, or we may open none: the channel will do
            log.info("event %s has no thread in %s: %s", view.event.id, space.key, refusal)
            return
        await self.desk.events.put_place(view.event.id, space.key, thread=thread.key)

    async def _mirror_in(self, work: Work, view: cards.View, space: Space, place: Place | None) -> None:
        """Keep the event in the space's own calendar too, as long as it lies ahead."""
        event = view.event
        known = place.happening if place else None
        if event.state is EventState.CANCELLED:
            if known:
                await work.chat.drop_entry(space, known)
                await self.desk.events.put_place(event.id, space.key, happening=None)
            return
        up_to_date = place is not None and place.happening_sequence == event.sequence
        due = event.shows_at is not None and event.shows_at <= work.now
        if up_to_date or not due or event.starts_at <= work.now:
            return
        where = event.place or event.title
        happening = CalendarEntry(event.title, event.description, where, event.starts_at, event.ends_at)
        id_ = await work.chat.put_entry(space, happening, known)
        # What was refused is tried again when the event changes; what stands there is still ours to take away.
        await self.desk.events.put_place(event.id, space.key, happening=id_ or known, happening_sequence=event.sequence)

    async def _settle_requests(self, work: Work, view: cards.View) -> None:
        """Take the buttons off what was said in threads of an event that is settled."""
        if view.event.settled_at is None or work.now - view.event.settled_at > RECENT:
            return
        for key, message in (await work.chat.said(f"{key_of(view.event)}/")).items():
            _, _, what, *_, named = key.split("/")
            if what in ("remind", "last-call", "moved", "door") and "/named/" in key:
                people = [view.people[int(id_)] for id_ in named.split("-") if int(id_) in view.people]
                await work.chat.edit(message, cards.past_card(view, people))

    async def _settle_offers(self, work: Work, view: cards.View) -> None:
        """Take the buttons off offers that need no answer any more."""
        event = view.event
        if not any(signup.turn for signup in view.signups):  # nobody ever waited
            return
        open_ = {str(signup.turn) for signup in view.signups if signup.choice is Choice.OFFERED}
        if is_over(event, work.now):
            open_ = set()
        for key, message in (await work.chat.said(f"{key_of(event)}/offer/")).items():
            if key.split("/")[3] not in open_:
                await work.chat.edit(message, cards.offer_over_card(view))
