"""Journeys, newcomers' words and the gate, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.gates import GateStore, Verdict
from storage.members import Community, Member, MemberStore
from storage.newcomers import NewcomerStore
from storage.progress import Coming, OnboardingProgress, ProgressStore
from storage.welcomes import WelcomeStore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HOME = "slack/T1"


@pytest.fixture
def progress(database: Database) -> ProgressStore:
    return ProgressStore(database)


@pytest.fixture
def welcomes(database: Database) -> WelcomeStore:
    return WelcomeStore(database)


@pytest.fixture
def newcomers(database: Database) -> NewcomerStore:
    return NewcomerStore(database)


@pytest.fixture
def gates(database: Database) -> GateStore:
    return GateStore(database)


@pytest.fixture
async def people(database: Database, community: Community) -> list[Member]:
    members = MemberStore(database)
    return [
        (await members.arrive(community.id, f"{HOME}/U{number}", HOME, f"M{number}", NOON))[0] for number in range(4)
    ]


async def arrive(progress: ProgressStore, who: Member, at: datetime = NOON, source: str = "") -> Coming:
    return await progress.arrive(who.community_id, who.id, HOME, at, flow="everyone", source=source)


async def progress_of(progress: ProgressStore, who: Member) -> OnboardingProgress:
    found = await progress.get(who.id)
    assert found
    return found


async def test_it_is_known_who_has_still_to_begin(
    progress: ProgressStore, people: list[Member], community: Community
) -> None:
    mia, noah, *_ = people
    assert not await progress.lacks(mia.id, ["question"]), "whoever was here before has no journey"
    await arrive(progress, mia)
    assert await progress.lacks(mia.id, ["question"]) and await progress.lacks(mia.id, [])
    await progress.contribute(mia.id, "question", NOON)
    assert await progress.lacks(mia.id, ["question"]) and not await progress.lacks(mia.id, [])
    await progress.do(community.id, mia.id, "question", NOON)
    assert not await progress.lacks(mia.id, ["question"])
    await arrive(progress, noah)
    assert await progress.lacks(noah.id, ["question"]), "what one did says nothing of another"


async def test_joining_twice_is_joining_once(progress: ProgressStore, people: list[Member]) -> None:
    assert await arrive(progress, people[0], source="docs") is Coming.NEW
    assert await arrive(progress, people[0], NOON + DAY) is Coming.HERE
    assert (await progress_of(progress, people[0])).arrived_at == NOON
    assert (await progress_of(progress, people[0])).source == "docs"


async def test_two_replicas_hear_of_one_joining(
    progress: ProgressStore, replica: Database, people: list[Member]
) -> None:
    both = await asyncio.gather(arrive(progress, people[0]), arrive(ProgressStore(replica), people[0]))
    assert sorted(both) == [Coming.HERE, Coming.NEW]


async def gather(welcomes: WelcomeStore, who: Member, at: datetime = NOON) -> tuple[int, bool]:
    return await welcomes.gather(who.community_id, who.id, HOME, at, 10 * MINUTE)


async def test_who_comes_within_minutes_is_welcomed_together(
    progress: ProgressStore, welcomes: WelcomeStore, community: Community, people: list[Member]
) -> None:
    for number, who in enumerate(people[:3]):
        await arrive(progress, who, NOON + number * MINUTE)
    gathered = [await gather(welcomes, who, NOON + number * MINUTE) for number, who in enumerate(people[:3])]
    assert [first for _, first in gathered] == [True, False, False]
    welcome = await welcomes.get(gathered[0][0])
    assert welcome and (welcome.space, welcome.at) == (HOME, NOON + 10 * MINUTE)
    await progress.leave(community.id, people[1].id, HOME, (), NOON + 2 * MINUTE)
    assert await welcomes.people(welcome) == [people[0].id, people[2].id]
    await progress.leave(community.id, people[2].id, HOME, (), NOON + DAY)
    assert await welcomes.people(welcome) == [people[0].id, people[2].id], "they were there"
    await arrive(progress, people[3], welcome.at)
    other, first = await gather(welcomes, people[3], welcome.at)
    assert first and other != welcome.id
    assert await welcomes.get(99) is None


async def test_coming_back(
    progress: ProgressStore, welcomes: WelcomeStore, community: Community, people: list[Member]
) -> None:
    who = people[0]
    await arrive(progress, who)
    await gather(welcomes, who)
    await progress.do(community.id, who.id, "guidelines", NOON)
    await progress.contribute(who.id, "message", NOON + MINUTE)
    await progress.leave(community.id, who.id, HOME, {"gardener"}, NOON + DAY)
    assert not await progress.contribute(who.id, "message", NOON + DAY)

    assert await arrive(progress, who, NOON + 31 * DAY) is Coming.BACK
    assert (await progress_of(progress, who)).roles == {"gardener"}
    assert (await progress_of(progress, who)).contribution == "message"
    await progress.leave(community.id, who.id, HOME, (), NOON + 32 * DAY)
    assert (await progress_of(progress, who)).roles == {"gardener"}

    assert await arrive(progress, who, NOON + 63 * DAY) is Coming.NEW
    assert (await progress_of(progress, who)).contributed_at is None
    assert not (await progress.steps(who.id)).done


async def test_who_was_never_welcomed_is_as_new_as_ever(
    progress: ProgressStore, welcomes: WelcomeStore, community: Community, people: list[Member]
) -> None:
    for seen in (False, True):
        await arrive(progress, people[seen])
        if seen:
            await gather(welcomes, people[seen])
        await progress.leave(community.id, people[seen].id, HOME, (), NOON + MINUTE)
        assert await arrive(progress, people[seen], NOON + DAY) is Coming.NEW
        assert (await progress_of(progress, people[seen])).arrived_at == NOON + DAY
        assert (await progress_of(progress, people[seen])).welcome_id is None


async def test_who_was_here_before_is_no_newcomer(
    progress: ProgressStore, community: Community, people: list[Member]
) -> None:
    await progress.begin(community.id, people[0].id, HOME, "everyone", NOON)
    await progress.leave(community.id, people[1].id, HOME, (), NOON)
    assert await arrive(progress, people[1], NOON + DAY) is Coming.BACK
    assert await progress.arrived_since(community.id, NOON - DAY) == []
    assert await progress.under_way(NOON - DAY) == {}


async def test_steps_are_marked_once(progress: ProgressStore, community: Community, people: list[Member]) -> None:
    who = people[0]
    marks = (progress.do, progress.skip, progress.nudged)
    assert [await mark(community.id, who.id, "zone", NOON) for mark in marks] == [True, True, True]
    assert [await mark(community.id, who.id, "zone", NOON + DAY) for mark in marks] == [False, False, False]
    steps = await progress.steps(who.id)
    assert steps.done == steps.skipped == steps.nudged == {"zone": NOON}
    assert set(await progress.steps_of([who.id, people[1].id])) == {who.id}


async def test_a_first_contribution_ends_the_reminders(
    progress: ProgressStore, community: Community, people: list[Member]
) -> None:
    for number, who in enumerate(people[:2]):
        await arrive(progress, who)
        await progress.plan(who.id, NOON + (number + 1) * DAY)
    assert await progress.next_nudge(community.id) == NOON + DAY
    assert [one.member_id for one in await progress.due(community.id, NOON + DAY)] == [people[0].id]
    assert await progress.under_way(NOON) == {f"{HOME}/U0": False, f"{HOME}/U1": False}
    assert await progress.contribute(people[0].id, "question", NOON + MINUTE)
    assert not await progress.contribute(people[0].id, "message", NOON + DAY)
    assert (await progress_of(progress, people[0])).contribution == "question"
    assert await progress.next_nudge(community.id) == NOON + 2 * DAY
    assert await progress.under_way(NOON) == {f"{HOME}/U0": True, f"{HOME}/U1": False}


async def test_who_leaves_is_not_reminded(progress: ProgressStore, community: Community, people: list[Member]) -> None:
    await arrive(progress, people[0])
    await progress.plan(people[0].id, NOON + DAY)
    await progress.leave(community.id, people[0].id, HOME, (), NOON + MINUTE)
    assert await progress.next_nudge(community.id) is None


async def test_agreements_have_versions(newcomers: NewcomerStore, community: Community, people: list[Member]) -> None:
    assert await newcomers.agree(community.id, people[0].id, "1", NOON)
    assert not await newcomers.agree(community.id, people[0].id, "1", NOON + DAY)
    assert not await newcomers.agreed_before(community.id, "1")
    assert await newcomers.agreed_before(community.id, "2")
    await newcomers.agree(community.id, people[0].id, "2", NOON + DAY)
    assert not await newcomers.agreed_before(community.id, "2")
    assert await newcomers.agreed(people[0].id) == {"1": NOON, "2": NOON + DAY}


async def test_interests_are_replaced(newcomers: NewcomerStore, community: Community, people: list[Member]) -> None:
    await newcomers.choose(community.id, people[0].id, ["beans", "peas"], NOON)
    await newcomers.choose(community.id, people[0].id, ["peas", "tomatoes"], NOON)
    await newcomers.choose(community.id, people[1].id, [], NOON)
    assert await newcomers.interests(community.id) == {people[0].id: {"peas", "tomatoes"}}
    assert await newcomers.interests_of(people[0].id) == ["peas", "tomatoes"]


async def test_an_introduction_and_its_hellos(
    newcomers: NewcomerStore, community: Community, people: list[Member]
) -> None:
    zoe, *others = people
    assert await newcomers.introduce(community.id, zoe.id, "I am Zoe.", "", "", NOON)
    assert not await newcomers.introduce(community.id, zoe.id, "I am Zoë.", "to grow", "pots", NOON + DAY)
    introduction = await newcomers.introduction(zoe.id)
    assert introduction
    assert (introduction.about, introduction.at) == ("I am Zoë.", NOON)
    assert await newcomers.greet(community.id, zoe.id, others[0].id, NOON)
    assert not await newcomers.greet(community.id, zoe.id, others[0].id, NOON)
    await newcomers.told(zoe.id, NOON + MINUTE)
    for other in others[1:]:
        assert await newcomers.greet(community.id, zoe.id, other.id, NOON + MINUTE)
    assert [hello.told_at for hello in await newcomers.hellos(zoe.id)] == [NOON + MINUTE, None, None]
    assert await newcomers.introduced([member.id for member in people]) == {zoe.id}
    assert await newcomers.greeted([member.id for member in people]) == {zoe.id}


async def test_a_newcomer_has_one_buddy_at_a_time(
    newcomers: NewcomerStore, replica: Database, community: Community, people: list[Member]
) -> None:
    zoe, mia, noah, _ = people
    for who in (noah, mia):
        await newcomers.volunteer(community.id, who.id, NOON)
        await newcomers.volunteer(community.id, who.id, NOON + DAY)
    assert await newcomers.willing(community.id) == [mia.id, noah.id]
    both = await asyncio.gather(
        newcomers.pair(community.id, zoe.id, mia.id, NOON, since=NOON, most=3),
        NewcomerStore(replica).pair(community.id, zoe.id, noah.id, NOON, since=NOON, most=3),
    )
    assert sorted(both) == [False, True]
    (first,) = await newcomers.pairings(zoe.id)
    assert await newcomers.load(community.id, NOON) == {first.buddy_id: 1}
    assert await newcomers.passes(zoe.id, first.buddy_id, NOON + MINUTE)
    assert not await newcomers.passes(zoe.id, first.buddy_id, NOON + MINUTE)
    assert await newcomers.load(community.id, NOON) == {}
    again = newcomers.pair(community.id, zoe.id, first.buddy_id, NOON + DAY, since=NOON, most=3)
    assert not await again, "they have passed"
    await newcomers.withdraw(mia.id)
    assert await newcomers.willing(community.id) == [noah.id]


async def test_no_burst_fills_a_buddys_hands(
    newcomers: NewcomerStore, replica: Database, community: Community, people: list[Member]
) -> None:
    mia, *arriving = people
    stores = (newcomers, NewcomerStore(replica), newcomers)
    outcomes = await asyncio.gather(
        *(
            store.pair(community.id, who.id, mia.id, NOON + MINUTE, since=NOON, most=2)
            for store, who in zip(stores, arriving, strict=True)
        )
    )
    assert sorted(outcomes) == [False, True, True]
    assert await newcomers.load(community.id, NOON) == {mia.id: 2}


async def test_only_one_verdict_counts(
    gates: GateStore, replica: Database, community: Community, people: list[Member]
) -> None:
    zoe, liam, ada, _ = people
    first = await gates.ask(community.id, zoe.id, "It is me.")
    assert first
    assert first.verdict is Verdict.WAITING
    assert await gates.ask(community.id, zoe.id, "Again!") is None
    done = await asyncio.gather(
        gates.admit(community.id, zoe.id, "moderator", NOON, liam.id),
        GateStore(replica).refuse(zoe.id, NOON, ada.id, "Not now."),
    )
    assert any(done)
    admission = await gates.get(zoe.id)
    assert admission
    assert admission.verdict in (Verdict.ADMITTED, Verdict.REFUSED)
    assert admission.decided_by_id in (liam.id, ada.id)
    assert not await gates.refuse(zoe.id, NOON + DAY, ada.id, "Not now.")


async def test_who_was_refused_cannot_ask_again_but_be_let_in(
    gates: GateStore, community: Community, people: list[Member]
) -> None:
    zoe, liam = people[:2]
    assert [await gates.wrong_code(community.id, zoe.id) for _ in range(2)] == [1, 2]
    assert await gates.ask(community.id, zoe.id, "It is me.")
    assert await gates.refuse(zoe.id, NOON, liam.id, "Not now.")
    assert await gates.ask(community.id, zoe.id, "It really is.") is None
    assert not await gates.open_again(zoe.id, NOON)
    assert await gates.admit(community.id, zoe.id, "moderator", NOON, liam.id)
    assert await gates.open_again(zoe.id, NOON + DAY)
    assert not await gates.admit(community.id, zoe.id, "moderator", NOON, liam.id)
    admission = await gates.get(zoe.id)
    assert admission
    assert (admission.verdict, admission.words) == (Verdict.ADMITTED, "It is me.")
    assert (admission.decided_at, admission.opened_at) == (NOON, NOON + DAY)


async def test_a_member_is_forgotten(
    progress: ProgressStore,
    newcomers: NewcomerStore,
    gates: GateStore,
    community: Community,
    people: list[Member],
) -> None:
    zoe, mia = people[:2]
    for who in (zoe, mia):
        await arrive(progress, who)
        await progress.do(community.id, who.id, "zone", NOON)
        await newcomers.introduce(community.id, who.id, "Me.", "", "", NOON)
        await newcomers.agree(community.id, who.id, "1", NOON)
        await newcomers.choose(community.id, who.id, ["beans"], NOON)
        await newcomers.volunteer(community.id, who.id, NOON)
    await newcomers.greet(community.id, zoe.id, mia.id, NOON)
    await newcomers.greet(community.id, mia.id, zoe.id, NOON)
    await newcomers.pair(community.id, zoe.id, mia.id, NOON, since=NOON, most=3)
    await gates.admit(community.id, mia.id, "moderator", NOON, zoe.id)
    await gates.admit(community.id, zoe.id, "code", NOON)
    for store in (progress, newcomers, gates):
        await store.forget(zoe.id)
    assert (await progress_of(progress, zoe)).arrived_at == NOON, "that somebody came stays true"
    assert not (await progress.steps(zoe.id)).done
    assert await newcomers.introduction(zoe.id) is None
    assert len(await newcomers.hellos(mia.id)) == 1, "that somebody said hello stays true"
    assert await newcomers.hellos(zoe.id) == []
    assert await newcomers.agreed(zoe.id) == {}
    assert await newcomers.greeted_by(zoe.id) == [mia.id]
    assert [pairing.buddy_id for pairing in await newcomers.pairings_with(zoe.id)] == [mia.id]
    assert await gates.get(zoe.id) is None
    kept = await gates.get(mia.id)
    assert kept
    assert kept.decided_by_id is None
    assert await newcomers.willing(community.id) == [mia.id]
    assert await newcomers.introduction(mia.id)
