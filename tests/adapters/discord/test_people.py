"""Who came by which invitation, who takes what back, who may be given what: and what Discord refuses."""

from __future__ import annotations

import pytest

from adapters.contract.adapter import Gone, Unusable
from adapters.contract.events import MemberJoined, MessagePosted, ReactionAdded, ReactionRemoved
from adapters.contract.models import Account, Channel, Space
from adapters.discord import parse

from . import people, spec
from .conftest import Rig
from .server import Fault

pytestmark = spec.missing


def sources(rig: Rig) -> list[str]:
    return [event.source for event in rig.heard if isinstance(event, MemberJoined)]


# Joining


async def test_the_invitation_whose_count_went_up_led_someone_here(rig: Rig) -> None:
    rig.world.invites = {"spring": 4, "docs": 7}
    await rig.start()
    await rig.settle()
    for name, source in (("Ines", "spring"), ("Jun", "docs"), ("Kofi", ""), ("Lena", "fresh"), ("Max", "spring")):
        await people.join(rig.server, rig.world.id(), name, source)
        await rig.settle()
    assert sources(rig) == ["spring", "docs", "", "fresh", "spring"]


async def test_an_invitation_for_one_is_gone_when_it_was_used(rig: Rig) -> None:
    rig.world.invites = {"once": 0, "docs": 7}
    await rig.start()
    await rig.settle()
    del rig.world.invites["once"]
    await people.join(rig.server, rig.world.id(), "Ines")
    await rig.settle()
    assert sources(rig) == ["once"]


async def test_nothing_is_guessed_where_two_came_at_once(rig: Rig) -> None:
    rig.world.invites = {"spring": 4, "docs": 7}
    await rig.start()
    await rig.settle()
    rig.world.invites["docs"] += 1
    await people.join(rig.server, rig.world.id(), "Ines", "spring")
    await rig.settle()
    assert sources(rig) == [""]


async def test_without_the_right_nobody_is_asked_again(rig: Rig) -> None:
    rig.world.roles["Trellis"]["permissions"] = "0"
    await rig.start()
    for name in ("Ines", "Jun"):
        await people.join(rig.server, rig.world.id(), name, "spring")
    await rig.settle()
    assert sources(rig) == ["", ""] and len(rig.server.asked("GET", "/guilds/.*/invites")) == 1


async def test_what_led_someone_here_is_told_once_they_passed_the_screening(rig: Rig) -> None:
    await rig.start()
    await rig.settle()
    who = rig.world.add_person("Kenji", pending=True)
    rig.world.invites["spring"] = 1
    told = {**rig.world.members[who], "user": rig.world.people[who], "guild_id": rig.world.guild}
    await rig.server.dispatch("GUILD_MEMBER_ADD", told)
    await rig.settle()
    assert not rig.heard
    await rig.server.dispatch("GUILD_MEMBER_UPDATE", {**told, "pending": False})
    await rig.settle()
    assert sources(rig) == ["spring"]


# Taking back


async def test_nobody_is_looked_up_whose_reaction_is_taken_off_also_who_left(rig: Rig) -> None:
    await rig.start()
    message = await people.say(rig.server, rig.mia, rig.help, "Tea or coffee?")
    for emoji in ("👍", "🎉"):
        await people.react(rig.server, rig.noah, message, emoji, back=True)
    await people.react(rig.server, rig.world.bot, message, "👍", back=True)
    await rig.settle()
    said, *removed = rig.heard
    assert isinstance(said, MessagePosted)
    assert all(isinstance(event, ReactionRemoved) and event.by.account.id == rig.noah for event in removed)
    rig.world.members.pop(rig.ada)
    await people.react(rig.server, rig.ada, message, "👍", back=True)
    await rig.settle()
    assert len(rig.heard) == 4 and not rig.server.asked("GET", "/guilds/.*/members/.*")


async def test_a_reaction_may_be_put_there_again_and_a_resume_tells_nothing_new(rig: Rig) -> None:
    await rig.start()
    message = await people.say(rig.server, rig.mia, rig.help, "Tea or coffee?")
    for back in (False, True, False):
        await people.react(rig.server, rig.noah, message, "👍", back=back)
    await rig.settle()
    kinds = [type(event) for event in rig.heard[1:]]
    assert kinds == [ReactionAdded, ReactionRemoved, ReactionAdded]
    assert len({event.id for event in rig.heard}) == 4


# Roles and channels


async def test_a_role_that_cannot_be_given_says_what_to_mend(rig: Rig) -> None:
    await rig.start()
    mia = Account(rig.space, rig.mia)
    await rig.adapter.set_role(mia, rig.world.roles["mentor"]["id"], True)
    assert rig.world.members[rig.mia]["roles"] == [rig.world.roles["mentor"]["id"]]
    for role in ("crown", "Trellis"):
        with pytest.raises(Unusable, match=f"Manage Roles.*“{role}”"):
            await rig.adapter.set_role(mia, role, True)
    rig.world.roles["Trellis"]["permissions"] = "0"
    with pytest.raises(Unusable, match="take the role “mentor”"):
        await rig.adapter.set_role(mia, "@Mentor", False)
    for account, role in (
        (mia, "@everyone"),
        (mia, "astronaut"),
        (Account(rig.space, "4711"), "mentor"),
        (Account(Space("discord", "4711"), rig.mia), "mentor"),
    ):
        with pytest.raises(Gone):
            await rig.adapter.set_role(account, role, True)


async def test_who_is_let_in_keeps_what_was_settled_for_them(rig: Rig) -> None:
    secret = rig.world.add_channel("secret", readers=(rig.noah,))
    rig.world.channels[secret]["permission_overwrites"].append(
        {"id": rig.mia, "type": 1, "allow": str(1 << 6), "deny": str(1 << 10 | 1 << 11)}
    )
    await rig.start()
    await rig.adapter.let_in(Account(rig.space, rig.mia), Channel(rig.space, secret))
    (mine,) = [one for one in rig.world.channels[secret]["permission_overwrites"] if one["id"] == rig.mia]
    assert (mine["allow"], mine["deny"]) == (str(1 << 6 | 1 << 10), str(1 << 11))
    with pytest.raises(Gone):
        await rig.adapter.let_in(Account(rig.space, "4711"), Channel(rig.space, secret))
    rig.world.roles["Trellis"]["permissions"] = "0"
    with pytest.raises(Unusable, match="#secret"):
        await rig.adapter.let_in(Account(rig.space, rig.ada), Channel(rig.space, secret))


async def test_another_trouble_is_no_reason_to_ask_for_rights(rig: Rig) -> None:
    await rig.start()
    rig.server.faults.append(Fault("PUT", "/guilds/.*/roles/.*", 400, body={"code": 1, "message": "no"}))
    with pytest.raises(Exception, match="400 1 no"):
        await rig.adapter.set_role(Account(rig.space, rig.mia), "mentor", True)


# Guests


async def test_who_left_and_who_came_by_a_guest_invite_is_a_guest(rig: Rig) -> None:
    await rig.start()
    account = Account(Space("discord", rig.world.guild), rig.mia)
    profile = await rig.adapter.profile(account)
    assert profile and not profile.guest
    await people.change(rig.server, rig.mia, flags=1 << 4)
    await rig.settle()
    profile = await rig.adapter.profile(account)
    assert profile and profile.guest
    member = {"user": rig.world.people[rig.mia]}
    cache = rig.adapter._servers
    assert parse.profile(rig.world.guild, member["user"], None, cache).guest, (
        "as an old button is pressed after leaving"
    )
