"""What all commands of `trellis` share: reading the settings, and saying plainly what an admin can mend."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from sqlalchemy.exc import SQLAlchemyError

from adapters.contract.adapter import AdapterError, Unusable
from bot.kernel.channels import UnknownChannel
from config.settings import Settings
from storage.backup import BackupFailed
from storage.claim import DatabaseInUse
from storage.database import Database, DatabaseDamaged
from storage.members import Community, MemberStore
from storage.tables import DatabaseTooNew

from .logs import visible

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

MISCONFIGURED = 78
"""The exit code for what only an admin can mend (EX_CONFIG of sysexits.h): a supervisor need not try again."""

GROWING = "A small community is growing for you to try things in. It takes a few seconds, just once"


class Unready(Exception):
    """Something only an admin can mend; the message says what."""


def read_settings() -> Settings:
    """Read the settings, or say in plain words what is wrong with which."""
    try:
        settings = Settings()
        settings.community()
    except ValidationError as wrong:
        for error in wrong.errors():
            where = ".".join(str(part) for part in error["loc"])
            err.print(f"[red]✗[/] {where}: {error['msg']}", markup=True)
        err.print("  → Each setting and what it may be is in config/example.env.")
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        err.print(f"[red]✗[/] The community file cannot be read: {wrong}")
    else:
        return settings
    raise typer.Exit(MISCONFIGURED)


@contextmanager
def growing() -> Iterator[Callable[[int, int], None]]:
    """Say how far the playground's past is told: as a bar where somebody watches, else in one line."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("day {task.completed} of {task.total}"))
    with Progress(*columns, console=out, transient=True, auto_refresh=False, disable=not out.is_terminal) as bar:

        def tell(day: int, days: int) -> None:
            if not bar.task_ids:
                bar.add_task(GROWING, total=days)
                if not out.is_terminal:
                    out.print(f"{GROWING} …")
            bar.update(bar.task_ids[0], completed=day, refresh=True)

        yield tell


def guarded(work: Callable[[], Awaitable[Any]]) -> None:
    """Run, and turn what an admin can mend into one sentence instead of a stack trace."""

    async def whole() -> None:
        await work()

    with plain_errors():
        asyncio.run(whole())


@contextmanager
def plain_errors() -> Iterator[None]:
    """End the process with one line for what an admin can correct, instead of a stack trace."""
    try:
        yield
    except (Unready, Unusable, DatabaseDamaged, DatabaseInUse, DatabaseTooNew, UnknownChannel, ValueError) as wrong:
        _complain(wrong)
        raise typer.Exit(MISCONFIGURED) from None
    except (AdapterError, BackupFailed, OSError, SQLAlchemyError, sqlite3.Error) as wrong:
        _complain(getattr(wrong, "orig", None) or wrong)  # SQLAlchemy adds lines for who writes programs
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        sys.exit(130)


def _complain(wrong: BaseException) -> None:
    words = visible(str(wrong) or type(wrong).__name__, lines=True)
    err.print(f"[red]✗[/] {escape(words)}", soft_wrap=True)


@asynccontextmanager
async def opened_database(url: str) -> AsyncIterator[Database]:
    """Open the database beside a Trellis that may be running. Raises `Unready` where its tables are not up to date."""
    database = Database(url)
    try:
        if not await database.is_current():
            current, newest = await database.revision()
            raise Unready(f"The database's tables are at revision {current}, not {newest}. Run `trellis db upgrade`.")
        yield database
    finally:
        await database.close()


async def chosen_community(members: MemberStore, name: str) -> Community:
    """Return the community of a name or key; ends with the names of those that there are where it is none."""
    known = await members.communities()
    named = [one for one in known if name == one.key] or [
        one for one in known if name.casefold() == one.name.casefold()
    ]
    if len(named) != 1:
        err.print(f"[red]✗[/] There is no one community {escape(visible(name))}. There are:", soft_wrap=True)
        for one in known:
            err.print(f"  {escape(visible(one.key))}  {escape(visible(one.name))}", soft_wrap=True)
        raise typer.Exit(1)
    return named[0]
