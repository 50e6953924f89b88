"""Cards of an onboarding flow: the welcome, each step, the checklist, and the word that brings a step to mind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.models import Channel
from adapters.contract.text import (
    ChannelLink,
    Strong,
    Text,
    Verbatim,
    Words,
    count,
    join,
    listing,
    say,
    strong,
    written,
)
from adapters.contract.ui import PINGS, AnyButton, Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from bot.delivery.addressing import mention
from storage.members import Member

from .. import calls
from ..policy import Guidelines, Kind, Mark, OnboardingFlow, Policy
from ..whereabouts import CITIES
from .base import pings

TITLES: Mapping[Kind, Text] = {
    Kind.WELCOME: say("Welcome"),
    Kind.PURPOSE: say("What brings you here"),
    Kind.GUIDELINES: say("The guidelines"),
    Kind.INTERESTS: say("Your interests"),
    Kind.ZONE: say("Where you are"),
    Kind.INTRODUCE: say("Introduce yourself"),
    Kind.BUDDY: say("Meet a buddy"),
    Kind.QUESTION: say("A first question"),
}

TEXTS: Mapping[Kind, Text] = {
    Kind.WELCOME: say("Two minutes, a few small steps, and you know your way around. Only you see them."),
    Kind.PURPOSE: say("So that I show you what you came for, and not everything else."),
    Kind.INTERESTS: say("Choose as many as you like: others with the same ones will find you, and you them."),
    Kind.ZONE: say("Then times are shown in yours, and nobody is asked to help in the middle of their night."),
    Kind.INTRODUCE: say("A sentence or two are enough. People here like to say hello."),
    Kind.BUDDY: say("Someone who has been here for a while and has offered to show you around."),
    Kind.QUESTION: say("Ask something, or answer what somebody else would like to know. No question is too small."),
}

GLYPHS = {Mark.DONE: "✅", Mark.SKIPPED: "⏭️", Mark.NEXT: "➡️", Mark.OPEN: "▫️"}


@dataclass(frozen=True, slots=True)
class StepView:
    """What the card of a step tells beside the step: how far one is, and what there is to choose from."""

    policy: Policy
    flow: OnboardingFlow
    marks: Mapping[Kind, Mark]
    chosen: Sequence[str] = ()
    help_channel: tuple[Channel, str] | None = None
    now: datetime | None = None


def welcome_card(newcomers: Sequence[Member]) -> Card:
    """Welcome all who came lately, in one card, however many they are."""
    named = newcomers[:PINGS]
    people: list[Words] = [mention(member) for member in named]
    if more := len(newcomers) - len(named):
        people.append(count(more, "one more", "{n} more"))
    return Card(
        body=join(
            [
                say("🌱 Welcome, {who}! Good to have you with us.", who=listing(people)),
                say("Press “Start” and I show you around. It takes two minutes, and only you see it."),
            ]
        ),
        buttons=(Button("Start", calls.start(), Style.PRIMARY),),
        pings=pings(*named)[:PINGS],
    )


def welcomed_card() -> Card:
    """Stand where people were welcomed who are gone for good."""
    return Card(body=say("Someone was welcomed here."))


def step_card(kind: Kind, view: StepView) -> Card:
    """Show one step, with what it takes."""
    buttons, menu = _controls(kind, view)
    number = list(view.marks).index(kind) + 1 if kind in view.marks else 0
    footer = say(
        "{bar} Step {number} of {total}. “/me” brings you back here.",
        bar=bar(view.marks),
        number=number,
        total=len(view.marks),
    )
    return Card(TITLES[kind], body_of(kind, view), footer=footer if number else "", buttons=buttons, menu=menu)


def body_of(kind: Kind, view: StepView) -> Text:
    """Return what a step says: the community's own words where it has some."""
    own = view.flow.texts.get(kind, "")
    parts: list[Words] = [own or TEXTS.get(kind, "")]
    if kind is Kind.GUIDELINES and view.policy.guidelines:
        parts.append(written(view.policy.guidelines.text))
    if kind is Kind.QUESTION and view.help_channel:
        channel, name = view.help_channel
        parts.append(say("Write it in {channel}, or use “/ask”.", channel=ChannelLink(channel, name)))
    elif kind is Kind.QUESTION:
        parts.append(say("“/ask” brings it to the people who know."))
    if kind is Kind.INTERESTS and view.chosen:
        parts.append(say("Now: {interests}.", interests=join([Strong(name) for name in view.chosen], ", ")))
    return join(parts, "\n\n")


def _controls(kind: Kind, view: StepView) -> tuple[tuple[AnyButton, ...], Menu | None]:
    skip = (Button("Skip", calls.skip(kind)),)
    policy = view.policy
    match kind:
        case Kind.WELCOME:
            return (Button("Start", calls.start(), Style.PRIMARY),), None
        case Kind.PURPOSE:
            options = tuple(Option(Verbatim(purpose.name), str(n)) for n, purpose in enumerate(policy.purposes))
            return skip, Menu("What brings you here?", calls.purpose(), options)
        case Kind.GUIDELINES if policy.guidelines:
            return _guidelines_buttons(policy.guidelines) + skip, None
        case Kind.INTERESTS:
            options = tuple(Option(Verbatim(interest.name), str(n)) for n, interest in enumerate(policy.interests))
            return skip, Menu("What do you like?", calls.interests(), options, most=len(options))
        case Kind.ZONE:
            other = Button("Somewhere else", calls.other_zone())
            return (other, *skip), Menu("Where are you?", calls.zone(), _places(view.now)) if view.now else None
        case Kind.INTRODUCE:
            return (Button("Introduce myself", calls.introduce(), Style.PRIMARY), *skip), None
        case Kind.BUDDY:
            return (Button("Find me a buddy", calls.buddy(), Style.PRIMARY), *skip), None
    return skip, None


def _guidelines_buttons(guidelines: Guidelines) -> tuple[AnyButton, ...]:
    agree = Button("I agree", calls.agree(guidelines.version), Style.PRIMARY)
    return (agree, LinkButton("Read all of it", guidelines.link)) if guidelines.link else (agree,)


def _places(now: datetime) -> tuple[Option, ...]:
    """Return well-known places with the time it is there: that is how people find theirs."""
    return tuple(
        Option(Verbatim(f"{city.rpartition('/')[2].replace('_', ' ')} · {now.astimezone(ZoneInfo(city)):%H:%M}"), city)
        for city in CITIES
    )


def bar(marks: Mapping[Kind, Mark]) -> str:
    """Return how far one is, at a glance."""
    return "".join("○" if mark in (Mark.NEXT, Mark.OPEN) else "●" for mark in marks.values())


def checklist(marks: Mapping[Kind, Mark]) -> Text:
    """Return what is done and what is next, a line for each step."""
    return join(join([GLYPHS[mark], TITLES[kind]], " ") for kind, mark in marks.items())


def checklist_field(marks: Mapping[Kind, Mark]) -> CardField:
    """Return the checklist for the personal page."""
    return CardField("Your first steps", checklist(marks))


def finished_card(view: StepView) -> Card:
    """Say that nothing is left to do; what was skipped can still be done."""
    skipped = [kind for kind, mark in view.marks.items() if mark is Mark.SKIPPED]
    body = say("That was all. You know your way around now: enjoy!")
    if skipped:
        body = say("That was all. What you skipped waits here, should you feel like it.")
    return Card(
        say("You've arrived 🎉"),
        join([body, checklist(view.marks)], "\n\n"),
        tone=Tone.DONE,
        buttons=tuple(_later(kind) for kind in skipped),
    )


def _later(kind: Kind) -> Button:
    call = calls.show(kind)
    match kind:
        case Kind.PURPOSE:
            return Button("Say what brings you here", call)
        case Kind.GUIDELINES:
            return Button("Read the guidelines", call)
        case Kind.INTERESTS:
            return Button("Choose interests", call)
        case Kind.ZONE:
            return Button("Say where you are", call)
        case Kind.INTRODUCE:
            return Button("Introduce myself", call)
        case Kind.BUDDY:
            return Button("Meet a buddy", call)
    return Button("A first question", call)


def nudge_card(kind: Kind, view: StepView) -> Card:
    """Bring one step to mind: to one person directly, or to several in a channel. A sentence, as it calls them."""
    what = strong("A next step, whenever you like: {step}", step=TITLES[kind])
    button = Button("Show me", calls.show(kind), Style.PRIMARY)
    if kind is Kind.WELCOME:
        what, button = strong("Your first steps are waiting"), Button("Start", calls.start(), Style.PRIMARY)
    own = view.flow.texts.get(kind, "")
    text = own or TEXTS.get(kind, say("This is how we treat each other here. It takes a minute to read."))
    return Card(
        body=join([what, text]),
        footer=say("I mention each step only once."),
        tone=Tone.WAITING,
        buttons=(button,),
    )


def new_guidelines_card(guidelines: Guidelines) -> Card:
    """Ask everybody, once, to look at guidelines that have changed."""
    return Card(
        say("Our guidelines have changed"),
        say("They're at version {version} now. Please read them, and agree if you do.", version=guidelines.version),
        tone=Tone.WAITING,
        buttons=(Button("Read the guidelines", calls.show(Kind.GUIDELINES), Style.PRIMARY),),
    )


def unknown_zone_words() -> Text:
    """Say how a time zone is written."""
    return say("I don't know that place. Write a big city near you, or a zone like Europe/Berlin.")


def newer_guidelines_words() -> Text:
    return say("The guidelines have changed since. “/me” shows you the new ones.")
