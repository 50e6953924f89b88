"""How a poll stands or ended, for one person, with tables to save."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from adapters.contract.adapter import Need
from adapters.contract.files import File
from adapters.contract.text import Verbatim, count, join, say
from adapters.contract.ui import Button, Card, Menu, Option, Tone
from bot.kernel.cog import Cog, command
from bot.kernel.context import Submission
from storage.ballots import Vote
from storage.members import Member
from storage.polls import Kind, PollOption

from . import calls, tables
from .cards import View, name_of, who_sees
from .outcome import result_card, totals
from .policy import is_secret
from .service import Polls, WhichPoll


class Results(Cog):
    """Members look at what came of a poll."""

    name = "results"
    room = "Polls"

    def __init__(self, polls: Polls) -> None:
        self.polls = polls

    def needs(self) -> Collection[Need]:
        return (Need.FILES,)

    @command(
        "poll results", "See a poll's results so far or at its end, with a table to save", formerly=("closing.results",)
    )
    async def results(self, ctx: Submission[WhichPoll]) -> None:
        poll = await self.polls.named(ctx, ctx.form.poll)
        view = await self.polls.view(poll)
        added = [option for option in view.options if option.added_by] if self.polls.decides(ctx, poll) else []
        menu = added_menu(poll.id, added) if added else None
        if is_secret(poll):
            await ctx.reply(secret_card(view, menu))
            return
        votes = [] if poll.anonymous else await self.polls.ballots.votes(poll.id)
        files = (totals(view), votes_table(view, votes)) if votes else (totals(view),)
        card = result_card(view, files, names_of(view, votes), menu)
        if poll.author_id == ctx.member.id and poll.reopens_until and poll.reopens_until > ctx.now:
            card = card.with_(buttons=(Button("Reopen", calls.reopen(poll.id)),))
        await ctx.reply(card)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def names_of(view: View, votes: Sequence[Vote]) -> dict[int, list[str]]:
    """Return who chose each option, where that can be said in a line."""
    if view.poll.kind not in (Kind.SINGLE, Kind.MULTIPLE):
        return {}
    chosen: defaultdict[int, list[str]] = defaultdict(list)
    for vote in votes:
        for position in vote.choices:
            if vote.name:
                chosen[position].append(vote.name)
    return dict(chosen)


def votes_table(view: View, votes: Sequence[Vote]) -> File:
    """Return who chose what, as a table."""
    labels = [option.label for option in view.options]
    rows = [(vote.name, vote.choices, vote.at) for vote in votes]
    return File(f"poll-{view.poll.number}-votes.csv", tables.votes(view.poll.kind, labels, rows))


def added_menu(poll_id: int, added: Sequence[PollOption]) -> Menu:
    """Offer to take out what members added."""
    options = tuple(Option(Verbatim(one.label), str(one.position)) for one in added)
    return Menu("Take an option out", calls.remove(poll_id), options)


def secret_card(view: View, menu: Menu | None = None) -> Card:
    """Say to anyone, the author included, that there is nothing to see before the end."""
    voted = count(view.result.voters, "{n} person has voted.", "{n} people have voted.")
    return Card(
        say("Poll {name}", name=name_of(view.poll)),
        join([voted, who_sees(view.poll)], " "),
        tone=Tone.WAITING,
        menu=menu,
    )
