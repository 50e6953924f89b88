"""Brings tables to their newest revision, by Alembic: apart from the rest, since it is only read where needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection


def upgrade_all(connection: Connection, others: Mapping[str, Path], ours: bool = True) -> None:
    """Bring our tables to the newest revision, if they need it, and then those of the cogs that bring their own."""
    if ours:
        command.upgrade(alembic_config(connection), "head")
    for other, folder in others.items():
        command.upgrade(alembic_config(connection, other, folder), "head")


def current(connection: Connection, other: str) -> str | None:
    """Return the revision of the tables; None where there are none."""
    return MigrationContext.configure(connection, opts={"version_table": _counted(other)}).get_current_revision()


def newest(other: str = "", folder: Path | None = None) -> str | None:
    """Return the newest revision that is known."""
    return ScriptDirectory.from_config(alembic_config(None, other, folder)).get_current_head()


def _counted(other: str) -> str:
    return f"alembic_version_{other}" if other else "alembic_version"


def alembic_config(connection: Connection | None = None, other: str = "", folder: Path | None = None) -> Config:
    """Return what Alembic has to know of our migrations, or of those in another cog's folder."""
    config = Config(attributes={"connection": connection, "version_table": _counted(other)})
    config.set_main_option("script_location", "storage:migrations")
    if folder:
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", str(folder).replace("%", "%%"))
    return config
