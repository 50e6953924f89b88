"""Cards of what only its asker and support see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.contract.models import MessageRef
from adapters.contract.text import Strong, Text, Time, Words, clip, join, label, say, strong, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.delivery.addressing import mention
from storage.members import Member
from storage.questions import UNSETTLED, Question, State
from storage.replies import Reply

from .. import calls
from .base import TONES, View, screenshot_of
from .question import dropped_card, question_card, state_of
from .support import agents_card, turn_card

SHOWN = 8
"""So many of the latest messages are shown where an asker looks for them."""
_ABOUT = (label("About the first (1)"), label("About the second (2)"), label("About the third (3)"))


def before_card(draft: Question, opens: datetime | None) -> Card:
    """Say, before anything is posted, who will see it, and where the answer comes."""
    lines: list[Words] = [
        Strong(draft.title),
        say("Only you and support see this: agents, moderators and admins."),
    ]
    if draft.anonymous:
        lines.append(say("Your name isn't shown to them. Moderators can look it up, and that is logged."))
    lines.append(say("I write to you directly what support answers. If I can't reach you there, “/me” shows it."))
    if opens:
        lines.append(say("Support is there again {opens}.", opens=Time(opens)))
    return Card(
        say("Send it to support?"),
        join(lines),
        footer=say("Nothing has been posted yet."),
        buttons=(
            Button("Send it to support", calls.send(draft.id), Style.PRIMARY),
            Button("Don't send it", calls.unwanted(draft.id)),
        ),
    )


def no_place_card(draft: Question) -> Card:
    """Say that nobody can be asked privately here, and what would happen instead."""
    lines: list[Words] = [
        Strong(draft.title),
        say("Support has no channel of its own here, so I can't ask this privately."),
        say("If you post it, everyone sees it in the help channel. An admin can help you without that."),
    ]
    return Card(
        say("Post it for everyone?"),
        join(lines),
        footer=say("Nothing has been posted yet."),
        buttons=(
            Button("Don't post it", calls.unwanted(draft.id), Style.PRIMARY),
            Button("Post it for everyone", calls.publish(draft.id)),
        ),
    )


def sent_card(question: Question, opens: datetime | None, *, is_told: bool) -> Card:
    """Tell the asker that support has it, and where they read the answer: they are told directly, or have to look."""
    name = strong("Question #{number}", number=question.number or 0)
    said = [say("{name} is with support. Only you and support see it.", name=name)]
    if opens:
        said.append(say("Support is there again {opens}.", opens=Time(opens)))
    if is_told:
        said.append(say("I write to you directly when somebody answers."))
    else:
        said.append(say("You take no direct messages from me: “/me” shows what support answers."))
    return Card(body=join(said, " "), tone=Tone.WAITING, buttons=(_show(question),))


def private_card(view: View, waiting_for: Member | None, due: datetime | None, *, is_told: bool) -> Card:
    """Show it to support, where it is talked about too. The asker `is_told` directly, or has to look."""
    question = view.question
    if question.state is State.DROPPED:
        return question_card(view)
    card = agents_card(replace(view, link=None), (), waiting_for, due)
    note = say("Nobody else sees this. I pass on what you write in the thread to the person who asked.")
    if not is_told:
        note = say("Nobody else sees this. I can't write to the person who asked: “/me” shows them what you answer.")
    buttons = card.buttons
    if question.state is State.ANSWERED:
        buttons += (Button("I think this is solved", calls.propose(question.id)),)
    if question.anonymous:
        buttons += (Button("Who asked?", calls.reveal(question.id)),)
    title = say("For support alone: {title}", title=clip(question.title, 120))
    return card.with_(title=title, body=join([card.body, note], "\n\n"), buttons=buttons, kept=screenshot_of(question))


def private_turn_card(view: View, agent: Member | None) -> Card:
    """Tell an agent that it is their turn now, or support that it is nobody's: of the first turn the card tells."""
    card = turn_card(view, agent)
    if agent is None:
        return card
    words = say("{agent}, it's your turn: “{title}”.", agent=mention(agent), title=clip(view.question.title, 100))
    return replace(card, body=words)


def own_card(view: View) -> Card:
    """Show it to its asker, directly, in whichever state it is. Nothing rings for that: they have just asked."""
    question = view.question
    state = CardField("State", state_of(view))
    if question.state is State.DROPPED:
        return dropped_card(view)
    return Card(
        question.title,
        join([written(clip(question.details, 800)), say("Only you and support see this.")], "\n\n"),
        fields=(state,),
        footer=f"#{question.number}",
        tone=TONES.get(question.state, Tone.NEUTRAL),
        buttons=_for_asker(question, take_back=True),
        kept=screenshot_of(question),
        emoji="🔒",
        silent=True,
    )


def passed_card(view: View, reply: Reply) -> Card:
    """Tell the asker directly what support wrote."""
    title, who = clip(view.question.title, 80), view.person(reply.member_id)
    head = say("{who}, about “{title}”:", who=who, title=title)
    return Card(body=join([head, written(clip(reply.text, 2800))]), tone=Tone.ACTIVE, buttons=_for_asker(view.question))


def asker_wrote_card(view: View, words: str) -> Card:
    """Tell support in the thread what the asker wrote."""
    return Card(body=join([say("{asker} writes:", asker=view.asker), written(clip(words, 2800))]))


def conversation_card(view: View, replies: Sequence[Reply]) -> Card:
    """Show the asker what was written so far, wherever they are."""
    said = [reply for reply in replies if reply.text][-SHOWN:]
    lines: list[Text] = [
        say("{who}: {words}", who=_who(view, reply), words=written(clip(reply.text, 320))) for reply in said
    ]
    return replace(own_card(view), body=join(lines or [say("Support hasn't written anything yet.")], "\n\n"))


def _who(view: View, reply: Reply) -> Words:
    return say("You") if reply.member_id == view.question.asker_id else view.person(reply.member_id)


def _show(question: Question) -> Button:
    return Button("What was written", calls.show_private(question.id))


def _for_asker(question: Question, *, take_back: bool = False) -> tuple[AnyButton, ...]:
    id_ = question.id
    if question.state in (State.SOLVED, State.CLOSED):
        return (Button("Reopen", calls.reopen(id_)),) if take_back else ()
    if question.state not in UNSETTLED:
        return ()
    buttons = (Button("Reply to support", calls.write(id_), Style.PRIMARY), Button("Mark as solved", calls.solve(id_)))
    return (*buttons, Button("Take it back", calls.take_back(id_))) if take_back else buttons


def passed_on_card() -> Card:
    return Card(body=say("I've passed it on to support."), tone=Tone.ACTIVE)


def taken_back_card() -> Card:
    return Card(body=say("It's taken back. Support doesn't see it any more."), tone=Tone.DONE)


def for_support_card(views: Sequence[View], message: MessageRef) -> Card:
    """Ask who wrote to Trellis whether that is for support, and about which of their questions."""
    if len(views) == 1:
        words = say("Is this for support? I pass it on with “{title}”.", title=clip(views[0].question.title, 80))
        return Card(body=words, buttons=(Button("Pass it on", calls.pass_on(views[0].question.id, message)),))
    titles = [
        say("{n}. {title}", n=position, title=Strong(clip(view.question.title, 80)))
        for position, view in enumerate(views, 1)
    ]
    buttons = [
        Button(words, calls.pass_on(view.question.id, message)) for words, view in zip(_ABOUT, views, strict=False)
    ]
    return Card(body=join([say("Is this for support, and about which question?"), *titles]), buttons=tuple(buttons))


def claimed_privately_card(view: View) -> Card:
    """Tell an agent that it is theirs, and where to write."""
    link = (LinkButton("Open the thread", view.link),) if view.link else ()
    return Card(
        body=say("It's yours. Answer in its thread here: I pass on what you write, and nobody else sees it."),
        tone=Tone.ACTIVE,
        buttons=(*link, Button("I think this is solved", calls.propose(view.question.id))),
    )
