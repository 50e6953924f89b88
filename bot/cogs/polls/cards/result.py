"""What came of a poll, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.call import Call
from adapters.contract.text import Strong, Text, Verbatim, Words, clip, count, join, listing, say
from adapters.contract.ui import Card, CardField, File, Menu, Option, Tone
from storage.polls import Kind, PollOption, State

from ..counting import Round, Verdict, judge
from .base import View, by_option, conditions, footer_of, name_of, percent, standing, who_sees

FEW, SHORT = 8, 24
"""Up to so many options a round names them, each with so many characters."""
LONGEST_STANDING = 2000
"""In characters. Whoever has many options and many rounds reads the rest in the file."""


def added_menu(added: Sequence[PollOption], remove: Call) -> Menu:
    """Offer to take out what members added."""
    return Menu("Take an option out", remove, tuple(Option(Verbatim(one.label), str(one.position)) for one in added))


def removed_card(label: str) -> Card:
    return Card(body=say("The words “{option}” are out. Votes for it stay counted.", option=label), tone=Tone.DONE)


def result_card(
    view: View, files: tuple[File, ...] = (), names: Mapping[int, Sequence[str]] = {}, menu: Menu | None = None
) -> Card:
    """Say what came of a poll; `names` are those who chose each option, where that may be seen."""
    poll = view.poll
    parts: list[Words] = [outcome(view), standing(view, view.result.order, numbered=True).clip(LONGEST_STANDING)]
    if view.result.rounds:
        parts.append(rounds(view))
    if names:
        parts.append(by_option(view, names))
    fields = [CardField("Voted", str(view.result.voters))]
    if needed := conditions(poll):
        fields.append(CardField("Passes if", needed))
    fields.append(CardField("Who can see what", who_sees(poll)))
    return Card(
        poll.question,
        join(parts, "\n\n"),
        fields=tuple(fields),
        footer=footer_of(poll),
        tone=Tone.DONE if poll.state is State.CLOSED else Tone.ACTIVE,
        menu=menu,
        files=files,
    )


def outcome(view: View) -> Text:
    """Say in a sentence what was decided, and whether it passed."""
    return join([_verdict(view), _leader(view)], " ")


def _verdict(view: View) -> Text:
    if view.poll.state is not State.CLOSED:
        return Text()
    match judge(view.result, view.poll.quorum, view.poll.threshold):
        case Verdict.PASSED:
            return say("✅ Passed.")
        case Verdict.TOO_FEW_VOTES:
            return say("❌ Not passed: too few voted.")
        case Verdict.TOO_SMALL_A_SHARE:
            return say("❌ Not passed: no option got enough of the votes.")
        case Verdict.TIED:
            return say("❌ Not passed: it is a tie.")
    return Text()


def _leader(view: View) -> Text:
    result, first = view.result, view.result.first
    ended = view.poll.state is State.CLOSED
    if not first:
        return say("Nobody voted.") if ended else say("Nobody has voted yet.")
    if view.poll.kind is Kind.RATING:
        if view.rates_itself:
            return say("{mean} of 5 on average.", mean=Strong(f"{result.mean(0):.1f}"))
        return say(
            "{options}: {mean} of 5 on average.", options=view.labels(first), mean=f"{result.mean(first[0]):.1f}"
        )
    if len(first) > 1:
        return say("A tie between {options}.", options=view.labels(first)) if ended else say("It is a tie so far.")
    share = percent(result.share(first[0]))
    if view.poll.kind is Kind.RANKED:
        if ended:
            return say("{option} wins with {share} of the last round.", option=view.label(first[0]), share=share)
        return say("{option} would win with {share} of the last round.", option=view.label(first[0]), share=share)
    if ended:
        return say("{option} has most votes, {share}.", option=view.label(first[0]), share=share)
    return say("{option} leads with {share}.", option=view.label(first[0]), share=share)


def rounds(view: View) -> Text:
    """Show every round of a run-off. Where there are many options they go by their numbers: their words stand above."""
    few = len(view.options) <= FEW
    names = [clip(option.label, SHORT) if few else f"#{option.position + 1}:" for option in view.options]
    lines = (_round(number, round_, names) for number, round_ in enumerate(view.result.rounds, 1))
    return join([say("The rounds:"), *lines])


def _round(number: int, round_: Round, names: Sequence[str]) -> Text:
    ranked = sorted(round_.counts.items(), key=lambda entry: (-entry[1], entry[0]))
    parts: list[Words] = [
        say("{n}) {counts}", n=number, counts=", ".join(f"{names[place]} {votes}" for place, votes in ranked))
    ]
    if round_.exhausted:
        parts.append(count(round_.exhausted, "{n} ballot exhausted", "{n} ballots exhausted"))
    if round_.out:
        leaving = listing([names[place].rstrip(":") for place in round_.out])
        parts.append(count(len(round_.out), "{options} leaves", "{options} leave", options=leaving))
    return join(parts, " · ")


def secret_card(view: View, menu: Menu | None = None) -> Card:
    """Say to anyone, the author included, that there is nothing to see before the end."""
    voted = count(view.result.voters, "{n} person has voted.", "{n} people have voted.")
    return Card(
        say("Poll {name}", name=name_of(view.poll)),
        join([voted, who_sees(view.poll)], " "),
        tone=Tone.WAITING,
        menu=menu,
    )


def words_of_picture(view: View) -> Text:
    """Return what the picture of the result shows, in a line that can be read aloud."""
    result, options = view.result, view.options
    if result.kind is Kind.RATING:
        bars = [f"{options[place].label} {result.mean(place):.1f}" for place in result.order]
    else:
        bars = [
            f"{options[place].label} {result.counts[place]} ({percent(result.share(place))})" for place in result.order
        ]
    if result.rounds:
        return say("Bars of every round. In its last round each had: {bars}.", bars=", ".join(bars))
    return say("Bars, the longest first: {bars}.", bars=", ".join(bars))
