"""One person, several accounts: a code from one, entered at the other, makes them one member. It can be undone."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.contract.adapter import AdapterError
from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.models import Account, Space
from adapters.contract.text import Code, Strong, Text, Time, join, listing, say
from adapters.contract.ui import Button, Card, Style, Tone
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.domain_events import MembersLinked
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from storage.audit import AuditStore
from storage.links import LinkCode, LinkedAccounts, LinkStore, TooManyTries, read_code
from storage.members import Member, MemberStore

log = logging.getLogger(__name__)


class LinkForm(Form, title="Link your accounts", submit="Link"):
    """The code from the other account, if one has it already."""

    code: str = ask("The code from your other account", hint="Empty: get one here", longest=40, required=False)


class Link(Cog):
    """People are one member, on however many platforms."""

    name = "link"
    room = "You"

    def __init__(self, links: LinkStore, members: MemberStore, audit: AuditStore) -> None:
        self.links = links
        self.members = members
        self.audit = audit

    @command("link", "Be one person here on all platforms: get a code, or enter one", role=Role.GUEST)
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
        await ctx.reply(code_card(code, made.expires_at, elsewhere, names, undo))

    async def _enter(self, ctx: Context, typed: str) -> None:
        """Make whoever entered a code one with whoever was given it."""
        entered = read_code(typed)
        require(entered, BAD_FORM)
        try:
            code = await self.links.look_up(entered or "", ctx.member.id, ctx.now)
        except TooManyTries as enough:
            raise UserError(too_many_tries(enough.until)) from enough
        if code is None:
            raise UserError(UNKNOWN)
        maker = await self._maker(ctx, code)

        moved = await self.members.account_names(ctx.member.id)
        try:
            async with ctx.atomic():
                # Locks both members first, so that two codes entered crosswise cannot wait for each other.
                member = await self.members.merge(maker.id, ctx.member.id, ctx.now)
                require(await self.links.use(code, ctx.now), EXPIRED)
                link = await self.links.note(ctx.community.id, member.id, moved, ctx.now)
                await self._write_down(ctx, member, "member.linked", moved, f"with the code from {code.account}")
                await ctx.publish(MembersLinked(maker.id, ctx.member.id))
        except (LookupError, ValueError) as changed:
            log.warning("members %s and %s could not be linked: %s", maker.id, ctx.member.id, changed)
            raise UserError(CHANGED) from changed
        names = await self._names(ctx, member)
        undo = Link.undo.call(link.id)
        await ctx.reply(linked_card(member, names, undo))
        if maker.direct_ok:
            await self._tell(ctx, member, [code.account], told_card(ctx.account.key, names, undo), f"link/{link.id}")

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
        try:
            async with ctx.atomic():
                require(await self.links.undo(link.id, ctx.now), UNDONE)
                new = await self.members.split(first, ctx.now, others)
                await self._write_down(ctx, ctx.member, "member.unlinked", apart, f"now member {new.id}")
        except (LookupError, ValueError) as changed:
            log.warning("link %s could not be undone: %s", link.id, changed)
            raise UserError(CHANGED) from changed
        stayed = [key for key in names.accounts if key not in apart]
        card = separated_card(apart, stayed, names)
        await ctx.update(card)
        if ctx.member.direct_ok:
            other_side = stayed if ctx.account.key in apart else apart
            await self._tell(ctx, ctx.member, other_side, card, f"link/{link.id}/undone")

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

    async def _tell(self, ctx: Context, member: Member, accounts: Iterable[str], card: Card, key: str) -> None:
        """Tell a person at the first of these accounts that takes direct messages; what is done is done without it."""
        try:
            await ctx.chat.direct(replace(member, accounts=tuple(accounts)), card, key=f"{key}/told")
        except (AdapterError, OSError) as trouble:
            log.warning("could not tell member %s about %s: %s", member.id, key, trouble)

    async def export(self, member: Member) -> dict[str, Any]:
        code = await self.links.code_of(member.id)
        return {
            "linked_accounts": [
                {"accounts": list(link.accounts), "at": link.at, "undone_at": link.undone_at}
                for link in await self.links.of(member.id)
            ],
            "last_link_code": {"given_at": code.account, "good_until": code.expires_at} if code else None,
        }

    async def erase(self, member: Member) -> None:
        await self.links.forget(member.id)


# What members see

BAD_FORM = say("A code has eight letters and digits, like K7RM-2XQD. Use “/link” on your other account to get one.")
UNKNOWN = say(
    "I do not know that code. Codes are easily mistyped: look once more, or get a new one there with “/link”."
)
OWN_CODE = say("This is where you got that code. Enter it with your other account, and I will know that both are you.")
ALREADY = say("These accounts are one person already. There is nothing left to do!")
USED = say("That code has been used, and each works only once. “/link” on your other account gives you a new one.")
EXPIRED = say("That code is too old: each works for ten minutes. “/link” on your other account gives you a new one.")
OTHER_COMMUNITY = say(
    "That code is from another community, and I keep communities apart. You can only link accounts of one."
)
CHANGED = say("Something has changed at this very moment. Please try again with a new code from “/link”.")
UNDONE = say("There is nothing to undo any more: these accounts are not linked.")


def too_many_tries(until: datetime) -> Text:
    """Say when codes are looked at again."""
    return say(
        "Those were a few codes too many. Please wait until {until}, then get a new one with “/link” on your other "
        "account.",
        until=Time(until),
    )


@dataclass(frozen=True, slots=True)
class Names:
    """What the community's spaces and a member's accounts are called, by their keys."""

    spaces: Mapping[str, str]
    accounts: Mapping[str, str]

    def space(self, key: str) -> Text:
        """Return what people call a space, and on which platform it is."""
        platform = Space.of(key).platform.capitalize()
        return say("{name} on {platform}", name=Strong(self.spaces.get(key, key)), platform=platform)

    def account(self, key: str) -> Text:
        """Return an account by its name and where it is."""
        name = self.accounts.get(key, Account.of(key).id)
        return say("{name} ({space})", name=Strong(name), space=self.space(Account.of(key).space.key))

    def listed(self, keys: Iterable[str]) -> Text:
        return join([say("• {account}", account=self.account(key)) for key in keys])

    def sentence(self, keys: Iterable[str]) -> Text:
        return listing([self.account(key) for key in keys])


def code_card(code: str, until: datetime, elsewhere: Sequence[str], names: Names, undo: Call | None) -> Card:
    """Show a code and where it is to be entered."""
    *most, last = [names.space(key) for key in elsewhere]
    places = say("{most} or {last}", most=join(most, ", "), last=last) if most else last
    parts = [
        say("Your code is {code}. It works once, until {until}.", code=Code(code), until=Time(until)),
        say("Use “/link” with your other account, in {places}, and enter it there as the code.", places=places),
        say("Then both are one person here. What you chose for this account counts, and it can be undone."),
    ]
    if len(names.accounts) > 1:
        parts.append(join([say("You are one person already as"), names.listed(names.accounts)]))
    return Card(
        say("Link your accounts"),
        join(parts, "\n\n"),
        footer=say(
            "Show this code to nobody: whoever enters it becomes you here. Enter none that someone else gave you."
        ),
        tone=Tone.WAITING,
        buttons=_undo(undo),
    )


def nothing_to_link_card(names: Names, undo: Call | None) -> Card:
    """Say that the community has no other place."""
    (home,) = names.spaces or {"": ""}
    if home:
        words = say(
            "This community lives in one place only, {place}, so there is nothing to link. You are all here!",
            place=names.space(home),
        )
    else:
        words = say("This community lives in one place only, so there is nothing to link. You are all here!")
    return Card(body=words, buttons=_undo(undo))


def linked_card(member: Member, names: Names, undo: Call) -> Card:
    """Show which accounts are one person now."""
    lines = [
        say("These are one person now, in all that you ask, answer and choose:"),
        names.listed(member.accounts),
        say("Your choices are those of the account that gave the code; “/me” shows them."),
    ]
    return Card(
        say("Linked"),
        join(lines, "\n\n"),
        footer=say("Was one of them not you? Then undo it."),
        tone=Tone.DONE,
        buttons=_undo(undo),
    )


def told_card(by: str, names: Names, undo: Call) -> Card:
    """Tell the other account what has happened."""
    return Card(
        say("Your accounts are linked"),
        join(
            [
                say("Your code was entered by {account}. These are one person now:", account=names.account(by)),
                names.listed(names.accounts),
            ],
            "\n\n",
        ),
        footer=say("Was that not you? Then undo it."),
        tone=Tone.DONE,
        buttons=_undo(undo),
    )


def sure_card(apart: Sequence[str], names: Names, separate: Call, keep: Call) -> Card:
    """Ask once more, and say what stays where."""
    stayed = [key for key in names.accounts if key not in apart]
    return Card(
        say("Take them apart?"),
        say(
            "{apart} would be a person of their own again and begin anew. What was asked, answered and chosen until "
            "now, on either side, stays with {stayed}.",
            apart=names.sentence(apart),
            stayed=names.sentence(stayed),
        ),
        tone=Tone.WAITING,
        buttons=(Button("Yes, take them apart", separate, Style.DANGER), Button("Keep them linked", keep)),
    )


def kept_card() -> Card:
    """Say that nothing was done."""
    return Card(body=say("Nothing has changed: your accounts are one person."))


def separated_card(apart: Sequence[str], stayed: Sequence[str], names: Names) -> Card:
    """Say who is who from now on."""
    return Card(
        say("No longer linked"),
        say(
            "{apart} is a person of their own again and begins anew; “/me” shows what counts there. What was asked, "
            "answered and chosen until now stays with {stayed}.",
            apart=names.sentence(apart),
            stayed=names.sentence(stayed),
        ),
        tone=Tone.DONE,
    )


def _undo(undo: Call | None) -> tuple[Button, ...]:
    return (Button("Undo", undo),) if undo else ()
