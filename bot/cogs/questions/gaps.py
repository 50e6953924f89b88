"""What a community still lacks so that its questions find somebody, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from adapters.contract.text import Text, listing, say
from storage.candidates import CandidateStore
from storage.database import Database
from storage.duty import DutyStore
from storage.help import HelpStore
from storage.members import MemberStore

from .policy import SUPPORT, Topic


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a community lacks, and the step that mends it."""

    what: Text
    mend: Text


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where it is looked up who could be asked about which topic, and who supports."""

    candidates: CandidateStore
    help: HelpStore
    duty: DutyStore
    members: MemberStore

    @classmethod
    def of(cls, database: Database) -> Self:
        return cls(CandidateStore(database), HelpStore(database), DutyStore(database), MemberStore(database))

    async def gaps(self, community_id: int, topics: Sequence[Topic], *, has_place: bool = True) -> list[Gap]:
        """Return what a community lacks, of which these are the topics; what matters most first.

        `has_place` says whether support has a channel of its own.
        """
        ours = [topic.name for topic in topics if not topic.agents_only]
        declared = await self.candidates.anybody_declares(community_id)
        helped = await self.help.topics(community_id)
        known = {name.casefold() for name in await self.candidates.declared(community_id, ours)}
        here = await self.candidates.reachable({id_ for ids in helped.values() for id_ in ids})
        known |= {name for name, ids in helped.items() if ids & here}
        support = [role for role in SUPPORT if await self.members.with_role(community_id, role.name.lower())]
        return [
            *_peers([name for name in ours if name.casefold() not in known], declared=declared, helped=bool(here)),
            *_support(met=bool(support), on_duty=bool(await self.duty.on(community_id))),
            *(() if has_place else (_PLACELESS,)),
        ]


_PLACELESS = Gap(
    say("Support has no channel of its own: nothing can be asked privately."),
    say("Make a channel that only support can read, and name it in TRELLIS_AGENTS_CHANNELS."),
)


def _peers(unknown: Sequence[str], *, declared: bool, helped: bool) -> Iterator[Gap]:
    """Tell of topics about which nobody can be asked, and that nobody said what they know."""
    add = say("Ask those who know about something to say so by “/expertise add”.")
    if not (declared or helped):
        yield Gap(say("Nobody has said what they know, or helped yet: there's nobody whom I can ask."), add)
        return
    if not declared:
        yield Gap(say("Nobody has said what they know yet. I go by who answered before."), add)
    if unknown:
        yield Gap(say("There's nobody whom I can ask about {topics}.", topics=listing(unknown)), add)


def _support(*, met: bool, on_duty: bool) -> Iterator[Gap]:
    """Tell that nobody is there for what others do not answer."""
    if not met:
        yield Gap(
            say("I have met nobody who does support: what others don't answer stays where it is."),
            say("Give somebody a role that TRELLIS_AGENT_ROLES names, and have them use “/duty on”."),
        )
    elif not on_duty:
        yield Gap(
            say("Nobody is on duty: support is asked for, and handed to nobody."),
            say("Ask those who do support to use “/duty on”."),
        )
