"""Makes what stands in the channels say what the store says, for all tracked things alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.ui import PINGS, Card
from bot.delivery.addressing import account_in, addressed
from bot.delivery.outgoing import Edit, Name, Post
from bot.delivery.platforms import Platforms
from storage.members import Member
from storage.postings import Posted, PostingStore

from .context import Work
from .lifecycle import Beside, Direct, Due, Lifecycle, Place, Posting, Standing, Telling, Under, thread_of

RECENT = timedelta(days=7)
"""What happened longer ago is not said any more."""
MOST_STEPS = 50
"""So many steps of one thing may be due at once."""


class EndlessSteps(RuntimeError):
    """A step that was due changed nothing: it would be due for ever."""


@dataclass(slots=True)
class _Plan:
    """The difference between what is shown and what stands, and when to look again."""

    posts: list[Post] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    again: list[Posted] = field(default_factory=list)
    """Rows of places that are no more, to be forgotten: what they stood for is posted in another place."""
    when: list[datetime] = field(default_factory=list)


class Things:
    """Every tracked thing, by its kind."""

    def __init__(self, postings: PostingStore, platforms: Platforms, digest: Callable[[Card], str]) -> None:
        self._postings = postings
        self._platforms = platforms
        self._digest = digest
        self.kinds: dict[str, Lifecycle[Any]] = {}

    def track(self, lifecycle: Lifecycle[Any]) -> None:
        """Look after the things of a kind. Raises `ValueError` where that is taken."""
        if lifecycle.kind in self.kinds:
            raise ValueError(f"two lifecycles are called {lifecycle.kind!r}")
        self.kinds[lifecycle.kind] = lifecycle

    async def standing(self, kind: str, id_: int) -> Standing:
        """Return what stands of a thing."""
        return Standing(await self._postings.of(kind, id_), self._platforms.link)

    async def links(self, kind: str, ids: Iterable[int], key: str, near: Space | None = None) -> dict[int, str]:
        """Return the web addresses of one message of several things, the ones in `near` where there are some."""
        found = await self._postings.of_many(kind, [*ids], key)
        links = {id_: Standing(rows, self._platforms.link).link(key, near) for id_, rows in found.items()}
        return {id_: link for id_, link in links.items() if link}

    async def lose(self, work: Work, row: Posted) -> None:
        """Somebody deleted a message of a thing: let its lifecycle know, and look at it."""
        lifecycle = self.kinds.get(row.kind)
        if lifecycle is None:
            return
        snapshot = await lifecycle.read(work, row.subject_id, await self.standing(row.kind, row.subject_id))
        if snapshot is not None:
            await lifecycle.lost(work, snapshot, row)
            work.touch(row.kind, row.subject_id)

    async def reconcile(self, work: Work, kind: str, id_: int) -> datetime | None:
        """Take what is due of a thing, write what has to be said of it, and return when to look again.

        Part of a unit, whose transaction it opens: nobody else changes the thing meanwhile.
        """
        lifecycle = self.kinds[kind]
        await work.lock(f"{kind}/{id_}")
        standing = await self.standing(kind, id_)
        snapshot = await lifecycle.read(work, id_, standing)
        snapshot, due = await self._take_steps(work, lifecycle, id_, snapshot, standing)
        shown = [*lifecycle.shown(snapshot)] if snapshot is not None else []
        plan = _Plan(when=[due.at] if due else [])
        names: set[tuple[str, str]] = set()
        for one in shown:
            if isinstance(one, Posting):
                names |= self._plan_posting(plan, work, kind, id_, one, standing)
            else:
                names |= self._plan_telling(plan, work, kind, id_, one, standing)
        self._plan_over(plan, lifecycle, snapshot, [row for row in standing.rows if (row.key, row.spot) not in names])
        await self._postings.forget([row.id for row in plan.again])
        work.outgoing.posts += plan.posts
        work.outgoing.edits += plan.edits
        later = [at for at in plan.when if at > work.now]
        return min(later) if later else None

    async def _take_steps(
        self, work: Work, lifecycle: Lifecycle[Any], id_: int, snapshot: Any, standing: Standing
    ) -> tuple[Any, Due | None]:
        """Take what is due until nothing is, and return how the thing is then, and what comes due next."""
        for _ in range(MOST_STEPS):
            due = lifecycle.due(snapshot) if snapshot is not None else None
            if due is None or due.step is None or due.at > work.now:
                return snapshot, due
            before = snapshot
            await lifecycle.take(work, snapshot, due.step)
            snapshot = await lifecycle.read(work, id_, standing)
            if snapshot == before:
                raise EndlessSteps(f"{lifecycle.kind} {id_}: {due.step} changes nothing")
        raise EndlessSteps(f"{lifecycle.kind} {id_}: there is no end of steps")

    # What is shown

    def _plan_posting(
        self, plan: _Plan, work: Work, kind: str, id_: int, one: Posting, standing: Standing
    ) -> set[tuple[str, str]]:
        names = set()
        for place in _resolved(one.place, standing):
            spot = f"member/{place.id}" if isinstance(place, Member) else place.space.key
            names.add((one.key, spot))
            row = standing.row(one.key, spot)
            if row and row.gone_at and not isinstance(place, Member) and row.channel != place.key and not one.once:
                plan.again.append(row)
                row = None
            others = (other for near in one.otherwise for other in _resolved(near, standing))
            otherwise = tuple(other for other in others if isinstance(other, Channel) and other != place)
            name = Name(kind, id_, one.key, spot)
            post = Post(name, place, one.card, one.thread, otherwise, until=one.until)
            if row is None:
                self._plan_new(plan, work.now, post, one.at)
            elif not one.once and row.gone_at is None and row.digest != self._digest(one.card):
                if row.message:
                    plan.edits.append(Edit((row,), one.card))
                else:
                    plan.posts.append(replace(post, again=row))
        return names

    def _plan_new(self, plan: _Plan, now: datetime, post: Post, at: datetime | None) -> None:
        if at and at > now:
            plan.when.append(at)
        elif post.until and post.until < now:
            plan.posts.append(replace(post, late=True))
        elif at is None or now - at < RECENT:
            plan.posts.append(post)

    def _plan_telling(
        self, plan: _Plan, work: Work, kind: str, id_: int, one: Telling, standing: Standing
    ) -> set[tuple[str, str]]:
        near = [place for each in one.near for place in _resolved(each, standing) if isinstance(place, Channel)]
        together: defaultdict[Channel, list[Member]] = defaultdict(list)
        for member in one.members:
            if standing.is_told(one.key, member) or not member.accounts:
                continue
            within = tuple(place for place in near if account_in(member, place.space))
            if member.direct_ok:
                name = Name(kind, id_, one.key, f"member/{member.id}")
                post = Post(name, member, one.card(member), otherwise=within, until=one.until)
                self._plan_new(plan, work.now, post, one.at)
            elif within:
                together[within[0]].append(member)
        for place, people in together.items():
            others = tuple(other for other in near if other.space == place.space and other != place)
            for start in range(0, len(people), PINGS):
                some = people[start : start + PINGS]
                card = one.together(some, place) if one.together else addressed(one.card(some[0]), some, place)
                name = Name(kind, id_, one.key, f"member/{some[0].id}")
                post = Post(name, place, card, otherwise=others, members=tuple(some), until=one.until)
                self._plan_new(plan, work.now, post, one.at)
        return {(one.key, f"member/{member.id}") for member in one.members}

    def _plan_over(self, plan: _Plan, lifecycle: Lifecycle[Any], snapshot: Any, rows: Sequence[Posted]) -> None:
        messages: defaultdict[str, list[Posted]] = defaultdict(list)
        for row in rows:
            if row.message and row.gone_at is None:
                messages[row.message].append(row)
        for same in messages.values():
            people = tuple(row.member_id for row in same if row.member_id)
            card = lifecycle.over(snapshot, same[0].key, people)
            if card and any(row.digest != self._digest(card) for row in same):
                plan.edits.append(Edit(tuple(same), card))


def _resolved(place: Place, standing: Standing) -> Iterator[Channel | Member]:
    """Return where a place is now: nowhere, where what it hangs on does not stand yet."""
    match place:
        case Channel():
            yield place
        case Direct(member):
            yield member
        case Under(key, space):
            yield from (thread_of(row) for row in standing.all(key, space))
        case Beside(key, space):
            yield from (MessageRef.of(row.message or "").channel for row in standing.all(key, space))
