"""The files of the page: small on the way, and asked for again only to hear that nothing has changed."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aiohttp import ETag, web

_PAGE = Path(__file__).with_name("page")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of everything that the playground serves. `no-cache` lets a browser keep a file, and ask whether it still holds."""


@dataclass(slots=True)
class Asset:
    """One file, read and compressed when it is first asked for."""

    file: Path
    _kept: tuple[bytes, bytes, ETag] | None = None

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with the file, compressed where that is understood, or that what is known still holds."""
        if self._kept is None:
            self._kept = await asyncio.to_thread(self._read)
        plain, packed, etag = self._kept
        headers = {**HEADERS, "Vary": "Accept-Encoding"}
        if any(known.value in (etag.value, "*") for known in request.if_none_match or ()):
            answer = web.Response(status=304, headers=headers)
        elif "gzip" in request.headers.get("Accept-Encoding", ""):
            headers |= {"Content-Type": _TYPES[self.file.suffix], "Content-Encoding": "gzip"}
            answer = web.Response(body=packed, headers=headers)
        else:
            answer = web.Response(body=plain, headers={**headers, "Content-Type": _TYPES[self.file.suffix]})
        answer.etag = etag
        return answer

    def _read(self) -> tuple[bytes, bytes, ETag]:
        plain = self.file.read_bytes()
        # Weak, because the same tag stands for the file and for what it is compressed to.
        return plain, gzip.compress(plain, mtime=0), ETag(sha256(plain).hexdigest()[:20], is_weak=True)


def assets() -> dict[str, Asset]:
    """Return what is served at which path."""
    files = [file for file in sorted(_PAGE.iterdir()) if file.suffix in _TYPES]
    return {"/": Asset(_PAGE / "index.html"), **{f"/{file.name}": Asset(file) for file in files}}
