"""Cards for peers: being asked, helping, and saying what one knows and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.call import Call
from adapters.contract.text import (
    Strong,
    Text,
    Time,
    Words,
    clip,
    count,
    join,
    say,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, Style, Tone
from bot.delivery.addressing import mention
from bot.text.when import moment_words
from storage.members import Member

from .. import calls
from ..peers import Reason, Why
from .base import View, asker_pings, pings


def offers_card(view: View, chosen: Sequence[tuple[Member, Reason]]) -> Card:
    """Ask a wave of peers, in the thread, each with the reason."""
    title = clip(view.question.title, 100)
    asks = say("Could one of you help with “{title}”?", title=title)
    if len(chosen) == 1:
        asks = say("Could you help with “{title}”?", title=title)
    return Card(
        body=join([asks, *(_asked(mention(member), reason) for member, reason in chosen)]),
        footer=say("“Not me” and “Snooze” are only seen by Trellis."),
        tone=Tone.WAITING,
        buttons=_offer_buttons(view.question.id),
        pings=pings(*(member for member, _ in chosen)),
    )


def direct_offer_card(view: View, reason: Reason) -> Card:
    """Ask one peer who agreed to direct messages."""
    buttons: tuple[AnyButton, ...] = _offer_buttons(view.question.id)
    if view.link:
        buttons += (LinkButton("Open the thread", view.link),)
    asks = say("Could you help with “{title}”?", title=clip(view.question.title, 100))
    return Card(
        body=join([join([asks, asked_because(reason)]), written(clip(view.question.details, 600))], "\n\n"),
        tone=Tone.WAITING,
        buttons=buttons,
    )


def asked_because(reason: Reason) -> Text:
    """Tell someone why they are asked."""
    number, about = reason.number, clip(reason.about, 60)
    match reason.why:
        case Why.SOLVED:
            return count(
                number,
                "I ask you because you solved {n} question about {topic}.",
                "I ask you because you solved {n} questions about {topic}.",
                topic=about,
            )
        case Why.ANSWERED:
            return say("I ask you because you answered “{title}”.", title=about)
        case Why.KNOWS:
            return say("I ask you because you said that you know {topic}.", topic=about)
        case Why.LATELY:
            return say("I ask you because you've helped here lately.")
    return say("I ask you because {reason}.", reason=reason.about)


def _asked(who: Words, reason: Reason) -> Text:
    """Say for all to see why someone is asked."""
    number, about = reason.number, clip(reason.about, 60)
    match reason.why:
        case Why.SOLVED:
            return count(
                number,
                "{who}, you solved {n} question about {topic}.",
                "{who}, you solved {n} questions about {topic}.",
                who=who,
                topic=about,
            )
        case Why.ANSWERED:
            return say("{who}, you answered “{title}”.", who=who, title=about)
        case Why.KNOWS:
            return say("{who}, you said that you know {topic}.", who=who, topic=about)
        case Why.LATELY:
            return say("{who}, you've helped here lately.", who=who)
    return say("{who}, {reason}.", who=who, reason=reason.about)


def _offer_buttons(id_: int) -> tuple[Button, ...]:
    help_ = Button("I can help", calls.help_(id_), Style.PRIMARY)
    others = (Button("Not me", calls.decline(id_)), Button("Snooze", calls.snooze(id_)))
    return (help_, *others, Button("Why me?", calls.why(id_)))


PLAIN = {
    Why.LATELY: say("🌱 Has helped here lately."),
    Why.ASKER: say("🤝 Has helped the person who asks before."),
    Why.AROUND: say("🕐 Often helps at this time of the day."),
    Why.NEW: say("✨ Is new to helping: one of the places is for somebody new."),
}


def why_card(asked: Sequence[tuple[Words | None, Sequence[Reason]]], *, about_you: bool = False) -> Card:
    """Say all that spoke for those who were asked: to one of them, by question, or by name to a moderator."""
    parts = []
    for what, reasons in asked:
        said = [part_of(reason) for reason in reasons]
        parts.append(join([*([say("{who}:", who=what)] if what else []), *said], "\n"))
    return Card(
        say("Why I ask you") if about_you else say("Why I ask them"),
        join(parts, "\n\n"),
        footer=say("“/expertise” says what you know, and “/away” gives you a rest. Nobody has to help."),
    )


def part_of(reason: Reason) -> Text:
    """Tell one thing that speaks for someone."""
    number, about = reason.number, clip(reason.about, 60)
    match reason.why:
        case Why.SOLVED:
            return count(
                number,
                "✅ Solved {n} question about {topic}.",
                "✅ Solved {n} questions about {topic}.",
                topic=about,
            )
        case Why.ANSWERED:
            return say("💬 Answered “{title}”, which is much like it.", title=about)
        case Why.KNOWS:
            return say("🎓 Knows {topic}, as told by “/expertise add”.", topic=about)
        case Why.LATELY if number:
            return count(number, "🌱 Has helped with {n} question here.", "🌱 Has helped with {n} questions here.")
        case Why.TAKES:
            return count(
                number, "🙋 Took on {n} question when asked lately.", "🙋 Took on {n} questions when asked lately."
            )
    return PLAIN[reason.why] if reason.why in PLAIN else written(reason.about)


def helping_card(view: View) -> Card:
    """Thank a peer who takes a question on."""
    buttons: list[AnyButton] = [LinkButton("Open the thread", view.link)] if view.link else []
    return Card(
        body=say("Thank you! Write your answer in the thread. When you think that it's solved, tell me here."),
        tone=Tone.ACTIVE,
        buttons=(*buttons, Button("I think this is solved", calls.propose(view.question.id))),
    )


def on_it_card(view: View) -> Card:
    """Say in the threads who is at it. Whoever asked is called where they did, which brings them into its thread."""
    here = tuple(account for account in asker_pings(view) if account.space.key == view.question.space)
    if not here:
        return Card(body=say("{helper} is looking at this.", helper=view.helper), tone=Tone.ACTIVE)
    words = say("{asker}, {helper} is looking at this.", asker=view.asker, helper=view.helper)
    return Card(body=words, tone=Tone.ACTIVE, pings=here)


def declined_card() -> Card:
    return Card(body=say("No problem, I'll ask someone else. Thank you for telling me!"))


def snoozed_card(until: datetime) -> Card:
    return Card(body=say("You won't be asked again before {until}.", until=Time(until)))


def also_helping_card(helper: Words) -> Card:
    return Card(
        body=say("{helper} is on it already, and two heads are better than one: write in the thread.", helper=helper)
    )


def expertise_card(mine: Sequence[str], unwanted: Sequence[str], suggestions: Sequence[str]) -> Card:
    title = say("What you know")
    left_out = join(map(Strong, unwanted), ", ")
    without = say("I don't ask you about {topics}.", topics=left_out) if unwanted else ""
    if not mine:
        nothing = say("Nothing yet. “/expertise add” tells me what to ask you about.")
        hint = say("For example: {topics}.", topics=join(suggestions, ", ")) if suggestions else ""
        return Card(title, join([join([nothing, hint], " "), without]))
    topics = join(map(Strong, mine), ", ")
    return Card(title, join([topics, without]), footer=say("“/expertise remove” takes one away."))


def expertise_changed_card(topic: str, *, added: bool) -> Card:
    if added:
        return Card(body=say("Noted: you know {topic}. I may ask you about it.", topic=Strong(topic)), tone=Tone.DONE)
    return Card(body=say("I won't ask you about {topic} any more.", topic=Strong(topic)))


def away_card(until: datetime | None, zone: ZoneInfo, undo: Call) -> Card:
    buttons = (Button("Undo", undo),)
    if until is None:
        return Card(body=say("You're away: nobody asks you until you say “/back”. Enjoy!"), buttons=buttons)
    words = say(
        "You're away until {until}: nobody asks you before. “/back” ends it sooner.", until=moment_words(until, zone)
    )
    return Card(body=words, buttons=buttons)


def away_undone_card(until: datetime | None, zone: ZoneInfo, *, away: bool) -> Card:
    """Say how it was before, and is again."""
    if until:
        return Card(body=say("Undone: you're away until {until}, as before.", until=moment_words(until, zone)))
    if away:
        return Card(body=say("Undone: you're away until you say “/back”, as before."))
    return Card(body=say("Undone: you may be asked, as before."), tone=Tone.DONE)


def back_again_card() -> Card:
    return Card(body=say("Welcome back! You may be asked again."), tone=Tone.DONE)
