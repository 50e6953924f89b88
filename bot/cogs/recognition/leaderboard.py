"""The leaderboard: who was recognised most lately, of those who want to stand on it."""

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
from storage.members import Member
from storage.standing import LeaderboardQuery

from . import calls
from .cards import Period, board_card, standing_field
from .policy import reached
from .service import Recognition

PLACES = 10
"""How many places a leaderboard shows."""
_LENGTHS = {Period.WEEK: timedelta(days=7), Period.MONTH: timedelta(days=30)}


class LeaderboardForm(Form, title="Leaderboard", submit="Show"):
    """What a leaderboard looks back on."""

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


class Leaderboard(Cog):
    """What people give is seen, where they want to be seen."""

    name = "leaderboard"
    room = "Recognition"

    def __init__(self, recognition: Recognition) -> None:
        self.recognition = recognition

    @property
    def topics(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(topic), topic) for topic in self.recognition.default.topics)

    @property
    def values(self) -> tuple[Option, ...]:
        return tuple(Option(Verbatim(value), value) for value in self.recognition.default.values)

    @command("leaderboard", "See who was recognised most lately", formerly=("boards.leaderboard",))
    async def leaderboard(self, ctx: Submission[LeaderboardForm]) -> None:
        period = Period(ctx.form.period or Period.WEEK)
        await ctx.reply(await self._board(ctx, period, ctx.form.topic, ctx.form.value))

    @action(formerly=("boards.turn",))
    async def turn(self, ctx: Context, period: str, topic: str, value: str) -> None:
        """Show the same leaderboard of another period."""
        try:
            await ctx.update(await self._board(ctx, Period(period), topic, value))
        except ValueError:
            raise UserError(say("That's no period.")) from None

    async def _board(self, ctx: Context, period: Period, topic: str, value: str) -> Card:
        length = _LENGTHS.get(period)
        query = LeaderboardQuery(
            ctx.community.id,
            ctx.now - length if length else None,
            value,
            topic,
            await self.recognition.unlisted_channels(ctx),
            await self.recognition.unlisted_members(ctx),
        )
        places = await self.recognition.standing.leaderboard(query, PLACES, ctx.member.id)
        return board_card(
            period,
            places,
            await self.recognition.people((), *(place.member_id for place in places)),
            ctx.member,
            shown=await self.recognition.standing.is_shown(ctx.member.id),
            value=value,
            topic=topic,
        )

    @action(formerly=("boards.show",))
    async def show(self, ctx: Context, shown: bool) -> None:
        """Stand on leaderboards and in digests, or not."""
        await self.recognition.standing.show(ctx.member.id, shown, ctx.now)
        await ctx.update(await ctx.page(settings=True))

    async def page(self, ctx: Context) -> PagePart | None:
        tally = await self.recognition.standing.tally(ctx.member.id)
        stands = reached(
            tally, await self.recognition.standing.reached(ctx.member.id), await self.recognition.policy(ctx)
        )
        shown = await self.recognition.standing.is_shown(ctx.member.id)
        leave, join = (
            Button("Hide me from leaderboards", calls.show(False)),
            Button("Show me on leaderboards", calls.show(True)),
        )
        return PagePart(60, standing_field(tally.people, stands), folded=(leave if shown else join,))

    async def export(self, member: Member) -> dict[str, Any]:
        tally = await self.recognition.standing.tally(member.id)
        return {
            "points": tally.points / 100,
            "different_people_helped": tally.people,
            "off_the_boards": not await self.recognition.standing.is_shown(member.id),
        }

    async def erase(self, member: Member) -> None:
        await self.recognition.standing.forget_choice(member.id)
