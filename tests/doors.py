"""The doors through which stories reach each platform.

A `Kit` makes a platform for one test, with the people and channels of every story, and keeps it over restarts of
Trellis. To tell the stories on one more platform, add its kit to `KITS`.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.contract.adapter import Adapter
from adapters.contract.forms import KEPT, Dialog
from adapters.contract.models import Account, Space
from adapters.contract.ui import Button, Card, LinkButton
from adapters.memory import Memory, Posted
from adapters.playground.adapter import Playground
from adapters.playground.routes import routes
from bot.text.language import Locales

from .story import Asked, Door, Seen

MEMBERS = {"mia": None, "noah": None, "kenji": "Asia/Tokyo", "sofia": "America/Sao_Paulo"}
STAFF = {"ava": "agent", "omar": "agent", "liam": "moderator", "ada": "admin"}
CHANNELS = ("general", "help", "introductions", "events", "ideas")


class Kit(Protocol):
    """One platform for one test.

    `LACKS` says what the platform cannot do, and why; a test that needs it is marked `needs("...")` and skipped.
    `UNREADY` says why no test can use the kit on this machine, if so.
    """

    LACKS: ClassVar[Mapping[str, str]]
    UNREADY: ClassVar[str]

    async def adapter(self) -> Adapter:
        """Return an adapter that is not started yet: at first, and again after each restart."""

    async def door(self, settle: Callable[[], Awaitable[None]]) -> Door:
        """Return the door once Trellis runs. `settle` returns when all that is due has been done."""

    async def close(self) -> None:
        """End the platform."""


def first_of(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what is called so; of several of one name, as in a list, the first."""
    found: dict[str, str] = {}
    for name, value in named:
        found.setdefault(name, value)
    return found


def seen_of(card: Card) -> dict[str, Any]:
    """Return what can be read and used of a card."""
    card = card.in_lines
    menu, every = card.menu, card.every_button
    told = {each.name: [item.words.plain() for item in each.items] for each in card.lists}
    return {
        "title": card.title.plain(),
        "body": "\n\n".join(filter(None, [card.body.plain(), *told.pop("", [])])),
        "fields": {field.name: field.value.plain() for field in card.fields}
        | {name: "\n".join(items) for name, items in told.items()},
        "footer": card.footer.plain(),
        "controls": first_of((button.label, button.call.pack()) for button in every if isinstance(button, Button)),
        "links": first_of((button.label, button.url) for button in every if isinstance(button, LinkButton)),
        "menu": menu.call.pack() if menu else "",
        "options": {option.label: option.value for option in menu.options} if menu else {},
        "files": {file.name: file.content for file in card.files},
        "alt": card.picture.text if card.picture else "",
    }


def asked_of(dialog: Dialog) -> Asked:
    """Return what can be read of a form."""
    return Asked(
        dialog.title,
        {field.name: field.value for field in dialog.fields},
        {field.name: field.error for field in dialog.fields if field.error},
        dialog.problem,
    )


def _without_kept(answers: Mapping[str, str]) -> dict[str, str]:
    """Return what is sent of a form: nothing of a file that was chosen in an earlier showing of it."""
    return {name: answer for name, answer in answers.items() if not answer.startswith(KEPT)}


class MemoryKit:
    """The platform that lives in memory. `asides` says whether it can show something to one person unasked."""

    LACKS: ClassVar[Mapping[str, str]] = {}
    UNREADY: ClassVar[str] = ""

    def __init__(self, _: Path, now: Callable[[], datetime], *, asides: bool = True) -> None:
        self.platform = Memory(now, asides=asides)
        for name in CHANNELS:
            self.platform.add_channel(name)
        self.platform.add_channel("agents", readers=[*STAFF])
        self.platform.roles.add("mentor")
        for name, zone in MEMBERS.items():
            self.platform.add_person(name, name.capitalize(), zone)
        for name, role in STAFF.items():
            self.platform.add_person(name, name.capitalize(), roles=(role,))

    async def adapter(self) -> Adapter:
        return self.platform

    async def door(self, settle: Callable[[], Awaitable[None]]) -> Door:
        return MemoryDoor(self.platform, settle)

    async def close(self) -> None: ...


class MemoryDoor:
    """Into the platform that lives in memory."""

    def __init__(self, platform: Memory, settle: Callable[[], Awaitable[None]]) -> None:
        self.platform = platform
        self._settle = settle

    async def say(self, who: str, channel: str, text: str) -> str:
        message = await self.platform.say(who, self._id(channel), text)
        await self._settle()
        return message

    async def reply(self, who: str, message: str, text: str) -> str:
        channel = self.platform.messages[message].ref.channel.id
        reply = await self.platform.say(who, channel, text, reply_to=message)
        await self._settle()
        return reply

    async def use(self, who: str, channel: str, command: str, options: Mapping[str, str]) -> None:
        await self.platform.use(who, self._id(channel), command, options)
        await self._settle()

    async def complete(self, who: str, channel: str, command: str, option: str, typed: str) -> list[str]:
        return await self.platform.complete(who, channel, command, option, typed)

    async def pick(self, who: str, message: str, shortcut: str) -> None:
        await self.platform.pick(who, message, shortcut)
        await self._settle()

    async def pick_person(self, who: str, person: str, shortcut: str) -> None:
        await self.platform.pick_person(who, person, shortcut)
        await self._settle()

    async def press(self, who: str, message: str, control: str, values: Sequence[str] = ()) -> None:
        await self.platform.press(who, message, control, values)
        await self._settle()

    async def choose(self, who: str, content: bytes) -> str:
        answer = f"{who}'s file {len(self.platform.chosen)}"
        self.platform.chosen[answer] = content
        return answer

    async def submit(self, who: str, answers: Mapping[str, str]) -> None:
        await self.platform.submit(who, _without_kept(answers))
        await self._settle()

    async def react(self, who: str, message: str, emoji: str) -> None:
        await self.platform.react(who, message, emoji)
        await self._settle()

    async def unreact(self, who: str, message: str, emoji: str) -> None:
        await self.platform.unreact(who, message, emoji)
        await self._settle()

    async def attach(self, who: str, channel: str, name: str, text: str = "") -> str:
        message = await self.platform.say(who, self._id(channel), text, files=(name,))
        await self._settle()
        return message

    async def edit(self, who: str, message: str, text: str) -> None:
        await self.platform.rewrite(who, message, text)
        await self._settle()

    async def clear_reactions(self, message: str, emoji: str = "") -> None:
        await self.platform.clear_reactions(message, emoji)
        await self._settle()

    async def delete(self, who: str, message: str) -> None:
        await self.platform.delete(who, message)
        await self._settle()

    async def join(self, who: str, name: str, source: str = "", domain: str = "") -> None:
        if who not in self.platform.people:
            self.platform.add_person(who, name, domain=domain)
        await self.platform.join(who, source)
        await self._settle()

    async def leave(self, who: str) -> None:
        await self.platform.leave(who)
        await self._settle()

    async def speak(self, who: str, locale: str) -> None:
        self.platform.people[who] = replace(self.platform.people[who], locale=locale)

    async def visit(self, who: str) -> None:
        self.platform.people[who] = replace(self.platform.people[who], guest=True)

    async def open_page(self, who: str) -> Seen:
        await self.platform.open_page(who)
        await self._settle()
        return self._seen(self.platform.page(who))

    def page(self, who: str) -> Seen:
        return self._seen(self.platform.page(who))

    async def show_interest(self, who: str, title: str, interested: bool) -> None:
        entry = next(id_ for id_, one in self.platform.calendar.items() if one.title == title)
        await self.platform.answer_entry(who, entry, interested)
        await self._settle()

    async def start_anywhere(self, who: str, command: str) -> None:
        await self.platform.start_anywhere(who, command)
        await self._settle()

    async def visible(self, who: str) -> list[Seen]:
        return [self._seen(posted) for posted in self.platform.visible(who)]

    async def keep_out(self, channel: str) -> None:
        self.platform.archived.add(self._id(channel))

    async def let_back(self, channel: str) -> None:
        await self.platform.open_up(self._id(channel))
        await self._settle()

    async def delete_channel(self, channel: str) -> None:
        await self.platform.delete_channel(self._id(channel))
        await self._settle()

    async def make_channel(self, name: str) -> None:
        await self.platform.make_channel(name)
        await self._settle()

    def form(self, who: str) -> Asked | None:
        dialog = self.platform.dialogs.get(who)
        return asked_of(dialog) if dialog else None

    def thread(self, message: str) -> str:
        return f"t-{message}"

    def direct(self, who: str) -> str:
        return f"dm-{who}"

    def account(self, who: str) -> Account:
        return Account(self.platform.space, who)

    def _id(self, channel: str) -> str:
        return next((place.id for place in self.platform.places.values() if place.name == channel), channel)

    def _seen(self, posted: Posted) -> Seen:
        return Seen(
            posted.ref.id,
            posted.ref.channel.id,
            posted.author,
            posted.text,
            private=bool(posted.reader),
            pinged=posted.pinged,
            **(seen_of(posted.card) if posted.card else {}),
        )


class PlaygroundKit:
    """The playground over HTTP, with its own cast."""

    LACKS: ClassVar[Mapping[str, str]] = {
        "pages": "there's no page but /me",
        "starts": "there's no menu but the one of commands",
        "bots in menus": "the page offers no menu on Trellis itself",
        "absence": "nobody can write in the playground while Trellis is away",
        "calendar": "the playground has no calendar of its own",
        "guests": "nobody is a guest in the playground",
        "channels": "the channels of the playground stay as they are",
        "replies": "the playground answers in threads alone",
        "clearing": "nobody takes off what others put on a message in the playground",
        "absent reactions": "nobody takes off in the playground what somebody left behind",
        "attachments": "nobody attaches anything in the playground",
    }
    UNREADY: ClassVar[str] = ""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._file = folder / "playground.db"
        self._now = now
        self._client: TestClient[web.Request, web.Application] | None = None
        self._playground: Playground | None = None
        self._forms: dict[str, dict[str, Any] | None] = {}
        """What each person's browser shows."""

    async def adapter(self) -> Adapter:
        self._playground = Playground(self._file, self._now)
        self._playground.languages = Locales().codes
        await self._playground.open()
        return self._playground

    async def door(self, settle: Callable[[], Awaitable[None]]) -> Door:
        await self.close()
        assert self._playground
        served = web.Application()
        served.add_routes(routes(self._playground, settle=settle, advance=self._advance, next_due=self._next_due))
        self._client = TestClient(TestServer(served))
        await self._client.start_server()
        self._playground.address = str(self._client.make_url("")).rstrip("/")
        return PlaygroundDoor(self._client, self._playground, self._forms)

    async def close(self) -> None:
        if self._client:
            await self._client.close()
            self._client = None

    async def _advance(self, _: timedelta) -> datetime:
        return self._now()

    async def _next_due(self) -> datetime | None:
        return None


class PlaygroundDoor:
    """Into the playground, by its HTTP interface alone."""

    def __init__(
        self,
        client: TestClient[web.Request, web.Application],
        playground: Playground,
        forms: dict[str, dict[str, Any] | None],
    ) -> None:
        self.platform = playground
        self._client = client
        self._forms = forms

    async def _act(self, who: str, do: str, **facts: object) -> dict[str, Any]:
        response = await self._client.post("/api/playground/act", json={"as": who, "do": do, **facts})
        result: dict[str, Any] = await response.json()
        assert response.status == 200, result
        if do != "react":
            self._forms[who] = result["form"]
        return result

    async def say(self, who: str, channel: str, text: str) -> str:
        result = await self._act(who, "message", channel=channel, text=text)
        return str(next(message["id"] for message in result["posted"] if message["author"] == who))

    async def reply(self, who: str, message: str, text: str) -> str:
        raise NotImplementedError

    async def use(self, who: str, channel: str, command: str, options: Mapping[str, str]) -> None:
        await self._act(who, "command", channel=channel, name=command, options=dict(options))

    async def complete(self, who: str, channel: str, command: str, option: str, typed: str) -> list[str]:
        query = {"viewer": who, "channel": channel, "command": command, "option": option, "typed": typed}
        response = await self._client.get("/api/playground/suggest", params=query)
        return [found["label"] for found in (await response.json())["options"]]

    async def pick(self, who: str, message: str, shortcut: str) -> None:
        await self._act(who, "shortcut", message=message, name=shortcut)

    async def pick_person(self, who: str, person: str, shortcut: str) -> None:
        await self._act(who, "shortcut", channel="general", member=person, name=shortcut)

    async def press(self, who: str, message: str, control: str, values: Sequence[str] = ()) -> None:
        await self._act(who, "press", message=message, control=control, values=list(values))

    async def choose(self, who: str, content: bytes) -> str:
        response = await self._client.post("/api/playground/files", params={"viewer": who}, data=io.BytesIO(content))
        return str((await response.json())["answer"])

    async def submit(self, who: str, answers: Mapping[str, str]) -> None:
        form = self._forms[who]
        assert form
        await self._act(who, "submit", form=form["id"], values=_without_kept(answers))

    async def react(self, who: str, message: str, emoji: str) -> None:
        await self._act(who, "react", message=message, emoji=emoji)

    async def unreact(self, who: str, message: str, emoji: str) -> None:
        await self._act(who, "unreact", message=message, emoji=emoji)

    async def attach(self, who: str, channel: str, name: str, text: str = "") -> str:
        raise NotImplementedError

    async def edit(self, who: str, message: str, text: str) -> None:
        await self._act(who, "edit", message=message, text=text)

    async def clear_reactions(self, message: str, emoji: str = "") -> None:
        raise NotImplementedError

    async def delete(self, who: str, message: str) -> None:
        await self._act(who, "delete", message=message)

    async def join(self, who: str, name: str, source: str = "", domain: str = "") -> None:
        await self._act(who, "join", name=name, source=source, domain=domain)

    async def open_page(self, who: str) -> Seen:
        raise NotImplementedError

    def page(self, who: str) -> Seen:
        raise NotImplementedError

    async def show_interest(self, who: str, title: str, interested: bool) -> None:
        raise NotImplementedError

    async def start_anywhere(self, who: str, command: str) -> None:
        raise NotImplementedError

    async def leave(self, who: str) -> None:
        await self._act(who, "leave")

    async def keep_out(self, channel: str) -> None:
        raise NotImplementedError

    async def let_back(self, channel: str) -> None:
        raise NotImplementedError

    async def delete_channel(self, channel: str) -> None:
        raise NotImplementedError

    async def make_channel(self, name: str) -> None:
        raise NotImplementedError

    async def speak(self, who: str, locale: str) -> None:
        await self._act(who, "language", language=locale.partition("-")[0])

    async def visit(self, who: str) -> None:
        raise NotImplementedError

    async def visible(self, who: str) -> list[Seen]:
        state = await (await self._client.get("/api/playground/state")).json()
        found: list[Seen] = []
        for channel in state["channels"]:
            query = {"channel": channel["id"], "viewer": who}
            response = await self._client.get("/api/playground/messages", params=query)
            if response.status == 200:
                messages = (await response.json())["messages"]
                found += [_seen_of_json(message, await self._files(message["card"])) for message in messages]
        return sorted(found, key=lambda seen: int(seen.id.removeprefix("m")))

    async def _files(self, card: dict[str, Any] | None) -> dict[str, bytes]:
        """Return what a browser gets of a card's files."""
        urls = [file["url"] for file in card["files"]] if card else []
        if card and card["image"]:
            urls.insert(0, card["image"])
        return {url.rpartition("/")[2]: await (await self._client.get(url)).read() for url in urls}

    def form(self, who: str) -> Asked | None:
        form = self._forms.get(who)
        if not form:
            return None
        return Asked(
            form["title"],
            {field["name"]: field["value"] or "" for field in form["fields"]},
            {field["name"]: field["error"] for field in form["fields"] if field["error"]},
            form["problem"],
        )

    def thread(self, message: str) -> str:
        return f"t-{message}"

    def direct(self, who: str) -> str:
        return f"dm-{who}"

    def account(self, who: str) -> Account:
        return Account(Space("playground", "demo"), who)


def _seen_of_json(message: dict[str, Any], files: dict[str, bytes]) -> Seen:
    card = message["card"] or {"title": "", "body": "", "fields": [], "footer": "", "image_text": "", "lists": []}
    told = {each["name"]: [item["text"] for item in each["items"]] for each in card["lists"]}
    controls = message["controls"]
    menu = next((control for control in controls if control["kind"] == "menu"), None)
    return Seen(
        message["id"],
        message["channel"],
        message["author"],
        message["text"],
        title=card["title"],
        body="\n\n".join(filter(None, [card["body"].replace("`", ""), *told.pop("", [])])),
        fields={field["name"]: field["value"] for field in card["fields"]}
        | {name: "\n".join(items) for name, items in told.items()},
        footer=card["footer"],
        controls=first_of((control["label"], control["id"]) for control in controls if control["kind"] == "button"),
        links=first_of((control["label"], control["url"]) for control in controls if control["kind"] == "link"),
        menu=menu["id"] if menu else "",
        options={option["label"]: option["value"] for option in menu["options"]} if menu else {},
        private=message["private"],
        pinged=frozenset(ping["id"] for ping in message["pings"]) if message["card"] else frozenset(),
        files=files,
        alt=card["image_text"],
    )


KITS = {
    "memory": "tests.doors:MemoryKit",
    "playground": "tests.doors:PlaygroundKit",
    "discord": "tests.adapters.discord.door:DiscordKit",
    "slack": "tests.adapters.slack.door:SlackKit",
}


def kit_for(request: pytest.FixtureRequest, folder: Path, now: Callable[[], datetime]) -> Kit:
    """Return the kit that a test is parametrised with. Skips what a platform lacks, each with its reason."""
    module, _, name = KITS[request.param].partition(":")
    kind = getattr(importlib.import_module(module), name)
    if kind.UNREADY:
        pytest.skip(kind.UNREADY)
    for needed in request.node.iter_markers("needs"):
        if reason := kind.LACKS.get(needed.args[0]):
            pytest.skip(reason)
    kit: Kit = kind(folder, now)
    return kit
