"""The steps: each person sees their own, one after the other, in one private card that changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from adapters.contract.adapter import Need
from adapters.contract.commands import Role
from adapters.contract.text import Words
from adapters.contract.ui import Button, Card, Option, Style
from bot.kernel.arguments import numbers_in
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context, Submission
from bot.kernel.errors import FormError, require
from bot.kernel.forms import Form, ask
from bot.kernel.page import PagePart
from bot.kernel.work import Work
from storage.members import Member

from . import calls, cards
from .admission import AdmissionService
from .policy import Kind, Mark, next_step
from .service import Newcomers
from .whereabouts import CITIES, find_zone


class ZoneForm(Form, title="Where you are", submit="Save"):
    """A place that is not among the well-known ones."""

    place: str = ask(
        "A big city near you, or your time zone",
        hint="For example Lisbon, or Europe/Lisbon",
        longest=50,
        suggestions=tuple(Option(city, city) for city in CITIES),
    )


class Steps(Cog):
    """Newcomers find their way."""

    name = "steps"
    room = "Newcomers"

    def __init__(self, newcomers: Newcomers, admissions: AdmissionService) -> None:
        self.newcomers = newcomers
        self.admissions = admissions

    def needs(self) -> Collection[Need]:
        return (Need.ROLES,) if any(interest.role for interest in self.newcomers.policies.default.interests) else ()

    @action(role=Role.NEWCOMER)
    async def start(self, ctx: Context) -> None:
        """Begin, or go on."""
        if barrier := await self.admissions.barrier(ctx):
            await ctx.reply(barrier)
            return
        await self.newcomers.begin(ctx)
        await self.newcomers.do(ctx, ctx.member, Kind.WELCOME)
        await ctx.reply(await self.newcomers.next_card(ctx, ctx.member))

    @action(role=Role.NEWCOMER)
    async def show(self, ctx: Context, step: str) -> None:
        """Look at one step, also one that was skipped."""
        require(step in list(Kind), cards.gone_words())
        if barrier := await self.admissions.barrier(ctx):
            await self._show(ctx, barrier)
            return
        progress = await self.newcomers.begin(ctx)
        if progress.arrived_at:
            await self.newcomers.do(ctx, ctx.member, Kind.WELCOME)
        view = await self.newcomers.view(ctx, ctx.member)
        await self._show(ctx, cards.step_card(Kind(step), view))

    @action
    async def skip(self, ctx: Context, step: str) -> None:
        """Leave a step out, for now."""
        require(step in list(Kind), cards.gone_words())
        await self.newcomers.begin(ctx)
        await self.newcomers.progress.skip(ctx.community.id, ctx.member.id, step, ctx.now)
        await self.newcomers.plan(ctx, ctx.member)
        await self._go_on(ctx)

    @action
    async def purpose(self, ctx: Context) -> None:
        """Say what brings one here: it may lead to another flow."""
        policy = await self.newcomers.policy(ctx)
        chosen = policy.purposes[_index(ctx, len(policy.purposes))]
        await self.newcomers.begin(ctx)
        if chosen.flow:
            await self.newcomers.progress.set_flow(ctx.member.id, chosen.flow)
        await self.newcomers.do(ctx, ctx.member, Kind.PURPOSE)
        await self._go_on(ctx)

    @action(role=Role.NEWCOMER)
    async def agree(self, ctx: Context, version: str) -> None:
        """Agree to the guidelines; to those that one has seen, not to newer ones."""
        guidelines = (await self.newcomers.policy(ctx)).guidelines
        require(guidelines and guidelines.version == version, cards.newer_guidelines_words())
        credentials = await self.admissions.credentials(ctx, ctx.member)
        await self.newcomers.begin(ctx)
        await self.newcomers.store.agree(ctx.community.id, ctx.member.id, version, ctx.now)
        await self.newcomers.do(ctx, ctx.member, Kind.WELCOME, Kind.GUIDELINES)
        barrier = await self.admissions.barrier(ctx, credentials)
        await (self._show(ctx, barrier) if barrier else self._go_on(ctx))

    @action
    async def interests(self, ctx: Context) -> None:
        """Choose interests, and the roles that go with them."""
        policy = await self.newcomers.policy(ctx)
        numbers = {*numbers_in(ctx.values)}
        names = [interest.name for number, interest in enumerate(policy.interests) if number in numbers]
        await self.newcomers.begin(ctx)
        await self.newcomers.store.choose(ctx.community.id, ctx.member.id, names, ctx.now)
        await self.newcomers.do(ctx, ctx.member, Kind.INTERESTS)
        if any(interest.role for interest in policy.interests):
            await ctx.schedule(Steps.give_roles.call(ctx.member.id), ctx.now, key=f"interests/{ctx.member.id}")
        self.newcomers.lifecycle.touch(ctx, ctx.member.id)
        await self._go_on(ctx)

    @action
    async def give_roles(self, work: Work, member_id: int) -> None:
        """Give the roles of the interests that someone chose, and take those of the others."""
        member = await self.newcomers.member(work, member_id)
        chosen = set(await self.newcomers.store.interests_of(member_id))
        for interest in (await self.newcomers.policy(work)).interests:
            if interest.role:
                work.set_role(member, interest.role, interest.name in chosen)

    @action
    async def zone(self, ctx: Context) -> None:
        """Say where one is, by a well-known place."""
        zone = find_zone(next(iter(ctx.values), ""))
        require(zone, cards.unknown_zone_words())
        await self._settle_in(ctx, zone or "")

    @action
    async def other_zone(self, ctx: Context) -> None:
        """Ask for a place that is not among the well-known ones."""
        await ctx.open(ZoneForm, Steps.set_zone.call(), self)

    @action
    async def set_zone(self, ctx: Submission[ZoneForm]) -> None:
        """Take down where someone is."""
        zone = find_zone(ctx.form.place)
        if zone is None:
            raise FormError(place=cards.unknown_zone_words())
        await self._settle_in(ctx, zone)

    async def _settle_in(self, ctx: Context, zone: str) -> None:
        await self.newcomers.begin(ctx)
        ctx.member = await ctx.members.set_preferences(ctx.member.id, timezone=zone)
        await self.newcomers.do(ctx, ctx.member, Kind.ZONE)
        await self._go_on(ctx)

    @action
    async def buddy(self, ctx: Context) -> None:
        """Meet someone who shows one around."""
        await self.newcomers.lifecycle.lock(ctx, ctx.member.id)
        await self.newcomers.begin(ctx)
        had = await self.newcomers.store.pairings(ctx.member.id)
        require(all(pairing.passed_at for pairing in had), cards.has_buddy_words())
        match = await self.newcomers.give_buddy(ctx, ctx.member, {pairing.buddy_id for pairing in had})
        if match is None:
            await self.newcomers.progress.skip(ctx.community.id, ctx.member.id, Kind.BUDDY, ctx.now)
        await self._go_on(ctx, cards.buddy_found_words(match) if match else cards.no_buddy_words())

    async def _go_on(self, ctx: Context, note: Words = "") -> None:
        # Who never began is not led on: they only wanted to change this one thing.
        began = Kind.WELCOME in (await self.newcomers.progress.steps(ctx.member.id)).done
        card = await (self.newcomers.next_card(ctx, ctx.member) if began else ctx.page())
        await self._show(ctx, cards.with_note(note, card) if note else card)

    async def _show(self, ctx: Context, card: Card) -> None:
        """Change the private card in place; what others see stays as it is."""
        await (ctx.reply if ctx.message else ctx.update)(card)

    async def page(self, ctx: Context) -> PagePart | None:
        """Show newcomers how far they are; offer everyone else to be a buddy."""
        progress = await self.newcomers.progress.get(ctx.member.id)
        view = await self.newcomers.view(ctx, ctx.member, progress)
        buttons, folded = list[Button](), list[Button]()
        began = progress and (progress.arrived_at or view.marks.get(Kind.WELCOME) is Mark.DONE)
        if began and next_step(view.marks):
            buttons.append(Button("My next step", calls.start(), Style.PRIMARY))
        elif began and Mark.SKIPPED in view.marks.values():
            buttons.append(Button("What I skipped", calls.start()))
        checklist = cards.checklist_field(view.marks) if buttons else None
        if progress and progress.arrived_at and progress.contributed_at is None:
            return PagePart(10, checklist, buttons=tuple(buttons))
        if any(Kind.BUDDY in flow.steps for flow in view.policy.flows):
            if ctx.member.id in await self.newcomers.store.willing(ctx.community.id):
                if not buttons and view.policy.interests:
                    folded.append(Button("What I like", calls.show(Kind.INTERESTS)))
                folded.append(Button("No longer a buddy", calls.stop()))
            else:
                folded.append(Button("Be a buddy", calls.volunteer()))
        there = buttons or folded
        return PagePart(10, checklist, buttons=tuple(buttons), folded=tuple(folded)) if there else None

    async def way_in(self, ctx: Context) -> PagePart | None:  # noqa: ARG002
        """Show someone at the gate what is missing."""
        return PagePart(10, lines=cards.not_in_yet_words(), buttons=(Button("Start", calls.start(), Style.PRIMARY),))

    async def export(self, member: Member) -> dict[str, Any]:
        return {"interests": await self.newcomers.store.interests_of(member.id)}

    async def erase(self, member: Member) -> None:
        """Steps are forgotten with their progress, and all else with what newcomers say of themselves."""
        await self.newcomers.store.forget(member.id)


def _index(ctx: Context, size: int) -> int:
    """Return the number that was chosen from a menu."""
    number = next(iter(numbers_in(ctx.values)), -1)
    require(0 <= number < size, cards.gone_words())
    return number
