"""Who somebody is, as Slack says: looked up when needed, and remembered for a few minutes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from adapters.contract.adapter import AdapterError, Gone, Unusable
from adapters.contract.memo import Memo
from adapters.contract.models import Account, Profile, Space

from .api import Api, ScopeMissing

log = logging.getLogger(__name__)

FRESH = 300.0
"""Seconds for which a profile or the list of user groups is believed."""
MOST = 5000
"""Profiles remembered; the oldest is forgotten first."""
_SLACKBOT = "USLACKBOT"


class People:
    """Profiles of a workspace's members, and the user groups they are in."""

    def __init__(self, api: Api, space: Space) -> None:
        self._api = api
        self._space = space
        self._users: Memo[str, tuple[float, Mapping[str, Any]]] = Memo(MOST)
        self._groups: dict[str, set[str]] = {}
        self.groups: dict[str, str] = {}
        """What the user groups are called, by their ids."""
        self._groups_at = float("-inf")
        self._directs: dict[str, str] = {}
        self._asking = asyncio.Lock()

    async def profile(self, user: str) -> Profile | None:
        """Return a person's profile; nothing for someone who is gone or was never here."""
        now = asyncio.get_running_loop().time()
        at, raw = self._users.get(user, (float("-inf"), {}))
        if at < now - FRESH:
            try:
                raw = (await self._api.call("users.info", user=user, include_locale=True))["user"]
            except Gone:
                return None
            except AdapterError as failure:
                if not raw:
                    raise
                log.warning("who %s is now cannot be told, and what was known stands: %s", user, failure)
            else:
                raw = _without_address(raw)
                self._users[user] = (now, raw)
        return None if raw.get("deleted") else self._read(raw, await self._groups_of(user))

    async def profiles(self, users: Iterable[str]) -> dict[str, Profile]:
        """Return the profiles of those who can be found, of who left their name alone.

        Nothing that fails here keeps an event from being heard.
        """

        async def find(user: str) -> Profile | None:
            try:
                return await self.profile(user) or self._left(user)
            except AdapterError as failure:
                log.warning("who %s is cannot be told: %s", user, failure)
                return None

        users = list(users)
        found = await asyncio.gather(*map(find, users))
        return {user: profile for user, profile in zip(users, found, strict=True) if profile}

    async def direct(self, user: str) -> str:
        """Return the id of a person's direct channel with us. Raises `Closed` where they take no messages."""
        if user not in self._directs:
            opened = await self._api.call("conversations.open", users=user)
            self._directs[user] = str(opened["channel"]["id"])
        return self._directs[user]

    async def set_role(self, user: str, role: str, held: bool) -> None:
        """Put a person into the user group of that id or handle, or take them out."""
        async with self._asking:
            groups = (await self._api.call("usergroups.list", include_users=True)).get("usergroups") or ()
            group = next((group for group in groups if role.lower() in (group["id"].lower(), group["handle"])), None)
            if group is None:
                raise Gone(f"there is no user group {role}")
            within = set(group.get("users") or ())
            if (user in within) is held:
                return
            if within == {user}:
                raise Unusable(f"Slack keeps no user group without anyone in it: put somebody else into {role} first.")
            users = ",".join(sorted(within | {user} if held else within - {user}))
            await self._api.call("usergroups.users.update", usergroup=group["id"], users=users)
            self._groups_at = float("-inf")

    def forget(self, user: str) -> None:
        """Look a person up anew next time: something about them changed."""
        self._users.pop(user, None)

    def _left(self, user: str) -> Profile | None:
        """Return what somebody who left was called, as Slack still says; nobody else is told of them by it."""
        _, raw = self._users.get(user, (0.0, {}))
        return replace(self._read(raw, ()), admin=False, guest=True, named=False) if raw else None

    def _read(self, raw: Mapping[str, Any], groups: Iterable[str]) -> Profile:
        shown = raw.get("profile") or {}
        user = str(raw["id"])
        return Profile(
            Account(self._space, user),
            shown.get("display_name") or shown.get("real_name") or raw.get("real_name") or raw.get("name") or "someone",
            timezone=raw.get("tz") or None,
            locale=raw.get("locale") or None,
            roles=frozenset(groups),
            admin=bool(raw.get("is_admin") or raw.get("is_owner")),
            guest=self._is_guest(raw),
            bot=bool(raw.get("is_bot")) or user == _SLACKBOT,
            domain=shown.get("domain") or None,
        )

    def _is_guest(self, raw: Mapping[str, Any]) -> bool:
        """Say whether a person is let into some channels only, or is of a workspace that shares a channel with ours.

        What Slack says of the latter, such as that they are an admin, it says of their own workspace. In an
        organisation of many workspaces the home of a person may be another one, which names ours among theirs.
        """
        home, teams = raw.get("team_id"), (raw.get("enterprise_user") or {}).get("teams") or ()
        elsewhere = bool(home) and home != self._space.id and self._space.id not in teams
        return elsewhere or any(raw.get(mark) for mark in ("is_restricted", "is_ultra_restricted", "is_stranger"))

    async def _groups_of(self, user: str) -> set[str]:
        """Return the ids and handles of the user groups that a person is in."""
        if self._is_stale:
            async with self._asking:
                if self._is_stale:
                    await self._read_groups()
        return self._groups.get(user, set())

    @property
    def _is_stale(self) -> bool:
        return self._groups_at < asyncio.get_running_loop().time() - FRESH

    async def _read_groups(self) -> None:
        """Read who is in which group. Where that fails at first, it is tried again with the next look at somebody."""
        now = asyncio.get_running_loop().time()
        try:
            answer = await self._api.call("usergroups.list", include_users=True)
        except ScopeMissing as failure:
            log.warning("user groups give no roles: %s", failure)
        except AdapterError as failure:
            log.warning("user groups could not be read, the ones known before stand: %s", failure)
            if not self._groups:
                return
        else:
            self._groups = {}
            for group in answer.get("usergroups") or ():
                self.groups[group["id"]] = group["handle"]
                for member in group.get("users") or ():
                    self._groups.setdefault(member, set()).update({group["id"], group["handle"]})
        self._groups_at = now


def _without_address(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what Slack says of a person, with nothing of their e-mail address but its domain."""
    shown = {name: value for name, value in (raw.get("profile") or {}).items() if name != "email"}
    domain = str((raw.get("profile") or {}).get("email") or "").rpartition("@")[2].lower()
    return {**raw, "profile": {**shown, "domain": domain}}
