"""The community bot. What an author of a cog needs is imported from here: `from bot import Cog, command, Card, ...`."""

from adapters.contract.adapter import Need
from adapters.contract.call import Call
from adapters.contract.commands import Role
from adapters.contract.events import (
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
)
from adapters.contract.files import File
from adapters.contract.models import Account, Channel, Message, MessageRef, Space
from adapters.contract.text import Code, Link, Strong, Text, Time, TimeStyle, Words, count, join, label, say
from adapters.contract.ui import Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from bot.delivery.gate import Manner
from bot.kernel.cog import Cog, action, command, every, listener, shortcut
from bot.kernel.context import Context, OnMessage, OnPerson, Submission
from bot.kernel.domain_events import (
    AnswerAccepted,
    AnswerReused,
    AnswerWithdrawn,
    DomainEvent,
    EventAttended,
    EventHosted,
    IdeaAdded,
    IdeaShipped,
    Introduced,
    MemberErased,
    MembersLinked,
    NewcomerWelcomed,
    QuestionAsked,
    ThanksGiven,
)
from bot.kernel.errors import FormError, UserError, require
from bot.kernel.forms import Form, ask
from bot.kernel.page import PagePart
from bot.kernel.work import Suggesting, Work
from storage.members import Community, Member

__all__ = [
    "Account",
    "AnswerAccepted",
    "AnswerReused",
    "AnswerWithdrawn",
    "Button",
    "Call",
    "Card",
    "CardField",
    "Channel",
    "Code",
    "Cog",
    "Community",
    "Context",
    "DomainEvent",
    "EventAttended",
    "EventHosted",
    "File",
    "Form",
    "FormError",
    "IdeaAdded",
    "IdeaShipped",
    "Introduced",
    "Link",
    "LinkButton",
    "Manner",
    "Member",
    "MemberErased",
    "MemberJoined",
    "MemberLeft",
    "MembersLinked",
    "Menu",
    "Message",
    "MessageDeleted",
    "MessageEdited",
    "MessagePosted",
    "MessageRef",
    "Need",
    "NewcomerWelcomed",
    "OnMessage",
    "OnPerson",
    "Option",
    "PagePart",
    "QuestionAsked",
    "ReactionAdded",
    "ReactionRemoved",
    "ReactionsCleared",
    "Role",
    "Space",
    "Strong",
    "Style",
    "Submission",
    "Suggesting",
    "Text",
    "ThanksGiven",
    "Time",
    "TimeStyle",
    "Tone",
    "UserError",
    "Words",
    "Work",
    "action",
    "ask",
    "command",
    "count",
    "every",
    "join",
    "label",
    "listener",
    "require",
    "say",
    "shortcut",
]
