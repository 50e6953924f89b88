"""Has peers asked, a wave at a time: looks for the evidence, and writes down who is asked and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.models import Space
from bot.delivery.addressing import account_in
from bot.delivery.gate import takes_direct
from bot.kernel.work import Work
from storage.candidates import CandidateStore
from storage.help import HelpStore
from storage.members import Member
from storage.peers import PeerStore
from storage.questions import Question

from .peers import ALIKE, LOAD_WINDOW, Evidence, asks_the_same, choose_peers, topics_named
from .policy import Policy

CANDIDATES = 100
"""So many people are ranked at most of those who helped, and as many who say that they know about it."""


@dataclass(frozen=True, slots=True)
class Waves:
    """Where it is looked up who may be asked, and written who is."""

    peers: PeerStore
    candidates: CandidateStore
    help: HelpStore

    async def begin(self, work: Work, question: Question, policy: Policy, homes: Collection[Space]) -> None:
        """Have the next wave asked; `homes` are the spaces in which it can ask by name."""
        await work.lock(f"offers/{work.community.id}")  # what was asked of each today is counted one wave at a time
        evidence = await self.evidence(question, work.now, homes)
        zone = ZoneInfo(work.community.timezone)
        chosen = choose_peers(question, evidence, work.now, zone, policy.wave_size, policy.offers_a_day)
        reasons = {candidate.member.id: candidate.pack() for candidate in chosen}
        if await self.peers.begin_wave(question.id, question.waves + 1, work.now):
            await self.peers.offer(question.id, question.waves + 1, reasons, work.now)

    async def evidence(self, question: Question, now: datetime, homes: Collection[Space]) -> Evidence:
        """Return what is known of those who may be asked: people who helped, or say that they know about it."""
        topics = topics_named(question)
        past = {one.member_id: one for one in await self.help.past(question, now, CANDIDATES)}
        experts = await self.candidates.experts(question, topics, now)
        there = await self.candidates.askable(question, past.keys() | experts.keys(), topics, now)
        members = [member for member in there if _within_reach(member, homes)]
        ids = [member.id for member in members]
        alike = {past[id_].closest for id_ in ids if id_ in past and past[id_].alike >= ALIKE}
        unsettled = await self.peers.unsettled_of(ids, CANDIDATES)
        return Evidence(
            members=members,
            past=past,
            expertise=experts,
            titles=await self.peers.titles(alike),
            offered={one.asker_id for one in unsettled if asks_the_same(question, one)},
            recent=await self.candidates.recent_offers(ids, now - LOAD_WINDOW),
        )


def _within_reach(member: Member, homes: Collection[Space]) -> bool:
    """Say whether somebody could hear of an offer: directly, or in a space where the question stands."""
    return takes_direct(member) or any(account_in(member, home) for home in homes)
