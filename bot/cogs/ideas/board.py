"""The ideas' page of the dashboard: every idea with its votes, to be searched, and to be decided on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from adapters.contract.commands import Role
from adapters.contract.text import Link, Time, TimeStyle, Words, count, join, label, labelled, say
from adapters.contract.ui import Card
from bot.kernel.arguments import read_number
from bot.kernel.dashboard.contract import Act, ActButton, Choice, DashboardPage, Input, Row, Section, View, Visit
from bot.kernel.errors import FormError
from storage.ideas import Idea, Status
from storage.words import folded

from .cards import STATUSES, status_of
from .cards import View as IdeaView
from .policy import DECIDED, shown
from .service import Ideas

SHOWN = 50
"""How many ideas are shown, those with most votes first."""

NOTE = 240
"""How long a reason may be, in characters."""

Decide: TypeAlias = Callable[[Visit, int, Status, str], Awaitable[Card]]


class IdeaBoard:
    """The page of ideas."""

    def __init__(self, ideas: Ideas, decide: Decide) -> None:
        """`decide` does what the command does."""
        self._ideas = ideas
        self._decide = decide

    def page(self, role: Role) -> DashboardPage:
        """Return the page. `role` is what it takes to decide."""
        acts = {"decide": Act(role, self._decided)}
        return DashboardPage("ideas", label("Ideas"), 40, Role.MODERATOR, self._show, acts)

    async def _show(self, visit: Visit) -> View:
        words, status = visit.query.get("words", "").strip(), visit.query.get("status", "")
        everything = await self._ideas.store.listed(visit.community.id, DECIDED)
        votes = await self._ideas.votes.tally(visit.community.id)
        listed = shown(everything, votes, status if status in set(DECIDED) else "votes")
        found = [idea for idea in listed if _has(idea, words)]
        rows = [row(view) for view in await self._ideas.views(visit, found[:SHOWN])]
        more = count(len(found) - SHOWN, "and {n} more", "and {n} more") if len(found) > SHOWN else ""
        choices = (Choice(say("All that are still going"), ""), *(Choice(status_of(one), one.value) for one in DECIDED))
        search = (Input("words", say("Words"), words), Input("status", say("Status"), status, choices=choices))
        return View((Section(say("Most votes first"), rows, say("No ideas found."), more=more),), search)

    async def _decided(self, visit: Visit, sent: Mapping[str, str]) -> Words:
        status = sent.get("status", "")
        if status not in set(DECIDED):
            raise FormError(status=say("Please choose one."))
        if len(note := sent.get("note", "").strip()) > NOTE:
            raise FormError(note=say("At most {n} characters, please.", n=NOTE))
        card = await self._decide(visit, _number(sent.get("idea", "")), Status(status), note)
        return join([card.title, card.body], " ")


def _number(sent: str) -> int:
    """Return the number of an idea; 0, which none has, for what is no number."""
    try:
        return read_number(sent)
    except ValueError:
        return 0


def _has(idea: Idea, words: str) -> bool:
    """Say whether all words that somebody searches for are in an idea."""
    said = folded(f"#{idea.number} {idea.title} {idea.details} {idea.note}")
    return all(word in said for word in folded(words).split())


def row(view: IdeaView) -> Row:
    """Show one idea, and ask what becomes of it."""
    idea = view.idea
    title: Words = Link(idea.title, view.link) if view.link else idea.title
    facts: list[tuple[Words, Words]] = [(say("State"), status_of(idea.status)), (say("Votes"), str(view.votes))]
    if idea.added_at:
        facts.append((say("Added"), Time(idea.added_at, TimeStyle.RELATIVE)))
    choices = tuple(Choice(labelled(STATUSES[one]), one.value) for one in DECIDED)
    inputs = (
        Input("status", say("What becomes of it"), idea.status.value, choices=choices),
        Input("note", say("Why"), idea.note, say("Everyone who wanted it reads this. A “no” needs a reason.")),
    )
    buttons = () if idea.merged_into else (ActButton("decide", say("Decide"), {"idea": str(idea.number)}, inputs),)
    lines = tuple(filter(None, (idea.details, idea.note)))
    return Row(say("#{number} {title}", number=idea.number or 0, title=title), lines, tuple(facts), buttons)
