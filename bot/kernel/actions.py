"""What a cog declares: methods with names that can be packed into calls, and what sets each of them off."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from adapters.contract.call import Call
from adapters.contract.commands import Role
from bot.text.recurrence import Recurrence

from .arguments import pack, unpack
from .context import Context, OnPerson, Submission
from .forms import Form
from .work import Reading, Work

if TYPE_CHECKING:
    from .cog import Cog

W = TypeVar("W", bound=Work)
R = TypeVar("R", bound=Reading)
P = ParamSpec("P")

Where: TypeAlias = Callable[[Any, Any], bool | Awaitable[bool]]
"""Says of a cog and something overheard, or told by another cog, whether a listener may want it."""


class Action(Generic[W, P]):
    """A method of a cog that can be called by name. Handlers have to be safe to run twice.

    `role` is what the person needs, checked on every call. `formerly` keeps old names alive, for buttons that were
    posted before the method was renamed; one with a dot names another cog's.
    """

    def __init__(self, method: Callable[..., Awaitable[None]], role: Role, formerly: tuple[str, ...] = ()) -> None:
        self.method = method
        self.role = role
        self.formerly = formerly
        self.__doc__ = method.__doc__

    def __set_name__(self, owner: type[Cog], name: str) -> None:
        self.owner = owner
        self.method_name = name

    @overload
    def __get__(self, cog: None, owner: type) -> Action[W, P]: ...
    @overload
    def __get__(self, cog: Cog, owner: type) -> Callable[Concatenate[W, P], Awaitable[None]]: ...
    def __get__(self, cog: Cog | None, owner: type) -> Any:
        return self if cog is None else self.method.__get__(cog, owner)

    @property
    def full_name(self) -> str:
        """`questions.solve`: what a packed call begins with."""
        return f"{self.owner.name}.{self.method_name}"

    def call(self, *arguments: P.args, **named: P.kwargs) -> Call:
        """Return the call of this action with these arguments; it packs to at most 100 characters."""
        bound = self._signature.bind(None, None, *arguments, **named)
        bound.apply_defaults()
        return Call(self.full_name, tuple(pack(value) for value in [*bound.arguments.values()][2:]))

    def read(self, arguments: tuple[str, ...]) -> list[Any]:
        """Read packed arguments back into the parameters' types. Raises `ValueError` if they do not fit."""
        kinds = [*self.parameters.values()][1:]
        if len(kinds) != len(arguments):
            raise ValueError(f"{self.full_name} takes {len(kinds)} arguments, not {len(arguments)}")
        return [unpack(kind, argument) for kind, argument in zip(kinds, arguments, strict=True)]

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.method)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The types of the parameters behind `self`, the context first."""
        hints = get_type_hints(self.method)
        return {name: hints[name] for name in [*self._signature.parameters][1:]}

    @cached_property
    def form(self) -> type[Form] | None:
        """The form whose answers the context carries."""
        context = next(iter(self.parameters.values()))
        return get_args(context)[0] if get_origin(context) is Submission else None

    @cached_property
    def context(self) -> type[Work]:
        """The kind of context that the method is written for."""
        context = next(iter(self.parameters.values()))
        kind: type[Work] = get_origin(context) or context
        return kind

    @property
    def person_context(self) -> type[Context]:
        """The kind of context that the method is written for, if a person may set it off; else `LookupError`."""
        if not issubclass(self.context, Context):
            raise LookupError(f"{self.full_name} is for the clock alone")
        return self.context


class CommandAction(Action[W, P]):
    """An action that members type: `/question list`."""

    command: str
    description: str
    personal: bool
    start: str
    prompt: str


class ShortcutAction(Action[W, P]):
    """An action in the menu of every message or, if it is written for `OnPerson`, of every person."""

    shortcut: str

    @property
    def on_person(self) -> bool:
        return self.context is OnPerson


class Listener(Action[W, P]):
    """An action that runs when something happens."""

    event: type[Any]
    where: Where | None
    in_passing: bool
    of_forgotten: bool


class RecurringAction(Action[W, P]):
    """An action that the calendar calls, once for each community."""

    when: Callable[[Any], Recurrence]
    """How often, asked of the cog."""


class Drawing(Action[R, P]):
    """A method that draws the card of an answer at the moment in which it is sent. It changes nothing."""

    method: Callable[..., Awaitable[Any]]
