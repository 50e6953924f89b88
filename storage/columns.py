"""The tables' metadata, and the column types that behave the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum, MetaData, Text, TypeDecorator
from sqlalchemy.exc import DontWrapMixin

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class NaiveDatetime(DontWrapMixin, ValueError):
    """A timestamp without a time zone was about to be stored or compared."""


class UtcDateTime(TypeDecorator[datetime]):
    """A timestamp, exact to the microsecond: aware in (a `ValueError` otherwise) and UTC out.

    It is a `timestamptz` on PostgreSQL, and on SQLite a text of fixed width, so that it sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the timestamp as this database keeps it."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise NaiveDatetime(f"{value!r} has no time zone; the store only keeps aware timestamps")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return the timestamp in UTC."""
        if value is None:
            return None
        # SQLite returns none with a zone, and asyncpg the first and the last moment there is without one.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """Return the text without what not every database can hold: NUL characters and lone surrogates."""
    text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")


class WrittenText(TypeDecorator[str]):
    """Text that people or platforms wrote, made `storable`, so that no message can make a store fail."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the text as every database takes it."""
        return value and storable(value)


def names_of(kind: type[StrEnum]) -> Enum:
    """Return the column type that keeps a choice by its name, readable in any tool."""
    return Enum(kind, native_enum=False, length=20, values_callable=lambda names: [name.value for name in names])


def compact_json(value: Any) -> str:
    """Return a value as JSON is kept: without blanks, and with every letter as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
