"""What is posted on Discord: once, in threads too, and as Discord's limits allow."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.contract.adapter import Closed, Gone, NoAccess, Responder, Retry, Unusable
from adapters.contract.call import Call
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    MessagePosted,
    PlatformEvent,
    ThreadDeleted,
)
from adapters.contract.files import File
from adapters.contract.models import Account, Channel, MessageRef
from adapters.contract.ui import Button, Card

from . import people, spec
from .conftest import Rig
from .door import title_of
from .server import Fault

pytestmark = spec.missing


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
    async with asyncio.timeout(30):
        with pytest.raises(Retry) as asked:
            await rig.adapter.post(rig.channel, Card("Once"), nonce="1")
    assert asked.value.after == 45


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
