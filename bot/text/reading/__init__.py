"""What a message is for: whether it asks, answers, asks back, or says that somebody is content.

Each is a sum of `signs` with the weights of `model.toml`, which `python -m benchmarks.reading.fit` makes of labelled
messages; `python -m benchmarks.reading` says how often it is right. What lies between sure and sure is for the author
to say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from math import exp
from pathlib import Path

from .signs import Signs, signs, signs_within
from .terms import STRANGE

__all__ = ["MODEL", "Model", "Verdict", "asks_back", "is_answer", "is_content", "is_question", "likely", "model"]

_DOUBTS = {"joke", "small", "invite", "titled"}
_UNREAD = {STRANGE, "only_code", "only_cry"}
MODEL = Path(__file__).parent / "model.toml"


class Verdict(Enum):
    """Whether something is so."""

    YES = auto()
    NO = auto()
    UNSURE = auto()


@dataclass(frozen=True, slots=True)
class Model:
    """One decision: how much each sign weighs, and from which likelihood on it is a sure yes, and below which a no."""

    weights: Mapping[str, float]
    bias: float
    no: float
    yes: float

    def likelihood(self, found: Signs) -> float:
        """Return how likely it is, from 0 to 1."""
        total = self.bias + sum(self.weights.get(name, 0.0) * strength for name, strength in found.items())
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))

    def judge(self, found: Signs) -> Verdict:
        likelihood = self.likelihood(found)
        return Verdict.YES if likelihood >= self.yes else Verdict.NO if likelihood < self.no else Verdict.UNSURE


@cache
def model(decision: str) -> Model:
    """Return one decision of `model.toml`: "question", "answer", "asks" or "content"."""
    known = tomllib.loads(MODEL.read_text(encoding="utf-8"))
    weights = {sign: row[decision] for sign, row in known["weights"].items() if decision in row}
    return Model(weights, weights.pop("bias"), *known["sure"][decision])


def likely(decision: str, words: str) -> float:
    """Return how likely one decision is of a message."""
    return model(decision).likelihood(signs(words))


def is_question(words: str) -> Verdict:
    """Say whether a message in a help channel asks the community.

    What may be a joke or small talk, invites or offers, or only has a title like a question ("how to ..., a guide") is
    never sure to; nor what sounds content and has no question mark, such as "found the error, it was a typo". It is
    never sure not to where we know none of its words, or it shows nothing but code, or a call for help.
    """
    found = signs(words)
    verdict = model("question").judge(found)
    if verdict is Verdict.NO and found.keys() & _UNREAD:
        return Verdict.UNSURE
    settled = "mark" not in found and model("content").judge(found) is not Verdict.NO
    doubtful = settled or ("long_30" not in found and found.keys() & _DOUBTS)
    return Verdict.UNSURE if verdict is Verdict.YES and doubtful else verdict


def is_answer(words: str) -> Verdict:
    """Say whether somebody else's message in a question's thread is meant to help; what is nothing but code is.

    Who only quotes what others said, or forwards it, helps by that.
    """
    found = signs_within(words)
    return Verdict.YES if "only_code" in found else model("answer").judge(found)


def asks_back(words: str) -> Verdict:
    """Say whether somebody else's message in a question's thread wants to know more from the asker."""
    return model("asks").judge(signs(words))


def is_content(words: str) -> Verdict:
    """Say whether an asker's message in their thread sounds content rather than still in need."""
    return model("content").judge(signs(words))
