"""What runs beside everything else for as long as a process lives, and how it is brought to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


async def repeat(task: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Do something for ever, with a pause after each time; a failure is logged."""
    while True:
        try:
            await task()
        except Exception as failure:
            log.warning("%s failed and is tried again in %s s: %r", task.__name__, seconds, failure)
        await asyncio.sleep(seconds)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks, and return once they are over."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def if_possible(writing: Awaitable[object]) -> None:
    """Write something before the end. Where the database is away, the next process finds out by itself."""
    try:
        await writing
    except Exception as failure:
        log.warning("not written down before the end: %r", failure)
