"""What the cogs of this room share, and the one job of each poll.

Whoever changes a poll only writes that down and calls `touch` in the same transaction. `tend` does the rest, at any
time, twice if need be: it makes every card say what the store says, reminds, closes, posts the result and asks again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from adapters.contract.adapter import AdapterError, Gone
from adapters.contract.call import Call
from adapters.contract.charts import Chart
from adapters.contract.commands import Role
from adapters.contract.models import Channel, MessageRef
from adapters.contract.ui import Card, File, Option
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context, Suggesting, Work
from bot.kernel.errors import UserError, require
from bot.kernel.forms import numbered
from bot.kernel.pace import Pace
from bot.kernel.policies import Policies
from bot.text.recurrence import Recurrence
from storage.audit import AuditStore
from storage.ballots import BallotStore
from storage.members import Member, MemberStore
from storage.polls import Kind, Poll, PollStore, State

from . import cards, tables
from .chart import result_chart
from .counting import count
from .rules import Policy, is_secret, next_close, remind_at

ToCall = Callable[[int], Call]
SUGGESTED = 100
"""How many polls may be meant by a number that someone begins to type."""


RECENT = 25
"""Among how many polls the newest is looked for."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What the buttons on a poll's card do, given by the cogs that do it. Each takes the poll's id first.

    `tend` is for the clock.
    """

    tend: ToCall
    choose: Callable[[int, int], Call]
    pick: ToCall
    begin: ToCall
    rate: Callable[[int, str], Call]
    suggest: ToCall
    remove: ToCall
    close: ToCall
    stop: ToCall


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the cogs meet."""

    polls: PollStore
    ballots: BallotStore
    members: MemberStore
    audit: AuditStore
    channels: ChannelGroup
    policies: Policies[Policy]
    controls: Controls
    pace: Pace = field(default_factory=Pace)
    turns: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    # What cogs ask

    async def suggested(self, asked: Suggesting) -> list[Option]:
        """Return the polls that someone may mean who types a number, the newest first.

        Only those that they know of wherever they type: we are not told where that is.
        """
        found = await self.polls.posted(asked.community.id, SUGGESTED)
        return [
            numbered(poll.number, poll.question) for poll in found if self._is_theirs(poll, asked.member, asked.role)
        ]

    async def get(self, work: Work, poll_id: int) -> Poll:
        """Return a poll of this community that was posted. Raises `UserError` where there is none."""
        poll = await self.polls.get(poll_id)
        if poll is None or poll.community_id != work.community.id or poll.state is State.DRAFT:
            raise UserError(cards.GONE)
        return poll

    async def known(self, ctx: Context, poll_id: int) -> Poll:
        """Return a poll that the person may have seen. Raises `UserError` where there is none."""
        poll = await self.get(ctx, poll_id)
        require(await self._knows(ctx, poll), cards.GONE)
        return poll

    async def decided(self, ctx: Context, poll_id: int) -> Poll:
        """Return a poll in which the person decides: a draft of their own, or what they or a moderator may change.

        Raises `UserError` where there is none.
        """
        poll = await self.polls.get(poll_id)
        if poll is None or poll.state is not State.DRAFT or poll.author_id != ctx.member.id:
            poll = await self.get(ctx, poll_id)
            self.require_author(ctx, poll)
        return poll

    async def named(self, ctx: Context, number: int | None, *states: State, own: bool = False) -> Poll:
        """Return the poll that someone names by its number, else the newest that they know of, in one of these states.

        If there is an `own` one, in which they decide, that comes first. Raises `UserError` where there is none, or it
        stands where they may have no access.
        """
        if number is None:
            recent = await self.polls.posted(ctx.community.id, RECENT)
            fitting = [poll for poll in recent if poll.state in (states or State)]
            for poll in sorted(fitting, key=lambda poll: own and not self.decides(ctx, poll)):
                if await self._knows(ctx, poll):
                    return poll
            raise UserError(cards.NONE_YET)
        named = await self.polls.by_number(ctx.community.id, number)
        if named is None or not await self._knows(ctx, named):
            raise UserError(cards.no_such_poll(number))
        return named

    async def _knows(self, ctx: Context, poll: Poll) -> bool:
        """Say whether someone may have seen a poll: it stands here or where all ideas do, is theirs, or has their vote.

        What was asked in a private channel is nobody else's business, and we cannot ask who is in it.
        """
        if self._is_theirs(poll, ctx.member, ctx.role):
            return True
        stands = {MessageRef.of(card).channel.key for card in (await self.polls.cards(poll.id)).values()}
        return ctx.channel.key in {poll.channel, *stands} or bool(await self.ballots.choice_of(poll, ctx.member.id))

    def _is_theirs(self, poll: Poll, member: Member | None, role: Role) -> bool:
        own = member is not None and poll.author_id == member.id
        return own or role >= Role.MODERATOR or self.is_for_all(poll)

    def is_for_all(self, poll: Poll) -> bool:
        """Say whether a poll was asked in a channel for ideas: then it stands in those of every space."""
        return Channel.of(poll.channel) in self.channels

    def require_author(self, ctx: Context, poll: Poll) -> None:
        """Raise `UserError` unless it is the person's own poll, or they are a moderator."""
        require(self.decides(ctx, poll), cards.NOT_YOURS)

    def decides(self, ctx: Context, poll: Poll) -> bool:
        """Say whether a poll is the person's own, or they are a moderator."""
        return poll.author_id == ctx.member.id or ctx.role >= Role.MODERATOR

    async def view(self, poll: Poll) -> cards.View:
        """Return a poll with its options, and what is in its box."""
        options = await self.polls.options(poll.id)
        result = count(poll.kind, len(options), await self.ballots.tally(poll.id))
        author = await self.members.get(poll.author_id) if poll.author_id else None
        return cards.View(poll, options, result, author)

    async def touch(self, work: Work, poll_id: int) -> None:
        """Have a poll looked after now, because it changed."""
        await self._tend_at(work, poll_id, work.now)

    async def redraw(self, work: Work, poll_id: int) -> None:
        """Have the tally on the cards drawn anew; what changes within a moment is drawn together."""
        await self._tend_at(work, poll_id, self.pace.due(poll_id, work.now))

    async def _tend_at(self, work: Work, poll_id: int, at: datetime) -> None:
        """Plan one job for each moment: none takes the place of another, which may have failed and come again."""
        await work.schedule(self.controls.tend(poll_id), at, key=f"{_key(poll_id)}/{at.isoformat()}")

    async def link(self, work: Work, poll: Poll) -> str | None:
        """Return the web address of the poll's card, the one nearest to whoever reads it."""
        shown = await self.polls.cards(poll.id)
        home = work.space if isinstance(work, Context) else Channel.of(poll.channel).space
        message = shown.get(home.key) or next(iter(shown.values()), None)
        return await work.chat.link(MessageRef.of(message)) if message else None

    # The one job

    async def tend(self, work: Work, poll_id: int) -> None:
        """Do what is due for a poll, make its cards say so, and plan what is next."""
        async with self.turns.setdefault(poll_id, asyncio.Lock()):
            poll = await self.polls.get(poll_id)
            if poll is None or poll.state is State.DRAFT:
                return
            poll = await self._close_if_due(work, poll)
            trouble = await self._show(work, poll)
            if poll.state is State.OPEN:
                await self._remind_if_due(work, poll)
            else:
                trouble = await self._announce(work, poll) or trouble
            await self._repeat_if_due(work, poll)
            await self._plan(work, poll)
            if trouble:
                raise trouble

    def _again_at(self, work: Work, poll: Poll) -> datetime | None:
        """Return when a poll is to be asked again."""
        if not poll.repeats or poll.opened_at is None:
            return None
        return Recurrence.read(poll.repeats).after(poll.opened_at, ZoneInfo(work.community.timezone))

    async def _close_if_due(self, work: Work, poll: Poll) -> Poll:
        ends = [at for at in (poll.closes_at, self._again_at(work, poll)) if at]
        if poll.state is State.OPEN and any(at <= work.now for at in ends):
            return await self.ballots.close(poll.id, work.now) or await self.get(work, poll.id)
        return poll

    async def _show(self, work: Work, poll: Poll) -> Exception | None:
        """Post or draw anew the poll's card in each space; return what went wrong last."""
        card = self.poll_card(await self.view(poll))
        known, trouble = await self.polls.cards(poll.id), None
        for place in await self._places(work, poll):
            try:
                if place.space.key in known:
                    await work.chat.edit(MessageRef.of(known[place.space.key]), card)
                elif poll.state is State.OPEN:
                    posted = await work.chat.post(place, card, key=f"{_key(poll.id)}/card/{place.space.key}")
                    await self.polls.placed(poll.id, place.space.key, posted.key)
            except Gone:
                continue
            except (AdapterError, OSError) as wrong:
                trouble = wrong
        return trouble

    async def _places(self, work: Work, poll: Poll) -> list[Channel]:
        """Return where a poll stands: where it was asked, and what was asked in a channel for ideas in every space."""
        home = Channel.of(poll.channel)
        spaces = await work.spaces() if self.is_for_all(poll) else []
        others = [self.channels.nearest(space) for space in spaces if space != home.space]
        return [home, *(place for place in others if place)]

    async def _remind_if_due(self, work: Work, poll: Poll) -> None:
        at = remind_at(poll, await self.policies.of(work.community.id))
        if at and at <= work.now:
            view, link = await self.view(poll), await self.link(work, poll)
            await self._say(work, poll, cards.reminder_card(view, link), "reminder")

    async def _announce(self, work: Work, poll: Poll) -> Exception | None:
        """Post the result wherever the poll stands, once."""
        said = await work.chat.said(f"{_key(poll.id)}/result/")
        if len(said) >= len(await self.polls.cards(poll.id)):
            return None
        view = await self.view(poll)
        files = (await self.picture(view), self.totals(view))
        return await self._say(work, poll, cards.result_card(view, files), "result")

    async def _say(self, work: Work, poll: Poll, card: Card, what: str) -> Exception | None:
        trouble = None
        for space, message in (await self.polls.cards(poll.id)).items():
            try:
                await work.chat.post(MessageRef.of(message).channel, card, key=f"{_key(poll.id)}/{what}/{space}")
            except Gone:
                continue
            except (AdapterError, OSError) as wrong:
                trouble = wrong
        return trouble

    async def _repeat_if_due(self, work: Work, poll: Poll) -> None:
        at = self._again_at(work, poll)
        if at and at <= work.now:
            zone = ZoneInfo(work.community.timezone)
            async with work.atomic():
                following = await self.polls.repeat(poll.id, work.now, next_close(poll, work.now, zone))
                if following:
                    await self.polls.open(following.id, work.now)
                    await self.touch(work, following.id)

    async def _plan(self, work: Work, poll: Poll) -> None:
        policy = await self.policies.of(work.community.id)
        due = [self._again_at(work, poll)]
        if poll.state is State.OPEN:
            due += [remind_at(poll, policy), poll.closes_at]
        later = [at for at in due if at and at > work.now]
        if later:
            await self._tend_at(work, poll.id, min(later))

    # Cards

    def poll_card(self, view: cards.View) -> Card:
        """Return the card that everyone sees."""
        id_, controls = view.poll.id, self.controls
        return cards.poll_card(
            view,
            choose=lambda position: controls.choose(id_, position),
            pick=controls.pick(id_),
            begin=controls.begin(id_),
            rate=lambda mark: controls.rate(id_, str(mark)),
            suggest=controls.suggest(id_),
        )

    async def picture(self, view: cards.View) -> File:
        """Return the result as a picture, drawn beside what else is going on."""
        words = cards.words_of_picture(view)
        labels = [option.label for option in view.options]
        chart = result_chart(f"poll-{view.poll.number}", view.result, labels, words)
        return File(f"{chart.name}.png", await asyncio.to_thread(_draw, chart), words)

    def totals(self, view: cards.View) -> File:
        """Return the result as a table."""
        labels = [option.label for option in view.options]
        return File(f"poll-{view.poll.number}.csv", tables.totals(view.result, labels))

    async def files(self, view: cards.View) -> tuple[File, ...]:
        """Return the result as tables: the totals and, of a named poll, the votes."""
        poll, labels = view.poll, [option.label for option in view.options]
        files = [self.totals(view)]
        if not poll.anonymous and view.result.voters:
            votes = await self.ballots.votes(poll.id)
            people = await self.members.get_many(vote.member_id for vote in votes if vote.member_id)
            rows = [
                (people[vote.member_id].name if vote.member_id in people else "", vote.choices, vote.at)
                for vote in votes
            ]
            files.append(File(f"poll-{poll.number}-votes.csv", tables.votes(poll.kind, labels, rows)))
        return tuple(files)

    async def names(self, view: cards.View) -> dict[int, list[str]]:
        """Return who chose each option, where that may be seen and can be said in a line."""
        if view.poll.anonymous or is_secret(view.poll) or view.poll.kind not in (Kind.SINGLE, Kind.MULTIPLE):
            return {}
        votes = await self.ballots.votes(view.poll.id)
        people = await self.members.get_many(vote.member_id for vote in votes if vote.member_id)
        chosen: defaultdict[int, list[str]] = defaultdict(list)
        for vote in votes:
            for position in vote.choices:
                if vote.member_id in people:
                    chosen[position].append(people[vote.member_id].name)
        return dict(chosen)


def _draw(chart: Chart) -> bytes:
    """Draw a result. What draws takes seconds to import, and many a process never needs it."""
    from bot.delivery.charts import draw  # noqa: PLC0415

    return draw(chart)


def _key(poll_id: int) -> str:
    """Return the beginning of the keys of a poll's jobs and messages."""
    return f"poll/{poll_id}"
