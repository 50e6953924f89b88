"""Everything that is shown of a question, and what becomes of it, as pure functions of one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.text import Mention, Text
from adapters.contract.ui import Card
from bot.delivery.addressing import account_in, mention
from bot.kernel.lifecycle import Adopted, Direct, Posting, Shown, Standing, Telling
from bot.text.when import spell
from storage.members import Member
from storage.moments import Moment, MomentKind
from storage.peers import Offer
from storage.postings import LOST, Posted
from storage.questions import UNSETTLED, Audience, Question, State
from storage.replies import LATEST, SPOKEN, Reply

from . import cards
from .peers import reasons_of
from .places import CARD, POST, post_of, thread_under, threads_of
from .policy import Policy

WAVE, TURN, WAITING, LEAD, STILL, ANSWERED, REMINDER, PROPOSAL, GONE, RELAY, SAYS = (
    *("wave", "turn", "waiting", "lead", "still", "answered", "reminder", "proposal", "gone", "relay", "says"),
)
"""How the keys of its other messages begin: what peers are asked; that it is an agent's turn, or nobody's; what the
lead, and the asker, are told and asked (`STILL`: that it waits for support); what was carried from one thread into the
others, and what somebody without a name says."""
FOLLOWED = "followed/"
"""How the keys of what is told to those begin who would have asked the same: behind it their ids, and the moment."""
SUPPORT = "support/"
"""How the key of its card for support begins: behind it is the key of the turn of which the card itself tells."""
_TITLED = {WAVE, TURN, WAITING, LEAD, STILL, ANSWERED, REMINDER, PROPOSAL, GONE}
"""How the keys begin of what names a question by its title."""
GIST = 5
"""So many of the latest replies are shown to support."""


@dataclass(frozen=True, slots=True)
class QuestionSnapshot:
    """A question as it is now.

    `channels` are the help channels where it belongs, that of its own space first, `agents` where support is.
    `offers` are those of the newest wave while it asks, `leads` those who are yet to hear that nobody took it (None
    if there is nobody), `names` what the community's spaces are called, by their keys.
    """

    now: datetime
    view: cards.View
    policy: Policy
    zone: ZoneInfo
    channels: tuple[Channel, ...]
    agents: Channel | None
    offers: tuple[Offer, ...]
    replies: tuple[Reply, ...]
    moments: tuple[Moment, ...]
    leads: tuple[Mention | Text, ...] | None
    names: Mapping[str, str]
    standing: Standing
    answer: Reply | None = None
    """The first answer, while it is news for the asker."""
    followed: Mapping[int, Question] = field(default_factory=dict)
    """What others would have asked, by their ids: they are told what solved it, or that nothing did."""

    @property
    def question(self) -> Question:
        return self.view.question

    @property
    def asker(self) -> Member | None:
        return self.view.people.get(self.question.asker_id)

    @property
    def threads(self) -> list[Channel]:
        """Where people write about it, its own thread first."""
        return threads_of(self.standing, self.question)

    @property
    def spaces(self) -> list[Space]:
        """Where its card stands."""
        return [MessageRef.of(row.message or "").channel.space for row in self.standing.all(CARD)]

    @property
    def with_support(self) -> Posted | None:
        """What is known of its card for support."""
        return next((row for row in self.standing.rows if row.key.startswith(SUPPORT)), None)

    @property
    def support_place(self) -> Channel | None:
        """Where support reads of it: beside the card, else in the agents' channel, or in its own thread."""
        row = self.with_support
        if row and row.message and row.why != LOST:
            return MessageRef.of(row.message).channel
        return self.agents or next(iter(self.threads), None)


def shown(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Return everything that should stand."""
    return chain(
        _cards(snapshot),
        _support(snapshot),
        _waves(snapshot),
        _said_without_a_name(snapshot),
        _relays(snapshot),
        requests(snapshot),
        notices(snapshot),
    )


def _cards(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Show it where it was asked and in the community's other spaces, so that people there can help."""
    question, standing = snapshot.question, snapshot.standing
    is_open, card = question.state in UNSETTLED, cards.question_card(snapshot.view)
    post = post_of(standing)
    origin = MessageRef.of(message) if (message := post.message if post else question.origin) else None
    if origin and (post or is_open):
        yield Adopted(POST, origin, question.title)
    beneath = origin and not (post and post.gone_at and post.why == LOST)
    for channel in snapshot.channels:
        if not is_open and standing.row(CARD, channel.space.key) is None:
            continue
        if origin and beneath and channel.space == origin.channel.space:
            thread = thread_under(post) if post else None
            if thread:
                yield Posting(CARD, thread, card)
        else:
            yield Posting(CARD, channel, card, thread=question.title)
    named = {channel.space for channel in snapshot.channels}
    for row in standing.all(CARD):  # also where settings name no channel any more
        channel = Channel.of(row.channel)
        if channel.space not in named:
            yield Posting(CARD, channel, card)


# Peers


def _waves(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Ask whom the newest wave asks: directly who agreed to that, the others in a thread where they are."""
    question, view = snapshot.question, snapshot.view
    if snapshot.offers and question.waves != question.waves_before:
        reasons = {offer.member_id: reasons_of(offer)[0] for offer in snapshot.offers}
        yield Telling(
            f"{WAVE}/{question.waves}",
            tuple(view.people[id_] for id_ in reasons if id_ in view.people),
            tuple(snapshot.threads),
            lambda member: cards.direct_offer_card(view, reasons[member.id]),
            lambda people, _: cards.offers_card(view, [(one, reasons[one.id]) for one in people]),
            asks=True,
        )


# Support


def _support(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    question, place, row = snapshot.question, snapshot.support_place, snapshot.with_support
    is_open, is_handed_out = question.state is State.OPEN, question.offered_agent_at is not None
    if question.audience is not Audience.AGENTS or place is None or not (row or (is_open and is_handed_out)):
        return
    otherwise, turn = tuple(thread for thread in snapshot.threads if thread != place), turn_of(question)
    key = row.key if row else f"{SUPPORT}{turn}"
    yield Posting(key, place, _support_card(snapshot), otherwise=otherwise)
    if not is_open:
        return
    if row and row.message and is_handed_out and row.key != f"{SUPPORT}{turn}":
        card = cards.turn_card(snapshot.view, snapshot.view.people.get(question.offered_agent_id or 0))
        yield Posting(turn, place, card, otherwise=otherwise, at=question.offered_agent_at)
    if question.lead_told_at and question.waiting_since:
        waited = spell(question.lead_told_at - question.waiting_since)
        card = cards.lead_card(snapshot.view, snapshot.leads or (), waited)
        key = f"{LEAD}/{question.lead_told_at}"
        yield Posting(key, place, card, otherwise=otherwise, once=True, at=question.lead_told_at)


def turn_of(question: Question) -> str:
    """Return the key of the message that says whose turn it is, or that it is nobody's."""
    at = question.offered_agent_at
    return f"{TURN}/{question.offered_agent_id}/{at}" if question.offered_agent_id else f"{WAITING}/{at}"


def _support_card(snapshot: QuestionSnapshot) -> Card:
    question, policy = snapshot.question, snapshot.policy
    since = question.waiting_since
    due = policy.hours.add(since, policy.agent_target, snapshot.zone) if since else None
    whose_turn = snapshot.view.people.get(question.offered_agent_id or 0)
    said = [reply for reply in snapshot.replies if reply.deleted_at is None]
    return cards.agents_card(snapshot.view, said[-GIST:], whose_turn, due)


# What is written


def _said_without_a_name(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Say in its own thread what an asker writes who is not named."""
    for thread in snapshot.threads[:1]:
        for reply in snapshot.replies:
            if reply.message.startswith(SPOKEN) and reply.text:
                yield Posting(f"{SAYS}/{reply.id}", thread, cards.asker_says_card(reply.text))


def _relays(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Carry what was written in one of its threads into the others, and take back what was deleted."""
    threads = snapshot.threads
    if len(threads) < 2:
        return
    for reply in snapshot.replies:
        spoken = reply.message.startswith(SPOKEN)
        origin = threads[0] if spoken else MessageRef.of(reply.message).channel
        card = cards.relayed_card(snapshot.view, reply, snapshot.names.get(origin.space.key, ""))
        for thread in threads:
            if thread != origin:
                yield Posting(f"{RELAY}/{reply.message}", thread, card)


# What the asker is asked


def requests(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    question, view = snapshot.question, snapshot.view
    if question.state is State.ANSWERED and question.answered_at and snapshot.answer:
        card = cards.answered_card(view, view.person(snapshot.answer.member_id), direct=question.anonymous)
        yield from _to_asker(snapshot, f"{ANSWERED}/{question.answered_at}", card, question.answered_at, once=True)
    reminded = question.reminded_at
    if question.state is State.ANSWERED and reminded and reminded >= question.active_at:
        card = cards.reminder_card(view, reminded + snapshot.policy.close_after)
        yield from _to_asker(snapshot, f"{REMINDER}/{question.active_at}", card, reminded)
    yield from _to_followers(snapshot)
    told = question.lead_told_at
    if question.state is State.OPEN and question.audience is Audience.AGENTS and told and question.waiting_since:
        card = cards.still_waiting_card(view, spell(told - question.waiting_since), led=snapshot.leads is not None)
        yield from _to_asker(snapshot, f"{STILL}/{told}", card, told)
    for moment in snapshot.moments:
        if question.state not in UNSETTLED or moment.at < question.active_at:
            continue
        if moment.what is MomentKind.ANSWER_DELETED:
            yield from _to_asker(snapshot, f"{GONE}/{moment.id}", cards.answer_deleted_card(view), moment.at)
        if moment.what is MomentKind.PROPOSED:
            card = cards.proposal_card(view, view.person(moment.member_id))
            yield from _to_asker(snapshot, f"{PROPOSAL}/{moment.id}", card, moment.at)


def _to_followers(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Tell those who would have asked the same what solved it; if nothing did, they may ask for themselves."""
    question, view = snapshot.question, snapshot.view
    is_solved = question.state in (State.SOLVED, State.DEFLECTED)
    at = question.solved_at if is_solved else question.closed_at
    for member_id, draft in snapshot.followed.items() if at and question.state not in UNSETTLED else ():
        card = cards.followed_card(view) if is_solved else cards.unanswered_card(view, draft)
        place = Direct(view.people[member_id], wanted=True)
        yield Posting(f"{FOLLOWED}{member_id}/{at}", place, card, otherwise=tuple(snapshot.threads[:1]), at=at)


def _to_asker(snapshot: QuestionSnapshot, key: str, card: Card, at: datetime, *, once: bool = False) -> Iterator[Shown]:
    """Say something to the asker: in a thread where they are, or directly where they asked without their name."""
    asker, threads = snapshot.asker, snapshot.threads
    near = [thread for thread in threads if asker and account_in(asker, thread.space)] or threads
    said = next((row for row in snapshot.standing.rows if row.key == key), None)
    private = snapshot.question.private
    hidden = snapshot.question.anonymous or private if said is None else said.member_id is not None
    if said and not hidden:
        near = [Channel.of(said.channel)]
    if hidden and asker and asker.accounts:
        to = Direct(asker, wanted=True)
        otherwise = () if private else tuple(near[:1])
        yield Posting(key, to, card, otherwise=otherwise, elsewhere=card, once=once, at=at)
    elif near:
        yield Posting(key, near[0], card, once=once, at=at)


# What the threads are told


def notices(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    for key, at, card in (*_news(snapshot), *_happenings(snapshot.view, snapshot.moments)):
        for thread in snapshot.threads:
            yield Posting(key, thread, card, once=True, at=at)
    for moment in snapshot.moments:
        agent, place = snapshot.view.people.get(moment.member_id), snapshot.support_place
        if moment.what is MomentKind.MISSED and agent and place:
            card = cards.off_duty_card(mention(agent))
            yield Posting(f"off/{moment.id}", place, card, once=True, at=moment.at)


def _news(snapshot: QuestionSnapshot) -> Iterator[tuple[str, datetime, Card]]:
    """Return what the threads are told of how far it is, once for each time: the key, the moment, the words."""
    question, view = snapshot.question, snapshot.view
    match question.state:
        case State.SOLVED | State.DEFLECTED if question.solved_at:
            card = cards.solved_notice(view, by_asker=_is_by_asker(snapshot))
            yield f"solved/{question.solved_at}", question.solved_at, card
        case State.CLOSED if question.closed_at:
            idle = spell(question.closed_at - question.active_at)
            yield f"closed/{question.closed_at}", question.closed_at, cards.closed_card(view, idle)
        case State.CLAIMED if question.claimed_at and not question.private:  # its asker isn't there; the card says it
            yield f"claimed/{question.claimed_at}", question.claimed_at, cards.on_it_card(view)
        case State.OPEN if question.audience is Audience.AGENTS and question.escalation and question.escalated_at:
            yield f"escalated/{question.escalated_at}", question.escalated_at, _escalated_card(snapshot)


def _is_by_asker(snapshot: QuestionSnapshot) -> bool:
    """Say whether it was the asker who said that it is solved, as far as is known."""
    solved_at = snapshot.question.solved_at
    return not any(one.what is MomentKind.MARKED and one.at == solved_at for one in snapshot.moments)


def _escalated_card(snapshot: QuestionSnapshot) -> Card:
    question = snapshot.question
    since = question.escalated_at
    return cards.escalated_card(question, snapshot.policy.hours.opens(since, snapshot.zone) if since else None)


def _happenings(view: cards.View, moments: Sequence[Moment]) -> Iterator[tuple[str, datetime, Card]]:
    """Return what the threads are told of what happened lately."""
    for moment in moments:
        who = view.person(moment.member_id)
        match moment.what:
            case MomentKind.HANDED_BACK | MomentKind.LET_LIE | MomentKind.HELPER_LEFT:
                yield f"back/{moment.id}", moment.at, cards.back_card(who, moment.what)
            case MomentKind.ASKER_BACK:
                yield f"there/{moment.id}", moment.at, cards.asker_back_card(who)
            case MomentKind.REOPENED:
                yield f"reopened/{moment.id}", moment.at, cards.reopened_card(who)


# What becomes of it


def over_card(snapshot: QuestionSnapshot, key: str) -> Card | None:
    """Return what a message becomes that is not shown any more: it asks for nothing then, and holds nothing deleted."""
    question = snapshot.question
    what, _, fact = key.partition("/")
    if question.state is State.DROPPED and what in _TITLED:
        return cards.taken_back_notice()
    match what:
        case "wave" if question.state not in UNSETTLED or question.audience is not Audience.PEERS:
            return cards.offer_over_card(question)
        case "turn" | "waiting":
            return cards.turn_over_card(snapshot.view)
        case "reminder" | "proposal" | "gone" if question.state is not State.ANSWERED:
            return cards.request_over_card(snapshot.view, by_asker=_is_by_asker(snapshot))
        case "still" if question.state is not State.OPEN:
            return cards.request_over_card(snapshot.view, by_asker=_is_by_asker(snapshot))
        case "followed" if int(fact.partition("/")[0]) in snapshot.followed:
            return cards.followed_again_card(snapshot.view)
        case "relay" | "says" if len(snapshot.replies) < LATEST and not _is_kept(snapshot, what, fact):
            return cards.deleted_card()
    return None


def _is_kept(snapshot: QuestionSnapshot, what: str, fact: str) -> bool:
    """Say whether what stands in a thread is still known: nobody who wrote it was forgotten since."""
    if what == RELAY:
        return len(snapshot.threads) < 2 or any(reply.message == fact for reply in snapshot.replies)
    return not snapshot.question.anonymous or any(str(reply.id) == fact and reply.text for reply in snapshot.replies)
