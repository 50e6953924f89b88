"""Installing the app in many workspaces, and being removed from them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from adapters.contract.adapter import AdapterError, Away, Gone
from adapters.contract.events import MessagePosted, SpaceJoined
from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card
from bot.clock import MovableClock
from storage.database import Database
from storage.installations import InstallationStore, cipher_of
from storage.processes import Process

from .conftest import START
from .door import SlackKit
from .installed import KEY, TABLES, Many
from .things import CLIENT_ID, Fault


@pytest.fixture
async def many(tmp_path: Path, database_file: Path) -> AsyncIterator[Many]:
    clock = MovableClock(START)
    database = Database(f"sqlite:///{database_file}")
    many = Many(SlackKit(tmp_path, clock.now, http=True), database)
    await many.start()
    yield many
    await many.slack.stop()
    await many.kit.close()
    await database.close()


async def test_the_app_is_installed_in_two_workspaces_and_speaks_in_each_with_its_own_token(many: Many) -> None:
    assert await many.slack.spaces() == []
    for team in ("T2", "T3"):
        await many.install(team)
    assert [info.space.id for info in await many.slack.spaces()] == ["T2", "T3"]
    many.heard.clear()
    tokens = {team: token for token, team in many.server.installed.items()}
    for team in ("T2", "T3"):
        await many.slack.post(Channel(Space("slack", team), "CHELP"), Card("Hello"), nonce=team)
        assert (tokens[team], "chat.postMessage") == many.server.spoke[-1]
        event = {"type": "message", "user": "UMIA", "channel": "CHELP", "ts": "1772445600.000100", "text": team}
        await many.crowd.happen(event, team)
    await many.slack.idle()
    assert [event.space.id for event in many.heard] == ["T2", "T3"]
    assert all(isinstance(event, MessagePosted) for event in many.heard)


async def test_admins_are_asked_for_prompts_only_where_they_are_to_be_shown(many: Many) -> None:
    for many.kit.suggests in (False, True):
        await many.slack.stop()
        await many.start()
        async with aiohttp.ClientSession() as session:
            (asked,) = (await many.begin(session))["scope"]
        assert ("assistant:write" in asked.split(",")) is many.kit.suggests and "chat:write" in asked


async def test_tokens_are_encrypted_and_outlast_a_restart_and_a_new_key(many: Many) -> None:
    await many.install("T2")
    (token,) = many.server.installed
    assert "xoxb" not in await many.stored() and "'T2'" in await many.stored()
    await many.slack.stop()
    await many.start()
    assert [info.space.id for info in await many.slack.spaces()] == ["T2"]
    both = InstallationStore(
        many.database, CLIENT_ID, cipher_of(f"{Fernet.generate_key().decode()},{KEY}"), Process.this()
    )
    assert [bot.bot_token for bot in await both.workspaces()] == [token]
    other = InstallationStore(many.database, CLIENT_ID, cipher_of(Fernet.generate_key().decode()), Process.this())
    with pytest.raises(ValueError, match="SLACK_ENCRYPTION_KEY does not fit"):
        await other.workspaces()
    with pytest.raises(ValueError, match="openssl rand"):
        cipher_of("too short")


async def test_installing_again_replaces_what_was_stored(many: Many) -> None:
    for _ in range(2):
        await many.install("T2")
    async with many.database.read() as connection:
        for table in TABLES:
            assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1  # noqa: S608
    await many.slack.post(Channel(Space("slack", "T2"), "CHELP"), Card("Hello"), nonce="n")
    assert many.server.spoke[-1][0] == [*many.server.installed][-1]


async def test_only_workspaces_that_are_named_may_install_the_app(many: Many, caplog: pytest.LogCaptureFixture) -> None:
    await many.slack.stop()
    many.teams = frozenset({"T2"})
    await many.start()
    await many.install("T2")
    async with aiohttp.ClientSession() as session:
        asked = await many.begin(session)
        many.server.codes["code1"] = "T3"
        status, page = await many.end(session, code="code1", state=asked["state"][0])
    assert status == 403 and "workspace_not_admitted" in page
    assert "SLACK_INSTALL_TEAMS does not name it" in caplog.text
    assert [info.space.id for info in await many.slack.spaces()] == ["T2"]
    assert "'T3'" not in await many.stored() and [*many.server.installed.values()] == ["T2"]


async def test_who_comes_back_with_another_state_browser_or_code_installs_nothing(many: Many) -> None:
    async with aiohttp.ClientSession() as session:
        asked = await many.begin(session)
        state = asked["state"][0]
        assert (await many.end(session, error="access_denied"))[0] == 200
        assert (await many.end(session, code="x", state="another"))[0] == 400
        assert (await many.end(session, code="wrong", state=state))[0] == 401
        many.server.codes["code1"] = "T2"
        assert (await many.end(session, code="code1", state=state))[0] == 401, "a state is good once"
        del session.headers["Cookie"]
        state = (await many.begin(session))["state"][0]
        del session.headers["Cookie"]
        assert (await many.end(session, code="code1", state=state))[0] == 400
    assert not many.server.installed and not await many.slack.spaces()


@pytest.mark.parametrize("event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U1"]}}])
async def test_who_removes_the_app_is_forgotten(
    many: Many, event: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    for team in ("T2", "T3"):
        await many.install(team)
    (gone, stays) = many.server.installed
    del many.server.installed[gone]
    await many.crowd.happen(event, "T2")
    await many.crowd.happen(event, "T3")  # it came late: the app was installed again since
    for _ in range(500):
        if "'T2'" not in await many.stored():
            break
        await asyncio.sleep(0.01)
    assert [info.space.id for info in await many.slack.spaces()] == ["T3"] and "'T2'" not in await many.stored()
    assert "The T2 (T2) is out of reach" in caplog.text and "/slack/install" in caplog.text
    with pytest.raises(Gone, match="not installed"):
        await many.slack.post(Channel(Space("slack", "T2"), "CHELP"), Card("Hello"), nonce="n")
    asked = [method for token, method in many.server.spoke if token == gone]
    await many.crowd.happen({"type": "message", "user": "UMIA", "channel": "CHELP", "ts": "1.1", "text": "x"}, "T2")
    await many.slack.post(Channel(Space("slack", "T3"), "CHELP"), Card("Hello"), nonce="n")
    assert [method for token, method in many.server.spoke if token == gone] == asked
    assert many.server.spoke[-1][0] == stays
    assert [await many.slack.has_left(Space("slack", team)) for team in ("T2", "T3")] == [True, False]
    many.heard.clear()
    await many.install("T2")
    assert {info.space.id for info in await many.slack.spaces()} == {"T2", "T3"}
    [joined] = many.heard
    assert isinstance(joined, SpaceJoined) and (joined.space.id, joined.name) == ("T2", "The T2")
    assert not await many.slack.has_left(Space("slack", "T2"))


async def test_a_refused_token_is_not_tried_again_and_one_removed_while_away_is_forgotten(many: Many) -> None:
    for team in ("T2", "T3"):
        await many.install(team)
    (first, second) = many.server.installed
    del many.server.installed[first]
    for _ in range(3):
        with pytest.raises(AdapterError):
            await many.slack.post(Channel(Space("slack", "T2"), "CHELP"), Card("Hello"), nonce="n")
    assert [token for token, _ in many.server.spoke].count(first) <= 3
    await many.slack.stop()
    del many.server.installed[second]
    await many.start()
    assert not await many.slack.spaces() and "xoxb" not in await many.stored() and "'T3'" not in await many.stored()


async def test_a_workspace_out_of_reach_keeps_no_other_from_being_entered(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.api.ATTEMPTS", 1)
    for team in ("T2", "T3"):
        await many.install(team)
    await many.slack.stop()
    many.server.faults["auth.test"] = deque([Fault(500)])
    await many.start()
    assert [info.space.id for info in await many.slack.spaces()] == ["T3"]
    for team in ("T2", "T3"):
        await many.slack.post(Channel(Space("slack", team), "CHELP"), Card("Hello"), nonce=f"n{team}")
    assert {info.space.id for info in await many.slack.spaces()} == {"T2", "T3"}, "it is entered once it is needed"
    await many.slack.stop()
    many.server.faults["auth.test"] = deque([Fault(500)] * 2)
    with pytest.raises(Away):
        await many.start()


async def test_a_workspace_that_makes_noise_keeps_no_other_waiting(many: Many) -> None:
    for team in ("T2", "T3"):
        await many.install(team)
    many.heard.clear()
    many.free.clear()
    event = {"type": "message", "user": "UMIA", "ts": "1772445600.000100", "text": "Hello"}

    def heard(team: str) -> int:
        return [one.space.id for one in many.heard].count(team)

    async def until(happened: Callable[[], bool]) -> None:
        for _ in range(500):
            if happened():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it did not happen")

    noise = [asyncio.create_task(many.crowd.happen({**event, "channel": f"C{one}"}, "T2")) for one in range(100)]
    try:
        await until(lambda: heard("T2") >= 64)
        noise.append(asyncio.create_task(many.crowd.happen({**event, "channel": "CHELP"}, "T3")))
        await until(lambda: heard("T3") == 1)
    finally:
        many.free.set()
        await asyncio.gather(*noise)


async def test_the_check_looks_at_each_workspace(many: Many) -> None:
    (nowhere,) = await many.slack.check(["help"])
    assert not nowhere.ok and "/slack/install" in nowhere.mend
    for team in ("T2", "T3"):
        await many.install(team)
    found = await many.slack.check(["help"])
    assert all(check.ok for check in found) and "The T2" in found[0].what and "The T3" in found[3].what
    many.server.scopes.discard("files:write")
    able = [check for check in await many.slack.check(["help"]) if "files:write" in check.what]
    assert able and all(check.ok and "reinstall it" in check.mend for check in able), "it runs without"
    many.server.scopes.discard("im:write")
    del many.server.installed[next(iter(many.server.installed))]
    wrong = [check for check in await many.slack.check(["help"]) if not check.ok]
    assert ["is refused" in wrong[0].what, "lacks im:write" in wrong[1].what] == [True, True]
    assert all("/slack/install" in check.mend for check in wrong)


async def test_what_people_of_a_connected_workspace_do_is_for_the_one_that_has_the_app(many: Many) -> None:
    """Slack names their own workspace as the `team`, also where the app is installed there too."""
    for team in ("T2", "T3"):
        await many.install(team)
    many.heard.clear()
    user = {"id": "UMIA", "username": "mia", "team_id": "T9"}
    for theirs in ("T9", "T3"):
        facts = {"team": {"id": theirs, "domain": "elsewhere"}, "user": {**user, "team_id": theirs}}
        view = {"id": "V1", "type": "modal", "callback_id": "ask.ask", "private_metadata": "", "blocks": []}
        sent = {**view, "app_installed_team_id": "T2", "team_id": theirs, "state": {"values": {}}, "hash": "h1"}
        await many.crowd.send("interactive", {"type": "view_submission", "trigger_id": theirs, "view": sent, **facts})
        message = {"ts": "1772445600.000200", "team": "T2", "bot_id": "B1", "text": "Hello"}
        action = {"type": "button", "action_id": "ask.show:1", "value": "ask.show:1", "action_ts": f"1.{len(theirs)}"}
        pressed = {"message": message, "channel": {"id": "CHELP", "name": "help"}, "actions": [action]}
        await many.crowd.send("interactive", {"type": "block_actions", "trigger_id": f"{theirs}b", **pressed, **facts})
        event = {
            "type": "message",
            "user": "UMIA",
            "channel": "CHELP",
            "ts": f"1772445600.00030{theirs[1]}",
            "text": theirs,
        }
        await many.crowd.happen(event, "T2")
    assert len(many.heard) == 6 and {event.space.id for event in many.heard} == {"T2"}
