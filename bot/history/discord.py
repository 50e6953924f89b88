"""Reads what DiscordChatExporter wrote of a server: a JSON or HTML file for each channel, thread and forum post."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ijson

from adapters.contract.models import Account, Space
from adapters.contract.text import clean, clip
from adapters.discord.parse import moment
from adapters.discord.words import written_out
from bot.cogs.questions.solving import CHECK_MARKS
from storage.arrivals import hashed
from storage.members import GONE

from .archive import Archive, File, items
from .discord_html import HtmlPage
from .reader import LONGEST, Reader, text_of, within
from .said import UNKNOWN, Said, Unreadable
from .staging import Staging

PLATFORM = "discord"
_PAGES = (".html", ".htm")
_PRIVATE = {
    "DirectTextChat": "direct conversations",
    "DirectGroupTextChat": "group conversations",
    "GuildPrivateThread": "private threads",
}
_THREADS = {"GuildPublicThread", "GuildNewsThread"}
_WORDS = {"", "Default", "Reply", "0", "19"}
"""The kinds of message that are somebody's own words, by name or, in older exports, by number."""
_JOINS = {"GuildMemberJoin", "7"}
_STARTERS = {"ThreadStarterMessage", "21"}
"""What stands at the beginning of a thread for the message above it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a file is about: a channel, or a thread in the channel `parent`."""

    file: File
    guild: str
    guild_name: str
    id: str
    name: str
    parent: str
    type: str

    @property
    def is_thread(self) -> bool:
        return self.type in _THREADS


class DiscordExport(Reader):
    """The files of one server."""

    platform = PLATFORM

    def __init__(self, archive: Archive, chosen: str = "") -> None:
        self.unread: Counter[str] = Counter()
        places = [place for file in archive.files if (place := self._place(file))]
        self.private = Counter(_PRIVATE[place.type] for place in places if place.type in _PRIVATE)
        places = [place for place in places if place.type not in _PRIVATE]
        guild = within(PLATFORM, chosen) or _only_guild(places)
        here = [place for place in places if place.guild in ("", guild)]
        in_full = {place.id for place in here if place.file.path.suffix.lower() not in _PAGES}
        self._places = [one for one in here if one.file.path.suffix.lower() not in _PAGES or one.id not in in_full]
        self.channels = [place.name for place in sorted(self._places, key=lambda place: place.is_thread)]
        self.unread["files of other servers"] += len(places) - len(here)
        self.unread["pages of what is there as JSON, too"] += len(here) - len(self._places)
        self.space = Space(PLATFORM, guild)
        self.name = next((place.guild_name for place in self._places if place.guild_name), archive.path.name)

    def _place(self, file: File) -> Place | None:
        """Return what a file is about; None for one that DiscordChatExporter did not write."""
        suffix = file.path.suffix.lower()
        if suffix not in (".json", *_PAGES):
            return None
        try:
            if suffix in _PAGES:
                page = HtmlPage.head(file)
                facts = (page.guild, page.guild_name, page.channel, page.name, "", page.type) if page else None
                return Place(file, *facts) if facts else None
            guild, channel = (next(items(file, prefix), None) for prefix in ("guild", "channel"))
        except ijson.JSONError:
            self.unread["files that are broken"] += 1
            return None
        if not isinstance(guild, dict) or not isinstance(channel, dict) or not text_of(channel, "id").isdecimal():
            self.unread["files that are no export of a channel"] += 1
            return None
        id_, type_ = text_of(guild, "id"), text_of(channel, "type")
        if not id_.isdecimal():
            self.unread["files that are no export of a channel"] += 1
            return None
        if id_ == "0":
            type_ = type_ if type_ in _PRIVATE else "DirectTextChat"
        return Place(
            file,
            id_,
            text_of(guild, "name"),
            text_of(channel, "id"),
            text_of(channel, "name"),
            text_of(channel, "categoryId"),
            type_,
        )

    def read(self, staging: Staging, erased: frozenset[str], now: datetime, channels: Sequence[str]) -> Iterator[int]:
        staging.skipped.update(+self.unread)
        named = {place.id: place.name for place in self._places if not place.is_thread}
        read = 0
        for place in self._places:
            home = named.get(place.parent, place.name) if place.is_thread else place.name
            if self.wants(home, channels) or self.wants(place.name, channels):
                self._read_file(place, staging, erased, now)
            read += place.file.size
            yield read

    def _read_file(self, place: Place, staging: Staging, erased: frozenset[str], now: datetime) -> None:
        messages = (
            HtmlPage.messages(place.file)
            if place.file.path.suffix.lower() in _PAGES
            else items(place.file, "messages.item")
        )
        try:
            for raw in messages:
                if isinstance(raw, dict):
                    if why := self._read_message(raw, place, staging, erased, now):
                        staging.skipped[why] += 1
                else:
                    staging.skipped["what is no message"] += 1
        except (ijson.JSONError, UnicodeDecodeError):
            staging.skipped["files that are broken (what stands before that is read)"] += 1

    def _read_message(
        self, raw: Mapping[str, Any], place: Place, staging: Staging, erased: frozenset[str], now: datetime
    ) -> str:
        """Keep a message; return why not, if it is not kept."""
        id_, author, type_ = text_of(raw, "id"), _dict(raw, "author"), text_of(raw, "type")
        at, writer = _at(id_), text_of(author, "id")
        if at is None:
            return "what has no date"
        if type_ in _JOINS and writer.isdecimal():
            staging.add_joined(writer, at.timestamp())
        if why := _left_out(at, now, author, type_):
            return why
        text = self._words(raw, erased)
        if not text:
            return "what has no words"
        name = text_of(author, "nickname") or text_of(author, "name") or "someone"
        staging.add_person(writer, self.called(Account(self.space, writer), clip(name, 80), erased))
        staging.add(self._said(raw, place, id_, at, writer, text))
        return ""

    def _said(self, raw: Mapping[str, Any], place: Place, id_: str, at: datetime, writer: str, text: str) -> Said:
        starts = id_ == place.id
        """A post in a forum, or what a thread hangs under: it has the id of its thread."""
        titled = place.is_thread and starts
        channel = (place.parent or place.id) if place.is_thread else place.id
        edited = text_of(raw, "timestampEdited")
        return Said(
            channel=channel,
            thread=place.id if place.is_thread and not starts else "",
            place=channel if starts else place.id,
            id=id_,
            at=at.timestamp(),
            author=writer,
            text=text,
            title=clip(clean(place.name), 150) if titled else "",
            reply_to=text_of(_dict(raw, "reference"), "messageId"),
            named=tuple(filter(None, (text_of(one, "id") for one in _dicts(raw, "mentions")))),
            checked=_checked(raw),
            edited=_stamp(edited),
        )

    def _words(self, raw: Mapping[str, Any], erased: frozenset[str]) -> str:
        """Return what a message says, with everyone by name but those who were erased."""
        people = {}
        text = text_of(raw, "content")[:LONGEST]
        for one in _dicts(raw, "mentions"):
            name = text_of(one, "nickname") or text_of(one, "name")
            people[text_of(one, "id")] = name
            if erased and name and hashed(Account(self.space, text_of(one, "id")).key) in erased:
                text = text.replace(f"@{name}", f"@{GONE}")
                people[text_of(one, "id")] = GONE
        return clean(written_out(text, self.space.id, _Names(), people))


def _left_out(at: datetime, now: datetime, author: Mapping[str, Any], type_: str) -> str:
    """Return why a message is not one of somebody's own words; "" if it is."""
    if at > now + timedelta(days=1):
        return "what is dated in the future"
    if author.get("isBot"):
        return "what bots wrote"
    if not text_of(author, "id").isdecimal():
        return "what has no author"
    if type_ in _JOINS:
        return "notes of who came and went"
    if type_ in _STARTERS:
        return "what stands for the message above a thread"
    return "" if type_ in _WORDS else "what the platform noted, and what was deleted"


class _Names:
    """Roles and channels of which an export has no names."""

    def role(self, guild: str, role: str) -> None: ...

    def channel_name(self, guild: str, channel: str) -> None: ...


def _only_guild(places: Sequence[Place]) -> str:
    guilds = sorted({place.guild for place in places if place.guild})
    if not places:
        raise Unreadable(
            "There are no files of DiscordChatExporter in it. Export with --format Json, a file for each channel."
        )
    if len(guilds) != 1:
        which = f"It has files of {', '.join(guilds)}." if guilds else "It does not say of which server it is."
        raise Unreadable(f"{which} Please say which with --space discord/...")
    return guilds[0]


def _at(id_: str) -> datetime | None:
    """Return when a message was written, which its id tells to the millisecond."""
    with suppress(ValueError, OverflowError, OSError):
        return moment(id_) if id_.isdecimal() and id_.isascii() and len(id_) >= 15 else None
    return None


def _stamp(words: str) -> float:
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(words)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return 0.0


def _checked(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return who put a check mark on a message; somebody `UNKNOWN` where an export does not say who."""
    found: list[str] = []
    for reaction in _dicts(raw, "reactions"):
        emoji = _dict(reaction, "emoji")
        if {text_of(emoji, "name"), text_of(emoji, "code")} & CHECK_MARKS:
            found += [text_of(user, "id") for user in _dicts(reaction, "users")] or [UNKNOWN]
    return tuple(filter(None, found))


def _dict(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = raw.get(key)
    return found if isinstance(found, dict) else {}


def _dicts(raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = raw.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
