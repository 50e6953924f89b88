"""What somebody who asks is asked."""

from __future__ import annotations

from bot.kernel.forms import Form, ask
from storage.uploads import Upload


class AskForm(Form, title="Ask the community", submit="Ask"):
    """What someone wants to know."""

    question: str = ask("Your question, in one sentence", longest=150)
    details: str = ask(
        "More about it",
        hint="Which version? What did you try, what happened?",
        longest=2500,
        lines=6,
        rich=True,
        required=False,
    )
    screenshot: Upload | None = ask("A screenshot", hint="PNG, JPG or GIF, at most 5 MB.", required=False)
    topic: str = ask("Topic", longest=30, suggestions=lambda cog: cog.topics, required=False)
    anonymous: bool = ask("Ask without showing my name", required=False)
    private: bool = ask("Ask support privately", hint="Nobody else sees it.", required=False)
