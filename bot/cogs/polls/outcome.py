"""What came of a poll: in words, as a chart and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.files import File
from adapters.contract.text import Strong, Text, Time, Words, clip, count, join, listing, say
from adapters.contract.ui import Card, CardField, Menu, Tone
from bot.kernel.reasons import because
from storage.polls import Kind, State

from . import tables
from .cards import FEW, LETTERS, View, conditions, footer_of, standing, who_sees
from .chart import result_chart
from .counting import Round, Verdict, judge

SHORT = 24
"""With so many characters a round names an option."""
LONGEST_STANDING = 2000
"""In characters. Where many options have long words, the table has the last of them."""
NAMED = 20
"""So many people are named for each option; the table has all."""


def result_card(
    view: View, files: tuple[File, ...] = (), names: Mapping[int, Sequence[str]] = {}, menu: Menu | None = None
) -> Card:
    """Say what came of a poll, with a chart of it and `files`; `names` are those who chose each option."""
    poll = view.poll
    parts: list[Words] = [outcome(view), because(poll.closed_because), _standing(view)]
    if view.result.rounds:
        parts.append(rounds(view))
    if names:
        parts.append(by_option(view, names))
    fields = [CardField("Voted", str(view.result.voters))]
    if poll.reopens_until:  # true before and after, so that nothing is drawn again for it
        fields.append(CardField("Final from", Time(poll.reopens_until)))
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
        chart=result_chart(f"poll-{poll.number}", view.result, _labels_in_chart(view), words_of_chart(view)),
    )


def reopened_result_card() -> Card:
    """Stand where the result stood of a poll that was reopened."""
    return Card(body=say("This poll was reopened, so this result doesn't count. The next one comes when it closes."))


def totals(view: View) -> File:
    """Return what each option got, as a table."""
    labels = [option.label for option in view.options]
    return File(f"poll-{view.poll.number}.csv", tables.totals(view.result, labels))


def _labels_in_chart(view: View) -> list[str]:
    letters = LETTERS if view.is_lettered else ""
    return [f"{letters[option.position : option.position + 1]} {option.label}".strip() for option in view.options]


def _standing(view: View) -> Text:
    """Draw how far each option got, the best first: as many as there is room for."""
    entries = standing(view, view.result.order, lettered=view.is_lettered)
    kept: list[Text] = []
    while entries and sum(map(len, kept)) + len(entries[0]) <= LONGEST_STANDING:
        kept.append(entries.pop(0))
    more = count(len(entries), "and {n} more option", "and {n} more options") if entries else Text()
    return join([*kept, more])


def outcome(view: View) -> Text:
    """Say in a sentence what was decided, and whether it passed."""
    return join([_verdict(view), _leader(view)], " ")


def _verdict(view: View) -> Text:
    poll = view.poll
    if poll.state is not State.CLOSED:
        return Text()
    match judge(view.result, poll.quorum, poll.threshold):
        case Verdict.PASSED:
            return say("✅ Passed.")
        case Verdict.ENOUGH_VOTES:
            return say("✅ Passed: enough people voted.")
        case Verdict.TOO_FEW_VOTES:
            return say("❌ Not passed: too few voted.")
        case Verdict.TOO_SMALL_A_SHARE:
            share = poll.threshold or 0
            return say("❌ Not passed: {option} didn't get {share}%.", option=view.label(0), share=share)
        case Verdict.TIED:
            return say("❌ Not passed: it's a tie.")
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
        return say("A tie between {options}.", options=view.labels(first)) if ended else say("It's a tie so far.")
    share = view.percent(result.share(first[0]))
    if view.poll.kind is Kind.RANKED:
        if ended:
            return say("{option} wins with {share} of the last round.", option=view.label(first[0]), share=share)
        return say("{option} would win with {share} of the last round.", option=view.label(first[0]), share=share)
    if ended:
        return say("{option} has most votes, {share}.", option=view.label(first[0]), share=share)
    return say("{option} leads with {share}.", option=view.label(first[0]), share=share)


def rounds(view: View) -> Text:
    """Show every round of a run-off. Where there are many options they go by their letters: their words stand above."""
    few = len(view.options) <= FEW
    names = [clip(option.label, SHORT) if few else LETTERS[option.position] for option in view.options]
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
        leaving = listing([names[place] for place in round_.out])
        parts.append(count(len(round_.out), "{options} leaves", "{options} leave", options=leaving))
    return join(parts, " · ")


def by_option(view: View, names: Mapping[int, Sequence[str]]) -> Text:
    """Say who chose what, one option in a line."""

    def line(position: int) -> Text:
        some = ", ".join(names[position][:NAMED])
        more = len(names[position]) - NAMED
        if more > 0:
            return say("{option}: {names} and {more} more", option=view.label(position), names=some, more=more)
        return say("{option}: {names}", option=view.label(position), names=some)

    return join(line(position) for position in range(len(view.options)) if names.get(position))


def words_of_chart(view: View) -> Text:
    """Return what the chart of the result shows, in a line that can be read aloud."""
    result, options = view.result, view.options
    if result.kind is Kind.RATING:
        bars = [f"{options[place].label} {result.mean(place):.1f}" for place in result.order]
    else:
        bars = [
            f"{options[place].label} {result.counts[place]} ({view.percent(result.share(place))})"
            for place in result.order
        ]
    if result.rounds:
        return say("Bars of every round. In its last round each had: {bars}.", bars=", ".join(bars))
    return say("Bars, the longest first: {bars}.", bars=", ".join(bars))
