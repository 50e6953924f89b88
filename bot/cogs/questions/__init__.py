"""The room in which a question finds its answer.

`rules` and `peers` decide, `cards` is what members see, `keeper` moves a question on and `board` shows it; the cogs are
what members do, and `desk` is what they share.
"""

from __future__ import annotations

from bot.kernel.channels import ChannelGroup
from bot.kernel.cog import Cog
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.candidates import CandidateStore
from storage.database import Database
from storage.duty import DutyStore
from storage.knowledge import KnowledgeStore
from storage.members import MemberStore
from storage.peers import PeerStore
from storage.questions import QuestionStore
from storage.replies import ReplyStore
from storage.search import SearchStore
from storage.solutions import SolutionStore
from storage.support import SupportStore

from .asking import Asking
from .board import Board
from .desk import Controls, Desk
from .helping import Helping
from .keeper import Keeper
from .knowledge import Knowledge
from .known import Shelf
from .rules import OfficeHours, Policy, Topic
from .solving import Solving
from .support import Support


def questions(
    database: Database, help_channels: ChannelGroup, agents_channels: ChannelGroup, policies: Policies[Policy]
) -> tuple[Cog, ...]:
    """Return the cogs of this room."""
    controls = Controls(
        tend=Support.tend.call,
        drain=Support.drain.call(),
        help=Helping.help.call,
        decline=Helping.decline.call,
        snooze=Helping.snooze.call,
        support=Support.call.call,
        claim=Support.claim.call,
        release=Support.release.call,
        reveal=Asking.reveal.call,
        solve=Solving.solve.call,
        not_yet=Solving.not_yet.call,
        reopen=Solving.reopen.call,
        speak=Asking.speak.call,
    )
    desk = Desk(
        QuestionStore(database),
        ReplyStore(database),
        SupportStore(database),
        SolutionStore(database),
        CandidateStore(database),
        PeerStore(database),
        DutyStore(database),
        SearchStore(database),
        MemberStore(database),
        AuditStore(database),
        help_channels,
        agents_channels,
        policies,
        controls,
    )
    shelf = Shelf(desk, KnowledgeStore(database))
    keeper = Keeper(desk, Board(desk))
    return Asking(desk, shelf, keeper), Helping(desk), Support(desk, keeper), Solving(desk), Knowledge(desk, shelf)


__all__ = ["OfficeHours", "Policy", "Topic", "questions"]
