"""`trellis import`: what was asked and answered before Trellis came, out of the community's own exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from adapters.contract.models import Space
from adapters.contract.text import clip
from bot.kernel.registry import migrations_of
from config.settings import Settings
from storage.database import Database
from storage.imports import Import, ImportStore
from storage.members import Community, MemberStore

from .console import chosen_community, err, guarded, opened_database, out, read_settings
from .history.archive import Archive, opened
from .history.importing import Importer, Report, Wanted, import_export, size_of, undo_import
from .history.reader import Reader
from .history.staging import Staging, moment
from .logs import visible
from .plugins import load_cogs
from .tuning import plan_of, questions_policy

importing = typer.Typer(no_args_is_help=True, help="What was asked and answered before Trellis came.")

MakeReader: TypeAlias = Callable[[Archive, str], Reader]
Tell: TypeAlias = Callable[[str, float, float], None]

DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it; keep nothing.")]
Credit: TypeAlias = Annotated[
    bool, typer.Option("--credit", help="Write into the ledger who helped whom, for no points.")
]
Channels: TypeAlias = Annotated[
    list[str] | None, typer.Option("--channel", help="Only this channel, by its name; may be given several times.")
]
InSpace: TypeAlias = Annotated[
    str, typer.Option("--space", help="Whose export it is, like slack/T123 or discord/456, where it does not say.")
]
InCommunity: TypeAlias = Annotated[
    str, typer.Option("--community", help="The community it belongs to, by name or key, where Trellis is not there.")
]


@importing.command()
def slack(
    export: Annotated[Path, typer.Argument(metavar="EXPORT.zip", help="Slack's export, as ZIP or unpacked.")],
    dry_run: DryRun = False,
    credit: Credit = False,
    channel: Channels = None,
    space: InSpace = "",
    community: InCommunity = "",
) -> None:
    """Import a workspace's own export. Only what was said in public channels is read; nothing is posted."""
    from .history.slack import SlackExport

    _import(SlackExport, export, dry_run, credit, channel, space, community)


@importing.command()
def discord(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The files of DiscordChatExporter, one of them, or a ZIP.")
    ],
    dry_run: DryRun = False,
    credit: Credit = False,
    channel: Channels = None,
    space: InSpace = "",
    community: InCommunity = "",
) -> None:
    """Import what DiscordChatExporter wrote of a server, as JSON or HTML. Nothing is posted."""
    from .history.discord import DiscordExport

    _import(DiscordExport, folder, dry_run, credit, channel, space, community)


@importing.command("list")
def list_() -> None:
    """List what was imported: from where, when, and what came of it."""

    async def work() -> None:
        async with opened_database(read_settings().database_url) as database:
            found = await ImportStore(database).all()
        for import_ in found:
            _print(_line(import_))
        _print("`trellis import undo N` takes one away again." if found else "Nothing was imported.")

    guarded(work)


@importing.command()
def undo(number: Annotated[int, typer.Argument(metavar="N", help="As `trellis import list` numbers it.")]) -> None:
    """Take away what an import brought, and nothing else."""

    async def work() -> None:
        async with opened_database(read_settings().database_url) as database:
            if await ImportStore(database).get(number) is None:
                err.print(f"[red]✗[/] There is no import {number}. `trellis import list` shows what there is.")
                raise typer.Exit(1)
            gone, kept = await undo_import(number, database)
            _print(f"Import {number} is undone: {gone['questions']} questions and {gone['people']} people are gone.")
            if kept:
                _print(f"{kept} questions are kept, because people have used them since.")

    guarded(work)


def _import(
    make: MakeReader,
    path: Path,
    dry_run: bool,
    credit: bool,
    channels: list[str] | None,
    space: str,
    community: str,
) -> None:
    settings = read_settings()

    async def work() -> None:
        wanted = Wanted(tuple(channels or ()), questions_policy(settings).topics, credit)
        with opened(path) as archive:
            reader = make(archive, space)
            reader.require(wanted.channels)
            database = Database(settings.database_url)
            try:
                if dry_run:
                    _print_report(await _look(reader, archive, wanted, database))
                    _print("Nothing was kept. Without --dry-run it is imported.")
                    return
                await database.upgrade(migrations_of(load_cogs(settings.cogs, database)))
                home = await _home(MemberStore(database), settings, reader, community)
                with _progress() as progress:
                    now = datetime.now(UTC)
                    import_, report = await import_export(reader, archive, wanted, home.id, database, now, progress)
                _print_done(import_, report)
            finally:
                await database.close()

    guarded(work)


async def _look(reader: Reader, archive: Archive, wanted: Wanted, database: Database) -> Report:
    """Return what would come of an import."""
    is_used = await database.is_current()
    erased = await ImportStore(database).erased() if is_used else frozenset()
    with Staging() as staging, _progress() as progress:
        importer = Importer(reader, staging, wanted, erased)
        importer.stage(size_of(archive.files), datetime.now(UTC), progress)
        if is_used:
            await importer.recall(database)
        for _ in importer.found(progress):
            pass
    return importer.report


async def _home(members: MemberStore, settings: Settings, reader: Reader, named: str) -> Community:
    """Return the community that an export belongs to; ends with what to do where that is not sure."""
    space: Space = reader.space
    known = await members.community_of(space.key)
    chosen = await chosen_community(members, named) if named else None
    if known and chosen and known != chosen:
        err.print(f"[red]✗[/] {space.key} belongs to {escape(visible(known.name))}.", soft_wrap=True)
        raise typer.Exit(1)
    if known:
        return known
    if chosen:
        await members.join_space(space.key, chosen.id, reader.name)
        return chosen
    plan = plan_of(settings)
    others = await members.communities()
    if others and space not in plan.joined:
        err.print(
            f"[red]✗[/] Trellis does not know the space {escape(space.key)}. Say with --community to which community "
            "it belongs:",
            soft_wrap=True,
        )
        for one in others:
            err.print(f"  {escape(visible(one.key))}  {escape(visible(one.name))}", soft_wrap=True)
        raise typer.Exit(1)
    return await plan.founded(members, space, reader.name)


@contextmanager
def _progress() -> Iterator[Tell]:
    """Show how far it is, where somebody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks = {}

        def tell(what: str, done: float, total: float) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield tell


def _print_done(import_: Import, report: Report | None) -> None:
    if report is None:
        _print(f"All of it was imported before, as number {import_.id}: there is nothing to do.")
        return
    _print_report(report)
    new = report.new
    _print(
        f"Import {import_.id}: {new['questions']} questions ({new['solved']} solved), {new['answers']} answers and "
        f"{new['people']} people are new."
    )
    if new["here already"]:
        _print(f"{new['here already']} questions were here already.")
    _print(f"Nothing was posted and nobody was told. `trellis import undo {import_.id}` takes it away again.")


def _print_report(report: Report) -> None:
    solved = f"{report.solved} of them solved"
    _print(f"{report.messages} messages of {report.people} people on {report.days} days")
    _print(f"{report.questions} questions with an answer, {solved}")
    for what, number in sorted(report.private.items()):
        _print(f"Refused, because not everyone could read them: {number} {what}")
    if report.erased:
        _print(f"{report.erased} people were erased here: nothing of theirs is brought back")
    if report.skipped:
        _print("Left out:")
    for why, number in report.skipped.most_common():
        _print(f"  {number}  {why}")
    if report.samples:
        _print("Such as:")
    for found in report.samples:
        sign = "✅" if found.solution else "💬"
        _print(f"  {sign} {moment(found.root.at):%Y-%m-%d}  {clip(' '.join(found.title.split()), 90)}")
        answer = found.solution or found.answers[0]
        _print(f"     → {clip(' '.join(answer.text.split()), 90)}")


def _line(import_: Import) -> str:
    state = "not finished: run the import again to go on, or undo it"
    if import_.finished_at:
        counts = Counter(import_.counts)
        state = f"{counts['questions']} questions, {counts['solved']} solved, of {counts['messages']} messages"
    return f"{import_.id}  {import_.started_at:%Y-%m-%d %H:%M} UTC  {import_.space}  {import_.name}: {state}"


def _print(words: str) -> None:
    out.print(escape(visible(words, lines=True)), soft_wrap=True)
