"""For moderators: what the flows look like, how newcomers fare, and whom to greet by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.text import Verbatim
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, action, command, every
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.work import Work
from storage.members import Member
from storage.progress import NO_STEPS

from . import cards, scores
from .policy import DEFAULT, Facts, Kind, Mark, Policy, checklist, next_step
from .scores import Newcomer
from .service import Newcomers

WEEKS = timedelta(days=28)
"""Of whom the weekly report tells."""


class PreviewForm(Form, title="A journey", submit="Look"):
    """Which flow to look at."""

    journey: str = ask("Journey", longest=50, suggestions=lambda cog: cog.flow_names, required=False)


class ReportForm(Form, title="Newcomers", submit="Look"):
    """How far to look back."""

    days: int | None = ask("How many days back?", hint="Empty: 28", required=False)


class Scorecards(Cog):
    """Moderators see where newcomers get lost."""

    name = "scorecards"
    room = "Newcomers"

    def __init__(self, newcomers: Newcomers) -> None:
        self.newcomers = newcomers
        # The flows are those of the community file, which no `/settings set` changes.
        self._flows = newcomers.policies.default.flows or (DEFAULT,)

    @property
    def flow_names(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(flow.name), flow.name) for flow in self._flows)

    @command(
        "onboarding preview", "See a journey as newcomers do", role=Role.MODERATOR, formerly=("onboarding.preview",)
    )
    async def preview(self, ctx: Submission[PreviewForm]) -> None:
        policy, number = await self._flow(ctx, ctx.form.journey)
        flow = self._flows[number]
        await ctx.reply(cards.preview_card(policy, flow, number))

    async def _flow(self, ctx: Context, name: str) -> tuple[Policy, int]:
        policy = await self.newcomers.policy(ctx)
        wanted = name.casefold() or policy.common.name.casefold()
        number = next((n for n, flow in enumerate(self._flows) if flow.name.casefold() == wanted), None)
        require(number is not None, cards.no_journey_words([flow.name for flow in self._flows]))
        return policy, number or 0

    @action(role=Role.MODERATOR, formerly=("onboarding.look",))
    async def look(self, ctx: Context, number: int) -> None:
        """See one step as newcomers do."""
        chosen = next(iter(ctx.values), "")
        require(0 <= number < len(self._flows) and chosen in self._flows[number].steps, cards.gone_words())
        flow = self._flows[number]
        marks = dict.fromkeys(flow.steps, Mark.OPEN)
        marks[Kind(chosen)] = Mark.NEXT
        help_here = self.newcomers.help.within(ctx.space)
        view = cards.StepView(
            await self.newcomers.policy(ctx),
            flow,
            marks,
            help_channel=(help_here[0], self.newcomers.help.names[0]) if help_here else None,
            now=ctx.now,
        )
        await ctx.update(cards.step_preview(cards.step_card(Kind(chosen), view), flow, number))

    @action(role=Role.MODERATOR, formerly=("onboarding.pretend",))
    async def pretend(self, ctx: Context, number: int) -> None:  # noqa: ARG002
        """A button in a preview, which of them does not matter."""
        raise UserError(cards.only_drawn_words())

    @command(
        "onboarding report",
        "How newcomers fare, and whom to greet by hand",
        role=Role.MODERATOR,
        formerly=("onboarding.report",),
    )
    async def report(self, ctx: Submission[ReportForm]) -> None:
        days = ctx.form.days if ctx.form.days is not None else WEEKS.days
        require(0 < days <= 366, cards.days_words())
        card, _ = await self._report(ctx, ctx.now - timedelta(days=days))
        await ctx.reply(card)

    @every("mon 09:00")
    async def weekly(self, work: Work) -> None:
        """Tell moderators, if anybody came."""
        card, joined = await self._report(work, work.now - WEEKS)
        if not joined:
            return
        week = f"{work.now:%G-W%V}"
        for place in await self.newcomers.places(work, self.newcomers.moderators):
            work.say(place, card, key=f"newcomers/{week}/{place.key}")

    async def _report(self, work: Work, since: datetime) -> tuple[Card, int]:
        policy = await self.newcomers.policy(work)
        newcomers = await self._newcomers(work, policy, since)
        scorecard = scores.score(newcomers, policy, work.now)
        greetings = scores.worth_greeting(newcomers, work.now)
        people = await work.members.get_many(newcomer.progress.member_id for newcomer, _ in greetings)
        return cards.report_card(scorecard, greetings, people, policy, since), scorecard.joined

    async def _newcomers(self, work: Work, policy: Policy, since: datetime) -> list[Newcomer]:
        arrived = await self.newcomers.progress.arrived_since(work.community.id, since)
        ids = [progress.member_id for progress in arrived]
        people = await work.members.get_many(ids)
        steps = await self.newcomers.progress.steps_of(ids)
        introduced, greeted = await self.newcomers.store.introduced(ids), await self.newcomers.store.greeted(ids)
        found = []
        for progress in arrived:
            mine = steps.get(progress.member_id, NO_STEPS)
            zone = people[progress.member_id].timezone is not None
            facts = Facts(mine, agreed=Kind.GUIDELINES in mine.done, zone=zone)
            marks = checklist(policy, policy.flow(progress.flow), facts)
            here = progress.member_id in introduced, progress.member_id in greeted
            found.append(Newcomer(progress, next_step(marks), *here, steps_done=len(mine.done)))
        return found

    async def export(self, member: Member) -> dict[str, Any]:  # noqa: ARG002
        return {}

    async def erase(self, member: Member) -> None:
        """Reports are counted anew each time."""
