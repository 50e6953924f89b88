"""Who may be asked to help: found in SQL, on both databases, and by no more steps where there are more rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.engine import Engine

from storage.candidates import LATEST, CandidateStore
from storage.database import Database
from storage.help import Help, HelpStore, Past
from storage.members import MemberStore
from storage.peers import PeerStore, Reaction, expertise
from storage.people import accounts, members
from storage.questions import UNSETTLED, Audience, Question, QuestionStore, State, questions
from storage.reactions import ReactionStore
from storage.replies import ReplyStore, replies
from storage.rewrites import RewriteStore
from storage.solutions import SolutionStore
from storage.support import SupportStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class Room:
    """A community, its people by name, and their questions."""

    def __init__(self, database: Database, community: int, ids: dict[str, int]) -> None:
        self.database = database
        self.members = MemberStore(database)
        self.questions = QuestionStore(database)
        self.replies = ReplyStore(database)
        self.solutions = SolutionStore(database)
        self.peers = PeerStore(database)
        self.support = SupportStore(database)
        self.candidates = CandidateStore(database)
        self.help = HelpStore(database)
        self.community = community
        self.ids = ids

    async def ask(self, who: str = "mia", title: str = "Why?", topic: str = "", at: datetime = NOW) -> Question:
        draft = await self.questions.draft(self.community, self.ids[who], "slack/T1", title, at, topic=topic)
        assert draft
        posted = await self.questions.post(draft.id, at)
        assert posted
        return posted

    async def answer(
        self, question: Question, who: str, at: datetime = NOW, *, solves: bool = False, words: str = "So."
    ) -> None:
        message = f"slack/T1/C1:{question.id}/{who}"
        await self.replies.add(question, message, self.ids[who], words, at)
        if solves:
            await self.solutions.solve(question.id, at, solver_id=self.ids[who], solution=message, text=words)
        now = await self.questions.get(question.id)
        assert now
        await self.help.put(now, {self.ids[who]: Help(words, at)}, whole=False)

    async def past(self, question: Question, now: datetime = NOW) -> dict[str, Past]:
        """Return what their past says of those who may be asked, by their names."""
        found = {one.member_id: one for one in await self.help.past(question, now, 100)}
        may = {one.id for one in await self.candidates.askable(question, found, ["webhooks"], now)}
        names = {id_: name for name, id_ in self.ids.items()}
        return {names[id_]: one for id_, one in found.items() if id_ in may}

    async def experts(self, question: Question, *topics: str) -> dict[str, list[str]]:
        found = await self.candidates.experts(question, topics, NOW)
        names = {id_: name for name, id_ in self.ids.items()}
        return {names[member]: sorted(about) for member, about in found.items()}


@pytest.fixture
async def room(database: Database) -> Room:
    store = MemberStore(database)
    community = await store.community("one", "One", "UTC")
    await store.join_space("slack/T1", community.id, "T1")
    ids = {}
    for name in ("mia", "noah", "ava", "omar", "kenji"):
        member, _ = await store.arrive(community.id, f"slack/T1/{name}", "slack/T1", name, NOW)
        ids[name] = member.id
    return Room(database, community.id, ids)


async def test_the_words_the_topic_and_the_time_of_help_count(room: Room) -> None:
    about = await room.ask("ava", "How do I prune the apple tree?", "orchard", NOW - timedelta(days=3))
    await room.answer(about, "noah", NOW - timedelta(days=3), solves=True)
    await room.answer(about, "omar", NOW - timedelta(days=200))
    other = await room.ask("ava", "Which bus goes to the station?", at=NOW - timedelta(days=1))
    await room.answer(other, "kenji", NOW - timedelta(days=1), words="The 12.")
    past = await room.past(await room.ask(title="When is an apple tree pruned?", topic="orchard"))
    assert past["noah"].words > past["omar"].words > past["kenji"].words == 0
    assert past["noah"].topic > 0 == past["kenji"].topic and past["noah"].solved == 1
    assert past["kenji"].month > past["omar"].month and past["kenji"].days == 1
    assert past["noah"].closest == about.id and "ava" not in past


async def test_what_others_wrote_than_who_solved_it_is_found_by_their_own_words(room: Room) -> None:
    one = await room.ask("ava", "Which tool?")
    await room.answer(one, "noah", words="Take the secateurs.", solves=True)
    await room.answer(one, "omar", words="A saw is enough.")
    past = await room.past(await room.ask(title="Where do I buy a saw?"))
    assert past["omar"].words > past["noah"].words


async def test_help_noted_of_many_questions_at_once_counts_as_noted_one_by_one(room: Room) -> None:
    asked = [await room.ask("ava", title) for title in ("Which saw cuts ice?", "Is ice slippery?", "Which bus?")]
    for number, one in enumerate(asked):
        await room.answer(one, ("noah", "omar")[number % 2], words="The large one.", solves=number != 1)
        await room.answer(one, "kenji", words="No ice here.")
    draft = await room.questions.draft(room.community, room.ids["mia"], "slack/T1", "The same?", NOW)
    assert draft and await room.questions.deflect(draft.id, asked[0].id, NOW)
    there = await room.questions.get_many([one.id for one in asked])
    given = [
        (there[one.id], {room.ids[who]: Help(words, NOW) for who, words in parts.items()})
        for one, parts in zip(
            asked, ({"noah": "This one.", "kenji": "Ice?"}, {"omar": "Very."}, {"noah": "The 12."}), strict=True
        )
    ]
    mia_asks = await room.ask(title="Which saw for ice?")
    for question, parts in given:
        await room.help.put(question, parts)
    one_by_one = await room.past(mia_asks)
    assert one_by_one["noah"].accepted and one_by_one["noah"].words > one_by_one["omar"].words
    await room.help.forget_questions(room.community, [one.id for one in asked])
    assert not await room.past(mia_asks)
    await room.help.put_all(room.community, given)
    assert await room.past(mia_asks) == one_by_one


async def test_who_helped_this_person_before_and_at_this_hour_is_known(room: Room) -> None:
    for who, whom, hours in (("noah", "mia", 24), ("omar", "ava", 12)):
        await room.answer(await room.ask(whom), who, NOW - timedelta(hours=hours))
    past = await room.past(await room.ask("mia"))
    assert past["noah"].asker > 0 == past["omar"].asker
    assert past["noah"].hour > past["omar"].hour


async def test_what_solved_a_question_and_spared_others_theirs_counts_for_more(room: Room) -> None:
    known = await room.ask("ava")
    await room.answer(known, "noah", solves=True)
    await room.answer(await room.ask("ava"), "omar", solves=True)
    spared = await room.questions.draft(room.community, room.ids["omar"], "slack/T1", "Why too?", NOW)
    assert spared and await room.questions.deflect(spared.id, known.id, NOW)
    await room.answer(known, "noah")
    past = await room.past(await room.ask())
    assert past["noah"].month == pytest.approx(5 / 8) and past["omar"].month == pytest.approx(3 / 8)


async def test_help_that_is_gone_does_not_count(room: Room) -> None:
    old = await room.ask("ava")
    await room.answer(old, "noah")
    await room.answer(old, "omar")
    assert {*await room.past(await room.ask())} == {"noah", "omar"}
    await room.help.put(old, {room.ids["omar"]: Help("So.", NOW)})
    assert {*await room.past(await room.ask())} == {"omar"}
    assert await room.help.of_member(room.ids["noah"]) == []
    await room.help.forget(room.community, room.ids["omar"])
    assert await room.past(await room.ask()) == {}


async def test_help_of_a_question_that_is_gone_does_not_count(room: Room) -> None:
    old = await room.ask("ava")
    await room.answer(old, "noah")
    assert await room.past(await room.ask())
    await room.help.forget_questions(room.community, [old.id])
    assert await room.past(await room.ask()) == {}


async def test_only_the_latest_help_is_looked_at(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.help.WINDOW", 8)
    for days in range(20, 0, -1):
        at = NOW - timedelta(days=days)
        await room.answer(await room.ask("ava", at=at), "noah" if days > 4 else "omar", at)
    past = await room.past(await room.ask())
    assert past["noah"].helped == 4 and past["omar"].helped == 4


async def test_who_said_that_they_know_a_topic_is_found_by_its_name(room: Room) -> None:
    for name, topics in {"noah": ("webhooks", "rust"), "ava": ("billing",), "mia": ("webhooks",)}.items():
        for topic in topics:
            await room.peers.set_expertise(room.community, room.ids[name], topic, NOW)
    question = await room.ask(topic="webhooks")
    assert await room.experts(question, "webhooks", "the", "rust", "rust webhooks") == {"noah": ["rust", "webhooks"]}
    assert await room.experts(question, 'a"b', "it's", "") == {}
    assert await room.experts(question) == {}


@pytest.mark.parametrize("why", ["left", "not asked", "not about this", "away", "asked already"])
async def test_who_cannot_be_asked_is_no_candidate(room: Room, why: str) -> None:
    past, noah = await room.ask("ava"), room.ids["noah"]
    await room.answer(past, "noah")
    await room.peers.set_expertise(room.community, noah, "webhooks", NOW)
    question = await room.ask()
    match why:
        case "left":
            await room.members.leave("slack/T1/noah", NOW)
        case "not asked":
            await room.members.set_preferences(noah, offers_ok=False)
        case "not about this":
            await room.peers.set_expertise(room.community, noah, "webhooks", NOW, wanted=False)
        case "away":
            await room.members.set_preferences(noah, away_until=NOW + timedelta(hours=1))
        case "asked already":
            await room.peers.offer(question.id, 1, {noah: "because"}, NOW)
    assert await room.past(question) == {} and await room.experts(question, "webhooks") == {}


async def test_who_is_back_can_be_asked(room: Room) -> None:
    await room.answer(await room.ask("ava"), "noah")
    await room.members.set_preferences(room.ids["noah"], away_until=NOW)
    assert len(await room.past(await room.ask())) == 1


async def test_offers_of_late_are_those_made_or_answered_since(room: Room) -> None:
    noah, ava = room.ids["noah"], room.ids["ava"]
    first, second = await room.ask(), await room.ask()
    await room.peers.offer(first.id, 1, {noah: "because", ava: "because"}, NOW - timedelta(days=9))
    await room.peers.react(first.id, noah, Reaction.SNOOZED, NOW)
    await room.peers.offer(second.id, 1, {noah: "because"}, NOW)
    found = await room.candidates.recent_offers([noah, ava], NOW - timedelta(days=3))
    assert {(offer.question_id, offer.member_id) for offer in found} == {(first.id, noah), (second.id, noah)}
    assert await room.candidates.recent_offers([], NOW) == []


async def test_what_another_community_knows_is_not_found(room: Room) -> None:
    other = await room.members.community("two", "Two", "UTC")
    await room.members.join_space("slack/T2", other.id, "T2")
    stranger, _ = await room.members.arrive(other.id, "slack/T2/eve", "slack/T2", "eve", NOW)
    asker, _ = await room.members.arrive(other.id, "slack/T2/ida", "slack/T2", "ida", NOW)
    await room.peers.set_expertise(other.id, stranger.id, "webhooks", NOW)
    draft = await room.questions.draft(other.id, asker.id, "slack/T2", "Why?", NOW, topic="webhooks")
    assert draft and await room.questions.post(draft.id, NOW)
    await room.help.put(draft, {stranger.id: Help("So.", NOW)})
    question = await room.ask(topic="webhooks")
    assert await room.past(question) == {} and await room.experts(question, "webhooks") == {}


# Growth

LARGE = {"help", "members", "accounts", "questions", "replies", "offers", "expertise"}


async def fill(room: Room, size: int) -> None:
    """Let the community have so many members, each of whom asked, answered and says that they know something."""
    person = {"community_id": room.community, "joined_at": NOW, "last_active_at": NOW}
    asked = {
        "community_id": room.community,
        "details": "",
        "topic": "webhooks",
        "state": State.SOLVED,
        "audience": Audience.PEERS,
        "space": "slack/T1",
        "created_at": NOW,
        "asked_at": NOW,
        "active_at": NOW,
    }
    first = max(room.ids.values()) + 1
    ids = range(first, first + size)
    rows: dict[Any, list[dict[str, Any]]] = {
        members: [{**person, "id": id_, "name": f"c{id_}", "folded_name": f"c{id_}"} for id_ in ids],
        accounts: [
            {"key": f"slack/T1/c{id_}", "member_id": id_, "space_key": "slack/T1", "name": f"c{id_}", "roles": ""}
            for id_ in ids
        ],
        questions: [
            {**asked, "id": id_, "number": id_, "asker_id": id_, "title": "Why?", "solver_id": first} for id_ in ids
        ],
        replies: [
            {"message": f"slack/T1/C/{id_}", "question_id": id_, "member_id": first, "text": "So.", "at": NOW}
            for id_ in ids
        ],
        expertise: [{"member_id": id_, "topic": "webhooks", "community_id": room.community, "at": NOW} for id_ in ids],
    }
    async with room.database.write() as connection:
        for table, values in rows.items():
            await connection.execute(insert(table), values)


async def look_up(room: Room, question: Question) -> None:
    """Take every way in which questions and people are looked up while a question is worked on."""
    noah = room.ids["noah"]
    await room.help.past(question, NOW, 100)
    await room.candidates.askable(question, [noah], ["webhooks"], NOW)
    await room.help.put(question, {noah: Help("So.", NOW)})
    await room.help.of_member(noah)
    await room.peers.unsettled_of([noah], 100)
    await room.candidates.experts(question, ["webhooks", "rust"], NOW)
    await room.candidates.recent_offers([noah], NOW)
    await room.questions.listed(room.community, (*UNSETTLED, State.SOLVED), 15, audience=Audience.PEERS)
    await room.questions.listed(room.community, UNSETTLED, 15, answered=False)
    await room.questions.listed(room.community, UNSETTLED, 15, asker_id=noah)
    await room.questions.about(noah, 0, 50)
    await room.peers.open_to(noah, NOW, 3)
    await room.peers.offers(question.id)
    await room.peers.expertise(noah)
    await room.replies.latest(question.id)
    await RewriteStore(room.database).rewrite_reply("slack/T1/C1/1", "So.", NOW)
    await RewriteStore(room.database).rewrite(question.id, "Why?", "", "", NOW)
    await ReactionStore(room.database).take_off("slack/T1/C1/1", "🙏", noah)
    await ReactionStore(room.database).of(noah)
    await room.support.load([noah])
    await room.support.in_hand(noah)
    await room.support.waiting(room.community, 15)
    await room.support.count_waiting(room.community)
    await room.support.hand_out_waiting(room.community, NOW, 5)


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_no_way_to_look_things_up_walks_through_a_table(room: Room) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, _many: object) -> None:
        asked.append((statement, parameters))

    question = await room.ask(topic="webhooks")
    await fill(room, 500)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        await look_up(room, question)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    plans: dict[str, Sequence[str]] = {}
    async with room.database.read() as connection:
        for statement, parameters in asked:
            if not statement.startswith(("BEGIN", "COMMIT", "PRAGMA", "SAVEPOINT", "RELEASE")):
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans[statement] = [str(row._mapping["detail"]) for row in rows]
    walks = {line for plan in plans.values() for line in plan if line.startswith("SCAN ") and line.split()[1] in LARGE}
    assert len(plans) > 15 and walks == set()


async def test_only_so_many_rows_are_found_however_many_there_are(room: Room) -> None:
    question = await room.ask(topic="webhooks")
    await fill(room, 3 * LATEST)
    assert len(await room.candidates.experts(question, ["webhooks"], NOW)) == LATEST
    async with room.database.write() as connection:
        await connection.execute(text("UPDATE expertise SET topic = 'rust' WHERE member_id % 2 = 0"))
    assert len(await room.candidates.experts(question, ["webhooks", "rust", "go"], NOW)) == LATEST
