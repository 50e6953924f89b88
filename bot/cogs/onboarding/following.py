"""Following newcomers: what they give is noticed, and who has not begun is reminded, kindly and seldom."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from adapters.contract.events import MessagePosted
from adapters.contract.ui import PINGS
from bot.kernel.cog import Cog, action, every, listener
from bot.kernel.context import Context
from bot.kernel.domain_events import AnswerAccepted, EventAttended, IdeaAdded, Introduced, QuestionAsked, ThanksGiven
from bot.kernel.work import Work
from bot.text.hours import waking
from storage.gates import Verdict
from storage.members import Member

from . import cards
from .policy import Kind, to_bring_to_mind
from .service import Newcomers

HOUR = timedelta(hours=1)

Group: TypeAlias = tuple[str, str, Kind]
"""A flow, the month of arrival, and the step that is brought to mind."""

A_SENTENCE = 3
"""How many words in the introductions channel make an introduction; fewer are a mere hello."""


class Following(Cog):
    """Newcomers are noticed."""

    name = "following"
    room = "Newcomers"

    def __init__(self, newcomers: Newcomers) -> None:
        self.newcomers = newcomers

    async def refresh(self, now: datetime) -> None:
        await self.newcomers.watch.refresh(now)

    # What they give

    @listener(MessagePosted, where=lambda cog, glance: cog.newcomers.watch.wants(glance))
    async def write(self, ctx: Context, event: MessagePosted) -> None:
        """A newcomer wrote something: that is a contribution, and in some channels a step."""
        message = event.message
        if ctx.account.key not in self.newcomers.watch or message.ref.channel in self.newcomers.moderators:
            return
        steps = []
        if message.parent in self.newcomers.help:
            steps.append(Kind.QUESTION)
        introduces = message.ref.channel in self.newcomers.introductions and message.parent is None
        if introduces and len(message.text.split()) >= A_SENTENCE:
            steps.append(Kind.INTRODUCE)
        first = (
            Kind.INTRODUCE in steps and Kind.INTRODUCE not in (await self.newcomers.progress.steps(ctx.member.id)).done
        )
        await self.newcomers.contributed(ctx, ctx.member, "message", *steps)
        if first:
            await ctx.publish(Introduced(ctx.member.id))

    @listener(QuestionAsked, where=lambda cog, event: cog.newcomers.is_news(event.asker_id, Kind.QUESTION))
    async def asked(self, work: Work, event: QuestionAsked) -> None:
        await self._contributed(work, event.asker_id, "question", Kind.QUESTION)

    @listener(AnswerAccepted, where=lambda cog, event: cog.newcomers.is_news(event.helper_id, Kind.QUESTION))
    async def answered(self, work: Work, event: AnswerAccepted) -> None:
        await self._contributed(work, event.helper_id, "answer", Kind.QUESTION)

    @listener(IdeaAdded, where=lambda cog, event: cog.newcomers.is_news(event.author_id))
    async def had_an_idea(self, work: Work, event: IdeaAdded) -> None:
        await self._contributed(work, event.author_id, "idea")

    @listener(EventAttended, where=lambda cog, event: cog.newcomers.is_news(event.member_id))
    async def attended(self, work: Work, event: EventAttended) -> None:
        await self._contributed(work, event.member_id, "event")

    @listener(ThanksGiven, where=lambda cog, event: cog.newcomers.is_news(event.giver_id))
    async def thanked(self, work: Work, event: ThanksGiven) -> None:
        await self._contributed(work, event.giver_id, "thanks")

    async def _contributed(self, work: Work, member_id: int, what: str, *steps: Kind) -> None:
        member = await work.members.get(member_id)
        if member and member.community_id == work.community.id:
            await self.newcomers.contributed(work, member, what, *steps)

    # Who is reminded

    @action
    async def remind(self, work: Work) -> None:
        """Remind all whose time has come, each of one step.

        Who allowed direct messages is told directly. Of all others at most one card an hour tells, however many came:
        those who are told the same, up to 25; the rest have to wait for their hour.
        """
        groups = await self._due(work)
        waiting = sorted(groups, key=lambda group: -len([who for who in groups[group] if not who.direct_ok]))
        for number, group in enumerate(waiting):
            named = [member for member in groups[group] if not member.direct_ok]
            now, later = (named[:PINGS], named[PINGS:]) if number == 0 else ([], named)
            await self._bring_to_mind(work, group, now + [member for member in groups[group] if member.direct_ok])
            for member in later:
                at = waking(member, work.now + HOUR, work.member_zone(member))
                await self.newcomers.progress.plan(member.id, at)
        await self.newcomers.set_alarm(work)

    async def _due(self, work: Work) -> dict[Group, list[Member]]:
        """Return who is to be reminded now, by what they are reminded of; who sleeps is put off."""
        groups: dict[Group, list[Member]] = defaultdict(list)
        for progress in await self.newcomers.progress.due(work.community.id, work.now):
            member = await work.members.get(progress.member_id)
            if member is None or progress.arrived_at is None:
                continue
            at = waking(member, work.now, work.member_zone(member))
            view = await self.newcomers.view(work, member, progress)
            kind = to_bring_to_mind(view.marks, (await self.newcomers.progress.steps(member.id)).nudged)
            if not await self._may_take(member, kind):
                kind = None
            if kind and at <= work.now:
                groups[progress.flow, f"{progress.arrived_at:%Y-%m}", kind].append(member)
            else:
                await self.newcomers.progress.plan(member.id, at if kind else None)
        return groups

    async def _may_take(self, member: Member, step: Kind | None) -> bool:
        """Say whether a step is open to someone: before the gate there is only the first, and no use in waiting."""
        admission = await self.newcomers.gates.get(member.id)
        match admission.verdict if admission else Verdict.ADMITTED:
            case Verdict.ADMITTED:
                return True
            case Verdict.OUTSIDE:
                return step is Kind.WELCOME
        return False

    async def _bring_to_mind(self, work: Work, group: Group, members: list[Member]) -> None:
        if not members:
            return
        _, month, kind = group
        card = cards.nudge_card(kind, await self.newcomers.view(work, members[0]))
        places = await self.newcomers.places(work, self.newcomers.welcome)
        await work.notify(members, card, key=f"nudge/{kind}/{month}", near=places)
        for member in members:
            await self.newcomers.progress.nudged(work.community.id, member.id, kind, work.now)
            await self.newcomers.plan(work, member)

    @every("daily 10:00")
    async def renew(self, work: Work) -> None:
        """Ask once, in a channel, those who agreed to guidelines that have changed since."""
        guidelines = (await self.newcomers.policy(work)).guidelines
        if guidelines is None or not await self.newcomers.store.agreed_before(work.community.id, guidelines.version):
            return
        card = cards.new_guidelines_card(guidelines)
        for place in await self.newcomers.places(work, self.newcomers.welcome):
            work.say(place, card, key=f"guidelines/{guidelines.version}/{place.key}")

    async def export(self, member: Member) -> dict[str, Any]:
        return {"agreed_to_guidelines": dict(await self.newcomers.store.agreed(member.id))}

    async def erase(self, member: Member) -> None:
        """What is followed is forgotten with their progress."""
