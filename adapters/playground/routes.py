"""The playground over HTTP: its JSON API, its stream of changes, and the page.

Whoever can reach it can act as anyone, so it answers only to a browser or script on this machine that means it: the
`Host` has to be a loopback name, which a page elsewhere cannot bring about by rebinding its own name, and an `Origin`
has to be the playground's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from mimetypes import guess_type
from typing import Protocol

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from adapters.contract.commands import Role, Typing
from adapters.contract.files import UPLOAD, beginning, is_picture_name
from adapters.contract.forms import matching
from adapters.contract.models import Account, Channel
from adapters.contract.text import clip
from adapters.contract.ui import Card, Option

from .acts import Acts
from .adapter import Playground
from .assets import HEADERS, assets
from .cast import GIVEN, STAFF
from .changes import Change
from .guard import Handler, guarded
from .reading import card_of, channel_of, draw, profile_of, role_of
from .records import Person, Place, Unread
from .render import JSON, draw_command, draw_options, stamp
from .requests import Refused, read_json, read_text, storable

SILENT = 20
"""How many things of which nobody sees anything are skipped at once."""
LINE = 120
"""How many characters of a message a list of what happened shows."""
FARTHEST = timedelta(days=400)
"""How far the clock may be moved at once."""

_FILE_HEADERS = {
    **HEADERS,
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
"""Of what goes along with cards: it never changes, and nothing in it is run."""


class Preview(Protocol):
    """Draws a card for another platform, where it would stand in a channel or in a direct one.

    Returns the JSON that the platform would be sent, and which account or channel of ours each id in it stands for.
    """

    def __call__(self, card: Card, *, direct: bool) -> tuple[JSON, Mapping[str, Account | Channel]]: ...


def routes(
    playground: Playground,
    *,
    settle: Callable[[], Awaitable[None]],
    advance: Callable[[timedelta], Awaitable[datetime]],
    next_due: Callable[[], Awaitable[datetime | None]],
    previews: Mapping[str, Preview] | None = None,
    pages_in: Callable[[str], Sequence[tuple[str, str]]] = lambda _: (),
    import_sample: Callable[[], Awaitable[JSON]] | None = None,
) -> list[web.RouteDef]:
    """Return the routes of the playground.

    `settle` does all that is due, `advance` moves the clock, does what comes due on the way and returns the time,
    `next_due` says when the next thing is due, `previews` draw cards for other platforms, by their names, and
    `pages_in` a language are the names and paths of what else there is to be seen. `import_sample` brings in a sample
    community's past, and says what came of it.
    """
    api = _Api(playground, Acts(playground, settle), advance, next_due, previews or {}, pages_in, import_sample)
    served: list[tuple[str, str, Handler]] = [
        ("GET", "/api/playground/state", api.state),
        ("GET", "/api/playground/messages", api.messages),
        ("GET", "/api/playground/suggest", api.suggest),
        ("GET", "/api/playground/preview", api.preview),
        ("GET", "/api/playground/files/{id}/{name}", api.file),
        ("POST", "/api/playground/files", api.choose),
        ("POST", "/api/playground/act", api.act),
        ("POST", "/api/playground/clock", api.clock),
        ("POST", "/api/playground/import", api.import_sample),
        ("GET", "/api/playground/stream", api.stream),
        *(("GET", path, asset.serve) for path, asset in assets().items()),
    ]
    return [guarded(playground, web.route(method, path, handler)) for method, path, handler in served]


class _Api:
    def __init__(
        self,
        playground: Playground,
        acts: Acts,
        advance: Callable[[timedelta], Awaitable[datetime]],
        next_due: Callable[[], Awaitable[datetime | None]],
        previews: Mapping[str, Preview],
        pages_in: Callable[[str], Sequence[tuple[str, str]]],
        import_sample: Callable[[], Awaitable[JSON]] | None,
    ) -> None:
        self._playground = playground
        self._acts = acts
        self._advance = advance
        self._next_due = next_due
        self._previews = previews
        self._pages_in = pages_in
        self._import_sample = import_sample
        self._turn = asyncio.Lock()

    async def state(self, request: web.Request) -> web.Response:
        """Answer with all there is; with `viewer`, only what they may see and use, and what they have not read."""
        playground, world = self._playground, self._playground.world
        viewer = await self._viewer(request) if "viewer" in request.query else None
        role = role_of(viewer) if viewer else max(Role)
        unread = await world.unread(viewer.id) if viewer else {}
        language = (viewer.locale if viewer else "") or playground.languages[0]
        offered = [shortcut for shortcut in playground.shortcuts.values() if shortcut.role <= role]
        return web.json_response(
            {
                "now": stamp(playground.now()),
                "timezone": playground.timezone,
                "languages": playground.languages,
                "language": language,
                "members": [
                    {"id": person.id, "name": person.name, "roles": person.roles, "timezone": person.timezone}
                    for person in await world.people()
                    if not person.has_left
                ],
                "channels": [
                    _draw_place(place, unread.get(place.id, _NOTHING))
                    for place in await world.places()
                    if viewer is None or place.seen_by(viewer)
                ],
                "commands": [draw_command(command) for command in playground.commands.values() if command.role <= role],
                "shortcuts": [one.name for one in offered if not one.on_person],
                "person_shortcuts": [one.name for one in offered if one.on_person],
                "roles": [*GIVEN, *STAFF],
                "previews": [*self._previews],
                "pages": [{"name": name, "url": path} for name, path in self._pages_in(language)],
            }
        )

    async def messages(self, request: web.Request) -> web.Response:
        """Answer with what stands in a channel, as the viewer sees it."""
        viewer = await self._viewer(request)
        place = await self._acts.place(viewer, _asked(request, "channel"))
        entries = await self._playground.world.entries(place.id)
        return web.json_response(
            {"messages": await draw(self._playground.world, entries, viewer, self._playground.now())}
        )

    async def suggest(self, request: web.Request) -> web.Response:
        """Answer with what an option of a command may be of which the beginning is typed."""
        viewer = await self._viewer(request)
        place = await self._acts.place(viewer, _asked(request, "channel"))
        name, option, typed = (_asked(request, part) for part in ("command", "option", "typed"))
        command = self._playground.commands.get(name)
        field = next((field for field in command.options if field.name == option), None) if command else None
        if field is None:
            raise Refused(404, f"There is no option “{option}” of /{name}.")
        found: Sequence[Option] = matching(field.choices, typed)
        if field.suggested and self._playground.suggest:
            typing = Typing(profile_of(viewer), channel_of(place), name, option, typed)
            found = await self._playground.suggest(typing)
        return web.json_response({"options": draw_options(found)})

    async def preview(self, request: web.Request) -> web.Response:
        """Answer with what another platform would be sent for a card, and whom and what the ids in it stand for."""
        viewer = await self._viewer(request)
        entry, place = await self._acts.entry(viewer, _asked(request, "message"))
        platform = _asked(request, "as")
        if platform not in self._previews:
            names = ", ".join(self._previews)
            raise Refused(400, f"“as” is one of: {names}." if names else "There's no other platform to draw for.")
        card = await card_of(self._playground.world, entry)
        if card is None:
            raise Refused(400, "That message has no card: only what Trellis writes looks different elsewhere.")
        payload, ids = self._previews[platform](card, direct=place.kind == "direct")
        known = {id_: await self._known(placed) for id_, placed in ids.items()}
        return web.json_response({"as": platform, "payload": payload, "known": known})

    async def file(self, request: web.Request) -> web.Response:
        """Answer with what goes along with a card: a picture to be shown, anything else to be saved."""
        id_, name = request.match_info["id"], request.match_info["name"]
        found = await self._playground.world.file(id_)
        if found is None or found[0] != name:
            raise Refused(404, "There is no such file.")
        kind, _ = guess_type(name)
        how = "inline" if is_picture_name(name) else "attachment"
        headers = {**_FILE_HEADERS, "Content-Disposition": f'{how}; filename="{name}"'}
        return web.Response(body=found[1], content_type=kind or "application/octet-stream", headers=headers)

    async def choose(self, request: web.Request) -> web.Response:
        """Take in a file that somebody chose in a form, as the body, and answer with what stands for it there.

        Of one that is too large we take a little more than the limit, so that Trellis says what that is.
        """
        await self._viewer(request)
        content = await beginning(request.content.iter_any(), UPLOAD)
        return web.json_response({"answer": self._playground.chosen.put(content)})

    async def _known(self, placed: Account | Channel) -> JSON:
        world = self._playground.world
        found = await (world.person(placed.id) if isinstance(placed, Account) else world.place(placed.id))
        return {"id": placed.id, "name": found.name if found else placed.id}

    async def act(self, request: web.Request) -> web.Response:
        """Do what someone does, and answer with what came of it."""
        body = read_json(await request.read())
        return web.json_response(await self._acts.act(body))

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock forward, by seconds or to the next thing that is due and that anyone can see.

        The answer says what time it is then, and how many messages were written on the way; with `as`, also where each
        of those stands that this person sees, and how it begins.
        """
        body = read_json(await request.read())
        viewer = await self._acts.person(read_text(body, "as")) if "as" in body else None
        async with self._turn:
            newest = await self._playground.world.newest()
            with self._playground.changes.watch() as told:
                now = await self._advance(await self._length(body))
                for _ in range(SILENT):
                    if body.get("to") != "next" or _is_seen(told):
                        break
                    now = await self._advance(await self._length(body))
            came = await self._playground.world.since(newest)
        seen = await draw(self._playground.world, came, viewer, now) if viewer else []
        posted = [{"id": each["id"], "channel": each["channel"], "words": _beginning(each)} for each in seen]
        return web.json_response({"now": stamp(now), "happened": len(came), "posted": posted})

    async def import_sample(self, _: web.Request) -> web.Response:
        """Bring in a sample community's past, and answer with what came of it."""
        if self._import_sample is None:
            raise Refused(404, "There is no sample community here.")
        async with self._turn:
            return web.json_response(await self._import_sample())

    async def _length(self, body: JSON) -> timedelta:
        if body.get("to") == "next":
            due = await self._next_due()
            if due is None:
                raise Refused(409, "Nothing is due: there is nothing to skip to.")
            return max(due - self._playground.now(), timedelta())
        seconds = body.get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise Refused(400, "Say “advance” with a number of seconds, or “to” with “next”.")
        if not 0 <= seconds <= FARTHEST.total_seconds():
            raise Refused(400, f"The clock moves forward by 0 to {FARTHEST.days} days at once.")
        return timedelta(seconds=seconds)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what to look at again, until it goes away or the playground stops."""
        viewer = await self._viewer(request)
        with self._playground.changes.watch() as changes:
            async with sse_response(request, headers=HEADERS) as response:
                # Something has to be sent for the browser to know that it is connected.
                await response.send("{}", event="clock", retry=1000)
                telling = asyncio.create_task(_tell(response, changes, viewer))
                try:
                    await response.wait()
                finally:
                    telling.cancel()
                return response

    async def _viewer(self, request: web.Request) -> Person:
        return await self._acts.person(_asked(request, "viewer"))


_NOTHING = Unread(0, 0)


def _draw_place(place: Place, unread: Unread) -> JSON:
    return {
        "id": place.id,
        "name": place.name,
        "kind": place.kind,
        "parent": place.parent,
        "unread": unread.messages,
        "mentions": unread.mentions,
    }


async def _tell(response: EventSourceResponse, changes: asyncio.Queue[Change | None], viewer: Person) -> None:
    """Send what concerns the viewer until nothing more is to come, then end the response."""
    with suppress(ConnectionError, TimeoutError):
        while change := await changes.get():
            if change.concerns(viewer):
                data = {"channel": change.place.id} if change.place else {}
                await response.send(json.dumps(data), event=change.kind)
    response.stop_streaming()


def _asked(request: web.Request, name: str) -> str:
    if name not in request.query:
        raise Refused(400, f"“{name}” is missing.")
    return storable(request.query[name])


def _beginning(message: JSON) -> str:
    """Return what a message is about, in one line."""
    card = message["card"]
    words = (card["title"] or card["body"]) if card else message["text"]
    return clip(words.partition("\n")[0], LINE)


def _is_seen(told: asyncio.Queue[Change | None]) -> bool:
    """Say whether a message was written or drawn anew."""
    while not told.empty():
        change = told.get_nowait()
        if change is None or change.kind == "message":
            return True
    return False
