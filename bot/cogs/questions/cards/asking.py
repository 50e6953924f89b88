"""Cards for whoever asks, before and when a question is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.contract.text import (
    Link,
    Strong,
    Text,
    Time,
    TimeStyle,
    Words,
    clean,
    clip,
    count,
    join,
    label,
    listing,
    say,
    strong,
    text,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, Style, Tone
from bot.text.likeness import SAME
from bot.text.passages import other_versions, passage
from storage.members import Member
from storage.questions import Audience, Question
from storage.search import PLAIN

from .. import calls
from ..trusted import Answer
from .base import View

LONGEST = 500
"""How much of a known answer is shown, in characters."""
_SOLVED_IT = (label("This solved it (1)"), label("This solved it (2)"), label("This solved it (3)"))


@dataclass(frozen=True, slots=True)
class Known:
    """A settled question that may answer this one, or an article that does: how likely, and what tells of its worth.

    It has helped so many others since.
    """

    question: Question
    title: str
    answer: Answer
    helper: Words
    link: str | None
    helped: int
    chance: float


def known_card(known: Sequence[Known], draft: Question, *, soon: bool = False) -> Card:
    """Show the asker what is known already. What they posted themselves goes on `soon`, if it is surely a question."""
    single, sure = len(known) == 1, known[0].chance >= SAME
    parts = [_known(entry, draft, 0 if single else position) for position, entry in enumerate(known, 1)]
    buttons = [
        Button(
            "This solved it" if single else _SOLVED_IT[position],
            calls.solved_by(draft.id, entry.question.id),
            Style.PRIMARY if single else Style.NEUTRAL,
        )
        for position, entry in enumerate(known)
    ]
    buttons.append(Button("Post my question", calls.post(draft.id), Style.NEUTRAL if single else Style.PRIMARY))
    if draft.origin:
        buttons.append(Button("Not a question", calls.drop(draft.id)))
    return Card(
        say("Does this answer it?") if sure else say("Is this about the same?"),
        join(parts, "\n\n"),
        footer=say("If not, I ask around in a few minutes.") if soon else say("Nothing has been posted yet."),
        buttons=tuple(buttons),
    )


def _known(entry: Known, draft: Question, position: int) -> Text:
    title: Words = Link(entry.title, entry.link) if entry.link else Strong(entry.title)
    head = say("{n}. {title}", n=position, title=title) if position else text(title)
    asked = f"{draft.title} {draft.details}"
    when = Time(entry.answer.at, TimeStyle.RELATIVE)
    answer = _marked(entry.answer.words, asked)
    lines = [head, say("{helper} answered {when}: {answer}", helper=entry.helper, when=when, answer=answer)]
    if entry.answer.weight == PLAIN:
        lines.append(say("Nobody has said whether that solved it."))
    if entry.helped:
        lines.append(count(entry.helped, "It has helped one other person.", "It has helped {n} other people."))
    if differs := other_versions(asked, f"{entry.title} {entry.question.details} {entry.answer.words}"):
        lines.append(say("It's about {theirs}, and you ask about {yours}.", theirs=differs[1], yours=differs[0]))
    return join(lines)


def _marked(words: str, asked: str) -> Text:
    """Return an answer with the sentence marked that answers; of a long one, what stands from there on."""
    answer = clean(words)
    found = passage(answer, asked)
    if found is None:
        return written(clip(answer, LONGEST))
    start, end = found
    before = answer[:start] if end <= LONGEST else "… "
    after = clip(answer[end:], LONGEST - len(before) - (end - start))
    return text(before) + Strong(clip(answer[start:end], LONGEST)) + after


def perhaps_card(draft: Question) -> Card:
    """Ask the author of a post in a help channel whether it is meant as a question. Nobody has been asked yet."""
    return Card(
        say("Is this a question for the community?"),
        say("I'm not sure, so I haven't asked anyone yet."),
        buttons=(
            Button("Yes, ask the community", calls.post(draft.id), Style.PRIMARY),
            Button("No", calls.unwanted(draft.id)),
            Button("No, leave me alone", calls.drop(draft.id)),
        ),
    )


def let_be_card() -> Card:
    return Card(body=say("All right, I leave it at that."))


def shall_i_post_card(draft: Question) -> Card:
    """Ask whoever asked Trellis whether the community is to be asked."""
    return Card(
        say("Post it to the community?"),
        join([Strong(draft.title), say("I found nothing about it. Somebody here may know.")]),
        footer=say("Nothing has been posted yet."),
        buttons=(Button("Post my question", calls.post(draft.id), Style.PRIMARY),),
    )


def deflected_card(helper: Words | None) -> Card:
    """Be glad with whoever an old answer has helped. It counts for a `helper`; for nobody if it was their own."""
    words = say("Glad that helped!")
    if helper:
        words = say("Glad that helped! It counts for {helper} once more.", helper=helper)
    return Card(body=words, tone=Tone.DONE)


def posted_card(view: View, asked: Sequence[Member], opens: datetime | None, *, has_support: bool) -> Card:
    """Tell the asker that their question is there, and what happens now; support may only be there when it `opens`."""
    question = view.question
    if question.audience is Audience.AGENTS and opens:
        next_ = say("Support has it. It's there again {opens}, and will answer in the thread.", opens=Time(opens))
    elif question.audience is Audience.AGENTS:
        next_ = say("Support has it now and will answer in the thread.")
    elif asked:
        next_ = say(
            "I've asked {names} to look at it, and tell you when somebody answers.",
            names=listing([Strong(member.name) for member in asked]),
        )
    elif has_support:
        next_ = say("Everyone in the channel can see it. If nobody answers, support will.")
    else:
        next_ = say("Everyone in the channel can see it.")
    name = strong("Question #{number}", number=question.number or 0)
    lines = [join([say("{name} is posted.", name=name), next_], " ")]
    if question.anonymous:
        lines.append(
            say("Your name isn't shown. What you write in the thread yourself is, so use “Reply as the asker”.")
        )
    buttons: list[AnyButton] = [LinkButton("Open it", view.link)] if view.link else []
    if question.origin:
        buttons.append(Button("Not a question", calls.drop(question.id)))
    return Card(body=join(lines), tone=Tone.WAITING, buttons=tuple(buttons))


def later_card() -> Card:
    return Card(body=say("It's noted, and will be posted as soon as the platform lets me."), tone=Tone.WAITING)


def left_out_card() -> Card:
    """Say that what was asked was taken back before it could be posted."""
    return Card(body=say("That question is gone."))


def left_alone_card() -> Card:
    words = say(
        "Sorry for the noise! What you post here is left alone from now on. “/ask” still works whenever you like."
    )
    return Card(body=words)
