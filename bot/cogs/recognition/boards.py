"""Where people stand: profiles and boards, and leaving the boards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.contract.text import Verbatim, say
from adapters.contract.ui import Button, Card, Option
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError
from bot.kernel.forms import Form, ask
from bot.kernel.page import PagePart
from storage.kudos import Kind
from storage.members import Member
from storage.standing import Board

from . import cards
from .cards import Period
from .desk import Desk
from .rules import reached

PLACES, LATEST = 10, 3
"""How many places a board shows, and how many thanks a profile."""
_LENGTHS = {Period.WEEK: timedelta(days=7), Period.MONTH: timedelta(days=30)}


class ProfileForm(Form, title="Profile", submit="Show"):
    """Whose profile is shown."""

    member: Member | None = ask("Whose?", hint="Empty: your own.", required=False)


class BoardForm(Form, title="Leaderboard", submit="Show"):
    """What a board looks back on."""

    period: str = ask(
        "How far back?",
        required=False,
        choices=[
            Option("Last 7 days", Period.WEEK),
            Option("Last 30 days", Period.MONTH),
            Option("All time", Period.ALL),
        ],
    )
    topic: str = ask("About which topic?", required=False, choices=lambda cog: cog.topics)
    value: str = ask("For which value?", required=False, choices=lambda cog: cog.values)


class Boards(Cog):
    """What people give is seen by those who want to be seen."""

    name = "boards"
    room = "Recognition"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def topics(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(topic), topic) for topic in self.desk.usual.topics)

    @property
    def values(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(value), value) for value in self.desk.usual.values)

    @command("profile", "See what someone, or you, are recognised for")
    async def profile(self, ctx: Submission[ProfileForm]) -> None:
        member = ctx.form.member or ctx.member
        tally = await self.desk.standing.tally(member.id)
        noted = await self.desk.standing.reached(member.id)
        latest = await self.desk.kudos.latest(member.id, Kind.THANKS, LATEST)
        if member.id != ctx.member.id:
            channels = await self.desk.unlisted_channels(ctx)
            latest = [row for row in latest if row.channel not in channels]
        policy = await self.desk.policy(ctx)
        people = await self.desk.people(latest)
        await ctx.reply(cards.profile_card(member, tally, reached(tally, noted, policy), latest, people))

    @command("leaderboard", "See who was recognised most lately")
    async def leaderboard(self, ctx: Submission[BoardForm]) -> None:
        period = Period(ctx.form.period or Period.WEEK)
        await ctx.reply(await self._board(ctx, period, ctx.form.topic, ctx.form.value))

    @action
    async def turn(self, ctx: Context, period: str, topic: str, value: str) -> None:
        """Show the same board of another period."""
        try:
            await ctx.update(await self._board(ctx, Period(period), topic, value))
        except ValueError:
            raise UserError(say("That is no period.")) from None

    async def _board(self, ctx: Context, period: Period, topic: str, value: str) -> Card:
        length = _LENGTHS.get(period)
        board = Board(
            ctx.community.id,
            ctx.now - length if length else None,
            value,
            topic,
            await self.desk.unlisted_channels(ctx),
            await self.desk.unlisted_members(ctx),
        )
        places = await self.desk.standing.board(board, PLACES, ctx.member.id)
        return cards.board_card(
            period,
            places,
            await self.desk.people((), *(place.member_id for place in places)),
            ctx.member,
            shown=await self.desk.standing.is_shown(ctx.member.id),
            value=value,
            topic=topic,
            others={other: Boards.turn.call(other.value, topic, value) for other in Period if other is not period},
        )

    @action
    async def show(self, ctx: Context, shown: bool) -> None:
        """Stand on boards and in digests, or not."""
        await self.desk.standing.show(ctx.member.id, shown, ctx.now)
        await ctx.update(await ctx.page())

    async def page(self, ctx: Context) -> PagePart | None:
        tally = await self.desk.standing.tally(ctx.member.id)
        stands = reached(tally, await self.desk.standing.reached(ctx.member.id), await self.desk.policy(ctx))
        shown = await self.desk.standing.is_shown(ctx.member.id)
        leave, join = (
            Button("Leave the boards", Boards.show.call(False)),
            Button("Join the boards", Boards.show.call(True)),
        )
        return PagePart(60, cards.standing_field(tally.people, stands), buttons=(leave if shown else join,))

    async def export(self, member: Member) -> dict[str, Any]:
        tally = await self.desk.standing.tally(member.id)
        return {
            "points": tally.points / 100,
            "different_people_helped": tally.people,
            "off_the_boards": not await self.desk.standing.is_shown(member.id),
        }

    async def erase(self, member: Member) -> None:
        await self.desk.standing.forget(member.id)
