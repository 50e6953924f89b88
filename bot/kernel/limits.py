"""How much one person may begin within a day, so that nobody drowns out the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.contract.commands import Role
from adapters.contract.text import Time, Words, join, say

from .context import Context
from .errors import UserError

DAY = timedelta(days=1)
"""How far back is counted, from any moment on."""


def require_room(ctx: Context, begun: Sequence[datetime], most: int, words: Words) -> None:
    """Raise `UserError` with these words, and when it is possible again, for who began `most` things within a day.

    `begun` is when they did. Moderators have no limit.
    """
    lately = sorted(at for at in begun if ctx.now - at < DAY)
    if len(lately) >= most and ctx.role < Role.MODERATOR:
        again = lately[-most] + DAY
        raise UserError(join([words, say("That's possible again {again}.", again=Time(again))], " "))
