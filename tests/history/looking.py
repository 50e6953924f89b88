"""What an export comes to, without a database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.cogs.questions.policy import Topic
from bot.history.archive import Archive, opened
from bot.history.discord import DiscordExport
from bot.history.importing import Importer, Report, Wanted, size_of
from bot.history.reader import Reader
from bot.history.reading import Found
from bot.history.slack import SlackExport
from bot.history.staging import Staging

from .exports import NOW


def reader_of(archive: Archive, space: str = "") -> Reader:
    is_slack = any(file.path.name == "channels.json" for file in archive.files)
    return SlackExport(archive, space) if is_slack else DiscordExport(archive, space)


def look(
    path: Path, *channels: str, space: str = "", topics: tuple[Topic, ...] = (), now: datetime = NOW
) -> tuple[list[Found], Report]:
    """Return the questions of an export, and the report."""
    with opened(path) as archive, Staging() as staging:
        reader = reader_of(archive, space)
        importer = Importer(reader, staging, Wanted(channels, topics), frozenset())
        importer.stage(size_of(archive.files), now, lambda *_: None)
        return [*importer.found(lambda *_: None)], importer.report
