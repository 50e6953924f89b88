"""One person, several accounts: a code from one, entered at the other, makes them one member. It can be undone."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.ui import Card
from bot.delivery.gate import Manner
from bot.kernel.answers import problem_card
from bot.kernel.cog import Cog, action, command, drawing
from bot.kernel.context import Context, Submission
from bot.kernel.domain_events import MembersLinked
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.work import Reading
from storage.audit import AuditStore
from storage.links import LinkCode, LinkedAccounts, LinkStore, TooManyTries, read_code
from storage.members import Member, MemberStore
from storage.merging import MergeStore

from .cards import (
    ALREADY,
    BAD_FORM,
    CHANGED,
    EXPIRED,
    OTHER_COMMUNITY,
    OWN_CODE,
    UNDONE,
    UNKNOWN,
    USED,
    Names,
    code_card,
    kept_card,
    linked_card,
    lost_card,
    nothing_to_link_card,
    separated_card,
    sure_card,
    told_card,
    too_many_tries,
)

log = logging.getLogger(__name__)


class LinkForm(Form, title="Link your accounts", submit="Link"):
    """The code from the other account, if one has it already."""

    code: str = ask("The code from your other account", hint="Empty: get one here", longest=40, required=False)


class Link(Cog):
    """People are one member, on however many platforms."""

    name = "link"
    room = "You"

    def __init__(self, links: LinkStore, members: MemberStore, merging: MergeStore, audit: AuditStore) -> None:
        self.links = links
        self.members = members
        self.merging = merging
        self.audit = audit

    @command("link", "Be one person here on all platforms: get a code, or enter one", role=Role.GUEST, personal=True)
    async def link(self, ctx: Submission[LinkForm]) -> None:
        if ctx.form.code:
            await self._enter(ctx, ctx.form.code)
        else:
            await self._offer(ctx)

    async def _offer(self, ctx: Context) -> None:
        """Give a code, and say where it belongs."""
        names = await self._names(ctx, ctx.member)
        standing = await self._standing(ctx.member)
        undo = Link.undo.call(standing[-1].id) if standing else None
        elsewhere = [key for key in names.spaces if key != ctx.space.key]
        if not elsewhere:
            await ctx.reply(nothing_to_link_card(names, undo))
            return
        code = await self.links.make_code(ctx.community.id, ctx.member.id, ctx.account.key, ctx.now)
        made = await self.links.code_of(ctx.member.id)
        assert made is not None
        await ctx.reply(code_card(code, made.expires_at, elsewhere, names, undo), again=Link.lost.call())

    @drawing
    async def lost(self, _: Reading) -> Card:
        """Say that a code, which is kept nowhere, cannot be shown any more."""
        return lost_card()

    async def _enter(self, ctx: Context, typed: str) -> None:
        """Make whoever entered a code one with whoever was given it."""
        entered = read_code(typed)
        require(entered, BAD_FORM)
        await ctx.lock(f"link/{ctx.community.id}")  # two codes may be entered crosswise
        here = await self.members.by_account(ctx.account.key)
        require(here and (here.id, here.accounts) == (ctx.member.id, ctx.member.accounts), CHANGED)
        try:
            code = await self.links.look_up(entered or "", ctx.member.id, ctx.now)
        except TooManyTries as enough:
            raise UserError(too_many_tries(enough.until)) from enough
        if code is None:
            await ctx.reply(problem_card(UNKNOWN))  # not refused: that it was tried is kept
            return
        maker = await self._maker(ctx, code)

        moved = await self.members.account_names(ctx.member.id)
        try:
            member = await self.merging.merge(maker.id, ctx.member.id, ctx.now)
        except (LookupError, ValueError) as changed:
            log.warning("members %s and %s could not be linked: %s", maker.id, ctx.member.id, changed)
            raise UserError(CHANGED) from changed
        require(await self.links.use(code, ctx.now), EXPIRED)
        link = await self.links.note(ctx.community.id, member.id, moved, ctx.now)
        await self._write_down(ctx, member, "member.linked", moved, f"with the code from {code.account}")
        await ctx.publish(MembersLinked(maker.id, ctx.member.id))
        ctx.member = member
        names = await self._names(ctx, member)
        undo = Link.undo.call(link.id)
        await ctx.reply(linked_card(member, names, undo))
        if maker.direct_ok:
            told = told_card(ctx.account.key, names, undo)
            key = f"link/{link.id}/told"
            ctx.tell(member, told, key=key, accounts=[code.account], manner=Manner.EXPECTED)

    async def _maker(self, ctx: Context, code: LinkCode) -> Member:
        """Return whoever was given the code, if it may be entered here and now."""
        require(code.community_id == ctx.community.id, OTHER_COMMUNITY)
        require(code.account != ctx.account.key or code.used_at, OWN_CODE)
        require(code.member_id != ctx.member.id, ALREADY)
        require(code.used_at is None, USED)
        maker = await self.members.by_account(code.account)
        if (
            maker is None
            or maker.id != code.member_id
            or code.account not in maker.accounts
            or code.expires_at <= ctx.now
        ):
            raise UserError(EXPIRED)
        return maker

    @action(role=Role.GUEST)
    async def undo(self, ctx: Context, link_id: int) -> None:
        """Ask once more before accounts are taken apart."""
        _, apart = await self._to_undo(ctx, link_id)
        names = await self._names(ctx, ctx.member)
        await ctx.reply(sure_card(apart, names, Link.separate.call(link_id), Link.keep.call()))

    @action(role=Role.GUEST)
    async def keep(self, ctx: Context) -> None:
        """Everything stays as it is."""
        await ctx.update(kept_card())

    @action(role=Role.GUEST)
    async def separate(self, ctx: Context, link_id: int) -> None:
        """Take accounts apart that were linked."""
        link, apart = await self._to_undo(ctx, link_id)
        names = await self._names(ctx, ctx.member)
        first, *others = apart
        require(await self.links.undo(link.id, ctx.now), UNDONE)
        try:
            new = await self.merging.split(first, ctx.now, others)
        except (LookupError, ValueError) as changed:
            log.warning("link %s could not be undone: %s", link.id, changed)
            raise UserError(CHANGED) from changed
        await self._write_down(ctx, ctx.member, "member.unlinked", apart, f"now member {new.id}")
        stayed = [key for key in names.accounts if key not in apart]
        card = separated_card(apart, stayed, names)
        await ctx.update(card)
        if ctx.member.direct_ok:
            other_side = ctx.member if ctx.account.key in apart else new
            ctx.tell(other_side, card, key=f"link/{link.id}/undone/told", manner=Manner.WANTED)

    async def _to_undo(self, ctx: Context, link_id: int) -> tuple[LinkedAccounts, Sequence[str]]:
        """Return a link of the person's own that stands, and the accounts that undoing it takes apart."""
        link = next((link for link in await self.links.of(ctx.member.id) if link.id == link_id), None)
        if link is None or link.undone_at:
            raise UserError(UNDONE)
        apart = [key for key in link.accounts if key in ctx.member.accounts]
        require(apart and len(apart) < len(ctx.member.accounts), UNDONE)
        return link, apart

    async def _standing(self, member: Member) -> list[LinkedAccounts]:
        """Return what could be undone."""
        here = set(member.accounts)
        links = [link for link in await self.links.of(member.id) if not link.undone_at]
        return [link for link in links if here & set(link.accounts) and here - set(link.accounts)]

    async def _names(self, ctx: Context, member: Member) -> Names:
        return Names(await self.members.space_names(ctx.community.id), await self.members.account_names(member.id))

    async def _write_down(
        self, ctx: Context, member: Member, what: str, accounts: Collection[str], detail: str
    ) -> None:
        subject = ", ".join(sorted(accounts))
        await self.audit.add(ctx.community.id, ctx.now, member.id, what, subject=subject, detail=detail)

    async def export(self, member: Member) -> dict[str, Any]:
        code = await self.links.code_of(member.id)
        return {
            "linked_accounts": [
                {"accounts": list(link.accounts), "at": link.at, "undone_at": link.undone_at}
                for link in await self.links.of(member.id)
            ],
            "last_link_code": {"given_at": code.account, "good_until": code.expires_at} if code else None,
            "wrong_link_codes_at": await self.links.tries_of(member.id),
        }

    async def erase(self, member: Member) -> None:
        await self.links.forget(member.id)
