"""Has peers asked, a wave at a time: looks for the evidence, and writes down who is asked and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from adapters.contract.models import Space
from bot.delivery.addressing import account_in
from bot.delivery.gate import takes_direct
from bot.kernel.work import Work
from bot.text.likeness import ALIKE, likeness
from storage.candidates import CandidateStore
from storage.members import Member, MemberStore
from storage.peers import PeerStore
from storage.questions import KIND, UNSETTLED, Question
from storage.search import Hit, SearchStore

from .peers import LOAD_WINDOW, Evidence, choose_peers, topics_named
from .policy import Policy

HISTORY = timedelta(days=365)
"""How far back help given counts for who is asked."""
CANDIDATES = 200
"""So many people are ranked at most."""


@dataclass(frozen=True, slots=True)
class Waves:
    """Where it is looked up who may be asked, and written who is."""

    peers: PeerStore
    candidates: CandidateStore
    search: SearchStore
    members: MemberStore

    async def begin(self, work: Work, question: Question, policy: Policy, homes: Collection[Space]) -> None:
        """Have the next wave asked; `homes` are the spaces in which it can ask by name."""
        await work.lock(f"offers/{work.community.id}")  # what was asked of each today is counted one wave at a time
        evidence = await self._evidence(work, question, homes)
        zone = ZoneInfo(work.community.timezone)
        chosen = choose_peers(question, evidence, work.now, zone, policy.wave_size, policy.offers_a_day)
        reasons = {candidate.member.id: candidate.reason.pack() for candidate in chosen}
        if await self.peers.begin_wave(question.id, question.waves + 1, work.now):
            await self.peers.offer(question.id, question.waves + 1, reasons, work.now)

    async def _evidence(self, work: Work, question: Question, homes: Collection[Space]) -> Evidence:
        now, topics = work.now, topics_named(question)
        hits = await self.search.find(work.community.id, question.title, (KIND,), 50, details=question.details)
        hits = [hit for hit in hits if hit.subject_id != question.id]
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        similar = {hit.subject_id: hit.score / best for hit in hits}
        help_ = await self.candidates.help_given(question, similar, topics, now - HISTORY, now)
        experts = await self.candidates.experts(question, topics, now)
        helpers = [member for member, _ in Counter(given.member_id for given in help_).most_common(CANDIDATES)]
        chosen = [*dict.fromkeys([*helpers[: CANDIDATES // 2], *experts, *helpers])][:CANDIDATES]
        return Evidence(
            members=await self._within_reach(chosen, homes),
            help=help_,
            expertise=experts,
            similar=similar,
            titles={hit.subject_id: hit.title for hit in hits if likeness(hit.fit) >= ALIKE},
            offered=await self._who_asks_the_same(hits),
            recent=await self.candidates.recent_offers(chosen, now - LOAD_WINDOW),
        )

    async def _who_asks_the_same(self, hits: Iterable[Hit]) -> set[int]:
        """Return who waits for an answer to that themselves."""
        alike = [hit.subject_id for hit in hits if likeness(hit.fit) >= ALIKE]
        found = await self.peers.get_many(alike)
        return {question.asker_id for question in found.values() if question.state in UNSETTLED}

    async def _within_reach(self, ids: Iterable[int], homes: Collection[Space]) -> list[Member]:
        """Return who of them could hear of an offer: directly, or in a space where the question stands."""
        found = await self.members.get_many(ids)
        return [
            member
            for member in found.values()
            if takes_direct(member) or any(account_in(member, home) for home in homes)
        ]
