"""What is told late or in disorder is handled in its order, and as it stands by then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from adapters.contract.adapter import Away
from adapters.contract.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded
from adapters.contract.models import Account, Channel, Message, MessageRef, Profile, Space
from bot.kernel.freshness import REMEMBERED, Freshness

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SPACE = Space("slack", "T1")
NOAH = Profile(Account(SPACE, "UNOAH"), "Noah")
REF = MessageRef(Channel(SPACE, "C1"), "1.000001")
SAID = Message(REF, NOAH, "rotate --force", NOW)
POSTED = MessagePosted(id="said", at=NOW, by=NOAH, message=SAID)
EDITED = MessageEdited(id="edit", at=NOW, by=NOAH, message=replace(SAID, text="rotate --graceful"))
DELETED = MessageDeleted(id="gone", at=NOW, by=NOAH, message=REF)


async def as_it_stands(_: MessageRef) -> Message:
    return EDITED.message


async def test_what_was_edited_before_it_is_told_of_is_handled_as_it_stands() -> None:
    fresh = Freshness(as_it_stands)
    assert await fresh.current(POSTED) == POSTED
    fresh.note(EDITED.glance)
    assert await fresh.current(POSTED) == replace(POSTED, message=EDITED.message)
    assert await fresh.current(EDITED) == EDITED


async def test_of_what_was_deleted_nothing_is_handled_but_its_deletion() -> None:
    fresh = Freshness(as_it_stands)
    fresh.note(EDITED.glance)
    fresh.note(DELETED.glance)
    assert await fresh.current(POSTED) is await fresh.current(EDITED) is None
    assert await fresh.current(DELETED) == DELETED


async def test_where_the_platform_cannot_be_asked_it_is_handled_as_it_was_told() -> None:
    async def away(_: MessageRef) -> Message:
        raise Away("the platform is down")

    async def unreadable(_: MessageRef) -> None:
        return None

    for fetch in (away, unreadable):
        fresh = Freshness(fetch)
        fresh.note(EDITED.glance)
        assert await fresh.current(POSTED) == POSTED


async def test_only_so_much_is_remembered() -> None:
    fresh = Freshness(as_it_stands)
    fresh.note(DELETED.glance)
    for number in range(REMEMBERED):
        fresh.note(replace(DELETED, message=replace(REF, id=str(number))).glance)
    assert await fresh.current(POSTED) == POSTED


async def test_an_edit_waits_for_its_message_and_others_do_not() -> None:
    fresh, order, kept = Freshness(as_it_stands), list[str](), asyncio.Event()
    elsewhere = replace(POSTED, id="elsewhere", message=replace(SAID, ref=replace(REF, id="2.000001")))
    reacted = ReactionAdded(id="reacted", at=NOW, by=NOAH, message=REF, emoji="🙏")

    async def handle(event: MessagePosted | MessageEdited | ReactionAdded) -> None:
        async with fresh.turn(event):
            if event is POSTED:
                await kept.wait()
            order.append(event.id)

    tasks = [asyncio.create_task(handle(event)) for event in (POSTED, EDITED, elsewhere, reacted)]
    await asyncio.wait(tasks[2:])
    assert order == ["elsewhere", "reacted"]
    kept.set()
    await asyncio.wait(tasks)
    assert order == ["elsewhere", "reacted", "said", "edit"]
