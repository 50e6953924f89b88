"""Commands, buttons and forms on Discord: how they are offered, arrive, and are answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.contract.adapter import Responder
from adapters.contract.call import Call
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    PlatformEvent,
)
from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import Account
from adapters.contract.ui import Button, Card, Option
from adapters.discord import Discord
from adapters.discord.limits import Reply

from ..inbox import MemoryInbox
from . import people, spec
from .conftest import COMMANDS, SHORTCUTS, Handler, Rig
from .door import PACE, title_of
from .gateway import TOKEN
from .server import Fault
from .world import EPHEMERAL

pytestmark = spec.missing


DIALOG = Dialog("Ask", Call("asking.send"), (Field("question", "Question"),), again=Call("form.again", ("7",)))


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
    async with asyncio.timeout(30):
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


@pytest.mark.parametrize("status", [0, 503])
async def test_a_lost_first_answer_is_given_again_and_shown_once(rig: Rig, status: int) -> None:
    await rig.start()
    rig.handler = replying(Card("One"))
    rig.server.faults.append(Fault("POST", "/interactions/.*", status, after=True))
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert len(rig.private(rig.mia)) == 1


async def test_what_ends_in_silence_while_it_is_acknowledged_leaves_nobody_waiting(rig: Rig) -> None:
    await rig.start()
    acknowledged = asyncio.Event()
    rig.server.faults.append(Fault("POST", "/interactions/.*", 200, until=acknowledged))

    async def silence(_: PlatformEvent, responder: Responder) -> None:
        await rig.until(lambda: rig.server.asked("POST", "/interactions/.*"))
        await responder.accept()
        asyncio.get_running_loop().call_later(0.1, acknowledged.set)

    rig.handler = silence
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    assert not rig.private(rig.mia)


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
