"""The gate: optional approval before entry, by guidelines, e-mail domain, invite code, or a moderator's yes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from adapters.contract.adapter import Need
from adapters.contract.commands import Role
from adapters.contract.events import MessagePosted
from adapters.contract.models import Profile
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context, Submission
from bot.kernel.domain_events import MemberErased, MembersLinked
from bot.kernel.errors import require
from bot.kernel.forms import Form, ask
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.reasons import ReasonForm
from bot.kernel.work import Work
from storage.gates import Verdict
from storage.members import Member

from . import calls, cards
from .admission import AdmissionService
from .policy import WRONG_CODES, Entry
from .service import Newcomers


class CodeForm(Form, title="Invite code", submit="Come in"):
    """A code that someone was given."""

    code: str = ask("Your invite code", longest=60)


class RequestForm(Form, title="Ask to come in", submit="Ask"):
    """What moderators should know of someone who would like to come in."""

    words: str = ask("Who are you, and what brings you here?", longest=1000, lines=4)


class Gatekeeping(Cog):
    """Who comes in is decided once, and written down."""

    name = "gatekeeping"
    room = "Newcomers"

    def __init__(self, newcomers: Newcomers, admissions: AdmissionService) -> None:
        self.newcomers = newcomers
        self.admissions = admissions

    def needs(self) -> Collection[Need]:
        gate = self.newcomers.policies.default.gate
        asked = ((Need.ROLES, gate.role), (Need.LETTING_IN, gate.channels)) if gate else ()
        return [need for need, wanted in asked if wanted]

    async def is_held(self, member: Member, who: Profile) -> bool:
        return await self.admissions.is_held(member, who)

    @listener(
        MessagePosted,
        where=lambda cog, glance: cog.newcomers.watch.is_unmet(glance),
        role=Role.GUEST,
        in_passing=True,
        formerly=("gate.meet",),
    )
    async def meet(self, ctx: Context, event: MessagePosted) -> None:  # noqa: ARG002
        """Someone wrote something: from now on moderators can find them, and name them."""
        self.newcomers.watch.meet(ctx.account.key)

    @action(formerly=("gate.look",))
    async def look(self, work: Work, member_id: int) -> None:
        """Someone arrived: perhaps nothing is missing. Whoever was let in before finds the doors open again."""
        member = await work.members.get(member_id)
        if member is None or member.left_at:
            return
        credentials = await self.admissions.credentials(work, member)
        await self.newcomers.entries.lock(work, member_id)
        await self.admissions.look(work, member, credentials)
        if await self.newcomers.gates.open_again(member_id, work.now):
            await self.admissions.open(work, member)

    @listener(MembersLinked, formerly=("gate.link",))
    async def link(self, work: Work, event: MembersLinked) -> None:
        """Two accounts are one person's: what is open to one is open to the other."""
        entries = self.newcomers.entries
        await self.newcomers.postings.move(entries.kind, event.given_up_id, event.kept_id)
        for member_id in (event.kept_id, event.given_up_id):
            entries.touch(work, member_id)
        if (await self.newcomers.policy(work)).gate:
            await work.schedule(calls.look(event.kept_id), work.now, key=f"gate/{event.kept_id}")

    @action(role=Role.NEWCOMER, formerly=("gate.enter",))
    async def enter(self, ctx: Context) -> None:
        """Ask for the invite code."""
        await ctx.open(CodeForm, Gatekeeping.entered.call(), self)

    @action(role=Role.NEWCOMER, formerly=("gate.entered",))
    async def entered(self, ctx: Submission[CodeForm]) -> None:
        """Someone typed an invite code. A wrong one counts, so it is kept although the form is asked again."""
        credentials, code = await self.admissions.credentials(ctx, ctx.member), ctx.form.code.strip()
        await self.newcomers.entries.lock(ctx, ctx.member.id)
        entry = await self.admissions.look(ctx, ctx.member, credentials, code)
        if entry is Entry.IN:
            await ctx.update(cards.admitted_card())
            return
        require(entry is not Entry.WAIT, cards.decided_already_words())
        wrong = await self.newcomers.gates.wrong_code(ctx.community.id, ctx.member.id)
        words = cards.wrong_code_words(left=max(0, WRONG_CODES - wrong))
        problems, problem = ({}, words) if wrong >= WRONG_CODES else ({"code": words}, "")
        await ctx.ask_again(CodeForm, Gatekeeping.entered.call(), self, {"code": ctx.form.code}, problems, problem)

    @action(role=Role.NEWCOMER, formerly=("gate.ask",))
    async def ask(self, ctx: Context) -> None:
        """Ask what moderators should know."""
        await ctx.open(RequestForm, Gatekeeping.asked.call(), self)

    @action(role=Role.NEWCOMER, formerly=("gate.asked",))
    async def asked(self, ctx: Submission[RequestForm]) -> None:
        """Someone asks to come in."""
        settings = await self.newcomers.policy(ctx)
        require(settings.gate and settings.gate.moderator, cards.gone_words())
        if await self.newcomers.gates.ask(ctx.community.id, ctx.member.id, ctx.form.words):
            self.newcomers.entries.touch(ctx, ctx.member.id)
        await ctx.update(cards.gate_wait_card())

    @action(role=Role.MODERATOR, formerly=("gate.admit",))
    async def admit(self, ctx: Context, member_id: int) -> None:
        """A moderator says yes."""
        member = await self.newcomers.member(ctx, member_id)
        await self.newcomers.entries.lock(ctx, member_id)
        admitted = await self.admissions.admit(ctx, member, "moderator", ctx.member)
        require(admitted, cards.decided_already_words())

    @action(role=Role.MODERATOR, formerly=("gate.refuse",))
    async def refuse(self, ctx: Context, member_id: int) -> None:
        """A moderator wants to say no, and is asked why."""
        member = await self.newcomers.member(ctx, member_id)
        admission = await self.newcomers.gates.get(member.id)
        require(admission and admission.verdict is Verdict.WAITING, cards.decided_already_words())
        await ctx.open(ReasonForm, calls.refuse_for(member_id), self)

    @action(role=Role.MODERATOR)
    async def refuse_for(self, ctx: Submission[ReasonForm], member_id: int) -> None:
        """A moderator says no, and why."""
        member = await self.newcomers.member(ctx, member_id)
        await self.newcomers.entries.lock(ctx, member_id)
        refused = await self.newcomers.gates.refuse(member_id, ctx.now, ctx.member.id, ctx.form.reason)
        require(refused, cards.decided_already_words())
        await self.newcomers.write_down(ctx, ctx.member, "gate.refused", member, ctx.form.reason)
        self.newcomers.entries.touch(ctx, member_id)

    @action(role=Role.GUEST)
    async def why(self, ctx: Context) -> None:
        """Someone who was not let in wants to know why."""
        admission = await self.newcomers.gates.get(ctx.member.id)
        refused = admission is not None and admission.verdict is Verdict.REFUSED
        require(refused, cards.gone_words())
        await ctx.reply(cards.why_refused_card(admission.reason if admission else ""))

    @listener(MemberErased, formerly=("gate.take_back",))
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: so is what they asked."""
        self.newcomers.entries.touch(work, event.member_id)

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.newcomers.entries]

    async def export(self, member: Member) -> dict[str, Any]:
        admission = await self.newcomers.gates.get(member.id)
        if admission is None:
            return {}
        return {"entry": admission.verdict, "by": admission.how, "said": admission.words, "at": admission.decided_at}

    async def erase(self, member: Member) -> None:
        await self.newcomers.gates.forget(member.id)
