"""Thanking: by command, by a shortcut on a message, by a reaction; and taking it back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import regex

from adapters.contract.events import (
    MessageDeleted,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
)
from adapters.contract.models import Channel, Message, MessageRef
from adapters.contract.text import Text, Verbatim, clean, say
from adapters.contract.ui import Option
from bot.kernel.cog import Cog, action, command, listener, shortcut
from bot.kernel.context import Context, OnMessage, OnPerson, Submission
from bot.kernel.domain_events import MemberErased, MissedRead
from bot.kernel.errors import OUTDATED, FormError, UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.work import Work
from storage.kudos import Full, Kind, Kudos, LedgerEntry, Limits
from storage.members import Member

from . import calls
from .cards import giver_full, not_counted_card, receiver_full, thanked_card, undone_card, welcome_card
from .policy import plain_emoji, was_here
from .service import Recognition

_THANKS = regex.compile(
    r"(?!.*\b(?:but|not|still|aber|nicht|noch)\b|.*n['’]t\b)\W*"
    r"(?:(?:oh|ok|okay|yes|yay|wow|great|cool|nice|super|perfect|perfekt|prima|toll|alles klar|many|vielen|lieben|"
    r"herzlichen|besten|tausend)\W+)*(?:thanks|thank (?:yo)?u|thx|ty|tysm|cheers|danke(?:schön)?|dank(?: dir)?|merci)"
    r"(?:\W+\w+){0,6}[^\w?？؟]*",
    regex.IGNORECASE,
)
"""Thanks in a few words, and no question."""
LOOKED_BACK, LOOKED_AT, APART = timedelta(days=7), 50, timedelta(seconds=3)
"""After an absence, how old reactions may be that are looked at again, of how many messages, so long apart."""
REDRAWN_AT_ONCE = 50
"""So many cards that name someone are looked at in one unit."""


class ThanksForm(Form, title="Thank someone", submit="Say thanks"):
    """Who is thanked, for what."""

    member: Member = ask("Whom do you want to thank?")
    reason: str = ask("What for?", hint="What they did, and what it changed for you.", longest=500, lines=4)
    value: str = ask("What does it show?", required=False, choices=lambda cog: cog.values)


class AuthorForm(Form, title="Thank the author", submit="Say thanks"):
    """What the author of a message is thanked for."""

    member: Member | None = ask("Whom do you want to thank?", required=False)
    reason: str = ask("What for?", hint="What they did, and what it changed for you.", longest=500, lines=4)
    value: str = ask("What does it show?", required=False, choices=lambda cog: cog.values)


class Thank(Cog):
    """People thank each other, and what they say stays."""

    name = "thank"
    room = "Recognition"

    def __init__(self, recognition: Recognition) -> None:
        self.recognition = recognition

    @property
    def values(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(value), value) for value in self.recognition.default.values)

    @command("thanks", "Thank someone for what they did", formerly=("thanks.thanks",), start="Thank someone")
    async def thanks(self, ctx: Submission[ThanksForm]) -> None:
        await self._thank(ctx, ctx.form.member, ctx.form.reason, ctx.form.value)

    async def spoken_to(self, ctx: Context, event: MessagePosted, words: str) -> bool:  # noqa: ARG002
        """Thanks to Trellis itself are answered kindly; those to a member are the command."""
        if not _THANKS.fullmatch(words):
            return False
        if not ctx.answered:
            await ctx.aside(welcome_card())
        return True

    @shortcut("Thank the author")
    async def thank_author(self, ctx: OnMessage) -> None:
        author = await self._author(ctx, ctx.target)
        require(author.id != ctx.member.id, say("That's your own message. Thanks come from others."))
        await ctx.open(AuthorForm, calls.about(ctx.target.ref.key), self, member=ctx.target.author.account.key)

    @shortcut("Thank")
    async def thank_person(self, ctx: OnPerson) -> None:
        person = await ctx.person()
        require(person.id != ctx.member.id, say("That's you! Whom else can you thank?"))
        await ctx.open(ThanksForm, Thank.thanks.call(), self, member=ctx.profile.account.key)

    @action(formerly=("thanks.about",))
    async def about(self, ctx: Submission[AuthorForm], message: str) -> None:
        """Thank for a message, unless the form names someone else."""
        try:
            ref = MessageRef.of(message)
        except ValueError:
            raise UserError(OUTDATED) from None
        known = ref.channel.space in await ctx.spaces()
        target = await ctx.platforms.fetch(ref) if known else None
        # We cannot ask who may read a channel, but this is asked where the message stands.
        if target is None or ctx.channel not in (ref.channel, target.parent, target.thread):
            raise UserError(say("That message is gone."))
        author = await self._author(ctx, target)
        receiver = ctx.form.member or author
        await self._thank(ctx, receiver, ctx.form.reason, ctx.form.value, target if receiver.id == author.id else None)

    async def _author(self, ctx: Context, message: Message) -> Member:
        author = None if message.author.bot else await ctx.meet(message.author)
        if author is None:
            raise UserError(say("No member of this community wrote that. “/thanks” thanks anyone by name."))
        return author

    async def _thank(
        self, ctx: Context, receiver: Member, reason: str, value: str, message: Message | None = None
    ) -> None:
        policy = await self.recognition.policy(ctx)
        if receiver.id == ctx.member.id:
            raise FormError(member=say("That's you! Whom else can you thank?"))
        wrote_at = message.at if message else None
        if not was_here(receiver, ctx.now - policy.lately, ctx.last_seen(receiver), wrote_at):
            raise FormError(
                member=say(
                    "I haven't seen {name} here lately. Thanks count for people who are around.", name=receiver.name
                )
            )
        place = message.ref.channel if message else self._place(ctx)
        entry = LedgerEntry(
            Kind.THANKS,
            receiver.id,
            self._source(ctx, receiver, reason, message),
            ctx.member.id,
            value=value,
            topic=await self.recognition.topic(place),
            reason=reason,
            message=message.ref.key if message else None,
            channel=((message.parent if message else None) or place).key,
        )
        given = await self.recognition.add(ctx, entry, policy.limits)
        if isinstance(given, Full):
            raise FormError(reason=_full(given, policy.limits, receiver))
        if given is None:
            raise UserError(say("You've thanked {name} for that already.", name=receiver.name))
        self.recognition.thanks.touch(ctx, given.id)
        left = policy.limits.given - await self.recognition.kudos.given_lately(ctx.member.id, ctx.now)
        await ctx.reply(thanked_card(given, receiver, max(left, 0)))

    def _place(self, ctx: Context) -> Channel:
        """Return where thanks stand that are for no message: here, or where all can read them. Raises `UserError`."""
        place = self.recognition.digest.nearest(ctx.space) if ctx.in_direct else ctx.channel
        if place is None:
            raise UserError(say("Nobody else would see it here. Use “/thanks” in a channel."))
        return place

    @staticmethod
    def _source(ctx: Context, receiver: Member, reason: str, message: Message | None) -> str:
        """Name what the thanks are for: a message, or these words on this day. Saying it twice counts once."""
        if message:
            return f"thanks/{message.ref.key}/{ctx.member.id}"
        day = ctx.now.astimezone(ZoneInfo(ctx.community.timezone)).date()
        words = hashlib.sha256(" ".join(reason.casefold().split()).encode()).hexdigest()[:16]
        return f"thanks/{ctx.member.id}/{receiver.id}/{day}/{words}"

    @action(formerly=("thanks.take_back",))
    async def take_back(self, ctx: Context, kudos_id: int) -> None:
        """The giver has thought again."""
        taken = await self.recognition.kudos.take_back(kudos_id, ctx.member.id, ctx.now)
        require(taken, say("That was taken back already."))
        self.recognition.thanks.touch(ctx, kudos_id)
        await ctx.update(undone_card())

    @listener(ReactionAdded, where=lambda cog, glance: cog.is_thanks(glance.emoji))
    async def react(self, ctx: Context, event: ReactionAdded) -> None:
        """A reaction that settings name thanks the author of a message."""
        message = await ctx.platforms.fetch(event.message)
        author = await ctx.meet(message.author) if message and not message.author.bot else None
        if message is None or author is None or author.id == ctx.member.id:
            return
        policy = await self.recognition.policy(ctx)
        if not was_here(author, ctx.now - policy.lately, ctx.last_seen(author), message.at):
            return
        entry = LedgerEntry(
            Kind.REACTION,
            author.id,
            f"reaction/{event.message.key}/{ctx.member.id}",  # once for each message, however many emojis
            ctx.member.id,
            topic=await self.recognition.topic(event.message.channel),
            reason=plain_emoji(event.emoji),
            message=event.message.key,
            channel=(message.parent or event.message.channel).key,
        )
        given = await self.recognition.add(ctx, entry, policy.limits)
        if not isinstance(given, Full):
            await self.recognition.reactions.put(event.message.key, ctx.member.id, event.emoji)
        elif ctx.discreet:
            await ctx.aside(not_counted_card(_full(given, policy.limits, author)))

    @listener(ReactionRemoved, where=lambda cog, glance: glance.known and cog.is_thanks(glance.emoji))
    async def unreact(self, work: Work, event: ReactionRemoved) -> None:
        """A reaction that thanked is gone, whoever took it off: the thanks are, once the last one is."""
        giver = await work.members.by_account(event.by.account.key)
        if giver:
            await self._take_off(work, event.message, event.emoji, giver.id)

    @listener(ReactionsCleared, where=lambda cog, glance: glance.known and cog.is_cleared(glance.emoji))
    async def clear(self, work: Work, event: ReactionsCleared) -> None:
        """A moderator took everyone's reactions off a message."""
        await self._take_off(work, event.message, event.emoji)

    async def _take_off(self, work: Work, message: MessageRef, emoji: str, giver_id: int | None = None) -> None:
        for giver in await self.recognition.reactions.take_off(message.key, emoji, giver_id):
            await self.recognition.kudos.reverse_reaction(message.key, giver, work.now)

    @listener(MissedRead)
    async def look_again(self, work: Work, event: MissedRead) -> None:
        """What was taken off while nobody listened is looked for, where somebody thanked lately."""
        found = await self.recognition.kudos.reacted_to(work.community.id, work.now - LOOKED_BACK, LOOKED_AT)
        for number, message in enumerate(key for key in found if key.startswith(f"{event.space}/")):
            at = work.now + number * APART
            await work.schedule(calls.look_at(message), at, key=f"look-again/{message}")

    @action
    async def look_at(self, work: Work, message: str) -> None:
        """Reactions of which none is left on a message thank no more. Of those that some took off, no one can tell."""
        seen = await work.platforms.fetch(MessageRef.of(message))  # before anything is written
        for emoji in await self.recognition.reactions.on(message) if seen else ():
            if seen and emoji not in seen.emojis:
                await self._take_off(work, seen.ref, emoji)

    def is_cleared(self, emoji: str) -> bool:
        """Say whether reactions that mean thanks may have been taken off, all of one emoji or of any."""
        return not emoji or self.is_thanks(emoji)

    def is_thanks(self, emoji: str) -> bool:
        """Say whether a reaction means thanks here."""
        return plain_emoji(emoji) in self.recognition.default.emojis

    @listener(MessageDeleted, where=lambda _, glance: glance.known)
    async def delete(self, ctx: Context, event: MessageDeleted) -> None:
        """What was thanked for is gone, so the thanks are."""
        await self.recognition.reactions.take_off(event.message.key)
        for kudos in await self.recognition.kudos.reverse_message(event.message.key, ctx.now):
            self.recognition.thanks.touch(ctx, kudos.id)

    @listener(MemberErased)
    async def forget(self, work: Work, event: MemberErased) -> None:
        """Have the cards say what is left that named someone who was forgotten."""
        await work.schedule(calls.redraw(event.member_id, 0), work.now, key=f"thanks/redraw/{event.member_id}")

    @action
    async def redraw(self, work: Work, member_id: int, after: int) -> None:
        """Draw again the cards that name someone, some at a time."""
        ids = await self.recognition.kudos.thanks_of(member_id, after, REDRAWN_AT_ONCE)
        for kudos_id in ids:
            self.recognition.thanks.touch(work, kudos_id)
        if len(ids) == REDRAWN_AT_ONCE:
            await work.schedule(calls.redraw(member_id, ids[-1]), work.now, key=f"thanks/redraw/{member_id}")

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.recognition.thanks, self.recognition.milestones]

    async def export(self, member: Member) -> dict[str, Any]:
        rows = await self.recognition.kudos.of(member.id)
        people = (await self.recognition.people(rows)).known

        def told(row: Kudos, other: int | None) -> dict[str, Any]:
            hidden = row.anonymous and row.receiver_id == member.id
            return {
                "for": row.kind.value,
                "with": None if hidden or other is None else people[other].name,
                "words": clean(row.reason),
                "value": row.value,
                "topic": row.topic,
                "points": row.weight / 100,
                "at": row.at,
                "taken_back_at": row.reversed_at,
            }

        return {
            "given": [told(row, row.receiver_id) for row in rows if row.giver_id == member.id],
            "received": [told(row, row.giver_id) for row in rows if row.receiver_id == member.id],
            "thanked_by_emoji": await self.recognition.reactions.of(member.id),
        }

    async def erase(self, member: Member) -> None:
        await self.recognition.kudos.forget(member.id)
        await self.recognition.reactions.forget(member.id)


def _full(full: Full, limits: Limits, receiver: Member) -> Text:
    return giver_full(limits.given, full.until) if full.giver else receiver_full(receiver, full.until)
