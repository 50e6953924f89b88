"""Who may do what: every call that there is, by nine kinds of people, and what of it is done, said and seen."""

from __future__ import annotations

import itertools
import logging
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from adapters.contract.commands import Role, Typing
from adapters.contract.events import CommandUsed, ControlUsed, FormSubmitted, PersonPicked, ShortcutUsed
from adapters.contract.forms import Dialog
from adapters.contract.models import Channel
from adapters.contract.ui import Card, Tone
from bot.clock import MovableClock
from storage import database
from tests.cogs.conftest import START
from tests.on_the_spot import OnTheSpot

from . import permissions
from .calls import Calls, Try
from .world import CALLERS, CANARIES, World, world

RIGHTS = {
    "outsider": Role.GUEST,
    "gated": Role.NEWCOMER,
    "agent": Role.AGENT,
    "moderator": Role.MODERATOR,
    "admin": Role.ADMIN,
    "foreign admin": Role.ADMIN,
} | dict.fromkeys(("member", "author", "foreign member"), Role.MEMBER)

TRACES = {"inbox", "envelopes", "sqlite_sequence", "outbox", "drafts", "processes", "heard", "presence_hours"}
"""Tables in which stands that something was tried, and what was typed then, for who tried it alone."""


FILTERED = {"audit.older", "audit.table"}
"""What lists things of one's own community alone, whomever of elsewhere one looks for in it."""
MOST = {"member": 9, "author": 9, "foreign member": 2, "foreign admin": 2}
"""How many ways somebody tries of one action at most; others six."""
COUNTED = {"gatekeeping.entered"}
"""What counts that it was refused: invite codes are not tried for ever."""


@dataclass
class Answers:
    """A responder that keeps what is shown to the person."""

    discreet = True
    token: Mapping[str, Any] | None = None
    shown: list[Card | Dialog] = field(default_factory=list)

    async def accept(self) -> None: ...

    async def reply(self, card: Card) -> None:
        self.shown.append(card)

    aside = update = reply

    async def open(self, dialog: Dialog) -> None:
        self.shown.append(dialog)

    refuse = open


def is_refusal(shown: Card | Dialog) -> bool:
    """Say whether somebody is told that something does not work, or has to be typed in another way."""
    if isinstance(shown, Dialog):
        return bool(shown.problem) or any(field.error for field in shown.fields)
    return shown.tone is Tone.URGENT and not shown.title.plain() and not shown.buttons


class Trial:
    """Has people try calls, one after the other, each in the same world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls = Calls(world, world.app.router._registry)
        self.homes = dict.fromkeys(CALLERS, 1) | {one: 2 for one in CALLERS if one.startswith("foreign")}
        self.wrong: list[str] = []
        self._numbers = itertools.count()

    async def may(self, caller: str, role: Role, tries: Sequence[Try]) -> bool:
        """Say whether somebody may do something of their own community, and note what must never be.

        Where their role is asked before all else, one try is enough. Most try until something works.
        """
        some = tries[: 1 if RIGHTS[caller] < role else MOST.get(caller, 6)]
        done = False
        for one in some:
            done |= await self.send(caller, one)
            if done and caller not in ("member", "author"):
                break
        return done

    async def send(self, caller: str, one: Try) -> bool:
        """Have somebody try something; return whether it was done, or shown. What must never be is noted."""
        world, who = self.world, CALLERS[caller]
        platform, answers = world.platform_of(who), Answers()
        await world.app.router.receive(self._event(platform, who, one), answers)
        if world.touched():
            await world.app.settle()
        done = any(not is_refusal(shown) for shown in answers.shown)
        touched = world.touched()
        changed = sorted(table for table in touched - TRACES if world.is_changed(table))
        done = done or (not answers.shown and bool(changed))
        new = world.posted()
        visible = platform.visible(who) if new else []
        seen = "\n".join(
            [repr(shown) for shown in answers.shown] + [repr(posted.card) for posted in new if posted in visible]
        )
        own = repr(one.typed)
        for canary, readers in CANARIES.items():
            if caller not in readers and canary in seen and canary not in own:
                self.wrong.append(f"{caller} reads {canary} by {one.how} {one.call} {dict(one.typed or {})}")
        if not done and (changed or new) and one.name not in COUNTED:
            what = changed or [repr(posted.card)[:80] for posted in new]
            self.wrong.append(f"{caller} is refused {one.how} {one.call}, and changes {what}")
        foreign = {home for home in one.homes if home != self.homes[caller]}
        if done and foreign and one.name not in FILTERED:
            self.wrong.append(f"{caller} does {one.how} {one.call}, which is not of their community")
        if new or touched:
            await world.put_back()
        return done

    def _event(self, platform: Any, who: str, one: Try) -> Any:
        channel = Channel(platform.space, "general")
        facts: dict[str, Any] = {
            "id": f"try-{next(self._numbers)}",
            "at": self.world.clock.now(),
            "by": platform.people[who],
            "channel": channel,
        }
        match one.how:
            case "command":
                return CommandUsed(**facts, command=one.call, options=one.typed or {})
            case "form":
                return FormSubmitted(**facts, call=one.call, answers=one.typed or {})
            case "control":
                return ControlUsed(**facts, call=one.call, values=("0",))
            case "person":
                person = next(profile for name, profile in platform.people.items() if name in ("noah", "maya"))
                return PersonPicked(**facts, shortcut=one.call, person=person)
        message = next(posted for posted in platform.messages.values() if posted.author in ("noah", "maya", "trellis"))
        return ShortcutUsed(**facts, shortcut=one.call, message=platform._message(message))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trial(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> AsyncIterator[Trial]:
    folder = tmp_path_factory.mktemp("matrix")
    file = Path(shutil.copy(empty_database, folder / "trellis.db"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "sqlite_engine", OnTheSpot)
        async with world(folder, file, MovableClock(START)) as made:
            yield Trial(made)


@pytest.mark.asyncio(loop_scope="module")
async def test_who_may_what(trial: Trial, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody does, or reads, what the table does not give them, whatever they forge; nothing goes wrong on our side."""
    may: dict[str, frozenset[str]] = {}
    for bound, tries in trial.calls.all():
        done = {caller for caller in CALLERS if await trial.may(caller, bound.action.role, tries)}
        may[bound.action.full_name] = frozenset(done) & {*permissions.WHO}
    for one in trial.calls.clock():
        assert not await trial.send("admin", one), one
    assert not trial.wrong
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    (tmp_path / "permissions.tsv").write_text(permissions.written(may))
    assert permissions.written(may) == permissions.TABLE.read_text(), f"is {tmp_path}/permissions.tsv meant so?"
    page = permissions.page(trial.world.app.router._registry, permissions.read())
    assert page == permissions.PAGE.read_text(), "python -m tests.security.permissions"


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_suggested_that_is_not_theirs(trial: Trial) -> None:
    """What somebody is shown while they type has no word in it that they may not read."""
    router, suggested = trial.world.app.router, 0
    for command, option in [(each, option) for each in router.commands for option in each.options]:
        for caller, typed in itertools.product(CALLERS, ("", "canary", "1")) if option.suggested else ():
            platform = trial.world.platform_of(CALLERS[caller])
            where = Channel(platform.space, "general")
            asked = Typing(platform.people[CALLERS[caller]], where, command.name, option.name, typed)
            found = await router.suggest(asked)
            suggested += len(found)
            assert not found or RIGHTS[caller] >= command.role
            for canary, readers in CANARIES.items():
                assert caller in readers or canary not in repr(found), (caller, command.name, option.name, typed)
    assert suggested > 100
