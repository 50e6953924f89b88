"""Serves the dashboard: the one place that decides who is let in, what they see, and what they may do.

Whoever asks is known by a cookie whose key only a signed-in browser has. What they may do is looked up at each request,
at the platform where it answers. What changes something has to come from the page itself: its origin is checked, and a
token that is made of the session's key.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from adapters.contract.commands import Role
from adapters.contract.text import Words, clean
from bot.kernel.context import only
from bot.kernel.errors import FormError, UserError
from bot.kernel.roles import RoleMap
from bot.kernel.units import Units
from bot.kernel.web import is_same
from bot.kernel.work import Tools
from bot.text.spreadsheet import as_csv
from storage.audit import AuditStore
from storage.dashboard import SESSION_LIVES, Session

from . import words
from .cog import ENTRY, Dashboard, is_loopback
from .contract import Act, DashboardPage, View, Visit
from .drawing import FOLDER, Reader
from .pages import Pages
from .replies import answer, framed, plain, see_other
from .visitors import Visitors

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.Response]]
ROOT = "/dashboard"
FILES = {"style.css": "text/css", "script.js": "text/javascript", "leaf.svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in, and looks at a page now."""

    session: Session
    visit: Visit
    token: str
    """What forms of theirs carry, to show that they come from the page."""


class Refused(Exception):
    """What is asked for is not done; instead something is said, to a `visit` of whoever is signed in."""

    def __init__(self, title: Words, said: Words, status: HTTPStatus, visit: Visit | None = None) -> None:
        super().__init__(status.phrase)
        self.title = title
        self.said = said
        self.status = status
        self.visit = visit


class DashboardServer:
    """Everything under `/dashboard`."""

    def __init__(
        self, dashboard: Dashboard, pages: Pages, tools: Tools, units: Units, roles: RoleMap, audit: AuditStore
    ) -> None:
        self._dashboard = dashboard
        self._pages = pages
        self._units = units
        self._visitors = Visitors(tools, roles)
        self._audit = audit

    def routes(self) -> Sequence[web.RouteDef]:
        """Return what is served."""
        served: list[tuple[str, str, Handler]] = [
            ("GET", ENTRY, self._ask_in),
            ("POST", ENTRY, self._let_in),
            ("POST", f"{ROOT}/leave", self._leave),
            *(("GET", f"{ROOT}/{name}", partial(_file, name)) for name in FILES),
            ("GET", ROOT, self._show),
            ("GET", f"{ROOT}/{{page}}", self._show),
            ("GET", f"{ROOT}/{{page}}/file", self._save),
            ("POST", f"{ROOT}/{{page}}/{{act}}", self._act),
            ("GET", f"{ROOT}/{{page}}/{{act}}", self._go_back),
        ]
        return [web.route(method, path, partial(self._answer, handler)) for method, path, handler in served]

    async def _answer(self, handler: Handler, request: web.Request) -> web.Response:
        """Answer a request that is meant for us; never with an error of ours in words of a library."""
        try:
            self._guard(request)
            return await handler(request)
        except Refused as refusal:
            return self._say(request, refusal)
        except web.HTTPException as other:
            return self._say(request, Refused(words.REFUSED_TITLE, words.FORGED, HTTPStatus(other.status)))
        except Exception:
            log.exception("the dashboard failed at %s %s", request.method, request.path)
            failure = Refused(words.REFUSED_TITLE, words.FAILED, HTTPStatus.INTERNAL_SERVER_ERROR)
            return self._say(request, failure)

    def _say(self, request: web.Request, refusal: Refused) -> web.Response:
        reader, back = self._stranger(request), ""
        if refusal.visit:
            reader, back = self._pages.reader(refusal.visit), ROOT
        return plain(reader, refusal.title, refusal.said, refusal.status, back=back)

    def _stranger(self, request: web.Request) -> Reader:
        return self._pages.stranger(request.headers.get("Accept-Language", ""))

    def _guard(self, request: web.Request) -> None:
        """Let nothing in that is meant for another host, or is to change something and comes from no page of ours."""
        if not (is_loopback(request.host) or request.host.lower() == urlsplit(self._dashboard.address).netloc):
            raise Refused(words.REFUSED_TITLE, words.WRONG_HOST, HTTPStatus.MISDIRECTED_REQUEST)
        ours = {f"http://{request.host}".lower(), self._dashboard.address}
        if request.method == "POST" and request.headers.get("Origin", "").lower() not in ours:
            raise _forged()

    # Signing in and out

    @property
    def _is_secure(self) -> bool:
        return self._dashboard.address.startswith("https://")

    @property
    def _cookie(self) -> str:
        return "__Host-trellis" if self._is_secure else "trellis_dashboard"

    async def _ask_in(self, request: web.Request) -> web.Response:
        """Show the button that signs in. That a link is only looked at, as previews in chats do, uses up nothing."""
        key = request.query.get("key", "")
        if not await self._dashboard.store.is_good(key, self._pages.now):
            raise Refused(words.SIGNED_OUT_TITLE, words.USED_UP, HTTPStatus.GONE)
        return answer("enter", self._stranger(request), title=words.SIGN_IN, key=key, words=words)

    async def _let_in(self, request: web.Request) -> web.Response:
        now, key = self._pages.now, (await _sent(request)).get("key", "")
        begun = await self._dashboard.store.begin(key, now)
        if begun is None:
            raise Refused(words.SIGNED_OUT_TITLE, words.USED_UP, HTTPStatus.GONE)
        session_key, session = begun
        await self._audit.add(session.community_id, now, session.member_id, "dashboard.entered")
        response = see_other(ROOT)
        response.set_cookie(
            self._cookie,
            session_key,
            max_age=int(SESSION_LIVES.total_seconds()),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._is_secure,
        )
        return response

    async def _leave(self, request: web.Request) -> web.Response:
        key = request.cookies.get(self._cookie, "")
        if session := await self._dashboard.store.find(key, self._pages.now):
            if not is_same((await _sent(request)).get("token", ""), _token_of(key)):
                raise _forged()
            await self._dashboard.store.end(session.digest)
        response = plain(self._stranger(request), words.LEFT_TITLE, words.SIGNED_OUT, HTTPStatus.OK)
        response.del_cookie(self._cookie, path="/", secure=self._is_secure, httponly=True, samesite="Strict")
        return response

    async def _signed(self, request: web.Request) -> Signed:
        """Return who asks, if they are signed in and still are a moderator here; else their session is over."""
        key = request.cookies.get(self._cookie, "")
        session = await self._dashboard.store.find(key, self._pages.now) if key else None
        if session:
            visit = await self._visitors.visit(session, request.query, self._pages.now)
            if visit and visit.role >= Role.MODERATOR:
                return Signed(session, visit, _token_of(key))
            await self._dashboard.store.end(session.digest)
        raise Refused(words.SIGNED_OUT_TITLE, words.SIGNED_OUT, HTTPStatus.UNAUTHORIZED)

    # Looking

    async def _show(self, request: web.Request) -> web.Response:
        signed = await self._signed(request)
        page = self._page(signed, request)
        if signed.session.notice:
            await self._dashboard.store.notify(signed.session.digest, "")
        return await self._drawn(signed, page, notice=signed.session.notice)

    async def _save(self, request: web.Request) -> web.Response:
        """Hand over a page as a table."""
        signed = await self._signed(request)
        page = self._page(signed, request)
        if page.file is None:
            raise _not_found(signed)
        response = web.Response(body=as_csv(await page.file(signed.visit)), content_type="text/csv", charset="utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{page.path}.csv"'
        return framed(response)

    def _page(self, signed: Signed, request: web.Request) -> DashboardPage:
        """Return the page that is asked for, if there is one for this person."""
        page = self._pages.find(request.match_info.get("page", ""))
        if page is None:
            raise _not_found(signed)
        if signed.visit.role < page.role:
            raise Refused(words.REFUSED_TITLE, only(page.role), HTTPStatus.FORBIDDEN, signed.visit)
        return page

    async def _drawn(
        self,
        signed: Signed,
        page: DashboardPage,
        *,
        notice: Words = "",
        problem: Words = "",
        wrong: tuple[str, Mapping[str, str], Mapping[str, Words]] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> web.Response:
        """Draw a page; `wrong` are the act, the answers that were sent for it, and what is wrong with them by field."""
        visit = signed.visit
        view: View = await page.show(visit)
        kept = {field.name: visit.query.get(field.name, "") for field in view.search}
        return answer(
            "page",
            self._pages.reader(visit),
            status,
            signed=signed,
            here=page,
            pages=self._pages.of(visit.role),
            title=page.heading,
            view=view,
            older=f"?{urlencode({**kept, **view.older})}" if view.older is not None else "",
            file=f"{ROOT}/{page.path}/file?{urlencode(kept)}" if page.file else "",
            notice=notice,
            problem=problem,
            wrong=wrong,
            words=words,
        )

    # Doing

    async def _act(self, request: web.Request) -> web.Response:
        signed = await self._signed(request)
        sent = await _sent(request)
        if not is_same(sent.pop("token", ""), signed.token):
            raise _forged()
        page = self._page(signed, request)
        act = page.acts.get(request.match_info["act"])
        if act is None:
            raise _not_found(signed)
        if signed.visit.role < act.role:
            raise Refused(words.REFUSED_TITLE, only(act.role), HTTPStatus.FORBIDDEN, signed.visit)
        if act.sure and sent.pop("sure", "") != "yes":
            return answer(
                "sure",
                self._pages.reader(signed.visit),
                signed=signed,
                pages=self._pages.of(signed.visit.role),
                here=page,
                title=words.SURE,
                sure=act.sure,
                act=request.match_info["act"],
                sent=sent,
                words=words,
            )
        return await self._done(signed, page, request.match_info["act"], act, sent)

    async def _go_back(self, request: web.Request) -> web.Response:
        """Somebody opens the address of an act, where a form came back that had something wrong: nothing is done."""
        page = self._pages.find(request.match_info["page"])
        return see_other(f"{ROOT}/{page.path}" if page else ROOT)

    async def _done(
        self, signed: Signed, page: DashboardPage, name: str, act: Act, sent: Mapping[str, str]
    ) -> web.Response:
        """Do it as one unit; then the browser asks for the page anew, so that a reload does nothing twice."""
        visit, said = signed.visit, list[Words]()

        async def do() -> None:
            said[:] = [await act.do(visit, sent)]

        try:
            await self._units.run(visit, do)
        except FormError as wrong:
            kept = (name, sent, wrong.problems)
            return await self._drawn(signed, page, wrong=kept, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        except UserError as refusal:
            return await self._drawn(signed, page, problem=refusal.words, status=HTTPStatus.CONFLICT)
        notice = self._pages.plain(visit, said[0])
        await self._dashboard.store.notify(signed.session.digest, notice)
        return see_other(f"{ROOT}/{page.path}".rstrip("/"))


def _forged() -> Refused:
    return Refused(words.REFUSED_TITLE, words.FORGED, HTTPStatus.FORBIDDEN)


def _not_found(signed: Signed) -> Refused:
    return Refused(words.NOT_FOUND_TITLE, words.NOT_FOUND, HTTPStatus.NOT_FOUND, signed.visit)


async def _sent(request: web.Request) -> dict[str, str]:
    """Return what a form sent, without what nobody can see; files, and what is no form, are nobody's business here."""
    try:
        sent = await request.post()
    except ValueError:
        return {}
    return {name: clean(value) for name, value in sent.items() if isinstance(value, str)}


def _token_of(key: str) -> str:
    return hashlib.sha256(f"form/{key}".encode("utf-8", "replace")).hexdigest()


async def _file(name: str, _: web.Request) -> web.Response:
    response = web.Response(body=(FOLDER / "static" / name).read_bytes(), content_type=FILES[name], charset="utf-8")
    return framed(response, keep=True)
