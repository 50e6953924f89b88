"""The door through which stories reach Slack: real slack-bolt and slack-sdk, talking to the server of ours."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.contract.adapter import Adapter
from adapters.contract.models import Account, Space
from adapters.slack import Slack
from bot.text.language import Locales
from tests.story import Asked, Door, Seen

from .crowd import Crowd
from .server import SlackServer
from .things import APP_TOKEN, BOT, BOT_TOKEN, SECRET, TEAM, Upload

MEMBERS = {"mia": None, "noah": None, "kenji": "Asia/Tokyo", "sofia": "America/Sao_Paulo"}
STAFF = {"ava": "agent", "omar": "agent", "liam": "moderator", "ada": "admin"}
CHANNELS = ("general", "help", "introductions", "events", "ideas")
TAKEN = {"/away", "/me", "/search", "/help", "/leave", "/status", "/topic"}
"""Slack's own commands: ours of that name go behind `/trellis`."""
EMOJI = {
    "✅": "white_check_mark",
    "🙏": "pray",
    "🙌": "raised_hands",
    "👍": "+1",
    "🎉": "tada",
    "❤️": "heart",
    "👀": "eyes",
}
_FIELD = re.compile(r"(?:^|(?<=\n)|(?<=·\u2002))\*([^\n]+?)\*[ \n](.*?)(?=\u2002·\u2002\*|\n\*|\Z)", re.DOTALL)
SIGNS = ("✅ ", "⚠️ ", "❓ ", "📅 ", "💡 ", "📊 ")


class SlackKit:
    """A workspace for one test, with the people and channels of every story."""

    LACKS: ClassVar[Mapping[str, str]] = {
        "person menus": "Slack has menus of messages alone",
        "completing": "Slack shows nothing while someone types a command",
        "calendar": "Slack has no calendar of its own",
        "invitations": "Slack does not say what led somebody here",
        "replies": "Slack answers in threads alone",
        "clearing": "Slack lets nobody take off what others put on a message",
    }
    UNREADY: ClassVar[str] = ""

    def __init__(self, _: Path, now: Callable[[], datetime], *, http: bool = False) -> None:
        self.server = SlackServer(now)
        self.http = http
        self.suggests = False
        """Whether the app is to suggest what can be said."""
        for name, zone in MEMBERS.items():
            self.server.add_user(f"U{name.upper()}", name.capitalize(), zone)
        for name in STAFF:
            self.server.add_user(f"U{name.upper()}", name.capitalize())
        for role in ("gardener", "mentor"):
            self.server.groups[role] = {"id": f"S{role.upper()}", "handle": role, "users": ["UADA"]}
        for role in {*STAFF.values()}:
            users = [f"U{name.upper()}" for name, its in STAFF.items() if its == role]
            self.server.groups[role] = {"id": f"S{role.upper()}", "handle": role, "users": users}
        for name in CHANNELS:
            self.server.add_channel(f"C{name.upper()}", name)
        self.server.add_channel("CAGENTS", "agents", {f"U{name.upper()}" for name in STAFF})
        self.slack: Slack
        self._web: TestServer | None = None

    async def adapter(self) -> Adapter:
        if not self.server.url:
            await self.server.start()
        self.slack = Slack(
            BOT_TOKEN,
            app_token="" if self.http else APP_TOKEN,
            signing_secret=SECRET if self.http else "",
            api_url=f"{self.server.url}/api/",
            suggests=self.suggests,
            welcome=("general",),
            translations_of=Locales().of,
            now=self.server.now,
            burst=1000,
        )
        if self.http:
            await self.serve()
        return self.slack

    async def serve(self) -> None:
        """Serve the adapter's routes, as the one web server does."""
        if self._web:
            await self._web.close()
        app = web.Application()
        app.add_routes(self.slack.routes())
        self._web = TestServer(app)
        await self._web.start_server()
        self.server.target = str(self._web.make_url("/slack/events"))

    async def door(self, settle: Callable[[], Awaitable[None]]) -> Door:
        return SlackDoor(self, settle)

    def page_of(self, who: str) -> Seen:
        """Return what stands in somebody's App Home."""

        async def settled() -> None: ...

        return SlackDoor(self, settled).page(who)

    async def close(self) -> None:
        if self._web:
            await self._web.close()
        await self.server.stop()
        assert not self.server.violations, self.server.violations


class SlackDoor:
    """Into the workspace, as people see it in their clients."""

    def __init__(self, kit: SlackKit, settle: Callable[[], Awaitable[None]]) -> None:
        self.kit = kit
        self.server = kit.server
        self.crowd = Crowd(kit.server)
        self._settle = settle

    async def _done(self) -> None:
        await self.kit.slack.idle()
        await self._settle()
        await self.kit.slack.idle()

    async def say(self, who: str, channel: str, text: str) -> str:
        place, _, thread = self._id(channel).partition(":")
        text = self._typed(text)
        ts = await self.crowd.say(self._user(who), place, text, thread)
        await self._done()
        return ts

    async def reply(self, who: str, message: str, text: str) -> str:
        raise NotImplementedError

    async def attach(self, who: str, channel: str, name: str, text: str = "") -> str:
        place, _, thread = self._id(channel).partition(":")
        kind = "image/png" if name.endswith(".png") else "application/zip"
        shared = {"subtype": "file_share", "upload": True, "files": [{"id": "F1", "name": name, "mimetype": kind}]}
        ts = await self.crowd.say(self._user(who), place, text, thread, **shared)
        await self._done()
        return ts

    def _typed(self, text: str) -> str:
        """Return what the client sends of what somebody types to Trellis: it makes those who are named mentions."""
        if "@trellis" not in text.lower():
            return text
        for id_, user in self.server.users.items():
            text = re.sub(rf"(?<!\w)@{user['name']}\b", f"<@{id_}>", text, flags=re.IGNORECASE)
        return text

    async def edit(self, who: str, message: str, text: str) -> None:
        assert self.crowd.place_of(message).messages[message]["user"] == self._user(who)
        await self.crowd.edit(message, self._typed(text))
        await self._done()

    async def clear_reactions(self, message: str, emoji: str = "") -> None:
        raise NotImplementedError

    async def use(self, who: str, channel: str, command: str, options: Mapping[str, str]) -> None:
        typed = [
            f'{name}:"{value}"' if " " in value and '"' not in value else f"{name}:{value}"
            for name, value in options.items()
            if value
        ]
        line = " ".join([command, *typed]).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        place, _, thread = self._id(channel).partition(":")
        if thread:  # where Slack takes no slash commands
            await self.crowd.say(self._user(who), place, f"<@{BOT}> {line}", thread, raw=True)
        elif f"/{command.split(maxsplit=1)[0]}" in TAKEN:
            await self.crowd.slash(self._user(who), place, "/trellis", line)
        else:
            word, _, rest = line.partition(" ")
            await self.crowd.slash(self._user(who), place, f"/{word}", rest)
        await self._done()

    async def complete(self, who: str, channel: str, command: str, option: str, typed: str) -> list[str]:
        raise NotImplementedError

    async def pick(self, who: str, message: str, shortcut: str) -> None:
        await self.crowd.pick(self._user(who), message, shortcut)
        await self._done()

    async def pick_person(self, who: str, person: str, shortcut: str) -> None:
        raise NotImplementedError

    async def press(self, who: str, message: str, control: str, values: Sequence[str] = ()) -> None:
        await self.crowd.press(self._user(who), message, control, values)
        await self._done()

    async def choose(self, who: str, content: bytes) -> str:
        id_ = f"F{self.server.next_id():09d}"
        self.server.files[id_] = Upload("Screen Shot.png", len(content), "", content, done=True)
        return id_

    async def submit(self, who: str, answers: Mapping[str, str]) -> None:
        await self.crowd.submit(self._user(who), answers)
        await self._done()

    async def react(self, who: str, message: str, emoji: str) -> None:
        await self.crowd.react(self._user(who), message, EMOJI.get(emoji, emoji))
        await self._done()

    async def unreact(self, who: str, message: str, emoji: str) -> None:
        await self.crowd.react(self._user(who), message, EMOJI.get(emoji, emoji), "reaction_removed")
        await self._done()

    async def delete(self, who: str, message: str) -> None:
        assert self.crowd.place_of(message).messages[message]["user"] == self._user(who)
        await self.crowd.delete(message)
        await self._done()

    async def join(self, who: str, name: str, source: str = "", domain: str = "") -> None:
        await self.crowd.join(self._user(who), name, domain)
        await self._done()

    async def open_page(self, who: str) -> Seen:
        await self.crowd.open_home(self._user(who))
        await self._done()
        return self.page(who)

    async def show_interest(self, who: str, title: str, interested: bool) -> None:
        raise NotImplementedError

    async def start_anywhere(self, who: str, command: str) -> None:
        await self.crowd.start(self._user(who), command)
        await self._done()

    def page(self, who: str) -> Seen:
        """Return what stands in somebody's App Home."""
        return self._seen_view(self.server.homes[self._user(who)], who)

    async def keep_out(self, channel: str) -> None:
        await self.crowd.archive("UADA", self._id(channel))
        await self._done()

    async def let_back(self, channel: str) -> None:
        await self.crowd.archive("UADA", self._id(channel), archived=False)
        await self._done()

    async def delete_channel(self, channel: str) -> None:
        await self.crowd.delete_channel("UADA", self._id(channel))
        await self._done()

    async def make_channel(self, name: str) -> None:
        id_ = f"C{name.upper()}{self.server.next_id()}"
        await self.crowd.open_channel("UADA", id_, name, bot=True)
        self.server.places[id_].members.update(self.server.users)
        await self._done()

    async def speak(self, who: str, locale: str) -> None:
        await self.crowd.change(self._user(who), locale=locale)
        await self._done()

    async def visit(self, who: str) -> None:
        """Have a guest's account."""
        await self.crowd.change(self._user(who), is_restricted=True)
        await self._done()

    async def leave(self, who: str) -> None:
        await self.crowd.leave(self._user(who))
        await self._done()

    async def visible(self, who: str) -> list[Seen]:
        user = self._user(who)
        rows = [
            (message, place.id, False)
            for place in self.server.places.values()
            if user in place.members
            for message in place.messages.values()
            if not message.get("files")  # they are seen with the card beside which they lie
        ]
        rows += [
            (message, message["channel"], True)
            for message in self.server.ephemeral.values()
            if message["user"] == user and (message["channel"][0] == "D" or message["channel"] in self.server.places)
        ]
        seen = [self._seen(*row) for row in sorted(rows, key=lambda row: int(row[0]["ts"].partition(".")[2]))]
        view = self.server.views.get(user)
        return [*seen, self._seen_view(view, who)] if view and "submit" not in view else seen

    def form(self, who: str) -> Asked | None:
        view = self.server.views.get(self._user(who))
        if view is None or "submit" not in view:
            return None
        errors, last = dict(self.server.errors[self._user(who)]), ""
        problem = ""
        for block in view["blocks"]:
            if block["type"] == "input":
                last = block["block_id"]
            elif block["type"] == "context":
                errors[last] = self.read(block["elements"][0]["text"]).removeprefix("⚠️ ")
            else:
                problem = self.read(block["text"]["text"]).removeprefix("⚠️ ")
        return Asked(view["title"]["text"], dict(self.server.typed[self._user(who)]), errors, problem)

    def thread(self, message: str) -> str:
        place = self.crowd.place_of(message)
        return f"{place.id}:{place.messages[message].get('thread_ts', message)}"

    def direct(self, who: str) -> str:
        return f"D{who.upper()}"

    def account(self, who: str) -> Account:
        return Account(Space("slack", TEAM), self._user(who))

    # Within

    @staticmethod
    def _user(who: str) -> str:
        return f"U{who.upper()}"

    def _id(self, channel: str) -> str:
        return next((place.id for place in self.server.places.values() if place.name == channel), channel)

    def read(self, words: str) -> str:
        """Return mrkdwn as its readers see it."""

        def show(match: re.Match[str]) -> str:
            what, _, label = match[1].partition("|")
            if what.startswith("@"):
                return f"@{self.server.users[what[1:]]['profile']['display_name']}"
            return f"#{self.server.places[what[1:]].name}" if what.startswith("#") else label

        words = re.sub(r"<([^<>]*)>", show, words)
        words = re.sub(r"```\n?(.*?)\n?```|`([^`]*)`", lambda match: match[1] or match[2] or "", words, flags=re.DOTALL)
        words = re.sub(r"(?<!\w)\*(?!\u200b)([^\n]+?)(?<!\u200b)\*(?!\w)", r"\1", words)
        words = words.replace("\u200b", "").replace("ˋ", "`")
        return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _seen_view(self, view: dict[str, Any], who: str) -> Seen:
        direct = self.direct(who)
        message = {"ts": view["id"], "user": self._user(who), "blocks": view["blocks"], "text": ""}
        return self._seen(message, direct, private=True)

    def _seen(self, message: dict[str, Any], place: str, private: bool) -> Seen:
        thread = message.get("thread_ts") or ""
        id_, ts = place if place.startswith("D") else self.server.places[place].name, message["ts"]
        where = f"{place}:{thread}" if thread and thread != ts else id_
        author = "trellis" if private or message["user"] == BOT else message["user"][1:].lower()
        blocks = message.get("blocks")
        if not blocks:
            return Seen(ts, where, author, self.read(message["text"]), private=private)
        picture = self.server.file_of(message)
        files = {picture.name: picture.content} if picture else {}
        files |= self._beside(message, place)
        title, body, footer, menu = "", list[str](), "", ""
        fields, controls, links, options = dict[str, str](), dict[str, str](), dict[str, str](), dict[str, str]()
        told, heading = dict[str, list[str]](), ""
        for block in blocks:
            for label, id_, named in _used(block, controls, links):
                named.setdefault(label, id_)
            match block:
                case {"type": "section", "block_id": id_} if re.fullmatch(r"list\.\d+", id_):
                    heading = self.read(block["text"]["text"])
                case {"type": "section", "block_id": id_} if id_.startswith("list."):
                    told.setdefault(heading, []).append(self.read(block["text"]["text"]))
                case {"type": "header"}:
                    title = block["text"]["text"]
                case {"type": "section", "block_id": "fields", "text": text}:
                    fields |= {self.read(name): self.read(value) for name, value in _FIELD.findall(text["text"])}
                case {"type": "section", "text": text}:
                    body.append(self.read(text["text"]))
                case {"type": "context"} if block["elements"][0]["text"].startswith("📎 "):
                    names = block["elements"][0]["text"].removeprefix("📎 ").partition(":")[0].split(", ")
                    files |= self._handed_over(place if place.startswith("D") else f"D{message['user'][1:]}", names)
                case {"type": "context"}:
                    footer = self.read(block["elements"][0]["text"])
                case {"type": "actions"}:
                    for element in block["elements"]:
                        if element["type"] not in ("button", "overflow"):
                            menu = element["action_id"]
                            options = {option["text"]["text"]: option["value"] for option in element["options"]}
        body += told.pop("", []) + [line for block in blocks for line in _places(block)]
        fields |= {name: "\n".join(items) for name, items in told.items()}
        whole = "\n".join(body)
        for sign in SIGNS:
            title, whole = title.removeprefix(sign), whole if title else whole.removeprefix(sign)
        return Seen(
            ts,
            where,
            author,
            title=title,
            body=whole,
            fields=fields,
            footer=footer,
            controls=controls,
            menu=menu,
            options=options,
            links=links,
            private=private,
            pinged=frozenset(person[1:].lower() for person in message.get("pinged", ())),
            files=files,
            alt=self._alt(blocks),
        )

    def _beside(self, message: dict[str, Any], place: str) -> dict[str, bytes]:
        """Return the files that were shared beside a card: in the thread around it or beneath it, or right after it."""
        ids = message.get("metadata", {}).get("event_payload", {}).get("files", "").split()[1:]
        thread = message.get("thread_ts") or ("" if place.startswith("D") else message["ts"])
        shared = [each for each in self.server.places[place].messages.values() if each.get("thread_ts", "") == thread]
        there = {file["id"] for each in shared for file in each.get("files", ())}
        return {self.server.files[id_].name: self.server.files[id_].content for id_ in ids if id_ in there}

    def _handed_over(self, direct: str, names: list[str]) -> dict[str, bytes]:
        """Return the newest files of these names in a direct channel."""
        there = [file["id"] for each in self.server.places[direct].messages.values() for file in each.get("files", ())]
        given = {self.server.files[id_].name: self.server.files[id_].content for id_ in there}
        return {name: given[name] for name in names}

    @staticmethod
    def _alt(blocks: list[dict[str, Any]]) -> str:
        told = (block.get("alt_text") if block["type"] == "image" else block.get("caption") for block in blocks)
        return next((str(words) for words in told if words), "")


def _places(block: dict[str, Any]) -> Iterator[str]:
    """Return the rows of a leaderboard as they are read aloud."""
    head, *rows = block["rows"] if block["type"] == "data_table" else [[]]
    for place, who, n in rows if len(head) == 3 and head[2]["text"] == "Points" else ():
        yield f"{place['text']} {who['text']}, {n['text']} point{'' if n['text'] == '1' else 's'}"


def _used(
    block: dict[str, Any], controls: dict[str, str], links: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Return the buttons of a block, also those in a menu of more: how each is called, its id, and among what it is."""
    for element in (*(block.get("elements") or ()), *filter(None, [block.get("accessory")])):
        if element["type"] == "button":
            id_ = element.get("url") or element["action_id"]
            yield element["text"]["text"], id_, links if "url" in element else controls
        for option in element["options"] if element["type"] == "overflow" else ():
            yield option["text"]["text"], option["value"], controls
