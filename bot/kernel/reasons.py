"""Why somebody decided about what is not theirs: asked of who decides, and shown to those whom it concerns.

One rule for all rooms: who ends, takes out or refuses what is somebody else's says why. Of one's own nobody asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.models import Channel
from adapters.contract.text import Text, join, say
from adapters.contract.ui import Card

from .context import Context
from .dashboard.contract import Visit
from .forms import Form, ask


class ReasonForm(Form, title="Why?", submit="Go ahead"):
    """What those concerned read."""

    reason: str = ask("Why", hint="Those concerned read this, so please be kind.", longest=240, lines=3)


def because(reason: str) -> Text:
    """Say why, in the words of who decided; nothing where nobody said."""
    return say("Why: {reason}", reason=reason) if reason else Text()


async def tell_why(
    ctx: Context | Visit, owner_id: int | None, what: Text, reason: str, *, key: str, near: Sequence[Channel]
) -> None:
    """Tell the person whose it is what was decided, and why: directly, or by name in the first of the channels."""
    owner = await ctx.members.get(owner_id) if owner_id else None
    if owner and owner.id != ctx.member.id:
        card = Card(body=join([what, because(reason)]))
        await ctx.notify([owner], card, key=key, near=near)
