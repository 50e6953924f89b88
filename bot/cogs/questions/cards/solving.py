"""Cards about the end of a question: which answer, how it was, closing and reopening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.contract.text import (
    Time,
    Verbatim,
    Words,
    clip,
    join,
    label,
    say,
    strong,
    written,
)
from adapters.contract.ui import Button, Card, LinkButton, Menu, Option, Style, Tone
from bot.delivery.addressing import named
from storage.moments import MomentKind
from storage.questions import Audience, Question, State
from storage.replies import Reply

from .. import calls
from .base import View, asker_pings, state_name


def which_card(view: View, replies: Sequence[Reply]) -> Card:
    """Ask the asker which message solved it, or whether they did where nobody wrote anything."""
    options = []
    for reply in replies[-24:]:
        author = view.people.get(reply.member_id)
        known = ": ".join(filter(None, [author.name if author else "", " ".join(reply.text.split())]))
        options.append(Option(Verbatim(clip(known, 75)) or "A message", reply.message))
    alone = Button("I found it myself", calls.alone(view.question.id))
    if not options:
        return Card(body=say("Nobody has answered in the thread yet. Did you find it yourself?"), buttons=(alone,))
    return Card(
        body=say("Which message solved it? You can also use “Mark as answer” on the message itself."),
        menu=Menu("Pick the answer", calls.pick(view.question.id), tuple(options)),
        buttons=(alone,),
    )


def solved_notice(view: View, *, by_asker: bool) -> Card:
    """Tell the thread, once, what solved it: in the asker's name only if they said so."""
    question = view.question
    if question.state is State.DEFLECTED:
        words = say("{asker} found an earlier answer that solved this.", asker=view.asker)
    elif question.solver_id and not by_asker:
        words = say("{solver} solved this. Thank you!", solver=view.person(question.solver_id))
    elif not by_asker:
        words = say("This is marked as solved. Not solved? Reopen it.")
    elif question.solver_id:
        words = say(
            "{asker} says that {solver} solved this. Thank you!",
            asker=view.asker,
            solver=view.person(question.solver_id),
        )
    else:
        words = say("{asker} has solved this.", asker=view.asker)
    return Card(body=words, tone=Tone.DONE)


def rating_card(view: View) -> Card:
    """Ask the asker how it was, with one tap."""
    return Card(
        body=say("Glad that “{title}” is solved! How was the help?", title=clip(view.question.title, 80)),
        tone=Tone.DONE,
        buttons=tuple(Button(words, calls.rate(view.question.id, value)) for value, words in RATINGS.items()),
    )


RATINGS = {3: label("😀 Great"), 2: label("🙂 Fine"), 1: label("😕 Not so good")}


def rated_card() -> Card:
    return Card(body=say("Thank you for telling us!"), tone=Tone.DONE)


def answered_card(view: View, helper: Words, *, direct: bool) -> Card:
    """Tell the asker of the first answer, once: in the thread, or `direct` with the way there."""
    title = clip(view.question.title, 80)
    answered = say("{helper} answered your question “{title}”. Does it help?", helper=helper, title=title)
    if not direct:
        answered = join([view.asker, answered], ": ")
    way = (LinkButton("Open it", view.link),) if direct and view.link else ()
    solved = Button("Mark as solved", calls.solve(view.question.id), Style.PRIMARY)
    return Card(body=answered, tone=Tone.ACTIVE, buttons=(*way, solved), pings=asker_pings(view))


def proposal_card(view: View, helper: Words) -> Card:
    """Ask the asker to confirm what a helper believes."""
    return Card(
        body=say("{asker}, {helper} thinks that this is solved. Is it?", asker=view.asker, helper=helper),
        tone=Tone.ACTIVE,
        buttons=_is_it_solved(view),
        pings=asker_pings(view),
    )


def answer_deleted_card(view: View) -> Card:
    """Ask the asker what solved it, now that the message is gone which did."""
    return Card(
        body=say(
            "{asker}, the message that solved “{title}” was deleted or taken back. Is it still solved? "
            "Please say what did it.",
            asker=view.asker,
            title=clip(view.question.title, 80),
        ),
        tone=Tone.WAITING,
        buttons=_is_it_solved(view),
        pings=asker_pings(view),
    )


def reminder_card(view: View, close_at: datetime) -> Card:
    """Ask the asker of an idle question whether it is solved."""
    buttons = [*_is_it_solved(view)]
    if view.question.audience is Audience.PEERS:
        buttons.append(Button("Talk to support", calls.support(view.question.id)))
    return Card(
        body=say(
            "{asker}, is “{title}” solved? If nobody writes before {close}, I'll close it. You can always reopen it.",
            asker=view.asker,
            title=clip(view.question.title, 80),
            close=Time(close_at),
        ),
        buttons=tuple(buttons),
        pings=asker_pings(view),
    )


def _is_it_solved(view: View) -> tuple[Button, Button]:
    id_ = view.question.id
    return Button("Yes, it's solved", calls.solve(id_), Style.PRIMARY), Button("Not yet", calls.not_yet(id_))


def closed_card(view: View, after: Words) -> Card:
    if view.asker_left:
        return Card(body=say("Closed, because the person who asked has left. Nobody needs to answer any more."))
    return Card(
        body=say("Closed, because nobody has written for {after}. Not solved? Reopen it.", after=after),
        buttons=(Button("Reopen", calls.reopen(view.question.id)),),
    )


def asker_back_card(who: Words) -> Card:
    return Card(body=say("{who} is here again, so this question goes on.", who=who), tone=Tone.WAITING)


def reopened_card(who: Words) -> Card:
    return Card(body=say("{who} has reopened this: it isn't solved yet.", who=who), tone=Tone.WAITING)


def back_card(who: Words, what: MomentKind) -> Card:
    match what:
        case MomentKind.HANDED_BACK:
            words = say("{who} has handed this back, so I'm asking someone else.", who=who)
        case MomentKind.HELPER_LEFT:
            words = say("{who} has left, so I'm asking someone else.", who=who)
        case _:
            words = say("{who} hasn't got to this yet, so I'm asking someone else.", who=who)
    return Card(body=words, tone=Tone.WAITING)


def offer_over_card(question: Question) -> Card:
    return Card(body=say("Thank you, “{title}” needs nobody else now.", title=clip(question.title, 100)))


def turn_over_card(view: View) -> Card:
    """Say what became of a question that was somebody's turn: the same to whoever took it and to everyone else."""
    title = clip(view.question.title, 100)
    match view.question.state:
        case State.CLAIMED | State.ANSWERED if view.question.helper_id:
            words = say("{helper} has “{title}”.", helper=view.helper, title=title)
        case State.OPEN:
            words = say("“{title}” isn't waiting for you any more: it's someone else's turn.", title=title)
        case _:
            words = say("“{title}” needs nobody any more.", title=title)
    return Card(body=words)


def taken_back_notice() -> Card:
    """Stand where words of a question stood whose asker may have deleted it for what it says."""
    return Card(body=say("This question was taken back."))


def request_over_card(view: View, *, by_asker: bool) -> Card:
    """Say what became of a question whose asker was asked about it; they are thanked if they answered."""
    match view.question.state:
        case State.SOLVED if by_asker:
            words = say("{state}. Thank you for telling me.", state=state_name(State.SOLVED))
        case State.SOLVED:
            words = join([state_name(State.SOLVED), "."])
        case State.CLOSED if view.asker_left:
            words = say("Closed, because the person who asked has left.")
        case State.CLOSED:
            words = say("Closed, because nobody wrote. It can be reopened.")
        case _:
            words = say("This question goes on.")
    return Card(body=words)


def deleted_card() -> Card:
    """Stand for what was carried into a thread and is forgotten since."""
    return Card(body=say("(This was deleted, or has no words.)"))


def relayed_card(view: View, reply: Reply, where: str) -> Card:
    """Carry what someone wrote in another of the community's spaces into this one."""
    author = view.people.get(reply.member_id)
    hidden = author is None or (view.question.anonymous and reply.member_id == view.question.asker_id)
    name = strong("Someone") if hidden or author is None else named(author)
    head = say("{name}, in {where}:", name=name, where=where) if where else say("{name}, elsewhere:", name=name)
    said = written(clip(reply.text, 2800)) if reply.text else say("(This was deleted, or has no words.)")
    return Card(body=join([head, said]))


def asker_says_card(words: str) -> Card:
    """Carry an anonymous asker's words into the thread."""
    return Card(body=join([strong("The asker writes:"), written(words)]))


def content_card(view: View) -> Card:
    """Ask an asker who sounds content."""
    return Card(
        body=say("That sounds good! Is “{title}” solved?", title=clip(view.question.title, 80)),
        buttons=_is_it_solved(view),
    )


def found_it_card(view: View) -> Card:
    """Ask an asker who sounds content before anybody has answered."""
    return Card(
        body=say("That sounds good! Have you found out “{title}” yourself?", title=clip(view.question.title, 80)),
        buttons=(
            Button("I found it myself", calls.alone(view.question.id), Style.PRIMARY),
            Button("Not yet", calls.not_yet(view.question.id)),
        ),
    )


def settled_card(view: View) -> Card:
    """Ask the author of an edited post that asks nothing any more what becomes of their question."""
    id_ = view.question.id
    return Card(
        say("Is that still a question?"),
        say("What you wrote doesn't ask anything any more. Unless you say so, I go on asking around."),
        buttons=(Button("I found it myself", calls.alone(id_)), Button("Not a question", calls.drop(id_))),
    )


def not_solved_card(view: View) -> Card:
    """Ask an asker who writes under a settled question."""
    return Card(
        body=say("“{title}” is settled. Is it not solved after all?", title=clip(view.question.title, 80)),
        buttons=(Button("Reopen", calls.reopen(view.question.id)),),
    )


def going_on_card() -> Card:
    return Card(body=say("All right, it stays open. Write in the thread what is still missing."))


def proposed_card() -> Card:
    return Card(body=say("Thank you! I've asked the person with the question to confirm it."), tone=Tone.DONE)


def marked_card() -> Card:
    return Card(body=say("Marked as solved. Thank you for tidying up!"), tone=Tone.DONE)


def congratulation_card() -> Card:
    return Card(body=say("Marked as solved. Well done!"), tone=Tone.DONE)
