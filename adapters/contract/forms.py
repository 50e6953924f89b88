"""What Trellis asks: typed fields, alone as the options of a command or together in a dialog.

A dialog within the limits below can be drawn whole by every platform: the smallest of Discord's (5 inputs, label 45)
and Slack's (title 24, input 3000, option text 75).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from .call import Call
from .text import ENGLISH, Strong, Translations, Words, join, label, localized_label, say
from .ui import Button, Card, Option, Style, Tone

PEOPLE, ROLES = 10, 10
"""How many members, or roles, an answer may name."""
DIALOG_TITLE, DIALOG_FIELDS, DIALOG_PROBLEM = 24, 5, 300
FIELD_LABEL, FIELD_HINT, LONGEST_ANSWER = 45, 100, 3000
CHOICES, RADIOS, BOXES = 25, 5, 5
"""Options of a choice, up to how many all are in view at once, as radio buttons, and boxes that share a place."""


class Kind(Enum):
    """What an answer is. Every answer travels as what a member would type; the bot reads it.

    A member is an account's key or `@name`, several are apart by commas; roles of the platform's or ours are their
    names, which are the same in every space, apart by commas; a channel its key or `#name`; a moment words
    or ISO in the member's zone; a duration words ("90 minutes"); yes/no `true` or `false`; a choice one of the options'
    values; a thing (an event, an idea, a poll) its number or its title. A file travels as what its platform's
    `Adapter.read_file` takes, or by its `KEPT` id where the store has it already; a form in which none was chosen says
    nothing of it.
    """

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MEMBER = "member"
    MEMBERS = "members"
    ROLES = "roles"
    CHANNEL = "channel"
    CHOICE = "choice"
    MOMENT = "moment"
    DURATION = "duration"
    THING = "thing"
    FILE = "file"


KEPT = "kept:"
"""How an answer begins that is a file of which the store has a copy: its id follows. No platform's own begins so."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question and, once it was answered, what was typed and what is wrong with it.

    `longest` counts characters, `lines` says how tall the input is drawn. `label` asks, `hint` helps. `choices` are
    all that a choice may be; for a text they are mere suggestions. Where it is `suggested`, there are some for what
    was typed so far, to be asked for while someone types. `at` is the one moment that `value` says, if it says one, for
    platforms that have a picker. What is `rich` may have code in it, where that is not simply typed.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = True
    hint: str = ""
    longest: int = 300
    lines: int = 1
    choices: tuple[Option, ...] = ()
    value: str = ""
    error: str = ""
    suggested: bool = False
    at: datetime | None = None
    rich: bool = False

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or not self.name.islower():
            raise ValueError(f"a field is named by a lower-case word: {self.name!r}")
        if not 0 < len(self.label) <= FIELD_LABEL or len(self.hint) > FIELD_HINT:
            raise ValueError(f"a field's label has 1 to {FIELD_LABEL} characters, its hint {FIELD_HINT}: {self}")
        if not 0 < self.longest <= LONGEST_ANSWER:
            raise ValueError(f"an answer has at most {LONGEST_ANSWER} characters: {self}")
        if self.kind is Kind.CHOICE and not 0 < len(self.choices) <= CHOICES:
            raise ValueError(f"a choice has 1 to {CHOICES} options: {self}")
        if self.kind is Kind.FILE and self.required:
            raise ValueError(f"a file can be left out, because some platforms lack the right to read any: {self}")

    @property
    def has_radios(self) -> bool:
        """Whether a choice has so few options that all are in view."""
        return self.kind is Kind.CHOICE and 1 < len(self.choices) <= RADIOS

    @property
    def is_box(self) -> bool:
        """Whether it is a box that may be ticked."""
        return self.kind is Kind.BOOLEAN and not self.required

    @property
    def is_kept(self) -> bool:
        """Whether a file was chosen before: no platform shows a form with a file in it, so we have it already."""
        return self.kind is Kind.FILE and bool(self.value)

    def localized(self, translations: Translations) -> Field:
        """Return the field in a language; what was typed, and what is wrong with it, stays."""
        hint = _IS_KEPT if self.is_kept else self.hint
        return replace(
            self,
            label=localized_label(self.label, translations, FIELD_LABEL),
            hint=localized_label(hint, translations, FIELD_HINT),
            choices=tuple(choice.localized(translations) for choice in self.choices),
        )


_IS_KEPT = label("The one you chose is kept. You can choose another.")


def together(fields: Sequence[Field]) -> list[tuple[Field, ...]]:
    """Return fields as they take up a dialog's room: boxes that follow one another share one place."""
    rows: list[tuple[Field, ...]] = []
    for asked in fields:
        if rows and asked.is_box and rows[-1][-1].is_box and len(rows[-1]) < BOXES:
            rows[-1] = (*rows[-1], asked)
        else:
            rows.append((asked,))
    return rows


def apart(typed: str) -> list[str]:
    """Return the members or roles that an answer names, each by a key or a name."""
    return [name for part in re.split(r"[,;\n]|\s(?=@)", typed) if (name := part.strip())]


def matching(options: Sequence[Option], typed: str) -> list[Option]:
    """Return the options that may be meant, where only a part is typed: what begins so, then what has its words."""
    sought = typed.strip().casefold()
    found = [option for option in options if all(word in option.label.casefold() for word in sought.split())]
    found.sort(key=lambda option: not option.label.casefold().startswith(sought))
    return found[:CHOICES]


@dataclass(frozen=True, slots=True)
class Dialog:
    """A form as one person sees it now; its answers come back with `call`. `problem` is about the whole of it.

    `again` asks for this very dialog once more, for platforms that cannot show it at this moment: a button with that
    call is drawn in its stead. `translations` is the language of whoever is asked.
    """

    title: str
    call: Call
    fields: tuple[Field, ...]
    submit: str = label("Send")
    problem: str = ""
    again: Call | None = None
    translations: Translations = field(default=ENGLISH, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < len(self.title) <= DIALOG_TITLE or not 0 < len(self.submit) <= DIALOG_TITLE:
            raise ValueError(f"a dialog's title and button have 1 to {DIALOG_TITLE} characters: {self.title!r}")
        if not 0 < len(together(self.fields)) <= DIALOG_FIELDS:
            raise ValueError(f"a dialog has room for 1 to {DIALOG_FIELDS} fields: {self.title!r}")
        self.call.pack()

    def localized(self, translations: Translations) -> Dialog:
        """Return the dialog in a language."""
        return replace(
            self,
            title=localized_label(self.title, translations, DIALOG_TITLE),
            fields=tuple(asked.localized(translations) for asked in self.fields),
            submit=localized_label(self.submit, translations, DIALOG_TITLE),
            translations=translations,
        )


def retry_card(dialog: Dialog) -> Card:
    """Say what is wrong with a dialog that was sent, or offer one that cannot open by itself, with a button for it."""
    wrong: list[Words] = [dialog.problem]
    wrong += [
        say("{label}: {error}", label=Strong(asked.label), error=asked.error) for asked in dialog.fields if asked.error
    ]
    refused = any(wrong)
    again = (Button("Try again" if refused else "Open the form", dialog.again, Style.PRIMARY),) if dialog.again else ()
    card = Card(
        dialog.title,
        join(wrong) or say("Press the button to open the form."),
        footer=say("What you typed is kept.") if refused and again else "",
        tone=Tone.URGENT if refused else Tone.WAITING,
        buttons=again,
    )
    return card.localized(dialog.translations)
