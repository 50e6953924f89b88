"""Every state of a question, without a platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.codec import dump_card, load_card
from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.text import Mention
from adapters.contract.ui import Card
from bot.cogs.questions.cards import View
from bot.cogs.questions.lifecycle import QuestionLifecycle
from bot.cogs.questions.policy import Step
from bot.cogs.questions.shown import QuestionSnapshot
from bot.kernel.lifecycle import Adopted, Due, Posting, Standing, Telling
from bot.kernel.planning import Planner
from bot.tuning import questions_policy
from config.settings import Settings
from storage.members import Member
from storage.moments import Moment, MomentKind
from storage.peers import Offer
from storage.postings import DELETED, IMPOSSIBLE, LOST, Posted
from storage.questions import UNSETTLED, Audience, Escalation, Question, State
from storage.replies import SPOKEN, Reply
from tests.examples import tried

from .shown import check_golden, member

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
HOME, AWAY = Space("slack", "T1"), Space("discord", "1")
HELP, THERE, AGENTS = Channel(HOME, "C1"), Channel(AWAY, "2"), Channel(HOME, "C9")
THREAD, THREAD_THERE = Channel(HOME, "C1:5"), Channel(AWAY, "2:5")
NAMES = {HOME.key: "The Garden", AWAY.key: "The Yard"}
POLICY = replace(questions_policy(Settings.model_validate({})), topics=())

MIA, NOAH, KENJI, AVA = member(1, "Mia"), member(2, "Noah"), member(3, "Kenji", direct=True), member(4, "Ava")
SOFIA = member(5, "Sofia", space=AWAY.key)
PEOPLE = {one.id: one for one in (MIA, NOAH, KENJI, AVA, SOFIA)}


def lifecycle() -> QuestionLifecycle:
    nothing: Any = None
    return QuestionLifecycle(*(nothing,) * 13)


def question(**changes: Any) -> Question:
    facts: dict[str, Any] = dict.fromkeys(Question.__dataclass_fields__)
    facts |= {"id": 7, "community_id": 1, "number": 3, "asker_id": MIA.id, "title": "Why does it rain?"}
    facts |= {"details": "It never did.", "topic": "weather", "state": State.OPEN, "audience": Audience.PEERS}
    facts |= {"space": HOME.key, "created_at": NOW, "asked_at": NOW, "active_at": NOW, "waves": 0, "waves_before": 0}
    facts |= {"anonymous": False, "private": False, "asker_spoke_last": False, "escalation": "", "solution_text": ""}
    return Question(**facts | changes)


def row(key: str, channel: Channel = HELP, *, who: Member | None = None, **facts: Any) -> Posted:
    """Return something that stands."""
    spot = f"member/{who.id}" if who else channel.space.key
    given = {"thread": None, "digest": "", "at": NOW, "gone_at": None} | facts
    message = given.pop("message", f"{channel.key}/5")
    return Posted(1, 1, "question", 7, key, spot, who.id if who else None, channel.key, message, **given)


def standing(*rows: Posted) -> Standing:
    return Standing(rows, lambda message: f"https://x.example/{message.id}")


CARD, CARD_THERE = row("card", thread=THREAD.key), row("card", THERE, thread=THREAD_THERE.key)
STANDS = standing(CARD)


def snapshot(asked: Question, stands: Standing = STANDS, **facts: Any) -> QuestionSnapshot:
    view = View(asked, PEOPLE, stands.link("card", HOME))
    usual = QuestionSnapshot(
        NOW, view, POLICY, ZoneInfo("UTC"), (HELP,), AGENTS, (), (), (), (), names=NAMES, standing=stands
    )
    return replace(usual, **facts)


def offers(*members: Member) -> tuple[Offer, ...]:
    return tuple(Offer(7, one.id, 1, "knows/0/weather", NOW, None, None) for one in members)


def reply(id_: int, who: Member, words: str, channel: Channel = THREAD) -> Reply:
    return Reply(id_, f"{channel.key}/{10 + id_}", 7, who.id, words, NOW)


def happened(id_: int, what: MomentKind, who: Member, at: datetime = NOW) -> Moment:
    return Moment(id_, 7, what, who.id, at)


PEERS = question(waves=1, wave_at=NOW)
TAKEN = replace(PEERS, state=State.CLAIMED, helper_id=NOAH.id, claimed_at=NOW)
ANSWERED = replace(PEERS, state=State.ANSWERED, helper_id=NOAH.id, answered_at=NOW)
SUPPORT = question(
    audience=Audience.AGENTS,
    escalation=Escalation.BY_ASKER,
    escalated_at=NOW,
    waiting_since=NOW,
    offered_agent_id=AVA.id,
    offered_agent_at=NOW,
    hand_out_at=NOW + 10 * MINUTE,
)
NOBODY = replace(SUPPORT, offered_agent_id=None, hand_out_at=None)
SUPPORT_CARD = row(f"support/turn/4/{NOW}", AGENTS)
SOLVED = replace(ANSWERED, state=State.SOLVED, solved_at=NOW, solver_id=NOAH.id, solution_text="Clouds.")


def test_what_is_shown_of_a_question() -> None:
    posted = question(origin=f"{HELP.key}/5")
    post = row("post", thread=THREAD.key)
    anonymous = replace(ANSWERED, anonymous=True)
    with_support = standing(CARD, SUPPORT_CARD)
    both = {"channels": (HELP, THERE)}
    check_golden(
        "questions",
        lifecycle(),
        {
            "new": snapshot(question(), standing()),
            "new, in two spaces": snapshot(question(), standing(), **both),
            "asked by a post": snapshot(posted, standing()),
            "asked by a post, which has a thread": snapshot(posted, standing(post)),
            "asked by a post that is gone": snapshot(
                posted, standing(replace(post, thread=None, gone_at=NOW, why=IMPOSSIBLE))
            ),
            "asked by a post that was deleted later": snapshot(
                replace(posted, state=State.DROPPED),
                standing(replace(post, gone_at=NOW, why=DELETED), row("card", THREAD)),
            ),
            "peers are asked": snapshot(PEERS, offers=offers(NOAH, KENJI)),
            "anonymous": snapshot(question(anonymous=True)),
            "somebody is on it": snapshot(TAKEN),
            "somebody was, and didn't get to it": snapshot(PEERS, moments=(happened(1, MomentKind.LET_LIE, NOAH),)),
            "answered": snapshot(ANSWERED),
            "answered, and the asker does not know": snapshot(ANSWERED, answer=reply(1, NOAH, "Clouds.")),
            "answered, and an anonymous asker does not know": snapshot(anonymous, answer=reply(1, NOAH, "Clouds.")),
            "a helper thinks that it's solved": snapshot(ANSWERED, moments=(happened(1, MomentKind.PROPOSED, NOAH),)),
            "idle": snapshot(replace(ANSWERED, reminded_at=NOW)),
            "idle, anonymous": snapshot(replace(anonymous, reminded_at=NOW)),
            "an anonymous asker speaks": snapshot(
                anonymous, replies=(replace(reply(1, MIA, "Since May."), message=f"{SPOKEN}1"),)
            ),
            "two spaces": snapshot(
                ANSWERED,
                standing(CARD, CARD_THERE),
                replies=(reply(1, NOAH, "Clouds."), reply(2, SOFIA, "", THREAD_THERE)),
                **both,
            ),
            "for support alone, new": snapshot(replace(NOBODY, offered_agent_at=None, hand_out_at=NOW), standing()),
            "support, new": snapshot(SUPPORT, replies=(reply(1, NOAH, "Clouds?"),)),
            "support, nobody is free": snapshot(NOBODY),
            "support, the next turn": snapshot(
                replace(SUPPORT, offered_agent_id=NOAH.id),
                with_support,
                moments=(happened(1, MomentKind.MISSED, AVA),),
            ),
            "support, then nobody": snapshot(NOBODY, with_support),
            "support, in the thread": snapshot(SUPPORT, agents=None),
            "support, its card is deleted": snapshot(
                NOBODY, standing(CARD, replace(SUPPORT_CARD, gone_at=NOW, why=DELETED))
            ),
            "support, too long": snapshot(
                replace(SUPPORT, lead_told_at=NOW + HOUR), with_support, leads=(Mention(AVA.name),)
            ),
            "support, taken": snapshot(
                replace(SUPPORT, state=State.CLAIMED, helper_id=AVA.id, claimed_at=NOW), with_support
            ),
            "support, handed back": snapshot(
                replace(SUPPORT, waiting_since=NOW + HOUR, offered_agent_at=NOW + HOUR),
                with_support,
                moments=(happened(1, MomentKind.HANDED_BACK, AVA, NOW + HOUR),),
            ),
            "solved": snapshot(SOLVED),
            "a moderator says so": snapshot(SOLVED, moments=(happened(1, MomentKind.MARKED, AVA),)),
            "a moderator says that nothing more is needed": snapshot(
                replace(SOLVED, solver_id=None, solution_text=""), moments=(happened(1, MomentKind.MARKED, AVA),)
            ),
            "solved alone": snapshot(replace(SOLVED, solver_id=None, solution_text="")),
            "an old answer solved it": snapshot(replace(PEERS, state=State.DEFLECTED, solved_at=NOW)),
            "closed": snapshot(replace(ANSWERED, state=State.CLOSED, closed_at=NOW + 4 * DAY)),
            "reopened": snapshot(
                replace(PEERS, waves_before=1, waiting_since=NOW, escalation=Escalation.REOPENED),
                moments=(happened(1, MomentKind.REOPENED, MIA),),
            ),
        },
    )


@pytest.mark.parametrize(
    "asked, key, words",
    [
        (PEERS, "wave/1", None),
        (SUPPORT, "wave/1", "needs nobody else"),
        (SOLVED, "wave/1", "needs nobody else"),
        (SUPPORT, f"turn/9/{NOW}", "isn't waiting for you"),
        (ANSWERED, f"reminder/{NOW - HOUR}", None),
        (SOLVED, f"reminder/{NOW - HOUR}", "Solved. Thank you"),
        (SOLVED, "proposal/1", "Solved. Thank you"),
        (replace(ANSWERED, state=State.CLOSED, closed_at=NOW), f"reminder/{NOW - HOUR}", "because nobody wrote"),
        (replace(SUPPORT, state=State.CLAIMED, helper_id=AVA.id), f"turn/9/{NOW}", "@Ava has “"),
        (PEERS, "relay/slack/T1/C1:5/11", "This was deleted"),
        (replace(PEERS, anonymous=True), "says/1", "This was deleted"),
        (SOLVED, f"claimed/{NOW}", None),
        (replace(ANSWERED, state=State.DROPPED), f"answered/{NOW}", "was taken back"),
        (replace(SUPPORT, state=State.DROPPED), f"still/{NOW}", "was taken back"),
    ],
)
def test_what_a_message_becomes_that_is_not_shown_any_more(asked: Question, key: str, words: str | None) -> None:
    card = lifecycle().over(snapshot(asked, standing(CARD, CARD_THERE)), key, ())
    assert card is None if words is None else card is not None and words in card.body.plain() and not card.buttons


def test_nothing_is_asked_before_a_question_can_be_seen_or_it_is_certain_that_it_cannot() -> None:
    waiting = row("card", message=None)
    assert lifecycle().due(snapshot(question(), standing())) is None
    assert lifecycle().due(snapshot(question(), standing(waiting))) is None
    assert lifecycle().due(snapshot(question())) == Due(NOW, Step.OFFER)
    refused = replace(waiting, gone_at=NOW, why=IMPOSSIBLE)
    assert lifecycle().due(snapshot(question(), standing(refused))) == Due(NOW, Step.OFFER)


def test_a_card_beneath_a_post_finds_another_place_when_the_channel_is_gone() -> None:
    posted = question(origin=f"{HELP.key}/5")
    lost = standing(row("post", gone_at=NOW, why=LOST, thread=THREAD.key), row("card", THREAD, gone_at=NOW, why=LOST))
    anew = Channel(HOME, "C2")
    [adopted, card, *_] = lifecycle().shown(snapshot(posted, lost, channels=(anew,)))
    assert isinstance(adopted, Adopted) and isinstance(card, Posting)
    assert card.place == anew and card.thread == posted.title


def test_nobody_learns_who_asked_from_what_is_said_to_them_elsewhere() -> None:
    anonymous = replace(ANSWERED, anonymous=True, reminded_at=NOW)
    [asked] = [one for one in lifecycle().shown(snapshot(anonymous)) if isinstance(one, Posting) and "rem" in one.key]
    assert asked.otherwise and asked.elsewhere
    assert not asked.elsewhere.pings and MIA.name not in asked.elsewhere.body.plain()


# Whatever happens


@st.composite
def next_state(draw: st.DrawFn, before: Question, at: datetime) -> Question:
    """Return what may become of a question."""
    peers, open_ = before.audience is Audience.PEERS, before.state is State.OPEN
    done = {"solved_at": at, "active_at": at}
    ways: list[dict[str, Any]] = [{"active_at": at, "asker_spoke_last": True}]
    if before.state in UNSETTLED:
        ways += [
            {"state": State.ANSWERED, "helper_id": NOAH.id, "answered_at": at, "active_at": at},
            {"state": State.SOLVED, "solver_id": draw(st.sampled_from([None, NOAH.id])), **done},
            {"state": State.DROPPED, "closed_at": at},
        ]
        if peers:
            facts = {"audience": Audience.AGENTS, "state": State.OPEN, "escalated_at": at, "waiting_since": at}
            ways.append(facts | {"escalation": Escalation.BY_ASKER, "hand_out_at": at, "offered_agent_at": at})
    if before.state in (State.SOLVED, State.CLOSED):
        facts = {"state": State.OPEN, "waves_before": before.waves, "wave_at": None, "waiting_since": at}
        turn = {"offered_agent_id": None, "offered_agent_at": None if peers else at, "lead_told_at": None}
        ways.append(facts | turn | {"active_at": at, "reminded_at": None, "helper_id": None, "solver_id": None})
    if open_ and peers:
        ways += [{"waves": before.waves + 1, "wave_at": at}]
        ways += [{"state": State.CLAIMED, "helper_id": NOAH.id, "claimed_at": at}]
    if open_ and not peers:
        agent = draw(st.sampled_from([None, AVA.id, NOAH.id]))
        ways += [{"offered_agent_id": agent, "offered_agent_at": at}, {"lead_told_at": before.lead_told_at or at}]
        ways += [{"state": State.CLAIMED, "helper_id": AVA.id, "claimed_at": at, "offered_agent_at": None}]
    if before.state is State.ANSWERED:
        ways += [{"reminded_at": at}, {"state": State.CLOSED, "closed_at": at}]
    if before.state is State.CLAIMED:
        ways.append({"state": State.OPEN, "helper_id": None, "claimed_at": None, "waiting_since": at, "active_at": at})
    return replace(before, **draw(st.sampled_from(ways)))


class Town:
    """Carries out what is planned of one question, as platforms do, and remembers how everything looks."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self._looks: dict[str, Card] = {}
        self._ids = 0
        self.rows: dict[tuple[str, str], Posted] = {}
        self.said: list[tuple[str, str]] = []

    def digest(self, card: Card) -> str:
        assert load_card(dump_card(card)) == card, "all of it can be stored"
        looks = str(hash(card))
        self._looks[looks] = card
        return looks

    def card(self, stands: Posted) -> Card:
        return self._looks[stands.digest]

    def look(self, shot: QuestionSnapshot) -> bool:
        """Do what has to be done so that what stands is what is shown; say whether that was anything."""
        planner = Planner("question", 7, shot.standing, shot.now, self.digest, shot.zone)
        shown, again = [*lifecycle().shown(shot)], [*lifecycle().shown(shot)]
        assert [_facts(one) for one in shown] == [_facts(one) for one in again] and shot.standing == shot.standing
        for one in shown:
            planner.show(one)
        planner.over(lifecycle(), shot)
        plan = planner.plan
        for post in plan.posts:
            assert not post.again, "nothing waits here to be said"
            for who in post.members or (post.place,):
                self._post(post.name.key, who, post.place, self.digest(post.card), post.thread)
        for edit in plan.edits:
            for old in edit.posted:
                self.rows[old.key, old.spot] = replace(old, digest=self.digest(edit.card))
        for effect in plan.effects:
            message = MessageRef.of(str(effect.payload["message"]))
            self._effect(effect.name.key, effect.name.spot, message)
        return bool(plan.posts or plan.edits or plan.effects)

    def _post(self, key: str, who: Channel | Member, place: Channel | Member, looks: str, thread: str) -> None:
        spot = f"member/{who.id}" if isinstance(who, Member) else who.space.key
        channel = place.key if isinstance(place, Channel) else spot
        assert (key, spot) not in self.rows, "nothing is said twice"
        self._ids += 1
        fails = self._data.draw(st.integers(0, 9)) == 0
        message = None if fails else f"{channel if '/' in channel[7:] else 'slack/T1/D1'}/{self._ids}"
        opened = f"{channel}:{self._ids}" if thread and message else None
        member_id = who.id if isinstance(who, Member) else None
        gone = {"gone_at": NOW, "why": IMPOSSIBLE} if fails else {"gone_at": None}
        facts: dict[str, Any] = {"thread": opened, "digest": looks, "at": NOW} | gone
        self.rows[key, spot] = Posted(self._ids, 1, "question", 7, key, spot, member_id, channel, message, **facts)

    def _effect(self, key: str, spot: str, message: MessageRef) -> None:
        known = self.rows.get((key, spot))
        self._ids += 1
        thread = f"{message.channel.key}:{message.id}"
        facts: dict[str, Any] = {"thread": thread, "digest": "", "at": NOW, "gone_at": None}
        self.rows[key, spot] = known or Posted(
            self._ids, 1, "question", 7, key, spot, None, message.channel.key, message.key, **facts
        )


def _facts(one: object) -> object:
    """Return what two showings of a thing have in common: a telling's cards are functions."""
    return (one.key, one.members, one.near, one.at) if isinstance(one, Telling) else one


ASKS = ("wave", "turn", "waiting", "reminder", "proposal", "passed")


@tried(60)
@given(st.data())
def test_whatever_becomes_of_a_question_all_is_said_once_and_what_is_over_asks_for_nothing(data: st.DataObject) -> None:
    by_post, anonymous, private = data.draw(st.booleans()), data.draw(st.booleans()), data.draw(st.booleans())
    asked = question(origin=f"{HELP.key}/5" if by_post and not private else None, anonymous=anonymous)
    if private:
        asked = replace(asked, private=True, audience=Audience.AGENTS, waiting_since=NOW, hand_out_at=NOW)
    town, now, moments, replies = Town(data), NOW, list[Moment](), list[Reply]()
    channels = (AGENTS,) if private else (HELP, THERE) if data.draw(st.booleans()) else (HELP,)

    def seen() -> QuestionSnapshot:
        wave = offers(NOAH, KENJI, SOFIA) if asked.state is State.OPEN and asked.waves else ()
        stands = standing(*town.rows.values())
        said: Sequence[Reply] = replies if asked.anonymous or private or len(channels) > 1 else ()
        facts = {"channels": channels, "replies": tuple(said), "moments": tuple(moments), "now": now}
        return snapshot(asked, stands, offers=wave if asked.audience is Audience.PEERS else (), **facts)

    for _ in range(data.draw(st.integers(1, 8))):
        for _ in range(9):
            if not town.look(seen()):
                break
        else:
            raise AssertionError("there's no end of it")
        for one in town.rows.values():
            assert not private or one.member_id == MIA.id or one.channel.startswith(AGENTS.key), "others read it"
            if one.stands and one.key.partition("/")[0] in ASKS:
                over = asked.state not in UNSETTLED
                assert not (over and town.card(one).buttons), f"{one.key} still asks"
        now += data.draw(st.sampled_from([MINUTE, HOUR, 3 * DAY]))
        asked = data.draw(next_state(asked, now))
        if data.draw(st.integers(0, 2)) == 0:
            what, who = data.draw(st.sampled_from(MomentKind)), data.draw(st.sampled_from([NOAH, AVA]))
            moments.append(happened(len(moments) + 1, what, who, now))
        if data.draw(st.integers(0, 2)) == 0:
            replies.append(reply(len(replies) + 1, data.draw(st.sampled_from([MIA, NOAH])), "Clouds."))
        if town.rows and data.draw(st.integers(0, 4)) == 0:
            name = data.draw(st.sampled_from(sorted(town.rows)))
            town.rows[name] = replace(town.rows[name], gone_at=now, why=DELETED)
