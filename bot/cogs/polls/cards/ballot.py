"""The poll as everyone sees it, and what a voter alone sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.contract.call import Call
from adapters.contract.text import Link, Strong, Text, Time, Verbatim, clip, count, join, say
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from bot.kernel.page import PagePart
from storage.polls import Choices, Kind, Poll, PollOption, State

from ..counting import MARKS
from ..rules import ON_BUTTONS, has_room, is_secret, most_choices
from .base import View, facts, footer_of, score, standing

ToCall = Callable[[int], Call]


def poll_card(view: View, *, choose: ToCall, pick: Call, begin: Call, rate: ToCall, suggest: Call) -> Card:
    """Show a poll to everyone: to vote while it is open, and afterwards how it went."""
    poll = view.poll
    is_open = poll.state is not State.CLOSED
    places = range(len(view.options))
    if view.rates_itself:
        body = Text() if is_secret(poll) else join([score(view, 0)])
    elif is_secret(poll) or (is_open and not view.result.voters):
        body = join(say("{mark} {option}", mark="•", option=view.label(place)) for place in places)
    elif poll.kind is Kind.RANKED and is_open:
        body = join([standing(view, places), say("Shown is the last round so far of the instant run-off.")])
    else:
        body = standing(view, places)
    buttons: list[AnyButton] = []
    menu: Menu | None = None
    if is_open:
        buttons, menu = _controls(view, choose, pick, begin, rate)
        if poll.adding and has_room(len(view.options)) and poll.kind is not Kind.RATING:
            buttons.append(Button("Add an option", suggest))
    return Card(
        poll.question,
        body,
        fields=facts(view),
        footer=footer_of(poll),
        tone=Tone.ACTIVE if is_open else Tone.DONE,
        buttons=tuple(buttons),
        menu=menu,
    )


def _controls(view: View, choose: ToCall, pick: Call, begin: Call, rate: ToCall) -> tuple[list[AnyButton], Menu | None]:
    match view.poll.kind:
        case Kind.SINGLE if len(view.options) <= ON_BUTTONS:
            return [Button(Verbatim(option.label), choose(option.position)) for option in view.options], None
        case Kind.SINGLE:
            return [], Menu("Your choice", pick, _menu_options(view.options))
        case Kind.MULTIPLE:
            most = most_choices(view.poll, len(view.options))
            return [], Menu("Your choices", pick, _menu_options(view.options), most=most)
        case Kind.RANKED:
            return [Button("Rank them", begin, Style.PRIMARY)], None
    if view.rates_itself:
        return [Button(Verbatim(f"{mark} ★"), rate(mark)) for mark in range(1, MARKS + 1)], None
    return [Button("Rate them", begin, Style.PRIMARY)], None


def _menu_options(options: Sequence[PollOption]) -> tuple[Option, ...]:
    return tuple(Option(Verbatim(option.label), str(option.position)) for option in options)


def ranking_card(view: View, so_far: Choices, *, next_: Call, back: Call, done: Call) -> Card:
    """Ask for the next place of a voter's ranking."""
    lines = [say("{place}. {option}", place=place, option=view.label(one)) for place, one in enumerate(so_far, 1)]
    place = len(so_far) + 1
    asked = say("Who comes first?") if not so_far else say("Who comes on place {place}?", place=place)
    buttons = (Button("That is my ranking", done, Style.PRIMARY), Button("One step back", back)) if so_far else ()
    left = [option for option in view.options if option.position not in so_far]
    return Card(
        view.poll.question,
        join([*lines, asked]),
        footer=say("Nothing is counted yet. You need not rank them all."),
        tone=Tone.WAITING,
        buttons=buttons,
        menu=Menu("The next best", next_, _menu_options(left)),
    )


def rating_card(view: View, marks: Choices, *, give: ToCall, back: Call) -> Card:
    """Ask for the next mark of a voter's ratings."""
    position = len(marks)
    lines = [
        say("{option}: {mark}", option=view.label(place), mark=f"{mark} ★" if mark else "–")
        for place, mark in enumerate(marks)
    ]
    buttons = [Button(Verbatim(f"{mark} ★"), give(mark)) for mark in range(1, MARKS + 1)]
    buttons.append(Button("No opinion", give(0)))
    if marks:
        buttons.append(Button("One step back", back))
    return Card(
        view.poll.question,
        join([*lines, say("How is {option}?", option=view.label(position))]),
        footer=say("{n} of {all}. Nothing is counted before the last one.", n=position + 1, all=len(view.options)),
        tone=Tone.WAITING,
        buttons=tuple(buttons),
    )


def voted_card(view: View, choices: Choices, take_back: Call) -> Card:
    """Tell a voter what is counted for them."""
    lines = [chosen(view, choices)]
    if view.poll.anonymous:
        lines.append(say("Nobody can see that it is yours. You can change it until the poll closes."))
    else:
        lines.append(say("You can change it until the poll closes."))
    return Card(body=join(lines), tone=Tone.DONE, buttons=(Button("Take my vote back", take_back),))


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


def taken_back_card(was_there: bool) -> Card:
    if was_there:
        return Card(body=say("Your vote is taken back. You can vote again until the poll closes."))
    return Card(body=say("You have no vote in this poll."))


def added_card(label: str) -> Card:
    return Card(body=say("{option} can be chosen now.", option=Strong(label)), tone=Tone.DONE)


def page_part(waiting: Sequence[tuple[Poll, str | None]]) -> PagePart:
    """Name polls on the personal page that wait for someone's vote."""
    named = [Link(clip(poll.question, 60), link) if link else Strong(clip(poll.question, 60)) for poll, link in waiting]
    return PagePart(order=40, field=CardField("Waiting for your vote", join(named)))


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
