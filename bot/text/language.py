"""The languages that Trellis speaks: one catalogue for each, beside the code, read as translators write it."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterable, Mapping
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from adapters.contract.text import ENGLISH, Translations

CATALOGUES = Path(__file__).with_name("locale")
"""`de.po` and so on: a file for each language, by its code. English is what stands in the code."""


class Locales:
    """Every language there is, and the community's."""

    def __init__(self, language: str = "en", folder: Path = CATALOGUES, others: Iterable[Path] = ()) -> None:
        """Read all catalogues. Raises `ValueError` where there is none of the community's `language`.

        In `others` stand more words of the same languages. What a language has no words for is said in English.
        """
        folders = (folder, *others)
        self._by_code: Mapping[str, Translations] = {
            "en": ENGLISH,
            **{path.stem: _together(path.name, folders) for path in sorted(folder.glob("*.po"))},
        }
        if language not in self._by_code:
            raise ValueError(f"Trellis does not speak {language!r} yet, only {', '.join(self._by_code)}.")
        self._language = language
        self.shared: Translations = self._by_code[language]
        """The community's language: what everyone reads is in it."""

    @property
    def shared_code(self) -> str:
        """The code of the community's language."""
        return self._language

    @property
    def codes(self) -> list[str]:
        """The codes of all languages."""
        return [*self._by_code]

    @property
    def others(self) -> Mapping[str, Translations]:
        """All languages but the community's, by code."""
        return {code: translations for code, translations in self._by_code.items() if translations is not self.shared}

    def code_of(self, locale: str | None) -> str:
        """Return the code of a locale's language; the community's where we do not speak it."""
        code = (locale or "").replace("_", "-")
        return next(
            (known for known in (code, code.partition("-")[0].lower()) if known in self._by_code), self._language
        )

    def of(self, locale: str | None) -> Translations:
        """Return the language of a locale ("de", "pt-BR", "de_AT"); the community's where we do not speak it."""
        return self._by_code[self.code_of(locale)]


def _together(name: str, folders: Iterable[Path]) -> Translations:
    """Return one language, of the catalogues that have this name."""
    first, *others = (copy.copy(read_catalogue(folder / name)) for folder in folders if (folder / name).exists())
    for other in others:
        first.add_fallback(other)
    return first


@cache
def read_catalogue(path: Path) -> Translations:
    """Read a `.po` file into translations, once in a process."""
    with path.open("rb") as written:
        catalogue = read_po(written, locale=path.stem)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def spoken() -> tuple[Translations, ...]:
    """Return all languages of ours, to understand what somebody types whatever their own one is."""
    return tuple(read_catalogue(path) for path in sorted(CATALOGUES.glob("*.po")))
