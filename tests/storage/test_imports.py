"""What an export brings is written once, and can be taken away again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from benchmarks.counting import counted
from bot.history.archive import opened
from bot.history.importing import Report, Wanted, import_export, undo_import
from bot.history.said import Unreadable
from storage.columns import metadata
from storage.database import Database
from storage.imports import Import, ImportStore
from storage.kudos import KudosStore
from storage.members import GONE, Community, Erased, MemberStore
from storage.merging import MergeStore
from storage.past import PastStore
from storage.questions import Question, QuestionStore, State
from storage.replies import ReplyStore
from storage.search import SearchStore
from tests.history.exports import (
    ANSWER,
    DAY,
    GUILD,
    NOW,
    QUESTION,
    discord_file,
    discord_id,
    discord_said,
    slack_said,
    slack_thread,
    slack_zip,
    ts,
)
from tests.history.exports import HELP as CHANNEL
from tests.history.looking import reader_of

Rows = dict[str, list[dict[str, Any]]]
COUNTS = {("documents", "version"), ("help", "version")}
"""What only counts changes."""
HELP = "help/2024-03-04.json"


async def brought(database: Database, community: Community, path: Path, **wanted: Any) -> tuple[Import, Report | None]:
    with opened(path) as archive:
        wanted = {"topics": (), **wanted}
        return await import_export(reader_of(archive), archive, Wanted(**wanted), community.id, database, NOW)


async def rows(database: Database) -> Rows:
    """Return all rows of all tables; documents that are gone leave empty ones, and only count changes."""
    found: Rows = {}
    async with database.read() as connection:
        for table in metadata.sorted_tables:
            if table.name in ("counters", "numbers"):
                continue
            columns = [column for column in table.columns if (table.name, column.name) not in COUNTS]
            there = [row._asdict() for row in await connection.execute(select(*columns))]
            there = [row for row in there if table.name != "documents" or row["title"]]
            found[table.name] = sorted(there, key=repr)
    return found


async def questions(database: Database) -> list[Question]:
    return await QuestionStore(database)._find()


def many(tmp_path: Path, count: int = 120, name: str = "many.zip") -> Path:
    talk = [said for number in range(count) for said in slack_thread(number * 60, f"How do I mend part {number}?")]
    return slack_zip(tmp_path / name, {HELP: talk})


async def test_an_import_brings_the_question_its_answer_and_its_people(
    database: Database, community: Community, tmp_path: Path
) -> None:
    import_, report = await brought(database, community, slack_zip(tmp_path / "x.zip"))
    assert report and report.new == {"questions": 1, "solved": 1, "answers": 1, "people": 2}
    (question,) = await questions(database)
    members = MemberStore(database)
    mia, noah = [await members.by_account(f"slack/T1/{user}") for user in ("U1", "U2")]
    assert mia and noah and question.import_id == import_.id
    assert (question.title, question.state, question.number) == (QUESTION, State.SOLVED, None)
    assert (question.asker_id, question.solver_id, question.solution_text) == (mia.id, noah.id, ANSWER)
    assert (question.asked_at, question.origin) == (DAY, f"slack/T1/C1/{ts(0)}")
    assert [reply.message for reply in await ReplyStore(database).latest(question.id)] == [
        f"slack/T1/C1:{ts(0)}/{ts(9)}"
    ]
    assert mia.name == "Mia" and mia.timezone == "Europe/Berlin" and mia.joined_at == DAY
    assert not mia.accounts and mia.last_active_at is None, "she is not here yet"
    assert await ImportStore(database).hours_of(mia.id) == {9: 2}
    hits = await SearchStore(database).find(community.id, "rotating webhook secrets", ("question",), 5)
    assert [hit.subject_id for hit in hits] == [question.id]


async def test_who_comes_is_the_one_who_asked(database: Database, community: Community, tmp_path: Path) -> None:
    await brought(database, community, slack_zip(tmp_path / "x.zip"))
    mia, is_new = await MemberStore(database).arrive(community.id, "slack/T1/U1", "slack/T1", "Mia B", NOW)
    (question,) = await questions(database)
    assert (mia.id, is_new) == (question.asker_id, False)
    assert mia.accounts == ("slack/T1/U1",) and mia.last_active_at == NOW and mia.left_at is None


async def test_a_second_run_changes_nothing(database: Database, community: Community, tmp_path: Path) -> None:
    path = many(tmp_path)
    await brought(database, community, path)
    before = await rows(database)
    import_, report = await brought(database, community, path)
    assert report is None and await rows(database) == before
    await ImportStore(database).restart(import_.id)
    await brought(database, community, path)
    assert await rows(database) == before, "even where all of it is written again"


async def test_undo_takes_away_what_came_and_nothing_else(
    database: Database, community: Community, tmp_path: Path
) -> None:
    members = MemberStore(database)
    noah, _ = await members.arrive(community.id, "slack/T1/U2", "slack/T1", "Noah", NOW - timedelta(days=9))
    before = await rows(database)
    import_, report = await brought(database, community, many(tmp_path), credit=True)
    assert report and report.new["questions"] == 120
    earlier = await members.get(noah.id)
    assert earlier and earlier.joined_at < noah.joined_at
    gone, kept = await undo_import(import_.id, database)
    assert (gone["questions"], gone["people"], kept) == (120, 1, 0)
    assert await rows(database) == before


@pytest.mark.parametrize("after", [1, 2, 4])
async def test_what_is_broken_off_goes_on_to_the_same_rows(
    database: Database, community: Community, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write, calls = many(tmp_path), PastStore.write, [0]

    async def breaks(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == after:
            raise RuntimeError("the power is gone")
        return await write(*args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(PastStore, "write", breaks)
        if after < 4:
            with pytest.raises(RuntimeError):
                await brought(database, community, path)
    _, report = await brought(database, community, path)
    assert report and report.questions == 120
    found = await questions(database)
    assert [one.title for one in found] == [f"How do I mend part {number}?" for number in range(120)]
    assert [len(await ReplyStore(database).latest(one.id)) for one in found] == [1] * 120


async def test_what_is_undone_while_it_is_brought_in_ends_there_and_can_begin_again(
    database: Database, community: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write, undone = many(tmp_path), PastStore.write, list[int]()

    async def meanwhile(self: PastStore, import_: Import, *args: Any, **kwargs: Any) -> Any:
        if len(undone) == 1:
            await undo_import(import_.id, database)
        undone.append(import_.id)
        return await write(self, import_, *args, **kwargs)

    with monkeypatch.context() as both:
        both.setattr(PastStore, "write", meanwhile)
        with pytest.raises(Unreadable, match="undone or run by somebody else"):
            await brought(database, community, path)
    assert not await questions(database)
    _, report = await brought(database, community, path)
    assert report and report.new["questions"] == 120


async def test_what_was_erased_stays_so(database: Database, community: Community, tmp_path: Path) -> None:
    members = MemberStore(database)
    noah, _ = await members.arrive(community.id, "slack/T1/U2", "slack/T1", "Noah", NOW)
    await members.erase(noah.id, NOW)
    thread = slack_thread(question="How do I rotate it, as <@U2> knows?")
    thread += [slack_said(30, "U3", "In the settings, press Rotate.", thread_ts=ts(0))]
    _, report = await brought(database, community, slack_zip(tmp_path / "x.zip", {HELP: thread}))
    assert report and report.erased == 1
    (question,) = await questions(database)
    assert question.title == f"How do I rotate it, as @{GONE} knows?"
    assert question.state is State.CLOSED, "what solved it was his"
    assert [reply.text for reply in await ReplyStore(database).latest(question.id)] == [
        "In the settings, press Rotate."
    ]
    assert await members.by_account("slack/T1/U2") is None
    with pytest.raises(Erased):
        await members.arrive(community.id, "slack/T1/U2", "slack/T1", "Noah", DAY)


async def test_who_is_erased_after_an_import_is_not_brought_back(
    database: Database, community: Community, tmp_path: Path
) -> None:
    path = slack_zip(tmp_path / "x.zip")
    import_, _ = await brought(database, community, path)
    mia = await MemberStore(database).by_account("slack/T1/U1")
    assert mia
    for forget in (QuestionStore(database).forget, ReplyStore(database).forget, ImportStore(database).forget_member):
        await forget(mia.id)
    await MemberStore(database).erase(mia.id, NOW)
    before = await rows(database)
    await ImportStore(database).restart(import_.id)
    await brought(database, community, path)
    after = await rows(database)
    assert {name: there for name, there in after.items() if name != "imports"} == {
        name: there for name, there in before.items() if name != "imports"
    }


async def test_what_stands_here_already_stays_as_it_is(
    database: Database, community: Community, tmp_path: Path
) -> None:
    members, store = MemberStore(database), QuestionStore(database)
    mia, _ = await members.arrive(community.id, "slack/T1/U1", "slack/T1", "Mia", DAY)
    await store.draft(community.id, mia.id, "slack/T1", "Mine", DAY, origin=f"slack/T1/C1/{ts(0)}")
    _, report = await brought(database, community, slack_zip(tmp_path / "x.zip"))
    assert report and report.new["here already"] == 1 and not report.new["questions"]
    assert [one.title for one in await questions(database)] == ["Mine"]


async def test_a_later_export_adds_what_an_earlier_did_not_know(
    database: Database, community: Community, tmp_path: Path
) -> None:
    early, late = slack_thread(thanks=""), slack_thread()
    late.insert(2, slack_said(12, "U3", "Mind the second one in Deployments too.", thread_ts=ts(0)))
    late[3]["text"] = "<@U2> Thank you, that works!"
    first, _ = await brought(database, community, slack_zip(tmp_path / "a.zip", {HELP: early}))
    before = await rows(database)
    second, report = await brought(database, community, slack_zip(tmp_path / "b.zip", {HELP: late}), credit=True)
    assert report and report.new == {"solved": 1, "answers": 1, "people": 1}
    (question,) = await questions(database)
    assert question.state is State.SOLVED and question.solution_text == ANSWER
    await undo_import(second.id, database)
    assert await rows(database) == before
    await brought(database, community, slack_zip(tmp_path / "b.zip", {HELP: late}))
    await undo_import(first.id, database)
    assert await questions(database) == []


async def test_what_a_later_export_adds_is_found_as_what_was_answered_here(
    database: Database, community: Community, tmp_path: Path
) -> None:
    async def found(words: str) -> list[int]:
        hits = await SearchStore(database).find(community.id, words, ("question",), 5)
        return [hit.subject_id for hit in hits]

    early = slack_thread(thanks="")
    late = [*early, slack_said(12, "U3", "You can also do it with the Deployments helper.", thread_ts=ts(0))]
    late += [slack_said(13, "U3", "```helperctl replace --gradual```", thread_ts=ts(0))]
    await brought(database, community, slack_zip(tmp_path / "a.zip", {HELP: early}))
    second, _ = await brought(database, community, slack_zip(tmp_path / "b.zip", {HELP: late}))
    (question,) = await questions(database)
    assert await found("deployments helper") == await found("helperctl") == [question.id]
    await undo_import(second.id, database)
    assert await found("deployments helper") == await found("helperctl") == []


async def test_what_solved_it_is_all_that_was_said_in_one_go(
    database: Database, community: Community, tmp_path: Path
) -> None:
    talk = slack_thread(thanks="")
    talk += [slack_said(10, "U2", "```hookctl rotate --grace 1h```", thread_ts=ts(0))]
    talk += [slack_said(15, "U2", "Have a look at the dashboard after that.", thread_ts=ts(0))]
    talk[1]["reactions"] = [{"name": "white_check_mark", "users": ["U1"]}]
    await brought(database, community, slack_zip(tmp_path / "x.zip", {HELP: talk}))
    (question,) = await questions(database)
    assert question.solution_text == f"{ANSWER}\n```hookctl rotate --grace 1h```"


LATER = slack_said(30, "U3", "Or use the Deployments helper for that.", thread_ts=ts(0))
THANKED = slack_said(40, "U1", "<@U2> Thank you, that works!", thread_ts=ts(0))


async def test_a_later_export_goes_on_with_a_thread_that_an_earlier_one_began(
    database: Database, community: Community, tmp_path: Path
) -> None:
    await brought(database, community, slack_zip(tmp_path / "a.zip", {HELP: slack_thread(thanks="")}))
    before = await rows(database)
    path = slack_zip(tmp_path / "b.zip", {HELP: [LATER, THANKED]})
    second, report = await brought(database, community, path)
    assert report and report.new == {"solved": 1, "answers": 1, "people": 1}
    (question,) = await questions(database)
    assert (question.title, question.state, question.solution_text) == (QUESTION, State.SOLVED, ANSWER)
    assert [one.text for one in await ReplyStore(database).latest(question.id)] == [ANSWER, LATER["text"]]
    after = await rows(database)
    await ImportStore(database).restart(second.id)
    await brought(database, community, path)
    again = await rows(database)
    assert {**again, "imports": after["imports"]} == after, "even where all of it is written again"
    await undo_import(second.id, database)
    assert await rows(database) == before


async def test_a_thread_that_no_export_began_is_left_out(
    database: Database, community: Community, tmp_path: Path
) -> None:
    _, report = await brought(database, community, slack_zip(tmp_path / "b.zip", {HELP: [LATER, THANKED]}))
    assert report and report.skipped == {"answers to what is not in the export": 2}
    assert not await questions(database)


async def test_a_later_export_goes_on_with_a_thread_on_discord(
    database: Database, community: Community, tmp_path: Path
) -> None:
    await MemberStore(database).join_space(f"discord/{GUILD}", community.id, "Garden")
    thread: dict[str, Any] = {"id_": discord_id(0), "name": "rotate", "type_": "GuildPublicThread", "parent": CHANNEL}
    discord_file(tmp_path / "a", [discord_said(0, "mia", QUESTION)])
    discord_file(tmp_path / "a", [discord_said(5, "noah", ANSWER)], **thread)
    discord_file(tmp_path / "b", [discord_said(30, "mia", "Thank you, that works!")], **thread)
    for folder in ("a", "b"):
        await brought(database, community, tmp_path / folder)
    (question,) = await questions(database)
    assert (question.state, question.solution_text) == (State.SOLVED, ANSWER)


async def test_undo_takes_no_more_statements_for_more_questions(
    database: Database, community: Community, tmp_path: Path
) -> None:
    async def taken(number: int) -> int:
        early = [said for one in range(number) for said in slack_thread(one * 60, f"How do I mend {one}?", thanks="")]
        late = [
            *early,
            *(slack_said(20 + one * 60, "U1", "Thank you!", thread_ts=ts(one * 60)) for one in range(number)),
        ]
        late += [slack_said(12 + one * 60, "U3", "Or with glue.", thread_ts=ts(one * 60)) for one in range(number)]
        imported = [
            (await brought(database, community, slack_zip(tmp_path / f"{name}{number}.zip", {HELP: talk})))[0]
            for name, talk in (("a", early), ("b", sorted(late, key=lambda said: float(said["ts"]))))
        ]
        with counted() as count:
            for one in reversed(imported):
                await undo_import(one.id, database)
        assert not await questions(database)
        return count.statements

    assert await taken(40) == await taken(2)


async def test_an_export_that_begins_amid_a_conversation_makes_no_question_of_its_rest(
    database: Database, community: Community, tmp_path: Path
) -> None:
    talk = [
        slack_said(0, "U1", QUESTION),
        slack_said(3, "U2", f"<@U1> {ANSWER}"),
        slack_said(6, "U1", "<@U2> And where do I see whether the old one is still used?"),
        slack_said(9, "U2", "<@U1> In Settings, under Usage, each secret has its own line."),
        slack_said(12, "U1", "<@U2> Thank you, that works!"),
    ]
    await brought(database, community, slack_zip(tmp_path / "a.zip", {HELP: talk}))
    before = await rows(database)
    _, report = await brought(database, community, slack_zip(tmp_path / "b.zip", {HELP: talk[2:]}))
    assert report and (report.questions, report.new) == (1, {"here already": 1})
    after = await rows(database)
    assert {name: after[name] for name in ("questions", "replies", "help", "documents")} == {
        name: before[name] for name in ("questions", "replies", "help", "documents")
    }


async def test_people_stay_as_long_as_any_import_tells_of_them(
    database: Database, community: Community, tmp_path: Path
) -> None:
    before = await rows(database)
    first, _ = await brought(database, community, slack_zip(tmp_path / "a.zip", {HELP: slack_thread()}))
    second, _ = await brought(database, community, slack_zip(tmp_path / "b.zip", {HELP: slack_thread(start=99)}))
    await undo_import(first.id, database)
    assert len(await questions(database)) == 1
    assert await MemberStore(database).by_account("slack/T1/U1")
    await undo_import(second.id, database)
    assert await rows(database) == before


Use = Callable[[Database, Question], Any]


async def _deflects(database: Database, question: Question) -> None:
    store = QuestionStore(database)
    draft = await store.draft(question.community_id, question.asker_id, question.space, "The same?", NOW)
    assert draft
    await store.deflect(draft.id, question.id, NOW)


async def _answers(database: Database, question: Question) -> None:
    await ReplyStore(database).add(question, "slack/T1/C1/9", question.asker_id, "Still so.", NOW)


@pytest.mark.parametrize("use", [_deflects, _answers])
async def test_undo_keeps_what_people_have_used_since(
    database: Database, community: Community, tmp_path: Path, use: Use
) -> None:
    path = many(tmp_path, 3)
    import_, _ = await brought(database, community, path)
    used = (await questions(database))[1]
    await use(database, used)
    gone, kept = await undo_import(import_.id, database)
    assert (gone["questions"], kept) == (2, 1)
    there = await QuestionStore(database).get(used.id)
    assert there and there.solution_text == ANSWER
    await brought(database, community, path)
    assert sum(one.import_id is not None for one in await questions(database)) == 3, "it can be imported again"


async def test_undo_keeps_who_came(database: Database, community: Community, tmp_path: Path) -> None:
    import_, _ = await brought(database, community, slack_zip(tmp_path / "x.zip"))
    mia, _ = await MemberStore(database).arrive(community.id, "slack/T1/U1", "slack/T1", "Mia", NOW)
    gone, _ = await undo_import(import_.id, database)
    assert gone["people"] == 1
    there = await MemberStore(database).get(mia.id)
    assert there and there.accounts


async def test_who_is_two_accounts_here_is_one_in_an_import(
    database: Database, community: Community, tmp_path: Path
) -> None:
    members = MemberStore(database)
    import_, _ = await brought(database, community, slack_zip(tmp_path / "x.zip"))
    here, _ = await members.arrive(community.id, "discord/1/7", "discord/1", "Mia", NOW)
    mia = await members.by_account("slack/T1/U1")
    assert mia
    await MergeStore(database).merge(here.id, mia.id, NOW)
    (question,) = await questions(database)
    assert question.asker_id == here.id
    await undo_import(import_.id, database)
    assert await members.get(here.id)


async def test_credit_is_written_for_no_points(database: Database, community: Community, tmp_path: Path) -> None:
    path = slack_zip(tmp_path / "x.zip")
    await brought(database, community, path)
    await brought(database, community, path, credit=True)
    (question,) = await questions(database)
    assert question.solver_id
    (entry,) = await KudosStore(database).of(question.solver_id)
    assert (entry.weight, entry.giver_id) == (0, question.asker_id)


async def test_many_questions_take_no_more_statements_than_one(
    database: Database, community: Community, tmp_path: Path
) -> None:
    taken: list[int] = []
    statements: list[float] = []
    database.time_statements(statements.append)
    await brought(database, community, many(tmp_path, 1, "first.zip"))  # brings the people
    for count in (2, 90):
        statements.clear()
        path = many(tmp_path, 1 + count, f"{count}.zip")
        _, report = await brought(database, community, path, credit=True)
        assert report and report.new["questions"] in (2, 88)
        taken.append(len(statements))
    assert taken[0] == taken[1]


async def test_a_huge_history_is_read_in_the_order_it_was_told(
    database: Database, community: Community, tmp_path: Path
) -> None:
    await brought(database, community, many(tmp_path))
    asked: Sequence[Question] = await questions(database)
    assert [one.asked_at for one in asked] == sorted(one.asked_at for one in asked if one.asked_at)
    assert await QuestionStore(database).listed(community.id, (State.SOLVED,), 9) == [], (
        "lists are of what has a number"
    )
