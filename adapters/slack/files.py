"""Hands files to Slack: a picture is drawn into its card, any other file is shared beside it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from adapters.contract.adapter import AdapterError, Gone
from adapters.contract.files import File
from adapters.contract.memo import Memo
from adapters.contract.ui import Card

from . import render
from .api import Api, BlocksRefused, PictureUnready
from .markup import Home

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
T = TypeVar("T")

FILES_READ = "files:read"
"""The scope without which we see nothing of what people choose in a form: Slack then shows no form that asks for it."""
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds to wait for Slack, which looks at each picture before it lets anyone see it."""
REMEMBERED = 1000


class Files:
    """Uploads; the same picture only once."""

    def __init__(self, api: Api, home: Home) -> None:
        self._api = api
        self._home = home
        self._pictures: Memo[str, str] = Memo(REMEMBERED)
        self._without_tables: set[bool] = set()
        """Whether this workspace refused a table in messages (False), and in private answers (True)."""

    async def post(self, card: Card, send: Callable[[JSON], Awaitable[T]]) -> T:
        """Draw a card as a message and `send` it, its chart as a table; where Slack takes none, as a picture."""
        return await self._tabled(card, send, bool(card.table or (card.chart and card.chart.heads)))

    async def answer(self, card: Card, send: Callable[[JSON], Awaitable[T]], note: str = "") -> T:
        """Draw a card as a private answer and `send` it, its table as one where Slack takes that."""
        return await self._tabled(card, send, bool(card.table), note, privately=True)

    async def _tabled(
        self, card: Card, send: Callable[[JSON], Awaitable[T]], has_table: bool, note: str = "", privately: bool = False
    ) -> T:
        if has_table and privately not in self._without_tables:
            try:
                return await send(render.message(card, self._home, note=note, tables=True))
            except BlocksRefused as refusal:
                log.warning("this workspace takes no tables there, so they are drawn otherwise: %s", refusal)
                self._without_tables.add(privately)
        return await self.draw(card, send, note)

    async def draw(self, card: Card, send: Callable[[JSON], Awaitable[T]], note: str = "") -> T:
        """Draw a card and `send` it: with its picture, or with the picture's words where Slack shows none."""
        if card.picture and (picture := await self._uploaded(card.picture)):
            message = render.message(card, self._home, picture, note)
            for pause in PAUSES:
                try:
                    return await send(message)
                except PictureUnready:
                    await asyncio.sleep(pause)
            log.warning("Slack does not show the picture %s, so its words stand for it", card.picture.name)
            self._pictures.pop(digest((card.picture,)), None)
        return await send(render.message(card, self._home, note=note))

    async def read(self, id_: str, most: int) -> bytes | None:
        """Return what somebody chose in a form; None where it has over `most` bytes."""
        file = (await self._api.call("files.info", file=id_))["file"]
        if file.get("is_external") or not file.get("url_private_download"):
            raise Gone(f"the file {id_} is not Slack's own")
        return None if file["size"] > most else await self._api.download(file["url_private_download"], most)

    async def upload(self, files: Sequence[File]) -> list[str]:
        """Upload files that nobody sees yet; return their ids."""
        ids = []
        for file in files:
            words: JSON = {"alt_txt": file.text} if file.text else {}
            slot = await self._api.call(
                "files.getUploadURLExternal", filename=file.name, length=len(file.content), **words
            )
            await self._api.upload(str(slot["upload_url"]), file.content)
            ids.append(str(slot["file_id"]))
        return ids

    async def share(self, ids: Sequence[str], files: Sequence[File], channel: str, thread: str = "") -> bool:
        """Share uploaded files in a channel or thread; say whether they are there. A failure is logged."""
        place: JSON = {"channel_id": channel, **({"thread_ts": thread} if thread else {})}
        try:
            await self._complete(ids, files, **place)
        except AdapterError as failure:
            log.warning("%s could not be handed over: %s", names_of(files), failure)
            return False
        return True

    async def drop(self, ids: Sequence[str]) -> None:
        """Take files of ours away, wherever they were shared."""
        for id_ in ids:
            try:
                await self._api.call("files.delete", file=id_)
            except AdapterError as failure:
                log.info("a file that is out of date stays: %s", failure)

    async def _complete(self, ids: Sequence[str], files: Sequence[File], **place: Any) -> None:
        titled = [{"id": id_, "title": file.name} for id_, file in zip(ids, files, strict=True)]
        await self._api.call("files.completeUploadExternal", repeatable=not place, files=titled, **place)

    async def _uploaded(self, picture: File) -> str:
        known = digest((picture,))
        if known not in self._pictures:
            try:
                ids = await self.upload((picture,))
                await self._complete(ids, (picture,))
            except AdapterError as failure:
                log.warning("the picture %s could not be handed over: %s", picture.name, failure)
                return ""
            (self._pictures[known],) = ids
        return self._pictures[known]


def names_of(files: Sequence[File]) -> str:
    """Return the names of files, to be told of."""
    return ", ".join(file.name for file in files)


def loose(card: Card) -> tuple[File, ...]:
    """Return the files that are not drawn."""
    return tuple(file for file in card.files if not file.is_picture)


def digest(files: Sequence[File]) -> str:
    """Return what tells these files from any others."""
    told = hashlib.sha256()
    for file in files:
        told.update(f"{file.name}\0{len(file.content)}\0{file.text}\0".encode() + file.content)
    return told.hexdigest()[:24]
