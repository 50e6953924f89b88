"""What stands in the channels is a pure function of the store.

A tracked thing (a question, an idea, a poll ...) is a numbered row with cards in several places. Its lifecycle says
what is due next and what should be shown now, both as pure functions of one frozen snapshot. `bot.kernel.things` does
the rest for all of them: it takes what is due, compares what is shown with what stands, and writes the difference to
the outbox.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

from adapters.contract.call import Call, call
from adapters.contract.models import Account, CalendarEntry, Channel, MessageRef, Space
from adapters.contract.ui import Card
from storage.members import Member
from storage.postings import LOST, Posted

from .pace import Pace

if TYPE_CHECKING:
    from .work import Work

LOOK = "things.look"
"""The action of the kernel's own cog that looks at a thing when something of it is due."""

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Under:
    """The thread under another posting of the same thing, in each space or in one; the channel if it has no thread."""

    key: str
    space: Space | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """The channel in which another posting of the same thing stands, whatever settings say by now."""

    key: str
    space: Space | None = None


@dataclass(frozen=True, slots=True)
class Direct:
    """One person's direct messages, where they agreed to that, or asked to hear of this one there."""

    member: Member
    wanted: bool = False


Destination: TypeAlias = Channel | Under | Beside | Direct


@dataclass(frozen=True, slots=True)
class Posting:
    """A message that should stand in a place and look like `card`: posted once, it stays where it stands.

    `thread` is the title of a thread to open under it; `otherwise` are places where it goes if its place is gone or
    refuses, as the card `elsewhere` or, without one, naming the person whom it was to tell directly. Once said, what is
    said `once` is not drawn again. `at` is when it happened: what happened long ago is not said any more, what lies
    ahead is said then. After `until` it is of no use.
    """

    key: str
    place: Destination
    card: Card
    thread: str = ""
    otherwise: tuple[Destination, ...] = ()
    elsewhere: Card | None = None
    once: bool = False
    at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """Something to tell some people, each once: directly who agreed to that, the others together in a channel.

    `near` are the places where they may be named, in their order: the first that is in a space of theirs. `card` says
    it to one person; `together` to several in a channel, and names them itself. Who sleeps hears of it when they wake,
    if that is by `wait`; else at once. `asks` says that they are asked for help, which not all want at any time;
    `expected` that they signed up for it, so that it comes also while they have paused.
    """

    key: str
    members: tuple[Member, ...]
    near: tuple[Destination, ...]
    card: Callable[[Member], Card]
    together: Callable[[Sequence[Member], Channel], Card] | None = None
    at: datetime | None = None
    until: datetime | None = None
    wait: datetime | None = None
    asks: bool = False
    expected: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """A member's own message stands for the thing. A thread of that title is opened under it, unless it is empty."""

    key: str
    message: MessageRef
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A role of the platform that an account should have, by its name or id, or a private channel to be let into.

    It is given once. Where that cannot be, the posting is `IMPOSSIBLE`, and the lifecycle may ask a person to do it.
    """

    key: str
    member: Member
    account: Account
    role: str = ""
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting in the space's own calendar, where it has one; not written any more after `until`."""

    key: str
    space: Space
    entry: CalendarEntry
    until: datetime | None = None


Shown: TypeAlias = Posting | Telling | Adopted | Held | Entry


@dataclass(frozen=True, slots=True)
class Due:
    """What is next: a step of the lifecycle's own, or None where time alone changes what is shown."""

    at: datetime
    step: Any = None


class Standing:
    """What stands of one thing, or is to stand, as its snapshot sees it."""

    def __init__(self, rows: Iterable[Posted], link: Callable[[MessageRef], str | None]) -> None:
        self.rows = tuple(rows)
        self._link = link
        self._by_name = {(row.key, row.spot): row for row in self.rows}
        self._told: defaultdict[tuple[str, int | None], list[Posted]] = defaultdict(list)
        for row in self.rows:
            self._told[row.key, row.member_id].append(row)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Standing) and self.rows == other.rows

    def __hash__(self) -> int:
        return hash(self.rows)

    def row(self, key: str, spot: str) -> Posted | None:
        """Return the posting of that name."""
        return self._by_name.get((key, spot))

    def all(self, key: str, space: Space | None = None) -> list[Posted]:
        """Return the messages of that key that the platforms have, in all spaces or one."""
        return [
            row
            for row in self.rows
            if row.key == key
            and row.stands
            and (space is None or MessageRef.of(row.message or "").channel.space == space)
        ]

    def find(self, key: str, space: Space | None = None) -> Posted | None:
        """Return the first of them."""
        return next(iter(self.all(key, space)), None)

    def lost(self, key: str, channel: Channel) -> bool:
        """Say whether a message of that key was lost with its channel."""
        return any(
            row.key == key and row.gone_at and row.why == LOST and row.channel == channel.key for row in self.rows
        )

    def is_told(self, key: str, member: Member) -> bool:
        """Say whether a member was told that, or is about to be."""
        return bool(self.told(key, member))

    def told(self, key: str, member: Member) -> Sequence[Posted]:
        """Return the postings that tell a member something: more than one where two people turned out to be them."""
        return self._told.get((key, member.id), ())

    def never_stood(self, key: str) -> bool:
        """Say whether messages of that key were to stand somewhere, and none ever did."""
        rows = [row for row in self.rows if row.key == key]
        return bool(rows) and not any(row.message for row in rows)

    def link(self, key: str, near: Space | None = None) -> str | None:
        """Return the web address of a message, the one in `near` if there is one."""
        found = self.find(key, near) or self.find(key)
        return self._link(MessageRef.of(found.message)) if found and found.message else None

    def threads(self, key: str) -> list[Channel]:
        """Return the threads under the messages of a key; the channel where there is none."""
        return [thread_of(row) for row in self.all(key)]


def look_again(kind: str, id_: int) -> Call:
    """Return the call that looks at a thing once more."""
    return call(LOOK, kind, id_)


def thread_of(row: Posted) -> Channel:
    """Return the thread under a message that stands, or the channel where it has none."""
    return Channel.of(row.thread) if row.thread else MessageRef.of(row.message or "").channel


class Lifecycle(ABC, Generic[S]):
    """How the things of one kind go on. `due`, `shown` and `over` are pure; a snapshot is one frozen value."""

    kind: ClassVar[str]
    """Names the things; it outlives every rename of the class."""
    along: ClassVar[tuple[str, ...]] = ()
    """The kinds of other things that go by the same ids and hang on where these stand: looked at when that changes."""

    def __init__(self) -> None:
        self._pace = Pace()

    @abstractmethod
    async def read(self, work: Work, id_: int, standing: Standing) -> S | None:
        """Return all that `due` and `shown` need, `work.now` and `standing` included; None where there is nothing."""

    def due(self, snapshot: S) -> Due | None:  # noqa: ARG002
        """Return what comes due next."""
        return None

    async def take(self, work: Work, snapshot: S, step: Any) -> None:
        """Take a step that is due: change rows, and nothing else."""
        raise NotImplementedError(f"{self.kind} takes no steps")

    @abstractmethod
    def is_open(self, snapshot: S) -> bool:
        """Say whether people still act on it: then its messages are posted again where their channel was deleted."""

    @abstractmethod
    def shown(self, snapshot: S) -> Iterator[Shown]:
        """Return everything that should stand now, in the order in which it is posted."""

    def over(self, snapshot: S | None, key: str, people: tuple[int, ...]) -> Card | None:  # noqa: ARG002
        """Return what a message becomes that is not shown any more; None leaves it as it is. `people` it names."""
        return None

    async def lost(self, work: Work, snapshot: S, row: Posted) -> None:
        """Somebody deleted a message of this thing."""

    async def lock(self, work: Work, id_: int) -> None:
        """Let nobody else change a thing until the unit ends, for who reads it to decide. It opens the transaction."""
        await work.lock(f"{self.kind}/{id_}")

    def touch(self, work: Work, id_: int) -> None:
        """Have a thing looked at when the unit ends, because it changed."""
        work.touch(self.kind, id_)

    async def retry(self, work: Work, id_: int) -> None:
        """Have a thing looked at, and posted once more where no place took it: that may be different now."""
        await work.forget_refused(self.kind, id_)
        self.touch(work, id_)

    async def redraw(self, work: Work, id_: int) -> None:
        """Have a thing looked at soon: what changes within a moment, as many press a button, is drawn together."""
        at = self._pace.due(id_, work.now)
        if at <= work.now:
            self.touch(work, id_)
        else:
            await work.schedule(look_again(self.kind, id_), at, key=f"{self.kind}/{id_}/redraw")
