"""The connection: kept, resumed, begun afresh, or given up with what to do."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from adapters.contract.adapter import AdapterError, Gone, NoAccess, Responder, Unusable
from adapters.contract.events import (
    MemberJoined,
    MemberLeft,
    MessagePosted,
    PlatformEvent,
    ReactionAdded,
    Reconnected,
    SpaceJoined,
)
from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card

from . import people, spec
from .conftest import Rig
from .server import Fault

pytestmark = spec.missing


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py waits a second or two before it connects again."""
    monkeypatch.setattr("discord.client.ExponentialBackoff.delay", lambda _: 0.01)


@pytest.mark.parametrize("code", [1006, 4000, 4009, 1001])
async def test_a_dropped_connection_is_resumed_and_nothing_is_lost(rig: Rig, code: int) -> None:
    await rig.start()
    if code == 1006:
        rig.server.cut()
    else:
        await rig.server.drop(code)
    await people.say(rig.server, rig.mia, rig.help, "While you were away")
    await rig.until(lambda: rig.server.resumed)
    await rig.settle()
    assert [event.message.text for event in rig.heard if isinstance(event, MessagePosted)] == ["While you were away"]
    assert len(rig.server.identified) == 1


async def test_until_it_is_resumed_nothing_is_heard(rig: Rig) -> None:
    await rig.start()
    rig.server.is_away = True
    rig.server.cut()
    await rig.until(lambda: not rig.adapter.connected)
    await people.say(rig.server, rig.mia, rig.help, "While you were away")
    rig.server.is_away = False
    await rig.until(lambda: rig.adapter.connected)
    await rig.settle()
    assert [type(event) for event in rig.heard] == [MessagePosted] and len(rig.server.identified) == 1


async def test_a_new_session_counts_as_heard_once_it_is_known_that_something_was_missed(rig: Rig) -> None:
    await rig.start()
    heard: list[bool] = []

    async def note(event: PlatformEvent, _: Responder) -> None:
        heard.append(rig.adapter.hears(event.space))

    rig.handler, rig.server.resumable, rig.server.dawdles = note, False, True
    await rig.server.drop(4000)
    await rig.until(lambda: len(rig.server.identified) == 2 and rig.adapter._servers._heard[0].listens)
    assert not rig.adapter.hears(rig.space)
    await rig.server.dispatch("GUILD_CREATE", rig.world.guild_create())
    await rig.until(lambda: heard)
    assert heard == [False] and rig.adapter.hears(rig.space)


async def test_discord_may_ask_to_connect_again(rig: Rig) -> None:
    await rig.start()
    await rig.server.tell({"op": 7, "d": None})
    await rig.until(lambda: rig.server.resumed)
    await rig.settle()
    assert len(rig.server.identified) == 1


async def test_a_session_that_is_gone_is_begun_afresh(rig: Rig) -> None:
    await rig.start()
    rig.server.resumable = False
    await rig.server.drop(4000)
    await rig.until(lambda: len(rig.server.identified) == 2)
    await rig.until(lambda: len(rig.adapter._servers.guilds) == 1)
    await rig.until(lambda: rig.heard)
    assert rig.adapter.connected
    await people.say(rig.server, rig.mia, rig.help, "Hello")
    await rig.settle()
    assert [type(event) for event in rig.heard] == [Reconnected, MessagePosted]
    assert rig.heard[0].space == rig.space


async def test_it_is_known_that_nothing_is_heard_while_there_is_no_connection(rig: Rig) -> None:
    await rig.start()
    assert rig.adapter.connected
    rig.server.resumable = False
    rig.server.close_with = [4000] * 1000
    await rig.server.drop(4000)
    await rig.until(lambda: not rig.adapter.connected)
    assert not rig.heard
    rig.server.close_with.clear()
    await rig.until(lambda: rig.adapter.connected and rig.heard)
    assert [type(event) for event in rig.heard] == [Reconnected]


async def test_what_happened_meanwhile_is_read_back(rig: Rig) -> None:
    await rig.start()
    await rig.until(lambda: len(rig.adapter._servers.guilds) == 1)
    rig.wanted = lambda glance: glance.kind is not ReactionAdded or glance.emoji == "🌻"
    since = rig.now - timedelta(minutes=1)
    await rig.adapter._connection.close()
    message = await people.say(rig.server, rig.mia, rig.help, "While you were away")
    await people.react(rig.server, rig.noah, message, "🌻")
    await people.react(rig.server, rig.ada, message, "🌻")
    await people.react(rig.server, rig.ada, message, "🌻", back=True)
    await people.react(rig.server, rig.ada, message, "👀")
    rig.world.add_person("Ravi", new=True)
    del rig.world.members[rig.ada]
    await rig.adapter.stop()
    await rig.start()
    await rig.adapter.catch_up([rig.channel], since)
    await rig.adapter.catch_up_people(rig.space, {rig.mia: "Mia", rig.ada: "Ada"}, since)
    said, marked, joined, left = rig.heard
    assert isinstance(said, MessagePosted) and said.message.text == "While you were away"
    assert isinstance(marked, ReactionAdded) and (marked.by.account.id, marked.emoji) == (rig.noah, "🌻")
    assert marked.message == said.message.ref
    assert isinstance(joined, MemberJoined) and joined.by.name == "Ravi"
    assert isinstance(left, MemberLeft) and (left.by.account.id, left.by.name) == (rig.ada, "Ada")


async def test_all_of_a_busy_day_is_read_back(rig: Rig) -> None:
    await rig.start()
    await rig.until(lambda: len(rig.adapter._servers.guilds) == 1)
    since = rig.now - timedelta(minutes=1)
    for number in range(1250):
        rig.world.post(rig.mia if number % 2 else rig.world.bot, rig.help, {"content": f"{number}"})
    await rig.adapter.catch_up([rig.channel], since)
    said = [event.message.text for event in rig.heard if isinstance(event, MessagePosted)]
    assert said == [str(number) for number in range(1, 1250, 2)]


@pytest.mark.parametrize("why", ["hidden", "deleted", "without history"])
async def test_a_channel_that_cannot_be_read_keeps_no_other_from_being_read(rig: Rig, why: str) -> None:
    closed = rig.world.add_channel("closed")
    await rig.start()
    await rig.until(lambda: len(rig.adapter._servers.guilds) == 1)
    since = rig.now - timedelta(minutes=1)
    if why == "hidden":
        await people.forbid(rig.server, closed)
    elif why == "deleted":
        await people.delete_channel(rig.server, closed)
    else:
        away = {"message": "Missing Permissions", "code": 50013}
        rig.server.faults.append(Fault("GET", f".*/channels/{closed}/threads/archived/public", 403, 9, body=away))
    rig.world.post(rig.mia, rig.help, {"content": "While you were away"})
    rig.heard.clear()
    await rig.adapter.catch_up([Channel(rig.space, closed), rig.channel], since)
    assert [event.message.text for event in rig.heard if isinstance(event, MessagePosted)] == ["While you were away"]


async def test_a_list_of_threads_that_says_there_is_more_and_has_nothing_ends(rig: Rig) -> None:
    await rig.start()
    await rig.until(lambda: len(rig.adapter._servers.guilds) == 1)
    more = {"threads": [], "members": [], "has_more": True}
    rig.server.faults.append(Fault("GET", ".*/threads/archived/public", 200, 9, body=more))
    await rig.adapter.catch_up([rig.channel], rig.now - timedelta(minutes=1))
    assert len([asked for asked in rig.server.requests if asked.path.endswith("/archived/public")]) == 1


async def test_a_message_that_is_deleted_while_it_is_read_back_keeps_no_other_from_being_read(rig: Rig) -> None:
    await rig.start()
    await rig.until(lambda: len(rig.adapter._servers.guilds) == 1)
    since = rig.now - timedelta(minutes=1)
    message = rig.world.post(rig.mia, rig.help, {"content": "Look"})
    await people.react(rig.server, rig.noah, message["id"], "🌻")
    rig.world.post(rig.mia, rig.help, {"content": "While you were away"})
    gone = {"message": "Unknown Message", "code": 10008}
    rig.server.faults.append(Fault("GET", ".*/reactions/.*", 404, body=gone))
    rig.heard.clear()
    await rig.adapter.catch_up([rig.channel], since)
    said = [event.message.text for event in rig.heard if isinstance(event, MessagePosted)]
    assert "While you were away" in said


async def test_silence_counts_as_a_dead_connection(rig: Rig) -> None:
    await rig.start(heartbeat=0.3)
    rig.server.acknowledges = False
    await rig.until(lambda: rig.server.resumed)


async def test_an_unknown_token_ends_with_what_to_do(rig: Rig) -> None:
    with pytest.raises(Unusable, match="DISCORD_TOKEN"):
        await rig.start(token="wrong")
    assert not rig.server.identified


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013])
async def test_fatal_codes_end_it(rig: Rig, code: int) -> None:
    rig.server.close_with = [code]
    with pytest.raises(Unusable):
        await rig.start()
    assert len(rig.server.identified) == 1


async def test_a_token_that_is_withdrawn_later_ends_it_too(rig: Rig) -> None:
    await rig.start()
    ended = asyncio.create_task(rig.adapter.ended())
    await rig.server.drop(4004)
    with pytest.raises(Unusable, match="DISCORD_TOKEN"):
        await ended
    assert len(rig.server.identified) == 1


async def test_without_the_content_intent_it_goes_on_and_says_so(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.world.content = False
    with caplog.at_level(logging.WARNING, "adapters.discord"):
        await rig.start()
    assert "Message Content Intent" in caplog.text and len(rig.server.identified) == 2
    await people.say(rig.server, rig.mia, rig.help, "Hello")
    await people.use(rig.server, rig.mia, rig.help, "duty on", {})
    await rig.settle()
    said, used = rig.heard
    assert isinstance(said, MessagePosted) and said.message.text == "" and used.by.name == "Mia"


async def test_an_intent_that_is_needed_ends_it_with_what_to_click(rig: Rig) -> None:
    rig.server.close_with = [4014, 4014]
    with pytest.raises(Unusable, match="Server Members Intent"):
        await rig.start()


async def test_the_first_connection_may_fail(rig: Rig) -> None:
    rig.server.faults.append(Fault("GET", "/users/@me", 0, times=2))
    rig.server.close_with = [4000]
    await rig.start()
    assert await rig.adapter.post(rig.channel, Card("Here"), nonce="1")


async def test_discord_is_not_asked_to_begin_more_often_than_it_allows(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """Until then it stands by, and speaks all the same."""
    rig.server.budget = (0, 300)
    await rig.start()
    assert not rig.adapter.connected and not rig.server.identified
    assert "the next one with Discord begins in 1 s" in caplog.text
    assert await rig.adapter.post(rig.channel, Card("Here"), nonce="1")
    rig.server.budget = (1, 0)
    await rig.until(lambda: rig.adapter.connected)
    assert len(rig.server.identified) == 1


async def test_stopping_twice_and_before_the_start(rig: Rig) -> None:
    adapter = await rig.start()
    await adapter.stop()
    await adapter.stop()
    await adapter.ended()
    with pytest.raises(AdapterError):
        await adapter.post(rig.channel, Card("x"), nonce="1")


async def test_two_adapters_in_one_process_keep_apart(rig: Rig) -> None:
    other = Rig()
    await other.server.start()
    await rig.start()
    await other.start()
    await people.say(other.server, other.mia, other.help, "Over there")
    await other.settle()
    await rig.settle()
    assert len(other.heard) == 1 and not rig.heard
    await other.adapter.stop()
    await other.server.close()


async def test_who_removes_us_is_told_from_who_is_out_of_reach(rig: Rig) -> None:
    await rig.start(guild_ids=[rig.world.guild])
    await people.forbid(rig.server, rig.help)
    await rig.server.dispatch("GUILD_DELETE", {"id": rig.world.guild, "unavailable": True})
    await rig.settle()
    assert not await rig.adapter.has_left(rig.space) and [info.space for info in await rig.adapter.spaces()] == [
        rig.space
    ]
    with pytest.raises(NoAccess):
        await rig.adapter.post(rig.channel, Card("Hello"), nonce="n1")
    await rig.server.dispatch("GUILD_CREATE", rig.world.guild_create())
    await rig.settle()
    await rig.server.dispatch("GUILD_DELETE", {"id": rig.world.guild})
    await rig.settle()
    assert await rig.adapter.has_left(rig.space) and not await rig.adapter.spaces()
    assert not await rig.adapter.has_left(Space("discord", "4711")), "settings do not name it"
    with pytest.raises(Gone, match="removed from"):
        await rig.adapter.post(rig.channel, Card("Hello"), nonce="n2")
    assert not [event for event in rig.heard if isinstance(event, SpaceJoined)]
    told = rig.world.guild_create()
    del told["unavailable"]
    await rig.server.dispatch("GUILD_CREATE", told)
    await rig.settle()
    [joined] = [event for event in rig.heard if isinstance(event, SpaceJoined)]
    assert (joined.space, joined.name) == (rig.space, told["name"])
    assert not await rig.adapter.has_left(rig.space)


async def test_a_new_session_without_the_server_says_that_it_removed_us(rig: Rig) -> None:
    await rig.start()
    assert not await rig.adapter.has_left(rig.space) and not [one for one in rig.heard if isinstance(one, SpaceJoined)]
    rig.server.resumable = False
    rig.world.removed.add(rig.world.guild)
    await rig.server.drop(4009)
    await rig.until(lambda: len(rig.server.identified) == 2 and rig.adapter._servers.has_left(rig.space.id))
    assert not await rig.adapter.spaces()
    await rig.adapter.stop()
    assert not await rig.adapter.has_left(rig.space), "without a connection nobody knows"
