"""What somebody who asks is asked."""

from __future__ import annotations

from adapters.contract.text import say
from bot.kernel.errors import FormError
from bot.kernel.forms import Form, ask
from bot.text.titles import tells_nothing
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


def require_subject(asked: AskForm) -> None:
    """Raise `FormError` for what nobody could answer, "help" or "thanks".

    A picture may tell what it is about, and support can ask back.
    """
    if tells_nothing(asked.question) and not (asked.details or asked.screenshot or asked.private):
        raise FormError(question=say("That doesn't say yet what it's about. What do you want to know?"))
