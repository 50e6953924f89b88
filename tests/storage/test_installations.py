"""Where the Slack app is installed, and with which token, is known to nobody who only has the database."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import text

from storage.database import Database
from storage.installations import InstallationStore, StateStore, cipher_of

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def installation(team: str, token: str, user: str = "U1") -> Installation:
    return Installation(app_id="A1", team_id=team, team_name=f"The {team}", bot_token=token, bot_id="B1", user_id=user)


async def test_a_workspace_has_its_newest_installation(database: Database) -> None:
    store = InstallationStore(database, "1.2", cipher_of(OLD))
    long = f"xoxe.xoxb-{'x' * 400}"
    for saved in (installation("T1", "xoxb-1"), installation("T2", long), installation("T1", "xoxb-2", "U2")):
        await store.async_save(saved)
    assert [(bot.team_id, bot.bot_token) for bot in await store.workspaces()] == [("T2", long), ("T1", "xoxb-2")]
    found = await store.async_find_installation(enterprise_id=None, team_id="T1")
    assert found and (found.bot_token, found.user_id) == ("xoxb-2", "U2")
    await store.forget("T1")
    assert [bot.team_id for bot in await store.workspaces()] == ["T2"]
    assert await InstallationStore(database, "another app", cipher_of(OLD)).workspaces() == []


async def test_nobody_reads_a_token_without_the_key(database: Database) -> None:
    await InstallationStore(database, "1.2", cipher_of(OLD)).async_save(installation("T1", "xoxb-1"))
    async with database.read() as connection:
        for table in ("slack_bots", "slack_installations"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608
            assert len(rows) == 1 and "xoxb" not in str(rows)
    assert (await InstallationStore(database, "1.2", cipher_of(f"{NEW}, {OLD}")).workspaces())[0].bot_token == "xoxb-1"
    with pytest.raises(ValueError, match="does not fit"):
        await InstallationStore(database, "1.2", cipher_of(NEW)).workspaces()


@pytest.mark.parametrize("key", ["", "short", "ä" * 44, f"{OLD},"], ids=["none", "short", "no key", "one too few"])
def test_what_is_no_key_says_how_to_make_one(key: str) -> None:
    with pytest.raises(ValueError, match="openssl rand"):
        cipher_of(key)


async def test_a_state_is_good_once(database: Database) -> None:
    states = StateStore(database)
    first, second = await asyncio.gather(states.async_issue(), states.async_issue())
    assert await states.async_consume(first) and not await states.async_consume(first)
    states.expiration_seconds = -1
    late = await states.async_issue()
    assert not await states.async_consume(late)
    await states.async_issue()
    async with database.read() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM slack_oauth_states")) == 2
    assert await states.async_consume(second)
