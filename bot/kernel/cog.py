"""How a cog says what members can do: commands, shortcuts, listeners, recurring work, and actions to call later.

Everything declared here is an `Action`, a method with a name that can be packed into a `Call`. What sets it off
differs, and so does the context it is given, which its first parameter's annotation names:

- `Work`: nobody is there; the clock or another cog asked for it,
- `Context`: a person is there and can be answered,
- `OnMessage`, `OnPerson`: a person picked a message, or another person,
- `Submission[SomeForm]`: a person answered a form, in a dialog or as a command's options.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import (
    Any,
    ClassVar,
    Concatenate,
    TypeVar,
    overload,
)

from aiohttp import web
from pydantic import BaseModel

from adapters.contract.adapter import Need
from adapters.contract.commands import Role
from adapters.contract.events import MessagePosted, Overheard, PlatformEvent
from adapters.contract.models import Profile
from adapters.contract.text import Words, label
from adapters.contract.ui import Card
from bot.text.recurrence import Recurrence
from storage.members import Member

from .actions import Action, CommandAction, Drawing, Listener, P, R, RecurringAction, ShortcutAction, W, Where
from .context import Context
from .dashboard.contract import DashboardPage
from .domain_events import DomainEvent
from .lifecycle import Lifecycle
from .page import PagePart
from .work import Work

E = TypeVar("E", bound=PlatformEvent | DomainEvent)


def drawing(method: Callable[Concatenate[Any, R, P], Awaitable[Card]]) -> Drawing[R, P]:
    """Make a method draw the card of an answer when it is sent: `ctx.reply_once(Ask.published.call(7), after=...)`."""
    return Drawing(method, Role.MEMBER)  # type: ignore[arg-type]


@overload
def action(method: Callable[Concatenate[Any, W, P], Awaitable[None]]) -> Action[W, P]: ...
@overload
def action(
    *, role: Role = Role.MEMBER, formerly: tuple[str, ...] = ()
) -> Callable[[Callable[Concatenate[Any, W, P], Awaitable[None]]], Action[W, P]]: ...
def action(method: Any = None, *, role: Role = Role.MEMBER, formerly: tuple[str, ...] = ()) -> Any:
    """Make a method callable by buttons, menus, forms and the clock."""
    if method is not None:
        return Action(method, role, formerly)
    return lambda declared: Action(declared, role, formerly)


def command(
    name: str,
    description: str,
    *,
    role: Role = Role.MEMBER,
    formerly: tuple[str, ...] = (),
    personal: bool = False,
    start: str = "",
    prompt: str = "",
) -> Callable[[Callable[[Any, W], Awaitable[None]]], CommandAction[W, []]]:
    """Make a method a command. The fields of the form that it is given are the command's options.

    What is `personal` can also be used in the direct channel with Trellis. `start`, at most 24 characters, opens the
    command's form from a button of the personal page, and from the platform's own menu of such things. `prompt`, as
    short, is what a newcomer would say to get it: some platforms suggest four such things in the direct channel.
    """

    def declare(method: Callable[[Any, W], Awaitable[None]]) -> CommandAction[W, []]:
        declared: CommandAction[W, []] = CommandAction(method, role, formerly)
        declared.command, declared.description = name, description
        declared.personal, declared.start, declared.prompt = personal, start, prompt
        return declared

    return declare


def shortcut(
    name: str, *, role: Role = Role.MEMBER, formerly: tuple[str, ...] = ()
) -> Callable[[Callable[[Any, W], Awaitable[None]]], ShortcutAction[W, []]]:
    """Make a method an entry in the menu of every message, or of every person if that is what it is written for."""

    def declare(method: Callable[[Any, W], Awaitable[None]]) -> ShortcutAction[W, []]:
        declared: ShortcutAction[W, []] = ShortcutAction(method, role, formerly)
        declared.shortcut = name
        return declared

    return declare


def listener(
    event: type[E],
    *,
    where: Where | None = None,
    role: Role = Role.MEMBER,
    formerly: tuple[str, ...] = (),
    in_passing: bool = False,
    of_forgotten: bool = False,
) -> Callable[[Callable[[Any, W, E], Awaitable[None]]], Listener[W, [E]]]:
    """Run a method when something happens.

    What happens on a platform is handled as it arrives; what another cog published is a job, and handled at least once.
    What somebody does who has less than `role` is not heard.

    Of what people do among themselves (`Overheard`) most is wanted by no cog, and costs nothing: `where` is given the
    cog and a `Glance`, and says whether the method may want it. It is asked for every message, from within the
    platform's own loop, so it only looks at what is in memory: it changes nothing and awaits nothing. A listener for
    edits, deletions or reactions that only minds messages in its own tables says so by `glance.known`; the columns that
    hold their keys say so by `info=message_keys()`.

    Of what another cog tells, `where` is asked in the unit that publishes it: it may look into the store. So what is no
    news to anybody leaves no job.

    Whoever is heard makes themselves known by it, also after they were forgotten; not so `in_passing`, where they do
    nothing with Trellis. What somebody who was forgotten does in passing is heard `of_forgotten`, as done by nobody.
    """
    if where and not issubclass(event, Overheard | DomainEvent):
        raise TypeError(f"only what is overheard or told by a cog can be chosen from by `where`, not {event.__name__}")

    def declare(method: Callable[[Any, W, E], Awaitable[None]]) -> Listener[W, [E]]:
        declared: Listener[W, [E]] = Listener(method, role, formerly)
        declared.event, declared.where = event, where
        declared.in_passing, declared.of_forgotten = in_passing, of_forgotten
        return declared

    return declare


def every(
    when: str | Callable[[Any], Recurrence],
) -> Callable[[Callable[[Any, Work], Awaitable[None]]], RecurringAction[Work, []]]:
    """Run a method again and again, in the community's time zone: "mon-fri 09:00", "daily 04:00".

    A function of the cog is asked for what settings say, when Trellis starts.
    """
    ask = when if callable(when) else _always(Recurrence.read(when))

    def declare(method: Callable[[Any, Work], Awaitable[None]]) -> RecurringAction[Work, []]:
        declared: RecurringAction[Work, []] = RecurringAction(method, Role.MEMBER)
        declared.when = ask
        return declared

    return declare


def _always(recurrence: Recurrence) -> Callable[[Any], Recurrence]:
    return lambda _: recurrence


class Cog(ABC):
    """One feature of the community. Cogs do not know each other, nor any platform."""

    name: ClassVar[str]
    """The first part of the cog's calls; it outlives every rename of the class."""
    room: ClassVar[str] = label("More")
    """What members call that part of the community's life: a label, which several cogs may share."""

    section: ClassVar[type[BaseModel] | None] = None
    """Its settings, which `ctx.settings(...)` reads. A field `beds` is set by `TRELLIS_BEDS` and by `/settings set`."""
    migrations: ClassVar[Path | None] = None
    """The folder with the migrations of its tables, as Alembic writes them; they are counted under the cog's name."""
    locale: ClassVar[Path | None] = None
    """The folder with catalogues of what it says, by language: `de.po`."""

    @abstractmethod
    async def export(self, member: Member) -> dict[str, Any]:
        """Return everything that this feature knows about a member, for the member to read."""

    @abstractmethod
    async def erase(self, member: Member) -> None:
        """Forget a member. What others did stays true."""

    async def page(self, ctx: Context) -> PagePart | None:  # noqa: ARG002
        """Return what this feature says on the personal page of whoever is there: a member."""
        return None

    async def way_in(self, ctx: Context) -> PagePart | None:  # noqa: ARG002
        """Return what this feature says on the page of someone who has to be let in first."""
        return None

    async def spoken_to(self, ctx: Context, event: MessagePosted, words: str) -> bool:  # noqa: ARG002
        """Answer what somebody wrote to Trellis, if that is this feature's matter; say whether it is.

        `words` are what was said, without our name. A feature whose listener takes the message anyway says so too.
        """
        return False

    async def room_words(self, ctx: Context) -> Words:  # noqa: ARG002
        """Return what `/help` says of this feature beside its commands: where it stands here, what it is about."""
        return ""

    async def refresh(self, now: datetime) -> None:  # noqa: B027  # most keep nothing
        """Read what `where` goes by and is kept in memory: before anything is heard, and each minute from then on.

        Each process does, so what another one wrote is known a minute later.
        """

    async def is_held(self, member: Member, who: Profile) -> bool:  # noqa: ARG002
        """Say whether a member, of whom the platform says `who`, is a newcomer until they are let in."""
        return False

    def needs(self) -> Collection[Need]:
        """Return what this feature asks of a platform beside reading and writing, as settings have it now."""
        return ()

    def routes(self) -> Sequence[web.RouteDef]:
        """Return what this feature serves over HTTP."""
        return ()

    def dashboard(self) -> Sequence[DashboardPage]:
        """Return what this feature shows moderators and admins on the web."""
        return ()

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        """Return how the things go on that this feature tracks."""
        return ()

    def actions(self) -> Iterator[Action[Any, Any]]:
        """Return all that the cog declares, in the order of the page."""
        for kind in reversed(type(self).__mro__):
            for value in vars(kind).values():
                if isinstance(value, Action):
                    yield value
