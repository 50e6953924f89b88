"""Calls that Slack refuses, delays, answers twice or not at all."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import replace

import pytest

from adapters.contract.adapter import AdapterError, Away, Closed, Gone, Locked, NoAccess, Responder, Retry
from adapters.contract.events import LineTyped, PlatformEvent
from adapters.contract.models import Account, Channel, Space
from adapters.contract.ui import Card
from adapters.slack.api import NotInvited, ScopeMissing, TokenRefused
from adapters.slack.pacing import Busy, Pacer
from bot.clock import MovableClock

from .conftest import Bench
from .door import SlackKit
from .things import APP_TOKEN, BOT_TOKEN, SECRET, Fault

pytestmark = pytest.mark.parametrize("kit", ["socket"], indirect=True)
POST = "chat.postMessage"


def standing(bench: Bench) -> int:
    return len(bench.server.places["CHELP"].messages)


@pytest.mark.parametrize("fault", [Fault(500, effect=True), Fault(effect=True, cut=True), Fault(502, effect=True)])
async def test_a_post_whose_answer_is_lost_stands_once(bench: Bench, fault: Fault) -> None:
    bench.server.faults[POST] = deque([fault])
    ref = await bench.post()
    assert ref.id in bench.server.places["CHELP"].messages and standing(bench) == 1
    assert await bench.post() == ref and standing(bench) == 1


async def test_nothing_is_looked_up_in_a_workspace_for_another_one(bench: Bench) -> None:
    ref, slack, other = await bench.post(), bench.kit.slack, Space("slack", "T9")
    assert await slack.find_channel(bench.help.space, "help") == bench.help
    assert await slack.find_channel(other, "help") is None
    assert await slack.profile(Account(other, "UMIA")) is None
    assert await slack.fetch(replace(ref, channel=replace(ref.channel, space=other))) is None


@pytest.mark.parametrize("fault", [Fault(500), Fault(cut=True)])
async def test_a_post_that_never_arrived_is_told_and_can_be_sent_again(bench: Bench, fault: Fault) -> None:
    bench.server.faults[POST] = deque([fault])
    with pytest.raises(AdapterError):
        await bench.post()
    assert standing(bench) == 0
    await bench.post()
    assert standing(bench) == 1


async def test_a_post_stands_once_even_if_nothing_could_be_read_back_at_first(bench: Bench) -> None:
    await bench.post("n0")
    bench.server.faults[POST] = deque([Fault(500, effect=True)])
    bench.server.faults["conversations.history"] = deque([Fault(429, retry_after="120")])
    with pytest.raises(Busy):
        await bench.post()
    minutes_later(bench)
    await bench.post()
    assert standing(bench) == 2


async def test_a_post_of_a_process_that_died_is_found_by_the_next(bench: Bench, clock: MovableClock) -> None:
    first, mia = await bench.post(), Account(bench.help.space, "UMIA")
    thread = Channel(bench.help.space, f"CHELP:{first.id}")
    inside = await bench.post("n2", thread)
    direct = await bench.kit.slack.direct(mia, Card("For you"), nonce="n3")
    await bench.kit.slack.stop()
    await bench.start()
    since = clock.now()
    assert await bench.post(since=since) == first and await bench.post("n2", thread, since) == inside
    assert await bench.kit.slack.direct(mia, Card("For you"), nonce="n3", since=since) == direct
    assert standing(bench) == 2 and len(bench.server.places["DMIA"].messages) == 1


async def test_nothing_is_read_back_or_opened_for_what_nobody_has_tried(bench: Bench) -> None:
    ref = await bench.kit.slack.direct(Account(bench.help.space, "UMIA"), Card("For you"), nonce="n1")
    assert ref.channel.id == "DMIA", "where replies and edits find it"
    await bench.post("n2", Channel(bench.help.space, f"CHELP:{(await bench.post('n3')).id}"))
    asked = {method for method, _ in bench.server.calls}
    assert not asked & {"conversations.open", "conversations.history", "conversations.replies"}


async def test_a_direct_post_whose_answer_is_lost_stands_once(bench: Bench) -> None:
    bench.server.faults[POST] = deque([Fault(effect=True, cut=True)])
    ref = await bench.kit.slack.direct(Account(bench.help.space, "UMIA"), Card("For you"), nonce="n1")
    assert [*bench.server.places["DMIA"].messages] == [ref.id]
    await bench.kit.slack.edit(ref, Card("Changed"))
    assert bench.server.places["DMIA"].messages[ref.id]["text"] == "Changed"


async def test_where_nothing_can_be_read_back_it_is_still_posted(
    bench: Bench, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    bench.server.scopes -= {"channels:history", "groups:history", "im:history"}
    await bench.post(since=clock.now())
    assert standing(bench) == 1 and "may appear there twice" in caplog.text


def minutes_later(bench: Bench) -> None:
    bench.kit.slack._workspaces.entered["T1"].api._free_at.clear()


async def test_what_may_stand_waits_until_that_can_be_looked_up(bench: Bench, clock: MovableClock) -> None:
    first = await bench.post()
    await bench.kit.slack.stop()
    await bench.start()
    for nonce, stand in (("n1", 1), ("n2", 2)):
        bench.server.faults["conversations.history"] = deque([Fault(429, retry_after="60")])
        with pytest.raises(Busy):
            await bench.post(nonce, since=clock.now())
        assert standing(bench) == 1, "nothing is posted in doubt"
        minutes_later(bench)
        found = await bench.post(nonce, since=clock.now())
        assert standing(bench) == stand and (found == first) is (nonce == "n1")


async def begins_again(bench: Bench, messages: int) -> None:
    """Have so much written that nobody wants, and a process begin that knows nothing of what was posted before it."""
    bench.wanted = lambda _: False
    for number in range(messages):
        await bench.crowd.say("UMIA", "CHELP", f"{number}")
    await bench.kit.slack.stop()
    await bench.start()


async def test_what_stands_far_back_is_found_bit_by_bit_as_slack_lets_us_read(
    bench: Bench, clock: MovableClock
) -> None:
    since, first = clock.now(), await bench.post()
    await begins_again(bench, 1250)
    bench.server.calls.clear()
    bench.server.faults["conversations.history"] = deque([None, Fault(429, retry_after="60")] * 6)
    for _ in range(6):
        with pytest.raises(Busy):
            await bench.post(since=since)
        minutes_later(bench)
    assert await bench.post(since=since) == first and not bench.called(POST)
    assert len(bench.called("conversations.history")) == 13, "no page is read twice"


async def test_what_stands_very_far_back_is_not_posted_once_more(
    bench: Bench, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes more pages than are read at once, and Slack forgets where we were."""
    monkeypatch.setattr("adapters.slack.post.PAGE", 2)
    monkeypatch.setattr("adapters.slack.post.PAGES", 2)
    since, first = clock.now(), await bench.post()
    await begins_again(bench, 12)
    with pytest.raises(Busy):
        await bench.post(since=since)
    bench.server.faults["conversations.history"] = deque([Fault(error="invalid_cursor")])
    with pytest.raises(AdapterError, match="invalid_cursor"):
        await bench.post(since=since)
    for _ in range(3):
        with pytest.raises(Busy):
            await bench.post(since=since)
    assert await bench.post(since=since) == first and len(bench.called(POST)) == 1


async def test_two_posts_at_once_with_one_nonce_are_one(bench: Bench) -> None:
    refs = await asyncio.gather(*(bench.post() for _ in range(5)))
    assert len(set(refs)) == 1 and standing(bench) == 1


async def test_a_rate_limit_is_waited_for_and_holds_no_other_method_up(bench: Bench) -> None:
    await bench.post("n0")
    bench.server.faults[POST] = deque([Fault(429, retry_after="0.3")])
    loop = asyncio.get_running_loop()
    began = loop.time()
    posting = [asyncio.create_task(bench.post(f"n{number}")) for number in (1, 2)]
    await asyncio.sleep(0.05)
    assert await bench.kit.slack.find_channel(bench.help.space, "general")
    assert not all(post.done() for post in posting)
    await asyncio.gather(*posting)
    assert loop.time() - began >= 0.3 and standing(bench) == 3


async def test_one_limit_after_the_other_is_a_long_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.api.PATIENCE", 0.3)
    bench.server.faults[POST] = deque([Fault(429, retry_after="0.2")] * 2)
    with pytest.raises(Busy):
        await bench.post()
    await asyncio.sleep(0.2)
    await bench.post()
    assert standing(bench) == 1


async def test_a_long_rate_limit_is_told_and_nothing_is_sent_before_it_ends(bench: Bench) -> None:
    await bench.post("n0")
    bench.server.faults[POST] = deque([Fault(429, retry_after="300")])
    for _ in range(2):
        with pytest.raises(Busy):
            await bench.post()
    assert len(bench.called(POST)) == 2


async def test_a_channel_that_gets_much_gets_it_slowly_and_holds_no_other_up(kit: SlackKit) -> None:
    pacer, loop = Pacer(burst=3, every=0.1), asyncio.get_running_loop()
    began, turns = loop.time(), list[tuple[str, float]]()

    async def send(channel: str) -> None:
        await pacer.turn(channel)
        turns.append((channel, loop.time() - began))

    await asyncio.gather(*(send("C1") for _ in range(6)), send("C2"))
    at = [when for channel, when in turns if channel == "C1"]
    assert at[2] < 0.09 and [round(when, 1) for when in at[3:]] == [0.1, 0.2, 0.3]
    assert next(when for channel, when in turns if channel == "C2") < 0.09
    patient = Pacer(burst=1, every=40)
    await patient.turn("C1")
    with pytest.raises(Busy):
        await patient.turn("C1")


async def test_all_that_is_posted_takes_its_turn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.kit.slack._workspaces.entered["T1"].api, "_pacer", Pacer(burst=1, every=0.1))
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(bench.post(f"n{number}") for number in range(3)))
    assert loop.time() - began >= 0.2 and standing(bench) == 3


async def test_what_waited_while_the_process_was_stopped_is_not_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have taken it over meanwhile."""
    api = bench.kit.slack._workspaces.entered["T1"].api
    monkeypatch.setattr(api, "_pacer", Pacer(burst=1, every=0.1))
    monkeypatch.setattr("adapters.slack.pacing.STOPPED", 0.2)
    await bench.post("n1")
    waiting = asyncio.create_task(bench.post("n2"))
    await asyncio.sleep(0.01)
    time.sleep(0.5)  # noqa: ASYNC251  # as if it was stopped
    with pytest.raises(Away, match="this process was stopped"):
        await waiting
    assert standing(bench) == 1
    await bench.post("n2")
    assert standing(bench) == 2


async def test_what_reads_is_tried_again(bench: Bench) -> None:
    bench.server.faults["users.info"] = deque([Fault(503)])
    profile = await bench.kit.slack.profile(Account(bench.help.space, "UKENJI"))
    assert profile and profile.timezone == "Asia/Tokyo"


async def test_errors_say_who_can_mend_them(bench: Bench) -> None:
    slack, space = bench.kit.slack, bench.help.space
    bench.server.add_channel("CAWAY", "away", bot=False)
    with pytest.raises(NotInvited, match="/invite @Trellis"):
        await bench.post("n1", Channel(space, "CAWAY"))
    bench.server.scopes.discard("chat:write")
    with pytest.raises(ScopeMissing, match="lacks chat:write"):
        await bench.post("n2")
    bench.server.scopes.add("chat:write")
    with pytest.raises(NoAccess):
        await bench.post("n3", Channel(space, "CNONE"))
    bench.server.users["UKENJI"]["closed"] = True
    with pytest.raises(Closed):
        await slack.direct(Account(space, "UKENJI"), Card("Psst"), nonce="n4")
    with pytest.raises(Gone):
        await slack.direct(Account(space, "UNONE"), Card("Psst"), nonce="n5")
    bench.server.token = "xoxb-another"
    with pytest.raises(TokenRefused, match="SLACK_BOT_TOKEN"):
        await bench.post("n6", Channel(space, "CGENERAL"))


@pytest.mark.parametrize(
    "error, kind",
    [
        ("rate_limited", Retry),
        ("is_archived", NoAccess),
        ("ekm_access_denied", NoAccess),
        ("no_permission", NoAccess),
        ("restricted_action_thread_only_channel", NoAccess),
        ("restricted_action_non_threadable_channel", Locked),
        ("cannot_reply_to_message", Locked),
        ("team_added_to_org", Away),
        ("org_login_required", Away),
        ("thread_not_found", Gone),
    ],
)
async def test_what_slack_refuses_is_told_by_its_meaning(bench: Bench, error: str, kind: type[AdapterError]) -> None:
    bench.server.faults[POST] = deque([Fault(error=error, retry_after="60")])
    with pytest.raises(kind):
        await bench.post()
    bench.server.faults.clear()
    minutes_later(bench)
    await bench.post()
    assert standing(bench) == 1, "nothing of it is for good"


async def test_an_edit_in_a_channel_that_is_archived_waits_for_it(bench: Bench) -> None:
    ref = await bench.post()
    bench.server.places["CHELP"].archived = True
    with pytest.raises(NoAccess, match="/invite @Trellis"):
        await bench.kit.slack.edit(ref, Card("Changed"))
    bench.server.places["CHELP"].archived = False
    await bench.kit.slack.edit(ref, Card("Changed"))


async def test_who_of_another_organization_cannot_be_told_directly_takes_nothing_directly(bench: Bench) -> None:
    """Of a person of a connected workspace Slack says as a channel that there is none."""
    bench.server.faults = {
        POST: deque([Fault(error="channel_not_found")]),
        "conversations.open": deque([Fault(error="invalid_user_combination")]),
    }
    with pytest.raises(Closed):
        await bench.kit.slack.direct(Account(bench.help.space, "UKENJI"), Card("Psst"), nonce="n4")


async def test_a_token_that_is_refused_is_the_end_and_is_not_tried_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.post("n1")
    bench.server.token = "xoxb-another"
    for number in range(3):
        with pytest.raises(TokenRefused):
            await bench.post(f"again{number}")
    assert len(bench.called(POST)) == 2 and "Memory Lane (T1) is out of reach" in caplog.text
    with pytest.raises(TokenRefused, match="SLACK_BOT_TOKEN"):
        await bench.kit.slack.ended()


async def test_user_groups_give_roles_and_their_absence_breaks_nothing(bench: Bench) -> None:
    space = bench.help.space
    bench.server.scopes.discard("usergroups:read")
    ava = await bench.kit.slack.profile(Account(space, "UAVA"))
    assert ava and ava.roles == frozenset()
    bench.server.scopes.add("usergroups:read")
    await bench.kit.slack.stop()
    await bench.start()
    ava = await bench.kit.slack.profile(Account(space, "UAVA"))
    assert ava and ava.roles == {"agent", "SAGENT"}


@pytest.mark.parametrize("gives_up", [True, False])
async def test_nobody_loses_a_role_because_user_groups_could_not_be_read_at_once(bench: Bench, gives_up: bool) -> None:
    ava, answers = Account(bench.help.space, "UAVA"), asyncio.Event()
    bench.server.faults["usergroups.list"] = deque([Fault(until=answers)] if gives_up else [Fault(error="no_idea")])
    looking = asyncio.create_task(bench.kit.slack.profile(ava))
    await bench.until(lambda: bench.called("usergroups.list"))
    if gives_up:
        looking.cancel()
    await asyncio.wait([looking])
    answers.set()
    found = await bench.kit.slack.profile(ava)
    assert found and found.roles == {"agent", "SAGENT"}


async def test_nobody_waits_until_somebody_else_was_given_a_role(bench: Bench) -> None:
    space, given = bench.help.space, asyncio.Event()
    assert await bench.kit.slack.profile(Account(space, "UAVA"))
    bench.server.faults["usergroups.users.update"] = deque([Fault(until=given)])
    giving = asyncio.create_task(bench.kit.slack.set_role(Account(space, "UMIA"), "agent", True))
    await bench.until(lambda: bench.called("usergroups.users.update"))
    async with asyncio.timeout(5):
        found = await bench.kit.slack.profile(Account(space, "UAVA"))
    assert found and found.roles == {"agent", "SAGENT"}
    given.set()
    await giving


async def test_people_are_asked_about_once(bench: Bench) -> None:
    for number in range(5):
        await bench.crowd.say("UMIA", "CHELP", f"Hello {number}")
    await bench.settled()
    assert len(bench.called("users.info")) == 1 and len(bench.called("usergroups.list")) == 1
    bench.server.users["UMIA"]["profile"]["display_name"] = "Mia K"
    await bench.crowd.happen({"type": "user_change", "user": bench.server.users["UMIA"], "event_ts": "1.1"})
    await bench.crowd.say("UMIA", "CHELP", "Hello again")
    await bench.settled()
    assert bench.heard[-1].by.name == "Mia K"


async def test_many_channels_are_found_page_by_page(bench: Bench) -> None:
    for number in range(450):
        bench.server.add_channel(f"CX{number}", f"x-{number}")
    found = await bench.kit.slack.find_channel(bench.help.space, "#x-449")
    assert found and found.id == "CX449" and len(bench.called("conversations.list")) == 3


async def test_the_check_ticks_or_says_what_to_click(bench: Bench) -> None:
    assert all(check.ok for check in await bench.kit.slack.check(["help", "agents"]))
    bench.server.add_channel("CAWAY", "away", bot=False)
    bench.server.scopes.discard("im:write")
    wrong = [check for check in await bench.kit.slack.check(["help", "away", "nowhere"]) if not check.ok]
    assert ["im:write" in wrong[0].what, "#away" in wrong[1].mend, "#nowhere" in wrong[2].what] == [True] * 3
    bench.server.scopes.discard("channels:read")
    bench.server.scopes.discard("groups:read")
    await bench.kit.slack.stop()
    await bench.kit.adapter()  # not started
    assert "channels:read" in str(await bench.kit.slack.check(["help"]))
    bench.server.token = "xoxb-another"
    (refused, *_) = await bench.kit.slack.check(["help"])
    assert not refused.ok and "SLACK_BOT_TOKEN" in refused.mend


async def test_the_library_says_nothing_secret_of_a_connection_that_is_refused(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address of a socket has a ticket in it, with which anybody could hear the workspace."""
    monkeypatch.setattr("adapters.slack.listen.PING", 0.1)
    await bench.kit.slack.stop()
    await bench.start()

    class Refused(set[str]):
        def __contains__(self, _: object) -> bool:
            return False

    bench.server.tickets = Refused()
    for open_ in [*bench.server.sockets]:
        await open_.close()
    await bench.until(lambda: caplog.text.count("the Slack library reports a problem in") > 1)
    assert "ticket" not in caplog.text


async def test_nothing_secret_and_nothing_said_is_logged(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("slack_bolt", "slack_sdk", "slack_sdk.web.async_client", "slack_bolt.AsyncApp"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    await bench.kit.slack.stop()
    await bench.start()

    async def answer(event: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("canary-reply"))

    bench.answer = answer
    bench.server.faults = {
        POST: deque([Fault(500), Fault(429, retry_after="0")]),
        "users.info": deque([Fault(cut=True), Fault(500)]),
    }
    await bench.crowd.say("UMIA", "CHELP", "canary-message")
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "canary-question")
    with pytest.raises(AdapterError):
        await bench.post()
    await bench.server.disconnect("warning")
    await bench.server.sockets[-1].send_str('{"broken canary-json')
    await bench.crowd.happen({"type": "message", "user": "UMIA", "channel": {"canary-odd": 1}, "ts": [], "text": 5})
    await asyncio.sleep(0.1)
    await bench.settled()
    written = "\n".join(
        f"{record.name} {record.getMessage()} {record.exc_text}"
        for record in caplog.records
        if record.name != "asyncio"
    )
    for secret in (BOT_TOKEN, APP_TOKEN, SECRET, "canary-"):
        assert secret not in written, [line for line in written.splitlines() if secret in line][:3]


async def test_what_is_typed_into_a_command_reads_as_in_messages(bench: Bench) -> None:
    words = "Does <@UNOAH|noah> know <#CGENERAL> and `user:key:1`, :tada:? <#CGONE>"
    for _ in range(2):
        await bench.crowd.slash("UMIA", "CHELP", "/ask", words)
        await bench.settled()
    asked = bench.heard[-1]
    assert isinstance(asked, LineTyped)
    assert asked.line == "ask Does \ue000 know \ue001 and `user:key:1`, 🎉? \ue002"
    assert [named.text for named in asked.named] == ["@Noah", "#general", "#channel"]
    assert [call["channel"] for call in bench.called("conversations.info")].count("CGENERAL") == 1
