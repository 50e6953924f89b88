"""What the pages name exists, and what exists is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.contract.commands import Command
from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.kernel.application import Application
from config.settings import Settings
from storage.database import Database

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))
MANUAL = [page for page in ROOT.glob("docs/*.md") if not page.stem.startswith(("connect", "configuration"))]
WORDS = "\n".join(page.read_text("utf-8") for page in MANUAL)
NOT_COMMANDS = {"/bed", "/data", "/healthz", "/metrics", "/readyz", "/ideas", "/timer", "/t", "/invite", "/trellis"}
"""Paths, prefixes, a command of the platform, and what the pages' own examples add."""

_LINK = re.compile(r'\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"')
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def words_of(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCED.sub("", page.read_text("utf-8"))


@pytest.fixture
def app(tmp_path: Path) -> Application:
    database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    return build_application(Settings.model_validate({}), database, [], MovableClock(datetime(2026, 3, 2, tzinfo=UTC)))


@pytest.fixture
def commands(app: Application) -> Mapping[str, Command]:
    return {command.name: command for command in app.router.commands}


def test_every_command_is_explained_with_its_options(commands: Mapping[str, Command]) -> None:
    for name, command in commands.items():
        row = re.search(rf"^\| `/{name}` \|(.*)$", WORDS, re.MULTILINE)
        assert row, f"no page has a row for /{name}"
        missing = [option.name for option in command.options if option.name not in row[1].split("|")[0]]
        assert not missing, f"no page says anything of these options of /{name}: {missing}"


def test_every_shortcut_is_explained(app: Application) -> None:
    assert app.router.shortcuts
    for shortcut in app.router.shortcuts:
        assert shortcut.name in WORDS


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "CHANGELOG.md", *MANUAL], ids=lambda page: page.name)
def test_no_command_is_named_that_is_not_there(page: Path, commands: Mapping[str, Command]) -> None:
    known = {f"/{name}" for name in commands} | {f"/{name.split()[0]}" for name in commands} | NOT_COMMANDS
    for first, second in re.findall(r"`(/[a-z]+)( [a-z]+)?", words_of(page)):
        assert f"{first}{second}" in known or first in known, f"{first}{second}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_images_lead_somewhere(page: Path) -> None:
    for in_text, in_tag in _LINK.findall(words_of(page)):
        link = in_text or in_tag
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not heading or heading in anchors(target), f"{link} names no heading"


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", words_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_images_say_what_they_show(page: Path) -> None:
    assert not re.search(r'!\[\s*\]|<img (?![^>]*alt="[^"]+")', words_of(page))


ROOMS = ["questions", "events", "ideas-and-polls", "recognition", "onboarding"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_page_shows_it_as_each_platform_does(room: str) -> None:
    said = re.findall(r'!\[([^\]]+)\]\(images/|alt="([^"]+)"', words_of(ROOT / f"docs/{room}.md"))
    alts = " ".join(one or other for one, other in said)
    assert len(said) >= 3 and "as Discord shows it" in alts and "as Slack shows it" in alts


def test_images_are_small_and_shown_somewhere() -> None:
    everything = "\n".join(page.read_text("utf-8") for page in PAGES)
    for image in sorted(ROOT.glob("docs/images/*")):
        assert f"images/{image.name}" in everything, f"{image.name} is shown nowhere"
        assert image.stat().st_size < 150_000, f"{image.name} is too big"


def test_decisions_are_numbered_and_have_their_three_parts() -> None:
    assert [page.name[:4] for page in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    for page in DECISIONS:
        headings = re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name
