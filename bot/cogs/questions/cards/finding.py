"""Lists and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.contract.call import Call
from adapters.contract.text import (
    Link,
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
from adapters.contract.ui import Button, Card, CardList, ListItem, Style
from bot.kernel.page import PagePart
from storage.knowledge import Article
from storage.offered import Offered
from storage.questions import State

from .. import calls
from ..gaps import Gap
from .base import SIGNS, View, state_name


def list_card(title: Words, views: Sequence[View], *, more: bool, mine: bool) -> Card:
    """Show questions, one in a line; `more` says that there are others, and `mine` that some may be private."""
    if not views:
        return Card(title, say("There's nothing here. 🌿 “/ask” starts the first one."))
    lines = [
        say(
            "{state} #{number} {title} · {asked}",
            state=SIGNS.get(view.question.state, ""),
            number=view.question.number or 0,
            title=linked(clip(view.question.title, 90), view.link),
            asked=Time(view.question.asked_at or view.question.created_at, TimeStyle.RELATIVE),
        )
        for view in views
    ]
    others = say("These are the newest, and there are more.") if mine else say("There are more: “/search” finds them.")
    return Card(title, join(lines), footer=others if more else "")


def asked_part(views: Sequence[View]) -> PagePart:
    """Say on someone's page what they asked, and how far it is."""
    items = [ListItem(_on_page(view), *_about_mine(view)) for view in views]
    return PagePart(20, things=CardList("Your questions", tuple(items)))


def _about_mine(view: View) -> list[Button]:
    solve = [] if view.question.state is State.OPEN else [_solve(view)]
    if view.question.private:  # it has no place to which a link could lead
        return [Button("What was written", calls.show_private(view.question.id)), *solve]
    return solve


def _solve(view: View) -> Button:
    return Button("Mark as solved", calls.solve(view.question.id))


def helped_part(views: Sequence[View], member_id: int) -> PagePart:
    """Say on someone's page what they took on, and what others hope they can help with."""
    items = [
        ListItem(say("{question} (you're on it)", question=_on_page(view)))
        if view.question.helper_id == member_id
        else ListItem(
            _on_page(view),
            Button("I can help", calls.help_(view.question.id), Style.PRIMARY),
            Button("Not me", calls.decline(view.question.id)),
        )
        for view in views
    ]
    return PagePart(30, things=CardList("You could help with", tuple(items)))


def support_part(mine: Sequence[View], waiting: Sequence[View]) -> PagePart:
    """Say on an agent's page what they have in hand, and what waits for somebody."""
    items = [
        ListItem(
            say("{question} (you have it)", question=_on_page(view)),
            Button("Hand back", calls.release(view.question.id)),
        )
        for view in mine
    ]
    items += [ListItem(_waits(view), Button("Claim", calls.claim(view.question.id), Style.PRIMARY)) for view in waiting]
    return PagePart(25, things=CardList("Support", tuple(items)))


def _waits(view: View) -> Text:
    asked = view.question.asked_at or view.question.created_at
    return say("{question}, asked {when}", question=_on_page(view), when=Time(asked, TimeStyle.RELATIVE))


def _on_page(view: View) -> Text:
    sign = SIGNS.get(view.question.state, "")
    return say("{sign} {title}", sign=sign, title=linked(clip(view.question.title, 60), view.link))


def linked(words: str, link: str | None) -> Words:
    return Link(words, link) if link else Strong(words)


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a search found."""

    title: str
    excerpt: str
    note: Words
    link: str | None

    @classmethod
    def of_article(cls, article: Article, authors: Sequence[Words], link: str | None) -> Found:
        by = say("Knowledge base, by {authors}", authors=listing(authors)) if authors else say("Knowledge base")
        return cls(article.title, article.answer, by, link)

    @classmethod
    def of_question(cls, view: View) -> Found:
        question = view.question
        if question.state is State.SOLVED and question.solution_text:
            note = say("{state} by {helper}", state=state_name(question.state), helper=view.person(question.solver_id))
            return cls(question.title, question.solution_text, note, view.link)
        return cls(question.title, question.details, state_name(question.state), view.link)


def search_card(query: str, found: Sequence[Found], ask: Call) -> Card:
    """Show what a search found, to whoever searched."""
    if not found:
        return Card(
            say("Nothing found"),
            say("No answers found for “{query}”.", query=clip(query, 100)),
            buttons=(Button("Ask the community", ask, Style.PRIMARY),),
        )
    lines = [
        join([linked(clip(entry.title, 110), entry.link), written(clip(entry.excerpt, 220)), entry.note])
        for entry in found
    ]
    return Card(
        say("What is known about “{query}”", query=clip(query, 100)),
        join(lines, "\n\n"),
        buttons=(Button("Ask the community", ask),),
    )


def report_card(past: Sequence[Offered], least: float, gaps: Sequence[Gap]) -> Card:
    """Tell moderators what askers made of the known answers that they were shown, and what is missing for more."""
    # In the body: what is missing is longer than a field of a card may be.
    lacks = [join([gap.what, say("→ {step}", step=gap.mend)]) for gap in gaps]
    missing = [strong("What is missing"), *lacks] if lacks else []
    if not past:
        nobody = say("Nobody was shown a known answer in the last 90 days.")
        return Card(say("Known answers"), join([nobody, *missing], "\n\n"))
    right = sum(one.was_right is True for one in past)
    wrong = sum(one.was_right is False for one in past)
    lines = [
        count(len(past), "One asker was shown what is known.", "{n} askers were shown what is known."),
        count(right, "It helped one of them.", "It helped {n} of them."),
        count(wrong, "One posted their question after all.", "{n} posted their question after all."),
        count(len(past) - right - wrong, "One didn't say.", "{n} didn't say."),
    ]
    footer = say("I show what helps in at least {n} of 100 cases, as far as I can tell.", n=round(least * 100))
    return Card(say("Known answers in the last 90 days"), join([join(lines), *missing], "\n\n"), footer=footer)
