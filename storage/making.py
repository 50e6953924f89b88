"""Makes all tables as they are now: a new database has nothing to migrate, and so needs no Alembic."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect

import storage

from .columns import metadata
from .tables import LOWEST, compatibility

_TABLELESS = {"help_window", "making", "upgrading"}
"""Modules that have no table, and take long to read."""
_version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic notes the revision."""


def make_all(connection: Connection, revision: str) -> bool:
    """Make all tables, as the newest migration leaves them, in a database that has none, and say whether that was so.

    Tables of cogs of one's own are among the same metadata: their own migrations make them.
    """
    if inspect(connection).get_table_names():
        return False
    names = [module.name for module in pkgutil.iter_modules(storage.__path__) if module.name not in _TABLELESS]
    known = [one for name in names for one in vars(importlib.import_module(f"storage.{name}")).values()]
    ours = {one.name: one for one in known if isinstance(one, Table) and one.metadata is metadata}
    metadata.create_all(connection, tables=[*ours.values()], checkfirst=False)
    _version.create(connection)
    connection.execute(_version.insert().values(version_num=revision))
    connection.execute(compatibility.insert().values(lowest=LOWEST))
    return True
