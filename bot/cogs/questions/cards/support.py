"""Cards for support agents: what waits, whose turn it is, who is on duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.contract.text import (
    Link,
    Mention,
    Strong,
    Text,
    Time,
    TimeStyle,
    Words,
    clip,
    count,
    join,
    listing,
    say,
    strong,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.delivery.addressing import mention
from bot.text.when import spell
from storage.members import Member
from storage.questions import Escalation, Question, State
from storage.replies import Reply

from .. import calls
from .base import TONES, View, asker_pings, pings
from .question import dropped_card, state_of


def agents_card(
    view: View,
    replies: Sequence[Reply],
    waiting_for: Member | None,
    due: datetime | None,
) -> Card:
    """Show a question to support, with the gist of its thread."""
    question = view.question
    if question.state is State.DROPPED:
        return dropped_card(view)
    fields = [CardField("State", state_of(view)), CardField("Asked by", view.asker)]
    if question.topic:
        fields.append(CardField("Topic", question.topic))
    open_ = question.state is State.OPEN
    if open_ and question.waiting_since:
        fields.append(CardField("Waiting since", Time(question.waiting_since, TimeStyle.RELATIVE)))
    if open_ and due:
        fields.append(CardField("To be taken by", Time(due)))
    gist = [
        say("{who}: {words}", who=view.person(reply.member_id), words=clip(reply.text, 160)) for reply in replies[-5:]
    ]
    body: list[Words] = [written(clip(question.details, 800))]
    if gist:
        body.append(join([strong("So far in the thread"), *gist]))
    if question.escalation:
        body.append(say("Here {because}.", because=because(question)))
    if open_ and waiting_for:
        body.append(say("{agent}, it's your turn. Anyone else may take it too.", agent=mention(waiting_for)))
    elif open_:
        body.append(say("Nobody on duty has room right now: the next person on duty is asked."))
    buttons: list[AnyButton] = []
    if open_:
        buttons.append(Button("Claim", calls.claim(question.id), Style.PRIMARY))
    elif question.state in (State.CLAIMED, State.ANSWERED):
        buttons.append(Button("Hand back", calls.release(question.id)))
    if view.link:
        buttons.append(LinkButton("Open the thread", view.link))
    return Card(
        say("For support: {title}", title=clip(question.title, 130)),
        join(body, "\n\n"),
        fields=tuple(fields),
        footer=f"#{question.number}",
        tone=Tone.URGENT if open_ else TONES.get(question.state, Tone.NEUTRAL),
        buttons=tuple(buttons),
        pings=pings(waiting_for) if open_ else (),
    )


def turn_card(view: View, agent: Member | None) -> Card:
    """Tell the next agent that it is their turn, or support that it is nobody's."""
    buttons: tuple[AnyButton, ...] = (Button("Claim", calls.claim(view.question.id), Style.PRIMARY),)
    if view.link:
        buttons += (LinkButton("Open the thread", view.link),)
    title = clip(view.question.title, 100)
    if agent:
        words = say("{agent}, “{title}” is still waiting. Could you take it?", agent=mention(agent), title=title)
    else:
        words = say("“{title}” is waiting, and nobody on duty has room. Could someone take it?", title=title)
    return Card(
        body=words,
        tone=Tone.URGENT,
        buttons=buttons,
        pings=pings(agent),
    )


def because(question: Question) -> Text:
    """Say why a question is with support: the clause of a sentence, behind a comma or without one."""
    match question.escalation:
        case Escalation.UNANSWERED if question.asked_at and question.escalated_at:
            waited = spell(question.escalated_at - question.asked_at)
            # Translators: this and the others that begin so complete “I have brought this to support, {because}.”
            return say("because nobody answered in {waited}", waited=waited)
        case Escalation.UNSOLVED:
            return say("because the answers didn't solve it yet")
        case Escalation.BY_ASKER:
            return say("because the person who asked would like that")
        case Escalation.BY_MODERATOR:
            return say("because a moderator thinks so")
        case Escalation.REOPENED:
            return say("because it was reopened")
    return say("because {reason}", reason=question.escalation)


def escalated_card(question: Question, opens: datetime | None) -> Card:
    """Say that support has it, and when it is there again if it `opens` only later."""
    words = [say("I've brought this to support, {because}.", because=because(question))]
    if opens:
        words.append(say("Support is there again {opens}.", opens=Time(opens)))
    return Card(body=join(words, " "), tone=Tone.ACTIVE)


def still_waiting_card(view: View, waited: Words, *, led: bool) -> Card:
    """Tell the asker that nobody has taken it yet, whether somebody who leads support knows, and what they can do."""
    facts = {"asker": view.asker, "title": clip(view.question.title, 80), "waited": waited}
    if led:
        words = say(
            "{asker}, support hasn't got to “{title}” yet: it has waited {waited}. I've told those who lead support, "
            "and I tell them again each day until somebody takes it. If you don't need it any more, say so here.",
            **facts,
        )
    else:
        words = say(
            "{asker}, support hasn't got to “{title}” yet: it has waited {waited}, and I know nobody whom I could "
            "tell. If you don't need it any more, say so here.",
            **facts,
        )
    return Card(
        body=words,
        tone=Tone.WAITING,
        buttons=(Button("I found it myself", calls.alone(view.question.id)),),
        pings=asker_pings(view),
    )


def lead_card(view: View, leads: Sequence[Mention | Text], waited: Words) -> Card:
    """Tell the lead that nobody took a question in time."""
    number = view.question.number or 0
    if leads:
        words = say(
            "{leads}: Question #{number} has waited {waited} for support and nobody has taken it.",
            leads=listing(leads),
            number=number,
            waited=waited,
        )
    else:
        words = say(
            "Nobody is named as lead: Question #{number} has waited {waited} for support and nobody has taken it.",
            number=number,
            waited=waited,
        )
    return Card(
        say("Still waiting: {title}", title=clip(view.question.title, 120)),
        words,
        tone=Tone.URGENT,
        buttons=(LinkButton("Open the thread", view.link),) if view.link else (),
        pings=tuple(account for lead in leads if isinstance(lead, Mention) for account in lead.accounts),
    )


def claimed_card(view: View) -> Card:
    buttons: list[AnyButton] = [LinkButton("Open the thread", view.link)] if view.link else []
    return Card(
        body=say("It's yours. Answer in the thread; everyone there can see it."),
        tone=Tone.ACTIVE,
        buttons=(*buttons, Button("I think this is solved", calls.propose(view.question.id))),
    )


def called_card(opens: datetime | None, *, exists: bool) -> Card:
    """Say that support was asked, if it `exists` as far as we know, and when it is there again if it `opens` later."""
    if not exists:
        words = say("It waits for support now, but I know nobody here who does support yet.")
    elif opens:
        words = say(
            "Support has been asked. It's there again {opens}, and will answer in the thread.", opens=Time(opens)
        )
    else:
        words = say("Support has been asked and will answer in the thread.")
    return Card(body=words, tone=Tone.ACTIVE)


def taken_card(view: View, *, mine: bool) -> Card:
    """Tell an agent that a question is not free."""
    if view.question.state not in (State.CLAIMED, State.ANSWERED):
        return Card(body=say("That's settled already."))
    faster = say("{helper} was faster and has it.", helper=view.helper)
    return Card(body=say("It's yours already.") if mine else faster)


def released_card() -> Card:
    return Card(body=say("Handed back. It's someone else's turn now."))


def off_duty_card(agent: Words) -> Card:
    return Card(
        body=say("{agent} let three turns pass, so I've taken them off duty. “/duty on” brings them back.", agent=agent)
    )


def duty_card(on: Sequence[Words], waiting: int, *, mine: bool) -> Card:
    head = strong("You're on duty. Thank you!") if mine else strong("You're off duty. See you!")
    who = say("On duty: {names}.", names=listing(on)) if on else say("Nobody is on duty.")
    queue = count(waiting, "One question is waiting.", "{n} questions are waiting.")
    return Card(body=join([head, who, queue if waiting else say("Nothing is waiting.")]))


def queue_card(views: Sequence[View], on: Sequence[Words], more: int) -> Card:
    """Show what waits for support, oldest first."""
    if not views:
        return Card(say("The queue is empty"), say("Nobody is waiting for support. 🌿"), tone=Tone.DONE)
    lines = []
    for view in views:
        title = clip(view.question.title, 80)
        since = view.question.waiting_since or view.question.created_at
        lines.append(
            say(
                "#{number} {title} · {since}",
                number=view.question.number or 0,
                title=Link(title, view.link) if view.link else Strong(title),
                since=Time(since, TimeStyle.RELATIVE),
            )
        )
    if more:
        lines.append(say("… and {n} more", n=more))
    who = say("On duty: {names}", names=listing(on)) if on else say("Nobody is on duty")
    return Card(say("Waiting for support"), join(lines), footer=who, tone=Tone.WAITING)


def revealed_card(asker: Member) -> Card:
    return Card(body=say("{asker} asked this. This lookup was logged.", asker=mention(asker)))
