"""The poll's own card and its reminder, and how this room names and describes polls, options and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from adapters.contract.text import Strong, Text, Time, TimeStyle, Verbatim, Words, clip, count, join, listing, say
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from bot.delivery.addressing import mention
from bot.kernel.reasons import because
from storage.members import Member
from storage.polls import Kind, Poll, PollOption, State

from . import calls
from .counting import MARKS, Result
from .counting import count as count_ballots
from .policy import ON_BUTTONS, has_room, is_final, is_secret, most_choices

GONE = say("That poll is gone.")
CLOSED = say("This poll is closed. “/poll results” shows what came of it.")

BAR = 10
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXY"
FEW = 8
"""Up to so many options the rounds of a run-off name them by their words."""
_WORD = regex.compile(r"[\p{L}\p{N}]")


@dataclass(frozen=True, slots=True)
class View:
    """A poll with what its cards show of it. `result` is counted from the ballots as they are."""

    poll: Poll
    options: Sequence[PollOption]
    result: Result
    author: Member | None = None

    @classmethod
    def blank(cls, poll: Poll, options: Sequence[PollOption]) -> View:
        """Return a view for cards that show no tally."""
        return cls(poll, options, count_ballots(poll.kind, len(options), {}))

    def label(self, position: int) -> Words:
        """Return the words of an option, as its author wrote them."""
        return Strong(self.options[position].label)

    def labels(self, positions: Sequence[int]) -> Text:
        return listing([self.label(position) for position in positions])

    def percent(self, share: float) -> str:
        """Return a share in percent: whole, but never so that it seems to be enough when it is not."""
        whole = f"{share:.0%}"
        needed = self.poll.threshold or 0
        return whole if not share * 100 < needed <= float(whole[:-1]) else f"{int(share * 1000) / 10:g}%"

    @property
    def rates_itself(self) -> bool:
        """Whether the question is what is rated, rather than options beneath it."""
        return self.poll.kind is Kind.RATING and len(self.options) == 1

    @property
    def is_lettered(self) -> bool:
        """Whether a result needs letters to tell options by: rounds with many of them, or words no picture can draw."""
        many = bool(self.result.rounds) and len(self.options) > FEW
        return many or not all(_WORD.search(option.label) for option in self.options)


def name_of(poll: Poll) -> Words:
    """Return what members call a poll."""
    return Strong(f"#{poll.number}") if poll.number else say("your poll")


def footer_of(poll: Poll) -> Text:
    """Say at the foot of a card what it is."""
    return say("Poll #{n}", n=poll.number) if poll.number else Text()


def how(view: View) -> Text:
    """Say how to vote."""
    match view.poll.kind:
        case Kind.SINGLE:
            return say("Choose one")
        case Kind.MULTIPLE:
            most = most_choices(view.poll, len(view.options))
            if most == len(view.options):
                return say("Choose as many as you like")
            return count(most, "Choose one", "Choose up to {n}")
        case Kind.RANKED:
            return say("Put them in order, the best first")
    return say("Give 1 to 5, 5 is best")


def who_sees(poll: Poll) -> Text:
    """Say who can see what."""
    if poll.anonymous:
        if poll.state is State.CLOSED:
            return say("Anonymous: it isn't kept who chose what. Everyone can see the totals.")
        return say(
            "Anonymous: nobody here can see who chose what, not even the author. When it closes, the key to the "
            "ballots is destroyed, and everyone can see the totals."
        )
    if is_secret(poll):
        return say(
            "Nobody sees totals until it closes, not even the author. Then everyone can see them, and who chose what."
        )
    return say("Everyone can see the totals, and who chose what.")


def conditions(poll: Poll) -> Text | None:
    """Say what has to be so that the poll passes: `counting.judge` decides by just that."""
    parts: list[Words] = []
    if poll.quorum:
        parts.append(count(poll.quorum, "at least one person votes", "at least {n} people vote"))
    if poll.threshold:
        parts.append(say("the first option gets {share}%", share=poll.threshold))
    return listing(parts) if parts else None


def facts_of(view: View) -> tuple[CardField, ...]:
    """Return what has to be known before voting."""
    poll = view.poll
    fields = [CardField("How", how(view))]
    if poll.state is State.CLOSED:
        closed: Words = Time(poll.closed_at, TimeStyle.RELATIVE) if poll.closed_at else say("Yes")
        fields.append(CardField("Closed", join([closed, because(poll.closed_because)])))
    else:
        by_hand = say("When it's asked again") if poll.repeats else say("When the author closes it")
        if is_final(poll) and not poll.repeats:
            by_hand = say("When the author closes it, for good")
        if view.author and view.author.left_at and not poll.repeats:
            by_hand = say("When a moderator closes it: its author left")
        fields.append(CardField("Closes", Time(poll.closes_at) if poll.closes_at else by_hand))
    fields.append(CardField("Voted so far" if poll.state is not State.CLOSED else "Voted", str(view.result.voters)))
    if needed := conditions(poll):
        fields.append(CardField("Passes if", needed))
    if view.author:
        fields.append(CardField("Asked by", mention(view.author)))
    fields.append(CardField("Who can see what", who_sees(poll)))
    return tuple(fields)


def bar(view: View, position: int) -> str:
    """Draw how far an option got as ten blocks: its share, or how near it comes to the best mark."""
    result = view.result
    share = result.mean(position) / MARKS if result.kind is Kind.RATING else result.share(position)
    filled = round(share * BAR)
    return "█" * filled + "░" * (BAR - filled)


def score(view: View, position: int) -> Words:
    """Say in figures how far an option got."""
    result, given = view.result, view.result.counts[position]
    if result.kind is not Kind.RATING:
        share = view.percent(result.share(position))
        return count(given, "{share} · {n} vote", "{share} · {n} votes", share=share)
    if not given:
        return say("not rated")
    return count(given, "{mean} · {n} rating", "{mean} · {n} ratings", mean=f"{result.mean(position):.1f}")


def standing(view: View, positions: Sequence[int], *, lettered: bool = False) -> list[Text]:
    """Draw how far each option got, each in a line: a bar, its words, and the figures."""
    first = view.result.first

    def line(position: int) -> Text:
        is_winner = len(first) == 1 and position in first and view.poll.state is State.CLOSED
        letter = f"{LETTERS[position]} · " if lettered else ""
        words = join(["🏆 " if is_winner else "", letter, view.label(position)], "")
        return join([bar(view, position), " ", words, " · ", score(view, position)], "")

    return [*map(line, positions)]


def poll_card(view: View) -> Card:
    """Show a poll to everyone: to vote while it is open, and afterwards how it went."""
    poll = view.poll
    is_open = poll.state is not State.CLOSED
    places = range(len(view.options))
    if view.rates_itself:
        body = Text() if is_secret(poll) else join([bar(view, 0), score(view, 0)], " ")
    elif is_secret(poll) or (is_open and not view.result.voters):
        body = join(say("{mark} {option}", mark="•", option=view.label(place)) for place in places)
    elif poll.kind is Kind.RANKED and is_open:
        body = join([*standing(view, places), say("Shown is the last round so far of the instant run-off.")])
    else:
        body = join(standing(view, places))
    buttons: list[AnyButton] = []
    menu: Menu | None = None
    if is_open:
        buttons, menu = _controls(view)
        if poll.adding and has_room(len(view.options)) and poll.kind is not Kind.RATING:
            buttons.append(Button("Add an option", calls.suggest(poll.id)))
    return Card(
        poll.question,
        body,
        fields=facts_of(view),
        footer=footer_of(poll),
        tone=Tone.ACTIVE if is_open else Tone.DONE,
        buttons=tuple(buttons),
        menu=menu,
        emoji="📊",
    )


def _controls(view: View) -> tuple[list[AnyButton], Menu | None]:
    id_ = view.poll.id
    match view.poll.kind:
        case Kind.SINGLE if len(view.options) <= ON_BUTTONS:
            options = view.options
            return [Button(Verbatim(option.label), calls.choose(id_, option.position)) for option in options], None
        case Kind.SINGLE:
            return [], Menu("Your choice", calls.pick(id_), menu_options(view.options))
        case Kind.MULTIPLE:
            most = most_choices(view.poll, len(view.options))
            return [], Menu("Your choices", calls.pick(id_), menu_options(view.options), most=most)
        case Kind.RANKED:
            return [Button("Rank them", calls.begin(id_), Style.PRIMARY)], None
    if view.rates_itself:
        return [Button(Verbatim(f"{mark} ★"), calls.rate(id_, str(mark))) for mark in range(1, MARKS + 1)], None
    return [Button("Rate them", calls.begin(id_), Style.PRIMARY)], None


def menu_options(options: Sequence[PollOption]) -> tuple[Option, ...]:
    """Return options as a menu shows them."""
    return tuple(Option(Verbatim(option.label), str(option.position)) for option in options)


def reminder_card(view: View, link: str | None) -> Card:
    """Remind everyone that a poll closes soon."""
    poll = view.poll
    assert poll.closes_at
    voted = count(view.result.voters, "{n} person has voted.", "{n} people have voted.")
    closes = say("It closes on {when}.", when=Time(poll.closes_at))
    return Card(
        poll.question,
        join([closes, voted], " "),
        footer=footer_of(poll),
        tone=Tone.WAITING,
        buttons=(LinkButton("To the poll", link),) if link else (),
    )


def unseen_card(view: View) -> Card:
    """Tell the author that nobody could vote."""
    words = say(
        "Your poll #{number}, “{question}”, closed before I could post it: I wasn't let into its channel.",
        number=view.poll.number or 0,
        question=clip(view.poll.question, 100),
    )
    return Card(body=words, tone=Tone.WAITING)
