"""What people say among themselves: it costs nothing, and yet it is known who is around."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.events import Glance, MemberJoined, MessageDeleted, MessagePosted
from adapters.contract.models import Channel, MessageRef
from bot.cogs.onboarding import watch
from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog, listener
from bot.kernel.context import Context
from bot.kernel.work import Work
from storage.database import Database
from storage.members import Member
from storage.progress import ProgressStore
from tests.story import Story

from .conftest import Begin

THANKS = "Thanks for the pull request!"


class Parrot(Cog):
    """Hears whoever says its word."""

    name = "parrot"

    def __init__(self) -> None:
        self.heard: list[str] = []

    @listener(MessagePosted, where=lambda _, glance: "parrot" in glance.text or 1 / ("stumble" not in glance.text) < 0)
    async def hear(self, ctx: Context, event: MessagePosted) -> None:
        self.heard.append(f"{ctx.member.name}: {event.message.text}")

    @listener(MessageDeleted, where=lambda _, glance: glance.known)
    async def miss(self, _: Work, event: MessageDeleted) -> None:
        self.heard.append(f"{event.message.id} is gone")

    async def export(self, member: Member) -> Mapping[str, Any]:  # type: ignore[override]  # it knows nothing
        return {}

    async def erase(self, member: Member) -> None: ...


def rows(folder: Path) -> dict[str, int]:
    """Count the rows of every table."""
    with sqlite3.connect(folder / "trellis.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: len(database.execute(f"SELECT 1 FROM {name}").fetchall()) for name in tables}  # noqa: S608


async def last_active(story: Story) -> float:
    """Return when Noah was last active, for all that the store knows."""
    at = (await story.member("noah")).last_active_at
    return at.timestamp() if at else 0


async def test_what_nobody_wants_leaves_no_row_and_what_somebody_wants_is_heard(begin: Begin, tmp_path: Path) -> None:
    parrot = Parrot()
    story = await begin((parrot,))
    await story.app.settle()  # what begins with Trellis is done
    noah, before = story.person("noah"), rows(tmp_path)
    for words in ("Good morning", "Who is up for lunch?", "<b>&amp;</b> @everyone :wave:", "我们开始吧"):
        await noah.says(words)
    message = await noah.says("brb", "help")
    await noah.reacts("👀", message)
    assert rows(tmp_path) == before and parrot.heard == []
    await noah.says("Hello parrot!")
    assert parrot.heard == ["Noah: Hello parrot!"] and rows(tmp_path) != before


@pytest.mark.needs("taking back")
async def test_what_is_deleted_is_heard_of_if_it_left_a_trace_also_after_a_restart(begin: Begin) -> None:
    parrot = Parrot()
    story = await begin((parrot,))
    await story.app.upkeep.refresh()
    mia, noah = story.person("mia"), story.person("noah")
    chatter, word = await mia.says("Good morning"), await mia.says("Good parrot")
    question = await mia.says("How do I rotate the webhook secret?", "help")
    thanked = await noah.says("You rotate it in the settings.")
    await mia.reacts("🙏", thanked)
    for message in (chatter, word):
        await mia.deletes(message)
    assert parrot.heard == ["Mia: Good parrot", f"{word} is gone"]
    await story.app.stop()
    story = await begin((parrot,))
    await story.app.upkeep.refresh()
    mia, noah = story.person("mia"), story.person("noah")
    other = await noah.says("Good night")
    await noah.deletes(other)
    await noah.deletes(thanked)
    await mia.deletes(question)
    assert parrot.heard[2:] == [f"{thanked} is gone", f"{question} is gone"]
    await noah.uses("/profile")
    assert "🙏" not in (await noah.last_private()).words


async def test_a_where_that_fails_hears_nothing_and_stops_nobody(begin: Begin) -> None:
    parrot = Parrot()
    story = await begin((parrot,))
    mia = story.person("mia")
    await mia.says("Why does my parrot stumble over webhooks?", "help")
    await mia.says("How do I make a stumble?", "help")
    assert len(parrot.heard) == 1
    await story.person("noah").reads("How do I make a stumble?")


def test_only_what_is_overheard_can_be_chosen_from() -> None:
    def always(_: Cog, __: Glance) -> bool:
        return True

    with pytest.raises(TypeError, match="MemberJoined"):
        listener(MemberJoined, where=always)


async def test_who_only_ever_chats_can_be_thanked_at_once(story: Story) -> None:
    await story.person("noah").says("Good morning")
    mia = story.person("mia")
    await mia.uses("/thanks", member=story.named("noah"), reason=THANKS)
    await story.person("kenji").reads(THANKS)


async def test_who_chats_becomes_known_and_stays_around(begin: Begin) -> None:
    story = await begin()
    noah = story.person("noah")
    await noah.says("Good morning")
    said_at = story.now.timestamp()
    await story.app.upkeep.note_presence()
    assert await last_active(story) == pytest.approx(said_at, abs=1)
    await story.passes(days=40)
    await noah.says("I am back")
    await story.app.stop()
    story = await begin()
    assert await last_active(story) == pytest.approx(story.now.timestamp(), abs=1)
    await story.person("mia").uses("/thanks", member=story.named("noah"), reason=THANKS)
    await story.person("kenji").reads(THANKS)


async def test_who_has_been_silent_for_long_is_not_around(begin: Begin) -> None:
    story = await begin()
    await story.person("noah").says("Good morning")
    await story.app.upkeep.note_presence()
    await story.passes(days=40)
    await story.person("mia").uses("/thanks", member=story.named("noah"), reason=THANKS)
    await story.person("kenji").does_not_read(THANKS)


async def test_who_was_forgotten_and_chats_on_is_not_written_down(begin: Begin, tmp_path: Path) -> None:
    story = await begin()
    noah, account = story.person("noah"), story.door.account("noah").key
    await story.app.upkeep.refresh()
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await story.passes(hours=1)
    await noah.says("Still here")
    before = rows(tmp_path)
    await story.app.upkeep.note_presence()
    assert await story.app.members.by_account(account) is None
    assert rows(tmp_path)["members"] == before["members"] and rows(tmp_path)["accounts"] == before["accounts"]


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_another_process_listens_to_a_newcomer_a_minute_later_and_for_sixty_days(begin: Begin) -> None:
    first, story = await begin(), await begin()
    await story.person("zoe").joins("Zoe")
    zoe = story.door.account("zoe")
    message = MessageRef(Channel(zoe.space, "general"), "m99")
    hello = Glance(kind=MessagePosted, message=message, account=zoe, when=story.now, text="Hello")
    assert story.app.router.wants(hello) and not first.app.router.wants(hello)
    await first.app.upkeep.refresh()
    assert first.app.router.wants(hello)
    await story.passes(days=61)
    await first.app.upkeep.refresh()
    assert not first.app.router.wants(hello)


def test_newcomers_that_are_listened_to_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "MOST", 3)
    listened = watch.Watch(
        ProgressStore(Database("sqlite:///nowhere.db")), ChannelGroup("introductions", ()), ChannelGroup("help", ())
    )
    for number in range(5):
        listened.add(f"memory/home/{number}")
    assert [number for number in range(5) if f"memory/home/{number}" in listened] == [2, 3, 4]
