"""Buddies: members who are willing show newcomers around, each a few."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.contract.adapter import Gone
from adapters.contract.models import Channel, Space
from adapters.contract.text import Words
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context, Work
from bot.kernel.domain_events import MemberErased
from bot.kernel.errors import require
from storage.members import Member

from . import cards
from .desk import Desk
from .introductions import cards_of
from .meeting import Match, choose_buddy, spaces_of
from .rules import Kind

MONTH = timedelta(days=30)


class Buddies(Cog):
    """Nobody has to find their way alone."""

    name = "buddies"
    lasting = ("buddy/",)
    room = "Newcomers"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @action
    async def volunteer(self, ctx: Context) -> None:
        """Someone is willing to show newcomers around."""
        await self.desk.newcomers.volunteer(ctx.community.id, ctx.member.id, ctx.now)
        await ctx.update(cards.with_note(cards.buddy_words(), await ctx.page()))

    @action
    async def stop(self, ctx: Context) -> None:
        """Someone is no buddy any more."""
        await self.desk.newcomers.withdraw(ctx.member.id)
        await ctx.update(cards.with_note(cards.no_longer_buddy_words(), await ctx.page()))

    @staticmethod
    async def find(desk: Desk, ctx: Context) -> Words:
        """Give whoever is here a buddy, and introduce the two; return what to tell them."""
        had = await desk.newcomers.pairings(ctx.member.id)
        require(all(pairing.passed_at for pairing in had), cards.has_buddy_words())
        match = await _give(desk, ctx, ctx.member, {pairing.buddy_id for pairing in had})
        if match:
            return cards.buddy_found_words(match)
        had = await desk.newcomers.pairings(ctx.member.id)
        require(all(pairing.passed_at for pairing in had), cards.has_buddy_words())
        await desk.journeys.skip(ctx.community.id, ctx.member.id, Kind.BUDDY, ctx.now)
        return cards.no_buddy_words()

    @action
    async def meet(self, work: Work, newcomer_id: int, buddy_id: int) -> None:
        """Introduce the two to each other, where both are."""
        newcomer, buddy = await self.desk.member(work, newcomer_id), await self.desk.member(work, buddy_id)
        place = await self._place(work, newcomer, buddy)
        if place:
            match = await self._described(work, newcomer, buddy)
            card = cards.meet_card(newcomer, match, Buddies.cannot.call(newcomer_id, buddy_id))
            await work.chat.post(place, card, key=f"buddy/{newcomer_id}/{buddy_id}")

    @action
    async def cannot(self, ctx: Context, newcomer_id: int, buddy_id: int) -> None:
        """A buddy has no time after all: somebody else is asked."""
        newcomer = await self.desk.member(ctx, newcomer_id)
        require(ctx.member.id == buddy_id, cards.not_your_buddy_words())
        require(await self.desk.newcomers.passes(newcomer_id, buddy_id, ctx.now), cards.decided_already_words())
        had = {pairing.buddy_id for pairing in await self.desk.newcomers.pairings(newcomer_id)}
        match = await _give(self.desk, ctx, newcomer, had)
        await ctx.update(cards.passed_on_card(newcomer, match))

    async def _described(self, work: Work, newcomer: Member, buddy: Member) -> Match:
        """Return what two people who were matched have in common."""
        likes = await self.desk.newcomers.interests(work.community.id)
        shared = likes.get(newcomer.id, frozenset()) & likes.get(buddy.id, frozenset())
        zone = work.member_zone(newcomer)
        return choose_buddy(newcomer, [buddy], likes, {}, (), work.now, zone, 1) or Match(buddy, tuple(shared), 24)

    async def _place(self, work: Work, newcomer: Member, buddy: Member) -> Channel | None:
        """Return the thread of the newcomer's introduction, or else a channel, in a space where both are."""
        both = spaces_of(newcomer) & spaces_of(buddy)
        for message in await cards_of(work, await self.desk.newcomers.introduction(newcomer.id)):
            if message.channel.space.key in both:
                try:
                    return await work.chat.open_thread(message, newcomer.name)
                except Gone:
                    continue
        for group in (self.desk.introductions_channels, self.desk.welcome_channels):
            for space in map(Space.of, sorted(both)):
                if channels := group.within(space):
                    return channels[0]
        return None

    @listener(MemberErased)
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: no card names them any more."""
        for pairing in await self.desk.newcomers.pairings_with(event.member_id):
            for message in (await work.chat.said(f"buddy/{pairing.newcomer_id}/{pairing.buddy_id}")).values():
                await work.chat.edit(message, cards.met_card())

    async def export(self, member: Member) -> dict[str, Any]:
        willing = member.id in await self.desk.newcomers.willing(member.community_id)
        pairings = await self.desk.newcomers.pairings_with(member.id)
        had = sum(pairing.newcomer_id == member.id for pairing in pairings)
        return {"willing_to_be_a_buddy": willing, "had_a_buddy": had, "was_a_buddy": len(pairings) - had}

    async def erase(self, member: Member) -> None:
        """Buddies are forgotten with all that newcomers say of themselves."""


async def _give(desk: Desk, work: Work, newcomer: Member, passed: set[int]) -> Match | None:
    """Give a newcomer the best buddy who still has time when it comes to it, and have the two meet."""
    policy, since = await desk.policy(work), work.now - MONTH
    willing = await work.members.get_many(await desk.newcomers.willing(work.community.id))
    likes = await desk.newcomers.interests(work.community.id)
    load = await desk.newcomers.load(work.community.id, since)
    zone = work.member_zone(newcomer)
    while match := choose_buddy(newcomer, [*willing.values()], likes, load, passed, work.now, zone, policy.buddy_load):
        buddy = match.buddy.id
        async with work.atomic():
            if await desk.newcomers.pair(
                work.community.id, newcomer.id, buddy, work.now, since=since, most=policy.buddy_load
            ):
                await desk.do(work, newcomer, Kind.BUDDY)
                await work.schedule(Buddies.meet.call(newcomer.id, buddy), work.now)
                return match
        passed = passed | {buddy}
    return None
