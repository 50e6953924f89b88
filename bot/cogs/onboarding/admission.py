"""The door: where someone stands at the gate, and whether they may come in."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.contract.models import Account, Profile
from adapters.contract.ui import Card
from bot.kernel.context import Context
from bot.kernel.work import Work
from storage.gates import Admission, Verdict
from storage.members import Member

from . import cards
from .policy import WRONG_CODES, Entry, at_the_gate
from .service import Newcomers


@dataclass(frozen=True, slots=True)
class Credentials:
    """What platforms say of someone at the gate: their e-mail domain, and whether a person has let them in already."""

    domain: str = ""
    has_role: bool = False


@dataclass(frozen=True, slots=True)
class AdmissionService:
    """Stands at the gate, where there is one."""

    newcomers: Newcomers

    async def standing(self, member: Member) -> Admission | None:
        """Return where someone stands at the gate; None for who was here before there was one.

        Who was forgotten comes to it again: else to be forgotten would be a way around it.
        """
        admission = await self.newcomers.gates.get(member.id)
        if admission is None and await self.newcomers.gates.was_forgotten(member.accounts):
            return Admission(member.id, member.community_id, Verdict.OUTSIDE)
        return admission

    async def is_held(self, member: Member, who: Profile) -> bool:
        """Say whether someone came to the gate and was not let in; who was given its role by hand is in."""
        gate = self.newcomers.policies.default.gate
        if gate is None or (gate.role and gate.role.casefold() in {role.casefold() for role in who.roles}):
            return False
        admission = await self.standing(member)
        return admission is not None and admission.verdict is not Verdict.ADMITTED

    async def credentials(self, work: Work, member: Member) -> Credentials:
        """Ask platforms about someone who is not in yet. Before the first write: nobody is asked after it."""
        gate = (await self.newcomers.policy(work)).gate
        admission = await self.standing(member) if gate else None
        if gate is None or admission is None or admission.verdict is Verdict.ADMITTED:
            return Credentials()
        if not (gate.role or gate.domains):
            return Credentials()
        asked = [await work.platforms.profile(account) for account in map(Account.of, member.accounts)]
        profiles = [profile for profile in asked if profile]
        held = {role.casefold() for profile in profiles for role in profile.roles}
        domain = next((profile.domain for profile in profiles if profile.domain), "")
        return Credentials(domain, bool(gate.role) and gate.role.casefold() in held)

    async def barrier(self, ctx: Context, credentials: Credentials | None = None) -> Card | None:
        """Return what stands between whoever is here and the community; nothing if they may go on."""
        entry = await self.look(ctx, ctx.member, credentials or await self.credentials(ctx, ctx.member))
        settings = await self.newcomers.policy(ctx)
        match entry:
            case Entry.GUIDELINES if settings.guidelines:
                return cards.gate_guidelines_card(settings.guidelines)
            case Entry.PROOF if settings.gate:
                admission = await self.standing(ctx.member)
                tries = WRONG_CODES - (admission.wrong_codes if admission else 0)
                refused = admission is not None and admission.verdict is Verdict.REFUSED
                return cards.gate_proof_card(
                    code=bool(settings.gate.codes) and tries > 0, ask=settings.gate.moderator and not refused
                )
            case Entry.WAIT:
                return cards.gate_wait_card()
            case Entry.CLOSED:
                return cards.gate_closed_card()
        return None

    async def look(self, work: Work, member: Member, credentials: Credentials, code: str = "") -> Entry:
        """Return where someone stands, and let them in if nothing is missing."""
        settings = await self.newcomers.policy(work)
        gate, admission = settings.gate, await self.standing(member)
        if gate is None or admission is None:  # they were here before there was a gate
            return Entry.IN
        if admission.verdict is not Verdict.ADMITTED and credentials.has_role:
            await self.admit(work, member, "role")
            return Entry.IN
        agreed = await self.newcomers.store.agreed(member.id)
        entry, how = at_the_gate(
            gate,
            admission.verdict,
            agreed=settings.guidelines is not None and settings.guidelines.version in agreed,
            domain=credentials.domain,
            wrong_codes=admission.wrong_codes,
            code=code,
        )
        if how:
            await self.admit(work, member, how)
        return entry

    async def admit(self, work: Work, member: Member, how: str, by: Member | None = None) -> bool:
        """Let someone in, and write it down; say whether they were not in before."""
        gates = self.newcomers.gates
        new = await gates.admit(work.community.id, member.id, how, work.now, by.id if by else None)
        if new:
            await self.newcomers.write_down(work, by, "gate.admitted", member, how)
            await self.open(work, member)
        return new

    async def open(self, work: Work, member: Member) -> None:
        """Have what is behind the gate opened for someone who was let in, and bring the next step to mind in time."""
        await self.newcomers.plan(work, member)
        self.newcomers.entries.touch(work, member.id)
