"""The questions' page of the dashboard: what waits for support, and what is open."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.commands import Role
from adapters.contract.text import Link, Time, TimeStyle, Words, clip, join, label, say
from bot.kernel.dashboard.contract import DashboardPage, Row, Section, View, Visit, first_of
from storage.questions import UNSETTLED, Question

from .cards import View as QuestionView
from .cards import state_of
from .service import Questions

SHOWN = 50
"""How many questions of a kind are shown."""


class QuestionBoard:
    """The page of questions."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def page(self, role: Role) -> DashboardPage:
        """Return the page. `role` is what it takes to see the queue elsewhere; this page is for moderators anyway."""
        return DashboardPage(
            "questions", label("Questions"), 10, max(role, Role.MODERATOR), self._show, waiting=self._waiting
        )

    async def _show(self, visit: Visit) -> View:
        community = visit.community.id
        listed = self._questions.store.listed
        waiting, more_waiting = first_of(await self._questions.support.waiting(community, SHOWN + 1), SHOWN)
        unanswered, more = first_of(await listed(community, UNSETTLED, SHOWN + 1, answered=False), SHOWN)
        answered, more_answered = first_of(await listed(community, UNSETTLED, SHOWN + 1, answered=True), SHOWN)
        on = await self._questions.duty.on(community)
        people = await visit.members.get_many(duty.member_id for duty in on)
        names: Words = join((people[duty.member_id].name for duty in on), ", ") or say("Nobody")
        return View(
            (
                Section(
                    say("Waiting for support"),
                    await self._rows(visit, waiting),
                    say("Nobody is waiting for support. 🌿"),
                    note=say("On duty: {names}", names=names),
                    more=more_waiting,
                ),
                Section(
                    say("Without an answer"),
                    await self._rows(visit, unanswered),
                    say("Every question has one."),
                    more=more,
                ),
                Section(
                    say("Answered, not yet solved"),
                    await self._rows(visit, answered),
                    say("Nothing here."),
                    more=more_answered,
                ),
            ),
            findable=not (more_waiting or more or more_answered),
        )

    async def _waiting(self, visit: Visit) -> Sequence[Row]:
        """Return what nobody has answered, and what waits for support."""
        waiting = await self._questions.support.waiting(visit.community.id, SHOWN)
        unanswered = await self._questions.store.listed(visit.community.id, UNSETTLED, SHOWN, answered=False)
        both = {one.id: one for one in (*waiting, *unanswered)}
        return await self._rows(visit, [*both.values()])

    async def _rows(self, visit: Visit, questions: Sequence[Question]) -> list[Row]:
        return [row(view) for view in await self._questions.views(visit, questions)]


def row(view: QuestionView) -> Row:
    """Show one question; who asked anonymously stays unknown here too."""
    question = view.question
    asked = question.asked_at or question.created_at
    title = clip(question.title, 150)
    linked: Words = Link(title, view.link) if view.link else title
    named = say("#{number} {title}", number=question.number or 0, title=linked)
    facts: list[tuple[Words, Words]] = [
        (say("State"), state_of(view)),
        (say("Asked"), say("by {name}, {when}", name=view.asker, when=Time(asked, TimeStyle.RELATIVE))),
    ]
    if question.topic:
        facts.append((say("Topic"), question.topic))
    if question.waiting_since:
        facts.append((say("Waiting for support"), Time(question.waiting_since, TimeStyle.RELATIVE)))
    return Row(named, (), tuple(facts))
