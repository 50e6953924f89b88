"""Thanking: by command, by a shortcut on a message, by a reaction; and taking it back."""

from __future__ import annotations

import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Gone, Unusable
from adapters.contract.commands import Role
from adapters.contract.events import MessageDeleted, ReactionAdded, ReactionRemoved
from adapters.contract.models import Channel, Message, MessageRef
from adapters.contract.text import Verbatim, clean, say
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, action, command, listener, shortcut
from bot.kernel.context import Context, OnMessage, Submission, Work
from bot.kernel.domain_events import MemberErased
from bot.kernel.errors import OUTDATED, FormError, UserError, require
from bot.kernel.forms import Form, ask
from storage.kudos import Deed, Full, Kind, Kudos, Limits
from storage.members import Member

from . import cards
from .desk import Desk, is_at
from .rules import plain_emoji, was_here


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


class Thanking(Cog):
    """People thank each other, and what they say stays."""

    name = "thanks"
    room = "Recognition"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def values(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(value), value) for value in self.desk.usual.values)

    @command("thanks", "Thank someone for what they did")
    async def thanks(self, ctx: Submission[ThanksForm]) -> None:
        await self._thank(ctx, ctx.form.member, ctx.form.reason, ctx.form.value)

    @shortcut("Thank the author")
    async def thank_author(self, ctx: OnMessage) -> None:
        author = await self._author(ctx, ctx.target)
        require(author.id != ctx.member.id, say("That is your own message. Someone else will thank you for it!"))
        await ctx.open(AuthorForm, Thanking.about.call(ctx.target.ref.key), self, member=ctx.target.author.account.key)

    @action
    async def about(self, ctx: Submission[AuthorForm], message: str) -> None:
        """Thank for a message, unless the form names someone else."""
        try:
            ref = MessageRef.of(message)
        except ValueError:
            raise UserError(OUTDATED) from None
        known = ref.channel.space in await ctx.spaces()
        target = await ctx.chat.fetch(ref) if known else None
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
        policy = await self.desk.policy(ctx)
        if receiver.id == ctx.member.id:
            raise FormError(member=say("That is you! Whom else can you thank?"))
        wrote_at = message.at if message else None
        if not was_here(receiver, ctx.now - policy.lately, ctx.last_seen(receiver), wrote_at):
            raise FormError(
                member=say(
                    "I have not seen {name} here lately. Thanks count for people who are around.", name=receiver.name
                )
            )
        place = message.ref.channel if message else ctx.channel
        deed = Deed(
            Kind.THANKS,
            receiver.id,
            self._source(ctx, receiver, reason, message),
            ctx.member.id,
            value=value,
            topic=await self._topic(place),
            reason=reason,
            message=message.ref.key if message else None,
            channel=((message.parent if message else None) or place).key,
        )
        async with ctx.atomic():
            given = await self.desk.add(ctx, deed, policy.limits)
            if isinstance(given, Kudos):
                await self.desk.show(ctx, [given], place)
        if isinstance(given, Full):
            raise FormError(reason=self._full(given, policy.limits, receiver))
        if given is None:
            raise UserError(say("You have thanked {name} for that already.", name=receiver.name))
        left = policy.limits.given - await self.desk.kudos.given_lately(ctx.member.id, ctx.now)
        await ctx.reply(cards.thanked_card(receiver, max(left, 0), Thanking.take_back.call(given.id)))

    @staticmethod
    def _full(full: Full, limits: Limits, receiver: Member) -> Any:
        if full.giver:
            return cards.giver_full(limits.given, full.until)
        return cards.receiver_full(receiver, full.until)

    @staticmethod
    def _source(ctx: Context, receiver: Member, reason: str, message: Message | None) -> str:
        """Name what the thanks are for: a message, or these words on this day. Saying it twice counts once."""
        if message:
            return f"thanks/{message.ref.key}/{ctx.member.id}"
        day = ctx.now.astimezone(ZoneInfo(ctx.community.timezone)).date()
        words = hashlib.sha256(" ".join(reason.casefold().split()).encode()).hexdigest()[:16]
        return f"thanks/{ctx.member.id}/{receiver.id}/{day}/{words}"

    async def _topic(self, place: Channel) -> str:
        """Return what a thread is about, if it is a question's."""
        question = await self.desk.questions.by_thread(place.key)
        return question.topic if question else ""

    @action
    async def take_back(self, ctx: Context, kudos_id: int) -> None:
        """The giver has thought again."""
        async with ctx.atomic():
            taken = await self.desk.kudos.take_back(kudos_id, ctx.member.id, ctx.now)
            if taken:
                await self.desk.show(ctx, [taken])
        require(taken, say("That was taken back already."))
        await ctx.update(cards.undone_card())

    @listener(ReactionAdded, where=lambda cog, glance: cog.is_thanks(glance.emoji))
    async def react(self, ctx: Context, event: ReactionAdded) -> None:
        """A reaction that settings name thanks the author of a message."""
        message = await ctx.chat.fetch(event.message)
        author = await ctx.meet(message.author) if message and not message.author.bot else None
        if message is None or author is None or author.id == ctx.member.id:
            return
        policy = await self.desk.policy(ctx)
        if not was_here(author, ctx.now - policy.lately, ctx.last_seen(author), message.at):
            return
        deed = Deed(
            Kind.REACTION,
            author.id,
            self._reaction(event.message, ctx.member),
            ctx.member.id,
            topic=await self._topic(event.message.channel),
            reason=plain_emoji(event.emoji),
            message=event.message.key,
            channel=(message.parent or event.message.channel).key,
        )
        given = await self.desk.add(ctx, deed, policy.limits)
        if isinstance(given, Full) and ctx.discreet:
            await ctx.aside(cards.not_counted_card(self._full(given, policy.limits, author)))

    @listener(ReactionRemoved, where=lambda cog, glance: glance.known and cog.is_thanks(glance.emoji), role=Role.GUEST)
    async def unreact(self, ctx: Context, event: ReactionRemoved) -> None:
        """The reaction that thanked is gone."""
        source = self._reaction(event.message, ctx.member)
        await self.desk.kudos.reverse(source, ctx.now, "reaction removed", reason=plain_emoji(event.emoji))

    @staticmethod
    def _reaction(message: MessageRef, giver: Member) -> str:
        """Name what a reaction is for: however many emojis someone puts on a message, they thank for it once."""
        return f"reaction/{message.key}/{giver.id}"

    def is_thanks(self, emoji: str) -> bool:
        """Say whether a reaction means thanks here."""
        return plain_emoji(emoji) in self.desk.usual.emojis

    @listener(MessageDeleted, where=lambda _, glance: glance.known)
    async def delete(self, ctx: Context, event: MessageDeleted) -> None:
        """What was thanked for is gone, so the thanks are. So they are if a moderator removes their card."""
        async with ctx.atomic():
            await self.desk.show(ctx, await self.desk.kudos.reverse_message(event.message.key, ctx.now))

    @action
    async def show(self, work: Work, kudos_id: int, place: str) -> None:
        """Make the cards of a row say what the ledger says and, if they were not posted in a place yet, post them."""
        kudos = await self.desk.kudos.get(kudos_id)
        if kudos is None or kudos.community_id != work.community.id:
            return
        for message in map(MessageRef.of, await self.desk.kudos.cards(kudos_id)):
            if not await work.chat.edit(message, await self._card(work, kudos)):
                await self.desk.kudos.drop_card(message.key)
        if place and kudos.reversed_at is None:
            await self._post(work, kudos, Channel.of(place))

    async def _card(self, work: Work, kudos: Kudos) -> Card:
        if kudos.reversed_at:
            return cards.taken_back_card()
        link = await work.chat.link(MessageRef.of(kudos.message)) if kudos.message else None
        return cards.thanks_card(kudos, await self.desk.people([kudos]), link)

    async def _post(self, work: Work, kudos: Kudos, place: Channel) -> None:
        """Post the card where the thanks were said and, if the receiver is not there, in a space where they are.

        Where we may not write, it stands in the channel for digests instead.
        """
        card = await self._card(work, kudos)
        receiver = await self.desk.members.get(kudos.receiver_id)
        homes = [space for space in await work.spaces() if receiver and is_at(receiver, Channel(space, ""))]
        wanted: list[tuple[Channel | None, Channel | None]] = [(place, self.desk.digest.nearest(place.space))]
        if homes and place.space not in homes:
            wanted.append((self.desk.digest.nearest(homes[0], homes), None))
        for first, otherwise in wanted:
            for channel in filter(None, (first, otherwise)):
                try:
                    message = await work.chat.post(channel, card, key=f"kudos/{kudos.id}/{channel.key}")
                except (Gone, Unusable):
                    continue
                await self.desk.kudos.note_card(kudos.id, message.key)
                break

    @listener(MemberErased)
    async def forget(self, work: Work, event: MemberErased) -> None:
        """Draw anew what names someone who is to be forgotten."""
        await self.desk.show(work, await self.desk.kudos.shown(event.member_id))

    async def export(self, member: Member) -> dict[str, Any]:
        rows = await self.desk.kudos.of(member.id)
        people = (await self.desk.people(rows)).known

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
        }

    async def erase(self, member: Member) -> None:
        await self.desk.kudos.forget(member.id)
