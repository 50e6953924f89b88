"""Every state of a newcomer, of a welcome and of who stands at the gate, without a platform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card
from bot.cogs.onboarding.entry import EntryLifecycle, EntrySnapshot
from bot.cogs.onboarding.lifecycle import GATHERED, Meeting, NewcomerLifecycle, NewcomerSnapshot, Step
from bot.cogs.onboarding.meeting import Match
from bot.cogs.onboarding.policy import Gate
from bot.cogs.onboarding.welcoming import WelcomeLifecycle, WelcomeSnapshot
from bot.delivery.outgoing import Effect, Name, Post
from bot.kernel.lifecycle import Lifecycle, Standing
from bot.kernel.planning import Plan, Planner
from storage.gates import Admission, Verdict
from storage.members import GONE, Member
from storage.newcomers import Hello, Introduction, Pairing
from storage.postings import IMPOSSIBLE, Posted

from .shown import check_golden, member

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME, AWAY = Space("slack", "T1"), Space("discord", "1")
INTRODUCTIONS, FAR, GENERAL, AGENTS, BEHIND = (
    Channel(space, id_) for space, id_ in ((HOME, "CI"), (AWAY, "CI"), (HOME, "CG"), (HOME, "CA"), (HOME, "CB"))
)
nothing: Any = None


def both(id_: int, name: str, **facts: Any) -> Member:
    """Return somebody who is on both platforms."""
    return replace(member(id_, name, **facts), accounts=(f"slack/T1/{name}", f"discord/1/{name}"))


ZOE, MIA, NOAH = member(1, "Zoe"), member(2, "Mia"), member(3, "Noah")
ERASED = replace(member(4, GONE), accounts=(), left_at=NOW)
TOLD = Introduction(1, 1, "I grow tomatoes.", "To meet people", "", NOW)


def row(kind: str, key: str, spot: str, channel: str, **facts: Any) -> Posted:
    values: dict[str, Any] = {"message": f"{channel}/5", "digest": ""}
    values |= dict.fromkeys(("member_id", "thread", "gone_at"))
    return Posted(7, 1, kind, 1, key, spot, channel=channel, at=NOW, **values | facts)


def standing(*rows: Posted) -> Standing:
    return Standing([replace(one, id=number) for number, one in enumerate(rows, 1)], lambda _: "https://x.example/5")


CARD = row("newcomer", "card", HOME.key, INTRODUCTIONS.key)
THREAD = replace(CARD, thread=f"{INTRODUCTIONS.key}:5")


def newcomers() -> NewcomerLifecycle:
    return NewcomerLifecycle(nothing, nothing, nothing, nothing)


def newcomer(*rows: Posted, **facts: Any) -> NewcomerSnapshot:
    values: dict[str, Any] = {
        "now": NOW,
        "member": ZOE,
        "introduction": TOLD,
        "interests": ("Tomatoes",),
        "hellos": (),
        "meetings": (),
        "introductions": (INTRODUCTIONS,),
        "channels": (INTRODUCTIONS, GENERAL),
    }
    return NewcomerSnapshot(**values | facts, standing=standing(*rows))


def hello(who: Member, told_at: datetime | None = None) -> tuple[Hello, Member]:
    return Hello(1, who.id, 1, NOW, told_at), who


def meets(who: Member, number: int = 1, *, passed: bool = False, after: Member | None = None) -> Meeting:
    pairing = Pairing(number, 1, who.id, 1, NOW, NOW if passed else None)
    return Meeting(pairing, Match(who, ("Tomatoes",), 2), Match(after, (), 2) if after else None)


MEETS = row("newcomer", "meet/1", HOME.key, f"{INTRODUCTIONS.key}:5")


def test_what_is_shown_of_a_newcomer() -> None:
    check_golden(
        "newcomers",
        newcomers(),
        {
            "introduced": newcomer(),
            "in two spaces": newcomer(introductions=(INTRODUCTIONS, FAR)),
            "its channel is another by now": newcomer(CARD, introductions=(FAR,)),
            "greeted": newcomer(CARD, hellos=(hello(MIA), hello(NOAH))),
            "told of it, a thread opens": newcomer(CARD, hellos=(hello(MIA, NOW), hello(NOAH))),
            "told of it in the thread": newcomer(THREAD, hellos=(hello(MIA, NOW),)),
            "told of it directly": newcomer(CARD, member=replace(ZOE, direct_ok=True), hellos=(hello(MIA, NOW),)),
            "given a buddy": newcomer(CARD, meetings=(meets(MIA),)),
            "given a buddy, not introduced": newcomer(introduction=None, meetings=(meets(MIA),)),
            "given a buddy elsewhere": newcomer(CARD, meetings=(meets(member(2, "Sofia", space="discord/1")),)),
            "met": newcomer(THREAD, MEETS, meetings=(meets(MIA),)),
            "passed on": newcomer(THREAD, MEETS, meetings=(meets(MIA, passed=True, after=NOAH), meets(NOAH, 2))),
            "passed on to nobody": newcomer(THREAD, MEETS, meetings=(meets(MIA, passed=True),)),
            "their buddy is forgotten": newcomer(THREAD, MEETS, meetings=(meets(ERASED),)),
        },
    )


def test_hellos_are_gathered_for_a_quarter_of_an_hour() -> None:
    due = newcomers().due(newcomer(hellos=(hello(MIA, NOW), hello(NOAH))))
    assert due and (due.at, due.step) == (NOW + GATHERED, Step.TELL)
    assert newcomers().due(newcomer(hellos=(hello(MIA, NOW),))) is None


def test_who_is_forgotten_is_on_no_card() -> None:
    for snapshot in (None, newcomer(THREAD, MEETS, introduction=None, member=ERASED, meetings=(meets(MIA),))):
        for key in ("card", "meet/1", "hello/20260302T100000"):
            card = newcomers().over(snapshot, key, ())
            assert card and not card.buttons
    for key in ("card", "by_hand", "refused", "admitted"):
        card = entries().over(None, key, ())
        assert card and not card.buttons
        assert entries().over(entry(), key, ()) is None, "it was said in time"
    assert entries().over(None, ROLE.key, ()) is None


# Welcomes


def welcome(*rows: Posted, people: Sequence[Member] = (ZOE, MIA), **facts: Any) -> WelcomeSnapshot:
    values: dict[str, Any] = {"now": NOW, "at": NOW, "people": tuple(people), "channel": GENERAL}
    return WelcomeSnapshot(**values | facts, standing=standing(*rows))


SAID = row("welcome", "card", HOME.key, GENERAL.key)


def test_what_is_shown_of_a_welcome() -> None:
    check_golden(
        "welcomes",
        WelcomeLifecycle(nothing, nothing, nothing),
        {
            "gathering": welcome(at=NOW + HOUR),
            "due": welcome(),
            "one came": welcome(people=(ZOE,)),
            "all are gone again": welcome(people=()),
            "said": welcome(SAID),
            "said, all are forgotten": welcome(SAID, people=()),
            "no channel is named any more": welcome(SAID, channel=None),
            "no channel is named": welcome(channel=None),
        },
    )


# The gate

GATE = Gate(moderator=True, role="member", channels=("garden",))


def entries() -> EntryLifecycle:
    return EntryLifecycle(nothing, nothing, nothing, nothing, nothing, nothing)


def entry(*rows: Posted, verdict: Verdict = Verdict.ADMITTED, how: str = "moderator", **facts: Any) -> EntrySnapshot:
    decided = None if verdict in (Verdict.OUTSIDE, Verdict.WAITING) else NOW
    opened = NOW if verdict is Verdict.ADMITTED else None
    values: dict[str, Any] = {
        "now": NOW,
        "member": ZOE,
        "admission": Admission(1, 1, verdict, how, "I am Zoe.", 0, 2 if decided else None, decided, opened),
        "decider": MIA if decided and how == "moderator" else None,
        "gate": GATE,
        "moderators": (AGENTS,),
        "welcome": (GENERAL,),
        "opens": (BEHIND,),
    }
    return EntrySnapshot(**values | facts, standing=standing(*rows))


ASKED = row("gate", "card", HOME.key, AGENTS.key)
ROLE = row("gate", "role/20260302T100000", "slack/T1/Zoe", "slack/T1/Zoe", message="done", member_id=1)
LET_IN = replace(ROLE, key=f"in/20260302T100000/{BEHIND.id}")


def refused(one: Posted) -> Posted:
    return replace(one, message=None, gone_at=NOW, why=IMPOSSIBLE)


def test_what_is_shown_of_who_stands_at_the_gate() -> None:
    check_golden(
        "entries",
        entries(),
        {
            "outside": entry(verdict=Verdict.OUTSIDE),
            "asks": entry(verdict=Verdict.WAITING),
            "asks, moderators are elsewhere by now": entry(ASKED, verdict=Verdict.WAITING, moderators=()),
            "refused": entry(ASKED, verdict=Verdict.REFUSED),
            "let in": entry(ASKED),
            "let in by a code": entry(how="code"),
            "let in, and gone": entry(ASKED, member=replace(ZOE, accounts=(), left_at=NOW)),
            "let in with two accounts": entry(member=both(1, "Zoe"), how="code"),
            "one way in is enough": entry(ROLE, refused(LET_IN), how="code"),
            "a hand is needed": entry(refused(ROLE), refused(LET_IN), how="code"),
            "nothing of it's there": entry(how="code", gate=Gate(channels=("#gone",)), opens=()),
            "nothing is behind the gate": entry(how="code", gate=Gate(moderator=True)),
            "the gate is no more": entry(how="code", gate=None),
        },
    )


# Whatever happens

Snapshot = Callable[[tuple[Posted, ...], datetime], Any]


def digest(card: Card) -> str:
    return f"{card.title.plain()}|{card.body.plain()}|{card.footer.plain()}|{[one.label for one in card.buttons]}"


class Channels:
    """Carries out what is planned of one thing; some of it is refused."""

    def __init__(self, lifecycle: Lifecycle[Any], snapshot: Snapshot, data: st.DataObject) -> None:
        self._lifecycle = lifecycle
        self._snapshot = snapshot
        self._data = data
        self.rows: tuple[Posted, ...] = ()
        self.looks: dict[str, Card] = {}
        self.posted: list[Name] = []

    def plan(self, now: datetime) -> Plan:
        snapshot = self._snapshot(self.rows, now)
        shown, again = [*self._lifecycle.shown(snapshot)], [*self._lifecycle.shown(snapshot)]
        assert [type(one) for one in shown] == [type(one) for one in again]
        is_open = self._lifecycle.is_open(snapshot)
        planner = Planner(self._lifecycle.kind, 1, snapshot.standing, now, digest, ZoneInfo("UTC"), is_open=is_open)
        for one in shown:
            planner.show(one)
        planner.over(self._lifecycle, snapshot)
        return planner.plan

    def settle(self, now: datetime) -> None:
        """Do what is planned until nothing is; it takes a few rounds, and not for ever."""
        for _ in range(8):
            plan = self.plan(now)
            if not (plan.posts or plan.edits or plan.effects):
                return
            for post in plan.posts:
                self._post(post, now)
            for edit in plan.edits:
                for posted in edit.posted:
                    self._change(posted, digest=digest(edit.card))
                    self.looks[posted.message or ""] = edit.card
            for effect in plan.effects:
                self._effect(effect, now)
        raise AssertionError("it never ends")

    def _post(self, post: Post, now: datetime) -> None:
        self.posted.append(post.name)
        for who in post.members or (post.place,):
            spot = f"member/{who.id}" if isinstance(who, Member) else post.name.spot
            id_ = len(self.rows) + 1
            place = f"member/{who.id}" if isinstance(post.place, Member) else post.place.key
            message = f"{place if isinstance(post.place, Channel) else 'slack/T1/D1'}/{id_}"
            works = not post.late and self._data.draw(st.booleans())
            facts: dict[str, Any] = {} if works else {"message": None, "gone_at": now, "why": IMPOSSIBLE}
            kept = row(post.name.kind, post.name.key, spot, place, digest=digest(post.card))
            kept = replace(kept, id=id_, member_id=who.id if isinstance(who, Member) else None)
            self.rows += (replace(kept, **({"message": message} | facts)),)
            self.looks[message] = post.card

    def _effect(self, effect: Effect, now: datetime) -> None:
        works = self._data.draw(st.booleans())
        if effect.again:
            self._change(effect.again, thread=f"{effect.channel}:{effect.again.id}" if works else "")
            return
        facts: dict[str, Any] = {"message": "done"} if works else {"message": None, "gone_at": now, "why": IMPOSSIBLE}
        kept = row(
            effect.name.kind, effect.name.key, effect.name.spot, effect.channel, member_id=effect.member_id, **facts
        )
        self.rows += (replace(kept, id=len(self.rows) + 1),)

    def _change(self, posted: Posted, **facts: Any) -> None:
        self.rows = tuple(replace(one, **facts) if one.id == posted.id else one for one in self.rows)

    def lose(self, now: datetime) -> None:
        """Somebody deletes some of it."""
        for one in self.rows:
            if one.stands and one.message != "done" and self._data.draw(st.booleans()):
                self._change(one, gone_at=now, why="deleted")

    def check(self) -> None:
        names = [(name.key, name.spot) for name in self.posted if name.spot]
        assert len(names) == len({*names}), "nothing is said twice"
        assert len({(one.key, one.spot) for one in self.rows}) == len(self.rows)


PEOPLE = (MIA, NOAH, both(5, "Kenji"), member(6, "Sofia", space="discord/1", direct=True), ERASED)


@st.composite
def any_meetings(draw: st.DrawFn) -> tuple[Meeting, ...]:
    who = draw(st.permutations(PEOPLE))[: draw(st.integers(0, 3))]
    last = draw(st.booleans())
    passed = [number < len(who) or last for number in range(1, len(who) + 1)]
    found = [meets(one, number, passed=gone) for number, (one, gone) in enumerate(zip(who, passed, strict=True), 1)]
    after = [*(one.match for one in found[1:]), None]
    return tuple(replace(one, after=next_) for one, next_ in zip(found, after, strict=False))


@given(any_meetings(), st.data())
def test_what_was_said_of_a_newcomer_is_not_said_again(meetings: tuple[Meeting, ...], data: st.DataObject) -> None:
    who = data.draw(st.sampled_from([ZOE, replace(ZOE, direct_ok=True), both(1, "Zoe"), replace(ERASED, id=1)]))
    introduced = data.draw(st.booleans()) and who.name != GONE
    telling = st.sampled_from([None, NOW, NOW + HOUR])
    greeters = PEOPLE[: data.draw(st.integers(0, 4))] if introduced else ()
    hellos = tuple(hello(one, data.draw(telling)) for one in greeters)
    at_home = data.draw(st.lists(st.sampled_from([INTRODUCTIONS, FAR]), unique=True))
    gone = data.draw(st.booleans())

    def snapshot(rows: tuple[Posted, ...], now: datetime) -> NewcomerSnapshot:
        later, greeted = now > NOW + 2 * HOUR, tuple(one for one in hellos if (one[0].told_at or now) <= now)
        facts: dict[str, Any] = {"introduction": None, "member": replace(ERASED, id=1)} if later and gone else {}
        known: dict[str, Any] = {"introduction": TOLD if introduced else None, "member": who, **facts}
        here = {"introductions": tuple(at_home), "channels": (*at_home, GENERAL)}
        shot = newcomer(now=now, hellos=greeted, meetings=meetings, **here, **known)
        return replace(shot, standing=Standing(rows, lambda _: "https://x.example/5"))

    channels = Channels(newcomers(), snapshot, data)
    for hours in (0, 1, 3, 24):
        channels.settle(NOW + hours * HOUR)
        if data.draw(st.booleans()):
            channels.lose(NOW + hours * HOUR)
            channels.settle(NOW + hours * HOUR)
    channels.check()
    last = snapshot(channels.rows, NOW + 24 * HOUR)
    for one in channels.rows:
        if one.stands and GONE in (last.member.name, *(met.match.buddy.name for met in meetings if met.key == one.key)):
            assert not channels.looks[one.message or ""].buttons


@given(st.sampled_from(Verdict), st.sampled_from(["moderator", "code"]), st.data())
def test_whoever_comes_to_the_gate_is_told_once_and_helped_once(
    verdict: Verdict, how: str, data: st.DataObject
) -> None:
    who = data.draw(st.sampled_from([ZOE, both(1, "Zoe", direct=True), replace(ZOE, accounts=(), left_at=NOW)]))
    gate = data.draw(st.sampled_from([GATE, Gate(role="member"), Gate(channels=("garden",)), Gate(), None]))
    opens = data.draw(st.sampled_from([(), (BEHIND,)]))
    returns = data.draw(st.booleans())

    def snapshot(rows: tuple[Posted, ...], now: datetime) -> EntrySnapshot:
        first = Verdict.OUTSIDE if verdict is Verdict.OUTSIDE else Verdict.WAITING
        shot = entry(verdict=verdict if now > NOW else first, how=how, member=who, gate=gate, opens=opens, now=now)
        if returns and now > NOW + DAY and shot.admission.opened_at:
            shot = replace(shot, admission=replace(shot.admission, opened_at=NOW + DAY))
        return replace(shot, standing=Standing(rows, lambda _: None))

    channels = Channels(entries(), snapshot, data)
    for hours in (0, 1, 25):
        channels.settle(NOW + hours * HOUR)
    channels.check()
    told = [one for one in channels.rows if one.key in ("refused", "admitted")]
    assert len(told) <= 1 and not (told and who.left_at)
    ways = {one.key for one in channels.rows if one.key.startswith(("role/", "in/"))}
    assert not ways or (verdict is Verdict.ADMITTED and gate and not who.left_at)
    assert len(ways) <= 2 * (1 + returns)
    for one in channels.rows:
        if one.key == "card" and one.stands:
            labels = {str(button.label) for button in channels.looks[one.message or ""].buttons}
            expected = {Verdict.WAITING: {"Let in", "Refuse"}, Verdict.REFUSED: {"Let in after all"}}
            assert labels == expected.get(verdict, set())


@given(st.permutations([ZOE, MIA, NOAH, ERASED]), st.integers(0, 4), st.data())
def test_a_welcome_names_who_is_there(people: list[Member], number: int, data: st.DataObject) -> None:
    here = [one for one in people[:number] if one is not ERASED]
    leaves = data.draw(st.booleans())

    def snapshot(rows: tuple[Posted, ...], now: datetime) -> WelcomeSnapshot:
        named = () if leaves and now > NOW + HOUR else here
        shot = welcome(now=now, at=NOW + HOUR, people=named)
        return replace(shot, standing=Standing(rows, lambda _: None))

    channels = Channels(WelcomeLifecycle(nothing, nothing, nothing), snapshot, data)
    channels.settle(NOW)
    assert not channels.rows
    for hours in (1, 2, 30):
        channels.settle(NOW + hours * HOUR)
    channels.check()
    assert len(channels.rows) <= bool(here)
    assert not [one for one in channels.rows if one.stands and leaves and channels.looks[one.message or ""].buttons]
