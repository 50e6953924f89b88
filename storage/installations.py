"""Where the Slack app was installed: slack-sdk's own stores, in our database, with tokens that only we can read."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore, SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import (
    Column,
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
)

from .columns import metadata
from .database import Database

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
    """The workspaces in which the app is installed, each with its newest installation."""

    def __init__(self, database: Database, client_id: str, cipher: MultiFernet) -> None:
        self._cipher = cipher
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
        query = (
            self.bots.select()
            .where(self.bots.c.client_id == self.client_id, self.bots.c.team_id.is_not(None))
            .order_by(self.bots.c.id)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).mappings()
            bots = {row["team_id"]: SQLAlchemyInstallationStore.build_bot_entity(row) for row in rows}
        return [*bots.values()]

    async def forget(self, team: str) -> None:
        """Delete what was stored of a workspace, its tokens above all."""
        async with self.engine.begin() as connection:
            for table in (self.bots, self.installations):
                here = (table.c.client_id == self.client_id) & (table.c.team_id == team)
                await connection.execute(delete(table).where(here))


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
