"""Notes again what imported questions are found by, and who helped with them: their threads have changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeAlias

from .database import Database
from .help import Help, HelpStore
from .question_rows import KIND
from .questions import Question, QuestionStore
from .replies import Reply, ReplyStore
from .search import Document, SearchStore

Telling: TypeAlias = Callable[[Question, Sequence[Reply]], tuple[Document, Mapping[int, Help]]]
"""Tells by a question's thread what it is found by, and who helped: just as it is told of what was asked here."""


class RetellingStore:
    """Notes of many questions at once what their threads tell."""

    def __init__(self, database: Database, search: SearchStore, telling: Telling) -> None:
        self._questions = QuestionStore(database)
        self._replies = ReplyStore(database)
        self._help = HelpStore(database)
        self._search = search
        self._telling = telling

    async def retell(self, community_id: int, question_ids: Collection[int]) -> None:
        """Note it of these questions of a community, in place of what was noted before."""
        there = await self._questions.get_many(question_ids)
        said = await self._replies.of_questions(there)
        told = [(question, *self._telling(question, said[id_])) for id_, question in there.items()]
        await self._help.put_all(community_id, [(question, help_) for question, _, help_ in told])
        await self._search.put_all(community_id, KIND, [document for _, document, _ in told])
