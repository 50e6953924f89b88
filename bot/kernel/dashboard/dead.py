"""What failed by our own fault and was set aside: to be tried again, or dropped, as by `trellis dead`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from adapters.contract.commands import Role
from adapters.contract.models import Channel
from adapters.contract.text import Code, Text, Time, Words, count, label, labelled, say
from adapters.contract.ui import Style
from bot.kernel.errors import UserError
from bot.kernel.redacting import brief
from storage.audit import AuditStore
from storage.dead_letters import DeadLetter, DeadLetters
from storage.members import Member

from .contract import Act, ActButton, DashboardPage, Row, Section, View, Visit

SHOWN = 100
"""How many are shown, the oldest first."""
GONE = say("That isn't set aside any more.")
EMPTY = say("Nothing is set aside.")
SURE = say("It's forgotten with all that was kept of it, and can't be brought back.")
KINDS: Mapping[str, str] = {
    "post": label("a message"),
    "direct": label("a direct message"),
    "edit": label("a change of a message"),
    "role": label("a role"),
    "let_in": label("a place in a channel"),
    "thread": label("a thread"),
    "rename": label("the title of a thread"),
    "entry": label("a calendar entry"),
    "no_entry": label("the end of a calendar entry"),
    "event": label("something that happened"),
}
"""What letters are about; what is not here is work that came due, by its action."""


class DeadLetterPage:
    """The page of the community's dead letters. Nobody's words are shown."""

    def __init__(
        self,
        letters: DeadLetters,
        audit: AuditStore,
        name_of: Callable[[Channel], str],
        stuck: Callable[[Visit], Awaitable[Sequence[Words]]],
    ) -> None:
        """`name_of` returns what a channel is called, `stuck` says what waits for a platform, and what mends it."""
        self._stuck = stuck
        self._letters = letters
        self._audit = audit
        self._name_of = name_of

    def page(self) -> DashboardPage:
        acts = {"retry": Act(Role.ADMIN, self._retry), "drop": Act(Role.ADMIN, self._drop, SURE)}
        title = label("Set aside")
        return DashboardPage("dead", title, 80, Role.ADMIN, self._show, acts, waiting=self._waiting)

    async def _show(self, visit: Visit) -> View:
        letters = await self._letters.all(visit.community.id)
        people = await visit.members.get_many([one.member_id for one in letters[:SHOWN] if one.member_id])
        rows = [self._row(one, people) for one in letters[:SHOWN]]
        more = count(len(letters) - SHOWN, "and {n} more", "and {n} more") if len(letters) > SHOWN else ""
        note = say("This failed again and again by my own fault. Once its cause is mended, have it tried again.")
        return View((Section(say("What failed"), rows, EMPTY, note=note if rows else "", more=more),))

    async def _waiting(self, visit: Visit) -> Sequence[Row]:
        number = len(await self._letters.all(visit.community.id))
        words = count(number, "{n} thing failed and was set aside", "{n} things failed and were set aside")
        waits = [Row(say("Messages that wait"), tuple(lines))] if (lines := await self._stuck(visit)) else []
        return [*waits, *([Row(words)] if number else [])]

    def _row(self, letter: DeadLetter, people: Mapping[int, Member]) -> Row:
        facts: list[tuple[Words, Words]] = [(say("Since"), Time(letter.failed_at)), (say("Tried"), times(letter))]
        if reader := people.get(letter.member_id or 0):
            facts.append((say("For"), reader.name))
        if letter.place.count("/") == 2:
            facts.append((say("In"), f"#{self._name_of(Channel.of(letter.place))}"))
        if letter.about:
            facts.append((say("About"), letter.about))
        named = {"id": letter.id}
        buttons = (
            ActButton("retry", say("Try again"), named),
            ActButton("drop", say("Drop"), named, style=Style.DANGER),
        )
        return Row(kind(letter), (Code(brief(letter.error) or "–"),), tuple(facts), buttons)

    async def _retry(self, visit: Visit, sent: Mapping[str, str]) -> Words:
        await self._do(visit, sent, self._letters.retry, "dead.retried")
        return say("It's tried again within a minute.")

    async def _drop(self, visit: Visit, sent: Mapping[str, str]) -> Words:
        await self._do(visit, sent, self._letters.drop, "dead.dropped")
        return say("It's dropped.")

    async def _do(
        self, visit: Visit, sent: Mapping[str, str], act: Callable[[str], Awaitable[bool]], action: str
    ) -> None:
        """Do something with a letter of this community. Raises `UserError` where it has none of that id."""
        mine = {letter.id: letter for letter in await self._letters.all(visit.community.id)}
        letter = mine.get(sent.get("id", ""))
        if letter is None or not await act(letter.id):
            raise UserError(GONE)
        await self._audit.add(
            visit.community.id, visit.now, visit.member.id, action, subject=letter.id, detail=letter.what
        )


def kind(letter: DeadLetter) -> Text:
    """Say what a letter is about."""
    return labelled(KINDS[letter.what]) if letter.what in KINDS else say("work: {action}", action=Code(letter.what))


def times(letter: DeadLetter) -> Text:
    """Say how often something was tried."""
    return count(letter.attempts, "once", "{n} times")
