"""What the community knows already, on one shelf: solved questions and knowledge-base articles."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.text import Mention
from bot.delivery.addressing import mention
from bot.kernel.context import Work
from bot.text.likeness import ALIKE, likeness
from storage.knowledge import Article, KnowledgeStore
from storage.questions import Question, State
from storage.search import Hit

from .cards import Found, Known
from .service import Questions

QUESTION, ARTICLE = "question", "article"
SHOWN = 3
"""How many known answers are shown before a question is posted."""
FOUND = 8


class Shelf:
    """Finds what may answer a question, and what a search is after."""

    def __init__(self, questions: Questions, knowledge: KnowledgeStore) -> None:
        self.questions = questions
        self.knowledge = knowledge

    async def similar(self, work: Work, draft: Question) -> list[Known]:
        """Return at most `SHOWN` solved questions that may answer a draft, articles in their place where there are."""
        asked = f"{draft.title} {draft.details}"
        hits = await self.questions.search.find(work.community.id, asked, (ARTICLE, QUESTION), 20)
        shown: dict[int, Known] = {}
        for hit in hits:
            if max(likeness(draft.title, f"{hit.title} {hit.body}"), likeness(asked, hit.title)) < ALIKE:
                continue
            known = await self._known(work, hit)
            if known and known.question.id not in shown:
                shown[known.question.id] = known
        return [*shown.values()][:SHOWN]

    async def _behind(self, hit: Hit) -> tuple[Question | None, Article | None]:
        """Return the question that a hit is about, and the published article that rests on it."""
        article = await self.knowledge.get(hit.subject_id) if hit.kind == ARTICLE else None
        question = await self.questions.store.get(article.question_id if article else hit.subject_id)
        article = article or (await self.knowledge.of_question(question.id) if question else None)
        return question, article if article and article.published_at else None

    async def _known(self, work: Work, hit: Hit) -> Known | None:
        question, article = await self._behind(hit)
        if question is None or question.state is not State.SOLVED:
            return None
        answer = article.answer if article else question.solution_text
        if not answer:
            return None
        view = await self.questions.view(work, question)
        helper = view.person(question.solver_id or question.asker_id)
        return Known(question, article.title if article else question.title, answer, helper, view.link)

    async def find(self, work: Work, query: str) -> list[Found]:
        """Return what a search finds, the best first."""
        hits = await self.questions.search.find(work.community.id, query, (ARTICLE, QUESTION), FOUND * 2)
        found: dict[int, Found] = {}
        for hit in hits:
            question, article = await self._behind(hit)
            if question is None or question.id in found or question.state in (State.DROPPED, State.DRAFT):
                continue
            view = await self.questions.view(work, question)
            if article:
                found[question.id] = Found.of_article(article, await self.authors(article), view.link)
            else:
                found[question.id] = Found.of_question(view)
        return [*found.values()][:FOUND]

    async def authors(self, article: Article) -> Sequence[Mention]:
        """Return an article's authors by name."""
        people = await self.questions.members.get_many(article.authors)
        return [mention(people[id_]) for id_ in article.authors if id_ in people]
