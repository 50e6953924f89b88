"""Menus of people, commands in direct channels, and commands that are named."""

from __future__ import annotations

import pytest

from adapters.contract.commands import Command, Shortcut
from adapters.contract.events import CommandUsed, PersonPicked
from adapters.contract.forms import Field
from adapters.contract.text import say
from adapters.contract.ui import Card
from adapters.discord import register

from . import people, spec
from .conftest import COMMANDS, Rig
from .world import words_of

pytestmark = spec.missing

PERSONAL = (
    Command("me", "Your page", personal=True),
    Command(
        "privacy show", "See what is known", (Field("what", "What", required=False, suggested=True),), personal=True
    ),
    Command("privacy erase", "Be forgotten", personal=True),
    Command("idea add", "Suggest", personal=True),
    Command("idea list", "See them all"),
)


def contexts(registered: list[dict[str, object]]) -> dict[object, object]:
    return {one["name"]: one.get("contexts") for one in registered}


def test_what_is_personal_is_offered_in_direct_channels() -> None:
    wanted = register.payload(PERSONAL, [Shortcut("Thank", on_person=True)], everywhere=True)
    assert contexts(wanted) == {"me": [0, 1], "privacy": [0, 1], "idea": [0], "Thank": [0]}
    assert list(spec.problems("PUT", "/applications/1/commands", wanted)) == []
    direct = register.direct_payload(PERSONAL)
    assert contexts(direct) == {"me": [1], "privacy": [1]}
    assert list(spec.problems("PUT", "/applications/1/commands", direct)) == []


def test_menus_have_room_for_fifteen_each() -> None:
    fifteen = [Shortcut(f"s{n}") for n in range(15)] + [Shortcut(f"p{n}", on_person=True) for n in range(15)]
    assert len(register.payload((), fifteen, everywhere=True)) == 30
    with pytest.raises(ValueError, match="Discord takes 15"):
        register.payload((), [*fifteen, Shortcut("p15", on_person=True)], everywhere=True)


def test_commands_are_linked_by_their_whole_names() -> None:
    registered = [{**entry, "id": str(n)} for n, entry in enumerate(register.payload(PERSONAL, (), everywhere=True))]
    assert register.ids(registered) == {
        "me": "0",
        "privacy show": "1",
        "privacy erase": "1",
        "idea add": "2",
        "idea list": "2",
    }


async def test_a_person_is_picked_as_they_are_now(rig: Rig) -> None:
    await rig.start(shortcuts=[Shortcut("Thank", on_person=True)])
    await people.pick_person(rig.server, rig.mia, rig.noah, "Thank")
    await rig.settle()
    [picked] = rig.heard
    assert isinstance(picked, PersonPicked) and picked.shortcut == "Thank"
    assert picked.person.account.id == rig.noah and picked.person.name == "Noah" and "agent" in picked.person.roles
    await people.leave(rig.server, rig.noah)
    await people.pick_person(rig.server, rig.mia, rig.noah, "Thank")
    await rig.settle()
    gone = rig.heard[-1]
    assert isinstance(gone, PersonPicked) and gone.person.guest, "who is no member has no rights"


async def test_a_command_in_the_direct_channel_belongs_to_the_server_where_somebody_is(rig: Rig) -> None:
    async def answer(_: object, responder: object) -> None:
        await responder.reply(Card("Your page", say("“/me” and “/idea add”")))  # type: ignore[attr-defined]

    await rig.start(commands=PERSONAL)
    rig.handler = answer
    direct = rig.world.direct(rig.mia)["id"]
    await people.use(rig.server, rig.mia, direct, "me", {})
    await rig.settle()
    [used] = rig.heard
    assert isinstance(used, CommandUsed) and used.space == rig.space and used.by.name == "Mia"
    [shown] = rig.private(rig.mia)
    assert f"[Greenhouse](https://discord.com/channels/{rig.world.guild})" in words_of(shown)
    linked = {one["name"]: one["id"] for one in people.commands(rig.server)}
    assert f"</me:{linked['me']}> and </idea add:{linked['idea']}>" in words_of(shown)


async def test_what_is_registered_for_a_server_is_no_link_in_a_direct_channel(rig: Rig) -> None:
    async def answer(_: object, responder: object) -> None:
        await responder.reply(Card("Your page", say("“/me” and “/idea add”")))  # type: ignore[attr-defined]

    await rig.start(commands=PERSONAL, guild_ids=[rig.world.guild])
    rig.handler = answer
    everywhere = {one["name"]: one["id"] for one in rig.server.commands[""]}
    here = {one["name"]: one["id"] for one in rig.server.commands[rig.world.guild]}
    assert everywhere.keys() == {"me", "privacy"} and "idea" in here
    await people.use(rig.server, rig.mia, rig.world.direct(rig.mia)["id"], "me", {})
    await rig.settle()
    assert f"</me:{everywhere['me']}> and “/idea add”" in words_of(rig.private(rig.mia)[-1])
    await people.use(rig.server, rig.mia, rig.help, "me", {})
    await rig.settle()
    assert f"</me:{here['me']}> and </idea add:{here['idea']}>" in words_of(rig.private(rig.mia)[-1])


async def test_options_are_suggested_in_direct_channels_too(rig: Rig) -> None:
    await rig.start(commands=PERSONAL)
    await people.complete(rig.server, rig.mia, rig.world.direct(rig.mia)["id"], "privacy show", "what", "x")
    assert [asked.by.name for asked in rig.typed] == ["Mia"]


def test_what_is_for_servers_alone_stays_there() -> None:
    assert register.direct_payload(COMMANDS) == []


async def test_who_is_in_no_server_of_ours_is_told_so(rig: Rig) -> None:
    await rig.start(commands=PERSONAL)
    direct = rig.world.direct(rig.mia)["id"]
    await people.leave(rig.server, rig.mia)
    await people.use(rig.server, rig.mia, direct, "me", {})
    await rig.settle()
    assert not [event for event in rig.heard if isinstance(event, CommandUsed)]
    assert "We share no server, so I can do nothing for you here." in words_of(rig.private(rig.mia)[-1])
