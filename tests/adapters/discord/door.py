"""The door through which stories reach Discord: the real adapter and discord.py, over a loopback server."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from adapters.contract.adapter import Adapter
from adapters.contract.models import Account, Space
from adapters.discord import Discord
from adapters.discord.limits import Pace
from tests.doors import CHANNELS, MEMBERS, STAFF, first_of
from tests.story import Asked, Door, Seen

from . import people, spec
from .gateway import TOKEN
from .server import Server
from .world import DIRECT, EPHEMERAL, THREAD, Kept, World

PACE = Pace(patience=1.5, silence=0.0, again=0.01, longest=0.05, identify=0.01, look=0.05, arrival=2.0, drain=2.0)
"""Nothing here has to wait for anyone; but a busy machine may be slow to answer."""

_MARKS = re.compile(
    r"```\n(?P<block>.*?)\n```|`` (?P<two>.*?) ``|`(?P<one>[^`\n]+)`|\\(?P<escaped>[^A-Za-z0-9\s])|\*\*"
    r"|<t:(?P<moment>-?\d+):F> \(<t:-?\d+:R>\)|<t:(?P<time>-?\d+):(?P<style>\w)>"
    r"|<@(?P<user>\d+)>|<#(?P<channel>\d+)>|</(?P<command>[^:>]+):\d+>|\[(?P<label>(?:\\.|[^\]\\])*)\]\((?P<url>[^)]*)\)",
    re.DOTALL,
)


def read(world: World, drawn: str) -> str:
    """Return what Discord's client shows of a text, as plain words."""

    def shown(match: re.Match[str]) -> str:
        if match["moment"]:
            return _moment(match["moment"])
        if match["time"]:
            at = datetime.fromtimestamp(int(match["time"]), UTC)
            return f"{at:%d %b %Y}" if match["style"] == "D" else _moment(match["time"])
        if match["user"]:
            return f"@{world.people[match['user']]['global_name']}"
        if match["channel"]:
            return f"#{world.channels[match['channel']]['name']}"
        if match["command"]:
            return f"/{match['command']}"
        if match["label"] is not None:
            return read(world, match["label"])
        return match["block"] or match["two"] or match["one"] or match["escaped"] or ""

    return _MARKS.sub(shown, drawn).replace("\u200b", "")


def _moment(seconds: str) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%d %b %Y, %H:%M} UTC"


class DiscordKit:
    """A Discord with the people and channels of every story."""

    LACKS: ClassVar[Mapping[str, str]] = {
        "pages": "Discord keeps no personal page: /me is it",
        "starts": "Discord has no menu of such things: typing a slash is it",
        "zones": "Discord tells nobody's time zone",
        "addresses": "Discord tells nobody's e-mail address",
        "asides": "Discord shows nothing to one person who did not use a command or a button",
        "free typing": "Discord's own yes/no takes no other word",
    }
    UNREADY: ClassVar[str] = "" if spec.FILE.exists() else "Discord's OpenAPI is not beside the checkout (../shared)"

    def __init__(self, _: Path, now: Callable[[], datetime]) -> None:
        world = self.world = World(now)
        self.server = Server(world)
        self.ids = {name: world.add_person(name.capitalize()) for name in MEMBERS}
        self.ids |= {name: world.add_person(name.capitalize(), role) for name, role in STAFF.items()}
        for name in CHANNELS:
            world.add_channel(name)
        world.add_channel("agents", readers=tuple(self.ids[name] for name in STAFF))
        self._adapter: Discord | None = None

    async def adapter(self) -> Adapter:
        if not self.server.url:
            await self.server.start()
        self._adapter = Discord(TOKEN, api_url=self.server.url, pace=PACE)
        return self._adapter

    async def door(self, settle: Callable[[], Awaitable[None]]) -> Door:
        assert self._adapter
        return DiscordDoor(self.server, self._adapter, self.ids, settle)

    async def close(self) -> None:
        if self._adapter:
            await self._adapter.stop()
        await self.server.close()
        assert not self.server.complaints, self.server.complaints


class DiscordDoor:
    """Into Discord, as its client lets people in."""

    def __init__(
        self, server: Server, adapter: Discord, ids: dict[str, str], settle: Callable[[], Awaitable[None]]
    ) -> None:
        self.server = server
        self.platform = adapter
        self._world = server.world
        self._ids = ids
        self._names = {id_: name for name, id_ in ids.items()} | {server.world.bot: "trellis"}
        self._settle = settle
        self._sent: dict[str, tuple[dict[str, Any], Mapping[str, str]]] = {}
        """The modal that each person sent last, and what they typed."""

    async def say(self, who: str, channel: str, text: str) -> str:
        text = self._typed(text)
        message = await people.say(self.server, self._ids[who], self._channel(channel), text)
        await self._done()
        return message

    async def reply(self, who: str, message: str, text: str) -> str:
        channel = self._world.messages[message].data["channel_id"]
        reply = await people.say(self.server, self._ids[who], channel, text, reply_to=message)
        await self._done()
        return reply

    async def attach(self, who: str, channel: str, name: str, text: str = "") -> str:
        kind = "image/png" if name.endswith(".png") else "application/octet-stream"
        file = {"filename": name, "content_type": kind, "size": 3}
        message = await people.say(self.server, self._ids[who], self._channel(channel), text, [file])
        await self._done()
        return message

    def _typed(self, text: str) -> str:
        """Return what the client sends of what somebody types to Trellis: it makes those who are named mentions."""
        if "@trellis" not in text.lower():
            return text
        for name, id_ in {**self._ids, "trellis": self._world.bot}.items():
            text = re.sub(rf"(?<!\w)@{name}\b", f"<@{id_}>", text, flags=re.IGNORECASE)
        return text

    async def edit(self, who: str, message: str, text: str) -> None:
        assert self._world.messages[message].data["author"]["id"] == self._ids[who]
        await people.edit(self.server, message, self._typed(text))
        await self._done()

    async def clear_reactions(self, message: str, emoji: str = "") -> None:
        await people.clear(self.server, message, emoji)
        await self._done()

    async def post(self, who: str, forum: str, title: str, text: str) -> str:
        """Open a post in a forum; return its id."""
        id_ = await people.post(self.server, self._ids[who], self._channel(forum), title, text)
        await self._done()
        return id_

    async def use(self, who: str, channel: str, command: str, options: Mapping[str, str]) -> None:
        await people.use(self.server, self._ids[who], self._channel(channel), command, options, insist=False)
        await self._done()

    async def complete(self, who: str, channel: str, command: str, option: str, typed: str) -> list[str]:
        found = await people.complete(self.server, self._ids[who], self._channel(channel), command, option, typed)
        return [choice["name"] for choice in found]

    async def pick(self, who: str, message: str, shortcut: str) -> None:
        await people.pick(self.server, self._ids[who], message, shortcut)
        await self._done()

    async def pick_person(self, who: str, person: str, shortcut: str) -> None:
        await people.pick_person(self.server, self._ids[who], self._ids.get(person, self._world.bot), shortcut)
        await self._done()

    async def press(self, who: str, message: str, control: str, values: Sequence[str] = ()) -> None:
        await people.press(self.server, self._ids[who], message, control, values)
        await self._done()

    async def choose(self, who: str, content: bytes) -> str:
        return self._world.choose(content)

    async def submit(self, who: str, answers: Mapping[str, str]) -> None:
        """A dialog that was refused is opened once more by its button, which is what Discord leaves us."""
        user = self._ids[who]
        if user not in self.server.modals:
            note = self._refusal(user)
            assert note, f"{who} has no form open"
            await self.press(who, note.data["id"], _controls(note.data)["Try again"])
        self._sent[user] = (self.server.modals[user][0], answers)
        await people.submit(self.server, user, answers)
        await self._done()

    async def react(self, who: str, message: str, emoji: str) -> None:
        await people.react(self.server, self._ids[who], message, emoji)
        await self._done()

    async def unreact(self, who: str, message: str, emoji: str) -> None:
        await people.react(self.server, self._ids[who], message, emoji, back=True)
        await self._done()

    async def delete(self, who: str, message: str) -> None:
        await people.delete(self.server, message)
        await self._done()

    async def join(self, who: str, name: str, source: str = "", domain: str = "") -> None:
        """Discord tells nobody's e-mail domain."""
        id_ = self._ids.setdefault(who, self._world.id())
        self._names[id_] = who
        await people.join(self.server, id_, name, source)
        await self._done()

    async def open_page(self, who: str) -> Seen:
        raise NotImplementedError

    def page(self, who: str) -> Seen:
        raise NotImplementedError

    async def show_interest(self, who: str, title: str, interested: bool) -> None:
        entry = next(id_ for id_, one in self._world.events.items() if one["name"] == title)
        await people.show_interest(self.server, self._ids[who], entry, interested=interested)
        await self._done()

    async def start_anywhere(self, who: str, command: str) -> None:
        raise NotImplementedError

    async def keep_out(self, channel: str) -> None:
        await people.forbid(self.server, self._channel(channel))
        await self._done()

    async def let_back(self, channel: str) -> None:
        await people.allow(self.server, self._channel(channel))
        await self._done()

    async def delete_channel(self, channel: str) -> None:
        await people.delete_channel(self.server, self._channel(channel))
        await self._done()

    async def make_channel(self, name: str) -> None:
        await people.open_channel(self.server, name)
        await self._done()

    async def speak(self, who: str, locale: str) -> None:
        self.server.world.locales[self._ids[who]] = locale

    async def visit(self, who: str) -> None:
        """Have come by a guest invite."""
        await people.change(self.server, self._ids[who], flags=1 << 4)

    async def leave(self, who: str) -> None:
        await people.leave(self.server, self._ids[who])
        await self._done()

    async def visible(self, who: str) -> list[Seen]:
        user = self._ids[who]
        return [
            self._seen(kept)
            for kept in self._world.messages.values()
            if kept.reader in ("", user) and self._world.may_read(user, kept.data["channel_id"])
        ]

    def form(self, who: str) -> Asked | None:
        user = self._ids[who]
        if user in self.server.modals:
            modal = self.server.modals[user][0]
            parts = [part for part in modal["components"] if part["type"] == 18]
            wrong = {part["component"]["custom_id"]: part.get("description", "") for part in parts}
            values: dict[str, str] = {}
            for part in parts:
                values |= _values(self._world, part["component"])
            return Asked(
                modal["title"],
                values,
                {name: words.removeprefix("⚠️ ") for name, words in wrong.items() if words.startswith("⚠️ ")},
                "".join(read(self._world, part["content"]) for part in modal["components"] if part["type"] == 10),
            )
        note = self._refusal(user)
        return self._asked_again(user, note) if note else None

    def _refusal(self, user: str) -> Kept | None:
        """Return the newest private note, if it says what is wrong with a form."""
        notes = [kept for kept in self._world.messages.values() if kept.reader == user]
        return notes[-1] if notes and "Try again" in _controls(notes[-1].data) and user in self._sent else None

    def _asked_again(self, user: str, note: Kept) -> Asked:
        modal, answers = self._sent[user]
        labels = {part["label"]: part["component"]["custom_id"] for part in modal["components"] if part["type"] == 18}
        lines = self._read(_texts(note.data).get(BODY, "")).splitlines()
        told = [line.partition(": ") for line in lines]
        errors = {labels[label]: words for label, _, words in told if label in labels}
        problem = "" if errors else "\n".join(lines)
        return Asked(modal["title"], dict(answers), errors, problem)

    def thread(self, message: str) -> str:
        return f"t-{message}"

    def direct(self, who: str) -> str:
        return f"dm-{who}"

    def account(self, who: str) -> Account:
        return Account(Space("discord", self._world.guild), self._ids[who])

    async def _done(self) -> None:
        await self.server.heard()
        await self.platform.idle()
        await self._settle()

    def _channel(self, name: str) -> str:
        if name.startswith("t-"):
            return name.removeprefix("t-")
        if name.startswith("dm-"):
            return str(self._world.direct(self._ids[name.removeprefix("dm-")])["id"])
        return next(id_ for id_, one in self._world.channels.items() if one.get("name") == name)

    def _channel_name(self, id_: str) -> str:
        place = self._world.channels[id_]
        if place["type"] == THREAD:
            return f"t-{id_}"
        if place["type"] == DIRECT:
            return f"dm-{self._names[place['recipients'][0]['id']]}"
        return str(place["name"])

    def _read(self, drawn: str) -> str:
        return read(self._world, drawn)

    def _seen(self, kept: Kept) -> Seen:
        data, texts = kept.data, _texts(kept.data)
        parts = [*spec.components(data)]
        menu = next((part for part in parts if part["type"] == 3), None)
        told = self._lists(texts)
        sentence = data["content"] if data["author"]["id"] == self._world.bot else ""
        shown = [item for part in parts for item in part.get("items", ())]
        return Seen(
            data["id"],
            self._channel_name(data["channel_id"]),
            self._names[data["author"]["id"]],
            (not sentence and data["content"]) or self._read(texts.get(CALLED, "").removeprefix("-# ")),
            title=self._read(texts.get(TITLE, "").removeprefix("### ")),
            body="\n\n".join(filter(None, [self._read(texts.get(BODY, sentence)), *told.pop("", [])])),
            fields={self._read(name): self._read(value) for name, value in _FIELD.findall(texts.get(FIELDS, ""))}
            | {name: "\n".join(items) for name, items in told.items()},
            footer=self._read(texts.get(FOOTER, "").removeprefix("-# ")),
            controls=_controls(data),
            links=first_of((part["label"], part["url"]) for part in parts if "url" in part),
            menu=menu["custom_id"] if menu else "",
            options={option["label"]: option["value"] for option in menu["options"]} if menu else {},
            private=bool(kept.reader) and bool(data["flags"] & EPHEMERAL),
            pinged=frozenset(self._names[user] for user in kept.pinged),
            files={one["filename"]: kept.files.get(one["id"], b"") for one in data["attachments"]},
            alt=shown[0]["description"] if shown else "",
        )

    def _lists(self, texts: Mapping[int, str]) -> dict[str, list[str]]:
        """Return the items of a card's lists by the names of these."""
        told: dict[str, list[str]] = {}
        for id_, words in texts.items():
            if id_ >= LISTS and id_ % LISTS:
                name = self._read(texts.get(id_ - id_ % LISTS, ""))
                told.setdefault(name, []).append(self._read(words))
        return told


TITLE, BODY, FIELDS, FOOTER, CALLED, LISTS = 1, 2, 3, 4, 5, 100
"""The numbers of a card's texts."""
_FIELD = re.compile(r"\*\*((?:\\.|[^*\\])+)\*\*[ \n]?(.*?)(?=\u2002·\u2002\*\*|\n\*\*|\Z)", re.DOTALL)


def _texts(data: dict[str, Any]) -> dict[int, str]:
    return {part["id"]: part["content"] for part in spec.components(data) if part["type"] == 10}


def title_of(data: dict[str, Any]) -> str:
    """Return the heading of a card that Discord tells of."""
    return _texts(data)[TITLE].removeprefix("### ")


def _controls(data: dict[str, Any]) -> dict[str, str]:
    buttons = (part for part in spec.components(data) if part["type"] == 2 and "url" not in part)
    return first_of((part["label"], part["custom_id"]) for part in buttons)


def _values(world: World, control: dict[str, Any]) -> dict[str, str]:
    """Return what a part of a modal is prefilled with, by the fields in it: boxes that share a place are several."""
    if control["type"] == 22:
        return {one["value"]: "true" if one.get("default") else "false" for one in control["options"]}
    if control["type"] == 6:
        names = {role["id"]: name for name, role in world.roles.items()}
        return {control["custom_id"]: ", ".join(names[one["id"]] for one in control.get("default_values", ()))}
    return {control["custom_id"]: _value(control)}


def _value(control: dict[str, Any]) -> str:
    """Return what an input of a modal is prefilled with."""
    if control["type"] in (3, 21):
        chosen = [option["value"] for option in control["options"] if option.get("default")]
        return "".join(chosen)
    if control["type"] == 23:
        return "true" if control.get("default") else "false"
    if picked := control.get("default_values"):
        return ", ".join(str(one["id"]) for one in picked)
    return str(control.get("value", ""))
