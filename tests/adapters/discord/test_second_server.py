"""A server into which Trellis is invited while it is running."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database

from . import spec
from .door import DiscordDoor, DiscordKit
from .world import words_of

pytestmark = spec.missing

QUESTION = "How do I rotate the webhook secret?"


async def test_what_is_asked_in_a_server_that_is_new_to_us_is_heard(tmp_path: Path, database_file: Path) -> None:
    clock = MovableClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    kit = DiscordKit(tmp_path, clock.now)
    app = build_application(Settings(), Database(f"sqlite:///{database_file}"), [await kit.adapter()], clock)
    await app.start()
    door = await kit.door(app.settle)
    assert isinstance(door, DiscordDoor)
    world, server = kit.world, kit.server
    help_ = next(one for one in world.channels.values() if one["name"] == "help")
    second, channel = world.id(), world.id()
    world.channels[channel] = {**help_, "id": channel, "guild_id": second}
    there = {**world.guild_create(), "id": second, "name": "Orchard", "channels": [world.channels[channel]]}
    roles = [{**role, "id": second} if role["id"] == world.guild else role for role in there["roles"]]
    await server.dispatch("GUILD_CREATE", {**there, "roles": roles, "threads": []})
    for words in (QUESTION, "Good morning"):
        said = world.post(kit.ids["mia"], channel, {"content": words})
        member = world.members[kit.ids["mia"]]
        await server.dispatch("MESSAGE_CREATE", {**world.shown(said), "guild_id": second, "member": member})
        await door._done()
    asked = [kept.data for kept in world.messages.values() if kept.data["channel_id"] == channel]
    assert [one["author"]["id"] == world.bot for one in asked] == [False, True, False]
    assert "is posted" in words_of(asked[1])
    await app.stop()
    await kit.close()
