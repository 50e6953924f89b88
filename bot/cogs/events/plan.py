"""Planning: an event is read back to its author before anyone else sees it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Need
from adapters.contract.text import Strong, Time, TimeStyle, Words, count, join, say, written
from adapters.contract.ui import Button, Card, CardField, Style, Tone
from bot.delivery.addressing import mention
from bot.kernel.cog import Cog, action, command, drawing, every
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError, require
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.limits import DAY, require_room
from bot.kernel.work import Reading, Work
from bot.text.repeats import Rule, repeat_words
from bot.text.when import moment_words
from storage.events import Event, EventState
from storage.members import Member

from . import calls
from .cards import span, where
from .forms import BasicsForm, EventForm, MoreForm, basics, repeat, require_open, terms, typed_basics, typed_terms
from .lifecycle import CARD, EVENT
from .policy import Policy, closes_at
from .repeating import WALL, moment, wall, walls
from .service import Events

FOLLOWING = 3
"""How many of the dates that follow are read back."""
DRAFTS_KEPT = timedelta(days=2)
LOOKED_AT = 200
"""How many of the events that lie ahead are looked at each day."""

POSTED_ALREADY = say("It has been posted already. “/event edit” changes it.")


class Plan(Cog):
    """Members plan events."""

    name = "plan"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    def needs(self) -> Collection[Need]:
        return (Need.CALENDAR,)

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.events.lifecycle, self.events.guests, self.events.repeats]

    @command("event create", "Plan an event", start="Plan an event")
    async def create(self, ctx: Submission[EventForm]) -> None:
        policy = await self.events.policies.of(ctx.community.id)
        ctx.require_role(policy.creators)
        if self.events.channels.nearest(ctx.space, await ctx.spaces()) is None:
            raise UserError(
                say("There's no events channel here yet. An admin can name one in TRELLIS_EVENTS_CHANNELS.")
            )
        await self._require_room(ctx, policy)
        form = ctx.form
        said = basics(form, ctx.now, ctx.zone, policy.duration)
        facts = said | terms(form) | {"zone": ctx.zone.key}
        facts |= repeat(form.repeat, ctx, said["starts_at"], said["ends_at"], ctx.zone)
        require_open(facts["starts_at"], facts["closes_minutes"], ctx.now)
        draft = await self.events.store.draft(ctx.community.id, ctx.member.id, ctx.space.key, ctx.now, **facts)
        await self.events.put_cohosts(draft, form.hosts)
        await ctx.reply(await self._echo(ctx, draft))

    async def _require_room(self, ctx: Context, policy: Policy) -> None:
        lately = await self.events.store.posted_since(ctx.member.id, ctx.now - DAY)
        require_room(ctx, lately, policy.a_day, say("You've planned a lot today."))

    async def _echo(self, ctx: Context, draft: Event) -> Card:
        zone = ZoneInfo(draft.zone)
        follow: list[datetime] = []
        if draft.rule:
            first = wall(draft.starts_at, zone)
            follow = [moment(at, zone) for at in islice(walls(draft.rule, first), 1, 1 + FOLLOWING)]
        cohosts = await self.events.cohosts(draft)
        return echo_card(draft, cohosts, ctx.zone, follow, chosen_zone=ctx.member.timezone is not None)

    async def _draft(self, ctx: Context, event_id: int) -> Event:
        draft = await self.events.store.get(event_id)
        if draft is None or draft.host_id != ctx.member.id:
            raise UserError(say("That draft is gone. “/event create” starts a new one."))
        require(draft.state is EventState.DRAFT, POSTED_ALREADY)
        return draft

    @action(formerly=("drafting.edit_draft",))
    async def edit_draft(self, ctx: Context, event_id: int) -> None:
        """The author wants something else in the draft."""
        draft = await self._draft(ctx, event_id)
        await ctx.open(BasicsForm, calls.redraft(event_id), self, **typed_basics(draft, ctx.zone))

    @action(formerly=("drafting.redraft",))
    async def redraft(self, ctx: Submission[BasicsForm], event_id: int) -> None:
        """The draft says something else now."""
        draft = await self._draft(ctx, event_id)
        policy = await self.events.policies.of(ctx.community.id)
        said = basics(ctx.form, ctx.now, ctx.zone, policy.duration)
        if draft.rule:
            said |= repeat(draft.rule, ctx, said["starts_at"], said["ends_at"], ZoneInfo(draft.zone), field="when")
        require_open(said["starts_at"], draft.closes_minutes, ctx.now, field="when")
        await self._show_again(ctx, event_id, **said)

    @action(formerly=("drafting.more_draft",))
    async def more_draft(self, ctx: Context, event_id: int) -> None:
        """The author wants to say for whom it is, or that it repeats."""
        draft = await self._draft(ctx, event_id)
        said = typed_terms(draft, await self.events.cohosts(draft), ctx.space)
        often = repeat_words(Rule.of(draft.rule)).localized(ctx.translations).plain() if draft.rule else ""
        await ctx.open(MoreForm, calls.add_to_draft(event_id), self, repeat=often, **said)

    @action(formerly=("drafting.add_to_draft",))
    async def add_to_draft(self, ctx: Submission[MoreForm], event_id: int) -> None:
        """The draft says for whom it is."""
        draft = await self._draft(ctx, event_id)
        zone = ZoneInfo(draft.zone)
        facts = terms(ctx.form) | repeat(ctx.form.repeat, ctx, draft.starts_at, draft.ends_at, zone)
        require_open(facts.get("starts_at", draft.starts_at), facts["closes_minutes"], ctx.now)
        await self.events.put_cohosts(draft, ctx.form.hosts)
        await self._show_again(ctx, event_id, **facts)

    async def _show_again(self, ctx: Context, event_id: int, **facts: Any) -> None:
        draft = await self.events.store.redraft(event_id, ctx.now, **facts)
        if draft is None:
            raise UserError(POSTED_ALREADY)
        await ctx.update(await self._echo(ctx, draft))

    @action(formerly=("drafting.drop",))
    async def drop(self, ctx: Context, event_id: int) -> None:
        """The author does not want it after all."""
        await self._draft(ctx, event_id)
        await self.events.store.drop(event_id)
        await ctx.update(discarded_card())

    @action(formerly=("drafting.post",))
    async def post(self, ctx: Context, event_id: int) -> None:
        """The author has seen that it is right."""
        draft = await self._draft(ctx, event_id)
        require(closes_at(draft) > ctx.now, say("By now that time has passed. Edit it, please."))
        minutes = (draft.ends_at - draft.starts_at) // timedelta(minutes=1)
        first = wall(draft.starts_at, ZoneInfo(draft.zone)).strftime(WALL)
        if draft.rule:
            series = await self.events.series.begin(draft, first, minutes)
            event = await self.events.store.post(event_id, ctx.now, series.id, first)
            self.events.repeats.touch(ctx, series.id)
        else:
            event = await self.events.store.post(event_id, ctx.now)
        if event is None:  # pressed twice: what was begun is taken back
            raise UserError(POSTED_ALREADY)
        self.events.touch(ctx, event_id)
        await ctx.update_once(calls.posted(event_id), after=(EVENT, event_id))

    @drawing
    async def posted(self, reading: Reading, event_id: int) -> Card:
        """Tell the author that it is planned, and where its card could not be posted yet, that it will be."""
        event = await self.events.get(reading, event_id)
        is_seen = (await reading.standing(EVENT, event_id)).find(CARD) is not None
        return posted_card(event, waits=not is_seen and not (event.shows_at and event.shows_at > reading.now))

    # For the clock

    @every("daily 04:20")
    async def purge(self, work: Work) -> None:
        """Forget drafts that nobody posted."""
        await self.events.store.prune(work.now - DRAFTS_KEPT)

    @every("daily 04:25")
    async def look_ahead(self, work: Work) -> None:
        """Look at what comes next: settings may have changed since, or a channel may be there that was not."""
        for event in await self.events.store.upcoming(work.community.id, work.now, LOOKED_AT):
            await self.events.look_later(work, event.id)

    async def export(self, member: Member) -> dict[str, Any]:
        drafts = [event for event in await self.events.store.hosted(member.id) if event.state is EventState.DRAFT]
        return {"event_drafts": [{"title": one.title, "description": one.description} for one in drafts]}

    async def erase(self, member: Member) -> None:
        """Drafts are forgotten with what the member hosts."""


def echo_card(
    event: Event, cohosts: Sequence[Member], zone: ZoneInfo, follow: Sequence[datetime], *, chosen_zone: bool
) -> Card:
    """Read an event back to its author before anyone else sees it.

    Without a `chosen_zone` the community's was taken, for want of the author's own.
    """
    fields = [
        CardField("When", Time(event.starts_at)),
        CardField("On your clock", moment_words(event.starts_at, zone)),
        CardField("How long", span(event.ends_at - event.starts_at)),
    ]
    if event.place:
        fields.append(CardField("Where", where(event.place)))
    if event.rule:
        dates = join([Time(at, TimeStyle.DATE) for at in follow], ", ")
        then: Words = say("then {dates}", dates=dates) if follow else ""
        often = repeat_words(Rule.of(event.rule), wall(event.starts_at, ZoneInfo(event.zone)).date())
        fields.append(CardField("Repeats", join([often, then])))
    if event.capacity:
        fields.append(CardField("Places", count(event.capacity, "{n} place", "{n} places")))
    if cohosts:
        fields.append(CardField("With you", join(map(mention, cohosts), ", ")))
    if event.audience:
        fields.append(CardField("For", event.audience))
    if event.closes_minutes:
        fields.append(CardField("Sign-up closes", Time(closes_at(event))))
    other_zone = say("The time is read in the community's zone; “/me” sets your own.")
    return Card(
        say("Shall I post this?"),
        join([Strong(event.title), written(event.description)], "\n\n"),
        fields=tuple(fields),
        footer=join([say("Only you can see this yet."), "" if chosen_zone else other_zone], " "),
        tone=Tone.WAITING,
        buttons=(
            Button("Post", calls.post(event.id), Style.PRIMARY),
            Button("Edit", calls.edit_draft(event.id)),
            Button("Places, repeats and more", calls.more_draft(event.id)),
            Button("Discard", calls.drop(event.id)),
        ),
    )


def posted_card(event: Event, *, waits: bool) -> Card:
    """Say that an event is planned; its card `waits` until the channel takes it."""
    facts: dict[str, Words | int] = {"title": Strong(event.title), "number": event.number or 0}
    words = say("{title} is planned as #{number}.", **facts)
    if waits:
        words = say("{title} is planned as #{number}, and will be posted as soon as the platform lets me.", **facts)
    buttons = (Button("Show the event", calls.show(event.id)), Button("Host tools", calls.tools(event.id)))
    return Card(body=words, tone=Tone.WAITING if waits else Tone.DONE, buttons=buttons)


def discarded_card() -> Card:
    return Card(body=say("Discarded. Nobody has seen it."))
