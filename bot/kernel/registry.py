"""All that the cogs at work declare, to be found by what sets it off."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.contract.call import Call
from adapters.contract.events import Glance
from adapters.contract.forms import DIALOG_FIELDS, Field
from adapters.contract.ui import OPTIONS

from .actions import Action, CommandAction, Listener, RecurringAction, ShortcutAction
from .cog import Cog
from .domain_events import DomainEvent, read_event
from .work import Work

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bound:
    """An action of a cog that is at work."""

    cog: Cog
    action: Action[Any, Any]

    async def run(self, context: Work, *arguments: Any) -> None:
        await self.action.method(self.cog, context, *arguments)


@dataclass(frozen=True, slots=True)
class BoundListener(Bound):
    """A listener of a cog that is at work."""

    action: Listener[Any, Any]

    def wants(self, glance: Glance) -> bool:
        """Say whether it may want something. Never raises: what cannot be decided is not wanted."""
        where = self.action.where
        try:
            return where is None or bool(where(self.cog, glance))
        except Exception:
            log.exception("whether %s wants something cannot be told", self.action.full_name)
            return False

    async def is_to_hear(self, event: DomainEvent) -> bool:
        """Say whether it may want what a cog tells."""
        wanted = self.action.where is None or self.action.where(self.cog, event)
        return wanted if isinstance(wanted, bool) else await wanted


class Registry:
    """All that the cogs declare, by what sets it off. Two things of one name are an error at start-up."""

    def __init__(self, cogs: tuple[Cog, ...]) -> None:
        self.cogs = cogs
        self.actions: dict[str, Bound] = {}
        self.commands: dict[str, Bound] = {}
        self.shortcuts: dict[str, Bound] = {}
        self.listeners: dict[type, list[BoundListener]] = {}
        self.recurring: list[Bound] = []
        for cog in cogs:
            for declared in cog.actions():
                self._add(cog, declared)

    def _add(self, cog: Cog, declared: Action[Any, Any]) -> None:
        bound = Bound(cog, declared)
        if isinstance(declared, Listener):
            bound = listener = BoundListener(cog, declared)
            self.listeners.setdefault(declared.event, []).append(listener)
        if declared.form:
            _check_room(declared, declared.form.fields(cog))
        former = tuple(name if "." in name else f"{cog.name}.{name}" for name in declared.formerly)
        for name in (declared.full_name, *former):
            _put(self.actions, name, bound)
        match declared:
            case CommandAction():
                _put(self.commands, declared.command, bound)
            case ShortcutAction():
                _put(self.shortcuts, declared.shortcut, bound)
            case RecurringAction():
                self.recurring.append(bound)

    async def hearing(self, event: DomainEvent) -> list[str]:
        """Return the full names of the actions that are to hear of an event that a cog tells."""
        bounds = self.listeners.get(type(event), ())
        return [bound.action.full_name for bound in bounds if await bound.is_to_hear(event)]

    def find(self, call: Call) -> tuple[Bound, list[Any]]:
        """Return the action that a call names and its arguments. Raises `LookupError` or `ValueError`."""
        bound = self.actions[call.action]
        if isinstance(bound.action, Listener):
            return bound, [read_event(bound.action.event, call.arguments)]
        return bound, bound.action.read(call.arguments)


def _check_room(declared: Action[Any, Any], fields: Sequence[Field]) -> None:
    """Raise `ValueError` for a form that no dialog has room for.

    A command may have more options than a dialog has fields: a dialog then asks for those that are needed or wrong.
    """
    most = OPTIONS if isinstance(declared, CommandAction) else DIALOG_FIELDS
    if len(fields) > most or sum(field.required for field in fields) > DIALOG_FIELDS:
        raise ValueError(f"the form of {declared.full_name} has more fields than there is room for")


def _put(names: dict[str, Bound], name: str, bound: Bound) -> None:
    if name in names:
        raise ValueError(f"{name!r} is declared twice: {names[name].action.full_name}, {bound.action.full_name}")
    names[name] = bound


def migrations_of(cogs: Iterable[Cog]) -> dict[str, Path]:
    """Return the folders with migrations that cogs bring along."""
    return {cog.name: cog.migrations for cog in cogs if cog.migrations}
