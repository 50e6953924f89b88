"""The adapter's ways, seen from Discord's side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.adapter import AdapterError, Away, Closed, Gone, NoAccess, Responder, Retry, Unusable
from adapters.contract.call import Call
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessagePosted,
    PlatformEvent,
    ThreadDeleted,
)
from adapters.contract.files import File
from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import Account, Channel, MessageRef, Space
from adapters.contract.ui import Button, Card, Option
from adapters.discord import Discord
from adapters.discord.limits import Reply
from adapters.discord.words import attached, named, written

from ..inbox import MemoryInbox
from . import people, spec
from .conftest import COMMANDS, SHORTCUTS, Handler, Rig
from .door import PACE, title_of
from .gateway import TOKEN
from .server import Fault
from .world import DIRECT, EPHEMERAL

pytestmark = spec.missing

DIALOG = Dialog("Ask", Call("asking.send"), (Field("question", "Question"),), again=Call("form.again", ("7",)))


# Commands


async def test_commands_are_registered_once_and_again_only_when_they_change(rig: Rig) -> None:
    await rig.start()
    await rig.adapter.stop()
    await rig.start()
    assert len(rig.server.asked("PUT", "/applications/.*")) == 1
    ask, idea, settings, duty, mark = rig.server.commands[""]
    assert [option["name"] for option in ask["options"]] == ["question", "topic", "anonymous"]
    assert [option["name"] for option in idea["options"]] == ["status", "merge"]
    rights = [one["default_member_permissions"] for one in (ask, idea, settings, duty, mark)]
    assert rights == [None, str(1 << 13), str(1 << 5), None, None]
    rig.server.commands[""][0]["description"] = "Something else"
    await rig.adapter.stop()
    await rig.start()
    assert len(rig.server.asked("PUT", "/applications/.*")) == 2


async def test_named_servers_get_commands_of_their_own(rig: Rig) -> None:
    await rig.start()
    await rig.adapter.stop()
    await rig.start(guild_ids=[rig.world.guild])
    assert rig.server.commands[""] == [] and len(rig.server.commands[rig.world.guild]) == 5


async def test_a_server_that_trellis_is_not_in_is_named(rig: Rig) -> None:
    with pytest.raises(Unusable, match="client_id"):
        await rig.start(guild_ids=["4711"])


async def test_options_arrive_as_members_would_type_them(rig: Rig) -> None:
    await rig.start()
    await people.use(rig.server, rig.mia, rig.help, "idea merge", {"who": "Noah"})
    await people.use(rig.server, rig.mia, rig.help, "idea status", {"idea": "7"})
    await people.use(rig.server, rig.ada, rig.help, "ask", {"question": "Why?", "anonymous": "false"})
    await rig.settle()
    merge, status, ask = rig.heard
    assert isinstance(merge, CommandUsed) and merge.options == {"who": Account(rig.space, rig.noah).key}
    assert isinstance(status, CommandUsed) and status.command == "idea status" and status.options == {"idea": "7"}
    assert isinstance(ask, CommandUsed) and ask.options == {"question": "Why?", "anonymous": "false"}
    assert ask.by.admin and not merge.by.admin and ask.by.locale == "en-GB"
    assert {"admin", rig.world.roles["admin"]["id"]} == ask.by.roles


async def test_what_is_typed_into_commands_and_forms_reads_as_in_messages(rig: Rig) -> None:
    await rig.start()
    admin = rig.world.roles["admin"]["id"]
    typed = f"Ask <@{rig.noah}>, <@&{admin}> or <#{rig.help}> <:sprout:42> at <t:1772445600:R>: `<@{rig.noah}>`, <@1>"
    shown = f"Ask @Noah, @admin or #help :sprout: at 2026-03-02 10:00 UTC: `<@{rig.noah}>`, @someone"
    await people.use(rig.server, rig.mia, rig.help, "ask", {"question": typed})
    await rig.settle()
    (used,) = rig.heard
    assert isinstance(used, CommandUsed) and used.options["question"] == shown

    async def open_(event: PlatformEvent, responder: Responder) -> None:
        if isinstance(event, CommandUsed):
            await responder.open(Dialog("Ask", Call("a.b"), (Field("question", "Question"),)))

    rig.handler = open_
    await people.use(rig.server, rig.mia, rig.help, "ask", {"question": "Why?"})
    await rig.settle()
    await people.submit(rig.server, rig.mia, {"question": typed})
    await rig.settle()
    sent = rig.heard[-1]
    assert isinstance(sent, FormSubmitted) and sent.answers["question"] == shown


async def test_suggestions_come_from_the_option_or_from_whoever_knows(rig: Rig) -> None:
    await rig.start()
    topics = await people.complete(rig.server, rig.mia, rig.help, "ask", "topic", "bil")
    assert [one["value"] for one in topics] == ["billing", "other"]
    rig.suggestions = [Option("#7 Compost", "7")]
    ideas = await people.complete(rig.server, rig.mia, rig.help, "idea status", "idea", "comp")
    assert ideas == [{"name": "#7 Compost", "value": 7}]
    (asked,) = rig.typed
    assert (asked.command, asked.option, asked.typed) == ("idea status", "idea", "comp")
    assert asked.by.account == Account(rig.space, rig.mia) and asked.channel == rig.channel
    assert not rig.heard


async def test_suggestions_that_take_too_long_are_left_out(rig: Rig) -> None:
    await rig.start(patience=0.05)
    rig.suggestions_take = 5
    assert await people.complete(rig.server, rig.mia, rig.help, "idea status", "idea", "comp") == []


# Answering


def replying(*cards: Card, after: float = 0.0) -> Handler:
    async def handler(_: PlatformEvent, responder: Responder) -> None:
        await asyncio.sleep(after)
        for card in cards:
            await responder.reply(card)

    return handler


async def test_replies_are_private_the_first_and_the_later_ones(rig: Rig) -> None:
    await rig.start()
    rig.handler = replying(Card("One"), Card("Two"))
    used = await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert used.first == Reply.MESSAGE
    assert [title_of(one) for one in rig.private(rig.mia)] == ["One", "Two"]
    assert all(one["flags"] & EPHEMERAL for one in rig.private(rig.mia))


async def test_an_interaction_that_is_told_twice_is_heard_once(rig: Rig) -> None:
    await rig.start()
    rig.handler = replying(Card("One"))
    used = await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.server.dispatch("INTERACTION_CREATE", used.data)
    await rig.settle()
    assert len(rig.heard) == 1 and len(rig.private(rig.mia)) == 1


async def test_an_answer_waits_as_long_as_discord_asks_and_is_not_sent_before(rig: Rig) -> None:
    await rig.start()
    rig.handler = replying(Card("One"))
    slow_down = {"message": "You are being rate limited.", "retry_after": 0.4, "global": False}
    rig.server.faults.append(Fault("POST", "/interactions/.*/callback", 429, body=slow_down))
    began = asyncio.get_running_loop().time()
    used = await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert used.first == Reply.MESSAGE and asyncio.get_running_loop().time() - began >= 0.4
    assert len(rig.server.asked("POST", "/interactions/.*/callback")) == 2

    slow_down["retry_after"] = 600.0
    rig.server.faults.append(Fault("POST", "/interactions/.*/callback", 429, 9, body=slow_down))
    async with asyncio.timeout(10):
        used = await people.use(rig.server, rig.mia, rig.help, "duty on", {}, insist=False)
        await rig.settle()
    asked = len(rig.server.asked("POST", "/interactions/.*/callback"))
    assert not used.first and asked <= 5, "what Discord has us wait for so long is not tried on and on"


async def test_a_copy_that_has_nothing_to_say_leaves_the_others_reply_alone(rig: Rig) -> None:
    await rig.start(patience=0.1)

    async def silence(_: PlatformEvent, __: Responder) -> None: ...

    twin = Discord(TOKEN, api_url=rig.server.url, pace=rig.adapter._pace)
    await twin.start(silence, rig.wants, COMMANDS, SHORTCUTS)
    await rig.until(lambda: len(rig.server.identified) == 2)
    rig.handler = replying(Card("One"), after=0.05)
    used = await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    rig.adapter._hear_interaction(used.data)
    await rig.adapter.idle()
    await twin.idle()
    await twin.stop()
    assert len(rig.private(rig.mia)) == 1


async def test_a_slow_handler_is_acknowledged_for_and_its_reply_takes_the_place(rig: Rig) -> None:
    await rig.start(patience=0.02)
    rig.handler = replying(Card("One"), Card("Two"), after=0.15)
    used = await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert used.first == Reply.THINKING
    assert [title_of(one) for one in rig.private(rig.mia)] == ["One", "Two"]
    assert len(rig.server.asked("PATCH", "/webhooks/.*/@original")) == 1


async def test_silence_is_acknowledged_and_leaves_nothing_behind(rig: Rig) -> None:
    await rig.start(patience=0.1)
    used = await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert used.first == Reply.THINKING and not rig.private(rig.mia)
    ref = await rig.adapter.post(rig.channel, Card("Press", buttons=(Button("Go", Call("a.b")),)), nonce="1")
    used = await people.press(rig.server, rig.mia, ref.id, "a.b")
    await rig.settle()
    assert used.first == Reply.QUIET


async def test_a_form_that_comes_too_late_is_offered_by_a_button(rig: Rig) -> None:
    await rig.start(patience=0.02)

    async def open_(event: PlatformEvent, responder: Responder) -> None:
        if isinstance(event, CommandUsed):
            await asyncio.sleep(0.15)
        await responder.open(DIALOG)

    rig.handler = open_
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    (note,) = rig.private(rig.mia)
    assert [part["custom_id"] for part in spec.components(note) if "custom_id" in part] == ["form.again:7"]
    assert rig.mia not in rig.server.modals
    await people.press(rig.server, rig.mia, note["id"], "form.again:7")
    await rig.settle()
    assert rig.server.modals[rig.mia][0]["title"] == "Ask"


async def test_every_kind_of_field_goes_there_and_back(rig: Rig) -> None:
    await rig.start()
    kinds = [Kind.MEMBER, Kind.CHANNEL, Kind.BOOLEAN, Kind.INTEGER, Kind.TEXT]
    fields = tuple(Field(kind.value, kind.value, kind, required=False) for kind in kinds)

    async def open_(event: PlatformEvent, responder: Responder) -> None:
        if isinstance(event, CommandUsed):
            await responder.open(Dialog("All", Call("all.send"), fields))

    rig.handler = open_
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    answers = {"member": rig.noah, "channel": rig.help, "boolean": "true", "integer": "7", "text": "a\nb"}
    used = await people.submit(rig.server, rig.mia, answers)
    await rig.settle()
    sent = rig.heard[-1]
    assert isinstance(sent, FormSubmitted) and used.first
    here = {"member": Account(rig.space, rig.noah).key, "channel": rig.channel.key}
    assert sent.answers == {**answers, **here}


async def test_an_update_after_a_reply_still_finds_its_message(rig: Rig) -> None:
    await rig.start()

    async def handler(_: PlatformEvent, responder: Responder) -> None:
        await responder.reply(Card("Thanks"))
        await responder.update(Card("After"))

    ref = await rig.adapter.post(rig.channel, Card("Before", buttons=(Button("Go", Call("a.b")),)), nonce="1")
    rig.handler = handler
    await people.press(rig.server, rig.mia, ref.id, "a.b")
    await rig.settle()
    assert title_of(rig.world.messages[ref.id].data) == "After"
    (note,) = rig.private(rig.mia)
    await people.press(rig.server, rig.mia, note["id"], "a.b")
    await rig.settle()
    assert title_of(rig.world.messages[note["id"]].data) == "After"


async def test_a_button_works_after_a_restart(rig: Rig) -> None:
    await rig.start()
    ref = await rig.adapter.post(rig.channel, Card("Press", buttons=(Button("Go", Call("a.b", ("7",))),)), nonce="1")
    await rig.adapter.stop()
    await rig.start()
    await people.press(rig.server, rig.mia, ref.id, "a.b:7")
    await rig.settle()
    (event,) = rig.heard
    assert isinstance(event, ControlUsed) and event.call == "a.b:7" and event.message == ref


@pytest.mark.parametrize("heading", ["Psst", ""])
async def test_a_button_in_a_direct_message_knows_its_server(rig: Rig, heading: str) -> None:
    await rig.start()
    ada = Account(rig.space, rig.ada)
    card = Card(heading, "[x](https://discord.com/channels/1)", buttons=(Button("Go", Call("a.b")),))
    ref = await rig.adapter.direct(ada, card, nonce="1")

    async def update(_: PlatformEvent, responder: Responder) -> None:
        await responder.update(Card("Done", buttons=(Button("Go", Call("a.b")),)))

    rig.handler = update
    for _ in range(2):
        await people.press(rig.server, rig.ada, ref.id, "a.b")
        await rig.settle()
    assert all(event.by.account == ada and "admin" in event.by.roles for event in rig.heard)
    assert rig.adapter.link(ref) == f"https://discord.com/channels/@me/{ref.channel.id}/{ref.id}"


async def test_an_aside_stands_beneath_the_message_and_only_once(rig: Rig) -> None:
    await rig.start()

    async def aside(_: PlatformEvent, responder: Responder) -> None:
        await responder.aside(Card("By the way"))

    rig.handler = aside
    message = await people.say(rig.server, rig.mia, rig.help, "Hello")
    await people.tell_of(rig.server, rig.world.messages[message].data)
    await rig.settle()
    assert len(rig.heard) == 2 and rig.heard[0].id == rig.heard[1].id
    said = [asked.body for asked in rig.server.asked("POST", "/channels/.*/messages")]
    assert {body["message_reference"]["message_id"] for body in said} == {message}
    assert len(rig.world.messages) == 2


# Speaking


async def test_whom_discord_lets_nobody_write_to_is_closed(rig: Rig) -> None:
    await rig.start()
    rig.world.closed.add(rig.mia)
    with pytest.raises(Closed):
        await rig.adapter.direct(Account(rig.space, rig.mia), Card("x"), nonce="1")
    with pytest.raises(Gone):
        await rig.adapter.direct(Account(rig.space, "4711"), Card("x"), nonce="1")
    assert await rig.adapter.profile(Account(rig.space, "4711")) is None


async def test_nothing_is_posted_twice_when_the_answer_is_lost(rig: Rig) -> None:
    await rig.start()
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 0, after=True))
    ref = await rig.adapter.post(rig.channel, Card("Once"), nonce="n")
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 502, after=True))
    assert await rig.adapter.post(rig.channel, Card("Once"), nonce="n") == ref
    assert len(rig.world.messages) == 1


@pytest.mark.parametrize("status", [0, 503])
async def test_a_lost_first_answer_is_given_again_and_shown_once(rig: Rig, status: int) -> None:
    await rig.start()
    rig.handler = replying(Card("One"))
    rig.server.faults.append(Fault("POST", "/interactions/.*", status, after=True))
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert len(rig.private(rig.mia)) == 1


async def test_a_thread_that_is_there_already_is_found(rig: Rig) -> None:
    await rig.start()
    ref = await rig.adapter.post(rig.channel, Card("A question"), nonce="1")
    thread = rig.world.add_thread(ref.id, rig.help, "Opened by someone else", rig.mia)
    await rig.server.dispatch("THREAD_CREATE", thread)
    await rig.settle()
    assert await rig.adapter.open_thread(ref, "x" * 200) == Channel(rig.space, ref.id)
    assert await rig.adapter.open_thread(MessageRef(Channel(rig.space, ref.id), "1"), "x") == Channel(rig.space, ref.id)


async def test_a_thread_that_may_not_be_renamed_waits_for_the_right(rig: Rig) -> None:
    await rig.start()
    ref = await rig.adapter.post(rig.channel, Card("A question"), nonce="1")
    thread = await rig.adapter.open_thread(ref, "x")
    refusal = {"code": 50013, "message": "Missing Permissions"}
    rig.server.faults.append(Fault("PATCH", f"/channels/{thread.id}", 403, body=refusal))
    with pytest.raises(NoAccess):
        await rig.adapter.rename_thread(thread, "(removed)")
    await rig.adapter.rename_thread(thread, "(removed)")
    assert rig.world.channels[thread.id]["name"] == "(removed)"


@pytest.mark.parametrize(
    "status, code, message, says",
    [
        (400, 160006, "Maximum number of active threads reached", "160006"),
        (403, 50013, "Missing Permissions", "Create Public Threads"),
    ],
)
async def test_a_card_stands_without_a_thread_that_cannot_be_opened(
    rig: Rig, status: int, code: int, message: str, says: str
) -> None:
    """Of what may not be opened it is said what to mend."""
    await rig.start()
    ref = await rig.adapter.post(rig.channel, Card("A question"), nonce="1")
    refusal = {"code": code, "message": message}
    rig.server.faults.append(Fault("POST", "/channels/.*/threads", status, body=refusal))
    with pytest.raises(Unusable, match=says):
        await rig.adapter.open_thread(ref, "x")


async def test_a_thread_that_is_deleted_is_told_and_another_can_be_opened(rig: Rig) -> None:
    await rig.start()
    ref = await rig.adapter.post(Channel(rig.space, rig.help), Card("A question"), nonce="1")
    thread = await rig.adapter.open_thread(ref, "A question")
    await people.delete_channel(rig.server, thread.id)
    await rig.settle()
    [gone] = rig.heard
    assert isinstance(gone, ThreadDeleted) and gone.thread == thread
    with pytest.raises(Gone):
        await rig.adapter.post(thread, Card("Hello?"), nonce="2")
    assert await rig.adapter.open_thread(ref, "A question") == thread
    assert await rig.adapter.post(thread, Card("Hello?"), nonce="3")


async def test_waiting_as_long_as_discord_asks(rig: Rig) -> None:
    await rig.start()
    body = {"message": "slow down", "retry_after": 0.2, "global": False}
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 429, times=2, body=body))
    began = asyncio.get_running_loop().time()
    await rig.adapter.post(rig.channel, Card("Once"), nonce="1")
    assert asyncio.get_running_loop().time() - began >= 0.4
    assert len(rig.server.asked("POST", "/channels/.*/messages")) == 3


async def test_what_discord_has_us_wait_for_longer_is_for_later(rig: Rig) -> None:
    await rig.start()
    body = {"message": "slow down", "retry_after": 45.0, "global": False}
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 429, body=body))
    async with asyncio.timeout(5):
        with pytest.raises(Retry) as asked:
            await rig.adapter.post(rig.channel, Card("Once"), nonce="1")
    assert asked.value.after == 45


@pytest.mark.parametrize("code, kind", [(0, Unusable), (50027, Gone)], ids=["of the app", "of an answer"])
async def test_a_token_that_is_over_is_no_fault_of_ours(rig: Rig, code: int, kind: type[AdapterError]) -> None:
    await rig.start()
    body = {"message": "401: Unauthorized", "code": code}
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 401, body=body))
    with pytest.raises(kind):
        await rig.adapter.post(rig.channel, Card("Once"), nonce="1")


async def test_a_discord_that_does_not_answer_is_away(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.start()
    monkeypatch.setattr("adapters.discord.rest._PATIENCE", 0.2)
    answers = asyncio.Event()
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 200, until=answers))
    async with asyncio.timeout(5):
        with pytest.raises(Away):
            await rig.adapter.post(rig.channel, Card("Once"), nonce="1")
    answers.set()
    monkeypatch.undo()
    await rig.adapter.post(rig.channel, Card("Once"), nonce="1")
    assert len(rig.server.asked("POST", "/channels/.*/messages")) == 2
    assert sum(kept.data["author"]["id"] == rig.world.bot for kept in rig.world.messages.values()) == 1


async def test_other_limits_do_not_hold_up_an_answer(rig: Rig) -> None:
    await rig.start()
    body = {"message": "slow down", "retry_after": 1.0, "global": True}
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 429, body=body))
    posting = asyncio.create_task(rig.adapter.post(rig.channel, Card("Later"), nonce="1"))
    await rig.until(lambda: rig.server.asked("POST", "/channels/.*/messages"))
    rig.handler = replying(Card("Now"))
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert rig.private(rig.mia) and not posting.done()
    await posting


async def test_what_discord_refuses_is_an_error_of_ours(rig: Rig) -> None:
    await rig.start()
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 403, body={"code": 50013, "message": "no"}))
    with pytest.raises(AdapterError, match="50013"):
        await rig.adapter.post(rig.channel, Card("x"), nonce="1")


# Hearing


async def test_nobody_arrives_before_the_screening_is_passed_and_nobody_twice(rig: Rig) -> None:
    await rig.start()
    for screened in (True, False):
        who = rig.world.add_person("Kenji", pending=screened)
        told = {**rig.world.members[who], "user": rig.world.people[who], "guild_id": rig.world.guild}
        await rig.server.dispatch("GUILD_MEMBER_ADD", told)
        await rig.settle()
        assert len(rig.heard) == int(not screened)
        await rig.server.dispatch("GUILD_MEMBER_UPDATE", {**told, "pending": False})
        await rig.settle()
        assert len({event.id for event in rig.heard}) == 1
        assert all(isinstance(event, MemberJoined) and event.by.account.id == who for event in rig.heard)
        rig.heard.clear()


async def test_those_who_have_long_been_here_do_not_arrive_by_a_new_nickname(rig: Rig) -> None:
    await rig.start()
    told = {**rig.world.members[rig.mia], "user": rig.world.people[rig.mia], "guild_id": rig.world.guild}
    told |= {"joined_at": "2020-01-01T00:00:00+00:00", "nick": "Mimi", "pending": False}
    await rig.server.dispatch("GUILD_MEMBER_UPDATE", told)
    await people.leave(rig.server, rig.mia)
    await rig.settle()
    (event,) = rig.heard
    assert isinstance(event, MemberLeft)


async def test_mentions_are_written_out_and_deletions_know_the_author(rig: Rig) -> None:
    await rig.start()
    role = rig.world.roles["agent"]["id"]
    text = f"<@{rig.noah}> <@&{role}> <#{rig.help}> <:leaf:123> <https://x.y/> <t:0:R> </ask:1> <@1> <id:guide>"
    message = await people.say(rig.server, rig.mia, rig.help, text)
    told = {"id": message, "channel_id": rig.help, "guild_id": rig.world.guild}
    await rig.server.dispatch("MESSAGE_DELETE", told)
    await rig.settle()
    posted, deleted = rig.heard
    assert isinstance(posted, MessagePosted) and isinstance(deleted, MessageDeleted)
    written = "@Noah @agent #help :leaf: https://x.y/ 1970-01-01 00:00 UTC /ask @someone #Server Guide"
    assert posted.message.text == written
    assert deleted.by.name == "Mia" and deleted.message == posted.message.ref


async def test_a_thread_that_was_put_away_is_asked_after(rig: Rig) -> None:
    thread = rig.world.add_thread(rig.world.id(), rig.help, "Long ago", rig.mia)
    thread["thread_metadata"]["archived"] = True
    await rig.start()
    await people.say(rig.server, rig.mia, thread["id"], "One more thing")
    await rig.settle()
    (event,) = rig.heard
    assert isinstance(event, MessagePosted) and event.message.parent == rig.channel
    assert rig.world.guild in (rig.adapter.link(event.message.ref) or "")


async def test_a_thread_that_was_put_away_is_asked_after_once(rig: Rig) -> None:
    thread = rig.world.add_thread(rig.world.id(), rig.help, "Long ago", rig.mia)
    thread["thread_metadata"]["archived"] = True
    await rig.start()
    rig.wanted = lambda glance: glance.parent == rig.channel and "thing" in glance.text
    for words in ("One more thing", "Hello?", "And another thing"):
        await people.tell_of(rig.server, rig.world.post(rig.mia, thread["id"], {"content": words}))
        await rig.settle()
    assert [event.message.text for event in rig.heard if isinstance(event, MessagePosted)] == [
        "One more thing",
        "And another thing",
    ]
    assert len(rig.server.asked("GET", f"/channels/{thread['id']}")) == 1


async def test_chatter_that_nobody_wants_asks_nothing_of_discord_and_is_not_kept(rig: Rig) -> None:
    await rig.start()
    await rig.settle()
    rig.wanted = lambda _: False
    asked = len(rig.server.requests)
    for number in range(20):
        who = rig.world.add_person(f"Number {number}")
        message = await people.say(rig.server, who, rig.help, f"<@{rig.noah}> <#{rig.help}> {number}")
        await people.react(rig.server, who, message, "👍")
        await people.react(rig.server, rig.mia, message, "👍", back=True)
        await people.delete(rig.server, message)
    await rig.settle()
    assert len(rig.server.requests) == asked and not rig.heard
    assert not any(rig.adapter._people.known(rig.world.guild, user) for user in rig.world.people)
    rig.wanted = lambda _: True
    await people.say(rig.server, rig.mia, rig.help, "Hello")
    await rig.settle()
    assert [event.by.name for event in rig.heard] == ["Mia"]


async def test_what_can_be_seen_at_a_glance(rig: Rig) -> None:
    await rig.start()
    first = await people.say(rig.server, rig.mia, rig.help, f"<@{rig.world.bot}> look, {TOKEN}")
    answer = rig.world.post(rig.noah, rig.help, {"content": "So what?"})
    await people.tell_of(
        rig.server,
        answer
        | {
            "type": 19,
            "message_reference": {"message_id": first, "channel_id": rig.help},
            "attachments": [
                {"id": "1", "filename": "a.png", "size": 1, "url": "https://x/", "proxy_url": "https://x/"}
            ],
        },
    )
    forwarded = rig.world.post(rig.noah, rig.help, {"content": ""})
    await people.tell_of(rig.server, forwarded | {"message_reference": {"type": 1, "message_id": first}})
    await rig.settle()
    one, two, three = [event.glance for event in rig.heard if isinstance(event, MessagePosted)]
    assert one.mentions_us and not one.reply_to and not one.has_files
    assert not two.mentions_us and two.reply_to == first and two.has_files
    assert not three.reply_to


def test_what_is_no_text_of_the_author_s_is_said_as_what_it_is() -> None:
    names, shown = Nothing(), {"content": "Run it, <@7>\nThen restart.", "mentions": [{"id": "7", "username": "Noah"}]}
    forwarded = {"content": "", "message_snapshots": [{"message": {**shown, "attachments": [{"id": "1"}]}}]}
    assert written(forwarded, "1", names) == "> Run it, @Noah\n> Then restart."
    assert named(forwarded, "1", names) == [] and attached(forwarded) == [{"id": "1"}]
    stickers = [{"id": "1", "name": "Thank you!"}, {"id": "2", "name": "你好"}]
    assert written({"content": "", "sticker_items": stickers}, "1", names) == ":thank_you: :sticker:"
    assert written({"content": "", "poll": {"question": {"text": "Tea?"}}}, "1", names) == "📊"
    assert written({"content": "Hi", "sticker_items": []}, "1", names) == "Hi"


@given(text=st.text() | st.text("<@!&#:t-0123456789R>/ax", max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    rig = Rig()
    if "`" not in text:
        assert "<@1>" not in written({"content": text}, rig.world.guild, Nothing())


class Nothing:
    """A cache that knows nothing."""

    me = ""

    def role(self, guild: str, role: str) -> None: ...
    def owner(self, guild: str) -> None: ...
    def channel_name(self, guild: str, channel: str) -> None: ...
    def parent(self, guild: str, channel: str) -> None: ...


async def test_bots_system_messages_and_broken_events_are_passed_over(rig: Rig) -> None:
    await rig.start()
    await rig.server.dispatch("MESSAGE_CREATE", {"id": "1"})
    data = rig.world.post(rig.mia, rig.help, {"content": "pinned"}, type=6)
    await rig.server.dispatch("MESSAGE_CREATE", {**data, "guild_id": rig.world.guild})
    await rig.adapter.post(rig.channel, Card("By us"), nonce="1")
    await rig.settle()
    assert not rig.heard


async def test_channels_and_people_of_elsewhere(rig: Rig) -> None:
    await rig.start(guild_ids=[rig.world.guild])
    assert await rig.adapter.find_channel(Space("discord", "4711"), "help") is None
    assert await rig.adapter.find_channel(rig.space, "#help") == rig.channel
    assert rig.world.direct(rig.mia)["type"] == DIRECT
    elsewhere = replace(rig.channel, space=Space("discord", "4711"))
    assert rig.adapter.link(MessageRef(elsewhere, "1"))


async def test_files_go_along_with_every_kind_of_answer(rig: Rig) -> None:
    picture, table = File("tally.png", b"\x89PNG", "Three to one"), File("tally.csv", b"a,b")

    async def handler(event: PlatformEvent, responder: Responder) -> None:
        if isinstance(event, MessagePosted):
            await responder.aside(Card("Aside", files=(table,)))
        if isinstance(event, CommandUsed):
            await asyncio.sleep(0.1)
            await responder.reply(Card("First", files=(picture,)))
            await responder.reply(Card("Second", files=(table,), buttons=(Button("Go", Call("a.b")),)))
        if isinstance(event, ControlUsed):
            await responder.reply(Card("Third"))
            await responder.update(Card("Redrawn", files=(picture, table)))

    await rig.start(patience=0.02)
    rig.handler = handler
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    await people.press(rig.server, rig.mia, rig.private(rig.mia)[-1]["id"], "a.b")
    await people.say(rig.server, rig.mia, rig.help, "Hello")
    await rig.settle()
    shown = {title_of(kept.data): [*kept.files.values()] for kept in rig.world.messages.values() if kept.files}
    assert shown == {"First": [b"\x89PNG"], "Redrawn": [b"\x89PNG", b"a,b"], "Aside": [b"a,b"]}


async def test_a_deleted_message_of_someone_unknown_is_nobodys(rig: Rig) -> None:
    await rig.start()
    told = {"id": rig.world.id(), "channel_id": rig.help, "guild_id": rig.world.guild}
    await rig.server.dispatch("MESSAGE_DELETE", told)
    await rig.settle()
    (event,) = rig.heard
    assert isinstance(event, MessageDeleted) and event.message.id == told["id"] and not event.by.name


async def test_what_a_dead_process_may_have_said_beneath_a_message_is_looked_for(rig: Rig) -> None:
    tokens: list[Any] = []

    async def answer(_: PlatformEvent, responder: Responder) -> None:
        tokens.append(responder.token)
        await responder.aside(Card("By the way"))

    rig.handler = answer
    await rig.start()
    await people.say(rig.server, rig.mia, rig.help, "Hello?")
    await rig.settle()
    rig.server.nonce_seconds = -1
    for words in ("By the way", "And also"):
        await rig.adapter.responder(tokens[0]).aside(Card(words))
    titles = [title_of(kept.data) for kept in rig.world.messages.values() if kept.data["components"]]
    assert titles == ["By the way", "And also"]


async def test_what_could_not_be_kept_in_time_is_kept_while_discord_waits(rig: Rig) -> None:
    inbox, held = MemoryInbox(), asyncio.Event()
    inbox.refusals = 1

    async def answer(_: PlatformEvent, responder: Responder) -> None:
        await held.wait()
        await responder.accept()
        await responder.reply(Card("Done"))

    rig.handler = answer
    adapter = Discord(TOKEN, api_url=rig.server.url, pace=replace(PACE, patience=0.1))
    rig.running.append(adapter)
    await adapter.start(rig.receive, rig.wants, COMMANDS, SHORTCUTS, rig.suggest, inbox)
    used = asyncio.create_task(people.use(rig.server, rig.mia, rig.help, "idea status", {"idea": "7"}))
    await rig.until(lambda: inbox.kept)
    held.set()
    await used
    await rig.settle()
    assert not inbox.kept and not inbox.failures


async def test_what_was_kept_of_a_place_that_we_serve_no_more_is_over(rig: Rig) -> None:
    inbox = MemoryInbox()
    adapter = Discord(TOKEN, api_url=rig.server.url, pace=PACE, guild_ids=(rig.world.guild,))
    rig.running.append(adapter)
    await adapter.start(rig.receive, rig.wants, COMMANDS, SHORTCUTS, rig.suggest, inbox)
    await rig.settle()
    for key, facts in (("elsewhere", {"guild_id": "1"}), ("nobody's", {"user": {"id": "1", "username": "Nobody"}})):
        await inbox.keep(key, {"id": "7", "token": "t", "type": 2, **facts})
        await adapter.take_up(key, inbox.kept[key])
    await rig.settle()
    assert not inbox.kept and not inbox.failures and not rig.heard
