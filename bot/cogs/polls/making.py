"""Asking: a poll is shown to its author alone first, with more settings behind a button, and then to everyone."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.adapter import AdapterError
from adapters.contract.text import Tongue, clip
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, action, command, every
from bot.kernel.context import Context, Submission, Work
from bot.kernel.errors import FormError, UserError, require
from bot.kernel.forms import Form, ask
from bot.text.recurrence import Recurrence
from bot.text.when import read_duration
from storage.members import Member
from storage.polls import MOST_OPTIONS, Kind, Poll, State

from . import cards
from .counting import MARKS
from .desk import Desk
from .rules import LONGEST_OPTION, is_scale, read_options, read_passing, read_repeats

log = logging.getLogger(__name__)

KINDS = tuple(Option(label, kind) for kind, label in cards.KINDS.items())


DRAFTS_KEPT = timedelta(days=2)

SCALE = ", ".join(str(mark) for mark in range(1, MARKS + 1))
"""The options of a poll that rates its own question."""


class PollForm(Form, title="Ask for votes", submit="Preview"):
    """What is asked, and how."""

    question: str = ask("Your question", longest=150)
    options: str = ask("What can be chosen", hint="One in each line, or with commas between", longest=2500, lines=6)
    kind: str = ask("How people choose", hint="One option, if you pick nothing", choices=KINDS, required=False)
    closes: datetime | None = ask("When it closes", hint="For example “friday 18:00”. Empty: by hand", required=False)
    anonymous: bool = ask("Keep secret who chose what", required=False)
    hidden: bool = ask("Show the totals only when it closes", required=False)


class SettingsForm(Form, title="More settings", submit="Save"):
    """What few polls need."""

    most: int | None = ask("How many one may choose", hint="Of several options. Empty: all of them", required=False)
    passing: str = ask("Passes with", hint="“10 votes”, “60%” or “10 votes, 60%”", longest=40, required=False)
    repeats: str = ask(
        "Asked again", hint="“weekly”, “daily” or “mon 09:00”, community time", longest=40, required=False
    )
    adding: bool = ask("Members may add options", required=False)
    reminder: str = ask("Remind before it closes", hint="For example “2 hours”; 0: never", longest=40, required=False)


class WordsForm(Form, title="Change the words", submit="Save"):
    """Other words for a poll in which nobody has voted."""

    question: str = ask("Your question", longest=150)
    options: str = ask("What can be chosen", hint="One in each line, or with commas between", longest=2500, lines=6)


class Making(Cog):
    """The beginning of a poll."""

    name = "polls"
    room = "Polls"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @command("poll create", "Ask the community to vote")
    async def create(self, ctx: Submission[PollForm]) -> None:
        form = ctx.form
        kind = Kind(form.kind or Kind.SINGLE)
        options = _read(form.options, form.question, kind)
        if form.closes and form.closes <= ctx.now:
            raise FormError(closes=cards.IN_THE_PAST)
        draft = await self.desk.polls.draft(
            ctx.community.id,
            ctx.member.id,
            ctx.channel.key,
            form.question,
            options,
            kind,
            ctx.now,
            anonymous=form.anonymous,
            hidden=form.hidden,
            closes_at=form.closes,
        )
        await ctx.reply(await self._preview(draft))

    async def _preview(self, draft: Poll) -> Card:
        return cards.preview_card(
            await self.desk.view(draft),
            post=Making.post.call(draft.id),
            settings=Making.settings.call(draft.id),
            change=Making.change.call(draft.id),
            drop=Making.drop.call(draft.id),
        )

    async def _own(self, ctx: Context, poll_id: int, *states: State) -> Poll:
        poll = await self.desk.decided(ctx, poll_id)
        require(poll.state in states, cards.TOO_LATE)
        return poll

    @action
    async def settings(self, ctx: Context, poll_id: int) -> None:
        """The author wants to set more than most need."""
        poll = await self._own(ctx, poll_id, State.DRAFT)
        known = {
            "most": str(poll.most or ""),
            "passing": ", ".join(
                filter(None, [f"{poll.quorum} votes" * bool(poll.quorum), f"{poll.threshold}%" * bool(poll.threshold)])
            ),
            "repeats": poll.repeats,
            "adding": "true" if poll.adding else "",
            "reminder": cards.length_in_words(poll.remind_minutes, ctx.tongue),
        }
        await ctx.open(
            SettingsForm, Making.set.call(poll_id), self, **{name: value for name, value in known.items() if value}
        )

    @action
    async def set(self, ctx: Submission[SettingsForm], poll_id: int) -> None:
        """Take down how the poll is to be asked."""
        poll, form = await self._own(ctx, poll_id, State.DRAFT), ctx.form
        problems: dict[str, Any] = {}
        zone = ZoneInfo(ctx.community.timezone)
        quorum = threshold = minutes = None
        repeats = ""
        if form.most is not None and (form.most < 1 or poll.kind not in (Kind.MULTIPLE, Kind.RANKED)):
            problems["most"] = cards.MOST_IS_FOR_SEVERAL
        try:
            quorum, threshold = read_passing(form.passing) if form.passing else (None, None)
        except ValueError:
            problems["passing"] = cards.NO_CONDITION
        if threshold and poll.kind is Kind.RATING:
            problems["passing"] = cards.NO_SHARE_OF_A_RATING
        try:
            repeats = read_repeats(form.repeats, ctx.now, zone, ctx.tongue) if form.repeats else ""
        except ValueError:
            problems["repeats"] = cards.NO_RECURRENCE
        try:
            minutes = _read_reminder(form.reminder, ctx.tongue)
        except ValueError as wrong:
            problems["reminder"] = wrong.args[0]
        if minutes and not poll.closes_at:
            problems["reminder"] = cards.NOTHING_TO_REMIND_OF
        elif minutes and poll.closes_at and poll.closes_at - timedelta(minutes=minutes) <= ctx.now:
            problems["reminder"] = cards.REMINDER_IN_THE_PAST
        if repeats and poll.closes_at and Recurrence.read(repeats).after(ctx.now, zone) < poll.closes_at:
            problems["repeats"] = cards.AGAIN_BEFORE_THE_END
        if form.adding and poll.kind is Kind.RATING:
            problems["adding"] = cards.NO_ADDING_TO_A_RATING
        if problems:
            raise FormError(**problems)
        settled = await self.desk.polls.settle(
            poll_id,
            most=form.most,
            quorum=quorum,
            threshold=threshold,
            repeats=repeats,
            adding=form.adding,
            remind_minutes=minutes,
        )
        require(settled, cards.TOO_LATE)
        assert settled
        await ctx.update(await self._preview(settled))

    @action
    async def change(self, ctx: Context, poll_id: int) -> None:
        """The author wants other words."""
        poll = await self._own(ctx, poll_id, State.DRAFT, State.OPEN)
        require(not await self.desk.ballots.turnout(poll_id), cards.VOTED_ALREADY)
        view = await self.desk.view(poll)
        options = SCALE if view.rates_itself else "\n".join(option.label for option in view.options)
        await ctx.open(WordsForm, Making.reword.call(poll_id), self, question=poll.question, options=options)

    @action
    async def reword(self, ctx: Submission[WordsForm], poll_id: int) -> None:
        """Put the author's other words in, unless somebody has voted."""
        poll = await self._own(ctx, poll_id, State.DRAFT, State.OPEN)
        options = _read(ctx.form.options, ctx.form.question, poll.kind)
        async with ctx.atomic():
            changed = await self.desk.polls.rewrite(poll_id, ctx.form.question, options)
            if changed and changed.number:
                await self.desk.touch(ctx, poll_id)
                await self.desk.audit.add(
                    ctx.community.id, ctx.now, ctx.member.id, "poll.reworded", subject=f"poll #{poll.number}"
                )
        if changed is None:
            raise UserError(cards.VOTED_ALREADY)
        if changed.state is State.DRAFT:
            await ctx.update(await self._preview(changed))
        else:
            await ctx.reply(cards.changed_card())

    @action
    async def drop(self, ctx: Context, poll_id: int) -> None:
        """The author does not want to ask after all."""
        await self._own(ctx, poll_id, State.DRAFT)
        require(await self.desk.polls.drop(poll_id), cards.TOO_LATE)
        await ctx.update(cards.dropped_card())

    @action
    async def post(self, ctx: Context, poll_id: int) -> None:
        """Show the poll to everyone."""
        draft = await self._own(ctx, poll_id, State.DRAFT, State.OPEN)
        require(draft.state is State.OPEN or not draft.closes_at or draft.closes_at > ctx.now, cards.IN_THE_PAST)
        async with ctx.atomic():
            if await self.desk.polls.open(poll_id, ctx.now):
                await self.desk.touch(ctx, poll_id)
        try:
            await self.desk.tend(ctx, poll_id)
        except (AdapterError, OSError) as trouble:
            # It is written down and looked after from now on: to ask again would post it twice.
            log.warning("poll %s will be posted later: %r", poll_id, trouble)
        poll = await self.desk.get(ctx, poll_id)
        require(await self.desk.polls.cards(poll_id), cards.NOT_POSTED)
        link = await self.desk.link(ctx, poll)
        await ctx.update(
            cards.posted_card(
                await self.desk.view(poll),
                link,
                close=self.desk.controls.close(poll_id),
                stop=Making.stop.call(poll_id),
                change=Making.change.call(poll_id),
            )
        )

    @action
    async def stop(self, ctx: Context, poll_id: int) -> None:
        """Ask no more after this one."""
        poll = await self.desk.decided(ctx, poll_id)
        async with ctx.atomic():
            stopped = await self.desk.polls.stop_repeating(poll)
            await self.desk.touch(ctx, poll_id)
        require(stopped, cards.NOT_REPEATING)
        await ctx.reply(cards.stopped_card())

    @action
    async def tend(self, work: Work, poll_id: int) -> None:
        """Look after a poll."""
        await self.desk.tend(work, poll_id)

    @every("daily 04:25")
    async def sweep(self, work: Work) -> None:
        """Forget drafts that nobody posted, and look at all that is open, whatever may have been missed."""
        await self.desk.polls.prune(work.now - DRAFTS_KEPT)
        for poll in await self.desk.polls.open_ones(work.community.id):
            await self.desk.touch(work, poll.id)

    async def export(self, member: Member) -> dict[str, Any]:
        asked, votes = await self.desk.polls.asked_by(member.id), await self.desk.ballots.told_by(member.id)
        voted = []
        for poll, choices in votes:
            labels = [option.label for option in await self.desk.polls.options(poll.id)]
            rated = poll.kind is Kind.RATING
            chosen = [f"{label}: {mark}" for label, mark in zip(labels, choices, strict=False)] if rated else []
            voted.append(
                {
                    "question": poll.question,
                    "chosen": chosen or [labels[choice] for choice in choices],
                    "anonymous": poll.anonymous,
                }
            )
        return {
            "asked": [{"question": poll.question, "state": poll.state, "at": poll.created_at} for poll in asked],
            "options_added": await self.desk.polls.options_of(member.id),
            "voted": voted,
            "about_anonymous_polls": cards.ABOUT_ANONYMOUS.plain(),
        }

    async def erase(self, member: Member) -> None:
        await self.desk.ballots.forget(member.id)
        await self.desk.polls.forget(member.id)


def _read(typed: str, question: str, kind: Kind) -> tuple[str, ...]:
    """Read the options of a poll. Raises `FormError` for too few, too many or too long ones."""
    options = read_options(typed)
    if kind is Kind.RATING and is_scale(options):
        options = (clip(question, LONGEST_OPTION),)
    if len(options) < (1 if kind is Kind.RATING else 2):
        raise FormError(options=cards.TOO_FEW_OPTIONS)
    if len(options) > MOST_OPTIONS:
        raise FormError(options=cards.too_many_options(len(options)))
    if long := [option for option in options if len(option) > LONGEST_OPTION]:
        raise FormError(options=cards.too_long(long[0]))
    return options


def _read_reminder(typed: str, tongue: Tongue) -> int | None:
    """Read how many minutes before the end people are reminded; 0 for never. Raises `ValueError` with a sentence."""
    if not typed:
        return None
    if typed in ("0", "–", "-"):
        return 0
    return max(1, round(read_duration(typed, tongue).total_seconds() / 60))
