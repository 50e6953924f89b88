"""What Slack delivers twice, late, out of turn or not at all, over both transports."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest

from adapters.contract.adapter import AdapterError, Responder, Unusable
from adapters.contract.events import (
    ControlUsed,
    FormSubmitted,
    LineTyped,
    MemberJoined,
    MessagePosted,
    PlatformEvent,
    Reconnected,
)
from adapters.contract.files import File
from adapters.contract.forms import Dialog, Field
from adapters.contract.ui import Card
from adapters.slack import event_source
from adapters.slack.listen import Lanes

from .conftest import DIALOG, PRESS, Bench
from .things import BOT, Fault

socket = pytest.mark.parametrize("kit", ["socket"], indirect=True)


async def test_a_button_works_after_a_restart(bench: Bench) -> None:
    ref = await bench.post()
    await bench.kit.slack.stop()
    await bench.start()
    await bench.crowd.press("UNOAH", ref.id, PRESS.pack())
    await bench.settled()
    (event,) = bench.heard
    assert isinstance(event, ControlUsed) and event.call == PRESS.pack() and event.message == ref


async def test_the_same_envelope_twice_is_heard_once(bench: Bench) -> None:
    await bench.crowd.say("UMIA", "CHELP", "Hello?")
    ref = await bench.post()
    await bench.crowd.press("UMIA", ref.id, PRESS.pack())
    for kind, payload in [*bench.crowd.sent]:
        bench.kit.server.now().timestamp()
        await bench.server.send(kind, {**payload, "again": 1})
    await bench.settled()
    assert [type(event) for event in bench.heard] == [MessagePosted, ControlUsed]


def keep_nothing_once(bench: Bench) -> None:
    async def fail(_: PlatformEvent, __: Responder) -> None:
        bench.answer = None
        raise OSError("the database is away")

    bench.answer = fail
    bench.server.ack_within = 0.2


async def test_what_is_not_kept_is_not_acknowledged_and_comes_again(bench: Bench) -> None:
    keep_nothing_once(bench)
    await bench.crowd.say("UMIA", "CHELP", "Hello?")
    await bench.settled()
    assert len(bench.heard) == 2 and not bench.inbox.kept
    assert [status for kind, _, status in bench.server.acks if kind == "events_api"][-1] == 200


async def test_who_comes_is_told_again_where_that_could_not_be_kept(bench: Bench) -> None:
    keep_nothing_once(bench)
    await bench.crowd.join("UNORA", "Nora")
    await bench.settled()
    assert [type(event) for event in bench.heard] == [MemberJoined] * 2, "once in vain"


async def test_what_takes_long_is_stored_before_it_is_acknowledged(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.event_source.STORE_AFTER", 0.05)
    free = asyncio.Event()

    async def wait(_: PlatformEvent, __: Responder) -> None:
        await free.wait()

    bench.answer = wait
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "canary?")
    [(key, body)] = bench.inbox.kept.items()
    assert key.startswith("slack/T1/") and body["text"] == "canary?" and "token" not in body
    free.set()
    await bench.settled()
    assert not bench.inbox.kept and len(bench.heard) == 1


@pytest.mark.parametrize("is_kept", [True, False], ids=["handled", "not handled"])
async def test_what_is_handled_while_it_is_being_stored_is_not_kept_for_ever(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, is_kept: bool
) -> None:
    monkeypatch.setattr("adapters.slack.event_source.STORE_AFTER", 0.2)
    free, stored, keep = asyncio.Event(), asyncio.Event(), bench.inbox.keep

    async def wait(_: PlatformEvent, __: Responder) -> None:
        await free.wait()
        if not is_kept:
            raise ValueError

    async def keep_slowly(key: str, body: Mapping[str, Any]) -> bool:
        free.set()
        await bench.settled()
        new = await keep(key, body)
        stored.set()
        return new

    bench.answer, bench.inbox.keep = wait, keep_slowly  # type: ignore[method-assign]
    with suppress(TimeoutError):
        await bench.crowd.slash("UMIA", "CHELP", "/ask", "canary?")
    await stored.wait()
    await bench.until(lambda: not bench.inbox.kept or bench.inbox.failures)
    assert bool(bench.inbox.failures) != is_kept


async def test_what_can_be_stored_nowhere_is_not_acknowledged(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.event_source.STORE_AFTER", 0.05)
    free = asyncio.Event()

    async def wait(_: PlatformEvent, __: Responder) -> None:
        await free.wait()

    bench.answer, bench.inbox.refusals, bench.server.ack_within = wait, 1, 0.2
    asyncio.get_running_loop().call_later(0.3, free.set)
    await bench.crowd.say("UMIA", "CHELP", "Hello?")
    await bench.settled()
    assert len(bench.heard) == 1, "what is told again while it is handled is not handled twice"


async def test_what_a_dead_process_had_stored_is_handled(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.event_source.STORE_AFTER", 0.05)

    async def die(_: PlatformEvent, __: Responder) -> None:
        await asyncio.sleep(0.2)
        raise asyncio.CancelledError

    bench.answer = die
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "Why?")
    await bench.until(lambda: bench.heard)
    bench.answer = None
    await bench.kit.slack.stop()
    await bench.start()
    [(key, body)] = bench.inbox.kept.items()
    await bench.kit.slack.take_up(key, body)
    await bench.settled()
    assert [event.id for event in bench.heard] == [bench.heard[0].id] * 2 and not bench.inbox.kept


async def test_what_was_handled_and_is_handed_back_is_over(bench: Bench) -> None:
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "Why?")
    await bench.settled()
    key = f"slack/T1/{bench.heard[0].id}"
    await bench.inbox.keep(key, {"team_id": "T1"})
    await bench.kit.slack.take_up(key, bench.inbox.kept[key])
    await bench.settled()
    assert len(bench.heard) == 1 and not bench.inbox.kept and not bench.inbox.failures


async def test_what_cannot_be_handled_is_noted_without_a_word_of_it(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: PlatformEvent, __: Responder) -> None:
        raise ValueError("canary-poison")

    bench.answer = fail
    body = {"type": "event_callback", "event": {"type": "message", "channel": "CHELP", "user": "UMIA", "ts": "1.1"}}
    await bench.inbox.keep("slack/T1/Ev1", body)
    await bench.kit.slack.take_up("slack/T1/Ev1", body)
    await bench.settled()
    assert bench.inbox.failures == {"slack/T1/Ev1": "ValueError"} and "canary-poison" not in caplog.text


async def test_a_channel_keeps_its_order_and_waits_for_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.event_source.STORE_AFTER", 0.1)
    free = asyncio.Event()

    async def slow(event: PlatformEvent, _: Responder) -> None:
        if isinstance(event, MessagePosted) and event.message.text == "1":
            await free.wait()

    bench.answer = slow
    for words in ("1", "2", "3"):
        await bench.crowd.say("UMIA", "CHELP", words)
    await bench.crowd.say("UMIA", "CGENERAL", "elsewhere")
    await bench.crowd.slash("UNOAH", "CHELP", "/ask", "Why?")
    await bench.until(lambda: len(bench.heard) == 3)
    assert [event.message.text if isinstance(event, MessagePosted) else "/ask" for event in bench.heard] == [
        "1",
        "elsewhere",
        "/ask",
    ]
    free.set()
    await bench.settled()
    assert [event.message.text for event in bench.heard if isinstance(event, MessagePosted)][-2:] == ["2", "3"]


async def test_there_is_an_end_to_what_is_taken_on() -> None:
    lanes, free = Lanes(at_once=2, most=3), asyncio.Event()
    done: list[str] = []

    async def work() -> None:
        await free.wait()
        done.append("x")

    for lane in ("a", "b", "c"):
        lanes.put("T1", lane, work)
    with pytest.raises(AdapterError):
        lanes.put("T1", "d", work)
    lanes.put("T2", "d", work)
    free.set()
    await lanes.drained()
    assert len(done) == 4
    lanes.put("T1", "d", work)
    await lanes.drained()


async def test_bots_and_other_apps_are_not_stored(bench: Bench) -> None:
    await bench.crowd.happen({"type": "message", "bot_id": "B9", "channel": "CHELP", "ts": "1.1", "text": "beep"})
    await bench.crowd.happen({"type": "message", "user": BOT, "channel": "CHELP", "ts": "1.2", "text": "ours"})
    await bench.settled()
    assert not bench.heard and not bench.inbox.known


async def test_what_slack_never_sent_before_breaks_nothing(bench: Bench) -> None:
    bench.server.ack_within = 0.3
    for event in ({"type": "message"}, {"type": "reaction_added", "user": "UMIA", "item": {"type": "message"}}, {}):
        await bench.crowd.happen(dict(event))
    await bench.crowd.send(
        "interactive", {"type": "view_submission", "view": {"type": "modal"}, "user": {"id": "UMIA"}}
    )
    await bench.crowd.send("interactive", {"type": "block_actions", "user": {"id": "UMIA"}, "actions": []})
    await bench.settled()
    await bench.crowd.say("UMIA", "CHELP", "Still there?")
    await bench.settled()
    assert isinstance(bench.heard[-1], MessagePosted)


@socket
async def test_each_envelope_goes_to_one_of_two_connections_and_a_refresh_loses_none(bench: Bench) -> None:
    assert len(bench.server.sockets) == 2
    await bench.server.disconnect("refresh_requested")
    for number in range(20):
        await bench.crowd.say("UMIA", "CHELP", str(number))
    await bench.settled()
    assert [event.message.text for event in bench.heard if isinstance(event, MessagePosted)] == [
        str(n) for n in range(20)
    ]
    for _ in range(50):
        if len(bench.server.sockets) == 2:
            break
        await asyncio.sleep(0.02)
    assert len(bench.server.sockets) == 2


@socket
async def test_when_no_socket_was_open_for_a_while_that_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.listen.LOOK", 0.01)
    monkeypatch.setattr("adapters.slack.listen.PING", 0.2)
    await bench.kit.slack.stop()
    await bench.start()
    assert bench.kit.slack.connected
    bench.server.faults["apps.connections.open"] = deque([Fault(500)] * 2)
    for open_ in [*bench.server.sockets]:
        await open_.close()
    await bench.until(lambda: not bench.kit.slack.connected)
    await bench.until(lambda: bench.kit.slack.connected)
    await bench.settled()
    assert [type(event) for event in bench.heard] == [Reconnected]


@socket
async def test_that_slack_is_heard_again_is_told_until_it_is_known(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may be away as well: until somebody knows that something was missed, nothing counts as heard."""
    monkeypatch.setattr("adapters.slack.listen.LOOK", 0.01)
    monkeypatch.setattr("adapters.slack.listen.PING", 0.2)
    await bench.kit.slack.stop()
    await bench.start()
    hears: list[bool] = []

    async def know(_: PlatformEvent, __: Responder) -> None:
        hears.append(bench.kit.slack.connected)
        if len(hears) == 1:
            raise OSError("the database is away")

    bench.answer = know
    for _ in range(2):
        bench.server.faults["apps.connections.open"] = deque([Fault(500)] * 2)
        for open_ in [*bench.server.sockets]:
            await open_.close()
        await bench.until(lambda: not bench.kit.slack.connected)
        await bench.until(lambda: bench.kit.slack.connected)
    assert hears == [False, False, False], "twice for the first time, once for the second"


@socket
async def test_socket_mode_switched_off_is_loud(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    await bench.server.disconnect("link_disabled")
    await bench.until(lambda: "Socket Mode was switched off" in caplog.text)
    with pytest.raises(Unusable, match="Socket Mode, Enable"):
        await asyncio.wait_for(bench.kit.slack.ended(), 30)


# Forms


async def test_a_form_that_is_refused_stays_open_with_what_was_typed(bench: Bench) -> None:
    async def answer(event: PlatformEvent, responder: Responder) -> None:
        if isinstance(event, LineTyped):
            await responder.open(DIALOG)
        elif isinstance(event, FormSubmitted) and event.answers["mark"] != "5":
            fields = (Field("mark", "Mark", value=event.answers["mark"], error="A number, please."),)
            await responder.refuse(Dialog(DIALOG.title, DIALOG.call, fields, again=DIALOG.again))

    bench.answer = answer
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "Why?")
    await bench.settled()
    refused = await bench.crowd.submit("UMIA", {"mark": "five"})
    assert refused == {"response_action": "errors", "errors": {"mark": "A number, please."}}
    assert bench.server.typed["UMIA"] == {"mark": "five"}
    assert await bench.crowd.submit("UMIA", {"mark": "5"}) is None
    assert "UMIA" not in bench.server.views


async def test_a_slow_form_closes_in_time_and_what_is_wrong_is_said_privately(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_source, "VERDICT", 0.1)
    free = asyncio.Event()

    async def answer(event: PlatformEvent, responder: Responder) -> None:
        if isinstance(event, LineTyped):
            await responder.open(DIALOG)
        elif isinstance(event, FormSubmitted):
            await free.wait()
            await responder.refuse(
                Dialog(DIALOG.title, DIALOG.call, (Field("mark", "Mark", error="No."),), again=DIALOG.again)
            )

    bench.answer = answer
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "Why?")
    await bench.settled()
    assert await bench.crowd.submit("UMIA", {"mark": "x"}) is None
    free.set()
    await bench.settled()
    (told,) = bench.server.ephemeral.values()
    assert told["user"] == "UMIA" and "*Mark*: No." in str(told["blocks"]) and "test.again" in str(told["blocks"])


async def test_a_form_that_comes_too_late_is_a_button(bench: Bench) -> None:
    async def answer(_: PlatformEvent, responder: Responder) -> None:
        bench.server.triggers.clear()  # it was used, or three seconds have passed
        await responder.open(DIALOG)

    bench.answer = answer
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "Why?")
    await bench.settled()
    (told,) = bench.server.ephemeral.values()
    assert "test.again" in str(told["blocks"]) and not bench.server.views


async def test_a_command_by_mention_in_a_thread_is_answered_there_in_private(bench: Bench) -> None:
    async def answer(event: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("Here you are"))

    root = await bench.crowd.say("UNOAH", "CHELP", "A question")
    await bench.settled()
    bench.answer = answer
    await bench.crowd.say("UMIA", "CHELP", f"<@{BOT}> question list", thread=root, raw=True)
    await bench.settled()
    assert [type(event) for event in bench.heard] == [MessagePosted, MessagePosted], "told twice, heard once"
    (told,) = bench.server.ephemeral.values()
    assert (told["user"], told["thread_ts"]) == ("UMIA", root)


async def test_its_own_words_are_in_the_readers_language(bench: Bench) -> None:
    async def answer(_: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("Deine Daten", files=(File("data.json", b"{}"),)))

    bench.server.users["UMIA"]["locale"] = "de-DE"
    bench.answer = answer
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "Warum?")
    await bench.settled()
    (told,) = bench.server.ephemeral.values()
    assert "in deinen Direktnachrichten" in str(told["blocks"])


async def test_an_answer_where_the_bot_is_not_goes_by_the_address_and_then_directly(bench: Bench) -> None:
    bench.server.add_channel("CAWAY", "away", bot=False)

    async def answer(_: PlatformEvent, responder: Responder) -> None:
        for number in range(6):
            await responder.reply(Card(f"Answer {number}"))

    bench.answer = answer
    await bench.crowd.slash("UMIA", "CAWAY", "/ask", "Why?")
    await bench.settled()
    assert len(bench.server.ephemeral) == 5  # as often as Slack takes it
    assert [message["text"] for message in bench.server.places["DMIA"].messages.values()] == ["Answer 5"]


async def test_a_reaction_in_a_thread_knows_its_thread_even_after_a_restart(bench: Bench) -> None:
    root = await bench.crowd.say("UNOAH", "CHELP", "A question")
    reply = await bench.crowd.say("UMIA", "CHELP", "An answer", thread=root)
    await bench.settled()
    await bench.kit.slack.stop()
    await bench.start()
    for message in (root, reply):
        await bench.crowd.react("UNOAH", message, "white_check_mark")
    await bench.settled()
    keys: Sequence[str] = [getattr(event, "message").key for event in bench.heard[-2:]]  # noqa: B009
    assert keys == [f"slack/T1/CHELP/{root}", f"slack/T1/CHELP:{root}/{reply}"]


async def test_chatter_that_nobody_wants_is_acknowledged_and_neither_stored_nor_looked_up(bench: Bench) -> None:
    bench.wanted = lambda _: False
    asked = len(bench.server.calls)
    root = await bench.crowd.say("UMIA", "CHELP", f"Look, <@{BOT}> and <@UNOAH>: lunch &amp; <#CHELP> :wave:", raw=True)
    answer = await bench.crowd.say("UNOAH", "CHELP", "No.", root)
    await bench.crowd.react("UKENJI", answer, "eyes")
    await bench.crowd.react("UKENJI", answer, "eyes", "reaction_removed")
    await bench.crowd.delete(answer)
    await bench.settled()
    assert not bench.heard and len(bench.server.calls) == asked
    assert not bench.inbox.known, "nothing was stored, not even a key"
    assert [status for kind, _, status in bench.server.acks if kind == "events_api"] == [200] * 6
    bench.wanted = lambda glance: "wanted" in glance.text
    await bench.crowd.say("UMIA", "CHELP", "This one is wanted.")
    await bench.settled()
    assert [event.by.name for event in bench.heard] == ["Mia"]


async def test_what_can_be_seen_at_a_glance(bench: Bench) -> None:
    root = await bench.crowd.say("UMIA", "CHELP", f"<@{BOT}> look, <@UNOAH>", raw=True)
    await bench.crowd.say("UNOAH", "CHELP", "A picture", root, files=[{"id": "F1"}])
    await bench.settled()
    one, two = [event.glance for event in bench.heard if isinstance(event, MessagePosted)]
    assert one.mentions_us and not one.reply_to and not one.has_files and one.channel == bench.help
    assert not two.mentions_us and two.reply_to == root and two.has_files and two.parent == bench.help


async def test_what_was_never_seen_before_is_acknowledged_and_dropped(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    for event in ({"type": "message", "user": "UMIA"}, {"type": "reaction_added", "item": {"type": "message"}}):
        await bench.server.send("events_api", {"type": "event_callback", "event_id": str(event), "event": event})
    await bench.settled()
    assert [status for *_, status in bench.server.acks] == [200, 200]
    await bench.crowd.say("UMIA", "CHELP", "Hello?")
    await bench.settled()
    assert [event.by.name for event in bench.heard if isinstance(event, MessagePosted)][-1] == "Mia"
