"""The playground as Trellis sees it."""

from __future__ import annotations

import os
import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.contract.adapter import AdapterError, Gone, Unusable
from adapters.contract.models import Account, Channel, MessageRef, Space
from adapters.contract.ui import Card
from adapters.playground.adapter import Playground
from adapters.playground.answer import Answer
from adapters.playground.records import SPACE

from .conftest import World

GENERAL = Channel(SPACE, "general")


async def test_a_nonce_posts_once(world: World) -> None:
    first = await world.playground.post(GENERAL, Card("One"), nonce="n")
    again = await world.playground.post(GENERAL, Card("Two"), nonce="n")
    other = await world.playground.post(GENERAL, Card("Two"), nonce="o")
    assert first == again != other
    assert [each["card"]["title"] for each in await world.messages("general", "mia")] == ["One", "Two"]


async def test_a_card_is_edited_and_fetched_as_words(world: World) -> None:
    ref = await world.playground.post(GENERAL, Card("One", "two"), nonce="n")
    await world.playground.edit(ref, Card("Three", "four"))
    message = await world.playground.fetch(ref)
    assert message
    assert (message.text, message.author.bot, message.parent, message.thread) == ("Three\nfour", True, None, None)


async def test_only_cards_of_trellis_can_be_edited(world: World) -> None:
    said = (await world.act("mia", "message", channel="general", text="mine"))["posted"][0]
    with pytest.raises(AdapterError):
        await world.playground.edit(MessageRef(GENERAL, said["id"]), Card("yours"))


async def test_what_is_not_here_is_gone(world: World) -> None:
    playground = world.playground
    nowhere, elsewhere = Channel(SPACE, "nowhere"), Channel(Space("playground", "other"), "general")
    for channel in (nowhere, elsewhere):
        with pytest.raises(Gone):
            await playground.post(channel, Card("x"), nonce="n")
    for ref in (MessageRef(GENERAL, "m9"), MessageRef(GENERAL, "9"), MessageRef(elsewhere, "m1")):
        with pytest.raises(Gone):
            await playground.edit(ref, Card("x"))
        with pytest.raises(Gone):
            await playground.open_thread(ref, "x")
        assert await playground.fetch(ref) is None
    with pytest.raises(Gone):
        await playground.direct(Account(SPACE, "nobody"), Card("x"), nonce="n")


async def test_a_message_is_only_found_in_its_own_channel(world: World) -> None:
    ref = await world.playground.post(GENERAL, Card("One"), nonce="n")
    assert await world.playground.fetch(MessageRef(Channel(SPACE, "help"), ref.id)) is None


async def test_a_private_reply_is_no_message_to_refer_to(world: World) -> None:
    [reply] = (await world.act("mia", "command", channel="general", line="/whisper"))["replies"]
    assert await world.playground.fetch(MessageRef(GENERAL, reply["id"])) is None


async def test_a_thread_hangs_under_its_message_and_does_not_branch(world: World) -> None:
    ref = await world.playground.post(GENERAL, Card("One"), nonce="n")
    thread = await world.playground.open_thread(ref, "A title")
    assert thread == await world.playground.open_thread(ref, "Another")
    below = await world.playground.post(thread, Card("Two"), nonce="o")
    assert await world.playground.open_thread(below, "Deeper") == thread
    message = await world.playground.fetch(below)
    assert message
    assert message.parent == GENERAL
    root = await world.playground.fetch(ref)
    assert root
    assert root.thread == thread


async def test_only_some_roles_are_trellis_to_give(world: World) -> None:
    mia = Account(SPACE, "mia")
    await world.playground.set_role(mia, "Mentor", True)
    profile = await world.playground.profile(mia)
    assert profile and profile.roles == {"member", "mentor"}
    with pytest.raises(Unusable):
        await world.playground.set_role(mia, "admin", True)
    with pytest.raises(Gone):
        await world.playground.set_role(Account(SPACE, "nobody"), "mentor", True)


async def test_who_is_let_in_sees_threads_too_until_they_leave(world: World) -> None:
    agents, mia = Channel(SPACE, "agents"), Account(SPACE, "mia")
    below = await world.playground.open_thread(await world.playground.post(agents, Card("One"), nonce="n"), "One")
    await world.playground.let_in(mia, agents)
    for channel in (agents, below):
        assert (await world.get("messages", channel=channel.id, viewer="mia"))[0] == 200
        assert (await world.get("messages", channel=channel.id, viewer="noah"))[0] == 403
    await world.act("mia", "leave")
    await world.act("mia", "join", name="Mia")
    assert (await world.get("messages", channel="agents", viewer="mia"))[0] == 403
    with pytest.raises(Gone):
        await world.playground.let_in(Account(SPACE, "nobody"), agents)
    with pytest.raises(Unusable):
        await world.playground.let_in(mia, Channel(SPACE, "dm-noah"))


async def test_an_older_file_is_taken_along(world: World, tmp_path: Path) -> None:
    await world.playground.world.close()
    with sqlite3.connect(tmp_path / "chat.db") as file:
        for column in ("domain", "locale"):
            file.execute(f"ALTER TABLE people DROP COLUMN {column}")
    await world.playground.open()
    assert await world.playground.profile(Account(SPACE, "mia"))


async def test_what_was_said_just_before_it_was_killed_is_heard_once(world: World) -> None:
    general = await world.playground.world.place("general")
    assert general
    entry = await world.playground.write(general, "mia", text="hello")
    for _ in range(2):
        await world.playground.catch_up([GENERAL], entry.at)
    assert [each["card"]["body"] for each in await world.messages(f"t-{entry.id}", "mia")] == ["Hello, Mia"]
    await world.playground.catch_up([Channel(SPACE, "help")], entry.at)
    await world.act("mia", "leave")
    await world.playground.catch_up([GENERAL], entry.at)


async def test_people_are_known_while_they_are_here(world: World) -> None:
    profile = await world.playground.profile(Account(SPACE, "ava"))
    assert profile
    assert (profile.name, profile.timezone, profile.roles) == ("Ava", "Europe/Berlin", frozenset({"agent"}))
    await world.act("ava", "leave")
    assert await world.playground.profile(Account(SPACE, "ava")) is None
    with pytest.raises(Gone):
        await world.playground.direct(Account(SPACE, "ava"), Card("x"), nonce="n")


async def test_a_direct_card_reaches_one_person(world: World) -> None:
    ref = await world.playground.direct(Account(SPACE, "kenji"), Card("Just you"), nonce="n")
    assert ref.channel.id == "dm-kenji"
    assert len(await world.messages("dm-kenji", "kenji")) == 1


async def test_links_lead_to_the_page(world: World) -> None:
    ref = await world.playground.post(GENERAL, Card("One"), nonce="n")
    assert world.playground.link(ref) == f"{world.playground.address}/#/general/{ref.id}"
    world.playground.address = ""


async def test_channels_are_found_by_name(world: World) -> None:
    assert await world.playground.find_channel(SPACE, "help") == Channel(SPACE, "help")
    assert await world.playground.find_channel(SPACE, "nowhere") is None
    assert await world.playground.find_channel(Space("slack", "T1"), "help") is None
    [info] = await world.playground.spaces()
    assert info.space == SPACE


async def test_only_who_waits_is_replied_to_or_asked(world: World) -> None:
    mia, place = await world.playground.world.person("mia"), await world.playground.world.place("general")
    assert mia
    assert place
    answer = Answer(world.playground, mia, place, waits=False)
    with pytest.raises(AdapterError):
        await answer.reply(Card("x"))
    await answer.aside(Card("x"))


async def test_it_stops_twice(world: World) -> None:
    await world.playground.stop()
    await world.playground.stop()
    status, body = await world.get("state")
    assert (status, list(body)) == (503, ["error"])


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def let_all_read(folder: Path) -> None:
    """Leave files as an earlier version did."""
    for file in folder.iterdir():
        file.chmod(0o644)


async def test_nobody_else_on_the_machine_reads_the_chat(tmp_path: Path) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    first, second = (Playground(tmp_path / "chat.db", lambda: now) for _ in range(2))
    before = os.umask(0)
    try:
        await first.open()
    finally:
        os.umask(before)
    private = {"chat.db": 0o600, "chat.db-wal": 0o600, "chat.db-shm": 0o600}
    assert modes(tmp_path) == private
    let_all_read(tmp_path)
    await second.open()
    assert modes(tmp_path) == private
    await first.stop()
    await second.stop()
