"""Files that go along with cards, and pictures that the store keeps until a card is delivered."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable
from dataclasses import dataclass, field, replace

from .text import Text, Translations, Words, text

FILES, FILE_SIZE, FILE_NAME, FILE_TEXT = 4, 8 * 1024 * 1024, 60, 1000
"""Files of a card, bytes of each (Discord takes 10 MiB in all), characters of its name and of its alternative text."""
UPLOAD = 5 * 1024 * 1024
"""Bytes of a picture that somebody hands over in a form: less than a file, so that it can be handed back in one."""
PICTURES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "gif": b"GIF8"}
"""The kinds of pictures that every platform shows (Slack no others), by the endings of their names: how each begins."""

_FILE_NAME = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-z0-9]{2,5}", re.ASCII)


def cut(words: Words, longest: int) -> Text:
    """Cut a text to fit; one that is not spoken yet is cut when it is."""
    words = text(words)
    return words.clip(longest) if words.is_localized else words


def kind_of_picture(content: bytes) -> str | None:
    """Return which of the `PICTURES` this is, by how it begins, whatever it is called; None for anything else."""
    return next((kind for kind, beginning in PICTURES.items() if content.startswith(beginning)), None)


async def beginning(parts: AsyncIterable[bytes], most: int) -> bytes:
    """Return what comes in `parts`: all of it, or where it is over `most` bytes just enough to see that it is."""
    content = bytearray()
    async for part in parts:
        content += part
        if len(content) > most:
            break
    return bytes(content)


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along: a picture is shown, anything else is there to be saved.

    `words` say what a picture shows, for who cannot see it; a picture needs some.
    """

    name: str
    content: bytes = field(repr=False)
    words: Text

    def __init__(self, name: str, content: bytes, words: Words = "") -> None:
        if not _FILE_NAME.fullmatch(name) or len(name) > FILE_NAME:
            raise ValueError(f"a file's name is plain, at most {FILE_NAME} characters, with an ending: {name!r}")
        if not 0 < len(content) <= FILE_SIZE:
            raise ValueError(f"a file has 1 to {FILE_SIZE} bytes: {name} has {len(content)}")
        for attribute, value in (("name", name), ("content", content), ("words", cut(words, FILE_TEXT))):
            object.__setattr__(self, attribute, value)
        if self.is_picture and not self.words:
            raise ValueError(f"{name} has no words for who cannot see it")

    @property
    def text(self) -> str:
        """What a picture shows, as plain words."""
        return self.words.plain()

    def localized(self, translations: Translations) -> File:
        """Return the file with its words in a language."""
        return File(self.name, self.content, self.words.localized(translations))

    @property
    def is_picture(self) -> bool:
        return is_picture_name(self.name)


def is_picture_name(name: str) -> bool:
    """Say whether a file of that name is shown."""
    return name.rpartition(".")[2] in PICTURES


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture that the store keeps, by its id: its file is put into the card when that is delivered.

    `words` are as in `File`.
    """

    id: int
    words: Text

    def localized(self, translations: Translations) -> KeptPicture:
        """Return the picture with its words in a language."""
        return replace(self, words=self.words.localized(translations))
