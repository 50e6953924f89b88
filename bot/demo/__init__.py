"""The playground's past: a few weeks in a small community, lived through the same door as everything after.

Nothing here is a fixture. The people ask, answer and thank as anyone does in the playground, on a clock that starts
three weeks ago; so what a visitor finds was drawn, ranked and stored by Trellis itself.
"""

from __future__ import annotations

from datetime import timedelta

from . import events, ideas, onboarding, polls, questions, recognition
from .stage import BEGINS, CAST, STAFF, Act, Pass


async def tell(act: Act, passes: Pass) -> None:
    """Live through the weeks before the visitor came."""
    for who in STAFF:
        await act({"as": who, "do": "command", "channel": "general", "name": "help", "options": {}})
    await questions.tell(act, passes, timedelta(days=BEGINS.days // (len(questions.SCENES) + 2)))
    await events.tell(act, passes)
    await ideas.tell(act, passes)
    await polls.tell(act, passes)
    await recognition.tell(act, passes)
    await onboarding.tell(act, passes)
    for who in CAST:
        await act({"as": who, "do": "read"})


__all__ = ["BEGINS", "tell"]
