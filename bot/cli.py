"""What admins type: `trellis run`, `trellis check`, `trellis db upgrade`, `trellis dead list`."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.markup import escape

from adapters.contract.adapter import Check
from bot.kernel.registry import migrations_of
from config.settings import Settings
from storage.database import Database

from .audit import audit
from .backup import backup, backup_key, restore, verify
from .bootstrap import build, offered
from .check import check_everything
from .console import MISCONFIGURED, Unready, err, growing, guarded, out, plain_errors, read_settings
from .dead import dead
from .importing import importing
from .logs import set_up_logging, visible
from .plugins import load_cogs
from .setup.command import setup

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The community bot for Slack and Discord.")
database = typer.Typer(no_args_is_help=True, help="The database.")
app.add_typer(database, name="db")
app.add_typer(dead, name="dead")
app.command()(audit)
app.command()(setup)
app.add_typer(importing, name="import")
for one in (backup, verify, restore, backup_key):
    app.command()(one)


@app.command()
def run() -> None:
    """Start Trellis: on the platforms whose tokens are set, or as a playground in the browser."""
    settings = read_settings()
    set_up_logging(settings.log_format, settings.log_level)
    guarded(lambda: _run(settings))


async def _run(settings: Settings) -> None:
    if not (settings.wants_discord or settings.wants_slack or settings.wants_playground):
        raise Unready("There is nothing to run: set DISCORD_TOKEN or SLACK_BOT_TOKEN, or TRELLIS_PLAYGROUND=on.")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runtime = await build(settings)
    try:
        with _uncollected(), growing() as told:
            if not await _before(stop, runtime.start(told)):
                return
        if runtime.playground:
            out.print(f"[bold green]Trellis is growing.[/] The playground is at [bold]{runtime.web.address}[/]")
            out.print("Open it in a browser and act as anyone. Ctrl+C stops it; the chat stays.")
        await _before(stop, runtime.ended())
    finally:
        await runtime.stop()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Collect no garbage meanwhile, and walk nothing again later that is there by the end.

    Starting makes much that stays and little that does not: to look through all of it again and again takes a sixth
    of the first start, and would go on to take time while people chat.
    """
    gc.freeze()  # what is imported and built by now
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


async def _before(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Wait for some work, and give it up as soon as `stop` is set; return whether it came to its end."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            return True
        return False
    finally:
        for one in (task, stopped):
            one.cancel()
        await asyncio.wait((task, stopped))


@app.command()
def check() -> None:
    """Check settings, database, platforms and rights: each a tick, or the exact thing to do."""
    settings = read_settings()
    findings: list[Check] = []

    async def look() -> None:
        async for finding in check_everything(settings):
            findings.append(finding)
            what, mend = escape(visible(finding.what, lines=True)), escape(visible(finding.mend, lines=True))
            sign = "[red]✗[/]" if not finding.ok else "[yellow]![/]" if mend else "[green]✓[/]"
            out.print(f"{sign} {what}\n  → {mend}" if mend else f"{sign} {what}")

    guarded(look)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@database.command()
def upgrade() -> None:
    """Bring the database up to date. `trellis run` does it too; this is for doing it apart."""
    settings = read_settings()

    async def bring_up() -> None:
        store = Database(settings.database_url)
        try:
            await store.integrity()
            await store.upgrade(migrations_of(load_cogs(settings.cogs, store)))
            current, _ = await store.revision()
            out.print(f"[green]✓[/] The database is at revision {current}.")
        finally:
            await store.close()

    guarded(bring_up)


@app.command()
def slack_manifest(
    url: Annotated[
        str, typer.Option(help="The public https address of Trellis, if Slack is to call it over HTTP.")
    ] = "",
    rotate_tokens: Annotated[
        bool,
        typer.Option(
            "--rotate-tokens", help="Have Slack's tokens last for twelve hours. It cannot be undone at Slack."
        ),
    ] = False,
) -> None:
    """Print the manifest of the Slack app, to paste at api.slack.com/apps: commands, shortcuts, scopes, events."""
    from adapters.slack import manifest

    settings = read_settings()
    with plain_errors():
        router = offered(settings)
        made = manifest(
            router.commands,
            router.shortcuts,
            prefix=settings.slack_command_prefix,
            url=url,
            rotate_tokens=rotate_tokens,
            suggests=settings.slack_suggested_prompts,
        )
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


@app.command()
def discord_invite(
    application_id: Annotated[str, typer.Argument(help="The app's id; without it, that of DISCORD_TOKEN's app.")] = "",
) -> None:
    """Print the address at which an admin invites Trellis to a Discord server, and what each permission is for."""
    from adapters.discord import invite_url, permissions

    settings = read_settings()
    application_id = application_id or _application_of(settings.discord_token.get_secret_value())
    if not application_id:
        err.print("[red]✗[/] Set DISCORD_TOKEN, or give the app's id: it stands on its page, General Information.")
        raise typer.Exit(MISCONFIGURED)
    with plain_errors():
        needs = offered(settings).needs
    typer.echo(invite_url(application_id, needs))
    for name, (_, why) in permissions(needs).items():
        err.print(f"  [bold]{name}[/] {why}")


def _application_of(token: str) -> str:
    """Return the id in a bot token's first part, which is that of its app; nothing for what is no token."""
    first = token.partition(".")[0]
    try:
        decoded = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except ValueError:
        return ""
    return decoded if decoded.isdigit() else ""
