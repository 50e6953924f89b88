"""Finding ideas: lists, and one idea with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from adapters.contract.commands import Role
from adapters.contract.text import Text, Words, count, join, label, say, written
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, Menu, Option, Style, Tone
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.forms import Form, ask
from storage.ideas import ALIVE, Status
from storage.members import Member

from . import calls
from .cards import STATUSES, TONES, View, facts_of, footer_of, line_of, status_of, titled
from .ideas_page import IdeasPage
from .policy import DECIDED, shown
from .service import Ideas

LISTED = 10
LISTS = {
    "votes": label("Most votes"),
    "new": label("Newest"),
    **{status.value: name for status, name in STATUSES.items()},
}
"""Every list there is, by what it is called in a command."""


class ListForm(Form, title="Ideas"):
    """Which ideas, in which order."""

    status: str = ask(
        "Which ones",
        hint="Those with most votes, if you pick nothing",
        choices=tuple(Option(name, value) for value, name in LISTS.items()),
        required=False,
    )


class WhichIdea(Form, title="Which idea"):
    """An idea by its number."""

    idea: int | None = ask(
        "Its number or title",
        hint="As on its card. Empty: the newest ones",
        required=False,
        suggest=lambda cog, asked: cog.ideas.suggested(asked),
    )


class Browse(Cog):
    """Members look at what there is."""

    name = "browse"
    room = "Ideas"

    def __init__(self, ideas: Ideas, page: IdeasPage | None) -> None:
        self.ideas = ideas
        self.ideas_page = page

    @command("idea list", "See the community's ideas: by votes, the newest, or by status")
    async def list_ideas(self, ctx: Submission[ListForm]) -> None:
        await ctx.reply(await self._list(ctx, ctx.form.status or "votes"))

    @action(formerly=("ideas.list_others",))
    async def list_others(self, ctx: Context) -> None:
        """Show another list in the place of this one."""
        chosen = ctx.values[0] if ctx.values and ctx.values[0] in LISTS else "votes"
        await ctx.update(await self._list(ctx, chosen))

    async def _list(self, ctx: Context, by: str) -> Card:
        everything = await self.ideas.store.listed(ctx.community.id, DECIDED)
        found = shown(everything, await self.ideas.votes.tally(ctx.community.id), by)
        return list_card(await self.ideas.views(ctx, found[:LISTED]), by, len(found))

    @command("idea show", "See one idea, with who wants it and what became of it")
    async def show(self, ctx: Submission[WhichIdea]) -> None:
        if ctx.form.idea is None:
            await ctx.reply(await self._list(ctx, "new"))
            return
        idea = await self.ideas.named(ctx, ctx.form.idea)
        merged = await self.ideas.views(ctx, await self.ideas.store.merged(idea.id))
        voted = await self.ideas.votes.has_voted(idea.id, ctx.member.id)
        view = await self.ideas.view(ctx, idea)
        await ctx.reply(shown_card(view, merged, voted=voted, decides=ctx.role >= Role.MODERATOR))

    def routes(self) -> Sequence[web.RouteDef]:
        return self.ideas_page.routes() if self.ideas_page else ()

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def list_card(views: Sequence[View], by: str, total: int) -> Card:
    """Show ideas, one in a line, with a menu for other lists."""
    empty = say("There's nothing here. 🌿 “/idea add” starts the next one.")
    more = total - len(views)
    return Card(
        join([say("Ideas"), _list_name(by)], " · "),
        join(map(line_of, views)) or empty,
        footer=count(more, "{n} more", "{n} more") if more else "",
        menu=Menu("Show others", calls.list_others(), tuple(Option(name, value) for value, name in LISTS.items())),
    )


def _list_name(by: str) -> Text:
    if by == "votes":
        return say("Most votes")
    return say("Newest") if by == "new" else status_of(Status(by))


def shown_card(view: View, merged: Sequence[View], *, voted: bool, decides: bool) -> Card:
    """Show one idea to one person, with all that is known."""
    idea = view.idea
    buttons: list[AnyButton] = []
    if not voted and idea.status in ALIVE:
        buttons.append(Button("👍 Vote", calls.vote(idea.id), Style.PRIMARY))
    if view.link:
        buttons.append(LinkButton("Open it", view.link))
    if idea.merged_into and decides:
        buttons.append(Button("Undo the merge", calls.unmerge(idea.id)))
    lines: list[Words] = [written(idea.details)]
    if merged:
        lines.append(join([say("Merged into it:"), *(titled(other.idea, other.link) for other in merged)]))
    return Card(
        idea.title,
        join(lines, "\n\n"),
        fields=facts_of(view),
        footer=footer_of(idea),
        tone=TONES.get(idea.status, Tone.NEUTRAL),
        buttons=tuple(buttons),
    )
