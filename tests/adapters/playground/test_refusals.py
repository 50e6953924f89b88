"""Whatever is asked wrongly is refused with one sentence, and never breaks anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_asyncio import fixture

from bot.clock import MovableClock
from tests.examples import tried

from .conftest import NOW, World, close_world, open_world

SAY = {"as": "mia", "do": "message", "channel": "general", "text": "hi"}
PLANT = {"as": "mia", "do": "command", "channel": "general", "name": "plant"}
PRESS = {"as": "mia", "do": "press", "message": "m1", "control": "garden.water:1"}

CASES: dict[str, tuple[int, object]] = {
    "a list": (400, []),
    "nothing": (400, {}),
    "no actor": (400, {"do": "message"}),
    "an unknown deed": (400, SAY | {"do": "fly"}),
    "a deed that's no text": (400, SAY | {"do": ["message"]}),
    "an unknown member": (404, SAY | {"as": "nobody"}),
    "a member that's no text": (400, SAY | {"as": {"id": "mia"}}),
    "trellis itself": (404, SAY | {"as": "trellis"}),
    "an unknown channel": (404, SAY | {"channel": "nowhere"}),
    "a channel that is null": (400, SAY | {"channel": None}),
    "a channel that one may not see": (403, SAY | {"channel": "agents"}),
    "someone else's direct channel": (403, SAY | {"channel": "dm-noah"}),
    "a thread of nothing": (404, SAY | {"channel": "t-m999"}),
    "a thread of what is private": (404, SAY | {"channel": "t-m2"}),
    "an empty message": (400, SAY | {"text": " \n"}),
    "invisible text": (400, SAY | {"text": "\u0000\ud800"}),
    "a long message": (400, SAY | {"text": "x" * 4001}),
    "a message that's a number": (400, SAY | {"text": 7}),
    "an unknown command": (404, PLANT | {"name": "uproot"}),
    "a line that's no text": (400, {"as": "mia", "do": "command", "channel": "general", "line": 7}),
    "an unknown option": (400, PLANT | {"options": {"size": "big"}}),
    "an option that's a list": (400, PLANT | {"options": {"plant": ["Rose"]}}),
    "options that are a text": (400, PLANT | {"options": "Rose"}),
    "an unknown message": (404, PRESS | {"message": "m999"}),
    "no message id": (404, PRESS | {"message": "1; DROP TABLE messages"}),
    "a huge message id": (404, PRESS | {"message": "m" + "9" * 99}),
    "another number of the same message": (404, PRESS | {"message": "m01"}),
    "an unknown control": (404, PRESS | {"control": "garden.water:2"}),
    "a link": (404, PRESS | {"control": "link-2"}),
    "a button with values": (400, PRESS | {"values": ["a"]}),
    "values that are a text": (400, PRESS | {"values": "leaf"}),
    "no choice": (400, PRESS | {"control": "garden.harvest"}),
    "an unknown choice": (400, PRESS | {"control": "garden.harvest", "values": ["root"]}),
    "too many choices": (400, PRESS | {"control": "garden.harvest", "values": ["leaf", "fruit"]}),
    "someone else's private reply": (404, PRESS | {"message": "m2", "control": "garden.again:2"}),
    "a control of a person's message": (404, PRESS | {"message": "m3"}),
    "an unknown shortcut": (404, {"as": "mia", "do": "shortcut", "message": "m3", "name": "Eat"}),
    "a shortcut on a private reply": (400, {"as": "noah", "do": "shortcut", "message": "m2", "name": "Admire"}),
    "a reaction to a private reply": (400, {"as": "noah", "do": "react", "message": "m2", "emoji": "🌱"}),
    "a reaction of several words": (400, {"as": "mia", "do": "react", "message": "m3", "emoji": "a b"}),
    "an empty reaction": (400, {"as": "mia", "do": "unreact", "message": "m3", "emoji": ""}),
    "an unknown form": (404, {"as": "mia", "do": "submit", "form": "x", "values": {}}),
    "a form that's no text": (400, {"as": "mia", "do": "submit", "form": 1}),
    "an id with capitals": (400, {"as": "Zoe", "do": "join", "name": "Zoe"}),
    "the id of trellis": (400, {"as": "trellis", "do": "join", "name": "Trellis"}),
    "an id of someone who is here": (409, {"as": "mia", "do": "join", "name": "Mia"}),
    "an empty name": (400, {"as": "zoe", "do": "join", "name": " "}),
    "a message of someone else that is deleted": (403, {"as": "mia", "do": "delete", "message": "m3"}),
    "a private reply that is edited": (400, {"as": "noah", "do": "edit", "message": "m2", "text": "x"}),
    "a private reply that is deleted": (400, {"as": "noah", "do": "delete", "message": "m2"}),
    "a domain that is none": (400, {"as": "zoe", "do": "join", "name": "Zoe", "domain": "a b"}),
    "a stranger who leaves": (404, {"as": "zoe", "do": "leave"}),
}


@fixture(loop_scope="session")
async def planted(world: World) -> World:
    """A world in which m1 is a card, m2 Noah's private reply, and m3 a message of Noah."""
    await world.plant()
    await world.act("noah", "command", channel="general", line="/whisper")
    await world.act("noah", "message", channel="general", text="So it is")
    return world


@pytest.mark.parametrize("line", ["/uproot x", "/", ""])
async def test_a_line_that_is_no_command_is_answered_privately(world: World, line: str) -> None:
    result = await world.act("mia", "command", channel="general", line=line)
    (reply,) = result["replies"]
    assert reply["private"] and "I don't know" in reply["card"]["body"] and not result["posted"]


@pytest.mark.parametrize("name", CASES)
async def test_a_wrong_request_is_refused_with_a_sentence(planted: World, name: str) -> None:
    status, body = CASES[name]
    before = await planted.messages("general", "mia")
    answered, answer = await planted.post("act", body)
    assert (answered, list(answer)) == (status, ["error"])
    assert answer["error"].endswith(".")
    assert await planted.messages("general", "mia") == before


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 100_000, b'{"as": ' + b"9" * 5000 + b"}"])
async def test_what_is_no_json_is_refused(world: World, raw: bytes) -> None:
    for path in ("act", "clock"):
        answer = await world.client.post(f"/api/playground/{path}", data=raw)
        assert answer.status == 400
        assert "error" in await answer.json()


async def test_a_form_belongs_to_whom_it_was_shown(world: World) -> None:
    form = (await world.act("mia", "command", channel="general", name="plant"))["form"]["id"]
    for body, status in (
        ({"as": "noah", "form": form, "values": {"plant": "Rose"}}, 404),
        ({"as": "mia", "form": form, "values": {"colour": "red"}}, 400),
        ({"as": "mia", "form": form, "values": {"plant": {}}}, 400),
        ({"as": "mia", "form": form, "values": []}, 200),
    ):
        answered, _ = await world.post("act", {"do": "submit", **body})
        assert answered == status


@pytest.mark.parametrize(
    "body", [{}, {"advance": -1}, {"advance": "60"}, {"advance": True}, {"advance": 1e300}, {"to": "yesterday"}]
)
async def test_the_clock_only_moves_forward_and_not_too_far(world: World, body: object) -> None:
    status, answer = await world.post("clock", body)
    assert (status, list(answer)) == (400, ["error"])
    raw = await world.client.post("/api/playground/clock", data='{"advance": NaN}')
    assert raw.status == 400


@pytest.mark.parametrize(
    "path, query, status",
    [
        ("messages", {"channel": "general"}, 400),
        ("messages", {"viewer": "mia"}, 400),
        ("messages", {"channel": "general", "viewer": "nobody"}, 404),
        ("messages", {"channel": "nowhere", "viewer": "mia"}, 404),
        ("messages", {"channel": "dm-noah", "viewer": "mia"}, 403),
        ("state", {"viewer": "nobody"}, 404),
        ("stream", {}, 400),
        ("stream", {"viewer": "nobody"}, 404),
    ],
)
async def test_reading_is_checked_too(world: World, path: str, query: dict[str, str], status: int) -> None:
    answered, answer = await world.get(path, **query)
    assert (answered, list(answer)) == (status, ["error"])


words = st.one_of(
    st.sampled_from(["mia", "noah", "general", "agents", "dm-mia", "m1", "m2", "t-m1", "plant", "whisper", "Admire"]),
    st.sampled_from(["garden.water:1", "garden.harvest", "garden.rename", "leaf", "/plant Rose when:tomorrow"]),
    st.text(max_size=12),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
verbs = [
    "message",
    "command",
    "shortcut",
    "press",
    "submit",
    "react",
    "unreact",
    "edit",
    "delete",
    "read",
    "language",
    "join",
    "leave",
]
likely = {
    "as": st.sampled_from(["mia", "noah", "ava", "zoe"]) | words,
    "do": st.sampled_from(verbs),
    "channel": st.sampled_from(["general", "t-m1", "t-m3"]) | words,
    "message": st.sampled_from(["m1", "m2", "m3"]) | words,
    "control": st.sampled_from(["garden.water:1", "garden.harvest", "garden.rename"]) | words,
    "name": st.sampled_from(["plant", "whisper", "prune", "Admire"]) | words,
    "options": st.dictionaries(st.sampled_from(["plant", "when", "deep", "seeds", "bed"]), anything, max_size=5),
    "values": st.lists(words, max_size=3) | st.dictionaries(st.sampled_from(["plant", "when"]), anything),
}
bodies = st.fixed_dictionaries(
    {"do": likely["do"]},
    optional={
        **{name: strategy | anything for name, strategy in likely.items() if name != "do"},
        **dict.fromkeys(("text", "line", "form", "emoji", "source", "domain", "language"), words | anything),
    },
)


async def test_no_request_whatsoever_is_answered_with_a_server_error(tmp_path: Path, database_file: Path) -> None:
    world = await open_world(tmp_path, MovableClock(NOW))
    await world.plant()
    await world.act("noah", "command", channel="general", line="/whisper")
    asked: list[Any] = []

    @settings(tried(300), database=None)
    @given(bodies)
    def collect(body: Any) -> None:
        asked.append(body)

    collect()
    for body in asked:
        answer = await world.client.post("/api/playground/act", data=json.dumps(body))
        assert answer.status < 500, body
        assert ("error" in await answer.json()) == (answer.status >= 400), body
    await close_world(world)


async def test_nobody_acts_while_the_past_is_told(world: World) -> None:
    world.playground.growing = (3, 21)
    status, body = await world.post("act", {"as": "mia", "do": "message", "channel": "general", "text": "Hello"})
    assert status == 503 and "day 3 of 21" in body["error"]
    world.playground.growing = None
    assert (await world.get("state"))[0] == 200
