"""Cards for peers: being asked, helping, and saying what one knows and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.contract.call import Call
from adapters.contract.text import (
    Strong,
    Time,
    Words,
    clip,
    join,
    say,
    text,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, Style, Tone
from bot.chat import mention
from storage.members import Member

from .base import View, pings


def offers_card(chosen: Sequence[tuple[Member, str]], *, help_: Call, decline: Call, snooze: Call) -> Card:
    """Ask a wave of peers, in the thread, each with the reason."""
    lines = [say("{who}, {why}.", who=mention(member), why=reason) for member, reason in chosen]
    return Card(
        "Could one of you help?" if len(chosen) > 1 else "Could you help?",
        join(lines),
        footer="“Not me” and “Snooze” are only seen by Trellis.",
        tone=Tone.WAITING,
        buttons=_offer_buttons(help_, decline, snooze),
        pings=pings(*(member for member, _ in chosen)),
    )


def direct_offer_card(view: View, reason: str, *, help_: Call, decline: Call, snooze: Call) -> Card:
    """Ask one peer who agreed to direct messages."""
    buttons: tuple[AnyButton, ...] = _offer_buttons(help_, decline, snooze)
    if view.link:
        buttons += (LinkButton("Open the thread", view.link),)
    return Card(
        say("Could you help with “{title}”?", title=clip(view.question.title, 100)),
        join([text(f"I ask you because {reason}."), written(clip(view.question.details, 600))], "\n\n"),
        tone=Tone.WAITING,
        buttons=buttons,
    )


def _offer_buttons(help_: Call, decline: Call, snooze: Call) -> tuple[Button, ...]:
    return (Button("I can help", help_, Style.PRIMARY), Button("Not me", decline), Button("Snooze", snooze))


def helping_card(view: View, propose: Call) -> Card:
    """Thank a peer who takes a question on."""
    buttons: list[AnyButton] = [LinkButton("Open the thread", view.link)] if view.link else []
    return Card(
        body="Thank you! Write your answer in the thread. When you think that it is solved, tell me here.",
        tone=Tone.ACTIVE,
        buttons=(*buttons, Button("I think this is solved", propose)),
    )


def on_it_card(helper: Words) -> Card:
    return Card(body=say("{helper} is looking at this.", helper=helper), tone=Tone.ACTIVE)


def declined_card() -> Card:
    return Card(body="No problem, I will ask someone else. Thank you for telling me!")


def snoozed_card(until: datetime) -> Card:
    return Card(body=say("You will not be asked again before {until}.", until=Time(until)))


def also_helping_card(helper: Words) -> Card:
    return Card(
        body=say("{helper} is on it already, and two heads are better than one: write in the thread.", helper=helper)
    )


def expertise_card(mine: Sequence[str], suggestions: Sequence[str]) -> Card:
    if not mine:
        hint = f" For example: {', '.join(suggestions)}." if suggestions else ""
        return Card("What you know", f"Nothing yet. “/expertise add” tells me what to ask you about.{hint}")
    return Card(
        "What you know", join([Strong(topic) for topic in mine], ", "), footer="“/expertise remove” takes one away."
    )


def expertise_changed_card(topic: str, *, added: bool) -> Card:
    if added:
        return Card(body=say("Noted: you know {topic}. I may ask you about it.", topic=Strong(topic)), tone=Tone.DONE)
    return Card(body=say("I will not ask you about {topic} any more.", topic=Strong(topic)))


def away_card(until: datetime | None) -> Card:
    if until is None:
        return Card(body="You are away: nobody asks you until you say “/back”. Enjoy!")
    return Card(
        body=say("You are away until {until}: nobody asks you before. “/back” ends it sooner.", until=Time(until))
    )


def back_again_card() -> Card:
    return Card(body="Welcome back! You may be asked again.", tone=Tone.DONE)
