"""Suggesting an idea: what is there already is shown first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from adapters.contract.call import Call
from adapters.contract.text import Verbatim, Words, join, say
from adapters.contract.ui import Button, Card, LinkButton, Style, Tone
from bot.kernel.cog import Cog, action, command, drawing, every, listener
from bot.kernel.context import Context, Submission
from bot.kernel.domain_events import IdeaAdded, MemberErased
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.limits import DAY, require_room
from bot.kernel.work import Reading, Work
from storage.ideas import ALIVE
from storage.members import Member

from . import calls
from .cards import DECIDED_ALREADY, View, line_of, name_of, status_of
from .service import KIND, Ideas

DRAFTS_KEPT = timedelta(days=2)


class IdeaForm(Form, title="Suggest an idea", submit="Suggest"):
    """What would make things better."""

    title: str = ask("Your idea, in one sentence", longest=150)
    details: str = ask(
        "More about it", hint="Who needs it, and for what?", longest=2500, lines=6, rich=True, required=False
    )


class Suggest(Cog):
    """Members say what they would like."""

    name = "suggest"
    room = "Ideas"

    def __init__(self, ideas: Ideas) -> None:
        self.ideas = ideas

    @command(
        "idea add",
        "Suggest an idea; what is there already is shown first",
        formerly=("ideas.add",),
        start="Suggest an idea",
    )
    async def add(self, ctx: Submission[IdeaForm]) -> None:
        await self.ideas.require_channel(ctx, ctx.space)
        await self._require_room(ctx)
        form = ctx.form
        draft = await self.ideas.store.draft(
            ctx.community.id, ctx.member.id, ctx.space.key, form.title, form.details, ctx.now
        )
        similar = await self.ideas.similar(ctx, draft)
        if not similar:
            await self._post(ctx, draft.id)
            await ctx.reply_once(calls.posted(draft.id), after=(KIND, draft.id))
            return
        votes = [calls.vote_instead(draft.id, one.id) if one.status in ALIVE else None for one in similar]
        views = await self.ideas.views(ctx, similar)
        await ctx.reply(known_card(views, votes, calls.post(draft.id), calls.drop(draft.id)))

    @action(formerly=("ideas.post",))
    async def post(self, ctx: Context, idea_id: int) -> None:
        """What is there is something else."""
        await self.ideas.own(ctx, idea_id)
        await self._post(ctx, idea_id)
        await ctx.update_once(calls.posted(idea_id), after=(KIND, idea_id))

    async def _require_room(self, ctx: Context) -> None:
        most = (await self.ideas.policies.of(ctx.community.id)).a_day
        lately = await self.ideas.store.added_since(ctx.member.id, ctx.now - DAY)
        require_room(ctx, lately, most, say("You've suggested a lot today."))

    async def _post(self, ctx: Context, idea_id: int) -> None:
        await self._require_room(ctx)
        added = await self.ideas.store.add(idea_id, ctx.now)
        if added is None:
            raise UserError(DECIDED_ALREADY)
        await self.ideas.search.put(ctx.community.id, KIND, idea_id, title=added.title, body=added.details, at=ctx.now)
        self.ideas.lifecycle.touch(ctx, idea_id)
        await ctx.publish(IdeaAdded(idea_id, ctx.member.id))

    @drawing
    async def posted(self, reading: Reading, idea_id: int) -> Card:
        """Tell the author that their idea is there, or will be."""
        idea = await self.ideas.get(reading, idea_id)
        links = await reading.links(KIND, [idea_id])
        return posted_card(View(idea, link=links[idea_id])) if idea_id in links else later_card()

    @action(formerly=("ideas.drop",))
    async def drop(self, ctx: Context, idea_id: int) -> None:
        """It need not be posted."""
        await self.ideas.own(ctx, idea_id)
        require(await self.ideas.store.drop(idea_id), DECIDED_ALREADY)
        await ctx.update(dropped_card())

    @every("daily 04:30")
    async def purge(self, work: Work) -> None:
        """Forget drafts that nobody posted."""
        await self.ideas.store.prune(work.now - DRAFTS_KEPT)

    @listener(MemberErased)
    async def redraw(self, work: Work, event: MemberErased) -> None:
        """Have the cards that named someone say what is left."""
        suggested, _, _ = await self.ideas.store.written_by(event.member_id)
        for idea in suggested:
            self.ideas.lifecycle.touch(work, idea.id)
            await work.unname_threads(KIND, idea.id)

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.ideas.lifecycle]

    async def room_words(self, ctx: Context) -> Words:
        channels = self.ideas.channels.links(ctx.space)
        return say("Ideas are collected and voted on in {channels}.", channels=channels) if channels else ""

    async def export(self, member: Member) -> dict[str, Any]:
        suggested, voted, followed = await self.ideas.store.written_by(member.id)
        return {
            "suggested": [
                {"title": idea.title, "details": idea.details, "status": idea.status, "at": idea.created_at}
                for idea in suggested
            ],
            "voted_for": [idea.title for idea in voted],
            "followed": [idea.title for idea in followed],
        }

    async def erase(self, member: Member) -> None:
        suggested, _, _ = await self.ideas.store.written_by(member.id)
        await self.ideas.store.forget(member.id)
        for idea in suggested:
            await self.ideas.search.remove(KIND, idea.id)


def known_card(similar: Sequence[View], votes: Sequence[Call | None], post: Call, drop: Call) -> Card:
    """Show someone what is there already, before their idea is posted."""
    lines = [join([line_of(view), status_of(view.idea.status)], " · ") for view in similar]
    buttons = [
        Button("👍 Vote for that one", vote, Style.PRIMARY)
        if len(similar) == 1
        else Button(Verbatim(f"👍 #{view.idea.number}"), vote, Style.PRIMARY)
        for view, vote in zip(similar, votes, strict=True)
        if vote
    ]
    return Card(
        say("Is it one of these?"),
        join([say("A vote for what is there counts more than the same idea twice:"), *lines]),
        footer=say("Nothing has been posted yet."),
        buttons=(*buttons, Button("Mine is another one", post), Button("Never mind", drop)),
    )


def posted_card(view: View) -> Card:
    """Tell the author that their idea is there."""
    words = say("Idea {name} is posted. You hear what becomes of it.", name=name_of(view.idea))
    return Card(body=words, tone=Tone.DONE, buttons=(LinkButton("Open it", view.link),) if view.link else ())


def later_card() -> Card:
    return Card(body=say("It's noted, and will be posted as soon as the platform lets me."), tone=Tone.WAITING)


def dropped_card() -> Card:
    return Card(body=say("All right, nothing was posted."))
