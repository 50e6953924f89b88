"""The board: every idea in the column of its status, as a web page in the language of whoever opens it.

It shows one community's ideas, names no members, and needs no script. Who may open it is for the one who serves it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TypeAlias

from aiohttp import web

from adapters.contract.models import Space
from adapters.contract.text import Text, Translations, Words, count, say, text
from bot.text.language import Locales
from storage.idea_votes import IdeaVoteStore
from storage.ideas import Idea, IdeaStore
from storage.members import Community, MemberStore

from .cards import status_of
from .policy import DECIDED, shown

Html: TypeAlias = Callable[[Words], str]
"""Says words in the reader's language, as HTML."""

BOARD_HOW = say("Those with most votes come first. Vote in the chat, where each idea has its card.")
NOTHING_HERE = say("Nothing here.")
NO_SUCH_BOARD = say("There's no such board.")
COLUMN = 50
"""How many ideas one column shows."""

STYLE = """
:root { color-scheme: light dark;
  --paper: light-dark(#faf6ea, #121915); --sheet: light-dark(#fffdf6, #1a231e); --raised: light-dark(#fff, #202b25);
  --ink: light-dark(#22302a, #e5ece2); --soft: light-dark(#5a685f, #a0b0a5); --line: light-dark(#e4dcc6, #2c3932);
  --leaf: light-dark(#215c39, #93dab0); --sprout: light-dark(#e6f0d8, #2a4133); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 1500px; margin: 0 auto; padding: 20px clamp(14px, 3vw, 36px); }
header { padding-bottom: 0; }
h1, h2, h3 { margin: 0; line-height: 1.25; font-family: "Iowan Old Style", Palatino, Georgia, serif; }
h1 { font-size: 28px; }
h2 { display: flex; justify-content: space-between; font-size: 19px; }
h3 { font-size: 17px; overflow-wrap: anywhere; }
p { margin: 4px 0 0; overflow-wrap: anywhere; }
a { color: var(--leaf); text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px; border-radius: 4px; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 18px;
  align-items: start; }
section { padding: 14px; border: 1px solid var(--line); border-radius: 16px; background: var(--sheet); }
section ol { display: grid; gap: 10px; margin: 12px 0 0; padding: 0; list-style: none; }
section li { padding: 12px 14px; border: 1px solid var(--line); border-radius: 12px; background: var(--raised); }
.votes { display: inline-block; margin-top: 6px; padding: 0 10px; border-radius: 99px; background: var(--sprout);
  color: var(--leaf); font-weight: 650; font-size: 14px; }
.number, .count, .soft { color: var(--soft); font-weight: 400; font-size: 15px; }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class IdeasPage:
    """Serves the board of the community that lives in `space`."""

    def __init__(
        self, ideas: IdeaStore, votes: IdeaVoteStore, members: MemberStore, space: Space, locales: Locales
    ) -> None:
        self._space = space
        self._ideas = ideas
        self._votes = votes
        self._members = members
        self._locales = locales

    def routes(self) -> Sequence[web.RouteDef]:
        return (web.get("/ideas", self._show),)

    async def _show(self, request: web.Request) -> web.Response:
        community = await self._members.community_of(self._space.key)
        if community is None:
            raise web.HTTPNotFound(text=NO_SUCH_BOARD.plain())
        ideas = await self._ideas.listed(community.id, DECIDED)
        votes = await self._votes.tally(community.id)
        language = self._locales.code_of(request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0])
        page = ideas_page(community, ideas, votes, language, self._locales.of(language))
        return web.Response(text=page, content_type="text/html", headers=HEADERS)


def ideas_page(
    community: Community,
    ideas: Sequence[Idea],
    votes: Mapping[int, int],
    language: str,
    translations: Translations,
) -> str:
    """Return the page. Whatever members wrote is escaped."""

    def html(words: Words) -> str:
        return escape(text(words).localized(translations).plain())

    title = html(board_title(community.name))
    numbers = {idea.id: idea.number for idea in ideas}
    columns = "".join(
        _column(status_of(status), shown(ideas, votes, status), votes, numbers, status.value, html)
        for status in DECIDED
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        f'<header><h1>{title}</h1><p class="soft">{html(BOARD_HOW)}</p></header>'
        f"<main>{columns}</main></body></html>"
    )


def _column(
    name: Text,
    ideas: Sequence[Idea],
    votes: Mapping[int, int],
    numbers: Mapping[int, int | None],
    id_: str,
    html: Html,
) -> str:
    entries = "".join(_entry(idea, votes.get(idea.id, 0), numbers, html) for idea in ideas[:COLUMN])
    more = len(ideas) - COLUMN
    tail = f'<p class="soft">{html(more_of(more))}</p>' if more > 0 else ""
    inside = f"<ol>{entries}</ol>{tail}" if ideas else f'<p class="soft">{html(NOTHING_HERE)}</p>'
    heading = f'<h2 id="{id_}">{html(name)} <span class="count">{len(ideas)}</span></h2>'
    return f'<section aria-labelledby="{id_}">{heading}{inside}</section>'


def _entry(idea: Idea, votes: int, numbers: Mapping[int, int | None], html: Html) -> str:
    note = f'<p dir="auto">{escape(idea.note)}</p>' if idea.note else ""
    into = numbers.get(idea.merged_into or 0)
    pointer = f'<p><a href="#idea-{into}">{html(goes_on_in(into))}</a></p>' if into else ""
    return (
        f'<li id="idea-{idea.number}"><h3 dir="auto">{escape(idea.title)} '
        f'<span class="number">#{idea.number}</span></h3>'
        f'{note}{pointer}<span class="votes">{html(votes_count(votes))}</span></li>'
    )


def board_title(community: str) -> Text:
    return say("Ideas of {community}", community=community)


def more_of(number: int) -> Text:
    return count(number, "and {n} more", "and {n} more")


def goes_on_in(number: int) -> Text:
    return say("Goes on in #{number}", number=number)


def votes_count(votes: int) -> Text:
    return count(votes, "{n} vote", "{n} votes")
