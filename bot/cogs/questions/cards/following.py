"""Cards for who would ask what somebody else asks just now, and waits for the answer to that."""

from __future__ import annotations

from adapters.contract.text import Link, Strong, Words, clip, join, say, written
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, Style, Tone
from storage.questions import UNSETTLED, Question, State

from .. import calls
from .base import View


def same_card(view: View, draft: Question, *, soon: bool = False) -> Card:
    """Show the asker who asks the same at this moment: its answer is theirs, too. It may be a question of their own."""
    title: Words = Link(view.question.title, view.link) if view.link else Strong(view.question.title)
    if view.question.asker_id == draft.asker_id:
        words = say("You've asked this already, and it's still open: {title}", title=title)
        buttons = [*_to_it(view)]
    else:
        words = say(
            "{asker} asks this just now. Follow it, and I tell you the answer: {title}", asker=view.asker, title=title
        )
        buttons = [Button("Follow it", calls.follow(draft.id, view.question.id), Style.PRIMARY)]
    buttons.append(Button("Post my question", calls.post(draft.id)))
    if draft.origin:
        buttons.append(Button("Not a question", calls.drop(draft.id)))
    return Card(
        say("Is this the same?"),
        words,
        footer=say("If not, I ask around in a few minutes.") if soon else say("Nothing has been posted yet."),
        buttons=tuple(buttons),
    )


def following_card() -> Card:
    return Card(body=say("You follow it. I tell you as soon as it is solved."), tone=Tone.WAITING)


def followed_card(view: View) -> Card:
    """Tell somebody who would have asked the same what solved it, or whom to ask for that."""
    question, title = view.question, clip(view.question.title, 100)
    solved = say("“{title}” is solved.", title=title)
    if question.solution_text:
        body = join([solved, written(clip(question.solution_text, 1500))], "\n\n")
    else:
        body = say(
            "{asker} has solved “{title}”, but not said how. You can ask in its thread.", asker=view.asker, title=title
        )
    return Card(body=body, tone=Tone.DONE, buttons=_to_it(view))


def unanswered_card(view: View, draft: Question) -> Card:
    """Tell somebody who would have asked the same that nothing comes of it, and let them ask for themselves."""
    title, question = clip(draft.title, 100), view.question
    if question.state is State.DROPPED:
        words = say("The question that you follow was taken back. You wanted to know: “{title}”", title=title)
    elif view.asker_left:
        words = say("The person who asked what you follow has left. You wanted to know: “{title}”", title=title)
    else:
        words = say("What you follow was closed without a solution. You wanted to know: “{title}”", title=title)
    post = Button("Post my question", calls.post(draft.id), Style.PRIMARY)
    there = () if question.state is State.DROPPED else _to_it(view)
    return Card(body=words, tone=Tone.WAITING, buttons=(post, *there))


def followed_again_card(view: View) -> Card:
    """Stand where somebody was told how a question ended that they follow, and that has gone on since."""
    title = clip(view.question.title, 100)
    if view.question.state in UNSETTLED:
        return Card(body=say("“{title}” goes on. I tell you as soon as it is solved.", title=title), tone=Tone.WAITING)
    return Card(body=say("“{title}” has ended in another way since: I've told you how.", title=title))


def _to_it(view: View) -> tuple[AnyButton, ...]:
    return (LinkButton("Open it", view.link),) if view.link else ()
