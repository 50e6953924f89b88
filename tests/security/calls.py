"""Every call that there is, with what somebody may forge into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.contract.call import Call
from adapters.contract.forms import Field, Kind
from bot.kernel.actions import CommandAction, Listener, ShortcutAction
from bot.kernel.context import Context, OnPerson
from bot.kernel.registry import Bound, Registry

from .world import World

ABSENT, LARGEST = 9_999, 2**31 - 1

TABLES = {
    "question_id": "questions",
    "known_id": "questions",
    "other_id": "questions",
    "idea_id": "ideas",
    "poll_id": "polls",
    "event_id": "events",
    "kudos_id": "kudos",
    "article_id": "articles",
    "member_id": "members",
    "newcomer_id": "members",
    "buddy_id": "members",
    "written_by": "members",
    "link_id": "links",
}
"""What a number in a call names, by what the parameter is called. `draft_id` depends on the cog."""
DRAFTS = {"same": "questions", "vote": "ideas", "form": "drafts"}
WORDS: Mapping[str, tuple[str, ...]] = {
    "wish": ("going",),
    "worth": ("yes",),
    "so_far": ("", "0-1-2"),
    "marks": ("", "5-4-3"),
    "step": ("guidelines", "interests"),
    "version": ("1",),
    "period": ("week",),
    "topic": ("",),
    "value": ("",),
    "until": ("2026-03-09",),
    "before": ("",),
    "to": ("1772733600",),
    "since": ("1772733600",),
    "shown": ("",),
    "what": ("",),
    "command": ("ask", "settings show"),
    "message": ("memory/home/agents/m1", "memory/home/help/m1"),
}
"""What stands in a call where it is no number of a thing."""
TYPED = {
    Kind.MEMBER: "memory/home/noah",
    Kind.CHANNEL: "memory/home/help",
    Kind.BOOLEAN: "true",
    Kind.MOMENT: "2026-03-07 18:00",
    Kind.DURATION: "1h",
}
"""What somebody writes into a field of a form, by its kind."""
NAMED = {"options": "Tea\nCoffee", "place": "Berlin", "name": "wave_minutes", "value": "7"}
"""The same, for fields that want something special."""


@dataclass(frozen=True, slots=True)
class Try:
    """One use of an action: what it is called by, what is typed, and of which communities what it names is."""

    name: str
    how: str
    call: str
    typed: Mapping[str, str] | None = None
    homes: frozenset[int | None] = frozenset()


class Calls:
    """What can be tried in a world."""

    def __init__(self, world: World, registry: Registry) -> None:
        self._registry = registry
        self._homes = {table: world.homes(table) for table in {*TABLES.values(), *DRAFTS.values()}}

    def all(self) -> Iterator[tuple[Bound, list[Try]]]:
        """Return every action that a person may set off, once, with what is tried of it."""
        for name, bound in self._registry.actions.items():
            action = bound.action
            if name != action.full_name or isinstance(action, Listener) or not issubclass(action.context, Context):
                continue
            tries = list(self._tries(bound))
            if isinstance(action, CommandAction):
                tries = [Try(name, "command", action.command, typed) for typed in self._typed(bound)]
            elif isinstance(action, ShortcutAction):
                tries = [Try(name, "person" if action.context is OnPerson else "message", action.shortcut)]
            yield bound, tries

    def clock(self) -> Iterator[Try]:
        """Return what the clock alone may set off."""
        for name, bound in self._registry.actions.items():
            if not issubclass(bound.action.context, Context):
                size = 1 if isinstance(bound.action, Listener) else len(bound.action.parameters) - 1
                yield Try(name, "control", Call(name, ("1",) * size).pack())

    def _tries(self, bound: Bound) -> Iterator[Try]:
        action = bound.action
        names = [*action.parameters][1:]
        choices = [self._choices(bound, name) for name in names]
        for chosen in _varied(choices):
            call = Call(action.full_name, tuple(value for value, _ in chosen)).pack()
            homes = frozenset(home for _, home in chosen if home != 0)
            for typed in self._typed(bound) if action.form else (None,):
                yield Try(action.full_name, "form" if action.form else "control", call, typed, homes)

    def _choices(self, bound: Bound, name: str) -> list[tuple[str, int | None]]:
        """Return what a parameter may be, each with the community whose it is; 0 where it is no thing."""
        kind = bound.action.parameters[name]
        table = DRAFTS.get(bound.cog.name, "") if name == "draft_id" else TABLES.get(name, "")
        if table:
            known = [(str(id_), home) for id_, home in self._homes[table].items()]
            known = known if table != "members" else known[::3]
            return [*known, (str(ABSENT), None)]
        if kind is bool:
            return [("1", 0)]
        if kind is int:
            return [("1", 0)]
        return [(word, 0) for word in WORDS[name]]

    def _typed(self, bound: Bound) -> Iterator[Mapping[str, str]]:
        """Return what is typed into a form: things by their numbers, all else something that is understood."""
        if bound.action.form is None:
            yield {}
            return
        fields = bound.action.form.fields(bound.cog)
        things = any(field.kind is Kind.THING for field in fields)
        for number in range(1, 6 if things else 2):
            yield {field.name: _answer(field, number) for field in fields if field.required or field.kind is Kind.THING}


def _answer(field: Field, number: int) -> str:
    """Return what is typed into a field, as it has to be."""
    if field.kind is Kind.CHOICE:
        return field.choices[0].value
    return NAMED.get(field.name) or TYPED.get(field.kind, str(number))


def _varied(choices: Sequence[Sequence[tuple[str, int | None]]]) -> Iterator[tuple[tuple[str, int | None], ...]]:
    """Return every choice of each place, with the first choices of the others."""
    first = tuple(some[0] for some in choices)
    yield first
    for place, some in enumerate(choices):
        for one in some[1:]:
            yield (*first[:place], one, *first[place + 1 :])
