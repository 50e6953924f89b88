"""Where the Slack app was installed: slack-sdk's own stores, in our database, with tokens that only we can read."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore, SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    delete,
    func,
    select,
    update,
)

from .columns import metadata
from .database import Database
from .leases import LeaseStore, leases
from .processes import Process

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

STATE_SECONDS = 600
"""How long somebody may take to decide whether to install the app."""

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)  # at DEBUG the libraries log states


def cipher_of(keys: str) -> MultiFernet:
    """Return what encrypts with the first key, and reads what any of them encrypted. Raises `ValueError`."""
    from cryptography.fernet import Fernet, MultiFernet  # many a process only makes the tables

    try:
        return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
    except ValueError:
        raise ValueError(
            "SLACK_ENCRYPTION_KEY has to be 32 random bytes in URL-safe base64, such as "
            "`openssl rand -base64 32 | tr '+/' '-_'` prints; several are separated by commas, the newest first."
        ) from None


class Sealed(TypeDecorator[str]):
    """Words that are encrypted in the database."""

    impl = Text
    cache_ok = True

    def __init__(self, cipher: MultiFernet | None = None) -> None:
        super().__init__()
        self.cipher = cipher

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the words encrypted."""
        assert value is None or self.cipher
        return self.cipher.encrypt(value.encode()).decode() if value and self.cipher else value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the words as they were. Raises `ValueError` where no key fits."""
        from cryptography.fernet import InvalidToken

        try:
            return self.cipher.decrypt(value).decode() if value and self.cipher else value
        except InvalidToken:
            raise ValueError(
                "SLACK_ENCRYPTION_KEY does not fit the tokens in the database: set the key they were stored with, "
                "behind the new one if there is a new one."
            ) from None


def _sealed(table: Table, cipher: MultiFernet | None = None) -> Table:
    for column in table.c:
        if column.name.endswith("_token"):
            column.type = Sealed(cipher)
    return table


slack_bots = _sealed(SQLAlchemyInstallationStore.build_bots_table(metadata, "slack_bots"))
slack_installations = _sealed(SQLAlchemyInstallationStore.build_installations_table(metadata, "slack_installations"))
slack_oauth_states = Table(
    "slack_oauth_states",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("state", String(200), nullable=False),
    Column("expire_at", DateTime, nullable=False),
)


class InstallationStore(AsyncSQLAlchemyInstallationStore):
    """The workspaces in which the app is installed, each with its newest installation, in the name of one process.

    With token rotation a pair of tokens takes the place of another one every few hours. Where the refresh token turned
    out to be of no use, there is none, and the moment remains at which the other one is over.
    """

    def __init__(self, database: Database, client_id: str, cipher: MultiFernet, process: Process) -> None:
        self._cipher = cipher
        self._leases = LeaseStore(database, process)
        super().__init__(client_id, database.engine, logger=log)

    def build_bots_table(self, metadata: MetaData, table_name: str) -> Table:  # type: ignore[override]
        """Return the table of bots, with their tokens encrypted."""
        return _sealed(SQLAlchemyInstallationStore.build_bots_table(metadata, table_name), self._cipher)

    def build_installations_table(self, metadata: MetaData, table_name: str) -> Table:  # type: ignore[override]
        """Return the table of installations, with their tokens encrypted."""
        return _sealed(SQLAlchemyInstallationStore.build_installations_table(metadata, table_name), self._cipher)

    async def async_save(self, installation: Installation) -> None:
        """Store an installation in place of the workspace's earlier ones."""
        await super().async_save(installation)
        async with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                here = (table.c.client_id == self.client_id) & (table.c.team_id == installation.team_id)
                newest = select(func.max(table.c.id)).where(here).scalar_subquery()
                await connection.execute(delete(table).where(here, table.c.id < newest))

    async def workspaces(self) -> list[Bot]:
        """Return the bot of each workspace, as it was installed last."""
        return await self._bots(self.bots.c.team_id.is_not(None))

    async def workspace(self, team: str) -> Bot | None:
        """Return the bot of one workspace; nothing where the app is not installed there."""
        return next(iter(await self._bots(self.bots.c.team_id == team)), None)

    async def installer(self, team: str) -> str | None:
        """Return who installed the app in a workspace, by the id of the user."""
        table = self.installations
        query = select(table.c.user_id).where(self._here(table, team)).order_by(table.c.id.desc()).limit(1)
        async with self.engine.connect() as connection:
            found: str | None = await connection.scalar(query)
            return found

    @asynccontextmanager
    async def alone(self, team: str) -> AsyncIterator[bool]:
        """Say whether no other process renews the tokens of a workspace; none does within, for twenty seconds."""
        name = _lease_of(team)
        token = await self._leases.take(name)
        try:
            yield token is not None
        finally:
            if token is not None:
                await self._leases.release(name, token)

    async def put(self, before: Bot, after: Bot) -> bool:
        """Put tokens in the place of others; say whether those were still there."""
        ends = after.bot_token_expires_at
        tokens = {
            "bot_token": after.bot_token,
            "bot_refresh_token": after.bot_refresh_token,
            "bot_token_expires_at": datetime.fromtimestamp(ends, UTC).replace(tzinfo=None) if ends else None,
        }
        team = str(before.team_id)
        async with self.engine.begin() as connection:
            query = select(self.bots.c.bot_token).where(self._here(self.bots, team)).with_for_update()
            if before.bot_token not in [*await connection.scalars(query)]:
                return False
            for table in (self.bots, self.installations):
                await connection.execute(update(table).where(self._here(table, team)).values(tokens))
        return True

    async def forget(self, team: str, token: str) -> None:
        """Delete what was stored of a workspace, its tokens above all.

        Unless the app was installed there again, or its token renewed: then another one stands there.
        """
        async with self.engine.begin() as connection:
            query = select(self.bots.c.bot_token).where(self._here(self.bots, team)).with_for_update()
            if any(stored != token for stored in await connection.scalars(query)):
                return
            for table in (self.bots, self.installations):
                await connection.execute(delete(table).where(self._here(table, team)))
            await connection.execute(delete(leases).where(leases.c.name == _lease_of(team)))

    def _here(self, table: Table, team: str) -> ColumnElement[bool]:
        return (table.c.client_id == self.client_id) & (table.c.team_id == team)

    async def _bots(self, where: ColumnElement[bool]) -> list[Bot]:
        query = self.bots.select().where(self.bots.c.client_id == self.client_id, where).order_by(self.bots.c.id)
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            bots = {row["team_id"]: SQLAlchemyInstallationStore.build_bot_entity(row) for row in rows}
        return [*bots.values()]


def _lease_of(team: str) -> str:
    return f"slack tokens/{team}"


class StateStore(AsyncSQLAlchemyOAuthStateStore):
    """Who began to install the app and has not come back from Slack yet."""

    def __init__(self, database: Database) -> None:
        super().__init__(STATE_SECONDS, database.engine, logger=log)

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """Return a new state, and forget those of who never came back."""
        now = datetime.fromtimestamp(time.time(), UTC).replace(tzinfo=None)
        async with self.engine.begin() as connection:
            await connection.execute(delete(self.oauth_states).where(self.oauth_states.c.expire_at <= now))
        return await super().async_issue(*args, **kwargs)
