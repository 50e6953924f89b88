"""How a question goes on: what comes due, and what everyone who has to do with it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.models import Account, Space
from adapters.contract.text import Mention, Text
from adapters.contract.ui import Card
from bot.delivery.addressing import mention
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Due, Lifecycle, Shown, Standing
from bot.kernel.planning import RECENT
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.members import Member, MemberStore
from storage.moments import Moment, MomentKind, MomentStore
from storage.peers import Offer, PeerStore
from storage.postings import IMPOSSIBLE, STALE, Posted
from storage.questions import KIND, UNSETTLED, Audience, Escalation, Question, QuestionStore, State
from storage.replies import Reply, ReplyStore
from storage.search import SearchStore
from storage.solutions import SolutionStore
from storage.support import SupportStore

from .cards import View
from .places import CARD, is_out, post_of, threads_of
from .policy import Policy, Step, next_step
from .privately import over_privately, shown_privately
from .shown import ANSWERED, FOLLOWED, REMINDER, SAYS, SUPPORT, QuestionSnapshot, over_card, shown, turn_of
from .trusted import first_answer
from .turns import Turns
from .waves import Waves


class QuestionLifecycle(Lifecycle[QuestionSnapshot]):
    """Questions are asked around, go to support, are asked about and close by the clock."""

    kind = KIND

    def __init__(
        self,
        questions: QuestionStore,
        replies: ReplyStore,
        support: SupportStore,
        solutions: SolutionStore,
        moments: MomentStore,
        peers: PeerStore,
        search: SearchStore,
        members: MemberStore,
        help_channels: ChannelGroup,
        agents_channels: ChannelGroup,
        policies: Policies[Policy],
        waves: Waves,
        turns: Turns,
    ) -> None:
        super().__init__()
        self._questions = questions
        self._replies = replies
        self._support = support
        self._solutions = solutions
        self._moments = moments
        self._peers = peers
        self._search = search
        self._members = members
        self._help_channels = help_channels
        self._agents_channels = agents_channels
        self._policies = policies
        self._waves = waves
        self._turns = turns

    # What is known

    async def read(self, work: Work, id_: int, standing: Standing) -> QuestionSnapshot | None:
        question = await self._questions.get(id_)
        if question is None or question.number is None:
            return None
        spaces, home = await work.spaces(), Space.of(question.space)
        names = await self._members.space_names(work.community.id) if len(spaces) > 1 else {}
        agents = self._agents_channels.nearest(home, spaces)
        channels = [self._help_channels.nearest(home, spaces), *map(self._help_channels.nearest, spaces)]
        channels = [agents] if question.private else channels
        policy = await self._policies.of(work.community.id)
        offers = await self._offers(question)
        replies = await self._replies_of(question, standing)
        answer = await self._answer(question, standing)
        moments = await self._moments_of(question, work.now)
        is_told = any(row.key.startswith(FOLLOWED) for row in standing.rows)
        followed = await self._questions.followers(id_) if is_told or question.state not in UNSETTLED else []
        involved = {
            *(one.asker_id for one in followed),
            *(question.asker_id, question.helper_id, question.solver_id, question.offered_agent_id),
            answer.member_id if answer else None,
            *(one.member_id for one in offers),
            *(one.member_id for one in replies),
            *(one.member_id for one in moments),
        }
        people = await self._members.get_many(filter(None, involved))
        return QuestionSnapshot(
            work.now,
            View(question, people, standing.link(CARD, home)),
            policy,
            ZoneInfo(work.community.timezone),
            tuple({channel.space: channel for channel in channels[::-1] if channel}.values())[::-1],
            agents,
            offers,
            replies,
            moments,
            await self._leads(work, question, policy, standing),
            names,
            standing,
            answer,
            {one.asker_id: one for one in followed if one.asker_id != question.asker_id and _is_here(people, one)},
        )

    async def _offers(self, question: Question) -> tuple[Offer, ...]:
        """Return whom the newest wave asks, while it does."""
        if question.state is not State.OPEN or question.audience is not Audience.PEERS or not question.waves:
            return ()
        offers = await self._peers.offers(question.id)
        # Two accounts may have become one person since: nobody is asked to help themselves.
        return tuple(one for one in offers if one.wave == question.waves and one.member_id != question.asker_id)

    async def _answer(self, question: Question, standing: Standing) -> Reply | None:
        """Return the first answer until the asker was told of it."""
        key = f"{ANSWERED}/{question.answered_at}"
        if (
            question.private
            or question.state is not State.ANSWERED
            or any(row.key == key and row.message for row in standing.rows)
        ):
            return None
        return first_answer(question, await self._replies.latest(question.id))

    async def _replies_of(self, question: Question, standing: Standing) -> tuple[Reply, ...]:
        """Return what was written, where it is shown anywhere: to support, in other spaces, for who has no name."""
        is_shown = question.audience is Audience.AGENTS or question.anonymous or len(threads_of(standing, question)) > 1
        return tuple(await self._replies.latest(question.id)) if is_shown else ()

    async def _moments_of(self, question: Question, now: datetime) -> tuple[Moment, ...]:
        """Return what happened lately: nothing could while nobody answered, and it was never taken back."""
        if question.waiting_since or question.answered_at:
            return tuple(await self._moments.of(question.id, now - RECENT))
        return ()

    async def _leads(
        self, work: Work, question: Question, policy: Policy, standing: Standing
    ) -> tuple[Mention | Text, ...] | None:
        """Return whom settings name as lead, of those who are here; without any, the moderators, else the admins.

        Once they know, an empty tuple; None where there is nobody whom one could tell.
        """
        told = any(
            row.key == f"lead/{question.lead_told_at}" and row.message and row.digest != STALE for row in standing.rows
        )
        if question.lead_told_at is None or question.state is not State.OPEN:
            return ()
        leads: list[Mention | Text] = []
        for name in policy.lead:
            if name.count("/") == 2:
                account = Account.of(name)
                met = await self._members.by_account(name)
                if met is None or met.left_at is None:
                    leads.append(mention(met) if met else Mention(account.id, (account,)))
            else:
                leads += map(mention, await self._members.by_name(work.community.id, name.lstrip("@")))
        for role in ("moderator", "admin"):
            leads = leads or [*map(mention, await self._members.with_role(work.community.id, role))]
        return None if not leads else () if told else tuple(leads)

    # What comes due

    def due(self, snapshot: QuestionSnapshot) -> Due | None:
        question, post = snapshot.view.question, post_of(snapshot.standing)
        if post and post.why == IMPOSSIBLE and question.state in UNSETTLED:
            return Due(snapshot.now, Step.DROP)
        if not is_out(snapshot.standing):
            return None
        found = next_step(question, snapshot.policy, snapshot.zone)
        if found is None:
            return None
        step, at = found
        return Due(at, Step.REMIND if step is Step.CLOSE and _waits_to_remind(snapshot) else step)

    async def take(self, work: Work, snapshot: QuestionSnapshot, step: Step) -> None:
        question = snapshot.view.question
        match step:
            case Step.DROP:
                await self._questions.drop(question.id, work.now)
                await self._search.remove(KIND, question.id)
            case Step.OFFER:
                homes = [*(channel.space for channel in snapshot.channels), *snapshot.spaces]
                await self._waves.begin(work, question, snapshot.policy, homes)
            case Step.RELEASE:
                await self._turns.release(work, question, MomentKind.LET_LIE)
            case Step.ESCALATE:
                why = Escalation.UNANSWERED if question.answered_at is None else Escalation.UNSOLVED
                await self._support.escalate(question.id, why, work.now)
            case Step.HAND_OUT:
                await self._turns.hand_out(work, question, was_told=_is_turn_told(snapshot))
            case Step.TELL_LEAD:
                await self._support.tell_lead(question.id, question.lead_told_at, work.now)
            case Step.REMIND:
                await self._solutions.remind(question.id, work.now)
            case Step.CLOSE:
                await self._solutions.close(question.id, work.now)
                await self._turns.drain(work)

    async def lost(self, work: Work, snapshot: QuestionSnapshot, row: Posted) -> None:
        """What an asker without a name said is forgotten everywhere when it is deleted from their thread."""
        said = [reply for reply in snapshot.replies if row.key == f"{SAYS}/{reply.id}"]
        for reply in said:
            await self._replies.unsay(reply.message, work.now)

    # What is shown

    def shown(self, snapshot: QuestionSnapshot) -> Iterator[Shown]:
        return shown_privately(snapshot) if snapshot.view.question.private else shown(snapshot)

    def over(self, snapshot: QuestionSnapshot | None, key: str, people: tuple[int, ...]) -> Card | None:  # noqa: ARG002
        if snapshot is None:
            return None
        return over_privately(snapshot, key) if snapshot.view.question.private else over_card(snapshot, key)

    def is_open(self, snapshot: QuestionSnapshot) -> bool:
        return snapshot.view.question.state in UNSETTLED


def _waits_to_remind(snapshot: QuestionSnapshot) -> bool:
    """Say whether the asker is still to be asked whether it is solved: nothing is closed before they could say."""
    key = f"{REMINDER}/{snapshot.question.active_at}"
    return any(row.key == key and row.waits for row in snapshot.standing.rows)


def _is_turn_told(snapshot: QuestionSnapshot) -> bool:
    """Say whether it could be read whose turn it is: by the card of the first turn, or a message of its own."""
    question, turn = snapshot.question, turn_of(snapshot.question)
    first = question.private and question.offered_agent_at == question.asked_at
    keys = {turn, f"{SUPPORT}{turn}", CARD if first else turn}
    return any(row.message for row in snapshot.standing.rows if row.key in keys)


def _is_here(people: Mapping[int, Member], question: Question) -> bool:
    """Say whether the person who asks can be told something."""
    asker = people.get(question.asker_id)
    return asker is not None and bool(asker.accounts)
