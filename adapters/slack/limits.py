"""Slack's numbers, all in one place. Lengths count characters, after escaping.

Sources: docs.slack.dev (reference/block-kit, surfaces/modals, reference/app-manifest, interactivity, apis/web-api) and
the checks in slack-sdk 3.47 (`models/blocks`, `models/views`).
"""

from __future__ import annotations

FALLBACK = 4000
"""The `text` beside blocks: longer ones are allowed, but not well read."""
HEADER, SECTION, CONTEXT = 150, 3000, 2000
BODY_SECTIONS = 4
"""Ours: escaping can make a text five times as long; what does not fit into one section goes on in the next ones."""
BUTTON, OPTION_TEXT, PLACEHOLDER = 75, 75, 150
OPTIONS = 100
LABEL, HINT, INPUT = 2000, 2000, 3000
VIEW_TITLE = 24

BUTTONS, OVERFLOW = 5, 5
"""Ours: how many buttons stand side by side before the others go into a menu, and how many of them Slack puts there."""

COMMANDS, COMMAND_NAME, COMMAND_DESCRIPTION, USAGE_HINT = 50, 32, 2000, 1000
SHORTCUTS, SHORTCUT_DESCRIPTION = 10, 150
APP_NAME = 35
PROMPTS = 4
"""What is suggested in the direct channel, at most."""
SCOPES = 255

TABLE_ROWS, TABLE_CELLS = 101, 20
"""Rows of a table with its heads, and cells of each. Slack takes 201 by now, with 20,000 characters; ours stay within
what it took before."""
ALT_TEXT = 2000
"""What an image says to who cannot see it."""

PACE, BURST = 1.0, 10
"""Seconds between two messages in one channel, and how many may come at once before that counts."""

TRIGGER = 2.5
"""Seconds for which a trigger is tried; Slack lets it expire after 3."""
VERDICT = 2.2
"""Seconds that a sent form may wait for what is wrong with it; Slack shows an error of its own after 3."""
RESPONSE_URL_USES, RESPONSE_URL_SECONDS = 5, 30 * 60

ANYTHING = "trellis"
"""`/trellis <anything>` is always ours, whatever another app took."""
RESERVED = frozenset(
    {"active", "apps", "archive", "away", "call", "collapse", "dm", "dnd", "expand", "feed", "feedback", "help"}
    | {"invite", "join", "kick", "leave", "me", "msg", "mute", "open", "part", "prefs", "rename", "remind", "remove"}
    | {"search", "shortcuts", "shrug", "star", "status", "topic", "unarchive", "who"}
)
"""Slack's own slash commands, which no app can take; ours of the same name answer to `/trellis` and behind a prefix."""
