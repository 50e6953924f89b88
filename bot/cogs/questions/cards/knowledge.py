"""Cards of the knowledge base: what is kept, and its authors' consent."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.text import (
    Words,
    clip,
    join,
    listing,
    say,
    written,
)
from adapters.contract.ui import Button, Card, Style, Tone
from bot.delivery.addressing import mention
from storage.knowledge import Article
from storage.members import Member

from .. import calls
from .base import pings


def saved_card(authors: Sequence[Words]) -> Card:
    if not authors:
        return Card(body=say("Saved to the knowledge base. It can be found from now on."), tone=Tone.DONE)
    return Card(body=say("Saved. It's published once {authors} agree.", authors=listing(authors)), tone=Tone.WAITING)


def cannot_be_asked_card(article: Article, author: Member) -> Card:
    """Tell whoever saved an article that somebody cannot be asked any more."""
    return Card(
        say("For the knowledge base: {title}", title=clip(article.title, 110)),
        say("{author} left before saying whether this may be published, so it isn't.", author=mention(author)),
    )


def consent_card(article: Article, authors: Sequence[Member], version: str) -> Card:
    """Ask the authors whether their words may stand in the knowledge base; `version` tells those words from others."""
    agree, refuse = (calls.consent(article.id, version, agreed) for agreed in (True, False))
    return Card(
        say("For the knowledge base: {title}", title=clip(article.title, 110)),
        join(
            [
                say(
                    "{authors}, this answer is worth keeping. May it be published with your name?",
                    authors=listing([mention(author) for author in authors]),
                ),
                written(clip(article.answer, 1500)),
            ],
            "\n\n",
        ),
        buttons=(Button("Yes, publish it", agree, Style.PRIMARY), Button("No", refuse)),
        pings=pings(*authors),
    )


def consented_card(agreed: bool, published: bool) -> Card:
    if published and agreed:
        return Card(body=say("Thank you! It's in the knowledge base now, with your name."), tone=Tone.DONE)
    others = say("Thank you! The other authors are asked too.")
    return Card(body=others if agreed else say("All right, it isn't published."))


def published_card(article: Article, authors: Sequence[Words]) -> Card:
    return Card(
        say("In the knowledge base: {title}", title=clip(article.title, 110)),
        say("Thank you, {authors}!", authors=listing(authors)) if authors else say("It can be found with “/search”."),
        tone=Tone.DONE,
    )
