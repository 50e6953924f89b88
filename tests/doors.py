"""The doors through which stories reach each platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.forms import Dialog
from adapters.contract.ui import Button, Card, LinkButton
from adapters.memory import Memory, Posted

from .story import Asked, Seen


def seen_of(card: Card) -> dict[str, object]:
    """Return what can be read and used of a card."""
    menu = card.menu
    return {
        "title": card.title.plain(),
        "body": card.body.plain(),
        "fields": {field.name: field.value.plain() for field in card.fields},
        "footer": card.footer.plain(),
        "controls": {button.label: button.call.pack() for button in card.buttons if isinstance(button, Button)},
        "links": {button.label: button.url for button in card.buttons if isinstance(button, LinkButton)},
        "menu": menu.call.pack() if menu else "",
        "options": {option.label: option.value for option in menu.options} if menu else {},
    }


def asked_of(dialog: Dialog) -> Asked:
    """Return what can be read of a form."""
    return Asked(
        dialog.title,
        {field.name: field.value for field in dialog.fields},
        {field.name: field.error for field in dialog.fields if field.error},
        dialog.problem,
    )


class MemoryDoor:
    """Into the platform that lives in memory."""

    def __init__(self, platform: Memory) -> None:
        self.platform = platform

    async def say(self, who: str, channel: str, text: str) -> str:
        return await self.platform.say(who, channel, text)

    async def use(self, who: str, channel: str, command: str, options: Mapping[str, str]) -> None:
        await self.platform.use(who, channel, command, options)

    async def pick(self, who: str, message: str, shortcut: str) -> None:
        await self.platform.pick(who, message, shortcut)

    async def press(self, who: str, message: str, control: str, values: Sequence[str] = ()) -> None:
        await self.platform.press(who, message, control, values)

    async def submit(self, who: str, answers: Mapping[str, str]) -> None:
        await self.platform.submit(who, answers)

    async def react(self, who: str, message: str, emoji: str) -> None:
        await self.platform.react(who, message, emoji)

    async def leave(self, who: str) -> None:
        await self.platform.leave(who)

    async def visible(self, who: str) -> list[Seen]:
        return [self._seen(posted) for posted in self.platform.visible(who)]

    def form(self, who: str) -> Asked | None:
        dialog = self.platform.dialogs.get(who)
        return asked_of(dialog) if dialog else None

    def _seen(self, posted: Posted) -> Seen:
        facts = seen_of(posted.card) if posted.card else {}
        return Seen(
            posted.ref.id,
            posted.ref.channel.id,
            posted.author,
            posted.text,
            private=bool(posted.reader),
            pinged=posted.pinged,
            **facts,  # type: ignore[arg-type]  # a row of named facts
        )
