"""The adapter's ways, seen from Discord's side."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.contract.adapter import AdapterError, Away, Gone, Unusable
from adapters.contract.models import MessageRef, Space
from adapters.contract.ui import Card

from . import spec
from .conftest import Rig
from .server import Fault
from .world import DIRECT

pytestmark = spec.missing


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
    async with asyncio.timeout(30):
        with pytest.raises(Away):
            await rig.adapter.post(rig.channel, Card("Once"), nonce="1")
    answers.set()
    monkeypatch.undo()
    await rig.adapter.post(rig.channel, Card("Once"), nonce="1")
    assert len(rig.server.asked("POST", "/channels/.*/messages")) == 2
    assert sum(kept.data["author"]["id"] == rig.world.bot for kept in rig.world.messages.values()) == 1


async def test_what_discord_refuses_is_an_error_of_ours(rig: Rig) -> None:
    await rig.start()
    rig.server.faults.append(Fault("POST", "/channels/.*/messages", 403, body={"code": 50013, "message": "no"}))
    with pytest.raises(AdapterError, match="50013"):
        await rig.adapter.post(rig.channel, Card("x"), nonce="1")


async def test_channels_and_people_of_elsewhere(rig: Rig) -> None:
    await rig.start(guild_ids=[rig.world.guild])
    assert await rig.adapter.find_channel(Space("discord", "4711"), "help") is None
    assert await rig.adapter.find_channel(rig.space, "#help") == rig.channel
    assert rig.world.direct(rig.mia)["type"] == DIRECT
    elsewhere = replace(rig.channel, space=Space("discord", "4711"))
    assert rig.adapter.link(MessageRef(elsewhere, "1"))
