"""The polls' page of the dashboard: what is asked now, and what was asked lately. Nobody's vote is in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from adapters.contract.commands import Role
from adapters.contract.text import Link, Time, Words, label, say
from bot.kernel.arguments import read_number
from bot.kernel.dashboard.contract import Act, ActButton, DashboardPage, Input, Row, Section, View, Visit, first_of
from bot.kernel.errors import FormError, UserError
from storage.polls import Poll, State

from .cards import CLOSED, GONE
from .repeating import often
from .service import Polls

SHOWN = 50
"""How many polls are shown of those that are open, and of the others, the newest first."""
REASON = 240
"""How long a reason may be, in characters."""

CloseFor: TypeAlias = Callable[[Visit, Poll, str], Awaitable[Poll]]


class PollBoard:
    """The page of polls."""

    def __init__(self, polls: Polls, close: CloseFor) -> None:
        """`close` closes what somebody else asked, as the command does."""
        self._polls = polls
        self._close = close

    def page(self) -> DashboardPage:
        acts = {"close": Act(Role.MODERATOR, self._closed)}
        return DashboardPage("polls", label("Polls"), 20, Role.MODERATOR, self._show, acts)

    async def _show(self, visit: Visit) -> View:
        store, community = self._polls.store, visit.community.id
        open_, more = first_of(await store.open(community, SHOWN + 1), SHOWN)
        recent = await store.posted(community, 2 * SHOWN + 1)
        closed, more_closed = first_of([poll for poll in recent if poll.state is State.CLOSED], SHOWN)
        posted = [*open_, *closed]
        people = await visit.members.get_many({poll.author_id for poll in posted if poll.author_id})
        links = await visit.links("poll", [poll.id for poll in posted])
        names = {id_: member.name for id_, member in people.items()}
        rows = {poll.id: row(poll, names, links.get(poll.id)) for poll in posted}
        return View(
            (
                Section(say("Open"), [rows[poll.id] for poll in open_], say("No poll is open."), more=more),
                Section(say("Closed"), [rows[poll.id] for poll in closed], say("Nothing here."), more=more_closed),
            ),
            findable=not (more or more_closed),
        )

    async def _closed(self, visit: Visit, sent: Mapping[str, str]) -> Words:
        reason = sent.get("reason", "").strip()
        if not 0 < len(reason) <= REASON:
            raise FormError(reason=say("Please say why, in at most {n} characters.", n=REASON))
        try:
            poll = await self._polls.decided(visit, read_number(sent.get("poll", "")))
        except ValueError:
            raise UserError(GONE) from None
        if poll.state is not State.OPEN:
            raise UserError(CLOSED)
        await self._close(visit, poll, reason)
        return say("The poll is closed, and its result is posted.")


def row(poll: Poll, names: Mapping[int, str], link: str | None) -> Row:
    """Show one poll."""
    title: Words = Link(poll.question, link) if link else poll.question
    facts: list[tuple[Words, Words]] = [(say("Asked by"), names.get(poll.author_id or 0) or say("Somebody"))]
    if poll.state is State.OPEN:
        ends: Words = Time(poll.closes_at) if poll.closes_at else say("when somebody closes it")
        facts.append((say("Closes"), ends))
    elif poll.closed_at:
        facts.append((say("Closed"), Time(poll.closed_at)))
    if poll.closed_because:
        facts.append((say("Why"), poll.closed_because))
    if poll.repeats:
        facts.append((say("Repeats"), often(poll.repeats)))
    why = Input("reason", say("Why"), hint=say("Those concerned read this, so please be kind."))
    buttons = (ActButton("close", say("Close now"), {"poll": str(poll.id)}, (why,)),)
    named = say("#{number} {title}", number=poll.number or 0, title=title)
    return Row(named, (), tuple(facts), buttons if poll.state is State.OPEN else ())
