"""Commands as Discord registers them, and what is refused at start-up."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.contract.commands import Command, Shortcut
from adapters.contract.forms import Field, Kind
from adapters.contract.ui import Option
from adapters.discord import invite_url, register
from adapters.discord.check import permissions_in

from . import spec
from .conftest import COMMANDS, SHORTCUTS, Rig
from .server import _stored


@spec.missing
def test_what_is_registered_is_what_discord_takes() -> None:
    for everywhere, path in ((True, "/applications/1/commands"), (False, "/applications/1/guilds/2/commands")):
        wanted = register.payload(COMMANDS, SHORTCUTS, everywhere=everywhere)
        assert list(spec.problems("PUT", path, wanted)) == []


def test_only_a_change_is_sent() -> None:
    wanted = register.payload(COMMANDS, SHORTCUTS, everywhere=True)
    current = [{**_stored(command), "id": "1", "version": "2", "nsfw": False} for command in reversed(wanted)]
    for command in current:
        command["default_member_permissions"] = (
            None if command.get("default_member_permissions") is None else str(command["default_member_permissions"])
        )
    assert not register.needs_sync(current, wanted)
    ask = COMMANDS[0]
    for changed in (
        (replace(ask, description="Else"), *COMMANDS[1:]),
        (replace(ask, options=ask.options[:2]), *COMMANDS[1:]),
        COMMANDS[1:],
    ):
        assert register.needs_sync(current, register.payload(changed, SHORTCUTS, everywhere=True))
    assert register.needs_sync(current, register.payload(COMMANDS, (), everywhere=True))


def choices(n: int) -> tuple[Option, ...]:
    return tuple(Option("n" * 70 + str(m), "v" * 90 + str(m)) for m in range(n))


@pytest.mark.parametrize(
    "commands",
    [
        [Command("idea", "x"), Command("idea add", "x")],
        [Command(f"c{n}", "x") for n in range(101)],
        [Command(f"idea v{n}", "x") for n in range(26)],
        [Command("ask", "x", tuple(Field(f"o{n}", "o") for n in range(26)))],
        [Command("ask", "x", (Field("o" * 33, "o"),))],
        [Command("ask", "x", tuple(Field(f"o{n}", "o", Kind.CHOICE, choices=choices(25)) for n in range(2)))],
    ],
)
def test_what_discord_would_refuse_is_refused_at_start(commands: list[Command]) -> None:
    with pytest.raises(ValueError, match="Discord"):
        register.payload(commands, (), everywhere=True)
    with pytest.raises(ValueError, match="Discord"):
        register.payload((), [Shortcut(f"s{n}") for n in range(16)], everywhere=True)


def test_suggestions_begin_with_what_begins_so() -> None:
    field = Field("topic", "Topic", choices=tuple(Option(name, name) for name in ("My bills", "Billing", "API")))
    assert [one["value"] for one in register.suggestions(field, " bil")] == ["Billing", "My bills"]
    assert len(register.suggestions(field, "")) == 3


def test_the_invitation_asks_for_what_is_needed_and_no_more() -> None:
    query = parse_qs(urlsplit(invite_url("4711")).query)
    assert query["client_id"] == ["4711"] and query["scope"] == ["bot applications.commands"]
    asked = int(query["permissions"][0])
    assert asked == register.permissions() and not asked & (1 << 3 | 1 << 5 | 1 << 13)
    assert all(why for _, why in register.PERMISSIONS.values())


def test_rights_in_a_channel_are_read_in_discords_order() -> None:
    view, send = 1 << 10, 1 << 11
    overwrites = [
        {"id": "guild", "allow": "0", "deny": str(view)},
        {"id": "role", "allow": str(view), "deny": str(send)},
        {"id": "me", "allow": str(send), "deny": "0"},
    ]
    assert permissions_in(view | send, overwrites, "guild", {"guild"}, "me") == send
    assert permissions_in(view | send, overwrites, "guild", {"guild", "role"}, "me") == view | send
    assert permissions_in(1 << 3, overwrites, "guild", {"guild"}, "x") & view


@spec.missing
async def test_the_check_ticks_what_is_there_and_says_what_to_click(rig: Rig) -> None:
    rig.world.add_channel("secret", readers=(rig.mia,))
    secret = next(one for one in rig.world.channels.values() if one["name"] == "secret")
    secret["permission_overwrites"] = [{"id": rig.world.guild, "type": 0, "allow": "0", "deny": str(1 << 10)}]
    adapter = await rig.start()
    found = {check.what: check for check in await adapter.check(["help", "secret", "nowhere"])}
    assert found["#help in Greenhouse"].ok
    assert "View Channels" in found["#secret in Greenhouse"].mend and "#secret" in found["#secret in Greenhouse"].mend
    assert not found["#nowhere in Greenhouse"].ok
    assert all(check.ok for what, check in found.items() if not what.startswith(("#secret", "#nowhere")))
    rig.world.content = False
    (intent,) = [check for check in await adapter.check([]) if not check.ok]
    assert "Message Content Intent" in intent.mend
    await rig.adapter.stop()
    bad = await type(adapter)("wrong", api_url=rig.server.url).check(["help"])
    assert [check.ok for check in bad] == [False] and "DISCORD_TOKEN" in bad[0].mend
