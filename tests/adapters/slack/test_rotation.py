"""Tokens that last for twelve hours: Slack's token rotation."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.contract.adapter import AdapterError, Away, Gone, Responder
from adapters.contract.events import MessagePosted, PlatformEvent
from adapters.contract.models import Account, Channel, Space
from adapters.contract.ui import Card
from adapters.slack import Slack
from bot.clock import MovableClock
from storage.database import Database
from storage.installations import InstallationStore
from storage.processes import Process

from .door import SlackKit
from .installed import Many
from .things import Fault

OTHER = Process("other", "elsewhere", 7)
ACCESS = "oauth.v2.access"


class Rotating(Many):
    """The app with rotating tokens, and a clock."""

    def __init__(self, kit: SlackKit, database: Database, clock: MovableClock) -> None:
        super().__init__(kit, database)
        self.clock = clock
        self.server.rotates = True
        self.said = 0
        self.replica: Database | None = None
        self.heard_elsewhere: list[PlatformEvent] = []

    def passes(self, **length: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**length))

    async def says(self, slack: Slack | None = None) -> str:
        """Have something posted in T2; return the token with which it was."""
        self.said += 1
        channel = Channel(Space("slack", "T2"), "CHELP")
        await (slack or self.slack).post(channel, Card("Hello"), nonce=f"n{self.said}")
        return next(token for token, method in reversed(self.server.spoke) if method == "chat.postMessage")

    @property
    def renewals(self) -> int:
        return sum(method == ACCESS and "refresh_token" in asked for method, asked in self.server.calls)

    @property
    def told(self) -> list[str]:
        """What the admin who installed the app was told directly."""
        posts = [asked for method, asked in self.server.calls if method == "chat.postMessage"]
        return [str(asked["blocks"]) for asked in posts if str(asked["channel"]).startswith("U")]

    def fails(self, *faults: Fault) -> None:
        """Have these things go wrong with the next renewals."""
        self.server.faults[ACCESS] = deque(faults)

    async def another(self) -> Slack:
        """Return the app as a second process runs it."""
        self.replica = Database(self.database._url.render_as_string())
        slack = self.app(OTHER, self.replica)

        async def receive(event: PlatformEvent, responder: Responder) -> None:
            self.heard_elsewhere.append(event)
            await responder.accept()

        await slack.start(receive, lambda _: True, [], [])
        return slack


@pytest.fixture
async def many(tmp_path: Path, database_file: Path) -> AsyncIterator[Rotating]:
    clock = MovableClock(datetime.now(UTC))  # Bolt goes by the machine's when the app is installed
    database = Database(f"sqlite:///{database_file}")
    many = Rotating(SlackKit(tmp_path, clock.now, http=True), database, clock)
    await many.start()
    await many.install("T2")
    yield many
    await many.slack.stop()
    await many.kit.close()
    for each in filter(None, (database, many.replica)):
        await each.close()


async def test_a_token_is_renewed_two_hours_before_it_is_over_and_outlasts_a_restart(many: Rotating) -> None:
    first = await many.says()
    many.passes(hours=9, minutes=59)
    assert (await many.says(), many.renewals) == (first, 0)
    many.passes(minutes=2)
    second = await many.says()
    assert second != first and many.renewals == 1
    many.passes(hours=9)
    await many.slack.stop()
    await many.start()
    assert await many.says() == second
    many.passes(hours=2)
    assert await many.says() not in (first, second) and many.renewals == 2
    stored = await many.stored()
    assert "xoxe" not in stored and "'T2'" in stored and "canary" not in stored


async def test_who_was_silent_for_days_renews_before_speaking(many: Rotating) -> None:
    many.passes(days=40)
    await asyncio.gather(*[many.says() for _ in range(10)])
    assert many.renewals == 1 and "token_expired" not in str(many.server.spoke)
    await many.slack.stop()
    many.passes(days=40)
    await many.start()
    await many.says()
    assert many.renewals == 2 and [info.space.id for info in await many.slack.spaces()] == ["T2"]


@pytest.mark.parametrize("hours", [11, 13], ids=["soon over", "over"])
async def test_two_processes_that_renew_at_the_same_moment_keep_one_pair(
    many: Rotating, hours: int, caplog: pytest.LogCaptureFixture
) -> None:
    other = await many.another()
    for turn in (1, 2, 3):
        many.passes(hours=hours)
        await asyncio.gather(*[many.says(slack) for slack in (many.slack, other) * 3])
        assert many.renewals == turn
    used = {await many.says(slack) for slack in (many.slack, other)}
    many.passes(minutes=2)
    assert {await many.says(slack) for slack in (many.slack, other)} <= {*many.server.installed} and len(used) <= 2
    assert not many.told and "invalid" not in caplog.text
    await other.stop()


async def test_what_was_installed_at_one_process_is_entered_by_the_other(many: Rotating) -> None:
    other = await many.another()
    await many.install("T3")
    there = Space("slack", "T3")
    assert [info.space.id for info in await other.spaces()] == ["T2"]
    assert not await other.has_left(there), "another process knows it"
    await other.post(Channel(there, "CHELP"), Card("Hello"), nonce="n")
    assert "T3" in {info.space.id for info in await other.spaces()}
    many.server.installed.clear()
    many.server.refreshing.clear()
    assert not await other.has_left(there), "nobody has noticed"
    with pytest.raises(AdapterError):
        await many.slack.post(Channel(there, "CHELP"), Card("Hello"), nonce="n2")
    await many.slack._workspaces.idle()
    assert await many.slack.has_left(there)
    await other.stop()


async def test_what_happens_in_a_workspace_that_another_process_was_let_into_is_heard(many: Rotating) -> None:
    other = await many.another()
    await many.install("T3")
    many.kit.slack = other
    await many.kit.serve()  # Slack's next requests reach the other process
    said = {"type": "message", "user": "UMIA", "channel": "CHELP", "text": "How do I prune roses?"}
    await asyncio.gather(*[many.crowd.happen({**said, "ts": f"{moment}.1"}, "T3") for moment in (1, 2, 3)])
    await other.idle()
    told = [event.message.text for event in many.heard_elsewhere if isinstance(event, MessagePosted)]
    assert [str(text) for text in told] == ["How do I prune roses?"] * 3
    await many.crowd.happen({**said, "ts": "4.1"}, "T9")
    assert {info.space.id for info in await other.spaces()} == {"T2", "T3"}, "where nobody installed it, it is not"
    many.kit.slack = many.slack
    await other.stop()


async def test_what_a_process_posted_before_it_died_is_not_posted_by_another(many: Rotating) -> None:
    other, here = await many.another(), Channel(Space("slack", "T2"), "CHELP")
    await other.post(here, Card("Hello"), nonce="n0")
    since = many.clock.now()
    ref = await many.slack.post(here, Card("Once"), nonce="n1")
    assert await other.post(here, Card("Once"), nonce="n1", since=since) == ref
    told = [asked for method, asked in many.server.calls if method == "chat.postMessage" and "Once" in str(asked)]
    assert len(told) == 1
    await other.stop()


class Late(InstallationStore):
    """A store of a process that is always a little late: another one has done it before."""

    before: Callable[[], Awaitable[str]] | None = None

    @asynccontextmanager
    async def alone(self, team: str) -> AsyncIterator[bool]:
        if self.before:
            await self.before()
        async with super().alone(team) as is_alone:
            yield is_alone


async def test_who_was_about_to_renew_finds_that_another_process_just_did(
    many: Rotating, caplog: pytest.LogCaptureFixture
) -> None:
    many.kind = Late
    late = await many.another()
    many.store.before = many.says  # type: ignore[attr-defined]
    many.passes(hours=11)
    assert await many.says(late) == await many.says() and many.renewals == 1 and "refused" not in caplog.text
    assert not many.told
    await late.stop()


async def test_whoever_holds_an_older_token_takes_over_the_newer(many: Rotating) -> None:
    other = await many.another()
    latest = ""
    for _ in range(3):  # two are good at once, so the first of another process is no longer
        many.passes(hours=10, minutes=1)
        latest = await many.says()
    many.clock.offset -= timedelta(hours=25)  # as if its clock had not told that it is due
    assert await many.says(other) == latest
    await many.install("T2")
    await many.install("T2")
    assert await many.says(other) == [*many.server.installed][-1]
    assert many.renewals == 3 and {info.space.id for info in await other.spaces()} == {"T2"}
    await other.stop()


async def test_a_token_that_slack_refuses_too_early_is_renewed(many: Rotating) -> None:
    first = await many.says()
    many.server.ends[first] = 0
    assert await many.says() != first and many.renewals == 1


async def test_a_renewal_that_slack_never_heard_of_is_tried_again(many: Rotating) -> None:
    first = await many.says()
    many.passes(hours=11)
    many.fails(Fault(cut=True))
    assert [await many.says() for _ in range(3)] == [first] * 3 and many.renewals == 1
    many.passes(minutes=1)
    assert await many.says() != first and many.renewals == 2 and not many.told


async def test_a_renewal_whose_reply_was_lost_is_told_while_there_is_time(
    many: Rotating, caplog: pytest.LogCaptureFixture
) -> None:
    first = await many.says()
    many.passes(hours=11)
    many.fails(Fault(cut=True, effect=True))
    assert await many.says() == first, "it is still good"
    many.passes(minutes=1)
    assert await many.says() == first
    await many.slack._workspaces.idle()
    assert len(many.told) == 1 and "can't be renewed" in many.told[0] and "Please install me again" in many.told[0]
    (wrong,) = [check for check in await many.slack.check([]) if not check.ok]
    assert "The T2 can't be renewed" in wrong.what and "/slack/install" in wrong.mend
    many.passes(minutes=30)
    await many.slack.stop()
    await many.start()
    assert await many.says() == first and many.renewals == 2 and len(many.told) == 1
    assert caplog.text.count("cannot be renewed, and is good until") == 1
    await many.install("T2")
    assert await many.says() != first and all(check.ok for check in await many.slack.check([]))


async def given_up(many: Rotating) -> tuple[str, asyncio.Event]:
    """Speak, and give up once Slack was asked for the next pair, which it gives when the event is set."""
    first, given, asked = await many.says(), asyncio.Event(), many.renewals
    many.passes(hours=11)
    many.fails(Fault(until=given))
    speaking = asyncio.create_task(many.says())
    while many.renewals == asked:  # noqa: ASYNC110  # the server counts, and tells nobody
        await asyncio.sleep(0.01)
    speaking.cancel()
    await asyncio.wait([speaking])
    return first, given


async def test_who_gives_up_waiting_loses_no_pair_that_slack_is_about_to_give(many: Rotating) -> None:
    first, given = await given_up(many)
    assert await many.says() == first, "it is still good"
    given.set()
    await many.slack._workspaces.renewed()
    second = await many.says()
    assert second != first and many.renewals == 1 and not many.told
    many.passes(hours=11)
    assert await many.says() not in (first, second)


async def test_who_stops_while_a_token_is_renewed_keeps_the_pair(many: Rotating) -> None:
    first, given = await given_up(many)
    asyncio.get_running_loop().call_later(0.1, given.set)
    await many.slack.stop()
    await many.start()
    assert await many.says() != first and many.renewals == 1 and not many.told


async def test_who_installed_the_app_is_told_although_somebody_gave_up_waiting_for_that(many: Rotating) -> None:
    many.server.refreshing.clear()
    many.passes(hours=11)
    known = asyncio.Event()
    many.server.faults["users.info"] = deque([Fault(until=known)])
    await many.says()
    looking = asyncio.create_task(many.slack.profile(Account(Space("slack", "T9"), "U1")))
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.wait([looking])
    known.set()
    await many.slack._workspaces.idle()
    assert len(many.told) == 1


async def test_who_dies_while_renewing_is_followed_by_one_who_tells(many: Rotating) -> None:
    many.passes(hours=11)
    await many.slack.stop()
    many.server.refreshing.clear()  # Slack has given the next pair to one who never kept it
    await many.start()
    await many.slack._workspaces.idle()
    assert len(many.told) == 1 and await many.says()


async def test_a_refresh_token_that_was_revoked_is_asked_for_once_and_then_the_workspace_is_left(
    many: Rotating, caplog: pytest.LogCaptureFixture
) -> None:
    await many.install("T3")
    many.server.refreshing = {one: team for one, team in many.server.refreshing.items() if team != "T2"}
    many.passes(hours=11)
    first = await many.says()
    assert [await many.says() for _ in range(3)] == [first] * 3
    many.passes(hours=2)
    with pytest.raises(AdapterError):
        await many.says()
    spoke = len(many.server.spoke)
    for _ in range(3):
        with pytest.raises(AdapterError):
            await many.says()
    await many.slack._workspaces.idle()
    assert many.renewals == 1 and len(many.server.spoke) == spoke
    assert "The T2 (T2) is out of reach" in caplog.text and "'T2'" not in await many.stored()
    assert [info.space.id for info in await many.slack.spaces()] == ["T3"]
    with pytest.raises(Gone):
        await many.says()


async def test_who_removes_the_app_is_not_told_that_its_token_ends(
    many: Rotating, caplog: pytest.LogCaptureFixture
) -> None:
    many.server.refreshing.clear()
    many.server.installed.clear()
    await many.crowd.happen({"type": "app_uninstalled"}, "T2")
    await many.slack._workspaces.idle()
    assert not await many.slack.spaces() and "xoxe" not in await many.stored() and "'T2'" not in await many.stored()
    assert "is good until" not in caplog.text and not many.told and "out of reach" in caplog.text


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_slack_that_does_not_renew_just_now_stops_nobody_before_the_token_is_over(
    many: Rotating, status: int
) -> None:
    first = await many.says()
    many.passes(hours=11)
    many.fails(*[Fault(status=status, retry_after="99")] * 2)
    assert await many.says() == first and many.renewals == 1
    many.passes(hours=2)
    with pytest.raises(Away):
        await many.says()
    with pytest.raises(Away):
        await many.says()
    many.passes(minutes=1)
    assert await many.says() != first and not many.told


async def test_a_wrong_secret_of_ours_is_no_end_of_a_workspace(many: Rotating) -> None:
    await many.slack.stop()
    many.secret = "another"
    await many.start()
    first = await many.says()
    many.passes(hours=11)
    assert await many.says() == first
    await many.slack.stop()
    many.secret = ""
    await many.start()
    assert await many.says() != first and not many.told


async def test_a_pair_that_cannot_be_kept_just_now_is_used_and_kept_later(many: Rotating) -> None:
    first = await many.says()
    many.passes(hours=11)
    async with many.database.write() as connection:
        full = "CREATE TRIGGER full BEFORE UPDATE ON slack_bots BEGIN SELECT RAISE(ABORT, 'full'); END"
        await connection.execute(text(full))
    second = await many.says()
    assert second != first and await many.says() == second
    async with many.database.write() as connection:
        await connection.execute(text("DROP TRIGGER full"))
    many.passes(minutes=1)
    assert await many.says() == second and many.renewals == 1
    await many.slack.stop()
    await many.start()
    assert await many.says() == second
    many.passes(hours=11)
    assert await many.says() != second and many.renewals == 2


async def test_tokens_that_last_stay_as_they_are_when_the_app_begins_to_rotate(many: Rotating) -> None:
    many.server.rotates = False
    await many.install("T2")
    many.server.rotates = True
    first = await many.says()
    many.passes(days=300)
    assert await many.says() == first and many.renewals == 0
    await many.install("T2")
    assert (await many.says()).startswith("xoxe.")


def test_a_token_that_nobody_can_renew_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="SLACK_CLIENT_ID instead"):
        Slack("xoxe.xoxb-1", app_token="xapp-1")
