"""Reads Slack's own export: `channels.json`, `users.json`, and a folder for each channel with a file for each day."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from unicodedata import normalize

import ijson

from adapters.contract.models import Account, Profile, Space
from adapters.contract.text import clip
from adapters.slack.parse import Facts, channel, words_of
from bot.cogs.questions.solving import CHECK_MARKS

from .archive import Archive, File, items
from .reader import LONGEST, Reader, text_of, within
from .said import Said, Unreadable
from .staging import Staging

PLATFORM = "slack"
_PRIVATE = {
    "groups.json": "private channels",
    "dms.json": "direct conversations",
    "mpims.json": "group conversations",
}
_WORDS = {"", "thread_broadcast", "file_share", "me_message", "reply_broadcast"}
"""The kinds of message that are somebody's own words."""
_JOINS = {"channel_join", "group_join"}
_ID = re.compile(r"[A-Za-z0-9]+")
_STAMP = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_NAMED = re.compile(r"<@([UW][A-Z0-9]+)")


class SlackExport(Reader):
    """One export of a workspace."""

    platform = PLATFORM

    def __init__(self, archive: Archive, chosen: str = "") -> None:
        tops = sorted(file.path.parent for file in archive.files if file.path.name == "channels.json")
        if not tops:
            raise Unreadable(
                "There is no channels.json in it, so it is no export of Slack's. If it has the files of Discord's "
                "channels, use `trellis import discord`."
            )
        if len(tops) > 1:
            raise Unreadable(
                f"It holds {len(tops)} exports: {', '.join(map(str, tops))}. Please give me one at a time."
            )
        self._top = tops[0]
        self._files = archive.files
        self._users = [user for name in ("users.json", "org_users.json") for user in self._listed(name)]
        named = (one for one in self._listed("channels.json") if text_of(one, "name"))
        self._channels = [one for one in named if _ID.fullmatch(text_of(one, "id"))]
        self.channels = [text_of(one, "name") for one in self._channels if not one.get("is_private")]
        self.private = self._count_private()
        self.space = Space(PLATFORM, within(PLATFORM, chosen) or self._team())
        self.name = archive.path.stem

    def _listed(self, name: str) -> list[Mapping[str, Any]]:
        """Return what a file at the top lists; nothing where there is none."""
        file = next((file for file in self._files if file.path == self._top / name), None)
        if file is None:
            return []
        try:
            return [one for one in items(file, "item") if isinstance(one, dict)]
        except ijson.JSONError as broken:
            raise Unreadable(f"{name} in it is broken. Please download the export again.") from broken

    def _count_private(self) -> Counter[str]:
        found = Counter({what: len(self._listed(name)) for name, what in _PRIVATE.items()})
        found["private channels"] += sum(bool(one.get("is_private")) for one in self._channels)
        return +found

    def _team(self) -> str:
        """Return the workspace that most people are of; who is of another one visits it."""
        teams = Counter(text_of(user, "team_id") for user in self._users if not user.get("is_stranger"))
        found = [team for team in teams if team.startswith("T")]
        if len(found) != 1:
            which = f" It names {', '.join(sorted(found))}." if found else ""
            raise Unreadable(f"It does not say of which workspace it is.{which} Please say so with --space slack/T...")
        return found[0]

    def read(self, staging: Staging, erased: frozenset[str], now: datetime, channels: Sequence[str]) -> Iterator[int]:
        people = self._people(staging, erased)
        named = {text_of(one, "id"): text_of(one, "name") for one in self._channels}
        facts = Facts(self.space, "", now, people=people, channels=named)
        folders: dict[str, list[File]] = defaultdict(list)
        for file in self._files:
            if file.path.parent.parent == self._top != file.path.parent and file.path.suffix == ".json":
                folders[normalize("NFC", file.path.parent.name)].append(file)
        read = 0
        for one in self._channels:
            name = text_of(one, "name")
            days = folders.pop(normalize("NFC", name), []) or folders.pop(text_of(one, "id"), [])
            if one.get("is_private") or not self.wants(name, channels):
                continue
            for file in days:
                self._read_day(file, text_of(one, "id"), facts, staging, now)
                read += file.size
                yield read
        if folders and not channels:
            staging.skipped["files of what is no public channel"] += sum(map(len, folders.values()))

    def _people(self, staging: Staging, erased: frozenset[str]) -> dict[str, Profile]:
        """Return who is known by name, but for those who were erased; and keep it."""
        known = {}
        for user in self._users:
            id_ = text_of(user, "id")
            if not _ID.fullmatch(id_):
                continue
            name = self.called(Account(self.space, id_), _name(user), erased)
            staging.add_person(id_, name, text_of(user, "tz"))
            bot = bool(user.get("is_bot")) or id_ == "USLACKBOT"
            known[id_] = Profile(Account(self.space, id_), name, bot=bot)
        return known

    def _read_day(self, file: File, where: str, facts: Facts, staging: Staging, now: datetime) -> None:
        try:
            for raw in items(file, "item"):
                if isinstance(raw, dict):
                    self._read_message(raw, where, facts, staging, now)
                else:
                    staging.skipped["what is no message"] += 1
        except (ijson.JSONError, UnicodeDecodeError):
            staging.skipped["files that are broken (what stands before that is read)"] += 1

    def _read_message(self, raw: Mapping[str, Any], where: str, facts: Facts, staging: Staging, now: datetime) -> None:
        ts, author, subtype = text_of(raw, "ts"), text_of(raw, "user"), text_of(raw, "subtype")
        at = _seconds(ts)
        profile = facts.people.get(author)
        if at is None:
            why = "what has no date"
        elif at > (now + timedelta(days=1)).timestamp():
            why = "what is dated in the future"
        elif subtype in _JOINS:
            staging.add_joined(author, at)
            why = "notes of who came and went"
        elif subtype == "bot_message" or raw.get("bot_id") or author == "USLACKBOT" or (profile and profile.bot):
            why = "what bots wrote"
        elif subtype not in _WORDS:
            why = "what the platform noted, and what was deleted"
        elif not _ID.fullmatch(author):
            why = "what has no author"
        else:
            why = self._keep(raw, where, ts, at, author, facts, staging)
        if why:
            staging.skipped[why] += 1

    def _keep(
        self,
        raw: Mapping[str, Any],
        where: str,
        ts: str,
        at: float,
        author: str,
        facts: Facts,
        staging: Staging,
    ) -> str:
        """Keep a message; return why not, if it has no words."""
        written = text_of(raw, "text")[:LONGEST]
        text = words_of(written, facts)
        if not text:
            return "what has no words"
        if author not in facts.people:
            stated = raw.get("user_profile")
            staging.add_person(author, _name(stated if isinstance(stated, dict) else {}))
        thread = text_of(raw, "thread_ts")
        thread = "" if thread == ts or _seconds(thread) is None else thread
        edited = raw.get("edited")
        staging.add(
            Said(
                channel=where,
                thread=thread,
                place=channel(self.space, where, thread).id,
                id=ts,
                at=at,
                author=author,
                text=text,
                named=tuple(_NAMED.findall(written)),
                checked=_checked(raw.get("reactions")),
                edited=(_seconds(text_of(edited, "ts")) or 0.0) if isinstance(edited, dict) else 0.0,
            )
        )
        return ""


def _name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile")
    told: Mapping[str, Any] = profile if isinstance(profile, dict) else user
    names = [text_of(told, name) for name in ("display_name", "real_name")]
    names += [text_of(user, name) for name in ("real_name", "name")]
    return clip(next((name.strip() for name in names if name.strip()), "someone"), 80)


def _checked(reactions: Any) -> tuple[str, ...]:
    """Return who put a check mark on a message."""
    marks = [one for one in reactions if isinstance(one, dict)] if isinstance(reactions, list) else []
    users = [one.get("users") for one in marks if text_of(one, "name") in CHECK_MARKS]
    return tuple(user for some in users if isinstance(some, list) for user in some if isinstance(user, str))


def _seconds(ts: str) -> float | None:
    """Return Slack's timestamp in seconds; None for one that there cannot be."""
    at = float(ts) if _STAMP.fullmatch(ts) else 0.0
    return at if 0 < at < 1e11 else None
