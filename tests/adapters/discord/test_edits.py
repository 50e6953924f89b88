"""What Discord tells of messages that change: what people wrote differently, and all the rest."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.contract.events import MessageEdited, MessagePosted

from . import people
from .conftest import Rig

AT = "2026-03-02T10:00:05.123000+00:00"
LATER = "2026-03-02T10:00:09.456000+00:00"


@pytest.mark.parametrize(
    "changed",
    [
        {"edited_timestamp": None, "embeds": [{"type": "link"}]},
        {"edited_timestamp": None, "pinned": True},
        {"edited_timestamp": None, "flags": 1 << 5, "thread": {"id": "1"}},
        {"edited_timestamp": AT, "webhook_id": "7"},
        {"edited_timestamp": AT, "type": 6},
        {"edited_timestamp": AT, "content": "", "attachments": []},
    ],
)
async def test_what_nobody_wrote_differently_is_no_edit(rig: Rig, changed: dict[str, Any]) -> None:
    await rig.start()
    message = await people.say(rig.server, rig.mia, rig.help, "https://example.org")
    told = {**rig.world.messages[message].data, "guild_id": rig.world.guild, **changed}
    await rig.server.dispatch("MESSAGE_UPDATE", told)
    await people.preview(rig.server, message)
    await rig.settle()
    assert [type(event) for event in rig.heard] == [MessagePosted]


async def test_an_edit_has_one_id_however_often_it_is_told_and_a_member_who_is_looked_up(rig: Rig) -> None:
    await rig.start()
    message = await people.say(rig.server, rig.noah, rig.help, "rotate --force")
    told = {**rig.world.messages[message].data, "guild_id": rig.world.guild, "content": "rotate --graceful"}
    for at in (AT, AT, LATER):
        await rig.server.dispatch("MESSAGE_UPDATE", {**told, "edited_timestamp": at, "pinned": at == AT})
    await rig.settle()
    first, again, later = (event for event in rig.heard if isinstance(event, MessageEdited))
    assert first.id == again.id != later.id and first.at < later.at
    assert first.by.roles >= {"agent"} and first.message.text == "rotate --graceful"


async def test_who_left_edits_nothing(rig: Rig) -> None:
    await rig.start()
    message = await people.say(rig.server, rig.ada, rig.help, "rotate --force")
    await people.leave(rig.server, rig.ada)
    told = {**rig.world.messages[message].data, "guild_id": rig.world.guild, "edited_timestamp": AT}
    await rig.server.dispatch("MESSAGE_UPDATE", told)
    await rig.settle()
    assert not [event for event in rig.heard if isinstance(event, MessageEdited)]
