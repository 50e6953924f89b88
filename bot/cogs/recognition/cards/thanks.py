"""Cards that carry thanks, and what whoever gave them is told."""

from __future__ import annotations

from datetime import datetime

from adapters.contract.text import Code, Text, Time, TimeStyle, count, join, say, written
from adapters.contract.ui import Button, Card, LinkButton, Tone
from bot.delivery.addressing import named
from storage.kudos import Kudos
from storage.members import GONE, Member

from .. import calls
from .base import People, pings


def thanks_card(kudos: Kudos, people: People, link: str | None) -> Card:
    """Thank someone for all to see; they alone are notified."""
    receiver = people.known.get(kudos.receiver_id)
    here = receiver and receiver.name != GONE
    names = {"giver": people.giver(kudos), "receiver": people.name(kudos.receiver_id)}
    said = (
        say("💚 {giver} thanks {receiver}:", **names) if kudos.reason else say("💚 {giver} thanks {receiver}.", **names)
    )
    return Card(
        body=join([said, written(kudos.reason)]),
        footer=say("Valued: {value}", value=kudos.value) if kudos.value else "",
        buttons=(LinkButton("See the message", link),) if link else (),
        pings=pings(receiver) if here else (),
    )


def taken_back_card() -> Card:
    """Stand where thanks stood that do not count any more."""
    return Card(body=say("These thanks were taken back."))


def thanked_card(kudos: Kudos, receiver: Member, left: int) -> Card:
    """Tell the giver that it is done, and how many thanks they have left."""
    more = count(left, "You can thank {n} more time today.", "You can thank {n} more times today.")
    last = say("That was your last for today.")
    return Card(
        body=join([say("{name} will read it.", name=receiver.name), more if left else last], " "),
        tone=Tone.DONE,
        buttons=(Button("Take it back", calls.take_back(kudos.id)),),
    )


def welcome_card() -> Card:
    """Answer someone who thanked Trellis itself."""
    return Card(
        body=say("You're welcome! 🌿 Did a person help you? {example} tells them.", example=Code("thanks @name for …"))
    )


def undone_card() -> Card:
    """Tell the giver that their thanks are taken back."""
    return Card(body=say("Taken back. It doesn't count any more."))


def giver_full(limit: int, until: datetime) -> Text:
    """Say that someone has given enough for a day."""
    return count(
        limit,
        "You've thanked {n} time within a day, which is plenty. You can thank again {again}.",
        "You've thanked {n} times within a day, which is plenty. You can thank again {again}.",
        again=Time(until, TimeStyle.RELATIVE),
    )


def receiver_full(receiver: Member, until: datetime) -> Text:
    """Say that someone has been given enough for a day."""
    return say(
        "{name} has had all the thanks that count in one day. Lovely! You can thank them again {again}.",
        name=receiver.name,
        again=Time(until, TimeStyle.RELATIVE),
    )


def not_counted_card(words: Text) -> Card:
    """Tell someone, privately, that a reaction of theirs does not count."""
    return Card(body=join([words, say("Your reaction stays, it just doesn't count.")], " "))


def reached_card(names: Text, people: int) -> Card:
    """Tell someone directly what they have reached."""
    return Card(
        say("🌱 {names}", names=names),
        count(
            people,
            "You've helped {n} person here. Thank you for being here!",
            "You've helped {n} different people here. Thank you for being here!",
        ),
    )


def role_failed_card(role: str, member: Member) -> Card:
    """Tell moderators that a role could not be given."""
    return Card(
        say("I couldn't give the role {role}", role=role),
        say(
            "{name} has reached it. Check that there's such a role or user group in their space, and that Trellis may "
            "give it; then give it by hand this once.",
            name=named(member),
        ),
        tone=Tone.URGENT,
    )
