"""What Trellis shows: one flat card, with buttons and at most one menu.

A card within the limits below can be drawn whole by every platform: they are the smallest of Discord's and Slack's
(embed 256/4096/25 fields/6000 characters in all, 5 rows of controls; header 150, section 3000, option text 75). What
members write is cut to fit; what code writes too long is an error, found by the first test that draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from .call import Call
from .models import Account
from .text import Text, Words, text

TITLE, BODY, FOOTER = 150, 3000, 300
FIELDS, FIELD_NAME, FIELD_VALUE = 8, 60, 250
BUTTONS, LABEL, URL = 10, 75, 500
OPTIONS, OPTION_VALUE, PLACEHOLDER = 25, 100, 100
PINGS = 25


class Tone(Enum):
    """What a card feels like at a glance; platforms draw it as a colour, or as nothing."""

    NEUTRAL = "neutral"
    WAITING = "waiting"
    ACTIVE = "active"
    DONE = "done"
    URGENT = "urgent"


class Style(Enum):
    """How much a button asks to be pressed."""

    PRIMARY = "primary"
    NEUTRAL = "neutral"
    DANGER = "danger"


def _short(what: str, words: str, longest: int) -> None:
    if not 0 < len(words) <= longest:
        raise ValueError(f"{what} needs 1 to {longest} characters: {words!r}")


@dataclass(frozen=True, slots=True)
class CardField:
    """A name and a value beside the body."""

    name: str
    value: Text

    def __init__(self, name: str, value: Words) -> None:
        _short("a card field's name", name, FIELD_NAME)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "value", text(value).clip(FIELD_VALUE))


@dataclass(frozen=True, slots=True)
class Button:
    """A control that makes a call."""

    label: str
    call: Call
    style: Style = Style.NEUTRAL

    def __post_init__(self) -> None:
        _short("a button's label", self.label, LABEL)
        self.call.pack()


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A control that leads to a web address."""

    label: str
    url: str

    def __post_init__(self) -> None:
        _short("a button's label", self.label, LABEL)
        _short("a link", self.url, URL)
        if not self.url.startswith(("https://", "http://")):
            raise ValueError(f"a link leads to the web: {self.url!r}")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice in a menu or form: what is shown, and what is sent."""

    label: str
    value: str

    def __post_init__(self) -> None:
        _short("an option's label", self.label, LABEL)
        _short("an option's value", self.value, OPTION_VALUE)


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice of one to `most` options; the chosen values arrive with the call."""

    placeholder: str
    call: Call
    options: tuple[Option, ...]
    most: int = 1

    def __post_init__(self) -> None:
        _short("a menu's placeholder", self.placeholder, PLACEHOLDER)
        if not 0 < len(self.options) <= OPTIONS or len({option.value for option in self.options}) < len(self.options):
            raise ValueError(f"a menu needs 1 to {OPTIONS} different options, this one has {len(self.options)}")
        if not 0 < self.most <= len(self.options):
            raise ValueError(f"at most {self.most} of {len(self.options)} options")
        self.call.pack()


AnyButton: TypeAlias = Button | LinkButton


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown in a channel or to one person.

    `pings` are the accounts that are notified, and no one else ever is. `image` is a web address, `image_text` what
    it shows in words.
    """

    title: Text
    body: Text
    fields: tuple[CardField, ...]
    footer: Text
    tone: Tone
    buttons: tuple[AnyButton, ...]
    menu: Menu | None
    pings: tuple[Account, ...]

    def __init__(
        self,
        title: Words = "",
        body: Words = "",
        *,
        fields: tuple[CardField, ...] = (),
        footer: Words = "",
        tone: Tone = Tone.NEUTRAL,
        buttons: tuple[AnyButton, ...] = (),
        menu: Menu | None = None,
        pings: tuple[Account, ...] = (),
    ) -> None:
        title, body, footer = text(title).clip(TITLE), text(body).clip(BODY), text(footer).clip(FOOTER)
        if not title and not body:
            raise ValueError("a card needs a title or a body")
        if len(fields) > FIELDS or len(buttons) > BUTTONS or len(pings) > PINGS:
            raise ValueError(f"a card has at most {FIELDS} fields, {BUTTONS} buttons and {PINGS} pings")
        calls = [button.call.pack() for button in buttons if isinstance(button, Button)]
        if menu:
            calls.append(menu.call.pack())
        if len(set(calls)) < len(calls):
            raise ValueError(f"each control of a card makes a call of its own: {calls}")
        for name, value in (
            ("title", title),
            ("body", body),
            ("fields", fields),
            ("footer", footer),
            ("tone", tone),
            ("buttons", buttons),
            ("menu", menu),
            ("pings", pings),
        ):
            object.__setattr__(self, name, value)

    @property
    def summary(self) -> Text:
        """One line for a notification or a screen reader."""
        return self.title or self.body.clip(TITLE)
