"""Commands as Discord registers them, and what is refused at start-up."""

from __future__ import annotations

import io
from dataclasses import replace
from gettext import GNUTranslations, NullTranslations
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from adapters.contract.adapter import Need
from adapters.contract.commands import Command, Shortcut
from adapters.contract.forms import Field, Kind, matching
from adapters.contract.text import Translations
from adapters.contract.ui import Option
from adapters.discord import invite_url, permissions, register
from adapters.discord.check import permissions_in
from bot.bootstrap import offered
from config.settings import Settings

from . import spec
from .conftest import COMMANDS, SHORTCUTS, TOPICS, Rig
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
    options = [Option(name, name) for name in ("My bills", "Billing", "API")]
    assert [one.value for one in matching(options, " bil")] == ["Billing", "My bills"]
    assert [one.value for one in matching(options, "bills my")] == ["My bills"]
    assert len(matching(options, "")) == 3
    number = Field("idea", "Idea", Kind.INTEGER, suggested=True)
    assert register.suggestions(number, [Option("#7 Compost", "7")]) == [{"name": "#7 Compost", "value": 7}]


def german() -> Translations:
    """A catalogue with some words of ours in it."""
    written = Catalog(locale="de")
    written.add("Ask the community", "Frag die Gemeinschaft")
    written.add("Topic", "Thema")
    written.add("Billing", "Rechnungen")
    written.add("Mark as answer", "Als Antwort markieren")
    written.add("ask", "fragen", context="command")
    written.add("topic", "Das Thema!", context="command")
    compiled = io.BytesIO()
    write_mo(compiled, written)
    compiled.seek(0)
    return GNUTranslations(compiled)


@spec.missing
def test_commands_are_told_in_every_language_there_is() -> None:
    locales = {"de": german(), "es": NullTranslations()}
    kinds = (Field("topic", "Topic", Kind.CHOICE, choices=TOPICS), Field("question", "Question"))
    command = Command("ask", "Ask the community", kinds, locales=locales)
    shortcut = Shortcut("Mark as answer", locales=locales)
    wanted = register.payload([command], [shortcut], everywhere=True)
    assert list(spec.problems("PUT", "/applications/1/commands", wanted)) == []
    ask, mark = wanted
    topic, question = ask["options"]
    assert (ask["name"], ask["name_localizations"]) == ("ask", {"de": "fragen"})
    assert ask["description_localizations"] == {"de": "Frag die Gemeinschaft"}
    assert topic["name"] == "topic" and "name_localizations" not in topic, "no name that Discord refuses"
    assert topic["description_localizations"] == {"de": "Thema"} and "description_localizations" not in question
    assert [one.get("name_localizations") for one in topic["choices"]] == [None, {"de": "Rechnungen"}, None]
    assert mark["name_localizations"] == {"de": "Als Antwort markieren"}
    plain = register.payload([replace(command, locales={})], [shortcut], everywhere=True)
    assert register.needs_sync(plain, wanted) and not register.needs_sync(wanted, wanted)


def test_the_invitation_asks_for_what_is_needed_and_no_more() -> None:
    def asked(*needs: Need) -> int:
        query = parse_qs(urlsplit(invite_url("4711", needs)).query)
        assert query["client_id"] == ["4711"] and query["scope"] == ["bot applications.commands"]
        return int(query["permissions"][0])

    assert asked() == sum(bit for bit, _ in permissions().values()) and not asked(*Need) & (1 << 3 | 1 << 5 | 1 << 13)
    assert asked(Need.CALENDAR) ^ asked() == 1 << 44
    assert asked(Need.ROLES, Need.LETTING_IN) ^ asked() == 1 << 28
    assert all(why for _, why in permissions([*Need]).values())


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
    assert all(check.ok for check in await adapter.check(["help"], [*Need]))
    rig.world.roles["Trellis"]["permissions"] = "0"
    lacking = [check for check in await adapter.check(["help"], [*Need]) if not check.ok]
    assert [check.what.split("”")[0] for check in lacking] == ["“Manage Roles", "“Create Events", "#help in Greenhouse"]
    rig.world.content = False
    (intent,) = [check for check in await adapter.check([]) if not check.ok]
    assert "Message Content Intent" in intent.mend
    await rig.adapter.stop()
    bad = await type(adapter)("wrong", api_url=rig.server.url).check(["help"])
    assert [check.ok for check in bad] == [False] and "DISCORD_TOKEN" in bad[0].mend


@spec.missing
def test_all_that_trellis_offers_is_what_discord_takes_in_every_language() -> None:
    for settings in (Settings(), Settings.model_validate({"TRELLIS_LANGUAGE": "de"})):
        router = offered(settings)
        wanted = register.payload(router.commands, router.shortcuts, everywhere=True)
        assert list(spec.problems("PUT", "/applications/1/commands", wanted)) == []
        ask = next(entry for entry in wanted if entry["name"] == "ask")
        other = "de" if settings.language == "en" else "en-GB"
        assert ask["description_localizations"][other] != ask["description"]
        mark = next(entry for entry in wanted if entry["type"] == 3)
        assert mark["name_localizations"][other] != mark["name"]


def test_rights_are_asked_for_only_where_settings_have_a_use_for_them() -> None:
    assert offered(Settings()).needs == {Need.FILES, Need.CALENDAR}
