"""The room in which a question finds its answer.

`policy` and `peers` decide, `lifecycle` moves a question on and `shown` says what stands of it; the cogs are what
members do, and `service` is what they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.candidates import CandidateStore
from storage.database import Database
from storage.duty import DutyStore
from storage.help import HelpStore
from storage.imports import ImportStore
from storage.knowledge import KnowledgeStore
from storage.members import MemberStore
from storage.moments import MomentStore
from storage.offered import OfferedStore
from storage.peers import PeerStore
from storage.questions import QuestionStore
from storage.replies import ReplyStore
from storage.rewrites import RewriteStore
from storage.search import SearchStore
from storage.solutions import SolutionStore
from storage.support import SupportStore

from .anonymous import Anonymous
from .asking import Asking
from .changing import Changing
from .gaps import Coverage
from .helping import Helping
from .knowledge import Knowledge
from .knowledge_search import KnowledgeSearch
from .lifecycle import QuestionLifecycle
from .meanings import Meanings
from .policy import OfficeHours, Policy, Topic
from .presence import Presence
from .private import Private
from .same import Same
from .service import Questions
from .solving import Solving
from .support import Support
from .turns import Turns
from .waves import Waves

if TYPE_CHECKING:
    from storage.search.encoders import Encoder


def questions(
    database: Database,
    help_channels: ChannelGroup,
    agents_channels: ChannelGroup,
    policies: Policies[Policy],
    encoder: Encoder | None = None,
) -> tuple[Cog, ...]:
    """Return the cogs of this room; with an `encoder`, answers are also looked for by what texts mean."""
    store, replies, moments = QuestionStore(database), ReplyStore(database), MomentStore(database)
    support, solutions, duty = SupportStore(database), SolutionStore(database), DutyStore(database)
    peers, search, members = PeerStore(database), SearchStore(database, encoder), MemberStore(database)
    help_ = HelpStore(database)
    turns = Turns(support, duty, moments, members, policies)
    rewrites = RewriteStore(database)
    lifecycle = QuestionLifecycle(
        *(store, replies, support, solutions, moments, peers, search, members),
        *(help_channels, agents_channels, policies),
        Waves(peers, CandidateStore(database), help_),
        turns,
    )
    room = Questions(
        *(
            store,
            replies,
            support,
            solutions,
            rewrites,
            moments,
            peers,
            duty,
            search,
            help_,
            members,
            AuditStore(database),
        ),
        *(help_channels, agents_channels, policies, turns, lifecycle),
    )
    knowledge_search = KnowledgeSearch(room, KnowledgeStore(database), OfferedStore(database))
    return (
        Asking(room, knowledge_search),
        Anonymous(room),
        Helping(room),
        Support(room),
        Presence(room, ImportStore(database)),
        Same(room),
        Private(room),
        Solving(room),
        Changing(room),
        Knowledge(room, knowledge_search, Coverage.of(database)),
        *((Meanings(search),) if encoder else ()),
    )


__all__ = ["Coverage", "OfficeHours", "Policy", "Topic", "questions"]
