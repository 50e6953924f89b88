"""Two communities in one process: whatever an admin of one sends, nothing of the other is shown or changed."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.events import CommandUsed, ControlUsed, FormSubmitted
from adapters.contract.forms import Dialog, Kind
from adapters.contract.models import Account, Channel, Profile
from adapters.contract.ui import Card, LinkButton
from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.kernel.application import Application
from bot.kernel.context import Context
from bot.kernel.registry import Bound
from config.settings import Settings
from storage.database import Database
from tests.doors import MemoryKit
from tests.story import Story

from .test_link import Elsewhere
from .test_privacy import CANARY, _everything
from .test_privacy_everywhere import lives_here
from .web import browser_of

IDS = range(1, 7)
"""Of most kinds the other community has fewer."""
PASSING = ("processes:", "inbox", "heard", "jobs", "sqlite_", "drafts", "counters", "documents_")
"""Tables that come and go, or count, for both; and the insides of the search."""


class Answers:
    """A responder that keeps what was shown."""

    discreet = True
    token: Mapping[str, Any] | None = None

    async def accept(self) -> None: ...

    def __init__(self) -> None:
        self.shown: list[str] = []

    async def reply(self, card: Card) -> None:
        self.shown.append(repr(card))

    aside = update = reply

    async def open(self, dialog: Dialog) -> None:
        self.shown.append(repr(dialog))

    refuse = open


def arguments(bound: Bound) -> Iterator[tuple[str, ...]]:
    """Return what one who guesses would send along: every small number where an id may stand."""
    kinds = [*bound.action.parameters.values()][1:]
    if not kinds:
        yield ()
        return
    for number in IDS:
        yield tuple("1" if kind is bool else str(number) for kind in kinds)
    if str in kinds:
        for number, word in itertools.product(IDS, ("going", "yes", "new", "memory/home", "memory/home/zoe")):
            yield tuple(word if kind is str else str(number) for kind in kinds)


def answers(bound: Bound, number: int) -> Mapping[str, str]:
    """Return answers that name what the other community has."""
    assert bound.action.form
    zoe = "memory/home/zoe"
    guess = {Kind.MEMBER: zoe, Kind.MEMBERS: zoe, Kind.CHANNEL: "memory/home/help", Kind.BOOLEAN: "true"}
    return {
        field.name: field.choices[0].value if field.kind is Kind.CHOICE else guess.get(field.kind, str(number))
        for field in bound.action.form.fields(bound.cog)
    }


@pytest.fixture
async def apps(tmp_path: Path) -> AsyncIterator[list[Application]]:
    """What was begun in `tmp_path`, to be ended before that goes."""
    apps: list[Application] = []
    yield apps
    for app in apps:
        await app.stop()


async def test_no_call_reaches_into_another_community(
    apps: list[Application], clock: MovableClock, tmp_path: Path, database_file: Path
) -> None:
    kit = MemoryKit(tmp_path, clock.now)
    there = Elsewhere(clock.now, "there")
    for name in ("general", "help", "introductions", "events", "ideas", "agents"):
        there.add_channel(name)
    there.add_person("boss", "Boss", roles=("admin",))

    async def begin(**settings: str) -> Story:
        database = Database(f"sqlite:///{database_file}")
        app = build_application(Settings.model_validate(settings), database, [kit.platform, there], clock)
        await app.start()
        apps.append(app)
        return Story(app, await kit.door(app.settle), clock)

    story = await lives_here(begin, tmp_path)
    app, responder = story.app, Answers()
    await story.app.upkeep.note_presence()  # it would come by itself in the middle
    before = {row for row in await _everything(story) if not row.startswith(PASSING)}
    boss = Profile(Account(there.space, "boss"), "Boss", roles=frozenset({"admin"}))
    here, numbers = Channel(there.space, "help"), itertools.count()

    def said() -> dict[str, Any]:
        return {"id": f"guess-{next(numbers)}", "at": clock.now(), "by": boss, "channel": here}

    registry = app.router._registry
    commands = {bound.action.full_name: command for command, bound in registry.commands.items()}
    for name, bound in registry.actions.items():
        if not issubclass(bound.action.context, Context) or name == "privacy.erase_all":
            continue
        for number in IDS if name in commands and bound.action.form else ():
            options = answers(bound, number)
            await app.router.receive(CommandUsed(**said(), command=commands[name], options=options), responder)
        for guess in arguments(bound):
            call = Call(name, guess).pack()
            if bound.action.form:
                typed = answers(bound, next((int(one) for one in guess if one.isdigit()), 1))
                await app.router.receive(FormSubmitted(**said(), call=call, answers=typed), responder)
            else:
                await app.router.receive(ControlUsed(**said(), call=call, values=("1",)), responder)
    await app.settle()
    assert next(numbers) > 500 and Role.ADMIN in {bound.action.role for bound in registry.commands.values()}
    after = {*await _everything(story)}
    assert not before - after, "nothing of theirs was changed"
    seen = [*responder.shown, *(repr(posted.card) for posted in there.messages.values())]
    assert len(seen) > 500
    assert not [card for card in seen if CANARY in card or "Zoe" in card or "Mia" in card]


async def test_an_admin_of_another_community_sees_and_changes_nothing_on_the_dashboard(
    apps: list[Application], clock: MovableClock, tmp_path: Path, database_file: Path
) -> None:
    kit = MemoryKit(tmp_path, clock.now)
    there = Elsewhere(clock.now, "there")
    for name in ("general", "help", "ideas", "agents"):
        there.add_channel(name)
    there.add_person("boss", "Boss", roles=("admin",))

    async def begin(**settings: str) -> Story:
        app = build_application(
            Settings.model_validate(settings), Database(f"sqlite:///{database_file}"), [kit.platform, there], clock
        )
        await app.start()
        apps.append(app)
        return Story(app, await kit.door(app.settle), clock)

    story = await lives_here(begin, tmp_path)
    community = (await story.member("mia")).community_id
    await story.app.jobs.put("nothing.there:1", clock.now(), community)
    await story.passes(days=1)
    (letter,) = await story.app.jobs.dead()
    await story.app.upkeep.note_presence()  # it would come by itself in the middle
    before = {row for row in await _everything(story) if not row.startswith(PASSING)}
    async with browser_of(story) as browser:
        await there.use("boss", "help", "dashboard", {})
        await story.app.settle()
        (shown,) = [one.card for one in there.messages.values() if one.card and one.card.title.plain() == "Dashboard"]
        (button,) = [one for one in shown.buttons if isinstance(one, LinkButton)]
        await browser.enters(button.url.partition("8080")[2] or button.url.partition("dashboard/enter")[2])
        assert browser.status == 200 and "Signed in as Boss" in browser.words
        for page in ("", *(f"/{name}" for name in "questions polls events ideas channels audit dead rights".split())):
            await browser.opens(f"/dashboard{page}")
            assert browser.status == 200
            assert not [word for word in (CANARY, "Zoe", "Mia", "Liam") if word in browser.words], page
        await browser.opens("/dashboard/audit?who=Liam")
        assert "Nothing was noted." in browser.words
        for id_ in range(1, 5):
            await browser.sends("/dashboard/ideas/decide", idea=str(id_), status="planned", note="n")
            await browser.sends("/dashboard/polls/close", poll=str(id_), reason="r")
            assert browser.status == 409
        await browser.sends("/dashboard/dead/retry", id=f"job:{letter.id}")
        assert browser.status == 409
        await browser.sends("/dashboard/dead/drop", id=f"job:{letter.id}", sure="yes")
        assert browser.status == 409 and await story.app.jobs.dead()
    assert not before - {*await _everything(story)}, "nothing of theirs was changed"


async def test_each_community_has_another_place_looked_for_when_trellis_starts(
    apps: list[Application], clock: MovableClock, tmp_path: Path, database_file: Path
) -> None:
    kit = MemoryKit(tmp_path, clock.now)
    there = Elsewhere(clock.now, "there")
    there.add_channel("ideas")
    there.add_person("boss", "Boss")

    async def begin() -> Application:
        database = Database(f"sqlite:///{database_file}")
        app = build_application(Settings.model_validate({}), database, [kit.platform, there], clock)
        await app.start()
        apps.append(app)
        return app

    app = await begin()
    for platform, who in ((kit.platform, "mia"), (there, "boss")):
        await platform.use(who, "ideas", "idea add", {"title": "Dark mode for the board"})
        await app.settle()
        await platform.delete_channel("ideas")
        await app.settle()
    await app.stop()
    for platform in (kit.platform, there):
        platform.add_channel("ideas")
    app = await begin()
    await app.settle()
    for platform in (kit.platform, there):
        assert [
            posted.card.title.plain() for posted in platform.messages.values() if posted.card and not posted.reader
        ] == ["Dark mode for the board"]
