"""The command that serves the page until it is finished."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from bot.console import guarded, out, read_settings

from .draft import Draft
from .server import SetupServer

ENV = Path(".env")


def setup(
    port: Annotated[int, typer.Option(help="The port on this machine; 0 for any that is free.", min=0, max=65535)] = 0,
) -> None:
    """Connect Slack or Discord, step by step, on a page in your browser. It writes `.env` at the end."""
    settings = read_settings()

    async def serve() -> None:
        server = SetupServer(Draft(settings), ENV)
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        try:
            address = await server.start(port)
            out.print(f"Open this address in a browser on this machine: [bold]{escape(address)}[/]", soft_wrap=True)
            out.print("It lets in one browser, once. Ctrl+C ends it; nothing is written before you finish.")
            ends = [asyncio.ensure_future(event.wait()) for event in (server.done, stopped)]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
        finally:
            await server.stop()
        if server.done.is_set():
            out.print(f"[green]✓[/] {ENV} is written. Start Trellis with [bold]trellis run[/].")
        else:
            out.print("Nothing was written.")

    guarded(serve)
