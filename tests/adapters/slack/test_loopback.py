"""The Slack of ours is as hard to get along with as Slack: what it shuts, forgets, repeats and mixes up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.contract.events import MessagePosted
from bot.clock import MovableClock

from .conftest import START, Bench
from .crowd import Crowd
from .server import SlackServer
from .things import BOT_TOKEN

Call = Callable[..., Awaitable[Any]]
SAID = {
    "text": "Hi",
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Hi"}}],
    "unfurl_links": False,
    "unfurl_media": False,
    "parse": "none",
}


@pytest.fixture
async def server(clock: MovableClock) -> AsyncIterator[SlackServer]:
    server = SlackServer(clock.now)
    server.add_user("UMIA", "Mia")
    server.add_channel("CHELP", "help")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def call(server: SlackServer) -> AsyncIterator[Call]:
    """Call a method; return "ok" or the error."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {BOT_TOKEN}"}) as session:

        async def called(method: str, **arguments: Any) -> str:
            async with session.post(f"{server.url}/api/{method}", json=arguments) as answer:
                told = await answer.json()
                return "ok" if told["ok"] else str(told["error"])

        yield called


@pytest.fixture
async def told(server: SlackServer) -> AsyncIterator[list[tuple[dict[str, str], dict[str, Any]]]]:
    """What is sent to the app: the headers and the body of each request, which is not acknowledged at first."""
    heard: list[tuple[dict[str, str], dict[str, Any]]] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append((dict(request.headers), await request.json()))
        return web.Response(status=200 if len(heard) > 2 else 500)

    app = web.Application()
    app.router.add_post("/events", hear)
    there = TestServer(app)
    await there.start_server()
    server.target, server.retry_in = str(there.make_url("/events")), 0.0
    yield heard
    await there.close()


# What is shut


async def test_nothing_is_written_in_an_archived_channel(server: SlackServer, call: Call) -> None:
    crowd, say = Crowd(server), {"channel": "CHELP", **SAID}
    assert await call("chat.postMessage", **say) == "ok"
    (ts,) = server.places["CHELP"].messages
    await crowd.archive("UMIA", "CHELP")
    assert await call("chat.postMessage", **say) == "is_archived"
    edited = {"ts": ts, "channel": "CHELP", "text": SAID["text"], "blocks": SAID["blocks"], "parse": "none"}
    assert await call("chat.update", **edited) == "is_inactive"
    aside = {"channel": "CHELP", "text": SAID["text"], "blocks": SAID["blocks"], "parse": "none"}
    assert await call("chat.postEphemeral", user="UMIA", **aside) == "is_archived"
    assert await call("conversations.invite", channel="CHELP", users="UMIA") == "is_archived"
    assert await call("conversations.history", channel="CHELP") == "ok"
    await crowd.archive("UMIA", "CHELP", archived=False)
    assert await call("chat.postMessage", **say) == "ok"


async def test_a_deleted_channel_is_not_found(server: SlackServer, call: Call) -> None:
    await Crowd(server).delete_channel("UMIA", "CHELP")
    assert await call("chat.postMessage", channel="CHELP", **SAID) == "channel_not_found"
    assert await call("conversations.info", channel="CHELP") == "channel_not_found"


async def test_who_is_not_in_a_channel_writes_and_hears_nothing_there(bench: Bench) -> None:
    await bench.crowd.expel("UADA", "CHELP")
    await bench.crowd.say("UMIA", "CHELP", "Anyone?")
    await bench.settled()
    assert not bench.heard
    bench.server.add_channel("CSECRET", "secret", {"UMIA"}, bot=False)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {BOT_TOKEN}"}) as session:
        for channel, error in (("CHELP", "not_in_channel"), ("CSECRET", "channel_not_found")):
            body = {"channel": channel, **SAID}
            async with session.post(f"{bench.server.url}/api/chat.postMessage", json=body) as answer:
                assert (await answer.json())["error"] == error


# What is forgotten


async def test_an_address_answers_five_times_within_half_an_hour(server: SlackServer, clock: MovableClock) -> None:
    async def answers(address: str) -> int:
        body = {"text": "Hi", "response_type": "ephemeral"}
        async with aiohttp.ClientSession() as session, session.post(address, json=body) as answer:
            return answer.status

    address, other = (server.response_url("UMIA", "CHELP") for _ in range(2))
    assert [await answers(address) for _ in range(6)] == [200] * 5 + [404]
    clock.move_to(START + timedelta(minutes=30))
    assert await answers(other) == 200
    clock.move_to(START + timedelta(minutes=30, seconds=1))
    assert await answers(other) == 404


async def test_a_trigger_opens_one_dialog_within_three_seconds(
    server: SlackServer, clock: MovableClock, call: Call
) -> None:
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Hi"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Hi"}}],
    }
    trigger, late = (server.trigger("UMIA") for _ in range(2))
    assert await call("views.open", trigger_id=trigger, view=view) == "ok"
    assert await call("views.open", trigger_id=trigger, view=view) == "exchanged_trigger_id"
    clock.move_to(START + timedelta(seconds=4))
    assert await call("views.open", trigger_id=late, view=view) == "expired_trigger_id"


# What is told


async def test_what_becomes_of_channels_is_told_to_whoever_asked_for_it(
    server: SlackServer, told: list[tuple[dict[str, str], dict[str, Any]]]
) -> None:
    crowd = Crowd(server)
    server.subscribed = set()
    await crowd.archive("UMIA", "CHELP")
    assert not told
    changes = ("created", "rename", "archive", "unarchive", "left", "deleted")
    server.subscribed = {f"channel_{what}" for what in changes}
    await crowd.open_channel("UMIA", "CNEW", "new")
    await crowd.rename("CNEW", "newer")
    await crowd.archive("UMIA", "CNEW")
    await crowd.archive("UMIA", "CNEW", archived=False)
    await crowd.expel("UMIA", "CNEW")
    await crowd.delete_channel("UMIA", "CNEW")
    events = [body["event"] for _, body in told[2:]]  # the first was refused twice
    assert [event["type"] for event in events] == [f"channel_{what}" for what in changes]
    assert events[1]["channel"]["name"] == "newer" and events[2]["channel"] == "CNEW"


async def test_what_is_not_acknowledged_comes_again_and_says_so(
    server: SlackServer, told: list[tuple[dict[str, str], dict[str, Any]]]
) -> None:
    await Crowd(server).say("UMIA", "CHELP", "Hello?")
    assert [headers.get("X-Slack-Retry-Num") for headers, _ in told] == [None, "1", "2"]
    assert [headers.get("X-Slack-Retry-Reason") for headers, _ in told] == [None, "http_error", "http_error"]
    assert len({body["event_id"] for _, body in told}) == 1


async def test_an_event_comes_four_times_at_most_and_a_command_once(server: SlackServer) -> None:
    server.ack_within, server.retry_in, server.target = 0.05, 0.0, "http://127.0.0.1:9/nobody"
    await Crowd(server).say("UMIA", "CHELP", "Hello?")
    assert len(server.acks) == 4 and not any(status for _, _, status in server.acks)
    await Crowd(server).slash("UMIA", "CHELP", "/ask", "Why?")
    assert len(server.acks) == 5


async def test_events_come_twice_and_in_disorder_on_demand(bench: Bench) -> None:
    bench.server.hold()
    for word in ("One", "Two", "Three", "Four"):
        await bench.crowd.say("UMIA", "CHELP", word)
    assert not bench.server.acks
    await bench.server.release(seed=1, copies=2)
    await bench.settled()
    assert len(bench.server.acks) == 8
    words = [event.message.text for event in bench.heard if isinstance(event, MessagePosted)]
    assert sorted(words) == ["Four", "One", "Three", "Two"] and words != ["One", "Two", "Three", "Four"]
