"""The question itself, in the help channel, and the notices in its thread."""

from __future__ import annotations

from adapters.contract.text import (
    Text,
    Time,
    TimeStyle,
    join,
    say,
    strong,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, CardField, Style, Tone
from storage.questions import Audience, State

from .. import calls
from .base import TONES, View, screenshot_of, state_name


def question_card(view: View) -> Card:
    """Show a question to everyone, in whichever state it is."""
    question = view.question
    if question.state is State.DROPPED:
        return dropped_card(view)
    id_ = question.id
    buttons: tuple[AnyButton, ...]
    if question.state in (State.SOLVED, State.CLOSED):
        buttons = (Button("Reopen", calls.reopen(id_)),)
    elif question.state is State.DEFLECTED:
        buttons = ()
    else:
        buttons = (Button("Mark as solved", calls.solve(id_)),)
        if question.audience is Audience.PEERS:
            help_ = Button("I can help", calls.help_(id_), Style.PRIMARY)
            buttons = (help_, *buttons, Button("Talk to support", calls.support(id_)))
        if question.anonymous:
            buttons += (Button("Reply as the asker", calls.speak(id_)), Button("Who asked?", calls.reveal(id_)))
    fields = [CardField("State", state_of(view)), CardField("Asked by", view.asker)]
    if question.topic:
        fields.append(CardField("Topic", question.topic))
    if question.asked_at:
        fields.append(CardField("Asked", Time(question.asked_at, TimeStyle.RELATIVE)))
    body = written(question.details)
    if question.state is State.SOLVED and question.solution_text:
        body = join([body, join([_credit(view), written(question.solution_text)])], "\n\n")
    return Card(
        question.title,
        body,
        fields=tuple(fields),
        footer=f"#{question.number}",
        tone=TONES.get(question.state, Tone.NEUTRAL),
        buttons=buttons,
        kept=screenshot_of(question),
        emoji="❓",
    )


def dropped_card(view: View) -> Card:
    """Stand for a question that was taken back: its author may have deleted it for what it says."""
    state = CardField("State", state_of(view))
    return Card(say("A question that was taken back"), fields=(state,), footer=f"#{view.question.number}")


def state_of(view: View) -> Text:
    question = view.question
    name = state_name(question.state)
    match question.state:
        case State.OPEN if question.audience is Audience.AGENTS:
            return say("{state} · waiting for support", state=name)
        case State.CLAIMED:
            return say("{state} · {helper} is on it", state=name, helper=view.helper)
        case State.SOLVED if question.solver_id:
            return say("{state} by {helper}", state=name, helper=view.person(question.solver_id))
        case State.CLOSED if view.asker_left:
            return say("{state} · the person who asked has left", state=name)
        case State.CLOSED:
            return say("{state} · nobody wrote any more", state=name)
    return name


def _credit(view: View) -> Text:
    answer = strong("The answer")
    if view.question.solver_id:
        return say("{answer} from {solver}:", answer=answer, solver=view.person(view.question.solver_id))
    return say("{answer}:", answer=answer)
