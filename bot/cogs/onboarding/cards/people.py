"""Cards of people meeting: introductions, hellos and buddies."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.text import Strong, Text, Words, count, join, listing, say, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Tone
from bot.delivery.addressing import mention, named
from storage.members import Member
from storage.newcomers import Introduction

from .. import calls
from ..meeting import Match
from .base import pings

NAMED = 5
"""How many of those who said hello are named."""


def introduction_card(
    member: Member, introduction: Introduction, interests: Sequence[str], greeters: Sequence[Member]
) -> Card:
    """Show who someone is, and who has said hello."""
    fields: list[CardField] = []
    if introduction.hopes:
        fields.append(CardField("Here for", written(introduction.hopes)))
    if introduction.ask_me:
        fields.append(CardField("Ask me about", written(introduction.ask_me)))
    if interests:
        fields.append(CardField("Likes", join(interests, ", ")))
    return Card(
        say("Meet {name}", name=named(member)),
        join([mention(member), written(introduction.about)]),
        fields=tuple(fields),
        footer=greeted(greeters),
        tone=Tone.ACTIVE,
        buttons=(Button("👋 Say hello", calls.hello(member.id)),),
    )


def asked_card(member: Member, introduction: Introduction, link: str | None) -> Card:
    """Show who someone is to a person who wants to know."""
    see: tuple[AnyButton, ...] = (LinkButton("See it", link),) if link else ()
    return introduction_card(member, introduction, (), ()).with_(footer="", buttons=see)


def not_introduced_words(member: Member) -> Text:
    return say("{name} hasn't introduced themselves yet.", name=member.name)


def greeted(greeters: Sequence[Member]) -> Text:
    """Return who has said hello."""
    if not greeters:
        return say("Be the first to say hello.")
    names: list[Words] = [named(member) for member in greeters[:NAMED]]
    if more := len(greeters) - len(names):
        names.append(count(more, "one more", "{n} more"))
    return say("👋 {number} · {who}", number=len(greeters), who=listing(names))


def taken_back_card() -> Card:
    """Stand where an introduction stood whose author is gone for good."""
    return Card(body=say("This introduction was taken back."))


def introduced_card(link: str | None, *, first: bool) -> Card:
    """Thank someone who introduced themselves by command."""
    buttons: tuple[AnyButton, ...] = (LinkButton("See it", link),) if link else ()
    buttons += (Button("Change it", calls.ask_introduction()),)
    if first:
        return Card(
            body=say("Thank you! Your introduction is posted. Say hello back to those who greet you."), buttons=buttons
        )
    return Card(body=say("Your introduction is up to date."), buttons=buttons)


def hello_card(greeters: Sequence[Member], link: str | None) -> Card:
    """Tell a newcomer who said hello."""
    names: list[Words] = [mention(member) for member in greeters[:NAMED]]
    if more := len(greeters) - len(names):
        names.append(count(more, "one more", "{n} more"))
    buttons = (LinkButton("Your introduction", link),) if link else ()
    return Card(
        say("👋 Hello!"),
        say("{who} said hello to you. It's good that you're here.", who=listing(names)),
        buttons=buttons,
    )


def meet_card(newcomer: Member, match: Match) -> Card:
    """Introduce a newcomer and their buddy to each other."""
    buddy = match.buddy
    lines: list[Words] = [say("{newcomer}, this is {buddy}.", newcomer=mention(newcomer), buddy=mention(buddy))]
    if match.shared:
        lines.append(say("You both like {interests}.", interests=listing([Strong(name) for name in match.shared])))
    elif match.apart <= 3:
        lines.append(say("You're awake at about the same time."))
    lines.append(
        say(
            "{buddy} has offered to show newcomers around: {newcomer}, ask whatever you like.",
            buddy=named(buddy),
            newcomer=named(newcomer),
        )
    )
    return Card(
        say("🤝 Meet your buddy"),
        join(lines, "\n"),
        buttons=(Button("I have no time now", calls.cannot(newcomer.id, buddy.id)),),
        pings=pings(newcomer, buddy),
    )


def passed_on_card(newcomer: Member, match: Match | None) -> Card:
    """Say that somebody else is the buddy now, or that nobody is."""
    if match is None:
        return Card(say("🤝 Your buddy"), say("No buddy has time just now. Just ask in a channel."))
    return Card(
        say("🤝 Meet your buddy"),
        say("{newcomer}, {buddy} is your buddy now.", newcomer=mention(newcomer), buddy=mention(match.buddy)),
        tone=Tone.DONE,
    )


def met_card() -> Card:
    """Stand where two people were introduced of whom one is gone for good."""
    return Card(body=say("Two people met here."))


def no_buddy_words() -> Text:
    """Say that nobody has time."""
    return say("Nobody has time to be a buddy just now. Just ask in a channel.")


def buddy_found_words(match: Match) -> Text:
    """Say who the buddy is."""
    return say("{buddy} is your buddy: I've just introduced you two.", buddy=mention(match.buddy))


def buddy_words() -> Text:
    """Say what being a buddy means."""
    return say("You're a buddy now: when a newcomer fits you, by interests and hours, I introduce you two. Thank you!")


def no_longer_buddy_words() -> Text:
    return say("You're no buddy any more. Thank you for having been one!")


def with_note(note: Words, card: Card) -> Card:
    """Put what just happened before what comes next."""
    return card.with_(body=join([note, card.body], "\n\n"))


def has_buddy_words() -> Text:
    return say("You have a buddy already.")


def not_your_buddy_words() -> Text:
    return say("That's for the buddy to say.")


def your_own_words() -> Text:
    return say("That's your own introduction. This button is for others.")


def said_already_words() -> Text:
    return say("You said hello already. Write in the thread: that's how people get to know each other.")


def no_introductions_words() -> Text:
    return say("There's no channel for introductions here. An admin can name one in TRELLIS_INTRODUCTIONS_CHANNELS.")
