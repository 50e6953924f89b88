"""What all cards of this room share: how a poll is described, and how numbers are drawn as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.contract.text import Strong, Text, Time, TimeStyle, Words, count, join, listing, say
from adapters.contract.ui import CardField
from bot.delivery.chat import mention
from storage.members import Member
from storage.polls import Kind, Poll, PollOption, State

from ..counting import Result
from ..counting import count as count_ballots
from ..rules import is_secret, most_choices

BAR = 10


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

    @property
    def rates_itself(self) -> bool:
        """Whether the question is what is rated, rather than options beneath it."""
        return self.poll.kind is Kind.RATING and len(self.options) == 1


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
            return say("Anonymous: it is not kept who chose what. Everyone can see the totals.")
        return say(
            "Anonymous: nobody here can see who chose what, not even the author. Totals are shown to everyone when it "
            "closes."
        )
    if is_secret(poll):
        return say(
            "Nobody sees totals until it closes, not even the author. Then everyone can see them, and who chose what."
        )
    return say("Everyone can see the totals, and who chose what.")


def conditions(poll: Poll) -> Text | None:
    """Say what has to be so that the poll counts."""
    parts: list[Words] = []
    if poll.quorum:
        parts.append(count(poll.quorum, "at least one person votes", "at least {n} people vote"))
    if poll.threshold:
        parts.append(say("the first option gets {share}%", share=poll.threshold))
    return listing(parts) if parts else None


def facts(view: View) -> tuple[CardField, ...]:
    """Return what has to be known before voting."""
    poll = view.poll
    fields = [CardField("How", how(view))]
    if poll.state is State.CLOSED:
        fields.append(CardField("Closed", Time(poll.closed_at, TimeStyle.RELATIVE) if poll.closed_at else say("Yes")))
    else:
        by_hand = say("When it is asked again") if poll.repeats else say("When the author closes it")
        fields.append(CardField("Closes", Time(poll.closes_at) if poll.closes_at else by_hand))
    fields.append(CardField("Voted so far" if poll.state is not State.CLOSED else "Voted", str(view.result.voters)))
    if needed := conditions(poll):
        fields.append(CardField("Passes if", needed))
    if view.author:
        fields.append(CardField("Asked by", mention(view.author)))
    fields.append(CardField("Who can see what", who_sees(poll)))
    return tuple(fields)


def bar(share: float) -> str:
    """Draw a share as a bar of ten blocks."""
    filled = round(share * BAR)
    return "█" * filled + "░" * (BAR - filled)


def percent(share: float) -> str:
    return f"{share:.0%}"


def score(view: View, position: int) -> Words:
    """Say in one line how far an option got."""
    result = view.result
    if result.kind is Kind.RATING:
        mean, given = result.mean(position), result.counts[position]
        if not given:
            return say("{bar} not rated", bar=bar(0))
        return count(
            given, "{bar} {mean} · {n} rating", "{bar} {mean} · {n} ratings", bar=bar(mean / 5), mean=f"{mean:.1f}"
        )
    share = result.share(position)
    return count(
        result.counts[position],
        "{bar} {share} · {n} vote",
        "{bar} {share} · {n} votes",
        bar=bar(share),
        share=percent(share),
    )


def standing(view: View, order: Sequence[int], *, numbered: bool = False) -> Text:
    """Draw how far each option got, one under the other."""
    first = view.result.first

    def line(position: int) -> Text:
        mark = "🏆 " if len(first) == 1 and position in first and view.poll.state is State.CLOSED else ""
        number = f"{position + 1}. " if numbered else ""
        return join([join([f"{mark}{number}", view.label(position)], ""), score(view, position)])

    return join(map(line, order))


def by_option(view: View, names: Mapping[int, Sequence[str]]) -> Text:
    """Say who chose what, one option in a line."""
    return join(
        say("{option}: {names}", option=view.label(position), names=", ".join(names[position]))
        for position in range(len(view.options))
        if names.get(position)
    )
