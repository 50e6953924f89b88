"""`trellis check`: what is in order, and the exact thing to do about what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from adapters.contract.adapter import AdapterError, Check
from bot.kernel.registry import migrations_of
from config.settings import Settings
from storage.database import Database, DatabaseDamaged
from storage.departures import DepartureStore
from storage.members import MemberStore
from storage.search import SearchStore
from storage.tables import DatabaseTooNew

from . import tuning
from .bootstrap import encoder_from, journal_of, kept_by, offered, platforms
from .cogs.questions import Coverage
from .plugins import load_cogs
from .tuning import channels_of

if TYPE_CHECKING:
    from storage.search.encoders import Encoder


async def check_everything(settings: Settings) -> AsyncIterator[Check]:
    """Look at settings, database and platforms, in the order in which one needs the other."""
    try:
        Database(settings.database_url)
    except (ValueError, OSError) as wrong:
        yield Check(False, str(wrong), "Correct DATABASE_URL in .env.")
        return
    try:
        encoder = encoder_from(settings)
    except ValueError as wrong:
        yield Check(False, "Answers cannot be looked for by meaning.", str(wrong))
        return
    try:
        for policy in tuning.POLICIES:
            policy(settings)
    except ValueError as wrong:
        yield Check(False, f"Settings: {wrong}", "Mend TRELLIS_OFFICE_HOURS in .env.")
    else:
        try:
            _ = offered(settings).commands
        except ValueError as wrong:
            yield Check(False, str(wrong), "Correct TRELLIS_COGS in .env, or the cog that it names.")
        else:
            yield Check(True, "Settings are complete and readable.")
    async for check in _database(settings, encoder):
        yield check
    async for check in _platforms(settings):
        yield check


async def _database(settings: Settings, encoder: Encoder | None) -> AsyncIterator[Check]:
    database = Database(settings.database_url)
    try:
        await database.ping()
        await database.integrity()
        current, newest = await database.revision()
        is_current = await database.is_current()
    except DatabaseTooNew as older:
        yield Check(False, "The database is of a newer Trellis.", str(older))
    except DatabaseDamaged as damage:
        yield Check(False, "The database is damaged.", str(damage))
    except (OSError, SQLAlchemyError) as error:
        why = getattr(error, "orig", None) or error  # SQLAlchemy adds lines for who writes programs
        yield Check(False, f"The database does not answer: {why}", "Check DATABASE_URL, and that it is running.")
    else:
        yield Check(True, f"The database answers ({database.dialect}).")
        journal = journal_of(settings, database)
        if not journal.takes:
            wrong = f"Who is erased cannot be noted in {journal.path}, so a backup would bring them back."
            yield Check(False, wrong, "Let Trellis write there, or name another file in TRELLIS_ERASURE_JOURNAL.")
        if is_current:
            of_newer = "" if current == newest else ", of a newer Trellis that suits this one"
            yield Check(True, f"Its tables are up to date (revision {current}{of_newer}).")
            async for check in _questions(settings, database, encoder):
                yield check
            async for check in _departures(settings, database):
                yield check
        else:
            yield Check(False, f"Its tables are at revision {current}, not {newest}.", "Run `trellis db upgrade`.")
        for name, folder in _others(settings, database).items():
            current, newest = await database.revision(name, folder)
            if current != newest:
                wrong = f"The tables of the cog {name!r} are at revision {current}, not {newest}."
                yield Check(False, wrong, "Run `trellis db upgrade`.")
    finally:
        await database.close()


async def _questions(settings: Settings, database: Database, encoder: Encoder | None) -> AsyncIterator[Check]:
    """Say how answers are looked for, and what a community lacks so that its questions find somebody."""
    left = await SearchStore(database, encoder).unlearned()
    waits = f"; of {left} texts it is still to be found out" if left else ""
    yield Check(
        True, f"Answers are looked for by {'meaning, too' if encoder else 'words'} ({settings.search_level}){waits}."
    )
    topics = tuning.questions_policy(settings).topics
    for community in await MemberStore(database).communities():
        for gap in await Coverage.of(database).gaps(community.id, topics):
            yield Check(True, f"{community.name}: {gap.what}", str(gap.mend))


async def _departures(settings: Settings, database: Database) -> AsyncIterator[Check]:
    """Say which workspaces and servers have removed Trellis, and until when they can come back."""
    kept = kept_by(settings).removed
    for left in await DepartureStore(database).left():
        until = f"on {left.at + kept:%Y-%m-%d} it is deleted" if kept else "it is kept (TRELLIS_KEEP_REMOVED_DAYS=0)"
        what = f"{left.community}: {left.name} ({left.key}) removed Trellis on {left.at:%Y-%m-%d}"
        yield Check(True, f"{what}; what is known of it stays.", f"Let Trellis in again to go on; else {until}.")


async def _platforms(settings: Settings) -> AsyncIterator[Check]:
    if settings.wants_playground:
        yield Check(True, "The playground is on: no platform token is needed.")
    elif not (settings.wants_discord or settings.wants_slack):
        yield Check(False, "No platform is set up.", "Set DISCORD_TOKEN or SLACK_BOT_TOKEN, or TRELLIS_PLAYGROUND=on.")
    database = Database(settings.database_url)
    try:
        adapters = platforms(settings, database)
    except ValueError as wrong:
        yield Check(False, str(wrong), "docs/connect-slack.md says where to find it.")
        return
    try:
        needs = offered(settings).needs
    except ValueError:  # what is wrong with the settings is said already
        needs = frozenset()
    for adapter in adapters:
        try:
            for check in await adapter.check(_channels(settings), needs):
                yield check
        except (AdapterError, OSError) as error:
            yield Check(False, f"{adapter.platform.capitalize()} does not answer: {error}", "Is this machine online?")
        except SQLAlchemyError:
            yield Check(False, "Where the Slack app is installed cannot be read.", "Run `trellis db upgrade`.")
        except ValueError as wrong:
            yield Check(False, str(wrong), "docs/connect-slack.md says how keys are changed.")
    await database.close()


def _others(settings: Settings, database: Database) -> dict[str, Path]:
    """Return where migrations of cogs of one's own lie. What is wrong with the cogs is said already."""
    try:
        return migrations_of(load_cogs(settings.cogs, database))
    except ValueError:
        return {}


def _channels(settings: Settings) -> list[str]:
    """Return the channels that have to be there. Of the moderators' channels any one will do, so none is asked for."""
    groups = [group for group in channels_of(settings) if group.purpose != "moderators"]
    return [*dict.fromkeys(name for group in groups for name in group.names)]
