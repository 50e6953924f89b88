"""What is shown of a question that only its asker and support see, as pure functions of one snapshot.

Its card, and the thread beneath it, stand in the agents' channel. What support writes there is passed on to the asker
directly, and what the asker writes to Trellis is passed on to the thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.contract.models import Channel, MessageRef
from adapters.contract.ui import Card
from bot.kernel.lifecycle import Beside, Direct, Posting, Shown, Standing
from bot.text.when import spell
from storage.postings import IMPOSSIBLE
from storage.questions import UNSETTLED, State
from storage.replies import LATEST, SPOKEN, Reply

from . import cards
from .places import CARD
from .shown import LEAD, SAYS, QuestionSnapshot, notices, over_card, requests, turn_of

OWN, PASSED = "own", "passed"
"""How the keys of what the asker has directly begin: their question, and what support wrote."""


def shown_privately(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Return everything that should stand."""
    yield from _card(snapshot)
    yield from _turns(snapshot)
    yield from _written(snapshot)
    yield from requests(snapshot)
    yield from notices(snapshot)


def _card(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    question, policy, since = snapshot.question, snapshot.policy, snapshot.question.waiting_since
    due = policy.hours.add(since, policy.agent_target, snapshot.zone) if since else None
    turn, is_told = snapshot.view.people.get(question.offered_agent_id or 0), not is_out_of_reach(snapshot.standing)
    card = cards.private_card(snapshot.view, turn, due, is_told=is_told)
    for channel in snapshot.channels:
        if question.state in UNSETTLED or snapshot.standing.row(CARD, channel.space.key):
            yield Posting(CARD, channel, card, thread=question.title)
    named = {channel.space for channel in snapshot.channels}
    for row in snapshot.standing.all(CARD):  # also where settings name no channel any more
        if (channel := Channel.of(row.channel)).space not in named:
            yield Posting(CARD, channel, card)
    if snapshot.asker and snapshot.asker.accounts:
        yield Posting(OWN, Direct(snapshot.asker, wanted=True), cards.own_card(snapshot.view))


def is_out_of_reach(standing: Standing) -> bool:
    """Say whether the asker takes nothing directly, as far as is known: the newest that was to come to them did not."""
    told = [row for row in standing.rows if row.key.partition("/")[0] in (OWN, PASSED)]
    return bool(told) and max(told, key=lambda row: row.id).why == IMPOSSIBLE


def _turns(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Say beside the card whose turn it is, or that it is nobody's, and that it waits for too long.

    Of the first turn, given in the moment it was asked, the card tells itself.
    """
    question, view, at = snapshot.question, snapshot.view, snapshot.question.offered_agent_at
    if question.state is not State.OPEN:
        return
    if at is not None and at != question.asked_at:
        agent = view.people.get(question.offered_agent_id or 0)
        yield Posting(turn_of(question), Beside(CARD), cards.private_turn_card(view, agent), at=at)
    if question.lead_told_at and question.waiting_since:
        waited = spell(question.lead_told_at - question.waiting_since)
        card, key = cards.lead_card(view, snapshot.leads or (), waited), f"{LEAD}/{question.lead_told_at}"
        yield Posting(key, Beside(CARD), card, once=True, at=question.lead_told_at)


def _written(snapshot: QuestionSnapshot) -> Iterator[Shown]:
    """Pass on what either side wrote, until it is deleted or the question is taken back."""
    view, asker = snapshot.view, snapshot.asker
    for reply in snapshot.replies if snapshot.question.state is not State.DROPPED else ():
        if not reply.text:
            continue
        if reply.member_id != snapshot.question.asker_id:
            if asker and asker.accounts:
                yield Posting(f"{PASSED}/{reply.id}", Direct(asker, wanted=True), cards.passed_card(view, reply))
        elif not _stands_there(snapshot, reply):
            for thread in snapshot.threads[:1]:
                yield Posting(f"{SAYS}/{reply.id}", thread, cards.asker_wrote_card(view, reply.text))


def _stands_there(snapshot: QuestionSnapshot, reply: Reply) -> bool:
    """Say whether the asker, being of support themselves, wrote it in the thread."""
    return not reply.message.startswith(SPOKEN) and MessageRef.of(reply.message).channel in snapshot.threads


def over_privately(snapshot: QuestionSnapshot, key: str) -> Card | None:
    """Return what a message becomes that is not shown any more: it asks for nothing then, and holds nothing deleted."""
    what, _, fact = key.partition("/")
    if snapshot.question.state is State.DROPPED:
        return cards.deleted_card()
    if what not in (SAYS, PASSED):
        return over_card(snapshot, key)
    is_kept = any(str(reply.id) == fact and reply.text for reply in snapshot.replies)
    return None if is_kept or len(snapshot.replies) >= LATEST else cards.deleted_card()
