"""The playground's past: a few weeks in a small community, lived through the same door as everything after.

Nothing here is a fixture. The people ask, answer and thank as anyone does in the playground, on a clock that starts
three weeks ago; so what a visitor finds was drawn, ranked and stored by Trellis itself.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from adapters.playground.requests import Refused

from . import events, ideas, onboarding, polls, questions, recognition
from .stage import BEGINS, CAST, Act, Pass, stay_up

log = logging.getLogger(__name__)


async def tell(act: Act, passes: Pass) -> None:
    """Live through the weeks before the visitor came."""
    scenes = {
        "quiet hours": stay_up(act),
        "questions": questions.tell(act, passes, timedelta(days=BEGINS.days // (len(questions.SCENES) + 2))),
        "events": events.tell(act, passes),
        "ideas": ideas.tell(act, passes),
        "polls": polls.tell(act, passes),
        "recognition": recognition.tell(act, passes),
        "onboarding": onboarding.tell(act, passes),
    }
    for name, scene in scenes.items():
        try:
            await scene
        except (Refused, LookupError) as missing:  # a community file of one's own may offer less than these scenes use
            log.warning("the demo of %s ends early: %s", name, missing)
    for who in CAST:
        await act({"as": who, "do": "read"})


__all__ = ["BEGINS", "tell"]
