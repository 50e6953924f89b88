"""What a browser is answered, with the headers that keep a page to itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aiohttp import web

from adapters.contract.text import Words

from . import words
from .drawing import Reader, drawn

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # without any, a browser would not say where a form comes from
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def framed(response: web.Response, *, keep: bool = False) -> web.Response:
    """Return a response with our headers, compressed where the browser takes that; only what is public is to `keep`."""
    response.headers.update(HEADERS)
    response.headers["Cache-Control"] = "no-cache" if keep else "no-store"
    if response.body is not None:
        response.enable_compression()
    return response


def answer(template: str, reader: Reader, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> web.Response:
    """Return a page."""
    return framed(web.Response(text=drawn(template, reader, **values), status=status, content_type="text/html"))


def plain(reader: Reader, title: Words, said: Words, status: HTTPStatus, *, back: str = "") -> web.Response:
    """Return a page that says one thing, and leads `back` where there is somewhere to go."""
    return answer("message", reader, status, title=title, said=said, back=back, words=words)


def see_other(path: str) -> web.Response:
    """Return what sends the browser on to another page."""
    return framed(web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path}))
