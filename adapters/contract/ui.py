"""What Trellis shows: one flat card, with buttons and at most one menu, and files.

A card within the limits below can be drawn whole by every platform: they are the smallest of Discord's and Slack's
(4000 characters and 40 components in all; header 150, section 3000, option text 75). What members write is cut to fit;
what code writes too long is an error, found by the first test that draws it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, TypeAlias

from .call import Call
from .charts import Chart
from .files import FILES, File, KeptPicture, cut
from .models import Account
from .tables import Table
from .text import Mention, Text, Time, TimeStyle, Translations, Words, join, localized_label

TITLE, BODY, FOOTER, WHOLE = 150, 3000, 300, 3800
"""Characters of its texts, and of all of them with its fields: the body takes what the rest leaves."""
FIELDS, FIELD_NAME, FIELD_VALUE, FIELD_SHORT = 8, 60, 250, 36
BUTTONS, LABEL, URL = 10, 75, 500
OPTIONS, OPTION_VALUE, PLACEHOLDER = 25, 100, 100
LISTS, ITEM, ITEM_BUTTONS, PIECES = 6, 300, 5, 40
"""Lists of a card, characters of an item, buttons beside it, and how many pieces all of a card may come to."""
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
        object.__setattr__(self, "value", cut(value, FIELD_VALUE))

    @property
    def is_short(self) -> bool:
        """Whether it can share a line with others: a moment is told with its weekday, and how far away it is."""
        moments = sum(isinstance(span, Time) and span.style is TimeStyle.MOMENT for span in self.value)
        return len(self.value) + 20 * moments <= FIELD_SHORT and "\n" not in self.value.plain()

    def localized(self, translations: Translations) -> CardField:
        """Return the field in a language."""
        return CardField(localized_label(self.name, translations, FIELD_NAME), self.value.localized(translations))


@dataclass(frozen=True, slots=True)
class Button:
    """A control that makes a call."""

    label: str
    call: Call
    style: Style = Style.NEUTRAL

    def __post_init__(self) -> None:
        _short("a button's label", self.label, LABEL)
        self.call.pack()

    def localized(self, translations: Translations) -> Button:
        """Return the button in a language."""
        return replace(self, label=localized_label(self.label, translations, LABEL))


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

    def localized(self, translations: Translations) -> LinkButton:
        """Return the button in a language."""
        return replace(self, label=localized_label(self.label, translations, LABEL))


@dataclass(frozen=True, slots=True)
class Option:
    """One choice in a menu or form: what is shown, and what is sent."""

    label: str
    value: str

    def __post_init__(self) -> None:
        _short("an option's label", self.label, LABEL)
        _short("an option's value", self.value, OPTION_VALUE)

    def localized(self, translations: Translations) -> Option:
        """Return the option in a language."""
        return replace(self, label=localized_label(self.label, translations, LABEL))


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

    def localized(self, translations: Translations) -> Menu:
        """Return the menu in a language."""
        options = tuple(option.localized(translations) for option in self.options)
        return replace(self, placeholder=localized_label(self.placeholder, translations, PLACEHOLDER), options=options)


@dataclass(frozen=True, slots=True)
class ListItem:
    """One thing in a list, with what can be done with just that."""

    words: Text
    buttons: tuple[AnyButton, ...]

    def __init__(self, words: Words, *buttons: AnyButton) -> None:
        if not words or len(buttons) > ITEM_BUTTONS:
            raise ValueError(f"an item of a list has words, and at most {ITEM_BUTTONS} buttons: {words!r}")
        object.__setattr__(self, "words", cut(words, ITEM))
        object.__setattr__(self, "buttons", buttons)

    def localized(self, translations: Translations) -> ListItem:
        """Return the item in a language."""
        return ListItem(
            self.words.localized(translations), *(button.localized(translations) for button in self.buttons)
        )

    @property
    def pieces(self) -> int:
        """How many components Discord draws it with: a text, and beside or beneath it its buttons."""
        return 1 + len(self.buttons) + bool(self.buttons)


@dataclass(frozen=True, slots=True)
class CardList:
    """Things one below the other, each with its own buttons; `name` is their heading, "" for none."""

    name: str
    items: tuple[ListItem, ...]

    def __post_init__(self) -> None:
        if len(self.name) > FIELD_NAME or not self.items:
            raise ValueError(f"a list has items, and a name of at most {FIELD_NAME} characters: {self.name!r}")

    def localized(self, translations: Translations) -> CardList:
        """Return the list in a language."""
        items = tuple(item.localized(translations) for item in self.items)
        return CardList(localized_label(self.name, translations, FIELD_NAME), items)

    @property
    def pieces(self) -> int:
        """How many components Discord draws it with."""
        return bool(self.name) + sum(item.pieces for item in self.items)


AnyButton: TypeAlias = Button | LinkButton


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown in a channel or to one person.

    `pings` are the accounts that are notified, and no one else ever is. `files` go along each time the card is drawn;
    at most one of them is a picture. A `chart` has that picture when the card is delivered, and a `kept` one becomes it
    then. A `table` stands behind the body. The `emoji` says at a glance what it is about: platforms show it, or the
    colour of its room. Of what is `silent` nobody is notified, not even directly, where the platform can do that.
    """

    title: Text
    body: Text
    fields: tuple[CardField, ...]
    footer: Text
    tone: Tone
    buttons: tuple[AnyButton, ...]
    menu: Menu | None
    pings: tuple[Account, ...]
    files: tuple[File, ...]
    chart: Chart | None
    kept: KeptPicture | None
    table: Table | None
    emoji: str
    lists: tuple[CardList, ...]
    silent: bool

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
        files: tuple[File, ...] = (),
        chart: Chart | None = None,
        kept: KeptPicture | None = None,
        table: Table | None = None,
        emoji: str = "",
        lists: tuple[CardList, ...] = (),
        silent: bool = False,
    ) -> None:
        if len(fields) > FIELDS or len(buttons) > BUTTONS or len(pings) > PINGS or len(lists) > LISTS:
            raise ValueError(f"a card has at most {FIELDS} fields, {BUTTONS} buttons, {PINGS} pings and {LISTS} lists")
        if lists and pieces_left(len(buttons), menu=menu is not None, files=len(files) + bool(chart or kept)) < sum(
            each.pieces for each in lists
        ):
            raise ValueError(f"the lists of a card have more than there is room for: {[each.name for each in lists]}")
        items = [item for each in lists for item in each.items]
        title, footer = cut(title, TITLE), cut(footer, FOOTER)
        rest = min(len(title), TITLE) + min(len(footer), FOOTER)
        rest += sum(len(each.name) + min(len(each.value), FIELD_VALUE) for each in fields)
        rest += sum(len(each.name) for each in lists) + sum(min(len(item.words), ITEM) for item in items)
        body = cut(body, min(BODY, WHOLE - rest))
        if not title and not body and not table:
            raise ValueError("a card needs a title or a body")
        to_come = int(chart is not None and all(file.name != f"{chart.name}.png" for file in files)) + bool(kept)
        pictures = sum(file.is_picture for file in files) + to_come
        if len(files) + to_come > FILES or pictures > 1:
            raise ValueError(f"a card has at most {FILES} files, one of them a picture")
        every = (*buttons, *(button for item in items for button in item.buttons))
        calls = [button.call.pack() for button in every if isinstance(button, Button)]
        if menu:
            calls.append(menu.call.pack())
        if len(set(calls)) < len(calls):
            raise ValueError(f"each control of a card makes a call of its own: {calls}")
        drawn = (title, body, fields, footer, tone, buttons, menu)
        parts = (*drawn, pings, files, chart, kept, table, emoji, lists, silent)
        for name, value in zip(self.__slots__, parts, strict=True):
            object.__setattr__(self, name, value)

    def with_(self, **changes: Any) -> Card:
        """Return the card with some of its parts changed, by the names of the constructor."""
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        return Card(**parts | changes)

    def localized(self, translations: Translations) -> Card:
        """Return the card in the language of whoever reads it, cut to the limits."""
        return self.with_(
            title=self.title.localized(translations),
            body=self.body.localized(translations),
            fields=tuple(card_field.localized(translations) for card_field in self.fields),
            footer=self.footer.localized(translations),
            buttons=tuple(button.localized(translations) for button in self.buttons),
            menu=self.menu.localized(translations) if self.menu else None,
            files=tuple(file.localized(translations) for file in self.files),
            chart=self.chart.localized(translations) if self.chart else None,
            kept=self.kept.localized(translations) if self.kept else None,
            table=self.table.localized(translations) if self.table else None,
            lists=tuple(each.localized(translations) for each in self.lists),
        )

    @property
    def in_lines(self) -> Card:
        """The card for a platform without tables: the rows of its table are lines of its body."""
        if self.table is None:
            return self
        return self.with_(body=join([self.body, *(row.line for row in self.table.rows)]), table=None)

    @property
    def every_button(self) -> tuple[AnyButton, ...]:
        """The buttons of its lists, and then its own."""
        return (*(button for each in self.lists for item in each.items for button in item.buttons), *self.buttons)

    @property
    def picture(self) -> File | None:
        """The file that is shown."""
        return next((file for file in self.files if file.is_picture), None)

    @property
    def summary(self) -> Text:
        """One line for a notification or a screen reader: words, not first the names of those it calls."""
        return self.title or without_names(self.body, self.pings).clip(TITLE)


def without_names(body: Text, called: Collection[Account]) -> Text:
    """Return a text without a first line of nothing but those it calls: they come behind the words."""
    spans = body.spans
    for number, span in enumerate(spans):
        if isinstance(span, str) and not span.strip():
            if "\n" in span and number:
                return Text(spans[number + 1 :])
        elif not (isinstance(span, Mention) and any(account in called for account in span.accounts)):
            break
    return body


_AROUND = 7
"""Components that Discord draws a card with beside what is counted apart: the container, and six texts at most."""


def pieces_left(buttons: int, *, menu: bool = False, files: int = 0) -> int:
    """Return how many pieces the lists of a card may have that has so many buttons and files."""
    return PIECES - _AROUND - files - (2 if menu else 0) - buttons - -(-buttons // 5)
