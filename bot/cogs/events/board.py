"""The events' page of the dashboard: what is coming up, who hosts it, and how many come."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.contract.commands import Role
from adapters.contract.text import Link, Time, Words, label, say
from bot.kernel.dashboard.contract import DashboardPage, Row, Section, View, Visit, first_of
from storage.events import Event
from storage.signups import Choice
from storage.turnout import Tally

from .lifecycle import EVENT
from .service import Events

SHOWN = 50
"""How many events are shown, the next one first."""


class EventBoard:
    """The page of events."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def page(self) -> DashboardPage:
        return DashboardPage("events", label("Events"), 30, Role.MODERATOR, self._show)

    async def _show(self, visit: Visit) -> View:
        found = await self._events.store.upcoming(visit.community.id, visit.now, SHOWN + 1)
        coming, more = first_of(found, SHOWN)
        ids = [event.id for event in coming]
        tallies, links = await self._events.turnout.tallies(ids), await visit.links(EVENT, ids)
        people = await visit.members.get_many({event.host_id for event in coming if event.host_id})
        names = {id_: member.name for id_, member in people.items()}
        rows = [row(one, tallies.get(one.id, Tally()), names, links.get(one.id)) for one in coming]
        coming_up = Section(say("Coming up"), rows, say("Nothing is planned yet."), more=more)
        return View((coming_up,), findable=not more)


def row(event: Event, tally: Tally, names: Mapping[int, str], link: str | None) -> Row:
    """Show one event."""
    title: Words = Link(event.title, link) if link else event.title
    number = tally.of(Choice.GOING)
    going: Words = str(number)
    if event.capacity:
        going = say("{n} of {capacity}", n=number, capacity=event.capacity)
    facts: list[tuple[Words, Words]] = [
        (say("When"), Time(event.starts_at)),
        (say("Host"), names.get(event.host_id or 0) or say("Somebody")),
        (say("Going"), going),
    ]
    if waiting := tally.of(Choice.WAITING):
        facts.append((say("On the waitlist"), str(waiting)))
    if event.place:
        facts.append((say("Where"), event.place))
    return Row(say("#{number} {title}", number=event.number or 0, title=title), (), tuple(facts))
