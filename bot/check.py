"""`trellis check`: what is in order, and the exact thing to do about what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from storage.database import Database, DatabaseDamaged

from .house import policy_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` is what to do if it is not `ok`."""

    ok: bool
    what: str
    mend: str = ""


async def check_everything(settings: Settings) -> AsyncIterator[Finding]:
    """Look at settings, database and platforms, in the order in which one needs the other."""
    try:
        policy_of(settings)
    except ValueError as wrong:
        yield Finding(False, f"Settings: {wrong}", "Mend TRELLIS_OFFICE_HOURS in .env.")
    else:
        yield Finding(True, "Settings are complete and readable.")
    async for finding in _database(settings):
        yield finding
    yield _platforms(settings)


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    database = Database(settings.database_url)
    try:
        await database.ping()
        await database.integrity()
        current, newest = await database.revision()
    except DatabaseDamaged as damage:
        yield Finding(False, "The database is damaged.", str(damage))
    except (OSError, SQLAlchemyError) as error:
        yield Finding(False, f"The database does not answer: {error}", "Check DATABASE_URL, and that it is running.")
    else:
        yield Finding(True, f"The database answers ({database.dialect}).")
        if current == newest:
            yield Finding(True, f"Its tables are up to date (revision {current}).")
        else:
            yield Finding(False, f"Its tables are at revision {current}, not {newest}.", "Run `trellis db upgrade`.")
    finally:
        await database.close()


def _platforms(settings: Settings) -> Finding:
    if settings.wants_playground:
        return Finding(True, "The playground is on: no platform token is needed.")
    if settings.wants_discord or settings.wants_slack:
        return Finding(True, "A platform token is set.")
    return Finding(False, "No platform is set up.", "Set DISCORD_TOKEN or SLACK_BOT_TOKEN, or TRELLIS_PLAYGROUND=on.")
