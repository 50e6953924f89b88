"""Discord's numbers, each in one place. Lengths count characters; the sources are pages of Discord's documentation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

API = "https://discord.com/api"
"""Where Discord's HTTP API is, without a version."""
VERSION = "v10"

# Messages: see resources/message

NONCE = 25
ATTACHMENT_TEXT = 1024
NO_PREVIEWS, HAS_THREAD, EPHEMERAL, SILENT, COMPONENTS_V2 = 1 << 2, 1 << 5, 1 << 6, 1 << 12, 1 << 15

# Components: see components/reference

COMPONENTS, TEXTS, CONTENT = 40, 4000, 2000
"""Components of a message, those within others included, and characters of all its texts. A `Card` has less than 30."""
TITLE, FOOTER, PUSH = 400, 500, 300
"""Characters that we give the heading, the small print, and the line that a phone shows."""
ITEM = 600
"""Characters that an item of a list has at most, once it is escaped."""
ROW = 5
"""Buttons in a row; a menu fills one alone."""
BUTTON_URL = 512
MODAL_PARTS = 5
"""Labels and lines of text at the top level of a modal."""
LABEL_HINT = 100
INPUT, PLACEHOLDER = 4000, 100

# Commands: see interactions/application-commands

COMMANDS, MENU_COMMANDS = 100, 15
"""Slash commands, and entries in the menu of each message or person."""
OPTIONS, CHOICES = 25, 25
DESCRIPTION = 100
COMMAND_ALL = 8000
"""Names, descriptions and values of one command and everything in it."""
STRING_OPTION = 6000

LOCALES = (
    "bg cs da de el en-GB en-US es-419 es-ES fi fr hi hr hu id it ja ko lt nl no pl pt-BR ro ru sv-SE th tr uk vi "
    "zh-CN zh-TW"
).split()
"""The languages in which Discord shows a command to whoever has set theirs so."""

# Scheduled events: see resources/guild-scheduled-event

EVENT_NAME, EVENT_TEXT, EVENT_PLACE = 100, 1000, 100

# Channels and threads: see resources/channel

THREAD_NAME = 100
THREAD_ARCHIVE = 10080
"""Minutes without a word until a thread is put away: the longest that Discord offers, a week."""
TAGS = 5
PAGE = 100
"""Messages or threads that are told at once."""

# Time


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds."""

    patience: float = 1.5
    """Until we acknowledge for a handler that has not answered: Discord waits 3."""
    silence: float = 1.875
    """Until we acknowledge for one that has nothing to say: a copy of us that is at work may have, and speaks first."""
    arrival: float = 10.0
    """To wait at start for servers that Discord has named and not yet sent."""
    again: float = 2.0
    """Before connecting afresh the first time; doubled each time."""
    longest: float = 300.0
    """Between two attempts at most. 1000 of them in a day cost the token; 300 s make 288."""
    identify: float = 5.5
    """Between two identifies of shards that share a bucket: Discord takes one in 5 s, counted when they arrive."""
    begin: float = 30.0
    """That a shard may take to begin, before another one of its bucket is taken beside it."""
    look: float = 1.0
    """Between two looks at whether it is our turn to connect."""
    recount: float = 3600.0
    """Between two times that Discord is asked how many shards it recommends; it also says so before each session."""
    fresh: float = 60.0
    """Between two times, while standing by, that the servers are asked for; 1 s for each server, where that is more."""
    heartbeat: float = 60.0
    """Without a word from Discord, after which the connection counts as dead."""
    drain: float = 20.0
    """That what is under way may take when Trellis stops."""


PERIOD = 300.0
"""Seconds in which identifies are counted."""


def identifies(shards: int) -> tuple[int, int]:
    """Return how many identifies there may be in `PERIOD`, of all processes together, and how many of them at once.

    Every shard may begin twice without waiting, so that one restart is free, and there are ten at most for up to four
    shards, however often they crash. Discord takes the token away after 1000 in a day, of which it says before each
    session how many are left.
    """
    return max(10, 2 * shards + 2), max(5, 2 * shards)


LONGEST_WAIT = 30.0
"""Seconds that we wait when Discord asks for it; whatever takes longer is for the caller to do later."""


class Type(IntEnum):
    """Types of components."""

    ROW = 1
    BUTTON = 2
    SELECT = 3
    INPUT = 4
    USERS = 5
    ROLES = 6
    CHANNELS = 8
    SECTION = 9
    TEXT = 10
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    UPLOAD = 19
    RADIO = 21
    BOXES = 22
    CHECKBOX = 23


class Part(IntEnum):
    """Ids by which we know the texts of a card that we sent, when Discord tells of it."""

    TITLE = 1
    BODY = 2
    FIELDS = 3
    FOOTER = 4
    CALLED = 5
    HOME = 6
    LISTS = 100
    """The heading of the first list; its items follow, and the heading of the next one is 100 more."""


class Reply(IntEnum):
    """Types of first answers to an interaction."""

    MESSAGE = 4
    THINKING = 5
    QUIET = 6
    UPDATE = 7
    SUGGEST = 8
    MODAL = 9


class Code(IntEnum):
    """Error codes that mean something to us (topics/opcodes-and-status-codes)."""

    UNKNOWN_CHANNEL = 10003
    UNKNOWN_GUILD = 10004
    UNKNOWN_MEMBER = 10007
    UNKNOWN_MESSAGE = 10008
    UNKNOWN_ROLE = 10011
    UNKNOWN_USER = 10013
    UNKNOWN_INTERACTION = 10062
    UNKNOWN_EVENT = 10070
    EVENTS_FULL = 30038
    DIRECT_TOO_FAST = 40003
    ANSWERED_ALREADY = 40060
    TAG_REQUIRED = 40067
    NO_ACCESS = 50001
    DIRECT_CLOSED = 50007
    NO_PERMISSION = 50013
    INVALID_ROLE = 50028
    TOKEN_OVER = 50027
    THREAD_ARCHIVED = 50083
    NO_MUTUAL_GUILD = 50278
    THREAD_EXISTS = 160004
    THREAD_LOCKED = 160005


GONE = {
    Code.UNKNOWN_CHANNEL,
    Code.UNKNOWN_GUILD,
    Code.UNKNOWN_MEMBER,
    Code.UNKNOWN_MESSAGE,
    Code.UNKNOWN_ROLE,
    Code.UNKNOWN_USER,
    Code.UNKNOWN_INTERACTION,
    Code.UNKNOWN_EVENT,
    Code.TOKEN_OVER,
}
CLOSED = {Code.DIRECT_TOO_FAST, Code.DIRECT_CLOSED, Code.NO_MUTUAL_GUILD}

FATAL = {
    4004: "Discord does not know this token. Copy a new one (Developer Portal, your app, Bot, Reset Token) into "
    "DISCORD_TOKEN.",
    4010: "Discord refused the number of a shard. Update Trellis.",
    4011: "Discord wants more shards than it recommends. Start Trellis again; if that does not help, ask Discord.",
    4012: "Discord no longer speaks this version of its gateway. Update Trellis.",
    4013: "Discord does not know an intent that Trellis asked for. Update Trellis.",
    4014: "Discord refused an intent. Switch on “Server Members Intent” (Developer Portal, your app, Bot).",
}
"""Close codes of the gateway after which connecting again cannot help (gateway close event codes)."""
