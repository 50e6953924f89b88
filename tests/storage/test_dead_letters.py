"""What was set aside: one list over three tables, and the commands by which whoever runs Trellis looks after it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.inbox import InboxStore
from storage.jobs import JobStore
from storage.members import Community, Member, MemberStore
from storage.outbox import Item, OutboxStore
from storage.postings import PostingStore
from storage.processes import Process, ProcessStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parents[2]
WORDS = "my cat ate the config"
SECRETS = ("https://hooks.slack.com/actions/T1/2/canary", "canary-trigger", "canary-token")

Trellis = Callable[..., Awaitable[Result]]


@pytest.fixture
async def noah(database: Database, community: Community) -> Member:
    member, _ = await MemberStore(database).arrive(community.id, "slack/T1/UNOAH", "slack/T1", "Noah", NOON)
    return member


@pytest.fixture
async def letters(database: Database, community: Community, noah: Member) -> DeadLetters:
    """A job, something for Noah, and an event, each set aside a minute after the one before."""
    jobs, outbox, inbox = JobStore(database), OutboxStore(database), InboxStore(database)
    await jobs.put("things.look:idea:12", NOON, community.id)
    (job,) = await jobs.due(NOON, 1)
    await jobs.fail(job, repr(FileNotFoundError(2, "No such file", "chart.png")), None, NOON)
    [posted] = await PostingStore(database).add(
        [
            {
                "community_id": community.id,
                "kind": "idea",
                "subject_id": 12,
                "key": "change/1",
                "spot": f"member/{noah.id}",
                "member_id": noah.id,
                "channel": f"member/{noah.id}",
                "digest": "",
                "at": NOON,
            }
        ]
    )
    payload = {"card": {"body": [WORDS]}}
    item = Item("direct", posted.channel, payload, NOON, NOON, community.id, posted.id, noah.id, NOON + MINUTE)
    await ProcessStore(database).begin(Process.this())
    [written] = await outbox.add([item], "me")
    await outbox.set_aside(written, "me", repr(ValueError(f"cannot read '{WORDS}'")), NOON + MINUTE)
    body = {
        "type": "block_actions",
        "response_url": SECRETS[0],
        "trigger_id": SECRETS[1],
        "nested": [{"bot_token": SECRETS[2], "text": WORDS}, {"link": SECRETS[0]}],
    }
    await inbox.keep("slack/T1/t123", "slack", body, "me", NOON)
    for _ in range(5):
        await inbox.failed("slack/T1/t123", f"POST {SECRETS[0]} failed", NOON + 2 * MINUTE, MINUTE, 5)
    return DeadLetters(database)


@pytest.fixture
def trellis(database: Database) -> Trellis:
    """Runs a command while something else has the database open."""
    address = database._url.render_as_string(hide_password=False)

    async def run(*words: str, **settings: str) -> Result:
        environment = {"DATABASE_URL": address, "COLUMNS": "60"} | settings
        return await asyncio.to_thread(CliRunner().invoke, app, ["dead", *words], env=environment)

    return run


async def ids(letters: DeadLetters, community_id: int | None = None) -> list[str]:
    return [letter.id.partition(":")[0] for letter in await letters.all(community_id)]


async def test_three_tables_are_one_list(database: Database, letters: DeadLetters, community: Community) -> None:
    assert await ids(letters) == await ids(letters, community.id) == ["job", "outbox", "inbox"]
    assert await ids(letters, community.id + 1) == []
    job, item, event = await letters.all()
    assert (job.what, job.about, job.attempts) == ("things.look", "idea 12", 1)
    assert (item.what, item.about, item.attempts) == ("direct", "idea 12, change/1", 1)
    assert (event.place, event.attempts) == ("slack/T1", 5)
    assert await letters.find(item.id) == item and await letters.find("job:99") is None


async def test_what_is_retried_is_due_at_once_and_what_is_dropped_is_gone(
    database: Database, letters: DeadLetters
) -> None:
    job, item, event = [letter.id for letter in await letters.all()]
    for id_ in (job, item, event):
        assert await letters.retry(id_) and not await letters.retry(id_) and not await letters.drop(id_)
    assert await letters.all() == []
    assert [one.attempts for one in await JobStore(database).due(NOON, 9)] == [0]
    [due] = await OutboxStore(database).take_over("other", NOON, ())
    assert (due.attempts, due.until) == (0, None)
    assert [kept.key for kept in await InboxStore(database).take_over("other", NOON)] == ["slack/T1/t123"]


async def test_what_is_dropped_is_gone(database: Database, letters: DeadLetters) -> None:
    for letter in await letters.all():
        assert await letters.drop(letter.id) and not await letters.retry(letter.id)
    assert await letters.all() == []
    assert not await InboxStore(database).keep("slack/T1/t123", "slack", {}, "me", NOON)


async def test_what_concerns_an_erased_member_goes_at_once(
    database: Database, letters: DeadLetters, noah: Member
) -> None:
    inbox, outbox = InboxStore(database), OutboxStore(database)
    for key, who in (("slack/T1/his", "UNOAH"), ("slack/T1/hers", "UMIA"), ("discord/1/same", "UNOAH")):
        await inbox.keep(key, "slack", {"user": {"id": who}}, "me", NOON)
        await inbox.failed(key, "a bug", NOON, MINUTE, 1)
    await outbox.forget(noah.id)
    await inbox.forget(noah.id)
    left = [letter.id for letter in await letters.all()]
    assert left == ["inbox:discord/1/same", "inbox:slack/T1/hers", "job:1", "inbox:slack/T1/t123"]
    assert not await inbox.keep("slack/T1/his", "slack", {}, "me", NOON)


@pytest.mark.parametrize(
    "id_", ["", "job", "job:", "job:x", "job:-1", "job:99999999999", "outbox:1.5", "inbox:", "post:1", "job:1\n", "٣"]
)
async def test_what_is_no_id_is_refused(letters: DeadLetters, id_: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        await letters.retry(id_)
    with pytest.raises(ValueError, match="not the id"):
        await letters.drop(id_)


async def test_the_list_says_what_for_whom_since_when_and_why_and_nobodys_words(
    letters: DeadLetters, trellis: Trellis, noah: Member
) -> None:
    listed = await trellis("list")
    assert listed.exit_code == 0 and not listed.stderr
    lines = listed.stdout.splitlines()
    job, item, event = [letter.id for letter in await letters.all()]
    assert lines[:6] == [
        f"{job}  the job things.look, about idea 12",
        "  set aside 2026-03-02 12:00 UTC after 1 try: FileNotFoundError(2, “…”)",
        f"{item}  a direct message, for Noah (member {noah.id}), about idea 12, change/1",
        "  set aside 2026-03-02 12:01 UTC after 1 try: ValueError(“…”)",
        f"{event}  something that happened, in slack/T1",
        "  set aside 2026-03-02 12:02 UTC after 5 tries: POST https://hooks.slack.com/… failed",
    ]
    assert "3 set aside." in lines[6] and "trellis dead retry ID" in lines[6]
    assert WORDS not in listed.stdout and "canary" not in listed.stdout


async def test_only_show_has_what_was_kept_and_never_a_secret(letters: DeadLetters, trellis: Trellis) -> None:
    _, item, event = [letter.id for letter in await letters.all()]
    shown = await trellis("show", item)
    assert shown.exit_code == 0 and WORDS in shown.stdout and "of Gardeners" in shown.stdout
    shown = await trellis("show", event)
    assert shown.exit_code == 0 and WORDS in shown.stdout and shown.stdout.count("(hidden)") == 5
    assert not any(secret in shown.stdout for secret in SECRETS)


async def test_a_community_is_chosen_by_its_name_or_key(
    database: Database, letters: DeadLetters, trellis: Trellis
) -> None:
    await MemberStore(database).community("discord/2", "Beekeepers", "UTC")
    assert "3 set aside" in (await trellis("list", "--community", "gardeners")).stdout
    assert ", of Gardeners" in (await trellis("list", "--community", "slack/T1")).stdout
    assert (await trellis("list", "--community", "Beekeepers")).stdout.strip() == "Nothing is set aside."
    unknown = await trellis("list", "--community", "[red]nobody")
    assert unknown.exit_code == 1 and "discord/2  Beekeepers" in unknown.stderr and "[red]nobody" in unknown.stderr


async def test_some_are_tried_again_and_what_is_missing_is_said(letters: DeadLetters, trellis: Trellis) -> None:
    job, item, event = [letter.id for letter in await letters.all()]
    again = await trellis("retry", item, "job:99", item)
    assert again.exit_code == 1 and "job:99 is not set aside" in " ".join(again.stderr.split())
    assert again.stdout.startswith(f"{item} is tried again") and len(again.stdout.splitlines()) == 1
    assert (await trellis("drop", job)).exit_code == 0
    assert [letter.id for letter in await letters.all()] == [event]
    assert (await trellis("retry", "all")).exit_code == 0 and await letters.all() == []
    nothing = await trellis("retry", "all")
    assert (nothing.exit_code, nothing.stdout) == (0, "Nothing is set aside.\n")
    assert (await trellis("show", event)).exit_code == 1


def test_it_is_there_as_a_process_of_its_own(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "dead", "list"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 78 and "trellis db upgrade" in ended.stderr


async def test_wrong_usage_ends_with_two(trellis: Trellis) -> None:
    for words in (("retry", "12"), ("drop", "all"), ("show",), ("show", "job:x"), ("lists",)):
        ended = await trellis(*words)
        assert ended.exit_code == 2 and "Traceback" not in ended.stderr
    assert "was set aside" in (await trellis("--help")).stdout


async def test_a_database_without_tables_or_away_is_one_sentence(empty_url: str, trellis: Trellis) -> None:
    without = await trellis("list", DATABASE_URL=empty_url)
    assert without.exit_code == 78 and "trellis db upgrade" in without.stderr and "Traceback" not in without.stderr
    away = await trellis("list", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert away.exit_code == 1 and "Traceback" not in away.stderr
