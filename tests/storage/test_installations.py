"""Where the Slack app is installed, and with which token, is known to nobody who only has the database."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Bot, Installation
from sqlalchemy import text

from storage.database import Database
from storage.installations import InstallationStore, StateStore, cipher_of
from storage.processes import Process

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def installation(team: str, token: str, user: str = "U1", refresh: str | None = None) -> Installation:
    pair: dict[str, Any] = {
        "bot_token": token,
        "bot_refresh_token": refresh,
        "bot_token_expires_in": 43_200 if refresh else None,
    }
    return Installation(app_id="A1", team_id=team, team_name=f"The {team}", bot_id="B1", user_id=user, **pair)


async def test_a_workspace_has_its_newest_installation(database: Database) -> None:
    store = InstallationStore(database, "1.2", cipher_of(OLD), Process.this())
    long = f"xoxe.xoxb-{'x' * 400}"
    for saved in (installation("T1", "xoxb-1"), installation("T2", long), installation("T1", "xoxb-2", "U2")):
        await store.async_save(saved)
    assert [(bot.team_id, bot.bot_token) for bot in await store.workspaces()] == [("T2", long), ("T1", "xoxb-2")]
    found = await store.async_find_installation(enterprise_id=None, team_id="T1")
    assert found and (found.bot_token, found.user_id) == ("xoxb-2", "U2")
    await store.forget("T1", "xoxb-1")
    assert len(await store.workspaces()) == 2, "it was installed again since"
    await store.forget("T1", "xoxb-2")
    assert [bot.team_id for bot in await store.workspaces()] == ["T2"]
    assert await InstallationStore(database, "another app", cipher_of(OLD), Process.this()).workspaces() == []


async def test_one_process_at_a_time_renews_and_puts_a_pair_in_the_place_of_another(
    database: Database, replica: Database
) -> None:
    mine = InstallationStore(database, "1.2", cipher_of(OLD), Process("mine", "there", 7))
    others = InstallationStore(replica, "1.2", cipher_of(OLD), Process("other", "elsewhere", 7))
    await mine.async_save(installation("T1", "xoxe.xoxb-1", refresh="xoxe-1"))
    async with mine.alone("T1") as first, others.alone("T1") as second, others.alone("T2") as elsewhere:
        assert (first, second, elsewhere) == (True, False, True)
    async with others.alone("T1") as now:
        assert now
    before = await mine.workspace("T1")
    assert before and before.bot_token_expires_at and before.bot_token_expires_at > time.time() + 43_000
    after = Bot(**{**before.to_dict_for_copying(), "bot_token": "xoxe.xoxb-2", "bot_refresh_token": None})
    assert await others.put(before, after) and not await mine.put(before, after), "it is there no more"
    found = await mine.workspace("T1")
    assert found and (found.bot_token, found.bot_refresh_token) == ("xoxe.xoxb-2", None)
    assert found.bot_token_expires_at == before.bot_token_expires_at and await mine.installer("T1") == "U1"
    await mine.forget("T1", "xoxe.xoxb-1")
    assert await mine.workspace("T1"), "that was another token"
    await mine.forget("T1", "xoxe.xoxb-2")
    assert await mine.workspace("T1") is None and await mine.installer("T1") is None
    async with database.read() as connection:
        assert [*await connection.scalars(text("SELECT name FROM leases"))] == ["slack tokens/T2"]
        assert not (await connection.execute(text("SELECT * FROM slack_installations"))).all()


async def test_nobody_reads_a_token_without_the_key(database: Database) -> None:
    await InstallationStore(database, "1.2", cipher_of(OLD), Process.this()).async_save(installation("T1", "xoxb-1"))
    async with database.read() as connection:
        for table in ("slack_bots", "slack_installations"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608
            assert len(rows) == 1 and "xoxb" not in str(rows)
    assert (await InstallationStore(database, "1.2", cipher_of(f"{NEW}, {OLD}"), Process.this()).workspaces())[
        0
    ].bot_token == "xoxb-1"
    with pytest.raises(ValueError, match="does not fit"):
        await InstallationStore(database, "1.2", cipher_of(NEW), Process.this()).workspaces()


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
