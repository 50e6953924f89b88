"""What a cog says of itself on the dashboard: neutral data, which one template draws, escaped and in any language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from adapters.contract.models import Account, Space
from adapters.contract.text import Text, Translations, Words, labelled, say
from adapters.contract.ui import Style
from bot.kernel.roles import highest
from bot.kernel.work import Tools, Work
from storage.members import Community, Member

T = TypeVar("T")


class Visit(Work):
    """A moment in which somebody looks at the dashboard, or changes something there.

    `query` is what the address asks for, by name: it may be made up.
    """

    def __init__(
        self,
        tools: Tools,
        community: Community,
        now: datetime,
        member: Member,
        account: Account,
        query: Mapping[str, str],
    ) -> None:
        super().__init__(tools, community, now)
        self.member = member
        self.account = account
        self.query = query

    @property
    def near(self) -> Space:
        return self.account.space

    @property
    def role(self) -> Role:
        return highest(self.member.roles)

    @property
    def zone(self) -> ZoneInfo:
        """The person's time zone, by default the community's."""
        return self.member_zone(self.member)

    @property
    def language(self) -> str:
        """The code of the person's language, by default the community's."""
        return self._tools.locales.code_of(self.member.locale)

    @property
    def translations(self) -> Translations:
        return self._tools.locales.of(self.member.locale)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values of a field: what is shown, and what is sent."""

    label: Words
    value: str


@dataclass(frozen=True, slots=True)
class Input:
    """A field of a form; with `choices` it is a list to pick from. What is typed may be anything."""

    name: str
    label: Words
    value: str = ""
    hint: Words = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ActButton:
    """What can be done with a row: `act` names one of the page's acts, and is given `values` and the `inputs`."""

    act: str
    text: Words
    values: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    style: Style = Style.NEUTRAL


@dataclass(frozen=True, slots=True)
class Row:
    """One thing: what it is, what there is to know of it, and what can be done."""

    title: Words
    lines: tuple[Words, ...] = ()
    facts: tuple[tuple[Words, Words], ...] = ()
    buttons: tuple[ActButton, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind; `empty` is said where there are none, `more` where not all are shown."""

    title: Words
    rows: Sequence[Row]
    empty: Words
    note: Words = ""
    more: Words = ""


def first_of(found: Sequence[T], most: int) -> tuple[Sequence[T], Words]:
    """Return what is shown of what was found, and what is said where that is not all: look for one more than `most`."""
    return found[:most], say("There are more than these {n}.", n=most) if len(found) > most else ""


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows now.

    `search` are the fields with which it can be searched, `older` what the address asks for to see what comes next.
    What is `findable` is all there, and can be narrowed down while one types.
    """

    sections: Sequence[Section]
    search: tuple[Input, ...] = ()
    older: Mapping[str, str] | None = None
    findable: bool = False


Do = Callable[[Visit, Mapping[str, str]], Awaitable[Words]]
"""Does something with what was sent, as one unit, and returns what came of it. Raises `UserError` or `FormError`."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do on a page, and the role it takes: that of the command that does the same.

    Where there are words of `sure`, the person is asked them before it is done: it cannot be undone.
    """

    role: Role
    do: Do
    sure: Words = ""


@dataclass(frozen=True, slots=True)
class DashboardPage:
    """One page of the dashboard. The lowest `order` comes first.

    `role` is what it takes to see it. `waiting` returns what of it waits for somebody, for the overview, under the
    heading `wanting` (by default the page's); `file` returns the page as rows of a table, to be saved.
    """

    path: str
    title: str
    order: int
    role: Role
    show: Callable[[Visit], Awaitable[View]]
    acts: Mapping[str, Act] = field(default_factory=dict)
    waiting: Callable[[Visit], Awaitable[Sequence[Row]]] | None = None
    wanting: Words = ""
    file: Callable[[Visit], Awaitable[Sequence[Sequence[object]]]] | None = None

    @property
    def heading(self) -> Text:
        return labelled(self.title)
