"""Cards for support agents: what waits, whose turn it is, who is on duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.contract.call import Call
from adapters.contract.text import (
    Link,
    Strong,
    Time,
    TimeStyle,
    Words,
    clip,
    join,
    listing,
    say,
    text,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.chat import mention
from storage.members import Member
from storage.questions import Reply, State

from .base import TONES, View, name_of, pings
from .question import state_of


def agents_card(
    view: View,
    replies: Sequence[Reply],
    waiting_for: Member | None,
    due: datetime | None,
    *,
    claim: Call,
    release: Call,
) -> Card:
    """Show a question to support, with the gist of its thread."""
    question = view.question
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
        body.append(join([Strong("So far in the thread"), *gist]))
    if question.escalation:
        body.append(f"Here because {question.escalation}.")
    if open_ and waiting_for:
        body.append(say("{agent}, it is your turn. Anyone else may take it too.", agent=mention(waiting_for)))
    elif open_:
        body.append("Nobody on duty has room right now: whoever comes on duty next is asked.")
    buttons: list[AnyButton] = []
    if open_:
        buttons.append(Button("Claim", claim, Style.PRIMARY))
    elif question.state in (State.CLAIMED, State.ANSWERED):
        buttons.append(Button("Hand back", release))
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


def turn_card(view: View, agent: Member | None, claim: Call) -> Card:
    """Tell the next agent that it is their turn, or support that it is nobody's."""
    buttons: tuple[AnyButton, ...] = (Button("Claim", claim, Style.PRIMARY),)
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


def escalated_card(reason: str) -> Card:
    return Card(body=f"I have brought this to support, because {reason}.", tone=Tone.ACTIVE)


def lead_card(view: View, leads: Sequence[Member], waited: str) -> Card:
    """Tell the lead that nobody took a question in time."""
    whom = listing([mention(lead) for lead in leads]) if leads else text("Nobody is named as lead")
    return Card(
        say("Still waiting: {title}", title=clip(view.question.title, 120)),
        say(
            "{whom}: {name} has waited {waited} for support and nobody has taken it.",
            whom=whom,
            name=name_of(view.question),
            waited=waited,
        ),
        tone=Tone.URGENT,
        buttons=(LinkButton("Open the thread", view.link),) if view.link else (),
        pings=pings(*leads),
    )


def claimed_card(view: View, propose: Call) -> Card:
    buttons: list[AnyButton] = [LinkButton("Open the thread", view.link)] if view.link else []
    return Card(
        body="It is yours. Answer in the thread; everyone there can see it.",
        tone=Tone.ACTIVE,
        buttons=(*buttons, Button("I think this is solved", propose)),
    )


def called_card() -> Card:
    return Card(body="Support has been asked and will answer in the thread.", tone=Tone.ACTIVE)


def taken_card(view: View, *, mine: bool) -> Card:
    """Tell an agent that a question is not free."""
    if view.question.state not in (State.CLAIMED, State.ANSWERED):
        return Card(body="That is settled already.")
    return Card(body="It is yours already." if mine else say("{helper} was faster and has it.", helper=view.helper))


def released_card() -> Card:
    return Card(body="Handed back. It is someone else's turn now.")


def off_duty_card(agent: Words) -> Card:
    return Card(
        body=say(
            "{agent} let three turns pass, so I have taken them off duty. “/duty on” brings them back.", agent=agent
        )
    )


def duty_card(on: Sequence[Words], waiting: int, *, mine: bool) -> Card:
    head = "You are on duty. Thank you!" if mine else "You are off duty. See you!"
    who = say("On duty: {names}.", names=listing(on)) if on else text("Nobody is on duty.")
    queue = {0: "Nothing is waiting.", 1: "One question is waiting."}.get(waiting, f"{waiting} questions are waiting.")
    return Card(body=join([Strong(head), who, queue]))


def queue_card(views: Sequence[View], on: Sequence[Words], more: int) -> Card:
    """Show what waits for support, oldest first."""
    if not views:
        return Card("The queue is empty", "Nobody is waiting for support. 🌿", tone=Tone.DONE)
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
        lines.append(text(f"… and {more} more"))
    who = say("On duty: {names}", names=listing(on)) if on else text("Nobody is on duty")
    return Card("Waiting for support", join(lines), footer=who, tone=Tone.WAITING)


def revealed_card(asker: Member) -> Card:
    return Card(body=say("{asker} asked this. That you looked is in the audit log.", asker=mention(asker)))
