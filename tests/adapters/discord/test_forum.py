"""Forums: what Trellis posts there, and what members do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.adapter import AdapterError, NoAccess, Retry
from adapters.contract.call import Call
from adapters.contract.events import MessageDeleted, MessagePosted, ReactionAdded
from adapters.contract.models import Channel
from adapters.contract.ui import Button, Card, CardField
from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database
from tests.story import Story

from . import people, spec
from .conftest import Rig
from .door import DiscordKit
from .rights import MANAGE_THREADS
from .server import Fault
from .world import FORUM, THREAD

pytestmark = spec.missing


async def test_a_forum_takes_posts_with_tags_for_their_state_and_each_once(rig: Rig) -> None:
    forum = rig.world.add_channel("questions", FORUM, tags=("Open", "Solved", "Webhooks", "Favourite"))
    await rig.start()
    tags = {tag["name"]: tag["id"] for tag in rig.world.channels[forum]["available_tags"]}

    def card(state: str) -> Card:
        fields = (CardField("State", state), CardField("Topic", "webhooks"))
        return Card("How do I rotate it?", "Details", fields=fields, buttons=(Button("Go", Call("q.help", ("7",))),))

    rig.server.faults.append(Fault("POST", "/channels/.*/threads", 502, after=True))
    ref = await rig.adapter.post(Channel(rig.space, forum), card("🌱 Open"), nonce="1")
    thread = rig.world.channels[ref.id]
    assert ref.channel.id == forum
    assert [one for one in rig.world.channels.values() if one.get("parent_id") == forum] == [thread]
    assert thread["name"] == "How do I rotate it?" and thread["applied_tags"] == [tags["Open"], tags["Webhooks"]]
    assert await rig.adapter.open_thread(ref, "again") == Channel(rig.space, ref.id)
    assert rig.adapter.link(ref) == f"https://discord.com/channels/{rig.world.guild}/{ref.id}/{ref.id}"
    thread["applied_tags"].append(tags["Favourite"])
    thread["thread_metadata"]["archived"] = True
    await rig.adapter.edit(ref, card("✅ Solved by @Noah"))
    assert set(thread["applied_tags"]) == {tags["Solved"], tags["Webhooks"], tags["Favourite"]}


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (403, {"message": "Missing Permissions", "code": 50013}, NoAccess),
        (429, {"message": "You are being rate limited.", "retry_after": 600.0, "global": False}, Retry),
    ],
    ids=["without the right", "limited"],
)
async def test_what_a_forum_does_not_take_now_is_posted_once_it_does(
    rig: Rig, status: int, body: dict[str, Any], kind: type[AdapterError]
) -> None:
    forum = rig.world.add_channel("questions", FORUM)
    await rig.start()
    rig.server.faults.append(Fault("POST", "/channels/.*/threads", status, times=9, body=body))
    with pytest.raises(kind):
        await rig.adapter.post(Channel(rig.space, forum), Card("Hello"), nonce="1")
    assert len(rig.server.asked("POST", "/channels/.*/threads")) == 1
    rig.server.faults.clear()
    assert await rig.adapter.post(Channel(rig.space, forum), Card("Hello"), nonce="1")


async def test_a_post_stands_in_the_forum_whoever_opened_it(rig: Rig) -> None:
    forum = Channel(rig.space, rig.world.add_channel("questions", FORUM))
    await rig.start()
    post = await people.post(rig.server, rig.mia, forum.id, "Webhooks are broken", "Since today.")
    await people.say(rig.server, rig.noah, post, "Try again.")
    await people.react(rig.server, rig.noah, post, "👍")
    await rig.settle()
    posted, said, reacted = rig.heard
    assert isinstance(posted, MessagePosted) and isinstance(said, MessagePosted) and isinstance(reacted, ReactionAdded)
    message = posted.message
    assert (message.ref.channel, message.parent, message.thread) == (forum, None, Channel(rig.space, post))
    assert (message.title, message.text) == ("Webhooks are broken", "Since today.")
    assert said.message.ref.channel == message.thread and said.message.parent == forum and not said.message.title
    assert reacted.message == message.ref
    assert await rig.adapter.fetch(message.ref) == replace(message, emojis=frozenset({"👍"}))
    gone = {"id": post, "guild_id": rig.world.guild, "parent_id": forum.id, "type": THREAD}
    await rig.server.dispatch("THREAD_DELETE", gone)
    await rig.settle()
    assert isinstance(rig.heard[-1], MessageDeleted) and rig.heard[-1].message == message.ref


async def test_posts_that_were_missed_are_read_back(rig: Rig) -> None:
    forum = Channel(rig.space, rig.world.add_channel("questions", FORUM))
    await rig.start()
    post = await people.post(rig.server, rig.mia, forum.id, "Webhooks are broken", "Since today.")
    await people.say(rig.server, rig.noah, post, "Try again.")
    await rig.settle()
    live = [*rig.heard]
    rig.heard.clear()
    await rig.adapter.catch_up([forum], datetime.fromtimestamp(0, UTC).replace(year=2020))
    assert rig.heard == live


@pytest.fixture
async def story(tmp_path: Path, database_file: Path) -> AsyncIterator[Story]:
    """A story in a server whose help channel is a forum."""
    clock = MovableClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    kit = DiscordKit(tmp_path, clock.now)
    help_ = next(one for one in kit.world.channels.values() if one["name"] == "help")
    tags = [{"id": kit.world.id(), "name": name, "moderated": False} for name in ("Open", "Answered", "Solved")]
    help_ |= {"type": FORUM, "available_tags": [{**tag, "emoji_id": None, "emoji_name": None} for tag in tags]}
    app = build_application(Settings(), Database(f"sqlite:///{database_file}"), [await kit.adapter()], clock)
    await app.start()
    yield Story(app, await kit.door(app.settle), clock)
    await app.stop()
    await kit.close()


async def test_what_a_member_posts_in_the_help_forum_is_a_question(story: Story) -> None:
    door: Any = story.door
    world = door.server.world
    help_ = next(one for one in world.channels.values() if one["name"] == "help")
    tags = {tag["id"]: tag["name"] for tag in help_["available_tags"]}
    mia, noah = story.person("mia"), story.person("noah")
    post = await door.post("mia", "help", "Webhooks twice", "Each arrives twice since the last release.")
    card = await noah.reads("Webhooks twice", channel=f"t-{post}")
    assert "since the last release" in card.body
    assert not world.channels[post]["applied_tags"], "Trellis may not change what others opened"
    trellis = world.roles["Trellis"]
    trellis["permissions"] = str(int(trellis["permissions"]) | MANAGE_THREADS)
    answer = await noah.says("Switch off the old endpoint, it's still registered.", f"t-{post}")
    await mia.reacts("✅", answer)
    assert [tags[tag] for tag in world.channels[post]["applied_tags"]] == ["Solved"]
    posts = [one for one in world.channels.values() if one.get("parent_id") == help_["id"]]
    assert len(posts) == 1, "the card stands in the member's own post"
