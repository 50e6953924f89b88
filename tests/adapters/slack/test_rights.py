"""Who comes, what is known of them, the groups they are put into, and the channels they are let into."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

import pytest

from adapters.contract.adapter import Gone, Unusable
from adapters.contract.commands import Role
from adapters.contract.events import ChannelDeleted, MemberJoined, MemberLeft, SpaceChanged
from adapters.contract.models import Account, Channel
from bot.clock import MovableClock
from bot.kernel.roles import RoleMap

from .conftest import Bench
from .things import BOT, Fault

pytestmark = pytest.mark.parametrize("kit", ["socket"], indirect=True)


def mia(bench: Bench) -> Account:
    return Account(bench.help.space, "UMIA")


async def test_who_comes_into_the_workspace_or_its_welcome_channel_joins_once(
    bench: Bench, clock: MovableClock
) -> None:
    await bench.crowd.join("UINES", "Ines", "example.org")
    await bench.crowd.enter("UINES", "CHELP")
    await bench.crowd.enter("UMIA", "CGENERAL")
    await bench.crowd.enter(BOT, "CGENERAL")
    await bench.settled()
    assert isinstance(bench.heard.pop(), SpaceChanged), "we came into a channel, which is nobody's arrival"
    assert [(type(event), event.by.account.id) for event in bench.heard] == [
        (MemberJoined, "UINES"),
        (MemberJoined, "UMIA"),
    ]
    clock.move_to(clock.now() + timedelta(minutes=1))
    await bench.crowd.leave("UINES")
    bench.server.users["UINES"]["deleted"] = False
    await bench.crowd.join("UINES", "Ines")
    await bench.settled()
    assert [type(event) for event in bench.heard[2:]] == [MemberLeft, MemberJoined], "who comes back has come"
    assert bench.heard[0].by.domain == "example.org" and bench.heard[1].by.domain is None


async def test_of_channels_is_heard_what_is_asked_of_no_list(bench: Bench) -> None:
    slack, space = bench.kit.slack, bench.help.space
    assert await slack.find_channel(space, "help") == bench.help
    await bench.crowd.open_channel("UADA", "CNEW", "helping", bot=True)
    await bench.crowd.rename("CNEW", "help-2")
    await bench.settled()
    assert await slack.find_channel(space, "help-2") == Channel(space, "CNEW")
    assert await slack.find_channel(space, "helping") is None
    await bench.crowd.delete_channel("UADA", "CNEW")
    await bench.settled()
    assert await slack.find_channel(space, "help-2") is None
    assert len(bench.called("conversations.list")) == 1
    await bench.crowd.archive("UADA", "CHELP")
    await bench.settled()
    assert await slack.find_channel(space, "help") is None
    await bench.crowd.archive("UADA", "CHELP", archived=False)
    await bench.settled()
    assert await slack.find_channel(space, "help") == bench.help
    *changes, gone, archived, back = bench.heard
    assert {type(event) for event in (*changes, archived, back)} == {SpaceChanged}
    assert isinstance(gone, ChannelDeleted) and gone.channel == Channel(space, "CNEW")


async def test_of_an_address_only_the_domain_is_kept(bench: Bench) -> None:
    bench.server.users["UMIA"]["profile"]["email"] = "canary-mia@Example.ORG"
    profile = await bench.kit.slack.profile(mia(bench))
    assert profile and profile.domain == "example.org"
    assert "canary-mia" not in str(vars(bench.kit.slack._workspaces.entered["T1"].people))
    bench.server.scopes.discard("users:read.email")
    noah = await bench.kit.slack.profile(Account(bench.help.space, "UNOAH"))
    assert noah and noah.domain is None


async def test_a_group_that_cannot_be_changed_says_why(bench: Bench) -> None:
    slack = bench.kit.slack
    with pytest.raises(Unusable, match="somebody else"):
        await slack.set_role(Account(bench.help.space, "UADA"), "gardener", False)
    with pytest.raises(Gone):
        await slack.set_role(mia(bench), "astronaut", True)
    bench.server.groups_open = False
    with pytest.raises(Unusable, match="Workspace settings"):
        await slack.set_role(mia(bench), "SGARDENER", True)
    bench.server.groups_paid = False
    with pytest.raises(Unusable, match="paid plans"):
        await slack.set_role(mia(bench), "Gardener", True)
    bench.server.scopes.discard("usergroups:write")
    with pytest.raises(Unusable, match="lacks usergroups:write"):
        await slack.set_role(mia(bench), "gardener", True)
    assert bench.server.groups["gardener"]["users"] == ["UADA"]


async def test_who_cannot_be_let_in_says_why(bench: Bench) -> None:
    slack, agents = bench.kit.slack, Channel(bench.help.space, "CAGENTS")
    for _ in range(2):
        await slack.let_in(mia(bench), agents)
    assert "UMIA" in bench.server.places["CAGENTS"].members
    bench.server.users["UNOAH"]["is_restricted"] = True
    with pytest.raises(Unusable, match="guest"):
        await slack.let_in(Account(bench.help.space, "UNOAH"), agents)
    with pytest.raises(Gone):
        await slack.let_in(Account(bench.help.space, "UNONE"), agents)
    bench.server.add_channel("CAWAY", "away", bot=False)
    with pytest.raises(Unusable, match="/invite @Trellis"):
        await slack.let_in(mia(bench), Channel(bench.help.space, "CAWAY"))
    bench.server.places["CSECRET"] = bench.server.places["CAGENTS"].__class__("CSECRET", "secret", True, {"UADA"})
    with pytest.raises(Unusable):
        await slack.let_in(mia(bench), Channel(bench.help.space, "CSECRET"))


@pytest.mark.parametrize(
    "facts, role",
    [
        ({"is_admin": True}, Role.ADMIN),
        ({"is_owner": True, "team_id": "T1"}, Role.ADMIN),
        ({"is_admin": True, "team_id": "T2"}, Role.GUEST),
        ({"is_owner": True, "is_primary_owner": True, "is_stranger": True}, Role.GUEST),
        ({"team_id": "T2"}, Role.GUEST),
        ({"team_id": "T2", "enterprise_user": {"id": "W1", "teams": ["T2", "T1"]}}, Role.MEMBER),
        ({"team_id": "T2", "enterprise_user": {"id": "W1", "teams": ["T2", "T3"]}, "is_admin": True}, Role.GUEST),
        ({"is_restricted": True}, Role.GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, Role.GUEST),
        ({"is_ultra_restricted": True, "is_admin": True}, Role.GUEST),
        ({"is_restricted": False, "is_ultra_restricted": False, "is_stranger": False}, Role.MEMBER),
    ],
)
async def test_who_only_visits_has_no_rights_of_their_own(bench: Bench, facts: dict[str, object], role: Role) -> None:
    bench.server.users["UMIA"] |= facts
    profile = await bench.kit.slack.profile(mia(bench))
    assert profile and RoleMap().role(profile) is role
    named = RoleMap(members=frozenset({"umia"}), agents=frozenset({"helpers"}))
    assert named.role(profile) is max(role, Role.MEMBER)
    bench.server.groups["helpers"] = {"id": "SHELPERS", "handle": "helpers", "users": ["UMIA"]}
    await bench.kit.slack.stop()
    await bench.start()
    helper = await bench.kit.slack.profile(mia(bench))
    assert helper and named.role(helper) is max(role, Role.AGENT), "people of ours may name guests for more"


async def test_who_slack_cannot_tell_of_is_asked_to_try_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.api.AGAIN", 0.02)
    bench.server.faults["users.info"] = deque([Fault(500)] * 9)
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "who am I")
    await bench.settled()
    assert not bench.heard
    (told,) = bench.server.ephemeral.values()
    assert told["user"] == "UMIA" and "try again" in str(told["blocks"])
    await bench.crowd.say("UMIA", "CHELP", "hello")
    await bench.settled()
    assert [RoleMap().role(event.by) for event in bench.heard] == [Role.GUEST]
    bench.server.faults.clear()
    await bench.crowd.slash("UMIA", "CHELP", "/ask", "who am I")
    await bench.settled()
    assert RoleMap().role(bench.heard[-1].by) is Role.MEMBER
