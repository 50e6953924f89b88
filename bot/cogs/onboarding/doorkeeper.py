"""The doorkeeper: looks at where someone stands at the gate, and lets in whoever may come in."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.contract.call import Call
from adapters.contract.models import Account
from adapters.contract.ui import Card
from bot.kernel.context import Context, Work
from storage.gates import Verdict
from storage.members import Member

from . import cards
from .desk import Desk
from .rules import WRONG_CODES, Entry, at_the_gate


@dataclass(frozen=True, slots=True)
class GateControls:
    """What the buttons at the gate do."""

    enter: Call
    ask: Call


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Stands at the gate, where there is one."""

    desk: Desk
    controls: GateControls

    async def barrier(self, ctx: Context) -> Card | None:
        """Return what stands between whoever is here and the community; nothing if they may go on."""
        entry = await self.look(ctx, ctx.member)
        policy = await self.desk.policy(ctx)
        match entry:
            case Entry.GUIDELINES if policy.guidelines:
                return cards.gate_guidelines_card(
                    policy.guidelines, self.desk.controls.steps.agree(policy.guidelines.version)
                )
            case Entry.PROOF if policy.gate:
                admission = await self.desk.gates.get(ctx.member.id)
                tries = WRONG_CODES - (admission.wrong_codes if admission else 0)
                refused = admission is not None and admission.verdict is Verdict.REFUSED
                return cards.gate_proof_card(
                    self.controls.enter if policy.gate.codes and tries > 0 else None,
                    self.controls.ask if policy.gate.moderator and not refused else None,
                )
            case Entry.WAIT:
                return cards.gate_wait_card()
            case Entry.CLOSED:
                return cards.gate_closed_card()
        return None

    async def look(self, work: Work, member: Member, code: str = "") -> Entry:
        """Return where someone stands, and let them in if nothing is missing."""
        policy = await self.desk.policy(work)
        gate = policy.gate
        if gate is None:
            return Entry.IN
        admission = await self.desk.gates.get(member.id)
        if admission is None:  # they were here before there was a gate
            return Entry.IN
        if admission.verdict is not Verdict.ADMITTED and await self._has_role(work, member, gate.role):
            await self.admit(work, member, "role")
            return Entry.IN
        agreed = await self.desk.newcomers.agreed(member.id)
        entry, how = at_the_gate(
            gate,
            admission.verdict,
            agreed=policy.guidelines is not None and policy.guidelines.version in agreed,
            domain=await self.desk.domain_of(work, member) if gate.domains else "",
            wrong_codes=admission.wrong_codes,
            code=code,
        )
        if how:
            await self.admit(work, member, how)
        return entry

    async def _has_role(self, work: Work, member: Member, role: str) -> bool:
        """Say whether a person has given someone already what the gate gives."""
        if not role:
            return False
        profiles = [await work.chat.profile(account) for account in map(Account.of, member.accounts)]
        return any(role.casefold() in {held.casefold() for held in profile.roles} for profile in profiles if profile)

    async def admit(self, work: Work, member: Member, how: str, by: Member | None = None) -> bool:
        """Let someone in, and write it down; say whether they were not in before."""
        async with work.atomic():
            new = await self.desk.gates.admit(work.community.id, member.id, how, work.now, by.id if by else None)
            if new:
                await self.desk.write_down(work, by, "gate.admitted", member, how)
                await work.schedule(self.desk.controls.open_gate(member.id), work.now, key=f"admitted/{member.id}")
        return new
