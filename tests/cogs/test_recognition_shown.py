"""Every state of thanks and of milestones, without a platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card
from bot.cogs.recognition.cards import People
from bot.cogs.recognition.lifecycle import CARD, THANKS, ThanksLifecycle, ThanksSnapshot
from bot.cogs.recognition.milestones import MilestonesLifecycle, MilestonesSnapshot, Step
from bot.cogs.recognition.policy import Badge, Level, Measure
from bot.kernel.lifecycle import Held, Posting, Standing
from bot.kernel.planning import Plan, Planner
from bot.tuning import recognition_policy
from config.settings import Settings
from storage.kudos import Kind, Kudos
from storage.members import GONE, Member
from storage.postings import DELETED, IMPOSSIBLE, LOST, Posted
from storage.standing import Tally

from .shown import check_golden, member

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOME, DIGEST = Channel(Space("slack", "T1"), "C1"), Channel(Space("slack", "T1"), "C2")
AWAY = Channel(Space("discord", "1"), "2")
MIA, NOAH = member(1, "Mia"), member(2, "Noah", direct=True)
REASON = "for the patient review"
nothing: Any = None


def thanks_lifecycle() -> ThanksLifecycle:
    return ThanksLifecycle(nothing, nothing, nothing)


def thanks(**changes: Any) -> Kudos:
    facts: dict[str, Any] = dict.fromkeys(Kudos.__dataclass_fields__)
    facts |= {"id": 7, "community_id": 1, "giver_id": 1, "receiver_id": 2, "kind": Kind.THANKS, "weight": 100}
    facts |= {"value": "", "topic": "", "reason": REASON, "anonymous": False, "source": "thanks/1", "round": 0}
    return Kudos(**facts | {"channel": HOME.key, "at": NOW} | changes)


def card_in(channel: Channel, number: int = 1, **changes: Any) -> Posted:
    message = f"{channel.key}/{number}"
    row = Posted(number, 1, THANKS, 7, CARD, channel.space.key, None, channel.key, message, None, "", NOW, None)
    return replace(row, **changes)


def standing(*rows: Posted) -> Standing:
    return Standing(rows, lambda ref: f"https://x.example/{ref.id}")


def snapshot(
    kudos: Kudos, *rows: Posted, people: Sequence[Member] = (MIA, NOAH), away: bool = False, **changes: Any
) -> ThanksSnapshot:
    known = People({one.id: one for one in people})
    places: tuple[tuple[Channel, Channel | None], ...] = ((HOME, DIGEST), *(((AWAY, None),) if away else ()))
    return replace(ThanksSnapshot(NOW, kudos, known, None, places, standing(*rows)), **changes)


def test_what_is_shown_of_thanks() -> None:
    taken = thanks(reversed_at=NOW)
    check_golden(
        "thanks",
        thanks_lifecycle(),
        {
            "new": snapshot(thanks()),
            "for a value, and a message": snapshot(thanks(value="kindness"), link="https://x.example/5"),
            "to someone in another space": snapshot(thanks(), away=True),
            "where it stands, wherever settings would have it": snapshot(thanks(), card_in(DIGEST), card_in(AWAY, 2)),
            "no place took it": snapshot(thanks(), card_in(HOME, message=None, gone_at=NOW, why=IMPOSSIBLE)),
            "taken back": snapshot(taken, card_in(HOME)),
            "taken back before it was posted": snapshot(taken),
            "taken back while it is posted": snapshot(taken, card_in(HOME, message=None)),
            "taken back, its card deleted": snapshot(taken, card_in(HOME, gone_at=NOW, why=DELETED)),
            "the giver is forgotten": snapshot(
                thanks(reason=""), card_in(HOME), people=(replace(MIA, name=GONE, accounts=()), NOAH)
            ),
            "the receiver is forgotten": snapshot(
                thanks(), card_in(HOME), people=(MIA, replace(NOAH, name=GONE, accounts=()))
            ),
        },
    )


def test_thanks_that_are_no_more_say_so() -> None:
    gone = thanks_lifecycle().over(None, CARD, ())
    assert gone and "taken back" in gone.body.plain()
    assert thanks_lifecycle().over(snapshot(thanks()), CARD, ()) is None


def words(card: Card) -> str:
    return f"{card.title.plain()}\n{card.body.plain()}"


class Village:
    """Thanks, and all that may happen to them."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.kudos = thanks()
        self.rows: list[Posted] = []
        self.looks: dict[int, Card] = {}
        self.now = NOW
        self.away = data.draw(st.booleans())

    def happen(self) -> None:
        """Let one of many things happen."""
        match self.data.draw(st.sampled_from(["taken back", "forgotten", "time", "deleted", "lost", "linked"])):
            case "taken back":
                self.kudos = replace(self.kudos, reversed_at=self.kudos.reversed_at or self.now)
            case "forgotten":
                self.kudos = replace(self.kudos, reason="")
            case "time":
                self.now += timedelta(hours=self.data.draw(st.integers(1, 300)))
            case "linked":
                self.away = not self.away
            case "deleted" if any(row.stands for row in self.rows):
                row = self.data.draw(st.sampled_from([row for row in self.rows if row.stands]))
                self._change(row, gone_at=self.now, why=DELETED)
                self.kudos = replace(self.kudos, reversed_at=self.kudos.reversed_at or self.now)
            case "lost":
                for row in [row for row in self.rows if row.gone_at is None or row.why == IMPOSSIBLE]:
                    self._change(row, gone_at=self.now, why=LOST)

    def _change(self, row: Posted, **facts: Any) -> None:
        self.rows[self.rows.index(row)] = replace(row, **facts)

    def plan(self) -> Plan:
        """Return what is to be done now."""
        seen = snapshot(self.kudos, *self.rows, away=self.away, now=self.now)
        lifecycle = thanks_lifecycle()
        planner = Planner(THANKS, 7, seen.standing, self.now, words, ZoneInfo("UTC"), is_open=lifecycle.is_open(seen))
        for one in lifecycle.shown(seen):
            planner.show(one)
        planner.over(lifecycle, seen)
        return planner.plan

    def carry_out(self, plan: Plan) -> None:
        """Have the platforms do it, or refuse, or take their time."""
        for row in plan.again:
            self.rows.remove(row)
        for edit in plan.edits:
            for row in edit.posted:
                self._change(row, digest=words(edit.card))
                self.looks[row.id] = edit.card
        for post in plan.posts:
            assert isinstance(post.place, Channel)
            row = post.again or card_in(post.place, len(self.looks) + 1, message=None, at=self.now)
            if post.again is None:
                assert row.spot not in {one.spot for one in self.rows}, "one card in each space"
                self.rows.append(row)
            self.looks[row.id] = post.card
            self._change(row, digest=words(post.card))
        for row in [row for row in self.rows if row.message is None and row.gone_at is None]:
            match self.data.draw(st.sampled_from(["posted", "posted elsewhere", "refused", "late"])):
                case "posted":
                    self._change(row, message=f"{row.channel}/{row.id}")
                case "posted elsewhere" if row.spot == DIGEST.space.key:
                    self._change(row, message=f"{DIGEST.key}/{row.id}", channel=DIGEST.key)
                case "refused":
                    self._change(row, gone_at=self.now, why=IMPOSSIBLE)

    def check(self) -> None:
        """What stands says what the ledger says, once in each space."""
        for row in self.rows:
            if row.gone_at is None:
                said = words(self.looks[row.id])
                assert ("taken back" in said) == bool(self.kudos.reversed_at)
                assert REASON not in said or (self.kudos.reason and not self.kudos.reversed_at)
        read = [row.spot for row in self.rows if row.message]
        assert len(read) == len({*read})


@given(st.data())
def test_whatever_happens_what_stands_says_what_the_ledger_says(data: st.DataObject) -> None:
    village = Village(data)
    for _ in range(data.draw(st.integers(1, 6))):
        village.carry_out(village.plan())
        village.check()
        settled = village.plan()
        assert not settled.edits and not settled.posts, "a second look changes nothing"
        village.happen()
        was_read = {row.spot for row in village.rows if row.message}
        assert not {post.name.spot for post in village.plan().posts if post.again is None} & was_read, "said once"


# Milestones

SPROUT, TREE = Level("Sprout", 1, "sprouts"), Level("Tree", 5)
POLICY = replace(
    recognition_policy(Settings.model_validate({})),
    levels=(SPROUT, TREE),
    badges=(Badge("Friend", Measure.PEOPLE, 1),),
)
MODERATORS = Channel(HOME.space, "C9")
NOTED = {"level/Sprout": NOW, "badge/Friend": NOW}


def milestones_lifecycle() -> MilestonesLifecycle:
    return MilestonesLifecycle(nothing, nothing, nothing, nothing)


def someone(
    noted: dict[str, datetime], *rows: Posted, who: Member = NOAH, people: int = 1, **changes: Any
) -> MilestonesSnapshot:
    seen = MilestonesSnapshot(NOW, who, Tally(people=people), noted, POLICY, MODERATORS, standing(*rows))
    return replace(seen, **changes)


def role(**changes: Any) -> Posted:
    account = NOAH.accounts[0]
    row = Posted(1, 1, "milestones", 2, "role/level/Sprout", account, 2, account, "done", None, "", NOW, None)
    return replace(row, **changes)


def test_what_is_shown_of_milestones() -> None:
    later = NOW + timedelta(days=3)
    check_golden(
        "milestones",
        milestones_lifecycle(),
        {
            "nothing yet": someone({}, people=0),
            "reached, not noted": someone({}),
            "noted": someone(NOTED),
            "noted at two times": someone({**NOTED, "level/Tree": later}, people=5),
            "noted, of someone who takes no direct messages": someone(NOTED, who=replace(NOAH, direct_ok=False)),
            "its role was given": someone(NOTED, role()),
            "its role couldn't be given": someone(NOTED, role(message=None, gone_at=NOW, why=IMPOSSIBLE)),
            "its role was given long ago": someone(NOTED, role(message=None, gone_at=NOW)),
            "not in the settings any more": someone({"level/Shrub": NOW}, people=0),
        },
    )


@given(
    st.dictionaries(st.sampled_from(["level/Sprout", "level/Tree", "badge/Friend"]), st.just(NOW)),
    st.integers(0, 9),
    st.booleans(),
)
def test_what_is_reached_is_noted_then_shown_and_never_lost(
    noted: dict[str, datetime], people: int, direct: bool
) -> None:
    lifecycle, who = milestones_lifecycle(), replace(NOAH, direct_ok=direct)
    seen = someone(noted, who=who, people=people)
    due = lifecycle.due(seen)
    assert (due is not None and due.step is Step.REACH) == bool(seen.new)
    after = replace(seen, noted={**noted, **{one.milestone: NOW for one in seen.new}})
    assert lifecycle.due(after) is None and noted.keys() <= after.noted.keys()
    shown = [*lifecycle.shown(after)]
    told = [one for one in shown if isinstance(one, Posting)]
    assert len(told) == bool(after.noted) and all(one.once for one in told)
    assert any(isinstance(one, Held) for one in shown) == ("level/Sprout" in after.noted)
