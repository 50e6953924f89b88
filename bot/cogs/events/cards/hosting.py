"""What hosts see: the echo before an event is posted, their tools, and the list at the door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.call import Call
from adapters.contract.text import Strong, Time, TimeStyle, Verbatim, Words, clip, count, join, say, written
from adapters.contract.ui import OPTIONS, AnyButton, Button, Card, CardField, File, Menu, Option, Style, Tone
from bot.text.when import moment_words
from storage.members import Member
from storage.signups import COMING, Choice

from ..rules import closes_at
from .base import View, names, repeats, span, when, where

SHOWN_FROM = 3
"""From so many answers on hosts see how many were content: fewer would say who."""


def echo_card(
    view: View,
    zone: ZoneInfo,
    follow: Sequence[datetime],
    *,
    chosen_zone: bool,
    post: Call,
    edit: Call,
    more: Call,
    drop: Call,
) -> Card:
    """Read an event back to its author before anyone else sees it.

    Without a `chosen_zone` the community's was taken, for want of the author's own.
    """
    event = view.event
    fields = [
        CardField("When", Time(event.starts_at)),
        CardField("On your clock", moment_words(event.starts_at, zone)),
        CardField("How long", span(event.ends_at - event.starts_at)),
    ]
    if event.place:
        fields.append(CardField("Where", where(event.place)))
    if event.rule:
        dates = join([Time(at, TimeStyle.DATE) for at in follow], ", ")
        then: Words = say("then {dates}", dates=dates) if follow else ""
        fields.append(CardField("Repeats", join([repeats(event.rule), then])))
    if event.capacity:
        fields.append(CardField("Places", count(event.capacity, "{n} place", "{n} places")))
    if event.audience:
        fields.append(CardField("For", event.audience))
    if event.closes_minutes:
        fields.append(CardField("Sign-up closes", Time(closes_at(event))))
    other_zone = say("The time is read in the community's zone; “/me” sets your own.")
    return Card(
        say("Shall I post this?"),
        join([Strong(event.title), written(event.description)], "\n\n"),
        fields=tuple(fields),
        footer=join([say("Only you can see this yet."), "" if chosen_zone else other_zone], " "),
        tone=Tone.WAITING,
        buttons=(
            Button("Post", post, Style.PRIMARY),
            Button("Edit", edit),
            Button("Places, repeats and more", more),
            Button("Discard", drop),
        ),
    )


def posted_card(view: View, *, show: Call, tools: Call) -> Card:
    words = say("{title} is planned as #{number}.", title=Strong(view.event.title), number=view.event.number or 0)
    return Card(body=words, tone=Tone.DONE, buttons=(Button("Show the event", show), Button("Host tools", tools)))


def discarded_card() -> Card:
    return Card(body=say("Discarded. Nobody has seen it."))


def move_card(view: View, starts_at: datetime, zone: ZoneInfo, concerned: int, *, move: Call, keep: Call) -> Card:
    """Read a new time back before everyone is told."""
    words = say(
        "{title} would move from {old} to {new}. On your clock: {local}.",
        title=Strong(view.event.title),
        old=Time(view.event.starts_at),
        new=Time(starts_at),
        local=moment_words(starts_at, zone),
    )
    told = count(concerned, "{n} person who signed up is told.", "{n} people who signed up are told.")
    return Card(
        say("Move it?"),
        join([words, told if concerned else say("Nobody has signed up yet, so nobody is told.")]),
        tone=Tone.WAITING,
        buttons=(Button("Move it", move, Style.PRIMARY), Button("Keep the time", keep)),
    )


def changed_card(view: View, *, more: Call, follow: Call | None) -> Card:
    """Say that an event was changed, with what else could be."""
    buttons: tuple[Button, ...] = (Button("Places, sign-up and more", more),)
    if follow:
        buttons += (Button("Change all that follow", follow),)
    return Card(body=say("{title} is changed.", title=Strong(view.event.title)), tone=Tone.DONE, buttons=buttons)


def followed_card(number: int) -> Card:
    words = count(number, "{n} event that follows is changed too.", "{n} events that follow are changed too.")
    return Card(
        body=words if number else say("From the next one on, it is changed too."),
        footer=say("What was moved by hand keeps its day."),
        tone=Tone.DONE,
    )


def cancel_card(view: View, concerned: int, *, cancel: Call, cancel_all: Call | None) -> Card:
    """Ask before an event is called off."""
    words = say("Cancel {title}, {when}?", title=Strong(view.event.title), when=Time(view.event.starts_at))
    told = count(concerned, "{n} person who signed up is told.", "{n} people who signed up are told.")
    buttons: tuple[Button, ...] = (Button("Cancel it", cancel, Style.DANGER),)
    if cancel_all:
        buttons = (
            Button("Cancel only this one", cancel, Style.DANGER),
            Button("Cancel this and all that follow", cancel_all, Style.DANGER),
        )
    return Card(body=join([words, told if concerned else ""]), tone=Tone.URGENT, buttons=buttons)


def called_off_card(view: View, number: int) -> Card:
    if number == 1:
        return Card(body=say("{title} is cancelled.", title=Strong(view.event.title)))
    return Card(
        body=count(number, "{n} event is cancelled, and none follows.", "{n} events are cancelled, and none follows.")
    )


def tools_card(
    view: View, *, edit: Call | None, more: Call | None, write: Call, door: Call, export: Call, cancel: Call | None
) -> Card:
    """Show a host what they can do, and how it stands."""
    event = view.event
    fields = [CardField("When", when(event))]
    if going := view.who(Choice.GOING):
        fields.append(CardField("Going", names(going)))
    if maybe := view.who(Choice.MAYBE):
        fields.append(CardField("Maybe", names(maybe)))
    if waiting := view.who(Choice.OFFERED, Choice.WAITING):
        fields.append(CardField("Waitlist", names(waiting)))
    rated = [signup.worth for signup in view.signups if signup.worth]
    if len(rated) >= SHOWN_FROM:
        words = say("{yes} yes, {so} so-so, {no} no", yes=rated.count(3), so=rated.count(2), no=rated.count(1))
        fields.append(CardField("Worth it?", words))
    buttons: tuple[Button, ...] = (
        Button("Message everyone", write),
        Button("Check people in", door),
        Button("Export", export),
    )
    if edit and more:
        buttons = (Button("Edit", edit), Button("Places, sign-up and more", more), *buttons)
    if cancel:
        buttons += (Button("Cancel", cancel, Style.DANGER),)
    return Card(event.title, fields=tuple(fields), body=say("Host tools"), footer=f"#{event.number}", buttons=buttons)


def written_card(concerned: int) -> Card:
    words = count(concerned, "{n} person gets your message.", "{n} people get your message.")
    return Card(body=words, tone=Tone.DONE)


def door_card(view: View, page: int, *, check_in: Call, earlier: Call | None, later: Call | None, back: Call) -> Card:
    """Show who is there, with a menu of who is not yet."""
    missing = missing_at_door(view)
    shown = missing[page * OPTIONS : (page + 1) * OPTIONS]
    options = tuple(Option(Verbatim(clip(member.name, 60)), str(member.id)) for member in shown)
    came = view.came
    buttons: list[AnyButton] = []
    if earlier:
        buttons.append(Button("Earlier names", earlier))
    if later:
        buttons.append(Button("More names", later))
    if came:
        buttons.append(Button("Undo the last", back))
    here = count(len(came), "{n} person is here.", "{n} people are here.")
    return Card(
        say("Check-in: {title}", title=view.event.title),
        join([here, names(came)]),
        menu=Menu("Who else is here?", check_in, options, most=len(options)) if options else None,
        footer=say("Everyone who signed up is here.") if view.signups and not missing else "",
        buttons=tuple(buttons),
    )


def missing_at_door(view: View) -> list[Member]:
    """Return who signed up and is not there yet, by name."""
    absent = [signup for signup in view.signups if signup.choice in _EXPECTED and not signup.checked_in_at]
    return sorted(view.named(absent), key=lambda member: member.name.casefold())


_EXPECTED = (*COMING, Choice.OFFERED, Choice.WAITING)


def export_card(view: View, table: File) -> Card:
    return Card(body=say("Who signed up for {title}.", title=Strong(view.event.title)), files=(table,))


def export_rows(view: View) -> list[list[str]]:
    """Return the table of who signed up, its head first."""
    head = ["name", "choice", "since", "checked in"]
    rows = [
        [
            view.people[signup.member_id].name,
            signup.choice.value,
            f"{signup.at:%Y-%m-%d %H:%M} UTC",
            f"{signup.checked_in_at:%Y-%m-%d %H:%M} UTC" if signup.checked_in_at else "",
        ]
        for signup in view.signups
        if signup.member_id in view.people
    ]
    return [head, *rows]
