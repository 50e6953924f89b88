"""What the community knows already: solved questions and knowledge-base articles."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.text import Words
from adapters.contract.ui import Card
from bot.delivery.addressing import mention
from bot.kernel.work import Work
from bot.text.likeness import ALIKE, likeness
from storage.knowledge import Article, KnowledgeStore
from storage.questions import UNSETTLED, Question, State
from storage.search import Hit

from .cards import Found, Known, View, known_card, same_card
from .service import Questions

QUESTION, ARTICLE = "question", "article"
SHOWN = 3
"""How many known answers are shown before a question is posted."""
FOUND = 8
THE_SAME = 0.75
"""How much two questions have to share, each of what it says, to ask the same."""


class KnowledgeSearch:
    """Finds what may answer a question, and what a search is after."""

    def __init__(self, questions: Questions, knowledge: KnowledgeStore) -> None:
        self.questions = questions
        self.knowledge = knowledge

    async def similar(self, work: Work, title: str, details: str) -> list[Known]:
        """Return at most `SHOWN` solved questions that may answer one, articles in their place where there are."""
        kinds = (ARTICLE, QUESTION)
        hits = await self.questions.search.find(work.community.id, title, kinds, 20, details=details)
        alike = [hit for hit in hits if likeness(hit.fit) >= ALIKE]
        answers = {
            question.id: (question, article, article.answer if article else question.solution_text)
            for question, article in await self._behind(alike)
            if question.state is State.SOLVED
        }
        known = [one for one in answers.values() if one[2]][:SHOWN]
        views = await self.questions.views(work, [question for question, _, _ in known])
        return [
            Known(
                question,
                article.title if article else question.title,
                answer,
                view.person(question.solver_id or question.asker_id),
                view.link,
            )
            for view, (question, article, answer) in zip(views, known, strict=True)
        ]

    async def first(self, work: Work, known: Sequence[Known], draft: Question, *, soon: bool = False) -> Card | None:
        """Return what an asker is shown before their question is posted: what is known, or who asks the same now.

        It goes on `soon` by itself if they do not look.
        """
        if known:
            return known_card(known, draft, soon=soon)
        same = await self._asked_now(work, draft.title, draft.asker_id)
        return same_card(same, draft, soon=soon) if same else None

    async def _asked_now(self, work: Work, title: str, asker_id: int) -> View | None:
        """Return the open question of somebody else that asks the same, if there is one."""
        hits = await self.questions.search.find(work.community.id, title, (QUESTION,), 20)
        same = [hit for hit in hits if min(hit.fit.covered, hit.fit.titled) >= THE_SAME]
        found = await self.questions.store.get_many([hit.subject_id for hit in same])
        now = [found[hit.subject_id] for hit in same if hit.subject_id in found]
        open_ = [one for one in now if one.state in UNSETTLED and one.asker_id != asker_id]
        return await self.questions.view(work, open_[0]) if open_ else None

    async def _behind(self, hits: Sequence[Hit]) -> list[tuple[Question, Article | None]]:
        """Return the questions that hits are about, each once, with the published article that rests on it."""
        articles = await self.knowledge.get_many([hit.subject_id for hit in hits if hit.kind == ARTICLE])
        ids = [
            hit.subject_id if hit.kind == QUESTION else articles[hit.subject_id].question_id
            for hit in hits
            if hit.kind == QUESTION or hit.subject_id in articles
        ]
        questions = await self.questions.store.get_many(ids)
        resting = await self.knowledge.of_questions(ids)
        published = {id_: article for id_, article in resting.items() if article.published_at}
        return [(questions[id_], published.get(id_)) for id_ in dict.fromkeys(ids) if id_ in questions]

    async def find(self, work: Work, query: str) -> list[Found]:
        """Return what a search finds, the best first."""
        hits = await self.questions.search.find(work.community.id, query, (ARTICLE, QUESTION), FOUND * 2)
        behind = [one for one in await self._behind(hits) if one[0].state not in (State.DROPPED, State.DRAFT)][:FOUND]
        views = await self.questions.views(work, [question for question, _ in behind])
        return [
            Found.of_article(article, await self.authors(article), view.link) if article else Found.of_question(view)
            for view, (_, article) in zip(views, behind, strict=True)
        ]

    async def authors(self, article: Article) -> Sequence[Words]:
        """Return an article's authors by name."""
        people = await self.questions.members.get_many(article.authors)
        return [mention(people[id_]) for id_ in article.authors if id_ in people]
