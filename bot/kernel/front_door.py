"""What Trellis answers to whoever writes to it: a command's words are the command, the rest is some cog's matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MessageEdited, MessagePosted
from adapters.contract.memo import Memo
from adapters.contract.text import Code, Text, join, say
from adapters.contract.ui import Button, Card, Tone
from storage.members import Member

from .addressed import is_addressed, words_to_us
from .cog import Cog, listener
from .context import Context
from .help import Help
from .registry import Registry

PAUSE = timedelta(minutes=1)
"""How long somebody who was told in a channel what Trellis can do is not told so again there."""
FRESH = timedelta(hours=1)
"""How long after it was written a message may be addressed to Trellis by an edit."""
REMEMBERED = 1000


class FrontDoor(Cog):
    """The kernel's own cog that answers what is said to Trellis: once, and no other bot.

    What only speaks of it is let be.

    The router has taken out what is a command. The cogs are asked whose matter the rest is, the last of them first, so
    that a cog of one's own comes before ours.
    """

    name = "front_door"
    room = "You"
    registry: Registry
    """All cogs; set once they are all there."""

    def __init__(self) -> None:
        self._told: Memo[tuple[int, str], datetime] = Memo(REMEMBERED)
        self._answered: Memo[str, MessagePosted | MessageEdited] = Memo(REMEMBERED)
        """The messages that were answered lately, with the event that told of each."""

    @listener(MessagePosted, where=lambda _, glance: glance.direct or glance.mentions_us, role=Role.GUEST)
    async def answer(self, ctx: Context, event: MessagePosted) -> None:
        await self._answer(ctx, event, event)

    @listener(MessageEdited, where=lambda _, glance: glance.mentions_us, role=Role.GUEST)
    async def answer_edited(self, ctx: Context, event: MessageEdited) -> None:
        """A mention that came in by an edit is answered as if it had been there from the beginning."""
        message = event.message
        if ctx.now - message.at < FRESH:
            await self._answer(ctx, MessagePosted(id=event.id, at=event.at, by=event.by, message=message), event)

    async def _answer(self, ctx: Context, said: MessagePosted, told: MessagePosted | MessageEdited) -> None:
        """Answer a message once: of an edit, and on Slack of a mention, platforms tell again."""
        key = said.message.ref.key
        if self._answered.setdefault(key, told) is not told:
            return
        words = words_to_us(said.message)
        for cog in reversed(self.registry.cogs):
            if await cog.spoken_to(ctx, said, words):
                break
        else:
            if (
                is_addressed(said.message)
                and not ctx.answered
                and self._may_tell(ctx.member.id, ctx.channel.key, ctx.now)
            ):
                await ctx.aside(hello_card(members=ctx.role >= Role.MEMBER))
        # That begins to write, so that it is marked as handled also where nothing is kept.
        await ctx.lock(f"front_door/{key}")

    def _may_tell(self, member_id: int, channel: str, now: datetime) -> bool:
        told = self._told.get((member_id, channel))
        if told and now - told < PAUSE:
            return False
        self._told[member_id, channel] = now
        return True

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def hello_card(*, members: bool) -> Card:
    """Say what can be said to Trellis."""
    lines: list[Text] = []
    if members:
        lines += [
            say("Ask me a question: I look whether it was answered before. If not, the community can be asked."),
            say(
                "Or write a command's words, such as {example}.",
                example=Code("poll create Tea or coffee? tea, coffee"),
            ),
        ]
    lines += [
        say("{help} shows everything that I can do for you.", help=Code("help")),
        say("{stop} makes me leave you alone.", stop=Code("stop")),
    ]
    return Card(
        say("Hello! I'm Trellis 🌿"),
        join([say("I'm not sure what you would like. You can write this to me:"), *lines]),
        tone=Tone.WAITING,
        buttons=(Button("What you can do", Help.overview.call()),),
    )
