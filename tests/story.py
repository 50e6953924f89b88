"""Stories: people do things on a platform, time passes, and we look at what each of them sees.

A story knows no platform. It goes through a `Door`, of which there is one for each: the same words open all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Unpack

from adapters.contract.models import Account
from bot.clock import MovableClock
from bot.kernel.application import Application
from storage.members import Member, Preferences


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as one person sees it.

    `controls` are the ids of buttons by their label, `files` what goes along by name, `alt` what its picture shows.
    """

    id: str
    channel: str
    author: str
    text: str = ""
    title: str = ""
    body: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    footer: str = ""
    controls: Mapping[str, str] = field(default_factory=dict)
    menu: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    pinged: frozenset[str] = frozenset()
    files: Mapping[str, bytes] = field(default_factory=dict)
    alt: str = ""

    @property
    def words(self) -> str:
        """Everything that can be read in it."""
        fields = [f"{name}: {value}" for name, value in self.fields.items()]
        return "\n".join(filter(None, [self.text, self.title, self.body, *fields, self.footer]))


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as one person sees it."""

    title: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    problem: str = ""


class Door(Protocol):
    """How people of a story reach one platform.

    Messages and threads go by the platform's own ids, channels by their names. Everything done returns when all that it
    set off is done.
    """

    async def say(self, who: str, channel: str, text: str) -> str: ...
    async def use(self, who: str, channel: str, command: str, options: Mapping[str, str]) -> None: ...
    async def complete(self, who: str, channel: str, command: str, option: str, typed: str) -> list[str]: ...
    async def pick(self, who: str, message: str, shortcut: str) -> None: ...
    async def pick_person(self, who: str, person: str, shortcut: str) -> None: ...
    async def press(self, who: str, message: str, control: str, values: Sequence[str] = ()) -> None: ...
    async def choose(self, who: str, content: bytes) -> str: ...
    async def submit(self, who: str, answers: Mapping[str, str]) -> None: ...
    async def react(self, who: str, message: str, emoji: str) -> None: ...
    async def unreact(self, who: str, message: str, emoji: str) -> None: ...
    async def attach(self, who: str, channel: str, name: str, text: str = "") -> str: ...
    async def reply(self, who: str, message: str, text: str) -> str: ...
    async def edit(self, who: str, message: str, text: str) -> None: ...
    async def clear_reactions(self, message: str, emoji: str = "") -> None: ...
    async def delete(self, who: str, message: str) -> None: ...
    async def join(self, who: str, name: str, source: str = "", domain: str = "") -> None: ...
    async def leave(self, who: str) -> None: ...
    async def speak(self, who: str, locale: str) -> None: ...
    async def visit(self, who: str) -> None: ...
    async def open_page(self, who: str) -> Seen: ...
    def page(self, who: str) -> Seen: ...
    async def show_interest(self, who: str, title: str, interested: bool) -> None: ...
    async def start_anywhere(self, who: str, command: str) -> None: ...
    async def keep_out(self, channel: str) -> None: ...
    async def let_back(self, channel: str) -> None: ...
    async def delete_channel(self, channel: str) -> None: ...
    async def make_channel(self, name: str) -> None: ...
    async def visible(self, who: str) -> list[Seen]: ...
    def form(self, who: str) -> Asked | None: ...
    def thread(self, message: str) -> str: ...
    def direct(self, who: str) -> str: ...
    def account(self, who: str) -> Account: ...


class Story:
    """A running Trellis, a door to it, and a clock that the story moves."""

    def __init__(self, app: Application, door: Door, clock: MovableClock) -> None:
        self.app = app
        self.door = door
        self.clock = clock

    def person(self, id_: str) -> Person:
        return Person(self, id_)

    async def passes(self, **length: float) -> None:
        """Let time pass, stopping wherever something is due."""
        await self.app.scheduler.pass_time(self.clock, self.clock.now() + timedelta(**length))

    def thread(self, message: Seen | str) -> str:
        """Return the channel of the thread under a message."""
        return self.door.thread(message if isinstance(message, str) else message.id)

    def named(self, who: str) -> str:
        """Return how a person picked from a list is named in an answer."""
        return self.door.account(who).key

    async def keeps_out(self, channel: str) -> None:
        """Somebody archives a channel, or takes from Trellis what it may do there."""
        await self.door.keep_out(channel)

    async def lets_back(self, channel: str) -> None:
        """Somebody takes that back."""
        await self.door.let_back(channel)

    async def deletes_channel(self, channel: str) -> None:
        await self.door.delete_channel(channel)

    async def makes_channel(self, name: str) -> None:
        """Somebody makes a channel, perhaps of a name that another one had, and lets Trellis in."""
        await self.door.make_channel(name)

    async def member(self, who: str) -> Member:
        """Return what Trellis knows of someone."""
        member = await self.app.members.by_account(self.door.account(who).key)
        assert member
        return member

    async def prefers(self, who: str, **preferences: Unpack[Preferences]) -> None:
        """Have someone's preferences set."""
        await self.app.members.set_preferences((await self.member(who)).id, **preferences)

    async def clears_reactions(self, message: str, emoji: str = "") -> None:
        """A moderator takes all reactions off a message, or those of one emoji."""
        await self.door.clear_reactions(message, emoji)

    @property
    def now(self) -> datetime:
        return self.clock.now()


class Person:
    """Someone in a story."""

    def __init__(self, story: Story, id_: str) -> None:
        self.story = story
        self.id = id_

    async def says(self, text: str, channel: str = "general") -> str:
        """Write a message; return its id."""
        return await self.story.door.say(self.id, channel, text)

    async def uses(self, command: str, channel: str = "general", **options: str) -> None:
        await self.story.door.use(self.id, channel, command.removeprefix("/"), options)

    async def types(self, command: str, channel: str = "general", **option: str) -> list[str]:
        """Begin to type an option of a command; return what is suggested."""
        ((name, typed),) = option.items()
        return await self.story.door.complete(self.id, channel, command.removeprefix("/"), name, typed)

    async def picks(self, shortcut: str, message: str) -> None:
        await self.story.door.pick(self.id, message, shortcut)

    async def picks_person(self, shortcut: str, person: str) -> None:
        """Pick an entry from the menu of a person."""
        await self.story.door.pick_person(self.id, person, shortcut)

    async def presses(self, label: str, on: Seen | None = None) -> None:
        """Press the newest button of that label that the person can see, or the one on a message."""
        message = on or await self.finds_button(label)
        await self.story.door.press(self.id, message.id, message.controls[label])

    async def chooses(self, label: str) -> None:
        """Choose from the newest menu the option whose label contains these words."""
        message = [seen for seen in await self.sees() if seen.menu][-1]
        value = next(value for option, value in message.options.items() if label in option)
        await self.story.door.press(self.id, message.id, message.menu, [value])

    async def chooses_all(self, *labels: str, on: Seen) -> None:
        """Choose several options from the menu of a message."""
        await self.story.door.press(self.id, on.id, on.menu, [on.options[label] for label in labels])

    async def fills(self, **answers: str) -> None:
        """Send the open form, with what it was prefilled with unless the story says otherwise."""
        form = self.story.door.form(self.id)
        assert form, f"{self.id} has no form open"
        await self.story.door.submit(self.id, {**form.values, **answers})

    async def picks_file(self, content: bytes) -> str:
        """Choose a file for a form or a command; return the answer that stands for it."""
        return await self.story.door.choose(self.id, content)

    async def reacts(self, emoji: str, message: str) -> None:
        await self.story.door.react(self.id, message, emoji)

    async def takes_back(self, emoji: str, message: str) -> None:
        """Take a reaction off a message."""
        await self.story.door.unreact(self.id, message, emoji)

    async def attaches(self, name: str, channel: str = "general", text: str = "") -> str:
        """Write a message with a file, a picture where its name ends so; return its id."""
        return await self.story.door.attach(self.id, channel, name, text)

    async def replies(self, message: str, text: str) -> str:
        """Answer a message with the platform's reply function, in its channel; return the new message's id."""
        return await self.story.door.reply(self.id, message, text)

    async def edits(self, message: str, text: str) -> None:
        """Write a message of one's own differently."""
        await self.story.door.edit(self.id, message, text)

    async def deletes(self, message: str) -> None:
        await self.story.door.delete(self.id, message)

    async def joins(self, name: str = "", source: str = "", domain: str = "") -> None:
        """Arrive, or come back. `source` is the invitation, `domain` that of the e-mail address."""
        await self.story.door.join(self.id, name or self.id.capitalize(), source, domain)

    async def opens_page(self) -> Seen:
        """Open the page that the platform keeps for each member."""
        return await self.story.door.open_page(self.id)

    @property
    def page(self) -> Seen:
        """What stands on that page now, without opening it again."""
        return self.story.door.page(self.id)

    async def is_interested(self, title: str, interested: bool = True) -> None:
        """Say in the platform's own calendar whether a meeting interests one."""
        await self.story.door.show_interest(self.id, title, interested)

    async def starts(self, command: str) -> None:
        """Pick what starts a command from the menu that the platform has everywhere."""
        await self.story.door.start_anywhere(self.id, command.removeprefix("/"))

    async def leaves(self) -> None:
        await self.story.door.leave(self.id)

    async def speaks(self, locale: str) -> None:
        """Have the platform set to a language."""
        await self.story.door.speak(self.id, locale)

    async def only_visits(self) -> None:
        """Have the platform say that the person is a guest."""
        await self.story.door.visit(self.id)

    @property
    def form(self) -> Asked | None:
        return self.story.door.form(self.id)

    async def sees(self, channel: str | None = None) -> list[Seen]:
        """Return what the person can read, oldest first."""
        return [seen for seen in await self.story.door.visible(self.id) if channel in (None, seen.channel)]

    async def reads(self, words: str, channel: str | None = None) -> Seen:
        """Return the newest message with these words in it."""
        everything = await self.sees(channel)
        found = [seen for seen in everything if words in seen.words]
        assert found, f"{self.id} sees nothing with {words!r} in it, but:\n" + "\n---\n".join(
            f"[{seen.channel}] {seen.words}" for seen in everything[-6:]
        )
        return found[-1]

    async def does_not_read(self, words: str) -> None:
        found = [seen.words for seen in await self.sees() if words in seen.words]
        assert not found, f"{self.id} sees {words!r}: {found}"

    async def last_private(self) -> Seen:
        """Return the newest message that only this person can see."""
        return [seen for seen in await self.sees() if seen.private][-1]

    async def finds_button(self, label: str) -> Seen:
        everything = await self.sees()
        found = [seen for seen in everything if label in seen.controls]
        assert found, f"{self.id} sees no button {label!r}, but {[list(seen.controls) for seen in everything[-6:]]}"
        return found[-1]
