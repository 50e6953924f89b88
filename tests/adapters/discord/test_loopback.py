"""The loopback Discord is as hard to get along with as Discord: what it forgets, refuses, repeats and takes away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from adapters.contract.events import ChannelDeleted, MessagePosted, SpaceChanged
from adapters.contract.models import Channel
from adapters.contract.ui import Card

from . import people, spec
from .buckets import Buckets
from .conftest import Rig
from .gateway import TOKEN
from .rights import MANAGE_THREADS
from .server import Server
from .world import SEND, World

pytestmark = spec.missing
Ask = Callable[..., Awaitable[tuple[int, Any]]]


@dataclass
class Town:
    """A Discord with a person and a channel, and nobody of ours."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, tzinfo=UTC))

    def __post_init__(self) -> None:
        self.world = World(lambda: self.now)
        self.server = Server(self.world, nonce_seconds=60)
        self.mia = self.world.add_person("Mia")
        self.help = self.world.add_channel("help")

    def passes(self, **length: float) -> None:
        self.now += timedelta(**length)

    def seconds(self) -> float:
        return self.now.timestamp()

    async def thread(self) -> str:
        root = await people.say(self.server, self.mia, self.help, "Hello")
        return str(self.world.add_thread(root, self.help, "Hello", self.world.bot)["id"])


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    town = Town()
    await town.server.start()
    yield town
    await town.server.close()


@pytest.fixture
async def ask(town: Town) -> AsyncIterator[Ask]:
    """Ask the HTTP API; return the status and what it says. Headers are in what a 429 says."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as session:

        async def asked(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            async with session.request(method, f"{town.server.url}/v10{path}", json=body) as answer:
                told = await answer.json() if answer.status != 204 else {}
                return answer.status, {**told, "headers": answer.headers} if answer.status == 429 else told

        yield asked


def said(nonce: str = "") -> dict[str, Any]:
    return {"content": "Hi", "allowed_mentions": {"parse": []}} | (
        {"nonce": nonce, "enforce_nonce": True} if nonce else {}
    )


# What is forgotten


async def test_a_nonce_is_remembered_for_a_while(town: Town, ask: Ask) -> None:
    path = f"/channels/{town.help}/messages"
    _, first = await ask("POST", path, said("n"))
    town.passes(seconds=59)
    assert (await ask("POST", path, said("n")))[1]["id"] == first["id"]
    town.passes(seconds=2)
    assert (await ask("POST", path, said("n")))[1]["id"] != first["id"]


async def test_an_interaction_is_to_be_answered_in_time_and_once(town: Town, ask: Ask) -> None:
    late, used = [await people.interact(town.server, town.mia, town.help, 2, {}) for _ in range(2)]
    answer = f"/interactions/{used.data['id']}/{used.data['token']}/callback"
    town.passes(seconds=3)
    assert (await ask("POST", answer, {"type": 5}))[0] == 204
    assert (await ask("POST", answer, {"type": 5}))[1]["code"] == 40060
    town.passes(seconds=1)
    assert (await ask("POST", answer.replace(used.data["token"], late.data["token"]), {"type": 5}))[1]["code"] == 10062
    more = f"/webhooks/{town.world.bot}/{used.data['token']}"
    assert (await ask("PATCH", f"{more}/messages/@original", said()))[0] == 200
    town.passes(minutes=15)
    for method, path in (("PATCH", f"{more}/messages/@original"), ("POST", more)):
        status, told = await ask(method, path, said())
        assert (status, told["code"]) == (401, 50027)


# What is limited


async def test_each_route_and_channel_has_a_bucket_of_its_own(town: Town, ask: Ask) -> None:
    town.server.buckets = Buckets(seconds=town.seconds)
    path, other = (f"/channels/{one}/messages" for one in (town.help, town.world.add_channel("general")))
    assert [(await ask("POST", path, said()))[0] for _ in range(6)] == [200] * 5 + [429]
    status, told = await ask("POST", path, said())
    assert status == 429 and told["retry_after"] == 5 and told["global"] is False
    headers = told["headers"]
    assert (headers["Retry-After"], headers["X-RateLimit-Remaining"]) == ("5", "0")
    assert headers["X-RateLimit-Scope"] == "user" and headers["X-RateLimit-Bucket"]
    assert (len(town.server.buckets.refused), len(town.server.buckets.early)) == (2, 1)
    assert (await ask("POST", other, said()))[0] == 200 and (await ask("GET", f"/channels/{town.help}"))[0] == 200
    town.passes(seconds=5)
    assert (await ask("POST", path, said()))[0] == 200


async def test_everything_together_is_limited_but_what_answers_people(town: Town, ask: Ask) -> None:
    town.server.buckets = Buckets(seconds=town.seconds)
    for _ in range(50):
        assert (await ask("GET", f"/channels/{town.world.add_channel('one')}"))[0] == 200
    status, told = await ask("GET", f"/channels/{town.help}")
    assert (status, told["global"], told["headers"]["X-RateLimit-Global"]) == (429, True, "true")
    used = await people.interact(town.server, town.mia, town.help, 2, {})
    assert (await ask("POST", f"/interactions/{used.data['id']}/{used.data['token']}/callback", {"type": 5}))[0] == 204


async def test_the_real_client_keeps_to_the_limits(rig: Rig) -> None:
    await rig.start()
    rig.server.buckets = Buckets(speed=100)
    for number in range(12):
        await rig.adapter.post(rig.channel, Card(f"Number {number}"), nonce=str(number))
    assert len(rig.world.messages) == 12 and not rig.server.buckets.refused


# What is taken away


async def test_an_archived_thread_comes_back_when_somebody_writes(town: Town, ask: Ask) -> None:
    thread = await town.thread()
    _, post = await ask("POST", f"/channels/{thread}/messages", said())
    await people.archive(town.server, thread)
    assert (await ask("PATCH", f"/channels/{thread}/messages/{post['id']}", said()))[1]["code"] == 50083
    assert (await ask("PATCH", f"/channels/{thread}", {"name": "Hi"}))[1]["code"] == 50083
    assert (await ask("POST", f"/channels/{thread}/messages", said()))[0] == 200
    assert not town.world.channels[thread]["thread_metadata"]["archived"]


async def test_a_locked_thread_is_for_moderators(town: Town, ask: Ask) -> None:
    thread = await town.thread()
    await people.archive(town.server, thread, locked=True, archived=False)
    assert (await ask("POST", f"/channels/{thread}/messages", said()))[1]["code"] == 160005
    await people.archive(town.server, thread, locked=True)
    assert (await ask("POST", f"/channels/{thread}/messages", said()))[1]["code"] == 50083
    assert (await ask("PATCH", f"/channels/{thread}", {"archived": False}))[1]["code"] == 160005
    used = await people.interact(town.server, town.mia, thread, 2, {})
    answer = f"/interactions/{used.data['id']}/{used.data['token']}/callback"
    assert (await ask("POST", answer, {"type": 5}))[1]["code"] == 50083
    trellis = town.world.roles["Trellis"]
    trellis["permissions"] = str(int(trellis["permissions"]) | MANAGE_THREADS)
    assert (await ask("POST", f"/channels/{thread}/messages", said()))[0] == 200


async def test_a_deleted_channel_is_unknown_with_all_that_was_in_it(town: Town, ask: Ask) -> None:
    thread = await town.thread()
    await people.delete_channel(town.server, town.help)
    for gone in (town.help, thread):
        for method, path in (("GET", ""), ("POST", "/messages"), ("GET", "/messages")):
            status, told = await ask(method, f"/channels/{gone}{path}", said() if method == "POST" else None)
            assert (status, told["code"]) == (404, 10003)
    assert not town.world.messages


async def test_without_access_a_channel_is_shut_and_silent(rig: Rig) -> None:
    await rig.start()
    await people.forbid(rig.server, rig.help)
    await people.say(rig.server, rig.mia, rig.help, "Can you hear me?")
    await rig.settle()
    assert [type(event) for event in rig.heard] == [SpaceChanged]
    await people.allow(rig.server, rig.help)
    await people.say(rig.server, rig.mia, rig.help, "And now?")
    await rig.settle()
    assert [type(event) for event in rig.heard[1:]] == [SpaceChanged, MessagePosted]


async def test_access_and_rights_are_two_things(town: Town, ask: Ask) -> None:
    thread = await town.thread()
    await people.forbid(town.server, town.help, SEND)
    assert (await ask("POST", f"/channels/{town.help}/messages", said()))[1]["code"] == 50013
    assert (await ask("GET", f"/channels/{town.help}/messages"))[0] == 200
    await people.forbid(town.server, town.help)
    for place in (town.help, thread):
        assert (await ask("POST", f"/channels/{place}/messages", said()))[1]["code"] == 50001
        assert (await ask("GET", f"/channels/{place}"))[1]["code"] == 50001


# What is told


async def test_changes_of_channels_are_told(rig: Rig) -> None:
    await rig.start()
    servers, guild = rig.adapter._servers, rig.world.guild
    made = await people.open_channel(rig.server, "help-again")
    await rig.settle()
    assert servers.place(guild, made)
    await people.change_channel(rig.server, made, name="helping")
    await rig.settle()
    assert servers.channel_name(guild, made) == "helping"
    await people.delete_channel(rig.server, made)
    await rig.settle()
    assert not servers.place(guild, made)
    *changes, gone = rig.heard
    assert [type(event) for event in changes] == [SpaceChanged, SpaceChanged]
    assert isinstance(gone, ChannelDeleted) and gone.channel == Channel(rig.space, made)


async def test_every_session_is_told_everything(rig: Rig) -> None:
    first = await rig.start()
    second = await rig.start()
    await people.say(rig.server, rig.mia, rig.help, "Good morning")
    await rig.server.heard()
    for adapter in (first, second):
        await adapter.idle()
    assert len(rig.heard) == 2
    await first.stop()
    await people.say(rig.server, rig.mia, rig.help, "Still there?")
    await rig.settle()
    assert len(rig.heard) == 3 and len(rig.server.sessions) == 1


async def test_one_of_two_sessions_resumes_with_what_it_missed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discord.client.ExponentialBackoff.delay", lambda _: 0.01)
    await rig.start()
    await rig.start()
    await rig.server.drop(4000)
    await people.say(rig.server, rig.mia, rig.help, "While one was away")
    await rig.until(lambda: rig.server.resumed)
    await rig.server.heard()
    for adapter in rig.running:
        await adapter.idle()
    assert len(rig.heard) == 2


async def test_events_come_twice_and_in_disorder_on_demand(rig: Rig) -> None:
    await rig.start()
    rig.server.hold()
    for word in ("One", "Two", "Three", "Four"):
        await people.say(rig.server, rig.mia, rig.help, word)
    await rig.settle()
    assert not rig.heard
    await rig.server.release(seed=1, copies=2)
    await rig.settle()
    words = [getattr(event, "message").text for event in rig.heard]  # noqa: B009 - all of them are messages
    assert sorted(words) == sorted(["One", "Two", "Three", "Four"] * 2) and words[:4] != ["One", "Two", "Three", "Four"]
