"""Voting: one ballot for each person, changed as often as they like until the poll closes."""

from __future__ import annotations

from typing import Any

from adapters.contract.ui import Card
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.page import PagePart
from storage.members import Member
from storage.polls import Choices, Kind, Poll, State

from . import cards
from .counting import MARKS
from .desk import Desk
from .rules import LONGEST_OPTION, may_choose

ON_PAGE = 3
"""How many polls the personal page names."""


class OptionForm(Form, title="Add an option", submit="Add"):
    """What else could be chosen."""

    option: str = ask("Your option", longest=LONGEST_OPTION)


class Voting(Cog):
    """What voters do. What a ranking or a rating has so far stands in the buttons themselves, nowhere else."""

    name = "voting"
    room = "Polls"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def _open(self, ctx: Context, poll_id: int) -> Poll:
        poll = await self.desk.known(ctx, poll_id)
        require(poll.state is State.OPEN, cards.CLOSED)
        return poll

    @action
    async def choose(self, ctx: Context, poll_id: int, position: int) -> None:
        """Vote for one option."""
        await self._cast(ctx, poll_id, (position,))

    @action
    async def pick(self, ctx: Context, poll_id: int) -> None:
        """Vote for what was chosen from the menu."""
        await self._cast(ctx, poll_id, tuple(sorted(_read(value) for value in ctx.values)))

    @action
    async def begin(self, ctx: Context, poll_id: int) -> None:
        """Rank or rate one option after the other, privately."""
        poll = await self._open(ctx, poll_id)
        view = await self.desk.view(poll)
        await ctx.reply(self._rating(view, ()) if poll.kind is Kind.RATING else self._ranking(view, ()))

    @action
    async def rank(self, ctx: Context, poll_id: int, so_far: str) -> None:
        """The next place of a ranking was chosen."""
        chosen = (*_unpack(so_far), *(_read(value) for value in ctx.values[:1]))
        view = await self.desk.view(await self._open(ctx, poll_id))
        require(may_choose(view.poll, len(view.options), chosen), cards.OUT_OF_DATE)
        if len(chosen) < len(view.options) and len(chosen) < (view.poll.most or len(view.options)):
            await ctx.update(self._ranking(view, chosen))
        else:
            await self._cast(ctx, poll_id, chosen, update=True)

    @action
    async def unrank(self, ctx: Context, poll_id: int, so_far: str) -> None:
        """The last place of a ranking was a mistake."""
        view, ranked = await self.desk.view(await self._open(ctx, poll_id)), _unpack(so_far)
        require(may_choose(view.poll, len(view.options), ranked), cards.OUT_OF_DATE)
        await ctx.update(self._ranking(view, ranked[:-1]))

    @action
    async def ranked(self, ctx: Context, poll_id: int, so_far: str) -> None:
        """The ranking is complete enough."""
        await self._cast(ctx, poll_id, _unpack(so_far), update=True)

    @action
    async def rate(self, ctx: Context, poll_id: int, marks: str) -> None:
        """A mark was given: one digit for each option so far, 0 for none."""
        view = await self.desk.view(await self._open(ctx, poll_id))
        given = _marks(view, marks)
        require(len(given) < len(view.options) or any(given), cards.NO_MARK)
        if view.rates_itself:
            await self._cast(ctx, poll_id, given)
        elif len(given) < len(view.options):
            await ctx.update(self._rating(view, given))
        else:
            await self._cast(ctx, poll_id, given, update=True)

    def _ranking(self, view: cards.View, so_far: Choices) -> Card:
        id_, packed = view.poll.id, ".".join(map(str, so_far))
        return cards.ranking_card(
            view,
            so_far,
            next_=Voting.rank.call(id_, packed),
            back=Voting.unrank.call(id_, packed),
            done=Voting.ranked.call(id_, packed),
        )

    def _rating(self, view: cards.View, marks: Choices) -> Card:
        packed = "".join(map(str, marks))
        return cards.rating_card(
            view,
            marks,
            give=lambda mark: Voting.rate.call(view.poll.id, f"{packed}{mark}"),
            back=Voting.unrate.call(view.poll.id, packed),
        )

    @action
    async def unrate(self, ctx: Context, poll_id: int, marks: str) -> None:
        """The last mark was a mistake."""
        view = await self.desk.view(await self._open(ctx, poll_id))
        await ctx.update(self._rating(view, _marks(view, marks)[:-1]))

    async def _cast(self, ctx: Context, poll_id: int, choices: Choices, *, update: bool = False) -> None:
        """Put a ballot in the box, in the place of an earlier one, and tell the voter what counts for them."""
        poll = await self._open(ctx, poll_id)
        options = await self.desk.polls.options(poll_id)
        require(may_choose(poll, len(options), choices), cards.OUT_OF_DATE)
        async with ctx.atomic():
            counted = await self.desk.ballots.vote(poll_id, ctx.member.id, choices, ctx.now)
            if counted:
                await self.desk.redraw(ctx, poll_id)
        require(counted, cards.CLOSED)
        card = cards.voted_card(cards.View.blank(poll, options), choices, Voting.take_back.call(poll_id))
        await (ctx.update if update else ctx.reply)(card)

    @action
    async def take_back(self, ctx: Context, poll_id: int) -> None:
        """Take the ballot out of the box."""
        poll = await self._open(ctx, poll_id)
        async with ctx.atomic():
            had = bool(await self.desk.ballots.choice_of(poll, ctx.member.id))
            counted = await self.desk.ballots.vote(poll_id, ctx.member.id, (), ctx.now)
            if counted:
                await self.desk.redraw(ctx, poll_id)
        require(counted, cards.CLOSED)
        await ctx.update(cards.taken_back_card(had))

    @action
    async def suggest(self, ctx: Context, poll_id: int) -> None:
        """Somebody misses an option."""
        poll = await self._open(ctx, poll_id)
        require(poll.adding, cards.NO_ADDING)
        await ctx.open(OptionForm, Voting.add.call(poll_id), self)

    @action
    async def add(self, ctx: Submission[OptionForm], poll_id: int) -> None:
        """Add somebody's option."""
        await self._open(ctx, poll_id)
        async with ctx.atomic():
            added = await self.desk.polls.add_option(poll_id, " ".join(ctx.form.option.split()), ctx.member.id)
            if added:
                await self.desk.redraw(ctx, poll_id)
        if added is None:
            raise UserError(cards.NO_ROOM)
        await ctx.reply(cards.added_card(added.label))

    @action
    async def remove(self, ctx: Context, poll_id: int) -> None:
        """What somebody added does not belong there."""
        poll = await self.desk.decided(ctx, poll_id)
        position = _read(ctx.values[0]) if ctx.values else -1
        async with ctx.atomic():
            label = await self.desk.polls.remove_option(poll_id, position)
            if label is not None:
                await self.desk.touch(ctx, poll_id)
                subject, detail = f"poll #{poll.number}", f"option {position + 1}"
                await self.desk.audit.add(
                    ctx.community.id, ctx.now, ctx.member.id, "poll.option_removed", subject=subject, detail=detail
                )
        if label is None:
            raise UserError(cards.REMOVED_ALREADY)
        await ctx.reply(cards.removed_card(label))

    async def page(self, ctx: Context) -> PagePart | None:
        waiting = [
            poll
            for poll in await self.desk.polls.open_ones(ctx.community.id)
            if self.desk.is_for_all(poll) and not await self.desk.ballots.choice_of(poll, ctx.member.id)
        ]
        named = [(poll, await self.desk.link(ctx, poll)) for poll in waiting[-ON_PAGE:]]
        return cards.page_part(named) if named else None

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def _read(value: str) -> int:
    """Read a position or a mark; what is none becomes one that no poll has."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else -1


def _marks(view: cards.View, marks: str) -> Choices:
    """Read the marks given so far. Raises `UserError` where they do not fit the poll."""
    given = tuple(_read(mark) for mark in marks)
    require(len(given) <= len(view.options) and all(0 <= mark <= MARKS for mark in given), cards.OUT_OF_DATE)
    return given


def _unpack(so_far: str) -> Choices:
    return tuple(_read(position) for position in so_far.split(".")) if so_far else ()
