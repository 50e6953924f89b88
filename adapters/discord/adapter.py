"""Discord as one of Trellis's platforms: hears through the gateway, speaks over HTTP, and keeps nothing of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from aiohttp import web

from adapters.contract.adapter import AdapterError, Check, Feature, Inbox, Need, Receive, Responder, SpaceInfo
from adapters.contract.commands import Command, Shortcut, Suggest, Typing
from adapters.contract.events import PlatformEvent, ReactionAdded, Reconnected, Wants, nobody
from adapters.contract.forms import Field, Kind, matching
from adapters.contract.memo import Memo
from adapters.contract.models import Account, CalendarEntry, Channel, Message, MessageRef, Profile, Space
from adapters.contract.shards import Alone, Hearing, Leases
from adapters.contract.text import ENGLISH, Translations
from adapters.contract.ui import Card, Option

from . import calendar, history, parse, parse_interaction, register, standby
from .answer import Answer, turn_away
from .check import check
from .connection import Connection
from .event_source import EventSource
from .gateway import Client
from .limits import Pace, Reply
from .offer import offer
from .people import People
from .post import Posts
from .remark import Remarks
from .rest import Rest
from .servers import Servers

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_SUGGEST = 4
_REMEMBERED = 5000
"""Interactions that are remembered at most."""


class Discord:
    """Discord, for all the servers that `guild_ids` name, or all that Trellis was invited to.

    `api_url` is the base of another server of the same protocol, without version. Without `message_content` what
    members write arrives empty. Each process hears the shards on which it has `leases`.
    """

    platform = parse.PLATFORM
    features = frozenset({Feature.PERSON_MENU, Feature.NONCES})
    skew = 0.0

    def __init__(
        self,
        token: str,
        *,
        guild_ids: Sequence[str] = (),
        api_url: str = "",
        message_content: bool = True,
        translations: Translations = ENGLISH,
        leases: Leases | None = None,
        pace: Pace = Pace(),  # noqa: B008  # frozen
    ) -> None:
        self._token = token
        self._guilds = tuple(guild_ids)
        self._content = message_content
        self._pace = pace
        self._rest = Rest(token, api_url)
        self._people = People(self._rest, lambda: self._servers)
        self._posts = Posts(self._rest, lambda: self._servers, self._people.known)
        self._translations = translations
        self._remarks = Remarks(self._rest, self._posts, translations)
        self._connection = Connection(self._rest, token, pace, leases or Alone(), self._look, content=message_content)
        self._receive: Receive | None = None
        self._inbox: Inbox | None = None
        self._wants: Wants
        self._suggestions: Suggest | None = None
        self._commands: dict[str, Command] = {}
        self._shortcuts: Sequence[Shortcut] = ()
        self._tasks: set[asyncio.Future[None]] = set()
        self._used: Memo[str, None] = Memo(_REMEMBERED)

    async def start(
        self,
        receive: Receive,
        wants: Wants,
        commands: Sequence[Command],
        shortcuts: Sequence[Shortcut],
        suggest: Suggest | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        """Connect and hear. Raises `Unusable` with what to do, where trying again is pointless; else tries on."""
        self._receive, self._wants, self._suggestions, self._inbox = receive, wants, suggest, inbox
        self._commands, self._shortcuts = {command.name: command for command in commands}, shortcuts
        source = EventSource(
            lambda: self._servers, self._at_home, wants, self._happened, self._rest, self._people, self._begin
        )
        hear = {**source.events, "INTERACTION_CREATE": self._hear_interaction}
        try:
            await self._connection.open(hear, self._offer, self._renewed)
        except BaseException:
            await self.stop()
            raise

    async def hear_no_more(self) -> None:
        self._receive = None
        await self._connection.hand_over()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._pace.drain)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def stop(self) -> None:
        await self.hear_no_more()
        await self._connection.close()
        await self._rest.close()

    async def ended(self) -> None:
        """Return after `stop`. Raises `Unusable`, with what to do, when Discord will not have us back."""
        await self._connection.ended()

    async def idle(self) -> None:
        """Return when everything that was heard so far is done."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    async def check(self, channels: Sequence[str], needs: Collection[Need] = ()) -> list[Check]:
        """Ask the live Discord what is not set up yet. Works before `start`, and without it."""
        rest = Rest(self._token, self._rest.base.rpartition("/")[0])
        try:
            return await check(rest, self._token, self._guilds, channels, needs, content=self._content)
        finally:
            await rest.close()

    @property
    def _servers(self) -> Servers:
        if self._connection.servers is None:
            raise AdapterError("Discord is not connected")
        return self._connection.servers

    async def _look(self, wanted: Callable[[str], bool]) -> list[JSON]:
        return await standby.guilds(self._rest, lambda guild: self._at_home(guild) and wanted(guild))

    async def _offer(self, servers: Servers) -> None:
        await offer(self._rest, servers, [*self._commands.values()], self._shortcuts, self._guilds)

    def _hear_interaction(self, data: JSON) -> None:
        if data["id"] in self._used:
            return  # told twice: whoever began answers
        self._used[data["id"]] = None
        self._begin(self._suggest(data) if data["type"] == _SUGGEST else self._interact(data))

    def _renewed(self, client: Client) -> None:
        """A new session has begun: whatever Discord had to tell of its servers meanwhile is lost."""
        for guild in filter(self._at_home, (str(guild.id) for guild in client.guilds)):
            facts: Any = {"id": f"session/{client.delivery}", "by": nobody(parse.space(guild))}
            self._happened(Reconnected(at=datetime.now(UTC), **facts), None)

    def _at_home(self, guild: str) -> bool:
        return not self._guilds or guild in self._guilds

    def _happened(self, event: PlatformEvent, about: MessageRef | None) -> None:
        if self._receive:
            self._begin(self._receive(event, self._remarks.on(event, about)))

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Future[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (wrong := task.exception()):
            log.error("while handling an event", exc_info=wrong)

    async def _interact(self, data: JSON, *, again: bool = False) -> None:
        """Handle an interaction; `again` where it was kept by a process that is dead."""
        receive = self._receive
        guild = await self._home(data)
        if receive is None or (guild and not self._at_home(guild)):
            return
        if guild is None:
            await turn_away(self._rest, data, self._translations)
            return
        application = data.get("application_id") or self._servers.application
        key, inbox = f"{parse.space(guild).key}/{data['id']}", self._inbox

        async def keep() -> None:
            if inbox:
                await inbox.keep(key, data)

        pace = None if again else self._pace
        here = self._servers.here(parse.space(guild), direct=not data.get("guild_id"))
        answer = Answer(self._rest, application, data, here, pace, keep if inbox else None)
        answer.is_kept = again
        try:
            member = data.get("member") or await self._people.member(guild, data["user"]["id"])
            people = await self._people.names(guild, parse_interaction.people_in(data))
            event = parse_interaction.interaction(data, guild, member, self._servers, people)
            if event:
                await receive(event, answer)
            else:
                await answer.accept()
        finally:
            await answer.finish()
            if answer.is_kept and inbox:
                await (inbox.done(key) if answer.is_handled else inbox.failed(key, "it was not accepted"))

    async def _home(self, data: JSON) -> str | None:
        """Return the guild that an interaction belongs to; a direct channel's card says it, or who is there."""
        return parse_interaction.home(data) or await self._people.home(data["user"]["id"], self._at_home)

    async def _suggest(self, data: JSON) -> None:
        guild = await self._home(data)
        member = data.get("member") or (guild and await self._people.member(guild, data["user"]["id"]))
        if not guild or not member or not self._at_home(guild):
            return
        asked = parse_interaction.typing(data, guild, member, self._servers, self._people.names_known(data))
        if asked is None:
            return
        command = self._commands.get(asked.command)
        field = next((one for one in command.options if one.name == asked.option), None) if command else None
        choices = register.suggestions(field, await self._found(field, asked)) if field else []
        json = {"type": Reply.SUGGEST, "data": {"choices": choices}}
        try:
            await self._rest.respond(data["id"], data["token"], json)
        except AdapterError as late:
            log.debug("suggestions came too late: %s", late)

    async def _found(self, field: Field, asked: Typing) -> Sequence[Option]:
        """Return what an option may be, in time for Discord to show it."""
        if not field.suggested or self._suggestions is None:
            roles = self._servers.roles(asked.channel.space) if field.kind is Kind.ROLES else ()
            return matching([*field.choices, *roles], asked.typed)
        try:
            return await asyncio.wait_for(self._suggestions(asked), self._pace.patience)
        except TimeoutError:
            log.info("suggestions for /%s took too long", asked.command)
            return ()

    # Asking and speaking

    async def spaces(self) -> Sequence[SpaceInfo]:
        guilds = [guild for guild in self._servers.guilds if self._at_home(str(guild.id))]
        return [SpaceInfo(parse.space(str(guild.id)), guild.name or str(guild.id)) for guild in guilds]

    async def has_left(self, space: Space) -> bool:
        return self.hears(space) and self._servers.has_left(space.id) and self._at_home(space.id)

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        return self._servers.find_channel(space, name) if space.platform == self.platform else None

    async def profile(self, account: Account) -> Profile | None:
        member = await self._people.member(account.space.id, account.id)
        return parse.profile(account.space.id, member["user"], member, self._servers) if member else None

    async def post(self, channel: Channel, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        return await self._posts.post(channel, card, nonce, since)

    async def direct(self, account: Account, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        return await self._posts.direct(account, card, nonce, since)

    async def edit(self, message: MessageRef, card: Card) -> None:
        await self._posts.edit(message, card)

    async def open_thread(self, message: MessageRef, title: str) -> Channel:
        return await self._posts.open_thread(message, title)

    async def rename_thread(self, thread: Channel, title: str) -> None:
        await self._posts.rename_thread(thread, title)

    async def fetch(self, message: MessageRef) -> Message | None:
        return await self._posts.fetch(message)

    async def read_file(self, space: Space, answer: str, most: int) -> bytes | None:  # noqa: ARG002
        return await self._rest.read_file(answer, most)

    def link(self, message: MessageRef) -> str | None:
        return self._posts.link(message)

    def responder(self, token: Mapping[str, Any]) -> Responder:
        space = Space.of(token["space"])
        if "interaction" in token:
            here = self._servers.here(space, direct=not token["interaction"].get("guild_id"))
            return Answer(self._rest, token["application"], token["interaction"], here, pace=None)
        return self._remarks.again(token)

    async def take_up(self, key: str, body: Mapping[str, Any]) -> None:
        guild = await self._home(data := dict(body))
        if guild and self._at_home(guild):
            self._begin(self._interact(data, again=True))
        elif self._inbox:  # whoever it was is in no server of ours any more
            await self._inbox.done(key)

    async def set_role(self, account: Account, role: str, held: bool) -> None:
        await self._people.set_role(account, role, held)

    async def let_in(self, account: Account, channel: Channel) -> None:
        await self._people.let_in(account, channel)

    async def put_entry(self, space: Space, entry: CalendarEntry, known: str | None, *, new: bool) -> str | None:
        fallback = self._servers.guild_name(space.id)
        return await calendar.put(self._rest, self._servers.me, space, entry, known, fallback, new=new)

    async def drop_entry(self, space: Space, known: str) -> None:
        await calendar.drop(self._rest, space, known)

    @property
    def shards(self) -> Mapping[int, Hearing]:
        return self._connection.shards

    @property
    def connected(self) -> bool:
        return Hearing.HERE in self.shards.values()

    @property
    def stands_by(self) -> bool:
        return not self._connection.rests and {*self.shards.values()} <= {Hearing.ELSEWHERE, Hearing.NOBODY}

    def hears(self, space: Space) -> bool:
        return self._connection.hears(space.id)

    async def catch_up(self, channels: Sequence[Channel], since: datetime) -> Sequence[Channel]:
        missed = history.missed(self._rest, self._people, lambda: self._servers, self._wants, channels, since)
        for event in await missed:
            about = event.message if isinstance(event, ReactionAdded) else event.message.ref
            if self._receive:
                await self._receive(event, self._remarks.on(event, about))
        return ()

    async def catch_up_people(self, space: Space, here: Mapping[str, str], since: datetime) -> None:
        """Hand over who joined and left, in a server of up to ten thousand."""
        for event in await history.came_and_went(self._rest, self._servers, space.id, here, since):
            if self._receive:
                await self._receive(event, self._remarks.on(event, None))
