"""How a poll goes on: its card where it was asked, a reminder, its end and the result beside the card, and the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from zoneinfo import ZoneInfo

from adapters.contract.models import Channel, MessageRef
from adapters.contract.ui import Card
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Direct, Due, Lifecycle, Posting, Shown, Standing
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.ballots import BallotStore
from storage.members import MemberStore
from storage.polls import Poll, PollOption, PollStore, State

from .cards import View, poll_card, reminder_card, unseen_card
from .counting import count
from .outcome import reopened_result_card, result_card, totals
from .policy import Policy, again_at, next_close, remind_at

CARD, REMINDER, RESULT, UNSEEN = "card", "reminder", "result", "unseen"


class Step(Enum):
    """What comes due of a poll."""

    CLOSE = "close"
    ASK_AGAIN = "ask again"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class PollSnapshot:
    """A poll as it is now. `channels` are where it should stand; `zone` is the community's.

    `remind_at` and `again_at` are when it is reminded of and asked again; `is_followed` says whether it has been.
    """

    now: datetime
    view: View
    channels: tuple[Channel, ...]
    standing: Standing
    zone: ZoneInfo
    remind_at: datetime | None = None
    again_at: datetime | None = None
    is_followed: bool = False


class PollLifecycle(Lifecycle[PollSnapshot]):
    """Polls are reminded of, close, and are asked again by the clock."""

    kind = "poll"

    def __init__(
        self,
        polls: PollStore,
        ballots: BallotStore,
        members: MemberStore,
        channels: ChannelGroup,
        policies: Policies[Policy],
    ) -> None:
        super().__init__()
        self._polls = polls
        self._ballots = ballots
        self._members = members
        self._channels = channels
        self._policies = policies

    async def view(self, poll: Poll, options: Sequence[PollOption]) -> View:
        """Return a poll with what is in its box, and who asked."""
        result = count(poll.kind, len(options), await self._ballots.tally(poll.id))
        author = await self._members.get(poll.author_id) if poll.author_id else None
        return View(poll, tuple(options), result, author)

    async def read(self, work: Work, id_: int, standing: Standing) -> PollSnapshot | None:
        found = await self._polls.with_options(id_)
        if found is None or found[0].state is State.DRAFT:
            return None
        poll, zone = found[0], ZoneInfo(work.community.timezone)
        home: Channel | None = Channel.of(poll.channel)
        assert home
        spaces = await work.spaces() if home in self._channels else []
        others = [self._channels.nearest(space) for space in spaces if space != home.space]
        if standing.lost(CARD, home):
            home = self._channels.nearest(home.space)
        return PollSnapshot(
            work.now,
            await self.view(*found),
            tuple(channel for channel in (home, *others) if channel),
            standing,
            zone,
            remind_at(poll, await self._policies.of(work.community.id)) if poll.closes_at else None,
            again_at(poll, zone),
            bool(poll.repeats) and await self._polls.is_followed(poll),
        )

    def due(self, snapshot: PollSnapshot) -> Due | None:
        poll, steps = snapshot.view.poll, []
        if poll.state is State.OPEN:
            steps += [Due(at, Step.CLOSE) for at in (poll.closes_at, snapshot.again_at) if at]
        if snapshot.again_at and not snapshot.is_followed:
            steps.append(Due(snapshot.again_at, Step.ASK_AGAIN))
        return min(steps, key=lambda step: step.at, default=None)

    async def take(self, work: Work, snapshot: PollSnapshot, step: Step) -> None:
        poll = snapshot.view.poll
        if step is Step.CLOSE:
            await self._ballots.close(poll.id, work.now)
            return
        following = await self._polls.repeat(poll.id, work.now, next_close(poll, work.now, snapshot.zone))
        if following:
            await self._ballots.open(following.id, work.now)
            self.touch(work, following.id)

    def is_open(self, snapshot: PollSnapshot) -> bool:
        return snapshot.view.poll.state is State.OPEN

    def shown(self, snapshot: PollSnapshot) -> Iterator[Shown]:
        view, poll = snapshot.view, snapshot.view.poll
        if poll.state is State.CLOSED and _was_never_seen(snapshot.standing) and view.author:
            yield Posting(UNSEEN, Direct(view.author, wanted=True), unseen_card(view), once=True, at=poll.closed_at)
        is_open, stands = poll.state is State.OPEN, _where_it_stood(snapshot.standing)
        # Where it stands it stays, whatever settings say of channels by now; once it is closed it comes nowhere else.
        asked = {channel.space.key: channel for channel in snapshot.channels} if is_open else {}
        for channel in (asked | stands).values():
            yield Posting(CARD, channel, poll_card(view), at=poll.opened_at)
        for channel in stands.values():
            if is_open and snapshot.remind_at:
                card = reminder_card(view, snapshot.standing.link(CARD, channel.space))
                yield Posting(REMINDER, channel, card, once=True, at=snapshot.remind_at, until=poll.closes_at)
            if not is_open:
                key = f"{RESULT}/{poll.reopened}" if poll.reopened else RESULT
                yield Posting(key, channel, result_card(view, (totals(view),)), at=poll.closed_at)

    def over(self, snapshot: PollSnapshot | None, key: str, people: tuple[int, ...]) -> Card | None:  # noqa: ARG002
        reopened = snapshot and snapshot.view.poll.reopened and key.startswith(RESULT)
        return reopened_result_card() if reopened else None


def _was_never_seen(standing: Standing) -> bool:
    """Say whether it was to be posted and never was, or its author has been told so."""
    told = any(row.key == UNSEEN for row in standing.rows)
    return standing.never_stood(CARD) or (told and not any(row.message for row in standing.rows if row.key == CARD))


def _where_it_stood(standing: Standing) -> dict[str, Channel]:
    """Return the channels in which the card is or was, by their space: a card that somebody deleted was read there."""
    messages = [MessageRef.of(row.message) for row in standing.rows if row.key == CARD and row.message]
    return {
        message.channel.space.key: message.channel for message in messages if not standing.lost(CARD, message.channel)
    }
