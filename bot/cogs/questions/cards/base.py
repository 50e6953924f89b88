"""What all cards of this room share: how people and states are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.contract.files import KeptPicture
from adapters.contract.models import Account
from adapters.contract.text import Text, Words, join, say
from adapters.contract.ui import Tone
from bot.delivery.addressing import mention
from storage.members import Member
from storage.questions import Question, State

SOMEONE = say("Someone")
"""What an anonymous asker is called."""


SIGNS = {
    State.OPEN: "🌱",
    State.CLAIMED: "🙋",
    State.ANSWERED: "💬",
    State.SOLVED: "✅",
    State.CLOSED: "🍂",
    State.DEFLECTED: "✅",
}
_STATES = {
    State.OPEN: say("Open"),
    State.CLAIMED: say("Claimed"),
    State.ANSWERED: say("Answered"),
    State.SOLVED: say("Solved"),
    State.CLOSED: say("Closed"),
    State.DRAFT: say("Draft"),
    State.DEFLECTED: say("Solved"),
    State.DROPPED: say("Taken back"),
    State.FOLLOWING: say("Asked by somebody else"),
}


TONES = {
    State.OPEN: Tone.WAITING,
    State.CLAIMED: Tone.ACTIVE,
    State.ANSWERED: Tone.ACTIVE,
    State.SOLVED: Tone.DONE,
    State.DEFLECTED: Tone.DONE,
    State.CLOSED: Tone.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class View:
    """A question and the people and places that its cards name."""

    question: Question
    people: Mapping[int, Member]
    link: str | None = None

    def person(self, member_id: int | None) -> Words:
        """Return a member as a mention; an anonymous asker as nobody."""
        member = self.people.get(member_id or 0)
        if member is None:
            return SOMEONE
        if member_id == self.question.asker_id and self.question.anonymous:
            return SOMEONE
        return mention(member)

    @property
    def asker(self) -> Words:
        return self.person(self.question.asker_id)

    @property
    def asker_left(self) -> bool:
        """Say whether it is closed and the person who asked is not there any more."""
        asker = self.people.get(self.question.asker_id)
        return bool(asker and asker.left_at and self.question.closed_at)

    @property
    def helper(self) -> Words:
        return self.person(self.question.helper_id)


def screenshot_of(question: Question) -> KeptPicture | None:
    """Return the picture that goes with what is asked; of what it shows we know only what it was added to."""
    if question.screenshot_id is None:
        return None
    return KeptPicture(question.screenshot_id, say("A screenshot for “{title}”", title=question.title))


def pings(*members: Member | None) -> tuple[Account, ...]:
    """Return the accounts that notify these members."""
    return tuple(Account.of(key) for member in members if member for key in member.accounts)


def asker_pings(view: View) -> tuple[Account, ...]:
    """Return the accounts that notify whoever asked, if they asked with their name."""
    return () if view.question.anonymous else pings(view.people.get(view.question.asker_id))


def state_name(state: State) -> Text:
    """Return what a state is called, behind its sign."""
    return join([SIGNS.get(state, ""), _STATES[state]], " ")


def room_words(channels: Text, topics: Sequence[str]) -> Text:
    """Say where questions stand, and what they are sorted by."""
    return join(
        [
            say("Questions are in {channels}; a plain message there may become one.", channels=channels)
            if channels
            else Text(),
            say("Topics: {topics}", topics=", ".join(topics)) if topics else Text(),
        ]
    )
