"""Takes what Slack sends and is wanted: stores it, gives it its turn, reads it, and hands it on with its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError, Inbox, Receive
from adapters.contract.commands import Command
from adapters.contract.events import (
    ControlUsed,
    FormSubmitted,
    MemberJoined,
    MemberLeft,
    Overheard,
    PageOpened,
    Reconnected,
    SpaceJoined,
    Wants,
    nobody,
)
from adapters.contract.memo import Memo
from adapters.contract.models import Channel, Profile
from adapters.contract.text import Translations, say
from adapters.contract.ui import Card, Tone

from . import envelope, parse
from .acceptance import Acceptance, NotKept
from .answer import Addresses, Answer
from .envelope import Body
from .history import History, left
from .limits import VERDICT
from .listen import Lanes
from .post import find_message
from .workspace import Workspace

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
TranslationsOf: TypeAlias = Callable[[str | None], Translations]
"""Returns the language for a locale."""

STORE_AFTER = 1.0
"""Seconds after which an envelope whose handling takes longer is stored, so that it can be acknowledged."""
ONE_ARRIVAL = timedelta(minutes=10)
"""Within which time whoever comes into the workspace and into a channel comes once."""
TAKEN = 10_000
"""Envelopes that are remembered at most."""
ROOTS = 5000
"""Messages in threads of which is remembered under which message they stand."""
_UNKNOWN = say("Slack can't tell me who you are right now, so nothing has happened. Please try again in a moment.")


class EventSource:
    """Everything between Slack's envelope and our event.

    `at` returns the workspace of an id, and `find` looks whether another process was let into it; `leave` hears that
    we may have been removed from one. `welcome` names the channels that mean the community.
    """

    def __init__(
        self,
        at: Callable[[str], Workspace | None],
        find: Callable[[str], Awaitable[Workspace | None]],
        leave: Callable[[str], Awaitable[None]],
        inbox: Inbox | None,
        receive: Receive,
        wants: Wants,
        commands: Sequence[Command],
        prefix: str,
        welcome: Sequence[str],
        translations_of: TranslationsOf,
        now: Callable[[], datetime],
    ) -> None:
        self._at = at
        self._find = find
        self._leave = leave
        self._welcome = welcome
        self._inbox = inbox
        self._receive, self._wants = receive, wants
        self._commands = commands
        self._translations_of = translations_of
        self._prefix, self._now = prefix, now
        self._lanes, self._history = Lanes(), History()
        self._addresses = Addresses()
        self._taken: Memo[str, Acceptance] = Memo(TAKEN)
        """What was taken on lately, so that what is told twice is handled once."""
        self._roots: Memo[tuple[str, str], str] = Memo(ROOTS)
        self._arrived: Memo[str, datetime] = Memo(ROOTS)

    async def drained(self) -> None:
        """Return when everything that was taken on is done."""
        await self._lanes.drained()

    def ignores(self, body: Body) -> bool:
        """Say whether an envelope tells what people do among themselves, and nobody wants it: then that is all."""
        if envelope.event_in(body).get("type") not in envelope.OVERHEARD:
            return False
        try:
            workspace = self._whose(body)
            if workspace is None:  # it may have let in another process, and is looked up
                return False
            return not (envelope.matters(body, workspace.me) and self._is_wanted(workspace, body))
        except Exception:  # what Slack never sent before: whoever reads it whole says so
            return False

    def _whose(self, body: Body) -> Workspace | None:
        """Return the workspace for which an envelope is, if we are at work there."""
        return next(filter(None, map(self._at, envelope.teams(body) or [""])), None)

    async def _find_whose(self, body: Body) -> Workspace | None:
        """Return the workspace for which an envelope is, if the app is installed there."""
        workspace = self._whose(body)
        for team in envelope.teams(body):
            workspace = workspace or await self._find(team)
        return workspace

    def _is_wanted(self, workspace: Workspace, body: Body) -> bool:
        """Ask by what an envelope says itself: people who are mentioned go by their ids."""
        event = envelope.event_in(body)
        item = event.get("item") or {}
        root = self._roots.get((item.get("channel", ""), item.get("ts", "")), "")
        seen = parse.read(body, self._facts(workspace, {}, root))
        return isinstance(seen, Overheard) and self._wants(seen.glance)

    async def hear(self, body: Body) -> JSON | None:
        """Give an envelope its turn, and return what Slack is to be answered once it is safe.

        Raises `NotKept` or another error where it is not: then Slack sends it again, or says so to the person.
        """
        workspace = await self._find_whose(body)
        if workspace is None:
            return None
        if envelope.event_in(body).get("type") in ("user_change", "team_join"):
            workspace.people.forget(envelope.user_in(body))
        if envelope.of_channels(envelope.event_in(body), workspace.me):
            workspace.see_channel(envelope.event_in(body))
        if envelope.farewell(body):
            await self._leave(workspace.space.id)
        if not envelope.matters(body, workspace.me) or (envelope.opens_direct(body) and not workspace.suggests):
            return None
        loop = asyncio.get_running_loop()
        heard_at, key = loop.time(), f"{workspace.space.key}/{envelope.key(body)}"
        acceptance = self._taken.get(key)
        if acceptance is None:
            acceptance = Acceptance(is_form=body.get("type") == "view_submission")
            self._take(workspace, key, body, acceptance, heard_at)
        await asyncio.wait([acceptance.answer], timeout=STORE_AFTER)
        if not acceptance.answer.done():
            await self._store(key, body, acceptance)
            if acceptance.is_form or not acceptance.is_stored:
                await asyncio.wait([acceptance.answer], timeout=max(VERDICT - (loop.time() - heard_at), 0))
            if acceptance.is_stored:
                acceptance.decide(None)
            elif not acceptance.answer.done():
                raise NotKept("its handling takes too long")
        answer: JSON | None = acceptance.answer.result()
        return answer

    def _take(self, workspace: Workspace, key: str, body: Body, acceptance: Acceptance, heard_at: float) -> None:
        """Give an envelope its turn: that of its arrival. Raises `AdapterError` where there is too much to do."""
        work = partial(self._work, workspace, key, body, acceptance, heard_at)
        self._lanes.put(workspace.space.id, envelope.lane(body), work)
        self._taken[key] = acceptance

    async def _store(self, key: str, body: Body, acceptance: Acceptance) -> None:
        """Keep an envelope that is still being handled, whatever happens to this process."""
        if self._inbox:
            await asyncio.wait_for(self._inbox.keep(key, _without_token(body)), STORE_AFTER)
            acceptance.is_stored = True
            await acceptance.let_go(self._inbox, key)  # if it was handled while it was being stored

    async def take_up(self, key: str, body: Body) -> None:
        """Handle what a dead process had stored, as if it had just come, unless its workspace removed the app."""
        workspace = await self._find_whose(body)
        if workspace is None and self._inbox:
            log.warning("an envelope is dropped, its workspace removed the app")
            await self._inbox.done(key)
        if workspace is None or self._inbox is None:
            return
        acceptance = self._taken.get(key, Acceptance())
        acceptance.is_stored = True
        if key in self._taken:
            await acceptance.let_go(self._inbox, key)
        else:
            self._take(workspace, key, body, acceptance, float("-inf"))

    async def catch_up(self, channels: Sequence[Channel], since: datetime) -> list[Channel]:
        """Hand over what people wrote in channels and their threads since then, in its turn among what is heard.

        Return the channels and threads of which Slack tells only later.
        """
        later: list[Channel] = []
        for channel in channels:
            if workspace := self._at(channel.space.id):
                messages, waiting = await self._history.written_since(workspace.api, channel, since)
                later += waiting
                for message in messages:
                    is_new = parse.moment(message["ts"], since) >= since
                    await self._tell_message_again(workspace, message, channel.id.partition(":")[0], is_new=is_new)
        return later

    async def _tell_message_again(self, workspace: Workspace, message: JSON, where: str, *, is_new: bool) -> None:
        event = {**message, "type": "message", "channel": where}
        said, edit = {"type": "event_callback", "event": event}, envelope.edit_told(message, where)
        for body in (said, edit, *envelope.missed_reactions(message, where)) if is_new else (edit,):
            if envelope.matters(body, workspace.me) and self._is_wanted(workspace, body):
                await self._tell_again(workspace, body, where)

    async def joined(self, workspace: Workspace) -> None:
        """A workspace has installed the app."""
        now, by = self._now(), nobody(workspace.space)
        event = SpaceJoined(id=f"joined/{now.isoformat()}", at=now, by=by, name=workspace.name)
        await self._receive(event, Answer(workspace, "", envelope.Origin(""), self._addresses, float("-inf")))

    async def reconnected(self, workspaces: Iterable[Workspace]) -> None:
        """No socket was open for a while: what Slack tried to tell meanwhile it may have given up."""
        for workspace in [*workspaces]:
            now = self._now()
            event = Reconnected(id=f"session/{now.isoformat()}", at=now, by=nobody(workspace.space))
            await self._receive(event, Answer(workspace, "", envelope.Origin(""), self._addresses, float("-inf")))

    async def catch_up_people(self, workspace: Workspace, here: Collection[str]) -> None:
        """Hand over who left, of those who were `here` by their ids."""
        for user in await left(workspace.api, here):
            event = {"type": "user_change", "user": user, "event_ts": str(user.get("updated") or 0)}
            body = {"type": "event_callback", "event_id": f"missed-{user['id']}-{user.get('updated')}", "event": event}
            await self._tell_again(workspace, body, user["id"])

    async def _tell_again(self, workspace: Workspace, body: Body, lane: str) -> None:
        """Handle something that was read back, in its turn among what is heard."""
        done = asyncio.get_running_loop().create_future()
        self._lanes.put(workspace.space.id, lane, partial(self._retell, workspace, body, done))
        await asyncio.shield(done)  # who gives up waiting does not end it

    async def _retell(self, workspace: Workspace, body: Body, done: asyncio.Future[None]) -> None:
        """Handle one thing that was read back. Never raises."""
        try:
            answer = Answer(workspace, "", envelope.origin(body), self._addresses, float("-inf"))
            await self._handle(workspace, body, answer)
        except Exception as failure:
            log.error("something that was missed could not be handled: %s", _told(failure))  # noqa: TRY400
        finally:
            done.set_result(None)

    async def _work(self, workspace: Workspace, key: str, body: Body, acceptance: Acceptance, heard_at: float) -> None:
        """Handle one envelope to its end. Never raises."""
        try:
            answer = Answer(workspace, key, envelope.origin(body), self._addresses, heard_at, acceptance)
            await self._handle(workspace, body, answer)
        except Exception as failure:
            acceptance.why = _told(failure)
            log.error("an envelope could not be handled: %s", acceptance.why)  # noqa: TRY400  # it may hold secrets
        if not acceptance.is_handled:
            acceptance.refuse()
            self._taken.pop(key, None)
        acceptance.is_over = True
        if self._inbox:
            await acceptance.let_go(self._inbox, key)

    async def _handle(self, workspace: Workspace, body: Body, answer: Answer) -> None:
        people = await workspace.people.profiles(envelope.people_in(body))
        reader = people.get(envelope.user_in(body))
        answer.translations = self._translations_of(reader.locale if reader else None)
        if envelope.opens_direct(body):
            await answer.accept()
            await workspace.suggest(envelope.channel_in(body), self._commands, answer.translations)
            return
        if reader is None and body.get("type") != "event_callback":
            await answer.accept()
            await answer.reply(Card(body=_UNKNOWN, tone=Tone.URGENT).localized(answer.translations))
            return
        try:
            root = await self._root_of(workspace, body)
            await workspace.look_up(envelope.channels_in(body))
            event = parse.read(body, self._facts(workspace, people, root, await self._welcomes(workspace, body)))
        except (KeyError, TypeError, ValueError) as failure:
            log.error("Slack sent what it never sent before, and it is dropped: %s", type(failure).__name__)  # noqa: TRY400
            await answer.accept()
            return
        if isinstance(event, MemberLeft):
            self._arrived.pop(event.by.account.key, None)
        if event is None or (isinstance(event, MemberJoined) and self._has_come(event.by.account.key)):
            await answer.accept()
        else:
            try:
                await self._receive(event, answer)
            finally:
                if isinstance(event, MemberJoined) and not answer.is_accepted:  # it is told again
                    self._arrived.pop(event.by.account.key, None)
        if isinstance(event, FormSubmitted | ControlUsed) and answer.page_is_stale:
            opened = PageOpened(
                id=f"{event.id}-page", at=event.at, by=event.by, channel=event.channel, direct=True, on_page=True
            )
            await self._receive(opened, answer.for_page())

    def _has_come(self, account: str) -> bool:
        """Say whether somebody's arrival was told already: into the workspace, and so into its first channels."""
        now, before = self._now(), self._arrived.get(account)
        self._arrived[account] = now
        return before is not None and now - before < ONE_ARRIVAL

    async def _welcomes(self, workspace: Workspace, body: Body) -> set[str]:
        """Return the channels that mean the community, where an envelope tells that somebody came into one."""
        if envelope.event_in(body).get("type") != "member_joined_channel":
            return set()
        found = [await workspace.find_channel(name) for name in self._welcome]
        return {channel.id for channel in found if channel}

    def _facts(
        self, workspace: Workspace, people: Mapping[str, Profile], root: str, welcome: Collection[str] = ()
    ) -> parse.Facts:
        """Return what reading an envelope takes besides itself."""
        return parse.Facts(
            workspace.space,
            workspace.me,
            self._now(),
            self._prefix,
            people=people,
            channels=workspace.names,
            groups=workspace.people.groups,
            root=root,
            welcome=welcome,
        )

    async def _root_of(self, workspace: Workspace, body: Body) -> str:
        """Return the message under which the message of a reaction stands; Slack does not say."""
        event = envelope.event_in(body)
        if event.get("type") == "message" and event.get("thread_ts") and event["thread_ts"] != event.get("ts"):
            self._roots[event["channel"], event["ts"]] = event["thread_ts"]
        if event.get("type") not in {"reaction_added", "reaction_removed"}:
            return ""
        where, ts = event["item"]["channel"], event["item"]["ts"]
        if (where, ts) in self._roots:
            return self._roots[where, ts]
        try:
            found = await find_message(workspace.api, where, ts, ts)
        except AdapterError as failure:
            log.info("where a message stands cannot be told: %s", failure)
            return ""
        return str((found or {}).get("thread_ts") or "")


def _without_token(body: Body) -> Body:
    """Return an envelope without Slack's old shared secret, which nobody needs."""
    return {name: value for name, value in body.items() if name != "token"}


def _told(failure: Exception) -> str:
    """Return what may be logged of a failure: our own words, or what kind it is."""
    return str(failure) if isinstance(failure, AdapterError) else type(failure).__name__
