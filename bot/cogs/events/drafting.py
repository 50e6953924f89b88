"""Drafting: an event is read back to its author before anyone else sees it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.text import say
from adapters.contract.ui import Card
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError, require
from storage.events import Event, EventState
from storage.members import Member

from . import cards
from .desk import Desk
from .forms import BasicsForm, EventForm, MoreForm, basics, repeat, require_open, terms, typed_basics, typed_terms
from .planning import Planning
from .repeating import WALL, moment, wall, walls
from .rules import closes_at

FOLLOWING = 3
"""How many of the dates that follow are read back."""


class Drafting(Cog):
    """Members plan events."""

    name = "drafting"
    room = "Events"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @command("event create", "Plan an event")
    async def create(self, ctx: Submission[EventForm]) -> None:
        policy = await self.desk.policies.of(ctx.community.id)
        ctx.require_role(policy.creators)
        if self.desk.channels.nearest(ctx.space, await ctx.spaces()) is None:
            raise UserError(
                say("There is no events channel here yet. An admin can name one in TRELLIS_EVENTS_CHANNELS.")
            )
        form = ctx.form
        said = basics(form, ctx.now, ctx.zone, policy.duration)
        facts = said | terms(form) | {"zone": ctx.zone.key}
        facts |= repeat(form.repeat, ctx, said["starts_at"], said["ends_at"], ctx.zone)
        require_open(facts["starts_at"], facts["closes_minutes"], ctx.now)
        draft = await self.desk.events.draft(ctx.community.id, ctx.member.id, ctx.space.key, ctx.now, **facts)
        await ctx.reply(self._echo(ctx, draft))

    def _echo(self, ctx: Context, draft: Event) -> Card:
        zone = ZoneInfo(draft.zone)
        follow: list[datetime] = []
        if draft.rule:
            first = wall(draft.starts_at, zone)
            follow = [moment(at, zone) for at in islice(walls(draft.rule, first), 1, 1 + FOLLOWING)]
        view = cards.View(draft, ctx.now, people={ctx.member.id: ctx.member})
        return cards.echo_card(
            view,
            ctx.zone,
            follow,
            chosen_zone=ctx.member.timezone is not None,
            post=Drafting.post.call(draft.id),
            edit=Drafting.edit_draft.call(draft.id),
            more=Drafting.more_draft.call(draft.id),
            drop=Drafting.drop.call(draft.id),
        )

    async def _draft(self, ctx: Context, event_id: int) -> Event:
        draft = await self.desk.events.get(event_id)
        if draft is None or draft.host_id != ctx.member.id:
            raise UserError(say("That draft is gone. “/event create” starts a new one."))
        require(draft.state is EventState.DRAFT, say("It has been posted already. “/event edit” changes it."))
        return draft

    @action
    async def edit_draft(self, ctx: Context, event_id: int) -> None:
        """The author wants something else in the draft."""
        draft = await self._draft(ctx, event_id)
        await ctx.open(BasicsForm, Drafting.redraft.call(event_id), self, **typed_basics(draft, ctx.zone))

    @action
    async def redraft(self, ctx: Submission[BasicsForm], event_id: int) -> None:
        """The draft says something else now."""
        draft = await self._draft(ctx, event_id)
        policy = await self.desk.policies.of(ctx.community.id)
        said = basics(ctx.form, ctx.now, ctx.zone, policy.duration)
        if draft.rule:
            said |= repeat(draft.rule, ctx, said["starts_at"], said["ends_at"], ZoneInfo(draft.zone), field="when")
        require_open(said["starts_at"], draft.closes_minutes, ctx.now, field="when")
        await self._show_again(ctx, event_id, **said)

    @action
    async def more_draft(self, ctx: Context, event_id: int) -> None:
        """The author wants to say for whom it is, or that it repeats."""
        draft = await self._draft(ctx, event_id)
        await ctx.open(MoreForm, Drafting.add_to_draft.call(event_id), self, repeat=draft.rule, **typed_terms(draft))

    @action
    async def add_to_draft(self, ctx: Submission[MoreForm], event_id: int) -> None:
        """The draft says for whom it is."""
        draft = await self._draft(ctx, event_id)
        zone = ZoneInfo(draft.zone)
        facts = terms(ctx.form) | repeat(ctx.form.repeat, ctx, draft.starts_at, draft.ends_at, zone)
        require_open(facts.get("starts_at", draft.starts_at), facts["closes_minutes"], ctx.now)
        await self._show_again(ctx, event_id, **facts)

    async def _show_again(self, ctx: Context, event_id: int, **facts: Any) -> None:
        draft = await self.desk.events.redraft(event_id, ctx.now, **facts)
        if draft is None:
            raise UserError(say("It has been posted already. “/event edit” changes it."))
        await ctx.update(self._echo(ctx, draft))

    @action
    async def drop(self, ctx: Context, event_id: int) -> None:
        """The author does not want it after all."""
        await self._draft(ctx, event_id)
        await self.desk.events.drop(event_id)
        await ctx.update(cards.discarded_card())

    @action
    async def post(self, ctx: Context, event_id: int) -> None:
        """The author has seen that it is right."""
        draft = await self._draft(ctx, event_id)
        require(closes_at(draft) > ctx.now, say("By now that time has passed. Edit it, please."))
        minutes = (draft.ends_at - draft.starts_at) // timedelta(minutes=1)
        first = wall(draft.starts_at, ZoneInfo(draft.zone)).strftime(WALL)
        async with ctx.atomic():
            if draft.rule:
                series = await self.desk.series.begin(draft, first, minutes)
                event = await self.desk.events.post(event_id, ctx.now, series.id, first)
                await ctx.schedule(Planning.extend.call(series.id), ctx.now, key=f"series/{series.id}")
            else:
                event = await self.desk.events.post(event_id, ctx.now)
            if event is None:  # pressed twice: what was begun is taken back
                raise UserError(say("It has been posted already. “/event edit” changes it."))
            await self.desk.touch(ctx, event)
        controls = self.desk.controls
        view = cards.View(event, ctx.now)
        await ctx.update(cards.posted_card(view, show=controls.show(event_id), tools=controls.tools(event_id)))

    async def export(self, member: Member) -> dict[str, Any]:
        drafts = [event for event in await self.desk.events.hosted(member.id) if event.state is EventState.DRAFT]
        return {"event_drafts": [{"title": one.title, "description": one.description} for one in drafts]}

    async def erase(self, member: Member) -> None:
        """Drafts are forgotten with what the member hosts."""
