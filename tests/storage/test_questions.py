"""Questions, duty and the knowledge base, on both databases: every change has a condition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.duty import DutyStore
from storage.knowledge import KnowledgeStore
from storage.members import Community, Member, MemberStore
from storage.moments import MomentKind, MomentStore
from storage.peers import PeerStore, Reaction
from storage.postings import PostingStore
from storage.questions import UNSETTLED, Audience, Escalation, Question, QuestionStore, State
from storage.replies import ReplyStore
from storage.rewrites import RewriteStore
from storage.solutions import SolutionStore
from storage.support import SupportStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class Room:
    """A community with people in it, and its questions."""

    def __init__(self, database: Database, community: Community, people: dict[str, Member]) -> None:
        self.questions = QuestionStore(database)
        self.replies = ReplyStore(database)
        self.rewrites = RewriteStore(database)
        self.support = SupportStore(database)
        self.solutions = SolutionStore(database)
        self.peers = PeerStore(database)
        self.duty = DutyStore(database)
        self.knowledge = KnowledgeStore(database)
        self.community = community.id
        self.ids = {name: member.id for name, member in people.items()}

    async def ask(self, title: str = "Why?", **facts: object) -> Question:
        draft = await self.questions.draft(self.community, self.ids["mia"], "slack/T1", title, NOW, **facts)  # type: ignore[arg-type]
        assert draft
        posted = await self.questions.post(draft.id, NOW)
        assert posted
        return posted


@pytest.fixture
async def room(database: Database) -> Room:
    members = MemberStore(database)
    community = await members.community("one", "One", "UTC")
    await members.join_space("slack/T1", community.id, "T1")
    people = {}
    for name in ("mia", "noah", "ava", "omar"):
        people[name], _ = await members.arrive(community.id, f"slack/T1/{name}", "slack/T1", name, NOW)
    return Room(database, community, people)


async def together(change: Callable[[int], object], ids: list[int]) -> list[object]:
    return await asyncio.gather(*(change(id_) for id_ in ids))  # type: ignore[call-overload, no-any-return]


async def test_numbers_count_up_without_gaps_also_all_at_once(room: Room) -> None:
    drafts = [await room.questions.draft(room.community, room.ids["mia"], "slack/T1", "Why?", NOW) for _ in range(10)]
    posted = await asyncio.gather(*(room.questions.post(draft.id, NOW) for draft in drafts if draft))
    assert sorted(question.number or 0 for question in posted if question) == list(range(1, 11))
    assert await room.questions.post(drafts[0].id if drafts[0] else 0, NOW) is None


async def test_one_message_becomes_one_question(room: Room) -> None:
    facts = (room.community, room.ids["mia"], "slack/T1", "Why?", NOW)
    made = await asyncio.gather(*(room.questions.draft(*facts, origin="slack/T1/C1/1") for _ in range(5)))
    assert len([question for question in made if question]) == 1


async def test_only_one_agent_can_claim(room: Room) -> None:
    question = await room.ask(audience=Audience.AGENTS)
    agents = [room.ids["ava"], room.ids["omar"]] * 5
    claims = await together(lambda id_: room.support.claim(question.id, id_, LATER), agents)
    assert len([claim for claim in claims if claim]) == 1
    claimed = await room.questions.get(question.id)
    assert claimed and claimed.state is State.CLAIMED and claimed.hand_out_at is None
    assert await room.support.load([claimed.helper_id or 0]) == {claimed.helper_id: 1}
    assert await room.support.release(question.id, room.ids["mia"], LATER) is None
    released = await room.support.release(question.id, claimed.helper_id or 0, LATER)
    assert released and released.state is State.OPEN and released.hand_out_at == LATER


async def test_a_turn_counts_as_load_until_it_is_over(room: Room) -> None:
    question = await room.ask(audience=Audience.AGENTS)
    ava = room.ids["ava"]
    await room.support.offer_agent(question.id, ava, NOW, LATER)
    assert await room.support.load([ava]) == {ava: 1}
    await room.support.offer_agent(question.id, None, LATER, None)
    assert await room.support.load([ava]) == {}
    assert await room.support.hand_out_waiting(room.community, LATER, 5, but_asked_by=room.ids["mia"]) == []
    (waiting,) = await room.support.hand_out_waiting(room.community, LATER, 5)
    assert waiting.id == question.id and waiting.hand_out_at == LATER
    assert await room.support.hand_out_waiting(room.community, LATER, 5) == []


async def test_what_waited_longest_is_handed_out_first(room: Room) -> None:
    first, second = await room.ask(audience=Audience.AGENTS), await room.ask(audience=Audience.AGENTS)
    for question in (second, first):
        await room.support.offer_agent(question.id, None, NOW, None)
    assert [question.id for question in await room.support.waiting(room.community, 9)] == [first.id, second.id]
    assert await room.support.count_waiting(room.community) == 2
    assert [one.id for one in await room.support.hand_out_waiting(room.community, LATER, 1)] == [first.id]
    assert [one.id for one in await room.support.hand_out_waiting(room.community, LATER, 1)] == [second.id]


async def test_a_wave_is_asked_once(room: Room) -> None:
    question = await room.ask()
    assert await room.peers.begin_wave(question.id, 1, NOW)
    assert await room.peers.begin_wave(question.id, 1, NOW) is None
    await room.peers.offer(question.id, 1, {room.ids["noah"]: "because"}, NOW)
    await room.peers.offer(question.id, 2, {room.ids["noah"]: "once more"}, NOW)
    await room.peers.react(question.id, room.ids["noah"], Reaction.SNOOZED, LATER)
    (offer,) = await room.peers.offers(question.id)
    assert (offer.member_id, offer.wave, offer.reaction) == (room.ids["noah"], 1, Reaction.SNOOZED)
    assert await room.peers.offers_to(room.ids["noah"]) == [offer]


async def test_what_someone_is_still_asked_is_known(room: Room) -> None:
    noah, first, second = room.ids["noah"], await room.ask("First?"), await room.ask("Second?")
    await room.peers.offer(first.id, 1, {noah: "because"}, NOW)
    await room.peers.offer(second.id, 1, {noah: "because"}, LATER)
    assert [one.id for one in await room.peers.open_to(noah, NOW, 9)] == [second.id, first.id]
    assert [one.id for one in await room.peers.open_to(noah, NOW, 1)] == [second.id]
    assert await room.peers.open_to(noah, LATER + timedelta(seconds=1), 9) == []
    await room.peers.react(first.id, noah, Reaction.DECLINED, LATER)
    await room.support.escalate(second.id, Escalation.BY_ASKER, LATER)
    assert await room.peers.open_to(noah, NOW, 9) == []


async def test_replies_are_noted_once_and_answers_change_the_state(room: Room) -> None:
    question = await room.ask(topic="webhooks")
    asked_back = await room.replies.add(question, "slack/T1/C1/2", room.ids["noah"], "Which?", NOW, answers=False)
    assert asked_back and asked_back.state is State.OPEN
    answered = await room.replies.add(question, "slack/T1/C1/3", room.ids["noah"], "So.", LATER)
    assert answered and answered.state is State.ANSWERED and answered.answered_at == LATER
    assert await room.replies.add(question, "slack/T1/C1/3", room.ids["noah"], "So.", LATER) is None
    assert [reply.text for reply in await room.replies.latest(question.id)] == ["Which?", "So."]

    solved = await room.solutions.solve(
        question.id, LATER, solver_id=room.ids["noah"], solution="slack/T1/C1/3", text="So."
    )
    assert solved and solved.state is State.SOLVED
    assert await room.solutions.solve(question.id, LATER, solver_id=None, solution=None, text="") is None
    unsaid = await room.replies.unsay("slack/T1/C1/3", LATER)
    assert unsaid and unsaid.solution_text == ""


async def test_the_later_edit_counts_and_nothing_deleted_comes_back(room: Room) -> None:
    question = await room.ask(topic="webhooks")
    assert not await room.rewrites.rewrite_reply("slack/T1/C1/3", "Nobody said that.", LATER)
    await room.replies.add(question, "slack/T1/C1/3", room.ids["noah"], "So.", NOW)
    await room.solutions.solve(question.id, NOW, solver_id=room.ids["noah"], solution="slack/T1/C1/3", text="So.")
    edited = await room.rewrites.rewrite_reply("slack/T1/C1/3", "Like this.", LATER)
    assert edited and edited.solution_text == "Like this."
    assert not await room.rewrites.rewrite_reply("slack/T1/C1/3", "An older edit.", NOW)
    assert not await room.rewrites.rewrite_reply("slack/T1/C1/3", "Like this.", LATER)
    await room.replies.unsay("slack/T1/C1/3", LATER)
    unsolved = await room.rewrites.unsolve(question.id, "slack/T1/C1/3", LATER)
    assert unsolved and unsolved.state is State.ANSWERED and unsolved.solver_id is None
    assert not await room.rewrites.unsolve(question.id, "slack/T1/C1/3", LATER)
    assert not await room.rewrites.rewrite_reply("slack/T1/C1/3", "Back again.", LATER)
    open_again = await room.rewrites.unanswer(question.id, LATER)
    assert open_again and (open_again.state, open_again.answered_at) == (State.OPEN, None)
    assert open_again.waiting_since is None and not await room.rewrites.unanswer(question.id, LATER)
    asked = await room.rewrites.rewrite(question.id, "Why?", "Because.", "", LATER)
    assert asked and (asked.title, asked.details) == ("Why?", "Because.")
    assert not await room.rewrites.rewrite(question.id, "Older?", "", "", NOW)
    await room.questions.drop(question.id, LATER)
    assert not await room.rewrites.rewrite(question.id, "After it was taken back?", "", "", LATER)


async def test_idle_reminded_closed_reopened(room: Room) -> None:
    question = await room.ask()
    assert await room.solutions.remind(question.id, LATER) is None
    assert await room.solutions.close(question.id, LATER) is None
    await room.replies.add(question, "slack/T1/C1/2", room.ids["noah"], "So.", NOW)
    assert await room.solutions.close(question.id, LATER) is None
    await room.solutions.remind(question.id, LATER)
    closed = await room.solutions.close(question.id, LATER)
    assert closed and closed.state is State.CLOSED
    reopened = await room.solutions.reopen(question.id, LATER)
    assert reopened and reopened.state is State.OPEN and reopened.asker_spoke_last
    assert await room.solutions.reopen(question.id, LATER) is None


async def test_lists(room: Room) -> None:
    first, second = await room.ask("First?"), await room.ask("Second?")
    await room.support.escalate(second.id, Escalation.BY_ASKER, LATER)
    waiting = await room.questions.listed(room.community, (State.OPEN,), 10, audience=Audience.AGENTS)
    assert [question.id for question in waiting] == [second.id]
    mine = await room.questions.listed(room.community, UNSETTLED, 1, asker_id=room.ids["mia"])
    assert [question.id for question in mine] == [second.id]
    await room.solutions.solve(second.id, LATER, solver_id=None, solution=None, text="")
    third = await room.ask("Third?")
    states = (State.SOLVED, *UNSETTLED)
    both = await room.questions.listed(room.community, states, 2)
    assert [question.id for question in both] == [third.id, second.id]
    unanswered = await room.questions.listed(room.community, states, 9, answered=False)
    assert [question.id for question in unanswered] == [third.id, first.id]
    assert not await room.questions.listed(room.community, (State.OPEN,), 10, asker_id=room.ids["noah"])


async def test_rating_is_asked_and_given_once(room: Room) -> None:
    question = await room.ask()
    assert [await room.solutions.ask_rating(question.id) for _ in range(2)] == [True, False]
    assert await room.solutions.rate(question.id, 3)
    assert await room.solutions.rate(question.id, 1) is None


async def test_whoever_is_forgotten_leaves_no_words(room: Room) -> None:
    question = await room.ask("My secret?")
    await room.replies.add(question, "slack/T1/C1/2", room.ids["mia"], "More secrets", NOW)
    await room.peers.set_expertise(room.community, room.ids["mia"], "secrets", NOW)
    await room.questions.forget(room.ids["mia"])
    await room.replies.forget(room.ids["mia"])
    assert [one.id for one in await room.questions.about(room.ids["mia"], 0, 9)] == [question.id]
    assert await room.questions.about(room.ids["mia"], question.id, 9) == []
    await room.peers.forget(room.ids["mia"])
    asked, written = await room.questions.asked_by(room.ids["mia"]), await room.replies.of_member(room.ids["mia"])
    assert [one.title for one in asked] == ["(removed)"] and asked[0].anonymous
    assert written == [] and await room.peers.offers_to(room.ids["mia"]) == []
    assert await room.peers.expertise(room.ids["mia"]) == []


async def test_duty_goes_round(room: Room) -> None:
    ava, omar = room.ids["ava"], room.ids["omar"]
    assert [await room.duty.begin(room.community, ava, NOW) for _ in range(2)] == [True, False]
    await room.duty.begin(room.community, omar, LATER)
    await room.duty.ask(ava, LATER)
    assert [duty.member_id for duty in await room.duty.on(room.community)] == [omar, ava]
    assert [await room.duty.miss(ava) for _ in range(2)] == [1, 2]
    await room.duty.took(ava)
    assert await room.duty.miss(ava) == 1
    assert [await room.duty.end(ava) for _ in range(2)] == [True, False]


async def test_an_article_is_published_when_all_authors_agree(room: Room) -> None:
    question, noah, mia = await room.ask(), room.ids["noah"], room.ids["mia"]
    article = await room.knowledge.save(room.community, question.id, "T", "A", room.ids["ava"], [noah, mia], NOW)
    assert article.authors == (mia, noah)
    assert await room.knowledge.consent(article.id, noah, True, NOW)
    assert not await room.knowledge.consent(article.id, noah, True, NOW)
    assert await room.knowledge.publish(article.id, NOW) is None
    await room.knowledge.consent(article.id, mia, True, NOW)
    assert await room.knowledge.publish(article.id, NOW)
    assert await room.knowledge.publish(article.id, NOW) is None
    again = await room.knowledge.save(room.community, question.id, "T2", "A2", room.ids["ava"], [noah], LATER)
    assert again.id == article.id and again.published_at is None
    assert [one.title for one in await room.knowledge.by_author(noah)] == ["T2"]


async def test_a_question_is_found_by_its_messages_and_threads(room: Room, database: Database) -> None:
    asked, post = await room.ask(), await room.ask("And why?", origin="slack/T1/C1/9")
    row = {"community_id": room.community, "kind": "question", "digest": "", "at": NOW, "spot": "slack/T1"}
    card = {"subject_id": asked.id, "key": "card", "channel": "slack/T1/C1", "message": "slack/T1/C1/5"}
    other = {"kind": "idea", "subject_id": post.id, "key": "card", "channel": "slack/T1/C2"}
    await PostingStore(database).add(
        [
            row | card | {"thread": "slack/T1/C1:5"},
            row | other | {"message": "slack/T1/C2/7", "thread": "slack/T1/C2:7"},
        ]
    )

    async def found(*keys: str) -> list[int | None]:
        return [one.id if (one := await room.questions.by_message(key)) else None for key in keys]

    assert await found("slack/T1/C1/5", "slack/T1/C1/9", "slack/T1/C2/7") == [asked.id, post.id, None]
    by_thread = [await room.questions.by_thread(f"slack/T1/{thread}") for thread in ("C1:5", "C2:7")]
    assert [one.id if one else None for one in by_thread] == [asked.id, None]


async def test_it_is_nobodys_turn_once_until_somebody_has_it(room: Room) -> None:
    asked = await room.ask(audience=Audience.AGENTS)
    first = await room.support.offer_agent(asked.id, None, NOW, None)
    again = await room.support.offer_agent(asked.id, None, LATER, None)
    assert first and again and first.offered_agent_at == again.offered_agent_at == NOW
    turn = await room.support.offer_agent(asked.id, room.ids["ava"], LATER, LATER)
    nobody = await room.support.offer_agent(asked.id, None, LATER + timedelta(hours=1), None)
    assert turn and turn.offered_agent_at == LATER
    assert nobody and nobody.offered_agent_at == LATER + timedelta(hours=1)


async def test_what_happened_lately_is_known_until_who_did_it_is_forgotten(room: Room, database: Database) -> None:
    moments, asked, noah = MomentStore(database), await room.ask(), room.ids["noah"]
    await moments.add(asked.id, MomentKind.PROPOSED, noah, NOW)
    await moments.add(asked.id, MomentKind.HANDED_BACK, noah, LATER)
    assert [one.what for one in await moments.of(asked.id, NOW)] == [MomentKind.PROPOSED, MomentKind.HANDED_BACK]
    assert [one.what for one in await moments.of(asked.id, LATER)] == [MomentKind.HANDED_BACK]
    assert len(await moments.of_member(noah)) == 2
    await moments.forget(noah)
    assert not await moments.of(asked.id, NOW)
