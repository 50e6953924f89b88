"""The gate: optional approval before entry, by guidelines, e-mail domain, invite code, or a moderator's yes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from adapters.contract.adapter import Need
from adapters.contract.commands import Role
from adapters.contract.events import MessagePosted
from adapters.contract.models import Account
from adapters.contract.ui import Card
from bot.delivery.chat import each
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context, Submission, Work
from bot.kernel.domain_events import MemberErased, MembersLinked
from bot.kernel.errors import FormError, UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.notices import tell
from storage.gates import Admission, Verdict
from storage.members import Member

from . import cards
from .desk import Desk
from .doorkeeper import Doorkeeper
from .rules import WRONG_CODES, Entry


class CodeForm(Form, title="Invite code", submit="Come in"):
    """A code that someone was given."""

    code: str = ask("Your invite code", longest=60)


class RequestForm(Form, title="Ask to come in", submit="Ask"):
    """What moderators should know of someone who would like to come in."""

    words: str = ask("Who are you, and what brings you here?", longest=1000, lines=4)


class Gatekeeping(Cog):
    """Who comes in is decided once, and written down."""

    name = "gate"
    lasting = ("gate/",)
    room = "Newcomers"

    def __init__(self, desk: Desk, doorkeeper: Doorkeeper) -> None:
        self.desk = desk
        self.doorkeeper = doorkeeper

    def needs(self) -> Collection[Need]:
        gate = self.desk.policies.usual.gate
        asked = ((Need.ROLES, gate.role), (Need.LETTING_IN, gate.channels)) if gate else ()
        return [need for need, wanted in asked if wanted]

    @listener(
        MessagePosted, where=lambda cog, glance: cog.desk.watch.is_unmet(glance), role=Role.GUEST, in_passing=True
    )
    async def meet(self, ctx: Context, event: MessagePosted) -> None:  # noqa: ARG002
        """Someone wrote something: from now on moderators can find them, and name them."""
        self.desk.watch.meet(ctx.account.key)

    @action
    async def look(self, work: Work, member_id: int) -> None:
        """Someone arrived: perhaps nothing is missing. Whoever was let in before finds the doors open again."""
        member = await work.members.get(member_id)
        if member is None or member.left_at:
            return
        await self.doorkeeper.look(work, member)
        admission = await self.desk.gates.get(member_id)
        if admission and admission.verdict is Verdict.ADMITTED:
            await work.schedule(Gatekeeping.open.call(member_id), work.now, key=f"admitted/{member_id}")

    @listener(MembersLinked)
    async def link(self, work: Work, event: MembersLinked) -> None:
        """Two accounts are one person's: what is open to one is open to the other."""
        if (await self.desk.policy(work)).gate:
            await work.schedule(Gatekeeping.look.call(event.kept_id), work.now, key=f"gate/{event.kept_id}")

    @action
    async def enter(self, ctx: Context) -> None:
        """Ask for the invite code."""
        await ctx.open(CodeForm, Gatekeeping.entered.call(), self)

    @action
    async def entered(self, ctx: Submission[CodeForm]) -> None:
        """Someone typed an invite code."""
        entry = await self.doorkeeper.look(ctx, ctx.member, ctx.form.code.strip())
        if entry is Entry.IN:
            await ctx.update(cards.admitted_card(self.desk.controls.steps.start))
            return
        require(entry is not Entry.WAIT, cards.decided_already_words())
        wrong = await self.desk.gates.wrong_code(ctx.community.id, ctx.member.id)
        words = cards.wrong_code_words(left=max(0, WRONG_CODES - wrong))
        if wrong >= WRONG_CODES:
            raise UserError(words)
        raise FormError(code=words)

    @action
    async def ask(self, ctx: Context) -> None:
        """Ask what moderators should know."""
        await ctx.open(RequestForm, Gatekeeping.asked.call(), self)

    @action
    async def asked(self, ctx: Submission[RequestForm]) -> None:
        """Someone asks to come in."""
        policy = await self.desk.policy(ctx)
        require(policy.gate and policy.gate.moderator, cards.gone_words())
        async with ctx.atomic():
            if await self.desk.gates.ask(ctx.community.id, ctx.member.id, ctx.form.words):
                await self._present(ctx, ctx.member.id)
        await ctx.update(cards.gate_wait_card())

    @action(role=Role.MODERATOR)
    async def admit(self, ctx: Context, member_id: int) -> None:
        """A moderator says yes."""
        member = await self.desk.member(ctx, member_id)
        async with ctx.atomic():
            admitted = await self.doorkeeper.admit(ctx, member, "moderator", ctx.member)
            await self._present(ctx, member_id)
        require(admitted, cards.decided_already_words())

    @action(role=Role.MODERATOR)
    async def refuse(self, ctx: Context, member_id: int) -> None:
        """A moderator says no."""
        member = await self.desk.member(ctx, member_id)
        async with ctx.atomic():
            refused = await self.desk.gates.refuse(member_id, ctx.now, ctx.member.id)
            if refused:
                await self.desk.write_down(ctx, ctx.member, "gate.refused", member)
            await self._present(ctx, member_id)
        require(refused, cards.decided_already_words())

    async def _present(self, work: Work, member_id: int) -> None:
        await work.schedule(Gatekeeping.present.call(member_id), work.now, key=f"request/{member_id}")

    @action
    async def present(self, work: Work, member_id: int) -> None:
        """Show a request to the moderators of each space and, once it is decided, what was decided."""
        member = await self.desk.member(work, member_id)
        admission = await self.desk.gates.get(member_id)
        if admission is None:
            return
        card = await self._card(work, member, admission)
        shown = await work.chat.said(f"gate/{member_id}/")
        if admission.verdict is Verdict.WAITING:
            places = await self.desk.places(work, self.desk.moderators_channels)
            await each(work.chat.post(place, card, key=f"gate/{member_id}/{place.space.key}") for place in places)
            return
        if admission.verdict is Verdict.REFUSED:
            await self._tell(work, member, "refused")
        await each(work.chat.edit(message, card) for message in shown.values())

    async def _card(self, work: Work, member: Member, admission: Admission) -> Card:
        waits, inside = admission.verdict is Verdict.WAITING, admission.verdict is Verdict.ADMITTED
        decider = await work.members.get(admission.decided_by_id) if admission.decided_by_id else None
        return cards.request_card(
            member,
            admission,
            decider,
            None if inside else Gatekeeping.admit.call(member.id),
            Gatekeeping.refuse.call(member.id) if waits else None,
        )

    @action
    async def open(self, work: Work, member_id: int) -> None:
        """Open what is behind the gate; what Trellis may not do itself, moderators are asked to do."""
        member = await self.desk.member(work, member_id)
        gate = (await self.desk.policy(work)).gate
        admission = await self.desk.gates.get(member_id)
        if gate is None or member.left_at or admission is None or admission.verdict is not Verdict.ADMITTED:
            return
        await self.desk.plan(work, member)
        missing = []
        if gate.role and not await work.chat.set_role(member, gate.role, True):
            missing.append(gate.role)
        for name in gate.channels:
            missing += [f"#{name}"] if not await self._let_in(work, member, name) else []
        # One way in is enough: a role on one platform, an invitation on the other.
        if missing and len(missing) == bool(gate.role) + len(gate.channels):
            card = cards.by_hand_card(member, ", ".join(missing))
            for place in (await self.desk.places(work, self.desk.moderators_channels))[:1]:
                await work.chat.post(place, card, key=f"entry/{member_id}/by_hand")
        if admission.how == "moderator":
            await self._tell(work, member, "admitted")

    async def _let_in(self, work: Work, member: Member, name: str) -> bool:
        """Let someone into a channel in each space where they are; say whether any is open to them now."""
        opened = False
        for space in {Account.of(account).space for account in member.accounts}:
            channel = await work.chat.find_channel(space, name)
            opened = bool(channel and await work.chat.let_in(member, channel)) or opened
        return opened

    async def _tell(self, work: Work, member: Member, what: str) -> None:
        """Tell someone what was decided: directly, or else in the channel where they arrived."""
        card = cards.admitted_card(self.desk.controls.steps.start) if what == "admitted" else cards.refused_card()
        places = await self.desk.places(work, self.desk.welcome_channels)
        await tell(work, [member], card, key=f"verdict/{what}", places=places)

    @listener(MemberErased)
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: so is what they asked."""
        for message in (await work.chat.said(f"gate/{event.member_id}/")).values():
            await work.chat.edit(message, cards.request_gone_card())

    async def export(self, member: Member) -> dict[str, Any]:
        admission = await self.desk.gates.get(member.id)
        if admission is None:
            return {}
        return {"entry": admission.verdict, "by": admission.how, "said": admission.words, "at": admission.decided_at}

    async def erase(self, member: Member) -> None:
        await self.desk.gates.forget(member.id)
