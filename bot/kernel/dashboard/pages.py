"""All pages of the dashboard: what the cogs bring, an overview of what waits, and who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from adapters.contract.text import Words, label, say, text
from bot.clock import Clock
from bot.kernel.cog import Cog
from bot.text.language import Locales

from .contract import DashboardPage, Section, View, Visit
from .drawing import Reader

ALL_WELL = say("Nothing waits for you. 🌿")


class Pages:
    """The pages, in order, each with the role that it takes."""

    def __init__(self, cogs: Iterable[Cog], locales: Locales, clock: Clock, zone: ZoneInfo) -> None:
        """`zone` is that of whoever is not signed in."""
        self._locales = locales
        self._clock = clock
        self._zone = zone
        overview = DashboardPage("", label("Overview"), 0, Role.MODERATOR, self._overview)
        self._pages: dict[str, DashboardPage] = {}
        for page in (overview, *(page for cog in cogs for page in cog.dashboard())):
            self.add(page)

    def add(self, page: DashboardPage) -> None:
        """Add a page in its place. Raises `ValueError` for a second one of the same path."""
        if page.path in self._pages:
            raise ValueError(f"two pages of the dashboard are called {page.path!r}")
        pages = sorted((*self._pages.values(), page), key=lambda one: one.order)
        self._pages = {one.path: one for one in pages}

    @property
    def now(self) -> datetime:
        return self._clock.now()

    def find(self, path: str) -> DashboardPage | None:
        """Return the page of that path, whoever may see it."""
        return self._pages.get(path)

    def of(self, role: Role) -> list[DashboardPage]:
        """Return the pages that somebody of this role may see."""
        return [page for page in self._pages.values() if role >= page.role]

    def reader(self, visit: Visit) -> Reader:
        """Return how a page is drawn for somebody who is signed in."""
        return Reader(visit.language, visit.translations, visit.zone, visit.now)

    def stranger(self, languages: str) -> Reader:
        """Return how a page is drawn for somebody of whom only the browser's `languages` are known."""
        language = self._locales.code_of(languages.partition(",")[0].partition(";")[0])
        return Reader(language, self._locales.of(language), self._zone, self.now)

    def plain(self, visit: Visit, words: Words) -> str:
        """Return words as the person reads them."""
        return text(words).localized(visit.translations).plain()

    async def _overview(self, visit: Visit) -> View:
        """Show what waits, page by page."""
        found = [(page, await page.waiting(visit)) for page in self.of(visit.role) if page.waiting]
        sections = [Section(page.wanting or page.heading, rows, ALL_WELL) for page, rows in found if rows]
        return View(sections or [Section(say("What waits"), (), ALL_WELL)])
