"""What is counted: precision and recall of each decision, and how many titles tell the subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.text.reading import Verdict, asks_back, is_answer, is_content, is_question
from bot.text.titles import split_title
from storage.search.tokens import tokens

from .data import OF_LABEL, Labelled, titles

GOALS = {"question": (0.95, 0.80), "answer": (0.90, 0.85), "content": (0.95, 0.70)}
"""The precision and the recall that each decision is to reach."""
DECIDE: dict[str, Callable[[str], Verdict]] = {
    "question": is_question,
    "answer": is_answer,
    "asks": asks_back,
    "content": is_content,
}


@dataclass(frozen=True, slots=True)
class Score:
    """How often one decision is right about some messages."""

    decision: str
    what: str
    messages: int
    precision: float
    recall: float
    unsure: float
    lost: float

    @property
    def reached(self) -> bool:
        """Whether it is as good as it is to be."""
        precision, recall = GOALS.get(self.decision, (0.0, 0.0))
        return self.precision >= precision and self.recall >= recall


@dataclass(frozen=True, slots=True)
class TitleScore:
    """How many titles tell the subject."""

    what: str
    messages: int
    share: float


def scores(rows: Sequence[Labelled]) -> list[Score]:
    """Return how often each decision is right, by language and by who labelled the messages."""
    groups: dict[str, list[Labelled]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row)
    groups["all that is labelled by hand"] = [row for row in rows if row.by_hand]
    found = [score(decision, what, group) for decision in DECIDE for what, group in groups.items()]
    return [one for one in found if one]


def _group(row: Labelled) -> str:
    if not row.by_hand:
        return f"by rule: {row.origin}"
    if row.origin != "example":
        return "English: conversations, by hand"
    return {"en": "English: examples", "de": "German: examples"}.get(row.language, "other languages: examples")


def score(decision: str, what: str, rows: Iterable[Labelled]) -> Score | None:
    """Return how often one decision is right about some messages; nothing where none of them tells."""
    told = [(DECIDE[decision](row.text), truth[decision]) for row in rows if decision in (truth := OF_LABEL[row.label])]
    if not told:
        return None
    yes = [truth for verdict, truth in told if verdict is Verdict.YES]
    so = [verdict for verdict, truth in told if truth]
    return Score(
        decision,
        what,
        len(told),
        sum(yes) / len(yes) if yes else 1.0,
        so.count(Verdict.YES) / len(so) if so else 1.0,
        sum(verdict is Verdict.UNSURE for verdict, _ in told) / len(told),
        so.count(Verdict.NO) / len(so) if so else 0.0,
    )


def title_scores(data: Path) -> list[TitleScore]:
    """Return how many titles, made of what somebody wrote, share words with the title that they gave it themselves.

    Half of the words that the best of its sentences shares is enough. Beside it stands what the first one would do.
    """
    ours: list[bool] = []
    first: list[bool] = []
    for title, body, half in titles(data):
        parts = [_shared(title, part) for part in _sentences(body)] if half else []
        if best := max(parts, default=0.0):
            ours.append(_shared(title, split_title(body)[0]) >= best / 2)
            first.append(parts[0] >= best / 2)
    return [
        TitleScore("the sentence that is chosen", len(ours), sum(ours) / len(ours)),
        TitleScore("the first sentence", len(first), sum(first) / len(first)),
    ]


def _shared(title: str, part: str) -> float:
    """Return the part of a title's words that others have."""
    words = {*tokens(title)}
    return len(words & {*tokens(part)}) / len(words) if words else 0.0


def _sentences(body: str) -> list[str]:
    return [part for part in body.replace("?", ".").replace("\n", ". ").split(". ") if part.strip()]
