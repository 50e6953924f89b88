"""What a newcomer can say, suggested in the direct channel of apps with Slack's agent feature (`features.agent_view`).

That is how Slack has such prompts: it lets no guest use an app with that feature, so that Trellis has it only where its
manifest was printed so. Whether it is there we know by the scope of the token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from adapters.contract.commands import Command
from adapters.contract.text import Translations

from . import limits

JSON: TypeAlias = dict[str, Any]

SCOPE, WHY = "assistant:write", "suggest in the direct channel what can be said to it"


def prompts(commands: Sequence[Command]) -> list[JSON]:
    """Return the first prompts of commands. Who presses one says the command's name, which is understood as such."""
    suggested = [{"title": command.prompt, "message": command.name} for command in commands if command.prompt]
    return suggested[: limits.PROMPTS]


def prompts_in(translations: Translations, commands: Sequence[Command]) -> list[JSON]:
    """Return the same in a language, whichever that of the workspace is."""
    return prompts([(command.english or command).localized(translations) for command in commands])
