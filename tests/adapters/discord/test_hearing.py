"""What is heard of people on Discord: arrivals, messages, edits and deletions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.events import (
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessagePosted,
)
from adapters.contract.ui import Card
from adapters.discord.words import attached, named, written

from . import people, spec
from .conftest import Rig
from .gateway import TOKEN

pytestmark = spec.missing


async def test_nobody_arrives_before_the_screening_is_passed_and_nobody_twice(rig: Rig) -> None:
    await rig.start()
    for screened in (True, False):
        who = rig.world.add_person("Kenji", pending=screened)
        told = {**rig.world.members[who], "user": rig.world.people[who], "guild_id": rig.world.guild}
        await rig.server.dispatch("GUILD_MEMBER_ADD", told)
        await rig.settle()
        assert len(rig.heard) == int(not screened)
        await rig.server.dispatch("GUILD_MEMBER_UPDATE", {**told, "pending": False})
        await rig.settle()
        assert len({event.id for event in rig.heard}) == 1
        assert all(isinstance(event, MemberJoined) and event.by.account.id == who for event in rig.heard)
        rig.heard.clear()


async def test_those_who_have_long_been_here_do_not_arrive_by_a_new_nickname(rig: Rig) -> None:
    await rig.start()
    told = {**rig.world.members[rig.mia], "user": rig.world.people[rig.mia], "guild_id": rig.world.guild}
    told |= {"joined_at": "2020-01-01T00:00:00+00:00", "nick": "Mimi", "pending": False}
    await rig.server.dispatch("GUILD_MEMBER_UPDATE", told)
    await people.leave(rig.server, rig.mia)
    await rig.settle()
    (event,) = rig.heard
    assert isinstance(event, MemberLeft)


async def test_mentions_are_written_out_and_deletions_know_the_author(rig: Rig) -> None:
    await rig.start()
    role = rig.world.roles["agent"]["id"]
    text = f"<@{rig.noah}> <@&{role}> <#{rig.help}> <:leaf:123> <https://x.y/> <t:0:R> </ask:1> <@1> <id:guide>"
    message = await people.say(rig.server, rig.mia, rig.help, text)
    told = {"id": message, "channel_id": rig.help, "guild_id": rig.world.guild}
    await rig.server.dispatch("MESSAGE_DELETE", told)
    await rig.settle()
    posted, deleted = rig.heard
    assert isinstance(posted, MessagePosted) and isinstance(deleted, MessageDeleted)
    written = "@Noah @agent #help :leaf: https://x.y/ 1970-01-01 00:00 UTC /ask @someone #Server Guide"
    assert posted.message.text == written
    assert deleted.by.name == "Mia" and deleted.message == posted.message.ref


async def test_a_thread_that_was_put_away_is_asked_after(rig: Rig) -> None:
    thread = rig.world.add_thread(rig.world.id(), rig.help, "Long ago", rig.mia)
    thread["thread_metadata"]["archived"] = True
    await rig.start()
    await people.say(rig.server, rig.mia, thread["id"], "One more thing")
    await rig.settle()
    (event,) = rig.heard
    assert isinstance(event, MessagePosted) and event.message.parent == rig.channel
    assert rig.world.guild in (rig.adapter.link(event.message.ref) or "")


async def test_a_thread_that_was_put_away_is_asked_after_once(rig: Rig) -> None:
    thread = rig.world.add_thread(rig.world.id(), rig.help, "Long ago", rig.mia)
    thread["thread_metadata"]["archived"] = True
    await rig.start()
    rig.wanted = lambda glance: glance.parent == rig.channel and "thing" in glance.text
    for words in ("One more thing", "Hello?", "And another thing"):
        await people.tell_of(rig.server, rig.world.post(rig.mia, thread["id"], {"content": words}))
        await rig.settle()
    assert [event.message.text for event in rig.heard if isinstance(event, MessagePosted)] == [
        "One more thing",
        "And another thing",
    ]
    assert len(rig.server.asked("GET", f"/channels/{thread['id']}")) == 1


async def test_chatter_that_nobody_wants_asks_nothing_of_discord_and_is_not_kept(rig: Rig) -> None:
    await rig.start()
    await rig.settle()
    rig.wanted = lambda _: False
    asked = len(rig.server.requests)
    for number in range(20):
        who = rig.world.add_person(f"Number {number}")
        message = await people.say(rig.server, who, rig.help, f"<@{rig.noah}> <#{rig.help}> {number}")
        await people.react(rig.server, who, message, "👍")
        await people.react(rig.server, rig.mia, message, "👍", back=True)
        await people.delete(rig.server, message)
    await rig.settle()
    assert len(rig.server.requests) == asked and not rig.heard
    assert not any(rig.adapter._people.known(rig.world.guild, user) for user in rig.world.people)
    rig.wanted = lambda _: True
    await people.say(rig.server, rig.mia, rig.help, "Hello")
    await rig.settle()
    assert [event.by.name for event in rig.heard] == ["Mia"]


async def test_what_can_be_seen_at_a_glance(rig: Rig) -> None:
    await rig.start()
    first = await people.say(rig.server, rig.mia, rig.help, f"<@{rig.world.bot}> look, {TOKEN}")
    answer = rig.world.post(rig.noah, rig.help, {"content": "So what?"})
    await people.tell_of(
        rig.server,
        answer
        | {
            "type": 19,
            "message_reference": {"message_id": first, "channel_id": rig.help},
            "attachments": [
                {"id": "1", "filename": "a.png", "size": 1, "url": "https://x/", "proxy_url": "https://x/"}
            ],
        },
    )
    forwarded = rig.world.post(rig.noah, rig.help, {"content": ""})
    await people.tell_of(rig.server, forwarded | {"message_reference": {"type": 1, "message_id": first}})
    await rig.settle()
    one, two, three = [event.glance for event in rig.heard if isinstance(event, MessagePosted)]
    assert one.mentions_us and not one.reply_to and not one.has_files
    assert not two.mentions_us and two.reply_to == first and two.has_files
    assert not three.reply_to


def test_what_is_no_text_of_the_author_s_is_said_as_what_it_is() -> None:
    names, shown = Nothing(), {"content": "Run it, <@7>\nThen restart.", "mentions": [{"id": "7", "username": "Noah"}]}
    forwarded = {"content": "", "message_snapshots": [{"message": {**shown, "attachments": [{"id": "1"}]}}]}
    assert written(forwarded, "1", names) == "> Run it, @Noah\n> Then restart."
    assert named(forwarded, "1", names) == [] and attached(forwarded) == [{"id": "1"}]
    stickers = [{"id": "1", "name": "Thank you!"}, {"id": "2", "name": "你好"}]
    assert written({"content": "", "sticker_items": stickers}, "1", names) == ":thank_you: :sticker:"
    assert written({"content": "", "poll": {"question": {"text": "Tea?"}}}, "1", names) == "📊"
    assert written({"content": "Hi", "sticker_items": []}, "1", names) == "Hi"


@given(text=st.text() | st.text("<@!&#:t-0123456789R>/ax", max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    rig = Rig()
    if "`" not in text:
        assert "<@1>" not in written({"content": text}, rig.world.guild, Nothing())


class Nothing:
    """A cache that knows nothing."""

    me = ""

    def role(self, guild: str, role: str) -> None: ...
    def owner(self, guild: str) -> None: ...
    def channel_name(self, guild: str, channel: str) -> None: ...
    def parent(self, guild: str, channel: str) -> None: ...


async def test_bots_system_messages_and_broken_events_are_passed_over(rig: Rig) -> None:
    await rig.start()
    await rig.server.dispatch("MESSAGE_CREATE", {"id": "1"})
    data = rig.world.post(rig.mia, rig.help, {"content": "pinned"}, type=6)
    await rig.server.dispatch("MESSAGE_CREATE", {**data, "guild_id": rig.world.guild})
    await rig.adapter.post(rig.channel, Card("By us"), nonce="1")
    await rig.settle()
    assert not rig.heard


async def test_a_deleted_message_of_someone_unknown_is_nobodys(rig: Rig) -> None:
    await rig.start()
    told = {"id": rig.world.id(), "channel_id": rig.help, "guild_id": rig.world.guild}
    await rig.server.dispatch("MESSAGE_DELETE", told)
    await rig.settle()
    (event,) = rig.heard
    assert isinstance(event, MessageDeleted) and event.message.id == told["id"] and not event.by.name
