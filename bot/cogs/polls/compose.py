"""Asking: a poll is shown to its author alone first, with more settings behind a button, and then to everyone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.models import Channel
from adapters.contract.text import ChannelLink, Text, Translations, Words, clip, label, say
from adapters.contract.ui import Card, Option
from bot.kernel.cog import Cog, action, command, drawing, every
from bot.kernel.context import Context, Submission
from bot.kernel.errors import FormError, UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.limits import DAY, require_room
from bot.kernel.work import Reading, Work
from bot.text.recurrence import Recurrence
from bot.text.repeats import says_never
from bot.text.when import read_duration
from storage.members import Member
from storage.polls import MOST_OPTIONS, Kind, Poll, State

from . import calls
from .counting import MARKS
from .lifecycle import CARD
from .policy import LONGEST_OPTION, is_scale, read_options, read_passing
from .preview import changed_card, dropped_card, later_card, length_in_words, posted_card, preview_card, refused_card
from .repeating import often, read_repeats
from .service import Polls

KINDS = {
    Kind.SINGLE: label("One option"),
    Kind.MULTIPLE: label("Several options"),
    Kind.RANKED: label("Options in order"),
    Kind.RATING: label("Marks from 1 to 5"),
}
DRAFTS_KEPT = timedelta(days=2)
SCALE = ", ".join(str(mark) for mark in range(1, MARKS + 1))
"""The options of a poll that rates its own question."""

TOO_LATE = say("It's too late for that: the poll has been posted, or closed.")
VOTED_ALREADY = say("Somebody has voted already, so the words stay as they are. You can close it and ask again.")
IN_THE_PAST = say("That's in the past. Say when it closes, like “friday 18:00” or “in 2 days”.")
TOO_FEW_OPTIONS = say("At least two options, please: one in each line, or with commas between.")
MOST_IS_FOR_SEVERAL = say("That's for polls with several options or a ranking: 1 or more.")
NO_CONDITION = say("Write “10 votes”, “60%” or “10 votes, 60%”.")
NO_SHARE_OF_A_RATING = say("Marks have no majority: write only how many votes it needs.")
NO_RECURRENCE = say("Write “weekly”, “daily”, or a day and a time like “mon 09:00”.")
NOTHING_TO_REMIND_OF = say("There's nothing to remind of: this poll has no moment at which it closes.")
REMINDER_IN_THE_PAST = say("The moment for that reminder has passed already.")
AGAIN_BEFORE_THE_END = say("It would be asked again before it closes. Let it close earlier, or ask again later.")
NO_ADDING_TO_A_RATING = say("Nobody can add options to a rating: people who rated before would have missed them.")


class PollForm(Form, title="Ask for votes", submit="Preview"):
    """What is asked, and how."""

    question: str = ask("Your question", longest=150)
    options: str = ask("What can be chosen", hint="One in each line, or with commas between", longest=2500, lines=6)
    kind: str = ask(
        "How people choose",
        hint="One option, if you pick nothing",
        choices=tuple(Option(name, kind) for kind, name in KINDS.items()),
        required=False,
    )
    closes: datetime | None = ask("When it closes", hint="For example “friday 18:00”. Empty: by hand", required=False)
    anonymous: bool = ask("Keep secret who chose what", required=False)
    hidden: bool = ask("Show the totals only when it closes", required=False)


class SettingsForm(Form, title="More settings", submit="Save"):
    """What few polls need."""

    most: int | None = ask("How many one may choose", hint="Of several options. Empty: all of them", required=False)
    passing: str = ask("Passes with", hint="“10 votes”, “60%” or “10 votes, 60%”", longest=40, required=False)
    repeats: str = ask(
        "Asked again", hint="“weekly”, “daily” or “mon 09:00”, community time", longest=150, required=False
    )
    adding: bool = ask("Members may add options", required=False)
    reminder: str = ask("Remind before it closes", hint="For example “2 hours”; 0: never", longest=40, required=False)


class WordsForm(Form, title="Change the words", submit="Save"):
    """Other words for a poll in which nobody has voted."""

    question: str = ask("Your question", longest=150)
    options: str = ask("What can be chosen", hint="One in each line, or with commas between", longest=2500, lines=6)


class Compose(Cog):
    """The beginning of a poll."""

    name = "compose"
    room = "Polls"

    def __init__(self, polls: Polls) -> None:
        self.polls = polls

    async def refresh(self, _now: datetime) -> None:
        """Have what keeps ballots secret before anybody asks."""
        self.polls.ballots.pepper.current()

    @command("poll create", "Ask the community to vote", formerly=("polls.create",), start="Start a poll")
    async def create(self, ctx: Submission[PollForm]) -> None:
        await self._require_room(ctx)
        form = ctx.form
        kind = Kind(form.kind or Kind.SINGLE)
        options = _read(form.options, form.question, kind)
        if form.closes and form.closes <= ctx.now:
            raise FormError(closes=IN_THE_PAST)
        where = self._place(ctx)
        draft = await self.polls.store.draft(
            ctx.community.id,
            ctx.member.id,
            where.key,
            form.question,
            options,
            kind,
            ctx.now,
            anonymous=form.anonymous,
            hidden=form.hidden,
            closes_at=form.closes,
        )
        await ctx.reply(await self._preview(ctx, draft))

    async def _preview(self, ctx: Context, poll: Poll) -> Card:
        """Show how a poll will look, and where it will be if that is elsewhere."""
        where = Channel.of(poll.channel)
        name = self.polls.channels.name(where) if where != ctx.channel else None
        return preview_card(await self.polls.view(poll), ChannelLink(where, name) if name else "")

    def _place(self, ctx: Context) -> Channel:
        """Return where a poll is asked: here, or in a channel for it where only its author would see it here."""
        if not ctx.in_direct:
            return ctx.channel
        found = self.polls.channels.nearest(ctx.space)
        if found is None:
            raise UserError(
                say("Nobody else would see a poll here. Use “/poll create” in the channel you want to ask.")
            )
        return found

    async def _require_room(self, ctx: Context) -> None:
        most = (await self.polls.policies.of(ctx.community.id)).a_day
        lately = await self.polls.store.opened_since(ctx.member.id, ctx.now - DAY)
        require_room(ctx, lately, most, say("You've asked for a lot of votes today."))

    async def _own(self, ctx: Context, poll_id: int, *states: State) -> Poll:
        poll = await self.polls.decided(ctx, poll_id)
        require(poll.state in states, TOO_LATE)
        return poll

    @action(formerly=("polls.settings",))
    async def settings(self, ctx: Context, poll_id: int) -> None:
        """The author wants to set more than most need."""
        poll = await self._own(ctx, poll_id, State.DRAFT)
        passing = [f"{poll.quorum} votes" * bool(poll.quorum), f"{poll.threshold}%" * bool(poll.threshold)]
        known = {
            "most": str(poll.most or ""),
            "passing": ", ".join(filter(None, passing)),
            "repeats": often(poll.repeats).localized(ctx.translations).plain() if poll.repeats else "",
            "adding": "true" if poll.adding else "",
            "reminder": length_in_words(poll.remind_minutes, ctx.translations),
        }
        filled = {name: value for name, value in known.items() if value}
        await ctx.open(SettingsForm, calls.set_settings(poll_id), self, **filled)

    @action(formerly=("polls.set",))
    async def set(self, ctx: Submission[SettingsForm], poll_id: int) -> None:
        """Take down how the poll is to be asked."""
        poll = await self._own(ctx, poll_id, State.DRAFT)
        settled = await self.polls.store.settle(poll_id, **_read_settings(ctx, poll))
        if settled is None:
            raise UserError(TOO_LATE)
        await ctx.update(await self._preview(ctx, settled))

    @action(formerly=("polls.change",))
    async def change(self, ctx: Context, poll_id: int) -> None:
        """The author wants other words."""
        poll = await self._own(ctx, poll_id, State.DRAFT, State.OPEN)
        require(not await self.polls.ballots.turnout(poll_id), VOTED_ALREADY)
        view = await self.polls.view(poll)
        options = SCALE if view.rates_itself else "\n".join(option.label for option in view.options)
        await ctx.open(WordsForm, calls.reword(poll_id), self, question=poll.question, options=options)

    @action(formerly=("polls.reword",))
    async def reword(self, ctx: Submission[WordsForm], poll_id: int) -> None:
        """Put the author's other words in, unless somebody has voted."""
        await self.polls.lifecycle.lock(ctx, poll_id)
        poll = await self._own(ctx, poll_id, State.DRAFT, State.OPEN)
        options = _read(ctx.form.options, ctx.form.question, poll.kind)
        require(await self.polls.options.rewrite(poll_id, ctx.form.question, options), VOTED_ALREADY)
        if poll.state is State.DRAFT:
            await ctx.update(await self._preview(ctx, await self.polls.decided(ctx, poll_id)))
            return
        self.polls.lifecycle.touch(ctx, poll_id)
        await self.polls.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, "poll.reworded", subject=f"poll #{poll.number}"
        )
        await ctx.reply(changed_card())

    @action(formerly=("polls.drop",))
    async def drop(self, ctx: Context, poll_id: int) -> None:
        """The author does not want to ask after all."""
        await self._own(ctx, poll_id, State.DRAFT)
        require(await self.polls.store.drop(poll_id), TOO_LATE)
        await ctx.update(dropped_card())

    @action(formerly=("polls.post",))
    async def post(self, ctx: Context, poll_id: int) -> None:
        """Show the poll to everyone; once more where no channel took it, for that may be different now."""
        draft = await self._own(ctx, poll_id, State.DRAFT, State.OPEN)
        require(draft.state is State.OPEN or not draft.closes_at or draft.closes_at > ctx.now, IN_THE_PAST)
        if draft.state is State.DRAFT:
            await self._require_room(ctx)
        await self.polls.ballots.open(poll_id, ctx.now)
        await self.polls.lifecycle.retry(ctx, poll_id)
        await ctx.update_once(calls.posted(poll_id), after=(self.polls.lifecycle.kind, poll_id))

    @drawing
    async def posted(self, reading: Reading, poll_id: int) -> Card:
        """Tell the author that the poll is there, or will be, or cannot be."""
        poll = await self.polls.get(reading, poll_id)
        standing = await reading.standing(self.polls.lifecycle.kind, poll_id)
        if standing.find(CARD):
            return posted_card(poll, standing.link(CARD, reading.space))
        rows = [row for row in standing.rows if row.key == CARD]
        refused = rows and all(row.gone_at for row in rows)
        return refused_card(poll_id) if refused else later_card()

    @every("daily 04:25")
    async def purge(self, work: Work) -> None:
        """Forget drafts that nobody posted."""
        await self.polls.store.prune(work.community.id, work.now - DRAFTS_KEPT)

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.polls.lifecycle]

    async def export(self, member: Member) -> dict[str, Any]:
        asked = await self.polls.store.asked_by(member.id)
        return {"asked": [{"question": poll.question, "state": poll.state, "at": poll.created_at} for poll in asked]}

    async def erase(self, member: Member) -> None:
        await self.polls.store.forget(member.id)


def _read(typed: str, question: str, kind: Kind) -> tuple[str, ...]:
    """Read the options of a poll. Raises `FormError` for too few, too many or too long ones."""
    options = read_options(typed)
    if kind is Kind.RATING and is_scale(options):
        options = (clip(question, LONGEST_OPTION),)
    if len(options) < (1 if kind is Kind.RATING else 2):
        raise FormError(options=TOO_FEW_OPTIONS)
    if len(options) > MOST_OPTIONS:
        raise FormError(options=too_many_options(len(options)))
    if long := [option for option in options if len(option) > LONGEST_OPTION]:
        raise FormError(options=too_long(long[0]))
    return options


def _read_settings(ctx: Submission[SettingsForm], poll: Poll) -> dict[str, Any]:
    """Read how a draft is to be asked, by the names of its columns. Raises `FormError` with all that is wrong."""
    form, zone = ctx.form, ZoneInfo(ctx.community.timezone)
    problems: dict[str, Words] = {}
    quorum = threshold = minutes = None
    repeats = ""
    if form.most is not None and (form.most < 1 or poll.kind not in (Kind.MULTIPLE, Kind.RANKED)):
        problems["most"] = MOST_IS_FOR_SEVERAL
    try:
        quorum, threshold = read_passing(form.passing) if form.passing else (None, None)
    except ValueError:
        problems["passing"] = NO_CONDITION
    if threshold and poll.kind is Kind.RATING:
        problems["passing"] = NO_SHARE_OF_A_RATING
    try:
        recurs = form.repeats and not says_never(form.repeats, ctx.translations)
        repeats = read_repeats(form.repeats, ctx.now, zone, ctx.translations) if recurs else ""
    except ValueError:
        problems["repeats"] = NO_RECURRENCE
    try:
        minutes = _read_reminder(form.reminder, ctx.translations)
    except ValueError as wrong:
        problems["reminder"] = wrong.args[0]
    if minutes and not poll.closes_at:
        problems["reminder"] = NOTHING_TO_REMIND_OF
    elif minutes and poll.closes_at and poll.closes_at - timedelta(minutes=minutes) <= ctx.now:
        problems["reminder"] = REMINDER_IN_THE_PAST
    if repeats and poll.closes_at and Recurrence.read(repeats).after(ctx.now, zone) < poll.closes_at:
        problems["repeats"] = AGAIN_BEFORE_THE_END
    if form.adding and poll.kind is Kind.RATING:
        problems["adding"] = NO_ADDING_TO_A_RATING
    if problems:
        raise FormError(**problems)
    return {
        "most": form.most,
        "quorum": quorum,
        "threshold": threshold,
        "repeats": repeats,
        "adding": form.adding,
        "remind_minutes": minutes,
    }


def _read_reminder(typed: str, translations: Translations) -> int | None:
    """Read how many minutes before the end people are reminded; 0 for never. Raises `ValueError` with a sentence."""
    if not typed:
        return None
    if typed in ("0", "–", "-"):
        return 0
    return max(1, round(read_duration(typed, translations).total_seconds() / 60))


def too_many_options(number: int) -> Text:
    return say("At most {most} options, please; these are {number}.", most=MOST_OPTIONS, number=number)


def too_long(option: str) -> Text:
    return say(
        "An option has at most {longest} characters: “{option}” is too long.",
        longest=LONGEST_OPTION,
        option=clip(option, 40),
    )
