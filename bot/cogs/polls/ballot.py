"""Voting: one ballot for each person, changed as often as they like until the poll closes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract.text import Link, Strong, Text, Verbatim, clip, join, say
from adapters.contract.ui import Button, Card, CardField, Menu, Style, Tone
from bot.kernel.cog import Cog, action, drawing
from bot.kernel.context import Context
from bot.kernel.errors import UserError, require
from bot.kernel.page import PagePart
from bot.kernel.work import Reading
from storage.ballots import PepperLost
from storage.members import Member
from storage.polls import Choices, Kind, Poll

from . import calls
from .cards import CLOSED, View, menu_options
from .counting import MARKS
from .policy import may_choose
from .service import Polls

ON_PAGE = 3
"""How many polls the personal page names."""
LOOKED_AT = 25
"""Among how many open polls those are looked for that wait for someone's vote."""

OUT_OF_DATE = say("That doesn't fit this poll. Choose again on its card, please.")
NO_MARK = say("You gave no mark, so nothing is counted.")


class Ballot(Cog):
    """What voters do. What a ranking or a rating has so far stands in the buttons themselves, nowhere else.

    What is chosen is stored in the ballot alone: an answer to a voter is stored without it.
    """

    name = "ballot"
    room = "Polls"

    def __init__(self, polls: Polls) -> None:
        self.polls = polls

    @action(formerly=("voting.choose",))
    async def choose(self, ctx: Context, poll_id: int, position: int) -> None:
        """Vote for one option."""
        await self._cast(ctx, poll_id, (position,))

    @action(formerly=("voting.pick",))
    async def pick(self, ctx: Context, poll_id: int) -> None:
        """Vote for what was chosen from the menu."""
        await self._cast(ctx, poll_id, tuple(sorted(_read(value) for value in ctx.values)))

    @action(formerly=("voting.begin",))
    async def begin(self, ctx: Context, poll_id: int) -> None:
        """Rank or rate one option after the other, privately."""
        view = await self.polls.open_view(ctx, poll_id)
        await ctx.reply(rating_card(view, ()) if view.poll.kind is Kind.RATING else ranking_card(view, ()))

    @action(formerly=("voting.rank",))
    async def rank(self, ctx: Context, poll_id: int, so_far: str) -> None:
        """The next place of a ranking was chosen."""
        chosen = (*_unpack(so_far), *(_read(value) for value in ctx.values[:1]))
        view = await self.polls.open_view(ctx, poll_id)
        require(may_choose(view.poll, len(view.options), chosen), OUT_OF_DATE)
        if len(chosen) < min(len(view.options), view.poll.most or len(view.options)):
            await ctx.update(ranking_card(view, chosen))
        else:
            await self._cast(ctx, poll_id, chosen, update=True)

    @action(formerly=("voting.unrank",))
    async def unrank(self, ctx: Context, poll_id: int, so_far: str) -> None:
        """The last place of a ranking was a mistake."""
        view, left = await self.polls.open_view(ctx, poll_id), _unpack(so_far)[:-1]
        require(not left or may_choose(view.poll, len(view.options), left), OUT_OF_DATE)
        await ctx.update(ranking_card(view, left))

    @action(formerly=("voting.ranked",))
    async def ranked(self, ctx: Context, poll_id: int, so_far: str) -> None:
        """The ranking is complete enough."""
        await self._cast(ctx, poll_id, _unpack(so_far), update=True)

    @action(formerly=("voting.rate",))
    async def rate(self, ctx: Context, poll_id: int, marks: str) -> None:
        """A mark was given: one digit for each option so far, 0 for none."""
        view = await self.polls.open_view(ctx, poll_id)
        given = tuple(_read(mark) for mark in marks)
        require(all(0 <= mark <= MARKS for mark in given), OUT_OF_DATE)
        if len(given) < len(view.options):
            await ctx.update(rating_card(view, given))
        else:
            require(any(given), NO_MARK)
            await self._cast(ctx, poll_id, given, update=not view.rates_itself)

    @action(formerly=("voting.unrate",))
    async def unrate(self, ctx: Context, poll_id: int, marks: str) -> None:
        """The last mark was a mistake."""
        view, left = await self.polls.open_view(ctx, poll_id), tuple(_read(mark) for mark in marks[:-1])
        require(len(left) < len(view.options) and all(0 <= mark <= MARKS for mark in left), OUT_OF_DATE)
        await ctx.update(rating_card(view, left))

    async def _cast(self, ctx: Context, poll_id: int, choices: Choices, *, update: bool = False) -> None:
        """Put a ballot in the box, in the place of an earlier one, and tell the voter what counts for them."""
        await self.polls.lifecycle.lock(ctx, poll_id)  # its words may be about to change
        view = await self.polls.open_view(ctx, poll_id)
        require(may_choose(view.poll, len(view.options), choices), OUT_OF_DATE)
        try:
            counts = await self.polls.ballots.vote(view.poll, ctx.member.id, choices, ctx.now)
        except PepperLost:
            raise UserError(KEY_LOST) from None
        require(counts, CLOSED)
        await self.polls.lifecycle.redraw(ctx, poll_id)
        answer = ctx.update if update else ctx.reply
        await answer(voted_card(view, choices), again=calls.voted(poll_id))

    @drawing
    async def voted(self, reading: Reading, poll_id: int) -> Card:
        """Tell a voter once more what counts for them, where the first answer did not reach them."""
        found = await self.polls.store.with_options(poll_id)
        if found is None or reading.member is None or found[0].community_id != reading.community.id:
            return counted_card()
        choices = await self.polls.ballots.choice_of(found[0], reading.member.id)
        return voted_card(View.blank(*found), choices) if choices else counted_card()

    @action(formerly=("voting.take_back",))
    async def take_back(self, ctx: Context, poll_id: int) -> None:
        """Take the ballot out of the box."""
        poll, _ = await self.polls.open(ctx, poll_id)
        try:
            had = await self.polls.ballots.take_back(poll, ctx.member.id, ctx.now)
        except PepperLost:
            raise UserError(KEY_LOST) from None
        if had is None:
            raise UserError(CLOSED)
        await self.polls.lifecycle.redraw(ctx, poll_id)
        await ctx.update(taken_back_card(was_there=had))

    async def page(self, ctx: Context) -> PagePart | None:
        channels = [channel.key for space in await ctx.spaces() for channel in self.polls.channels.within(space)]
        recent = await self.polls.store.open_in(ctx.community.id, channels, LOOKED_AT)
        voted = await self.polls.ballots.choices_of(recent, ctx.member.id)
        waiting = [poll for poll in reversed(recent) if poll.id not in voted][-ON_PAGE:]
        if not waiting:
            return None
        links = await ctx.links(self.polls.lifecycle.kind, [poll.id for poll in waiting])
        return page_part([(poll, links.get(poll.id)) for poll in waiting])

    async def export(self, member: Member) -> dict[str, Any]:
        votes = await self.polls.ballots.written_by(member.id)
        options = await self.polls.store.options([poll.id for poll, _ in votes])
        voted = []
        for poll, choices in votes:
            labels = [option.label for option in options[poll.id]]
            rated = poll.kind is Kind.RATING
            chosen = [f"{label}: {mark}" for label, mark in zip(labels, choices, strict=False)] if rated else []
            voted.append(
                {
                    "question": poll.question,
                    "chosen": chosen or [labels[choice] for choice in choices],
                    "anonymous": poll.anonymous,
                }
            )
        return {"voted": voted, "about_anonymous_polls": ABOUT_ANONYMOUS.plain()}

    async def erase(self, member: Member) -> None:
        await self.polls.ballots.forget(member.id)


KEY_LOST = say(
    "I can't take votes in this poll: the key to its ballots is gone. Ask an admin to set TRELLIS_POLL_SECRET back, "
    "or close this poll and ask again."
)
ABOUT_ANONYMOUS = say(
    "Your ballots in anonymous polls that are open can be found by your account alone; once such a poll is closed, it "
    "isn't known any more whose ballot is whose, so none of them can be shown here or deleted."
)


def _read(value: str) -> int:
    """Read a position or a mark; what is none becomes one that no poll has."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 4 else -1


def _unpack(so_far: str) -> Choices:
    return tuple(_read(position) for position in so_far.split(".")) if so_far else ()


def ranking_card(view: View, so_far: Choices) -> Card:
    """Ask for the next place of a voter's ranking."""
    id_, packed, place = view.poll.id, ".".join(map(str, so_far)), len(so_far) + 1
    lines = [say("{place}. {option}", place=place, option=view.label(one)) for place, one in enumerate(so_far, 1)]
    asked = say("Your first choice?") if not so_far else say("Your choice number {place}?", place=place)
    done = Button("That's my ranking", calls.ranked(id_, packed), Style.PRIMARY)
    back = Button("One step back", calls.unrank(id_, packed))
    left = [option for option in view.options if option.position not in so_far]
    return Card(
        view.poll.question,
        join([*lines, asked]),
        footer=say("Nothing is counted yet. You need not rank them all."),
        tone=Tone.WAITING,
        buttons=(done, back) if so_far else (),
        menu=Menu("The next best", calls.rank(id_, packed), menu_options(left)),
    )


def rating_card(view: View, marks: Choices) -> Card:
    """Ask for the next mark of a voter's ratings."""
    id_, packed, position = view.poll.id, "".join(map(str, marks)), len(marks)
    lines = [
        say("{option}: {mark}", option=view.label(place), mark=f"{mark} ★" if mark else "–")
        for place, mark in enumerate(marks)
    ]
    buttons = [Button(Verbatim(f"{mark} ★"), calls.rate(id_, f"{packed}{mark}")) for mark in range(1, MARKS + 1)]
    buttons.append(Button("No opinion", calls.rate(id_, f"{packed}0")))
    if marks:
        buttons.append(Button("One step back", calls.unrate(id_, packed)))
    return Card(
        view.poll.question,
        join([*lines, say("How is {option}?", option=view.label(position))]),
        footer=say("{n} of {all}. Nothing is counted before the last one.", n=position + 1, all=len(view.options)),
        tone=Tone.WAITING,
        buttons=tuple(buttons),
    )


def voted_card(view: View, choices: Choices) -> Card:
    """Tell a voter what is counted for them."""
    lines = [chosen(view, choices)]
    if view.poll.anonymous:
        lines.append(say("Nobody can see that it's yours. You can change it until the poll closes."))
    else:
        lines.append(say("You can change it until the poll closes."))
    return Card(body=join(lines), tone=Tone.DONE, buttons=(Button("Take my vote back", calls.take_back(view.poll.id)),))


def counted_card() -> Card:
    """Tell a voter of whose vote nothing more can be said: it was taken back, or lies among the others by now."""
    return Card(body=say("What you chose last is what counts."), tone=Tone.DONE)


def chosen(view: View, choices: Choices) -> Text:
    """Say what a voter chose."""
    match view.poll.kind:
        case Kind.RANKED:
            ranked = [
                say("{place}. {option}", place=place, option=view.label(one)) for place, one in enumerate(choices, 1)
            ]
            return join([say("Your ranking:"), *ranked])
        case Kind.RATING if view.rates_itself:
            return say("You gave {mark} of 5.", mark=choices[0])
        case Kind.RATING:
            given = [
                say("{option}: {mark}", option=view.label(place), mark=f"{mark} ★")
                for place, mark in enumerate(choices)
                if mark
            ]
            return join([say("Your ratings:"), *given])
    return say("You chose {options}.", options=view.labels(choices))


def taken_back_card(*, was_there: bool) -> Card:
    if was_there:
        return Card(body=say("Your vote is taken back. You can vote again until the poll closes."))
    return Card(body=say("You have no vote in this poll."))


def page_part(waiting: Sequence[tuple[Poll, str | None]]) -> PagePart:
    """Name polls on the personal page that wait for someone's vote."""
    named = [Link(clip(poll.question, 60), link) if link else Strong(clip(poll.question, 60)) for poll, link in waiting]
    return PagePart(order=40, field=CardField("Waiting for your vote", join(named)))
