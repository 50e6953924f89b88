"""The question itself, in the help channel, and the notices in its thread."""

from __future__ import annotations

from adapters.contract.call import Call
from adapters.contract.text import (
    Strong,
    Text,
    Time,
    TimeStyle,
    join,
    say,
    text,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, CardField, Style, Tone
from storage.questions import Audience, State

from .base import STATES, TONES, View


def question_card(
    view: View, *, solve: Call, support: Call, help_: Call, reopen: Call, speak: Call, reveal: Call
) -> Card:
    """Show a question to everyone, in whichever state it is."""
    question = view.question
    buttons: tuple[AnyButton, ...]
    if question.state in (State.SOLVED, State.CLOSED):
        buttons = (Button("Reopen", reopen),)
    elif question.state in (State.DROPPED, State.DEFLECTED):
        buttons = ()
    else:
        buttons = (Button("Mark as solved", solve),)
        if question.audience is Audience.PEERS:
            buttons = (Button("I can help", help_, Style.PRIMARY), *buttons, Button("Talk to support", support))
        if question.anonymous:
            buttons += (Button("Reply as the asker", speak), Button("Who asked?", reveal))
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
    )


def state_of(view: View) -> Text:
    question = view.question
    label = STATES[question.state]
    match question.state:
        case State.OPEN if question.audience is Audience.AGENTS:
            return text(f"{label} · waiting for support")
        case State.CLAIMED:
            return say("{label} · {helper} is on it", label=label, helper=view.helper)
        case State.SOLVED if question.solver_id:
            return say("{label} by {solver}", label=label, solver=view.person(question.solver_id))
        case State.CLOSED:
            return text(f"{label} · nobody wrote any more")
    return text(label)


def _credit(view: View) -> Text:
    if view.question.solver_id:
        return say("{answer} from {solver}:", answer=Strong("The answer"), solver=view.person(view.question.solver_id))
    return say("{answer}:", answer=Strong("The answer"))
